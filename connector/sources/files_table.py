"""An opened file as the file source sees it, however it is written: lines with values, or with what is wrong with them.

Used by what reads a format and by what makes records of lines. Knows no format.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from math import isnan
from pathlib import Path
from typing import Any

from connector.model.errors import ConfigurationError
from connector.sources.values import Unreadable, text


@dataclass(frozen=True, slots=True)
class Line:
    """One line by the number that a person finds it at: its values, or the problem because of which there are none."""

    number: int
    values: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None


@dataclass(frozen=True)
class Table:
    """An open file: the columns that it has (`None`: each line has its own), and its lines, to be read once."""

    columns: frozenset[str] | None
    lines: Iterator[Line]


def dig(values: Mapping[str, Any], name: str) -> Any:
    """The value of a column; a dotted name that is no column leads into a nested value."""
    if name in values or "." not in name:
        return values.get(name)
    found: Any = values
    for step in name.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def cell(value: Any) -> Any:
    """A value as a source reads it: a list becomes text parted by `;`, a whole float a whole number, NaN a blank."""
    if isinstance(value, str):
        if "\x00" in value:
            raise Unreadable("holds a NUL character; export it again, as text")
    elif isinstance(value, float):
        return None if isnan(value) else int(value) if value.is_integer() else value
    elif isinstance(value, bytes):
        return _decoded(value)
    elif isinstance(value, list | tuple):
        return ";".join(text(cell(part)) for part in value if part is not None)
    elif isinstance(value, Mapping):
        raise Unreadable("holds several values; map one of them by its dotted name")
    elif not (value is None or isinstance(value, bool | int | Decimal | date | datetime)):
        return str(value)
    return value


def _decoded(value: bytes) -> str:
    try:
        return str(cell(value.decode()))
    except UnicodeDecodeError:
        raise Unreadable("holds bytes that are no text; export it as text") from None


def broken(path: Path, problem: str) -> ConfigurationError:
    """That a whole file cannot be read, and what helps."""
    return ConfigurationError(f"{path} {problem}.")
