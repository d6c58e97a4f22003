"""The endpoints of lists themselves: made, found, renamed, deleted and restored.

Routed by `app`; who is in a list is answered by `memberships`.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.changes import API_ACTOR
from connector.sandbox.hubspot.lists import create_list, existing_list, refresh, refuse_taken
from connector.sandbox.hubspot.schema import TYPE_IDS
from connector.sandbox.hubspot.wire import Answer, Call

DEFAULT_COUNT, LARGEST_COUNT = 20, 500
_STAMPS = ("createdAt", "updatedAt", "filtersUpdatedAt", "createdById", "updatedById")
_ALWAYS = ("hs_list_size", "hs_last_record_added_at", "hs_list_reference_count")


def create(call: Call) -> Answer:
    list_id = create_list(call.world, call.json(), API_ACTOR)
    return Answer({"list": _list(call, existing_list(call.world, list_id), filters=True)})


def one(call: Call) -> Answer:
    row = existing_list(call.world, call.params["list"])
    return Answer({"list": _list(call, row, filters=call.flag("includeFilters"))})


def by_name(call: Call) -> Answer:
    type_id = TYPE_IDS[call.object_type()]
    sql = 'SELECT * FROM "hubspot_lists" WHERE "objectTypeId" = ? AND "name" = ? COLLATE NOCASE AND "archived" = 0'
    rows = call.world.select(sql, (type_id, call.params["name"]))
    if not rows:
        told = f"List does not exist with name {call.params['name']} and object type ID {type_id}."
        raise errors.error(404, told, "OBJECT_NOT_FOUND", subCategory="ILS.LIST_NOT_FOUND")
    return Answer({"list": _list(call, rows[0], filters=call.flag("includeFilters"))})


def several(call: Call) -> Answer:
    """Lists by their ids; ids that name no list are passed over."""
    wanted = call.many("listIds")
    rows = [call.world.get("hubspot", "lists", list_id) for list_id in wanted]
    filters = call.flag("includeFilters")
    return Answer({"lists": [_list(call, row, filters=filters) for row in rows if row and not row["archived"]]})


def search(call: Call) -> Answer:
    """Lists by a part of the name, kind and record type; pages by `offset`."""
    body = call.json()
    offset, count = _whole(body, "offset", 0), _whole(body, "count", DEFAULT_COUNT)
    if count > LARGEST_COUNT:
        raise errors.validation(f"count exceeds the highest value allowed: {LARGEST_COUNT}")
    where, values = ['"archived" = 0'], list[Any]()
    if body.get("query"):
        where.append('instr(lower("name"), lower(?)) > 0')
        values.append(str(body["query"]))
    for key, column in (("listIds", "id"), ("processingTypes", "processingType")):
        if body.get(key):
            where.append(f'"{column}" IN ({", ".join("?" * len(body[key]))})')
            values += [str(each) for each in body[key]]
    if body.get("objectTypeId"):
        where.append('"objectTypeId" = ?')
        values.append(str(body["objectTypeId"]))
    sql = f'SELECT * FROM "hubspot_lists" WHERE {" AND ".join(where)} ORDER BY CAST("id" AS INTEGER)'
    rows = call.world.select(sql, values)
    page = rows[offset : offset + count]
    names = [*_ALWAYS, *(str(name) for name in body.get("additionalProperties") or [])]
    told = [{**_frame(row), "additionalProperties": _additional(call, row, names)} for row in page]
    following = offset + len(page)
    return Answer({"offset": following, "hasMore": following < len(rows), "lists": told, "total": len(rows)})


def rename(call: Call) -> Answer:
    row, name = existing_list(call.world, call.params["list"]), call.one("listName")
    if not name:
        raise errors.validation("listName is required")
    if name.lower() != str(row["name"]).lower():
        refuse_taken(call.world, row["objectTypeId"], name)
    call.world.update("hubspot", "lists", row["id"], {"name": name}, API_ACTOR)
    changed = existing_list(call.world, row["id"])
    return Answer({"updatedList": _list(call, changed, filters=call.flag("includeFilters"))})


def delete(call: Call) -> Answer:
    row = existing_list(call.world, call.params["list"])
    call.world.delete("hubspot", "lists", row["id"], API_ACTOR)
    return Answer(None, 204)


def restore(call: Call) -> Answer:
    """A deleted list comes back with its members."""
    row = call.world.get("hubspot", "lists", call.params["list"])
    if row is None or row["archived"]:
        row = existing_list(call.world, call.params["list"], deleted=True)
        call.world.update("hubspot", "lists", row["id"], {"archived": 0}, API_ACTOR)
    return Answer(None, 204)


# -- pieces ------------------------------------------------------------------------------------------------------------


def _whole(body: Mapping[str, Any], name: str, default: int) -> int:
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not str(value).isdigit():
        raise errors.bad_json(f"Cannot deserialize value of {name}: not a valid number")
    return int(value)


def _frame(row: Mapping[str, Any]) -> dict[str, Any]:
    told = {"listId": row["id"], "listVersion": int(row["listVersion"])}
    told |= {name: row[name] for name in _STAMPS if row[name] is not None}
    names = ("processingStatus", "processingType", "objectTypeId", "name")
    return told | {name: row[name] for name in names}


def _list(call: Call, row: Mapping[str, Any], *, filters: bool) -> dict[str, Any]:
    told = _frame(row) | {"size": _size(call, row)}
    if filters and row["filterBranch"]:
        told["filterBranch"] = json.loads(row["filterBranch"])
    return told


def _size(call: Call, row: Mapping[str, Any]) -> int:
    refresh(call.world, row)
    return int(call.world.tuples('SELECT COUNT(*) FROM "hubspot_memberships" WHERE "listId" = ?', (row["id"],))[0][0])


def _additional(call: Call, row: Mapping[str, Any], names: list[str]) -> dict[str, str]:
    """Further values as text; what a list does not have is left out."""
    size = _size(call, row)
    sql = 'SELECT MAX("membershipTimestamp") FROM "hubspot_memberships" WHERE "listId" = ?'
    last = call.world.tuples(sql, (row["id"],))[0][0]
    known = {"hs_list_size": str(size), "hs_list_reference_count": "0"}
    if last:
        known["hs_last_record_added_at"] = str(round(datetime.fromisoformat(last).timestamp() * 1000))
    return {name: known[name] for name in dict.fromkeys(names) if name in known}
