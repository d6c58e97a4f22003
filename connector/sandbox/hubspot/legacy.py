"""The reading endpoints of v1 and v2 that extractors still use: companies, deals, engagements, pipelines, properties.

Routed by `app`; the present families are answered elsewhere. Old shapes: numbers as ids, milliseconds as times.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from connector.sandbox.hubspot import catalog, errors, property_catalog
from connector.sandbox.hubspot.associations import links
from connector.sandbox.hubspot.definitions import definitions
from connector.sandbox.hubspot.schema import ENGAGEMENTS
from connector.sandbox.hubspot.wire import VISIBLE, Answer, Call, shown

LARGEST_PAGE = 250
DEFAULT_PAGE = 100
_PARTIES = {"contactIds": "contacts", "companyIds": "companies", "dealIds": "deals"}
_DEAL_PARTIES = {"associatedVids": "contacts", "associatedCompanyIds": "companies"}
_TYPES = {"calls": "CALL", "meetings": "MEETING", "notes": "NOTE", "tasks": "TASK"}
_METADATA: Mapping[str, Mapping[str, str]] = {
    "calls": {
        "body": "hs_call_body",
        "title": "hs_call_title",
        "status": "hs_call_status",
        "disposition": "hs_call_disposition",
        "durationMilliseconds": "hs_call_duration",
    },
    "emails": {"subject": "hs_email_subject", "text": "hs_email_text", "status": "hs_email_status"},
    "meetings": {
        "body": "hs_meeting_body",
        "title": "hs_meeting_title",
        "startTime": "hs_meeting_start_time",
        "endTime": "hs_meeting_end_time",
        "meetingOutcome": "hs_meeting_outcome",
    },
    "notes": {"body": "hs_note_body"},
    "tasks": {"subject": "hs_task_subject", "body": "hs_task_body", "status": "hs_task_status"},
    "communications": {"body": "hs_communication_body"},
}
_NUMBERS = ("durationMilliseconds", "startTime", "endTime")


# -- catalogue ---------------------------------------------------------------------------------------------------------


def company_properties(call: Call) -> Answer:
    return _properties(call, "companies")


def deal_properties(call: Call) -> Answer:
    return _properties(call, "deals")


def _properties(call: Call, object_: str) -> Answer:
    return Answer(property_catalog.properties(replace(call, params={"object": object_}, query=())).body["results"])


def deal_pipelines(call: Call) -> Answer:
    present = catalog.pipelines(replace(call, params={"object": "deals"})).body["results"]
    return Answer([_pipeline(one) for one in present])


def _pipeline(one: Mapping[str, Any]) -> dict[str, Any]:
    frame = {"pipelineId": one["id"], "label": one["label"], "active": True, "displayOrder": one["displayOrder"]}
    stages = [
        {
            "stageId": stage["id"],
            "label": stage["label"],
            "probability": float(stage["metadata"]["probability"]),
            "active": True,
            "displayOrder": stage["displayOrder"],
            "closedWon": stage["metadata"]["probability"] == "1.0",
        }
        for stage in one["stages"]
    ]
    return frame | {"staticDefault": one["id"] == "default", "stages": stages}


# -- companies and deals -----------------------------------------------------------------------------------------------


def companies_page(call: Call) -> Answer:
    rows, more = _page(call, "companies")
    names = [*call.many("properties"), *call.many("propertiesWithHistory")]
    told = [_company(call, row, names) for row in rows]
    return Answer({"companies": told, "has-more": more, "offset": _offset(rows)})


def company(call: Call) -> Answer:
    row = call.world.get("hubspot", "companies", call.params["id"])
    if row is None or row["archived"]:
        raise errors.error(404, "resource not found")
    return Answer(_company(call, row, [one.name for one in definitions(call.world).of("companies")]))


def deals_page(call: Call) -> Answer:
    rows, more = _page(call, "deals")
    every = [one.name for one in definitions(call.world).of("deals")]
    names = every if call.flag("includeAllProperties") else call.many("properties")
    linked = _linked(call, "deals", rows, _DEAL_PARTIES) if call.flag("includeAssociations") else {}
    nobody: dict[str, list[int]] = {one: [] for one in _DEAL_PARTIES}
    told = [
        {
            "portalId": call.portal.portal_id,
            "dealId": int(row["id"]),
            "isDeleted": False,
            "associations": linked.get(row["id"], nobody) | {"associatedDealIds": []},
            "properties": _values(call, "deals", row, names),
        }
        for row in rows
    ]
    return Answer({"deals": told, "hasMore": more, "offset": _offset(rows)})


def _page(call: Call, object_: str) -> tuple[list[dict[str, Any]], bool]:
    """The rows after `offset` in the order of ids, and whether more follow."""
    limit = min(call.number("limit", DEFAULT_PAGE, 10**6), LARGEST_PAGE) or DEFAULT_PAGE
    sql = (
        f'SELECT * FROM "hubspot_{object_}" WHERE "hs_object_id" > ? AND "archived" = 0 AND {VISIBLE}'
        f' ORDER BY "hs_object_id" LIMIT {limit + 1}'
    )
    rows = call.world.select(sql, (call.number("offset", 0, 10**15), call.world.now()))
    return rows[:limit], len(rows) > limit


def _offset(rows: Sequence[Mapping[str, Any]]) -> int:
    return int(rows[-1]["id"]) if rows else 0


def _company(call: Call, row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    frame = {"portalId": call.portal.portal_id, "companyId": int(row["id"]), "isDeleted": False}
    return frame | {"properties": _values(call, "companies", row, names)}


def _values(call: Call, object_: str, row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Only what is set is told, each value with the time since which it stands."""
    wanted = set(names)
    since = _milliseconds(row["updatedAt"])
    told = {}
    for one in definitions(call.world).of(object_):
        if one.name in wanted and row[one.name] is not None:
            value = row[one.name]
            text = str(_milliseconds(value)) if one.type in ("date", "datetime") else shown(one.type, value)
            told[one.name] = {"value": text, "timestamp": since, "source": "API", "sourceId": None}
    return told


# -- engagements -------------------------------------------------------------------------------------------------------


def engagements_page(call: Call) -> Answer:
    """Activities of all kinds in the order of their last change, from a time or from the last page's cursor on."""
    limit = min(call.number("limit", DEFAULT_PAGE, 10**6), LARGEST_PAGE) or DEFAULT_PAGE
    since, last = _cursor(call.one("after") or "0")
    now = call.world.now()
    kinds = " UNION ALL ".join(
        f'SELECT \'{object_}\' AS kind, "id", "updatedAt", CAST("id" AS INTEGER) AS number FROM "hubspot_{object_}"'
        f' WHERE "archived" = 0 AND {VISIBLE}'
        for object_ in ENGAGEMENTS
    )
    sql = f'SELECT * FROM ({kinds}) WHERE ("updatedAt", number) > (?, ?) ORDER BY "updatedAt", number LIMIT {limit + 1}'
    found = call.world.tuples(sql, [*([now] * len(ENGAGEMENTS)), since, last])
    page = found[:limit]
    told: dict[str, dict[str, Any]] = {}
    for object_ in ENGAGEMENTS:
        rows = [row for kind, id_, *_ in page if kind == object_ and (row := call.world.get("hubspot", kind, id_))]
        linked = _linked(call, object_, rows, _PARTIES)
        told |= {row["id"]: _engagement(call, object_, row, linked[row["id"]]) for row in rows}
    body: dict[str, Any] = {"results": [told[id_] for _, id_, *_ in page], "hasMore": len(found) > limit}
    if page:
        body["after"] = f"{_milliseconds(page[-1][2])}-{page[-1][3]}"
    return Answer(body)


def _engagement(call: Call, object_: str, row: Mapping[str, Any], linked: Mapping[str, Any]) -> dict[str, Any]:
    owner, moment = row["hubspot_owner_id"], row["hs_timestamp"]
    kind = _TYPES.get(object_) or row.get("hs_email_direction") or row.get("hs_communication_channel_type")
    return {
        "engagement": {
            "id": int(row["id"]),
            "portalId": call.portal.portal_id,
            "active": True,
            "createdAt": _milliseconds(row["createdAt"]),
            "lastUpdated": _milliseconds(row["updatedAt"]),
            "ownerId": int(owner) if owner else None,
            "type": kind,
            "timestamp": _milliseconds(moment) if moment else None,
        },
        "associations": {**linked, "ownerIds": [], "workflowIds": [], "ticketIds": []},
        "attachments": [],
        "metadata": _metadata(object_, row),
    }


def _metadata(object_: str, row: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: row[column] for name, column in _METADATA[object_].items() if row[column] is not None}
    for name in _NUMBERS:
        if name in told:
            told[name] = _milliseconds(told[name]) if isinstance(told[name], str) else int(told[name])
    return told


def _cursor(text: str) -> tuple[str, int]:
    moment, _, last = text.partition("-")
    try:
        since = datetime.fromtimestamp(int(moment) / 1000, UTC)
        return f"{since:%Y-%m-%dT%H:%M:%S}.{since.microsecond // 1000:03d}Z", int(last or -1)
    except (ValueError, OverflowError, OSError) as problem:
        raise errors.validation(f"Invalid cursor: {text}") from problem


# -- pieces ------------------------------------------------------------------------------------------------------------


def _linked(
    call: Call, object_: str, rows: Sequence[Mapping[str, Any]], parties: Mapping[str, str]
) -> dict[str, dict[str, list[int]]]:
    """For each row: the ids that it is linked to, under the old names."""
    ids = [row["id"] for row in rows]
    told: dict[str, dict[str, list[int]]] = {id_: {} for id_ in ids}
    for name, target in parties.items():
        found = links(call.world, (object_, target), ids)
        for id_ in ids:
            told[id_][name] = [int(to_id) for to_id in found.get(id_, {})]
    return told


def _milliseconds(moment: str) -> int:
    parsed = datetime.fromisoformat(moment)
    return round((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp() * 1000)
