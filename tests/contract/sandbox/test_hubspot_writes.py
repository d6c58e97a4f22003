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
    assert (changed["properties"]["lastname"], changed["properties"]["phone"]) == ("", "03-0000-0000")
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
    for stage, expected in (("lead", "customer"), ("", ""), ("lead", "lead")):
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


def test_a_merge_adds_up_what_both_had(portal):
    """Links, lists, addresses and the later lifecycle stage go to the survivor; the other's id writes no more."""
    keeper = made(portal, email="k2@write.example", lifecyclestage="lead")
    other = made(portal, email="o2@write.example", lifecyclestage="customer")
    note = portal.post("/crm/v3/objects/notes", {"properties": {"hs_timestamp": "2026-11-10T05:00:00Z"}}).json()
    portal.call("PUT", f"/crm/v4/objects/notes/{note['id']}/associations/default/contacts/{other['id']}")
    body = {"name": "merged", "objectTypeId": "0-1", "processingType": "MANUAL"}
    list_id = portal.post("/crm/v3/lists", body).json()["list"]["listId"]
    portal.call("PUT", f"/crm/v3/lists/{list_id}/memberships/add", json=[keeper["id"], other["id"]])
    merging = {"primaryObjectId": keeper["id"], "objectIdToMerge": other["id"]}
    assert portal.post("/crm/v3/objects/contacts/merge", merging).status_code == 200
    names = "email,hs_additional_emails,lifecyclestage,hs_calculated_merged_vids"
    shown = portal.get(f"{CONTACTS}/{keeper['id']}", params={"properties": names, "associations": "notes"}).json()
    assert shown["properties"]["hs_additional_emails"] == "o2@write.example"
    assert shown["properties"]["lifecyclestage"] == "customer"
    assert shown["properties"]["hs_calculated_merged_vids"].startswith(f"{other['id']}:")
    assert [one["id"] for one in shown["associations"]["notes"]["results"]] == [note["id"]]
    members = portal.get(f"/crm/v3/lists/{list_id}/memberships").json()["results"]
    assert [one["recordId"] for one in members] == [keeper["id"]]
    again = portal.post(CONTACTS, {"properties": {"email": "o2@write.example"}})
    assert (again.status_code, again.json()["message"]) == (409, f"Contact already exists. Existing ID: {keeper['id']}")
    assert portal.call("PATCH", f"{CONTACTS}/{other['id']}", json={"properties": {"phone": "1"}}).status_code == 404


def test_a_batch_tells_the_faults_of_all_its_records(portal):
    """Unknown properties of every input are named in one refusal, as recorded; nothing is written."""
    one = made(portal, email="faults@write.example")
    two = made(portal, email="faults2@write.example")
    inputs = [
        {"id": one["id"], "properties": {"first000name": "x", "phone": "1"}},
        {"id": two["id"], "properties": {"last000name": "y"}},
    ]
    answer = portal.post(f"{CONTACTS}/batch/update", {"inputs": inputs})
    assert answer.status_code == 400
    assert [each["context"]["propertyName"] for each in answer.json()["errors"]] == [["first000name"], ["last000name"]]
    assert portal.get(f"{CONTACTS}/{one['id']}", params={"properties": "phone"}).json()["properties"]["phone"] is None


def test_updates_with_trace_ids_stand_for_themselves(portal):
    """With `objectWriteTraceId` on each input a bad value leaves the others written, and is told by its trace."""
    one, two = made(portal, email="t1@write.example"), made(portal, email="t2@write.example")
    inputs = [
        {"id": one["id"], "properties": {"phone": "2"}, "objectWriteTraceId": "a"},
        {"id": two["id"], "properties": {"lifecyclestage": "friend"}, "objectWriteTraceId": "b"},
    ]
    answer = portal.post(f"{CONTACTS}/batch/update", {"inputs": inputs})
    assert answer.status_code == 207
    assert [each["objectWriteTraceId"] for each in answer.json()["results"]] == ["a"]
    assert answer.json()["errors"][0]["context"]["objectWriteTraceId"] == ["b"]


def test_upsert_by_email_is_never_partial(portal):
    """One bad record refuses the batch, trace ids or not."""
    inputs = [
        {"id": mail, "idProperty": "email", "properties": {"lifecyclestage": stage}, "objectWriteTraceId": mail}
        for mail, stage in (("u1@write.example", "lead"), ("u2@write.example", "friend"))
    ]
    assert portal.post(f"{CONTACTS}/batch/upsert", {"inputs": inputs}).status_code == 400
    assert portal.get(f"{CONTACTS}/u1@write.example", params={"idProperty": "email"}).status_code == 404


def test_archived_records_are_listed_apart(portal):
    """`archived=true` lists them with the time; search and the usual list never show them."""
    gone = made(portal, email="gone@write.example", lastname="消")["id"]
    assert portal.post(f"{CONTACTS}/batch/archive", {"inputs": [{"id": gone}]}).status_code == 204
    shown = next(one for one in portal.pages(CONTACTS, archived="true", limit=100) if one["id"] == gone)
    assert (shown["archived"], shown["archivedAt"]) == (True, shown["updatedAt"])
    assert gone not in {one["id"] for one in portal.pages(CONTACTS, limit=100)}
    body = {"filterGroups": [{"filters": [{"propertyName": "hs_object_id", "operator": "EQ", "value": gone}]}]}
    assert portal.post(f"{CONTACTS}/search", body).json()["total"] == 0


def test_messages_are_records(portal):
    """A communication has its channel, of three, and is linked like other activities."""
    one = made(portal, email="line@write.example")
    body = {
        "properties": {
            "hs_timestamp": "2026-11-10T05:00:00Z",
            "hs_communication_channel_type": "LINKEDIN_MESSAGE",
            "hs_communication_logged_from": "CRM",
            "hs_communication_body": "こんにちは",
        },
        "associations": [
            {"to": {"id": one["id"]}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 81}]}
        ],
    }
    made_message = portal.post("/crm/v3/objects/communications", body)
    assert made_message.status_code == 201, made_message.text
    back = portal.get(f"/crm/v4/objects/contacts/{one['id']}/associations/communications").json()["results"]
    assert [link["toObjectId"] for link in back] == [int(made_message.json()["id"])]
    body["properties"]["hs_communication_channel_type"] = "PIGEON"
    assert portal.post("/crm/v3/objects/communications", body).json()["errors"][0]["code"] == "INVALID_OPTION"
