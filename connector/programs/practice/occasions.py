"""What makes a first task legitimate and a second one not: occasions, and the keys that our tasks bear.

Programs that issue tasks ask here. A key names program, deal, occasion and the task within it; no date is part of it,
as late logging shifts dates.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from connector.model.case import Case, Occasion, OwnTask
from connector.programs.practice.view import View


def task_key(program: str, case: Case, occasion: Occasion, sequence: int) -> str:
    """The key of the n-th task of an occasion."""
    return f"{_prefix(program, case, occasion)}{sequence}"


def of_occasion(tasks: Sequence[OwnTask], program: str, case: Case, occasion: Occasion) -> list[OwnTask]:
    """Our tasks of this occasion."""
    return [task for task in tasks if task.key.startswith(_prefix(program, case, occasion))]


def ended(occasion: Occasion | None) -> Occasion | None:
    """An occasion that is over is kept, so that the next one gets the next number."""
    return replace(occasion, ended=True) if occasion else None


def following(occasion: Occasion | None, view: View) -> Occasion:
    """The occasion that begins today."""
    return Occasion(occasion.number + 1 if occasion else 1, started_on=view.today, last_contact=view.contact_day)


def remembered(tasks: Sequence[OwnTask], view: View) -> Occasion | None:
    """Where the occasion was forgotten with a lost database, our latest task tells which it was and when it began."""
    if not tasks:
        return None
    latest = max(tasks, key=lambda task: (_number(task), task.created_at))
    began = view.practice.calendar.local_date(latest.created_at)
    before = [touch.day for touch in view.touches.past if touch.resets and touch.day < began]
    return Occasion(_number(latest), began, max(before, default=date.min))


def _prefix(program: str, case: Case, occasion: Occasion) -> str:
    return f"{program}:{case.ref.id}:{occasion.number}."


def _number(task: OwnTask) -> int:
    return int(task.key.rsplit(":", 1)[1].split(".", 1)[0])
