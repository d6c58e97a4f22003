"""Planted: completed tasks as contact, tasks closed as not needed as nothing, and the day on which either happened."""

from connector.sandbox.company.plants.case import Case, no_task, task
from connector.sandbox.company.plants.scene import Scene

_PLAIN = "A completed plain task is contact; one closed as not needed (対応不要) is nothing."
_WHEN = "A task counts on the day of its completion, one that was logged as done on its own date."


def _done(scene: Scene) -> None:
    scene.met(120)
    scene.did(30, Subject="資料のご説明")


def _not_needed(scene: Scene) -> None:
    scene.met(120)
    scene.did(30, Subject="日程調整", Status="対応不要")


def _completed_late(scene: Scene) -> None:
    """Due 200 days ago, done yesterday morning."""
    scene.met(250)
    scene.did(200, Subject="状況のお伺い", created=scene.at(210), completed=scene.at(1, 7))


def _completed_long_ago(scene: Scene) -> None:
    """Due next month by its date, but done long ago."""
    scene.met(250)
    scene.did(0, Subject="状況のお伺い", ActivityDate=scene.day(-30), created=scene.at(210), completed=scene.at(100))


def _logged_late_as_old(scene: Scene) -> None:
    """A rep tidies up today: the talk was 90 days ago."""
    scene.met(150)
    scene.did(90, Subject="架電", TaskSubtype="Call", CallDisposition="接続", created=scene.at(0, 8, 20))


def _logged_late_as_fresh(scene: Scene) -> None:
    scene.met(150)
    scene.did(30, Subject="架電", TaskSubtype="Call", CallDisposition="接続", created=scene.at(0, 8, 20))


CASES: tuple[Case, ...] = (
    no_task("plain_task_done", "fresh", _PLAIN, _done),
    task("task_not_needed", _PLAIN, _not_needed),
    no_task("task_completed_late", "fresh", _WHEN, _completed_late),
    task("task_completed_long_before_its_date", _WHEN, _completed_long_ago),
    task("logged_late_with_old_date", _WHEN, _logged_late_as_old),
    no_task("logged_late_with_fresh_date", "fresh", _WHEN, _logged_late_as_fresh),
)
