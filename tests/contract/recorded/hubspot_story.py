"""Makes recorded HubSpot requests to the sandbox's portal, with what each of them needs put there first.

Used by the likeness tests. Each exchange stands alone: what the one before made is archived.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests
from recordings import Exchange

from connector.sandbox.access import Ready

PAUSE = 0.2
SET_BY_THE_VENDOR = {"createdate", "hs_object_id", "lastmodifieddate", "hs_lastmodifieddate"}
SOMETHING = {"COMPANY": {"name": "before"}, "CONTACT": {"firstname": "before"}}
OWN_PROPERTIES = {
    "contacts": {
        "text_field": ("string", "text"),
        "number_field": ("number", "number"),
        "date_field": ("date", "date"),
    },
    "companies": {"twitterhandle": ("string", "text"), "facebookfans": ("number", "number")},
}
"""What the recorded portal's properties are that the sandbox's has not."""


@dataclass
class Portal:
    """The simulated portal as a plain client sees it; it waits where too many searches were made in a second."""

    address: str
    session: requests.Session
    _made: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def signed_in(cls, ready: Ready) -> "Portal":
        session = requests.Session()
        session.trust_env = False
        session.verify = ready.ca_bundle
        session.headers["Authorization"] = f"Bearer {ready.hubspot.access_token}"
        portal = cls(ready.hubspot.base_url, session)
        for object_, properties in OWN_PROPERTIES.items():
            group = portal.call("GET", f"/crm/v3/properties/{object_}/groups").json()["results"][0]["name"]
            for name, (type_, field_type) in properties.items():
                definition = {"name": name, "label": name, "groupName": group, "type": type_, "fieldType": field_type}
                assert portal.call("POST", f"/crm/v3/properties/{object_}", definition).status_code == 201
        return portal

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        while True:
            answer = self.at_once(method, path, body)
            if answer.status_code != 429:
                return answer
            time.sleep(PAUSE)

    def at_once(self, method: str, path: str, body: Any = None) -> requests.Response:
        return self.session.request(method, self.address + path, json=body, timeout=30)

    def create(self, object_: str, *records: Mapping[str, Any]) -> list[str]:
        """The ids of new records, in the order of these values."""
        inputs = [{"properties": values, "objectWriteTraceId": str(row)} for row, values in enumerate(records)]
        answer = self.call("POST", f"/crm/v3/objects/{object_}/batch/create", {"inputs": inputs})
        assert answer.status_code == 201, answer.text
        made = {one["objectWriteTraceId"]: one["id"] for one in answer.json()["results"]}
        self._made += [(object_, id_) for id_ in made.values()]
        return [made[str(row)] for row in range(len(records))]

    def ask(self, exchange: Exchange) -> requests.Response:
        """The sandbox's answer to the same request, about records of the same kind."""
        object_, operation = exchange.path.split("/")[4], exchange.path.rpartition("/")[2]
        self.forget()
        sent = json.dumps(exchange.sent)
        if operation in {"update", "archive"}:
            ids = [one["id"] for one in exchange.sent["inputs"]]
            for recorded, own in zip(ids, self.create(object_, *[SOMETHING[object_]] * len(ids)), strict=True):
                sent = sent.replace(json.dumps(recorded), json.dumps(own))
        if operation == "search" and exchange.answer["results"]:
            self._put(object_, [record["properties"] for record in exchange.answer["results"]])
        answer = self.call(exchange.method, exchange.path, json.loads(sent))
        if operation == "create":
            self._made += [(object_, one["id"]) for one in answer.json().get("results", ())]
        return answer

    def forget(self) -> None:
        """Archives what was made for one exchange."""
        for object_ in {object_ for object_, _ in self._made}:
            inputs = [{"id": id_} for kind, id_ in self._made if kind == object_]
            assert self.call("POST", f"/crm/v3/objects/{object_}/batch/archive", {"inputs": inputs}).status_code == 204
        self._made.clear()

    def _put(self, object_: str, found: Sequence[Mapping[str, str | None]]) -> None:
        """Records as a search found them: what is null was never set, what is empty was set and cleared again."""
        told = [{name: one[name] for name in one.keys() - SET_BY_THE_VENDOR if one[name] is not None} for one in found]
        ids = self.create(object_, *[{name: value or "7" for name, value in one.items()} for one in told])
        cleared = [{name: "" for name, value in one.items() if value == ""} for one in told]
        inputs = [{"id": id_, "properties": names} for id_, names in zip(ids, cleared, strict=True) if names]
        if inputs:
            answer = self.call("POST", f"/crm/v3/objects/{object_}/batch/update", {"inputs": inputs})
            assert answer.status_code == 200, answer.text
