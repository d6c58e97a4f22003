"""Walks over links: which records are one deal, and what points at a record.

Called by `cases`; knows nothing of what the records say.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import CompoundSelect, select, union

from connector.store.schema import link
from connector.store.sql import listed
from connector.store.store import Transaction

Neighbours = dict[str, set[str]]


def twins(tx: Transaction, deals: Collection[str]) -> Neighbours:
    """Deals with those that name them as themselves or that they name, and so on; each with itself."""
    named: Neighbours = {ref: set() for ref in deals}
    frontier = seen = set(deals)
    while frontier:
        pairs = [(row.source, row.target) for row in tx.connection.execute(_same_as(tx, frontier))]
        for source, target in pairs:
            named.setdefault(source, set()).add(target)
            named.setdefault(target, set()).add(source)
        reached = {ref for pair in pairs for ref in pair}
        frontier, seen = reached - seen, seen | reached
    return {ref: _reached(ref, named) for ref in deals}


def _same_as(tx: Transaction, refs: Collection[str]) -> CompoundSelect[tuple[str, str]]:
    chosen = listed(tx.connection, refs)
    named = select(link.c.source, link.c.target).where(link.c.role == "opportunity.same_as")
    # Two walks over an index each: an OR of both would read the whole table on PostgreSQL.
    return union(named.where(link.c.source.in_(chosen)), named.where(link.c.target.in_(chosen)))


def _reached(start: str, named: Neighbours) -> set[str]:
    reached, waiting = {start}, [start]
    while waiting:
        new = named[waiting.pop()] - reached
        reached |= new
        waiting += new
    return reached


def pointing_at(tx: Transaction, refs: Collection[str], roles: Iterable[str]) -> Neighbours:
    """Who points at each of these in one of the roles."""
    query = select(link.c.target, link.c.source).where(
        link.c.target.in_(listed(tx.connection, refs)), link.c.role.in_(list(roles))
    )
    found: Neighbours = {}
    for target, source in tx.connection.execute(query):
        found.setdefault(target, set()).add(source)
    return found
