"""What became of each row of a batch write: HubSpot's 207 names rows by trace id, by id, or hardly at all.

Called by the HubSpot client's writing; results go to the sink. Every field of such an answer is optional, and results
come in any order.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_ALREADY = re.compile(r"Existing ID:\s*(?P<id>\d+)|\b(?P<other>\d+) already has that value")
TAKEN = frozenset({"CONFLICT", "OBJECT_ALREADY_EXISTS", "CONFLICTING_UNIQUE_VALUE"})
"""Categories and codes of a value that must be unique and is another record's."""


@dataclass(frozen=True, slots=True)
class RowError:
    """Why one row was refused, in the vendor's code and words (the words may quote the record)."""

    code: str
    message: str
    properties: tuple[str, ...] = ()
    existing_id: str | None = None
    """The record that has the value already, where the vendor names it."""


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row. `answered` is false where the answer tells neither success nor failure of it."""

    id: str | None = None
    success: bool = False
    created: bool | None = None
    errors: tuple[RowError, ...] = ()
    answered: bool = True

    @property
    def taken(self) -> bool:
        """Whether a record that must be unique is there already."""
        return any(error.code in TAKEN or error.existing_id for error in self.errors)


def row_results(
    inputs: Sequence[Mapping[str, Any]], answer: Mapping[str, Any], *, created: bool | None = None
) -> list[RowResult]:
    """One result for each of `inputs`, in their order.

    A row with an error is a failure, also if a result names it; one without either is unanswered, unless the vendor
    told of failures without saying whose: then it is one of those.
    """
    rows = _Rows(inputs)
    named: dict[int, list[RowError]] = {}
    nobodys: list[RowError] = []
    for told in _dicts(answer.get("errors")):
        errors, whose = _errors(told), rows.of_error(told)
        for row in whose:
            named.setdefault(row, []).extend(errors)
        if not whose:
            nobodys += errors
    done = rows.of_results(_dicts(answer.get("results")))
    return [_result(done.get(row), tuple(named.get(row, ())), nobodys, created) for row in range(len(inputs))]


class _Rows:
    """The rows of one call by everything that an answer may name them by."""

    def __init__(self, inputs: Sequence[Mapping[str, Any]]) -> None:
        self._count = len(inputs)
        traced = ((one.get("objectWriteTraceId"), row) for row, one in enumerate(inputs))
        self._by_trace = {str(trace): row for trace, row in traced if trace is not None}
        self._by_id = {str(one["id"]): row for row, one in enumerate(inputs) if "id" in one}
        keys = [(str(one["idProperty"]), str(one["id"])) if "idProperty" in one else None for one in inputs]
        self._names_ids = not any(keys)
        self._by_value = _distinct([[key] if key else _told_apart(inputs, row) for row, key in enumerate(keys)])

    def of_error(self, told: Mapping[str, Any]) -> list[int]:
        """The rows that an error of a 207 names."""
        context = told.get("context")
        context = context if isinstance(context, Mapping) else {}
        traces = [self._by_trace.get(one) for one in _texts(context.get("objectWriteTraceId"))]
        ids = [self._by_id.get(one) for name in ("ids", "id") for one in _texts(context.get(name))]
        found = [row for row in traces if row is not None] or [row for row in ids if row is not None]
        return list(dict.fromkeys(found)) or ([0] if self._count == 1 else [])

    def of_results(self, told: Iterable[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
        """The results by the rows that they are of."""
        found: dict[int, Mapping[str, Any]] = {}
        for result in told:
            row = self._of_result(result)
            if row is not None:
                found.setdefault(row, result)
        return found

    def _of_result(self, result: Mapping[str, Any]) -> int | None:
        if (row := self._by_trace.get(str(result.get("objectWriteTraceId") or ""))) is not None:
            return row
        if self._names_ids and (row := self._by_id.get(str(result.get("id")))) is not None:
            return row
        if self._count == 1:
            return 0
        properties = result.get("properties")
        values = properties.items() if isinstance(properties, Mapping) else ()
        rows = {
            self._by_value[pair] for name, value in values if (pair := (name, str(value).lower())) in self._by_value
        }
        return rows.pop() if len(rows) == 1 else None


def _told_apart(inputs: Sequence[Mapping[str, Any]], row: int) -> list[tuple[str, str]]:
    """What a new object may be recognised by: values of properties that every input has, as answers repeat them."""
    given = [one.get("properties") or {} for one in inputs]
    return [(str(name), str(value)) for name, value in given[row].items() if all(one.get(name) for one in given)]


def _distinct(pairs: Sequence[Sequence[tuple[str, str]]]) -> dict[tuple[str, str], int]:
    """(name, value in lower case) → row, for those that only one row has."""
    rows: dict[tuple[str, str], set[int]] = {}
    for row, own in enumerate(pairs):
        for name, value in own:
            rows.setdefault((name, value.lower()), set()).add(row)
    return {pair: owners.pop() for pair, owners in rows.items() if len(owners) == 1}


def _result(
    told: Mapping[str, Any] | None, errors: tuple[RowError, ...], nobodys: Sequence[RowError], created: bool | None
) -> RowResult:
    record_id = str(told["id"]) if told and told.get("id") is not None else None
    if errors:
        return RowResult(record_id, errors=errors)
    if told is not None:
        new = told.get("new")
        return RowResult(record_id, success=True, created=new if isinstance(new, bool) else created)
    return RowResult(errors=tuple(nobodys), answered=bool(nobodys))


def _errors(told: Mapping[str, Any]) -> list[RowError]:
    """The refusals in one error: of single properties where it names them, else of the row."""
    category = str(told.get("subCategory") or told.get("category") or told.get("status") or "UNKNOWN")
    message = str(told.get("message") or "")
    details = list(dict.fromkeys(_detail(one, category) for one in _dicts(told.get("errors"))))
    return details or [RowError(category, message, existing_id=_existing(message))]


def _detail(told: Mapping[str, Any], category: str) -> RowError:
    context, message = told.get("context"), str(told.get("message") or "")
    names = _texts(context.get("propertyName")) if isinstance(context, Mapping) else []
    code = str(told.get("code") or told.get("subCategory") or category)
    return RowError(code, message, tuple(names), _existing(message))


def _existing(message: str) -> str | None:
    found = _ALREADY.search(message)
    return (found["id"] or found["other"]) if found else None


def _texts(value: Any) -> list[str]:
    """A member of an error's context: a list of texts, or one text."""
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _dicts(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from (one for one in value if isinstance(one, Mapping)) if isinstance(value, list) else ()
