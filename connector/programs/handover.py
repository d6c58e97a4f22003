"""トスアップ: who shows a need is passed to sales at once, asked by inside sales first, or left to nurturing.

Pure: the engine calls `PROGRAM.evaluate`. Read it beside section 8 of the practice; what is known of a need is read in
`practice/interest.py`, the table stands in `practice/needs.py`. It knows no other program.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from pydantic import NonNegativeInt, PositiveInt

from connector.model.case import Case, OwnTask
from connector.model.intents import (
    HOLDER_LEFT,
    Alert,
    Decision,
    Intent,
    JoinList,
    LeaveList,
    SetFields,
    Standing,
)
from connector.model.records import Account, Consent, Kind, Opportunity, Person, Ref
from connector.programs.practice import Practice
from connector.programs.practice.holds import Hold, hold, left_alone, must_not_call
from connector.programs.practice.interest import FORM, NEEDS, TRIGGER, Interest, InterestSettings
from connector.programs.practice.lead_text import because, lead_facts, lead_values
from connector.programs.practice.leads import (
    has_open_deal,
    is_converted,
    is_own_employee,
    look_at_person,
    ma_records,
    records,
    sfa_record,
    with_sales,
)
from connector.programs.practice.needs import Way
from connector.programs.practice.new_person import Objects, new_person
from connector.programs.practice.occasions import of_occasion
from connector.programs.practice.own_tasks import TasksOfSubject, has_begun, tasks_of_subject
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
from connector.programs.practice.receiving import customers_contract, reaction_due, receiver, was_touched
from connector.programs.practice.settings import Settings
from connector.programs.practice.successor import superior
from connector.programs.practice.task_text import quoted
from connector.programs.practice.team import is_inside_sales
from connector.programs.practice.withdrawals import withdrawals

NAME = "handover"


class Order(Settings):
    """What counts how much in the order of hand-over tasks."""

    inquiry: Decimal = Decimal(300)
    passed: Decimal = Decimal(200)
    asked: Decimal = Decimal(100)


class HandoverSettings(InterestSettings):
    """`mappings/programs/handover.yaml`."""

    subject: str = "トスアップ対応"
    ask_subject: str = "ニーズ種別の確認"
    due_business_days: PositiveInt = 1
    ask_again_days: NonNegativeInt = 14
    owner_task_days: PositiveInt = 14
    other_deal_days: PositiveInt = 60
    nurturing_list: str = "リードナーチャリング"
    default_owner: str | None = None
    objects: Objects = Objects()
    order: Order = Order()


class HandoverProgram:
    """Program 8 of the practice."""

    name = NAME
    settings = HandoverSettings
    about = frozenset({Kind.PERSON})

    def concerns(self, subject: Opportunity | Account | Person) -> bool:
        """People, but not a lead that has become a contact: what they sent may stand on their record in the MA."""
        return isinstance(subject, Person) and not is_converted(subject)

    def evaluate(self, case: Case, settings: HandoverSettings, practice: Practice, now: datetime) -> Decision:
        """Whether the person is passed, asked or nurtured, and what stands in the way."""
        interest = Interest.of(look_at_person(case, practice, now), settings, NAME)
        person = _Candidate(interest, settings)
        return woken_by_appointments(person.decide(), interest)


class _Candidate:
    """One person who may be handed over, with the tasks of ours about him or her."""

    def __init__(self, interest: Interest, settings: HandoverSettings) -> None:
        self.interest, self.settings, self.practice = interest, settings, interest.practice
        self.course = Course(NAME, interest.occasion(), interest.remember())
        self.passing = self._tasks(settings.subject)
        self.asking = self._tasks(settings.ask_subject)

    def _tasks(self, subject: str) -> TasksOfSubject:
        """Ours with one of the two subjects, as they were written."""
        found = tasks_of_subject(self.interest.case, subject, NAME)
        return TasksOfSubject(with_subject(found.ours, subject, self.practice.tasks), found.others_open)

    def decide(self) -> Decision:
        """The answer for this person, of the first thing that applies."""
        interest, course = self.interest, self.course
        why_not = self._no_candidate()
        if why_not:
            return no_task(interest, course, why_not, self._back(self.asking, why_not))
        way = interest.way(asked=self._asked())
        blocked = left_alone(interest) or must_not_call(interest)
        if blocked and way in (Way.HAND_OVER, Way.ASK):
            return self._blocked(blocked, way)
        match way:
            case Way.HAND_OVER:
                return self._hand_over()
            case Way.ASK:
                return self._ask()
            case Way.NURTURE | Way.IGNORE:
                return self._nurture()

    def _no_candidate(self) -> str | None:
        if is_converted(self.interest.case.subject):
            return "converted"
        if is_own_employee(self.interest):
            return "own_employee"
        return None if self.course.occasion else "nothing"

    def _of_occasion(self, tasks: TasksOfSubject) -> list[OwnTask]:
        occasion = self.course.occasion
        return of_occasion(tasks.ours, NAME, self.interest.case, occasion) if occasion else []

    def _back(self, tasks: TasksOfSubject, why: str) -> tuple[Intent, ...]:
        return withdrawals(self.interest, tasks.ours, self.practice.texts[f"{NAME}.{why}"])

    def _blocked(self, held: Hold, way: Way) -> Decision:
        """Nobody is called who must not be; that such a person has asked us something is told the manager."""
        back = withdrawals(self.interest, (*self.passing.ours, *self.asking.ours), held.text)
        asks_us = way is Way.HAND_OVER and held.reason in ("do_not_call", "left_company") and self._by_form
        told = self._alert("blocked", self._managers(), reason=held.text) if asks_us else ()
        return excluded(self.interest, self.course, held, (*back, *told))

    # --- to sales ---------------------------------------------------------------------------------------------------

    def _hand_over(self) -> Decision:
        interest, course = self.interest, self.course
        back = (*self._back(self.asking, "asked"), *self._leaving())
        issued_before = self._of_occasion(self.passing)
        ended = ended_by_person(interest, issued_before)
        if self.passing.ours_open or self.passing.others_open:
            return self._passed(stands(interest, self.passing, course, meeting_is_enough=False), back)
        if ended:
            return self._passed(excluded(interest, course, ended), back)
        if issued_before or self._with_sales_already():
            return self._passed(no_task(interest, course, "handed_over"), back)
        return (
            self._passed(no_task(interest, course, "in_touch"), back) if self._in_touch() else self._to_receiver(back)
        )

    def _to_receiver(self, back: tuple[Intent, ...]) -> Decision:
        interest, course = self.interest, self.course
        owner = receiver(interest, customers_contract(self.interest), self.settings.default_owner)
        if owner is None:
            held = Hold("no_owner", self.practice.texts[f"{NAME}.no_owner"], interest.case.ref, "owner")
            return excluded(interest, course, held, (*back, *self._alert("no_owner", self._managers())))
        if sfa_record(interest) is None:
            return self._created(owner.ref, back)
        return _with(wanted(interest, self._errand_pass(owner.ref), course), back)

    def _passed(self, decision: Decision, back: tuple[Intent, ...]) -> Decision:
        """The day of the hand-over stands on all records; who does not touch the person in time, the 上司 hears of."""
        interest = self.interest
        issued_before = self._of_occasion(self.passing)
        latest = self.passing.ours_open or max(issued_before, key=lambda task: task.created_at, default=None)
        if latest is None:
            return _with(decision, back)
        day = self.practice.calendar.local_date(latest.created_at)
        written = tuple(
            SetFields(record=record.ref, values={"handed_over_on": day})
            for record in records(interest.case)
            if not is_converted(record) and (record.handed_over_on is None or record.handed_over_on < day)
        )
        decision = _with(decision, (*back, *written))
        waits = decision.standing is Standing.ISSUED or decision.reason == HOLDER_LEFT
        if not waits or was_touched(interest, latest):
            return decision
        until = reaction_due(interest, latest)
        if interest.now < until:
            return woken(decision, until, interest)
        holder = latest.current.owner if latest.current else None
        told = superior(interest, holder)
        known = interest.case.users.get(holder) if holder else None
        name = known.name if known else self.practice.texts["unknown"]
        to = (told.ref,) if told else ()
        return _with(decision, self._alert("untouched", to, holder=name, day=day.isoformat()))

    def _with_sales_already(self) -> bool:
        """A hand-over is written since the form came or the occasion began, or sales itself works on the need."""
        interest, occasion = self.interest, self.course.occasion
        since = occasion.started_on if occasion else interest.today
        if self._by_form and interest.submission:
            since = self.practice.calendar.local_date(interest.submission.at)
        if not self._by_form and has_open_deal(interest):
            return True
        passed = max((r.handed_over_on for r in records(interest.case) if r.handed_over_on), default=None)
        talk = interest.contact
        if passed is None:
            return False
        heard_by_sales = talk is not None and not is_inside_sales(interest, talk.activity.owner) and talk.day >= passed
        return passed >= since or (heard_by_sales and not self._by_form)

    @property
    def _by_form(self) -> bool:
        """The occasion began with a form, not with a need that was recorded."""
        return self.course.remember[TRIGGER] == FORM and self.interest.submission is not None

    def _errand_pass(self, owner: Ref) -> Errand:
        interest, texts = self.interest, self.practice.texts
        due = self.practice.calendar.add_business_days(interest.today, self.settings.due_business_days)
        key = "pass_form" if self._by_form else "pass_needs"
        values = lead_values(self.interest) | {"due": due.isoformat()}
        return Errand(
            program=NAME,
            matter=NAME,
            subject=self.settings.subject,
            opening=texts[f"{NAME}.{key}"].format(**values),
            why=texts[f"{NAME}.{key}_why"].format(**values),
            value=self.settings.order.inquiry if self._by_form else self.settings.order.passed,
            because=because(self.interest, f"{NAME}.pass", texts[f"{NAME}.{key}_why"].format(**values)),
            facts=lead_facts(self.interest, customers_contract(self.interest)),
            assignee=owner,
            due=due,
        )

    # --- inside sales asks ------------------------------------------------------------------------------------------

    def _asked(self) -> bool:
        """Inside sales has asked in this occasion: with a talk, or a person has decided that it need not be."""
        issued_before = self._of_occasion(self.asking)
        if ended_by_person(self.interest, issued_before):
            return True
        closed = (task for task in issued_before if task.current is not None and task.current.is_closed)
        return any(self.interest.talked_since(task.created_at) for task in closed)

    def _ask(self) -> Decision:
        interest, course, settings = self.interest, self.course, self.settings
        held = with_sales(interest, settings.owner_task_days)
        if held:
            return excluded(interest, course, held, withdrawals(interest, self.asking.ours, held.text))
        if self.asking.ours_open or self.asking.others_open:
            return stands(interest, self.asking, course)
        issued_before = self._of_occasion(self.asking)
        if self._asked():  # and the type is still not known
            ended = ended_by_person(interest, issued_before)
            missing = Hold("type_missing", self.practice.texts[f"{NAME}.type_missing"], interest.case.ref, "needs_type")
            return excluded(interest, course, ended or missing)
        if self._in_touch():
            return no_task(interest, course, "in_touch")
        held = self._asked_lately() or hold(
            interest, owner_task_days=settings.owner_task_days, other_deal_days=settings.other_deal_days
        )
        if held:
            return excluded(interest, course, held)
        return self._created(None, ()) if sfa_record(interest) is None else wanted(interest, self._errand_ask(), course)

    def _asked_lately(self) -> Hold | None:
        """Once more: not on the day after the talk in which the need was recorded."""
        talk = self.interest.contact
        if self.interest.needs is None or talk is None:
            return None
        until = talk.day + timedelta(days=self.settings.ask_again_days)
        if until <= self.interest.today:
            return None
        text = self.practice.texts[f"{NAME}.asked_lately"].format(day=talk.day.isoformat(), until=until.isoformat())
        return Hold("asked_lately", text, talk.activity.ref, "last_contact", talk.day.isoformat(), until, talk.day)

    def _errand_ask(self) -> Errand:
        texts = self.practice.texts
        key = "ask_again" if self.interest.needs else "ask"
        why = texts[f"{NAME}.{key}_why"].format(**lead_values(self.interest))
        return Errand(
            program=NAME,
            matter=NAME,
            subject=self.settings.ask_subject,
            opening=texts[f"{NAME}.{key}"].format(**lead_values(self.interest)),
            why=why,
            value=self.settings.order.asked,
            because=because(self.interest, f"{NAME}.ask", why),
            facts=lead_facts(self.interest, customers_contract(self.interest)),
        )

    def _in_touch(self) -> bool:
        """The person had an answer since the form came, before we wanted anything: it is dealt with."""
        sent = self.interest.submission
        if not self._by_form or sent is None or self._of_occasion(self.asking) or self._of_occasion(self.passing):
            return False
        return self.interest.answered_since(sent.at)

    # --- nurturing --------------------------------------------------------------------------------------------------

    def _nurture(self) -> Decision:
        """Onto the MA's list, where mail is allowed; a question that is answered goes, and a hand-over by mistake."""
        interest = self.interest
        back = (*self._back(self.asking, "nurtured"), *self._back(self._by_mistake(), "nurtured"))
        target = self.practice.lists.get(self.settings.nurturing_list)
        person = interest.case.primary
        if target is None:
            return no_task(interest, self.course, "nurture_no_list", back)
        if person is None or person.mail_consent is not Consent.YES or person.left_company:
            return no_task(interest, self.course, "nurture_no_mail", back)
        joins = (JoinList(list=target, person=r.ref) for r in ma_records(interest) if r.ref.system == target.system)
        return no_task(interest, self.course, "nurtured", (*back, *joins))

    def _by_mistake(self) -> TasksOfSubject:
        """Hand-overs that nobody of sales has begun: the type of the need was corrected since."""
        interest = self.interest
        corrected = self.course.remember[TRIGGER] == NEEDS and interest.needs is not None
        tasks = self.passing.ours if corrected else ()
        untouched = (task for task in tasks if not has_begun(task, self.practice.tasks, interest.touches))
        return TasksOfSubject(tuple(untouched), None)

    def _leaving(self) -> tuple[Intent, ...]:
        """Who is passed to sales is nurtured no more."""
        target = self.practice.lists.get(self.settings.nurturing_list)
        members = {one.person for one in self.interest.case.memberships if one.list == target and not one.deleted}
        on_it = (record.ref for record in ma_records(self.interest) if record.ref in members)
        return tuple(LeaveList(list=target, person=ref) for ref in on_it) if target else ()

    # --- the person's record, alerts, texts -------------------------------------------------------------------------

    def _created(self, owner: Ref | None, intents: tuple[Intent, ...]) -> Decision:
        """The MA alone knows the person: a record in the SFA first, at its company if the SFA knows that.

        Never a second person: whoever is the same one in the SFA already is among the records of this case.
        """
        interest = self.interest
        record = new_person(interest, self.settings.objects, owner)
        held = Hold("being_created", self.practice.texts[f"{NAME}.being_created"], interest.case.ref, "same_as")
        return excluded(interest, self.course, held, (*intents, record))

    def _managers(self) -> tuple[Ref, ...]:
        return tuple(user.ref for user in self.practice.managers)

    def _alert(self, what: str, to: tuple[Ref, ...], **values: str) -> tuple[Intent, ...]:
        """Once in an occasion; nobody to tell is nobody told."""
        interest, occasion = self.interest, self.course.occasion
        if not to or occasion is None:
            return ()
        record = sfa_record(interest)
        return (
            Alert(
                key=f"{NAME}:{interest.case.ref.id}:{occasion.number}:alert:{what}",
                template=f"{NAME}.alert_{what}",
                to=to,
                about=record.ref if record else interest.case.ref,
                values=lead_values(self.interest) | {name: quoted(value) or "" for name, value in values.items()},
            ),
        )


def _with(decision: Decision, intents: tuple[Intent, ...]) -> Decision:
    return replace(decision, intents=(*decision.intents, *intents))


PROGRAM = HandoverProgram()
