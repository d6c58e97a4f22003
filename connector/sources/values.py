"""Reads vendors' values – text, numbers, times, ids – as the types of the model. Called for every field.

Knows how vendors write things, not which field means what. Raises `Unreadable`, whose text never repeats the value.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from connector.clients.salesforce_values import salesforce_id
from connector.model.errors import SkipRecord

Day = TypeVar("Day", date, datetime)
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_LOCAL = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2})(\.\d+)?)?")
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_EPOCH_MILLISECONDS = re.compile(r"-?\d{9,15}")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEARS = range(1900, 3000)
"""What lies outside them is a placeholder (9999-12-31) or a slip, and no date could be reckoned from it."""

MOST_DIGITS = 30
"""Before or after the decimal point; `1E999999999` would fill the memory as soon as somebody reckons with it."""


NO_TIME = "is no date and time; write ISO 8601 with time zone, or epoch milliseconds"


class Unreadable(SkipRecord):
    """The value is not what the property needs; the message says what would do."""


def moment(value: Any, zone: tzinfo, *, local: bool = False) -> datetime:
    """A point in time: ISO 8601 (also `+0000`), epoch milliseconds, or a day, which begins at midnight in `zone`.

    With `local` a time that names no zone is one in `zone`; without it, it cannot be read.
    """
    text = str(value).strip()
    if "T" in text and not local:  # as both vendors write it
        return _instant(text)
    try:
        if _EPOCH_MILLISECONDS.fullmatch(text):
            return _within(EPOCH + timedelta(milliseconds=int(text)))
        if found := _DAY.fullmatch(text):
            return datetime.combine(_within(date(*map(int, found.groups()))), time(), tzinfo=zone)
        if local and (found := _LOCAL.fullmatch(text)):
            year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
            written = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{found[7] or ''}"
            return _within(datetime.fromisoformat(written)).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(NO_TIME) from None
    return _instant(text)


@lru_cache(maxsize=8192)
def _instant(text: str) -> datetime:
    """ISO 8601 with time zone, in UTC. A row tells its stamps several times over, and bulk loads share them."""
    try:
        parsed = _within(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise Unreadable(NO_TIME) from None
    if parsed.tzinfo is None:
        raise Unreadable("has no time zone; write ISO 8601 with time zone, or epoch milliseconds")
    return parsed.astimezone(UTC)


def day(value: Any, zone: tzinfo, *, local: bool = False) -> date:
    """A calendar day. UTC midnight is how vendors write a day; any other time is the day that it is in `zone`."""
    text = str(value).strip()
    if found := _DAY.fullmatch(text):
        try:
            return _within(date(*map(int, found.groups())))
        except ValueError:
            raise Unreadable("is no day of the calendar; write YYYY-MM-DD") from None
    at = moment(value, zone, local=local)
    if at.astimezone(UTC).time() == time() and not (local and _LOCAL.fullmatch(text)):
        return at.astimezone(UTC).date()
    return at.astimezone(zone).date()


def _within(value: Day) -> Day:
    if value.year not in YEARS:
        raise Unreadable(f"lies outside the years {YEARS[0]} to {YEARS[-1]}; correct it, or leave it empty")
    return value


def number(value: Any) -> Decimal:
    """A decimal number without the noise of binary fractions; groups of three digits may be parted by commas."""
    text = str(value).strip()
    try:
        read = Decimal(text.replace(",", "") if _GROUPED.fullmatch(text) else text)
    except ArithmeticError:
        raise Unreadable("is no number; write digits with at most one decimal point") from None
    if read.is_finite() and abs(read.adjusted()) > MOST_DIGITS:
        raise Unreadable("is no number that a person would write; correct it")
    return read


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


RECORD_IDS: dict[str, Callable[[str], str | None]] = {"salesforce": salesforce_id}
"""By system whose ids have several forms: the one that we keep, or `None` for a text that is no id there."""


def reader(annotation: str, zone: tzinfo, *, local: bool = False) -> Callable[[Any], Any]:
    """How to read a property whose type is called `annotation` (see `property_types.type_name`)."""
    readers: dict[str, Callable[[Any], Any]] = {
        "datetime": lambda value: moment(value, zone, local=local),
        "date": lambda value: day(value, zone, local=local),
        "Decimal": number,
        "int": whole,
        "bool": truth,
    }
    return readers.get(annotation, text)
