"""The write endpoints of CRM objects: one by one and by batch, with the vendor's partial answers.

Routed by `app`; which values are refused is decided in `records`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.properties import PROPERTIES
from connector.sandbox.hubspot.records import (
    Link,
    archive_record,
    create_record,
    existing,
    link,
    merge_records,
    update_record,
)
from connector.sandbox.hubspot.schema import ASSOCIATION_TYPES, ENGAGEMENTS, SINGULAR, default_properties
from connector.sandbox.hubspot.wire import API_ACTOR, Answer, Batch, Call, identifiers, inputs, projection, record

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
    """All or nothing, unless every input carries a trace id: then each stands for itself."""
    object_ = call.object_type()
    found = inputs(call.json(), MOST_INPUTS)
    batch = Batch(stored_datetime(call.world.clock.now()))
    if found and all(one.get("objectWriteTraceId") for one in found):
        for one in found:
            _create_traced(call, object_, one, batch)
        return batch.answer(call.world, 201)
    with call.world.transaction():
        batch.results.extend(_created(call, object_, one) for one in found)
    return batch.answer(call.world, 201)


def _create_traced(call: Call, object_: str, one: Mapping[str, Any], batch: Batch) -> None:
    trace = str(one["objectWriteTraceId"])
    try:
        with call.world.transaction():
            batch.results.append({**_created(call, object_, one), "objectWriteTraceId": trace})
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
    missing: list[str] = []
    with call.world.transaction():
        for one in found:
            record_id = _find(call, object_, str(one["id"]), one.get("idProperty"))
            if record_id is None:
                missing.append(str(one["id"]))
                continue
            values = _properties(one)
            update_record(call.world, object_, record_id, values, API_ACTOR)
            batch.results.append(_shown(call, object_, record_id, values))
    if missing:
        batch.errors.append(errors.missing_objects(SINGULAR[object_].upper(), missing))
    return batch.answer(call.world)


def batch_upsert(call: Call) -> Answer:
    """Create or update by a unique property; all or nothing."""
    object_ = call.object_type()
    found = inputs(call.json(), MOST_INPUTS)
    _refuse_twice(identifiers(found))
    batch = Batch(stored_datetime(call.world.clock.now()))
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
        link(call.world, _links(object_, record_id, one.get("associations") or []), API_ACTOR)
    return _shown(call, object_, record_id, values)


def _links(object_: str, record_id: str, told: Iterable[Any]) -> list[Link]:
    """`associations: [{to: {id}, types: [{associationCategory, associationTypeId}]}]`."""
    links = []
    for one in told:
        try:
            to_id = str(one["to"]["id"])
            types = [int(each["associationTypeId"]) for each in one["types"]]
        except (KeyError, TypeError, ValueError) as problem:
            raise errors.bad_json("Cannot build the association, [to, types] are required") from problem
        links += [Link(object_, record_id, target_of(object_, type_id), to_id, type_id) for type_id in types]
    return links


def target_of(object_: str, type_id: int) -> str:
    """The type id alone says to which object a link leads."""
    for (source, target), kinds in ASSOCIATION_TYPES.items():
        if source == object_ and any(kind.type_id == type_id for kind in kinds):
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
    if not any(one.name == key and one.unique for one in PROPERTIES[object_]):
        raise errors.validation(f"Property {key} is not a unique identifier property")
    sql = f'SELECT "id" FROM "hubspot_{object_}" WHERE "{key}" = ? COLLATE NOCASE AND "archived" = 0'
    rows = call.world.select(sql, (value,))
    return str(rows[0]["id"]) if rows else None


def _resolve(call: Call, object_: str, value: str, key: Any) -> str:
    found = _find(call, object_, value, key)
    if found is None:
        raise errors.not_found()
    return found


def _shown(call: Call, object_: str, record_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
    wanted = projection(object_, [*values, *default_properties(object_)])
    return record(call, wanted, existing(call.world, object_, record_id))
