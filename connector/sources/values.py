"""Reads vendors' values – text, numbers, times, ids – as the types of the model. Called for every field.

Knows how vendors write things, not which field means what. Raises `Unreadable`, whose text never repeats the value.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any, TypeVar

from connector.model.errors import SkipRecord

Day = TypeVar("Day", date, datetime)
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_EPOCH_MILLISECONDS = re.compile(r"-?\d{9,15}")
_SALESFORCE_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")
_SUFFIX_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEARS = range(1900, 3000)
"""What lies outside them is a placeholder (9999-12-31) or a slip, and no date could be reckoned from it."""


class Unreadable(SkipRecord):
    """The value is not what the property needs; the message says what would do."""


def moment(value: Any, zone: tzinfo) -> datetime:
    """A point in time: ISO 8601 (also `+0000`), epoch milliseconds, or a day, which begins at midnight in `zone`."""
    if isinstance(value, datetime):
        return _within(value)
    text = str(value).strip()
    try:
        if _EPOCH_MILLISECONDS.fullmatch(text):
            return _within(EPOCH + timedelta(milliseconds=int(text)))
        if found := _DAY.fullmatch(text):
            return datetime.combine(_within(date(*map(int, found.groups()))), time(), tzinfo=zone)
        parsed = _within(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise Unreadable("is no date and time; write ISO 8601 with time zone, or epoch milliseconds") from None
    if parsed.tzinfo is None:
        raise Unreadable("has no time zone; write ISO 8601 with time zone, or epoch milliseconds")
    return parsed.astimezone(UTC)


def day(value: Any, zone: tzinfo) -> date:
    """A calendar day. UTC midnight is how vendors write a day; any other time is the day that it is in `zone`."""
    text = str(value).strip()
    if found := _DAY.fullmatch(text):
        try:
            return _within(date(*map(int, found.groups())))
        except ValueError:
            raise Unreadable("is no day of the calendar; write YYYY-MM-DD") from None
    at = moment(value, zone).astimezone(UTC)
    if at.time() == time():
        return at.date()
    return at.astimezone(zone).date()


def _within(value: Day) -> Day:
    if value.year not in YEARS:
        raise Unreadable(f"lies outside the years {YEARS[0]} to {YEARS[-1]}; correct it, or leave it empty")
    return value


def number(value: Any) -> Decimal:
    """A decimal number without the noise of binary fractions."""
    try:
        return Decimal(str(value).strip())
    except ArithmeticError:
        raise Unreadable("is no number; write digits with at most one decimal point") from None


def whole(value: Any) -> int:
    """A whole number; vendors write some of them as `12.0`."""
    read = number(value)
    if not read.is_finite() or read != read.to_integral_value():
        raise Unreadable("is no whole number; write digits only")
    return int(read)


def truth(value: Any) -> bool:
    """A yes or no."""
    if isinstance(value, bool):
        return value
    read = {"true": True, "false": False, "1": True, "0": False}.get(str(value).strip().lower())
    if read is None:
        raise Unreadable("is neither true nor false; map its values with `values: {<vendor value>: true}`")
    return read


def text(value: Any) -> str:
    """Text as the vendor has it. NUL, which no database column takes, is left out; half a character is refused."""
    if isinstance(value, bool):
        return "true" if value else "false"
    read = str(value)
    if read.isascii():
        return read.replace("\x00", "")
    try:
        read.encode()
    except UnicodeEncodeError:
        raise Unreadable("holds half a character (a lone surrogate); write the text anew") from None
    return read.replace("\x00", "")


def blank(value: Any) -> bool:
    """Nothing there: `null`, or text without a visible character (HubSpot clears with the empty text)."""
    return value is None or (isinstance(value, str) and not value.strip())


def salesforce_id(value: str) -> str | None:
    """The 18-character form of a Salesforce id, or `None` if it is none. Reports show 15 characters, the API 18."""
    if not _SALESFORCE_ID.fullmatch(value):
        return None
    core = value[:15]
    chunks = (core[start : start + 5] for start in (0, 5, 10))
    return core + "".join(
        _SUFFIX_ALPHABET[sum(1 << place for place, letter in enumerate(chunk) if letter.isascii() and letter.isupper())]
        for chunk in chunks
    )


def reader(annotation: str, zone: tzinfo) -> Callable[[Any], Any]:
    """How to read a property whose type is called `annotation` (see `records.type_name`)."""
    readers: dict[str, Callable[[Any], Any]] = {
        "datetime": lambda value: moment(value, zone),
        "date": lambda value: day(value, zone),
        "Decimal": number,
        "int": whole,
        "bool": truth,
    }
    return readers.get(annotation, text)
