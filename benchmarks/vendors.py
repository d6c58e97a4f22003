"""A sandbox as the benchmarks use it: in a process of its own, asked what it was asked, and worked in by others.

Used by the other files here. Requests of ours go through the connector's clients; those of the company's other tools,
which make and edit records, through a plain session.
"""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

START_SECONDS = 900
CALL_SECONDS = 120
SHORT_PAUSE = 0.5
COLLECTION = 200
BATCH = 100


@contextmanager
def sandbox(scale: float, place: Path, *options: str) -> Iterator[Path]:
    """A sandbox in its own process; answers its env file. `ready.json` lies beside it."""
    ready, env = place / "ready.json", place / "env"
    command = [sys.executable, "-m", "connector.sandbox", "--scale", str(scale), *options]
    process = subprocess.Popen([*command, "--ready-file", str(ready), "--env-file", str(env)])
    try:
        deadline = time.monotonic() + START_SECONDS
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"The sandbox of scale {scale} did not start.")
            time.sleep(0.2)
        yield env
    finally:
        process.terminate()
        process.wait()


class Control:
    """The control URL: how many requests of which operation each vendor has had, what it holds, and its clock."""

    def __init__(self, ready: Path) -> None:
        self.ready: dict[str, Any] = json.loads(ready.read_text(encoding="utf-8"))
        self._session = requests.Session()
        self._session.trust_env = False

    def requests(self) -> Counter[tuple[str, str]]:
        """Requests so far by vendor and operation."""
        summary = self._call("GET", "/requests/summary")
        return Counter(
            {(vendor, name): count for vendor, told in summary.items() for name, count in told["operations"].items()}
        )

    def state(self, vendor: str, object_: str) -> list[dict[str, Any]]:
        """All living records of one object."""
        rows = self._call("GET", f"/state/{vendor}/{object_}")
        return [row for row in rows if not (row.get("IsDeleted") or row.get("archived"))]

    def advance(self, duration: str) -> None:
        """Moves the vendors' time on."""
        self._call("POST", "/clock", {"advance": duration})

    def now(self) -> str:
        """The vendors' time."""
        return str(self._call("GET", "/clock")["now"])

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._session.request(
            method, f"{self.ready['control_url'].rstrip('/')}{path}", json=body, timeout=CALL_SECONDS
        )
        answer.raise_for_status()
        return answer.json()


class Others:
    """The company's other tools, which write to both vendors as anybody does."""

    def __init__(self, control: Control) -> None:
        self.control = control
        ready = control.ready
        self._base = {"salesforce": ready["salesforce"]["instance_url"], "hubspot": ready["hubspot"]["base_url"]}
        self._session = {vendor: requests.Session() for vendor in self._base}
        for session in self._session.values():
            session.trust_env, session.verify = False, ready["ca_bundle"]
        tokens = {
            "salesforce": _token(ready["salesforce"], self._session["salesforce"]),
            "hubspot": ready["hubspot"]["access_token"],
        }
        for vendor, token in tokens.items():
            self._session[vendor].headers["Authorization"] = f"Bearer {token}"

    def edit(self, vendor: str, object_: str, number: int, field: str, text: str) -> list[str]:
        """That many living records get a new text in a field; where there are fewer, the rest is made. Their ids."""
        key = "Id" if vendor == "salesforce" else "id"
        ids = [str(row[key]) for row in self.control.state(vendor, object_)[:number]]
        send = self._salesforce if vendor == "salesforce" else self._hubspot
        send("PATCH", object_, [{key: one, field: text} for one in ids])
        return ids + send("POST", object_, [self._new(object_, field, text, one) for one in range(number - len(ids))])

    def make_list(self, name: str) -> str:
        """A HubSpot list of contacts that is filled by hand; its id."""
        body = {"name": name, "objectTypeId": "0-1", "processingType": "MANUAL"}
        return str(self._post("hubspot", "POST", "/crm/v3/lists", body)["list"]["listId"])

    def _new(self, object_: str, field: str, text: str, number: int) -> dict[str, Any]:
        needed: dict[str, dict[str, Any]] = {
            "Opportunity": {"Name": f"商談 {number}", "StageName": "提案", "CloseDate": "2027-03-31"},
            "Contact": {"LastName": f"担当 {number}"},
            "Task": {"Status": "未着手", "Priority": "Normal"},
            "contacts": {"email": f"benchmark-{number}@example.com"},
            "calls": {"hs_timestamp": self.control.ready["now"]},
            "deals": {"dealname": f"商談 {number}"},
        }
        return {**needed[object_], field: text}

    def _salesforce(self, method: str, object_: str, records: Sequence[dict[str, Any]]) -> list[str]:
        ids: list[str] = []
        for start in range(0, len(records), COLLECTION):
            part = [{"attributes": {"type": object_}, **record} for record in records[start : start + COLLECTION]]
            path = "/services/data/v66.0/composite/sobjects"
            answer = self._post("salesforce", method, path, {"allOrNone": False, "records": part})
            if bad := [row["errors"] for row in answer if not row["success"]]:
                raise SystemExit(f"Salesforce refused {len(bad)} rows of {object_}: {bad[0]}")
            ids += [str(row["id"]) for row in answer]
        return ids

    def _hubspot(self, method: str, object_: str, records: Sequence[dict[str, Any]]) -> list[str]:
        ids: list[str] = []
        verb = "create" if method == "POST" else "update"
        for start in range(0, len(records), BATCH):
            inputs = [
                {"properties": {name: value for name, value in record.items() if name != "id"}}
                | ({"id": record["id"]} if "id" in record else {"associations": []})
                for record in records[start : start + BATCH]
            ]
            answer = self._post("hubspot", "POST", f"/crm/v3/objects/{object_}/batch/{verb}", {"inputs": inputs})
            ids += [str(row["id"]) for row in answer["results"]]
        return ids

    def _post(self, vendor: str, method: str, path: str, body: Any) -> Any:
        base, session = self._base[vendor], self._session[vendor]
        while True:
            answer = session.request(method, f"{base}{path}", json=body, timeout=CALL_SECONDS)
            if answer.status_code != requests.codes.too_many_requests:
                break
            time.sleep(SHORT_PAUSE)
        if not answer.ok:
            raise SystemExit(f"{vendor} refused {method} {path}: {answer.text[:300]}")
        return answer.json()


def _token(given: dict[str, str], session: requests.Session) -> str:
    form = {name: given[name] for name in ("client_id", "client_secret")} | {"grant_type": "client_credentials"}
    return str(session.post(given["token_url"], data=form, timeout=CALL_SECONDS).json()["access_token"])
