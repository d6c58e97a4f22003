"""Who of sales gets a lead, and whether that person has touched it in time.

The program of hand-overs asks here. It knows no rule of when somebody is passed.
"""

from collections.abc import Iterator
from datetime import date, datetime

from connector.mapping.practice import Status
from connector.model.case import OwnTask
from connector.model.records import Ref, User
from connector.programs.practice.contracts import Contract, contract
from connector.programs.practice.leads import own_deals, sfa_record
from connector.programs.practice.statuses import said_by, set_by_people
from connector.programs.practice.team import is_inside_sales
from connector.programs.practice.touches import is_our_act
from connector.programs.practice.view import View


def customers_contract(view: View) -> Contract:
    """Under contract, by what is known of contracts or because a person says 現在の顧客 of the company."""
    case, rules = view.case, view.practice.rules
    known = contract(case, rules.contracts, view.today)
    said = said_by(case, set_by_people(case, rules.statuses))
    if known.state != "none" or said is None or said.status is not Status.CUSTOMER:
        return known
    return Contract("current", record=said.record.ref, field="status")


def receiver(view: View, contract: Contract, default_owner: str | None) -> User | None:
    """A customer's lead goes to the account owner; else whoever has an open deal with the person, the record's owner,
    the account's; else the default. Never somebody of inside sales; for who has left the 上司 stands in.
    """
    named = [user for user in _candidates(view, contract) if user is not None]
    fit = [user for user in named if user.is_active and not is_inside_sales(view, user.ref)]
    superiors = (_user(view, user.manager) for user in named if not user.is_active)
    fit += [user for user in superiors if user and user.is_active and not is_inside_sales(view, user.ref)]
    return next(iter(fit), None) or _by_address(view, default_owner)


def _candidates(view: View, contract: Contract) -> Iterator[User | None]:
    accounts = [_user(view, account.owner) for account in view.case.accounts]
    if contract.is_current:
        yield from accounts
    yield from (_user(view, deal.owner) for deal in own_deals(view.case) if not deal.is_closed)
    record = sfa_record(view)
    yield _user(view, record.owner if record else None)
    yield from accounts


def _user(view: View, ref: Ref | None) -> User | None:
    """A user of the SFA: only such a one can hold a task there."""
    return view.case.users.get(ref) if ref and ref.system == view.practice.tasks.system else None


def _by_address(view: View, address: str | None) -> User | None:
    wanted = (address or "").strip().lower()
    system = view.practice.tasks.system
    known = (*view.case.users.values(), *view.practice.managers)
    fit = (u for u in known if u.ref.system == system and u.is_active and u.email and u.email.lower() == wanted)
    return next(fit, None)


def reaction_due(view: View, task: OwnTask) -> datetime:
    """When the time to react to a task is over: on the business day after the one that it was written to be due on.

    The day as it was written: whoever puts it off has not reacted.
    """
    calendar, written = view.practice.calendar, task.written.get(view.practice.tasks.fields.due)
    created = calendar.local_date(task.created_at)
    due = date.fromisoformat(str(written)[:10]) if written else calendar.add_business_days(created, 1)
    return calendar.start_of(calendar.add_business_days(due, 1))


def was_touched(view: View, task: OwnTask) -> bool:
    """Anybody of ours has touched the person since the task was made, or there is an appointment.

    What was entered since but happened on a day before is no reaction to it.
    """
    if any(is_our_act(meeting) for meeting in view.touches.meetings_ahead):
        return True
    began = view.practice.calendar.local_date(task.created_at)
    acts = (touch.activity for touch in view.touches.past if is_our_act(touch) and touch.day >= began)
    moments = (
        moment
        for activity in acts
        if activity.ref != task.record
        for moment in (activity.created_at, activity.completed_at, activity.starts_at)
    )
    return any(moment is not None and moment > task.created_at for moment in moments)
