"""One running sandbox for a whole test session, and plain clients that trust its CA."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from connector.sandbox.access import Ready
from connector.sandbox.server import SandboxOptions, running

SMALL = 0.2
SHORT_LIMIT_PAUSE = 0.3
ROLLING = "TEN_SECONDLY_ROLLING"


@dataclass(frozen=True)
class Api:
    """A session with one base URL; `get` and `post` wait for the short limits, `call` does not."""

    base_url: str
    session: requests.Session

    def get(self, path: str, **arguments: Any) -> requests.Response:
        return self._patiently("GET", path, **arguments)

    def post(self, path: str, body: Any, **arguments: Any) -> requests.Response:
        return self._patiently("POST", path, json=body, **arguments)

    def _patiently(self, method: str, path: str, **arguments: Any) -> requests.Response:
        while True:
            answer = self.call(method, path, **arguments)
            if answer.status_code != 429 or not (path.endswith("/search") or ROLLING in answer.text):
                return answer
            time.sleep(SHORT_LIMIT_PAUSE)

    def call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        return self.session.request(method, f"{self.base_url}{path}", timeout=30, **arguments)

    def lines(self, path: str) -> list[dict[str, Any]]:
        """A JSON Lines answer."""
        return [json.loads(line) for line in self.get(path).text.splitlines()]

    def pages(self, path: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """All results of a HubSpot list, page by page."""
        after: str | None = None
        while True:
            answer = self.get(path, params={**parameters, **({"after": after} if after else {})})
            answer.raise_for_status()
            yield from answer.json()["results"]
            after = answer.json().get("paging", {}).get("next", {}).get("after")
            if not after:
                return


def direct_session() -> requests.Session:
    """A session that heeds no proxy and no CA of the environment: both would come before its own settings."""
    session = requests.Session()
    session.trust_env = False
    return session


def hubspot_api(ready: Ready) -> Api:
    session = direct_session()
    session.verify = ready.ca_bundle
    session.headers["Authorization"] = f"Bearer {ready.hubspot.access_token}"
    return Api(ready.hubspot.base_url, session)


def control_api(ready: Ready) -> Api:
    return Api(ready.control_url, direct_session())


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Ready]:
    """A small company behind both vendors' APIs; tests that write or move time start their own."""
    with running(SandboxOptions(scale=SMALL)) as ready:
        yield ready


@pytest.fixture(scope="session")
def start_sandbox() -> Callable[..., AbstractContextManager[Ready]]:
    """Start another sandbox: `with start_sandbox(plant=…) as ready`."""

    def start(**options: Any) -> AbstractContextManager[Ready]:
        return running(SandboxOptions(**{"scale": 0.05, **options}))

    return start


@pytest.fixture(scope="session")
def connect_hubspot() -> Callable[[Ready], Api]:
    return hubspot_api


@pytest.fixture(scope="session")
def connect_control() -> Callable[[Ready], Api]:
    return control_api


@pytest.fixture(scope="session")
def hubspot(sandbox: Ready) -> Api:
    return hubspot_api(sandbox)


@pytest.fixture(scope="session")
def control(sandbox: Ready) -> Api:
    return control_api(sandbox)
