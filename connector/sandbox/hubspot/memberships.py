"""The endpoints of who is in a list: pages of members, joining, leaving, and the lists of one record.

Routed by `app`; which lists take members by hand is decided in `lists`.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.changes import API_ACTOR
from connector.sandbox.hubspot.lists import DYNAMIC, Moved, change_members, existing_list, members, refresh
from connector.sandbox.hubspot.records import existing
from connector.sandbox.hubspot.schema import TYPE_IDS, object_of
from connector.sandbox.hubspot.wire import Answer, Batch, Call, inputs
from connector.sandbox.world import World

DEFAULT_PAGE, LARGEST_PAGE = 100, 250
MOST_IDS = 100_000
MOST_INPUTS = 100


def by_record(call: Call) -> Answer:
    """Members in the order of their ids."""
    return _page(call, 'CAST("recordId" AS INTEGER)', "0")


def by_joining(call: Call) -> Answer:
    """Members in the order in which they joined."""
    return _page(call, '"membershipTimestamp"', "")


def _page(call: Call, order: str, lowest: str) -> Answer:
    """`after` goes up, `before` goes down; the tokens stand for a place in that order, not for a page number."""
    row = existing_list(call.world, call.params["list"])
    refresh(call.world, row)
    limit = call.number("limit", DEFAULT_PAGE, LARGEST_PAGE)
    after, before = call.one("after"), call.one("before")
    down = bool(before) and not after
    place = _place(after or before, lowest)
    number = 'CAST("recordId" AS INTEGER)'
    edge = f"({order}, {number}) {'<' if down else '>'} (?, ?)"
    sql = f'SELECT "recordId", "membershipTimestamp", {order} FROM "hubspot_memberships" WHERE "listId" = ?'
    parameters: list[Any] = [row["id"]]
    if after or before:
        sql += f" AND {edge}"
        parameters += [int(place[0]) if lowest == "0" else place[0], int(place[1])]
    direction = "DESC" if down else "ASC"
    found = call.world.tuples(f"{sql} ORDER BY {order} {direction}, {number} {direction} LIMIT {limit + 1}", parameters)
    page = found[:limit]
    body: dict[str, Any] = {
        "results": [{"recordId": str(one[0]), "membershipTimestamp": one[1]} for one in page],
        "total": len(members(call.world, row["id"])),
    }
    if paging := _paging(call, page, more=len(found) > limit, down=down, inside=bool(after or before)):
        body["paging"] = paging
    return Answer(body)


def _paging(call: Call, page: Sequence[Sequence[Any]], *, more: bool, down: bool, inside: bool) -> dict[str, Any]:
    if not page:
        return {}
    first, last = (page[-1], page[0]) if down else (page[0], page[-1])
    paging: dict[str, Any] = {}
    for name, key, one, there in (
        ("next", "after", last, inside if down else more),
        ("prev", "before", first, more if down else inside),
    ):
        if there:
            token = base64.urlsafe_b64encode(f"{one[2]}|{one[0]}".encode()).decode()
            query = [pair for pair in call.query if pair[0] not in ("after", "before")] + [(key, token)]
            paging[name] = {key: token, "link": f"{call.portal.base_url}{call.path}?{urlencode(query)}"}
    return paging


def _place(token: str | None, lowest: str) -> tuple[str, str]:
    if not token:
        return lowest, "0"
    try:
        order, _, record_id = base64.urlsafe_b64decode(token).decode().partition("|")
        int(record_id)
    except (ValueError, binascii.Error) as problem:
        raise errors.validation(f"Invalid paging token: {token}") from problem
    return order, record_id


# -- changing ----------------------------------------------------------------------------------------------------------


def add(call: Call) -> Answer:
    ids = _ids(call.any_json())
    return _moved(change_members(call.world, call.params["list"], API_ACTOR, join=ids))


def remove(call: Call) -> Answer:
    ids = _ids(call.any_json())
    return _moved(change_members(call.world, call.params["list"], API_ACTOR, leave=ids))


def add_and_remove(call: Call) -> Answer:
    body = call.json()
    join, leave = (_ids(body.get(name, [])) for name in ("recordIdsToAdd", "recordIdsToRemove"))
    return _moved(change_members(call.world, call.params["list"], API_ACTOR, join=join, leave=leave))


def empty(call: Call) -> Answer:
    """All members leave; the list stays."""
    list_id = call.params["list"]
    change_members(call.world, list_id, API_ACTOR, leave=members(call.world, list_id))
    return Answer(None, 204)


def _ids(told: Any) -> list[str]:
    if not isinstance(told, list) or not all(isinstance(one, str) for one in told):
        raise errors.bad_json("Cannot deserialize the record ids: an array of strings is expected")
    if len(told) > MOST_IDS:
        raise errors.validation(f"The maximum number of record ids in a request is {MOST_IDS}")
    return told


def _moved(moved: Moved) -> Answer:
    """The vendor's own keys: only the first one has its `s` inside."""
    return Answer(
        {"recordsIdsAdded": moved.added, "recordIdsRemoved": moved.removed, "recordIdsMissing": moved.missing}
    )


# -- of records --------------------------------------------------------------------------------------------------------


def of_record(call: Call) -> Answer:
    object_ = call.object_type()
    existing(call.world, object_, call.params["id"])
    _refresh_all(call.world, object_)
    found = _memberships(call.world, object_, call.params["id"])
    return Answer({"results": found, "total": len(found)})


def of_records(call: Call) -> Answer:
    """The lists of up to 100 records of any kinds."""
    batch = Batch(stored_datetime(call.world.clock.now()))
    for one in inputs(call.json(), MOST_INPUTS):
        object_, record_id = object_of(str(one.get("objectTypeId"))), str(one.get("recordId"))
        if object_ is None:
            raise errors.unknown_object(str(one.get("objectTypeId")))
        _refresh_all(call.world, object_)
        told = {"objectTypeId": TYPE_IDS[object_], "recordId": record_id}
        batch.results.append(told | {"recordListMemberships": _memberships(call.world, object_, record_id)})
    return batch.answer(call.world)


def _refresh_all(world: World, object_: str) -> None:
    sql = 'SELECT * FROM "hubspot_lists" WHERE "objectTypeId" = ? AND "processingType" = ? AND "archived" = 0'
    for row in world.select(sql, (TYPE_IDS[object_], DYNAMIC)):
        refresh(world, row)


def _memberships(world: World, object_: str, record_id: str) -> list[dict[str, Any]]:
    sql = (
        'SELECT m.*, l."listVersion" FROM "hubspot_memberships" m JOIN "hubspot_lists" l ON l."id" = m."listId"'
        ' WHERE m."objectTypeId" = ? AND m."recordId" = ? AND l."archived" = 0 ORDER BY CAST(m."listId" AS INTEGER)'
    )
    return [_membership(row) for row in world.select(sql, (TYPE_IDS[object_], record_id))]


def _membership(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "listId": row["listId"],
        "listVersion": int(row["listVersion"]),
        "isPublicList": False,
        "firstAddedTimestamp": row["firstAddedTimestamp"],
        "lastAddedTimestamp": row["membershipTimestamp"],
    }
