"""Planted: a future meeting, or the owner's own open task due within 14 days, suppresses; a far one does not."""

from collections.abc import Callable

from connector.sandbox.company.plants.case import Case, no_task, task
from connector.sandbox.company.plants.scene import Scene

_MEETING = "A future meeting in either system suppresses the task; a cancelled one does not."
_OWN_TASK = "The owner's own open task due within 14 days suppresses; a dummy months away must not park a deal."


def _event_ahead(days: int, hour: int = 14) -> Callable[[Scene], object]:
    def arrange(scene: Scene) -> None:
        scene.met(120)
        scene.met(-days, hour=hour)

    return arrange


def _hubspot_meeting_ahead(days: int, outcome: str | None) -> Callable[[Scene], object]:
    def arrange(scene: Scene) -> None:
        scene.met(120)
        scene.hubspot_meeting(-days, outcome)

    return arrange


def _owner_task(due_in: int | None, status: str = "未着手") -> Callable[[Scene], object]:
    def arrange(scene: Scene) -> None:
        scene.met(120)
        scene.to_do(None if due_in is None else -due_in, Status=status)

    return arrange


def _task_of_another(scene: Scene) -> None:
    scene.met(120)
    colleague = next(user for user in scene.org.staff("FieldSales") if user["Id"] != scene.owner["Id"])
    scene.to_do(-3, OwnerId=colleague["Id"])


CASES: tuple[Case, ...] = (
    no_task("event_ahead", "future_meeting", _MEETING, _event_ahead(10)),
    no_task("event_later_today", "future_meeting", _MEETING, _event_ahead(0, 17)),
    no_task("event_months_ahead", "future_meeting", _MEETING, _event_ahead(80)),
    no_task("hubspot_meeting_ahead", "future_meeting", _MEETING, _hubspot_meeting_ahead(8, "SCHEDULED")),
    no_task("hubspot_meeting_ahead_no_outcome", "future_meeting", _MEETING, _hubspot_meeting_ahead(8, None)),
    task("hubspot_meeting_ahead_canceled", _MEETING, _hubspot_meeting_ahead(8, "CANCELED")),
    task("hubspot_meeting_ahead_no_show", _MEETING, _hubspot_meeting_ahead(8, "NO_SHOW")),
    no_task("owner_task_due_today", "owner_task", _OWN_TASK, _owner_task(0)),
    no_task("owner_task_due_in_14_days", "owner_task", _OWN_TASK, _owner_task(14)),
    no_task("owner_task_in_progress", "owner_task", _OWN_TASK, _owner_task(7, "進行中")),
    task("owner_task_due_in_15_days", _OWN_TASK, _owner_task(15)),
    task("owner_task_months_away", _OWN_TASK, _owner_task(180)),
    task("owner_task_overdue", _OWN_TASK, _owner_task(-1)),
    task("owner_task_without_date", _OWN_TASK, _owner_task(None)),
    task("task_of_another_person", f"{_OWN_TASK} Somebody else's does not.", _task_of_another),
)
