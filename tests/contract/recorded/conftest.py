"""Clients of both vendors against answers that were recorded, without a network and without real waiting."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import responses
from pydantic import SecretStr
from replaying import INSTANCE

from connector.clients.hubspot import HubSpotClient
from connector.clients.retry import RetryPolicy
from connector.clients.salesforce import SalesforceClient
from connector.settings import HubSpotSettings, SalesforceSettings


@pytest.fixture
def waits() -> list[float]:
    """The waits between attempts, in seconds, in order; none of them is really slept."""
    return []


@pytest.fixture
def vendor() -> Iterator[responses.RequestsMock]:
    """Recorded answers instead of the vendors; any other request is a connection error."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def salesforce(waits: list[float]) -> SalesforceClient:
    """A client that may write, of the org of the recordings."""
    settings = SalesforceSettings(instance_url=INSTANCE, auth="session", session_id=SecretStr("00D-session"))
    return SalesforceClient(settings, read_only=False, retry=RetryPolicy(sleep=waits.append))


@pytest.fixture
def hubspot(waits: list[float]) -> Callable[..., HubSpotClient]:
    """Makes a client that may write, with a token of its own so that tests do not share an account's rate windows."""

    def make(api_version: str = "v3", reserve_percent: int = 0) -> HubSpotClient:
        settings: dict[str, Any] = {"access_token": SecretStr(f"pat-jp1-{uuid4()}"), "api_version": api_version}
        policy = RetryPolicy(sleep=waits.append)
        return HubSpotClient(
            HubSpotSettings(**settings), read_only=False, reserve_percent=reserve_percent, retry=policy
        )

    return make
