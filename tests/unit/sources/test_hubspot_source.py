"""What the HubSpot source asks, and what it makes of the answers in their several spellings."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import responses
from requests import PreparedRequest

from connector.clients.hubspot import HubSpotClient
from connector.mapping.schema import Mappings
from connector.model.records import Activity, Person, Ref
from connector.sources.hubspot import HubSpotSource

HUBSPOT = "https://api.hubapi.com"
NOW = datetime(2026, 11, 18, tzinfo=UTC)
MODIFIED = "2026-11-17T01:00:00.000Z"
MAPPINGS = {
    "contacts": {"kind": "person", "fields": {"name": "lastname", "page_views": "hs_analytics_num_page_views"}},
    "calls": {
        "kind": "activity",
        "fields": {"starts_at": "hs_timestamp", "people": {"association": "contacts", "object": "contacts"}},
        "constants": {"form": "call"},
    },
    "owners": {
        "kind": "user",
        "fields": {"name": "lastName", "is_active": {"field": "archived", "values": {"true": False}}},
    },
}


@pytest.fixture
def source(vendor: responses.RequestsMock, hubspot: HubSpotClient) -> HubSpotSource:
    """A source of contacts, calls and owners in a portal that knows their properties."""
    names = {
        "contacts": ("lastname", "hs_analytics_num_page_views", "lastmodifieddate", "hs_merged_object_ids"),
        "calls": ("hs_timestamp", "hs_lastmodifieddate"),
    }
    for object_, properties in names.items():
        body = {"results": [{"name": name, "type": "string"} for name in properties]}
        vendor.get(f"{HUBSPOT}/crm/properties/2026-03/{object_}", json=body)
    return HubSpotSource(hubspot, Mappings.model_validate({"hubspot": {"objects": MAPPINGS}}))


def contact(number: int, **properties: Any) -> dict[str, Any]:
    """A contact as the API answers it."""
    values = {"lastname": "髙橋", "lastmodifieddate": MODIFIED, "hs_merged_object_ids": None, **properties}
    return {"id": str(number), "properties": values, "createdAt": MODIFIED, "updatedAt": MODIFIED, "archived": False}


def call(number: int, **more: Any) -> dict[str, Any]:
    """A call as the API answers it."""
    properties = {"hs_timestamp": MODIFIED, "hs_lastmodifieddate": MODIFIED}
    return {"id": str(number), "properties": properties, "createdAt": MODIFIED, "updatedAt": MODIFIED, **more}


def searched(vendor: responses.RequestsMock, object_: str, by: Callable[[dict[str, Any]], Any]) -> list[dict[str, Any]]:
    """Answers every search by a function of its body and keeps the bodies."""
    bodies: list[dict[str, Any]] = []

    def reply(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        bodies.append(json.loads(request.body or b"{}"))
        return 200, {}, json.dumps(by(bodies[-1]))

    vendor.add_callback(responses.POST, f"{HUBSPOT}/crm/objects/2026-03/{object_}/search", reply)
    return bodies


def listed(vendor: responses.RequestsMock, object_: str, *results: dict[str, Any], after: str | None = None) -> None:
    """One page of the list."""
    paging = {"paging": {"next": {"after": after}}} if after else {}
    vendor.get(f"{HUBSPOT}/crm/objects/2026-03/{object_}", json={"results": results, **paging})


def test_a_survivor_brings_tombstones_of_those_it_swallowed(
    vendor: responses.RequestsMock, source: HubSpotSource
) -> None:
    """HubSpot shows a merged record no more; its id stands on the survivor."""
    searched(vendor, "contacts", lambda _: {"total": 1, "results": [contact(3)]})
    listed(vendor, "contacts", contact(3, hs_merged_object_ids="1;2"))
    records = [record for batch in source.read("contacts", None, NOW) for record in batch.records]
    assert [(record.ref.id, record.deleted) for record in records] == [("3", False), ("1", True), ("2", True)]


def test_text_becomes_numbers_and_null_nothing(vendor: responses.RequestsMock, source: HubSpotSource) -> None:
    """Every value comes as text, an unset one as null; an unreadable one sets its contact aside."""
    searched(vendor, "contacts", lambda _: {"total": 1, "results": [contact(3)]})
    views = ("12", None, "", "many")
    listed(vendor, "contacts", *(contact(n, hs_analytics_num_page_views=view) for n, view in enumerate(views, 1)))
    (batch,) = source.read("contacts", None, NOW)
    assert [record.page_views for record in batch.records if isinstance(record, Person)] == [12, None, None]
    assert [item.ref.id for item in batch.set_aside] == ["4"]
    assert "many" not in batch.set_aside[0].reason


def test_an_activity_with_more_people_than_are_listed_is_asked_for(
    vendor: responses.RequestsMock, source: HubSpotSource
) -> None:
    """The list cuts long associations; ids come as numbers in live traffic, and one id once a label."""
    searched(vendor, "calls", lambda _: {"total": 2, "results": [call(7)]})
    cut = {"contacts": {"results": [{"id": "1", "type": "call_to_contact"}], "paging": {"next": {"after": "1"}}}}
    twice = {"contacts": {"results": [{"id": "9", "type": "a"}, {"id": "9", "type": "b"}]}}
    listed(vendor, "calls", call(7, associations=cut), call(8, associations=twice))
    answer = {"results": [{"from": {"id": "7"}, "to": [{"toObjectId": 1}, {"toObjectId": 2}]}]}
    vendor.post(f"{HUBSPOT}/crm/associations/2026-03/calls/contacts/batch/read", json=answer)
    (batch,) = source.read("calls", None, NOW)
    people = {record.ref.id: record.people for record in batch.records if isinstance(record, Activity)}
    assert people == {
        "7": (Ref("hubspot", "contacts", "1"), Ref("hubspot", "contacts", "2")),
        "8": (Ref("hubspot", "contacts", "9"),),
    }


def test_a_quiet_hour_costs_one_search_and_a_crowded_one_three(
    vendor: responses.RequestsMock, source: HubSpotSource
) -> None:
    """Where more records than a page share the window they are counted, not read again."""
    crowd = {"total": 500, "results": [contact(3)], "paging": {"next": {"after": "200"}}}
    listed(vendor, "contacts", *(contact(number) for number in range(1, 4)))
    quiet = searched(vendor, "contacts", lambda _: {"total": 3, "results": [contact(n) for n in range(1, 4)]})
    (batch,) = source.read("contacts", None, NOW)
    quiet.clear()
    assert list(source.read("contacts", batch.cursor, NOW)) == []
    assert len(quiet) == 1
    assert {"propertyName": "lastmodifieddate", "operator": "GTE", "value": "1794873600000"} in filters(quiet[0])

    def crowded(body: dict[str, Any]) -> dict[str, Any]:
        operators = [one["operator"] for one in filters(body)]
        return crowd if operators == ["GTE", "GT"] else {"total": 0 if operators == ["GT"] else 3, "results": []}

    vendor.remove(responses.POST, f"{HUBSPOT}/crm/objects/2026-03/contacts/search")
    counting = searched(vendor, "contacts", crowded)
    assert list(source.read("contacts", batch.cursor, NOW)) == []
    assert len(counting) == 3


def test_owners_who_left_are_inactive_users(vendor: responses.RequestsMock, source: HubSpotSource) -> None:
    """They are read whole each time and no cursor is kept."""
    owners = [{"id": "1", "lastName": "田中", "archived": True, "createdAt": MODIFIED, "updatedAt": MODIFIED}]

    def reply(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        left = "archived=true" in str(request.url).lower()
        return 200, {}, json.dumps({"results": owners if left else []})

    vendor.add_callback(responses.GET, re.compile(f"{HUBSPOT}/crm/owners/2026-03.*"), reply)
    batches = list(source.read("owners", None, NOW))
    assert all(batch.cursor is None for batch in batches)
    assert [record.model_dump()["is_active"] for batch in batches for record in batch.records] == [False]


def filters(body: dict[str, Any]) -> list[dict[str, str]]:
    """The filters of a search, which all must fit."""
    return list(body["filterGroups"][0]["filters"])
