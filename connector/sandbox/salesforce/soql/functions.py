"""SOQL's functions of one field: aggregates, and parts of dates.

Used by the condition and query compilers.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from connector.sandbox.salesforce.schema import Field
from connector.sandbox.salesforce.soql import tree
from connector.sandbox.salesforce.soql.source import Expression, Source, require
from connector.sandbox.salesforce.soql.values import NUMERIC

AGGREGATES: Final = frozenset({"COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG"})
_DATE_PARTS: Final[Mapping[str, str]] = {
    "CALENDAR_YEAR": "CAST(strftime('%Y', {0}) AS INTEGER)",
    "CALENDAR_MONTH": "CAST(strftime('%m', {0}) AS INTEGER)",
    "CALENDAR_QUARTER": "(CAST(strftime('%m', {0}) AS INTEGER) + 2) / 3",
    "DAY_IN_MONTH": "CAST(strftime('%d', {0}) AS INTEGER)",
    "DAY_IN_WEEK": "CAST(strftime('%w', {0}) AS INTEGER) + 1",
    "DAY_IN_YEAR": "CAST(strftime('%j', {0}) AS INTEGER)",
    "HOUR_IN_DAY": "CAST(strftime('%H', {0}) AS INTEGER)",
    "WEEK_IN_YEAR": "(CAST(strftime('%j', {0}) AS INTEGER) + 6) / 7",
    "DAY_ONLY": "strftime('%Y-%m-%d', {0})",
}
_FISCAL: Final = {"FISCAL_YEAR": "CALENDAR_YEAR", "FISCAL_QUARTER": "CALENDAR_QUARTER"}
_NUMBER: Final = Field("expr", "double", flags="fsg")
_WHOLE: Final = Field("expr", "int", flags="fsg")
_DAY: Final = Field("expr", "date", flags="fsg")


def is_aggregate(operand: tree.Operand) -> bool:
    return isinstance(operand, tree.Call) and operand.name in AGGREGATES


def operand_expression(source: Source, operand: tree.Operand, use: str | None) -> Expression:
    """A field or function as SQL; `use` is what the vendor must allow the bare field for."""
    if isinstance(operand, tree.Path):
        expression = source.resolve(operand)
        return require(source, operand, use, expression) if use else expression
    if operand.name in AGGREGATES:
        return _aggregate(source, operand)
    if operand.name == "TOLABEL" and isinstance(operand.argument, tree.Path):
        return operand_expression(source, operand.argument, use)
    return _date_part(source, operand)


def _aggregate(source: Source, call: tree.Call) -> Expression:
    if call.argument is None:
        if call.name != "COUNT":
            raise source.environment.fault("MALFORMED_QUERY", call.position, "unexpected token: ')'")
        return Expression("COUNT(*)", _WHOLE, nullable=False)
    expression = operand_expression(source, call.argument, None)
    field = expression.field
    allowed = field.type in NUMERIC if call.name in {"SUM", "AVG"} else _aggregatable(field, call.name)
    if not allowed:
        message = f"field {field.name} does not support aggregate operator {call.name}"
        raise source.environment.fault("MALFORMED_QUERY", call.position, message)
    if call.name == "COUNT":
        return Expression(f"COUNT({expression.sql})", _WHOLE, nullable=False)
    if call.name == "COUNT_DISTINCT":
        return Expression(f"COUNT(DISTINCT {expression.sql})", _WHOLE, nullable=False)
    kept = replace(field, flags="fsg") if call.name in {"MIN", "MAX"} else _NUMBER
    return Expression(f"{call.name}({expression.sql})", kept, nullable=True)


def _aggregatable(field: Field, operator: str) -> bool:
    return field.has("aggregatable") or (field.type == "date" and operator in {"MIN", "MAX", "COUNT", "COUNT_DISTINCT"})


def _date_part(source: Source, call: tree.Call) -> Expression:
    template = _DATE_PARTS.get(_FISCAL.get(call.name, call.name))
    if template is None or call.argument is None:
        raise source.environment.fault("MALFORMED_QUERY", call.position, f"Invalid function: {call.name}")
    inner = call.argument
    local = isinstance(inner, tree.Call) and inner.name == "CONVERTTIMEZONE"
    field_path = inner.argument if isinstance(inner, tree.Call) and local else inner
    if not isinstance(field_path, tree.Path):
        raise source.environment.fault("MALFORMED_QUERY", call.position, f"Invalid function: {call.name}")
    expression = source.resolve(field_path)
    if expression.field.type not in {"date", "datetime"}:
        message = f"field {expression.field.name} does not support function {call.name}"
        raise source.environment.fault("INVALID_FIELD", call.position, message)
    sql = expression.sql
    if local:
        offset = source.environment.now.astimezone(source.environment.timezone).utcoffset()
        sql = f"{sql}, '{int(offset.total_seconds()) if offset else 0:+d} seconds'"
    field = _DAY if call.name == "DAY_ONLY" else _WHOLE
    return Expression(template.format(sql), field, nullable=expression.nullable)
