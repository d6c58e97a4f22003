"""Lists of records and who is in them, under the vendor's rules: only static lists are filled by hand.

Called by the list endpoints, by people's acts and by the company generator; it must not know the wire.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.hubspot import errors, list_filters
from connector.sandbox.hubspot.schema import TYPE_IDS, object_of
from connector.sandbox.world import Entry, World

DYNAMIC, SNAPSHOT, MANUAL = "DYNAMIC", "SNAPSHOT", "MANUAL"
_CHUNK = 500


@dataclass
class Moved:
    """What became of the ids of one change of a list, under the vendor's own spelling of the keys on the wire."""

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def create_list(world: World, body: Mapping[str, Any], actor: str) -> str:
    """A new list from wire values; one with filters is filled at once."""
    missing = [name for name in ("name", "objectTypeId", "processingType") if not body.get(name)]
    if missing:
        raise errors.bad_json(f"Some required fields were not set: [{', '.join(missing)}]")
    object_ = object_of(str(body["objectTypeId"]))
    if object_ is None:
        raise errors.unknown_object(str(body["objectTypeId"]))
    kind, branch = str(body["processingType"]), body.get("filterBranch")
    if kind not in (DYNAMIC, SNAPSHOT, MANUAL):
        raise errors.validation(f"Processing type {kind} is not valid", subCategory="ILS.INVALID_PROCESSING_TYPE")
    if (kind == MANUAL and branch) or (kind == DYNAMIC and not branch):
        told = "cannot have" if kind == MANUAL else "needs"
        raise errors.validation(f"A {kind} list {told} a filterBranch", subCategory="ILS.INVALID_FILTER")
    refuse_taken(world, TYPE_IDS[object_], str(body["name"]))
    members = list_filters.wanted(world, object_, branch) if branch else []
    values = {
        "name": str(body["name"]),
        "objectTypeId": TYPE_IDS[object_],
        "processingType": kind,
        "processingStatus": "COMPLETE",
        "listVersion": 1,
        "createdById": actor if actor.isdigit() else None,
        "updatedById": actor if actor.isdigit() else None,
        "filtersUpdatedAt": world.now(),
        "filterBranch": json.dumps(branch) if branch else None,
    }
    with world.transaction():
        list_id = world.create("hubspot", "lists", values, actor)
        _enter(world, existing_list(world, list_id), members, actor)
    return list_id


def existing_list(world: World, list_id: str, *, deleted: bool = False) -> dict[str, Any]:
    row = world.get("hubspot", "lists", list_id)
    if row is None or bool(row["archived"]) is not deleted:
        raise errors.error(
            404, f"List does not exist with ID {list_id}.", "OBJECT_NOT_FOUND", subCategory="ILS.LIST_NOT_FOUND"
        )
    return row


def refuse_taken(world: World, type_id: str, name: str) -> None:
    """Names are unique among the lists of one kind of record, without regard to case."""
    sql = 'SELECT 1 FROM "hubspot_lists" WHERE "objectTypeId" = ? AND "name" = ? COLLATE NOCASE AND "archived" = 0'
    if world.select(sql, (type_id, name)):
        raise errors.validation(f"A list named {name} already exists.", subCategory="ILS.DUPLICATE_LIST_NAMES")


def change_members(
    world: World, list_id: str, actor: str, *, join: Sequence[str] = (), leave: Sequence[str] = ()
) -> Moved:
    """Static lists only; members who join again and strangers who leave change nothing."""
    row = existing_list(world, list_id)
    if row["processingType"] == DYNAMIC:
        told = f"List {list_id} is a DYNAMIC list: its memberships cannot be changed by hand."
        raise errors.validation(told, subCategory="ILS.INVALID_PROCESSING_TYPE")
    object_ = str(object_of(row["objectTypeId"]))
    known = _known(world, object_, [*join, *leave])
    moved = Moved(missing=[one for one in dict.fromkeys([*join, *leave]) if one not in known])
    with world.transaction():
        moved.added = _enter(world, row, [one for one in join if one in known], actor)
        moved.removed = _leave(world, row, [one for one in leave if one in known], actor)
    return moved


def refresh(world: World, row: Mapping[str, Any]) -> None:
    """Bring a dynamic list up to what its filters want now; nobody wrote that, so the journal does not name it."""
    if row["processingType"] != DYNAMIC:
        return
    object_ = str(object_of(row["objectTypeId"]))
    wanted = list_filters.wanted(world, object_, json.loads(row["filterBranch"] or "null"))
    present = set(members(world, row["id"]))
    with world.transaction():
        _enter(world, row, [one for one in wanted if one not in present], None)
        _leave(world, row, sorted(present - set(wanted)), None)


def members(world: World, list_id: str) -> list[str]:
    sql = 'SELECT "recordId" FROM "hubspot_memberships" WHERE "listId" = ? ORDER BY CAST("recordId" AS INTEGER)'
    return [str(row[0]) for row in world.tuples(sql, (list_id,))]


def _known(world: World, object_: str, ids: Iterable[str]) -> set[str]:
    found: set[str] = set()
    every = list(dict.fromkeys(ids))
    for start in range(0, len(every), _CHUNK):
        some = every[start : start + _CHUNK]
        sql = f'SELECT "id" FROM "hubspot_{object_}" WHERE "archived" = 0 AND "id" IN ({", ".join("?" * len(some))})'
        found |= {str(row[0]) for row in world.tuples(sql, some)}
    return found


def _enter(world: World, row: Mapping[str, Any], ids: Iterable[str], actor: str | None) -> list[str]:
    added = []
    for record_id in dict.fromkeys(ids):
        key = f"{row['id']}:{record_id}"
        if world.get("hubspot", "memberships", key) is not None:
            continue
        now = world.now()
        sql = (
            'INSERT INTO "hubspot_memberships" ("id", "listId", "objectTypeId", "recordId", "firstAddedTimestamp",'
            ' "membershipTimestamp") VALUES (?, ?, ?, ?, ?, ?)'
        )
        world.execute(sql, (key, row["id"], row["objectTypeId"], record_id, now, now))
        if actor is not None:
            entry: Entry = ({}, {"listId": row["id"], "recordId": record_id}, actor)
            world.record("hubspot", "create", "memberships", key, entry)
        added.append(record_id)
    return added


def _leave(world: World, row: Mapping[str, Any], ids: Iterable[str], actor: str | None) -> list[str]:
    removed = []
    for record_id in dict.fromkeys(ids):
        key = f"{row['id']}:{record_id}"
        if world.get("hubspot", "memberships", key) is None:
            continue
        world.execute('DELETE FROM "hubspot_memberships" WHERE "id" = ?', (key,))
        if actor is not None:
            entry: Entry = ({"listId": row["id"], "recordId": record_id}, {}, actor)
            world.record("hubspot", "delete", "memberships", key, entry)
        removed.append(record_id)
    return removed
