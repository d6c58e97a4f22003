"""The runs and what became of them. Written by the engine; read by the report and the health check."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from connector.store.schema import run as table
from connector.store.store import Transaction

KEPT = 2_000
NAMED = 20
"""Records set aside, fields that took no value and refused changes are named up to this number; all of them stand in
tables of their own."""

_LONG = ("set_aside_records", "unwritten_fields", "refusals")


@dataclass(frozen=True, slots=True)
class Run:
    """One run; without `finished_at` it is under way or was killed."""

    run_id: str
    started_at: datetime
    finished_at: datetime | None
    summary: dict[str, Any] | None


def start(tx: Transaction, run_id: str, now: datetime) -> None:
    """Write down that a run began."""
    tx.connection.execute(insert(table).values(run_id=run_id, started_at=now))


def finish(tx: Transaction, run_id: str, summary: Mapping[str, Any], now: datetime) -> None:
    """Write down what the run did; `summary` is JSON. The oldest runs make room."""
    kept = dict(summary)
    for name in _LONG:
        if name in kept:
            kept[name] = list(kept[name])[:NAMED]
    tx.connection.execute(update(table).where(table.c.run_id == run_id).values(summary=kept, finished_at=now))
    prune(tx, KEPT)


def prune(tx: Transaction, keep: int) -> None:
    """Forget all runs but the latest."""
    latest = select(table.c.run_id).order_by(table.c.started_at.desc(), table.c.run_id.desc()).limit(keep)
    tx.connection.execute(delete(table).where(table.c.run_id.not_in(latest)))


def last(tx: Transaction) -> Run | None:
    """The run that finished last."""
    finished = select(table).where(table.c.finished_at.is_not(None))
    row = tx.connection.execute(finished.order_by(table.c.finished_at.desc(), table.c.run_id.desc()).limit(1)).first()
    return None if row is None else _run(row)


def get(tx: Transaction, run_id: str) -> Run | None:
    """One run, or `None`."""
    row = tx.connection.execute(select(table).where(table.c.run_id == run_id)).first()
    return None if row is None else _run(row)


def _run(row: Row[Any]) -> Run:
    return Run(row.run_id, row.started_at, row.finished_at, row.summary)
