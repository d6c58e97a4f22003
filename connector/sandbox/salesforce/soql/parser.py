"""SOQL text to syntax tree, refusing bad syntax in the vendor's words.

Called by the compiler's callers; it knows nothing of objects or fields.
"""

from functools import lru_cache
from importlib import resources
from typing import Any, Final

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedEOF, UnexpectedInput, UnexpectedToken, VisitError

from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.soql import tree

MAX_LENGTH: Final = 100_000
MAX_OFFSET: Final = 2_000
_NOT_A_DATE_WORD: Final = {"true": "boolean", "false": "boolean", "null": "null"}


def parse(text: str) -> tree.Query:
    """The query's tree; raises MALFORMED_QUERY as the vendor does."""
    if len(text) > MAX_LENGTH:
        raise SalesforceError(400, "QUERY_TOO_COMPLICATED", "SOQL statements cannot be longer than 100000 characters.")
    if not text.strip():
        raise SalesforceError(400, "MALFORMED_QUERY", "SOQL statements can not be empty or null")
    try:
        parsed = _lark().parse(text)
        query = _Builder().transform(parsed)
    except UnexpectedInput as error:
        raise _malformed(text, error) from error
    except VisitError as error:
        if isinstance(error.orig_exc, SalesforceError):
            raise error.orig_exc from error
        raise
    assert isinstance(query, tree.Query)
    return query


def at(text: str, position: int, message: str) -> str:
    """A message that quotes the query and points at the position, as the vendor's do."""
    before = text[:position]
    row = before.count("\n") + 1
    column = position - (before.rfind("\n") + 1) + 1
    lines = text.split("\n")
    line = lines[row - 1] if row <= len(lines) else ""
    start = max(0, column - 41)
    shown = line[start : column + 40]
    return f"\n{shown}\n{' ' * (column - 1 - start)}^\nERROR at Row:{row}:Column:{column}\n{message}"


@lru_cache
def _lark() -> Lark:
    package = resources.files("connector.sandbox.salesforce.soql")
    grammar = package.joinpath("grammar.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", propagate_positions=True, maybe_placeholders=True)


def _malformed(text: str, error: UnexpectedInput) -> SalesforceError:
    position = error.pos_in_stream or 0
    found = text[position : position + 1] or "<EOF>"
    if isinstance(error, UnexpectedToken):
        found = "<EOF>" if error.token.type == "$END" else str(error.token)
    if isinstance(error, UnexpectedEOF) or found == "<EOF>":
        position, found = len(text), "<EOF>"
    return SalesforceError(400, "MALFORMED_QUERY", at(text, position, f"unexpected token: '{found}'"))


def _path(token: Token) -> tree.Path:
    return tree.Path(tuple(str(token).split(".")), token.start_pos or 0)


class _Builder(Transformer[Token, Any]):
    """Lark's tree to ours, bottom up."""

    def start(self, parts: list[Any]) -> tree.Query:
        query: tree.Query = parts[0]
        return query

    def path(self, parts: list[Any]) -> tree.Path:
        return _path(parts[0])

    def operand(self, parts: list[Any]) -> tree.Operand:
        operand: tree.Operand = parts[0]
        return operand

    group_item = operand

    def call(self, parts: list[Any]) -> tree.Call:
        name, argument = parts
        return tree.Call(str(name).upper(), argument, name.start_pos or 0)

    def alias(self, parts: list[Any]) -> str:
        return str(parts[0])

    def plain(self, parts: list[Any]) -> tree.Selected:
        return tree.Selected(_path(parts[0]), parts[1])

    def function(self, parts: list[Any]) -> tree.Selected:
        return tree.Selected(parts[0], parts[1])

    def child(self, parts: list[Any]) -> tree.ChildQuery:
        return tree.ChildQuery(parts[0])

    def field_list(self, parts: list[Any]) -> tuple[tree.Path, ...]:
        return tuple(_path(part) for part in parts)

    def when(self, parts: list[Any]) -> tuple[str, tuple[tree.Path, ...]]:
        return str(parts[0]), parts[1]

    def typeof(self, parts: list[Any]) -> tree.TypeOf:
        relationship, *branches, otherwise = parts
        return tree.TypeOf(_path(relationship), tuple(branches), otherwise or ())

    def select_list(self, parts: list[Any]) -> tuple[tree.Item, ...]:
        return tuple(parts)

    def value(self, parts: list[Any]) -> tree.Literal:
        token: Token = parts[0]
        text = str(token)
        kind = {"STRING": "string", "DATETIME": "datetime", "DATE": "date", "NUMBER": "number"}.get(token.type)
        if kind is None:
            kind = _NOT_A_DATE_WORD.get(text.lower(), "range")
        return tree.Literal(kind, text, token.start_pos or 0)

    def members(self, parts: list[Any]) -> "tuple[tree.Literal, ...] | tree.Query":
        if isinstance(parts[0], tree.Query):
            return parts[0]
        return tuple(parts)

    def comparison(self, parts: list[Any]) -> tree.Comparison:
        operand, operator, value = parts
        name = str(operator).upper()
        return tree.Comparison(operand, "!=" if name == "<>" else name, value)

    def member(self, parts: list[Any]) -> tree.Membership:
        return tree.Membership(parts[0], len(parts) == 3, parts[-1])

    def conjunction(self, parts: list[Any]) -> tree.Conjunction:
        return tree.Conjunction(tuple(parts))

    def disjunction(self, parts: list[Any]) -> tree.Disjunction:
        return tree.Disjunction(tuple(parts))

    def negation(self, parts: list[Any]) -> tree.Negation:
        return tree.Negation(parts[0])

    def where(self, parts: list[Any]) -> tree.Condition:
        condition: tree.Condition = parts[0]
        return condition

    having = where

    def group(self, parts: list[Any]) -> tuple[tuple[tree.Operand, ...], tree.Condition | None]:
        return tuple(parts[:-1]), parts[-1]

    def order_item(self, parts: list[Any]) -> tree.Ordering:
        operand, direction, nulls = parts
        descending = direction is not None and str(direction).upper() == "DESC"
        return tree.Ordering(operand, descending, nulls is not None and str(nulls).upper().endswith("LAST"))

    def order(self, parts: list[Any]) -> tuple[tree.Ordering, ...]:
        return tuple(parts)

    def limit(self, parts: list[Any]) -> int:
        return _whole(parts[0])

    def offset(self, parts: list[Any]) -> int:
        number = _whole(parts[0])
        if number > MAX_OFFSET:
            message = f"Maximum SOQL offset allowed is {MAX_OFFSET}"
            raise SalesforceError(400, "NUMBER_OUTSIDE_VALID_RANGE", message)
        return number

    def query(self, parts: list[Any]) -> tree.Query:
        select, source, alias, _scope, where, group, order, limit, offset, _use, all_rows = parts
        group_by, having = group or ((), None)
        return tree.Query(
            select=select,
            source=_path(source),
            alias=alias,
            where=where,
            group_by=group_by,
            having=having,
            order_by=order or (),
            limit=limit,
            offset=offset,
            all_rows=all_rows is not None,
        )


def _whole(token: Token) -> int:
    if not str(token).isdigit():
        raise SalesforceError(400, "MALFORMED_QUERY", f"unexpected token: '{token}'")
    return int(token)
