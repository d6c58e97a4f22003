"""Which records name each other as the same: ids that one system holds of the other, and survivors of merges.

Called by the engine when it unifies. Follows one step only; clusters do the rest.
"""

from collections.abc import Collection

from connector.model.records import Kind
from connector.store.sql import Asked
from connector.store.store import Transaction

# Two walks over an index each: an OR of both would read the whole table on PostgreSQL.
_NAMED = Asked("""
SELECT source, target FROM link JOIN mirror ON mirror.ref = target WHERE role = :role AND source IN ({values})
UNION SELECT source, target FROM link JOIN mirror ON mirror.ref = target WHERE role = :role AND target IN ({values})
""")


def of(tx: Transaction, kind: Kind, refs: Collection[str]) -> set[tuple[str, str]]:
    """Pairs (in order) of which one is among these and both were seen, tombstones too."""
    named = _NAMED.of(tx.connection, refs, role=f"{kind.value}.same_as")
    return {(min(row), max(row)) for row in named if row.source != row.target}
