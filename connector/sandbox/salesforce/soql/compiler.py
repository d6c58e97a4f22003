"""A SOQL tree as SQL text, parameters and the plan for shaping its rows.

Called by the query resource. It refuses what the vendor refuses: unknown objects and fields, fields that cannot be
sorted or grouped, aggregates beside plain fields.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connector.sandbox.clock import stored_datetime
from connector.sandbox.salesforce.schema import CHILDREN, Child, SObject
from connector.sandbox.salesforce.soql import tree
from connector.sandbox.salesforce.soql.conditions import compile_condition
from connector.sandbox.salesforce.soql.functions import is_aggregate, operand_expression
from connector.sandbox.salesforce.soql.select import Selection, aggregate_leaves
from connector.sandbox.salesforce.soql.shape import Leaf, Node
from connector.sandbox.salesforce.soql.source import Environment, Source

ARCHIVABLE = frozenset({"Task", "Event"})


@dataclass(frozen=True)
class ChildPlan:
    """One sub-query in the SELECT list: run per page, for the page's parents."""

    name: str
    foreign_key: str
    plan: "Plan"


@dataclass(frozen=True)
class Plan:
    """A compiled query. `columns` follow the order of the shape's indexes; column 0 is the record's id."""

    table: SObject
    alias: str
    columns: tuple[str, ...]
    from_sql: str
    where_sql: str
    parameters: tuple[Any, ...]
    tail_sql: str
    order_sql: str
    limit: int | None
    offset: int
    node: Node
    children: tuple[ChildPlan, ...] = ()
    aggregate: tuple[Leaf, ...] | None = None
    count_only: bool = False

    def sql(self, columns: str, extra: str = "") -> str:
        """SELECT of these columns with the query's joins, conditions and order, without its limit."""
        return f"SELECT {columns} FROM {self.from_sql} WHERE {self.where_sql}{extra}{self.tail_sql}{self.order_sql}"


def compile_query(environment: Environment, query: tree.Query) -> Plan:
    """The top-level query."""
    table = next((item for name, item in environment.tables.items() if name.lower() == query.source.text.lower()), None)
    if table is None:
        raise _unknown_object(environment, query.source)
    return _compile(environment, query, Source(environment, table, "t", query.alias))


def _compile(environment: Environment, query: tree.Query, source: Source) -> Plan:
    if _is_aggregate(query):
        return _compile_aggregate(environment, query, source)
    if query.having is not None:
        raise environment.fault("MALFORMED_QUERY", query.source.position, "unexpected token: 'HAVING'")
    selection = Selection(source, query)
    children = tuple(
        _child(environment, source, item.query, number)
        for number, item in enumerate(item for item in query.select if isinstance(item, tree.ChildQuery))
    )
    selection.name_children([child.name for child in children])
    where, parameters = _where(environment, query, source)
    order = _order(query, source, record_id=f'{source.alias}."Id"')
    return Plan(
        table=source.table,
        alias=source.alias,
        columns=tuple(selection.columns),
        from_sql=source.from_sql,
        where_sql=where,
        parameters=tuple(parameters),
        tail_sql="",
        order_sql=order,
        limit=query.limit,
        offset=query.offset or 0,
        node=selection.root,
        children=children,
    )


def _is_aggregate(query: tree.Query) -> bool:
    functions = (isinstance(item, tree.Selected) and is_aggregate(item.operand) for item in query.select)
    return bool(query.group_by) or any(functions)


def _compile_aggregate(environment: Environment, query: tree.Query, source: Source) -> Plan:
    groups = [operand_expression(source, operand, "groupable").sql for operand in query.group_by]
    count_only = len(query.select) == 1 and _is_bare_count(query.select[0])
    if count_only and groups:
        message = "COUNT() cannot be grouped: use COUNT(Id)"
        raise environment.fault("MALFORMED_QUERY", query.source.position, message)
    columns, leaves = aggregate_leaves(source, query, groups)
    where, parameters = _where(environment, query, source)
    tail = f" GROUP BY {', '.join(groups)}" if groups else ""
    if query.having is not None:
        having, more = compile_condition(source, query.having, _sub_select)
        tail += f" HAVING {having}"
        parameters = [*parameters, *more]
    for ordering in query.order_by:
        if operand_expression(source, ordering.operand, None).sql not in {*groups, *columns} and not is_aggregate(
            ordering.operand
        ):
            message = f"Ordered field must be grouped or aggregated: {_spoken(ordering.operand)}"
            raise environment.fault("MALFORMED_QUERY", ordering.operand.position, message)
    return Plan(
        table=source.table,
        alias=source.alias,
        columns=tuple(columns),
        from_sql=source.from_sql,
        where_sql=where,
        parameters=tuple(parameters),
        tail_sql=tail,
        order_sql=_order(query, source, record_id=None),
        limit=query.limit,
        offset=query.offset or 0,
        node=Node("", 0, None),
        aggregate=tuple(leaves),
        count_only=count_only,
    )


def _is_bare_count(item: tree.Item) -> bool:
    operand = item.operand if isinstance(item, tree.Selected) else None
    return isinstance(operand, tree.Call) and operand.name == "COUNT" and operand.argument is None


def _where(environment: Environment, query: tree.Query, source: Source) -> tuple[str, list[Any]]:
    """The query's own condition and what is always hidden: deleted, archived and not yet committed rows."""
    alias, table = source.alias, source.table
    parts: list[str] = []
    parameters: list[Any] = []
    if query.where is not None:
        _refuse_nested_semi_joins(environment, query.where)
        sql, parameters = compile_condition(source, query.where, _sub_select)
        parts.append(f"({sql})")
    if not (environment.include_deleted or query.all_rows):
        if table.soft_delete:
            parts.append(f'{alias}."IsDeleted" IS NOT 1')
        if table.name in ARCHIVABLE:
            parts.append(f'{alias}."IsArchived" IS NOT 1')
    parts.append(f"({alias}._visible_at IS NULL OR {alias}._visible_at <= ?)")
    return " AND ".join(parts), [*parameters, stored_datetime(environment.now)]


def _refuse_nested_semi_joins(environment: Environment, condition: tree.Condition, *, top: bool = True) -> None:
    match condition:
        case tree.Membership(values=tree.Query()) if not top:
            message = (
                "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE"
                " expressions."
            )
            raise environment.fault("MALFORMED_QUERY", condition.operand.position, message)
        case tree.Conjunction():
            for part in condition.parts:
                _refuse_nested_semi_joins(environment, part, top=top)
        case tree.Disjunction():
            for part in condition.parts:
                _refuse_nested_semi_joins(environment, part, top=False)


def _sub_select(outer: Source, query: tree.Query) -> tuple[str, list[Any]]:
    """The inside of `IN (SELECT …)`: one id or reference field of another object."""
    environment = outer.environment
    position = query.source.position
    table = next((t for name, t in environment.tables.items() if name.lower() == query.source.text.lower()), None)
    if table is None:
        raise _unknown_object(environment, query.source)
    item = query.select[0]
    if len(query.select) != 1 or not isinstance(item, tree.Selected) or not isinstance(item.operand, tree.Path):
        raise environment.fault("MALFORMED_QUERY", position, "Only one field can be selected in a semi join sub-select")
    if table is outer.table:
        message = "The inner and outer selects should not be on the same object type"
        raise environment.fault("MALFORMED_QUERY", position, message)
    inner = Source(environment, table, f"{outer.alias}s", query.alias)
    expression = inner.resolve(item.operand)
    if expression.field.type not in {"id", "reference"}:
        message = f"Cannot use a semi join on field {expression.field.name}: it is not an id or a reference"
        raise environment.fault("INVALID_FIELD", item.operand.position, message)
    where, parameters = _where(environment, query, inner)
    sql = f"SELECT {expression.sql} FROM {inner.from_sql} WHERE {where} AND {expression.sql} IS NOT NULL"
    if query.limit is not None:
        sql += f" LIMIT {query.limit}"
    return sql, parameters


def _child(environment: Environment, outer: Source, query: tree.Query, number: int) -> ChildPlan:
    spoken = query.source.names[-1].lower()
    known: Sequence[Child] = CHILDREN.get(outer.table.name, ())
    child = next((item for item in known if item.name.lower() == spoken), None)
    if child is None or child.object not in environment.tables:
        message = (
            f"Didn't understand relationship '{query.source.text}' in FROM part of query call. If you are attempting to"
            " use a custom relationship, be sure to append the '__r' after the custom relationship name. Please"
            " reference your WSDL or the describe call for the appropriate names."
        )
        raise environment.fault("INVALID_TYPE", query.source.position, message)
    source = Source(environment, environment.tables[child.object], f"c{number}", query.alias)
    if any(isinstance(item, tree.ChildQuery) for item in query.select):
        message = "SOQL child relationship queries cannot be nested more than one level"
        raise environment.fault("MALFORMED_QUERY", query.source.position, message)
    return ChildPlan(child.name, f'{source.alias}."{child.field}"', _compile(environment, query, source))


def _order(query: tree.Query, source: Source, record_id: str | None) -> str:
    """ORDER BY with nulls first unless asked otherwise; the id makes the order total, so that paging is stable."""
    parts: list[str] = []
    for ordering in query.order_by:
        expression = operand_expression(source, ordering.operand, "sortable")
        direction = " DESC" if ordering.descending else ""
        nulls = f" NULLS {'LAST' if ordering.nulls_last else 'FIRST'}" if expression.nullable else ""
        parts.append(f"{expression.sql}{direction}{nulls}")
    if record_id is None:
        return f" ORDER BY {', '.join(parts)}" if parts else ""
    if not parts:
        return f" ORDER BY {source.alias}.rowid"
    if record_id not in {part.removesuffix(" DESC") for part in parts}:
        parts.append(record_id)
    return f" ORDER BY {', '.join(parts)}"


def _spoken(operand: tree.Operand) -> str:
    return operand.text if isinstance(operand, tree.Path) else operand.name


def _unknown_object(environment: Environment, path: tree.Path) -> Exception:
    message = (
        f"sObject type '{path.text}' is not supported. If you are attempting to use a custom object, be sure to append"
        " the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names."
    )
    return environment.fault("INVALID_TYPE", path.position, message)
