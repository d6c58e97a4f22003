"""Schema drift: what an administrator changes is so in describe, in queries and in writes, and can be taken back."""

from collections.abc import Iterator
from typing import Any

import pytest
from broken import CONTACTS, DATA, Broken, broken


@pytest.fixture(scope="module")
def shared() -> Iterator[Broken]:
    """One sandbox for all tests of this module."""
    with broken() as place:
        yield place


@pytest.fixture
def place(shared: Broken) -> Iterator[Broken]:
    """The same, mended after each test."""
    yield shared
    shared.mend()


def described(place: Broken, object_: str) -> dict[str, Any]:
    answer = place.salesforce.get(f"{DATA}/sobjects/{object_}/describe")
    return {one["name"]: one for one in answer.json()["fields"]}


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()[0]["errorCode"]


@pytest.mark.parametrize("kind", ["field_removed", "field_invisible"])
def test_a_field_is_not_there_any_more(place: Broken, kind: str) -> None:
    """Describe lacks it, a query and a write that name it are refused; restored it is as before."""
    before = described(place, "Opportunity")
    soql = "SELECT Id, Lost_Reason__c FROM Opportunity"
    first = place.query(f"{soql} LIMIT 1").json()["records"][0]
    place.drift(kind=kind, object="Opportunity", field="Lost_Reason__c")
    assert set(before) - set(described(place, "Opportunity")) == {"Lost_Reason__c"}
    assert refusal(place.query(soql)) == (400, "INVALID_FIELD")
    path = f"{DATA}/sobjects/Opportunity/{first['Id']}"
    assert refusal(place.salesforce.call("PATCH", path, json={"Lost_Reason__c": "x"})) == (400, "INVALID_FIELD")
    assert "Lost_Reason__c" not in place.salesforce.get(path).json()
    assert place.control.call("DELETE", "/drift").json() == {"deleted": 1}
    assert described(place, "Opportunity") == before
    assert place.query(soql).status_code == 200


def test_a_withdrawn_permission_concerns_the_integration_user_alone(place: Broken) -> None:
    """People go on working with a field that the app cannot see; with a removed one they cannot."""
    deal = place.query("SELECT Id FROM Opportunity WHERE IsClosed = false LIMIT 1").json()["records"][0]["Id"]
    act = {"actor": place.user(), "action": "close_lost", "opportunity": deal, "reason": "予算"}
    place.drift(kind="field_invisible", object="Opportunity", field="Lost_Reason__c")
    assert place.control.post("/act", act).status_code == 200
    place.drift(kind="field_removed", object="Opportunity", field="Lost_Reason__c")
    assert place.control.post("/act", act).status_code == 400


def test_a_field_becomes_read_only(place: Broken) -> None:
    """It is read as before; a write is refused by the name of the field."""
    place.drift(kind="field_read_only", object="Task", field="Description")
    assert described(place, "Task")["Description"]["createable"] is False
    answer = place.salesforce.call("POST", f"{DATA}/sobjects/Task", json={"Subject": "x", "Description": "y"})
    assert refusal(answer) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    assert answer.json()[0]["fields"] == ["Description"]
    assert place.query("SELECT Description FROM Task LIMIT 1").status_code == 200


def test_a_field_becomes_shorter_or_of_another_type(place: Broken) -> None:
    """Describe tells it; longer texts are refused, literals must fit the new type."""
    place.drift(kind="field_changed", object="Opportunity", field="Description", length=5)
    answer = place.salesforce.call(
        "POST",
        f"{DATA}/sobjects/Opportunity",
        json={
            "Name": "長い",
            "StageName": "提案",
            "CloseDate": "2026-12-01",
            "Description": "六文字以上です",
        },
    )
    assert refusal(answer) == (400, "STRING_TOO_LONG")
    place.drift(kind="field_changed", object="Opportunity", field="CloseDate", type="string")
    assert described(place, "Opportunity")["CloseDate"]["type"] == "string"
    assert place.query("SELECT Id FROM Opportunity WHERE CloseDate > 2026-01-01").status_code == 400


def test_a_picklist_value_is_renamed_with_its_records(place: Broken) -> None:
    """Definition and records have the new name, and the old one again when it is taken back."""

    def counted(value: str) -> int:
        return int(place.query(f"SELECT COUNT() FROM Task WHERE Status = '{value}'").json()["totalSize"])

    before = counted("完了")
    place.drift(kind="picklist_renamed", object="Task", field="Status", **{"from": "完了", "to": "済"})
    values = [one["value"] for one in described(place, "Task")["Status"]["picklistValues"]]
    assert ("済" in values, "完了" in values) == (True, False)
    assert (counted("済"), counted("完了")) == (before, 0)
    place.control.call("DELETE", "/drift")
    assert (counted("済"), counted("完了")) == (0, before)


def test_an_object_disappears(place: Broken) -> None:
    """No describe, no query, no write; the global describe lacks it."""
    place.drift(kind="object_invisible", object="Lead")
    listed = place.salesforce.get(f"{DATA}/sobjects").json()["sobjects"]
    assert "Lead" not in {one["name"] for one in listed}
    assert place.salesforce.call("GET", f"{DATA}/sobjects/Lead/describe").status_code == 404
    assert refusal(place.query("SELECT Id FROM Lead")) == (400, "INVALID_TYPE")
    record = {"attributes": {"type": "Lead"}, "LastName": "x", "Company": "y"}
    (row,) = place.salesforce.call("POST", f"{DATA}/composite/sobjects", json={"records": [record]}).json()
    assert row["errors"][0]["statusCode"] == "INVALID_TYPE"


def test_a_describe_that_was_kept_is_out_of_date(place: Broken) -> None:
    """If-Modified-Since answers 304 until the schema changes."""
    path = f"{DATA}/sobjects/Task/describe"
    kept = {"If-Modified-Since": place.salesforce.get(path).headers["Last-Modified"]}
    assert place.salesforce.get(path, headers=kept).status_code == 304
    place.drift(kind="field_removed", object="Task", field="Description")
    assert place.salesforce.get(path, headers=kept).status_code == 200


def test_a_property_is_archived(place: Broken) -> None:
    """Reads leave it out, searches and writes that name it are refused."""
    place.drift(kind="property_archived", object="contacts", property="jobtitle")
    listed = place.hubspot.get("/crm/v3/properties/contacts").json()["results"]
    assert "jobtitle" not in {one["name"] for one in listed}
    body = {"filterGroups": [{"filters": [{"propertyName": "jobtitle", "operator": "HAS_PROPERTY"}]}]}
    search = place.hubspot.post(f"{CONTACTS}/search", body)
    assert (search.status_code, "PROPERTY_DOESNT_EXIST" in search.text) == (400, True)
    write = place.hubspot.post(CONTACTS, {"properties": {"email": "a@drift.example", "jobtitle": "x"}})
    assert (write.status_code, "PROPERTY_DOESNT_EXIST" in write.text) == (400, True)
    place.control.call("DELETE", "/drift")
    assert (
        place.hubspot.post(CONTACTS, {"properties": {"email": "a@drift.example", "jobtitle": "x"}}).status_code == 201
    )


def test_an_option_is_renamed_in_the_portal(place: Broken) -> None:
    """The old value is refused, the new one is taken."""
    place.drift(
        kind="picklist_renamed",
        vendor="hubspot",
        object="contacts",
        property="lifecyclestage",
        **{"from": "evangelist", "to": "fan"},
    )
    old = place.hubspot.post(CONTACTS, {"properties": {"email": "b@drift.example", "lifecyclestage": "evangelist"}})
    assert (old.status_code, "INVALID_OPTION" in old.text) == (400, True)
    options = place.hubspot.get("/crm/v3/properties/contacts/lifecyclestage").json()["options"]
    assert "fan" in {one["value"] for one in options}


@pytest.mark.parametrize(
    ("scope", "method", "path", "unharmed"),
    [
        ("crm.objects.contacts.read", "GET", "/crm/objects/2026-03/contacts", "/crm/v3/objects/companies"),
        ("crm.objects.contacts.write", "POST", CONTACTS, CONTACTS),
        ("crm.schemas.deals.read", "GET", "/crm/v3/properties/deals", "/crm/v3/objects/deals"),
        ("crm.objects.owners.read", "GET", "/crm/v3/owners", CONTACTS),
    ],
)
def test_a_scope_is_withdrawn(place: Broken, scope: str, method: str, path: str, unharmed: str) -> None:
    """403 MISSING_SCOPES that names it, for what needs it and nothing else."""
    place.drift(kind="scope_withdrawn", scope=scope)
    body = {"properties": {"email": "c@drift.example"}} if method == "POST" else None
    answer = place.hubspot.call(method, path, json=body)
    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    assert answer.json()["context"]["requiredGranularScopes"] == [scope]
    assert place.hubspot.call("GET", unharmed).status_code == 200


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "field_removed"),
        ({"kind": "field_eaten"}, "picklist_renamed"),
        ({"kind": "field_removed", "object": "Opportunty", "field": "x"}, "Opportunity"),
        ({"kind": "field_removed", "object": "Opportunity", "field": "x"}, "StageName"),
        ({"kind": "scope_withdrawn", "scope": "crm"}, "crm.objects.contacts.read"),
        ({"kind": "property_archived", "vendor": "salesforce", "object": "Task"}, "hubspot only"),
        ({"kind": "field_changed", "object": "Task", "field": "Subject"}, "length"),
        ({"kind": "picklist_renamed", "object": "Task", "field": "Status", "from": "無", "to": "有"}, "未着手"),
        ({"kind": "object_invisible", "object": "Task", "field": "x"}, "knows no field"),
    ],
)
def test_a_wrong_drift_is_told_what_is_possible(place: Broken, body: dict[str, Any], told: str) -> None:
    """400 with the choices, and nothing has changed."""
    answer = place.control.post("/drift", body)
    assert answer.status_code == 400
    assert told in answer.json()["error"]
    assert place.control.get("/drift").json() == {"drift": []}
