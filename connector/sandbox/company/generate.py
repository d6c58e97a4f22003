"""Fills a world with the simulated company, deterministically from a seed, and names the truth.

Called once when the sandbox starts. It knows the parts and their order, not their content.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from connector.sandbox.company import hubspot_life
from connector.sandbox.company.batch import Batch
from connector.sandbox.company.calendar import Calendar
from connector.sandbox.company.campaigns import Campaigns
from connector.sandbox.company.customers import Customer, Registry
from connector.sandbox.company.deals import invent_deal
from connector.sandbox.company.facts import Facts
from connector.sandbox.company.life import account_chores, live
from connector.sandbox.company.names import Company, invent
from connector.sandbox.company.past import leave_traces
from connector.sandbox.company.plants import HEAVY, STALLED, LeadTimes, plant, plant_heavy
from connector.sandbox.company.plants.practice import PRACTICE_PROGRAMS, plant_practice
from connector.sandbox.company.practice_life import add_practice
from connector.sandbox.company.register import read_companies
from connector.sandbox.company.structure import Org, build_org
from connector.sandbox.company.trouble import plant_trouble
from connector.sandbox.truth import clusters
from connector.sandbox.world import World

CASES = PRACTICE_PROGRAMS | {STALLED}
COMPANIES = 330  # at scale 1
_HUBSPOT_ONLY_EVERY = 11
_SECOND_ACCOUNT_EVERY = 16
_PEOPLE = (3, 4, 6, 9, 3, 7, 11, 5, 6, 8)
_DEALS = (0, 1, 3, 5, 2, 2, 6, 1, 4, 3)
_FIRST_NUMBER = 1_000
_ROWS_A_LOAD = 40_000
# heavy cases that the schema and the portal plant, not the company
_ELSEWHERE = frozenset({"nokey", "nohistory", "noconsent", "events", "nobell"})


@dataclass(frozen=True)
class CompanyOptions:
    """What the company is made from; `scale` multiplies everything but the inside-sales team and the planted cases."""

    seed: int = 1
    scale: float = 1.0
    companies: Path | None = None
    plant: frozenset[str] = field(default_factory=frozenset)
    cases: frozenset[str] = CASES
    """The programs whose cases of the practice are planted."""


def generate(world: World, options: CompanyOptions) -> None:
    """Load both vendors' tables and set `world.truth`."""
    _check(options)
    calendar = Calendar(world.clock.now())
    batch = Batch(calendar, _FIRST_NUMBER)
    org = build_org(batch, options.seed)
    leads = LeadTimes()
    campaigns = Campaigns(batch, org, options.seed)
    old_records: list[dict[str, Any]] = []
    for number, company in enumerate(_companies(options)):
        customer, deals = _live(batch, org, leads, (options.seed, number, company))
        old_records += leave_traces(batch, customer, deals, (options.seed, number))
        add_practice(batch, org, customer, deals, (options.seed, number))
        campaigns.join(batch, customer, number)
        if batch.size() > _ROWS_A_LOAD:
            batch.flush(world)
    campaigns.finish(batch)
    batch.flush(world)
    planted = plant_practice(world, org, calendar, options.seed, options.cases)
    for row in planted.deals:
        leads.count(row)
    cases = plant(world, org, calendar, options.seed, leads) if STALLED in options.cases else []
    trouble = plant_trouble(world, org, calendar, options.seed, options.scale)
    heavy = plant_heavy(world, org, calendar, options.plant)
    hubspot_life.fill(world, options.seed, options.plant, planted.visits)
    world.truth.update(
        now=calendar.now.isoformat().replace("+00:00", "Z"),
        **clusters(world),
        cases=cases + planted.cases,
        trouble=trouble,
        plants=heavy,
        old_records=old_records,
    )


def _check(options: CompanyOptions) -> None:
    if not (math.isfinite(options.scale) and options.scale > 0):
        raise ValueError(f"The scale must be a number above 0, not {options.scale}: 1 is a company of 300 accounts.")
    if unknown := options.cases - CASES:
        known = ", ".join(sorted(CASES))
        raise ValueError(f"No cases are known of {', '.join(sorted(unknown))}: choose from {known}.")
    if unknown := options.plant - HEAVY - _ELSEWHERE:
        known = ", ".join(sorted(HEAVY | _ELSEWHERE))
        raise ValueError(f"Nothing is known to plant as {', '.join(sorted(unknown))}: choose from {known}.")


def _companies(options: CompanyOptions) -> Iterator[Company]:
    """The companies of the file while it lasts, then invented ones."""
    wanted = max(math.ceil(COMPANIES * options.scale), 1)
    done = 0
    if options.companies is not None:
        for company in read_companies(options.companies, wanted):
            done += 1
            yield company
    for number in range(done, wanted):
        yield invent(options.seed, number)


def _live(
    batch: Batch, org: Org, leads: LeadTimes, which: tuple[int, int, Company]
) -> tuple[Customer, list[dict[str, Any]]]:
    """One customer and its deals: records, people, deals and eighteen months of activities."""
    seed, number, company = which
    rng = Random(f"{seed}:life:{number}")
    sellers = org.staff("FieldSales")
    customer = Customer(company, f"C{number:07d}", sellers[rng.randrange(len(sellers))]["Id"])
    registry = Registry(batch, org, rng, Facts(Random(f"{seed}:facts:{number}")))
    _write_customer(registry, customer, number)
    deals = []
    if customer.accounts:
        for _ in range(_DEALS[number % len(_DEALS)]):
            deal = invent_deal(batch, org, rng, customer)
            live(batch, org, rng, deal)
            leads.count(deal.row)
            deals.append(deal.row)
        account_chores(batch, rng, customer)
    return customer, deals


def _write_customer(registry: Registry, customer: Customer, number: int) -> None:
    rng, calendar = registry.rng, registry.batch.calendar
    age = rng.randint(560, 1_100)
    only_hubspot = number % _HUBSPOT_ONLY_EVERY == _HUBSPOT_ONLY_EVERY - 1
    if not only_hubspot:
        registry.salesforce_account(customer, calendar.at(age))
        if number % _SECOND_ACCOUNT_EVERY == 0:
            registry.salesforce_account(customer, calendar.at(age - 100))
    if only_hubspot or rng.random() < 0.8:
        registry.hubspot_company(customer, calendar.at(age - 5))
        if rng.random() < 0.05:
            registry.hubspot_company(customer, calendar.at(age - 200))
    for place in range(_PEOPLE[number % len(_PEOPLE)]):
        registry.add_human(customer, place, rng.randint(30, age))
