"""Writes to CRM records under the vendor's rules: known, writable properties with valid values, links of known types.

Called by the write endpoints (`writes`) and by people's acts; it must not know the wire.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.properties import LIFECYCLE_STAGES, PROPERTIES, Property
from connector.sandbox.hubspot.schema import ASSOCIATION_TYPES, PRIMARY, SINGULAR, AssociationType
from connector.sandbox.hubspot.values import Invalid, stored
from connector.sandbox.world import Entry, World

_STAGE_ORDER = [one.value for one in LIFECYCLE_STAGES]
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class Link:
    """A link to make: from one record to another; no type means the unlabelled one."""

    from_object: str
    from_id: str
    to_object: str
    to_id: str
    type_id: int | None = None

    @property
    def pair(self) -> tuple[str, str]:
        return (self.from_object, self.to_object)


def create_record(world: World, object_: str, values: Mapping[str, Any], actor: str) -> str:
    """A new record from wire values; refuses what the vendor refuses."""
    clean = checked(world, object_, values)
    _refuse_taken(world, object_, clean, None)
    return world.create("hubspot", object_, {**clean, **_derived(world, object_, clean)}, actor)


def update_record(world: World, object_: str, record_id: str, values: Mapping[str, Any], actor: str) -> None:
    row = existing(world, object_, record_id)
    clean = checked(world, object_, values)
    _refuse_taken(world, object_, clean, record_id)
    if "lifecyclestage" in clean and not _moves_forward(row.get("lifecyclestage"), clean["lifecyclestage"]):
        del clean["lifecyclestage"]  # the vendor silently keeps the later stage
    world.update("hubspot", object_, record_id, {**clean, **_derived(world, object_, clean)}, actor)


def archive_record(world: World, object_: str, record_id: str, actor: str) -> None:
    """Archiving what is archived or never existed is a success, as the vendor has it."""
    row = world.get("hubspot", object_, record_id)
    if row is not None and not row["archived"]:
        world.delete("hubspot", object_, record_id, actor)


def existing(world: World, object_: str, record_id: str) -> dict[str, Any]:
    row = world.get("hubspot", object_, record_id)
    if row is None or row["archived"] or (row["_visible_at"] or "") > world.now():
        raise errors.not_found()
    return row


def merge_records(world: World, object_: str, survivor_id: str, merged_id: str, actor: str) -> None:
    """One record swallows another: it gets the values that it lacks, the links, and the other's id to its list."""
    survivor, merged = existing(world, object_, survivor_id), existing(world, object_, merged_id)
    names = [one.name for one in PROPERTIES[object_] if not one.read_only and not one.system]
    gained = {name: merged[name] for name in names if survivor[name] is None and merged[name] is not None}
    swallowed = [survivor["hs_merged_object_ids"], merged["hs_merged_object_ids"], merged_id]
    gained["hs_merged_object_ids"] = ";".join(str(one) for one in swallowed if one)
    sql = "SELECT DISTINCT to_type, to_id FROM hubspot_associations WHERE from_type = ? AND from_id = ?"
    with world.transaction():
        neighbours = world.tuples(sql, (object_, merged_id))
        world.delete("hubspot", object_, merged_id, actor)
        world.update("hubspot", object_, survivor_id, gained, actor)
        link(world, [Link(object_, survivor_id, str(kind), str(to_id)) for kind, to_id in neighbours], actor)


# -- values ------------------------------------------------------------------------------------------------------------


def checked(world: World, object_: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Stored values of wire values; all faults of a record are told at once."""
    known = {one.name: one for one in PROPERTIES[object_]}
    if unknown := [name for name in values if name not in known]:
        raise errors.unknown_properties(unknown)
    clean, faults = {}, []
    for name, value in values.items():
        try:
            clean[name] = _checked(world, known[name], value)
        except Invalid as problem:
            faults.append((name, problem))
    if faults:
        raise errors.invalid_properties([(name, one.code, str(one)) for name, one in faults])
    return clean


def _checked(world: World, one: Property, value: Any) -> Any:
    if one.read_only:
        raise Invalid("READ_ONLY_VALUE", f'"{one.name}" is a read only property; its value cannot be set.')
    if one.name == "hubspot_owner_id" and value not in (None, ""):
        if world.get("hubspot", "owners", str(value)) is None:
            raise Invalid("INVALID_OWNER_ID", f"Owner with ID {value} does not exist.")
        return str(value)
    if one.name == "email" and value not in (None, "") and not _EMAIL.fullmatch(str(value)):
        raise Invalid("INVALID_EMAIL", f"Email address {value} is invalid")
    found = stored(one, value)
    return found.lower() if one.name == "email" and found else found


def _refuse_taken(world: World, object_: str, values: Mapping[str, Any], own_id: str | None) -> None:
    for one in PROPERTIES[object_]:
        value = values.get(one.name)
        if not one.unique or value is None:
            continue
        sql = f'SELECT "id" FROM "hubspot_{object_}" WHERE "{one.name}" = ? COLLATE NOCASE AND "archived" = 0'
        taken = [row["id"] for row in world.select(sql, (value,)) if row["id"] != own_id]
        if taken:
            raise errors.error(409, f"{SINGULAR[object_].title()} already exists. Existing ID: {taken[0]}", "CONFLICT")


def _moves_forward(before: str | None, after: str | None) -> bool:
    if before is None or after is None:
        return True
    return _STAGE_ORDER.index(after) >= _STAGE_ORDER.index(before)


def _derived(world: World, object_: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the vendor sets by itself when something else is set."""
    if object_ == "deals" and "dealstage" in values:
        stage = values["dealstage"]
        return {
            "hs_is_closed": int(stage in ("closedwon", "closedlost")),
            "hs_is_closed_won": int(stage == "closedwon"),
        }
    if object_ == "tasks" and "hs_task_status" in values:
        done = values["hs_task_status"] == "COMPLETED"
        return {"hs_task_completion_date": stored_datetime(world.clock.now()) if done else None}
    return {}


# -- links -------------------------------------------------------------------------------------------------------------


def link(world: World, wanted: Iterable[Link], actor: str) -> None:
    """Make links in both directions; a link that is there already stays as it is."""
    for one in wanted:
        existing(world, one.from_object, one.from_id)
        existing(world, one.to_object, one.to_id)
        kinds = _kinds(world, one)
        with world.transaction():
            added = [kind.type_id for kind, index in kinds if _store(world, one, kind, index)]
            if added:
                _note_company(world, one, kinds)
                entry: Entry = ({}, {"types": added}, actor)
                place = f"{one.from_object}/{one.from_id}/{one.to_object}/{one.to_id}"
                world.record("hubspot", "associate", "associations", place, entry)


def _kinds(world: World, one: Link) -> list[tuple[AssociationType, int]]:
    """The types that a link gets: the unlabelled one always, the primary one if asked or if it is the first."""
    known = ASSOCIATION_TYPES.get(one.pair)
    if not known:
        raise errors.validation(f"No association type is defined from {one.from_object} to {one.to_object}")
    positions = [index for index, kind in enumerate(known) if one.type_id in (None, kind.type_id)]
    if not positions:
        raise errors.validation(f"One or more associations are not valid: type id {one.type_id} is unknown")
    chosen = {0} if one.type_id is None else {0, *positions}
    if len(known) > 1 and one.to_object == "companies" and not _has_primary(world, one):
        chosen.add(1)
    return [(known[index], index) for index in sorted(chosen)]


def _has_primary(world: World, one: Link) -> bool:
    sql = "SELECT 1 FROM hubspot_associations WHERE from_type = ? AND from_id = ? AND to_type = ? AND label = ?"
    return bool(world.select(sql, (one.from_object, one.from_id, one.to_object, PRIMARY)))


def _store(world: World, one: Link, kind: AssociationType, index: int) -> bool:
    there = (one.from_object, one.from_id, one.to_object, one.to_id)
    sql = "SELECT 1 FROM hubspot_associations WHERE from_type = ? AND from_id = ? AND to_type = ? AND to_id = ?"
    if world.select(f"{sql} AND type_id = ?", (*there, kind.type_id)):
        return False
    back = ASSOCIATION_TYPES[one.to_object, one.from_object][index]
    insert = "INSERT INTO hubspot_associations VALUES (?, ?, ?, ?, ?, ?, ?)"
    world.execute(insert, (*there, kind.type_id, kind.category, kind.label))
    world.execute(insert, (*there[2:], *there[:2], back.type_id, back.category, back.label))
    return True


def _note_company(world: World, one: Link, kinds: Sequence[tuple[AssociationType, int]]) -> None:
    """A contact's record names its primary company."""
    if one.pair == ("contacts", "companies") and any(kind.label == PRIMARY for kind, _ in kinds):
        world.derive("hubspot", "contacts", one.from_id, {"associatedcompanyid": one.to_id})
