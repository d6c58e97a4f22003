"""Feedback: marketing hears what became of each lead that was passed to sales; who was put off comes up again.

Pure: the engine calls `PROGRAM.evaluate`. Read it beside section 9 of the practice; how outcomes are told stands in
`practice/outcomes.py`, what is measured in `practice/funnel.py`. It knows no other program.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from pydantic import PositiveInt

from connector.mapping.practice import LossReason
from connector.model.case import Case, Occasion
from connector.model.intents import Decision, Intent, SetFields
from connector.model.plan import Because
from connector.model.records import Account, Kind, Opportunity, Person
from connector.programs.practice import Practice
from connector.programs.practice.funnel import measured
from connector.programs.practice.holds import hold, left_alone, must_not_call
from connector.programs.practice.last_talk import latest_day
from connector.programs.practice.leads import (
    is_converted,
    is_own_employee,
    look_at_person,
    ma_records,
    own_deals,
    sfa_record,
    tasks_come_near,
    with_sales,
)
from connector.programs.practice.losses import is_lost, reason_of
from connector.programs.practice.months import months_after
from connector.programs.practice.occasions import ended, of_occasion, remembered
from connector.programs.practice.outcomes import (
    Outcome,
    OutcomeSettings,
    Told,
    entered_by_person,
    outcome_of,
    passed_on,
    seen_since,
)
from connector.programs.practice.own_tasks import TasksOfSubject, tasks_of_subject
from connector.programs.practice.person_tasks import (
    Course,
    Errand,
    ended_by_person,
    excluded,
    no_task,
    stands,
    wanted,
    with_subject,
    woken,
    woken_by_appointments,
)
from connector.programs.practice.task_text import Fact, whom
from connector.programs.practice.view import View, is_ours
from connector.programs.practice.withdrawals import withdrawals

NAME = "feedback"


class FeedbackSettings(OutcomeSettings):
    """`mappings/programs/feedback.yaml`."""

    subject: str = "フォローコール"
    handover_subject: str = "トスアップ対応"
    again_months: PositiveInt = 6
    matter: str = "lost"
    value: Decimal = Decimal(0)
    owner_task_days: PositiveInt = 14
    other_deal_days: PositiveInt = 60


@dataclass(frozen=True, slots=True)
class _Passed:
    """A person who was passed to sales, with what became of him or her."""

    view: View
    settings: FeedbackSettings
    tasks: TasksOfSubject
    since: date
    told: Told | None
    entered: Told | None
    facts: dict[str, str]

    @property
    def outcome(self) -> Told | None:
        """A person's word before what the systems tell."""
        return self.entered or self.told

    def course(self, occasion: Occasion | None) -> Course:
        """What is remembered, and what is written back to marketing."""
        return Course(NAME, occasion, self.facts, self._written_back())

    def _written_back(self) -> tuple[SetFields, ...]:
        """Outcome, date and reason belong together: where a person wrote the outcome, all three are left alone.

        What was told of this hand-over and holds no more, an appointment that was cancelled, is taken back.
        """
        told = self.told
        if self.entered:
            return ()
        ours = [record for record in ma_records(self.view) if is_ours(self.view.case, record, "outcome")]
        values: dict[str, object] = {"outcome": None, "outcome_on": None, "outcome_reason": None}
        if told is None:
            ours = [one for one in ours if one.outcome and one.outcome_on and one.outcome_on >= self.since]
        else:
            label = self.settings.label(told.outcome)
            values = {"outcome": label, "outcome_on": told.day, "outcome_reason": told.reason}
        return tuple(SetFields(record=record.ref, values=values) for record in ours)


class FeedbackProgram:
    """Program 9 of the practice."""

    name = NAME
    settings = FeedbackSettings
    about = frozenset({Kind.PERSON})

    def concerns(self, subject: Opportunity | Account | Person) -> bool:
        """People, but not a lead that has become a contact: the contact tells what became of it."""
        return isinstance(subject, Person) and not is_converted(subject)

    def evaluate(self, case: Case, settings: FeedbackSettings, practice: Practice, now: datetime) -> Decision:
        """What marketing is told, and whether somebody who was put off is called again."""
        view = look_at_person(case, practice, now)
        tasks = tasks_of_subject(case, settings.subject, NAME)
        occasion = case.occasions.get(NAME) or remembered(tasks.ours, view)
        if is_own_employee(view):
            return no_task(view, Course(NAME, ended(occasion), {}), "own_employee")
        handed = with_subject(
            (t for t in case.own_tasks if t.program != NAME), settings.handover_subject, practice.tasks
        )
        since = passed_on(view, handed)
        facts = measured(view, since, max(handed, key=lambda task: task.created_at, default=None))
        if since is None:
            back = withdrawals(view, tasks.ours, practice.texts[f"{NAME}.not_passed"])
            return no_task(view, Course(NAME, ended(occasion), facts), "not_passed", back)
        person = _read(view, settings, tasks, since, facts)
        return woken_by_appointments(_decide(person, occasion), view)


def _read(view: View, settings: FeedbackSettings, tasks: TasksOfSubject, since: date, facts: dict[str, str]) -> _Passed:
    seen = view.case.remembered.get(NAME, {})
    told = outcome_of(view, settings, since, seen)
    entered = entered_by_person(view, settings, seen)
    outcome = entered or told
    facts = facts | seen_since(view, settings, seen)
    if outcome:
        facts |= {"outcome": outcome.outcome.value, "outcome_on": outcome.day.isoformat()}
        facts["outcome_reason"] = outcome.reason or ""
    return _Passed(view, settings, tasks, since, told, entered, facts)


def _decide(person: _Passed, occasion: Occasion | None) -> Decision:
    view, outcome = person.view, person.outcome
    if outcome is None:
        return no_task(view, person.course(ended(occasion)), "no_outcome", _back(person, "no_outcome"))
    because = _why(person, outcome)
    if outcome.outcome is not Outcome.POSTPONED or _followed_elsewhere(person):
        back = _back(person, "told")
        return no_task(view, person.course(ended(occasion)), "told", back, because)
    put_off = _put_off_on(person, outcome)
    due = months_after(put_off, person.settings.again_months)
    if view.today < due:
        waits = no_task(view, person.course(ended(occasion)), "told", _back(person, "told"), because)
        return woken(waits, due, view)
    return _call_again(person, _current(person, occasion, put_off, due), outcome)


def _put_off_on(person: _Passed, outcome: Told) -> date:
    """The day of the outcome; who was called when that was over and is still put off, was put off anew then."""
    talk = person.view.contact
    over = months_after(outcome.day, person.settings.again_months)
    return talk.day if talk and talk.day >= over else outcome.day


def _followed_elsewhere(person: _Passed) -> bool:
    """Somebody is at it: the deal that was put off comes back on its own date, and an open or won one goes on.

    What was closed before the hand-over brings nobody back.
    """
    view, reasons = person.view, person.view.practice.rules.reasons
    deals = [d for d in own_deals(view.case) if not d.is_closed or latest_day(view, d) >= person.since]
    return any(not is_lost(deal) or reason_of(deal, reasons) is LossReason.POSTPONED for deal in deals)


def _current(person: _Passed, occasion: Occasion | None, put_off: date, due: date) -> Occasion:
    """One occasion for each time that somebody was put off."""
    if occasion is not None and (occasion.last_contact == put_off or occasion.started_on >= due):
        return replace(occasion, ended=False)
    number = occasion.number + 1 if occasion else 1
    return Occasion(number, started_on=person.view.today, last_contact=put_off)


def _call_again(person: _Passed, occasion: Occasion, outcome: Told) -> Decision:
    """The half year is over: one task, or the reason why not."""
    view, settings, course = person.view, person.settings, person.course(occasion)
    if sfa_record(view) is None:
        return no_task(view, course, "not_in_sfa")
    blocked = left_alone(view) or must_not_call(view) or with_sales(view, settings.owner_task_days)
    if blocked:
        return excluded(view, course, blocked, withdrawals(view, person.tasks.ours, blocked.text))
    if person.tasks.ours_open or person.tasks.others_open:
        return stands(view, person.tasks, course)
    held = ended_by_person(view, of_occasion(person.tasks.ours, NAME, view.case, occasion)) or hold(
        view, owner_task_days=settings.owner_task_days, other_deal_days=settings.other_deal_days
    )
    if held:
        return excluded(view, course, held)
    return woken(wanted(view, _errand(person, outcome), course), tasks_come_near(view, settings.owner_task_days), view)


def _errand(person: _Passed, outcome: Told) -> Errand:
    texts, settings = person.view.practice.texts, person.settings
    values = {"who": whom(person.view), "day": outcome.day.isoformat(), "months": settings.again_months}
    facts = [Fact(texts[f"{NAME}.fact_outcome"], f"{outcome.day.isoformat()} {settings.label(outcome.outcome)}")]
    if outcome.reason:
        facts.append(Fact(texts[f"{NAME}.fact_reason"], outcome.reason))
    return Errand(
        program=NAME,
        matter=settings.matter,
        subject=settings.subject,
        opening=texts[f"{NAME}.opening"].format(**values),
        why=texts[f"{NAME}.wanted"].format(**values),
        value=settings.value,
        because=_why(person, outcome),
        facts=tuple(facts),
    )


def _why(person: _Passed, outcome: Told) -> tuple[Because, ...]:
    label, day = person.settings.label(outcome.outcome), outcome.day
    text = person.view.practice.texts[f"{NAME}.because"].format(outcome=label, day=day.isoformat())
    return (
        Because(rule=f"{NAME}.outcome", record=str(outcome.record), field="outcome", value=label, at=day, text=text),
    )


def _back(person: _Passed, why: str) -> tuple[Intent, ...]:
    return withdrawals(person.view, person.tasks.ours, person.view.practice.texts[f"{NAME}.{why}"])


PROGRAM = FeedbackProgram()
