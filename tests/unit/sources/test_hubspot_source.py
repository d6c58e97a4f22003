"""What the HubSpot source asks, and what it makes of the answers in their several spellings."""

import json
import operator
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import responses
from requests import PreparedRequest

from connector.clients.hubspot import HubSpotClient
from connector.mapping.schema import Mappings
from connector.model.errors import ConfigurationError
from connector.model.records import Activity, Person, Ref
from connector.sources import seen
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
    survivor = (Ref("hubspot", "contacts", "3"),)
    assert [record.same_as for record in records] == [(), survivor, survivor]


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


def test_a_quiet_hour_costs_one_search_and_a_crowded_one_two(
    vendor: responses.RequestsMock, source: HubSpotSource
) -> None:
    """Where more records than a page share the window they are counted, not read again."""
    crowd = {"total": 3, "results": [contact(3)], "paging": {"next": {"after": "200"}}}
    listed(vendor, "contacts", *(contact(number) for number in range(1, 4)))
    quiet = searched(vendor, "contacts", lambda _: {"total": 3, "results": [contact(n) for n in range(1, 4)]})
    (batch,) = source.read("contacts", None, NOW)
    quiet.clear()
    assert list(source.read("contacts", batch.cursor, NOW)) == []
    assert len(quiet) == 1
    assert {"propertyName": "lastmodifieddate", "operator": "GTE", "value": "1794873600000"} in filters(quiet[0])

    def crowded(body: dict[str, Any]) -> dict[str, Any]:
        operators = [one["operator"] for one in filters(body)]
        return crowd if operators == ["GTE", "GT"] else {"total": 0, "results": []}

    vendor.remove(responses.POST, f"{HUBSPOT}/crm/objects/2026-03/contacts/search")
    counting = searched(vendor, "contacts", crowded)
    assert list(source.read("contacts", batch.cursor, NOW)) == []
    assert len(counting) == 2


def test_a_record_of_the_window_that_changes_late_is_read(
    vendor: responses.RequestsMock, source: HubSpotSource
) -> None:
    """The search shows changes late: what was read while it was fresh is read once more before it is counted."""
    there = [contact(1, lastmodifieddate="2026-11-17T00:30:00.000Z"), contact(2)]
    searched(vendor, "contacts", lambda _: {"total": len(there), "results": there})
    listed(vendor, "contacts", *there)
    (loaded,) = source.read("contacts", None, datetime.fromisoformat(MODIFIED))
    there[0] = contact(1, lastmodifieddate="2026-11-17T00:50:00.000Z", lastname="高橋")
    (batch,) = source.read("contacts", loaded.cursor, NOW)
    assert [record.name for record in batch.records if isinstance(record, Person)] == ["高橋", "髙橋"]
    assert list(source.read("contacts", batch.cursor, NOW)) == []


class Portal:
    """A portal that holds objects of one type and answers searches by their filters, 200 of them at a time."""

    def __init__(self, modified: str, *results: dict[str, Any]) -> None:
        self.modified = modified
        self.held = {int(result["id"]): result for result in results}
        self.after_each: Callable[[dict[str, Any]], None] = lambda _: None

    def __call__(self, body: dict[str, Any]) -> dict[str, Any]:
        rows = [self.held[number] for number in sorted(self.held) if self.fits(number, filters(body))]
        if body["sorts"][0]["direction"] == "DESCENDING":
            rows.sort(key=self.stamp, reverse=True)
        paging = {"paging": {"next": {"after": "200"}}} if len(rows) > body["limit"] else {}
        answer = {"total": len(rows), "results": rows[: body["limit"]], **paging}
        self.after_each(body)
        return answer

    def fits(self, number: int, wanted: list[dict[str, str]]) -> bool:
        """Whether an object passes all filters."""
        ways = {"GT": operator.gt, "GTE": operator.ge, "LTE": operator.le}
        return all(
            ways[one["operator"]](
                number if one["propertyName"] == "hs_object_id" else self.stamp(self.held[number]), int(one["value"])
            )
            for one in wanted
        )

    def stamp(self, result: dict[str, Any]) -> int:
        """When it was modified, in epoch milliseconds."""
        return int(datetime.fromisoformat(result["properties"][self.modified]).timestamp() * 1000)


def test_associations_are_asked_for_a_thousand_records_at_a_time(
    vendor: responses.RequestsMock, source: HubSpotSource
) -> None:
    """A search tells none; 2,500 changed calls are 13 searches and three such questions."""
    listed(vendor, "calls")
    portal = Portal("hs_lastmodifieddate")
    searches = searched(vendor, "calls", portal)
    asked: list[int] = []

    def reply(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        ids = [one["id"] for one in json.loads(request.body or b"{}")["inputs"]]
        asked.append(len(ids))
        found = [{"from": {"id": one}, "to": [{"toObjectId": int(one)}]} for one in ids]
        return 200, {}, json.dumps({"results": found})

    vendor.add_callback(responses.POST, f"{HUBSPOT}/crm/associations/2026-03/calls/contacts/batch/read", reply)
    (empty,) = source.read("calls", None, NOW)
    portal.held = {number: call(number) for number in range(1, 2_501)}
    searches.clear()
    batches = list(source.read("calls", empty.cursor, NOW))
    records = [record for batch in batches for record in batch.records]
    assert [record.ref.id for record in records] == [str(number) for number in range(1, 2_501)]
    assert all(isinstance(record, Activity) and record.people[0].id == record.ref.id for record in records)
    assert len(searches) == 13
    assert asked == [1_000, 1_000, 500]


def test_after_a_long_walk_the_next_one_begins_where_this_one_did(
    vendor: responses.RequestsMock, source: HubSpotSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was changed behind our back, with an id that we had passed, would be older than the overlap else."""
    passed = timedelta()
    real = time.monotonic
    monkeypatch.setattr(seen, "monotonic", lambda: real() + passed.total_seconds())
    listed(vendor, "contacts")
    portal = Portal("lastmodifieddate")
    searched(vendor, "contacts", portal)
    (empty,) = source.read("contacts", None, NOW)
    portal.held = {number: contact(number, lastmodifieddate="2026-11-17T01:00:00.000Z") for number in range(1, 301)}

    def three_hours_pass(_: dict[str, Any]) -> None:
        nonlocal passed
        passed = timedelta(hours=3)
        portal.held[1] = contact(1, lastname="新", lastmodifieddate="2026-11-17T02:00:00.000Z")
        portal.held[301] = contact(301, lastmodifieddate="2026-11-17T04:00:00.000Z")

    portal.after_each = three_hours_pass
    *_, walked = source.read("contacts", empty.cursor, NOW)
    portal.after_each = lambda _: None
    changed = [record for batch in source.read("contacts", walked.cursor, NOW) for record in batch.records]
    assert "新" in {record.name for record in changed if isinstance(record, Person)}


@pytest.mark.parametrize("status", [400, 403])
def test_an_optional_stream_that_the_portal_does_not_answer_for_is_left_out_and_named(
    vendor: responses.RequestsMock, hubspot: HubSpotClient, status: int
) -> None:
    """No scope, no such edition, or an event that it does not know: all else is read."""
    mapping = {
        "kind": "engagement",
        "optional": True,
        "constants": {"form": "page_view"},
        "fields": {"at": "occurredAt"},
    }
    source = HubSpotSource(hubspot, Mappings.model_validate({"hubspot": {"objects": {"page_views": mapping}}}))
    body = {"status": "error", "message": "…", "category": "MISSING_SCOPES" if status == 403 else "VALIDATION_ERROR"}
    vendor.get(re.compile(f"{HUBSPOT}/events/.*"), status=status, json=body)
    assert source.streams() == ()
    (told,) = source.missing()
    assert told.startswith("page_views does not exist in hubspot")


def test_a_token_that_is_not_accepted_does_not_make_optional_streams_look_absent(
    vendor: responses.RequestsMock, hubspot: HubSpotClient
) -> None:
    """Else one bad token would read as “the portal has no lists”."""
    mapping = {"kind": "marketing_list", "optional": True, "fields": {"name": "name"}}
    source = HubSpotSource(hubspot, Mappings.model_validate({"hubspot": {"objects": {"lists": mapping}}}))
    vendor.post(re.compile(f"{HUBSPOT}/crm/lists/.*"), status=401, json={"status": "error", "category": "EXPIRED"})
    with pytest.raises(ConfigurationError, match="token"):
        source.streams()


def test_owners_who_left_are_inactive_users(vendor: responses.RequestsMock, source: HubSpotSource) -> None:
    """They are read whole each time, whatever the cursor of the last reading is."""
    owners = [{"id": "1", "lastName": "田中", "archived": True, "createdAt": MODIFIED, "updatedAt": MODIFIED}]

    def reply(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        left = "archived=true" in str(request.url).lower()
        return 200, {}, json.dumps({"results": owners if left else []})

    vendor.add_callback(responses.GET, re.compile(f"{HUBSPOT}/crm/owners/2026-03.*"), reply)
    cursor = None
    for _ in range(2):
        batches = list(source.read("owners", cursor, NOW))
        cursor = batches[-1].cursor
        assert [record.model_dump()["is_active"] for batch in batches for record in batch.records] == [False]


def filters(body: dict[str, Any]) -> list[dict[str, str]]:
    """The filters of a search, which all must fit."""
    return list(body["filterGroups"][0]["filters"]) if "filterGroups" in body else []
