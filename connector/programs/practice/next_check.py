"""When a company is to be checked again: the date that a person set, when it is used up, and how due dates are spread.

The program of the quarterly check asks here. Source: section 6 of the practice.
"""

from collections.abc import Iterable
from datetime import date
from hashlib import blake2b

from connector.model.case import OwnTask
from connector.model.records import Account, Ref
from connector.model.time import BusinessCalendar
from connector.programs.practice.statuses import sfa_records
from connector.programs.practice.view import View


def asked_for(view: View, used: date | None) -> Account | None:
    """The record with the first date that a person set and that counts.

    A date up to which somebody was reached is used up, and so is one that a completed task was issued for (`used`).
    """
    reached = view.contact.day if view.contact else date.min
    counts = [
        account
        for account in sfa_records(view.case)
        if account.next_check_on and account.next_check_on > max(reached, used or date.min)
    ]
    return min(counts, key=lambda account: (account.next_check_on or date.max, account.ref), default=None)


def used_up(
    issued: Iterable[OwnTask], asked: date | None, before: date | None, not_needed: Iterable[str]
) -> date | None:
    """The last date that a completed task was issued for: now `asked` if one of these tasks is done, else as `before`.

    A task closed as not needed is not completed.
    """
    unneeded = set(not_needed)
    done = any(t.current and t.current.is_closed and t.current.status not in unneeded for t in issued)
    return max(asked, before or asked) if asked and done else before


def spread(ref: Ref, first: date, places: int, calendar: BusinessCalendar) -> date:
    """One of so many business days from `first` on, by a stable hash of the record."""
    digest = blake2b(str(ref).encode(), digest_size=6).digest()
    return calendar.add_business_days(calendar.business_day_from(first), int.from_bytes(digest) % places)
