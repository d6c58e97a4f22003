"""The hostile sandbox: who repeats, and looks before writing again, finishes; no write is lost or doubled."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from broken import CONTACTS, DATA, Broken, broken

from connector.sandbox.faults.kinds import KINDS
from connector.sandbox.hostile import LASTING, RATES

pytestmark = pytest.mark.xdist_group("hostile vendors")  # the last test looks at what all of them met

TASKS, PEOPLE, MOST_ATTEMPTS = 60, 60, 8


@pytest.fixture(scope="module")
def place() -> Iterator[Broken]:
    """One hostile sandbox; arming the table anew makes the same faults again."""
    with broken(hostile=True, seed=4) as one:
        yield one


def patiently(place: Broken, attempt: Callable[[], requests.Response]) -> Any:
    """What the vendor says in the end, in JSON; every transient failure is tried again."""
    for _ in range(MOST_ATTEMPTS):
        try:
            answer = attempt()
            body = answer.json()
        except (requests.RequestException, ValueError):
            continue
        if answer.status_code == 401:
            place.sign_in()
        elif answer.status_code < 300 or answer.status_code == 404:
            return body
        else:
            time.sleep(0.2 if answer.status_code == 429 else 0)
    raise AssertionError(f"no answer in {MOST_ATTEMPTS} attempts")


def rows_of(table: str, place: Broken, key: str) -> list[dict[str, Any]]:
    return [one for one in place.control.get(f"/state/salesforce/{table}").json() if one.get(key)]


def test_upserts_by_key_are_written_once(place: Broken) -> None:
    """One creation a key in the journal, whatever became of the answers and of single rows."""
    waiting = [f"hostile-{number}" for number in range(TASKS)]
    turns = 0
    while waiting and turns < 40:
        turns += 1
        part = waiting[:10]
        records = [{"attributes": {"type": "Task"}, "Subject": key, "Okoshi_Key__c": key} for key in part]

        def upsert(records: list[dict[str, Any]] = records) -> requests.Response:
            path = f"{DATA}/composite/sobjects/Task/Okoshi_Key__c"
            return place.salesforce.call("PATCH", path, json={"allOrNone": False, "records": records})

        results = patiently(place, upsert)
        done = {key for key, one in zip(part, results, strict=True) if one["success"]}
        waiting = [key for key in waiting if key not in done]
    assert waiting == []
    created = [one["after"]["Okoshi_Key__c"] for one in place.journal("salesforce") if one["object"] == "Task"]
    assert Counter(created) == {f"hostile-{number}": 1 for number in range(TASKS)}
    assert {one["Okoshi_Key__c"] for one in rows_of("Task", place, "Okoshi_Key__c")} >= set(created)


def test_creations_that_are_looked_up_first_are_written_once(place: Broken) -> None:
    """HubSpot: after an answer that did not come, the record is looked for before it is made again."""
    for number in range(PEOPLE):
        email = f"p{number}@hostile.example"

        def once(email: str = email) -> requests.Response:
            found = place.hubspot.call("GET", f"{CONTACTS}/{email}", params={"idProperty": "email"})
            if found.status_code != 404:
                return found
            return place.hubspot.call("POST", CONTACTS, json={"properties": {"email": email}})

        assert patiently(place, once)["id"]
    made = Counter(one["after"]["email"] for one in place.journal("hubspot") if one["object"] == "contacts")
    assert made == {f"p{number}@hostile.example": 1 for number in range(PEOPLE)}


def test_everything_can_be_read(place: Broken) -> None:
    """Page by page with repetitions: the very records that the portal holds."""
    seen: list[str] = []
    after: str | None = None
    while True:
        query = {"limit": 20, **({"after": after} if after else {})}
        page = patiently(place, lambda query=query: place.hubspot.call("GET", CONTACTS, params=query))
        seen += [one["id"] for one in page["results"]]
        after = page.get("paging", {}).get("next", {}).get("after")
        if after is None:
            break
    held = [one["id"] for one in place.control.get("/state/hubspot/contacts").json() if not one["archived"]]
    assert sorted(seen) == sorted(held)


def test_the_clients_met_faults(place: Broken) -> None:
    """It was no fair-weather run, and the log names what happened."""
    for _ in range(100):
        patiently(place, lambda: place.query("SELECT Id FROM User LIMIT 1"))
    summary = place.control.get("/requests/summary").json()
    met = Counter(summary["salesforce"]["faults"]) + Counter(summary["hubspot"]["faults"])
    assert len(met) >= 6
    total = summary["salesforce"]["total"] + summary["hubspot"]["total"]
    assert met.total() < total / 2
    used = {one["kind"]: one.get("used") for one in place.control.get("/faults").json()["faults"]}
    assert set(used) == set(KINDS)


def test_the_table_has_every_kind() -> None:
    """All kinds of faults are part of the hostile mode, each at a rate that leaves room for repetitions."""
    assert {given["kind"] for _, given in RATES} | {given["kind"] for given in LASTING} == set(KINDS)
    spoiling = sum(rate for rate, given in RATES if given["kind"] not in ("latency", "slow_drip"))
    assert spoiling < 0.3


def test_the_same_seed_is_hostile_in_the_same_way() -> None:
    """Two sandboxes of one seed spoil the same of the same requests."""

    def pattern(seed: int) -> list[str | None]:
        with broken(hostile=True, seed=seed) as place:
            for _ in range(60):
                try:
                    place.hubspot.call("GET", "/account-info/v3/details")
                except requests.RequestException:
                    continue
            return [one.get("fault") for one in place.control.lines("/requests") if one["vendor"] == "hubspot"]

    first = pattern(8)
    assert first == pattern(8)
    assert first != pattern(9)
