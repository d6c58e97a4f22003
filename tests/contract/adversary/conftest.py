"""A hostile server for each test, and clients of it that never really sleep between attempts."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import trustme
from hostile_server import HostileServer
from pydantic import SecretStr

from connector.clients.hubspot import HubSpotClient
from connector.clients.retry import RetryPolicy
from connector.clients.salesforce import SalesforceClient
from connector.settings import HubSpotSettings, SalesforceSettings

TOKEN = "secret-token-of-ours"

Make = Callable[..., Any]


@pytest.fixture
def waits() -> list[float]:
    """The waits between attempts, in seconds; none of them is really slept."""
    return []


@pytest.fixture
def retry(waits: list[float]) -> RetryPolicy:
    """The product's own policy, without sleeping."""
    return RetryPolicy(sleep=waits.append)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Who signs the server's certificate."""
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its certificate, as a setting names it."""
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="session")
def certificate(authority: trustme.CA) -> trustme.LeafCert:
    """A good certificate for the loopback."""
    return authority.issue_cert("127.0.0.1", "localhost")


@pytest.fixture
def new_server(authority: trustme.CA, ca_bundle: Path, certificate: trustme.LeafCert) -> Iterator[Make]:
    """Starts servers, with a good certificate or another one."""
    started: list[HostileServer] = []

    def start(shown: trustme.LeafCert = certificate) -> HostileServer:
        started.append(HostileServer(authority, ca_bundle, shown))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def server(new_server: Make) -> HostileServer:
    """The hostile server."""
    made: HostileServer = new_server()
    return made


@pytest.fixture
def expired(authority: trustme.CA) -> trustme.LeafCert:
    """A certificate that was good until yesterday."""
    return authority.issue_cert("127.0.0.1", not_after=datetime.now(UTC) - timedelta(days=1))


@pytest.fixture
def salesforce(server: HostileServer, retry: RetryPolicy) -> Make:
    """Makes a client of the server, with a session id; it may write."""

    def make(**changes: Any) -> SalesforceClient:
        given = {
            "instance_url": server.url,
            "auth": "session",
            "session_id": SecretStr(TOKEN),
            "ca_bundle": server.ca_bundle,
            "timeout_seconds": 0.5,
            **changes,
        }
        return SalesforceClient(SalesforceSettings(**given), read_only=False, retry=retry)

    return make


@pytest.fixture
def hubspot(server: HostileServer, retry: RetryPolicy) -> Make:
    """Makes a client of the server with a token of its own, so that tests share no rate windows; it may write."""

    def make(**changes: Any) -> HubSpotClient:
        given = {
            "base_url": server.url,
            "access_token": SecretStr(f"{TOKEN}-{uuid4()}"),
            "ca_bundle": server.ca_bundle,
            "timeout_seconds": 0.5,
            **changes,
        }
        return HubSpotClient(HubSpotSettings(**given), read_only=False, retry=retry)

    return make
