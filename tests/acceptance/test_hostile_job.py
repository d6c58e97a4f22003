"""The main job on hostile vendors: answers lost, rows locked, sessions ended. What it leaves behind is what it leaves
on vendors that behave."""

import json
import random
import signal
import time
from collections import Counter
from collections.abc import Callable

import pytest
import requests
from company import Company
from test_killed import start_run

from connector.engine.summary import RunSummary
from connector.model.errors import RetryLater
from connector.model.intents import Standing
from connector.store import standings
from connector.store.standings import StandingRow
from connector.store.store import Store

Start = Callable[..., Company]
SCALE = 0.03
LONGEST_RUN_SECONDS = 90.0
MOST_RUNS = 6
"""So often at most a day's job is run until nothing is left of it: each time less is left."""


def until_quiet(company: Company) -> list[RunSummary]:
    """The scheduled container comes again and again, until there is nothing left to do; answers what the runs did."""
    done: list[RunSummary] = []
    for _ in range(MOST_RUNS):
        began = time.monotonic()
        try:
            done.append(company.run())
        except RetryLater:  # the portal is being moved: exit code 4, and the container comes again
            continue
        finally:
            assert time.monotonic() - began < LONGEST_RUN_SECONDS
        last = done[-1]
        assert last.leaks == 0
        if not (last.planned or last.unknown or last.recovered):
            return done
    raise AssertionError(f"still at work after {MOST_RUNS} runs: {done[-1:]}")


def people_act(company: Company) -> None:
    """What people do in a day, the same in every sandbox of a seed."""
    tasks = sorted((task for task in company.tasks() if task["WhoId"]), key=lambda task: task["WhatId"])
    owners = {deal["Id"]: deal["OwnerId"] for deal in company.records("salesforce", "Opportunity")}
    first, second, third, fourth = tasks[:4]
    company.act(first["OwnerId"], "complete_task", task=first["Id"], disposition="不在")
    company.act(second["OwnerId"], "delete_task", task=second["Id"])
    company.act(owners[third["WhatId"]], "log_meeting", opportunity=third["WhatId"])
    company.act(owners[fourth["WhatId"]], "close_lost", opportunity=fourth["WhatId"])


def twice(company: Company, run: Callable[[Company], list[RunSummary]], later: str) -> list[list[RunSummary]]:
    """The job at two times with people at work between; the runs of each time."""
    first = run(company)
    people_act(company)
    company.advance(later)
    return [first, run(company)]


def open_tasks(company: Company) -> Counter[tuple[str, ...]]:
    """Every open task of the subject: on which deal, with whom, whose, and for which day."""
    return Counter((task["WhatId"], task["WhoId"], task["OwnerId"], task["ActivityDate"]) for task in company.tasks())


def made(company: Company) -> Counter[str]:
    """How often each key was written, by the vendor's journal."""
    keys: Counter[str] = Counter()
    for entry in company.entries():
        if (entry["vendor"], entry["object"], entry["operation"]) == ("salesforce", "Task", "create"):
            lines = str(entry["after"].get("Description") or "").splitlines()
            keys.update(line.partition(":")[2].strip() for line in lines if line.startswith("管理番号"))
    return keys


def standing_rows(company: Company) -> list[StandingRow]:
    """Where each deal stands."""
    store = Store.open(company.settings().database_url)
    with store.read() as tx:
        rows = [row for where in Standing for row in standings.by_standing(tx, where)]
    store.close()
    return rows


def standing(company: Company) -> dict[str, tuple[str, str | None]]:
    """The same, and of those that get no task the reason."""
    rows = standing_rows(company)
    return {row.case: (row.standing, row.reason if row.standing is Standing.EXCLUDED else None) for row in rows}


WRITING = {"vendor": "salesforce", "path": "/composite/sobjects", "method": ["POST", "PATCH", "DELETE"]}
CRUEL = (
    {"kind": "reset", "rate": 0.4},
    {"kind": "truncate", "rate": 0.4},
    {"kind": "lock", "rows": 0.3, "rate": 0.5},
)
"""What happens to writes beside all else: a run has few of them, and most would be spared."""


def cruel(company: Company, seed: int) -> None:
    """Most calls that write tasks end badly, and the next one like it well."""
    for number, given in enumerate(CRUEL):
        company.fault(**WRITING, **given, times=None, apart=1, seed=seed * 10 + number)


def spoilt_writes(company: Company) -> int:
    """How many calls that write tasks met a fault."""
    log = requests.get(f"{company.control}/requests", timeout=30).text.splitlines()
    return sum("/composite/sobjects" in entry["path"] and bool(entry.get("fault")) for entry in map(json.loads, log))


RULE = "担当役員の承認が必要です"
MEAN = frozenset({"nokey", "noconsent", "nohistory", "late", "ties", "window"})
"""No key field, absent fields and objects, rows that come late, thousands of one stamp, a search out of order."""


@pytest.mark.parametrize(
    ("seed", "plant"),
    [(3, frozenset()), (4, MEAN)],
    ids=["with key field", "in the meanest org"],
)
def test_hostile_vendors_get_the_tasks_that_others_get(
    company: Start, seed: int, plant: frozenset[str], new_postgres_url: str
) -> None:
    """With people at work between: the same tasks and standings, each key written once, nothing missed in reading."""
    plain = company(scale=SCALE, seed=seed, plant=plant)
    hostile = company(scale=SCALE, seed=seed, plant=plant, hostile=True, hurried=False)
    hostile.overrides["database"] = {"url": new_postgres_url}  # the other hostile jobs are on SQLite
    cruel(hostile, seed)
    later = "PT1H" if plant else "P1D"  # the night's reading of tens of thousands of rows takes long
    expected = twice(plain, lambda one: [one.run()], later)
    met = twice(hostile, until_quiet, later)
    assert open_tasks(hostile) == open_tasks(plain)
    assert standing(hostile) == standing(plain)
    assert made(hostile) == made(plain)
    assert set(made(hostile).values()) == {1}
    for day, calm in zip(met, expected, strict=True):
        last, only = day[-1], calm[-1]
        assert (last.eligible, last.issued, last.set_aside) == (only.eligible, only.issued, only.set_aside)
        assert [one for run in day for one in run.reconciled if one.missed or one.gone or one.withheld] == []
    assert spoilt_writes(hostile) > 0


def test_killed_at_random_moments_among_hostile_vendors(company: Start) -> None:
    """Whatever came together: in the end each deal has the one task that it would have had."""
    plain, hostile = company(scale=SCALE, seed=5), company(scale=SCALE, seed=5, hostile=True, hurried=False)
    cruel(hostile, 5)
    plain.run()
    moments = random.Random(5)
    for _ in range(4):
        process = start_run(hostile)
        time.sleep(moments.uniform(1.0, 7.0))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    until_quiet(hostile)
    assert open_tasks(hostile) == open_tasks(plain)
    assert made(hostile) == made(plain)


def test_what_a_hostile_org_refuses_is_shown_in_its_words_and_comes_the_next_day(company: Start) -> None:
    """A rule of the org hits some rows: their deals say so, in the org's own message; the others have their tasks.

    A deal whose person got a task for another deal meanwhile is merged into that one.
    """
    here = company(scale=SCALE, seed=6, hostile=True, hurried=False)
    here.fault(**WRITING, kind="partial", share=0.3, message=RULE)
    refused = sum(run.refused for run in until_quiet(here))
    rows = {row.case: row for row in standing_rows(here) if RULE in row.text or row.standing is Standing.MERGED}
    told = {case.rpartition(":")[2] for case, row in rows.items() if row.standing is Standing.EXCLUDED}
    assert 0 < len(told) <= refused <= len(rows)
    assert not told & {task["WhatId"] for task in here.tasks()}
    here.advance("P1D")
    until_quiet(here)
    assert told <= {task["WhatId"] for task in here.tasks()}
    assert set(made(here).values()) == {1}
