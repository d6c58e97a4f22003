"""Both vendors' HTTP answers, prepared one by one, and clients that read them without waiting."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from pydantic import SecretStr
from requests import PreparedRequest

from connector.clients.hubspot import HubSpotClient
from connector.clients.retry import RetryPolicy
from connector.clients.salesforce import SalesforceClient
from connector.settings import HubSpotSettings, SalesforceSettings

INSTANCE = "https://acme.my.salesforce.com"
DATA = f"{INSTANCE}/services/data/v66.0"
HUBSPOT = "https://api.hubapi.com"
NO_WAITING = RetryPolicy(sleep=lambda _: None)


@pytest.fixture
def vendor() -> Iterator[responses.RequestsMock]:
    """Answers instead of the vendors; a request that no answer was prepared for is a connection error."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def salesforce() -> SalesforceClient:
    """A client with a session."""
    settings = SalesforceSettings(instance_url=INSTANCE, auth="session", session_id=SecretStr("00D-session"))
    return SalesforceClient(settings, read_only=True, retry=NO_WAITING)


@pytest.fixture
def hubspot() -> HubSpotClient:
    """A client with a token."""
    return HubSpotClient(HubSpotSettings(access_token=SecretStr("pat-token")), read_only=True, retry=NO_WAITING)


@pytest.fixture
def described(vendor: responses.RequestsMock) -> Callable[..., None]:
    """Makes the org answer the describe of an object with these fields; a reference is given as (name, targets)."""

    def answer(object_: str, prefix: str, *fields: str | tuple[str, Sequence[str]]) -> None:
        given = [(field, ()) if isinstance(field, str) else field for field in fields]
        described = [
            {
                "name": name,
                "type": "reference" if targets else "string",
                "referenceTo": list(targets),
                "relationshipName": name.removesuffix("Id") if targets else None,
            }
            for name, targets in given
        ]
        body = {"name": object_, "keyPrefix": prefix, "fields": described}
        vendor.get(f"{DATA}/sobjects/{object_}/describe", json=body)

    return answer


@pytest.fixture
def queried(vendor: responses.RequestsMock) -> Callable[[Callable[[str], Mapping[str, Any]]], list[str]]:
    """Answers every SOQL by a function and keeps the texts."""

    def answer(by: Callable[[str], Mapping[str, Any]]) -> list[str]:
        texts: list[str] = []

        def reply(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
            assert len(str(request.url)) < 16_000
            texts.append(parse_qs(urlsplit(str(request.url)).query)["q"][0])
            return 200, {}, json.dumps({"done": True, **by(texts[-1])})

        for way in ("query", "queryAll"):
            vendor.add_callback(responses.GET, f"{DATA}/{way}/", reply)
        return texts

    return answer
