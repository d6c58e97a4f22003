"""The reverse of reading: which vendor field a property may be written to, and values as the vendor's JSON has them.

Called by planning to draw a change, and by whoever compares what we wrote with what a record holds. Pure.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from connector.mapping.objects import FieldSource, ObjectMapping
from connector.mapping.property_types import type_name
from connector.model.limits import Unwritable
from connector.model.records import Ref

NEVER_WRITTEN = frozenset({"amount", "closedate", "stagename", "dealstage"})
"""Fields of both vendors, in lower case, that hold what a company plans and reports its revenue by (予実管理). That is
people's business; a figure that moved by itself would cost the trust in all others."""

HUBSPOT = "hubspot"
_MOST_DIGITS = 15
"""A JSON number is a binary fraction: it keeps so many decimal digits."""


def writable_field(mapping: ObjectMapping, name: str, writable: frozenset[str]) -> FieldSource | None:
    """The first source of the property that is one field of its own and may be filled; `None` if there is none.

    `writable` are the fields that the org lets us fill. A path leads into another record, and several fields that are
    put together cannot be told apart again: neither is written. Nor is any of `NEVER_WRITTEN`.
    """
    return next((source for source in _single(mapping, name) if source.field in writable), None)


def _single(mapping: ObjectMapping, name: str) -> Iterator[FieldSource]:
    for source in mapping.fields.get(name, ()):
        if source.field and "." not in source.field and source.field.lower() not in NEVER_WRITTEN:
            yield source


def vendor_value(source: FieldSource, annotation: Any, value: Any, system: str) -> Any:
    """A property's value as this system's JSON has it; `None` gives what clears the field.

    `annotation` is the property's. Raises Unwritable for a value that the field's mapping has no word for: one that
    `values` does not name, a reference to another object, a time without time zone.
    """
    if blank(value):
        return "" if system == HUBSPOT else None
    if type_name(annotation) == "Ref":
        return _id(source, value, system)
    if source.values:
        return _word(source, annotation, value)
    return _plain(type_name(annotation), value, system)


def canonical_value(source: FieldSource, annotation: Any, written: Any, system: str) -> Any:
    """What a record's property holds once `written` has been read back from this field.

    Raises Unwritable where it can never have been written to this field: the mapping is another one by now.
    """
    kind = type_name(annotation)
    if kind == "Ref":
        return None if blank(written) else Ref(source.system or system, source.object or "", str(written))
    if not blank(written) and source.values:
        written = source.values.get(str(written).lower() if isinstance(written, bool) else str(written))
    if blank(written):
        written = source.default
    if written is None:
        return None
    try:
        return _adapter(annotation).validate_python(_READ.get(kind, str)(written))
    except (ValidationError, ValueError, ArithmeticError):
        raise Unwritable(
            "what was written to this field once does not fit the property that it feeds now", "mapping"
        ) from None


def alike(one: Any, other: Any) -> bool:
    """Whether two values of one property are the same but for what vendors' storage makes of them.

    They trim texts, write line ends anew, and keep moments to the second; to them blank is blank.
    """
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one.astimezone(UTC).replace(microsecond=0) == other.astimezone(UTC).replace(microsecond=0)
    if isinstance(one, str) and isinstance(other, str):
        return one.split() == other.split()
    return bool(one == other) or (blank(one) and blank(other))


def blank(value: Any) -> bool:
    """Nothing there: `None`, or text without a visible character."""
    return value is None or (isinstance(value, str) and not value.strip())


def _id(source: FieldSource, value: Any, system: str) -> str:
    target = (source.system or system, source.object)
    if not isinstance(value, Ref) or (value.system, value.object) != target:
        raise Unwritable(f"the field leads to {target[0]} {target[1]}, and the value to no such record", "record")
    return value.id


def _word(source: FieldSource, annotation: Any, value: Any) -> Any:
    """The vendor's word for a value: the first that reading turns into it."""
    for word, meaning in source.values.items():
        if _adapter(annotation).validate_python(meaning) == value:
            return {"true": True, "false": False}.get(word, word)
    raise Unwritable("`values` of the field's mapping has no word for this value; add one", "word")


def _plain(kind: str, value: Any, system: str) -> Any:
    match value:
        case bool() | int():
            return value
        case Decimal():
            return _number(value)
        case datetime():
            if kind != "datetime":
                raise Unwritable("the property holds a day, not the time of a day", "day")
            return _moment(value, system)
        case date():
            return value.isoformat()
    return str(value)


def _moment(value: datetime, system: str) -> str:
    """In UTC, as the vendor itself writes it."""
    if value.tzinfo is None:
        raise Unwritable("a moment needs its time zone", "moment")
    written = value.astimezone(UTC).isoformat(timespec="milliseconds")
    return written.replace("+00:00", "Z" if system == HUBSPOT else "+0000")


def _number(value: Decimal) -> int | float:
    if value.is_finite() and value == value.to_integral_value():
        return int(value)
    if not value.is_finite() or len(value.normalize().as_tuple().digits) > _MOST_DIGITS:
        raise Unwritable(
            f"a number of more than {_MOST_DIGITS} digits behind a decimal point would lose some", "digits"
        )
    return float(value)


@lru_cache(maxsize=256)
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


_READ: Mapping[str, Callable[[Any], Any]] = {
    "datetime": lambda written: datetime.fromisoformat(str(written)),
    "date": lambda written: date.fromisoformat(str(written)),
    "Decimal": lambda written: Decimal(str(written)),
    "int": lambda written: int(Decimal(str(written))),
    "bool": lambda written: written,
}
"""By the property's type: the vendor's JSON as that type; any other is text."""
