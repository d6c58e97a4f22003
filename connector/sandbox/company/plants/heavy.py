"""Heavy cases on request: thousands of rows with one stamp, rows that commit late, a window of 12,000 contacts.

Called by `generate.py`; what was planted stands in `truth["plants"]`, so that a test need not count it itself.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from connector.sandbox.company.batch import Batch, Row
from connector.sandbox.company.calendar import Calendar
from connector.sandbox.company.plants.scene import Place, Scene
from connector.sandbox.company.structure import Org
from connector.sandbox.world import World

HEAVY = frozenset({"ties", "late", "window"})
TIED_TASKS = 2_500
WINDOW_CONTACTS = 12_000
WINDOW_SHARED = 10_500
_TIED_ACCOUNTS = 10
_LATE_TASKS = 200
_LATE_CALLS = 20
_FIRST_NUMBER = 60_000_000_000
_FIRST_SCENE = 900
_SEED = 0


def plant_heavy(world: World, org: Org, calendar: Calendar, wanted: frozenset[str]) -> dict[str, Any]:
    """Write the heavy cases that were asked for and return what was written."""
    batch = Batch(calendar, _FIRST_NUMBER)
    planted = {}
    for name, write in _WRITERS.items():
        if name in wanted:
            planted[name] = write(batch, org)
            batch.flush(world)
    return planted


def _quiet_customer(batch: Batch, org: Org, number: int) -> Scene:
    """A customer whose only deal was won: nothing is to be done there."""
    scene = Scene(Place(batch, org, _SEED, _FIRST_SCENE + number))
    scene.set_stage("受注", 280)
    return scene


def _ties(batch: Batch, org: Org) -> dict[str, Any]:
    """A bulk load touched 2,500 old tasks within one second."""
    stamp = batch.calendar.moment(-timedelta(hours=2))
    scenes = [_quiet_customer(batch, org, number) for number in range(_TIED_ACCOUNTS)]
    ids = []
    for number in range(TIED_TASKS):
        row = scenes[number % _TIED_ACCOUNTS].did(
            290 + number % 200, Subject="移行データ", Description=f"旧システム {number}"
        )
        row["SystemModstamp"] = row["LastModifiedDate"] = stamp
        ids.append(row["Id"])
    return {"object": "Task", "SystemModstamp": stamp, "count": TIED_TASKS, "ids": ids}


def _late(batch: Batch, org: Org) -> dict[str, Any]:
    """Rows that become visible minutes after their stamp; one of them is a talk on a stalled deal."""
    calendar = batch.calendar
    stalled = Scene(Place(batch, org, _SEED, _FIRST_SCENE + 20))
    stalled.met(120)
    talk = _logged_late(stalled, "架電", seconds_ago=540, visible_in=180)
    quiet = _quiet_customer(batch, org, 21)
    tasks = [
        _logged_late(quiet, "移行データ", seconds_ago=530 - 2 * number, visible_in=120 + number)["Id"]
        for number in range(_LATE_TASKS)
    ]
    calls = []
    for number in range(_LATE_CALLS):
        moment = calendar.moment(-timedelta(seconds=500 - number))
        visible_at = calendar.moment(timedelta(seconds=200 + number))
        calls.append(quiet.engaged("calls", moment, hs_call_title="架電", _visible_at=visible_at)["id"])
    return {
        "visible_at": calendar.moment(timedelta(seconds=400)),
        "tasks": tasks,
        "calls": calls,
        "contact": {
            "Opportunity": stalled.deal["Id"],
            "Task": talk["Id"],
            "SystemModstamp": talk["SystemModstamp"],
            "visible_at": talk["_visible_at"],
            "expect_before": "task",
            "expect_after": "no_task",
        },
    }


def _logged_late(scene: Scene, subject: str, *, seconds_ago: int, visible_in: int) -> Row:
    calendar = scene.batch.calendar
    return scene.did(
        1, Subject=subject, TaskSubtype="Call", CallDisposition="接続",
        created=calendar.moment(-timedelta(seconds=seconds_ago)),
        _visible_at=calendar.moment(timedelta(seconds=visible_in)),
    )  # fmt: skip


def _window(batch: Batch, org: Org) -> dict[str, Any]:
    """An import touched more contacts within one millisecond than a search can page through."""
    calendar = batch.calendar
    shared = calendar.moment(-timedelta(hours=3, milliseconds=-123))
    created = calendar.at(200)
    ids = []
    for number in range(WINDOW_CONTACTS):
        spread = calendar.moment(-timedelta(seconds=4 * 3_600 - 7 * (number - WINDOW_SHARED)))
        modified = shared if number < WINDOW_SHARED else spread
        row = batch.hubspot(
            "contacts", created, email=f"member-{number:05d}@window.example", lastname="展示会",
            firstname=f"来場者{number}", company="展示会名簿", lifecyclestage="subscriber",
            hubspot_owner_id=org.owner_ids[org.users[0]["Id"]],
            hs_email_optout=0, lastmodifieddate=modified, updatedAt=modified, _truth_id=f"W{number:05d}",
        )  # fmt: skip
        ids.append(row["id"])
    return {
        "object": "contacts",
        "lastmodifieddate": shared,
        "shared": WINDOW_SHARED,
        "count": WINDOW_CONTACTS,
        "ids": ids,
    }


_WRITERS: dict[str, Callable[[Batch, Org], dict[str, Any]]] = {"ties": _ties, "late": _late, "window": _window}
