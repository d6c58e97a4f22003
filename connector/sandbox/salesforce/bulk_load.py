"""The work of an ingest job: each uploaded row written by the rules of sObject Collections, batch after batch.

Called when a job's upload is closed. It knows which values a cell can mean and which rows get in each other's way.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote

from connector.sandbox.salesforce import collections
from connector.sandbox.salesforce.bulk_csv import BadUpload, Sheet
from connector.sandbox.salesforce.call import Call
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.incoming import stored_values
from connector.sandbox.salesforce.schema import Field, SObject

NULL: Final = "#N/A"
PARENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "Contact": ("AccountId",),
    "Opportunity": ("AccountId",),
    "OpportunityContactRole": ("OpportunityId",),
    "CampaignMember": ("CampaignId",),
    "Task": ("WhatId", "WhoId"),
    "Event": ("WhatId", "WhoId"),
}
"""Whose row is locked while a child is written: the first of these columns that is filled."""
_TRUE: Final = frozenset({"yes", "y", "true", "on", "1"})
_FALSE: Final = frozenset({"no", "n", "false", "off", "0"})
_LOCKED: Final = "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records: {parent}:--"
Item = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """What is to be done with the rows: insert, update, upsert (by `key`) or delete records of one object."""

    operation: str
    table: SObject
    key: str | None = None


@dataclass(frozen=True)
class Written:
    """The fate of one row. `error` is the text of `sf__Error`, None for a row that was accepted."""

    row: tuple[str, ...]
    record_id: str = ""
    created: bool = False
    error: str | None = None


def check_columns(task: Task, sheet: Sheet) -> tuple[Field, ...]:
    """The columns' fields. An unknown, repeated or missing column fails the whole job: raises `BadUpload`."""
    fields = []
    for column in sheet.columns:
        field = task.table.by_name.get(column.lower())
        if field is None or field in fields:
            raise BadUpload(f"InvalidBatch : Field name not found : {column}")
        fields.append(field)
    needed = task.key if task.operation == "upsert" else None if task.operation == "insert" else "Id"
    if needed and needed not in {field.name for field in fields}:
        raise BadUpload(f"InvalidBatch : Field name not found : {needed}")
    return tuple(fields)


def load(call: Call, task: Task, sheet: Sheet, batch_rows: int) -> Iterator[list[Written]]:
    """The rows' fates, one list a batch; a batch is written when it is asked for."""
    fields = check_columns(task, sheet)
    items = [_item(task, fields, row) for row in sheet.rows]
    locked = {**_locked(task, items, batch_rows), **call.world.conditions.refused_rows(call.path["job"], len(items))}
    for start in range(0, len(items), batch_rows):
        places = range(start, min(start + batch_rows, len(items)))
        free = [place for place in places if place not in locked]
        fates = dict(zip(free, _write(call, task, [items[place] for place in free]), strict=True))
        yield [_written(sheet.rows[place], items[place], fates.get(place) or locked[place]) for place in places]


def _item(task: Task, fields: Sequence[Field], row: Sequence[str]) -> Item:
    """One row as a record: an empty cell says nothing, #N/A says null."""
    item: Item = {"attributes": {"type": task.table.name}}
    for field, cell in zip(fields, row, strict=True):
        if cell != "":
            item[field.name] = None if cell == NULL else _value(field, cell)
    return item


def _value(field: Field, cell: str) -> str:
    if field.type != "boolean":
        return cell
    word = cell.strip().lower()
    return "true" if word in _TRUE else "false" if word in _FALSE else cell


def _locked(task: Task, items: Sequence[Item], batch_rows: int) -> dict[int, str]:
    """Rows that find their parent locked, with the refusal.

    Batches run side by side, so children of one parent in two of them collide – unless they stand together: a run of
    siblings that crosses the border is finished by the batches one after the other. The first run of a parent wins.
    """
    columns = PARENTS.get(task.table.name, ()) if task.operation != "delete" else ()
    refused: dict[int, str] = {}
    held: dict[str, int] = {}  # the batch of each parent's last accepted row
    current: str | None = None
    earlier: int | None = None  # the batch of an earlier run of the current parent
    for place, item in enumerate(items):
        parent = next((str(item[name]) for name in columns if item.get(name)), None)
        if parent != current:
            current, earlier = parent, held.get(parent or "")
        if parent is None:
            continue
        batch = place // batch_rows
        if earlier is not None and earlier != batch:
            refused[place] = _LOCKED.format(parent=parent)
        else:
            held[parent] = batch
    return refused


def _write(call: Call, task: Task, items: Sequence[Item]) -> list[dict[str, Any]]:
    """The results of a collection call for each 200 rows."""
    results: list[dict[str, Any]] = []
    for start in range(0, len(items), collections.MAX_RECORDS):
        results += _collection(call, task, items[start : start + collections.MAX_RECORDS])
    return results


def _collection(call: Call, task: Task, items: Sequence[Item]) -> list[dict[str, Any]]:
    path = {"version": call.version, "object": task.table.name, "field": task.key or ""}
    inner = replace(call, path=path, params={}, headers={}, scope={})
    match task.operation:
        case "delete":
            ids = ",".join(quote(str(item.get("Id", "")), safe="") or "-" for item in items)
            response = collections.delete_many(replace(inner, method="DELETE", params={"ids": ids}))
        case operation:
            body = json.dumps({"allOrNone": False, "records": items}).encode()
            perform = {
                "insert": collections.create_many,
                "update": collections.update_many,
                "upsert": collections.upsert_many,
            }[operation]
            response = perform(replace(inner, method="POST", body=body))
    results: list[dict[str, Any]] = json.loads(bytes(response.body))
    return [_told(call, task, item, result) for item, result in zip(items, results, strict=True)]


def _told(call: Call, task: Task, item: Item, result: dict[str, Any]) -> dict[str, Any]:
    """A collection's result; a value of the wrong type is worded as Bulk words it, for there is no JSON to parse."""
    if result["success"]:
        return {"created": task.operation == "insert", **result}
    error = result["errors"][0]
    if error["statusCode"] == "JSON_PARSER_ERROR":
        for field in _wrong_types(call, task, item):
            message = f"{field.label}: value not of required type: {item[field.name]}"
            error = {"statusCode": "INVALID_TYPE_ON_FIELD_IN_RECORD", "message": message, "fields": [field.name]}
            break
    return {"success": False, "errors": [error]}


def _wrong_types(call: Call, task: Task, item: Item) -> Iterator[Field]:
    for name, value in item.items():
        try:
            stored_values(call.world, task.table, {name: value}, creating=False)
        except SalesforceError as error:
            if error.code == "JSON_PARSER_ERROR":
                yield task.table.by_name[name.lower()]


def _written(row: tuple[str, ...], item: Item, fate: dict[str, Any] | str) -> Written:
    known = str(item.get("Id") or "")
    if isinstance(fate, str):
        return Written(row, known, error=fate)
    if fate["success"]:
        return Written(row, fate["id"], fate["created"])
    error = fate["errors"][0]
    fields = " ".join([*error["fields"], "--"])
    return Written(row, known, error=f"{error['statusCode']}:{error['message']}:{fields}")
