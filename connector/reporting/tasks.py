"""Tasks by subject and rep: issued this month, done, late, open, withdrawn. Section 10 of the practice.

Counted from the ledger and each task's record as it is now. Called by `report`; read by revival, too.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from connector.model.time import BusinessCalendar
from connector.reporting.scope import Scope
from connector.reporting.table import Table, Value, table
from connector.store import review
from connector.store.review import IssuedTask


class Fate(StrEnum):
    """What has become of a task; each has exactly one."""

    OPEN = "open"
    DONE = "done"
    NOT_NEEDED = "not_needed"  # closed by a person with such a status (対応不要)
    DELETED = "deleted"  # by a person
    WITHDRAWN = "withdrawn"  # by Okoshi


def fate(task: IssuedTask, not_needed: tuple[str, ...]) -> Fate:
    """What has become of a task. One that was not read back yet is open."""
    if task.withdrawn:
        return Fate.WITHDRAWN
    if task.deleted:
        return Fate.DELETED
    if task.current is None or not task.current.is_closed:
        return Fate.OPEN
    return Fate.NOT_NEEDED if task.current.status in not_needed else Fate.DONE


@dataclass(frozen=True, slots=True)
class _Read:
    """One task as the report counts it."""

    subject: str
    rep: str
    fate: Fate
    late: bool
    """Open and due before today."""
    done_late: bool


def tasks(scope: Scope) -> Table:
    """One row for each subject and rep. Tasks of earlier months that are open and overdue are told apart."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for task in review.issued_tasks(scope.tx, scope.mappings.tasks.fields.subject, scope.month_end):
        one = _read(task, scope)
        of_month = task.issued_at >= scope.month_begin
        names = ["issued", one.fate.value] if of_month else []
        names += ["late"] if of_month and one.late else []
        names += ["done_late"] if of_month and one.done_late else []
        names += ["late_before"] if one.late and not of_month else []
        counted.update((one.subject, one.rep, name) for name in names)
    figures = (
        "issued", "done", "done_late", "open", "late", "withdrawn", "not_needed", "deleted", "late_before",
    )  # fmt: skip
    keys = sorted({(subject, rep) for subject, rep, _ in counted})
    rows: Iterator[tuple[Value, ...]] = ((*key, *(counted[(*key, name)] for name in figures)) for key in keys)
    return table("tasks", "subject:text rep:text " + " ".join(f"{name}:count" for name in figures), rows)


def _read(task: IssuedTask, scope: Scope) -> _Read:
    current, became = task.current, fate(task, scope.mappings.touches.tasks.not_needed_statuses)
    holder = str(current.owner) if current and current.owner else scope.user_ref(task.assignee)
    due = (current.due_date if current else None) or task.due
    finished = finished_on(task, scope.calendar) if became is Fate.DONE else None
    return _Read(
        subject=task.subject or (current.subject if current else None) or task.program,
        rep=scope.person(holder) or "",
        fate=became,
        late=became is Fate.OPEN and due is not None and due < scope.today,
        done_late=bool(finished and due and finished > due),
    )


def finished_on(task: IssuedTask, calendar: BusinessCalendar) -> date | None:
    """The day on which its record was closed."""
    current = task.current
    if current is None:
        return None
    return calendar.local_date(current.completed_at or current.modified_at)
