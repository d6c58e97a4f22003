"""Recorded traffic of real portals through the client: pages, partial answers, rate limits and refusals."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import responses

from connector.clients.errors import Refused
from connector.clients.guard import ReadOnlyViolation, RouteGuard
from connector.clients.hubspot import HubSpotClient
from connector.model.errors import ConfigurationError, RetryLater

RECORDED = Path(__file__).parents[3] / ".." / "shared" / "data" / "recorded" / "hubspot"
CRM = "https://api.hubapi.com/crm"

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded traffic in ../shared/data is not there")

Make = Callable[..., HubSpotClient]
Exchange = dict[str, Any]


def load(name: str) -> Any:
    path = RECORDED / name
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


GROUPAROO: list[Exchange] = load("grouparoo.json")
SEARCHES = [exchange for exchange in GROUPAROO if exchange["path"].endswith("/search")]
WRITES = [exchange for exchange in GROUPAROO if "/batch/" in exchange["path"]]


def replay(vendor: responses.RequestsMock, exchange: Exchange) -> None:
    length = {"content-length", "transfer-encoding", "content-type", "connection"}
    vendor.add(
        exchange["method"],
        f"https://api.hubapi.com{exchange['path']}",
        json=exchange["response"],
        status=exchange["status"],
        headers={name: value for name, value in exchange["headers"].items() if name.lower() not in length},
    )


def searched(client: HubSpotClient, exchange: Exchange) -> Any:
    filters = exchange["body"]["filterGroups"][0]["filters"]
    object_type = exchange["path"].split("/")[4]
    return client.search_page(object_type, filters=filters, sort_by="hs_object_id", properties=["domain"])


@pytest.mark.parametrize("exchange", [one for one in SEARCHES if one["status"] == 200])
def test_a_recorded_search_page_is_read(vendor: responses.RequestsMock, hubspot: Make, exchange: Exchange) -> None:
    """Object types spelt COMPANY, answers without rate headers, and a total that does not fit the rows are all real."""
    replay(vendor, exchange)
    page = searched(hubspot(api_version="v3"), exchange)
    assert page.results == exchange["response"]["results"]
    assert page.total == exchange["response"]["total"]


def test_every_recorded_rate_limit_is_waited_for(
    vendor: responses.RequestsMock, hubspot: Make, waits: list[float]
) -> None:
    """The recorded 429 has neither policyName nor Retry-After, and its daily figures are far from used up."""
    limited = [exchange for exchange in SEARCHES if exchange["status"] == 429]
    answered = next(
        exchange for exchange in SEARCHES if exchange["status"] == 200 and exchange["path"] == limited[0]["path"]
    )
    replay(vendor, limited[0])
    replay(vendor, limited[1])
    replay(vendor, answered)
    client = hubspot(api_version="v3", reserve_percent=20)
    assert searched(client, limited[0]).results == answered["response"]["results"]
    assert len(waits) == 2
    assert client.usage.limit == 250_000


def test_a_rate_limit_that_lasts_is_for_later(
    vendor: responses.RequestsMock, hubspot: Make, waits: list[float]
) -> None:
    """After a minute of refusals the run ends with one message."""
    limited = next(exchange for exchange in SEARCHES if exchange["status"] == 429)
    replay(vendor, limited)
    with pytest.raises(RetryLater, match="fewer requests"):
        searched(hubspot(api_version="v3"), limited)
    assert sum(waits) <= 60


@pytest.mark.parametrize("path", sorted({exchange["path"] for exchange in WRITES}))
def test_no_recorded_write_would_leave_the_process(hubspot: Make, path: str) -> None:
    """Nothing writes to HubSpot yet, so even a writing guard refuses."""
    with pytest.raises(ReadOnlyViolation):
        hubspot()._session.post(f"https://api.hubapi.com{path}", json={})
    assert not [route for route in RouteGuard.writing("hubspot")._routes if route.writes]


def test_a_partial_answer_gives_what_is_there(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """A 207 with OBJECT_NOT_FOUND is what reading a deleted id looks like."""
    answer = load("batch_update/err-partial-success.json")
    vendor.post(f"{CRM}/objects/2026-03/contacts/batch/read", status=207, json=answer)
    assert hubspot().batch_read("contacts", ["171591000199", "unknownIdentifier888"], []) == answer["results"]


@pytest.mark.parametrize("name", ["err-duplicate-ids", "err-many-invalid-properties"])
def test_a_refused_batch_says_why_without_its_content(vendor: responses.RequestsMock, hubspot: Make, name: str) -> None:
    """Duplicate ids and unknown properties refuse the whole batch; ids and values stay out of the message."""
    vendor.post(f"{CRM}/objects/2026-03/contacts/batch/read", status=400, json=load(f"batch_update/{name}.json"))
    with pytest.raises((Refused, ConfigurationError)) as refused:
        hubspot().batch_read("contacts", ["123456"], [])
    assert "123456" not in str(refused.value)
    assert "VALIDATION_ERROR" in str(refused.value)


def test_recorded_associations_have_numbers_for_ids(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """The newer answer has one row a pair, with numbers; ours are texts by source id."""
    answer = load("other/contact-to-company-resp.json")
    vendor.post(f"{CRM}/associations/2026-03/contacts/companies/batch/read", json=answer)
    assert hubspot().associations("contacts", "companies", ["211762804612"]) == {
        "211762804612": ["29013756946", "18417469260"]
    }


def test_a_recorded_first_page_leads_to_the_next(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """`paging.next.after` is a text and unset properties are null."""
    vendor.post(f"{CRM}/objects/2026-03/contacts/search", json=load("other/1-first-page.json"))
    page = hubspot().search_page("contacts", filters=[], sort_by="createdate", properties=["company"])
    assert (page.total, page.after, page.results[0]["properties"]["company"]) == (57, "54", None)


def test_a_recorded_missing_scope_is_named(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """What the token lacks is what a person has to add."""
    vendor.get(f"{CRM}/properties/2026-03/contacts", status=403, json=load("other/metadata-err-schemas-scope.json"))
    with pytest.raises(ConfigurationError, match="scope custom-object-read"):
        hubspot().properties("contacts")
