"""How vendors write times, days, numbers and ids, read as the model's types."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from connector.sources.values import Unreadable, blank, day, moment, number, salesforce_id, text, truth, whole

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    "written",
    [
        "2015-06-26T19:46:33.000+0000",
        "2015-06-26T19:46:33Z",
        "2015-06-27T04:46:33+09:00",
        1435347993000,
        "1435347993000",
    ],
)
def test_a_moment_is_read_from_every_way_vendors_write_it(written: object) -> None:
    """Salesforce writes `+0000`, HubSpot `Z` or epoch milliseconds, as number or text: all are the same moment."""
    assert moment(written, TOKYO) == datetime(2015, 6, 26, 19, 46, 33, tzinfo=UTC)


def test_a_day_where_a_moment_is_needed_begins_at_local_midnight() -> None:
    """An all-day entry has a day only; it counts from midnight where the company is."""
    assert moment("2026-11-18", TOKYO) == datetime(2026, 11, 18, tzinfo=TOKYO)


@pytest.mark.parametrize("written", ["soon", "2026-13-01", "2026-11-18T10:00:00", "99999999999999999999", "2026-02-30"])
def test_what_is_no_moment_is_refused_without_repeating_it(written: str) -> None:
    """The message says what would do and never holds the value, which may be personal data."""
    with pytest.raises(Unreadable) as caught:
        moment(written, TOKYO)
    assert written not in str(caught.value)
    assert "ISO 8601" in str(caught.value)


OUTSIDE = [
    "9999-12-31",
    "3000-01-01",
    "1899-12-31",
    "0001-01-01",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-09:00",
    "0001-01-01T00:00:00+09:00",
    "253402214400000",
    "-62135596800000",
]


@pytest.mark.parametrize("read", [moment, day])
@pytest.mark.parametrize("written", [*OUTSIDE, datetime.max.replace(tzinfo=UTC)])
def test_a_placeholder_far_from_all_business_is_refused(read: Callable[..., object], written: object) -> None:
    """No date can be reckoned from it: the record is set aside with the reason, and the run goes on."""
    with pytest.raises(Unreadable, match="1900 to 2999"):
        read(written, TOKYO)


@pytest.mark.parametrize("written", ["1900-01-01", "2999-12-31", "1900-01-01T00:00:00+09:00", "2999-12-31T23:00:00Z"])
def test_the_first_and_the_last_usable_year_are_read(written: str) -> None:
    """In any zone."""
    assert moment(written, TOKYO)
    assert day(written, TOKYO)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-03-01", date(2026, 3, 1)),
        ("2026/3/1", date(2026, 3, 1)),
        ("2026-03-01T00:00:00Z", date(2026, 3, 1)),
        ("1772323200000", date(2026, 3, 1)),
        ("2026-02-28T15:00:00.000Z", date(2026, 3, 1)),
        ("2026-02-28T14:59:59.000Z", date(2026, 2, 28)),
    ],
)
def test_a_day_is_the_vendors_day_or_the_local_day_of_a_moment(written: str, expected: date) -> None:
    """UTC midnight is how HubSpot writes a day; any other time belongs to the day that it is in Japan."""
    assert day(written, TOKYO) == expected


def test_numbers_and_truths_come_as_text_too() -> None:
    """HubSpot writes everything as text; Salesforce as JSON."""
    assert number("1200000") == number(1200000) == Decimal(1200000)
    assert number(0.1) == Decimal("0.1")
    assert whole("12.0") == 12
    assert truth("TRUE") is True
    assert truth(False) is False


@pytest.mark.parametrize(("read", "written"), [(number, "many"), (whole, "1.5"), (whole, "Infinity"), (truth, "maybe")])
def test_other_text_is_refused(read: object, written: str) -> None:
    """No guess is made about what was meant."""
    with pytest.raises(Unreadable):
        read(written)  # type: ignore[operator]


def test_blank_is_null_or_invisible_text_but_not_zero_or_false() -> None:
    """HubSpot clears a value with the empty text."""
    assert [blank(value) for value in (None, "", " \n", 0, False, "0")] == [True, True, True, False, False, False]


def test_nul_never_reaches_the_store() -> None:
    """No database column takes a NUL."""
    assert text("a\x00b") == "ab"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("0015g00000AbCdE", "0015g00000AbCdEAAV"),
        ("0015g00000AbCdEAAV", "0015g00000AbCdEAAV"),
        ("000000000000000", "000000000000000AAA"),
        ("AAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAA555"),
        ("short", None),
        ("0015g00000AbC'E", None),
    ],
)
def test_salesforce_ids_have_18_characters(written: str, expected: str | None) -> None:
    """Reports show 15 characters, the API answers 18; they are one record. Anything else is no id."""
    assert salesforce_id(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-18T10:00:00", datetime(2026, 11, 18, 1, tzinfo=UTC)),
        ("2026/11/18 9:05", datetime(2026, 11, 18, 0, 5, tzinfo=UTC)),
        ("2026-11-18 10:00:00.250", datetime(2026, 11, 18, 1, 0, 0, 250_000, tzinfo=UTC)),
        (datetime(2026, 11, 18, 10), datetime(2026, 11, 18, 1, tzinfo=UTC)),  # noqa: DTZ001 -- so are a warehouse's
        ("2026-11-18T10:00:00Z", datetime(2026, 11, 18, 10, tzinfo=UTC)),
        ("2026/11/18", datetime(2026, 11, 17, 15, tzinfo=UTC)),
    ],
)
def test_a_local_time_is_one_of_the_zone_where_that_was_said(written: object, expected: datetime) -> None:
    """Exports name no zone; without the word of the mapping such a time stays unreadable."""
    assert moment(written, TOKYO, local=True) == expected


@pytest.mark.parametrize("written", ["2026-11-18 25:00", "2026-02-30 10:00", "9999/12/31 0:00", "10:00"])
def test_a_local_time_that_is_none_is_refused(written: str) -> None:
    """As any other."""
    with pytest.raises(Unreadable):
        moment(written, TOKYO, local=True)


def test_a_local_midnight_is_that_day() -> None:
    """An export that writes days with 0:00, and one whose 9:00 in Tokyo is midnight in UTC."""
    assert day("2026/11/18 0:00", TOKYO, local=True) == date(2026, 11, 18)
    assert day("2026/11/18 9:00", TOKYO, local=True) == date(2026, 11, 18)


@pytest.mark.parametrize(
    ("written", "expected"), [("1,234,567", Decimal(1234567)), ("-1,234.5", Decimal("-1234.5")), ("12", Decimal(12))]
)
def test_groups_of_three_digits_may_be_parted(written: str, expected: Decimal) -> None:
    """As spreadsheets show amounts."""
    assert number(written) == expected


@pytest.mark.parametrize("written", ["1,5", "12,34", "1,2345", "1e999999999", "1E-99999"])
def test_a_number_that_nobody_would_write_is_refused(written: str) -> None:
    """A comma elsewhere may be a decimal one, and a huge exponent fills the memory."""
    with pytest.raises(Unreadable):
        number(written)
