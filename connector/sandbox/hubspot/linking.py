"""The write endpoints of links between CRM objects.

Routed by `app`; which links are possible is decided in `records`.
"""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.records import Link, link
from connector.sandbox.hubspot.schema import TYPE_IDS
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
    source, target = call.object_type("from"), call.object_type("to")
    link(call.world, [Link(source, call.params["id"], target, call.params["to_id"])], API_ACTOR)
    return Answer({"status": "COMPLETE", "results": [_told(source, target, call.params)]})


def batch_link(call: Call) -> Answer:
    """`POST associations/{from}/{to}/batch/create` and `…/batch/associate/default`."""
    source, target = call.object_type("from"), call.object_type("to")
    batch = Batch(stored_datetime(call.world.clock.now()))
    with call.world.transaction():
        for one in inputs(call.json(), MOST_INPUTS):
            try:
                ids = {"id": str(one["from"]["id"]), "to_id": str(one["to"]["id"])}
                types: list[int | None] = [int(each["associationTypeId"]) for each in one.get("types") or []]
            except (KeyError, TypeError, ValueError) as problem:
                raise errors.bad_json("Cannot build the input, [from, to] are required") from problem
            wanted = [Link(source, ids["id"], target, ids["to_id"], each) for each in types or [None]]
            link(call.world, wanted, API_ACTOR)
            batch.results.append(_told(source, target, ids))
    return batch.answer(call.world, 201)


def _told(source: str, target: str, ids: Mapping[str, str]) -> dict[str, Any]:
    return {
        "fromObjectTypeId": TYPE_IDS[source],
        "fromObjectId": int(ids["id"]),
        "toObjectTypeId": TYPE_IDS[target],
        "toObjectId": int(ids["to_id"]),
        "labels": [],
    }
