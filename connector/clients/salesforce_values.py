"""What Salesforce tells of objects and of written records, as values.

Made by the Salesforce client, read by source and sink. Must not know how answers are fetched.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_letters, ascii_uppercase, digits
from typing import Any
from urllib.parse import urlsplit

from connector.clients.errors import AnswerLost
from connector.model.errors import RetryLater

_NEXT_PAGE = re.compile(r"/services/data/v\d+\.\d/query(?:All)?/[\w-]+")
_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")
_SHORT = 15
_CASES = str.maketrans({letter: "1" if letter.isupper() else "0" for letter in ascii_letters + digits})
_SUFFIXES = {f"{number:05b}"[::-1]: letter for number, letter in enumerate(ascii_uppercase + digits[:6])}
"""What stands for each pattern of capitals in five letters. Every reference of every row is brought into its long form
by these, so they are looked up instead of reckoned."""
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
    picklist: tuple[str, ...] = ()
    """The active values of a picklist; other ones are refused only where it is `restricted`."""
    restricted: bool = False


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
    """What became of one record of a write. `created` is None where the vendor does not say.

    `lost`: why nobody knows what became of it, so that it has to be looked up; `late` as in AnswerLost.
    """

    id: str | None
    success: bool
    created: bool | None = None
    errors: tuple[RowError, ...] = ()
    lost: str | None = None
    late: bool = False

    @property
    def locked(self) -> bool:
        """Refused only because somebody else held the record."""
        return any(error.code == LOCKED for error in self.errors)

    @classmethod
    def unanswered(cls, error: Exception, *, late: bool = False) -> "RowResult":
        """The result of a record of which nobody knows more than this error tells."""
        return cls(id=None, success=False, lost=str(error), late=late)


@dataclass(frozen=True, slots=True)
class BulkPosition:
    """How far a bulk query was read. `locator`: "" is its beginning, None its end. As text for a cursor: `str`."""

    job: str
    locator: str | None

    def __str__(self) -> str:
        return self.job if self.locator is None else f"{self.job}:{self.locator}"

    @classmethod
    def parse(cls, text: str) -> "BulkPosition":
        """The position that `str` made text of."""
        job, colon, locator = text.partition(":")
        return cls(job, locator if colon else None)


@dataclass(frozen=True, slots=True)
class BulkPage:
    """Some records of a bulk query, values as text and None for empty ones, and the position behind the last."""

    records: list[dict[str, str | None]]
    position: BulkPosition


def salesforce_id(value: str) -> str | None:
    """The 18-character form of a Salesforce id, or `None` if it is none. Reports show 15 characters, the API 18."""
    if not _ID.fullmatch(value):
        return None
    core = value[:15]
    cases = core.translate(_CASES)
    return core + _SUFFIXES[cases[:5]] + _SUFFIXES[cases[5:10]] + _SUFFIXES[cases[10:]]


def full_id(told: Any) -> str | None:
    """The id of an answer in its long form, as it stands where it has that already."""
    text = str(told or "")
    return (salesforce_id(text) if len(text) == _SHORT else text) or None


def records_of(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a page. Raises RetryLater where there is no word of them: that is not the same as none."""
    records = page.get("records")
    if records is None and page.get("totalSize") == 0:
        return []
    if not isinstance(records, list) or not all(isinstance(row, dict) for row in records):
        raise RetryLater("Salesforce sent an answer of an unknown shape; run again later")
    return records


def with_ids(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that were SELECTed with their ids, which are the long ones. Raises RetryLater where one has none."""
    for number, row in enumerate(records):
        told = row.get("Id")
        if not isinstance(told, str) or not told:
            raise RetryLater("Salesforce sent a row without its id; run again later")
        if len(told) == _SHORT:
            records[number] = {**row, "Id": full_id(told)}
    return records


def next_page(page: Mapping[str, Any], instance_url: str) -> str | None:
    """The path of the page that follows. Raises RetryLater where there is one and its address is of no use."""
    done, address = page.get("done"), page.get("nextRecordsUrl")
    if done in (True, "true") or (done is None and not address):
        return None
    try:
        parts = urlsplit(str(address or ""))
    except ValueError:
        parts = urlsplit("")
    if parts.netloc not in ("", urlsplit(instance_url).netloc) or not _NEXT_PAGE.fullmatch(parts.path):
        raise RetryLater("Salesforce named no usable address for the next page; run again later")
    return parts.path


def row_results(answer: list[Any], expected: int, *, makes: bool = False) -> list[RowResult]:
    """One result for each record that was sent; `makes`: records that may be new, so that an id has to be told.

    Raises AnswerLost where the answer does not cover them.
    """
    if len(answer) != expected or not all(isinstance(row, dict) for row in answer):
        raise AnswerLost(f"Salesforce answered {len(answer)} of {expected} records of a write; {LOOKED_UP}")
    return [_row_result(row, makes=makes) for row in answer]


def _row_result(row: Mapping[str, Any], *, makes: bool) -> RowResult:
    record_id = full_id(row.get("id"))
    success = row.get("success") in (True, "true")
    errors = tuple(_row_error(error) for error in row_errors(row.get("errors")))
    if success and makes and record_id is None:
        return RowResult(id=None, success=False, lost=f"Salesforce wrote a record without telling its id; {LOOKED_UP}")
    if not success and not errors:
        return RowResult(id=None, success=False, lost=f"Salesforce did not say what became of a record; {LOOKED_UP}")
    created = row.get("created")
    return RowResult(record_id, success, created if isinstance(created, bool) else None, () if success else errors)


def row_errors(told: Any) -> list[Mapping[str, Any]]:
    """The errors of a row, which come as a list, as one object or as text."""
    given = told if isinstance(told, list) else [told] if told else []
    return [error if isinstance(error, dict) else {"message": str(error)} for error in given if error]


def _row_error(error: Mapping[str, Any]) -> RowError:
    code = error.get("statusCode") or error.get("errorCode") or "UNKNOWN_EXCEPTION"
    fields = error.get("fields")
    names = fields if isinstance(fields, list) else [fields] if fields else []
    return RowError(code=str(code).upper(), message=_message(error), fields=tuple(map(str, names)))


def _message(error: Mapping[str, Any]) -> str:
    """The org's words. A duplicate rule's are in a member that real bodies spell in two ways, with what it found."""
    message = str(error.get("message") or "")
    found = error.get("duplicateResult") or error.get("duplicateResut")
    if not isinstance(found, dict):
        return message
    matches = (match for result in _dicts(found, "matchResults") for match in _dicts(result, "matchRecords"))
    ids = [str(record.get("Id") or "") for match in matches if isinstance(record := match.get("record"), dict)]
    parts = dict.fromkeys((message, str(found.get("errorMessage") or ""), str(found.get("duplicateRule") or ""), *ids))
    return " / ".join(part for part in parts if part)


def _dicts(found: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    given = found.get(name)
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def description(object_: str, answer: Mapping[str, Any]) -> ObjectDescription:
    """The description of an object out of a describe answer. Raises RetryLater where it tells no fields at all."""
    fields = [_field(found) for found in _dicts(answer, "fields") if found.get("name")]
    if not fields:
        raise RetryLater(f"Salesforce described {object_} without its fields; run again later")
    return ObjectDescription(
        name=str(answer.get("name") or object_),
        key_prefix=answer.get("keyPrefix"),
        queryable=bool(answer.get("queryable", True)),
        createable=bool(answer.get("createable")),
        updateable=bool(answer.get("updateable")),
        deletable=bool(answer.get("deletable")),
        fields={field.name: field for field in fields},
    )


def _field(found: Mapping[str, Any]) -> FieldDescription:
    return FieldDescription(
        name=str(found["name"]),
        type=str(found.get("type") or "string"),
        length=found["length"] if isinstance(found.get("length"), int) else 0,
        nillable=bool(found.get("nillable")),
        filterable=bool(found.get("filterable")),
        sortable=bool(found.get("sortable")),
        createable=bool(found.get("createable")),
        updateable=bool(found.get("updateable")),
        external_id=bool(found.get("externalId")),
        unique=bool(found.get("unique")),
        reference_to=tuple(map(str, found.get("referenceTo") or ())),
        relationship_name=found.get("relationshipName"),
        picklist=tuple(
            str(one["value"]) for one in _dicts(found, "picklistValues") if one.get("active", True) and "value" in one
        ),
        restricted=bool(found.get("restrictedPicklist")),
    )
