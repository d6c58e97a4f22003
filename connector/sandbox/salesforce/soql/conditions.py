"""WHERE and HAVING as parametrised SQL, with SOQL's own ideas of null and of case.

Called by the query compiler. Sub-selects are compiled by a function that it hands in, so that the two do not know
each other's insides.
"""

from collections.abc import Callable
from typing import Any, Final

from connector.sandbox.salesforce.soql import tree
from connector.sandbox.salesforce.soql.functions import operand_expression
from connector.sandbox.salesforce.soql.source import Expression, Source
from connector.sandbox.salesforce.soql.values import bounds, kind_of, stored_value, unescape

Compiled = tuple[str, list[Any]]
SubSelect = Callable[[Source, tree.Query], Compiled]

_TEXT_ONLY: Final = frozenset({"string", "textarea", "picklist", "combobox", "email", "phone", "url"})
_TEMPORAL: Final = frozenset({"date", "datetime"})


def compile_condition(source: Source, condition: tree.Condition, sub_select: SubSelect) -> Compiled:
    """The condition as SQL text and its parameters."""
    match condition:
        case tree.Comparison():
            return _comparison(source, condition)
        case tree.Membership():
            return _membership(source, condition, sub_select)
        case tree.Negation():
            sql, parameters = compile_condition(source, condition.part, sub_select)
            return f"NOT COALESCE(({sql}), 0)", parameters
        case tree.Conjunction() | tree.Disjunction():
            word = " AND " if isinstance(condition, tree.Conjunction) else " OR "
            parts = [compile_condition(source, part, sub_select) for part in condition.parts]
            sql = word.join(f"({sql})" for sql, _ in parts)
            parameters = [value for _, values in parts for value in values]
            return _with_implied_bound(source, condition, (sql, parameters))


def _with_implied_bound(source: Source, condition: tree.Conjunction | tree.Disjunction, compiled: Compiled) -> Compiled:
    """`(stamp = X AND Id > last) OR stamp > X` implies `stamp >= X`: said aloud, SQLite starts there in its index."""
    if isinstance(condition, tree.Conjunction):
        return compiled
    found = [_lower_bound(part) for part in condition.parts]
    paths = {item.operand.text.lower() for item in found if item and isinstance(item.operand, tree.Path)}
    if None in found or len(paths) != 1:
        return compiled
    bounding = [item for item in found if item is not None]
    expression = operand_expression(source, bounding[0].operand, "filterable")
    least = min(stored_value(source.environment, expression.field, item.value) for item in bounding)
    sql, parameters = compiled
    return f"({sql}) AND {expression.sql} >= ?", [*parameters, least]


def _lower_bound(condition: tree.Condition) -> tree.Comparison | None:
    """The part of a condition that bounds a date or datetime from below, if one does."""
    match condition:
        case tree.Comparison(operand=tree.Path(), operator="=" | ">" | ">=") if condition.value.kind in _TEMPORAL:
            return condition
        case tree.Conjunction():
            return next((found for part in condition.parts if (found := _lower_bound(part))), None)
    return None


def _comparison(source: Source, comparison: tree.Comparison) -> Compiled:
    expression = operand_expression(source, comparison.operand, "filterable")
    operator, literal = comparison.operator, comparison.value
    if operator == "LIKE":
        return _like(source, expression, literal)
    if literal.kind == "range":
        return _range(source, expression, operator, literal)
    value = None if literal.kind == "null" else stored_value(source.environment, expression.field, literal)
    sql = _column(expression)
    if value is None or value == "":
        if operator not in {"=", "!="}:
            raise source.environment.fault("MALFORMED_QUERY", literal.position, "invalid operator for null")
        return f"{sql} IS {'NOT ' if operator == '!=' else ''}NULL", []
    if operator == "!=" and expression.nullable:
        return f"{sql} IS NOT ?", [value]
    return f"{sql} {operator} ?", [value]


def _column(expression: Expression) -> str:
    """A missing checkbox value counts as false, also in a comparison."""
    return f"COALESCE({expression.sql}, 0)" if expression.field.type == "boolean" else expression.sql


def _like(source: Source, expression: Expression, literal: tree.Literal) -> Compiled:
    if expression.field.type not in _TEXT_ONLY or literal.kind != "string":
        kind = "id" if expression.field.type in {"id", "reference"} else kind_of(expression.field)
        code = "INVALID_QUERY_FILTER_OPERATOR"
        raise source.environment.fault(code, literal.position, f"invalid operator on {kind} field")
    pattern = unescape(source.environment, literal, like=True)
    return f"{expression.sql} LIKE ? ESCAPE '\\'", [pattern]


def _range(source: Source, expression: Expression, operator: str, literal: tree.Literal) -> Compiled:
    first, last = bounds(source.environment, expression.field, literal)
    sql = expression.sql
    match operator:
        case "=":
            return f"{sql} >= ? AND {sql} < ?", [first, last]
        case "!=":
            return f"{sql} IS NULL OR {sql} < ? OR {sql} >= ?", [first, last]
        case "<":
            return f"{sql} < ?", [first]
        case "<=":
            return f"{sql} < ?", [last]
        case ">":
            return f"{sql} >= ?", [last]
        case _:
            return f"{sql} >= ?", [first]


def _membership(source: Source, membership: tree.Membership, sub_select: SubSelect) -> Compiled:
    expression = operand_expression(source, membership.operand, "filterable")
    if isinstance(membership.values, tree.Query):
        inside, parameters = sub_select(source, membership.values)
        word = "NOT IN" if membership.negated else "IN"
        return f"{expression.sql} {word} ({inside})", parameters
    environment, field = source.environment, expression.field
    values = [stored_value(environment, field, item) for item in membership.values if item.kind != "null"]
    values = [value for value in values if value != ""]
    null = len(values) < len(membership.values)
    sql = _column(expression)
    marks = ", ".join("?" * len(values))
    if membership.negated:
        empty = "IS NOT NULL" if null else "IS NULL"
        return f"{sql} {empty} {'AND' if null else 'OR'} {sql} NOT IN ({marks})", values
    return f"{sql} IN ({marks})" + (f" OR {sql} IS NULL" if null else ""), values
