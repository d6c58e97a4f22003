"""Which records are one company or one person, as it was found last.

Written by the engine when it unifies; read when cases are marked and assembled. Does not know why they are one.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from connector.model.records import Kind
from connector.store.schema import member as table
from connector.store.schema import mirror
from connector.store.sql import Asked, bulk, moment
from connector.store.store import Transaction

_JOIN = """
INSERT INTO member (ref, kind, cluster, since) VALUES (?, ?, ?, ?)
ON CONFLICT (ref) DO UPDATE SET kind = excluded.kind, cluster = excluded.cluster, since = excluded.since
"""
_LEAVE = "DELETE FROM member WHERE ref = ?"
_DIRTY = "INSERT INTO dirty (ref, kind) VALUES (?, ?) ON CONFLICT DO NOTHING"
_NAMES = Asked("SELECT ref, cluster FROM member WHERE ref IN ({values})")
_TOGETHER = Asked("""
SELECT DISTINCT other.ref, other.cluster FROM member AS own
JOIN member AS other ON other.kind = own.kind AND other.cluster = own.cluster WHERE own.ref IN ({values})
""")


def members(tx: Transaction, refs: Collection[str]) -> dict[str, frozenset[str]]:
    """All records of each one's cluster, itself included; a record that is alone has itself only."""
    known = _Known.around(tx, refs)
    return {ref: known.with_(ref) for ref in refs}


def names(tx: Transaction, refs: Collection[str]) -> dict[str, str]:
    """What each one's cluster is called: by the ref of one of its members, so by its own where it is alone."""
    found = {row.ref: row.cluster for row in _NAMES.of(tx.connection, refs)}
    return {ref: found.get(ref, ref) for ref in refs}


def assign(tx: Transaction, kind: Kind, groups: Collection[frozenset[str]], at: datetime) -> set[str]:
    """These records are now clustered exactly so. Returns those that are with others than before.

    Whoever was with one of them and is in no group stays with those that were left likewise. A cluster keeps its name
    while the record that it is called by is in it. Only differences are written; what changed makes its cases due.
    """
    known = _Known.around(tx, set().union(*groups))
    parted = [*groups, *known.left_over(groups)]
    moved: set[str] = set()
    joined: list[tuple[object, ...]] = []
    left: list[tuple[str]] = []
    since = moment(tx.connection, at)
    for group in parted:
        name = known.name_for(group)
        for ref in group:
            if known.with_(ref) != group:
                moved.add(ref)
            if len(group) > 1 and known.names.get(ref) != name:
                joined.append((ref, kind.value, name, since))
            elif len(group) == 1 and ref in known.names:
                left.append((ref,))
    bulk(tx.connection, _LEAVE, sorted(left))
    bulk(tx.connection, _JOIN, sorted(joined, key=lambda row: str(row[0])))
    bulk(tx.connection, _DIRTY, [(ref, kind.value) for ref in sorted(moved)])
    return moved


def count(tx: Transaction, kind: Kind) -> tuple[int, int]:
    """(living records that are with others, clusters that they make)."""
    query = select(func.count(), func.count(table.c.cluster.distinct())).where(table.c.kind == kind)
    records, clusters = tx.connection.execute(query).one()
    # Of merged records there are few; looking at all members would read as many rows as there are.
    gone = select(func.count()).select_from(mirror).join(table, table.c.ref == mirror.c.ref)
    return records - tx.connection.execute(gone.where(mirror.c.kind == kind, mirror.c.deleted)).scalar_one(), clusters


@dataclass
class _Known:
    """The clusters around some records as they were kept: each record's, and each cluster's records."""

    names: dict[str, str] = field(default_factory=dict)
    members: dict[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def around(cls, tx: Transaction, refs: Collection[str]) -> "_Known":
        names = dict(_TOGETHER.rows(tx.connection, refs)) if refs else {}
        gathered: dict[str, set[str]] = {}
        for ref, cluster in names.items():
            gathered.setdefault(cluster, set()).add(ref)
        return cls(names, {cluster: frozenset(together) for cluster, together in gathered.items()})

    def with_(self, ref: str) -> frozenset[str]:
        return self.members[self.names[ref]] if ref in self.names else frozenset((ref,))

    def left_over(self, groups: Collection[frozenset[str]]) -> list[frozenset[str]]:
        """Of each cluster those that are in no group."""
        assigned = set().union(*groups)
        return [left for together in self.members.values() if (left := together - assigned)]

    def name_for(self, group: frozenset[str]) -> str:
        """Of several clusters that become one the larger gives its name, so that fewer records change theirs."""
        kept = [ref for ref in group if self.names.get(ref) == ref]
        return min(kept, key=lambda name: (-len(self.members[name]), name)) if kept else min(group)
