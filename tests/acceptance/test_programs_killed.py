"""Killed while it tells people, logs or writes fields: nothing is written twice, and nothing is lost."""

import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial

import pytest
from company import Company
from test_killed import eventually, start_run
from week import Week

from connector.model.plan import Effect
from connector.programs import programs

Start = Callable[..., Company]
AT_WORK = {"lost", "hot_signal", "churn_risk"}
"""Programs that have every kind of effect between them."""
EFFECTS = (Effect.ALERT, Effect.LOG, Effect.FIELDS)


def only(here: Company, names: set[str]) -> None:
    """No other program is at work."""
    folder = here.project / "mappings" / "programs"
    folder.mkdir(parents=True)
    for name in programs().keys() - names:
        (folder / f"{name}.yaml").write_text("enabled: false\n", encoding="utf-8")


def asked(here: Company, question: str, *values: str) -> list[tuple[str, int]]:
    """What the ledger answers, read past a run that is alive."""
    if not (here.project / "okoshi.db").exists():
        return []
    with closing(sqlite3.connect(f"file:{here.project / 'okoshi.db'}?mode=ro", uri=True, timeout=10)) as connection:
        try:
            return connection.execute(question, values).fetchall()
        except sqlite3.OperationalError:  # its tables are being made
            return []


def under_way(here: Company, effect: Effect) -> bool:
    """Whether a change of this kind is being sent, or has been."""
    begun = "SELECT object, count(*) FROM ledger WHERE effect = ? AND state <> 'planned' GROUP BY object"
    return bool(asked(here, begun, effect.value))


def ended_or_under_way(here: Company, run: "subprocess.Popen[bytes]", effect: Effect) -> bool:
    """Whether there is nothing left to wait for."""
    return run.poll() is not None or under_way(here, effect)


@pytest.mark.timeout(300)
def test_killed_at_each_kind_of_effect(company: Start) -> None:
    """A kill while each kind is being sent; then one run completes, and the next has nothing to do."""
    here = company(whole=True, plant=frozenset({"events"}), scale=0.02)
    only(here, AT_WORK)
    for case in here.truth()["cases"]:
        for act in case.get("acts", []) if case["program"] in {"hot_signal", "churn_risk"} else []:
            here.act(**act)
    for effect in EFFECTS:
        process = start_run(here)
        eventually(partial(ended_or_under_way, here, process, effect))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert under_way(here, effect)
    last = here.run()
    assert (last.unknown, last.leaks) == (0, 0)
    assert here.run().planned == 0

    week = Week(here, [])
    week.journal = here.entries()
    made = Counter(entry["object"] for entry in week.ours() if entry["operation"] == "create")
    done = dict(asked(here, "SELECT object, count(*) FROM ledger WHERE operation = 'create' GROUP BY object"))
    for object_ in ("Task", "FeedItem", "memberships"):
        assert made[object_] == done[object_] > 0, object_
    # What rings leaves no trace: a call that was cut off is never sent a second time.
    assert made["CustomNotification"] <= done["CustomNotification"]
    for told in (week.posts(), week.bells()):
        assert set(Counter(told).values()) <= {1}
    assert set(Counter(task["Okoshi_Key__c"] for task in week.tasks()).values()) == {1}
    values = Counter(
        (entry["object"], entry["id"], name, str(value))
        for entry in week.ours()
        if entry["operation"] == "update"
        for name, value in entry["after"].items()
    )
    assert {one: count for one, count in values.items() if count > 1} == {}
