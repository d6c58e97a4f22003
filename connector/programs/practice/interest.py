"""What a person has shown or said since when: the forms sent, the needs type and heat recorded, and which of it is new.

The program of hand-overs asks here; what is done about it is the program's. Pure: it reads one case.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Self

from connector.model.case import Occasion, OwnTask
from connector.model.records import Activity, Person
from connector.programs.practice.leads import Submission, is_converted, records, stated, submissions
from connector.programs.practice.needs import Forms, Heats, LeadSources, NeedsNames, NeedsType, Table, Way
from connector.programs.practice.occasions import following, remembered
from connector.programs.practice.settings import ProgramSettings
from connector.programs.practice.team import is_inside_sales
from connector.programs.practice.touches import Touch, TouchKind, is_our_act
from connector.programs.practice.view import View

SENT, NEEDS, HEAT, TRIGGER = "sent", "needs", "heat", "trigger"
"""What is remembered: the latest form dealt with, needs type and heat known then, and what began the occasion."""

HIGH = "high"

FORM = "form"


class InterestSettings(ProgramSettings):
    """How interest is read."""

    needs: NeedsNames = NeedsNames()
    heat: Heats = Heats()
    table: Table = Table()
    forms: Forms = Forms()
    lead_sources: LeadSources = LeadSources()


@dataclass(frozen=True, slots=True)
class Interest(View):
    """One person at one moment, with what is known of his or her need."""

    rules: InterestSettings
    submission: Submission | None
    """The latest form since go-live that says something."""
    needs: NeedsType | None
    high: bool
    heard: bool
    """熱量 is recorded, high or not: inside sales has asked."""
    product: tuple[str, Person] | None
    before: Mapping[str, str]
    tasks: tuple[OwnTask, ...]
    program: str

    @classmethod
    def of(cls, view: View, rules: InterestSettings, program: str) -> Self:
        """What `view` shows, read for the hand-over."""
        seen = {entry.name: getattr(view, entry.name) for entry in fields(View)}
        needs, heat = stated(view.case, "needs_type"), stated(view.case, "heat")
        before = view.case.remembered.get(program, {})
        return cls(
            **seen,
            rules=rules,
            submission=_latest(view, rules.forms) or _entered(view, rules, before.get(SENT)),
            needs=rules.needs.read(needs[0] if needs else None),
            high=rules.heat.is_high(heat[0] if heat else None),
            heard=rules.heat.is_heard(heat[0] if heat else None),
            product=stated(view.case, "product"),
            before=before,
            tasks=tuple(task for task in view.case.own_tasks if task.program == program),
            program=program,
        )

    @property
    def new_form(self) -> bool:
        """A form has come that is not dealt with yet."""
        if self.submission is None:
            return False
        if SENT in self.before:
            return self.submission.at.isoformat() != self.before[SENT] and self.submission.at > _parsed(
                self.before[SENT]
            )
        local = self.practice.calendar.local_date
        passed = any(r.handed_over_on and r.handed_over_on >= local(self.submission.at) for r in records(self.case))
        return not passed and all(task.created_at < self.submission.at for task in self.tasks)

    @property
    def warmed_up(self) -> bool:
        """Somebody whose need is history has been heard to be warm since we looked last."""
        known = self.case.occasions.get(self.program) or remembered(self.tasks, self)
        return known is None and self.high and self.before.get(HEAT, HIGH) != HIGH

    @property
    def new_needs(self) -> bool:
        """A needs type is recorded that was not there before, or the one that was there has become urgent.

        On the first look nobody knows since when it has been there: on a record from before go-live it is history.
        """
        if self.needs is None:
            return False
        if NEEDS in self.before:
            return self.needs.value != self.before[NEEDS] or self.warmed_up
        _, record = stated(self.case, "needs_type") or ("", None)
        created = record.created_at if record else None
        since = created is not None and self.practice.calendar.local_date(created) >= self.practice.go_live
        passed = any(record.handed_over_on for record in records(self.case))
        return since and not passed and not self.tasks

    def occasion(self) -> Occasion | None:
        """One for each form sent and for each change of the needs type."""
        known = self.case.occasions.get(self.program) or remembered(self.tasks, self)
        return following(known, self) if self.new_form or self.new_needs else known

    def remember(self) -> dict[str, str]:
        """What tells next time whether something is new."""
        trigger = FORM if self.new_form and not self.new_needs else NEEDS if self.new_needs else None
        return {
            SENT: self.submission.at.isoformat() if self.submission else self.before.get(SENT, ""),
            NEEDS: self.needs.value if self.needs else "",
            HEAT: HIGH if self.high else "",
            TRIGGER: trigger or self.before.get(TRIGGER, FORM if self.submission else NEEDS),
        }

    def way(self, *, asked: bool) -> Way:
        """The table. Who asks us a question is answered, whatever was recorded of him before.

        `asked`: inside sales has asked once more; a 熱量 that is recorded says so, too.
        """
        form = self.rules.forms.way(self.submission.form) if self.submission else Way.NURTURE
        if self.needs is None or (form is Way.HAND_OVER and self.remember()[TRIGGER] == FORM):
            return form
        way = self.rules.table.way(self.needs, self.product[0] if self.product else None)
        if way is not Way.ASK:
            return way
        if self.high:
            return Way.HAND_OVER
        return Way.NURTURE if asked or self.heard else Way.ASK

    def talked_since(self, moment: datetime) -> bool:
        """Somebody has been in contact with the person since."""
        return any(t.kind is TouchKind.CONTACT and is_since(t, moment, self) for t in self.touches.past)

    def answered_since(self, moment: datetime) -> bool:
        """Somebody of ours has talked with the person since; a mail that the customer wrote is no answer.

        Nor is a talk of inside sales with somebody who is to be passed to sales by what was heard.
        """
        heard = self.needs is not None and self.high
        return any(
            touch.kind is TouchKind.CONTACT
            and is_since(touch, moment, self)
            and is_our_act(touch)
            and not (heard and is_inside_sales(self, touch.activity.owner))
            for touch in self.touches.past
        )


def touched_at(activity: Activity) -> datetime:
    """When it happened, as far as that is known."""
    return activity.starts_at or activity.completed_at or activity.modified_at


def is_since(touch: Touch, moment: datetime, view: View) -> bool:
    """It happened after that moment; what was only entered after it, of a day before, did not."""
    return touched_at(touch.activity) > moment and touch.day >= view.practice.calendar.local_date(moment)


def _parsed(text: str) -> datetime:
    return datetime.fromisoformat(text) if text else datetime.min.replace(tzinfo=UTC)


def _latest(view: View, forms: Forms) -> Submission | None:
    begin = view.wake(view.practice.go_live)
    found = [
        sent
        for sent in submissions(view.case)
        if begin <= sent.at <= view.now and forms.way(sent.form) is not Way.IGNORE
    ]
    return found[-1] if found else None


def _entered(view: View, rules: InterestSettings, dealt_with: str | None) -> Submission | None:
    """A lead of the SFA since go-live whose source is an inquiry or a request for material.

    Nobody had worked on it when it was seen first; what is `dealt_with` since stays what it was.
    """
    if not rules.lead_sources.read:
        return None
    begin = view.wake(view.practice.go_live)
    for record in records(view.case):
        at, source = record.created_at, record.lead_source or ""
        is_lead = record.ref.system == view.practice.tasks.system and record.account is None
        if not is_lead or is_converted(record) or at is None or not begin <= at <= view.now:
            continue
        fresh = rules.lead_sources.is_untouched(record.lead_status) or at.isoformat() == dealt_with
        if fresh and rules.forms.named(source) in (Way.HAND_OVER, Way.ASK):
            return Submission(source, at, record.ref)
    return None
