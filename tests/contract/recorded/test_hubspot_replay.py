"""Recorded traffic of real portals through the client: pages, partial answers, rate limits and refusals.

Every recorded exchange whose operation the client has is replayed; the table says why the others are not.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
import responses
from recordings import Exchange, named, needs_recordings
from recordings import hubspot as recorded
from replaying import by_operation, unexplained

from connector.clients.errors import Refused
from connector.clients.guard import ReadOnlyViolation, RouteGuard
from connector.clients.hubspot import HubSpotClient
from connector.model.errors import ConfigurationError, RetryLater

HOST = "https://api.hubapi.com"
CRM = f"{HOST}/crm"

pytestmark = needs_recordings

Make = Callable[..., HubSpotClient]
OURS = by_operation("hubspot", [(one, HOST + one.path) for one in recorded()])
REPLAYED = {"search", "batch_create", "batch_update", "batch_archive", "lists"}
NOT_OURS = {
    r"GET /crm/v3/schemas(/CONTACT)?": "objects of the portal's own; the client asks for properties, object by object",
    r"GET /crm/v3/pipelines/contacts": "the client reads stages from the options of `dealstage` and `lifecyclestage`",
    r"POST /crm/associations/2026-03/contacts/companies/batch/create": "links of a type; the client makes plain ones",
}


def replay(vendor: responses.RequestsMock, exchange: Exchange) -> None:
    """Answers as recorded, headers included, save those that the transport makes itself."""
    own = {"content-length", "transfer-encoding", "content-type", "connection"}
    vendor.add(
        exchange.method,
        HOST + exchange.path,
        body=exchange.text,
        status=exchange.status,
        content_type="application/json;charset=utf-8",
        headers={name: value for name, value in exchange.headers.items() if name.lower() not in own},
    )


def object_of(exchange: Exchange) -> str:
    return exchange.path.split("/")[4]


def searched(client: HubSpotClient, exchange: Exchange) -> Any:
    filters = exchange.sent["filterGroups"][0]["filters"] if exchange.sent else []
    return client.search_page(object_of(exchange), filters=filters, sort_by="hs_object_id", properties=["domain"])


def with_status(operation: str, *statuses: int) -> list[Exchange]:
    return [one for one in OURS[operation] if one.status in statuses]


def test_every_recorded_exchange_is_replayed_or_said_not_to_be_ours() -> None:
    """No operation of the client goes without its recordings, and no reason outlives the recording it is for."""
    assert set(OURS) - {None} == REPLAYED
    assert not unexplained(OURS[None], NOT_OURS)
    assert {one.status for kind in REPLAYED for one in OURS[kind]} == {200, 201, 204, 207, 400, 429}


@pytest.mark.parametrize("exchange", with_status("search", 200), ids=str)
def test_a_recorded_search_page_is_read(vendor: responses.RequestsMock, hubspot: Make, exchange: Exchange) -> None:
    """Object types spelt COMPANY, answers without rate headers, and a total that does not fit the rows are all real."""
    replay(vendor, exchange)
    page = searched(hubspot(), exchange)
    assert page.results == exchange.answer["results"]
    assert page.total == exchange.answer["total"]
    assert page.after == exchange.answer.get("paging", {}).get("next", {}).get("after")


@pytest.mark.parametrize("exchange", with_status("search", 429), ids=str)
def test_every_recorded_rate_limit_is_waited_for(
    vendor: responses.RequestsMock, hubspot: Make, waits: list[float], exchange: Exchange
) -> None:
    """The recorded 429 has neither policyName nor Retry-After, and its daily figures are far from used up."""
    answered = next(one for one in with_status("search", 200) if one.path == exchange.path)
    for one in (exchange, exchange, answered):
        replay(vendor, one)
    client = hubspot(reserve_percent=20)
    assert searched(client, exchange).results == answered.answer["results"]
    assert len(waits) == 2
    assert client.usage.limit == (250_000 if "X-HubSpot-RateLimit-Daily" in answered.headers else client.usage.limit)


def test_a_rate_limit_that_lasts_is_for_later(
    vendor: responses.RequestsMock, hubspot: Make, waits: list[float]
) -> None:
    """After a minute of refusals the run ends with one message."""
    limited = with_status("search", 429)[0]
    replay(vendor, limited)
    with pytest.raises(RetryLater, match="fewer requests"):
        searched(hubspot(), limited)
    assert sum(waits) <= 60


@pytest.mark.parametrize("path", sorted({one.path for kind in REPLAYED for one in OURS[kind] if "/batch/" in one.path}))
def test_no_recorded_write_would_leave_a_dry_run(path: str) -> None:
    """What writes is refused before it is sent."""
    request = requests.Request("POST", HOST + path, json={}).prepare()
    assert RouteGuard.writing("hubspot").route(request).writes
    with pytest.raises(ReadOnlyViolation):
        RouteGuard.reading("hubspot").route(request)


@pytest.mark.parametrize("exchange", OURS["batch_create"], ids=str)
def test_recorded_creations_come_in_another_order_and_are_told_apart(
    vendor: responses.RequestsMock, hubspot: Make, exchange: Exchange
) -> None:
    """Without trace ids in the answer a row is recognised by the values that were sent with it."""
    replay(vendor, exchange)
    inputs = exchange.sent["inputs"]
    results = hubspot().batch_create(object_of(exchange), inputs)
    made = {row["id"]: row["properties"] for row in exchange.answer["results"]}
    for sent, result in zip(inputs, results, strict=True):
        assert (result.success, result.created) == (True, True)
        assert made[str(result.id)].items() >= sent["properties"].items()


@pytest.mark.parametrize("exchange", with_status("batch_update", 200, 207), ids=str)
def test_recorded_updates_are_told_apart_by_id(
    vendor: responses.RequestsMock, hubspot: Make, exchange: Exchange
) -> None:
    """Each input has the result of its own id; an unknown id is told by `context.ids`, the rest is written."""
    replay(vendor, exchange)
    missing = [one for error in exchange.answer.get("errors", ()) for one in error["context"]["ids"]]
    ids = [*missing, *(row["id"] for row in exchange.answer["results"])]
    inputs = [{"id": one, "properties": {"firstname": "x"}} for one in ids]
    results = hubspot().batch_update(object_of(exchange), inputs)
    assert [(row.success, row.answered) for row in results] == [(one not in missing, True) for one in ids]
    assert [row.id for row in results if row.success] == [one for one in ids if one not in missing]
    assert {error.code for row in results for error in row.errors} <= {"OBJECT_NOT_FOUND"}


@pytest.mark.parametrize("exchange", with_status("batch_update", 400), ids=str)
def test_a_refused_batch_says_why_without_its_content(
    vendor: responses.RequestsMock, hubspot: Make, exchange: Exchange
) -> None:
    """Twins refuse the whole batch; so do unknown properties, which are for a person. No id, no value is told."""
    replay(vendor, exchange)
    unknown = "errors" in exchange.answer
    with pytest.raises(ConfigurationError if unknown else Refused) as refused:
        hubspot().batch_update("contacts", [{"id": "123456", "properties": {"firstname": "x"}}])
    assert "123456" not in str(refused.value)
    assert "VALIDATION_ERROR" in str(refused.value)
    assert ("first000name" in str(refused.value)) is unknown


@pytest.mark.parametrize("exchange", OURS["batch_archive"], ids=str)
def test_a_recorded_archiving_has_no_answer(vendor: responses.RequestsMock, hubspot: Make, exchange: Exchange) -> None:
    """204 is all there is to tell; the ids go out as they were sent then."""
    replay(vendor, exchange)
    hubspot().archive(object_of(exchange), [one["id"] for one in exchange.sent["inputs"]])
    assert json.loads(vendor.calls[0].request.body or b"") == exchange.sent


def test_recorded_lists_are_read(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """A first page says where the next one begins; what is asked for besides comes as texts."""
    (first,) = OURS["lists"]
    replay(vendor, first)
    told = first.answer["lists"]
    last = {**first.answer, "offset": 3, "hasMore": False, "lists": told[:1]}
    vendor.post(HOST + first.path, json=last)
    assert list(hubspot().lists()) == [*told, *told[:1]]


def test_a_partial_answer_gives_what_is_there(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """A 207 with OBJECT_NOT_FOUND is what reading a deleted id looks like."""
    answer = named(recorded(), "err-partial-success.json").answer
    vendor.post(f"{CRM}/objects/2026-03/contacts/batch/read", status=207, json=answer)
    client = hubspot(api_version="2026-03")
    assert client.batch_read("contacts", ["171591000199", "unknownIdentifier888"], []) == answer["results"]


def test_a_recorded_missing_scope_is_named(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """What the token lacks is what a person has to add."""
    refusal = named(recorded(), "metadata-err-schemas-scope.json")
    vendor.get(f"{CRM}/v3/properties/contacts", status=refusal.status, json=refusal.answer)
    with pytest.raises(ConfigurationError, match="scope custom-object-read"):
        hubspot().properties("contacts")
