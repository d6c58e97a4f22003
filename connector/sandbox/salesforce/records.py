"""Creating, changing and deleting records by the vendor's rules.

Called by the HTTP resources for clients and by the control URL for what people do. Raises `SalesforceError`.
"""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.salesforce.consequences import follow_up
from connector.sandbox.salesforce.derived import DEFAULTS, derive
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.history import delete_history
from connector.sandbox.salesforce.ids import normalise_id
from connector.sandbox.salesforce.incoming import Stored, converted_lead, stored_values
from connector.sandbox.salesforce.org_rules import refuse_duplicates, refuse_invalid
from connector.sandbox.salesforce.schema import ACTIVITIES, CHILDREN, Field, SObject, object_of_id
from connector.sandbox.world import World

VENDOR = "salesforce"


def create_record(
    world: World, object_: str, values: Mapping[str, Any], actor: str, *, allow_duplicates: bool = False
) -> str:
    """A new record; returns its id. `allow_duplicates` waves through what a duplicate rule only alerts to."""
    table = find_object(world, object_)
    _refuse_unless_writable(table)
    with world.transaction():
        stored = stored_values(world, table, values, creating=True)
        if "ownerid" in table.by_name and stored.get("OwnerId") is None:
            stored["OwnerId"] = actor
        _refuse_inactive_owner(world, table, stored)
        defaults = {
            name: value for name, value in DEFAULTS.get(table.name, {}).items() if name.lower() in table.by_name
        }
        row = {**defaults, **{name: value for name, value in stored.items() if value is not None}}
        row |= derive(world, table.name, None, row)
        refuse_invalid(table, row)
        refuse_duplicates(world, None, (table, stored), allowed=allow_duplicates)
        _refuse_duplicate(world, table, stored, None)
        record_id = world.create(VENDOR, table.name, row, actor)
        follow_up(world, table.name, None, (record_id, actor))
    return record_id


def update_record(world: World, object_: str, record_id: str, values: Mapping[str, Any], actor: str) -> None:
    """Change an existing record; the org's rules look at all of it, not only at what changes."""
    table = find_object(world, object_)
    _refuse_unless_writable(table)
    with world.transaction():
        before = existing(world, table, record_id)
        if before.get("IsConverted"):
            raise converted_lead()
        stored = stored_values(world, table, _without_id(values), creating=False)
        if stored.get("OwnerId") != before.get("OwnerId"):
            _refuse_inactive_owner(world, table, stored)
        stored |= derive(world, table.name, before, stored)
        refuse_invalid(table, {**before, **stored})
        refuse_duplicates(world, before, (table, stored), allowed=True)
        _refuse_duplicate(world, table, stored, before["Id"])
        world.update(VENDOR, table.name, before["Id"], stored, actor)
        follow_up(world, table.name, before, (before["Id"], actor))


def delete_record(world: World, object_: str, record_id: str, actor: str) -> None:
    """Put a record, and what hangs on it, into the recycle bin."""
    table = find_object(world, object_)
    if not (table.soft_delete and table.writable):
        message = f"entity type {table.name} cannot be deleted"
        raise SalesforceError(400, "INSUFFICIENT_ACCESS_OR_READONLY", message)
    with world.transaction():
        before = existing(world, table, record_id)
        world.delete(VENDOR, table.name, before["Id"], actor)
        _delete_children(world, table, before["Id"], actor)
        follow_up(world, table.name, before, (before["Id"], actor))


def find_object(world: World, name: str) -> SObject:
    """The object by its name in any case; 404 as the vendor's for an unknown one."""
    for known, table in world.conditions.objects(VENDOR, world.tables[VENDOR]).items():
        if known.lower() == name.lower() and isinstance(table, SObject):
            return table
    raise SalesforceError(404, "NOT_FOUND", "The requested resource does not exist")


def existing(world: World, table: SObject, record_id: str) -> dict[str, Any]:
    """The record as stored; refused when it never was, is not visible yet, or is deleted."""
    full_id = normalise_id(record_id)
    if full_id is None:
        message = f"{table.label} ID: id value of incorrect type: {record_id}"
        raise SalesforceError(400, "MALFORMED_ID", message, ("Id",))
    if object_of_id(full_id) != table.name:
        message = f"{table.label} ID: id value of incorrect type: {full_id}"
        raise SalesforceError(400, "MALFORMED_ID", message, ("Id",))
    row = world.get(VENDOR, table.name, full_id)
    if row is None or world.hides(VENDOR, row):
        raise SalesforceError(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    if row.get("IsDeleted"):
        raise SalesforceError(404, "ENTITY_IS_DELETED", "entity is deleted")
    return row


def matching(world: World, table: SObject, field: Field, value: Any) -> list[str]:
    """Ids of the visible, undeleted records whose field has this value."""
    alive = ' AND "IsDeleted" IS NOT 1' if table.soft_delete else ""
    sql = (
        f'SELECT "Id" FROM "salesforce_{table.name}" WHERE "{field.name}" = ?{alive}'
        ' AND (_visible_at IS NULL OR _visible_at <= ?) ORDER BY "Id"'
    )
    return [row[0] for row in world.tuples(sql, (value, world.now()))]


def _without_id(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name.lower() != "id"}


def _refuse_unless_writable(table: SObject) -> None:
    if not table.writable:
        message = f"entity type {table.name} does not support create or update"
        raise SalesforceError(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message)


def _refuse_inactive_owner(world: World, table: SObject, stored: Stored) -> None:
    owner = stored.get("OwnerId")
    user = world.get(VENDOR, "User", owner) if owner else None
    if user is not None and not user["IsActive"]:
        message = f"operation performed with inactive user [{user['Id']}] as owner of {table.name.lower()}"
        raise SalesforceError(400, "INACTIVE_OWNER_OR_USER", message, ("OwnerId",))


def _refuse_duplicate(world: World, table: SObject, stored: Stored, own_id: str | None) -> None:
    """A unique field of activities is one field of Task and Event together."""
    for name, value in stored.items():
        field = table.by_name[name.lower()]
        if value is None or not field.has("unique"):
            continue
        names = ACTIVITIES if table.name in ACTIVITIES else (table.name,)
        for other in (find_object(world, name) for name in names):
            found = [record_id for record_id in _unique_holders(world, other, field, value) if record_id != own_id]
            if found:
                message = f"duplicate value found: {field.name} duplicates value on record with id: {found[0][:15]}"
                raise SalesforceError(400, "DUPLICATE_VALUE", message)


def _unique_holders(world: World, table: SObject, field: Field, value: Any) -> list[str]:
    """Not yet visible rows count: the database refuses what the reader cannot see."""
    sql = f'SELECT "Id" FROM "salesforce_{table.name}" WHERE "{field.name}" = ? AND "IsDeleted" IS NOT 1'
    return [row[0] for row in world.tuples(sql, (value,))]


def _delete_children(world: World, table: SObject, record_id: str, actor: str) -> None:
    for child in CHILDREN.get(table.name, ()):
        if not child.cascade or child.object not in world.tables[VENDOR]:
            continue
        held = world.tables[VENDOR][child.object]
        if isinstance(held, SObject) and not held.writable:
            delete_history(world, child.object, record_id)
            continue
        sql = f'SELECT "Id" FROM "salesforce_{child.object}" WHERE "{child.field}" = ? AND "IsDeleted" IS NOT 1'
        for (child_id,) in world.tuples(sql, (record_id,)):
            delete_record(world, child.object, child_id, actor)
