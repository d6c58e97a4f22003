"""The reading endpoints of v1 and v2, as extractors that have not moved on use them."""

ENGAGEMENTS = ("calls", "emails", "meetings", "notes", "tasks", "communications")


def old_pages(hubspot, path, member, more, **parameters):
    """All rows of an old list, by its offset."""
    while True:
        page = hubspot.get(path, params=parameters).json()
        yield from page[member]
        if not page[more]:
            return
        parameters["offset"] = page["offset"]


def present(hubspot, object_):
    names = "name,dealname,dealstage,hs_timestamp,closedate,hs_lastmodifieddate"
    return {one["id"]: one for one in hubspot.pages(f"/crm/v3/objects/{object_}", limit=100, properties=names)}


def test_companies_are_the_same_in_the_old_shape(hubspot):
    """Every company once, set properties only, each with its time in milliseconds; one by one as well."""
    now = present(hubspot, "companies")
    path = "/companies/v2/companies/paged"
    old = list(old_pages(hubspot, path, "companies", "has-more", limit=20, properties=["name", "phone"]))
    assert [str(one["companyId"]) for one in old] == list(now)
    names = {one["properties"]["name"] for one in now.values()} - {None}
    assert {one["properties"]["name"]["value"] for one in old if "name" in one["properties"]} == names
    assert all("value" in value for one in old for value in one["properties"].values())
    single = hubspot.get(f"/companies/v2/companies/{old[0]['companyId']}").json()
    assert single["properties"]["hs_lastmodifieddate"]["value"].isdigit()
    assert hubspot.get("/companies/v2/companies/7").status_code == 404
    known = [one["name"] for one in hubspot.get("/companies/v2/properties").json()]
    assert {*single["properties"]} <= {*known}


def test_deals_and_their_links_are_the_same_in_the_old_shape(hubspot):
    """Every deal once, with its people and companies on request."""
    now = present(hubspot, "deals")
    path = "/deals/v1/deal/paged"
    wanted = {"limit": 7, "includeAllProperties": True, "includeAssociations": True}
    old = {str(one["dealId"]): one for one in old_pages(hubspot, path, "deals", "hasMore", **wanted)}
    assert list(old) == list(now)
    links = hubspot.post(
        "/crm/v4/associations/deals/contacts/batch/read", {"inputs": [{"id": one} for one in now]}
    ).json()["results"]
    assert links
    for one in links:
        assert old[one["from"]["id"]]["associations"]["associatedVids"] == [to["toObjectId"] for to in one["to"]]
    assert {one["properties"]["dealstage"]["value"] for one in old.values()} <= {
        stage["stageId"] for stage in hubspot.get("/deals/v1/pipelines").json()[0]["stages"]
    }


def test_activities_come_in_the_order_of_their_last_change(hubspot):
    """All kinds in one list under ids that none shares with another; the cursor goes on where a page ended."""
    now = {id_: one for object_ in ENGAGEMENTS for id_, one in present(hubspot, object_).items()}
    assert len(now) == sum(len(present(hubspot, object_)) for object_ in ENGAGEMENTS)
    path, after, old = "/engagements/v1/engagements/modified/after", "0", []
    while True:
        page = hubspot.get(path, params={"limit": 150, "after": after}).json()
        old += page["results"]
        after = page["after"]
        if not page["hasMore"]:
            break
    changed = [one["engagement"]["lastUpdated"] for one in old]
    assert changed == sorted(changed)
    assert sorted(str(one["engagement"]["id"]) for one in old) == sorted(now)
    assert any(one["associations"]["contactIds"] for one in old)
    assert hubspot.get(path, params={"after": "soon"}).status_code == 400
    assert hubspot.get(path, params={"after": after}).json() == {"results": [], "hasMore": False}
