"""The write endpoints of links between CRM objects.

Routed by `app`; which links are possible is decided in `links`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.associations import type_name
from connector.sandbox.hubspot.changes import API_ACTOR
from connector.sandbox.hubspot.definitions import definitions
from connector.sandbox.hubspot.links import Link, link, unlink
from connector.sandbox.hubspot.schema import SINGULAR, TYPE_IDS, AssociationType
from connector.sandbox.hubspot.wire import Answer, Batch, Call, inputs

MOST_INPUTS = 2_000


def put_link(call: Call) -> Answer:
    """`PUT objects/{from}/{id}/associations/{to}/{toId}` with the types in the body."""
    source, target = call.object_type("from"), call.object_type("to")
    types = _type_ids(call.any_json())
    wanted = [Link(source, call.params["id"], target, call.params["to_id"], one) for one in types]
    link(call.world, wanted, API_ACTOR)
    return Answer(_told(call, source, target, (call.params["id"], call.params["to_id"], types)), 201)


def put_default_link(call: Call) -> Answer:
    """`PUT objects/{from}/{id}/associations/default/{to}/{toId}`: the unlabelled type of that pair."""
    source, target = call.object_type("from"), call.object_type("to")
    batch = Batch(stored_datetime(call.world.clock.now()))
    link(call.world, [Link(source, call.params["id"], target, call.params["to_id"])], API_ACTOR)
    batch.results.append(_told_default(call, source, target, (call.params["id"], call.params["to_id"])))
    return batch.answer(call.world)


def delete_link(call: Call) -> Answer:
    """`DELETE objects/{from}/{id}/associations/{to}/{toId}`: all types of that link; none there is a success too."""
    source, target = call.object_type("from"), call.object_type("to")
    unlink(call.world, Link(source, call.params["id"], target, call.params["to_id"]), API_ACTOR)
    return Answer(None, 204)


def batch_link(call: Call) -> Answer:
    """`POST associations/{from}/{to}/batch/create`: links of the types that each input names."""
    source, target = call.object_type("from"), call.object_type("to")
    batch = Batch(stored_datetime(call.world.clock.now()))
    for one, ids in _pairs(call):
        types = _type_ids(one.get("types"))
        wanted = [Link(source, ids[0], target, ids[1], each) for each in types]
        if _linked(call, wanted, batch):
            batch.results.append(_told(call, source, target, (*ids, types)))
    return batch.answer(call.world, 201)


def batch_default_link(call: Call) -> Answer:
    """`POST associations/{from}/{to}/batch/associate/default`: unlabelled links."""
    source, target = call.object_type("from"), call.object_type("to")
    batch = Batch(stored_datetime(call.world.clock.now()))
    for _, ids in _pairs(call):
        if _linked(call, [Link(source, ids[0], target, ids[1])], batch):
            batch.results.append(_told_default(call, source, target, ids))
    return batch.answer(call.world)


def batch_link_v3(call: Call) -> Answer:
    """`POST /crm/v3/associations/{from}/{to}/batch/create`: one type a link, by its name or number."""
    source, target = call.object_type("from"), call.object_type("to")
    batch = Batch(stored_datetime(call.world.clock.now()))
    for one, ids in _pairs(call):
        kind = _named_type(call, (source, target), one.get("type"))
        if _linked(call, [Link(source, ids[0], target, ids[1], kind.type_id)], batch):
            told = {"from": {"id": ids[0]}, "to": {"id": ids[1]}, "type": type_name((source, target), kind)}
            batch.results.append(told)
    return batch.answer(call.world, 201)


def batch_unlink(call: Call) -> Answer:
    """`POST associations/{from}/{to}/batch/archive`: each input names one record and all that it is to be parted from.

    The v3 API names one pair an input. The dated family answers with an empty batch, v3 and v4 with nothing.
    """
    source, target = call.object_type("from"), call.object_type("to")
    batch = Batch(stored_datetime(call.world.clock.now()))
    with call.world.transaction():
        for one in inputs(call.json(), MOST_INPUTS):
            others = one.get("to")
            for other in others if isinstance(others, list) else [others]:
                from_id, to_id = _ids({"from": one.get("from"), "to": other})
                unlink(call.world, Link(source, from_id, target, to_id), API_ACTOR)
    return Answer(None, 204) if "/v" in call.path else batch.answer(call.world)


def batch_unlabel(call: Call) -> Answer:
    """`POST associations/{from}/{to}/batch/labels/archive`: takes labels off; the plain link stays."""
    source, target = call.object_type("from"), call.object_type("to")
    batch = Batch(stored_datetime(call.world.clock.now()))
    with call.world.transaction():
        for one, ids in _pairs(call):
            for type_id in _type_ids(one.get("types")):
                unlink(call.world, Link(source, ids[0], target, ids[1], type_id), API_ACTOR)
    return Answer(None, 204) if "/v" in call.path else batch.answer(call.world)


def create_label(call: Call) -> Answer:
    """`POST associations/{from}/{to}/labels`: a label of the company's own, and its inverse for the other direction."""
    pair, body = (call.object_type("from"), call.object_type("to")), call.json()
    label = body.get("label")
    if not isinstance(label, str) or not label or not body.get("name"):
        raise errors.bad_json("Some required fields were not set: [label, name]")
    known = definitions(call.world)
    if any(one.label == label for one in known.association_types(pair)):
        raise errors.error(409, f"A label named {label} already exists between these objects", "CONFLICT")
    made = known.add_label(pair, label, str(body.get("inverseLabel") or label))
    told = [{"category": one.category, "typeId": one.type_id, "label": one.label} for one in made]
    return Answer({"results": told})


# -- pieces ------------------------------------------------------------------------------------------------------------


def _linked(call: Call, wanted: Sequence[Link], batch: Batch) -> bool:
    """Each input of a batch stands for itself: one whose record is not there becomes an error of the answer."""
    try:
        with call.world.transaction():
            link(call.world, wanted, API_ACTOR)
    except errors.VendorError as refusal:
        told = {key: value for key, value in refusal.body.items() if key != "correlationId"}
        batch.errors.append(told)
        return False
    return True


def _type_ids(types: Any) -> list[int]:
    try:
        found = [int(one["associationTypeId"]) for one in types]
    except (KeyError, TypeError, ValueError) as problem:
        raise errors.bad_json("Cannot deserialize the list of association types") from problem
    if not found:
        raise errors.bad_json("Some required fields were not set: [types]")
    return found


def _named_type(call: Call, pair: tuple[str, str], name: Any) -> AssociationType:
    """`contact_to_company` or its number; a name means the primary link where the pair has one."""
    for one in definitions(call.world).association_types(pair):
        if str(name) in (str(one.type_id), type_name(pair, one)):
            return one
    raise errors.validation(
        f"{name} is not a valid association type between {SINGULAR[pair[0]]} and {SINGULAR[pair[1]]}"
    )


def _pairs(call: Call) -> Iterator[tuple[Mapping[str, Any], tuple[str, str]]]:
    """Each input with the ids that it names."""
    for one in inputs(call.json(), MOST_INPUTS):
        yield one, _ids(one)


def _ids(one: Mapping[str, Any]) -> tuple[str, str]:
    try:
        return str(one["from"]["id"]), str(one["to"]["id"])
    except (KeyError, TypeError) as problem:
        raise errors.bad_json("Cannot build the input, [from, to] are required") from problem


def _told_default(call: Call, source: str, target: str, ids: tuple[str, str]) -> dict[str, Any]:
    kind = definitions(call.world).association_types((source, target))[0]
    spec = {"associationCategory": kind.category, "associationTypeId": kind.type_id}
    return {"from": {"id": ids[0]}, "to": {"id": ids[1]}, "associationSpec": spec}


def _told(call: Call, source: str, target: str, made: tuple[str, str, Sequence[int]]) -> dict[str, Any]:
    from_id, to_id, types = made
    known = definitions(call.world).association_types((source, target))
    return {
        "fromObjectTypeId": TYPE_IDS[source],
        "fromObjectId": int(from_id),
        "toObjectTypeId": TYPE_IDS[target],
        "toObjectId": int(to_id),
        "labels": [one.label for one in known if one.type_id in types and one.label],
    }
