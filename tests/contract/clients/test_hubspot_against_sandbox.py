"""The HubSpot client against the sandbox in both path families: lists, forms, events, definitions and writes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from pydantic import SecretStr

from connector.clients.errors import AnswerLost, Refused
from connector.clients.hubspot import HubSpotClient
from connector.clients.hubspot_errors import NotInThisTier
from connector.clients.retry import RetryPolicy
from connector.sandbox.access import Ready
from connector.sandbox.server import SandboxOptions, running
from connector.settings import HubSpotSettings

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def ready() -> Iterator[Ready]:
    """A small company whose portal has events."""
    with running(SandboxOptions(scale=0.05, plant=frozenset({"events"}))) as access:
        yield access


@pytest.fixture(params=["2026-03", "v3"])
def client(ready: Ready, request: pytest.FixtureRequest) -> HubSpotClient:
    """A client of one path family that may write."""
    return connected(ready, api_version=request.param)


def connected(ready: Ready, **changes: Any) -> HubSpotClient:
    access = ready.hubspot
    given = {
        "base_url": access.base_url,
        "access_token": SecretStr(access.access_token),
        "ca_bundle": Path(ready.ca_bundle),
        **changes,
    }
    return HubSpotClient(HubSpotSettings(**given), read_only=False, retry=RetryPolicy(sleep=lambda _: None))


def state(ready: Ready, object_: str) -> list[dict[str, Any]]:
    answer = requests.get(f"{ready.control_url}/state/hubspot/{object_}", timeout=10)
    answer.raise_for_status()
    return list(answer.json())


def test_the_account_tells_its_time_zone(client: HubSpotClient) -> None:
    """In which its day of calls begins."""
    assert client.account_details()["timeZone"] == "Asia/Tokyo"


def test_lists_and_their_members_are_those_of_the_portal(client: HubSpotClient, ready: Ready) -> None:
    """Every list, each with everybody in it by ascending id."""
    held: dict[str, set[str]] = {}
    for row in state(ready, "memberships"):
        held.setdefault(row["listId"], set()).add(row["recordId"])
    lists = {one["listId"]: one for one in client.lists()}
    assert {"MANUAL", "DYNAMIC"} <= {one["processingType"] for one in lists.values()}
    assert {one["processingType"] for one in client.lists(["MANUAL"])} == {"MANUAL"}
    static = [one for one, row in lists.items() if row["processingType"] != "DYNAMIC"]
    for list_id in static:
        members = [row["recordId"] for row in client.memberships(list_id)]
        assert members == sorted(held.get(list_id, set()), key=int)


def test_a_list_is_joined_and_left(client: HubSpotClient, ready: Ready) -> None:
    """Twice is no error; who does not exist is named."""
    list_id = next(one["listId"] for one in client.lists(["MANUAL"]) if one["objectTypeId"] == "0-1")
    contact = state(ready, "contacts")[-1]["id"]
    client.leave_list(list_id, [contact])
    joined = client.join_list(list_id, [contact, "999999999"])
    assert (joined.added, joined.missing) == ({contact}, {"999999999"})
    assert client.join_list(list_id, [contact]).added == frozenset()
    assert client.leave_list(list_id, [contact]).removed == {contact}
    with pytest.raises(Refused):
        client.join_list("99999", [contact])


def test_forms_and_what_was_sent_by_them(client: HubSpotClient) -> None:
    """The latest first."""
    forms = list(client.forms())
    assert forms
    pages = [client.form_submissions(form["id"]) for form in forms]
    sent = [[row["submittedAt"] for row in page.results] for page in pages]
    assert any(sent)
    assert all(one == sorted(one, reverse=True) for one in sent)


def test_page_views_come_as_events(client: HubSpotClient) -> None:
    """Each once, over all pages."""
    pages = list(client.events("e_visited_page", BEGIN))
    ids = [row["id"] for page in pages for row in page.results]
    assert ids
    assert len(ids) == len(set(ids))
    assert {row["eventType"] for page in pages for row in page.results} == {"e_visited_page"}


@pytest.mark.parametrize("api_version", ["2026-03", "v3"])
def test_a_lower_tier_has_no_events(api_version: str) -> None:
    """Told apart from a mistake."""
    with running(SandboxOptions(scale=0.02)) as ready, pytest.raises(NotInThisTier):
        list(connected(ready, api_version=api_version).events("e_visited_page", BEGIN))


def test_a_key_property_makes_creations_unique(client: HubSpotClient, ready: Ready) -> None:
    """Group, property, creation; a second one is refused by its row, and an upsert finds the first one."""
    family = client.settings.api_version.replace("-", "_")
    name, group = f"okoshi_key_{family}", f"okoshi_{family}"
    definition = {"name": name, "label": "鍵", "groupName": group, "type": "string", "fieldType": "text"}
    assert client.create_property_group("notes", group, "Okoshi")
    assert not client.create_property_group("notes", group, "Okoshi")
    assert client.create_property("notes", {**definition, "hasUniqueValue": True})
    assert not client.create_property("notes", {**definition, "hasUniqueValue": True})
    assert client.properties("notes")[name]["hasUniqueValue"]

    note = {"hs_timestamp": "2026-11-18T00:00:00Z", "hs_note_body": "本文", name: "k1"}
    (made,) = client.batch_create("notes", [{"properties": note}])
    again, other = client.batch_create("notes", [{"properties": note}, {"properties": {**note, name: "k2"}}])
    assert (made.success, again.success, again.taken, other.success) == (True, False, True, True)
    found = client.batch_read("notes", ["k1"], [name], id_property=name)
    assert [row["id"] for row in found] == [made.id]
    (row,) = client.batch_upsert("notes", [{"id": "k1", "properties": {"hs_note_body": "別の本文"}}], name)
    assert (row.id, row.created) == (made.id, False)
    (row,) = client.batch_update("notes", [{"id": "k1", "properties": {"hs_note_body": "本文"}}], id_property=name)
    assert (row.id, row.success) == (made.id, True)


def test_objects_are_linked_and_archived(client: HubSpotClient, ready: Ready) -> None:
    """The plain link of the pair; an archived object is read as such only."""
    contact = state(ready, "contacts")[0]["id"]
    note = {"hs_timestamp": "2026-11-18T00:00:00Z", "hs_note_body": "本文"}
    (made,) = client.batch_create("notes", [{"properties": note}])
    assert made.id
    client.associate("notes", "contacts", [(made.id, contact)])
    assert client.associations("notes", "contacts", [made.id]) == {made.id: [contact]}
    client.dissociate("notes", "contacts", [(made.id, contact)])
    assert client.associations("notes", "contacts", [made.id]) == {made.id: []}
    assert [one["typeId"] for one in client.association_types("notes", "contacts") if one["label"] is None] == [202]
    for _ in range(2):
        client.archive("notes", [made.id])
    assert client.batch_read("notes", [made.id], []) == []
    assert [row["id"] for row in client.batch_read("notes", [made.id], [], archived=True)] == [made.id]


@pytest.mark.parametrize(("drop", "written"), [("after", 1), ("before", 0)])
def test_a_dropped_answer_to_a_write_is_lost_and_not_repeated(ready: Ready, drop: str, written: int) -> None:
    """Whether the vendor wrote or not, exactly one request was sent."""
    client, before = connected(ready), len(state(ready, "notes"))
    fault = {"vendor": "hubspot", "method": "POST", "path": "batch/create", "drop": drop, "times": 1}
    requests.post(f"{ready.control_url}/faults", json=fault, timeout=10).raise_for_status()
    with pytest.raises(AnswerLost):
        client.batch_create("notes", [{"properties": {"hs_timestamp": "2026-11-18T00:00:00Z", "hs_note_body": "x"}}])
    assert client.usage.calls["batch_create"] == 1
    assert len(state(ready, "notes")) == before + written
