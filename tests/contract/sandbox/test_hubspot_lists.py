"""Lists of the simulated portal: kinds, members by pages, joining and leaving, the lists of one record."""

import pytest

FAMILIES = ("/crm/v3/lists", "/crm/lists/2026-03")
CONTACTS = "/crm/objects/2026-03/contacts"
FOR_THE_CONNECTOR = {"Okoshi 掘り起こしナーチャリング", "リードナーチャリング"}
"""Nobody is on these yet."""


@pytest.fixture(scope="module")
def both(start_sandbox, connect_hubspot, connect_control):
    with start_sandbox() as ready:
        yield connect_hubspot(ready), connect_control(ready)


@pytest.fixture(scope="module")
def portal(both):
    return both[0]


@pytest.fixture(scope="module")
def contacts(portal):
    return [one["id"] for one in portal.get(CONTACTS, params={"limit": 30}).json()["results"]]


def made(portal, name, base=FAMILIES[0], **more):
    body = {"name": name, "objectTypeId": "0-1", "processingType": "MANUAL", **more}
    answer = portal.post(base, body)
    assert answer.status_code == 200, answer.text
    return answer.json()["list"]


@pytest.mark.parametrize("base", FAMILIES)
def test_a_list_is_made_found_renamed_deleted_and_restored(portal, base):
    """One list, by id, by name, by several ids; a deleted one is gone until it is restored with its members."""
    one = made(portal, f"育成 {base}", base)
    path = f"{base}/{one['listId']}"
    assert (one["processingType"], one["processingStatus"], one["size"]) == ("MANUAL", "COMPLETE", 0)
    member = portal.get(CONTACTS, params={"limit": 1}).json()["results"][0]["id"]
    assert portal.call("PUT", f"{path}/memberships/add", json=[member]).status_code == 200
    renamed = portal.call("PUT", f"{path}/update-list-name", params={"listName": f"新 {base}"}).json()["updatedList"]
    assert renamed["name"] == f"新 {base}"
    several = portal.get(base, params={"listIds": [one["listId"], "999999"]}).json()["lists"]
    assert [each["listId"] for each in several] == [one["listId"]]
    assert portal.call("DELETE", path).status_code == 204
    assert portal.get(path).status_code == 404
    assert portal.call("PUT", f"{path}/restore").status_code == 204
    assert portal.get(path).json()["list"]["size"] == 1


def test_a_name_is_taken_once_for_one_kind_of_record(portal):
    """The same name again is refused, for companies it is free; by name it is found."""
    one = made(portal, "重複")
    again = portal.post(FAMILIES[0], {"name": "重複", "objectTypeId": "0-1", "processingType": "MANUAL"})
    assert (again.status_code, again.json()["category"]) == (400, "VALIDATION_ERROR")
    made(portal, "重複", objectTypeId="0-2")
    found = portal.get(f"{FAMILIES[0]}/object-type-id/contacts/name/重複").json()["list"]
    assert found["listId"] == one["listId"]


@pytest.mark.parametrize("base", FAMILIES)
def test_members_join_and_leave(portal, contacts, base):
    """String ids; who is in already and who does not exist is told apart, in the vendor's own keys."""
    path = f"{base}/{made(portal, f'出入り {base}', base)['listId']}/memberships"
    first = portal.call("PUT", f"{path}/add", json=[*contacts[:3], "999999999999"]).json()
    assert first == {
        "recordsIdsAdded": contacts[:3],
        "recordIdsRemoved": [],
        "recordIdsMissing": ["999999999999"],
    }
    again = portal.call("PUT", f"{path}/add", json=contacts[:4]).json()
    assert again["recordsIdsAdded"] == contacts[3:4]
    gone = portal.call("PUT", f"{path}/remove", json=[contacts[0], contacts[9]]).json()
    assert gone["recordIdsRemoved"] == [contacts[0]]
    both = {"recordIdsToAdd": [contacts[5]], "recordIdsToRemove": [contacts[1]]}
    moved = portal.call("PUT", f"{path}/add-and-remove", json=both).json()
    assert (moved["recordsIdsAdded"], moved["recordIdsRemoved"]) == ([contacts[5]], [contacts[1]])
    assert {one["recordId"] for one in portal.pages(path)} == {contacts[2], contacts[3], contacts[5]}
    assert portal.call("PUT", f"{path}/add", json=[int(contacts[0])]).status_code == 400


@pytest.mark.parametrize("order", ["", "/join-order"])
def test_members_by_pages_meet_everybody_once(portal, contacts, order):
    """`after` goes up and `before` comes back; the two orders are by id and by time of joining."""
    list_id = made(portal, f"頁 {order.strip('/')}")["listId"]
    joined = contacts[::-1]
    for one in joined:
        portal.call("PUT", f"{FAMILIES[1]}/{list_id}/memberships/add", json=[one])
    path = f"{FAMILIES[1]}/{list_id}/memberships{order}"
    told = [one["recordId"] for one in portal.pages(path, limit=7)]
    assert sorted(told) == sorted(contacts)
    if not order:
        assert told == sorted(contacts, key=int)
    first = portal.get(path, params={"limit": 7}).json()
    second = portal.get(path, params={"limit": 7, "after": first["paging"]["next"]["after"]}).json()
    back = portal.get(path, params={"limit": 7, "before": second["paging"]["prev"]["before"]}).json()
    assert [one["recordId"] for one in back["results"]] == [one["recordId"] for one in first["results"]][::-1]
    assert first["total"] == len(contacts)


def test_a_dynamic_list_follows_its_filter_and_takes_nobody_by_hand(both, contacts):
    """Joining it is refused; who comes to fit is in it at the next look, out again afterwards; nobody wrote that."""
    portal, control = both
    dynamic = next(
        one for one in portal.post(f"{FAMILIES[0]}/search", {"processingTypes": ["DYNAMIC"]}).json()["lists"]
        if one["name"] == "MQL・SQL"
    )  # fmt: skip
    path = f"{FAMILIES[0]}/{dynamic['listId']}/memberships"
    assert portal.call("PUT", f"{path}/add", json=contacts[:1]).status_code == 400
    body = {"properties": {"email": "dynamic@lists.example", "lifecyclestage": "marketingqualifiedlead"}}
    new = portal.post(CONTACTS, body).json()["id"]
    assert new in {one["recordId"] for one in portal.pages(path, limit=250)}
    portal.call("PATCH", f"{CONTACTS}/{new}", json={"properties": {"lifecyclestage": "customer"}})
    assert new not in {one["recordId"] for one in portal.pages(path, limit=250)}
    assert f"{dynamic['listId']}:{new}" not in {one["id"] for one in control.lines("/journal")}


def test_search_by_name_and_kind(portal):
    """Pages by offset; the size comes along as text, as recorded."""
    for number in range(3):
        made(portal, f"検索リスト {number}")
    found = portal.post(f"{FAMILIES[0]}/search", {"query": "検索リスト", "count": 2, "offset": 0}).json()
    assert (found["total"], found["offset"], found["hasMore"], len(found["lists"])) == (3, 2, True, 2)
    assert found["lists"][0]["additionalProperties"]["hs_list_size"] == "0"
    rest = portal.post(f"{FAMILIES[0]}/search", {"query": "検索リスト", "count": 2, "offset": 2}).json()
    assert (len(rest["lists"]), rest["hasMore"]) == (1, False)


def test_the_lists_of_a_record(portal, contacts):
    """One record's lists, of the present path families; an archived record is in none."""
    one = made(portal, "所属")
    who = portal.post(CONTACTS, {"properties": {"email": "member@lists.example"}}).json()["id"]
    portal.call("PUT", f"{FAMILIES[0]}/{one['listId']}/memberships/add", json=[who])
    for base in FAMILIES:
        found = portal.get(f"{base}/records/0-1/{who}/memberships").json()["results"]
        assert [each["listId"] for each in found] == [one["listId"]]
    portal.call("DELETE", f"{CONTACTS}/{who}")
    assert portal.get(f"{FAMILIES[0]}/{one['listId']}").json()["list"]["size"] == 0


def test_the_company_has_lists_with_members(hubspot, control):
    """Static and dynamic lists are there from the start, filled with records that exist."""
    lists = hubspot.post("/crm/v3/lists/search", {}).json()["lists"]
    assert {one["processingType"] for one in lists} == {"MANUAL", "SNAPSHOT", "DYNAMIC"}
    known = {one["id"] for name in ("contacts", "companies") for one in control.get(f"/state/hubspot/{name}").json()}
    for one in lists:
        members = [each["recordId"] for each in hubspot.pages(f"/crm/v3/lists/{one['listId']}/memberships")]
        assert bool(members) is (one["name"] not in FOR_THE_CONNECTOR)
        assert len(set(members)) == len(members) == int(one["additionalProperties"]["hs_list_size"])
        assert set(members) <= known
