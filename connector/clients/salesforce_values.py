"""What Salesforce tells of objects and of written records, as values.

Made by the Salesforce client, read by source and sink. Must not know how answers are fetched.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector.clients.errors import AnswerLost

LOCKED = "UNABLE_TO_LOCK_ROW"
LOOKED_UP = "they are looked up before anything is sent again; run again"


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """What an org tells of one field."""

    name: str
    type: str
    length: int
    nillable: bool
    filterable: bool
    sortable: bool
    createable: bool
    updateable: bool
    external_id: bool
    unique: bool
    reference_to: tuple[str, ...]
    relationship_name: str | None


@dataclass(frozen=True, slots=True)
class ObjectDescription:
    """What an org shows of one object to the signed-in user; fields without permission are simply absent."""

    name: str
    key_prefix: str | None
    queryable: bool
    createable: bool
    updateable: bool
    deletable: bool
    fields: Mapping[str, FieldDescription]


@dataclass(frozen=True, slots=True)
class RowError:
    """Why one record of a collection was refused, in the vendor's code and words (the words may quote the record)."""

    code: str
    message: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one record of a collection. `created` is None where the vendor does not say."""

    id: str | None
    success: bool
    created: bool | None = None
    errors: tuple[RowError, ...] = ()

    @property
    def locked(self) -> bool:
        """Refused only because somebody else held the record."""
        return any(error.code == LOCKED for error in self.errors)


def row_results(answer: list[Any], expected: int) -> list[RowResult]:
    """One result for each record that was sent. Raises AnswerLost where the answer does not cover them."""
    if len(answer) != expected or not all(isinstance(row, dict) for row in answer):
        raise AnswerLost(f"Salesforce answered {len(answer)} of {expected} records of a write; {LOOKED_UP}")
    return [_row_result(row) for row in answer]


def _row_result(row: Mapping[str, Any]) -> RowResult:
    errors = tuple(
        RowError(
            code=str(error.get("statusCode") or error.get("errorCode") or "UNKNOWN_EXCEPTION"),
            message=str(error.get("message") or ""),
            fields=tuple(map(str, error.get("fields") or ())),
        )
        for error in row.get("errors") or ()
    )
    return RowResult(id=row.get("id"), success=bool(row.get("success")), created=row.get("created"), errors=errors)


def description(object_: str, answer: Mapping[str, Any]) -> ObjectDescription:
    """The description of an object out of a describe answer."""
    return ObjectDescription(
        name=str(answer.get("name") or object_),
        key_prefix=answer.get("keyPrefix"),
        queryable=bool(answer.get("queryable", True)),
        createable=bool(answer.get("createable")),
        updateable=bool(answer.get("updateable")),
        deletable=bool(answer.get("deletable")),
        fields={found["name"]: _field(found) for found in answer.get("fields") or ()},
    )


def _field(found: Mapping[str, Any]) -> FieldDescription:
    return FieldDescription(
        name=str(found["name"]),
        type=str(found["type"]),
        length=int(found.get("length") or 0),
        nillable=bool(found.get("nillable")),
        filterable=bool(found.get("filterable")),
        sortable=bool(found.get("sortable")),
        createable=bool(found.get("createable")),
        updateable=bool(found.get("updateable")),
        external_id=bool(found.get("externalId")),
        unique=bool(found.get("unique")),
        reference_to=tuple(found.get("referenceTo") or ()),
        relationship_name=found.get("relationshipName"),
    )
