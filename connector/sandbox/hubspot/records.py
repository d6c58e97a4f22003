"""Writes to CRM records under the vendor's rules: known, writable properties with valid values.

Called by the write endpoints (`writes`) and by people's acts; it must not know the wire.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.definitions import definitions
from connector.sandbox.hubspot.properties import LIFECYCLE_STAGES, Property
from connector.sandbox.hubspot.schema import CLEARED, SINGULAR, TYPE_IDS
from connector.sandbox.hubspot.values import Invalid, stored
from connector.sandbox.world import World

Fault = tuple[str, str, str]
"""Property, the vendor's code, its message."""

_STAGE_ORDER = [one.value for one in LIFECYCLE_STAGES]
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def create_record(world: World, object_: str, values: Mapping[str, Any], actor: str) -> str:
    """A new record from wire values; refuses what the vendor refuses."""
    clean = checked(world, object_, values)
    _refuse_taken(world, object_, clean, None)
    if object_ == "companies" and clean.get("domain") and "website" not in clean:
        clean["website"] = clean["domain"]  # as the vendor has it; a later change of the domain leaves it alone
    with world.transaction():
        record_id = world.create("hubspot", object_, {**clean, **_derived(world, object_, clean)}, actor)
        _note_cleared(world, (object_, record_id), None, clean)
    return record_id


def update_record(world: World, object_: str, record_id: str, values: Mapping[str, Any], actor: str) -> None:
    row = existing(world, object_, record_id)
    clean = checked(world, object_, values)
    _refuse_taken(world, object_, clean, record_id)
    if "lifecyclestage" in clean and not _moves_forward(row.get("lifecyclestage"), clean["lifecyclestage"]):
        del clean["lifecyclestage"]  # the vendor silently keeps the later stage
    with world.transaction():
        world.update("hubspot", object_, record_id, {**clean, **_derived(world, object_, clean)}, actor)
        _note_cleared(world, (object_, record_id), row[CLEARED], clean)


def _note_cleared(world: World, place: tuple[str, str], before: str | None, values: Mapping[str, Any]) -> None:
    """What a write empties answers the empty text from now on; what it sets does not any more."""
    names = {name for name in (before or "").split(";") if name and name not in values}
    names |= {name for name, value in values.items() if value is None}
    after = ";".join(sorted(names)) or None
    if after != before:
        world.derive("hubspot", *place, {CLEARED: after})


def archive_record(world: World, object_: str, record_id: str, actor: str) -> None:
    """Archiving what is archived or never existed is a success, as the vendor has it."""
    row = world.get("hubspot", object_, record_id)
    if row is not None and not row["archived"]:
        with world.transaction():
            world.delete("hubspot", object_, record_id, actor)
            _leave_lists(world, object_, record_id)


def _leave_lists(world: World, object_: str, record_id: str) -> None:
    place = (TYPE_IDS[object_], record_id)
    world.execute('DELETE FROM "hubspot_memberships" WHERE "objectTypeId" = ? AND "recordId" = ?', place)


def existing(world: World, object_: str, record_id: str) -> dict[str, Any]:
    row = world.get("hubspot", object_, record_id)
    if row is None or row["archived"] or world.hides("hubspot", row):
        raise errors.not_found()
    return row


# -- values ------------------------------------------------------------------------------------------------------------


def checked(world: World, object_: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Stored values of wire values; all faults of a record are told at once."""
    clean, faults = _sorted_out(world, object_, values)
    if faults:
        raise errors.invalid_properties(faults)
    return clean


def refuse_faults(world: World, object_: str, batch: Iterable[Mapping[str, Any]]) -> None:
    """A batch that stands or falls as a whole tells the faults of all its records at once."""
    if faults := [fault for values in batch for fault in _sorted_out(world, object_, values)[1]]:
        raise errors.invalid_properties(faults)


def _sorted_out(world: World, object_: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    known = definitions(world)
    clean: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, value in values.items():
        one = known.find(object_, name)
        if one is None:
            faults.append((name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'))
            continue
        try:
            clean[name] = _checked(world, one, value)
        except Invalid as problem:
            faults.append((name, problem.code, str(problem)))
    return clean, faults


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
    for one in definitions(world).of(object_):
        value = values.get(one.name)
        if not one.unique or value is None:
            continue
        sql = f'SELECT "id" FROM "hubspot_{object_}" WHERE "{one.name}" = ? COLLATE NOCASE AND "archived" = 0'
        taken = [row["id"] for row in world.select(sql, (value,)) if row["id"] != own_id]
        if not taken and one.name == "email":
            taken = [holder for holder in holders_of_address(world, str(value)) if holder != own_id]
        if taken:
            raise errors.already_exists(SINGULAR[object_], taken[0])


def holders_of_address(world: World, address: str) -> list[str]:
    """Contacts that know the address as a further one: merging leaves it so."""
    sql = (
        'SELECT "id" FROM "hubspot_contacts" WHERE "hs_additional_emails" IS NOT NULL AND "archived" = 0'
        " AND instr(';' || lower(\"hs_additional_emails\") || ';', ';' || lower(?) || ';') > 0"
    )
    return [str(row["id"]) for row in world.select(sql, (address,))]


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
