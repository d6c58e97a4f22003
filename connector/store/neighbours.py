"""Walks over links and keys: which records are one deal, one company, one person, and what points at them.

Called by `cases` only; knows nothing of what the records say.
"""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Select, or_, select

from connector.store.schema import link, record_key
from connector.store.sql import listed
from connector.store.store import Transaction

Neighbours = dict[str, set[str]]


def twins(tx: Transaction, refs: Collection[str]) -> Neighbours:
    """Deals or companies with those that name them as themselves or that they name, and so on; each with itself."""
    named: Neighbours = {ref: set() for ref in refs}
    frontier = seen = set(refs)
    while frontier:
        pairs = [(row.source, row.target) for row in tx.connection.execute(_same_as(tx, frontier))]
        for source, target in pairs:
            named.setdefault(source, set()).add(target)
            named.setdefault(target, set()).add(source)
        reached = {ref for pair in pairs for ref in pair}
        frontier, seen = reached - seen, seen | reached
    return {ref: _reached(ref, named) for ref in refs}


def _same_as(tx: Transaction, refs: Collection[str]) -> Select[tuple[str, str]]:
    chosen = listed(tx.connection, refs)
    return select(link.c.source, link.c.target).where(
        link.c.role.in_(("opportunity.same_as", "account.same_as")),
        or_(link.c.source.in_(chosen), link.c.target.in_(chosen)),
    )


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


def people(tx: Transaction, refs: Collection[str]) -> Mapping[str, frozenset[str]]:
    """All records of the same person, for each of these: those that share a key, those that share one with them, …"""
    by_key: dict[str, set[str]] = {}
    by_ref: dict[str, set[str]] = {ref: set() for ref in refs}
    frontier = set(refs)
    while frontier:
        shared = select(record_key.c.key).where(record_key.c.ref.in_(listed(tx.connection, frontier)))
        frontier = set()
        for key, ref in tx.connection.execute(
            select(record_key.c.key, record_key.c.ref).where(record_key.c.key.in_(shared))
        ):
            if ref not in by_ref:
                frontier.add(ref)
            by_key.setdefault(key, set()).add(ref)
            by_ref.setdefault(ref, set()).add(key)
    return _components(refs, by_ref, by_key)


def _components(refs: Collection[str], by_ref: Neighbours, by_key: Neighbours) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for start in refs:
        if start in found:
            continue
        reached, waiting = {start}, [start]
        while waiting:
            for key in by_ref[waiting.pop()]:
                new = by_key[key] - reached
                reached |= new
                waiting += new
        found.update(dict.fromkeys(reached, frozenset(reached)))
    return found
