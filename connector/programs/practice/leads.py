"""One person across systems, as marketing and sales see him or her: records, deals, forms sent, and who is in touch.

Programs about people (freshness, hand-over, feedback) read their cases through here. Source: sections 7 to 9 of the
practice. What is done about a person is theirs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from connector.model.case import Case
from connector.model.records import (
    Account,
    Activity,
    ActivityKind,
    Consent,
    EngagementKind,
    Opportunity,
    Person,
    Ref,
)
from connector.programs.practice import Practice
from connector.programs.practice.holds import Hold
from connector.programs.practice.task_text import quoted
from connector.programs.practice.team import is_inside_sales
from connector.programs.practice.touches import Touch, TouchKind
from connector.programs.practice.view import View, look


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that the person sent: its name, when, and the record that tells it."""

    form: str
    at: datetime
    record: Ref


def is_converted(record: Opportunity | Account | Person) -> bool:
    """A lead that has become a contact of the same system: it is not worked on any more, the contact is."""
    if not isinstance(record, Person):
        return False
    same_system = (ref for ref in record.same_as if ref.system == record.ref.system)
    return record.became is not None or any(ref.object != record.ref.object for ref in same_system)


def records(case: Case) -> tuple[Person, ...]:
    """All living records of the person, the SFA's first."""
    found = case.primary.records if case.primary else ()
    return tuple(record for record in found if not record.deleted)


def sfa_record(view: View) -> Person | None:
    """The person's record in the SFA that work is done on, if there is one."""
    system = view.practice.tasks.system
    return next((r for r in records(view.case) if r.ref.system == system and not is_converted(r)), None)


def ma_records(view: View) -> tuple[Person, ...]:
    """The person's records in the MA."""
    system = view.practice.tasks.system
    return tuple(record for record in records(view.case) if record.ref.system != system)


def is_own_employee(view: View) -> bool:
    """One of us and no customer, by the domain of the mail address."""
    domains = {record.email.rpartition("@")[2].strip().lower() for record in records(view.case) if record.email}
    return bool(domains & view.practice.own_domains)


def acquired_on(view: View) -> date:
    """The day on which the person came to be known, by the oldest record."""
    local = view.practice.calendar.local_date
    days = [local(record.created_at) for record in records(view.case) if record.created_at]
    return min(days, default=local(view.case.subject.created_at or view.case.subject.modified_at))


def own_deals(case: Case) -> tuple[Opportunity, ...]:
    """Deals that the person has a part in, or that the person's lead was converted to."""
    became = {record.became for record in records(case) if record.became}
    return tuple(deal for deal in case.deals if not deal.deleted and (deal.ref in case.same_deal or deal.ref in became))


def look_at_person(case: Case, practice: Practice, now: datetime) -> View:
    """A person's case read once: any contact with the person counts, whichever deal it was about."""
    view = look(case, practice, now)
    talk = last_talk(view)
    return replace(view, contact=talk, contact_day=talk.day if talk else acquired_on(view))


def last_talk(view: View) -> Touch | None:
    """The latest contact with the person, whichever deal it was about."""
    return next((touch for touch in reversed(view.touches.past) if touch.kind is TouchKind.CONTACT), None)


def submissions(case: Case) -> tuple[Submission, ...]:
    """Forms that the person sent, oldest first: each one where the MA tells them singly, else the last one."""
    sent = [
        Submission(engagement.title or "", engagement.at, engagement.ref)
        for engagement in case.engagements
        if engagement.form is EngagementKind.FORM
    ]
    latest = max((one.at for one in sent), default=None)
    for record in records(case):
        at = record.last_form_at
        if at and (latest is None or at - latest > timedelta(minutes=1)):
            sent.append(Submission(record.last_form_name or "", at, record.ref))
    return tuple(sorted(sent, key=lambda one: (one.at, one.record)))


def stated(case: Case, name: str) -> tuple[str, Person] | None:
    """A property's value with the record that holds it: the SFA's, where inside sales writes, before the MA's."""
    for record in records(case):
        value = getattr(record, name)
        if value not in (None, ""):
            return str(value), record
    return None


def phone_of(view: View) -> str | None:
    """A number at which the person can be reached: the own one, else the company's."""
    own = (number for record in records(view.case) for number in (record.phone, record.mobile) if number)
    companys = (account.phone for account in view.case.accounts if account.phone)
    return next(own, None) or next(companys, None)


def may_be_mailed(view: View) -> bool:
    """There is an address, consent to mail is known, and the address is not known to be dead."""
    person = view.case.primary
    living = any(
        record.email and record.bounced_at is None and not record.bounce_reason for record in records(view.case)
    )
    return living and person is not None and person.mail_consent is Consent.YES


def with_sales(view: View, task_days: int) -> Hold | None:
    """An open deal of the person, or an open task about the person, is in the hands of somebody of sales.

    "IS and FS are not sent to one person at the same time." A task counts if it is due within `task_days`, or has not
    been overdue for longer: a dummy task must not park a person.
    """
    for deal in _deals_of_sales(view):
        return _with(view, deal.owner, deal.ref, deal.name)
    for activity, due in _tasks_of_sales(view):
        if abs(due - view.today) <= timedelta(days=task_days):
            held = _with(view, activity.owner, activity.ref, activity.subject)
            return replace(held, until=due + timedelta(days=task_days + 1))
    return None


def has_open_deal(view: View) -> bool:
    """Somebody of sales works on a deal with the person."""
    return any(True for _ in _deals_of_sales(view))


def _deals_of_sales(view: View) -> Iterator[Opportunity]:
    for deal in own_deals(view.case):
        if not deal.is_closed and deal.owner and not is_inside_sales(view, deal.owner):
            yield deal


def tasks_come_near(view: View, days: int) -> date | None:
    """The first day on which an open task of sales that lies further ahead begins to hold inside sales back."""
    near = (due - timedelta(days=days) for _, due in _tasks_of_sales(view))
    return min((day for day in near if day > view.today), default=None)


def _with(view: View, owner: Ref | None, record: Ref, name: str | None) -> Hold:
    texts = view.practice.texts
    user = view.case.users.get(owner) if owner else None
    text = texts["hold.with_sales"].format(
        name=quoted(name) or texts["unknown"], owner=quoted(user.name) if user else texts["unknown"]
    )
    return Hold("with_sales", text, record, "owner", str(owner))


def _tasks_of_sales(view: View) -> Iterator[tuple[Activity, date]]:
    """Open tasks about the person that somebody else than inside sales has, with the day on which they are due."""
    for activity in view.case.activities:
        if (
            activity.form in (ActivityKind.TASK, ActivityKind.CALL)
            and not activity.is_closed
            and activity.starts_at is None
            and activity.owner is not None
            and activity.due_date is not None
            and not is_inside_sales(view, activity.owner)
        ):
            yield activity, activity.due_date
