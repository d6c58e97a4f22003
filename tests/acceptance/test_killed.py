"""Killed at any instruction, cut off in mid-answer, started twice: nothing is written twice and nothing is lost."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable

import pytest
import requests
from company import Company

Start = Callable[..., Company]


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


@pytest.mark.parametrize("plant", [frozenset(), frozenset({"nokey"})], ids=["with key field", "without key field"])
def test_killed_at_random_moments(company: Start, plant: frozenset[str]) -> None:
    """Six kills at random moments of the cycle; then one run completes, and no deal has two tasks."""
    here = company(plant=plant)
    expected = len(here.dry_run().changes)
    moments = random.Random(7)
    for _ in range(6):
        process = start_run(here)
        time.sleep(moments.uniform(0.8, 5.0))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    summary = here.run()
    assert summary.leaks == summary.unknown == 0
    assert set(ours(here).values()) == {1}
    assert ours(here).total() == expected
    assert here.run().planned == 0


@pytest.mark.parametrize("drop", ["after", "before"])
@pytest.mark.parametrize("plant", [frozenset(), frozenset({"nokey"})], ids=["with key field", "without key field"])
def test_an_answer_that_never_came(company: Start, drop: str, plant: frozenset[str]) -> None:
    """The connection ends after the vendor accepted, or before it did: the next run finds out, and writes once."""
    here = company(plant=plant)
    expected = len(here.dry_run().changes)
    fault(here, vendor="salesforce", path="/composite/sobjects", times=1, drop=drop)
    first = here.run()
    assert first.unknown > 0
    second = here.run()
    assert (second.unknown, second.leaks) == (0, 0)
    assert set(ours(here).values()) == {1}
    assert ours(here).total() == expected


def test_two_runs_started_together_write_once(company: Start) -> None:
    """One works, the other says that a run is alive and ends with code 3."""
    here = company()
    both = [start_run(here), start_run(here)]
    for process in both:
        process.communicate(timeout=90)
    assert sorted(process.returncode for process in both) == [0, 3]
    assert set(ours(here).values()) == {1}
