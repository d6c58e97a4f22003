"""What a property of a record holds, told from its annotation. Reading and writing convert values by it.

Knows the model's types and no vendor's.
"""

from datetime import date, datetime
from decimal import Decimal
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import AwareDatetime

from connector.model.records import RECORD_TYPES, Kind, Ref

_TYPE_NAMES: dict[Any, str] = {
    AwareDatetime: "datetime",
    datetime: "datetime",
    date: "date",
    Decimal: "Decimal",
    int: "int",
    bool: "bool",
    Ref: "Ref",
}


def type_name(annotation: Any) -> str:
    """What a property holds, one or many: `datetime`, `date`, `Decimal`, `int`, `bool`, `Ref`, else `text`."""
    if get_origin(annotation) in (Union, UnionType, tuple):
        inner = [part for part in get_args(annotation) if part not in (type(None), Ellipsis)]
        return type_name(inner[0])
    return _TYPE_NAMES.get(annotation, "text")


def annotation_of(kind: Kind, name: str) -> Any:
    """The annotation of a property of this kind of record. Raises KeyError where there is no such property."""
    return RECORD_TYPES[kind].model_fields[name].annotation
