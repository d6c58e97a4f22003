"""Literals of SOQL as stored values, refused where they do not fit the field, in the vendor's words.

Used by the condition compiler.
"""

from datetime import UTC, date, datetime, time
from typing import Any, Final

from connector.sandbox.clock import stored_datetime
from connector.sandbox.salesforce.ids import normalise_id
from connector.sandbox.salesforce.schema import Field
from connector.sandbox.salesforce.soql import tree
from connector.sandbox.salesforce.soql.dates import Range, date_range
from connector.sandbox.salesforce.soql.source import Environment

NUMERIC: Final = frozenset({"int", "double", "currency", "percent"})
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_SPOKEN: Final = {"datetime": "dateTime", "currency": "double", "percent": "double"}


def kind_of(field: Field) -> str:
    """The literal kind that a field is compared with."""
    if field.type in NUMERIC:
        return "number"
    return field.type if field.type in {"boolean", "date", "datetime"} else "string"


def check_kind(environment: Environment, field: Field, literal: tree.Literal) -> None:
    """Refuse a literal of the wrong kind: a date literal fits only date fields, and so on."""
    wanted = kind_of(field)
    if literal.kind in {wanted, "null"} or (literal.kind == "range" and wanted in {"date", "datetime"}):
        return
    if literal.kind == "range":
        raise environment.fault("MALFORMED_QUERY", literal.position, f"unexpected token: '{literal.text}'")
    spoken = "string" if wanted == "string" else _SPOKEN.get(field.type, field.type)
    quotes = "should be enclosed in quotes" if wanted == "string" else "should not be enclosed in quotes"
    message = f"value of filter criterion for field '{field.name}' must be of type {spoken} and {quotes}"
    raise environment.fault("INVALID_FIELD", literal.position, message)


def stored_value(environment: Environment, field: Field, literal: tree.Literal) -> Any:
    """The literal as the tables hold it; null and ranges are the caller's."""
    check_kind(environment, field, literal)
    match literal.kind:
        case "boolean":
            return int(literal.text.lower() == "true")
        case "number":
            return float(literal.text) if "." in literal.text else int(literal.text)
        case "date":
            return _date(environment, literal).isoformat()
        case "datetime":
            return stored_datetime(_datetime(environment, literal))
    text = unescape(environment, literal)
    if field.type in {"id", "reference"} and text:
        return _id(environment, text, literal.position)
    return text


def bounds(environment: Environment, field: Field, literal: tree.Literal) -> tuple[str, str]:
    """First and one-past-last stored value of a date word for this field."""
    check_kind(environment, field, literal)
    today = environment.now.astimezone(environment.timezone).date()
    found = _range(environment, literal, today)
    if field.type == "date":
        return found[0].isoformat(), found[1].isoformat()
    first, last = (datetime.combine(day, time(), environment.timezone) for day in found)
    return stored_datetime(first), stored_datetime(last)


def unescape(environment: Environment, literal: tree.Literal, *, like: bool = False) -> str:
    """A string's characters; for LIKE a backslash stays before what LIKE must take literally."""
    characters: list[str] = []
    source = iter(literal.text[1:-1])
    for character in source:
        if character != "\\":
            characters.append(character)
            continue
        following = next(source)
        if following in "%_" and like:
            characters.append("\\" + following)
        elif following.lower() in _ESCAPES:
            plain = _ESCAPES[following.lower()]
            characters.append("\\\\" if like and plain == "\\" else plain)
        elif following in "%_":
            characters.append(following)
        else:
            message = "Illegal escape sequence '\\" + following + "' in string"
            raise environment.fault("MALFORMED_QUERY", literal.position, message)
    return "".join(characters)


def _id(environment: Environment, text: str, position: int) -> str:
    found = normalise_id(text)
    if found is None:
        raise environment.fault("INVALID_QUERY_FILTER_OPERATOR", position, f"invalid ID field: {text[:40]}")
    return found


def _range(environment: Environment, literal: tree.Literal, today: date) -> Range:
    try:
        found = date_range(literal.text, today)
    except (ValueError, OverflowError) as error:
        raise environment.fault("MALFORMED_QUERY", literal.position, f"invalid date: {literal.text}") from error
    if found is None:
        raise environment.fault("MALFORMED_QUERY", literal.position, f"unexpected token: '{literal.text}'")
    return found


def _date(environment: Environment, literal: tree.Literal) -> date:
    try:
        return date.fromisoformat(literal.text)
    except ValueError as error:
        raise environment.fault("MALFORMED_QUERY", literal.position, f"invalid date: {literal.text}") from error


def _datetime(environment: Environment, literal: tree.Literal) -> datetime:
    try:
        return datetime.fromisoformat(literal.text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise environment.fault("MALFORMED_QUERY", literal.position, f"invalid date: {literal.text}") from error
