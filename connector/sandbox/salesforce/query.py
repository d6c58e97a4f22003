"""Runs SOQL over the world's tables: pages, locators, child sub-queries, aggregates.

Called by the HTTP resources and by record reads. Memory stays modest: a locator keeps row numbers, not rows.
"""

import json
import threading
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.ids import salesforce_id
from connector.sandbox.salesforce.schema import SObject
from connector.sandbox.salesforce.soql.compiler import ChildPlan, Plan, compile_query
from connector.sandbox.salesforce.soql.parser import parse
from connector.sandbox.salesforce.soql.shape import Record, Row, aggregate_record, shaper
from connector.sandbox.salesforce.soql.source import Environment
from connector.sandbox.world import World

MAX_BATCH: Final = 2_000
MIN_BATCH: Final = 200
MAX_OPEN_LOCATORS: Final = 100
LOCATOR_LIFE: Final = timedelta(days=2)  # so the vendor's query guide
TIMEZONE: Final = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True)
class Ask:
    """One query as asked: its text, the API's path for addresses, the page size, deleted rows or not."""

    soql: str
    base: str
    batch: int = MAX_BATCH
    include_deleted: bool = False


@dataclass(frozen=True)
class _Cursor:
    plan: Plan
    rows: "array[int]"
    batch: int
    expires: datetime


class QueryService:
    """All running queries of the org."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._cursors: OrderedDict[str, _Cursor] = OrderedDict()
        self._opened = 0

    def run(self, ask: Ask) -> dict[str, Any]:
        """The first page of a query."""
        plan = self._compile(ask)
        if plan.aggregate is not None:
            return self._aggregate(plan)
        batch = max(MIN_BATCH, min(MAX_BATCH, ask.batch))
        with self._world.lock:
            wanted = batch + 1 if plan.limit is None else min(plan.limit, batch + 1)
            sql = f"{plan.sql(', '.join(plan.columns))} LIMIT {wanted} OFFSET {plan.offset}"
            rows = self._world.tuples(sql, plan.parameters)
            if len(rows) <= batch:
                records = self._records(plan, rows, ask.base)
                return {"totalSize": len(records), "done": True, "records": records}
            cursor = _Cursor(plan, self._row_numbers(plan), batch, self._world.clock.now() + LOCATOR_LIFE)
        locator = self._open(cursor)
        return self._answer(cursor, locator, (0, self._records(plan, rows[:batch], ask.base)), ask.base)

    def more(self, locator_and_offset: str, base: str) -> dict[str, Any]:
        """A further page, by the tail of `nextRecordsUrl`."""
        locator, _, offset_text = locator_and_offset.partition("-")
        with self._lock:
            cursor = self._cursors.get(locator)
        expired = cursor is not None and cursor.expires <= self._world.clock.now()
        if cursor is None or expired or not offset_text.isdigit() or int(offset_text) > len(cursor.rows):
            raise SalesforceError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        offset = int(offset_text)
        rows = self._page(cursor.plan, cursor.rows[offset : offset + cursor.batch])
        return self._answer(cursor, locator, (offset, self._records(cursor.plan, rows, base)), base)

    def records(self, ask: Ask) -> list[Record]:
        """All records of a small query, for the resources that read single records."""
        found: list[Record] = self.run(ask)["records"]
        return found

    def plan(self, ask: Ask) -> Plan:
        """The compiled query, for bulk jobs, which keep their rows themselves."""
        return self._compile(ask)

    def _compile(self, ask: Ask) -> Plan:
        known = self._world.conditions.objects("salesforce", self._world.tables["salesforce"])
        tables = {name: table for name, table in known.items() if isinstance(table, SObject)}
        now = self._world.clock.now()
        environment = Environment(tables, now, TIMEZONE, ask.soql, include_deleted=ask.include_deleted)
        return compile_query(environment, parse(ask.soql))

    def _aggregate(self, plan: Plan) -> dict[str, Any]:
        sql = plan.sql(", ".join(plan.columns))
        if not plan.count_only:
            limit = MAX_BATCH + 1 if plan.limit is None else plan.limit
            sql += f" LIMIT {limit} OFFSET {plan.offset}"
        rows = self._world.tuples(sql, plan.parameters)
        if plan.count_only:
            total = rows[0][0] if plan.limit is None else min(rows[0][0], plan.limit)
            return {"totalSize": total, "done": True, "records": []}
        if len(rows) > MAX_BATCH:
            message = (
                "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch"
            )
            raise SalesforceError(500, "EXCEEDED_ID_LIMIT", message)
        records = [aggregate_record(plan.aggregate or (), row) for row in rows]
        return {"totalSize": len(records), "done": True, "records": records}

    def _row_numbers(self, plan: Plan) -> "array[int]":
        limit = -1 if plan.limit is None else plan.limit
        sql = f"{plan.sql(f'{plan.alias}.rowid')} LIMIT {limit} OFFSET {plan.offset}"
        return array("q", (row[0] for row in self._world.tuples(sql, plan.parameters)))

    def _page(self, plan: Plan, numbers: "array[int]") -> list[Row]:
        columns = ", ".join([*plan.columns, f"{plan.alias}.rowid"])
        within = f"{plan.alias}.rowid IN (SELECT value FROM json_each(?))"
        sql = f"SELECT {columns} FROM {plan.from_sql} WHERE {within}"
        found = {row[-1]: row for row in self._world.tuples(sql, (json.dumps(numbers.tolist()),))}
        return [found[number] for number in numbers if number in found]

    def _open(self, cursor: _Cursor) -> str:
        with self._lock:
            self._opened += 1
            locator = salesforce_id("01g", self._opened)
            self._cursors[locator] = cursor
            while len(self._cursors) > MAX_OPEN_LOCATORS:
                self._cursors.popitem(last=False)
        return locator

    def _answer(self, cursor: _Cursor, locator: str, page: tuple[int, list[Record]], base: str) -> dict[str, Any]:
        offset, records = page
        following = offset + cursor.batch
        answer: dict[str, Any] = {"totalSize": len(cursor.rows), "done": following >= len(cursor.rows)}
        if not answer["done"]:
            answer["nextRecordsUrl"] = f"{base}/query/{locator}-{following}"
        return answer | {"records": records}

    def _records(self, plan: Plan, rows: Sequence[Row], base: str) -> list[Record]:
        build = shaper(plan.node, base)
        records = [record for row in rows if (record := build(row)) is not None]
        for child in plan.children:
            by_parent = self._children(child, [row[0] for row in rows], base)
            for row, record in zip(rows, records, strict=True):
                record[child.name] = _child_answer(by_parent.get(row[0], []), child.plan)
        return records

    def _children(self, child: ChildPlan, parents: Sequence[str], base: str) -> dict[str, list[Record]]:
        plan = child.plan
        build = shaper(plan.node, base)
        sql = plan.sql(
            ", ".join([*plan.columns, child.foreign_key]),
            f" AND {child.foreign_key} IN (SELECT value FROM json_each(?))",
        )
        grouped: dict[str, list[Record]] = {}
        for row in self._world.tuples(sql, (*plan.parameters, json.dumps(parents))):
            record = build(row)
            if record is not None:
                grouped.setdefault(row[-1], []).append(record)
        return grouped


def _child_answer(records: list[Record], plan: Plan) -> dict[str, Any] | None:
    last = None if plan.limit is None else plan.offset + plan.limit
    kept = records[plan.offset : last]
    return {"totalSize": len(kept), "done": True, "records": kept} if kept else None
