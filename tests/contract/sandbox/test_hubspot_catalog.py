"""What the portal tells about itself: properties, owners, pipelines, account, scopes."""

import pytest

DEFINITION_KEYS = {
    "archived",
    "calculated",
    "createdAt",
    "dataSensitivity",
    "description",
    "displayOrder",
    "externalOptions",
    "fieldType",
    "formField",
    "groupName",
    "hasUniqueValue",
    "hidden",
    "hubspotDefined",
    "label",
    "modificationMetadata",
    "name",
    "options",
    "type",
    "updatedAt",
}


@pytest.mark.parametrize("base", ["/crm/v3/properties", "/crm/properties/2026-03"])
@pytest.mark.parametrize("object_", ["contacts", "companies", "deals", "calls", "emails", "meetings", "tasks"])
def test_properties_are_fully_defined(hubspot, base, object_):
    """Every property of every object has all keys, and every column of the state is a property."""
    found = hubspot.get(f"{base}/{object_}").json()["results"]
    assert all(set(one) >= DEFINITION_KEYS for one in found)
    assert {"hs_object_id", "hubspot_owner_id"} <= {one["name"] for one in found}


def test_one_property_and_its_options(hubspot):
    """Enumerations list their options; an unknown property is a 404."""
    one = hubspot.get("/crm/v3/properties/meetings/hs_meeting_outcome").json()
    assert [option["value"] for option in one["options"]] == [
        "SCHEDULED",
        "COMPLETED",
        "RESCHEDULED",
        "NO_SHOW",
        "CANCELED",
    ]
    assert hubspot.get("/crm/v3/properties/meetings/nothing").status_code == 404


@pytest.mark.parametrize("base", ["/crm/v3/owners", "/crm/owners/2026-03"])
def test_owners_page_by_page(hubspot, control, base):
    """Active owners by pages; archived ones only on request; one owner by e-mail."""
    active = list(hubspot.pages(base, limit=5))
    gone = list(hubspot.pages(base, archived="true"))
    state = control.get("/state/hubspot/owners").json()
    assert sorted(one["id"] for one in active) == sorted(one["id"] for one in state if not one["archived"])
    assert all(one["archived"] for one in gone)
    assert {"email", "firstName", "lastName", "userId", "createdAt", "updatedAt"} <= set(active[0])
    by_email = hubspot.get(base, params={"email": active[1]["email"]}).json()["results"]
    assert [one["id"] for one in by_email] == [active[1]["id"]]
    assert hubspot.get(f"{base}/{active[0]['id']}").json() == active[0]


@pytest.mark.parametrize("base", ["/crm/v3/pipelines", "/crm/pipelines/2026-03"])
def test_deal_stages_of_the_pipeline(hubspot, base):
    """Each deal is in a stage that the pipeline names."""
    (pipeline,) = hubspot.get(f"{base}/deals").json()["results"]
    stages = {one["id"] for one in pipeline["stages"]}
    used = {one["properties"]["dealstage"] for one in hubspot.pages("/crm/v3/objects/deals", limit=100)}
    assert used <= stages
    assert hubspot.get(f"{base}/deals/default/stages").json()["results"] == pipeline["stages"]


@pytest.mark.parametrize("path", ["/account-info/v3/details", "/account-info/2026-03/details"])
def test_the_account_is_japanese(hubspot, path):
    """Time zone and currency of the simulated company."""
    found = hubspot.get(path).json()
    assert (found["timeZone"], found["companyCurrency"]) == ("Asia/Tokyo", "JPY")


def test_custom_object_schemas_need_a_scope(hubspot):
    """The app has no such scope and is told which."""
    answer = hubspot.get("/crm/v3/schemas")
    assert answer.status_code == 403
    assert answer.json()["category"] == "MISSING_SCOPES"
    assert answer.json()["context"]["requiredGranularScopes"] == ["custom-object-read"]


@pytest.mark.parametrize("object_", ["tickets", "products", "line_items", "quotes", "0-19", "leads"])
def test_unused_standard_objects_are_empty(hubspot, object_):
    """Objects that the company does not use exist all the same, as clients that read everything expect."""
    assert hubspot.get(f"/crm/v3/objects/{object_}").json() == {"results": []}
    assert hubspot.get(f"/crm/v3/properties/{object_}").json()["results"]


@pytest.mark.parametrize(
    "path", ["/account-info/v3/api-usage/daily", "/account-info/2026-03/api-usage/daily/private-apps"]
)
def test_the_days_use_is_counted(hubspot, path):
    """Each request counts; the limit is the one of the headers, and it starts anew at midnight of the account."""
    first, second = (hubspot.get(path) for _ in range(2))
    usage = second.json()["results"][0]
    assert usage["currentUsage"] > first.json()["results"][0]["currentUsage"]
    assert str(usage["usageLimit"]) == second.headers["X-HubSpot-RateLimit-Daily"]
    assert usage["resetsAt"].endswith("T15:00:00.000Z")


def test_one_schema_of_the_vendors_own(hubspot):
    """An own object's schema has its labels, its properties and its links; the list of custom ones needs a scope."""
    found = hubspot.get("/crm/v3/schemas/CONTACT").json()
    assert (found["fullyQualifiedName"], found["objectTypeId"], found["metaType"]) == ("CONTACT", "0-1", "HUBSPOT")
    assert "email" in {one["name"] for one in found["properties"]}
    assert "0-2" in {one["toObjectTypeId"] for one in found["associations"]}
    assert hubspot.get("/crm/v3/schemas").status_code == 403
