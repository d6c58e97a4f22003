"""Merging in HubSpot: only a client that was made for it can send a merge, and it can send no other write."""

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
import responses
from pydantic import SecretStr

from connector.clients.errors import AnswerLost
from connector.clients.guard import ReadOnlyViolation
from connector.clients.hubspot import HubSpotClient
from connector.clients.retry import RetryPolicy
from connector.settings import HubSpotSettings

CRM = "https://api.hubapi.com/crm"
COMPANIES = f"{CRM}/objects/2026-03/companies"

Make = Callable[..., HubSpotClient]


@pytest.fixture
def hubspot(retry: RetryPolicy) -> Make:
    """Makes a client with a token of its own, so that tests do not share an account's rate windows."""

    def make(**options: bool) -> HubSpotClient:
        settings = HubSpotSettings(access_token=SecretStr(f"pat-jp1-secret-{uuid4()}"))
        return HubSpotClient(settings, retry=retry, **options)

    return make


@pytest.mark.parametrize("object_type", ["companies", "contacts"])
def test_two_records_become_one(vendor: responses.RequestsMock, hubspot: Make, object_type: str) -> None:
    """The one that stays is named first; the answer tells the id under which they go on."""
    asked = vendor.post(f"{CRM}/objects/2026-03/{object_type}/merge", json={"id": "99", "properties": {}})
    assert hubspot(read_only=False, merging=True).merge(object_type, "11", "14") == "99"
    assert json.loads(asked.calls[0].request.body or b"") == {"primaryObjectId": "11", "objectIdToMerge": "14"}


@pytest.mark.parametrize(
    "options", [{"read_only": True}, {"read_only": True, "merging": True}, {"read_only": False}], ids=str
)
def test_no_other_client_can_send_a_merge(
    vendor: responses.RequestsMock, hubspot: Make, options: dict[str, bool]
) -> None:
    """Neither a dry run nor a run: it cannot be undone."""
    asked = vendor.post(f"{COMPANIES}/merge", json={"id": "11"})
    with pytest.raises(ReadOnlyViolation):
        hubspot(**options).merge("companies", "11", "14")
    assert asked.call_count == 0


def test_a_client_for_merging_writes_nothing_else(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """It reads, and merges."""
    asked = vendor.post(f"{COMPANIES}/batch/update", json={"results": []})
    vendor.post(f"{COMPANIES}/batch/read", json={"results": [{"id": "11", "properties": {"name": "x"}}]})
    client = hubspot(read_only=False, merging=True)
    assert client.batch_read("companies", ["11"], ["name"])[0]["id"] == "11"
    with pytest.raises(ReadOnlyViolation):
        client.batch_update("companies", [{"id": "11", "properties": {"name": "y"}}])
    assert asked.call_count == 0


def test_a_merge_without_an_answer_is_not_sent_again(vendor: responses.RequestsMock, hubspot: Make) -> None:
    """Nobody knows whether it happened; who asked looks it up."""
    asked = vendor.post(f"{COMPANIES}/merge", status=502, body="<html>")
    with pytest.raises(AnswerLost):
        hubspot(read_only=False, merging=True).merge("companies", "11", "14")
    assert asked.call_count == 1
