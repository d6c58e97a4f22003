"""The HubSpot client's writes: batches row by row, links, definitions, and what may be sent again."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
import responses

from connector.clients.errors import AnswerLost, Refused
from connector.clients.guard import ReadOnlyViolation
from connector.clients.hubspot import HubSpotClient
from connector.model.errors import ConfigurationError, OkoshiError, RetryLater, StopSync

CRM = "https://api.hubapi.com/crm"
CONTACTS = f"{CRM}/objects/2026-03/contacts"

Make = Callable[..., HubSpotClient]


def sent(call: Any) -> Any:
    return json.loads(call.request.body)


def test_each_row_of_a_creation_carries_a_trace(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """With it the vendor refuses single rows; the answer's order is its own."""
    link = {"to": {"id": "5"}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]}
    taken = {"category": "CONFLICT", "message": "Existing ID: 77", "context": {"objectWriteTraceId": ["0"]}}
    asked = vendor.post(
        f"{CONTACTS}/batch/create",
        status=207,
        json={"results": [{"id": "9", "objectWriteTraceId": "1"}], "errors": [taken]},
    )
    inputs = [
        {"properties": {"email": "a@x.example"}},
        {"properties": {"email": "b@x.example"}, "associations": [link]},
    ]
    first, second = hubspot(read_only=False).batch_create("contacts", inputs)
    assert (first.success, first.errors[0].existing_id) == (False, "77")
    assert (second.success, second.id, second.created) == (True, "9", True)
    assert sent(asked.calls[0])["inputs"] == [
        {"associations": [], "properties": {"email": "a@x.example"}, "objectWriteTraceId": "0"},
        {"associations": [link], "properties": {"email": "b@x.example"}, "objectWriteTraceId": "1"},
    ]


def test_an_update_may_go_by_a_unique_property(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """Then the ids are its values."""
    asked = vendor.post(
        f"{CONTACTS}/batch/update", json={"results": [{"id": "9", "properties": {"email": "a@x.example"}}]}
    )
    change = {"id": "a@x.example", "properties": {"phone": ""}}
    (row,) = hubspot(read_only=False).batch_update("contacts", [change], id_property="email")
    assert (row.success, row.id, row.created) == (True, "9", False)
    assert sent(asked.calls[0])["inputs"] == [{**change, "idProperty": "email", "objectWriteTraceId": "0"}]


def test_an_upsert_says_what_it_created(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """`new` of each row."""
    rows = [{"id": "9", "objectWriteTraceId": "0", "new": True}, {"id": "8", "objectWriteTraceId": "1", "new": False}]
    vendor.post(f"{CONTACTS}/batch/upsert", json={"results": rows})
    inputs = [{"id": "k1", "properties": {}}, {"id": "k2", "properties": {}}]
    results = hubspot(read_only=False).batch_upsert("contacts", inputs, "okoshi_key")
    assert [one.created for one in results] == [True, False]


def test_archiving_answers_nothing(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """A 204; nothing to archive asks nothing."""
    asked = vendor.post(f"{CONTACTS}/batch/archive", status=204)
    client = hubspot(read_only=False)
    client.archive("contacts", [])
    client.archive("contacts", ["1", "2"])
    assert [sent(call) for call in asked.calls] == [{"inputs": [{"id": "1"}, {"id": "2"}]}]


def test_links_are_made_and_removed_in_batches(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """Two thousand a call; a pair is named once."""
    made = vendor.post(f"{CRM}/associations/2026-03/notes/contacts/batch/associate/default", json={"results": []})
    removed = vendor.post(f"{CRM}/associations/2026-03/notes/contacts/batch/archive", status=204)
    client = hubspot(read_only=False)
    client.associate("notes", "contacts", [(str(number % 2001), "5") for number in range(3000)])
    client.dissociate("notes", "contacts", [("1", "5"), ("1", "6")])
    assert [len(sent(call)["inputs"]) for call in made.calls] == [2000, 1]
    assert sent(made.calls[0])["inputs"][0] == {"from": {"id": "0"}, "to": {"id": "5"}}
    assert sent(removed.calls[0])["inputs"] == [{"from": {"id": "1"}, "to": [{"id": "5"}, {"id": "6"}]}]


def test_a_link_that_is_refused_within_a_success_is_refused(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """The vendor answers 200 with errors."""
    error = {"category": "OBJECT_NOT_FOUND", "message": "taro"}
    vendor.post(
        f"{CRM}/associations/2026-03/notes/contacts/batch/associate/default", json={"results": [], "errors": [error]}
    )
    with pytest.raises(Refused, match="OBJECT_NOT_FOUND") as refused:
        hubspot(read_only=False).associate("notes", "contacts", [("1", "5")])
    assert "taro" not in str(refused.value)


def test_a_property_that_is_there_already_is_no_error(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """A group first, then its properties; a second run of the setup finds both."""
    exists = {"category": "OBJECT_ALREADY_EXISTS", "subCategory": "Properties.PROPERTY_EXISTS"}
    for answer in ({"status": 201, "json": {"name": "x"}}, {"status": 409, "json": exists}):
        vendor.post(f"{CRM}/properties/2026-03/contacts/groups", **answer)
        vendor.post(f"{CRM}/properties/2026-03/contacts", **answer)
    client = hubspot(read_only=False)
    definition = {"name": "okoshi_key", "label": "Okoshi", "groupName": "okoshi", "type": "string", "fieldType": "text"}
    made = [
        (client.create_property_group("contacts", "okoshi", "Okoshi"), client.create_property("contacts", definition))
        for _ in range(2)
    ]
    assert made == [(True, True), (False, False)]


def test_a_property_that_is_refused_is_an_error(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """Its group is missing, for example."""
    vendor.post(f"{CRM}/properties/2026-03/contacts", status=400, json={"category": "VALIDATION_ERROR"})
    with pytest.raises(Refused, match="VALIDATION_ERROR"):
        hubspot(read_only=False).create_property("contacts", {"name": "x"})


@pytest.mark.parametrize(
    "trouble",
    [
        {"body": requests.ReadTimeout()},
        {"body": requests.ConnectionError("reset")},
        {"status": 502, "json": {}},
        {"status": 200, "body": '{"results": ['},
        {"status": 200, "json": []},
    ],
    ids=["no answer in time", "connection ended", "out of service", "cut short", "another shape"],
)
def test_a_write_in_doubt_is_not_repeated(
    vendor: responses.RequestsMock, hubspot: Make, trouble: dict[str, Any]
) -> None:
    """It may have happened; somebody has to look."""
    asked = vendor.post(f"{CONTACTS}/batch/create", **trouble)
    with pytest.raises(AnswerLost):
        hubspot(read_only=False).batch_create("contacts", [{"properties": {}}])
    assert asked.call_count == 1


def test_locked_records_are_waited_for(vendor: responses.RequestsMock, hubspot: Make, waits: list[float]) -> None:
    """A 423 wrote nothing and asks for two seconds at least."""
    vendor.post(f"{CONTACTS}/batch/update", status=423, json={"message": "locked"})
    vendor.post(f"{CONTACTS}/batch/update", json={"results": [{"id": "1"}]})
    assert hubspot(read_only=False).batch_update("contacts", [{"id": "1", "properties": {}}])[0].success
    assert len(waits) == 1
    assert waits[0] >= 2


@pytest.mark.parametrize("limit", [{"category": "RATE_LIMITS"}, {"policyName": "TEN_SECONDLY_ROLLING"}])
def test_a_write_that_a_rate_limit_refused_is_sent_again(
    vendor: responses.RequestsMock, hubspot: Make, limit: dict[str, Any]
) -> None:
    """Both shapes of a 429 are refusals before anything was done."""
    vendor.post(f"{CONTACTS}/batch/update", status=429, json=limit)
    vendor.post(f"{CONTACTS}/batch/update", json={"results": [{"id": "1"}]})
    assert hubspot(read_only=False).batch_update("contacts", [{"id": "1", "properties": {}}])[0].success


REFUSALS: list[tuple[dict[str, Any], type[OkoshiError], str]] = [
    ({"status": 429, "json": {"policyName": "DAILY"}}, StopSync, "daily"),
    ({"status": 477, "json": {}, "headers": {"Retry-After": "7200"}}, RetryLater, "moving"),
    ({"status": 409, "json": {"category": "CONFLICT", "message": "taro"}}, Refused, "CONFLICT"),
    ({"status": 403, "json": {"category": "MISSING_SCOPES"}}, ConfigurationError, "scope"),
    ({"status": 404, "json": {"category": "OBJECT_NOT_FOUND", "message": "taro"}}, Refused, "OBJECT_NOT_FOUND"),
]


@pytest.mark.parametrize(("answer", "error", "words"), REFUSALS)
def test_a_refused_write_says_what_has_to_happen_next(
    vendor: responses.RequestsMock, hubspot: Make, answer: dict[str, Any], error: type[OkoshiError], words: str
) -> None:
    """Nothing of it was written, and it is not repeated."""
    asked = vendor.post(f"{CONTACTS}/batch/update", **answer)
    with pytest.raises(error, match=words) as raised:
        hubspot(read_only=False).batch_update("contacts", [{"id": "1", "properties": {}}])
    assert "taro" not in str(raised.value)
    assert asked.call_count == 1


def test_a_portal_that_moves_says_when_to_come_back(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """The vendor's own Retry-After of a 477."""
    vendor.post(f"{CONTACTS}/batch/update", status=477, json={}, headers={"Retry-After": "7200"})
    with pytest.raises(RetryLater) as later:
        hubspot(read_only=False).batch_update("contacts", [{"id": "1", "properties": {}}])
    assert later.value.delay is not None
    assert later.value.delay.total_seconds() == 7200


def test_a_refusal_names_codes_and_properties_but_no_values(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """What the row refusal says to people must not leak into logs."""
    detail = {"message": "taro@", "code": "INVALID_EMAIL", "context": {"propertyName": ["email"]}}
    vendor.post(
        f"{CONTACTS}/batch/update", status=400, json={"category": "VALIDATION_ERROR", "errors": [detail, detail]}
    )
    with pytest.raises(Refused, match=r"HTTP 400; INVALID_EMAIL email\)") as refused:
        hubspot(read_only=False).batch_update("contacts", [{"id": "1", "properties": {}}])
    assert "taro" not in str(refused.value)


def test_more_rows_than_a_batch_takes_are_a_mistake_of_ours(hubspot: Make) -> None:
    """The caller parts them; nothing is sent."""
    with pytest.raises(ValueError, match="at most 100"):
        hubspot(read_only=False).batch_create("contacts", [{"properties": {}}] * 101)


def test_a_dry_run_sends_no_write(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """The guard stands below the client."""
    client = hubspot()
    writes: list[Callable[[], object]] = [
        lambda: client.batch_create("contacts", [{"properties": {}}]),
        lambda: client.batch_update("contacts", [{"id": "1", "properties": {}}]),
        lambda: client.batch_upsert("contacts", [{"id": "1", "properties": {}}], "email"),
        lambda: client.archive("contacts", ["1"]),
        lambda: client.associate("notes", "contacts", [("1", "2")]),
        lambda: client.dissociate("notes", "contacts", [("1", "2")]),
        lambda: client.join_list("1", ["2"]),
        lambda: client.leave_list("1", ["2"]),
        lambda: client.create_property("contacts", {"name": "x"}),
        lambda: client.create_property_group("contacts", "x", "x"),
    ]
    for write in writes:
        with pytest.raises(ReadOnlyViolation):
            write()
    assert len(vendor.calls) == 0
