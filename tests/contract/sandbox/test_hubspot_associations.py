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


@pytest.fixture(scope="module")
def portal(start_sandbox, connect_hubspot):
    with start_sandbox() as ready:
        yield connect_hubspot(ready)


def ends(portal, number):
    """A new contact and a company of the portal."""
    body = {"properties": {"email": f"end{number}@links.example"}}
    contact = portal.post("/crm/v3/objects/contacts", body).json()["id"]
    companies = portal.get("/crm/v3/objects/companies", params={"limit": 2}).json()["results"]
    return contact, [one["id"] for one in companies]


def linked(portal, contact):
    """The types of each link of a contact to companies."""
    found = portal.get(f"/crm/v4/objects/contacts/{contact}/associations/companies").json()["results"]
    return {str(one["toObjectId"]): {kind["typeId"] for kind in one["associationTypes"]} for one in found}


@pytest.mark.parametrize("base", ["/crm/v4/objects", "/crm/objects/2026-03"])
def test_a_link_is_taken_away_whole(portal, base):
    """DELETE removes all its types from both ends, the contact's primary company too; twice is a success."""
    contact, (firm, _) = ends(portal, len(base))
    portal.call("PUT", f"{base}/contacts/{contact}/associations/default/companies/{firm}")
    path = f"{base}/contacts/{contact}/associations/companies/{firm}"
    assert [portal.call("DELETE", path).status_code for _ in range(2)] == [204, 204]
    assert linked(portal, contact) == {}
    shown = portal.get(f"/crm/v3/objects/contacts/{contact}", params={"properties": "associatedcompanyid"}).json()
    assert shown["properties"]["associatedcompanyid"] is None
    back = portal.get(f"/crm/v4/objects/companies/{firm}/associations/contacts", params={"limit": 500}).json()
    assert int(contact) not in {one["toObjectId"] for one in back["results"]}


@pytest.mark.parametrize(("base", "status"), [("/crm/v4/associations", 204), ("/crm/associations/2026-03", 200)])
def test_links_made_and_removed_by_batch(portal, base, status):
    """An end that is not there is an error of the 207 beside the links that were made; removal names one to many."""
    contact, firms = ends(portal, status)
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    inputs = [{"from": {"id": contact}, "to": {"id": one}, "types": types} for one in [*firms, "999999999999"]]
    made = portal.post(f"{base}/contacts/companies/batch/create", {"inputs": inputs})
    assert (made.status_code, len(made.json()["results"])) == (207, 2)
    assert made.json()["errors"][0]["subCategory"] == "crm.associations.INVALID_OBJECT_IDS"
    assert linked(portal, contact) == {firms[0]: {1, 279}, firms[1]: {279}}
    body = {"inputs": [{"from": {"id": contact}, "to": [{"id": one} for one in firms]}]}
    assert portal.post(f"{base}/contacts/companies/batch/archive", body).status_code == status
    assert linked(portal, contact) == {}


def test_another_company_becomes_primary(portal):
    """A record has one primary company: the one before keeps its plain link."""
    contact, firms = ends(portal, 1)
    for firm in firms:
        portal.call("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{firm}")
    primary = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    path = f"/crm/v4/objects/contacts/{contact}/associations/companies/{firms[1]}"
    answer = portal.call("PUT", path, json=primary)
    assert (answer.status_code, answer.json()["labels"]) == (201, ["Primary"])
    assert linked(portal, contact) == {firms[0]: {279}, firms[1]: {1, 279}}


def test_a_label_of_the_company_is_put_on_and_taken_off(portal):
    """A label is made with its inverse; taking it off leaves the plain link; the same label again is a conflict."""
    base = "/crm/v4/associations/contacts/companies"
    label = {"label": "決裁者", "inverseLabel": "決裁者の会社", "name": "decider"}
    made = portal.post(f"{base}/labels", label).json()["results"]
    assert [one["category"] for one in made] == ["USER_DEFINED", "USER_DEFINED"]
    assert portal.post(f"{base}/labels", label).status_code == 409
    assert made[0] in portal.get(f"{base}/labels").json()["results"]
    contact, (firm, _) = ends(portal, 2)
    types = [{"associationCategory": "USER_DEFINED", "associationTypeId": made[0]["typeId"]}]
    one = {"from": {"id": contact}, "to": {"id": firm}, "types": types}
    told = portal.post(f"{base}/batch/create", {"inputs": [one]}).json()["results"]
    assert told[0]["labels"] == ["決裁者"]
    assert made[0]["typeId"] in linked(portal, contact)[firm]
    assert portal.post(f"{base}/batch/labels/archive", {"inputs": [one]}).status_code == 204
    assert linked(portal, contact) == {firm: {1, 279}}


def test_links_of_the_old_family(portal):
    """v3 names one type a pair, by its name, and removes pair by pair."""
    contact, (firm, _) = ends(portal, 3)
    one = {"from": {"id": contact}, "to": {"id": firm}, "type": "contact_to_company"}
    base = "/crm/v3/associations/contact/company/batch"
    assert portal.post(f"{base}/create", {"inputs": [one]}).json()["results"] == [one]
    assert linked(portal, contact) == {firm: {1, 279}}
    assert portal.post(f"{base}/archive", {"inputs": [one]}).status_code == 204
    assert linked(portal, contact) == {}
    assert portal.post(f"{base}/create", {"inputs": [{**one, "type": "contact_to_moon"}]}).status_code == 400
