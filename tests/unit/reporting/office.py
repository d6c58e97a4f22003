"""A store with records, and the scope of a report over it: 18 November 2026, in Tokyo."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from store_records import creation, sf

from connector.mapping import load_mappings
from connector.model.plan import Effect, Operation
from connector.model.records import Record, Ref
from connector.model.sync import Outcome
from connector.model.time import BusinessCalendar
from connector.reporting.scope import Month, Scope
from connector.reporting.table import Table, Value
from connector.store import Store, Transaction, ledger, mirror

CALENDAR = BusinessCalendar()
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=CALENDAR.zone)
MAPPINGS = load_mappings(None)


def days_ago(days: int) -> datetime:
    """Ten in the morning, so many days before today."""
    return NOW - timedelta(days=days)


@contextmanager
def scope_of(store: Store, *records: Record, month: str = "2026-11", **rules: Any) -> Iterator[Scope]:
    """The scope of a store that holds these records; `rules` replace parts of the mappings."""
    with store.scratch() as tx:
        mirror.save(tx, records)
        mappings = MAPPINGS.model_copy(update=rules)
        yield Scope(tx, mappings, CALENDAR, mappings.texts["ja"], NOW, Month.parse(month))


def written(tx: Transaction, key: str, case: Ref, at: datetime, **values: Any) -> Ref:
    """A task that Okoshi wrote at `at`; answers its record."""
    record = sf("Task", f"T{key}")
    change = creation(key, case, **values)
    ledger.plan(tx, [change], "p", at)
    ledger.sending(tx, [key], at)
    ledger.settle(tx, [Outcome(key=key, state="done", record=record)], at)
    return record


def withdrawn(tx: Transaction, key: str, case: Ref, at: datetime) -> None:
    """That task was taken back."""
    change = creation(
        f"{key}:withdraw", case, operation=Operation.DELETE, effect=Effect.WITHDRAWAL, id=f"T{key}", fields={}
    )
    ledger.plan(tx, [change], "p", at)
    ledger.sending(tx, [change.key], at)
    ledger.settle(tx, [Outcome(key=change.key, state="done", record=sf("Task", f"T{key}"))], at)


def column(table: Table, *keys: str) -> list[tuple[Value, ...]]:
    """Some columns of each row."""
    return [tuple(row[key] for key in keys) for row in table.documents()]
