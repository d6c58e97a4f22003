"""The write endpoints of links between CRM objects.

Routed by `app`; which links are possible is decided in `records`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.records import Link, link
from connector.sandbox.hubspot.schema import ASSOCIATION_TYPES, TYPE_IDS
from connector.sandbox.hubspot.wire import API_ACTOR, Answer, Batch, Call, inputs

MOST_INPUTS = 2_000


def put_link(call: Call) -> Answer:
    """`PUT objects/{from}/{id}/associations/{to}/{toId}` with the types in the body."""
    source, target = call.object_type("from"), call.object_type("to")
    body = call.any_json()
    try:
        types = [int(one["associationTypeId"]) for one in body]
    except (KeyError, TypeError, ValueError) as problem:
        raise errors.bad_json("Cannot deserialize the list of association types") from problem
    wanted = [Link(source, call.params["id"], target, call.params["to_id"], one) for one in types]
    link(call.world, wanted, API_ACTOR)
    return Answer(_told(source, target, call.params), 201)


def put_default_link(call: Call) -> Answer:
    """`PUT objects/{from}/{id}/associations/default/{to}/{toId}`: the unlabelled type of that pair."""
    source, target = call.object_type("from"), call.object_type("to")
    batch = Batch(stored_datetime(call.world.clock.now()))
    link(call.world, [Link(source, call.params["id"], target, call.params["to_id"])], API_ACTOR)
    batch.results.append(_told_default(source, target, call.params))
    return batch.answer(call.world)


def batch_link(call: Call) -> Answer:
    """`POST associations/{from}/{to}/batch/create`: links of the types that each input names."""
    source, target = call.object_type("from"), call.object_type("to")
    batch = Batch(stored_datetime(call.world.clock.now()))
    with call.world.transaction():
        for one, ids in _pairs(call):
            try:
                types = [int(each["associationTypeId"]) for each in one["types"]]
            except (KeyError, TypeError, ValueError) as problem:
                raise errors.bad_json("Cannot build the input, [from, to, types] are required") from problem
            link(call.world, [Link(source, ids["id"], target, ids["to_id"], each) for each in types], API_ACTOR)
            batch.results.append(_told(source, target, ids))
    return batch.answer(call.world, 201)


def batch_default_link(call: Call) -> Answer:
    """`POST associations/{from}/{to}/batch/associate/default`: unlabelled links."""
    source, target = call.object_type("from"), call.object_type("to")
    batch = Batch(stored_datetime(call.world.clock.now()))
    with call.world.transaction():
        for _, ids in _pairs(call):
            link(call.world, [Link(source, ids["id"], target, ids["to_id"])], API_ACTOR)
            batch.results.append(_told_default(source, target, ids))
    return batch.answer(call.world)


def _pairs(call: Call) -> Iterator[tuple[Mapping[str, Any], dict[str, str]]]:
    """Each input with the ids that it names."""
    for one in inputs(call.json(), MOST_INPUTS):
        try:
            ids = {"id": str(one["from"]["id"]), "to_id": str(one["to"]["id"])}
        except (KeyError, TypeError) as problem:
            raise errors.bad_json("Cannot build the input, [from, to] are required") from problem
        yield one, ids


def _told_default(source: str, target: str, ids: Mapping[str, str]) -> dict[str, Any]:
    kind = ASSOCIATION_TYPES[source, target][0]
    spec = {"associationCategory": kind.category, "associationTypeId": kind.type_id}
    return {"from": {"id": ids["id"]}, "to": {"id": ids["to_id"]}, "associationSpec": spec}


def _told(source: str, target: str, ids: Mapping[str, str]) -> dict[str, Any]:
    return {
        "fromObjectTypeId": TYPE_IDS[source],
        "fromObjectId": int(ids["id"]),
        "toObjectTypeId": TYPE_IDS[target],
        "toObjectId": int(ids["to_id"]),
        "labels": [],
    }
