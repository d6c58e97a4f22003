"""Event occurrences: every page that a known person opened, where the account's tier has them.

Routed by `app`; the rows are written by the company generator and by people's acts.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.definitions import definitions
from connector.sandbox.hubspot.schema import SINGULAR, object_of
from connector.sandbox.hubspot.wire import Answer, Call
from connector.sandbox.world import World

VISITED = "e_visited_page"
DEFAULT_PAGE, LARGEST_PAGE = 50, 1_000
LIKELY_PERSON = 97
_SCOPES = ("business-intelligence",)


def types(call: Call) -> Answer:
    """The names of the event types that the account has."""
    return Answer({"eventTypes": list(_types(call))})


def occurrences(call: Call) -> Answer:
    """Events of one type, of one record or both, in an open interval of time; the newest first unless asked."""
    known = _types(call)
    where, values = ["1 = 1"], list[Any]()
    if wanted := call.one("eventType"):
        if wanted not in known:
            raise errors.validation(f"Unable to infer event type from: {wanted}")
        where.append('"eventType" = ?')
        values.append(wanted)
    _of_object(call, where, values)
    for name, sign in (("occurredAfter", ">"), ("occurredBefore", "<")):
        if text := call.one(name):
            where.append(f'"occurredAt" {sign} ?')
            values.append(_moment(name, text))
    if ids := call.many("id"):
        where.append(f'"id" IN ({", ".join("?" * len(ids))})')
        values += ids
    return Answer(_page(call, where, values))


def _types(call: Call) -> tuple[str, ...]:
    known = definitions(call.world).event_types
    if not known:
        raise errors.tier_too_low(_SCOPES)
    return known


def _of_object(call: Call, where: list[str], values: list[Any]) -> None:
    spelling, record_id = call.one("objectType"), call.one("objectId")
    if record_id and not spelling:
        raise errors.validation("objectType is required when objectId is given")
    if spelling:
        object_ = object_of(spelling)
        if object_ is None:
            raise errors.unknown_object(spelling)
        where.append('"objectType" = ?')
        values.append(SINGULAR[object_].upper())
    if record_id:
        where.append('"objectId" = ?')
        values.append(record_id)


def _page(call: Call, where: list[str], values: list[Any]) -> dict[str, Any]:
    order = call.one("sort") or "-occurredAt"
    if order not in ("occurredAt", "-occurredAt"):
        raise errors.validation(f"{order} is not a valid sort: occurredAt or -occurredAt")
    limit = call.number("limit", DEFAULT_PAGE, LARGEST_PAGE)
    down = order.startswith("-")
    if after := call.one("after"):
        moment, _, last = after.partition("_")
        if not moment.isdigit() or not last.isdigit():
            raise errors.validation(f"Invalid paging token: {after}")
        where.append(f'("occurredAt", CAST("id" AS INTEGER)) {"<" if down else ">"} (?, ?)')
        values += [_moment("after", moment), int(last)]
    direction = "DESC" if down else "ASC"
    sql = f'SELECT * FROM "hubspot_events" WHERE {" AND ".join(where)}'
    sql += f' ORDER BY "occurredAt" {direction}, CAST("id" AS INTEGER) {direction} LIMIT {limit + 1}'
    rows = call.world.select(sql, values)
    wanted = call.many("properties")
    body: dict[str, Any] = {"results": [_event(row, wanted) for row in rows[:limit]]}
    if len(rows) > limit:
        token = f"{_milliseconds(rows[limit - 1]['occurredAt'])}_{rows[limit - 1]['id']}"
        query = [one for one in call.query if one[0] != "after"] + [("after", token)]
        body["paging"] = {"next": {"after": token, "link": f"{call.portal.base_url}{call.path}?{urlencode(query)}"}}
    return body


def _event(row: Mapping[str, Any], wanted: list[str]) -> dict[str, Any]:
    told = {name: text for name, text in json.loads(row["properties"]).items() if not wanted or name in wanted}
    names = ("objectType", "objectId", "eventType", "occurredAt", "id")
    return {**{name: row[name] for name in names}, "properties": told}


def _milliseconds(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def _moment(name: str, text: str) -> str:
    try:
        if text.isdigit():
            return stored_datetime(datetime.fromtimestamp(int(text) / 1000, UTC))
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError) as problem:
        raise errors.validation(f"{name} is not a valid time: {text}") from problem
    return stored_datetime(found if found.tzinfo else found.replace(tzinfo=UTC))


# -- writing -----------------------------------------------------------------------------------------------------------


def page_properties(url: str, score: int) -> dict[str, str]:
    """What the vendor notes of one page view; a `hs_cf_bot_score` below 30 is likely no person."""
    return {
        "hs_url": url,
        "hs_title": url.rstrip("/").rpartition("/")[2] or "index",
        "hs_base_url": url.partition("?")[0],
        "hs_cf_bot_score": str(score),
        "hs_device_type": "DESKTOP",
        "hs_language": "ja-jp",
    }


def note_visit(world: World, contact: str, url: str, moment: str, score: int = LIKELY_PERSON) -> str:
    """A page was opened, by a person unless the score says otherwise."""
    values = {
        "eventType": VISITED,
        "objectType": "CONTACT",
        "objectId": contact,
        "occurredAt": moment,
        "properties": json.dumps(page_properties(url, score), ensure_ascii=False),
    }
    return world.create("hubspot", "events", values, contact)
