"""滞留商談: an open deal that nobody has been in contact about for 60 days becomes one task for inside sales.

Pure: the engine calls `PROGRAM.evaluate`. Read it beside section 1 of the practice; every sentence there has its place
here. It knows neither other programs nor how tasks are shared out among people.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from pydantic import PositiveInt

from connector.model.case import Case, Occasion, OwnTask
from connector.model.intents import Decision, EnsureTask, Intent, Standing
from connector.model.plan import Because
from connector.model.records import Account, Kind, Opportunity, Person
from connector.programs.practice import Practice
from connector.programs.practice.holds import (
    Hold,
    future_meeting,
    hold,
    left_alone,
    must_not_call,
    owner_task_comes_near,
)
from connector.programs.practice.manager_alert import manager_alert
from connector.programs.practice.occasions import ended, following, of_occasion, remembered, task_key
from connector.programs.practice.own_tasks import (
    TasksOfSubject,
    closed_as_not_needed,
    has_begun,
    tasks_of_subject,
)
from connector.programs.practice.person_tasks import holder_left
from connector.programs.practice.settings import ProgramSettings, Settings
from connector.programs.practice.stalling import stalled_from
from connector.programs.practice.task_text import evidence, quoted, task_text, whom
from connector.programs.practice.view import View, look, person_key
from connector.programs.practice.withdrawals import withdrawals

NAME = "stalled"


class Interest(Settings):
    """How much a person's recent visit raises a deal in the order of tasks."""

    days: PositiveInt = 30
    factor: Decimal = Decimal(2)


class StalledSettings(ProgramSettings):
    """`mappings/programs/stalled.yaml`."""

    subject: str = "滞留商談掘り起こし"
    owner_task_days: PositiveInt = 14
    other_deal_days: PositiveInt = 60
    interest: Interest = Interest()


@dataclass(frozen=True, slots=True)
class _Stall(View):
    """One case at one moment, with this program's settings and tasks."""

    settings: StalledSettings
    tasks: TasksOfSubject

    @classmethod
    def of(cls, view: View, settings: StalledSettings) -> "_Stall":
        """What `view` shows, read by the stalled program."""
        seen = {entry.name: getattr(view, entry.name) for entry in fields(view)}
        return cls(**seen, settings=settings, tasks=tasks_of_subject(view.case, settings.subject, NAME))


class StalledProgram:
    """Program 1 of the practice."""

    name = NAME
    settings = StalledSettings
    about = frozenset({Kind.OPPORTUNITY})

    def concerns(self, subject: Opportunity | Account | Person) -> bool:
        """Open deals only; closed ones matter only where something stands already."""
        return isinstance(subject, Opportunity) and not subject.is_closed

    def evaluate(self, case: Case, settings: StalledSettings, practice: Practice, now: datetime) -> Decision:
        """Whether the deal is stalled, what stands in the way of a task, or which task should exist."""
        view = _Stall.of(look(case, practice, now), settings)
        return _woken_by_appointments(view, self._decide(view))

    def _decide(self, view: "_Stall") -> Decision:
        case = view.case
        occasion = case.occasions.get(NAME) or remembered(view.tasks.ours, view)
        if case.opportunity.is_closed or case.opportunity.deleted:
            return _no_longer_stalled(view, occasion, "closed")
        begins = stalled_from(view)
        if view.today < begins:
            if occasion is None or occasion.ended or _contact_ended(view, occasion):
                return _no_longer_stalled(view, occasion, "fresh", begins)
            return _paused(view, occasion, begins)
        return _stalled(view, _current_occasion(view, occasion))


def _woken_by_appointments(view: _Stall, decision: Decision) -> Decision:
    """What is still to come becomes the past without any record changing: then the deal is looked at again."""
    ahead = [activity.starts_at for activity in view.case.activities if activity.starts_at]
    moments = [moment for moment in (*ahead, decision.wake_at) if moment and moment > view.now]
    return replace(decision, wake_at=min(moments, default=None))


# --- occasions -----------------------------------------------------------------------------------------------------


def _contact_ended(view: _Stall, occasion: Occasion) -> bool:
    """The deal is seen with contact again: one after the stall began, or one that makes it fresh."""
    if view.contact_day <= occasion.last_contact:
        return False
    return view.contact_day >= occasion.started_on or view.today < stalled_from(view)


def _current_occasion(view: _Stall, occasion: Occasion | None) -> Occasion:
    if occasion is not None and not occasion.ended and not _contact_ended(view, occasion):
        return occasion
    return following(occasion, view)


# --- no longer stalled: our task goes ------------------------------------------------------------------------------


def _no_longer_stalled(view: _Stall, occasion: Occasion | None, reason: str, begins: date | None = None) -> Decision:
    text = view.practice.texts[f"stalled.{reason}"]
    intents = withdrawals(view, view.tasks.ours, text)
    return Decision(
        standing=Standing.NOT_ELIGIBLE,
        reason=reason,
        text=text,
        intents=intents,
        because=_why_not_stalled(view, reason, text) if intents else (),
        wake_at=_fresh_until(view, begins) if begins else None,
        occasion=ended(occasion),
    )


def _fresh_until(view: _Stall, begins: date) -> datetime:
    """With `auto` also when the month's mean lead time is computed anew, as that may move the day."""
    is_auto = view.practice.rules.stalled.days_of(view.case.opportunity) == "auto"
    next_month = (view.today.replace(day=1) + timedelta(days=32)).replace(day=1)
    return view.wake(min(begins, next_month) if is_auto else begins)


def _why_not_stalled(view: _Stall, reason: str, text: str) -> tuple[Because, ...]:
    if reason == "fresh":
        return evidence(view, f"{NAME}.{reason}")
    deal = view.case.opportunity
    return (Because(rule=f"{NAME}.{reason}", record=str(deal.ref), field="stage", value=deal.stage, text=text),)


def _paused(view: _Stall, occasion: Occasion, begins: date) -> Decision:
    """Only the figures changed, not the deal: the occasion goes on and a task that exists stays."""
    return Decision(
        standing=Standing.NOT_ELIGIBLE,
        reason="fresh",
        text=view.practice.texts["stalled.fresh"],
        wake_at=_fresh_until(view, begins),
        occasion=occasion,
    )


# --- stalled: one task, or the reason why not ----------------------------------------------------------------------


def _stalled(view: _Stall, occasion: Occasion) -> Decision:
    blocked = left_alone(view) or must_not_call(view)
    if blocked:
        return _excluded(view, occasion, blocked, withdrawals(view, view.tasks.ours, blocked.text))
    if view.tasks.ours_open or view.tasks.others_open:
        moved = _owner_moved_first(view)
        if moved:
            return _excluded(view, occasion, moved, withdrawals(view, view.tasks.ours, moved.text))
        abandoned = holder_left(view, view.tasks.ours_open, view.tasks.others_open)
        return _excluded(view, occasion, abandoned) if abandoned else _issued(view, occasion)
    issued = of_occasion(view.tasks.ours, NAME, view.case, occasion)
    held = _person_ended_it(view, issued) or hold(
        view,
        owner_task_days=view.settings.owner_task_days,
        other_deal_days=view.settings.other_deal_days,
    )
    if held:
        return _excluded(view, occasion, held, manager_alert(view, NAME, occasion, held))
    return _wanted(view, occasion, sequence=len(issued) + 1)


def _owner_moved_first(view: _Stall) -> Hold | None:
    """The owner has made an appointment before inside sales began: the task is not needed for now."""
    ours = view.tasks.ours_open
    meeting = view.touches.meeting_ahead(elsewhere=False)
    if ours is None or ours.withdrawn or meeting is None or has_begun(ours, view.practice.tasks, view.touches):
        return None
    return future_meeting(view)


def _person_ended_it(view: _Stall, issued: list[OwnTask]) -> Hold | None:
    """A person deleted our task or closed it as not needed: no second one for this occasion."""
    text = view.practice.texts
    deleted = next((task for task in issued if task.deleted and not task.withdrawn), None)
    if deleted:
        return Hold("task_deleted", text["stalled.task_deleted"], deleted.record, "deleted", value=True)
    unneeded = closed_as_not_needed(issued, view.practice.touches)
    if unneeded and unneeded.current:
        return Hold("not_needed", text["stalled.not_needed"], unneeded.record, "status", unneeded.current.status)
    return None


def _excluded(view: _Stall, occasion: Occasion, held: Hold, intents: tuple[Intent, ...] = ()) -> Decision:
    until = held.until if isinstance(held.until, datetime) or held.until is None else view.wake(held.until)
    return Decision(
        standing=Standing.EXCLUDED,
        reason=held.reason,
        text=held.text,
        intents=intents,
        because=(held.because(NAME), *evidence(view, f"{NAME}.silence")),
        wake_at=until,
        occasion=occasion,
    )


def _issued(view: _Stall, occasion: Occasion) -> Decision:
    reason = "issued" if view.tasks.ours_open else "already_open"
    return Decision(
        standing=Standing.ISSUED,
        reason=reason,
        text=view.practice.texts[f"plan.{reason}"],
        occasion=occasion,
        facts={"person_key": person_key(view.case) or ""},
    )


def _wanted(view: _Stall, occasion: Occasion, sequence: int) -> Decision:
    case, texts = view.case, view.practice.texts
    primary = case.primary
    task = EnsureTask(
        key=task_key(NAME, case, occasion, sequence),
        subject=view.settings.subject,
        about=case.ref,
        who=primary.person.ref if primary else None,
        account_owner=case.accounts[0].owner if case.accounts else None,
        due=view.practice.calendar.business_day_from(view.today),
        text=task_text(view, _opening(view)),
        value=_value(view),
        person_key=person_key(case),
        matter=NAME,
    )
    return Decision(
        standing=Standing.WAITING,
        reason="wanted",
        text=texts["stalled.wanted"].format(days=view.silence),
        intents=(task,),
        because=_why_wanted(view),
        wake_at=_wanted_until(view),
        occasion=occasion,
        facts={"person_key": task.person_key or ""},
    )


def _why_wanted(view: _Stall) -> tuple[Because, ...]:
    contact = evidence(view, f"{NAME}.silence")
    text = view.practice.texts["stalled.why"].format(days=view.silence, contact=contact[0].text)
    deal = str(view.case.ref)
    return (Because(rule=f"{NAME}.wanted", record=deal, field="silence_days", value=view.silence, text=text), *contact)


def _wanted_until(view: _Stall) -> datetime | None:
    """When time alone changes a deal that waits: the owner's own task comes near, or the interest is recent no more."""
    near = owner_task_comes_near(view, view.settings.owner_task_days)
    interest = [visit + timedelta(days=view.settings.interest.days, seconds=1) for visit in _visits(view)]
    moments = [*interest, *([view.wake(near)] if near else [])]
    return min((moment for moment in moments if moment > view.now), default=None)


def _opening(view: _Stall) -> str:
    """What to do and why now."""
    key = "stalled.opening" if view.contact else "stalled.opening_never"
    return view.practice.texts[key].format(
        deal=quoted(view.case.opportunity.name) or view.case.ref.id,
        days=view.silence,
        day=view.contact_day.isoformat(),
        who=whom(view),
    )


def _value(view: _Stall) -> Decimal:
    """Order among stalled deals: the amount, raised by recent interest."""
    amount = view.case.opportunity.amount or Decimal(0)
    since = view.now - timedelta(days=view.settings.interest.days)
    interested = any(since <= visit for visit in _visits(view))
    return amount * view.settings.interest.factor if interested else amount


def _visits(view: _Stall) -> list[datetime]:
    """When the deal's people were last on the web, up to now."""
    visits = (record.last_visit_at for person in view.case.participants for record in person.records)
    return [visit for visit in visits if visit and visit <= view.now]


PROGRAM = StalledProgram()
