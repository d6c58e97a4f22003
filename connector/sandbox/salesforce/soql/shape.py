"""Rows of SQL as the vendor's nested records: attributes, parents as objects, datetimes in the wire form.

Built by the query compiler, used by the query resource for each page.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from connector.sandbox.salesforce.schema import Field, object_of_id

Row = Sequence[Any]
Record = dict[str, Any]
Convert = Callable[[Any], Any]


def wire_datetime(value: str | None) -> str | None:
    """`2015-06-26T19:46:33.000Z` as stored -> `2015-06-26T19:46:33.000+0000` as answered."""
    return None if value is None else value[:-1] + "+0000"


def _wire_json(value: str | None) -> Any:
    if value is None:
        return None
    return json.loads(value) | {"geocodeAccuracy": None, "latitude": None, "longitude": None}


_CONVERT: Final[dict[str, Convert]] = {"boolean": bool, "datetime": wire_datetime, "address": _wire_json}


def converter(field_: Field) -> Convert | None:
    """How a stored value becomes the answer's; None when it stays as it is."""
    return _CONVERT.get(field_.type)


@dataclass(frozen=True)
class Leaf:
    name: str
    index: int
    convert: Convert | None


@dataclass(frozen=True)
class Slot:
    """The place of a child sub-query's result."""

    name: str


@dataclass(frozen=True)
class Branches:
    """A TYPEOF: the fields to answer depend on the parent's object."""

    name: str
    id_index: int
    by_object: dict[str, list[Leaf]]
    otherwise: list[Leaf]


@dataclass
class Node:
    """One record to build: the record asked for, or one of its parents."""

    name: str
    id_index: int
    object: str | None
    parts: "list[Leaf | Node | Slot | Branches]" = field(default_factory=list)


def shaper(node: Node, base: str) -> Callable[[Row], Record | None]:
    """A function from row to record; `base` is the API's path, for the records' addresses."""
    leaves = [part for part in node.parts if isinstance(part, Leaf)]
    nested = {part.name: shaper(part, base) for part in node.parts if isinstance(part, Node)}
    plain = len(leaves) == len(node.parts)
    order = node.parts
    kind, id_index = node.object, node.id_index

    def build(row: Row) -> Record | None:
        record_id = row[id_index]
        if record_id is None:
            return None
        actual = kind or object_of_id(record_id) or "Name"
        record: Record = {
            "attributes": {"type": kind or "Name", "url": f"{base}/sobjects/{actual}/{record_id}"},
        }
        if plain:
            _fill(record, leaves, row)
            return record
        for part in order:
            match part:
                case Leaf():
                    _fill(record, (part,), row)
                case Node():
                    record[part.name] = nested[part.name](row)
                case Branches():
                    record[part.name] = _branch(part, row, base)
                case Slot():
                    record[part.name] = None
        return record

    return build


def aggregate_record(leaves: Sequence[Leaf], row: Row) -> Record:
    record: Record = {"attributes": {"type": "AggregateResult"}}
    _fill(record, leaves, row)
    return record


def _fill(record: Record, leaves: Sequence[Leaf], row: Row) -> None:
    for leaf in leaves:
        value = row[leaf.index]
        record[leaf.name] = leaf.convert(value) if leaf.convert else value


def _branch(part: Branches, row: Row, base: str) -> Record | None:
    record_id = row[part.id_index]
    if record_id is None:
        return None
    actual = object_of_id(record_id) or "Name"
    record: Record = {"attributes": {"type": actual, "url": f"{base}/sobjects/{actual}/{record_id}"}}
    _fill(record, part.by_object.get(actual, part.otherwise), row)
    return record
