"""Property definitions as the API tells them.

Routed by `app`; it must not know CRM records.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.definitions import Archived, definitions
from connector.sandbox.hubspot.properties import Option, Property
from connector.sandbox.hubspot.wire import Answer, Batch, Call, inputs
from connector.sandbox.world import World

MOST_INPUTS = 100


def properties(call: Call) -> Answer:
    """All properties of one object; `archived=true` those that no longer answer."""
    object_ = call.object_type()
    owners = owner_options(call.world)
    if call.flag("archived"):
        return Answer({"results": [_archived(one, owners) for one in definitions(call.world).archived(object_)]})
    return Answer({"results": [definition(one, owners) for one in definitions(call.world).of(object_)]})


def property_(call: Call) -> Answer:
    object_, name = call.object_type(), call.params["name"].lower()
    owners = owner_options(call.world)
    if call.flag("archived"):
        for one in definitions(call.world).archived(object_):
            if one.property.name == name:
                return Answer(_archived(one, owners))
    return Answer(definition(known_property(call, object_, name), owners))


def batch_read(call: Call) -> Answer:
    object_, body = call.object_type(), call.json()
    names = names_of(inputs(body, MOST_INPUTS))
    owners, known = owner_options(call.world), definitions(call.world)
    batch = Batch(stored_datetime(call.world.clock.now()))
    if body.get("archived"):
        gone = {one.property.name: one for one in known.archived(object_)}
        batch.results.extend(_archived(gone[name], owners) for name in names if name in gone)
        missing = [name for name in names if name not in gone]
    else:
        found = {name: known.find(object_, name) for name in names}
        batch.results.extend(definition(one, owners) for one in found.values() if one)
        missing = [name for name, one in found.items() if one is None]
    if missing:
        batch.errors.append(errors.missing_objects("PROPERTY", missing))
    return batch.answer(call.world)


def definition(one: Property, owners: tuple[Option, ...]) -> dict[str, Any]:
    """One property with all keys that the vendor sends."""
    options = owners if one.name == "hubspot_owner_id" else one.options
    body: dict[str, Any] = {
        "updatedAt": one.changed_at,
        "createdAt": one.defined_at,
        "name": one.name,
        "label": one.label,
        "type": one.type,
        "fieldType": one.field_type,
        "description": one.description,
        "groupName": one.group,
        "options": [_option(index, option) for index, option in enumerate(options)],
        "displayOrder": one.display_order,
        "calculated": False,
        "externalOptions": one.name == "hubspot_owner_id",
        "archived": False,
        "hasUniqueValue": one.unique and one.custom,
        "hidden": one.hidden,
        "hubspotDefined": not one.custom,
        "modificationMetadata": {
            "archivable": one.custom,
            "readOnlyDefinition": not one.custom,
            "readOnlyOptions": not one.custom,
            "readOnlyValue": one.read_only,
        },
        "formField": not one.read_only if one.form_field is None else one.form_field,
        "dataSensitivity": "non_sensitive",
    }
    if one.name == "hubspot_owner_id":
        body["referencedObjectType"] = "OWNER"
    return body


def _archived(one: Archived, owners: tuple[Option, ...]) -> dict[str, Any]:
    return definition(one.property, owners) | {"archived": True, "archivedAt": one.at}


def _option(index: int, one: Option) -> dict[str, Any]:
    order = index if one.display_order is None else one.display_order
    told: dict[str, Any] = {"label": one.label, "value": one.value}
    if one.description is not None:
        told["description"] = one.description
    return told | {"displayOrder": order, "hidden": one.hidden}


def owner_options(world: World) -> tuple[Option, ...]:
    rows = world.select('SELECT "id", "firstName", "lastName" FROM "hubspot_owners" WHERE "archived" = 0')
    return tuple(Option(row["id"], f"{row['firstName'] or ''} {row['lastName'] or ''}".strip()) for row in rows)


def known_property(call: Call, object_: str, name: str) -> Property:
    found = definitions(call.world).find(object_, name)
    if found is None:
        raise errors.not_found(f"Property {name} does not exist")
    return found


def names_of(found: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(one.get("name")).lower() for one in found]
