"""A table of a report: columns with units, rows of plain values. Every figure leaves reporting in this form.

Shown, written as JSON and as CSV by the command, which also has the words; codes stay codes here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

Value = str | int | float | Decimal | date | None
"""One cell; `None` is blank: unknown, or a rate of too few cases."""

HUNDRED = 100


class Unit(StrEnum):
    """What a column holds."""

    TEXT = "text"
    CODE = "code"  # a word of ours, shown in the reader's language
    REF = "ref"  # a record, as <system>:<object>:<id>
    COUNT = "count"
    PERCENT = "percent"  # 0 to 100
    DAYS = "days"
    DATE = "date"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its key, which never changes."""

    key: str
    unit: Unit


@dataclass(frozen=True, slots=True)
class Table:
    """A table by its name, which never changes."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]

    def documents(self) -> list[dict[str, Value]]:
        """Each row by the columns' keys."""
        keys = [column.key for column in self.columns]
        return [dict(zip(keys, row, strict=True)) for row in self.rows]


def table(name: str, columns: str, rows: Iterable[tuple[Value, ...]]) -> Table:
    """A table whose columns are written as `key:unit`, apart by blanks."""
    parts = (column.split(":") for column in columns.split())
    return Table(name, tuple(Column(key, Unit(unit)) for key, unit in parts), tuple(rows))


def percent(part: float, whole: float, minimum: int = 1) -> float | None:
    """The share in per cent with one decimal; `None` where the whole is less than `minimum`."""
    return round(HUNDRED * part / whole, 1) if whole >= max(minimum, 1) else None


def mean(total: float, count: int) -> float | None:
    """The mean with one decimal; `None` of nothing."""
    return round(total / count, 1) if count else None
