"""Values as a client sends them -> values as stored, refused field by field as the vendor refuses them.

Used by the record rules. It knows the describe's facts; what follows from a value is `derived.py`'s.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from connector.sandbox.clock import stored_datetime
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.ids import normalise_id
from connector.sandbox.salesforce.schema import Field, SObject, object_of_id
from connector.sandbox.world import World

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_DATETIME: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")
_EMAIL: Final = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s.,;<>\"]+")
_LONG_TEXT: Final = 255
MAX_INT: Final = 2**31 - 1
YEARS: Final = range(1700, 4001)  # the years that the vendor's dates can have
Stored = dict[str, Any]


def stored_values(world: World, table: SObject, values: Mapping[str, Any], *, creating: bool) -> Stored:
    """All given values checked and converted; the vendor stops at the first thing it refuses."""
    stored: Stored = {}
    for name, value in values.items():
        if name == "attributes":
            continue
        field = table.by_name.get(name.lower())
        if field is None:
            raise SalesforceError(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {table.name}")
        stored[field.name] = _convert(field, value)
    if creating:
        _refuse_missing(table, stored)
    for name in stored:
        _refuse_read_only(table.by_name[name.lower()], creating=creating)
    for name, value in stored.items():
        _refuse_value(world, table.by_name[name.lower()], value)
    return stored


def _refuse_read_only(field: Field, *, creating: bool) -> None:
    if field.has("createable" if creating else "updateable"):
        return
    message = (
        f"Unable to create/update fields: {field.name}. Please check the security settings of this field and verify"
        " that it is read/write for your profile or permission set."
    )
    raise SalesforceError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, (field.name,))


def _refuse_missing(table: SObject, stored: Stored) -> None:
    missing = [field.name for field in table.fields if field.required and stored.get(field.name) is None]
    if missing:
        raise required_missing(missing)


def converted_lead() -> SalesforceError:
    """A converted lead takes no edits and no new activities."""
    return SalesforceError(400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")


def required_missing(names: list[str]) -> SalesforceError:
    message = f"Required fields are missing: [{', '.join(names)}]"
    return SalesforceError(400, "REQUIRED_FIELD_MISSING", message, names)


def _refuse_value(world: World, field: Field, value: Any) -> None:
    if value is None:
        if not field.has("nillable") and not field.has("defaulted"):
            raise required_missing([field.name])
        return
    limit = field.length
    if limit and isinstance(value, str) and field.type != "reference" and len(value) > limit:
        shown = value[:_LONG_TEXT]
        message = f"{field.label}: data value too large: {shown} (max length={limit})"
        raise SalesforceError(400, "STRING_TOO_LONG", message, (field.name,))
    if field.has("restricted") and field.picklist and value not in field.picklist:
        message = f"{field.label}: bad value for restricted picklist field: {value}"
        raise SalesforceError(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (field.name,))
    if field.type == "email" and not _EMAIL.fullmatch(value):
        message = f"{field.label}: invalid email address: {value}"
        raise SalesforceError(400, "INVALID_EMAIL_ADDRESS", message, (field.name,))
    if field.type == "reference":
        _refuse_reference(world, field, value)
    if field.type in {"double", "currency", "percent"} and field.precision:
        _refuse_number(field, value)


def _refuse_number(field: Field, value: float) -> None:
    if abs(value) >= 10 ** (field.precision - field.scale):
        message = f"{field.label}: value outside of valid range on numeric field: {value}"
        raise SalesforceError(400, "NUMBER_OUTSIDE_VALID_RANGE", message, (field.name,))


def _refuse_reference(world: World, field: Field, value: str) -> None:
    object_ = object_of_id(value)
    if object_ is None or object_ not in field.reference_to:
        if object_ is None and not any(name in world.tables["salesforce"] for name in field.reference_to):
            return
        message = f"{field.label}: id value of incorrect type: {value}"
        raise SalesforceError(400, "MALFORMED_ID", message, (field.name,))
    row = world.get("salesforce", object_, value)
    if row is None:
        message = "invalid cross reference id"
        raise SalesforceError(400, "INVALID_CROSS_REFERENCE_KEY", message, (field.name,))
    if row.get("IsDeleted"):
        raise SalesforceError(404, "ENTITY_IS_DELETED", "entity is deleted", ())
    if row.get("IsConverted"):
        raise converted_lead()


def _convert(field: Field, value: Any) -> Any:
    if value is None or (value == "" and field.type != "boolean"):
        return None
    convert = _CONVERT.get(field.type)
    return convert(field, value) if convert else _text(field, value)


def _bad(value: Any, kind: str) -> SalesforceError:
    shape = {bool: "VALUE_BOOLEAN", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT", str: "VALUE_STRING"}
    token = shape.get(type(value), "START_OBJECT")
    shown = value if isinstance(value, str | int | float) else ""
    message = (
        f"Cannot deserialize instance of {kind} from {token} value {shown} or request may be missing a required field"
        f" at [line:1, column:2]"
    )
    return SalesforceError(400, "JSON_PARSER_ERROR", message)


def _text(field: Field, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        raise _bad(value, "string")
    return value.strip() if field.type != "textarea" else value


def _boolean(_field: Field, value: Any) -> int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return int(value.lower() == "true")
    raise _bad(value, "boolean")


def _number(field: Field, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _bad(value, "double")
    try:
        number = float(value)
    except (ValueError, OverflowError) as error:
        raise _bad(value, field.type) from error
    if not math.isfinite(number):
        raise _bad(value, field.type)
    return round(number, field.scale)


def _int(field: Field, value: Any) -> int:
    number = _number(field, value)
    if abs(number) > MAX_INT:
        raise _bad(value, "int")
    return int(number)


def _date(_field: Field, value: Any) -> str:
    text = value[:10] if isinstance(value, str) and _DATETIME.fullmatch(value) else value
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        raise _bad(value, "date")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise _bad(value, "date") from error
    if day.year not in YEARS:
        raise _bad(value, "date")
    return day.isoformat()


def _datetime(_field: Field, value: Any) -> str:
    if not isinstance(value, str) or not (_DATETIME.fullmatch(value) or _DATE.fullmatch(value)):
        raise _bad(value, "datetime")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise _bad(value, "datetime") from error
    if moment.year not in YEARS:
        raise _bad(value, "datetime")
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return stored_datetime(aware.replace(microsecond=0))


def _id(field: Field, value: Any) -> str:
    found = normalise_id(value) if isinstance(value, str) else None
    if found is None:
        message = f"{field.label}: id value of incorrect type: {value}"
        raise SalesforceError(400, "MALFORMED_ID", message, (field.name,))
    return found


_CONVERT: Final[Mapping[str, Callable[[Field, Any], Any]]] = {
    "boolean": _boolean,
    "int": _int,
    "double": _number,
    "currency": _number,
    "percent": _number,
    "date": _date,
    "datetime": _datetime,
    "reference": _id,
    "id": _id,
}
