"""What colleagues do in the simulated portal beside activities and deals: merging, lists, messages."""

import pytest


@pytest.fixture(scope="module")
def both(start_sandbox, connect_hubspot, connect_control):
    with start_sandbox() as ready:
        yield connect_hubspot(ready), connect_control(ready)


@pytest.fixture(scope="module")
def rep(both):
    portal, _ = both
    return portal.get("/crm/v3/owners").json()["results"][0]["email"]


def did(control, **body):
    answer = control.post("/act", body)
    assert answer.status_code == 200, answer.text
    return answer.json()["ids"]


@pytest.mark.parametrize("object_", ["contacts", "companies", "deals"])
def test_records_are_merged(both, rep, object_):
    """The winner keeps its id and holds those of all losers, who answer as the winner; the journal says merge."""
    portal, control = both
    ids = [one["id"] for one in portal.get(f"/crm/v3/objects/{object_}", params={"limit": 3}).json()["results"]]
    act = {"action": "merge", "vendor": "hubspot", "actor": rep, "object": object_}
    did(control, **act, winner=ids[0], losers=ids[1:])
    shown = portal.get(f"/crm/v3/objects/{object_}/{ids[2]}", params={"properties": "hs_merged_object_ids"}).json()
    assert shown["id"] == ids[0]
    assert shown["properties"]["hs_merged_object_ids"].split(";")[-2:] == ids[1:]
    entries = [one for one in control.lines("/journal") if (one["operation"], one["object"]) == ("merge", object_)]
    assert [one["after"]["merged"] for one in entries] == [[ids[1]], [ids[2]]]
    again = control.post("/act", {**act, "winner": ids[0], "losers": [ids[1]]})
    assert again.status_code == 400


def test_a_list_is_joined_and_left(both, rep):
    """By the list's name; the journal names the membership; a dynamic list refuses."""
    portal, control = both
    contact = portal.post("/crm/v3/objects/contacts", {"properties": {"email": "act@list.example"}}).json()["id"]
    made = did(control, action="join_list", actor=rep, list="ナーチャリング対象", contact=contact)
    path = f"/crm/v3/lists/records/contacts/{contact}/memberships"
    assert made["lists"] in {one["listId"] for one in portal.get(path).json()["results"]}
    entry = control.lines("/journal")[-1]
    assert (entry["object"], entry["id"], entry["operation"]) == ("memberships", made["memberships"], "create")
    did(control, action="leave_list", actor=rep, list=made["lists"], contact=contact)
    assert made["lists"] not in {one["listId"] for one in portal.get(path).json()["results"]}
    refused = control.post("/act", {"action": "join_list", "actor": rep, "list": "MQL・SQL", "contact": contact})
    assert refused.status_code == 400


def test_a_message_is_logged(both, rep):
    """A LinkedIn message stands on the contact's timeline with its owner."""
    portal, control = both
    contact = portal.post("/crm/v3/objects/contacts", {"properties": {"email": "msg@list.example"}}).json()["id"]
    made = did(control, action="log_message", actor=rep, contact=contact, channel="WHATS_APP", text="本日の件")
    wanted = "hs_communication_channel_type,hs_communication_body,hubspot_owner_id"
    shown = portal.get(f"/crm/v3/objects/communications/{made['communications']}", params={"properties": wanted}).json()
    assert shown["properties"]["hs_communication_channel_type"] == "WHATS_APP"
    assert shown["properties"]["hubspot_owner_id"]
