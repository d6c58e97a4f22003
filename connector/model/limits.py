"""What a vendor's field takes, where the vendor tells it: kind of value, length, values. Fits a value to it beforehand.

Filled by whoever can ask the vendor, used by planning. Knows no vendor's names of types.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from connector.model.errors import SkipRecord

Holds = Literal["text", "number", "truth", "day", "moment"]
CUT = "…"
_LAST_SINGLE = 0xFFFF
"""The last character that is one UTF-16 unit."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)")
_JOINERS = frozenset({"\u200d"})


Misfit = Literal["list", "number", "truth", "day", "moment", "word", "record", "digits", "mapping"]
"""What is wrong with a value that a field does not take; the text `unwritten.<misfit>` says so to people."""


class Unwritable(SkipRecord):
    """A value cannot be written as it is; the reason says what the field takes and never repeats the value."""

    def __init__(self, reason: str, misfit: Misfit) -> None:
        super().__init__(reason)
        self.misfit: Misfit = misfit


@dataclass(frozen=True, slots=True)
class FieldLimit:
    """What one field takes; `None` is what nobody knows, and then nothing is checked.

    `length` is in UTF-16 units, which is how the vendors count at most. `values` are the only ones that the field
    takes (a picklist that refuses others); with `several`, any of them parted by `;`.
    """

    holds: Holds | None = None
    length: int | None = None
    values: frozenset[str] | None = None
    several: bool = False


ANYTHING = FieldLimit()


def fitted(limit: FieldLimit, value: Any) -> Any:
    """`value` (the vendor's form of it) as the field takes it; too long a text is cut. `None` clears and always fits.

    Raises Unwritable for a value of another kind, and for one that the picklist does not have.
    """
    if value is None or value == "":
        return value
    if limit.values is not None:
        _known(limit, str(value))
    if limit.holds is not None:
        value = _AS[limit.holds](value)
    return shortened(value, limit.length) if isinstance(value, str) and limit.length else value


def shortened(text: str, length: int) -> str:
    """The text, or as much of it as `length` units hold, with `…` for the rest. No character is cut in two."""
    if _units(text) <= length:
        return text
    at, left = 0, length - len(CUT)
    while (left := left - _units(text[at])) >= 0:
        at += 1
    while at and _goes_on(text, at):
        at -= 1
    return text[:at].rstrip() + CUT


def _units(text: str) -> int:
    return len(text) + sum(1 for character in text if ord(character) > _LAST_SINGLE)


def _goes_on(text: str, at: int) -> bool:
    """Whether what begins at `at` belongs to the character before it: a voicing or other mark, a variant, a joiner."""
    after, before = text[at], text[at - 1]
    return unicodedata.category(after) in ("Mn", "Me", "Mc") or after in _JOINERS or before in _JOINERS


def _known(limit: FieldLimit, value: str) -> None:
    parts = value.split(";") if limit.several else [value]
    if limit.values is not None and not limit.values.issuperset(parts):
        raise Unwritable(
            "the field takes only the values of its list; add this one there, or map it with `values`", "list"
        )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: Any) -> Any:
    if not isinstance(value, bool):
        try:
            if Decimal(str(value).strip()).is_finite():
                return value
        except InvalidOperation:
            pass
    raise Unwritable("the field takes a number", "number")


def _truth(value: Any) -> Any:
    if isinstance(value, bool) or value in ("true", "false"):
        return value
    raise Unwritable("the field takes true or false", "truth")


def _day(value: Any) -> Any:
    if _DAY.fullmatch(str(value)):
        return value
    raise Unwritable("the field takes a day", "day")


def _moment(value: Any) -> Any:
    if _MOMENT.fullmatch(str(value)):
        return value
    raise Unwritable("the field takes a moment, with the time of day", "moment")


_AS: Mapping[Holds, Callable[[Any], Any]] = {
    "text": _text,
    "number": _number,
    "truth": _truth,
    "day": _day,
    "moment": _moment,
}
