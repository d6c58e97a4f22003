"""What real orgs and portals were seen to say: every recorded exchange as one value, whatever file it came in.

Read by the tests here. The recordings stay outside of the project; where they are not, there are no exchanges.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml

DATA = Path(__file__).parents[3] / ".." / "shared" / "data"
SALESFORCE, HUBSPOT, DESCRIBES = DATA / "recorded" / "salesforce", DATA / "recorded" / "hubspot", DATA / "describes"
needs_recordings = pytest.mark.skipif(
    not SALESFORCE.is_dir(), reason="the recorded traffic in ../shared/data is not there"
)

_ANSWERED_ALONE: Mapping[str, tuple[str, str, int]] = {
    "batch_update/success.json": ("POST", "/crm/v3/objects/contacts/batch/update", 200),
    "batch_update/err-partial-success.json": ("POST", "/crm/v3/objects/contacts/batch/update", 207),
    "batch_update/err-duplicate-ids.json": ("POST", "/crm/v3/objects/contacts/batch/update", 400),
    "batch_update/err-many-invalid-properties.json": ("POST", "/crm/v3/objects/contacts/batch/update", 400),
    "other/1-first-page.json": ("POST", "/crm/v3/objects/contacts/search", 200),
    "other/contact-to-company-resp.json": ("POST", "/crm/associations/2026-03/contacts/companies/batch/create", 201),
    "other/metadata-contacts-external-pipelines.json": ("GET", "/crm/v3/pipelines/contacts", 200),
    "other/metadata-err-schemas-scope.json": ("GET", "/crm/v3/schemas", 403),
    "other/read-lists-1-first-page.json": ("POST", "/crm/v3/lists/search", 200),
}
"""Answers that were kept without their request: the one that such an answer belongs to."""


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. `sent` is the parsed body of the request, if it is known and JSON."""

    name: str
    method: str
    address: str
    sent: Any
    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return urlsplit(self.address).path

    @property
    def resource(self) -> str:
        """The path behind the API's version, which a recording may have under another number, or none."""
        return re.sub(r"^.*?/services/data/v[^/]+", "", self.path)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.address).query))

    @cached_property
    def answer(self) -> Any:
        """The parsed body of the answer; None for one without."""
        return json.loads(self.text) if self.text else None

    def __str__(self) -> str:
        return self.name


@lru_cache
def cassettes() -> Mapping[str, tuple[Exchange, ...]]:
    """The Salesforce cassettes by name, each with its own exchanges in order; what it includes is a cassette too."""
    return {path.stem: tuple(_interactions(path)) for path in sorted(SALESFORCE.glob("*.yaml"))}


@lru_cache
def salesforce() -> tuple[Exchange, ...]:
    """Every different exchange of the cassettes."""
    found = {(one.method, one.address, str(one.sent), one.text): one for told in cassettes().values() for one in told}
    return tuple(found.values())


@lru_cache
def hubspot() -> tuple[Exchange, ...]:
    """The exchanges of 2022, in the order in which they were recorded, and the answers that were kept alone."""
    return (*_grouparoo(), *_alone())


def named(exchanges: tuple[Exchange, ...], ending: str) -> Exchange:
    """The one exchange whose name ends so."""
    (found,) = [one for one in exchanges if one.name.endswith(ending)]
    return found


def _interactions(path: Path) -> Iterator[Exchange]:
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for number, one in enumerate(document.get("interactions", [document])):
        if "include_file" not in one:
            yield _interaction(f"{path.stem}-{number}", one["request"], one["response"])


def _interaction(name: str, request: Mapping[str, Any], response: Mapping[str, Any]) -> Exchange:
    body = request["body"]
    return Exchange(
        name,
        request["method"],
        request["uri"],
        json.loads(body) if isinstance(body, str) and body[:1] in {"{", "["} else None,
        response["status"]["code"],
        str(response["body"]["string"] or ""),  # the older bulk API's are templates, not texts
        {name: value[0] for name, value in response["headers"].items() if isinstance(value, list)},
    )


def _grouparoo() -> Iterator[Exchange]:
    path = HUBSPOT / "grouparoo.json"
    for number, one in enumerate(json.loads(path.read_text(encoding="utf-8")) if path.is_file() else ()):
        text = json.dumps(one["response"]) if one["response"] else ""
        name = f"{number}-{one['path'].removeprefix('/crm/v3/').replace('/', '-')}-{one['status']}"
        yield Exchange(name, one["method"], one["path"], one.get("body"), one["status"], text, one["headers"])


def _alone() -> Iterator[Exchange]:
    for name, (method, path, status) in _ANSWERED_ALONE.items():
        if (HUBSPOT / name).is_file():
            yield Exchange(name, method, path, None, status, (HUBSPOT / name).read_text(encoding="utf-8"))
