"""A running sandbox as sources and sinks see it: clients of both vendors, and a hand to move time and break things."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from connector.clients.hubspot import HubSpotClient
from connector.clients.retry import RetryPolicy
from connector.clients.salesforce import SalesforceClient
from connector.sandbox.access import Ready
from connector.sandbox.hostile import APART, LASTING, RATES
from connector.settings import HubSpotSettings, SalesforceSettings

SHORT_WAITS = RetryPolicy(sleep=lambda seconds: time.sleep(min(seconds, 0.3)))
"""Waits as long as a rate limit of the sandbox needs, and no longer where it is broken on purpose."""


API = "^/(?!services/oauth2)"
"""Where a hostile vendor is hostile."""


@dataclass(frozen=True)
class Sandbox:
    """The control side of a running sandbox."""

    ready: Ready
    hostile: bool = False
    _clients: dict[tuple[str, bool], Any] = field(default_factory=dict)

    def client(self, system: str, *, read_only: bool = True) -> Any:
        """A client of one system, made once."""
        key = (system, read_only)
        if key not in self._clients:
            self._clients[key] = CLIENTS[system](self.ready, read_only=read_only)
        return self._clients[key]

    def get(self, path: str) -> Any:
        """The JSON of an answer."""
        return self._call("GET", path).json()

    def lines(self, path: str) -> list[dict[str, Any]]:
        """The members of a JSON Lines answer."""
        return [json.loads(line) for line in self._call("GET", path).text.splitlines()]

    def state(self, vendor: str, object_: str) -> list[dict[str, Any]]:
        """All records of one object, as the vendor holds them."""
        return list(self.get(f"/state/{vendor}/{object_}"))

    def act(self, action: str, **members: Any) -> dict[str, str]:
        """What a person does; the ids of the records that it made or changed."""
        body = {"actor": self.actor(), "action": action, **members}
        return dict(self._call("POST", "/act", body).json()["ids"])

    def actor(self) -> str:
        """Somebody who works there."""
        users = self.state("salesforce", "User")
        return str(next(user["Id"] for user in users if user["IsActive"]))

    def advance(self, duration: str) -> None:
        """Moves the vendors' clock."""
        self._call("POST", "/clock", {"advance": duration})

    def fault(self, **members: Any) -> None:
        """Breaks the requests that match."""
        self._call("POST", "/faults", members)

    def mend(self) -> None:
        """Takes all faults away, save those of a hostile sandbox."""
        self._call("DELETE", "/faults")
        if self.hostile:
            rates = [{"path": API, "rate": rate, "times": None, "apart": APART, **given} for rate, given in RATES]
            self._call("POST", "/faults", [*LASTING, *rates])

    def _call(self, method: str, path: str, body: Any = None) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, f"{self.ready.control_url.rstrip('/')}{path}", json=body, timeout=60)
        assert answer.ok, answer.text
        return answer


def salesforce_client(ready: Ready, *, read_only: bool = True, **settings_: Any) -> SalesforceClient:
    """A client of the simulated org that waits only shortly between attempts."""
    access = ready.salesforce
    settings = SalesforceSettings.model_validate(
        {
            "instance_url": access.instance_url,
            "token_url": access.token_url,
            "client_id": access.client_id,
            "client_secret": access.client_secret,
            "ca_bundle": Path(ready.ca_bundle),
            **settings_,
        }
    )
    return SalesforceClient(settings, read_only=read_only, retry=SHORT_WAITS)


def hubspot_client(ready: Ready, *, read_only: bool = True) -> HubSpotClient:
    """A client of the simulated portal that waits only shortly between attempts."""
    access = ready.hubspot
    settings = HubSpotSettings.model_validate(
        {"base_url": access.base_url, "access_token": access.access_token, "ca_bundle": Path(ready.ca_bundle)}
    )
    return HubSpotClient(settings, read_only=read_only, retry=SHORT_WAITS)


CLIENTS: Mapping[str, Callable[..., Any]] = {"salesforce": salesforce_client, "hubspot": hubspot_client}
"""By system: what makes a client of the sandbox. A new source or sink adds its own."""


class OneWorker:
    """All tests of one class run in one worker: they share a sandbox, and what was loaded from it."""

    def __init_subclass__(cls) -> None:
        cls.pytestmark = [pytest.mark.xdist_group(cls.__name__)]
