"""Records whose place among the others is not known yet, and what each was when it was compared last.

Filled by the mirror with every company and person that changed; emptied by the engine when it unifies. Most changes (a
web visit, another owner) say nothing about who somebody is, and need no comparison.
"""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import func, select, text

from connector.model.records import Kind
from connector.store.schema import unmatched as table
from connector.store.sql import Asked, bulk, take_turn
from connector.store.store import Transaction

KINDS = frozenset({Kind.ACCOUNT, Kind.PERSON})
"""What is unified."""

_ADD = "INSERT INTO unmatched (kind, ref) VALUES (?, ?) ON CONFLICT DO NOTHING"
# In order, as `add` does it.
_ADD_PEOPLE = Asked("""
INSERT INTO unmatched (kind, ref) SELECT 'person', source FROM link
WHERE role = 'person.account' AND target IN ({values}) ORDER BY source ON CONFLICT DO NOTHING
""")
_REMEMBER = """
INSERT INTO compared (ref, about) VALUES (?, ?) ON CONFLICT (ref) DO UPDATE SET about = excluded.about
"""
_KEYED = "~"
"""Stands before what a record is when its keys are kept, but not yet the pairs that follow from them."""

# Of who came only now nothing is kept yet. Asked as a value: for an EXISTS PostgreSQL reads all that was ever compared.
_CONFIRMED = text("""
DELETE FROM unmatched WHERE kind = :kind AND ref > :after AND ref <= :last
AND (SELECT c.about FROM compared c WHERE c.ref = unmatched.ref) IS NOT NULL RETURNING ref
""")
_CONFIRM = Asked("""
UPDATE compared SET about = substr(about, 2) WHERE substr(about, 1, 1) = '~' AND ref IN ({values}) RETURNING ref
""")
_FRESH = text("""
SELECT u.ref FROM unmatched u JOIN compared c ON c.ref = u.ref WHERE u.kind = :kind AND substr(c.about, 1, 1) = '~'
""")
_TAKE_KNOWN = text("""
SELECT u.ref, c.about FROM unmatched u LEFT JOIN compared c ON c.ref = u.ref
WHERE u.kind = :kind AND u.ref > :after ORDER BY u.ref LIMIT :limit
""")
_ABOUT = Asked("SELECT ref, about FROM compared WHERE ref IN ({values})")
_DONE = Asked("DELETE FROM unmatched WHERE kind IN ('account', 'person') AND ref IN ({values})")
_DUE = text("""
SELECT u.ref FROM unmatched u JOIN compared c ON c.ref = u.ref
WHERE u.kind = :kind AND (EXISTS (SELECT 1 FROM member m WHERE m.ref = u.ref)
    OR EXISTS (SELECT 1 FROM verdict v WHERE v."left" = u.ref)
    OR EXISTS (SELECT 1 FROM verdict v WHERE v."right" = u.ref))
""")
# Whom a person or an id has put into a cluster already is told as a member of it.
_NEW = text("""
SELECT count(*) FROM unmatched u JOIN mirror m ON m.ref = u.ref AND NOT m.deleted LEFT JOIN compared c ON c.ref = u.ref
WHERE u.kind = :kind AND (c.about IS NULL OR substr(c.about, 1, 1) = '~')
AND NOT EXISTS (SELECT 1 FROM member x WHERE x.ref = u.ref)
""")
_ADD_ALL = text("""
INSERT INTO unmatched (kind, ref) SELECT kind, ref FROM mirror WHERE kind = :kind ON CONFLICT DO NOTHING
""")

# "list" in ASCII.
_LOCK = 0x6C697374


def add(tx: Transaction, kind: Kind, refs: Iterable[str]) -> None:
    """The place of these records must be found (again)."""
    # In one order for all: two that add the same ones side by side would else wait for each other.
    bulk(tx.connection, _ADD, [(kind.value, ref) for ref in sorted(refs)])


def add_people_of(tx: Transaction, accounts: Collection[str]) -> None:
    """The place of all who work at these must be found again: of people the company is compared as well."""
    if accounts:
        _ADD_PEOPLE.of(tx.connection, accounts)


def add_beside(tx: Transaction, kind: Kind, refs: Iterable[str]) -> None:
    """As `add`, for who holds no lease: a run may be taking records off the list at this moment.

    On PostgreSQL that run would see neither what this transaction says nor, where they wait already, that they wait for
    it as well. So nobody takes any off while this transaction is open.
    """
    take_turn(tx.connection, _LOCK, shared=True)
    add(tx, kind, refs)


def add_all(tx: Transaction, kind: Kind) -> int:
    """The place of every record of a kind must be found again. Returns how many were not waiting for it already."""
    return tx.connection.execute(_ADD_ALL, {"kind": kind.value}).rowcount


def take_known(tx: Transaction, kind: Kind, limit: int, after: str) -> dict[str, str | None]:
    """As `take`, with what `abouts` has of each, or `None`."""
    rows = tx.connection.execute(_TAKE_KNOWN, {"kind": kind.value, "limit": limit, "after": after})
    return {row.ref: row.about for row in rows.all()}


def take(tx: Transaction, kind: Kind, limit: int, after: str = "") -> list[str]:
    """The first of them in order, from behind `after` on; they stay until they are `done`."""
    waiting = select(table.c.ref).where(table.c.kind == kind, table.c.ref > after)
    return list(tx.connection.scalars(waiting.order_by(table.c.ref).limit(limit)))


def done(tx: Transaction, refs: Collection[str]) -> None:
    """These have found their place. Belongs into the transaction that keeps it, before answers are read."""
    take_turn(tx.connection, _LOCK)
    _DONE.of(tx.connection, refs)


def count(tx: Transaction, kind: Kind) -> int:
    """How many wait."""
    return tx.connection.execute(select(func.count()).select_from(table).where(table.c.kind == kind)).scalar_one()


def never_compared(tx: Transaction, kind: Kind) -> int:
    """How many living records of a kind wait that are in no cluster and were compared with nobody yet."""
    found: int = tx.connection.execute(_NEW, {"kind": kind.value}).scalar_one()
    return found


def abouts(tx: Transaction, refs: Collection[str]) -> dict[str, str]:
    """What is kept of what they were when they were compared last, or their keys made."""
    return {row.ref: row.about for row in _ABOUT.of(tx.connection, refs)}


def changed(tx: Transaction, about: Mapping[str, str]) -> list[str]:
    """Of these the ones that are not what they were when they were compared last, in the order given."""
    known = abouts(tx, about)
    return [ref for ref, now in about.items() if known.get(ref) != now]


def remember(tx: Transaction, abouts: Mapping[str, str]) -> None:
    """They were compared as what they are now. Belongs into the transaction that keeps what was found."""
    bulk(tx.connection, _REMEMBER, list(abouts.items()))


def keys_are_kept(known: str | None, about: str) -> bool:
    """Whether those of a record are that is `about` what it is now; `known`: what `abouts` has of it."""
    return known in (about, _KEYED + about)


def keyed(tx: Transaction, abouts: Mapping[str, str]) -> None:
    """Their keys are kept, of what they are now, and no more yet. Belongs into the transaction that keeps the keys."""
    bulk(tx.connection, _REMEMBER, [(ref, _KEYED + about) for ref, about in abouts.items()])


def fresh(tx: Transaction, kind: Kind) -> set[str]:
    """Those of which only the keys are kept."""
    return set(tx.connection.scalars(_FRESH, {"kind": kind.value}))


def due(tx: Transaction, kind: Kind) -> set[str]:
    """Those that wait with their keys kept and may belong elsewhere without a pair: answered about, or in a cluster."""
    return set(tx.connection.scalars(_DUE, {"kind": kind.value}))


def confirm(tx: Transaction, kind: Kind, after: str, last: str) -> tuple[set[str], set[str]]:
    """Those from behind `after` to `last` whose keys are kept were compared as what they are, and have their place.

    Returns them, and which of them had been compared before already and waited although they did not change. Otherwise
    as `done`.
    """
    take_turn(tx.connection, _LOCK)
    done = set(tx.connection.scalars(_CONFIRMED, {"kind": kind.value, "after": after, "last": last}))
    return done, done.difference(_CONFIRM.of(tx.connection, done).scalars()) if done else set()
