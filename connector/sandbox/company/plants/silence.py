"""Planted: open and 60 Japanese calendar days since the last contact, and what only looks like contact."""

from collections.abc import Callable
from typing import Any

from connector.sandbox.company.plants.case import Case, no_task, nothing, task
from connector.sandbox.company.plants.scene import UNKNOWN_CONSENT, Scene

_SIXTY = "An open deal whose last contact is 60 or more Japanese calendar days ago is stalled."
_NEVER = "A deal that was never contacted counts from the day it was created."
_MISLEADING = "Last contact is computed: the vendor's LastActivityDate counts future dates and closed dummies."


def _met(days_ago: int, hour: int = 14, minute: int = 0) -> Callable[[Scene], object]:
    return lambda scene: scene.met(days_ago, hour, minute)


def _all_day_visit(scene: Scene) -> None:
    """The vendor stores the start of an all-day event at UTC midnight of its date."""
    start = f"{scene.day(59)}T00:00:00.000Z"
    times: dict[str, Any] = {"StartDateTime": start, "EndDateTime": start, "ActivityDateTime": None}
    scene.met(59, IsAllDayEvent=1, minutes=1_440, Subject="終日訪問", **times)


def _dummy_in_the_future(scene: Scene) -> None:
    scene.met(90)
    scene.did(20, Status="対応不要", ActivityDate=scene.day(-30), Subject="様子見")


def _dummy_closed_lately(scene: Scene) -> None:
    scene.met(90)
    scene.did(20, Status="対応不要", Subject="様子見", completed=scene.at(3))


def _future_date_on_done_task(scene: Scene) -> None:
    """Logged as done when it was made: dated by its ActivityDate, but never later than now."""
    scene.met(90)
    scene.did(3, Subject="お電話にて状況確認", ActivityDate=scene.day(-20))


def _sixty_after_earlier_ones(scene: Scene) -> None:
    """The latest contact counts, and the person may be called."""
    for days_ago in (200, 150, 60):
        scene.met(days_ago)
    scene.check["text_lacks"] = [UNKNOWN_CONSENT]


def _held_this_morning(scene: Scene) -> None:
    scene.met(90)
    scene.met(0, hour=9)


CASES: tuple[Case, ...] = (
    no_task("silent_59_days", "fresh", _SIXTY, _met(59)),
    task("silent_60_days", _SIXTY, _sixty_after_earlier_ones),
    task("silent_61_days", _SIXTY, _met(61)),
    no_task("midnight_0001_of_day_59", "fresh", f"{_SIXTY} 00:01 in Japan is the day before in UTC.", _met(59, 0, 1)),
    task("midnight_2359_of_day_60", f"{_SIXTY} 23:59 is 60 dates but not 60 times 24 hours ago.", _met(60, 23, 59)),
    no_task("never_contacted_59_days", "fresh", _NEVER, nothing, created=59),
    task("never_contacted_60_days", _NEVER, nothing, created=60),
    no_task("all_day_visit_59_days", "fresh", f"{_SIXTY} An all-day event is on its date in Japan.", _all_day_visit),
    no_task("held_this_morning", "fresh", "An event earlier today is a held meeting.", _held_this_morning),
    task("dummy_task_dated_ahead", _MISLEADING, _dummy_in_the_future),
    task("dummy_task_closed_lately", _MISLEADING, _dummy_closed_lately),
    no_task("done_task_dated_ahead", "fresh", "A done task's date is never later than now.", _future_date_on_done_task),
)
