"""The round of the year: nobody gets older than a year, nobody is asked shortly after a talk, and there is no wave."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connector.model.time import BusinessCalendar
from connector.programs.practice.spans import Round, business_days, regular_turn, turn

CALENDAR = BusinessCalendar()
ROUND = Round()
GO_LIVE = date(2026, 11, 18)
YEAR = timedelta(days=365)

days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
keys = st.text("0123456789abcdef", min_size=1, max_size=18)


@given(key=keys, confirmed=days)
def test_a_turn_lies_between_four_months_and_a_year_after_the_talk(key: str, confirmed: date) -> None:
    """On a business day, and the same each time it is asked for."""
    day = regular_turn(key, confirmed, ROUND, CALENDAR)
    assert ROUND.recent_days <= (day - confirmed).days <= 365
    assert CALENDAR.is_business_day(day)
    assert day == regular_turn(key, confirmed, ROUND, CALENDAR)


@given(key=keys, confirmed=days, go_live=days)
def test_nobody_gets_older_than_a_year_who_was_not_so_at_go_live(key: str, confirmed: date, go_live: date) -> None:
    """Too old at go-live is who turned a year old before the first business day."""
    day = turn(key, confirmed, go_live, ROUND, CALENDAR)
    if CALENDAR.business_day_from(go_live) <= confirmed + YEAR:
        assert go_live <= day or go_live <= confirmed
        assert day <= confirmed + YEAR
    else:
        assert go_live <= day < go_live + timedelta(days=124)
    assert CALENDAR.is_business_day(day)


@given(key=keys, confirmed=days)
def test_who_is_called_on_every_turn_is_called_less_than_three_times_a_year(key: str, confirmed: date) -> None:
    """Over ten years: a call puts the person off for four months at least."""
    calls, day = 0, confirmed
    while day < confirmed + 10 * YEAR:
        day, calls = regular_turn(key, day, ROUND, CALENDAR), calls + 1
    assert 10 <= calls <= 30


def called(confirmed: Iterable[date], years: int) -> Counter[date]:
    """On which day how many people are called, if everybody is reached on the day."""
    calls: Counter[date] = Counter()
    for number, day in enumerate(confirmed):
        while (day := turn(f"salesforce:Contact:{number}", day, GO_LIVE, ROUND, CALENDAR)) < GO_LIVE + years * YEAR:
            calls[day] += 1
    return calls


POPULATIONS = {
    "spread over the last year": [GO_LIVE - timedelta(days=number % 365) for number in range(6000)],
    "all on one day": [GO_LIVE - timedelta(days=10)] * 6000,
    "all too old": [GO_LIVE - timedelta(days=400 + number % 500) for number in range(6000)],
}


@pytest.mark.parametrize("population", POPULATIONS)
def test_no_day_and_no_week_is_a_wave(population: str) -> None:
    """However the list came about: no day gets more than one in 55 of all people, where even shares are one in 245."""
    calls = called(POPULATIONS[population], years=4)
    assert max(calls.values()) < 6000 / 55


@pytest.mark.parametrize("population", POPULATIONS)
def test_after_the_first_two_years_the_daily_counts_are_even(population: str) -> None:
    """No week has more than twice its share."""
    calls = called(POPULATIONS[population], years=5)
    later = business_days(CALENDAR, GO_LIVE + 2 * YEAR, GO_LIVE + 5 * YEAR)
    share = sum(calls[day] for day in later) / len(later)
    weeks = [sum(calls[day] for day in later[start : start + 5]) / 5 for start in range(len(later) - 4)]
    assert max(weeks) < 2 * share
    assert max(calls[day] for day in later) < 3 * share


def test_the_people_who_are_too_old_at_go_live_fill_the_first_span_evenly() -> None:
    """Four months' business days, each with its share of them."""
    calls = called(POPULATIONS["all too old"], years=1)
    first = business_days(CALENDAR, GO_LIVE, date(2027, 3, 18))
    share = 6000 / len(first)
    assert all(share / 2 < calls[day] < 2 * share for day in first)


def test_a_third_of_the_people_belongs_to_each_span() -> None:
    """Whenever they were confirmed in the year, most people's turn is in one span: their own."""
    confirmed = [date(2027, month, 5) for month in range(1, 13)]
    own = Counter(_usual_span(f"k{number}", confirmed) for number in range(900))
    assert set(own) == {0, 1, 2}
    assert all(240 <= people <= 360 for people in own.values())


def _usual_span(key: str, confirmed: list[date]) -> int:
    spans = Counter((regular_turn(key, day, ROUND, CALENDAR).month - 4) % 12 // 4 for day in confirmed)
    span, times = spans.most_common(1)[0]
    assert times >= 7, "of twelve months eight leave the own turn in reach"
    return span


def test_the_example_of_the_docstring_holds() -> None:
    """Confirmed in February: in the own span after the summer. Confirmed in September: in another span."""
    key = next(key for key in (f"k{n}" for n in range(10_000)) if _is_in_the_middle_of_the_second(key))
    assert abs(regular_turn(key, date(2027, 2, 1), ROUND, CALENDAR) - date(2027, 10, 1)) < timedelta(days=7)
    other = regular_turn(key, date(2027, 9, 1), ROUND, CALENDAR)
    near = (date(2028, 2, 1), date(2028, 6, 1))
    assert min(abs(other - day) for day in near) < timedelta(days=7)
    assert abs(regular_turn(key, other, ROUND, CALENDAR) - date(2028, 10, 1)) < timedelta(days=7)


def _is_in_the_middle_of_the_second(key: str) -> bool:
    day = regular_turn(key, date(2027, 3, 25), ROUND, CALENDAR)
    later = regular_turn(key, date(2027, 4, 25), ROUND, CALENDAR)
    return day == later and abs(day - date(2027, 10, 1)) < timedelta(days=3)


def test_a_year_that_leaves_no_turn_is_refused() -> None:
    """A talk cannot be recent for longer than a confirmation lasts."""
    with pytest.raises(ValidationError, match="greatest_age_days"):
        Round(greatest_age_days=100, recent_days=100)
