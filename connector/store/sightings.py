"""What a whole reading of one stream has met, so that what it has not met can be told to be gone.

Called by the engine's reconciliation. Sightings outlive an interruption.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, delete, exists, func, select

from connector.model.records import Record, Ref
from connector.store.mirror import load
from connector.store.schema import mirror, set_aside, sighted
from connector.store.sql import bulk
from connector.store.store import Transaction


def clear(tx: Transaction, system: str, object_: str) -> None:
    """A whole reading of this object begins, or has ended."""
    tx.connection.execute(delete(sighted).where(sighted.c.ref.startswith(f"{system}:{object_}:", autoescape=True)))


def note(tx: Transaction, refs: Iterable[Ref]) -> None:
    """These have been met; belongs into the transaction that keeps the cursor behind them."""
    bulk(
        tx.connection,
        "INSERT INTO sighted (ref) VALUES (?) ON CONFLICT DO NOTHING",
        [(str(ref),) for ref in refs],
    )


def count_living(tx: Transaction, system: str, object_: str) -> int:
    """How many living records of this object the mirror holds."""
    return tx.connection.execute(select(func.count()).where(*_living(system, object_))).scalar_one()


def count_missing(tx: Transaction, system: str, object_: str) -> int:
    """How many of them the reading has not met."""
    return tx.connection.execute(select(func.count()).where(*_living(system, object_), ~_met())).scalar_one()


def missing(tx: Transaction, system: str, object_: str, after: str, limit: int) -> Sequence[Record]:
    """Those that the reading has not met, in order of their references, behind `after` (`""`: from the first)."""
    unmet = select(mirror.c.ref).where(*_living(system, object_), ~_met(), mirror.c.ref > after)
    refs = list(tx.connection.scalars(unmet.order_by(mirror.c.ref).limit(limit)))
    found = load(tx, refs)
    return [found[ref].record for ref in refs]


def forget_set_aside(tx: Transaction, system: str, object_: str) -> None:
    """What was set aside once and has not been met is gone, or was told under another name."""
    prefix = f"{system}:{object_}:"
    met = exists().where(sighted.c.ref == set_aside.c.ref)
    tx.connection.execute(delete(set_aside).where(set_aside.c.ref.startswith(prefix, autoescape=True), ~met))


def _living(system: str, object_: str) -> tuple[ColumnElement[bool], ...]:
    prefix = f"{system}:{object_}:"
    return mirror.c.system == system, mirror.c.deleted.is_(False), mirror.c.ref.startswith(prefix, autoescape=True)


def _met() -> ColumnElement[bool]:
    return exists().where(sighted.c.ref == mirror.c.ref)
