"""Which records a list's filters want, as SQL: the branches and operations that the simulated company uses.

Called by `lists`; the vendor knows many more kinds of filters, which are refused here as not valid.
"""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.hubspot import errors
from connector.sandbox.hubspot.definitions import Definitions, definitions
from connector.sandbox.hubspot.filters import Condition, joined
from connector.sandbox.world import World

_NOBODY = Condition("1 = 0")


def wanted(world: World, object_: str, branch: Mapping[str, Any] | None) -> list[str]:
    """The ids of the records that fit."""
    found = condition(definitions(world), object_, branch)
    sql = f'SELECT "id" FROM "hubspot_{object_}" WHERE "archived" = 0 AND ("_visible_at" IS NULL OR "_visible_at" <= ?)'
    rows = world.tuples(f'{sql} AND ({found.sql}) ORDER BY "hs_object_id"', (world.now(), *found.parameters))
    return [str(row[0]) for row in rows]


def condition(known: Definitions, object_: str, branch: Mapping[str, Any] | None) -> Condition:
    """OR and AND branches of property filters; without filters nobody is in the list."""
    if not isinstance(branch, Mapping):
        return _NOBODY
    kind = branch.get("filterBranchType")
    if kind not in ("OR", "AND"):
        raise errors.validation(f"Filter branch type {kind} is not valid here", subCategory="ILS.INVALID_FILTER")
    parts = [condition(known, object_, one) for one in branch.get("filterBranches") or []]
    parts += [_filter(known, object_, one) for one in branch.get("filters") or []]
    return joined(parts, kind) if parts else _NOBODY


def _filter(known: Definitions, object_: str, one: Mapping[str, Any]) -> Condition:
    operation = one.get("operation") or {}
    found = known.find(object_, str(one.get("property")))
    if one.get("filterType") != "PROPERTY" or found is None:
        told = f"Filter on {one.get('property')} of type {one.get('filterType')} is not valid"
        raise errors.validation(told, subCategory="ILS.INVALID_FILTER")
    column, operator = f'"{found.name}"', operation.get("operator")
    if operator in ("IS_KNOWN", "IS_UNKNOWN"):
        return Condition(f"{column} IS {'NOT ' if operator == 'IS_KNOWN' else ''}NULL")
    if operation.get("operationType") == "BOOL" and operator == "IS_EQUAL_TO":
        return Condition(f"{column} = ?", (int(bool(operation.get("value"))),))
    values = tuple(str(each) for each in operation.get("values") or ())
    if operator in ("IS_ANY_OF", "IS_EQUAL_TO") and values:
        return Condition(f"{column} IN ({', '.join('?' * len(values))})", values)
    if operator in ("IS_NONE_OF", "IS_NOT_EQUAL_TO") and values:
        return Condition(f"({column} IS NULL OR {column} NOT IN ({', '.join('?' * len(values))}))", values)
    raise errors.validation(f"Operator {operator} is not valid for {found.name}", subCategory="ILS.INVALID_FILTER")
