"""The SELECT list: which SQL columns to fetch and how they become the answer's record.

Used by the query compiler.
"""

from collections.abc import Sequence
from typing import Final

from connector.sandbox.salesforce.soql import tree
from connector.sandbox.salesforce.soql.functions import is_aggregate, operand_expression
from connector.sandbox.salesforce.soql.shape import Branches, Leaf, Node, Slot, converter
from connector.sandbox.salesforce.soql.source import Expression, Source

MAX_FIELDS_LIMIT: Final = 200


class Selection:
    """Collects columns and the shape while it walks the SELECT list."""

    def __init__(self, source: Source, query: tree.Query) -> None:
        self._source = source
        self.columns: list[str] = []
        self.root = Node("", self._column(f'{source.alias}."Id"'), source.table.name)
        self._nodes: dict[tuple[str, ...], Node] = {(): self.root}
        self._seen: set[tuple[str, ...]] = set()
        for item in query.select:
            self._add(item, query)

    def name_children(self, names: Sequence[str]) -> None:
        """Give the slots of the sub-queries their relationship's name, in order."""
        remaining = iter(names)
        self.root.parts = [Slot(next(remaining)) if isinstance(part, Slot) else part for part in self.root.parts]

    def _add(self, item: tree.Item, query: tree.Query) -> None:
        match item:
            case tree.ChildQuery():
                self.root.parts.append(Slot(""))
            case tree.TypeOf():
                self._add_typeof(item)
            case tree.Selected(operand=tree.Path() as path):
                if item.alias is not None:
                    raise self._fault(path.position, "only aggregate expressions use field aliasing")
                self._add_path(path)
            case tree.Selected(operand=tree.Call(name="FIELDS") as call):
                self._add_all(call, query)
            case tree.Selected(operand=tree.Call() as call):
                self._add_function(call, item.alias)

    def _add_path(self, path: tree.Path) -> None:
        names = self._source.local(path)
        key = tuple(name.lower() for name in names)
        if key in self._seen:
            raise self._fault(path.position, f"duplicate field selected: {path.text}")
        self._seen.add(key)
        expression = self._source.resolve(path)
        node = self._node(names[:-1], path.position)
        node.parts.append(self._leaf(expression.field.name, expression))

    def _node(self, names: tuple[str, ...], position: int) -> Node:
        key = tuple(name.lower() for name in names)
        if key not in self._nodes:
            outer = self._node(names[:-1], position)
            parent = self._source.parent(names, position)
            index = self._column(f"COALESCE({', '.join(_ids(parent.aliases))}, NULL)")
            object_ = None if parent.polymorphic else parent.aliases[0][0].name
            node = Node(self._source.relationship_name(names), index, object_)
            outer.parts.append(node)
            self._nodes[key] = node
        return self._nodes[key]

    def _add_all(self, call: tree.Call, query: tree.Query) -> None:
        which = call.argument.text.upper() if isinstance(call.argument, tree.Path) else ""
        if which not in {"ALL", "STANDARD", "CUSTOM"}:
            raise self._fault(call.position, "unexpected argument of FIELDS: use ALL, STANDARD or CUSTOM")
        if which != "STANDARD" and (query.limit is None or query.limit > MAX_FIELDS_LIMIT):
            message = f"The SOQL FIELDS function must have a LIMIT of at most {MAX_FIELDS_LIMIT}"
            raise self._fault(call.position, message)
        for field in self._source.table.fields:
            if which == "ALL" or field.custom == (which == "CUSTOM"):
                self._add_path(tree.Path((field.name,), call.position))

    def _add_function(self, call: tree.Call, alias: str | None) -> None:
        expression = operand_expression(self._source, call, None)
        plain = call.name == "TOLABEL"
        self.root.parts.append(self._leaf(alias or (expression.field.name if plain else "expr0"), expression))

    def _add_typeof(self, item: tree.TypeOf) -> None:
        names = item.relationship.names
        parent = self._source.parent(names, item.relationship.position)
        by_object = {table.name.lower(): (table, alias) for table, alias in parent.aliases}
        branches: dict[str, list[Leaf]] = {}
        for object_, paths in item.branches:
            if object_.lower() not in by_object:
                raise self._fault(item.relationship.position, f"{object_} is not a type of {names[-1]}")
            table, alias = by_object[object_.lower()]
            inner = Source(self._source.environment, table, alias, None)
            branches[table.name] = [self._inner_leaf(inner, path) for path in paths]
        otherwise = [
            self._inner_leaf(self._source, tree.Path((*names, *path.names), path.position)) for path in item.otherwise
        ]
        index = self._column(f"COALESCE({', '.join(_ids(parent.aliases))}, NULL)")
        self.root.parts.append(Branches(self._source.relationship_name(names), index, branches, otherwise))

    def _inner_leaf(self, source: Source, path: tree.Path) -> Leaf:
        if source is not self._source and len(path.names) > 1:
            raise self._fault(path.position, "Relationship fields are not supported in TYPEOF")
        expression = source.resolve(path)
        return self._leaf(expression.field.name, expression)

    def _leaf(self, name: str, expression: Expression) -> Leaf:
        return Leaf(name, self._column(expression.sql), converter(expression.field))

    def _column(self, sql: str) -> int:
        self.columns.append(sql)
        return len(self.columns) - 1

    def _fault(self, position: int, message: str) -> Exception:
        return self._source.environment.fault("MALFORMED_QUERY", position, message)


def aggregate_leaves(source: Source, query: tree.Query, groups: Sequence[str]) -> tuple[list[str], list[Leaf]]:
    """Columns and names of an aggregate query: the alias, the field's name, or expr0, expr1, …"""
    columns: list[str] = []
    leaves: list[Leaf] = []
    unnamed = 0
    for item in query.select:
        if not isinstance(item, tree.Selected):
            raise source.environment.fault("MALFORMED_QUERY", query.source.position, "Sub-queries cannot be grouped")
        operand = item.operand
        expression = operand_expression(source, operand, None)
        if not is_aggregate(operand) and expression.sql not in groups:
            spoken = operand.text if isinstance(operand, tree.Path) else operand.name
            message = f"Field must be grouped or aggregated: {spoken}"
            raise source.environment.fault("MALFORMED_QUERY", operand.position, message)
        name = item.alias
        if name is None and isinstance(operand, tree.Path):
            name = expression.field.name
        if name is None:
            name = f"expr{unnamed}"
            unnamed += 1
        leaves.append(Leaf(name, len(columns), converter(expression.field)))
        columns.append(expression.sql)
    return columns, leaves


def _ids(aliases: Sequence[tuple[object, str]]) -> list[str]:
    return [f'{alias}."Id"' for _, alias in aliases]
