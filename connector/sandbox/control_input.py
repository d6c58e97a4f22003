"""What is posted to the control URL, checked: durations, times, faults.

Used by `control`; it must not know what is done with it.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connector.sandbox.traffic import DROPS, VENDORS, Fault

_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_FAULT_KEYS = frozenset({"vendor", "method", "path", "status", "body", "headers", "times", "skip", "delay_ms", "drop"})


class WrongRequest(Exception):
    """The control URL was asked for something that it cannot do; the text says what it expects."""


def duration(text: str) -> timedelta:
    """An ISO 8601 duration of weeks, days, hours, minutes and seconds (months and years have no fixed length)."""
    found = _DURATION.fullmatch(text)
    if found is None or text.endswith(("P", "T")):
        raise WrongRequest(f"{text} is not a duration: use weeks to seconds, for example P1D or PT90M.")
    parts = {name: float(value) for name, value in found.groupdict().items() if value and name != "sign"}
    return timedelta(**parts) * (-1 if found["sign"] else 1)


def moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as problem:
        raise WrongRequest(f"{text} is not a time: use for example 2026-11-19T09:00:00+09:00.") from problem
    if found.tzinfo is None:
        raise WrongRequest(f"{text} has no offset: use for example 2026-11-19T09:00:00+09:00.")
    return found


def fault(one: Any) -> Fault:
    if not isinstance(one, dict) or not set(one) <= _FAULT_KEYS:
        raise WrongRequest(f"A fault is an object with some of {', '.join(sorted(_FAULT_KEYS))}.")
    if one.get("vendor") not in (None, *VENDORS) or one.get("drop") not in (None, *DROPS):
        raise WrongRequest(f"vendor is one of {', '.join(VENDORS)}; drop is one of {', '.join(DROPS)}.")
    delay = count(one, "delay_ms", 0) or 0
    if not (one.get("status") or one.get("drop") or delay):
        raise WrongRequest("A fault needs status, drop or delay_ms.")
    method = one.get("method")
    return Fault(
        vendor=one.get("vendor"),
        method=str(method).upper() if method else None,
        path=_pattern(one.get("path")),
        status=count(one, "status", None),
        body=one.get("body"),
        headers={str(name): str(value) for name, value in (one.get("headers") or {}).items()},
        delay_ms=delay,
        drop=one.get("drop"),
    )


def _pattern(text: Any) -> re.Pattern[str] | None:
    if text is None:
        return None
    try:
        return re.compile(str(text))
    except re.error as problem:
        raise WrongRequest(f"path is not a regular expression: {problem}.") from problem


def count(one: Mapping[str, Any], name: str, default: int | None) -> int | None:
    """A whole number that is not negative; null is told apart from absence (`times: null` is for ever)."""
    value = one.get(name, default)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise WrongRequest(f"{name} must be a whole number, not {value}.")
    return value
