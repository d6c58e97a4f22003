"""The write endpoints of CRM objects: one by one and by batch, with the vendor's partial answers.

Routed by `app`; which values are refused is decided in `records`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any
from zlib import crc32

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.changes import API_ACTOR
from connector.sandbox.hubspot.definitions import definitions
from connector.sandbox.hubspot.links import Link, link
from connector.sandbox.hubspot.merging import merge_records
from connector.sandbox.hubspot.records import (
    archive_record,
    create_record,
    existing,
    holders_of_address,
    refuse_faults,
    update_record,
)
from connector.sandbox.hubspot.schema import ENGAGEMENTS, OBJECTS, SINGULAR, default_properties
from connector.sandbox.hubspot.wire import Answer, Batch, Call, identifiers, inputs, projection, record

MOST_INPUTS = 100


def create(call: Call) -> Answer:
    object_ = call.object_type()
    return Answer(_created(call, object_, call.json()), 201)


def update(call: Call) -> Answer:
    object_ = call.object_type()
    values = _properties(call.json())
    record_id = _resolve(call, object_, call.params["id"], call.one("idProperty"))
    update_record(call.world, object_, record_id, values, API_ACTOR)
    return Answer(_shown(call, object_, record_id, values))


def archive(call: Call) -> Answer:
    archive_record(call.world, call.object_type(), call.params["id"], API_ACTOR)
    return Answer(None, 204)


def merge(call: Call) -> Answer:
    object_, body = call.object_type(), call.json()
    ids = [str(body.get(name) or "") for name in ("primaryObjectId", "objectIdToMerge")]
    if not all(ids) or ids[0] == ids[1]:
        raise errors.bad_json("Some required fields were not set: [primaryObjectId, objectIdToMerge]")
    merge_records(call.world, object_, ids[0], ids[1], API_ACTOR)
    return Answer(_shown(call, object_, ids[0], {}))


def batch_create(call: Call) -> Answer:
    """All or nothing, unless every input carries a trace id: then each stands for itself. Told in any order."""
    object_ = call.object_type()
    found = inputs(call.json(), MOST_INPUTS)
    batch = Batch(stored_datetime(call.world.clock.now()))
    if _traced(found):
        for one in found:
            _alone(call, one, batch, partial(_created, call, object_, one))
    else:
        refuse_faults(call.world, object_, map(_properties, found))
        with call.world.transaction():
            batch.results.extend(_created(call, object_, one) for one in found)
    batch.results.sort(key=lambda one: crc32(one["id"].encode()))
    return batch.answer(call.world, 201)


def _traced(found: Sequence[Mapping[str, Any]]) -> bool:
    """A trace id on every input asks for an answer to each of them."""
    return bool(found) and all(one.get("objectWriteTraceId") for one in found)


def _alone(call: Call, one: Mapping[str, Any], batch: Batch, write: Callable[[], dict[str, Any]]) -> None:
    """One input whose refusal leaves the others as they are."""
    trace = str(one["objectWriteTraceId"])
    try:
        with call.world.transaction():
            batch.results.append({**write(), "objectWriteTraceId": trace})
    except errors.VendorError as refusal:
        told = {key: value for key, value in refusal.body.items() if key != "correlationId"}
        context = {**told.get("context", {}), "objectWriteTraceId": [trace]}
        batch.errors.append({**told, "context": context})


def batch_update(call: Call) -> Answer:
    """Unknown ids are told in a 207; a bad value or an id given twice refuses the whole batch."""
    object_ = call.object_type()
    found = inputs(call.json(), MOST_INPUTS)
    _refuse_twice(identifiers(found))
    batch = Batch(stored_datetime(call.world.clock.now()))
    if not _traced(found):
        refuse_faults(call.world, object_, map(_properties, found))
    missing: list[str] = []
    with call.world.transaction():
        for one in found:
            record_id = _find(call, object_, str(one["id"]), one.get("idProperty"))
            if record_id is None:
                missing.append(str(one["id"]))
            elif _traced(found):
                _alone(call, one, batch, partial(_updated, call, object_, record_id, one))
            else:
                batch.results.append(_updated(call, object_, record_id, one))
    if missing:
        batch.errors.append(errors.missing_objects(SINGULAR[object_].upper(), missing))
    return batch.answer(call.world)


def _updated(call: Call, object_: str, record_id: str, one: Mapping[str, Any]) -> dict[str, Any]:
    values = _properties(one)
    update_record(call.world, object_, record_id, values, API_ACTOR)
    return _shown(call, object_, record_id, values)


def batch_upsert(call: Call) -> Answer:
    """Create or update by a unique property; all or nothing, unless every input carries a trace id."""
    object_ = call.object_type()
    found = inputs(call.json(), MOST_INPUTS)
    _refuse_twice(identifiers(found))
    batch = Batch(stored_datetime(call.world.clock.now()))
    if _traced(found) and not any(one.get("idProperty") == "email" for one in found):
        for one in found:
            _alone(call, one, batch, partial(_upserted, call, object_, one))
        return batch.answer(call.world)
    refuse_faults(call.world, object_, map(_properties, found))
    with call.world.transaction():
        batch.results.extend(_upserted(call, object_, one) for one in found)
    return batch.answer(call.world)


def _upserted(call: Call, object_: str, one: Mapping[str, Any]) -> dict[str, Any]:
    key, values = one.get("idProperty"), _properties(one)
    if not key:
        raise errors.bad_json("Cannot build the input, some of required attributes are not set [idProperty]")
    record_id = _find(call, object_, str(one["id"]), key)
    if record_id is None:
        return {**_created(call, object_, {"properties": {key: one["id"], **values}}), "new": True}
    update_record(call.world, object_, record_id, values, API_ACTOR)
    return {**_shown(call, object_, record_id, values), "new": False}


def batch_archive(call: Call) -> Answer:
    object_ = call.object_type()
    for record_id in identifiers(inputs(call.json(), MOST_INPUTS)):
        archive_record(call.world, object_, record_id, API_ACTOR)
    return Answer(None, 204)


# -- pieces ------------------------------------------------------------------------------------------------------------


def _created(call: Call, object_: str, one: Mapping[str, Any]) -> dict[str, Any]:
    values = _properties(one)
    if object_ in ENGAGEMENTS and values.get("hs_timestamp") in (None, ""):
        raise errors.missing_properties(SINGULAR[object_], ["hs_timestamp"])
    with call.world.transaction():
        record_id = create_record(call.world, object_, values, API_ACTOR)
        link(call.world, _links(call, object_, record_id, one.get("associations") or []), API_ACTOR)
    return _shown(call, object_, record_id, [one.name for one in definitions(call.world).of(object_)])


def _links(call: Call, object_: str, record_id: str, told: Iterable[Any]) -> list[Link]:
    """`associations: [{to: {id}, types: [{associationCategory, associationTypeId}]}]`."""
    links: list[Link] = []
    for one in told:
        try:
            to_id = str(one["to"]["id"])
            types = [int(each["associationTypeId"]) for each in one["types"]]
        except (KeyError, TypeError, ValueError) as problem:
            raise errors.bad_json("Cannot build the association, [to, types] are required") from problem
        links += [Link(object_, record_id, _target(call, object_, type_id), to_id, type_id) for type_id in types]
    return links


def _target(call: Call, object_: str, type_id: int) -> str:
    """The type id alone says to which object a link leads."""
    known = definitions(call.world)
    for target in OBJECTS:
        if any(kind.type_id == type_id for kind in known.association_types((object_, target))):
            return target
    raise errors.validation(f"One or more associations are not valid: type id {type_id} is unknown")


def _properties(one: Mapping[str, Any]) -> dict[str, Any]:
    values = one.get("properties")
    if not isinstance(values, dict):
        raise errors.bad_json("Some required fields were not set: [properties]")
    return {str(name).lower(): value for name, value in values.items()}


def _refuse_twice(ids: list[str]) -> None:
    twice = [one for one in dict.fromkeys(ids) if ids.count(one) > 1]
    if twice:
        message = f"Duplicate IDs found in batch input: [{', '.join(twice)}]. IDs must be unique"
        raise errors.validation(message, context={"ids": twice})


def _find(call: Call, object_: str, value: str, key: Any) -> str | None:
    if key in (None, "", "hs_object_id"):
        row = call.world.get("hubspot", object_, value)
        return value if row and not row["archived"] else None
    if not definitions(call.world).is_key(object_, str(key)):
        raise errors.validation(f"Property {key} is not a unique identifier property")
    sql = f'SELECT "id" FROM "hubspot_{object_}" WHERE "{key}" = ? COLLATE NOCASE AND "archived" = 0'
    found = [str(row["id"]) for row in call.world.select(sql, (value,))]
    if not found and key == "email":
        found = holders_of_address(call.world, value)
    return found[0] if found else None


def _resolve(call: Call, object_: str, value: str, key: Any) -> str:
    found = _find(call, object_, value, key)
    if found is None:
        raise errors.not_found()
    return found


def _shown(call: Call, object_: str, record_id: str, names: Iterable[str]) -> dict[str, Any]:
    """A written record as its answer tells it: without what is not set, with what was just emptied."""
    wanted = projection(call.world, object_, [*names, *default_properties(object_)])
    told = record(call, wanted, existing(call.world, object_, record_id))
    return {**told, "properties": {name: value for name, value in told["properties"].items() if value is not None}}
