"""Values as HubSpot's properties take them, and whether two of them are the same for a reader.

Called by the HubSpot sink before it sends anything: what the vendor would refuse, or read as another day, is refused
here with a reason that a person understands.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from connector.model.errors import SkipRecord
from connector.sinks.keyed_text import plain

_DAY_MS = int(timedelta(days=1) / timedelta(milliseconds=1))
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_EPOCH = re.compile(r"-?\d{5,}")


@dataclass(frozen=True, slots=True)
class Property:
    """What the portal tells of one property of an object."""

    name: str
    type: str = "string"
    html: bool = False
    read_only: bool = False
    unique: bool = False
    options: tuple[str, ...] = ()
    """The values of an enumeration, in the portal's order."""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Property":
        """From a definition as the vendor sends it."""
        metadata = told.get("modificationMetadata") or {}
        options = sorted((one for one in told.get("options") or () if one), key=_place)
        return cls(
            name=str(told["name"]),
            type=str(told.get("type") or "string"),
            html=told.get("fieldType") == "html",
            read_only=bool(metadata.get("readOnlyValue")) or bool(told.get("calculated")),
            unique=bool(told.get("hasUniqueValue")),
            options=tuple(str(one.get("value")) for one in options),
        )


def _place(option: Mapping[str, Any]) -> int:
    """Where an option stands among the others; the vendor writes -1 where nobody has said."""
    told = str(option.get("displayOrder") or "0")
    return int(told) if re.fullmatch(r"-?[0-9]{1,9}", told) else 0


def wire(property_: Property, value: Any) -> str:
    """The text that the vendor takes for `value`; nothing clears. Raises SkipRecord for what it would not take."""
    if value is None or value == "":
        return ""
    if spell := _SPELT.get(property_.type):
        return spell(property_.name, value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Iterable) and not isinstance(value, str | Mapping):
        return ";".join(str(one) for one in value)
    return str(value)


def same(property_: Property, one: Any, other: Any) -> bool:
    """Whether two values are the same but for what the vendor's own storage makes of them."""
    return _compared(property_, one) == _compared(property_, other)


def moves_back(property_: Property, before: Any, after: Any) -> bool:
    """Whether a stage comes before the one that is there; the vendor ignores such a move unless it is cleared first."""
    order = property_.options
    if str(before) not in order or str(after) not in order:
        return False
    return order.index(str(after)) < order.index(str(before))


def _compared(property_: Property, value: Any) -> object:
    try:
        text = wire(property_, value)
        if property_.type == "number" and text:
            return Decimal(text)
    except SkipRecord:
        text = str(value)
    return " ".join((plain(text) if property_.html else text).split())


def _day(name: str, value: Any) -> date:
    """A day is what the calendar says where it was written down: midnight in Japan is that day, not the one before."""
    if isinstance(value, str):
        value = _parsed(name, value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value % _DAY_MS:
            raise SkipRecord(f"{name} takes a day, and {value} is not midnight in UTC")
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)).date()
    if isinstance(value, datetime):
        if value.time() != time():
            raise SkipRecord(f"{name} takes a day, not the time of a day")
        return value.date()
    if isinstance(value, date):
        return value
    raise SkipRecord(f"{name} takes a day such as 2026-11-18")


def _moment(name: str, value: Any) -> datetime:
    if isinstance(value, str):
        value = _parsed(name, value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    raise SkipRecord(f"{name} takes a moment with its time zone, such as 2026-11-18T09:00:00+09:00")


def _parsed(name: str, text: str) -> date | int:
    """A day, a moment or epoch milliseconds from text."""
    text = text.strip()
    if _EPOCH.fullmatch(text):
        return int(text)
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else datetime.fromisoformat(text)
    except ValueError:
        raise SkipRecord(f"{name} takes a day or a moment in ISO 8601") from None


def _number(name: str, value: Any) -> Decimal:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise SkipRecord(f"{name} takes a number") from None
    if not number.is_finite():
        raise SkipRecord(f"{name} takes a number")
    whole = number.to_integral_value()
    return whole if number == whole else number


_SPELT: Mapping[str, Callable[[str, Any], str]] = {
    "date": lambda name, value: _day(name, value).isoformat(),
    "datetime": lambda name, value: _moment(name, value).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    "number": lambda name, value: format(_number(name, value), "f"),
}
"""By type of property: its values as text, from its name (for the refusal) and a value."""
