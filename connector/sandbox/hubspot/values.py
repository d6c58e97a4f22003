"""One property value from the wire into the form that is stored, or the vendor's reason to refuse it.

Used by `records`; it must not know records.
"""

import re
from datetime import UTC, date, datetime
from typing import Any

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot.properties import Property

_EPOCH = re.compile(r"-?\d{1,15}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY_MS = 86_400_000


class Invalid(ValueError):
    """A value that the vendor refuses, with its code for that."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def stored(one: Property, value: Any) -> Any:
    """Null and the empty string clear a property."""
    if value is None or value == "":
        return None
    text = str(value).lower() if isinstance(value, bool) else str(value)
    convert = {"number": _number, "bool": _bool, "datetime": _datetime, "date": _date, "enumeration": _option}
    return convert[one.type](one, text) if one.type in convert else text


def _number(_one: Property, text: str) -> int | float:
    try:
        return int(text) if _EPOCH.fullmatch(text) else float(text)
    except ValueError as problem:
        raise Invalid("INVALID_INTEGER", f"{text} was not a valid number.") from problem


def _bool(_one: Property, text: str) -> int:
    if text not in ("true", "false"):
        raise Invalid("INVALID_OPTION", f"{text} was not one of the allowed options: [true, false]")
    return int(text == "true")


def _datetime(_one: Property, text: str) -> str:
    if _EPOCH.fullmatch(text):
        return stored_datetime(datetime.fromtimestamp(int(text) / 1000, UTC))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise Invalid("INVALID_DATE", f"{text} was not a valid long.") from problem
    return stored_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _date(one: Property, text: str) -> str:
    """A calendar day: ISO, or epoch milliseconds at exactly midnight UTC."""
    if _EPOCH.fullmatch(text):
        if int(text) % _DAY_MS:
            raise Invalid("INVALID_DATE", f"{text} is at {_datetime(one, text)[11:]} UTC, not midnight!")
        return _datetime(one, text)[:10]
    if not _DATE.fullmatch(text):
        raise Invalid("INVALID_DATE", f"{text} was not a valid date.")
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as problem:
        raise Invalid("INVALID_DATE", f"{text} was not a valid date.") from problem


def _option(one: Property, text: str) -> str:
    allowed = [option.value for option in one.options]
    if allowed and text not in allowed:
        raise Invalid("INVALID_OPTION", f"{text} was not one of the allowed options: [{', '.join(allowed)}]")
    return text
