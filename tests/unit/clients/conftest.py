"""Builders for the clients' tests: clients that never really sleep, and a loopback vendor that misbehaves on demand."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import responses
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from connector.clients.hubspot import HubSpotClient
from connector.clients.retry import RetryPolicy
from connector.clients.salesforce import SalesforceClient
from connector.settings import HubSpotSettings, SalesforceSettings

INSTANCE = "https://acme.my.salesforce.com"
DATA = f"{INSTANCE}/services/data/v66.0"
TOKEN_URL = f"{INSTANCE}/services/oauth2/token"
HUBSPOT = "https://api.hubapi.com"


@pytest.fixture
def waits() -> list[float]:
    """The waits between attempts, in seconds, in order; none of them is really slept."""
    return []


@pytest.fixture
def retry(waits: list[float]) -> RetryPolicy:
    """The product's own policy, without sleeping."""
    return RetryPolicy(sleep=waits.append)


@pytest.fixture
def vendor() -> Iterator[responses.RequestsMock]:
    """Answers instead of the vendors; a request that no answer was prepared for is a connection error."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def salesforce(retry: RetryPolicy) -> Callable[..., SalesforceClient]:
    """Makes a client; without more it has a session id and may write."""

    def make(*, read_only: bool = False, reserve_percent: int = 0, **changes: Any) -> SalesforceClient:
        given = {"instance_url": INSTANCE, "auth": "session", "session_id": SecretStr("00D-session"), **changes}
        return SalesforceClient(
            SalesforceSettings(**given), read_only=read_only, reserve_percent=reserve_percent, retry=retry
        )

    return make


@pytest.fixture
def hubspot(retry: RetryPolicy) -> Callable[..., HubSpotClient]:
    """Makes a client with a token of its own, so that tests do not share an account's rate windows."""

    def make(*, read_only: bool = True, reserve_percent: int = 0, **changes: Any) -> HubSpotClient:
        given = {"access_token": SecretStr(f"pat-jp1-secret-{uuid4()}"), **changes}
        return HubSpotClient(
            HubSpotSettings(**given), read_only=read_only, reserve_percent=reserve_percent, retry=retry
        )

    return make


@pytest.fixture(scope="session")
def private_key() -> rsa.RSAPrivateKey:
    """A key as a connected app's certificate would belong to."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def private_key_file(tmp_path: Path, private_key: rsa.RSAPrivateKey) -> Path:
    """That key in a PEM file."""
    path = tmp_path / "salesforce.key"
    path.write_bytes(
        private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


@dataclass(frozen=True)
class Answer:
    """What the loopback vendor answers with, whole unless `length` promises more or `delay` outlasts the client."""

    body: bytes | None
    status: int = 200
    content_type: str = "application/json"
    length: int | None = None
    delay: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class LoopbackVendor:
    """A real HTTPS server with prepared answers: one a request, the last one for all further requests."""

    url: str
    ca_bundle: Path
    answers: list[Answer] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)

    def answer(self, body: bytes, status: int = 200, content_type: str = "application/json", **more: Any) -> None:
        """Prepares a complete answer, or what `more` makes of it."""
        self.answers.append(Answer(body, status, content_type, **more))

    def misbehave(self, how: str) -> None:
        """Prepares an answer that never comes (`hang_up`), comes too late (`stall`) or is cut short (`break_off`)."""
        self.answers.append(
            {
                "hang_up": Answer(None),
                "stall": Answer(None, delay=1.0),
                "break_off": Answer(b'[{"id": "', length=1000),
            }[how]
        )

    def respond(self, handler: BaseHTTPRequestHandler) -> None:
        """Gives the next answer to one request."""
        self.requests.append(f"{handler.command} {handler.path.partition('?')[0]}")
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        time.sleep(answer.delay)
        if answer.body is None:
            handler.close_connection = True
            return
        handler.send_response(answer.status)
        handler.send_header("Content-Type", answer.content_type)
        handler.send_header("Content-Length", str(answer.length or len(answer.body)))
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(answer.body)
        handler.close_connection = answer.length is not None


@pytest.fixture
def loopback(tmp_path: Path) -> Iterator[LoopbackVendor]:
    """A running loopback vendor."""
    authority = trustme.CA()
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    known: list[LoopbackVendor] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            known[0].connections.add(self.client_address)
            super().handle_one_request()

        def respond(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            known[0].respond(self)

        do_GET = do_POST = do_PATCH = do_DELETE = respond  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Tests read the list of requests instead."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    known.append(LoopbackVendor(f"https://127.0.0.1:{server.server_address[1]}", bundle))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield known[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
