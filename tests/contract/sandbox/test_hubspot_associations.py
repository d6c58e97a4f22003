"""Links between records: batch read in three spellings, one record's links, labels."""

import pytest


@pytest.fixture(scope="module")
def links(control):
    """Stored links of contacts to companies by contact, and a contact without any."""
    found = {}
    for one in control.get("/state/hubspot/associations").json():
        if (one["from_type"], one["to_type"]) == ("contacts", "companies"):
            found.setdefault(one["from_id"], set()).add(one["to_id"])
    return found


def lonely(control, links):
    rows = control.get("/state/hubspot/contacts").json()
    return next((one["id"] for one in rows if one["id"] not in links and not one["archived"]), "777777777777")


@pytest.mark.parametrize("base", ["/crm/v4/associations", "/crm/associations/2026-03"])
def test_batch_read_in_the_present_shape(hubspot, control, links, base):
    """Ids are numbers, each link has all its types; an input without links is an error of its own kind in a 207."""
    known, without = sorted(links)[:3], lonely(control, links)
    body = {"inputs": [{"id": one} for one in [*known, without]]}
    answer = hubspot.post(f"{base}/contacts/companies/batch/read", body)
    assert answer.status_code == 207
    for one in answer.json()["results"]:
        assert {link["toObjectId"] for link in one["to"]} == {int(each) for each in links[one["from"]["id"]]}
        assert {"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None} in one["to"][0]["associationTypes"]
    (error,) = answer.json()["errors"]
    assert error["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert error["context"]["fromObjectId"] == [without]


def test_batch_read_in_the_old_shape(hubspot, links):
    """v3 answers ids as text with the names of the types; with links for all inputs the status is 200."""
    known = min(links)
    answer = hubspot.post("/crm/v3/associations/0-1/COMPANY/batch/read", {"inputs": [{"id": known}]})
    assert answer.status_code == 200
    (one,) = answer.json()["results"]
    assert {link["id"] for link in one["to"]} == links[known]
    assert {link["type"] for link in one["to"]} <= {"contact_to_company", "contact_to_company_unlabeled"}


def test_a_thousand_inputs_and_no_more(hubspot):
    """1,000 inputs are answered, 1,001 are refused."""
    inputs = [{"id": str(number)} for number in range(1, 1_002)]
    path = "/crm/v4/associations/contacts/deals/batch/read"
    assert hubspot.post(path, {"inputs": inputs[:1_000]}).status_code in (200, 207)
    assert hubspot.post(path, {"inputs": inputs}).status_code == 400


@pytest.mark.parametrize("base", ["/crm/v4/objects", "/crm/objects/2026-03"])
def test_links_of_one_record(hubspot, links, base):
    """All links of a record, by pages; an unknown record is a 404."""
    known = min(links)
    found = hubspot.get(f"{base}/contact/{known}/associations/companies").json()["results"]
    assert {str(one["toObjectId"]) for one in found} == links[known]
    assert hubspot.get(f"{base}/contact/999999999999/associations/companies").status_code == 404


def test_links_of_a_busy_record_come_by_pages(hubspot, control):
    """`after` goes on behind the last id."""
    counts = {}
    for one in control.get("/state/hubspot/associations").json():
        if (one["from_type"], one["to_type"], one["label"]) == ("companies", "contacts", None):
            counts.setdefault(one["from_id"], set()).add(one["to_id"])
    company, contacts = max(counts.items(), key=lambda item: len(item[1]))
    path = f"/crm/v4/objects/companies/{company}/associations/contacts"
    first = hubspot.get(path, params={"limit": 1}).json()
    after = first["paging"]["next"]["after"]
    rest = hubspot.get(path, params={"after": after}).json()
    assert {str(one["toObjectId"]) for one in first["results"] + rest["results"]} == contacts


def test_labels_of_a_pair(hubspot):
    """The primary label and the unlabelled type, with the vendor's numbers."""
    found = hubspot.get("/crm/v4/associations/contacts/companies/labels").json()["results"]
    assert {(one["typeId"], one["label"]) for one in found} == {(1, "Primary"), (279, None)}
