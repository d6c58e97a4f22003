"""Which records name each other as the same: ids that one system holds of the other, and survivors of merges.

Called by the engine when it unifies. Follows one step only; clusters do the rest.
"""

from collections.abc import Collection

from sqlalchemy import select, union

from connector.model.records import Kind
from connector.store.schema import link, mirror
from connector.store.sql import listed
from connector.store.store import Transaction


def of(tx: Transaction, kind: Kind, refs: Collection[str]) -> set[tuple[str, str]]:
    """Pairs (in order) of which one is among these and both were seen, tombstones too."""
    chosen = listed(tx.connection, refs)
    seen = select(link.c.source, link.c.target).join(mirror, mirror.c.ref == link.c.target)
    named = seen.where(link.c.role == f"{kind.value}.same_as")
    # Two walks over an index each: an OR of both would read the whole table on PostgreSQL.
    both = union(named.where(link.c.source.in_(chosen)), named.where(link.c.target.in_(chosen)))
    return {(min(one, two), max(one, two)) for one, two in tx.connection.execute(both) if one != two}
