"""What reporting asks the store for: tasks as they stand now, messages sent, and what programs said of all their cases.

Reads only, streamed; called by reporting. Knows no program's rules and no report.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, exists, func, select

from connector.model.intents import Standing
from connector.model.plan import WITHDRAWAL, Effect, LedgerState, Operation
from connector.model.records import Activity, Ref
from connector.store.mirror import load
from connector.store.schema import ledger, standing
from connector.store.standings import OTHERS_TASK
from connector.store.store import Transaction

PAGE = 500
"""Tasks whose records are looked up at once."""


@dataclass(frozen=True, slots=True)
class IssuedTask:
    """A task that Okoshi wrote, with its record as it is now (`None`: not read back yet).

    `subject`, `assignee` (the vendor's id of a user) and `due` are as written; an adopted task tells no subject.
    """

    key: str
    program: str
    case: str
    record: Ref
    subject: str | None
    assignee: str | None
    due: date | None
    issued_at: datetime
    withdrawn: bool
    current: Activity | None
    deleted: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What a program said of one case last."""

    case: str
    name: str | None
    standing: Standing
    reason: str | None
    text: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sent:
    """Messages of one program in one state, as they were planned within some time."""

    program: str
    state: LedgerState
    count: int


def issued_tasks(tx: Transaction, subject_field: str, until: datetime) -> Iterator[IssuedTask]:
    """All tasks that were written before `until`, the oldest first."""
    other = ledger.alias()
    taken_back = and_(other.c.key == ledger.c.key + WITHDRAWAL, other.c.state == LedgerState.DONE)
    removed = and_(taken_back, other.c.operation == Operation.DELETE)
    query = (
        select(ledger, exists().where(taken_back).label("withdrawn"), exists().where(removed).label("removed"))
        .where(
            ledger.c.effect == Effect.TASK,
            ledger.c.operation == Operation.CREATE,
            ledger.c.state == LedgerState.DONE,
            ledger.c.record_id.is_not(None),
            ledger.c.done_at < until,
        )
        .order_by(ledger.c.done_at, ledger.c.key)
    )
    for page in tx.connection.execute(query, execution_options={"yield_per": PAGE}).partitions():
        records = {row.key: Ref(row.system, row.object, row.record_id) for row in page}
        seen = load(tx, {str(ref) for ref in records.values()})
        for row in page:
            found = seen.get(str(records[row.key]))
            yield _task(row, records[row.key], found.record if found else None, subject_field)


def _task(row: Row[Any], record: Ref, current: object, subject_field: str) -> IssuedTask:
    activity = current if isinstance(current, Activity) else None
    written = row.fields.get(subject_field)
    return IssuedTask(
        key=row.key,
        program=row.program,
        case=row.case_ref,
        record=record,
        subject=written["after"] if written else None,
        assignee=row.assignee,
        due=row.due_date,
        issued_at=row.done_at,
        withdrawn=bool(row.withdrawn),
        current=activity,
        deleted=bool(row.removed) or (activity is not None and activity.deleted),
    )


def alerts(tx: Transaction, begin: datetime, end: datetime) -> list[Sent]:
    """Messages of each program that were planned from `begin` to before `end`, by how far they got."""
    query = (
        select(ledger.c.program, ledger.c.state, func.count().label("number"))
        .where(ledger.c.effect == Effect.ALERT, ledger.c.created_at >= begin, ledger.c.created_at < end)
        .group_by(ledger.c.program, ledger.c.state)
        .order_by(ledger.c.program, ledger.c.state)
    )
    return [Sent(row.program, LedgerState(row.state), row.number) for row in tx.connection.execute(query)]


def said_by(tx: Transaction, program: str) -> Iterator[Said]:
    """All that a program said, by case."""
    columns = (standing.c[name] for name in ("case_ref", "name", "standing", "reason", "text", "facts"))
    query = select(*columns).where(standing.c.program == program).order_by(standing.c.case_ref)
    for row in tx.connection.execute(query, execution_options={"yield_per": PAGE}):
        yield Said(row.case_ref, row.name, Standing(row.standing), row.reason, row.text, row.facts or {})


def reasons(tx: Transaction, chosen: Standing) -> list[tuple[str, str, int]]:
    """(program, reason, how many cases) of one standing, the most frequent reason of each program first."""
    number = func.count().label("number")
    query = (
        select(standing.c.program, standing.c.reason, number)
        .where(standing.c.standing == chosen)
        .group_by(standing.c.program, standing.c.reason)
        .order_by(standing.c.program, number.desc(), standing.c.reason)
    )
    return [(row.program, row.reason or chosen.value, row.number) for row in tx.connection.execute(query)]


def unbacked(tx: Transaction, program: str) -> list[tuple[str, str | None]]:
    """(case, name) of those that count as issued although no task of ours is there or on its way."""
    task = exists().where(
        ledger.c.case_ref == standing.c.case_ref,
        ledger.c.program == standing.c.program,
        ledger.c.effect == Effect.TASK,
        ledger.c.state != LedgerState.REFUSED,
    )
    query = select(standing.c.case_ref, standing.c.name).where(
        standing.c.program == program,
        standing.c.standing == Standing.ISSUED,
        standing.c.reason.is_distinct_from(OTHERS_TASK),
        ~task,
    )
    rows = tx.connection.execute(query.order_by(standing.c.case_ref))
    return [(row.case_ref, row.name) for row in rows]


def on_their_way(tx: Transaction, program: str) -> set[str]:
    """Cases with a task that is planned, being sent, or of which nobody knows what became."""
    waiting = (LedgerState.PLANNED, LedgerState.SENDING, LedgerState.UNKNOWN)
    query = select(ledger.c.case_ref).where(
        ledger.c.program == program, ledger.c.effect == Effect.TASK, ledger.c.state.in_(waiting)
    )
    return set(tx.connection.scalars(query))
