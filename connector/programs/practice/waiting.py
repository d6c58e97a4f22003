"""Whether somebody has reacted, and who has an open task already: asked before work is given to others.

Programs that tell one person first and ask another one later look here.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from connector.mapping.schema import TaskWriting
from connector.model.case import OwnTask
from connector.model.records import Activity, ActivityKind, Ref
from connector.model.time import BusinessCalendar
from connector.programs.practice.own_tasks import is_open
from connector.programs.practice.touches import Place, place_of
from connector.programs.practice.view import View


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task still to be done: the record, who holds it, and when it is due as far as that is known."""

    record: Ref
    holder: Ref | None
    due: date | None

    @classmethod
    def of(cls, task: OwnTask, writing: TaskWriting) -> "OpenTask":
        """One of ours; as it was written where it has not been read back yet."""
        if task.current is not None:
            return cls(task.record, task.current.owner, task.current.due_date)
        owner, due = (task.written.get(name) for name in (writing.fields.owner, writing.fields.due))
        holder = Ref(task.record.system, "User", str(owner)) if owner else None
        return cls(task.record, holder, date.fromisoformat(str(due)) if due else None)


def open_task(view: View, subjects: Collection[str], people: Collection[Ref] = ()) -> OpenTask | None:
    """The open task with one of these subjects that is due first, on this deal or with its people, whoever made it.

    With one of `people` (records of persons) also where it is on another deal: one person has one task.
    """
    found = [*_ours(view, subjects), *_others(view, subjects, people)]
    return min(found, key=lambda task: (task.due or date.max, task.record), default=None)


def _ours(view: View, subjects: Collection[str]) -> Iterator[OpenTask]:
    names = view.practice.tasks.fields
    for task in view.case.own_tasks:
        subject = task.current.subject if task.current else task.written.get(names.subject)
        if is_open(task) and not task.withdrawn and subject in subjects:
            yield OpenTask.of(task, view.practice.tasks)


def _others(view: View, subjects: Collection[str], people: Collection[Ref]) -> Iterator[OpenTask]:
    ours = {task.record for task in view.case.own_tasks}
    for activity in (*view.case.activities, *view.case.account_activities):
        is_of_subject = _is_to_do(activity) and activity.subject in subjects and activity.ref not in ours
        is_theirs = bool(set(people) & set(activity.people))
        if is_of_subject and (is_theirs or place_of(activity, view.case) is not Place.OTHER_DEAL):
            yield OpenTask(activity.ref, activity.owner, activity.due_date)


def _is_to_do(activity: Activity) -> bool:
    forms = (ActivityKind.TASK, ActivityKind.CALL, ActivityKind.MAIL)
    return activity.form in forms and not activity.is_closed and activity.starts_at is None


def reacted(view: View, since: datetime) -> bool:
    """Whether anybody has touched the deal since, has a meeting on it, or has opened a task for it."""
    own = {task.record for task in view.case.own_tasks if is_open(task)}
    touches = (*view.touches.past, *view.touches.meetings_ahead)
    acts = [touch.activity for touch in touches if touch.place is not Place.OTHER_DEAL]
    acts += [a for a in view.case.activities if _is_to_do(a) and place_of(a, view.case) is Place.THIS_DEAL]
    return any(activity.ref not in own and _moment(activity, view.now) > since for activity in acts)


def _moment(activity: Activity, now: datetime) -> datetime:
    """When somebody last did something about it, as far as that is known; an appointment counts when it is made."""
    began = activity.starts_at if activity.starts_at and activity.starts_at <= now else None
    moments = [moment for moment in (activity.created_at, activity.completed_at, began) if moment]
    return max(moments, default=activity.modified_at)


def working_moment_after(calendar: BusinessCalendar, moment: datetime, days: int) -> datetime:
    """The same time of day so many business days later; what lies on a day off begins with the next business day."""
    day = calendar.local_date(moment)
    first = calendar.business_day_from(day)
    time_of_day = moment - calendar.start_of(day) if first == day else timedelta(0)
    return calendar.start_of(calendar.add_business_days(first, days)) + time_of_day
