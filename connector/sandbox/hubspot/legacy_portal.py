"""What extractors still ask of the portal itself under v1 and v2: properties, pipelines, forms, users, teams.

Routed by `app`; records under old addresses are in `legacy`. What this app has no scope for is refused.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from connector.sandbox.hubspot import catalog, errors, property_catalog
from connector.sandbox.hubspot import forms as present_forms
from connector.sandbox.hubspot.properties import Property
from connector.sandbox.hubspot.wire import Answer, Call

LARGEST_PAGE = 500


def properties(call: Call) -> Answer:
    """GET /properties/v2/{object}/properties: a plain list, also of what is no CRM object of the present families."""
    if call.params["object"].lower() in ("form", "forms", "0-28"):
        return Answer([property_catalog.definition(one, ()) for one in _FORM])
    return Answer(property_catalog.properties(replace(call, query=())).body["results"])


def pipelines(call: Call) -> Answer:
    """GET /crm-pipelines/v1/pipelines/{object}."""
    present = catalog.pipelines(call).body["results"]
    return Answer({"results": [_pipeline(call.object_type(), one) for one in present]})


def _pipeline(object_: str, one: dict[str, Any]) -> dict[str, Any]:
    stages = [_dated({**_named(stage, "stageId"), "metadata": stage["metadata"]}, stage) for stage in one["stages"]]
    body = {**_named(one, "pipelineId"), "objectType": object_.removesuffix("s").upper(), "stages": stages}
    return _dated({**body, "default": one["id"] == "default"}, one)


def _named(one: dict[str, Any], key: str) -> dict[str, Any]:
    return {key: one["id"], "label": one["label"], "displayOrder": one["displayOrder"], "active": not one["archived"]}


def forms(call: Call) -> Answer:
    """GET /forms/v2/forms: a plain list, with `limit` and `offset`."""
    limit, offset = call.number("limit", LARGEST_PAGE, LARGEST_PAGE), call.number("offset", 0, 10**9)
    sql = f'SELECT "id" FROM "hubspot_forms" WHERE "archived" = 0 ORDER BY "id" LIMIT {limit} OFFSET {offset}'
    ids = [str(row["id"]) for row in call.world.select(sql)]
    return Answer([_form(call, replace(call, params={"form": one})) for one in ids])


def form(call: Call) -> Answer:
    """GET /forms/v2/forms/{form}."""
    return Answer(_form(call, call))


def _form(call: Call, asked: Call) -> dict[str, Any]:
    one = present_forms.form(asked).body
    groups = [
        {"fields": [_field(field) for field in group["fields"]], "default": True, "isSmartGroup": False}
        for group in one["fieldGroups"]
    ]
    body = {"portalId": call.portal.portal_id, "guid": one["id"], "name": one["name"], "formFieldGroups": groups}
    shown = {"method": "POST", "formType": "HUBSPOT", "submitText": one["displayOptions"]["submitButtonText"]}
    return _dated({**body, **shown, "redirect": "", "deletable": True, "isPublished": True}, one)


def _field(field: dict[str, Any]) -> dict[str, Any]:
    told = {name: field[name] for name in ("name", "label", "required", "hidden")}
    return {**told, "type": "string", "fieldType": "text", "enabled": True, "objectTypeId": field["objectTypeId"]}


def users(call: Call) -> Answer:
    """GET /settings/v3/users: who may sign in to the portal."""
    people = catalog.owners(replace(call, query=(("limit", str(catalog.MOST_OWNERS)),))).body["results"]
    return Answer({"results": [_user(one) for one in people]})


def _user(owner: dict[str, Any]) -> dict[str, Any]:
    told = {"id": str(owner["userId"]), "email": owner["email"], "roleIds": [], "superAdmin": False}
    primary = next((team["id"] for team in owner.get("teams", ()) if team["primary"]), None)
    names = {"firstName": owner["firstName"], "lastName": owner["lastName"]}
    return {**told, **names, **({"primaryTeamId": primary} if primary else {})}


def teams(call: Call) -> Answer:
    """GET /settings/v3/users/teams."""
    found: dict[str, dict[str, Any]] = {}
    for row in call.world.select('SELECT "userId", "teams" FROM "hubspot_owners" WHERE "archived" = 0'):
        for team in json.loads(row["teams"] or "[]"):
            one = found.setdefault(
                team["id"], {"id": team["id"], "name": team["name"], "userIds": [], "secondaryUserIds": []}
            )
            one["userIds" if team["primary"] else "secondaryUserIds"].append(str(row["userId"]))
    return Answer({"results": list(found.values())})


def without(*scopes: str) -> Callable[[Call], Answer]:
    """An endpoint of the vendor that this app was not given the scope for."""

    def refuse(_call: Call) -> Answer:
        raise errors.missing_scopes(scopes)

    return refuse


def _dated(body: dict[str, Any], present: dict[str, Any]) -> dict[str, Any]:
    """With the present resource's times, in milliseconds."""
    stamps = {name: round(datetime.fromisoformat(present[name]).timestamp() * 1000) for name in _STAMPS}
    return {**body, **stamps}


_STAMPS = ("createdAt", "updatedAt")
_FORM = tuple(
    Property(name=name, label=label, type="string", field_type="text", group="form_information", read_only=True)
    for name, label in (("hs_form_name", "フォーム名"), ("hs_form_type", "フォームの種類"))
)
