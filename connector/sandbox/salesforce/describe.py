"""What the org says of itself: versions, resources, the global describe and each object's describe.

Answers carry every key that real describes carry. Called by the application.
"""

from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, Final

from starlette.responses import Response

from connector.sandbox.clock import stored_datetime
from connector.sandbox.salesforce.call import Call, Org, answer
from connector.sandbox.salesforce.describe_field import field_describe
from connector.sandbox.salesforce.records import find_object
from connector.sandbox.salesforce.schema import CHILDREN, SObject
from connector.sandbox.world import World

MASTER_RECORD_TYPE: Final = "012000000000000AAA"
_RELEASES: Final = {0: "Winter", 1: "Spring", 2: "Summer"}
_SCOPES: Final = (("everything", "All"), ("mine", "My"))
_LINK: Final = {"feedEnabled": False, "mruEnabled": False, "searchable": False, "undeletable": False}
_UNLIKE_THE_REST: Final[Mapping[str, Mapping[str, bool]]] = {
    "Campaign": {"deepCloneable": True, "feedEnabled": False},
    "CampaignMember": _LINK,
    "Event": {"feedEnabled": False},
    "Opportunity": {"deepCloneable": True},
    "OpportunityContactRole": _LINK,
    "UserRole": {"feedEnabled": False, "layoutable": False, "mruEnabled": False, "triggerable": False},
}
_PLACES: Final = {
    "compactLayouts": "describe/compactLayouts",
    "approvalLayouts": "describe/approvalLayouts",
    "listviews": "listviews",
    "quickActions": "quickActions",
    "layouts": "describe/layouts",
}
_WITHOUT_LISTS: Final = ("compactLayouts", "quickActions", "layouts")
_FEWER_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "CampaignMember": ("compactLayouts", "layouts"),
    "UserRole": ("compactLayouts",),
    **dict.fromkeys(("Event", "OpportunityContactRole", "Task", "User"), _WITHOUT_LISTS),
}
_FURTHER_PLACES: Final[Mapping[str, Mapping[str, str]]] = {
    "Event": {"eventSeriesUpdates": "{ID}/fromThisEventOnwards"},
    "User": {"namedLayouts": "describe/namedLayouts/{LayoutName}", "passwordUtilities": "{ID}/password"},
}


def versions(org: Org) -> Response:
    """GET /services/data: no session needed."""
    listed = []
    for version in org.api_versions:
        number = int(version.partition(".")[0])
        # three releases a year: 59.0 is Winter '24, 60.0 Spring '24, 61.0 Summer '24
        label = f"{_RELEASES[(number - 59) % 3]} '{(24 + (number - 59) // 3):02d}"
        listed.append({"label": label, "url": f"/services/data/v{version}", "version": version})
    return answer(listed)


def resources(call: Call) -> Response:
    """GET /services/data/vXX.0."""
    call.name("resources")
    names = ("query", "queryAll", "sobjects", "limits", "composite", "jobs", "chatter", "actions")
    body = {name: f"{call.base}/{name}" for name in names}
    identity = f"{call.org.instance_url}/id/{call.org.organization_id}/{call.user_id}"
    return answer(body | {"identity": identity})


def describe_global(call: Call) -> Response:
    """GET /sobjects."""
    call.name("describeGlobal")
    if fresh := _unchanged(call):
        return fresh
    known = call.world.conditions.objects("salesforce", call.world.tables["salesforce"])
    tables = [table for table in known.values() if isinstance(table, SObject)]
    listed = [object_summary(table, call.base) for table in tables]
    body = {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed}
    return answer(body, headers=_last_modified(call))


def describe_basic(call: Call) -> Response:
    """GET /sobjects/X."""
    call.name("describeBasic")
    table = find_object(call.world, call.path["object"])
    return answer({"objectDescribe": object_summary(table, call.base), "recentItems": []})


def describe_object(call: Call) -> Response:
    """GET /sobjects/X/describe."""
    call.name("describe")
    table = find_object(call.world, call.path["object"])
    if fresh := _unchanged(call):
        return fresh
    summary = object_summary(table, call.base)
    page = f"{call.org.instance_url}/{{ID}}"
    urls = {
        "uiEditTemplate": f"{page}/e",
        "uiDetailTemplate": page,
        "uiNewRecord": f"{call.org.instance_url}/{table.prefix}/e",
    }
    body = {
        **summary,
        "urls": {**summary["urls"], **urls},
        "actionOverrides": [],
        "associateEntityType": None,
        "associateParentEntity": None,
        "childRelationships": [
            _child(child.object, child.field, child.name, cascade=child.cascade)
            for child in CHILDREN.get(table.name, ())
            if child.object in call.world.conditions.objects("salesforce", call.world.tables["salesforce"])
        ],
        "compactLayoutable": table.writable,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [field_describe(table, field) for field in table.fields],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": _record_types(call.world, table, call.base),
        "searchLayoutable": table.writable,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": f"{word} {table.plural.lower()}", "name": name} for name, word in _SCOPES],
    }
    return answer(body, headers=_last_modified(call))


def object_summary(table: SObject, base: str) -> dict[str, Any]:
    """An object as the global describe lists it."""
    always = ("queryable", "retrieveable", "replicateable")
    writable = ("createable", "layoutable", "searchable", "triggerable", "updateable")
    never = (
        "activateable",
        "custom",
        "customSetting",
        "deprecatedAndHidden",
        "hasSubtypes",
        "isInterface",
        "isSubtype",
    )
    kind = {
        **dict.fromkeys(always, True),
        **dict.fromkeys(writable, table.writable),
        **dict.fromkeys(never, False),
        "associateEntityType": None,
        "associateParentEntity": None,
        "deepCloneable": False,
        "deletable": table.writable and table.soft_delete,
        "feedEnabled": table.writable,
        "keyPrefix": table.prefix,
        "label": table.label,
        "labelPlural": table.plural,
        "mergeable": table.name in {"Account", "Contact", "Lead"},
        "mruEnabled": table.writable,
        "name": table.name,
        "undeletable": table.writable and table.soft_delete,
        "urls": _urls(table, f"{base}/sobjects/{table.name}"),
    }
    return {**kind, **_UNLIKE_THE_REST.get(table.name, {})}


def _urls(table: SObject, address: str) -> dict[str, str]:
    places = {"describe": "describe", "rowTemplate": "{ID}"}
    if table.writable:
        places |= {name: _PLACES[name] for name in _FEWER_PLACES.get(table.name, _PLACES)}
    places |= _FURTHER_PLACES.get(table.name, {})
    return {name: f"{address}/{tail}" for name, tail in places.items()} | {"sobject": address}


def _child(object_: str, field: str, name: str, *, cascade: bool) -> dict[str, Any]:
    return {
        "cascadeDelete": cascade,
        "childSObject": object_,
        "deprecatedAndHidden": False,
        "field": field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": name,
        "restrictedDelete": False,
    }


def _record_types(world: World, table: SObject, base: str) -> list[dict[str, Any]]:
    sql = (
        'SELECT "Id", "Name", "DeveloperName", "IsActive" FROM "salesforce_RecordType" WHERE "SobjectType" = ?'
        ' ORDER BY "Id"'
    )
    own = [(row[0], row[1], row[2], bool(row[3])) for row in world.tuples(sql, (table.name,))]
    layouts = f"{base}/sobjects/{table.name}/describe/layouts"
    return [
        {
            "active": active,
            "available": active,
            "defaultRecordTypeMapping": number == 0,
            "developerName": developer_name,
            "master": record_type == MASTER_RECORD_TYPE,
            "name": name,
            "recordTypeId": record_type,
            "urls": {"layout": f"{layouts}/{record_type}"},
        }
        for number, (record_type, name, developer_name, active) in enumerate(
            [*own, (MASTER_RECORD_TYPE, "Master", "Master", True)]
        )
    ]


def _changed_at(call: Call) -> datetime:
    """The schema is as old as the org (its first user's creation, else the present), or as its last change."""
    if call.world.conditions.schema_changed_at:
        return call.world.conditions.schema_changed_at
    found = call.world.tuples('SELECT MIN("CreatedDate") FROM "salesforce_User"')[0][0]
    return datetime.fromisoformat(found or stored_datetime(call.world.clock.now())).replace(microsecond=0)


def _last_modified(call: Call) -> dict[str, str]:
    return {"Last-Modified": format_datetime(_changed_at(call), usegmt=True)}


def _unchanged(call: Call) -> Response | None:
    asked = call.headers.get("if-modified-since")
    if not asked:
        return None
    try:
        since = parsedate_to_datetime(asked)
    except ValueError:
        return None
    return Response(status_code=304) if since >= _changed_at(call) else None
