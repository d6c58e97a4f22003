"""Tasks of one subject on one case: which are ours, which are open, and whether somebody has begun working on them.

Programs that issue tasks read them through here. "Any open task with that subject counts, whoever made it."
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from connector.mapping.schema import TaskWriting, TouchRules
from connector.model.case import Case, OwnTask
from connector.model.records import Activity, ActivityKind
from connector.programs.practice.touches import Place, Touches, place_of


@dataclass(frozen=True, slots=True)
class TasksOfSubject:
    """One program's tasks on a case, of all occasions and subjects, and somebody else's open task with the subject."""

    ours: tuple[OwnTask, ...]
    others_open: Activity | None

    @property
    def ours_open(self) -> OwnTask | None:
        """Our task that is still to be done; one that was written and not yet read back is open."""
        return next((task for task in self.ours if is_open(task)), None)


def is_open(task: OwnTask) -> bool:
    """Neither closed nor deleted."""
    return not task.deleted and (task.current is None or not task.current.is_closed)


def tasks_of_subject(case: Case, subject: str, program: str) -> TasksOfSubject:
    """All tasks of ours for `program` on this case, and somebody else's open one with `subject`.

    Those of one occasion: `occasions.of_occasion`.
    """
    ours = tuple(task for task in case.own_tasks if task.program == program)
    our_records = {task.record for task in ours}
    others = (
        activity
        for activity in case.activities
        if activity.subject == subject
        and activity.form in (ActivityKind.TASK, ActivityKind.CALL)
        and not activity.is_closed
        and activity.starts_at is None
        and activity.ref not in our_records
        and place_of(activity, case) is not Place.OTHER_DEAL
    )
    return TasksOfSubject(ours, next(others, None))


def has_begun(task: OwnTask, writing: TaskWriting, touches: Touches) -> bool:
    """Somebody changed the task since we wrote it, or its holder has touched the deal since."""
    if task.current is None:
        return False
    if not task.written:
        return True  # adopted: what it looked like when it was new is not known any more
    return _was_changed(task.current, task.written, writing) or any(
        touch.activity.owner == task.current.owner
        and touch.activity.ref != task.record
        and touch.activity.created_at is not None
        and touch.activity.created_at > task.created_at
        for touch in touches.past
    )


def _was_changed(now: Activity, written: object, writing: TaskWriting) -> bool:
    fields = dict(written) if isinstance(written, dict) else {}
    names = writing.fields
    seen: dict[str, object] = {
        names.subject: now.subject,
        names.status: now.status,
        names.owner: now.owner.id if now.owner else None,
        names.due: now.due_date.isoformat() if now.due_date else None,
        names.body: _plain(now.body),
    }
    return any(_plain(fields[name]) != value for name, value in seen.items() if name in fields)


def _plain(text: object) -> str | None:
    if isinstance(text, date):
        return text.isoformat()
    return " ".join(str(text).split()) if text else None


def closed_as_not_needed(tasks: Iterable[OwnTask], rules: TouchRules) -> OwnTask | None:
    """The one of these that a person closed as not needed (対応不要), if any."""
    unneeded = (t for t in tasks if t.current is not None and t.current.status in rules.tasks.not_needed_statuses)
    return next(unneeded, None)
