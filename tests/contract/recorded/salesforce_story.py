"""Tells a recorded Salesforce cassette again to the sandbox: the same requests in the same order, with its own ids.

Used by the likeness tests. What a recorded query found, and no recorded write had made, is put there first.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from recordings import Exchange

from connector.sandbox.access import Ready

DATA = "/services/data/v66.0"
EMPTIED = ("Event", "Opportunity", "Contact", "Lead", "Account")
MUST_HAVE: Mapping[str, Mapping[str, Any]] = {
    "Contact": {"LastName": "Bluth"},
    "Opportunity": {"Name": "Banana stand", "StageName": "提案", "CloseDate": "2026-12-01"},
    "Account": {"Name": "Bluth Company"},
    "Event": {"DurationInMinutes": 60},
}
CHILDREN = {"Opportunities": ("Opportunity", "ContactId")}
PARENTS = {"Who": "WhoId", "What": "WhatId"}


@dataclass
class Org:
    """The simulated org as a plain client sees it."""

    address: str
    session: requests.Session

    @classmethod
    def signed_in(cls, ready: Ready) -> "Org":
        session = requests.Session()
        session.trust_env = False
        session.verify = ready.ca_bundle
        access = ready.salesforce
        form = {
            "grant_type": "client_credentials",
            "client_id": access.client_id,
            "client_secret": access.client_secret,
        }
        token = session.post(access.token_url, data=form, timeout=20).json()["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        # The orgs of the recordings had no duplicate rules; this one has the vendor's standard ones.
        session.headers["Sforce-Duplicate-Rule-Header"] = "allowSave=true"
        return cls(access.instance_url, session)

    def call(self, method: str, resource: str, **arguments: Any) -> requests.Response:
        return self.session.request(method, f"{self.address}{DATA}{resource}", timeout=30, **arguments)

    def rows(self, soql: str) -> list[dict[str, Any]]:
        answer = self.call("GET", "/query", params={"q": soql})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["records"])

    def empty(self) -> None:
        """Deletes all records that a recording could meet."""
        for object_ in EMPTIED:
            ids = [row["Id"] for row in self.rows(f"SELECT Id FROM {object_}")]
            for start in range(0, len(ids), 200):
                answer = self.call("DELETE", "/composite/sobjects", params={"ids": ",".join(ids[start : start + 200])})
                assert answer.status_code == 200, answer.text

    def create(self, object_: str, values: Mapping[str, Any]) -> str:
        answer = self.call("POST", f"/sobjects/{object_}", json={**MUST_HAVE.get(object_, {}), **values})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


@dataclass
class Story:
    """One cassette being told; `ids` maps recorded ids to the sandbox's."""

    org: Org
    exchanges: Sequence[Exchange]
    ids: dict[str, str] = field(default_factory=dict)
    _values: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """What all queries together show of a record is what it holds from the beginning."""
        for exchange in self.exchanges:
            for record in exchange.answer["records"] if exchange.resource.startswith("/query") else ():
                self._values.setdefault(_id(record), {}).update(_plain(record))

    def tell(self, exchange: Exchange) -> requests.Response:
        """The sandbox's answer to the same request."""
        if exchange.resource.startswith("/query"):
            for record in exchange.answer["records"]:
                self._put(record)
        sent = json.dumps(exchange.sent)
        for recorded, own in self.ids.items():
            sent = sent.replace(recorded, own)
        given = {"params": exchange.query} if exchange.query else {}
        if exchange.sent is not None:
            given["json"] = json.loads(sent)
        answer = self.org.call(exchange.method, exchange.resource, **given)
        if exchange.method in {"POST", "PATCH"} and answer.ok:
            self.ids.update(_pairs(exchange.answer, answer.json()))
        return answer

    def _put(self, record: Mapping[str, Any], **more: Any) -> str:
        """A record that the recording knows to be there: the values that it showed, its parents and its children."""
        object_, recorded = record["attributes"]["type"], _id(record)
        if object_ not in EMPTIED:  # users and what a query reckons are there already
            return ""
        if recorded not in self.ids:
            values = self._values.get(recorded) or _plain(record)
            parents = {PARENTS[name]: self._put(record[name]) for name in PARENTS if record.get(name)}
            self.ids[recorded] = self.org.create(object_, {**values, **parents, **more})
        for name, (child, link) in CHILDREN.items():
            for each in (record.get(name) or {}).get("records", ()):
                assert each["attributes"]["type"] == child
                self._put(each, **{link: self.ids[recorded]})
        return self.ids[recorded]


def _plain(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "Id" and isinstance(value, str | int)}


def _id(record: Mapping[str, Any]) -> str:
    return urlsplit(record["attributes"].get("url", "")).path.rpartition("/")[2]


def _pairs(recorded: Any, answered: Any) -> Iterator[tuple[str, str]]:
    """Recorded and own id of each record that was written."""
    many = isinstance(recorded, list)
    for theirs, ours in zip(recorded if many else [recorded], answered if many else [answered], strict=True):
        if theirs.get("success") and ours.get("success"):
            yield theirs["id"], ours["id"]
