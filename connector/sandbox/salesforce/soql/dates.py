"""SOQL's date words (TODAY, LAST_N_DAYS:30, THIS_MONTH, …) as half-open ranges of days in the user's time zone.

Used by the condition compiler; the time comes from the sandbox's clock.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

Range = tuple[date, date]
Step = Callable[[date, int], date]

_COUNTED: Final = re.compile(r"(LAST|NEXT)_N_(\w+)S:(\d+)|N_(\w+)S_AGO:(\d+)")
_MAX_YEARS_OF_DAYS: Final = 4_000 * 365


def date_range(word: str, today: date) -> Range | None:
    """The days that the word means, first day included and last day excluded; None for an unknown word."""
    name = word.upper()
    fixed = _fixed_days(name, today)
    if fixed is not None:
        return fixed
    counted = _COUNTED.fullmatch(name)
    if counted:
        return _counted(counted, today)
    which, _, unit = name.partition("_")
    offset = {"LAST": -1, "THIS": 0, "NEXT": 1}.get(which)
    step = _UNITS.get(unit)
    if offset is None or step is None:
        return None
    return step(today, offset), step(today, offset + 1)


def _fixed_days(name: str, today: date) -> Range | None:
    day = timedelta(days=1)
    return {
        "TODAY": (today, today + day),
        "YESTERDAY": (today - day, today),
        "TOMORROW": (today + day, today + 2 * day),
        "LAST_90_DAYS": (today - 90 * day, today + day),
        "NEXT_90_DAYS": (today + day, today + 91 * day),
    }.get(name)


def _counted(match: re.Match[str], today: date) -> Range | None:
    direction, unit, number = match.group(1) or "AGO", match.group(2) or match.group(4), match.group(3)
    count = int(number or match.group(5))
    step = _day if unit == "DAY" else _UNITS.get(unit)
    if step is None or count > _MAX_YEARS_OF_DAYS:
        return None
    if direction == "AGO":
        return step(today, -count), step(today, 1 - count)
    if direction == "NEXT":
        return step(today, 1), step(today, count + 1)
    return step(today, -count), step(today, 1 if unit == "DAY" else 0)


def _day(today: date, offset: int) -> date:
    return today + timedelta(days=offset)


def _week(today: date, offset: int) -> date:
    sunday = today - timedelta(days=(today.weekday() + 1) % 7)
    return sunday + timedelta(weeks=offset)


def _month(today: date, offset: int) -> date:
    months = today.year * 12 + today.month - 1 + offset
    return date(months // 12, months % 12 + 1, 1)


def _quarter(today: date, offset: int) -> date:
    first = today.replace(month=(today.month - 1) // 3 * 3 + 1)
    return _month(first, offset * 3)


def _year(today: date, offset: int) -> date:
    return date(today.year + offset, 1, 1)


_UNITS: Final[Mapping[str, Step]] = {
    "WEEK": _week,
    "MONTH": _month,
    "QUARTER": _quarter,
    "YEAR": _year,
    "FISCAL_QUARTER": _quarter,
    "FISCAL_YEAR": _year,
}
