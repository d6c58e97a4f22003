"""What both systems hold, as it was last seen. Written by the engine as pages arrive; read when cases are assembled.

Only a record whose content differs is written, and only such a record leads to cases being looked at again.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from connector.model.records import RECORD_TYPES, Kind, Record, Ref, SetAside, User
from connector.store import unmatched
from connector.store.schema import link, mirror
from connector.store.schema import set_aside as aside
from connector.store.sql import Asked, bulk, listed
from connector.store.store import Transaction

_Links = dict[str, set[tuple[str, str, str]]]
_UNORDERED = dict.fromkeys(Kind, ("same_as",)) | {Kind.ACTIVITY: ("same_as", "people", "opportunities", "accounts")}

_TYPES = {kind.value: model for kind, model in RECORD_TYPES.items()}
_COLUMNS = (mirror.c.kind, mirror.c.modified_at, mirror.c.deleted, mirror.c.body)

_LOAD = Asked("SELECT ref, kind, modified_at, deleted, body, hash FROM mirror WHERE ref IN ({values})")
# `|| ''` as in `sql.unindexed`.
_BODIES = Asked("SELECT ref, body FROM mirror WHERE kind || '' = :kind AND NOT deleted AND ref IN ({values})")
_UPSERT = """
INSERT INTO mirror (ref, kind, system, hash, modified_at, deleted, body) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (ref) DO UPDATE SET kind = excluded.kind, hash = excluded.hash, modified_at = excluded.modified_at,
    deleted = excluded.deleted, body = excluded.body
"""
# A tombstone seldom carries the record's fields: what was known stays.
_BURY = "UPDATE mirror SET hash = ?, modified_at = ?, deleted = ? WHERE ref = ?"
_LINK = "INSERT INTO link (source, role, target) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_UNLINK = "DELETE FROM link WHERE source = ? AND role = ? AND target = ?"
_DIRTY = "INSERT INTO dirty (ref, kind) VALUES (?, ?) ON CONFLICT DO NOTHING"

# A reference that was taken away: whoever it pointed at has changed too, where a case is reached that way.
_REACHING = {
    "activity.opportunity": Kind.OPPORTUNITY,
    "activity.person": Kind.PERSON,
    "activity.account": Kind.ACCOUNT,
    "contact_role.opportunity": Kind.OPPORTUNITY,
    "contact_role.person": Kind.PERSON,
    "membership.person": Kind.PERSON,
    "engagement.person": Kind.PERSON,
    "person.account": Kind.ACCOUNT,
    "opportunity.account": Kind.ACCOUNT,
    "opportunity.same_as": Kind.OPPORTUNITY,
    "person.same_as": Kind.PERSON,
    "account.same_as": Kind.ACCOUNT,
}


# Kinds that are part of a case: a change of any other makes no case look different.
_BEARING = frozenset(Kind) - {Kind.MARKETING_LIST}


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A record with the hash of its content."""

    record: Record
    hash: str


@dataclass(slots=True)
class _Writes:
    """Rows to be written for one batch, by statement."""

    upserted: list[tuple[Any, ...]] = field(default_factory=list)
    buried: list[tuple[Any, ...]] = field(default_factory=list)
    linked: list[tuple[str, str, str]] = field(default_factory=list)
    unlinked: list[tuple[str, str, str]] = field(default_factory=list)
    dirty: list[tuple[str, str]] = field(default_factory=list)
    unmatched: dict[Kind, list[str]] = field(default_factory=lambda: defaultdict(list))


def save(tx: Transaction, records: Sequence[Record]) -> int:
    """Keep what differs and remember that it changed. Returns how many records differed."""
    if not records:
        return 0
    latest = {str(record.ref): record for record in records}
    connection = tx.connection
    hashes = select(mirror.c.ref, mirror.c.hash).where(mirror.c.ref.in_(listed(connection, latest)))
    known = {row.ref: row.hash for row in connection.execute(hashes)}
    changed = {}
    for ref, record in latest.items():
        body, digest = _content(record)
        if known.get(ref) != digest:
            changed[ref] = (record, body, digest)
    if changed:
        _write(tx, changed, known.keys() & changed.keys())
    connection.execute(delete(aside).where(aside.c.ref.in_(listed(connection, latest))))
    return len(changed)


def set_aside(tx: Transaction, items: Sequence[SetAside], at: datetime) -> None:
    """Remember records that cannot be used; what the mirror knew of them before stays."""
    if not items:
        return
    insert = sqlite.insert if tx.connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(aside)
    changed = {"reason": statement.excluded.reason, "at": statement.excluded.at}
    rows = {str(item.ref): {"ref": str(item.ref), "reason": item.reason, "at": at} for item in items}
    tx.connection.execute(statement.on_conflict_do_update(index_elements=["ref"], set_=changed), list(rows.values()))


def list_set_aside(tx: Transaction) -> list[SetAside]:
    """All records that are set aside now."""
    rows = tx.connection.execute(select(aside.c.ref, aside.c.reason).order_by(aside.c.ref))
    return [SetAside(ref=Ref.parse(ref), reason=reason) for ref, reason in rows]


def get(tx: Transaction, ref: Ref) -> Record | None:
    """The record as it was last seen (a tombstone too), or `None`."""
    found = load(tx, [str(ref)]).get(str(ref))
    return found.record if found else None


def count(tx: Transaction) -> dict[str, int]:
    """How many living records there are of each kind, as `<system> <kind>`."""
    query = select(mirror.c.system, mirror.c.kind, func.count()).where(mirror.c.deleted.is_(False))
    rows = tx.connection.execute(
        query.group_by(mirror.c.system, mirror.c.kind).order_by(mirror.c.system, mirror.c.kind)
    )
    return {f"{system} {kind}": number for system, kind, number in rows}


def load(tx: Transaction, refs: Collection[str]) -> dict[str, Mirrored]:
    """The records of these references, tombstones included, by reference."""
    if not refs:
        return {}
    rows = _LOAD.rows(tx.connection, refs)
    return {row.ref: Mirrored(_parsed(row.kind, row.modified_at, row.deleted, row.body), row.hash) for row in rows}


def bodies(tx: Transaction, kind: Kind, refs: Collection[str]) -> dict[str, str]:
    """Of living records of a kind all but when they were changed, as JSON without what is a default, by reference."""
    return dict(_BODIES.rows(tx.connection, refs, kind=kind.value)) if refs else {}


def stream(tx: Transaction, kind: Kind, system: str) -> Iterator[Record]:
    """All living records of a kind in one system, with flat memory. Do not checkpoint while reading."""
    query = select(*_COLUMNS).where(mirror.c.kind == kind, mirror.c.system == system, mirror.c.deleted.is_(False))
    for columns in tx.connection.execute(query, execution_options={"yield_per": 500}):
        yield _parsed(columns.kind, columns.modified_at, columns.deleted, columns.body)


def _parsed(kind: str, modified_at: str, deleted: bool, body: str) -> Record:
    known = f'{{"modified_at":"{modified_at}","deleted":{"true" if deleted else "false"},'
    return _TYPES[kind].model_validate_json(known + body[1:])


def _content(record: Record) -> tuple[str, str]:
    """The record's JSON, and a hash over all that matters: neither its stamp nor the order of its references."""
    # Defaults are left out, so a property that a later version adds does not make every record look changed.
    body = record.model_dump_json(exclude={"modified_at", "deleted"}, exclude_defaults=True)
    hashed = body
    shuffled = {name: sorted(refs) for name in _UNORDERED[record.kind] if len(refs := getattr(record, name)) > 1}
    if shuffled:
        hashed = json.dumps(json.loads(body) | shuffled, sort_keys=True)
    digest = blake2b(hashed.encode(), digest_size=16, salt=b"deleted" if record.deleted else b"")
    return body, digest.hexdigest()


def _links(ref: str, record: Record) -> set[tuple[str, str, str]]:
    kind = record.kind.value
    found = {(ref, f"{kind}.{role}", str(target)) for role, target in record.links()}
    found.update((ref, f"{kind}.same_as", str(target)) for target in record.same_as)
    if isinstance(record, User) and record.manager:
        found.add((ref, "user.manager", str(record.manager)))
    return found


def _write(tx: Transaction, changed: dict[str, tuple[Record, str, str]], seen: Collection[str]) -> None:
    old_links = _old(tx, seen)
    writes = _Writes()
    for ref, (record, body, digest) in changed.items():
        stamp = record.modified_at.isoformat()
        if record.kind in _BEARING:
            writes.dirty.append((ref, record.kind.value))
        if record.kind in unmatched.KINDS:
            writes.unmatched[record.kind].append(ref)
        links = _links(ref, record)
        if record.deleted and ref in seen:
            # A tombstone keeps what the record pointed at, so that the cases it was part of are still found.
            writes.buried.append((digest, stamp, True, ref))
        else:
            writes.upserted.append((ref, record.kind.value, record.ref.system, digest, stamp, record.deleted, body))
            writes.unlinked += old_links.get(ref, set()) - links
        writes.linked += links - old_links.get(ref, set())
    # What a record no longer points at has changed too.
    writes.dirty += [(target, _REACHING[role].value) for _, role, target in writes.unlinked if role in _REACHING]
    connection = tx.connection
    bulk(connection, _UPSERT, writes.upserted)
    bulk(connection, _BURY, writes.buried)
    bulk(connection, _UNLINK, writes.unlinked)
    bulk(connection, _LINK, writes.linked)
    bulk(connection, _DIRTY, writes.dirty)
    for kind, refs in writes.unmatched.items():
        unmatched.add(tx, kind, refs)


def _old(tx: Transaction, refs: Collection[str]) -> _Links:
    """Links of records that are there already, by reference."""
    links: _Links = {}
    if refs:
        query = select(link.c.source, link.c.role, link.c.target)
        for source, role, target in tx.connection.execute(query.where(link.c.source.in_(listed(tx.connection, refs)))):
            links.setdefault(source, set()).add((source, role, target))
    return links
