"""What the portal tells about itself: property definitions, owners, pipelines, account details.

Routed by `app`; it must not know CRM records.
"""

import json
from collections.abc import Mapping
from typing import Any

from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.properties import DEAL_STAGES, LIFECYCLE_STAGES, PROPERTIES, Option, Property
from connector.sandbox.hubspot.wire import VISIBLE, Answer, Call, inputs
from connector.sandbox.world import World

_DEFINED_AT = "2019-08-06T02:41:08.029Z"
_EPOCH = "1970-01-01T00:00:00Z"
_STAGE_PROBABILITY = ("0.2", "0.4", "0.6", "0.8", "0.9", "1.0", "0.0")
MOST_OWNERS = 500
DEFAULT_OWNERS = 100


# -- properties --------------------------------------------------------------------------------------------------------


def properties(call: Call) -> Answer:
    object_ = call.object_type()
    if call.flag("archived"):
        return Answer({"results": []})
    owners = _owner_options(call.world)
    return Answer({"results": [definition(one, owners) for one in PROPERTIES[object_]]})


def property_(call: Call) -> Answer:
    found = _find(call.object_type(), call.params["name"])
    if found is None:
        raise errors.not_found(f"Property {call.params['name']} does not exist")
    return Answer(definition(found, _owner_options(call.world)))


def properties_batch_read(call: Call) -> Answer:
    object_ = call.object_type()
    body = call.json()
    names = [str(one.get("name")) for one in inputs(body, 100)]
    owners = _owner_options(call.world)
    known = [found for name in names if (found := _find(object_, name)) is not None]
    missing = [name for name in names if _find(object_, name) is None]
    answer: dict[str, Any] = {"status": "COMPLETE", "results": [definition(one, owners) for one in known]}
    if missing:
        answer |= {"numErrors": 1, "errors": [errors.missing_objects("PROPERTY", missing)]}
    answer |= {"startedAt": call.world.now(), "completedAt": call.world.now()}
    return Answer(answer, 207 if missing else 200)


def property_groups(call: Call) -> Answer:
    names = dict.fromkeys(one.group for one in PROPERTIES[call.object_type()])
    groups = [{"name": name, "label": name, "displayOrder": -1, "archived": False} for name in names]
    return Answer({"results": groups})


def definition(one: Property, owners: tuple[Option, ...]) -> dict[str, Any]:
    """One property with all keys that the vendor sends."""
    options = owners if one.name == "hubspot_owner_id" else one.options
    body: dict[str, Any] = {
        "updatedAt": _DEFINED_AT,
        "createdAt": _DEFINED_AT,
        "name": one.name,
        "label": one.label,
        "type": one.type,
        "fieldType": one.field_type,
        "description": "",
        "groupName": one.group,
        "options": [_option(index, option) for index, option in enumerate(options)],
        "displayOrder": -1,
        "calculated": False,
        "externalOptions": one.name == "hubspot_owner_id",
        "archived": False,
        "hasUniqueValue": one.unique and one.custom,
        "hidden": False,
        "hubspotDefined": not one.custom,
        "modificationMetadata": {
            "archivable": one.custom,
            "readOnlyDefinition": not one.custom,
            "readOnlyOptions": not one.custom,
            "readOnlyValue": one.read_only,
        },
        "formField": not one.read_only,
        "dataSensitivity": "non_sensitive",
    }
    if one.name == "hubspot_owner_id":
        body["referencedObjectType"] = "OWNER"
    return body


def _find(object_: str, name: str) -> Property | None:
    return next((one for one in PROPERTIES[object_] if one.name == name.lower()), None)


def _option(index: int, one: Option) -> dict[str, Any]:
    return {"label": one.label, "value": one.value, "description": None, "displayOrder": index, "hidden": False}


def _owner_options(world: World) -> tuple[Option, ...]:
    rows = world.select('SELECT "id", "firstName", "lastName" FROM "hubspot_owners" WHERE "archived" = 0')
    return tuple(Option(row["id"], f"{row['firstName'] or ''} {row['lastName'] or ''}".strip()) for row in rows)


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


def schemas(_call: Call) -> Answer:
    """The app was not given the scope of custom objects, as most are not."""
    raise errors.missing_scopes(["custom-object-read"])
