"""CRM objects read one by one, page by page and by batch.

Routed by `app`; it must not know how links are stored or how searches filter.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.associations import inline
from connector.sandbox.hubspot.definitions import definitions
from connector.sandbox.hubspot.schema import SINGULAR
from connector.sandbox.hubspot.wire import (
    VISIBLE,
    Answer,
    Batch,
    Call,
    Projection,
    identifiers,
    inputs,
    projection,
    record,
)

DEFAULT_PAGE = 10
LARGEST_PAGE = 100
LARGEST_PAGE_WITH_HISTORY = 50
MOST_INPUTS = 100

Rows = list[dict[str, Any]]


def list_page(call: Call) -> Answer:
    """One page in the order of ids; `after` is the id to go on from."""
    object_ = call.object_type()
    history = call.many("propertiesWithHistory")
    limit = call.number("limit", DEFAULT_PAGE, LARGEST_PAGE_WITH_HISTORY if history else LARGEST_PAGE)
    if limit == 0:
        raise errors.validation("limit must be positive")
    wanted = projection(call.world, object_, call.many("properties"), history)
    sql = (
        f'SELECT {wanted.columns}, "hs_object_id" AS _number FROM "hubspot_{object_}"'
        f' WHERE "hs_object_id" >= ? AND "archived" = ? AND {VISIBLE} ORDER BY "hs_object_id" LIMIT {limit + 1}'
    )
    rows = call.world.select(sql, (_cursor(call), int(call.flag("archived")), call.world.now()))
    body: dict[str, Any] = {"results": _records(call, wanted, rows[:limit])}
    if len(rows) > limit:
        after = str(rows[limit]["id"])
        query = [one for one in call.query if one[0] != "after"] + [("after", after)]
        body["paging"] = {"next": {"after": after, "link": f"{call.portal.base_url}{call.path}?{urlencode(query)}"}}
    return Answer(body)


def read_one(call: Call) -> Answer:
    object_ = call.object_type()
    wanted = projection(call.world, object_, call.many("properties"), call.many("propertiesWithHistory"))
    key = _key(call, object_, call.one("idProperty"))
    rows = _by_key(call, wanted, key, [call.params["id"]], archived=call.flag("archived"))
    if not rows and key == "id":
        rows = list(_survivors(call, wanted, [call.params["id"]]).values())
    if not rows:
        raise errors.not_found()
    return Answer(_records(call, wanted, rows)[0])


def batch_read(call: Call) -> Answer:
    """Up to 100 records by id or by a unique property; the missing ones make the answer a 207."""
    object_ = call.object_type()
    body = call.json()
    ids = list(dict.fromkeys(identifiers(inputs(body, MOST_INPUTS))))
    wanted = projection(call.world, object_, _names(body, "properties"), _names(body, "propertiesWithHistory"))
    key = _key(call, object_, body.get("idProperty"))
    started = stored_datetime(call.world.clock.now())
    rows = _by_key(call, wanted, key, ids, archived=call.flag("archived"))
    found = {str(row["_key"]).lower() for row in rows}
    missing = [one for one in ids if one.lower() not in found]
    if missing and key == "id":
        survivors = _survivors(call, wanted, missing)
        known = {row["id"] for row in rows}
        rows += [row for row in {row["id"]: row for row in survivors.values()}.values() if row["id"] not in known]
        missing = [one for one in missing if one not in survivors]
    lost = [errors.missing_objects(SINGULAR[object_].upper(), missing)] if missing else []
    return Batch(started, [record(call, wanted, row) for row in rows], lost).answer(call.world)


def _records(call: Call, wanted: Projection, rows: Rows) -> list[dict[str, Any]]:
    """Rows as the wire shows them, with the links that the request asks for."""
    linked = inline(call.world, wanted.object_, [row["id"] for row in rows], call.many("associations"))
    results = []
    for row in rows:
        body = record(call, wanted, row)
        if row["id"] in linked:
            body["associations"] = linked[row["id"]]
        results.append(body)
    return results


def _cursor(call: Call) -> int:
    after = call.one("after")
    if not after:
        return 0
    if not after.isdigit():
        raise errors.validation(f"Invalid paging token: {after}")
    return int(after)


def _names(body: dict[str, Any], key: str) -> list[str]:
    names = body.get(key) or []
    if not isinstance(names, list):
        raise errors.bad_json(f"Cannot deserialize value of {key}")
    return [str(name) for name in names]


def _key(call: Call, object_: str, name: Any) -> str:
    """The column that identifies records: the id, or a property whose values are unique."""
    if name in (None, "", "hs_object_id", "id"):
        return "id"
    if not definitions(call.world).is_key(object_, str(name)):
        raise errors.validation(f"Property {name} is not a unique identifier property of {SINGULAR[object_].upper()}")
    return str(name)


def _by_key(call: Call, wanted: Projection, key: str, ids: Sequence[str], *, archived: bool) -> Rows:
    column = '"id"' if key == "id" else f'"{key}" COLLATE NOCASE'
    sql = (
        f'SELECT {wanted.columns}, "{key}" AS _key FROM "hubspot_{wanted.object_}"'
        f' WHERE {column} IN ({", ".join("?" * len(ids))}) AND "archived" = ? AND {VISIBLE} ORDER BY "hs_object_id"'
    )
    return call.world.select(sql, [*ids, int(archived), call.world.now()])


def _survivors(call: Call, wanted: Projection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """A merged id is answered by the record that swallowed it, under that record's own id."""
    sql = (
        f'SELECT {wanted.columns}, "hs_merged_object_ids" AS _merged FROM "hubspot_{wanted.object_}"'
        f' WHERE "hs_merged_object_ids" IS NOT NULL AND "archived" = 0 AND {VISIBLE}'
    )
    found: dict[str, dict[str, Any]] = {}
    for row in call.world.select(sql, (call.world.now(),)):
        swallowed = str(row["_merged"]).split(";")
        found |= {one: row for one in ids if one in swallowed}
    return found
