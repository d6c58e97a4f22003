"""四半期チェック: a company with a need whose time has not come is called again 90 days after the last contact.

Pure: the engine calls `PROGRAM.evaluate`. Read it beside section 6 of the practice. Which companies these are is
`practice.status_rules`; what a person set as the company's status or as its next date counts more than any rule.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from pydantic import PositiveInt

from connector.mapping.practice import BY_PEOPLE_ONLY, Status
from connector.model.case import Case, Occasion
from connector.model.intents import Decision, EnsureTask, Intent, Standing
from connector.model.plan import Because
from connector.model.records import Account, Kind, Opportunity, Person
from connector.programs.practice import Practice
from connector.programs.practice.approach import contact_ref
from connector.programs.practice.holds import (
    Hold,
    future_meeting,
    hold,
    left_alone,
    must_not_call,
    owner_task_comes_near,
)
from connector.programs.practice.last_talk import deal_behind, from_last_talk, record_of
from connector.programs.practice.next_check import asked_for, spread, used_up
from connector.programs.practice.occasions import ended, following, of_occasion, remembered, task_key
from connector.programs.practice.own_tasks import TasksOfSubject, has_begun, tasks_of_subject
from connector.programs.practice.person_tasks import ended_by_person, holder_left
from connector.programs.practice.settings import ProgramSettings
from connector.programs.practice.status_rules import Reading, company, next_appointment, read_status
from connector.programs.practice.statuses import AFTER_A_TALK, leads, said_by, set_by_people
from connector.programs.practice.task_text import Fact, evidence, task_text, whom
from connector.programs.practice.view import View, person_key
from connector.programs.practice.withdrawals import withdrawals

NAME = "quarterly_check"


class QuarterlyCheckSettings(ProgramSettings):
    """`mappings/programs/quarterly_check.yaml`."""

    subject: str = "四半期チェック"
    days: PositiveInt = 90
    spread_business_days: PositiveInt = 5
    """Over how many business days the due dates are spread; a date that a person set is exact."""
    owner_task_days: PositiveInt = 14
    other_deal_days: PositiveInt = 60


@dataclass(frozen=True, slots=True)
class _Check:
    """One company at one moment: what the rules say of it, our tasks, and from when on it is to be checked.

    `dated` is the record with the date that a person set, if one counts; `used` the last such date that counts no
    more; `begun_for` the one that the occasion began for.
    """

    view: View
    settings: QuarterlyCheckSettings
    reading: Reading
    tasks: TasksOfSubject
    occasion: Occasion | None
    begun_for: date | None
    used: date | None
    dated: Account | None

    @classmethod
    def of(cls, case: Case, settings: QuarterlyCheckSettings, practice: Practice, now: datetime) -> "_Check":
        """What there is to see of the company, with the person of the last talk in front."""
        view = from_last_talk(company(case, practice, now))
        status = practice.rules.statuses.read(case.account.status) if case.account else None
        tasks = tasks_of_subject(view.case, settings.subject, NAME)
        occasion = case.occasions.get(NAME) or remembered(tasks.ours, view)
        issued = of_occasion(tasks.ours, NAME, case, occasion) if occasion else []
        facts = case.remembered.get(NAME, {})
        begun_for, before = _date(facts.get("begun_for")), _date(facts.get("used"))
        used = used_up(issued, begun_for, before, practice.touches.tasks.not_needed_statuses)
        return cls(
            view=view,
            settings=settings,
            reading=read_status(view, talked_before=status in AFTER_A_TALK),
            tasks=tasks,
            occasion=occasion,
            begun_for=begun_for,
            used=used,
            dated=asked_for(view, used),
        )

    @property
    def asked(self) -> date | None:
        """The date that a person set, if one counts."""
        return self.dated.next_check_on if self.dated else None

    @property
    def due_from(self) -> date:
        """The day on which the company is to be checked if nothing happens."""
        return self.asked or self.view.contact_day + timedelta(days=self.settings.days)

    @property
    def facts(self) -> dict[str, str]:
        """What to remember."""
        days = {"begun_for": self.begun_for, "used": self.used}
        return {name: day.isoformat() for name, day in days.items() if day}

    def text(self, key: str, **values: object) -> str:
        """One of this program's texts."""
        return self.view.practice.texts[f"{NAME}.{key}"].format(**values)


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


class QuarterlyCheckProgram:
    """Section 6 of the practice."""

    name = NAME
    settings = QuarterlyCheckSettings
    about = frozenset({Kind.ACCOUNT})

    def concerns(self, subject: Opportunity | Account | Person) -> bool:
        """Any company may have a need: its own record tells too little."""
        return isinstance(subject, Account) and not subject.deleted

    def evaluate(self, case: Case, settings: QuarterlyCheckSettings, practice: Practice, now: datetime) -> Decision:
        """Whether the company is to be checked now, what stands in the way of a task, or which task should exist."""
        check = _Check.of(case, settings, practice, now)
        decision = _decide(check)
        appointment = next_appointment(check.view)
        moments = [moment for moment in (decision.wake_at, appointment) if moment and moment > now]
        return replace(decision, wake_at=min(moments, default=None))


def _decide(check: _Check) -> Decision:
    if not _needs_checks(check):
        return _none(check, "other_status", check.text("other_status"))
    if not leads(check.view.case, check.view.practice.rules.statuses) and check.tasks.ours_open is None:
        return _none(check, "other_record", check.text("other_record"))
    if check.view.today < check.due_from:
        return _not_yet(check)
    return _due(_in_its_occasion(check))


def _needs_checks(check: _Check) -> bool:
    """四半期チェック案件: as a person set it, else by the rules; never while FS has an open opportunity.

    That somebody acted lately does not end the need; whether a company is left alone is seen when its time has come.
    """
    case, names, ruled = check.view.case, check.view.practice.rules.statuses, check.reading.without_acts.status
    if ruled is Status.ACTIVE_OPPORTUNITY:
        return False
    people = [value for value in set_by_people(case, names) if value.record.ref.system == case.ref.system]
    said = said_by(case, [value for value in people if value.status not in BY_PEOPLE_ONLY])
    return (said.status if said else ruled) is Status.QUARTERLY_CHECK


# --- from when on --------------------------------------------------------------------------------------------------


def _not_yet(check: _Check) -> Decision:
    """Reached since by whatever way, or put off by a person; other figures alone do not end an occasion."""
    occasion, text = check.occasion, check.text("not_yet", day=check.due_from.isoformat())
    paused = occasion and not occasion.ended and not check.asked and check.view.contact_day <= occasion.last_contact
    decision = _none(check, "not_yet", text, withdraw=not paused)
    return replace(
        decision, occasion=occasion if paused else decision.occasion, wake_at=check.view.wake(check.due_from)
    )


def _in_its_occasion(check: _Check) -> _Check:
    """One occasion is the quarter since the contact, until there is contact again, or a person set another date."""
    occasion, view = check.occasion, check.view
    if occasion is not None and not occasion.ended:
        contact = view.contact_day > occasion.last_contact and view.contact_day >= occasion.started_on
        another_date = check.asked is not None and check.asked != check.begun_for
        over = another_date or view.today >= _next_quarter(check, occasion)
        if not contact and (check.tasks.ours_open or not over):
            return check
    return replace(check, occasion=following(occasion, view), begun_for=check.asked)


def _next_quarter(check: _Check, occasion: Occasion) -> date:
    return occasion.started_on + timedelta(days=check.settings.days)


# --- no check: our task goes ---------------------------------------------------------------------------------------


def _none(check: _Check, reason: str, text: str, *, withdraw: bool = True) -> Decision:
    intents = withdrawals(check.view, check.tasks.ours, text) if withdraw else ()
    record = str(check.reading.without_acts.record) if reason == "other_status" else str(check.view.case.ref)
    return Decision(
        standing=Standing.NOT_ELIGIBLE,
        reason=reason,
        text=text,
        intents=intents,
        because=(Because(rule=f"{NAME}.{reason}", record=record, text=text),) if intents else (),
        occasion=ended(check.occasion),
        facts=check.facts,
    )


# --- to be checked: one task, or the reason why not ----------------------------------------------------------------


def _due(check: _Check) -> Decision:
    view, tasks = check.view, check.tasks
    blocked = left_alone(view) or must_not_call(view)
    if blocked:
        return _excluded(check, blocked, withdrawals(view, tasks.ours, blocked.text))
    if tasks.ours_open or tasks.others_open:
        moved = _somebody_moved_first(check)
        if moved:
            return _excluded(check, moved, withdrawals(view, tasks.ours, moved.text))
        abandoned = holder_left(view, tasks.ours_open)
        return _excluded(check, abandoned) if abandoned else _issued(check)
    occasion = check.occasion
    issued = of_occasion(tasks.ours, NAME, view.case, occasion) if occasion else []
    person = ended_by_person(view, issued)
    if person and occasion:
        return _excluded(check, replace(person, until=_next_quarter(check, occasion)))
    settings = check.settings
    held = hold(view, owner_task_days=settings.owner_task_days, other_deal_days=settings.other_deal_days)
    return _excluded(check, held) if held else _wanted(check, sequence=len(issued) + 1)


def _somebody_moved_first(check: _Check) -> Hold | None:
    """There is an appointment before inside sales began: the task is not needed for now."""
    ours, view = check.tasks.ours_open, check.view
    if ours is None or ours.withdrawn or has_begun(ours, view.practice.tasks, view.touches):
        return None
    return future_meeting(view)


def _excluded(check: _Check, held: Hold, intents: tuple[Intent, ...] = ()) -> Decision:
    view = check.view
    return Decision(
        standing=Standing.EXCLUDED,
        reason=held.reason,
        text=held.text,
        intents=intents,
        because=(held.because(NAME), *evidence(view, f"{NAME}.silence")),
        wake_at=held.until if isinstance(held.until, datetime) or held.until is None else view.wake(held.until),
        occasion=check.occasion,
        facts=check.facts,
    )


def _issued(check: _Check) -> Decision:
    reason = "issued" if check.tasks.ours_open else "already_open"
    return Decision(
        standing=Standing.ISSUED,
        reason=reason,
        text=check.view.practice.texts["plan.already_open" if reason == "already_open" else "plan.issued"],
        occasion=check.occasion,
        facts=check.facts | {"person_key": person_key(check.view.case) or ""},
    )


def _wanted(check: _Check, sequence: int) -> Decision:
    view, case, occasion = check.view, check.view.case, check.occasion
    deal = deal_behind(view, check.reading.without_acts.record)
    if occasion is None:
        raise ValueError("a task needs an occasion")
    near = owner_task_comes_near(view, check.settings.owner_task_days)
    task = EnsureTask(
        key=task_key(NAME, case, occasion, sequence),
        subject=check.settings.subject,
        about=case.ref,
        who=contact_ref(case, case.primary) if case.primary else None,
        account_owner=case.account.owner if case.account else None,
        due=_due_day(check, occasion),
        text=task_text(view, _opening(check), facts=_own_facts(check), deal=deal),
        value=(deal.amount if deal else None) or Decimal(0),
        person_key=person_key(case),
        matter=NAME,
    )
    return Decision(
        standing=Standing.WAITING,
        reason="wanted",
        text=_why(check),
        intents=(task,),
        because=_because(check),
        wake_at=view.wake(near) if near else None,
        occasion=occasion,
        facts=check.facts | {"person_key": task.person_key or ""},
    )


def _due_day(check: _Check, occasion: Occasion) -> date:
    """A business day, never one that has passed: a person's date exactly, other ones spread."""
    calendar, today = check.view.practice.calendar, check.view.today
    places = check.settings.spread_business_days
    day = check.asked or spread(check.view.case.ref, occasion.started_on, places, calendar)
    return calendar.business_day_from(max(day, today))


# --- what the task says --------------------------------------------------------------------------------------------


def _opening(check: _Check) -> str:
    """What to do and why now."""
    key = "opening_asked" if check.asked else "opening" if check.view.contact else "opening_never"
    return check.text(
        key,
        asked=check.asked.isoformat() if check.asked else "",
        day=check.view.contact_day.isoformat(),
        days=check.view.silence,
        who=whom(check.view),
    )


def _why(check: _Check) -> str:
    if check.asked:
        return check.text("wanted_asked", asked=check.asked.isoformat())
    return check.text("wanted", days=check.view.silence)


def _because(check: _Check) -> tuple[Because, ...]:
    need = check.reading.without_acts.because(f"{NAME}.need")
    if check.dated is None:
        return (*evidence(check.view, f"{NAME}.silence"), need)
    dated = Because(
        rule=f"{NAME}.asked",
        record=str(check.dated.ref),
        field="next_check_on",
        value=str(check.asked),
        at=check.asked,
        text=_why(check),
    )
    return dated, need


def _own_facts(check: _Check) -> tuple[Fact, ...]:
    """Why there is something to ask about, and the date that a person set."""
    ground = check.reading.without_acts
    ruled = ground.status is Status.QUARTERLY_CHECK
    text = ground.text if ruled else check.text("by_person")
    source = record_of(check.view.case, ground.record) if ruled else check.view.case.account
    need = Fact(check.text("fact_need"), text, source, dated=ruled and ground.at is not None)
    if check.dated is None:
        return (need,)
    return need, Fact(check.text("fact_asked"), str(check.asked), check.dated, dated=True)


PROGRAM = QuarterlyCheckProgram()
