"""When a person's turn comes in the round of follow-up calls: three spans of four months, a third of people in each.

The program of freshness asks here. Pure arithmetic of days and a stable hash; it knows no case and no task.

A person has one place in each span, the same fraction of its business days, and by the hash one span of their own. Of
the places that lie far enough behind the last confirmation and not beyond the greatest age, the one in the own span
is the turn; if there is none, one of the other spans'. So nobody is asked again shortly after a talk, nobody gets
older than the greatest age, and people do not come up on the same day only because they came in together.

Example (year from April: April to July, August to November, December to March; a year of 365 days, a talk counts for
120): own span August to November, place at half of it, about 1 October. Confirmed on 1 February, the turn is about
1 October, at an age of eight months. Confirmed on 1 September, 1 October is too soon and that of the next year 30 days
too late: the turn is in another span, by the hash about 1 February (five months) or about 1 June (nine months). From
either the next own one, 1 October of that year, is at least 120 days ahead: the person is back in the own span.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Literal, Self

from pydantic import Field, PositiveInt, model_validator

from connector.model.time import BusinessCalendar
from connector.programs.practice.months import months_after
from connector.programs.practice.settings import Settings

SLIPPING_DAYS = 10
"""How far the same place may lie apart from year to year, weekends and holidays being where they are."""

MONTHS = 12


class Round(Settings):
    """The yearly round: how old a confirmation may get, in how many spans, and how long a talk is recent."""

    greatest_age_days: PositiveInt = 365
    spans: Literal[1, 2, 3, 4, 6] = 3
    year_begins_in: int = Field(default=4, ge=1, le=12)
    """The month in which the first span of a year begins."""
    recent_days: PositiveInt = 120
    """Reached so short a time ago, a person is skipped even if the own turn comes."""

    @model_validator(mode="after")
    def _a_turn_is_left(self) -> Self:
        if self.greatest_age_days < self.recent_days + SLIPPING_DAYS:
            raise ValueError(f"greatest_age_days must be at least recent_days + {SLIPPING_DAYS}")
        return self

    @property
    def months(self) -> int:
        """Length of a span."""
        return MONTHS // self.spans


@dataclass(frozen=True, slots=True)
class Turn:
    """A person's place in one span, and whether that span is the person's own."""

    day: date
    own: bool


def turn(key: str, confirmed: date, go_live: date, rules: Round, calendar: BusinessCalendar) -> date:
    """The day on which the person is to be called again: never more than the greatest age after `confirmed`.

    What the round has missed before `go_live` is made up for without a wave: those who are too old already over the
    months of one span, the others within the later half of the time that they have left.
    """
    regular = regular_turn(key, confirmed, rules, calendar)
    if regular >= go_live:
        return regular
    last = confirmed + timedelta(days=rules.greatest_age_days)
    left = last - go_live
    if business_days(calendar, go_live, last + timedelta(days=1)):
        later_half = business_days(calendar, go_live + left // 2, last + timedelta(days=1))
        return _at(later_half or (calendar.business_day_from(go_live),), key)
    return made_up(key, go_live, rules, calendar)


def regular_turn(key: str, confirmed: date, rules: Round, calendar: BusinessCalendar) -> date:
    """The turn as the round has it, wherever it lies."""
    latest = _business_day_until(confirmed + timedelta(days=rules.greatest_age_days), calendar)
    earliest = confirmed + timedelta(days=rules.recent_days)
    within = list(_turns(key, earliest, latest + timedelta(days=SLIPPING_DAYS), rules, calendar))
    own = [one.day for one in within if one.own]
    others = [one.day for one in within if one.day <= latest]
    day = own[-1] if own else _at(tuple(others) or (latest,), key, "other")
    if day <= latest:
        return day
    return _at(business_days(calendar, latest - timedelta(days=SLIPPING_DAYS), latest + timedelta(days=1)), key, "late")


def made_up(key: str, go_live: date, rules: Round, calendar: BusinessCalendar) -> date:
    """A person's day within the first span after `go_live`."""
    end = months_after(go_live, rules.months)
    return _at(business_days(calendar, go_live, end), key)


def _turns(key: str, earliest: date, until: date, rules: Round, calendar: BusinessCalendar) -> Iterator[Turn]:
    """The person's places from `earliest` to `until`, in order."""
    own = int(_share("span", key) * rules.spans)
    begins = date(earliest.year - 1, rules.year_begins_in, 1)
    number = 0
    while begins <= until:
        ends = months_after(begins, rules.months)
        if ends > earliest:
            day = _at(business_days(calendar, begins, ends), key)
            if earliest <= day <= until:
                yield Turn(day, number % rules.spans == own)
        begins, number = ends, number + 1


@lru_cache(maxsize=4096)
def business_days(calendar: BusinessCalendar, first: date, end: date) -> tuple[date, ...]:
    """The business days from `first` on, `end` not among them."""
    days = (first + timedelta(days=count) for count in range((end - first).days))
    return tuple(day for day in days if calendar.is_business_day(day))


def _business_day_until(day: date, calendar: BusinessCalendar) -> date:
    while not calendar.is_business_day(day):
        day -= timedelta(days=1)
    return day


def _at(days: tuple[date, ...], key: str, purpose: str = "day") -> date:
    return days[int(_share(purpose, key) * len(days))]


def _share(purpose: str, key: str) -> float:
    """A stable number from 0 up to 1, for each purpose another one. The key is spread, not protected."""
    digest = blake2b(f"{purpose}:{key}".encode(), digest_size=6).digest()
    return int.from_bytes(digest) / 2**48
