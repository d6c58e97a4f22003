"""Killed at any instruction, cut off in mid-answer, started twice: nothing is written twice and nothing is lost."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable

import pytest
import requests
from company import Company

from connector.store.store import Store

Start = Callable[..., Company]
BOTH_ORGS = pytest.mark.parametrize(
    "plant", [frozenset(), frozenset({"nokey"})], ids=["with key field", "without key field"]
)
WRITES = "/composite/sobjects"


def start_run(company: Company) -> subprocess.Popen[bytes]:
    """`okoshi run`, as a scheduled container would start it."""
    command = [sys.executable, "-m", "connector.cli", "--env-file", str(company.env_file)]
    command += ["--project-dir", str(company.project), "run", "--json"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OKOSHI_")}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def ours(company: Company) -> Counter[str]:
    """How many live tasks of ours each deal has."""
    return Counter(task["WhatId"] for task in company.tasks() if "管理番号" in (task["Description"] or ""))


def fault(company: Company, **details: object) -> None:
    """Ask the sandbox to misbehave."""
    requests.post(f"{company.control}/faults", json=details, timeout=10).raise_for_status()


def ledger_states(company: Company) -> Counter[str]:
    """How many changes the ledger has in each state, read past a run that is alive."""
    connection = sqlite3.connect(f"file:{company.project / 'okoshi.db'}?mode=ro", uri=True, timeout=10)
    try:
        return Counter(dict(connection.execute("SELECT state, count(*) FROM ledger GROUP BY state").fetchall()))
    finally:
        connection.close()


def eventually(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.01)


def vendor_has_committed(company: Company, expected: int) -> None:
    """Wait until the slow request has done its work, too late for whoever sent it."""
    eventually(lambda: ours(company).total() >= expected)


@BOTH_ORGS
def test_killed_at_random_moments(company: Start, plant: frozenset[str]) -> None:
    """Four kills at random moments of the cycle; then one run completes, and no deal has two tasks."""
    here = company(plant=plant)
    expected = len(here.dry_run().changes)
    moments = random.Random(7)
    for _ in range(4):
        process = start_run(here)
        time.sleep(moments.uniform(0.8, 5.0))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    summary = here.run()
    assert summary.leaks == summary.unknown == 0
    assert set(ours(here).values()) == {1}
    assert ours(here).total() == expected
    assert here.run().planned == 0


@BOTH_ORGS
@pytest.mark.parametrize("seconds", [0, 0.7], ids=["at once", "while the vendor works"])
def test_killed_between_sending_and_writing_down(company: Start, plant: frozenset[str], seconds: float) -> None:
    """The vendor is slow and does what it was sent although its sender is dead: the next run comes before, or after."""
    here = company(plant=plant)
    Store.open(here.settings().database_url).close()  # the database is there to be looked at
    fault(here, vendor="salesforce", path=WRITES, delay_ms=4000, times=1)
    process = start_run(here)
    eventually(lambda: ledger_states(here)["sending"] > 0)
    time.sleep(seconds)
    assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert ledger_states(here).keys() == {"sending"}
    expected = ledger_states(here).total()
    assert ours(here).total() == 0
    summary = here.run()
    assert (summary.unknown, summary.leaks) == (0, 0)
    time.sleep(4)  # whatever the vendor was still at work on is done by now
    assert set(ours(here).values()) == {1}
    assert ours(here).total() == expected
    assert here.run().planned == 0


def test_an_answer_that_is_late_is_waited_for_where_nothing_else_prevents_doubles(company: Start) -> None:
    """Without a key field a task that is not there yet proves nothing: it stays unknown until it turns up."""
    here = company(plant=frozenset({"nokey"}))
    fault(here, vendor="salesforce", path=WRITES, delay_ms=12_000, times=1)
    first = here.run(salesforce={"timeout_seconds": 1})
    expected = first.planned
    assert (first.unknown, first.leaks) == (expected, 0)
    assert ours(here).total() == 0
    second = here.run()
    assert (second.planned, second.unknown, second.recovered, second.leaks) == (0, expected, 0, 0)
    assert second.issued == first.issued
    vendor_has_committed(here, expected)
    third = here.run()
    assert (third.planned, third.unknown, third.recovered, third.leaks) == (0, 0, expected, 0)
    assert set(ours(here).values()) == {1}
    assert ours(here).total() == expected


def test_an_answer_that_is_too_late_for_any_vendor_is_given_up(company: Start) -> None:
    """After the vendor's longest request a task that is not there was not written, and is written then."""
    here = company(plant=frozenset({"nokey"}))
    fault(here, vendor="salesforce", path=WRITES, delay_ms=3000, status=503, times=1)
    first = here.run(salesforce={"timeout_seconds": 1})
    expected = first.planned
    assert first.unknown == expected > 0
    assert here.run().unknown == expected
    with sqlite3.connect(here.project / "okoshi.db") as connection:
        connection.execute("UPDATE ledger SET sent_at = datetime(sent_at, '-11 minutes')")
    connection.close()
    summary = here.run()
    assert (summary.done, summary.unknown, summary.leaks) == (expected, 0, 0)
    assert set(ours(here).values()) == {1}


@BOTH_ORGS
@pytest.mark.parametrize("drop", ["after", "before"])
def test_an_answer_that_never_came(company: Start, drop: str, plant: frozenset[str]) -> None:
    """The connection ends after the vendor accepted, or before it did: the run looks, and what is there is done.

    What is not there is sent again at once where the vendor refuses doubles, and else by the next run.
    """
    here = company(plant=plant)
    here.fault(vendor="salesforce", path=WRITES, times=1, drop=drop)
    first = here.run()
    expected = first.planned
    left = expected if plant and drop == "before" else 0
    assert (first.done, first.unknown, first.leaks) == (expected - left, left, 0)
    second = here.run()
    assert (second.planned, second.unknown, second.leaks) == (left, 0, 0)
    assert set(ours(here).values()) == {1}
    assert ours(here).total() == expected


def test_a_lost_withdrawal_is_made_up_for_in_the_same_run(company: Start) -> None:
    """Whether the task was deleted or not: after the run it is gone, once, and by us."""
    here = company()
    here.run()
    first, second = [task for task in here.tasks() if task.get("Okoshi_Key__c")][:2]
    owners = {deal["Id"]: deal["OwnerId"] for deal in here.records("salesforce", "Opportunity")}
    for task, drop in ((first, "after"), (second, "before")):
        here.act(owners[task["WhatId"]], "close_lost", opportunity=task["WhatId"])
        here.fault(vendor="salesforce", path=WRITES, method="DELETE", drop=drop)
        summary = here.run()
        assert (summary.withdrawn, summary.done, summary.unknown) == (1, 1, 0)
        assert task["Id"] not in {row["Id"] for row in here.tasks()}
    deleted = Counter(entry["id"] for entry in here.entries() if entry["operation"] == "delete")
    assert deleted == {first["Id"]: 1, second["Id"]: 1}
    assert here.run().planned == 0


def test_two_runs_started_together_write_once(company: Start) -> None:
    """One works, the other says that a run is alive and ends with code 3."""
    here = company()
    both = [start_run(here), start_run(here)]
    for process in both:
        process.communicate(timeout=90)
    assert sorted(process.returncode for process in both) == [0, 3]
    assert set(ours(here).values()) == {1}
