"""Months as people count them. Whoever adds some to a day asks here."""

from calendar import monthrange
from datetime import date

MONTHS = 12
"""Of a year."""


def months_after(day: date, months: int) -> date:
    """The same day so many months later (earlier, if negative); the last of a month that has no such day."""
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
