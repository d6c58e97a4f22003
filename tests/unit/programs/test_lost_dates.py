"""次回アプローチ日 where nobody set it: what it is derived from, always a business day, never a guess about 決算."""

from datetime import date, timedelta
from typing import Any

import pytest
from build import MAPPINGS
from build_lost import Lost
from hypothesis import given
from hypothesis import strategies as st

from connector.model.time import BusinessCalendar
from connector.programs.practice.approach_date import DateRules, Derived, derive, quiet_months
from connector.programs.practice.months import months_after

CALENDAR = BusinessCalendar()
NOVEMBER = date(2026, 11, 18)


def found(since: date = NOVEMBER, interval: int = 6, rules: DateRules | None = None, **account: Any) -> Derived:
    """What is derived for a company about which this is recorded."""
    return derive(Lost(account=account).case(), since, interval, rules or DateRules(), CALENDAR)


@pytest.mark.parametrize(("months", "day"), [(6, date(2027, 5, 18)), (3, date(2027, 2, 18)), (9, date(2027, 8, 18))])
def test_nothing_recorded_means_the_interval_of_the_reason(months: int, day: date) -> None:
    """ペンディング 6 months, 音信不通 3, 他社導入 9; an unknown 決算月 is never March."""
    assert found(interval=months) == Derived(day, "interval", months)


def test_the_budget_season_begins_three_months_before_the_fiscal_year_ends() -> None:
    """決算 in June: March; the first is a business day here."""
    assert found(fiscal_month=6) == Derived(date(2027, 3, 1), "budget", 6)


def test_a_budget_season_that_is_over_gives_way_to_the_new_term() -> None:
    """決算 in January: the season was in October, the next one is too far ahead; the new term begins in February."""
    assert found(fiscal_month=1) == Derived(date(2027, 2, 1), "new_term", 2)


def test_nobody_is_approached_within_a_month_of_the_loss() -> None:
    """決算 in March: 1 December is thirteen days away, so the new term in April it is."""
    assert found(fiscal_month=3) == Derived(date(2027, 4, 1), "new_term", 4)
    assert found(date(2026, 10, 30), fiscal_month=3) == Derived(date(2026, 12, 1), "budget", 3)


def test_a_known_quiet_season_is_taken_where_no_fiscal_month_is_known() -> None:
    """The next of the months as typed; the first of January is no business day."""
    assert found(quiet_months="8月、1月") == Derived(date(2027, 1, 4), "quiet", 1)
    assert quiet_months(Lost(account={"quiet_months": "２月と８月(2026年は除く)"}).case()) == [2, 8]


def test_a_known_reorganisation_is_taken() -> None:
    """体制変更 that lies ahead; one that is over says nothing."""
    assert found(reorganisation_on=date(2027, 3, 15)) == Derived(date(2027, 3, 15), "reorganisation", 3)
    assert found(reorganisation_on=date(2026, 4, 1)).basis == "interval"


def test_the_order_is_configurable() -> None:
    """A company may put the new term first."""
    assert found(rules=DateRules(order=("new_term", "budget")), fiscal_month=6).basis == "new_term"


def test_a_fiscal_month_that_is_none_is_unknown() -> None:
    """Typing errors are no month."""
    assert found(fiscal_month=13).basis == "interval"


def test_months_end_where_they_end() -> None:
    """Half a year after the end of August is the end of February."""
    assert months_after(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_after(date(2026, 3, 31), -1) == date(2026, 2, 28)


RECORDED = st.fixed_dictionaries(
    {},
    optional={
        "fiscal_month": st.integers(-3, 20),
        "quiet_months": st.text("0123456789月、 ", max_size=8),
        "reorganisation_on": st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    },
)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.sampled_from([3, 6, 9]), RECORDED)
def test_a_derived_date_is_a_business_day_ahead_and_the_same_every_time(
    since: date, interval: int, account: dict[str, Any]
) -> None:
    """Whatever is recorded: at least a month after the loss, within nine months (and the days until work begins)."""
    one = found(since, interval, **account)
    assert one == found(since, interval, **account)
    assert CALENDAR.is_business_day(one.day)
    assert since + timedelta(days=30) <= one.day <= months_after(since, 9) + timedelta(days=10)
    assert f"lost.basis.{one.basis}" in MAPPINGS.texts["ja"]
