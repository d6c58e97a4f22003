"""鮮度: nobody stays unconfirmed in a conversation for more than a year; who comes up is asked by inside sales.

Pure: the engine calls `PROGRAM.evaluate`. Read it beside section 7 of the practice; the round of the year is in
`practice/spans.py`. It knows neither other programs nor how tasks are shared out among people.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pydantic import Field, PositiveInt

from connector.model.case import Case, Occasion
from connector.model.intents import Decision, Intent, Over, SetFields
from connector.model.plan import Because
from connector.model.records import Account, Kind, Opportunity, Person, Ref
from connector.programs.practice import Practice
from connector.programs.practice.holds import Hold, hold, left_alone, must_not_call
from connector.programs.practice.leads import (
    acquired_on,
    is_converted,
    is_own_employee,
    look_at_person,
    may_be_mailed,
    phone_of,
    records,
    sfa_record,
    tasks_come_near,
    with_sales,
)
from connector.programs.practice.occasions import ended, of_occasion, remembered
from connector.programs.practice.own_tasks import TasksOfSubject, tasks_of_subject
from connector.programs.practice.person_tasks import (
    Course,
    Errand,
    ended_by_person,
    excluded,
    no_task,
    stands,
    wanted,
    woken,
    woken_by_appointments,
)
from connector.programs.practice.settings import ProgramSettings, Settings
from connector.programs.practice.spans import Round, made_up, turn
from connector.programs.practice.task_text import Fact, whom
from connector.programs.practice.view import View, person_key
from connector.programs.practice.withdrawals import withdrawals

NAME = "freshness"

BOUNCE_SEEN = "bounce_seen"
"""What is remembered of a bounce whose day no system tells: when it was seen first."""


class Bounces(Settings):
    """A hard bounce is a reason to check whether the person is still there (在籍確認)."""

    value: Decimal = Decimal(1000)
    """How much it raises a person in the order; a day of age counts one."""
    not_the_persons: tuple[str, ...] = ("CONTENT", "POLICY", "SPAM", "MAILBOX_FULL")
    """Reasons that say nothing about whether the person is still there."""


class FreshnessSettings(ProgramSettings):
    """`mappings/programs/freshness.yaml`."""

    subject: str = "フォローコール"
    round: Round = Field(default_factory=Round)
    bounces: Bounces = Bounces()
    owner_task_days: PositiveInt = 14
    other_deal_days: PositiveInt = 60


@dataclass(frozen=True, slots=True)
class _Bounce:
    """A mail that could not be delivered for good, after the last confirmation."""

    day: date
    record: Person


@dataclass(frozen=True, slots=True)
class _Confirmation:
    """The day of the last confirmation, and what says so: a talk, a date that a person wrote, or the acquisition."""

    day: date
    record: Ref
    known: bool


@dataclass(frozen=True, slots=True)
class _Person:
    """One person at one moment, read by this program."""

    view: View
    settings: FreshnessSettings
    tasks: TasksOfSubject
    record: Person
    confirmation: _Confirmation
    bounce: _Bounce | None
    due: date

    @classmethod
    def of(cls, view: View, settings: FreshnessSettings, tasks: TasksOfSubject, record: Person) -> "_Person":
        """Reads when the person was last confirmed, whether mail has bounced since, and when the turn comes."""
        confirmation = _confirmation(view)
        bounce = _bounce(view, settings.bounces, confirmation.day)
        return cls(view, settings, tasks, record, confirmation, bounce, _due(view, settings, confirmation.day, bounce))

    @property
    def age(self) -> int:
        """Days since the last confirmation."""
        return (self.view.today - self.confirmation.day).days

    def course(self, occasion: Occasion | None) -> Course:
        """The date of the last confirmation is kept on the person's record, and the figures for the report."""
        remember = {"confirmed_on": self.confirmation.day.isoformat() if self.confirmation.known else ""}
        remember["due_on"] = self.due.isoformat()
        undated = next((r for r in records(self.view.case) if r.bounce_reason and not r.bounced_at), None)
        if undated:
            remember[BOUNCE_SEEN] = _bounce_seen(self.view, undated).isoformat()
        return Course(NAME, occasion, remember, _kept_date(self.view, self.record))


class FreshnessProgram:
    """Program 7 of the practice, its tasks."""

    name = NAME
    settings = FreshnessSettings
    about = frozenset({Kind.PERSON})

    def concerns(self, subject: Opportunity | Account | Person) -> bool:
        """People, but not a lead that has become a contact."""
        return isinstance(subject, Person) and not is_converted(subject)

    def evaluate(self, case: Case, settings: FreshnessSettings, practice: Practice, now: datetime) -> Decision:
        """Whether the person's turn has come, what stands in the way of a task, or which task should exist."""
        view = look_at_person(case, practice, now)
        tasks = tasks_of_subject(case, settings.subject, NAME)
        occasion = case.occasions.get(NAME) or remembered(tasks.ours, view)
        record = sfa_record(view)
        if record is None or is_own_employee(view):
            reason = "not_in_sfa" if record is None else "own_employee"
            taken_back = withdrawals(view, tasks.ours, practice.texts[f"{NAME}.{reason}"])
            return no_task(view, Course(NAME, ended(occasion), {}), reason, taken_back)
        person = _Person.of(view, settings, tasks, record)
        return woken_by_appointments(_decide(person, occasion), view)


def _decide(person: _Person, occasion: Occasion | None) -> Decision:
    view = person.view
    over = occasion is None or occasion.ended or _confirmed_again(person, occasion)
    if view.today >= person.due:
        return _turn_has_come(person, _following(person, occasion) if over or occasion is None else occasion)
    if over:
        taken_back = withdrawals(view, person.tasks.ours, view.practice.texts[f"{NAME}.fresh"])
        fresh = no_task(view, person.course(ended(occasion)), "fresh", taken_back, _why(person) if taken_back else ())
    else:  # only the figures changed, not the person: a task that exists stays
        fresh = no_task(view, person.course(occasion), "fresh")
    return woken(fresh, person.due, view)


# --- the last confirmation, and the turn ---------------------------------------------------------------------------


def _confirmation(view: View) -> _Confirmation:
    """The latest of the last talk and of the dates on the records; never confirmed: the day of acquisition.

    A date that lies ahead confirms nothing.
    """
    talk = view.contact
    found = [_Confirmation(talk.day, talk.activity.ref, known=True)] if talk else []
    found += [
        _Confirmation(record.confirmed_on, record.ref, known=True)
        for record in records(view.case)
        if record.confirmed_on and record.confirmed_on <= view.today
    ]
    acquired = _Confirmation(acquired_on(view), view.case.ref, known=False)
    return max(found, key=lambda one: one.day, default=acquired)


def _kept_date(view: View, record: Person) -> tuple[Intent, ...]:
    """A later talk moves the date forward, whoever wrote the one before; a later date of a person's stays."""
    talk = view.contact
    if talk is None or (record.confirmed_on and record.confirmed_on >= talk.day):
        return ()
    return (SetFields(record=record.ref, values={"confirmed_on": talk.day}, over=Over.ANY),)


def _bounce(view: View, rules: Bounces, confirmed: date) -> _Bounce | None:
    """The latest hard bounce since the last confirmation."""
    local = view.practice.calendar.local_date
    found = [
        _Bounce(local(record.bounced_at) if record.bounced_at else _bounce_seen(view, record), record)
        for record in records(view.case)
        if (record.bounced_at or record.bounce_reason) and record.bounce_reason not in rules.not_the_persons
    ]
    since = [bounce for bounce in found if confirmed < bounce.day <= view.today]
    return max(since, key=lambda bounce: bounce.day, default=None)


def _bounce_seen(view: View, record: Person) -> date:
    """Where a system tells only the reason, when it was seen first: at the latest when the record last changed."""
    seen = view.case.remembered.get(NAME, {}).get(BOUNCE_SEEN)
    return date.fromisoformat(seen) if seen else view.practice.calendar.local_date(record.modified_at)


def _due(view: View, settings: FreshnessSettings, confirmed: date, bounce: _Bounce | None) -> date:
    """The person's turn; after a bounce at once, except that bounces from before go-live make no wave either."""
    calendar, go_live = view.practice.calendar, view.practice.go_live
    key = person_key(view.case) or str(view.case.ref)
    due = turn(key, confirmed, go_live, settings.round, calendar)
    if bounce is None:
        return due
    at_once = bounce.day >= go_live
    return min(due, bounce.day if at_once else made_up(key, go_live, settings.round, calendar))


def _confirmed_again(person: _Person, occasion: Occasion) -> bool:
    """Confirmed after the occasion began, or so that the turn has moved ahead. A late log does neither."""
    day = person.confirmation.day
    if day <= occasion.last_contact:
        return False
    return day >= occasion.started_on or person.view.today < person.due


def _following(person: _Person, occasion: Occasion | None) -> Occasion:
    number = occasion.number + 1 if occasion else 1
    return Occasion(number, started_on=person.view.today, last_contact=person.confirmation.day)


# --- the turn has come: one task, or the reason why not ------------------------------------------------------------


def _turn_has_come(person: _Person, occasion: Occasion) -> Decision:
    view, course = person.view, person.course(occasion)
    blocked = left_alone(view) or must_not_call(view) or with_sales(view, person.settings.owner_task_days)
    if blocked:
        return excluded(view, course, blocked, withdrawals(view, person.tasks.ours, blocked.text))
    if person.tasks.ours_open or person.tasks.others_open:
        return stands(view, person.tasks, course)
    before = of_occasion(person.tasks.ours, NAME, view.case, occasion)
    held = (
        ended_by_person(view, before)
        or hold(
            view,
            owner_task_days=person.settings.owner_task_days,
            other_deal_days=person.settings.other_deal_days,
        )
        or _unreachable(view)
    )
    if held:
        return excluded(view, course, held)
    near = tasks_come_near(view, person.settings.owner_task_days)
    return woken(wanted(view, _errand(person), course), near, view)


def _unreachable(view: View) -> Hold | None:
    """No number, neither the person's nor the company's, and mail is not allowed."""
    if phone_of(view) or may_be_mailed(view):
        return None
    return Hold("no_phone", view.practice.texts[f"{NAME}.no_phone"], view.case.ref, "phone")


def _errand(person: _Person) -> Errand:
    texts = person.view.practice.texts
    wanted_text = texts[f"{NAME}.wanted"].format(days=person.age)
    return Errand(
        program=NAME,
        matter=NAME,
        subject=person.settings.subject,
        opening=_opening(person),
        why=texts[f"{NAME}.bounced"].format(day=person.bounce.day.isoformat()) if person.bounce else wanted_text,
        value=Decimal(person.age) + (person.settings.bounces.value if person.bounce else 0),
        because=_why(person),
        facts=_facts(person),
    )


def _opening(person: _Person) -> str:
    """What to do and why now."""
    texts, confirmation = person.view.practice.texts, person.confirmation
    key = "opening" if confirmation.known else "opening_never"
    values = {"who": whom(person.view), "day": confirmation.day.isoformat(), "days": person.age}
    if person.bounce:
        key, values["bounced"] = "opening_bounced", person.bounce.day.isoformat()
    by_mail = "" if phone_of(person.view) else texts[f"{NAME}.by_mail"]
    return texts[f"{NAME}.{key}"].format(**values) + by_mail


def _facts(person: _Person) -> tuple[Fact, ...]:
    texts, confirmation = person.view.practice.texts, person.confirmation
    value = confirmation.day.isoformat() if confirmation.known else texts["fact.never"]
    facts = [Fact(texts[f"{NAME}.fact_confirmed"], value)]
    if person.bounce:
        day = person.bounce.day.isoformat()
        facts.append(Fact(texts[f"{NAME}.fact_bounced"], day, person.bounce.record, dated=True))
    return tuple(facts)


def _why(person: _Person) -> tuple[Because, ...]:
    texts, confirmation = person.view.practice.texts, person.confirmation
    key = "because" if confirmation.known else "because_never"
    day = confirmation.day.isoformat()
    text = texts[f"{NAME}.{key}"].format(day=day, days=person.age)
    record = str(confirmation.record)
    found = [
        Because(rule=f"{NAME}.age", record=record, field="confirmed_on", value=day, at=confirmation.day, text=text)
    ]
    if person.bounce:
        bounced = person.bounce.day
        text = texts[f"{NAME}.bounced"].format(day=bounced.isoformat())
        record = str(person.bounce.record.ref)
        found.append(Because(rule=f"{NAME}.bounce", record=record, field="bounced_at", at=bounced, text=text))
    return tuple(found)


PROGRAM = FreshnessProgram()
