"""A search request's filters as SQL: operators, value types, and the vendor's refusals of bad filters.

Called by `search`; it must not know paging or order.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connector.sandbox.clock import stored_datetime
from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.definitions import Definitions
from connector.sandbox.hubspot.properties import Property

MOST_GROUPS = 5
MOST_FILTERS_IN_GROUP = 6
MOST_FILTERS = 18
_COMPARISONS = {"EQ": "=", "NEQ": "<>", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
_EPOCH = re.compile(r"-?\d{1,15}")
_SEPARATORS = "@.-_/,:;()　・"


@dataclass(frozen=True)
class Condition:
    """A piece of WHERE with its parameters."""

    sql: str
    parameters: tuple[Any, ...] = ()


def joined(conditions: Sequence[Condition], word: str) -> Condition:
    sql = f" {word} ".join(f"({one.sql})" for one in conditions)
    return Condition(sql, tuple(value for one in conditions for value in one.parameters))


def compile_groups(known: Definitions, object_: str, groups: Any) -> Condition | None:
    """OR over the groups, AND inside each; None when nothing is filtered."""
    checked = _checked(groups)
    if not checked:
        return None
    return joined([_compile_group(known, object_, group) for group in checked], "OR")


def _checked(groups: Any) -> list[list[dict[str, Any]]]:
    if groups is None:
        return []
    if not isinstance(groups, list) or not all(isinstance(one, dict) for one in groups):
        raise errors.bad_json("Cannot deserialize value of filterGroups")
    if len(groups) > MOST_GROUPS:
        raise errors.validation(f"Too many filter groups: {len(groups)}, the maximum is {MOST_GROUPS}")
    found = [group.get("filters") or [] for group in groups]
    if not all(isinstance(one, list) and all(isinstance(each, dict) for each in one) for one in found):
        raise errors.bad_json("Cannot deserialize value of filters")
    if any(len(one) > MOST_FILTERS_IN_GROUP for one in found) or sum(map(len, found)) > MOST_FILTERS:
        raise errors.validation(
            f"Too many filters: the maximum is {MOST_FILTERS_IN_GROUP} in a group and {MOST_FILTERS} in total"
        )
    return [one for one in found if one]


def _compile_group(known: Definitions, object_: str, filters: list[dict[str, Any]]) -> Condition:
    return joined([_compile(known, object_, one) for one in filters], "AND")


def property_of(known: Definitions, object_: str, name: str) -> Property:
    """Unlike reads, a search refuses a property that the portal does not have."""
    if one := known.find(object_, name.lower()):
        return one
    text = f'There was a problem with the request. Property "{name}" does not exist'
    raise errors.validation(text, errors=[{"message": text, "code": "PROPERTY_DOESNT_EXIST"}])


def _compile(known: Definitions, object_: str, one: Mapping[str, Any]) -> Condition:
    name, operator = one.get("propertyName"), one.get("operator")
    if not isinstance(name, str) or not isinstance(operator, str):
        raise errors.bad_json("Cannot build Filter, some of required attributes are not set [propertyName, operator]")
    found = property_of(known, object_, name)
    if operator in _COMPARISONS:
        value = _given(one, "value", operator)
        return Condition(f"{_column(found)} {_COMPARISONS[operator]} ?", (_typed(found, value),))
    compiler = _OPERATORS.get(operator)
    if compiler is None:
        raise errors.bad_json(f'Cannot deserialize value of operator from String "{operator}"')
    return compiler(found, one)


def _column(one: Property) -> str:
    return f'"{one.name}" COLLATE NOCASE' if one.type == "string" else f'"{one.name}"'


def _given(one: Mapping[str, Any], key: str, operator: str) -> Any:
    value = one.get(key)
    if value is None or value == "":
        raise errors.validation(f"operator {operator} requires a {key}")
    return value


def _between(found: Property, one: Mapping[str, Any]) -> Condition:
    low, high = _given(one, "value", "BETWEEN"), _given(one, "highValue", "BETWEEN")
    return Condition(f"{_column(found)} BETWEEN ? AND ?", (_typed(found, low), _typed(found, high)))


def _in(found: Property, one: Mapping[str, Any]) -> Condition:
    values = _given(one, "values", "IN")
    if not isinstance(values, list) or not values:
        raise errors.validation("operator IN requires values")
    typed = tuple(_typed(found, value) for value in values)
    if found.type == "string":
        # The vendor compares the lower-cased text with the list as it was sent: capitals in the list never match.
        typed = tuple(value for value in typed if value == value.lower())
    return Condition(f"{_column(found)} IN ({', '.join('?' * len(typed))})", typed)


def _not_in(found: Property, one: Mapping[str, Any]) -> Condition:
    inner = _in(found, one)
    return Condition(f'"{found.name}" IS NOT NULL AND NOT ({inner.sql})', inner.parameters)


def _has(found: Property, _one: Mapping[str, Any]) -> Condition:
    return Condition(f'"{found.name}" IS NOT NULL')


def _has_not(found: Property, _one: Mapping[str, Any]) -> Condition:
    return Condition(f'"{found.name}" IS NULL')


def _contains(found: Property, one: Mapping[str, Any]) -> Condition:
    return tokens(found.name, str(_given(one, "value", "CONTAINS_TOKEN")))


def _contains_not(found: Property, one: Mapping[str, Any]) -> Condition:
    inner = tokens(found.name, str(_given(one, "value", "NOT_CONTAINS_TOKEN")))
    return Condition(f'"{found.name}" IS NOT NULL AND NOT ({inner.sql})', inner.parameters)


_OPERATORS: Mapping[str, Callable[[Property, Mapping[str, Any]], Condition]] = {
    "BETWEEN": _between,
    "IN": _in,
    "NOT_IN": _not_in,
    "HAS_PROPERTY": _has,
    "NOT_HAS_PROPERTY": _has_not,
    "CONTAINS_TOKEN": _contains,
    "NOT_CONTAINS_TOKEN": _contains_not,
}


def tokens(name: str, text: str) -> Condition:
    """Every word of the text is a word of the value; `*` stands for the rest of a word."""
    spaced = f'"{name}"'
    for separator in _SEPARATORS:
        spaced = f"replace({spaced}, '{separator}', ' ')"
    words = text.translate(str.maketrans(_SEPARATORS, " " * len(_SEPARATORS))).split() or [text]
    return joined([Condition(f"' ' || {spaced} || ' ' LIKE ? ESCAPE '\\'", (_pattern(word),)) for word in words], "AND")


def _pattern(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    head = "%" if escaped.startswith("*") else "% "
    tail = "%" if escaped.endswith("*") else " %"
    return head + escaped.strip("*").replace("*", "%") + tail


def _typed(found: Property, value: Any) -> Any:
    """Filter values come as strings; datetimes as epoch milliseconds or ISO 8601."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if found.type in ("datetime", "date"):
        moment = _moment(found.name, text)
        return moment if found.type == "datetime" else moment[:10]
    if found.type == "number":
        return _number(found.name, text)
    if found.type == "bool":
        return int(text.lower() == "true")
    return text


def _moment(name: str, text: str) -> str:
    if _EPOCH.fullmatch(text):
        return stored_datetime(datetime.fromtimestamp(int(text) / 1000, UTC))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise errors.validation(f"{text} is not a valid date for property {name}") from problem
    return stored_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _number(name: str, text: str) -> int | float:
    try:
        return int(text) if _EPOCH.fullmatch(text) else float(text)
    except ValueError as problem:
        raise errors.validation(f"{text} is not a valid number for property {name}") from problem
