"""Property definitions that an app makes, changes and archives, refused where the vendor refuses them.

Routed by `app`; it must not know CRM records.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.definitions import add_property, definitions
from connector.sandbox.hubspot.properties import Option, Property
from connector.sandbox.hubspot.property_catalog import MOST_INPUTS, definition, known_property, names_of
from connector.sandbox.hubspot.wire import Answer, Batch, Call, inputs

MOST_UNIQUE = 10
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_RESERVED = frozenset({"id", "createdat", "updatedat", "archived"})
_TYPES: Mapping[str, tuple[str, ...]] = {
    "string": ("text", "textarea", "html", "file", "phonenumber"),
    "number": ("number", "calculation_equation"),
    "date": ("date",),
    "datetime": ("date",),
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox", "calculation_equation"),
    "bool": ("booleancheckbox", "calculation_equation"),
    "phone_number": ("phonenumber",),
}
_YES_NO = (Option("true", "はい"), Option("false", "いいえ"))


def create(call: Call) -> Answer:
    return Answer(_created(call, call.object_type(), call.json()), 201)


def batch_create(call: Call) -> Answer:
    """Each input stands for itself; what exists already is told in a 207."""
    object_ = call.object_type()
    batch = Batch(stored_datetime(call.world.clock.now()))
    for one in inputs(call.json(), MOST_INPUTS):
        try:
            batch.results.append(_created(call, object_, one))
        except errors.VendorError as refusal:
            told = {key: value for key, value in refusal.body.items() if key != "correlationId"}
            batch.errors.append({**told, "context": {**told.get("context", {}), "name": [str(one.get("name"))]}})
    return batch.answer(call.world, 201)


def _created(call: Call, object_: str, body: Mapping[str, Any]) -> dict[str, Any]:
    known = definitions(call.world)
    missing = [name for name in ("name", "label", "type", "fieldType", "groupName") if not body.get(name)]
    if missing:
        raise errors.bad_json(f"Some required fields were not set: [{', '.join(missing)}]")
    name = str(body["name"])
    if not _NAME.fullmatch(name) or name in _RESERVED or name.startswith("hs_"):
        raise errors.validation(f"{name} is not a valid property name: lowercase letters, numbers and underscores")
    if known.find(object_, name):
        sub = "Properties.PROPERTY_ALREADY_EXISTS"
        message = f"A property named '{name}' already exists."
        raise errors.error(409, message, "OBJECT_ALREADY_EXISTS", subCategory=sub)
    unique = bool(body.get("hasUniqueValue"))
    if unique and sum(1 for one in known.of(object_) if one.custom and one.unique) >= MOST_UNIQUE:
        raise errors.validation(f"The limit of {MOST_UNIQUE} unique value properties of an object is reached")
    plain = Property(name, str(body["label"]), str(body["type"]), str(body["fieldType"]), str(body["groupName"]))
    one = _defined(call, object_, replace(plain, unique=unique), body)
    if unique and one.type not in ("string", "number"):
        raise errors.validation(f"hasUniqueValue is possible for string and number properties, not for {one.type}")
    return definition(add_property(call.world, object_, one, call.world.now()), ())


def update(call: Call) -> Answer:
    """Another label, group, form or set of options; the name stays, and so does what the vendor defined."""
    object_, body = call.object_type(), call.json()
    one = _own(call, object_)
    one = replace(
        one,
        label=str(body.get("label") or one.label),
        type=str(body.get("type") or one.type),
        field_type=str(body.get("fieldType") or one.field_type),
        group=str(body.get("groupName") or one.group),
    )
    one = replace(_defined(call, object_, one, body), changed_at=call.world.now())
    definitions(call.world).put(object_, one)
    return Answer(definition(one, ()))


def _defined(call: Call, object_: str, one: Property, body: Mapping[str, Any]) -> Property:
    """The definition with what the request says of it, refused where the vendor refuses it."""
    forms = _TYPES.get(one.type)
    if forms is None or one.field_type not in forms:
        raise errors.validation(f"Property type {one.type} cannot have the field type {one.field_type}")
    if definitions(call.world).group(object_, one.group) is None:
        sub = "Properties.PROPERTY_GROUP_NOT_FOUND"
        raise errors.validation(f"Property group {one.group} does not exist", subCategory=sub)
    if "options" in body or not one.options:
        options = _options(body.get("options") or [])
        one = replace(one, options=options or (_YES_NO if one.type == "bool" else ()))
    if one.type == "enumeration" and not one.options and not body.get("externalOptions"):
        raise errors.validation("Enumeration properties must have options", subCategory="Properties.INVALID_OPTIONS")
    return replace(
        one,
        description=str(body.get("description", one.description) or ""),
        display_order=int(body.get("displayOrder", one.display_order)),
        hidden=bool(body.get("hidden", one.hidden)),
        form_field=bool(body["formField"]) if "formField" in body else one.form_field,
    )


def _options(told: Any) -> tuple[Option, ...]:
    try:
        found = [
            Option(
                value=str(one["value"]),
                label=str(one["label"]),
                description=one.get("description"),
                display_order=one.get("displayOrder"),
                hidden=bool(one.get("hidden", False)),
            )
            for one in told
        ]
    except (KeyError, TypeError, AttributeError) as problem:
        raise errors.bad_json(
            "Cannot build Option, some of required attributes are not set [label, value]"
        ) from problem
    for key in ("value", "label"):
        texts = [str(getattr(one, key)) for one in found]
        if len(set(texts)) < len(texts):
            raise errors.validation(f"Options must have unique {key}s", subCategory="Properties.INVALID_OPTIONS")
    return tuple(found)


def archive(call: Call) -> Answer:
    object_ = call.object_type()
    one = _own(call, object_)
    definitions(call.world).archive(object_, one.name, call.world.now())
    return Answer(None, 204)


def batch_archive(call: Call) -> Answer:
    """What is not there is no fault; what the vendor defined stays."""
    object_, known = call.object_type(), definitions(call.world)
    for name in names_of(inputs(call.json(), MOST_INPUTS)):
        found = known.find(object_, name)
        if found is not None and found.custom:
            known.archive(object_, name, call.world.now())
    return Answer(None, 204)


def _own(call: Call, object_: str) -> Property:
    one = known_property(call, object_, call.params["name"].lower())
    if not one.custom:
        raise errors.validation(f"{one.name} is defined by HubSpot and cannot be changed")
    return one
