"""Reading CRM objects of the simulated portal: pages, single records, batches, sign-in, the vendor's refusals."""

from itertools import islice

import pytest
import requests

from connector.sandbox.access import Ready

FAMILIES = ("/crm/v3/objects", "/crm/objects/2026-03")


@pytest.mark.parametrize("base", FAMILIES)
def test_every_contact_is_listed_exactly_once(hubspot, control, base):
    """Paging by `after` in either path family meets all records, in the order of ids."""
    ids = [one["id"] for one in hubspot.pages(f"{base}/contacts", limit=100)]
    state = control.get("/state/hubspot/contacts").json()
    assert ids == sorted((one["id"] for one in state if not one["archived"]), key=int)


def test_default_properties_are_the_vendors(hubspot):
    """Without `properties` a contact shows six, unset ones as null."""
    one = hubspot.get("/crm/v3/objects/contacts", params={"limit": 1}).json()["results"][0]
    assert list(one["properties"]) == [
        "createdate",
        "email",
        "firstname",
        "hs_object_id",
        "lastmodifieddate",
        "lastname",
    ]
    assert one["properties"]["hs_object_id"] == one["id"]
    assert one["archived"] is False
    assert one["createdAt"] == one["properties"]["createdate"]


def test_values_are_strings_or_null(hubspot):
    """Numbers, booleans and dates go over the wire as text; an unknown property is ignored."""
    wanted = "hs_email_optout,hs_analytics_num_page_views,mobilephone,no_such_property"
    found = list(islice(hubspot.pages("/crm/v3/objects/contacts", limit=100, properties=wanted), 100))
    seen = {type(value) for one in found for value in one["properties"].values()}
    assert seen == {str, type(None)}
    assert all("no_such_property" not in one["properties"] for one in found)
    assert {one["properties"]["hs_email_optout"] for one in found} <= {"true", "false", None}


@pytest.mark.parametrize("spelling", ["contacts", "contact", "CONTACT", "0-1", "contacts/"])
def test_object_type_spellings_are_one(hubspot, spelling):
    """All spellings that real traffic shows lead to the same records, with or without a trailing slash."""
    answer = hubspot.get(f"/crm/v3/objects/{spelling}", params={"limit": 1})
    assert answer.status_code == 200
    assert answer.json()["results"][0]["url"].endswith(f"/record/0-1/{answer.json()['results'][0]['id']}")


def test_an_unknown_object_type_is_refused(hubspot):
    """The vendor cannot infer the type and says so with 400."""
    answer = hubspot.get("/crm/v3/objects/unicorns")
    assert answer.status_code == 400
    assert answer.json()["message"] == "Unable to infer object type from: unicorns"


def test_links_come_inline_with_their_old_names(hubspot):
    """`associations=companies` adds the ids of each contact's companies, the primary and the unlabelled link."""
    found = hubspot.pages("/crm/v3/objects/contacts", limit=100, associations="companies,deals")
    linked = next(one for one in found if "companies" in one.get("associations", {}))
    types = {one["type"] for one in linked["associations"]["companies"]["results"]}
    assert types == {"contact_to_company", "contact_to_company_unlabeled"}


def test_one_record_by_id_and_by_email(hubspot):
    """A contact is found by its id and, with `idProperty=email`, by its address in any case."""
    listed = hubspot.pages("/crm/v3/objects/contacts", limit=100)
    first = next(one for one in listed if one["properties"]["email"])
    by_id = hubspot.get(f"/crm/objects/2026-03/contacts/{first['id']}").json()
    address = first["properties"]["email"].upper()
    by_email = hubspot.get(f"/crm/v3/objects/contacts/{address}", params={"idProperty": "email"}).json()
    assert by_id["id"] == by_email["id"] == first["id"]


def test_a_record_that_is_not_there_is_a_404(hubspot):
    """The body has the vendor's category and a correlation id that the header repeats."""
    answer = hubspot.get("/crm/v3/objects/contacts/999999999999")
    assert answer.status_code == 404
    assert answer.json()["category"] == "OBJECT_NOT_FOUND"
    assert answer.headers["X-HubSpot-Correlation-Id"] == answer.json()["correlationId"]


def test_batch_read_tells_missing_ids_in_a_207(hubspot):
    """Found records are answered, the others named in `errors[].context.ids`."""
    known = hubspot.get("/crm/v3/objects/companies", params={"limit": 2}).json()["results"]
    ids = [*(one["id"] for one in known), "888888888888"]
    body = {"inputs": [{"id": one} for one in ids], "properties": ["name"], "propertiesWithHistory": []}
    answer = hubspot.post("/crm/objects/2026-03/companies/batch/read", body)
    assert answer.status_code == 207
    assert [one["id"] for one in answer.json()["results"]] == ids[:2]
    assert answer.json()["numErrors"] == 1
    assert answer.json()["errors"][0]["context"] == {"ids": ["888888888888"]}
    assert answer.json()["errors"][0]["category"] == "OBJECT_NOT_FOUND"


def test_batch_read_takes_a_hundred_inputs(hubspot):
    """One more is a validation error."""
    body = {"inputs": [{"id": str(number)} for number in range(101)], "properties": []}
    answer = hubspot.post("/crm/v3/objects/contacts/batch/read", body)
    assert answer.status_code == 400
    assert answer.json()["category"] == "VALIDATION_ERROR"


@pytest.mark.parametrize("limit", ["101", "-1", "ten"])
def test_a_bad_page_size_is_refused(hubspot, limit):
    """Lists take at most 100 a page."""
    assert hubspot.get("/crm/v3/objects/contacts", params={"limit": limit}).status_code == 400


def test_malformed_json_is_refused(hubspot):
    """The vendor's parser complains with 400, not with a 500."""
    answer = hubspot.call("POST", "/crm/v3/objects/contacts/batch/read", data="{not json")
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Invalid input JSON")


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic x"])
def test_without_the_token_nothing_is_answered(sandbox: Ready, header):
    """401 with the vendor's category, whatever the path."""
    headers = {"Authorization": header} if header else {}
    answer = requests.get(
        f"{sandbox.hubspot.base_url}/crm/v3/objects/contacts", headers=headers, verify=sandbox.ca_bundle, timeout=30
    )
    assert answer.status_code == 401
    assert answer.json()["category"] == "INVALID_AUTHENTICATION"


def test_unserved_paths_and_methods(hubspot):
    """An unknown path is the edge's 404, a known path with another method a 405."""
    assert hubspot.get("/crm/v3/no/such/thing").status_code == 404
    answer = hubspot.call("PATCH", "/crm/v3/objects/contacts")
    assert answer.status_code == 405
    assert answer.json()["message"] == "HTTP 405 Method Not Allowed"


def test_late_rows_appear_when_their_time_comes(start_sandbox, connect_hubspot, connect_control):
    """A row that commits late is in the state at once, but no read shows it until business time is there."""
    with start_sandbox(plant=frozenset({"late"})) as ready:
        hubspot, control = connect_hubspot(ready), connect_control(ready)
        late = [one for one in control.get("/state/hubspot/calls").json() if one.get("_visible_at")]
        path = f"/crm/v3/objects/calls/{late[0]['id']}"
        body = {"inputs": [{"id": one["id"]} for one in late]}
        assert hubspot.get(path).status_code == 404
        assert hubspot.post("/crm/v3/objects/calls/batch/read", body).json()["results"] == []
        control.post("/clock", {"advance": "PT1H"})
        assert hubspot.get(path).status_code == 200
        assert len(hubspot.post("/crm/v3/objects/calls/batch/read", body).json()["results"]) == len(late)
