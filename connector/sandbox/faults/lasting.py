"""Conditions that hold until the faults are cleared: used-up days, late commits, an untidy search, skewed clocks.

Each is begun by `kinds` and answers how it is taken back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from connector.sandbox.conditions import LateCommit
from connector.sandbox.hubspot.ratelimit import RateLimits
from connector.sandbox.salesforce.app import OrgState
from connector.sandbox.world import World

VENDORS: Final = ("salesforce", "hubspot")
End = Callable[[], None]


@dataclass(frozen=True)
class Vendors:
    """Both running vendors, as far as faults reach into them."""

    world: World
    org: OrgState
    limits: RateLimits


def use_up_day(vendors: Vendors, vendor: str | None, left: int) -> End:
    """The day's calls are spent save `left`, in the vendor's own counter; taken back they are there again."""
    undone: list[End] = []
    if vendor in (None, "salesforce"):
        calls = vendors.org.budget.use_up(left)
        undone.append(lambda: vendors.org.budget.give_back(calls))
    if vendor in (None, "hubspot"):
        portal = vendors.limits.use_up(vendors.world.clock.now(), left)
        undone.append(lambda: vendors.limits.give_back(portal))

    def end() -> None:
        for give_back in undone:
            give_back()

    return end


def commit_late(vendors: Vendors, vendor: str | None, late: LateCommit) -> End:
    conditions, names = vendors.world.conditions, _named(vendor)
    conditions.late |= dict.fromkeys(names, late)

    def end() -> None:
        for name in names:
            conditions.late.pop(name, None)

    return end


def skew_clock(vendors: Vendors, vendor: str | None, skew: timedelta) -> End:
    conditions, names = vendors.world.conditions, _named(vendor)
    conditions.skews |= dict.fromkeys(names, skew)

    def end() -> None:
        for name in names:
            conditions.skews.pop(name, None)

    return end


def untidy_search(vendors: Vendors) -> End:
    conditions = vendors.world.conditions
    conditions.untidy_search = True

    def end() -> None:
        conditions.untidy_search = False

    return end


def _named(vendor: str | None) -> tuple[str, ...]:
    return (vendor,) if vendor else VENDORS
