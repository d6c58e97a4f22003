"""What was spent on the vendors' calls day by day, and how much of their day the vendors said was used up.

Written by the engine after each run, read before the first call of the next one and by `okoshi doctor`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, select

from connector.model.calls import Spent, VendorCount
from connector.model.purpose import Purpose
from connector.store.schema import spending as table
from connector.store.schema import vendor_count
from connector.store.sql import bulk
from connector.store.store import Transaction

KEPT = timedelta(days=400)
"""A year can be compared with the one before it."""

_ADD = (
    "INSERT INTO spending (day, system, purpose, operation, calls) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (day, system, purpose, operation) DO UPDATE SET calls = spending.calls + excluded.calls"
)


@dataclass(frozen=True, slots=True)
class Line:
    """Calls of one day to one system, for one purpose and by one operation."""

    day: date
    system: str
    purpose: str
    operation: str
    calls: int


def add(tx: Transaction, day: date, system: str, spent: Spent) -> None:
    """Adds to what is written down for a day; what is older than `KEPT` makes room."""
    rows = [(day.isoformat(), system, why.value, operation, calls) for (why, operation), calls in sorted(spent.items())]
    bulk(tx.connection, _ADD, rows)
    tx.connection.execute(delete(table).where(table.c.day < day - KEPT))


def since(tx: Transaction, first: date) -> list[Line]:
    """Everything from this day on, the largest figures of a day first."""
    query = select(table).where(table.c.day >= first)
    ordered = query.order_by(table.c.day, table.c.system, table.c.calls.desc(), table.c.purpose, table.c.operation)
    return [Line(row.day, row.system, row.purpose, row.operation, row.calls) for row in tx.connection.execute(ordered)]


def by_purpose(spent: Spent) -> dict[str, dict[str, int]]:
    """{purpose: {operation: calls}}, purposes in order of value and operations by how much they took."""
    ordered = sorted(spent.items(), key=lambda item: (list(Purpose).index(item[0][0]), -item[1], item[0][1]))
    found: dict[str, dict[str, int]] = {}
    for (why, operation), calls in ordered:
        found.setdefault(why.value, {})[operation] = calls
    return found


def summed(lines: Iterable[Line]) -> dict[str, dict[str, dict[str, int]]]:
    """{system: {purpose: {operation: calls}}} of all these days together."""
    totals: dict[str, Counter[tuple[Purpose, str]]] = {}
    for line in lines:
        totals.setdefault(line.system, Counter())[Purpose(line.purpose), line.operation] += line.calls
    return {system: by_purpose(spent) for system, spent in sorted(totals.items(), reverse=True)}


def remember(tx: Transaction, counts: Mapping[str, VendorCount]) -> None:
    """The vendors' own counts by system, so that the next process knows them before its first call."""
    for system, told in counts.items():
        tx.connection.execute(delete(vendor_count).where(vendor_count.c.system == system))
        row = {"told_at": told.at, "used": told.used, "allowed": told.limit, "refused": told.refused}
        tx.connection.execute(vendor_count.insert().values(system=system, **row))


def remembered(tx: Transaction) -> dict[str, VendorCount]:
    """The counts as they were last heard; how long they hold is for the vendor's budget to say."""
    rows = tx.connection.execute(select(vendor_count))
    return {row.system: VendorCount(row.told_at, row.used, row.allowed, row.refused) for row in rows}
