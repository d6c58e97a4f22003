"""A sandbox to be broken: both vendors' plain clients and the control URL, and a look at raw answers."""

import errno
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from conftest import Api, control_api, direct_session, hubspot_api

from connector.sandbox.access import Ready
from connector.sandbox.server import SandboxOptions, running

CONTACTS = "/crm/v3/objects/contacts"
DATA = "/services/data/v66.0"
SETTLED_SECONDS = 0.3


@dataclass(frozen=True)
class Broken:
    """Clients of one running sandbox."""

    ready: Ready
    control: Api
    hubspot: Api
    salesforce: Api

    def fault(self, **members: Any) -> None:
        """Arm a fault."""
        answer = self.control.post("/faults", members)
        assert answer.status_code == 201, answer.text

    def drift(self, **members: Any) -> None:
        """Let the schema drift."""
        answer = self.control.post("/drift", members)
        assert answer.status_code == 201, answer.text

    def mend(self) -> None:
        """Take everything back."""
        self.control.call("DELETE", "/faults")
        self.control.call("DELETE", "/drift")
        self.control.call("DELETE", "/webhooks")

    def sign_in(self) -> None:
        """A new Salesforce session."""
        given = self.ready.salesforce
        form = {"grant_type": "client_credentials", "client_id": given.client_id, "client_secret": given.client_secret}
        answer = self.salesforce.session.post(given.token_url, data=form, timeout=20)
        self.salesforce.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def query(self, soql: str) -> requests.Response:
        """A SOQL query's answer."""
        return self.salesforce.call("GET", f"{DATA}/query", params={"q": soql})

    def journal(self, vendor: str, operation: str = "create") -> list[dict[str, Any]]:
        """Accepted writes of one kind."""
        lines = self.control.lines("/journal")
        return [one for one in lines if (one["vendor"], one["operation"]) == (vendor, operation)]

    def seen(self) -> list[tuple[int | None, str | None]]:
        """Status and fault of each logged request."""
        return [(one["status"], one.get("fault")) for one in self.control.lines("/requests")]

    def raw(self, path: str) -> tuple[bytes, bool]:
        """The bytes of HubSpot's answer to a GET, and whether the connection was reset in the end."""
        place = urlsplit(self.ready.hubspot.base_url)
        context = ssl.create_default_context(cafile=self.ready.ca_bundle)
        plain = socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=10)
        with context.wrap_socket(plain, server_hostname="localhost") as connection:
            connection.sendall(
                f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Bearer "
                f"{self.ready.hubspot.access_token}\r\nConnection: close\r\n\r\n".encode()
            )
            time.sleep(SETTLED_SECONDS)  # asking for the error takes it away, so it is asked once all has come
            was_reset = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET
            received = b""
            while piece := connection.recv(4096):
                received += piece
            return received, was_reset

    def user(self) -> str:
        """Somebody who can act."""
        users = self.control.get("/state/salesforce/User").json()
        return str(next(one["Email"] for one in users if one["IsActive"]))


@contextmanager
def broken(**options: Any) -> Iterator[Broken]:
    """A small sandbox of one's own, signed in."""
    with running(SandboxOptions(**{"scale": 0.05, **options})) as ready:
        session = direct_session()
        session.verify = ready.ca_bundle
        place = Broken(ready, control_api(ready), hubspot_api(ready), Api(ready.salesforce.instance_url, session))
        place.sign_in()
        yield place
