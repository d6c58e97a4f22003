"""Writing to the simulated portal: values that it takes and refuses, batches, links."""

import pytest

CONTACTS = "/crm/objects/2026-03/contacts"


@pytest.fixture(scope="module")
def portal(start_sandbox, connect_hubspot):
    with start_sandbox() as ready:
        yield connect_hubspot(ready)


def made(portal, **properties):
    answer = portal.post("/crm/v3/objects/contacts", {"properties": properties})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_create_update_archive(portal):
    """A record lives: created, changed, cleared with an empty string, archived; archiving twice is a success."""
    one = made(portal, email="Hana.Kato@write.example", lastname="加藤", lifecyclestage="lead")
    assert one["properties"]["email"] == "hana.kato@write.example"
    path = f"{CONTACTS}/{one['id']}"
    changed = portal.call("PATCH", path, json={"properties": {"lastname": "", "phone": "03-0000-0000"}}).json()
    assert (changed["properties"]["lastname"], changed["properties"]["phone"]) == (None, "03-0000-0000")
    assert changed["updatedAt"] >= one["updatedAt"]
    assert [portal.call("DELETE", path).status_code for _ in range(2)] == [204, 204]
    assert portal.get(path).status_code == 404
    assert portal.get(path, params={"archived": "true"}).json()["archived"] is True


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"no_such": "1"}, "PROPERTY_DOESNT_EXIST"),
        ({"lifecyclestage": "friend"}, "INVALID_OPTION"),
        ({"hs_email_optout": "maybe"}, "INVALID_OPTION"),
        ({"hs_analytics_last_url": "https://x.example"}, "READ_ONLY_VALUE"),
        ({"email": "nobody"}, "INVALID_EMAIL"),
        ({"hubspot_owner_id": "1"}, "INVALID_OWNER_ID"),
    ],
)
def test_bad_values_are_refused(portal, properties, code):
    """Each fault has the vendor's code and names the property."""
    answer = portal.post(CONTACTS, {"properties": properties})
    assert answer.status_code == 400
    (fault,) = answer.json()["errors"]
    assert fault["code"] == code
    assert fault["context"]["propertyName"] == list(properties)


def test_an_address_is_taken_once(portal):
    """A second contact with the same e-mail is a conflict that names the first."""
    one = made(portal, email="taken@write.example")
    answer = portal.post(CONTACTS, {"properties": {"email": "TAKEN@write.example"}})
    assert answer.status_code == 409
    assert answer.json()["message"].endswith(f"Existing ID: {one['id']}")


def test_the_lifecycle_moves_forward_only(portal):
    """Back is silently ignored; clearing first makes it possible."""
    one = made(portal, email="stage@write.example", lifecyclestage="customer")
    path = f"{CONTACTS}/{one['id']}"
    for stage, expected in (("lead", "customer"), ("", None), ("lead", "lead")):
        answer = portal.call("PATCH", path, json={"properties": {"lifecyclestage": stage}}).json()
        assert answer["properties"]["lifecyclestage"] == expected


def test_batch_update_refuses_twins_and_tells_strangers(portal):
    """The same id twice fails the batch; an unknown id makes it a 207."""
    one = made(portal, email="batch@write.example")
    inputs = [{"id": one["id"], "properties": {"phone": "1"}}]
    twins = portal.post(f"{CONTACTS}/batch/update", {"inputs": inputs * 2})
    assert twins.status_code == 400
    assert twins.json()["context"] == {"ids": [one["id"]]}
    stranger = {"id": "999999999999", "properties": {"phone": "1"}}
    answer = portal.post(f"{CONTACTS}/batch/update", {"inputs": [*inputs, stranger]})
    assert answer.status_code == 207
    assert answer.json()["results"][0]["properties"]["phone"] == "1"
    assert answer.json()["errors"][0]["context"] == {"ids": ["999999999999"]}


def test_batch_create_is_all_or_nothing_without_trace_ids(portal):
    """One bad input refuses all; with `objectWriteTraceId` the others are made."""
    inputs = [
        {"properties": {"email": "good@batch.example"}, "objectWriteTraceId": "a"},
        {"properties": {"email": "bad"}, "objectWriteTraceId": "b"},
    ]
    plain = [{"properties": one["properties"]} for one in inputs]
    assert portal.post(f"{CONTACTS}/batch/create", {"inputs": plain}).status_code == 400
    assert portal.get(f"{CONTACTS}/good@batch.example", params={"idProperty": "email"}).status_code == 404
    answer = portal.post(f"{CONTACTS}/batch/create", {"inputs": inputs})
    assert answer.status_code == 207
    assert answer.json()["results"][0]["objectWriteTraceId"] == "a"
    assert answer.json()["errors"][0]["context"]["objectWriteTraceId"] == ["b"]


def test_upsert_by_email(portal):
    """The first time it creates, the second time it updates the same record."""
    one = {"id": "up@write.example", "idProperty": "email", "properties": {"lastname": "上田"}}
    answers = [portal.post(f"{CONTACTS}/batch/upsert", {"inputs": [one]}).json()["results"][0] for _ in range(2)]
    assert [answer["new"] for answer in answers] == [True, False]
    assert answers[0]["id"] == answers[1]["id"]


def test_an_activity_is_created_with_its_link(portal):
    """The type id alone says what the activity is linked to, in both directions."""
    one = made(portal, email="call@write.example")
    body = {
        "properties": {"hs_timestamp": "2026-11-10T05:00:00Z", "hs_call_title": "電話"},
        "associations": [
            {"to": {"id": one["id"]}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}]}
        ],
    }
    call = portal.post("/crm/v3/objects/calls", body).json()
    back = portal.get(f"/crm/v4/objects/contacts/{one['id']}/associations/calls").json()["results"]
    assert [(link["toObjectId"], link["associationTypes"][0]["typeId"]) for link in back] == [(int(call["id"]), 193)]


@pytest.mark.parametrize(("object_", "name"), [("calls", "CALL"), ("notes", "NOTE"), ("tasks", "TASK")])
def test_an_activity_needs_its_time(portal, object_, name):
    """Nothing stands on a timeline without a time; the refusal names the property."""
    refused = portal.post(f"/crm/v3/objects/{object_}", {"properties": {}})
    assert (refused.status_code, refused.json()["category"]) == (400, "VALIDATION_ERROR")
    assert refused.json()["message"] == f"Error creating {name}. Some required properties were not set."
    assert refused.json()["context"] == {"properties": ["hs_timestamp"]}


def test_the_first_company_of_a_contact_is_its_primary(portal):
    """A default link to a company is unlabelled and primary, and the contact names it."""
    one = made(portal, email="firm@write.example")
    firm = portal.get("/crm/v3/objects/companies", params={"limit": 1}).json()["results"][0]["id"]
    path = f"/crm/v4/objects/contacts/{one['id']}/associations/default/companies/{firm}"
    linked = portal.call("PUT", path)
    again = portal.post(
        "/crm/v4/associations/contacts/companies/batch/associate/default",
        {"inputs": [{"from": {"id": one["id"]}, "to": {"id": firm}}]},
    )
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}
    for answer in (linked, again):
        assert (answer.status_code, answer.json()["status"]) == (200, "COMPLETE")
        assert answer.json()["results"] == [{"from": {"id": one["id"]}, "to": {"id": firm}, "associationSpec": spec}]
    found = portal.get(f"/crm/v4/objects/contacts/{one['id']}/associations/companies").json()["results"]
    assert {kind["typeId"] for kind in found[0]["associationTypes"]} == {1, 279}
    shown = portal.get(f"{CONTACTS}/{one['id']}", params={"properties": "associatedcompanyid"}).json()
    assert shown["properties"]["associatedcompanyid"] == firm


def test_a_merged_id_is_answered_by_its_survivor(portal):
    """The record that swallowed another keeps its id, gains values and links, and answers for the other's id."""
    keeper, other = made(portal, email="keeper@write.example"), made(portal, email="other@write.example", phone="2")
    firm = portal.get("/crm/v3/objects/companies", params={"limit": 1}).json()["results"][0]["id"]
    portal.call("PUT", f"/crm/v4/objects/contacts/{other['id']}/associations/default/companies/{firm}")
    body = {"primaryObjectId": keeper["id"], "objectIdToMerge": other["id"]}
    assert portal.post(f"{CONTACTS}/merge", body).status_code == 200
    shown = portal.get(
        f"{CONTACTS}/{other['id']}", params={"properties": "phone,hs_merged_object_ids", "associations": "companies"}
    ).json()
    assert shown["id"] == keeper["id"]
    assert (shown["properties"]["phone"], shown["properties"]["hs_merged_object_ids"]) == ("2", other["id"])
    assert {one["id"] for one in shown["associations"]["companies"]["results"]} == {firm}
    batch = portal.post(f"{CONTACTS}/batch/read", {"inputs": [{"id": other["id"]}], "properties": ["email"]})
    assert (batch.status_code, [one["id"] for one in batch.json()["results"]]) == (200, [keeper["id"]])
    assert (
        portal.post(f"{CONTACTS}/batch/update", {"inputs": [{"id": other["id"], "properties": {}}]}).status_code == 207
    )
