"""The HubSpot client's lists, forms, events and account, in both path families."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from requests import PreparedRequest

from connector.clients.errors import Refused
from connector.clients.hubspot import HubSpotClient, Membership
from connector.clients.hubspot_errors import NotInThisTier
from connector.model.errors import ConfigurationError, RetryLater

HUB = "https://api.hubapi.com"

Make = Callable[..., HubSpotClient]


def query(call: Any) -> dict[str, list[str]]:
    return parse_qs(urlsplit(str(call.request.url)).query)


def test_lists_are_read_page_by_page(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """By offset, as long as there is more."""

    def search(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        offset = json.loads(request.body or "")["offset"]
        body = {"lists": [{"listId": str(offset)}], "hasMore": offset < 2, "offset": offset + 1, "total": 3}
        return 200, {}, json.dumps(body)

    vendor.add_callback("POST", f"{HUB}/crm/lists/2026-03/search", search)
    assert [one["listId"] for one in hubspot().lists(["MANUAL"])] == ["0", "1", "2"]
    assert json.loads(vendor.calls[0].request.body or "")["processingTypes"] == ["MANUAL"]


def test_lists_that_say_more_without_going_on_end(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """A vendor's mistake must not loop, nor pass for all the lists there are."""
    vendor.post(f"{HUB}/crm/lists/2026-03/search", json={"lists": [{"listId": "1"}], "hasMore": True, "offset": 0})
    with pytest.raises(RetryLater):
        list(hubspot().lists())


@pytest.mark.parametrize(("version", "path"), [("2026-03", "/crm/lists/2026-03"), ("v3", "/crm/v3/lists")])
def test_memberships_are_read_page_by_page(
    vendor: responses.RequestsMock, hubspot: Make, version: str, path: str
) -> None:
    """Two hundred and fifty at a time."""

    def members(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        if "after=x" in str(request.url):
            return 200, {}, json.dumps({"results": [{"recordId": "2"}]})
        return 200, {}, json.dumps({"results": [{"recordId": "1"}], "paging": {"next": {"after": "x"}}})

    vendor.add_callback("GET", f"{HUB}{path}/12/memberships", members)
    assert [one["recordId"] for one in hubspot(api_version=version).memberships("12")] == ["1", "2"]
    assert query(vendor.calls[0]) == {"limit": ["250"]}


@pytest.mark.parametrize("spelling", ["recordsIdsAdded", "recordIdsAdded"])
def test_joining_a_list_tells_who_is_missing(vendor: responses.RequestsMock, hubspot: Make, spelling: str) -> None:
    """Ids go as texts, each once; the vendor spells its answer in two ways."""
    asked = vendor.put(
        f"{HUB}/crm/lists/2026-03/12/memberships/add",
        json={spelling: ["1"], "recordIdsMissing": ["3"], "recordIdsRemoved": []},
    )
    done = hubspot(read_only=False).join_list("12", ["1", "2", "3", "1"])
    assert done == Membership(added=frozenset({"1"}), missing=frozenset({"3"}))
    assert json.loads(asked.calls[0].request.body or "") == ["1", "2", "3"]


def test_leaving_a_list(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """Who was not in it is named nowhere, and that is right."""
    vendor.put(f"{HUB}/crm/lists/2026-03/12/memberships/remove", json={"recordIdsRemoved": ["1"]})
    assert hubspot(read_only=False).leave_list("12", ["1", "2"]) == Membership(removed=frozenset({"1"}))


def test_a_list_that_is_not_there_is_refused(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """Not a matter of the address in the settings."""
    body = {"status": "error", "message": "List does not exist with ID 12.", "category": "OBJECT_NOT_FOUND"}
    vendor.put(f"{HUB}/crm/lists/2026-03/12/memberships/add", status=404, json=body)
    with pytest.raises(Refused, match="OBJECT_NOT_FOUND"):
        hubspot(read_only=False).join_list("12", ["1"])


def test_forms_keep_their_undated_path(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """The dated one is a beta; all kinds of forms are asked for."""
    vendor.get(f"{HUB}/marketing/v3/forms/", json={"results": [{"id": "f", "name": "資料請求"}]})
    assert [one["id"] for one in hubspot().forms()] == ["f"]
    assert query(vendor.calls[0])["formTypes"] == ["all"]


def test_submissions_come_a_page_at_a_time(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """Latest first, so the reader stops when it knows the rest."""
    body = {"results": [{"submittedAt": 1}], "paging": {"next": {"after": "x"}}}
    vendor.get(f"{HUB}/form-integrations/v1/submissions/forms/3f-8a", json=body)
    found = hubspot().form_submissions("3f-8a", after="w")
    assert (found.results, found.after) == ([{"submittedAt": 1}], "x")
    assert query(vendor.calls[0]) == {"limit": ["50"], "after": ["w"]}


@pytest.mark.parametrize(
    ("version", "path"), [("2026-03", "/events/event-occurrences/2026-03"), ("v3", "/events/v3/events/")]
)
def test_events_of_a_span_of_time(vendor: responses.RequestsMock, hubspot: Make, version: str, path: str) -> None:
    """Moments go in UTC; pages go on where the vendor says."""

    def occurred(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        if "after=x" in str(request.url):
            return 200, {}, json.dumps({"results": []})
        return 200, {}, json.dumps({"results": [{"id": "e"}], "paging": {"next": {"after": "x"}}})

    vendor.add_callback("GET", f"{HUB}{path}", occurred)
    begin = datetime(2026, 11, 18, 1, 2, 3, 400_000, UTC)
    found = list(hubspot(api_version=version).events("e_visited_page", begin, begin.replace(hour=2)))
    assert [len(one.results) for one in found] == [1, 0]
    assert query(vendor.calls[0]) == {
        "eventType": ["e_visited_page"],
        "objectType": ["contact"],
        "occurredAfter": ["2026-11-18T01:02:03.400Z"],
        "occurredBefore": ["2026-11-18T02:02:03.400Z"],
        "limit": ["100"],
    }


def test_a_portal_without_events_is_told_apart(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """The reader may do with less; whoever does not care is led to the scope."""
    body = {"category": "MISSING_SCOPES", "context": {"requiredGranularScopes": ["business-intelligence"]}}
    vendor.get(f"{HUB}/events/event-occurrences/2026-03", status=403, json=body)
    with pytest.raises(NotInThisTier, match="scope business-intelligence") as refused:
        list(hubspot().events("e_visited_page", datetime(2026, 11, 18, tzinfo=UTC)))
    assert isinstance(refused.value, ConfigurationError)


@pytest.mark.parametrize(("version", "path"), [("2026-03", "/account-info/2026-03"), ("v3", "/account-info/v3")])
def test_the_account_tells_its_time_zone(
    vendor: responses.RequestsMock, hubspot: Make, version: str, path: str
) -> None:
    """In which its day of calls begins."""
    vendor.get(f"{HUB}{path}/details", json={"portalId": 1, "timeZone": "Asia/Tokyo"})
    assert hubspot(api_version=version).account_details()["timeZone"] == "Asia/Tokyo"


def test_a_batch_read_by_a_unique_property(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """Archived ones are asked for apart; an id is sent once."""
    asked = vendor.post(f"{HUB}/crm/objects/2026-03/notes/batch/read", json={"results": []})
    hubspot().batch_read("notes", ["k", "k"], ["hs_note_body"], id_property="okoshi_key", archived=True)
    assert json.loads(asked.calls[0].request.body or "") == {
        "idProperty": "okoshi_key",
        "inputs": [{"id": "k"}],
        "properties": ["hs_note_body"],
        "propertiesWithHistory": [],
    }
    assert query(asked.calls[0]) == {"archived": ["true"]}


def test_kinds_of_links_are_read(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """The plain one has no label."""
    kinds = [{"category": "HUBSPOT_DEFINED", "typeId": 202, "label": None}]
    vendor.get(f"{HUB}/crm/associations/2026-03/notes/contacts/labels", json={"results": kinds})
    assert hubspot().association_types("notes", "contacts") == kinds
