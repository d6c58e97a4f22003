"""What was written, is being written, or was refused: `planned -> sending -> done | refused | unknown`.

Called by the engine around every send. A key is written at most once: a change that is done or in doubt is never
planned again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Row, Select, and_, delete, exists, func, insert, select, update

from connector.model.case import OwnTask, Written
from connector.model.plan import LOG, WITHDRAWAL, Because, Change, Effect, FieldChange, LedgerState, Operation
from connector.model.records import Activity, Kind, Ref
from connector.model.sync import Outcome
from connector.store import marks
from connector.store.mirror import load
from connector.store.schema import dirty, mirror
from connector.store.schema import ledger as table
from connector.store.sql import listed, unindexed
from connector.store.store import Transaction

_AGAIN = (LedgerState.PLANNED, LedgerState.REFUSED)
_IN_DOUBT = (LedgerState.SENDING, LedgerState.UNKNOWN)
_UNSENT = {"reason": None, "sending_at": None, "sent_at": None, "late": False, "done_at": None}


@dataclass(frozen=True, slots=True)
class TaskFields:
    """The vendor's names of the fields that say whose task it is and for which day."""

    owner: str = "OwnerId"
    due: str = "ActivityDate"


DEFAULT_TASK_FIELDS = TaskFields()


@dataclass(frozen=True, slots=True)
class Doubt:
    """A change of which nobody knows what became. Still `sending`: its process died, nobody knows when.

    `sent_at` is wall time: when it began to be sent, or if that is known when its answer was given up. `late`: it was
    given up for its slowness, so the vendor may still be at work on it.
    """

    change: Change
    state: LedgerState
    sent_at: datetime
    late: bool


def plan(  # noqa: PLR0913 - what is written down of a plan
    tx: Transaction,
    changes: Sequence[Change],
    plan_id: str,
    now: datetime,
    *,
    run_id: str | None = None,
    task_fields: TaskFields = DEFAULT_TASK_FIELDS,
    counted_on: date | None = None,
    refused_before: datetime | None = None,
) -> list[str]:
    """Write down what will be sent. Returns the keys that were taken on, in order.

    New tasks take room of the day `counted_on`; nothing given: of the day that they are due. What was refused at
    `refused_before` or later and would be sent just so again is left out: the vendor has said what it says to it.

    A refused change is planned anew, one that is planned already takes the new content; a key that is done or in doubt
    is left out.
    """
    states = known(tx, [change.key for change in changes])
    taken = {change.key: change for change in changes if states.get(change.key, LedgerState.PLANNED) in _AGAIN}
    if refused_before is not None:
        refused = [key for key in taken if states.get(key) is LedgerState.REFUSED]
        for key in _as_refused(tx, [taken[key] for key in refused], refused_before):
            del taken[key]
    if not taken:
        return []
    rows = {
        key: _values(change, task_fields, counted_on)
        | {"plan_id": plan_id, "run_id": run_id, "created_at": now, "position": position}
        for position, (key, change) in enumerate(taken.items())
    }
    for key in rows.keys() & states.keys():
        again = rows[key] | _UNSENT
        tx.connection.execute(update(table).where(table.c.key == key).values(**again))
    new = [row | {"attempts": 0} for key, row in rows.items() if key not in states]
    if new:
        tx.connection.execute(insert(table), new)
    return list(taken)


def _as_refused(tx: Transaction, changes: Sequence[Change], since: datetime) -> list[str]:
    """Those of refused changes that were refused with the very same values since then."""
    keys = listed(tx.connection, [change.key for change in changes])
    query = select(table).where(table.c.key.in_(keys), table.c.sending_at >= since)
    values = {change.key: {name: one.after for name, one in change.fields.items()} for change in changes}
    rows = tx.connection.execute(query).all() if changes else []
    return [row.key for row in rows if {name: one["after"] for name, one in row.fields.items()} == values[row.key]]


def pending(tx: Transaction, plan_id: str | None = None) -> list[Change]:
    """Changes that are planned and were not sent yet."""
    query = select(table).where(table.c.state == LedgerState.PLANNED)
    return _changes(tx, query if plan_id is None else query.where(table.c.plan_id == plan_id))


def in_doubt(tx: Transaction) -> list[Doubt]:
    """Changes that were sent and of which nobody knows what became: to be looked up by key before anything else."""
    rows = tx.connection.execute(_in_order(select(table).where(table.c.state.in_(_IN_DOUBT))))
    return [Doubt(_change(row), LedgerState(row.state), row.sent_at, row.late) for row in rows]


def sending(tx: Transaction, keys: Collection[str], now: datetime, *, sent_at: datetime | None = None) -> list[str]:
    """Commit this before the bytes leave. Returns the keys that may be sent: those that were still planned.

    `sent_at` is wall time, the present by default; `now` is business time.
    """
    values = {"state": LedgerState.SENDING.value, "sending_at": now, "sent_at": sent_at or datetime.now(UTC)}
    moved = tx.connection.execute(
        update(table)
        .where(table.c.key.in_(listed(tx.connection, keys)), unindexed(table.c.state) == LedgerState.PLANNED)
        .values(**values, attempts=table.c.attempts + 1)
        .returning(table.c.key)
    )
    may_be_sent = set(moved.scalars())
    return [key for key in keys if key in may_be_sent]


def settle(tx: Transaction, outcomes: Iterable[Outcome], now: datetime, *, given_up_at: datetime | None = None) -> None:
    """Write down what became of changes. What is done stays done.

    `given_up_at` is the wall time at which the unknown ones stopped being waited for, the present by default.
    """
    for outcome in outcomes:
        state = LedgerState(outcome.state)
        values: dict[str, Any] = {"state": state.value, "reason": outcome.reason}
        if outcome.record is not None:
            values["record_id"] = outcome.record.id
        if state is LedgerState.DONE:
            values["done_at"] = now
        if state is LedgerState.UNKNOWN:
            values |= {"late": outcome.late, "sent_at": given_up_at or datetime.now(UTC)}
        tx.connection.execute(
            update(table).where(table.c.key == outcome.key, table.c.state != LedgerState.DONE).values(**values)
        )


def unsent(tx: Transaction, keys: Collection[str]) -> None:
    """Nothing of these was written after all: they are planned as before."""
    held = update(table).where(table.c.key.in_(listed(tx.connection, keys)), unindexed(table.c.state).in_(_IN_DOUBT))
    tx.connection.execute(held.values(**_UNSENT, state=LedgerState.PLANNED.value))


def release(tx: Transaction, keys: Collection[str]) -> None:
    """Drop changes that will not be sent, or that a look-up proved unwritten; their cases are looked at again."""
    dropped = tx.connection.execute(
        delete(table)
        .where(
            table.c.key.in_(listed(tx.connection, keys)),
            unindexed(table.c.state).in_((LedgerState.PLANNED, *_IN_DOUBT)),
        )
        .returning(table.c.case_ref)
    )
    marks.mark(tx, sorted(set(dropped.scalars())))


def known(tx: Transaction, keys: Collection[str]) -> dict[str, LedgerState]:
    """How far these keys got; one that is not there was never planned."""
    query = select(table.c.key, table.c.state).where(table.c.key.in_(listed(tx.connection, keys)))
    return {key: LedgerState(state) for key, state in tx.connection.execute(query)}


def load_by_assignee(tx: Transaction, day: date) -> dict[str, int]:
    """How many tasks each user (by the vendor's id) was given for a day: those on their way too, withdrawn ones not."""
    query = select(table.c.assignee, func.count().label("number")).where(
        table.c.counted_on == day,
        table.c.effect == Effect.TASK,
        table.c.state != LedgerState.REFUSED,
        table.c.assignee.is_not(None),
        ~_withdrawn(),
    )
    return {row.assignee: row.number for row in tx.connection.execute(query.group_by(table.c.assignee))}


def adopt(tx: Transaction) -> int:
    """Enter tasks that bear a key of ours and are not in this ledger: an earlier database was lost. Answers how many.

    What was written then is not known any more, so nobody can tell whether a person has touched them: they count as
    begun. Looks at records that changed since the last `marks.spread` only.
    """
    keyed = select(mirror.c.ref).where(
        mirror.c.ref == dirty.c.ref, dirty.c.kind == Kind.ACTIVITY, mirror.c.body.contains('"key":"')
    )
    found = [row.record for row in load(tx, list(tx.connection.scalars(keyed))).values()]
    tasks = {task.key: task for task in found if isinstance(task, Activity) and task.key and task.key.count(":") > 1}
    absent = tasks.keys() - known(tx, tasks.keys()).keys()
    rows = [_adopted(tasks[key]) for key in sorted(absent)]
    if rows:
        tx.connection.execute(insert(table), rows)
    return len(rows)


def _adopted(task: Activity) -> dict[str, Any]:
    program, subject, _ = str(task.key).split(":", 2)
    about = (*task.opportunities, *task.accounts, *task.people)
    case = next((ref for ref in about if ref.id == subject), Ref(task.ref.system, "Opportunity", subject))
    return {
        "key": task.key,
        "state": LedgerState.DONE.value,
        "system": task.ref.system,
        "object": task.ref.object,
        "record_id": task.ref.id,
        "program": program,
        "operation": Operation.CREATE.value,
        "effect": (Effect.LOG if str(task.key).endswith(LOG) else Effect.TASK).value,
        "case_ref": str(case),
        "plan_id": "",
        "run_id": None,
        "fields": {},
        "because": [],
        "basis": "",
        "assignee": task.owner.id if task.owner else None,
        "due_date": task.due_date,
        "counted_on": task.due_date,
        "reason": "adopted",
        "attempts": 0,
        "position": 0,
        "created_at": task.created_at or task.modified_at,
        "done_at": task.created_at or task.modified_at,
    }


def own_tasks(tx: Transaction, cases: Collection[str]) -> dict[str, list[OwnTask]]:
    """The tasks that were written for these cases, by case and in the order of their creation."""
    query = select(table, _withdrawn().label("withdrawn"), _withdrawn(deleting=True).label("removed")).where(
        table.c.case_ref.in_(listed(tx.connection, cases)),
        table.c.effect == Effect.TASK,
        unindexed(table.c.state) == LedgerState.DONE,
        table.c.record_id.is_not(None),
    )
    rows = tx.connection.execute(query.order_by(table.c.created_at, table.c.key)).all()
    seen = load(tx, [str(_record(row)) for row in rows])
    since = written(tx, [_record(row) for row in rows])
    found: dict[str, list[OwnTask]] = {}
    for row in rows:
        record = _record(row)
        mirrored = seen.get(str(record))
        task = _own_task(row, mirrored.record if mirrored else None, since.get(record, {}))
        found.setdefault(row.case_ref, []).append(task)
    return found


def own_logs(tx: Transaction, cases: Collection[str]) -> dict[str, set[Ref]]:
    """The activities that were logged for these cases, by case."""
    query = select(table).where(
        table.c.case_ref.in_(listed(tx.connection, cases)), table.c.effect == Effect.LOG, table.c.record_id.is_not(None)
    )
    found: dict[str, set[Ref]] = {}
    for row in tx.connection.execute(query):
        found.setdefault(row.case_ref, set()).add(_record(row))
    return found


def written(tx: Transaction, records: Collection[Ref]) -> dict[Ref, dict[str, Written]]:
    """What was written last to each field of these records, by the vendor's name of the field and in its format."""
    query = select(table).where(
        table.c.record_id.in_(listed(tx.connection, {ref.id for ref in records})),
        table.c.effect.in_((Effect.FIELDS, Effect.RECORD)),
        unindexed(table.c.state) == LedgerState.DONE,
    )
    wanted = set(records)
    found: dict[Ref, dict[str, Written]] = {}
    for row in tx.connection.execute(query.order_by(table.c.done_at, table.c.key)):
        if _record(row) not in wanted:
            continue
        fields = found.setdefault(_record(row), {})
        for name, change in row.fields.items():
            times = fields[name].times + 1 if name in fields else 1
            fields[name] = Written(change["after"], times, row.done_at)
    return found


def memberships(tx: Transaction, ids: Collection[str]) -> dict[str, tuple[Operation, int]]:
    """(what was done last, how many times anything was done) of memberships by their id `<list>:<record>`."""
    query = select(table.c.record_id, table.c.operation).where(
        table.c.record_id.in_(listed(tx.connection, ids)),
        table.c.effect == Effect.MEMBERSHIP,
        unindexed(table.c.state) == LedgerState.DONE,
    )
    found: dict[str, tuple[Operation, int]] = {}
    for record_id, operation in tx.connection.execute(query.order_by(table.c.done_at, table.c.key)):
        found[record_id] = Operation(operation), found.get(record_id, (None, 0))[1] + 1
    return found


def _withdrawn(*, deleting: bool = False) -> Any:
    """A condition: the change's task was taken back (by deleting it)."""
    other = table.alias()
    done = and_(other.c.key == table.c.key + WITHDRAWAL, other.c.state == LedgerState.DONE)
    if deleting:
        done = and_(done, other.c.operation == Operation.DELETE)
    return exists().where(done).correlate(table)


def _record(row: Row[Any]) -> Ref:
    return Ref(row.system, row.object, row.record_id)


def _own_task(row: Row[Any], current: object, since: Mapping[str, Written]) -> OwnTask:
    record = current if isinstance(current, Activity) else None
    gone = bool(row.removed) or (record is not None and record.deleted)
    return OwnTask(
        key=row.key,
        program=row.program,
        record=_record(row),
        written={name: change["after"] for name, change in row.fields.items()}
        | {name: one.value for name, one in since.items() if row.fields},
        created_at=row.sending_at or row.created_at,
        withdrawn=bool(row.withdrawn),
        current=record,
        deleted=gone,
    )


def _values(change: Change, fields: TaskFields, counted_on: date | None) -> dict[str, Any]:
    due = change.fields[fields.due].after if fields.due in change.fields else None
    owner = change.fields[fields.owner].after if fields.owner in change.fields else None
    due_on = date.fromisoformat(str(due)[:10]) if due else None
    return {
        "key": change.key,
        "state": LedgerState.PLANNED.value,
        "system": change.system,
        "object": change.object,
        "record_id": change.id,
        "program": change.program,
        "operation": change.operation.value,
        "effect": change.effect.value,
        "case_ref": change.case,
        "fields": {name: value.model_dump(mode="json") for name, value in change.fields.items()},
        "because": [evidence.model_dump(mode="json") for evidence in change.because],
        "basis": change.basis,
        "assignee": str(owner) if owner else None,
        "due_date": due_on,
        "counted_on": (counted_on or due_on) if change.effect is Effect.TASK else None,
    }


def _changes(tx: Transaction, query: Select[Any]) -> list[Change]:
    return [_change(row) for row in tx.connection.execute(_in_order(query))]


def _in_order(query: Select[Any]) -> Select[Any]:
    return query.order_by(table.c.created_at, table.c.position, table.c.key)


def _change(row: Row[Any]) -> Change:
    return Change(
        key=row.key,
        program=row.program,
        operation=Operation(row.operation),
        effect=Effect(row.effect),
        system=row.system,
        object=row.object,
        id=row.record_id,
        case=row.case_ref,
        basis=row.basis,
        fields={name: FieldChange.model_validate(value) for name, value in row.fields.items()},
        because=tuple(Because.model_validate(evidence) for evidence in row.because),
    )
