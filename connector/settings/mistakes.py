"""Says in plain words what a validation found wrong with values that a person wrote, one sentence a value.

Called where settings and mappings are read. Knows the validator's kinds of errors, no key and no file; shows no value.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

Path = tuple[str | int, ...]
Item = Mapping[str, Any]

_WHOLE, _NUMBER, _TEXT, _LIST = "a whole number", "a number", "text", "a list"
_WANTED = {
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": _TEXT,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "dict_type": "keys with values, indented below it",
    "model_type": "keys with values, indented below it",
    "date_type": "a day like 2026-11-18",
    "date_parsing": "a day like 2026-11-18",
    "date_from_datetime_parsing": "a day like 2026-11-18",
    "datetime_type": "a time with offset like 2026-11-18T10:00:00+09:00",
    "datetime_parsing": "a time with offset like 2026-11-18T10:00:00+09:00",
    "datetime_from_date_parsing": "a time with offset like 2026-11-18T10:00:00+09:00",
    "timezone_aware": "a time with offset like 2026-11-18T10:00:00+09:00",
}
_BOUNDS = {
    "greater_than": ("gt", "a number greater than {}"),
    "greater_than_equal": ("ge", "a number of at least {}"),
    "less_than": ("lt", "a number less than {}"),
    "less_than_equal": ("le", "a number of at most {}"),
    "literal_error": ("expected", "{}"),
    "enum": ("expected", "{}"),
    "string_pattern_mismatch": ("pattern", "text of the form {}"),
}


def items(error: ValidationError) -> list[Item]:
    """What was found wrong, without the values, which may be secrets in the wrong line."""
    return [dict(item) for item in error.errors(include_url=False, include_input=False)]


def by_value(found: Iterable[Item], written: Iterable[Path]) -> Iterator[tuple[Path, list[Item]]]:
    """What was found wrong, value by value, by the path that a person wrote.

    Where a value may be of several kinds the validator reports each kind under a step of its own, such as
    `literal['auto']`, that nobody wrote: those steps are left out.
    """
    known = {path[:length] for path in written for length in range(len(path) + 1)}
    grouped: dict[Path, list[Item]] = {}
    for item in found:
        grouped.setdefault(_as_written(item, known), []).append(item)
    yield from grouped.items()


def _as_written(item: Item, known: set[Path]) -> Path:
    location: Path = item["loc"]
    if item["type"] == "missing":
        return location
    path: Path = ()
    for step in location:
        if (*path, step) in known:
            path = (*path, step)
    return path or location


def told(found: Iterable[Item]) -> str:
    """One value's errors as one sentence: what is wrong, and what would be right."""
    found = list(found)
    wanted = list(dict.fromkeys(text for item in found if (text := _wanted(item))))
    said = list(dict.fromkeys(str(item["msg"]).removeprefix("Value error, ") for item in found if not _wanted(item)))
    return "; ".join([*said, *([f"this value does not fit; write {', or '.join(wanted)}"] if wanted else [])])


def _wanted(item: Item) -> str | None:
    kind, context = str(item["type"]), item.get("ctx") or {}
    if kind in _BOUNDS:
        name, text = _BOUNDS[kind]
        return text.format(context.get(name))
    return _WANTED.get(kind)
