"""The CRM search: filters, one sort, pages of 200 up to ten thousand, and the index's untidy order.

Routed by `app`; it must not know sign-in or rate limits.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.definitions import definitions
from connector.sandbox.hubspot.filters import Condition, compile_groups, joined, property_of, tokens
from connector.sandbox.hubspot.schema import SEARCHABLE, modified_property
from connector.sandbox.hubspot.wire import VISIBLE, Answer, Call, Projection, projection, record

DEFAULT_PAGE = 10
LARGEST_PAGE = 200
MOST_RESULTS = 10_000
LATEST_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Sort:
    """One property and a direction."""

    name: str
    descending: bool = False


@dataclass(frozen=True)
class Search:
    """A search request that passed all checks."""

    object_: str
    where: Condition
    sort: Sort
    limit: int
    after: int


def search(call: Call) -> Answer:
    object_ = call.object_type()
    body = call.json()
    asked = _parse(call, object_, body)
    wanted = projection(call.world, object_, _names(body))
    count = f'SELECT COUNT(*) FROM "hubspot_{object_}" WHERE {asked.where.sql}'
    total = int(call.world.tuples(count, asked.where.parameters)[0][0])
    rows = _shuffled_page(call, asked, wanted) if _untidy(call, asked) else _page(call, asked, wanted)
    answer: dict[str, Any] = {"total": total, "results": [record(call, wanted, row) for row in rows]}
    following = asked.after + len(rows)
    if rows and following < total:
        answer["paging"] = {"next": {"after": str(following)}}
    return Answer(answer)


def _names(body: dict[str, Any]) -> list[str]:
    names = body.get("properties") or []
    if not isinstance(names, list):
        raise errors.bad_json("Cannot deserialize value of properties")
    return [str(name) for name in names]


def _parse(call: Call, object_: str, body: dict[str, Any]) -> Search:
    conditions = [Condition(f'"archived" = 0 AND {VISIBLE}', (call.world.now(),))]
    if groups := compile_groups(definitions(call.world), object_, body.get("filterGroups")):
        conditions.append(groups)
    if words := body.get("query"):
        conditions.append(_anywhere(call, object_, str(words)))
    limit = _whole(body, "limit", DEFAULT_PAGE)
    after = _whole(body, "after", 0)
    if limit > LARGEST_PAGE:
        raise errors.validation(f"The requested limit {limit} is over the maximum of {LARGEST_PAGE}")
    if after + limit > MOST_RESULTS:
        raise errors.error(
            400,
            f"There was a problem with the request. Paging is possible through the first {MOST_RESULTS} results only",
            "VALIDATION_ERROR",
        )
    return Search(object_, joined(conditions, "AND"), _sort(call, object_, body.get("sorts")), limit, after)


def _anywhere(call: Call, object_: str, words: str) -> Condition:
    names = SEARCHABLE.get(object_) or (definitions(call.world).of(object_)[0].name,)
    return joined([tokens(name, f"{words}*") for name in names], "OR")


def _whole(body: dict[str, Any], name: str, default: int) -> int:
    value = body.get(name)
    if value is None or value == "":
        return default
    if isinstance(value, bool) or not str(value).isdigit():
        raise errors.bad_json(f"Cannot deserialize value of {name}: not a valid number")
    return int(value)


def _sort(call: Call, object_: str, sorts: Any) -> Sort:
    if not sorts:
        return Sort("hs_object_id")
    if not isinstance(sorts, list) or len(sorts) > 1:
        raise errors.validation("There was a problem with the request. Only one sort is supported")
    one = sorts[0]
    if isinstance(one, str):
        sort = Sort(one.removeprefix("-").lower(), one.startswith("-"))
    elif isinstance(one, dict) and isinstance(one.get("propertyName"), str):
        sort = Sort(one["propertyName"].lower(), one.get("direction") == "DESCENDING")
    else:
        raise errors.bad_json("Cannot build Sort, some of required attributes are not set [propertyName]")
    property_of(definitions(call.world), object_, sort.name)
    return sort


def _order(sort: Sort) -> str:
    direction = "DESC" if sort.descending else "ASC"
    return f'ORDER BY "{sort.name}" {direction}, "id" {direction}'


def _page(call: Call, asked: Search, wanted: Projection) -> list[dict[str, Any]]:
    sql = (
        f'SELECT {wanted.columns} FROM "hubspot_{asked.object_}" WHERE {asked.where.sql} {_order(asked.sort)}'
        f" LIMIT {asked.limit} OFFSET {asked.after}"
    )
    return call.world.select(sql, asked.where.parameters)


def _untidy(call: Call, asked: Search) -> bool:
    out_of_order = call.portal.out_of_order or call.world.conditions.untidy_search
    return out_of_order and asked.sort == Sort(modified_property(asked.object_))


def _shuffled_page(call: Call, asked: Search, wanted: Projection) -> list[dict[str, Any]]:
    """Order by the time at which the vendor's index saw each row: seconds late mostly, up to an hour at worst."""
    sql = (
        f'SELECT "id", "{asked.sort.name}" FROM "hubspot_{asked.object_}" WHERE {asked.where.sql}'
        f" {_order(asked.sort)} LIMIT {MOST_RESULTS}"
    )
    found = call.world.tuples(sql, asked.where.parameters)
    ordered = sorted(found, key=lambda row: (_indexed_at(row[0], row[1]), row[0]))
    ids = [row[0] for row in ordered[asked.after : asked.after + asked.limit]]
    marks = ", ".join("?" * len(ids))
    sql = f'SELECT {wanted.columns} FROM "hubspot_{asked.object_}" WHERE "id" IN ({marks})'
    rows = {row["id"]: row for row in call.world.select(sql, ids)}
    return [rows[one] for one in ids]


def _indexed_at(record_id: str, modified: str | None) -> str:
    if modified is None:
        return ""
    number = int.from_bytes(hashlib.blake2b(record_id.encode(), digest_size=4).digest(), "big")
    lag = timedelta(milliseconds=number % 30_000)
    if number % 10 == 0:
        lag = LATEST_HOUR * ((number >> 8) % 1000 / 1000)
    return stored_datetime(datetime.fromisoformat(modified) + lag)
