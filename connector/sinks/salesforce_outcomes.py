"""What the vendor's answers mean for changes: done, refused with the org's own words, or unknown.

Called by the Salesforce sink. Pure: nothing is read or sent here.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from connector.clients.salesforce import RowResult
from connector.model.plan import Change, Operation
from connector.model.records import Ref
from connector.model.sync import Found, Outcome

DUPLICATE = "DUPLICATE_VALUE"
STORAGE_FULL = "STORAGE_LIMIT_EXCEEDED"
_GONE = "ENTITY_IS_DELETED"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)")


def outcome(change: Change, result: RowResult) -> Outcome:
    """What became of a change that was sent."""
    if result.lost is not None:
        return unknown(change, result.lost, late=result.late)
    if result.success:
        record_id = result.id or change.id
        return Outcome(key=change.key, state="done", record=ref(change, record_id) if record_id else None)
    if change.id and has(result, _GONE):
        return gone(change)
    record = ref(change, change.id) if change.id else None
    return Outcome(key=change.key, state="refused", record=record, reason=_words(result))


def gone(change: Change) -> Outcome:
    """Somebody has deleted the record: what was to be deleted needs no more, what was to be changed cannot be."""
    done = change.operation is Operation.DELETE
    return Outcome(
        key=change.key,
        state="done" if done else "refused",
        record=ref(change, str(change.id)),
        reason="it was deleted already" if done else "it is gone: somebody has deleted the record",
    )


def moved(change: Change) -> Outcome:
    """Somebody has changed what was to be changed."""
    reason = "somebody has changed the record since this was planned"
    return Outcome(key=change.key, state="refused", record=ref(change, str(change.id)), reason=reason)


def written_before(change: Change, found: Found) -> Outcome:
    """An earlier try made the record."""
    reason = "it was written before and has been deleted since" if found.deleted else "it was written before"
    return Outcome(key=change.key, state="done", record=found.record, reason=reason)


def unknown(change: Change, reason: str, *, late: bool = False) -> Outcome:
    """Not sent, or sent without a word on it: it is looked up by the next run."""
    return Outcome(key=change.key, state="unknown", reason=reason, late=late)


def is_taken(result: RowResult, field: str | None) -> bool:
    """Whether the org refused a record because another one holds its value of `field`, as its words tell."""
    return field is not None and any(
        error.code == DUPLICATE and re.search(rf"\b{re.escape(field)}\b", error.message) for error in result.errors
    )


def still_holds(change: Change, found: Found) -> bool:
    """Whether the record holds the values that the change was planned on."""
    return all(_same(found.fields[name], field.before) for name, field in change.fields.items() if name in found.fields)


def values(change: Change) -> Mapping[str, object]:
    """What is to be written, by field."""
    return {name: field.after for name, field in change.fields.items()}


def ref(change: Change, record_id: str) -> Ref:
    """The record of a change."""
    return Ref(change.system, change.object, record_id)


def has(result: RowResult, code: str) -> bool:
    """Whether a record was refused for this."""
    return any(error.code == code for error in result.errors)


def _words(result: RowResult) -> str:
    return "; ".join(
        f"{error.code}: {error.message}" + (f" ({', '.join(error.fields)})" if error.fields else "")
        for error in result.errors
    )


def _same(now: object, before: object) -> bool:
    """Whether two values are one, apart from how they are written: blanks, line ends, zeros, time zones, null."""
    if _plain(now) == _plain(before):
        return True
    if isinstance(now, int | float) and not isinstance(now, bool) and before is not None:
        try:
            return Decimal(str(now)) == Decimal(str(before))
        except InvalidOperation:
            return False
    moments = [datetime.fromisoformat(str(one)) for one in (now, before) if _MOMENT.fullmatch(str(one))]
    return len(moments) == 2 and moments[0] == moments[1]


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(str(value).split()) if value is not None else ""
