"""The checks of `okoshi doctor`, in order. Each looks at one thing, says what it found, and stops no other.

Called by the command with a bench. Reads both systems and the store; changes nothing at a vendor.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

from connector.clients.soql import format_soql
from connector.engine.spending import budget_of
from connector.engine.summary import VendorBudget
from connector.mapping import ObjectMapping
from connector.model.errors import ConfigurationError, OkoshiError
from connector.model.records import Kind
from connector.setup.alerting import bell, channels
from connector.setup.bench import Bench
from connector.setup.findings import Finding, State, failed, of_error, ok, warning
from connector.store import spending

VENDORS = {"salesforce": "Salesforce", "hubspot": "HubSpot"}
CONSENT = {"call_consent": "consent.call", "mail_consent": "consent.mail"}
WEEK = timedelta(days=6)
"""With today seven days."""

_OWN_SCOPE = frozenset({Kind.ACCOUNT, Kind.PERSON, Kind.OPPORTUNITY, Kind.ACTIVITY})
"""Kinds of record that are CRM objects in HubSpot, each of which takes a scope."""

Spending = dict[str, dict[str, dict[str, int]]]
"""{system: {purpose: {operation: calls}}}."""


@dataclass(frozen=True)
class Examination:
    """All findings in order, how the vendors' days stand, and what we spent of them."""

    findings: tuple[Finding, ...]
    budgets: dict[str, VendorBudget] = field(default_factory=dict)
    today: Spending = field(default_factory=dict)
    week: Spending = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """One look: the `system` that it needs, whether it is the one that `reaches` it, and whether it needs mappings."""

    name: str
    look: Callable[[Bench], Iterator[Finding]]
    system: str | None = None
    reaches: bool = False
    mapped: bool = True


def examine(bench: Bench) -> Examination:
    """Makes every check, whatever becomes of the others."""
    findings = [finding for check in CHECKS for finding in _made(check, bench)]
    budgets = _budgets(bench)
    findings += _budget_findings(bench, budgets)
    today, week = _spent(bench)
    return Examination(tuple(findings), budgets, today, week)


def _made(check: Check, bench: Bench) -> Iterator[Finding]:
    """What the check finds. One that cannot be made says why: the fault itself is another check's finding."""
    if check.system in bench.unreachable:
        yield Finding(check.name, State.WARNING, "not_checked", {"system": VENDORS[check.system or ""]})
    elif check.mapped and not bench.mapped:
        yield Finding(check.name, State.WARNING, "no_mappings")
    else:
        try:
            yield from check.look(bench)
        except OkoshiError as error:
            if check.reaches and check.system:
                bench.unreachable.add(check.system)
            yield of_error(check.name, error)


def _settings(bench: Bench) -> Iterator[Finding]:
    whole = True
    for system, require in (
        ("salesforce", bench.settings.salesforce.require),
        ("hubspot", bench.settings.hubspot.require),
        ("", lambda: bench.mappings),
    ):
        try:
            require()
        except ConfigurationError as error:
            whole = False
            bench.unreachable |= {system}
            yield of_error("settings", error)
    if whole:
        yield ok("settings")


def _salesforce(bench: Bench) -> Iterator[Finding]:
    bench.salesforce.check()
    settings = bench.settings.salesforce
    yield ok(
        "salesforce",
        host=urlsplit(settings.instance_url or "").netloc,
        auth=settings.auth,
        version=settings.api_version,
    )


def _hubspot(bench: Bench) -> Iterator[Finding]:
    bench.hubspot.check()
    settings = bench.settings.hubspot
    yield ok("hubspot", host=urlsplit(settings.base_url).netloc, version=settings.api_version)


def _scopes(bench: Bench) -> Iterator[Finding]:
    """Whether the token may read each object; what it lacks is in HubSpot's own answer."""
    readable, refused = [], []
    for name, mapping in bench.mappings.hubspot.objects.items():
        if mapping.kind in _OWN_SCOPE:
            try:
                bench.hubspot.list_page(name, properties=[], limit=1)
            except ConfigurationError as error:
                refused.append(of_error("scopes", error))
            else:
                readable.append(name)
    if readable:
        yield ok("scopes", objects=", ".join(readable))
    yield from refused


def _fields(bench: Bench, system: str) -> Iterator[Finding]:
    missing = bench.source(system).missing()
    values: dict[str, object] = {"system": VENDORS[system], "name": system, "count": len(missing)}
    yield warning("fields", "fields.missing", values, missing) if missing else ok("fields", **values)


def _consent(bench: Bench, system: str) -> Iterator[Finding]:
    """Without such a field nobody has said no, but nobody yes either: tasks say that it is not confirmed."""
    for object_, mapping in bench.mappings.system(system).objects.items():
        if mapping.kind is not Kind.PERSON:
            continue
        there = _names_of(bench, system, object_)
        found = {consent: _fed_by(mapping, consent) & there for consent in CONSENT if consent in mapping.fields}
        values = {"system": VENDORS[system], "name": system, "object": object_}
        for consent, names in found.items():
            if not names:
                yield warning("consent", CONSENT[consent], values)
        if all(found.values()):
            yield ok("consent", fields=", ".join(sorted(set().union(*found.values()))), **values)


def _names_of(bench: Bench, system: str, object_: str) -> set[str]:
    if system == "salesforce":
        return set(bench.salesforce.describe(object_).fields)
    return set(bench.hubspot.properties(object_))


def _fed_by(mapping: ObjectMapping, name: str) -> set[str]:
    return {field for source in mapping.fields[name] for field in source.names}


def _key_field(bench: Bench) -> Iterator[Finding]:
    writing = bench.mappings.tasks
    values = {"object": writing.object, "field": writing.fields.key}
    described = bench.salesforce.describe(writing.object).fields.get(writing.fields.key)
    if described is None:
        yield warning("key_field", "key_field.absent", values)
    elif described.unique and described.external_id:
        yield ok("key_field", **values)
    else:
        yield warning("key_field", "key_field.plain", values)


def _people(bench: Bench) -> Iterator[Finding]:
    role = bench.mappings.team.inside_sales.role
    soql = format_soql("SELECT Id FROM User WHERE IsActive = true AND UserRole.DeveloperName = {}", role)
    count = sum(len(page) for page in bench.salesforce.query(soql))
    yield ok("people", role=role, count=count) if count else failed("people", "people.nobody", role=role)


def _database(bench: Bench) -> Iterator[Finding]:
    found = bench.database
    values = {"place": found.place, "revision": found.revision, "head": found.head}
    if found.state == "newer":
        yield failed("database", "database.newer", **values)
    elif found.state == "current":
        with bench.store():
            yield ok("database", **values)
    else:
        yield Finding("database", State.OK, f"database.{found.state}", values)


def _budgets(bench: Bench) -> dict[str, VendorBudget]:
    """What the vendors have told just now or, where they were not reached, when they were last asked."""
    told = {system: usage.heard for system, usage in bench.usages.items() if usage.heard}
    if bench.has_store:
        with bench.store() as store, store.read() as tx:
            told = spending.remembered(tx) | told
    return {system: budget_of(told[system], bench.settings.guard) for system in VENDORS if system in told}


def _budget_findings(bench: Bench, budgets: dict[str, VendorBudget]) -> Iterator[Finding]:
    for system, label in VENDORS.items():
        budget = budgets.get(system)
        values = {"system": label, "percent": bench.settings.guard.daily_reserve_percent, "budget": budget}
        if budget is None:
            if system not in bench.unreachable:
                yield Finding("budget", State.OK, "budget.untold", values)
        elif budget.left:
            yield ok("budget", **values)
        else:
            yield warning("budget", "budget.ok", values)


def _spent(bench: Bench) -> tuple[Spending, Spending]:
    """Today and in the last seven days, this examination left out."""
    if not bench.has_store or not bench.mapped:
        return {}, {}
    with bench.store() as store, store.read() as tx:
        lines = spending.since(tx, bench.today - WEEK)
    return spending.summed(line for line in lines if line.day == bench.today), spending.summed(lines)


CHECKS = (
    Check("settings", _settings, mapped=False),
    Check("salesforce", _salesforce, "salesforce", reaches=True, mapped=False),
    Check("hubspot", _hubspot, "hubspot", reaches=True, mapped=False),
    Check("scopes", _scopes, "hubspot"),
    *(Check("fields", partial(_fields, system=system), system) for system in VENDORS),
    *(Check("consent", partial(_consent, system=system), system) for system in VENDORS),
    Check("key_field", _key_field, "salesforce"),
    Check("people", _people, "salesforce"),
    Check("alerts", channels),
    Check("alerts", bell, "salesforce"),
    Check("database", _database, mapped=False),
)
