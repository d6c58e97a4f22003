"""The HubSpot client: pages, searches, batch reads, associations, owners and properties in both path families."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses
from responses import matchers

from connector.clients.errors import Refused
from connector.clients.hubspot import HubSpotClient
from connector.model.errors import ConfigurationError, OkoshiError, RetryLater, StopSync

CRM = "https://api.hubapi.com/crm"
CONTACTS = f"{CRM}/objects/2026-03/contacts"

Make = Callable[..., HubSpotClient]


def sent(call: Any) -> Any:
    return json.loads(call.request.body)


def test_a_list_page_carries_properties_and_associations(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """Values arrive as the vendor sent them, unset ones as null; the next page begins at `after`."""
    row = {"id": "1", "properties": {"email": None}, "archived": False}
    asked = vendor.get(CONTACTS, json={"results": [row], "paging": {"next": {"after": "1"}}})
    page = hubspot().list_page("contacts", properties=["email", "phone"], associations=["companies"], after="0")
    query = parse_qs(urlsplit(str(asked.calls[0].request.url)).query)
    assert query == {
        "limit": ["100"],
        "after": ["0"],
        "properties": ["email", "phone"],
        "associations": ["companies"],
        "archived": ["false"],
    }
    assert page.results == [row]
    assert page.after == "1"
    assert str(asked.calls[0].request.headers["Authorization"]).startswith("Bearer pat-jp1-secret")


def test_a_search_sends_filters_and_one_sort(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """Filters must all fit; the answer's total tells how deep the search is."""
    asked = vendor.post(f"{CONTACTS}/search", json={"total": 12345, "results": [{"id": "9"}]})
    window = {"propertyName": "lastmodifieddate", "operator": "GTE", "value": "1700000000000"}
    page = hubspot().search_page("contacts", filters=[window], sort_by="hs_object_id", properties=["email"])
    assert sent(asked.calls[0]) == {
        "filterGroups": [{"filters": [window]}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": ["email"],
        "limit": 200,
    }
    assert (page.total, page.after) == (12345, None)


def test_a_search_without_filters_sends_none(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """An empty filter group would be refused."""
    asked = vendor.post(f"{CONTACTS}/search", json={"total": 0, "results": []})
    hubspot().search_page("contacts", filters=[], sort_by="createdate", descending=True, properties=[], limit=1)
    assert "filterGroups" not in sent(asked.calls[0])
    assert sent(asked.calls[0])["sorts"][0]["direction"] == "DESCENDING"


def test_a_batch_read_leaves_out_what_is_gone(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """Deleted ids come as errors of a 207 and are normal; more than 100 ids are several calls."""
    gone = {"status": "error", "category": "OBJECT_NOT_FOUND", "context": {"ids": ["2"]}}
    asked = vendor.post(f"{CONTACTS}/batch/read", status=207, json={"results": [{"id": "1"}], "errors": [gone]})
    found = hubspot().batch_read("contacts", [str(number) for number in range(150)], ["email"])
    assert [one["id"] for one in found] == ["1", "1"]
    assert [len(sent(call)["inputs"]) for call in asked.calls] == [100, 50]


def test_another_error_of_a_batch_is_not_swallowed(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """Only “gone” and “has none” are normal."""
    odd = {"status": "error", "category": "INTERNAL", "message": "taro@acme.example"}
    vendor.post(f"{CONTACTS}/batch/read", status=207, json={"results": [], "errors": [odd]})
    with pytest.raises(Refused, match="INTERNAL") as refused:
        hubspot().batch_read("contacts", ["1"], [])
    assert "taro" not in str(refused.value)


def test_associations_are_read_in_batches_of_a_thousand(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """Ids are numbers in live traffic and texts here; one without associations is an empty list."""

    def read(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        ids = [one["id"] for one in json.loads(request.body or "")["inputs"]]
        results = [{"from": {"id": one}, "to": [{"toObjectId": int(one) + 5000}]} for one in ids if one != "7"]
        none = {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        }
        return 207, {}, json.dumps({"results": results, "errors": [none]})

    vendor.add_callback("POST", f"{CRM}/associations/2026-03/calls/contacts/batch/read", read)
    client = hubspot()
    found = client.associations("calls", "contacts", [str(number) for number in range(1500)])
    assert len(found) == 1500
    assert (found["1"], found["7"]) == (["5001"], [])
    assert client.usage.calls["associations"] == 2


def test_more_associations_than_a_page_are_fetched(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """A row may have pages of its own; the pages are asked for only where there are more."""
    first = {"from": {"id": "1"}, "to": [{"toObjectId": 10}], "paging": {"next": {"after": "x"}}}
    vendor.post(
        f"{CRM}/associations/2026-03/calls/contacts/batch/read",
        json={"results": [first, {"from": {"id": "2"}, "to": [{"toObjectId": 20}]}]},
        match=[matchers.json_params_matcher({"inputs": [{"id": "1"}, {"id": "2"}]})],
    )
    vendor.post(
        f"{CRM}/associations/2026-03/calls/contacts/batch/read",
        json={"results": [{"from": {"id": "1"}, "to": [{"toObjectId": 11}, {"toObjectId": 10}]}]},
        match=[matchers.json_params_matcher({"inputs": [{"id": "1", "after": "x"}]})],
    )
    assert hubspot().associations("calls", "contacts", ["1", "2"]) == {"1": ["10", "11"], "2": ["20"]}


def test_owners_include_those_who_left(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """A deal may belong to someone who has left; archived owners are a list of their own."""

    def owners(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        query = parse_qs(urlsplit(request.url or "").query)
        if query["archived"][0].lower() == "true":
            return 200, {}, json.dumps({"results": [{"id": "3", "archived": True}]})
        if "after" in query:
            return 200, {}, json.dumps({"results": [{"id": "2"}]})
        return 200, {}, json.dumps({"results": [{"id": "1"}], "paging": {"next": {"after": "1"}}})

    vendor.add_callback("GET", f"{CRM}/owners/2026-03", owners)
    assert [owner["id"] for owner in hubspot().owners()] == ["1", "2", "3"]


def test_property_definitions_come_by_name(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """What a portal lacks can be told before it is asked for."""
    vendor.get(f"{CRM}/properties/2026-03/contacts", json={"results": [{"name": "email", "type": "string"}]})
    assert hubspot().properties("contacts") == {"email": {"name": "email", "type": "string"}}


def test_the_old_path_family_is_a_setting(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """`hubspot.api_version: v3` calls the paths that the SDK has."""
    vendor.post(f"{CRM}/v3/objects/contacts/search", json={"total": 0, "results": []})
    vendor.post(f"{CRM}/v4/associations/calls/contacts/batch/read", json={"results": []})
    vendor.get(f"{CRM}/v3/owners/", json={"results": []})
    client = hubspot(api_version="v3")
    client.check()
    client.search_page("contacts", filters=[], sort_by="createdate", properties=[])
    assert client.associations("calls", "contacts", ["1"]) == {"1": []}


SCOPES = {"requiredGranularScopes": ["crm.objects.owners.read"]}
ERRORS: list[tuple[int, dict[str, Any], type[OkoshiError], str]] = [
    (401, {"category": "INVALID_AUTHENTICATION"}, ConfigurationError, r"hubspot\.access_token"),
    (403, {"category": "MISSING_SCOPES", "context": SCOPES}, ConfigurationError, r"scope crm\.objects\.owners\.read"),
    (403, {}, ConfigurationError, r"hubspot\.access_token"),
    (429, {"policyName": "DAILY", "errorType": "RATE_LIMIT"}, StopSync, "daily API calls"),
    (429, {"message": "You have reached your daily limit."}, StopSync, "daily API calls"),
    (429, {"policyName": "TEN_SECONDLY_ROLLING"}, RetryLater, "fewer requests"),
    (429, {"category": "RATE_LIMITS"}, RetryLater, "fewer requests"),
    (423, {}, RetryLater, "locked"),
    (404, {"message": "x"}, ConfigurationError, r"hubspot\.base_url"),
    (400, {"message": 'Property "foo" does not exist'}, ConfigurationError, "property foo"),
    (400, {"message": "Unable to infer object type from: visits"}, ConfigurationError, "object visits"),
    (400, {"message": "taro", "category": "VALIDATION_ERROR"}, Refused, "VALIDATION_ERROR, HTTP 400"),
    (502, {}, RetryLater, "out of service"),
]


@pytest.mark.parametrize(("status", "body", "error", "words"), ERRORS)
def test_each_error_leads_to_what_has_to_happen_next(
    vendor: responses.RequestsMock,
    hubspot: Make,
    status: int,
    body: dict[str, Any],
    error: type[OkoshiError],
    words: str,
) -> None:
    """Errors name key, scope or property; a daily limit stops the run, a rate window is waited for."""
    vendor.get(f"{CRM}/owners/2026-03", status=status, json=body)
    with pytest.raises(error, match=words) as raised:
        hubspot().check()
    assert "pat-jp1-secret" not in str(raised.value)
    assert "taro" not in str(raised.value)


def test_a_rate_window_is_waited_for(vendor: responses.RequestsMock, hubspot: Make, waits: list[float]) -> None:
    """A 429 on a search is repeated, although it is a POST."""
    vendor.post(f"{CONTACTS}/search", status=429, json={"category": "RATE_LIMITS"})
    vendor.post(f"{CONTACTS}/search", json={"total": 0, "results": []})
    hubspot().search_page("contacts", filters=[], sort_by="createdate", properties=[])
    assert len(waits) == 1


def test_a_page_that_is_no_json_is_for_later(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """An answer that looks like JSON at both ends but is none is told as the vendor's trouble."""
    vendor.get(f"{CRM}/owners/2026-03", body="{oops}")
    with pytest.raises(RetryLater, match="without a usable body"):
        hubspot().check()
