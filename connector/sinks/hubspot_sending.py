"""Sends a batch of changes and turns its answer into outcomes: lost, refused as a whole, or row by row.

Called by the HubSpot sink's creating, updating and deleting.
"""

from collections.abc import Callable, Sequence

from connector.clients.errors import AnswerLost, Refused
from connector.clients.hubspot import RowError, RowResult
from connector.model.errors import ConfigurationError, RetryLater, StopSync
from connector.model.plan import Change
from connector.model.records import Ref
from connector.model.sync import Outcome

Send = Callable[[Sequence[Change]], Sequence[RowResult]]
Judge = Callable[[Change, RowResult], Outcome]
Step = Callable[[Sequence[Change]], list[Outcome]]


def send_rows(changes: Sequence[Change], send: Send, judge: Judge) -> list[Outcome]:
    """One outcome for each change, in order, by `judge` for what has an answer of its own.

    The vendor may refuse a whole batch for one row, without saying which: then nothing of it was written, and it is
    parted until the row is found.
    """
    if not changes:
        return []
    try:
        results = send(changes)
    except AnswerLost as lost:
        return [unknown(change, str(lost), late=lost.late) for change in changes]
    except (Refused, ConfigurationError) as error:
        if isinstance(error, ConfigurationError) and error.code != "field":
            raise
        if len(changes) == 1:
            return [judge(changes[0], RowResult(errors=(RowError(str(error.code), str(error)),)))]
        middle = len(changes) // 2
        first = send_rows(changes[:middle], send, judge)
        started = any(outcome.state != "refused" for outcome in first)
        return first + unless_failed(changes[middle:], lambda part: send_rows(part, send, judge), started=started)
    return [judge(change, result) for change, result in zip(changes, results, strict=True)]


def unless_failed(changes: Sequence[Change], step: Step, *, started: bool) -> list[Outcome]:
    """What `step` answers. Its failure is unknown once something has been written, and goes up before that."""
    try:
        return step(changes)
    except (RetryLater, StopSync, ConfigurationError) as error:
        if not started:
            raise
        return [unknown(change, str(error)) for change in changes]


def done(change: Change, record_id: str, reason: str | None = None) -> Outcome:
    """The vendor has it."""
    return Outcome(key=change.key, state="done", record=ref(change, record_id), reason=reason)


def refused(change: Change, reason: str, record_id: str | None = None) -> Outcome:
    """Nothing was written, for a reason that a person can read."""
    there = record_id or change.id
    return Outcome(key=change.key, state="refused", record=ref(change, there) if there else None, reason=reason)


def unknown(change: Change, reason: str, *, late: bool = False) -> Outcome:
    """It has to be looked up."""
    return Outcome(key=change.key, state="unknown", reason=reason, late=late)


def row_outcome(change: Change, result: RowResult) -> Outcome:
    """The outcome of a row that is about a record with an id."""
    if result.success:
        return done(change, result.id or str(change.id))
    if not result.answered:
        return unknown(change, "HubSpot did not say what became of it")
    taken = next((error.existing_id for error in result.errors if error.existing_id), None)
    return refused(change, reasons(result), change.id or taken)


def reasons(result: RowResult) -> str:
    """Why a row was refused, in the vendor's codes and words."""
    return "; ".join(
        f"{error.code}: {error.message}" + (f" ({', '.join(error.properties)})" if error.properties else "")
        for error in result.errors
    )


def ref(change: Change, record_id: str) -> Ref:
    """Where the record of a change lives."""
    return Ref(change.system, change.object, record_id)
