"""Where every case stands with every program, kept between cycles.

Written by the engine; read by arbitration between programs and by reporting. Knows no program's rules.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, Select, case, delete, exists, func, literal, or_, select, text, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from connector.model.case import Occasion
from connector.model.intents import Standing
from connector.model.plan import Because, Effect, LedgerState, Unwritten
from connector.store.schema import ledger
from connector.store.schema import standing as table
from connector.store.sql import listed
from connector.store.store import Transaction

_BECAUSE: TypeAdapter[tuple[Because, ...]] = TypeAdapter(tuple[Because, ...])
_UNWRITTEN: TypeAdapter[tuple[Unwritten, ...]] = TypeAdapter(tuple[Unwritten, ...])
_OCCASION = ("number", "started_on", "last_contact", "ended")

# From each program to the next one in the index: as many steps as there are programs, however many cases each has.
_PROGRAMS = text("""
WITH RECURSIVE named(program) AS (
    SELECT min(program) FROM standing
    UNION ALL SELECT (SELECT min(s.program) FROM standing s WHERE s.program > n.program)
        FROM named n WHERE n.program IS NOT NULL
) SELECT program FROM named WHERE program IS NOT NULL
""")

OTHERS_TASK = "already_open"
"""The reason of a case that counts as issued because somebody else's open task is there."""


@dataclass(frozen=True, slots=True)
class StandingRow:
    """One program's last word on one case. `rank` and then `value` order, `person_key` is one person across records.

    `assignee` (the vendor's id of a user) is set where a certain person has to get the task, whatever else that person
    has to do if it is `beyond_capacity`; `account_owner` is a mail address. A value of `None` is kept as 0.
    """

    program: str
    case: str
    standing: Standing
    basis: str
    updated_at: datetime
    reason: str | None = None
    text: str = ""
    name: str | None = None
    rank: int = 0
    value: Decimal | None = None
    person_key: str | None = None
    assignee: str | None = None
    beyond_capacity: bool = False
    account_owner: str | None = None
    because: tuple[Because, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    occasion: Occasion | None = None
    wake_at: datetime | None = None
    unwritten: tuple[Unwritten, ...] = ()
    """What the program wanted to write here and no field takes."""


def save(tx: Transaction, rows: Sequence[StandingRow]) -> None:
    """Keep these. A row without an occasion leaves the case's last one in place: no number is given out twice."""
    if not rows:
        return
    insert = sqlite.insert if tx.connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table)
    new = statement.excluded
    changed: dict[str, Any] = {column.name: new[column.name] for column in table.columns if not column.primary_key}
    for name in (f"occasion_{part}" for part in _OCCASION):
        changed[name] = case((new.occasion_number.is_(None), table.c[name]), else_=new[name])
    upsert = statement.on_conflict_do_update(index_elements=["program", "case_ref"], set_=changed)
    tx.connection.execute(upsert, [_values(row) for row in rows])


def get(tx: Transaction, program: str, cases: Collection[str]) -> dict[str, StandingRow]:
    """The rows of these cases, by case."""
    query = select(table).where(table.c.program == program, table.c.case_ref.in_(listed(tx.connection, cases)))
    return {row.case_ref: _row(row) for row in tx.connection.execute(query)}


def counts(tx: Transaction, program: str) -> dict[Standing, int]:
    """How many cases stand where; every standing is named."""
    query = (
        select(table.c.standing, func.count().label("number"))
        .where(table.c.program == program)
        .group_by(table.c.standing)
    )
    found = {row.standing: row.number for row in tx.connection.execute(query)}
    return {standing: found.get(standing.value, 0) for standing in Standing}


def candidates(
    tx: Transaction,
    limit: int,
    *,
    assigned: bool | None = None,
    after: StandingRow | None = None,
    reason: str | None = None,
) -> list[StandingRow]:
    """Cases that want a task and have none yet, the most valuable first, from behind `after` on.

    `assigned`: those that a certain person has to get, or those that anybody of the role can have. With `reason` those
    that wait for it only.
    """
    query = _ordered(select(table).where(table.c.standing == Standing.WAITING))
    if assigned is not None:
        query = query.where(table.c.assignee.is_not(None) if assigned else table.c.assignee.is_(None))
    if reason is not None:
        query = query.where(table.c.reason == reason)
    if after is None:
        return [_row(row) for row in tx.connection.execute(query.limit(limit))]
    value = _value(after)
    behind = tuple_(table.c.case_ref, table.c.program) > tuple_(literal(after.case), literal(after.program))
    # The value's first condition says nothing new, but lets the database begin at the right place of the index.
    same_rank = query.where(table.c.rank == after.rank, table.c.value <= value, or_(table.c.value < value, behind))
    found = [_row(row) for row in tx.connection.execute(same_rank.limit(limit))]
    if len(found) < limit:
        next_ranks = query.where(table.c.rank > after.rank).limit(limit - len(found))
        found += [_row(row) for row in tx.connection.execute(next_ranks)]
    return found


def of_people(tx: Transaction, person_keys: Collection[str]) -> list[StandingRow]:
    """Every row about one of these people, over all programs, the most valuable first."""
    query = select(table).where(table.c.person_key.in_(listed(tx.connection, person_keys)))
    return [_row(row) for row in tx.connection.execute(_ordered(query))]


def by_standing(tx: Transaction, standing: Standing) -> Iterator[StandingRow]:
    """All rows of one standing, the most valuable first, streamed. Do not checkpoint while reading."""
    query = _ordered(select(table).where(table.c.standing == standing))
    for row in tx.connection.execute(query, execution_options={"yield_per": 500}):
        yield _row(row)


def update_standing(  # noqa: PLR0913 - the parts of one row
    tx: Transaction,
    program: str,
    case_ref: str,
    standing: Standing,
    reason: str | None,
    text: str,
    *,
    wake_at: datetime | None = None,
) -> None:
    """Change where one case stands, and why, and with `wake_at` when it is looked at again; the rest stays."""
    values: dict[str, Any] = {"standing": standing.value, "reason": reason, "text": text}
    if wake_at is not None:
        values["wake_at"] = wake_at
    tx.connection.execute(
        update(table).where(table.c.program == program, table.c.case_ref == case_ref).values(**values)
    )


def wake(tx: Transaction, program: str, case_ref: str, at: datetime) -> None:
    """Look at this case again at `at`, or earlier if that was due already."""
    later = or_(table.c.wake_at.is_(None), table.c.wake_at > at)
    tx.connection.execute(
        update(table).where(table.c.program == program, table.c.case_ref == case_ref, later).values(wake_at=at)
    )


def unbacked(tx: Transaction, program: str) -> int:
    """How many cases count as issued although no task is there or on its way; anything but 0 is a fault."""
    task = exists().where(
        ledger.c.case_ref == table.c.case_ref,
        ledger.c.program == table.c.program,
        ledger.c.effect == Effect.TASK,
        ledger.c.state != LedgerState.REFUSED,
    )
    query = select(func.count()).where(
        table.c.program == program,
        table.c.standing == Standing.ISSUED,
        table.c.reason.is_distinct_from(OTHERS_TASK),
        ~task,
    )
    return tx.connection.execute(query).scalar_one()


def queue(tx: Transaction, reason: str, queued: str, text: str) -> None:
    """Cases that wait for `reason` have had their turn and found no room: from now on they wait in the queue."""
    tx.connection.execute(
        update(table)
        .where(table.c.standing == Standing.WAITING, table.c.reason == reason)
        .values(reason=queued, text=text)
    )


def remove(tx: Transaction, program: str, cases: Collection[str]) -> None:
    """Forget cases that the program has nothing to do with any more: their deal is gone."""
    tx.connection.execute(
        delete(table).where(table.c.program == program, table.c.case_ref.in_(listed(tx.connection, cases)))
    )


def keep_only(tx: Transaction, programs: Collection[str]) -> None:
    """Forget what every other program said: it is switched off or gone."""
    for gone in set(tx.connection.scalars(_PROGRAMS)).difference(programs):
        tx.connection.execute(delete(table).where(table.c.program == gone))


def list_unwritten(tx: Transaction) -> list[Unwritten]:
    """All values that no field takes now, each field of a record once, whatever programs and cases want it there."""
    query = select(table.c.unwritten).where(table.c.unwritten.is_not(None))
    found: dict[tuple[str, ...], Unwritten] = {}
    for row in tx.connection.execute(query.order_by(table.c.program, table.c.case_ref)):
        for one in _UNWRITTEN.validate_python(row.unwritten):
            found.setdefault((one.system, one.object, one.field, one.id or one.case), one)
    return [found[place] for place in sorted(found)]


def facts(tx: Transaction, cases: Collection[str]) -> dict[str, dict[str, Mapping[str, str]]]:
    """What each program wanted to remember, by case and program."""
    query = select(table.c.case_ref, table.c.program, table.c.facts).where(
        table.c.case_ref.in_(listed(tx.connection, cases))
    )
    found: dict[str, dict[str, Mapping[str, str]]] = {}
    for row in tx.connection.execute(query):
        if row.facts:
            found.setdefault(row.case_ref, {})[row.program] = row.facts
    return found


def occasions(tx: Transaction, cases: Collection[str]) -> dict[str, dict[str, Occasion]]:
    """The latest occasion of each program, by case."""
    query = select(table.c.case_ref, table.c.program, *(table.c[f"occasion_{name}"] for name in _OCCASION)).where(
        table.c.case_ref.in_(listed(tx.connection, cases)), table.c.occasion_number.is_not(None)
    )
    found: dict[str, dict[str, Occasion]] = {}
    for row in tx.connection.execute(query):
        found.setdefault(row.case_ref, {})[row.program] = _occasion(row)
    return found


def _ordered(query: Select[Any]) -> Select[Any]:
    return query.order_by(table.c.rank, table.c.value.desc(), table.c.case_ref, table.c.program)


def _value(row: StandingRow) -> Decimal:
    # Databases do not agree on where NULL is in an order, so none is kept.
    return row.value or Decimal(0)


def _values(row: StandingRow) -> dict[str, Any]:
    return {
        "program": row.program,
        "case_ref": row.case,
        "standing": row.standing.value,
        "reason": row.reason,
        "text": row.text,
        "name": row.name,
        "rank": row.rank,
        "value": _value(row),
        "person_key": row.person_key,
        "assignee": row.assignee,
        "beyond_capacity": row.beyond_capacity,
        "account_owner": row.account_owner,
        "because": _BECAUSE.dump_python(row.because, mode="json"),
        "facts": dict(row.facts),
        "wake_at": row.wake_at,
        "unwritten": _UNWRITTEN.dump_python(row.unwritten, mode="json") or None,
        "basis": row.basis,
        "updated_at": row.updated_at,
        **{f"occasion_{name}": getattr(row.occasion, name, None) for name in _OCCASION},
    }


def _row(row: Row[Any]) -> StandingRow:
    return StandingRow(
        program=row.program,
        case=row.case_ref,
        standing=Standing(row.standing),
        basis=row.basis,
        updated_at=row.updated_at,
        reason=row.reason,
        text=row.text,
        name=row.name,
        rank=row.rank,
        value=row.value,
        person_key=row.person_key,
        assignee=row.assignee,
        beyond_capacity=row.beyond_capacity,
        account_owner=row.account_owner,
        because=_BECAUSE.validate_python(row.because),
        facts=row.facts,
        occasion=None if row.occasion_number is None else _occasion(row),
        wake_at=row.wake_at,
        unwritten=_UNWRITTEN.validate_python(row.unwritten or ()),
    )


def _occasion(row: Row[Any]) -> Occasion:
    return Occasion(
        number=row.occasion_number,
        started_on=row.occasion_started_on,
        last_contact=row.occasion_last_contact,
        ended=row.occasion_ended,
    )
