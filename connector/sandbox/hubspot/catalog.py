"""What the portal tells about itself: owners, pipelines, account details, object schemas.

Routed by `app`; it must not know CRM records.
"""

import json
from collections.abc import Mapping
from datetime import timedelta, timezone
from typing import Any

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.definitions import definitions
from connector.sandbox.hubspot.properties import DEAL_STAGES, LIFECYCLE_STAGES, Option
from connector.sandbox.hubspot.property_catalog import definition, owner_options
from connector.sandbox.hubspot.schema import (
    ENGAGEMENTS,
    OBJECTS,
    PRIMARY,
    SEARCHABLE,
    SINGULAR,
    TYPE_IDS,
    AssociationType,
    default_properties,
)
from connector.sandbox.hubspot.wire import VISIBLE, Answer, Call

ACCOUNT_ZONE = timezone(timedelta(hours=9))
_EPOCH = "1970-01-01T00:00:00Z"
_STAGE_PROBABILITY = ("0.2", "0.4", "0.6", "0.8", "0.9", "1.0", "0.0")
MOST_OWNERS = 500
DEFAULT_OWNERS = 100


# -- owners ------------------------------------------------------------------------------------------------------------


def owners(call: Call) -> Answer:
    """People whom records may belong to; those who left are listed only on request."""
    limit = call.number("limit", DEFAULT_OWNERS, MOST_OWNERS)
    after = call.number("after", 0, 10**15)
    email = call.one("email")
    where = f'"archived" = ? AND {VISIBLE} AND CAST("id" AS INTEGER) > ?'
    parameters: list[Any] = [int(call.flag("archived")), call.world.now(), after]
    if email:
        where += ' AND "email" = ? COLLATE NOCASE'
        parameters.append(email)
    sql = f'SELECT * FROM "hubspot_owners" WHERE {where} ORDER BY CAST("id" AS INTEGER) LIMIT {limit + 1}'
    rows = call.world.select(sql, parameters)
    body: dict[str, Any] = {"results": [_owner(row) for row in rows[:limit]]}
    if len(rows) > limit:
        last = str(rows[limit - 1]["id"])
        link = f"{call.portal.base_url}{call.path}?limit={limit}&after={last}"
        body["paging"] = {"next": {"after": last, "link": link}}
    return Answer(body)


def owner(call: Call) -> Answer:
    key = "userId" if call.one("idProperty") == "userId" else "id"
    sql = f'SELECT * FROM "hubspot_owners" WHERE "{key}" = ? AND "archived" = ?'
    rows = call.world.select(sql, (call.params["id"], int(call.flag("archived"))))
    if not rows:
        raise errors.error(404, f"Owner with id {call.params['id']} was not found", "OBJECT_NOT_FOUND")
    return Answer(_owner(rows[0]))


def _owner(row: Mapping[str, Any]) -> dict[str, Any]:
    body = {
        "id": row["id"],
        "email": row["email"],
        "type": row["type"] or "PERSON",
        "firstName": row["firstName"] or "",
        "lastName": row["lastName"] or "",
        "userId": None if row["archived"] else row["userId"],
        "userIdIncludingInactive": row["userId"],
        "createdAt": row["createdAt"],
        "updatedAt": row["updatedAt"],
        "archived": bool(row["archived"]),
    }
    if row["teams"]:
        body["teams"] = json.loads(row["teams"])
    return body


# -- pipelines ---------------------------------------------------------------------------------------------------------


def pipelines(call: Call) -> Answer:
    return Answer({"results": _pipelines(call.object_type())})


def pipeline(call: Call) -> Answer:
    return Answer(_pipeline(call))


def stages(call: Call) -> Answer:
    return Answer({"results": _pipeline(call)["stages"]})


def _pipeline(call: Call) -> dict[str, Any]:
    for one in _pipelines(call.object_type()):
        if one["id"] == call.params["pipeline"]:
            return one
    raise errors.not_found(f"Could not find a pipeline with ID {call.params['pipeline']}")


def _pipelines(object_: str) -> list[dict[str, Any]]:
    if object_ == "deals":
        metadata = [
            {"isClosed": str(value in {"1.0", "0.0"}).lower(), "probability": value} for value in _STAGE_PROBABILITY
        ]
        return [_one_pipeline("default", "セールスパイプライン", DEAL_STAGES, metadata)]
    if object_ == "contacts":
        metadata = [{"isClosed": "false", "state": "OPEN"}] * len(LIFECYCLE_STAGES)
        return [_one_pipeline("contacts-lifecycle-pipeline", "Lifecycle Stage Pipeline", LIFECYCLE_STAGES, metadata)]
    return []


def _one_pipeline(id_: str, label: str, options: tuple[Option, ...], metadata: list[dict[str, str]]) -> dict[str, Any]:
    told = [
        {
            "label": option.label,
            "displayOrder": index,
            "metadata": metadata[index],
            "id": option.value,
            "createdAt": _EPOCH,
            "updatedAt": _EPOCH,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            "archived": False,
        }
        for index, option in enumerate(options)
    ]
    frame = {"label": label, "displayOrder": 0, "id": id_, "stages": told}
    return frame | {"createdAt": _EPOCH, "updatedAt": _EPOCH, "archived": False}


# -- account -----------------------------------------------------------------------------------------------------------


def account(call: Call) -> Answer:
    return Answer(
        {
            "portalId": call.portal.portal_id,
            "accountType": "STANDARD",
            "timeZone": "Asia/Tokyo",
            "companyCurrency": "JPY",
            "additionalCurrencies": [],
            "utcOffset": "+09:00",
            "utcOffsetMilliseconds": 32_400_000,
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": "ap1",
        }
    )


def api_usage(call: Call) -> Answer:
    """How much of the day is used, by all private apps together; told late by some minutes in the real thing."""
    now = call.world.clock.now()
    day = now.astimezone(ACCOUNT_ZONE).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    usage = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": call.portal.daily_limit,
        "currentUsage": call.used_today,
        "collectedAt": stored_datetime(now),
        "fetchStatus": "SUCCESS",
        "resetsAt": stored_datetime(day),
    }
    return Answer({"results": [usage]})


def schemas(_call: Call) -> Answer:
    """The app was not given the scope of custom objects, as most are not."""
    raise errors.missing_scopes(["custom-object-read"])


def schema(call: Call) -> Answer:
    """How one of the vendor's own objects is made up."""
    object_ = call.object_type()
    owners = owner_options(call.world)
    name = SINGULAR[object_]
    titles = default_properties(object_)
    body = {
        "labels": {"singular": name.title(), "plural": object_.title()},
        "requiredProperties": ["hs_timestamp"] if object_ in ENGAGEMENTS else [],
        "searchableProperties": list(SEARCHABLE.get(object_, ())),
        "primaryDisplayProperty": SEARCHABLE.get(object_, titles)[0],
        "secondaryDisplayProperties": list(SEARCHABLE.get(object_, titles)[1:4]),
        "archived": False,
        "restorable": True,
        "metaType": "HUBSPOT",
        "id": TYPE_IDS[object_].partition("-")[2],
        "fullyQualifiedName": name.upper(),
        "createdAt": _EPOCH,
        "updatedAt": _EPOCH,
        "objectTypeId": TYPE_IDS[object_],
        "properties": [definition(one, owners) for one in definitions(call.world).of(object_)],
        "associations": [_association(*each) for each in _association_types(call, object_)],
        "name": name.upper(),
        "allowsSensitiveProperties": False,
    }
    return Answer(body)


def _association_types(call: Call, object_: str) -> list[tuple[str, str, AssociationType]]:
    """Both directions of each type, one after the other."""
    known = definitions(call.world)
    found: list[tuple[str, str, AssociationType]] = []
    for target in OBJECTS:
        there, back = (object_, target), (target, object_)
        for one, other in zip(known.association_types(there), known.association_types(back), strict=True):
            found += [(*there, one), (*back, other)]
    return found


def _association(source: str, target: str, one: AssociationType) -> dict[str, Any]:
    return {
        "fromObjectTypeId": TYPE_IDS[source],
        "toObjectTypeId": TYPE_IDS[target],
        "name": f"{SINGULAR[source]}_to_{SINGULAR[target]}".upper(),
        "cardinality": _cardinality(target, one),
        "inverseCardinality": _cardinality(source, one),
        "id": str(one.type_id),
        "createdAt": None,
        "updatedAt": None,
    }


def _cardinality(end: str, one: AssociationType) -> str:
    """A record has one primary company at most, and any number of everything else."""
    return "ONE_TO_ONE" if one.label == PRIMARY and end == "companies" else "ONE_TO_MANY"
