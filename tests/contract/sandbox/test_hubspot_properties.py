"""Properties and groups that an app makes in the simulated portal, and values of them."""

import pytest

FAMILIES = ("/crm/v3/properties", "/crm/properties/2026-03")
GROUP = {"name": "okoshi", "label": "Okoshi"}


@pytest.fixture(scope="module")
def portal(start_sandbox, connect_hubspot):
    with start_sandbox() as ready:
        yield connect_hubspot(ready)


def wanted(name, type_="string", field_type="text", **more):
    return {"name": name, "label": name, "type": type_, "fieldType": field_type, "groupName": "okoshi", **more}


def define(portal, object_, *properties, base=FAMILIES[1]):
    assert portal.post(f"{base}/{object_}/groups", GROUP).status_code in (201, 409)
    for one in properties:
        answer = portal.post(f"{base}/{object_}", one)
        assert answer.status_code in (201, 409), answer.text


@pytest.mark.parametrize("base", FAMILIES)
@pytest.mark.parametrize("object_", ["tasks", "notes"])
def test_a_property_needs_its_group_first_and_is_made_once(portal, base, object_):
    """400 without the group, 201 with it, 409 the second time – on activities too."""
    name = f"key_{'dated' if '2026' in base else 'v3'}"
    group = {"name": f"g_{name}", "label": "管理"}
    one = {**wanted(name, hasUniqueValue=True), "groupName": group["name"]}
    assert portal.post(f"{base}/{object_}", one).status_code == 400
    assert portal.post(f"{base}/{object_}/groups", group).status_code == 201
    assert portal.post(f"{base}/{object_}/groups", group).status_code == 409
    made = portal.post(f"{base}/{object_}", one)
    assert (made.status_code, made.json()["hasUniqueValue"], made.json()["hubspotDefined"]) == (201, True, False)
    again = portal.post(f"{base}/{object_}", one)
    assert (again.status_code, again.json()["category"]) == (409, "OBJECT_ALREADY_EXISTS")
    assert portal.get(f"{base}/{object_}/{name}").json() == made.json()


def test_a_unique_property_names_its_record(portal):
    """Upsert, reading and updating by it; a second record with the value is a conflict that names the first."""
    define(portal, "tasks", wanted("okoshi_key", hasUniqueValue=True))
    one = {
        "id": "K-1",
        "idProperty": "okoshi_key",
        "properties": {"hs_task_subject": "架電", "hs_timestamp": "2026-11-20T00:00:00Z"},
    }
    path = "/crm/objects/2026-03/tasks"
    answers = [portal.post(f"{path}/batch/upsert", {"inputs": [one]}).json()["results"][0] for _ in range(2)]
    assert [answer["new"] for answer in answers] == [True, False]
    assert answers[0]["id"] == answers[1]["id"]
    read = portal.get(f"{path}/k-1", params={"idProperty": "okoshi_key", "properties": "okoshi_key"})
    assert (read.status_code, read.json()["properties"]["okoshi_key"]) == (200, "K-1")
    body = {"idProperty": "okoshi_key", "inputs": [{"id": "K-1"}, {"id": "K-2"}], "properties": ["okoshi_key"]}
    batch = portal.post(f"{path}/batch/read", body)
    assert (batch.status_code, [each["id"] for each in batch.json()["results"]]) == (207, [answers[0]["id"]])
    twin = portal.post(path, {"properties": {"okoshi_key": "K-1", "hs_timestamp": "2026-11-20T00:00:00Z"}})
    assert (twin.status_code, twin.json()["message"]) == (409, f"Task already exists. Existing ID: {answers[0]['id']}")
    found = portal.post(
        f"{path}/search", {"filterGroups": [{"filters": [{"propertyName": "okoshi_key", "operator": "HAS_PROPERTY"}]}]}
    )
    assert [each["id"] for each in found.json()["results"]] == [answers[0]["id"]]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-20", "2026-11-20"),
        ("1795132800000", "2026-11-20"),
        ("1795100400000", None),  # midnight in Japan
        ("2026-11-20T00:00:00+09:00", None),
    ],
)
def test_a_date_is_a_day_or_midnight_in_utc(portal, value, expected):
    """Midnight in Japan is another time in UTC, so it is refused."""
    define(portal, "contacts", wanted("next_day", "date", "date"))
    answer = portal.post("/crm/v3/objects/contacts", {"properties": {"next_day": value}})
    if expected is None:
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "INVALID_DATE")
    else:
        assert answer.json()["properties"]["next_day"] == expected


def test_options_are_what_the_property_says(portal):
    """A value outside of the options is refused until the property has it."""
    options = [{"label": "可", "value": "yes", "displayOrder": 0, "hidden": False}]
    define(portal, "contacts", wanted("may_call", "enumeration", "select", options=options))
    body = {"properties": {"may_call": "no"}}
    refused = portal.post("/crm/v3/objects/contacts", body)
    assert refused.json()["errors"][0]["code"] == "INVALID_OPTION"
    more = [*options, {"label": "不可", "value": "no", "displayOrder": 1, "hidden": False}]
    changed = portal.call("PATCH", f"{FAMILIES[0]}/contacts/may_call", json={"options": more})
    assert [one["value"] for one in changed.json()["options"]] == ["yes", "no"]
    assert portal.post("/crm/v3/objects/contacts", body).status_code == 201


@pytest.mark.parametrize(
    "one",
    [
        wanted("Bad Name"),
        wanted("hs_mine"),
        wanted("odd", "string", "select"),
        wanted("odd", "text", "text"),
        wanted("odd", "enumeration", "select"),
        wanted("odd", "bool", "booleancheckbox", hasUniqueValue=True),
        {"name": "odd"},
    ],
)
def test_bad_definitions_are_refused(portal, one):
    """Names, types that do not go with their field types, enumerations without options, missing parts."""
    define(portal, "contacts")
    answer = portal.post(f"{FAMILIES[0]}/contacts", one)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_an_archived_property_no_longer_answers(portal):
    """Reads pass over it, writes refuse it, the list of the archived names it; made anew it is empty."""
    define(portal, "companies", wanted("rank"))
    firm = portal.post("/crm/v3/objects/companies", {"properties": {"name": "A", "rank": "1"}}).json()
    path = f"/crm/v3/objects/companies/{firm['id']}"
    assert firm["properties"]["rank"] == "1"
    assert portal.call("DELETE", f"{FAMILIES[0]}/companies/rank").status_code == 204
    assert portal.get(f"{FAMILIES[0]}/companies/rank").status_code == 404
    assert "rank" not in portal.get(path, params={"properties": "rank"}).json()["properties"]
    written = portal.call("PATCH", path, json={"properties": {"rank": "2"}})
    assert written.json()["errors"][0]["code"] == "PROPERTY_DOESNT_EXIST"
    (gone,) = portal.get(f"{FAMILIES[0]}/companies", params={"archived": "true"}).json()["results"]
    assert (gone["name"], gone["archived"]) == ("rank", True)
    define(portal, "companies", wanted("rank"))
    assert portal.get(path, params={"properties": "rank"}).json()["properties"]["rank"] is None
    assert portal.call("DELETE", f"{FAMILIES[0]}/companies/name").status_code == 400


def test_properties_by_batch(portal):
    """Created each for itself, read with the missing named, archived together."""
    define(portal, "deals")
    base = f"{FAMILIES[1]}/deals/batch"
    inputs = [wanted("one_more"), wanted("dealname"), wanted("two_more", "number", "number")]
    made = portal.post(f"{base}/create", {"inputs": inputs})
    assert (made.status_code, [one["name"] for one in made.json()["results"]]) == (207, ["one_more", "two_more"])
    names = [{"name": "one_more"}, {"name": "nothing"}]
    read = portal.post(f"{base}/read", {"inputs": names, "archived": False})
    assert (read.status_code, read.json()["errors"][0]["context"]["ids"]) == (207, ["nothing"])
    assert portal.post(f"{base}/archive", {"inputs": names}).status_code == 204
    assert portal.get(f"{FAMILIES[1]}/deals/one_more").status_code == 404


def test_groups_are_read_changed_and_deleted(portal):
    """A group goes when it is empty."""
    base = f"{FAMILIES[1]}/calls/groups"
    assert portal.post(base, GROUP).status_code == 201
    assert portal.call("PATCH", f"{base}/okoshi", json={"label": "起こし"}).json()["label"] == "起こし"
    assert "okoshi" in {one["name"] for one in portal.get(base).json()["results"]}
    portal.post(f"{FAMILIES[1]}/calls", wanted("held"))
    assert portal.call("DELETE", f"{base}/okoshi").status_code == 400
    portal.call("DELETE", f"{FAMILIES[1]}/calls/held")
    assert portal.call("DELETE", f"{base}/okoshi").status_code == 204
    assert portal.get(f"{base}/okoshi").status_code == 404
