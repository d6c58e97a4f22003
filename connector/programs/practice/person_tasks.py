"""One task about one person for one occasion: the answers that programs about people give about it.

Programs about people (freshness, hand-over, feedback) build their decisions here. It knows none of their rules.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from connector.mapping.schema import TaskWriting
from connector.model.case import Occasion, OwnTask
from connector.model.intents import HOLDER_LEFT, Decision, EnsureTask, Intent, Standing
from connector.model.plan import Because
from connector.model.records import Activity, Ref
from connector.programs.practice.holds import Hold, future_meeting
from connector.programs.practice.leads import sfa_record
from connector.programs.practice.occasions import of_occasion, task_key
from connector.programs.practice.own_tasks import TasksOfSubject, closed_as_not_needed, has_begun, is_open
from connector.programs.practice.task_text import Fact, quoted, task_text
from connector.programs.practice.view import View, person_key
from connector.programs.practice.withdrawals import withdrawals


@dataclass(frozen=True, slots=True)
class Errand:
    """What a program wants somebody to do with the person, and why. `assignee` None: somebody of inside sales."""

    program: str
    matter: str
    subject: str
    opening: str
    why: str
    value: Decimal
    because: tuple[Because, ...] = ()
    facts: tuple[Fact, ...] = ()
    inferences: tuple[str, ...] = ()
    assignee: Ref | None = None
    due: date | None = None
    """Nothing given: today, or the next business day."""


@dataclass(frozen=True, slots=True)
class Course:
    """A program's way with one person: the occasion, and what to remember and to see to whatever is answered."""

    program: str
    occasion: Occasion | None
    remember: dict[str, str]
    intents: tuple[Intent, ...] = ()


def wanted(view: View, errand: Errand, course: Course) -> Decision:
    """The errand becomes a task, the next one of the occasion."""
    case = view.case
    if course.occasion is None:
        raise ValueError("a task needs an occasion")
    ours = [task for task in case.own_tasks if task.program == errand.program]
    person = sfa_record(view)
    task = EnsureTask(
        key=task_key(
            errand.program, case, course.occasion, len(of_occasion(ours, errand.program, case, course.occasion)) + 1
        ),
        subject=errand.subject,
        about=person.account if person else None,
        who=person.ref if person else None,
        account_owner=case.account.owner if case.account else None,
        due=errand.due or view.practice.calendar.business_day_from(view.today),
        text=task_text(view, errand.opening, facts=errand.facts, inferences=errand.inferences),
        value=errand.value,
        person_key=person_key(case),
        matter=errand.matter,
        assignee=errand.assignee,
    )
    decision = Decision(Standing.WAITING, "wanted", errand.why, intents=(task,), because=errand.because)
    return _completed(view, course, decision)


def issued(view: View, course: Course, *, ours: bool) -> Decision:
    """A task stands already, one of ours or somebody else's with the same subject."""
    reason = "issued" if ours else "already_open"
    text = view.practice.texts["plan.issued" if ours else "plan.already_open"]
    return _completed(view, course, Decision(Standing.ISSUED, reason, text))


def excluded(view: View, course: Course, held: Hold, intents: Sequence[Intent] = ()) -> Decision:
    """Something stands in the way of a task."""
    until = held.until if isinstance(held.until, datetime) or held.until is None else view.wake(held.until)
    because = (held.because(course.program),)
    decision = Decision(Standing.EXCLUDED, held.reason, held.text, intents=tuple(intents), because=because)
    return woken(_completed(view, course, decision), until, view)


def no_task(
    view: View,
    course: Course,
    reason: str,
    intents: Sequence[Intent] = (),
    because: tuple[Because, ...] = (),
) -> Decision:
    """No task is called for; the text is the program's for this reason."""
    text = view.practice.texts[f"{course.program}.{reason}"]
    decision = Decision(Standing.NOT_ELIGIBLE, reason, text, intents=tuple(intents), because=because)
    return _completed(view, course, decision)


def _completed(view: View, course: Course, decision: Decision) -> Decision:
    """The decision with all that the course adds whatever is answered."""
    about_task = decision.standing in (Standing.WAITING, Standing.ISSUED)
    key = {"person_key": person_key(view.case) or ""} if about_task else {}
    return replace(
        decision,
        intents=(*course.intents, *decision.intents),
        occasion=course.occasion,
        facts=course.remember | key,
    )


def woken(decision: Decision, until: date | datetime | None, view: View) -> Decision:
    """The decision holds until then at the latest; a moment that has passed changes nothing."""
    moment = until if isinstance(until, datetime) or until is None else view.wake(until)
    moments = [at for at in (moment, decision.wake_at) if at and at > view.now]
    return replace(decision, wake_at=min(moments, default=None))


def woken_by_appointments(decision: Decision, view: View) -> Decision:
    """What is still to come becomes the past without any record changing: then the person is looked at again."""
    for activity in view.case.activities:
        decision = woken(decision, activity.starts_at, view)
    return decision


def stands(view: View, tasks: TasksOfSubject, course: Course, *, meeting_is_enough: bool = True) -> Decision:
    """A task stands already. Ours goes again if there is an appointment before anybody has begun."""
    ours, meeting = tasks.ours_open, future_meeting(view) if meeting_is_enough else None
    if meeting and ours and not has_begun(ours, view.practice.tasks, view.touches):
        return excluded(view, course, meeting, withdrawals(view, tasks.ours, meeting.text))
    abandoned = holder_left(view, ours, tasks.others_open)
    return excluded(view, course, abandoned) if abandoned else issued(view, course, ours=ours is not None)


def ended_by_person(view: View, issued_before: Sequence[OwnTask]) -> Hold | None:
    """A person deleted our task or closed it as not needed: no second one for this occasion."""
    texts = view.practice.texts
    deleted = next((task for task in issued_before if task.deleted and not task.withdrawn), None)
    if deleted:
        return Hold("task_deleted", texts["hold.task_deleted"], deleted.record, "deleted", value=True)
    unneeded = closed_as_not_needed(issued_before, view.practice.touches)
    if unneeded and unneeded.current:
        return Hold("not_needed", texts["hold.not_needed"], unneeded.record, "status", unneeded.current.status)
    return None


def holder_left(view: View, task: OwnTask | None, by_hand: Activity | None = None) -> Hold | None:
    """The open task lies with somebody who is no longer active: nobody works on it, and that must be seen.

    `by_hand` is somebody else's open task, which counts where there is none of ours.
    """
    shown = task.current if task and is_open(task) else by_hand if task is None else None
    holder = view.case.users.get(shown.owner) if shown and shown.owner else None
    if shown is None or holder is None or holder.is_active:
        return None
    text = view.practice.texts["hold.holder_left"].format(name=quoted(holder.name))
    return Hold(HOLDER_LEFT, text, shown.ref, "owner", holder.ref.id)


def with_subject(tasks: Iterable[OwnTask], subject: str, writing: TaskWriting) -> tuple[OwnTask, ...]:
    """Those that were written with this subject; of a task found again after a lost database, as it is now."""
    return tuple(task for task in tasks if _subject(task, writing) == subject)


def _subject(task: OwnTask, writing: TaskWriting) -> str | None:
    written = task.written.get(writing.fields.subject)
    return str(written) if written else task.current.subject if task.current else None
