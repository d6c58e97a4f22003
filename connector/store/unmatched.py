"""Records whose place among the others is not known yet, and what each was when it was compared last.

Filled by the mirror with every company and person that changed; emptied by the engine when it unifies. Most changes (a
web visit, another owner) say nothing about who somebody is, and need no comparison.
"""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import delete, func, select, text

from connector.model.records import Kind
from connector.store.schema import compared
from connector.store.schema import unmatched as table
from connector.store.sql import bulk, listed
from connector.store.store import Transaction

KINDS = frozenset({Kind.ACCOUNT, Kind.PERSON})
"""What is unified."""

_ADD = "INSERT INTO unmatched (kind, ref) VALUES (?, ?) ON CONFLICT DO NOTHING"
_REMEMBER = """
INSERT INTO compared (ref, about) VALUES (?, ?) ON CONFLICT (ref) DO UPDATE SET about = excluded.about
"""
_ADD_ALL = text("""
INSERT INTO unmatched (kind, ref) SELECT kind, ref FROM mirror WHERE kind = :kind ON CONFLICT DO NOTHING
""")


def add(tx: Transaction, kind: Kind, refs: Iterable[str]) -> None:
    """The place of these records must be found (again)."""
    bulk(tx.connection, _ADD, [(kind.value, ref) for ref in refs])


def add_all(tx: Transaction, kind: Kind) -> int:
    """The place of every record of a kind must be found again. Returns how many were not waiting for it already."""
    return tx.connection.execute(_ADD_ALL, {"kind": kind.value}).rowcount


def take(tx: Transaction, kind: Kind, limit: int, after: str = "") -> list[str]:
    """The first of them in order, from behind `after` on; they stay until they are `done`."""
    waiting = select(table.c.ref).where(table.c.kind == kind, table.c.ref > after)
    return list(tx.connection.scalars(waiting.order_by(table.c.ref).limit(limit)))


def done(tx: Transaction, refs: Collection[str]) -> None:
    """These have found their place. Belongs into the transaction that keeps it."""
    tx.connection.execute(
        delete(table).where(
            table.c.kind.in_([kind.value for kind in sorted(KINDS)]), table.c.ref.in_(listed(tx.connection, refs))
        )
    )


def count(tx: Transaction, kind: Kind) -> int:
    """How many wait."""
    return tx.connection.execute(select(func.count()).select_from(table).where(table.c.kind == kind)).scalar_one()


def changed(tx: Transaction, abouts: Mapping[str, str]) -> list[str]:
    """Of these the ones that are not what they were when they were compared last, in the order given."""
    query = select(compared.c.ref, compared.c.about).where(compared.c.ref.in_(listed(tx.connection, abouts)))
    known = {row.ref: row.about for row in tx.connection.execute(query)}
    return [ref for ref, about in abouts.items() if known.get(ref) != about]


def remember(tx: Transaction, abouts: Mapping[str, str]) -> None:
    """They were compared as what they are now. Belongs into the transaction that keeps what was found."""
    bulk(tx.connection, _REMEMBER, list(abouts.items()))
