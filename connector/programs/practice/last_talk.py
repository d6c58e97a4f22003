"""The last talk with a company: on which day it was, with whom, and about which deal.

Programs that call a company again see it so. It knows no rule of a program.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from connector.model.case import Case, Participant
from connector.model.records import Consent, Opportunity, Record, Ref
from connector.programs.practice.losses import is_lost, loss_day
from connector.programs.practice.view import View


def from_last_talk(view: View) -> View:
    """The company with the person of the last talk in front, and the day to count from.

    Where no contact was ever logged that is the latest day that is known of its deals: there was a talk about them.
    """
    day = view.contact_day
    if view.contact is None:
        day = max((latest_day(view, deal) for deal in view.case.deals), default=day)
    return _with_person_in_front(replace(view, contact_day=day))


def latest_day(view: View, deal: Opportunity) -> date:
    """When a deal was lost or won, as far as it was; else when it was made."""
    if is_lost(deal):
        return loss_day(view, deal)
    local = view.practice.calendar.local_date
    if deal.is_won and (deal.close_date or deal.stage_changed_at):
        won = deal.close_date or local(deal.stage_changed_at or deal.modified_at)
        return min(won, view.today)
    return min(local(deal.created_at or deal.modified_at), view.today)


def record_of(case: Case, ref: Ref) -> Record | None:
    """A deal, an activity or the company of the case."""
    records: tuple[Record, ...] = (*case.deals, *case.activities, *case.accounts)
    return next((record for record in records if record.ref == ref), None)


def deal_behind(view: View, ref: Ref) -> Opportunity | None:
    """The deal itself that a matter rests on, else the one of the last talk, else the company's latest."""
    record = record_of(view.case, ref)
    if isinstance(record, Opportunity):
        return record
    talked = set(view.contact.activity.opportunities) if view.contact else set()
    deals = [deal for deal in view.case.deals if deal.ref in talked] or list(view.case.deals)
    return max(deals, key=lambda deal: (latest_day(view, deal), deal.ref), default=None)


def _with_person_in_front(view: View) -> View:
    """The person of the last talk as primary contact; who has left is nobody to call.

    Where that person must not be called or has left, it is the one of the latest talk before whom one may call.
    """
    contacts = [touch for touch in reversed(view.touches.past) if touch.resets]
    talks = [found for touch in contacts if (found := _talked_with(view, touch.activity.people))]
    callable_ones = (person for found in talks for person in found if person.call_consent is not Consent.NO)
    of_the_last = _talked_with(view, contacts[0].activity.people) if contacts else []
    chosen = next(callable_ones, None) or next(iter(of_the_last), None)
    others = [replace(p, is_primary=False) for p in view.case.participants if p is not chosen]
    ahead = [replace(chosen, is_primary=True)] if chosen else []
    return replace(view, case=replace(view.case, participants=(*ahead, *others)))


def _talked_with(view: View, people: Sequence[Ref]) -> list[Participant]:
    """Who of the company took part and is still there."""
    there = [p for p in view.case.participants if {r.ref for r in p.records} & set(people) and not p.left_company]
    return sorted(there, key=lambda person: _place(person, people))


def _place(person: Participant, people: Sequence[Ref]) -> tuple[bool, int]:
    """Who may be called first, then in the order in which the activity names them."""
    refs = {record.ref for record in person.records}
    return person.call_consent is Consent.NO, next(n for n, ref in enumerate(people) if ref in refs)
