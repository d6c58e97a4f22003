"""滞留商談: an open deal that nobody has been in contact about for 60 days becomes one task for inside sales.

Pure: the engine calls `PROGRAM.evaluate`. Read it beside section 1 of the practice; every sentence there has its place
here. It knows neither other programs nor how tasks are shared out among people.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from connector.model.case import Case, Occasion, OwnTask
from connector.model.intents import Decision, EnsureTask, Intent, Standing, WithdrawTask
from connector.model.plan import Because
from connector.model.records import Activity, ActivityKind, Consent, Opportunity
from connector.programs.own_tasks import TasksOfSubject, closed_as_not_needed, has_begun, is_open, tasks_of_subject
from connector.programs.registry import Practice
from connector.programs.stalled_text import evidence, task_text
from connector.programs.touches import Touch, Touches, TouchKind, read_touches

NAME = "stalled"


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Days(_Settings):
    """Days without contact until a deal counts as stalled; `auto` for short-cycle products."""

    default: PositiveInt | Literal["auto"] = 60
    by_record_type: dict[str, PositiveInt | Literal["auto"]] = Field(default_factory=dict)


class Auto(_Settings):
    """`auto`: the deal is older than the mean lead time of won deals, and has been silent for a while."""

    minimum_won: PositiveInt = 20
    silence_days: PositiveInt = 14
    otherwise_days: PositiveInt = 60
    scope: Literal["company", "record_type"] = "company"


class Interest(_Settings):
    """How much a person's recent visit raises a deal in the order of tasks."""

    days: PositiveInt = 30
    factor: Decimal = Decimal(2)


class StalledSettings(_Settings):
    """`mappings/programs/stalled.yaml`."""

    enabled: bool = True
    subject: str = "滞留商談掘り起こし"
    days: Days = Days()
    auto: Auto = Auto()
    owner_task_days: PositiveInt = 14
    other_deal_days: PositiveInt = 60
    interest: Interest = Interest()


@dataclass(frozen=True, slots=True)
class _View:
    """One case at one moment, read once."""

    case: Case
    settings: StalledSettings
    practice: Practice
    now: datetime
    today: date
    touches: Touches
    contact: Touch | None
    contact_day: date
    tasks: TasksOfSubject

    @property
    def silence(self) -> int:
        """Days since the last contact, or since creation."""
        return (self.today - self.contact_day).days

    def wake(self, day: date) -> datetime:
        """The moment at which `day` begins."""
        return self.practice.calendar.start_of(day)


@dataclass(frozen=True, slots=True)
class _Hold:
    """Why no task is issued now, and when that could change by itself."""

    reason: str
    text: str
    until: date | datetime | None = None
    because: tuple[Because, ...] = ()


class StalledProgram:
    """Program 1 of the practice."""

    name = NAME
    settings = StalledSettings

    def concerns(self, opportunity: Opportunity) -> bool:
        """Open deals only; closed ones matter only where something stands already."""
        return not opportunity.is_closed and not opportunity.deleted

    def evaluate(self, case: Case, settings: StalledSettings, practice: Practice, now: datetime) -> Decision:
        """Whether the deal is stalled, what stands in the way of a task, or which task should exist."""
        view = _look(case, settings, practice, now)
        occasion = case.occasions.get(NAME)
        if case.opportunity.is_closed or case.opportunity.deleted:
            return _no_longer_stalled(view, occasion, "closed")
        stalled_from = _stalled_from(view)
        if view.today < stalled_from:
            if occasion is None or occasion.ended or _contact_ended(view, occasion):
                return _no_longer_stalled(view, occasion, "fresh", stalled_from)
            return _paused(view, occasion, stalled_from)
        return _stalled(view, _current_occasion(view, occasion))


def _look(case: Case, settings: StalledSettings, practice: Practice, now: datetime) -> _View:
    touches = read_touches(case, practice.touches, practice.calendar, now)
    contact = touches.last_contact()
    created = case.opportunity.created_at or case.opportunity.modified_at
    return _View(
        case=case,
        settings=settings,
        practice=practice,
        now=now,
        today=practice.calendar.local_date(now),
        touches=touches,
        contact=contact,
        contact_day=contact.day if contact else practice.calendar.local_date(created),
        tasks=tasks_of_subject(case, settings.subject, NAME),
    )


def _stalled_from(view: _View) -> date:
    """The first day on which the deal counts as stalled if nothing happens."""
    settings = view.settings
    record_type = view.case.opportunity.record_type or ""
    days = settings.days.by_record_type.get(record_type, settings.days.default)
    if days != "auto":
        return view.contact_day + timedelta(days=days)
    scope = view.case.opportunity.record_type if settings.auto.scope == "record_type" else None
    lead_time = view.practice.lead_times.get(scope)
    if lead_time is None or lead_time.won < settings.auto.minimum_won:
        return view.contact_day + timedelta(days=settings.auto.otherwise_days)
    created = view.case.opportunity.created_at or view.case.opportunity.modified_at
    overdue = view.practice.calendar.local_date(created) + timedelta(days=int(lead_time.mean_days) + 1)
    return max(overdue, view.contact_day + timedelta(days=settings.auto.silence_days))


# --- occasions -----------------------------------------------------------------------------------------------------


def _contact_ended(view: _View, occasion: Occasion) -> bool:
    """The deal is seen with contact again: one after the stall began, or one that makes it fresh."""
    if view.contact_day <= occasion.last_contact:
        return False
    return view.contact_day >= occasion.started_on or view.today < _stalled_from(view)


def _ended(occasion: Occasion | None) -> Occasion | None:
    return replace(occasion, ended=True) if occasion else None


def _current_occasion(view: _View, occasion: Occasion | None) -> Occasion:
    if occasion is not None and not occasion.ended and not _contact_ended(view, occasion):
        return occasion
    number = occasion.number + 1 if occasion else 1
    return Occasion(number=number, started_on=view.today, last_contact=view.contact_day)


def _key_prefix(view: _View, occasion: Occasion) -> str:
    return f"{NAME}:{view.case.ref.id}:{occasion.number}."


# --- no longer stalled: our task goes ------------------------------------------------------------------------------


def _no_longer_stalled(
    view: _View, occasion: Occasion | None, reason: str, stalled_from: date | None = None
) -> Decision:
    intents = _withdrawals(view, reason)
    return Decision(
        standing=Standing.NOT_ELIGIBLE,
        reason=reason,
        text=view.practice.texts[f"stalled.{reason}"],
        intents=intents,
        because=evidence(view.case, view.contact, reason, view.practice) if intents else (),
        wake_at=view.wake(stalled_from) if stalled_from else None,
        occasion=_ended(occasion),
    )


def _paused(view: _View, occasion: Occasion, stalled_from: date) -> Decision:
    """Only the figures changed, not the deal: the occasion goes on and a task that exists stays."""
    return Decision(
        standing=Standing.NOT_ELIGIBLE,
        reason="fresh",
        text=view.practice.texts["stalled.fresh"],
        wake_at=view.wake(stalled_from),
        occasion=occasion,
    )


def _withdrawals(view: _View, reason: str) -> tuple[Intent, ...]:
    """Each of our open tasks that has not been withdrawn yet: deleted if untouched, else left with a note."""
    note = view.practice.texts["task.withdrawn"].format(
        day=view.today.isoformat(), reason=view.practice.texts[f"stalled.{reason}"]
    )
    return tuple(
        WithdrawTask(
            key=f"{task.key}:withdraw",
            task=task.record,
            touched=has_begun(task, view.practice.tasks, view.touches),
            note=note,
            written=dict(task.written),
            body=task.current.body,
        )
        for task in view.tasks.ours
        if is_open(task)
        and not task.withdrawn
        and task.current is not None
        # A note that arrived before an earlier run was killed is not written again.
        and not (task.current.body or "").startswith(view.practice.texts["task.withdrawn"].partition("{")[0])
    )


# --- stalled: one task, or the reason why not ----------------------------------------------------------------------


def _stalled(view: _View, occasion: Occasion) -> Decision:
    blocked = _must_not_call(view)
    if blocked:
        return _excluded(view, occasion, blocked, _withdrawals(view, blocked.reason))
    if view.tasks.ours_open or view.tasks.others_open:
        moved = _owner_moved_first(view)
        return _excluded(view, occasion, moved, _withdrawals(view, moved.reason)) if moved else _issued(view, occasion)
    of_occasion = [task for task in view.tasks.ours if task.key.startswith(_key_prefix(view, occasion))]
    hold = _person_ended_it(view, of_occasion) or _hold(view)
    if hold:
        return _excluded(view, occasion, hold)
    return _wanted(view, occasion, sequence=len(of_occasion) + 1)


def _must_not_call(view: _View) -> _Hold | None:
    """架電NG of the person or the company, in a field or a note, and 退職."""
    text = view.practice.texts
    primary = view.case.primary
    if any(account.call_consent is Consent.NO for account in view.case.accounts):
        return _Hold("do_not_call", text["stalled.do_not_call"])
    if primary and primary.call_consent is Consent.NO:
        return _Hold("do_not_call", text["stalled.do_not_call"])
    if _note_forbids(view):
        return _Hold("do_not_call", text["stalled.do_not_call_note"])
    if primary and primary.left_company:
        return _Hold("left_company", text["stalled.left_company"])
    return None


def _note_forbids(view: _View) -> bool:
    primary = view.case.primary
    own = {task.record for task in view.case.own_tasks}
    notes = [account.notes for account in view.case.accounts]
    if primary:
        about = {record.ref for record in primary.records}
        notes += [record.notes for record in primary.records]
        notes += [a.body for a in view.case.activities if a.ref not in own and about & set(a.people)]
    notes += [a.body for a in view.case.activities if a.ref not in own and not a.people]
    return any(phrase in note for phrase in view.practice.touches.no_call_phrases for note in notes if note)


def _owner_moved_first(view: _View) -> _Hold | None:
    """The owner has made an appointment before inside sales began: the task is not needed for now."""
    ours = view.tasks.ours_open
    meeting = view.touches.meeting_ahead(elsewhere=False)
    if ours is None or ours.withdrawn or meeting is None or has_begun(ours, view.practice.tasks, view.touches):
        return None
    return _future_meeting(view)


def _person_ended_it(view: _View, of_occasion: list[OwnTask]) -> _Hold | None:
    """A person deleted our task or closed it as not needed: no second one for this occasion."""
    text = view.practice.texts
    if any(task.deleted and not task.withdrawn for task in of_occasion):
        return _Hold("task_deleted", text["stalled.task_deleted"])
    if closed_as_not_needed(of_occasion, view.practice.touches):
        return _Hold("not_needed", text["stalled.not_needed"])
    return None


def _hold(view: _View) -> _Hold | None:
    """What suppresses a new task for now, the longest-lasting reason first."""
    return _three_attempts(view) or _future_meeting(view) or _owner_task(view) or _other_deal(view) or _attempted(view)


def _three_attempts(view: _View) -> _Hold | None:
    attempts = view.touches.attempts_since(view.contact_day if view.contact else None)
    if len(attempts) < view.practice.touches.attempts_before_manager:
        return None
    text = view.practice.texts["stalled.manager_decides"].format(count=len(attempts))
    return _Hold("manager_decides", text)


def _future_meeting(view: _View) -> _Hold | None:
    meeting = view.touches.meeting_ahead(elsewhere=False)
    if meeting is None:
        return None
    text = view.practice.texts["stalled.future_meeting"].format(day=meeting.day.isoformat())
    return _Hold("future_meeting", text, meeting.activity.starts_at)


def _owner_task(view: _View) -> _Hold | None:
    """The owner's own open task, due soon; a dummy task months away must not park a deal."""
    last = view.today + timedelta(days=view.settings.owner_task_days)
    for activity in view.case.activities:
        due = activity.due_date
        if due and view.today <= due <= last and _is_owners_open_task(view, activity):
            text = view.practice.texts["stalled.owner_task"].format(day=due.isoformat())
            return _Hold("owner_task", text, due + timedelta(days=1))
    return None


def _is_owners_open_task(view: _View, activity: Activity) -> bool:
    owner = view.case.opportunity.owner
    return (
        activity.form in (ActivityKind.TASK, ActivityKind.CALL, ActivityKind.MAIL)
        and not activity.is_closed
        and activity.starts_at is None
        and (not activity.opportunities or bool(view.case.same_deal & set(activity.opportunities)))
        and owner is not None
        and _same_user(view, activity, owner)
    )


def _same_user(view: _View, activity: Activity, owner: object) -> bool:
    """One person's user in the SFA and owner in the MA are told by their e-mail address."""
    if activity.owner == owner:
        return True
    mine = view.case.users.get(activity.owner) if activity.owner else None
    theirs = next((user for ref, user in view.case.users.items() if ref == owner), None)
    return bool(mine and theirs and mine.email and theirs.email and mine.email.lower() == theirs.email.lower())


def _other_deal(view: _View) -> _Hold | None:
    """The same people are in touch, or about to be, on another deal: its owner is named."""
    contact = view.touches.elsewhere(TouchKind.CONTACT)
    attempt = view.touches.elsewhere(TouchKind.ATTEMPT)
    meeting = view.touches.meeting_ahead(elsewhere=True)
    windows = ((contact, view.settings.other_deal_days), (attempt, view.practice.touches.attempt_days))
    until = [touch.day + timedelta(days=days) for touch, days in windows if touch]
    if meeting:
        until.append(meeting.day + timedelta(days=1))
    if not until or max(until) <= view.today:
        return None
    touch = max((t for t in (contact, attempt, meeting) if t), key=lambda t: t.day)
    deal, owner = _other_deal_of(view, touch)
    text = view.practice.texts["stalled.other_deal"].format(deal=deal, owner=owner, day=touch.day.isoformat())
    return _Hold("other_deal", text, max(until))


def _other_deal_of(view: _View, touch: Touch) -> tuple[str, str]:
    """Name of the other deal and of its owner, as far as they are known."""
    unknown = view.practice.texts["unknown"]
    deals = [view.case.other_deals[ref] for ref in touch.activity.opportunities if ref in view.case.other_deals]
    if not deals:
        return unknown, unknown
    owner = view.case.users.get(deals[0].owner) if deals[0].owner else None
    return deals[0].name or unknown, owner.name if owner else unknown


def _attempted(view: _View) -> _Hold | None:
    attempts = view.touches.attempts_since(None)
    until = attempts[-1].day + timedelta(days=view.practice.touches.attempt_days) if attempts else view.today
    if until <= view.today:
        return None
    text = view.practice.texts["stalled.recent_attempt"].format(day=attempts[-1].day.isoformat())
    return _Hold("recent_attempt", text, until)


def _excluded(view: _View, occasion: Occasion, hold: _Hold, intents: tuple[Intent, ...] = ()) -> Decision:
    until = hold.until if isinstance(hold.until, datetime) or hold.until is None else view.wake(hold.until)
    return Decision(
        standing=Standing.EXCLUDED,
        reason=hold.reason,
        text=hold.text,
        intents=intents,
        because=evidence(view.case, view.contact, hold.reason, view.practice),
        wake_at=until,
        occasion=occasion,
    )


def _issued(view: _View, occasion: Occasion) -> Decision:
    reason = "issued" if view.tasks.ours_open else "already_open"
    return Decision(
        standing=Standing.ISSUED,
        reason=reason,
        text=view.practice.texts[f"stalled.{reason}"],
        occasion=occasion,
        facts={"person_key": _person_key(view) or ""},
    )


def _wanted(view: _View, occasion: Occasion, sequence: int) -> Decision:
    case, texts = view.case, view.practice.texts
    primary = case.primary
    task = EnsureTask(
        key=f"{_key_prefix(view, occasion)}{sequence}",
        subject=view.settings.subject,
        opportunity=case.ref,
        who=primary.person.ref if primary else None,
        account_owner=case.accounts[0].owner if case.accounts else None,
        due=view.practice.calendar.business_day_from(view.today),
        text=task_text(case, view.contact, view.silence, view.practice, view.now),
        value=_value(view),
        person_key=_person_key(view),
        label=case.opportunity.name or case.ref.id,
    )
    return Decision(
        standing=Standing.WAITING,
        reason="wanted",
        text=texts["stalled.wanted"].format(days=view.silence),
        intents=(task,),
        because=evidence(case, view.contact, "wanted", view.practice),
        occasion=occasion,
        facts={"person_key": task.person_key or ""},
    )


def _person_key(view: _View) -> str | None:
    """One person across records and deals: the smallest reference of the records that are the primary contact."""
    primary = view.case.primary
    return min(str(record.ref) for record in primary.records) if primary else None


def _value(view: _View) -> Decimal:
    """Order among stalled deals: the amount, raised by recent interest."""
    amount = view.case.opportunity.amount or Decimal(0)
    since = view.now - timedelta(days=view.settings.interest.days)
    visits = [r.last_visit_at for p in view.case.participants for r in p.records if r.last_visit_at]
    interested = any(since <= visit <= view.now for visit in visits)
    return amount * view.settings.interest.factor if interested else amount


PROGRAM = StalledProgram()
