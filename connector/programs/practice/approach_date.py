"""When a lost deal is best approached again, where no person has said so: a day, and in words how it was found.

The program of lost deals asks here. Pure arithmetic on what is recorded of the company; it decides nothing about tasks.
Source: section 2 of the practice.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from pydantic import NonNegativeInt, PositiveInt

from connector.model.case import Case
from connector.model.time import BusinessCalendar
from connector.programs.practice.months import MONTHS, months_after
from connector.programs.practice.settings import Settings

_NUMBER = re.compile(r"\d+")

Basis = Literal["budget", "new_term", "quiet", "reorganisation"]


class DateRules(Settings):
    """What a date is derived from, in this order, and in which stretch of time after the loss it has to lie."""

    order: tuple[Basis, ...] = ("budget", "new_term", "quiet", "reorganisation")
    budget_months_before: PositiveInt = 3
    """The budget season begins so many months before the month of 決算."""
    earliest_days: NonNegativeInt = 30
    """So soon after the loss nobody is approached, whatever begins then."""
    latest_months: PositiveInt = 9
    """What lies further ahead is passed over for the next in the order, at last for the interval of the reason."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A business day, what it was derived from (a text's key, `interval` included), and the figure that was used."""

    day: date
    basis: str
    figure: int


def derive(case: Case, since: date, interval_months: int, rules: DateRules, calendar: BusinessCalendar) -> Derived:
    """The day to approach again after `since` (the loss, or the last approach). The same input gives the same day.

    Nothing recorded of the company: the interval alone. An unknown 決算月 is never taken for March.
    """
    earliest = since + timedelta(days=rules.earliest_days)
    latest = months_after(since, rules.latest_months)
    for basis in rules.order:
        for day, figure in _found(basis, case, earliest, rules):
            if day <= latest:
                return Derived(calendar.business_day_from(day), basis, figure)
    return Derived(calendar.business_day_from(months_after(since, interval_months)), "interval", interval_months)


def fiscal_month(case: Case) -> int | None:
    """決算月 as any record of the company has it, the nearest first."""
    months = (account.fiscal_month for account in case.accounts)
    return next((month for month in months if month is not None and 1 <= month <= MONTHS), None)


def quiet_months(case: Case) -> list[int]:
    """閑散期: the months that stand in what was typed, in whatever words."""
    typed = next((account.quiet_months for account in case.accounts if account.quiet_months), "")
    numbers = (int(number) for number in _NUMBER.findall(unicodedata.normalize("NFKC", typed)))
    return sorted({number for number in numbers if 1 <= number <= MONTHS})


def _found(basis: Basis, case: Case, earliest: date, rules: DateRules) -> list[tuple[date, int]]:
    """(day, figure) of each day from `earliest` on that one basis speaks for, the soonest first."""
    closing = fiscal_month(case)
    match basis:
        case "budget" if closing is not None:
            return [(_next_first((closing - rules.budget_months_before - 1) % MONTHS + 1, earliest), closing)]
        case "new_term" if closing is not None:
            return [(_next_first(closing % MONTHS + 1, earliest), closing % MONTHS + 1)]
        case "quiet":
            return sorted((_next_first(month, earliest), month) for month in quiet_months(case))
        case "reorganisation":
            days = sorted(account.reorganisation_on for account in case.accounts if account.reorganisation_on)
            return [(day, day.month) for day in days if day >= earliest]
        case _:
            return []


def _next_first(month: int, earliest: date) -> date:
    """The first day of that month, this year or next, that is not before `earliest`."""
    first = date(earliest.year, month, 1)
    return first if first >= earliest else date(earliest.year + 1, month, 1)
