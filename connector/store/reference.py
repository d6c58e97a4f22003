"""A register of companies that somebody loaded: its rows, and the keys under which they are found.

Written by the engine when a register is loaded, read when companies are unified. Knows rows and keys; what a row says
of a company is judged elsewhere, and kept by `reference_matches`.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import TextClause, func, select, text

from connector.identity.reference import Registered
from connector.model.plan import Frozen
from connector.store import statistics
from connector.store.match_keys import hashed
from connector.store.schema import reference
from connector.store.sql import bulk
from connector.store.store import Transaction

SPACE = "r"
"""The register's keys are told apart from those of records."""

STATE = "reference"

Portion = tuple[str, str | None]
"""Keys from behind the first to the second, or to the end."""

_SAVE = "INSERT INTO reference (number, body) VALUES (?, ?) ON CONFLICT (number) DO UPDATE SET body = excluded.body"
# At most :limit companies of each key, always the same ones.
_FOUND = """
SELECT key, number FROM (
  SELECT key, number, row_number() OVER (PARTITION BY key ORDER BY number) AS place FROM reference_key
  WHERE key IN ({values})
) AS placed WHERE place <= :limit
"""
_LOAD = "SELECT number, CAST(body AS TEXT) FROM reference WHERE number IN ({values})"
_REMOVE = "DELETE FROM reference WHERE number IN ({values})"
_MET = "SELECT number FROM reference_met WHERE number IN ({values})"
_PAGE = text("SELECT number, CAST(body AS TEXT) FROM reference WHERE number > :after ORDER BY number LIMIT :size")

_VALUES = {
    "sqlite": ("SELECT value FROM json_each(:values)", "SELECT value FROM json_each(:values)"),
    "postgresql": ("SELECT unnest(CAST(:values AS bigint[]))", "SELECT unnest(CAST(:values AS text[]))"),
}

# Keys come in no order, and an index that grows in no order is written many times over. So they wait beside it.
_BEGIN = (
    "DROP TABLE IF EXISTS reference_staged",
    # Their types, and so their order, are those of the table that they go to.
    "CREATE TEMPORARY TABLE reference_staged AS SELECT key, number FROM reference_key LIMIT 0",
    "DROP TABLE IF EXISTS reference_met",
    "CREATE TEMPORARY TABLE reference_met (number BIGINT PRIMARY KEY)",
)
_STAGE = "INSERT INTO reference_staged (key, number) VALUES (?, ?)"
_UNKEY = "DELETE FROM reference_key WHERE key = ? AND number = ?"
_SORT = "CREATE INDEX reference_staged_in_order ON reference_staged (key, number)"
_BOUND = "SELECT key FROM {table} WHERE key > :after ORDER BY key LIMIT 1 OFFSET :size"
_WITHIN = ("key > :after", "key > :after AND key <= :last")
_PLACE = """
INSERT INTO reference_key (key, number) SELECT key, number FROM reference_staged WHERE {within} ORDER BY key, number
ON CONFLICT DO NOTHING
"""
_UNKEY_OTHERS = """
DELETE FROM reference_key WHERE {within} AND NOT EXISTS (
  SELECT 1 FROM reference_staged AS staged WHERE staged.key = reference_key.key AND staged.number = reference_key.number
)
"""
_MEET = "INSERT INTO reference_met (number) VALUES (?) ON CONFLICT DO NOTHING"
_UNMET = text("""
SELECT number FROM reference WHERE number > :after AND number NOT IN (SELECT number FROM reference_met)
ORDER BY number LIMIT :size
""")
_UNKEY_GONE = "DELETE FROM reference_key WHERE {within} AND number NOT IN (SELECT number FROM reference)"


class State(Frozen):
    """What is known of the register as a whole. `keys` tells how its keys were made.

    `complete`: every company is in it, so that a name that one of them bears is nobody else's. `loading`: a load began
    and has not ended; until the next one ends, nothing is concluded from who is missing. `file` and `at` are those of
    the last load that ended, empty before the first did; `unfinished` is the file of the one that did not.
    """

    complete: bool = False
    loading: bool = False
    keys: str = ""
    companies: int = 0
    file: str = ""
    at: str = ""
    unfinished: str = ""


def state(tx: Transaction) -> State | None:
    """The register's state, `None` where none was ever loaded. One look at one row."""
    known = statistics.get(tx, STATE, "")
    return None if known is None else State.model_validate(known)


def put_state(tx: Transaction, state: State) -> None:
    """Keep it."""
    statistics.put(tx, STATE, "", state.model_dump())


def load(tx: Transaction, numbers: Collection[str]) -> dict[str, Registered]:
    """The companies of these 法人番号, as far as the register has them."""
    return {str(number): _parsed(number, body) for number, body in _asked(tx, _LOAD, _integers(numbers))}


def found(tx: Transaction, keys: Collection[str], limit: int) -> dict[str, list[str]]:
    """Of each key that leads to companies the 法人番号 of the first `limit` of them, in order."""
    asked = {hashed(SPACE, key): key for key in keys}
    result: dict[str, list[str]] = {}
    for key, number in _asked(tx, _FOUND, sorted(asked), limit=limit):
        result.setdefault(asked[key], []).append(str(number))
    return {key: sorted(numbers) for key, numbers in result.items()}


def save(tx: Transaction, companies: Iterable[Registered]) -> None:
    """Keep these companies as they are now; their keys are the caller's matter."""
    rows = [
        (int(one.number), one.model_dump_json(exclude={"number"}, exclude_defaults=True))
        for one in sorted(companies, key=lambda one: one.number)
    ]
    bulk(tx.connection, _SAVE, rows)


def remove(tx: Transaction, numbers: Collection[str]) -> None:
    """These companies are not registered any more."""
    if numbers:
        tx.connection.execute(*_filled(tx, _REMOVE, _integers(numbers)))


def count(tx: Transaction) -> int:
    """How many companies the register has."""
    return tx.connection.execute(select(func.count()).select_from(reference)).scalar_one()


def pages(tx: Transaction, size: int) -> Iterator[list[Registered]]:
    """The whole register in order of 法人番号, with flat memory. Checkpoints may lie between two pages."""
    after = 0
    while page := tx.connection.execute(_PAGE, {"after": after, "size": size}).all():
        yield [_parsed(number, body) for number, body in page]
        after = page[-1][0]


def begin(tx: Transaction) -> None:
    """A load begins on this connection."""
    for statement in _BEGIN:
        tx.connection.exec_driver_sql(statement)


def stage_keys(tx: Transaction, keys: Mapping[str, Sequence[str]]) -> None:
    """Number → keys to be added. They count once they are placed. Writes a table of this connection only."""
    rows = [(hashed(SPACE, key), int(number)) for number, own in keys.items() for key in own]
    bulk(tx.connection, _STAGE, rows)


def staged(tx: Transaction, size: int) -> Iterator[Portion]:
    """All keys that wait, in order and in portions. Transactions may end between two of them; none is staged after."""
    tx.connection.exec_driver_sql(_SORT)
    return _portions(tx, "reference_staged", size)


def placed(tx: Transaction, size: int) -> Iterator[Portion]:
    """All keys that count, likewise."""
    return _portions(tx, "reference_key", size)


def place_keys(tx: Transaction, portion: Portion, *, only: bool = False) -> None:
    """Staged keys of this portion take their place. `only`: the others that stand there go."""
    _within(tx, _PLACE, portion)
    if only:
        _within(tx, _UNKEY_OTHERS, portion)


def drop_keys(tx: Transaction, keys: Mapping[str, Sequence[str]]) -> None:
    """Number → keys that it has no more. One that still waits stays: it brings a candidate too many, nothing worse."""
    bulk(tx.connection, _UNKEY, [(hashed(SPACE, key), int(number)) for number, own in keys.items() for key in own])


def meet(tx: Transaction, numbers: Collection[str]) -> set[str]:
    """Note that the load met these; returns those that it had met before. Writes a table of this connection only."""
    before = {str(number) for (number,) in _asked(tx, _MET, _integers(numbers))}
    bulk(tx.connection, _MEET, [(int(number),) for number in sorted(set(numbers) - before)])
    return before


def unmet(tx: Transaction, size: int) -> Iterator[list[str]]:
    """Companies that the load did not meet, so many at once. Transactions may end between two portions."""
    after = 0
    while numbers := list(tx.connection.scalars(_UNMET, {"after": after, "size": size})):
        yield list(map(str, numbers))
        after = numbers[-1]


def drop_keys_of_removed(tx: Transaction, portion: Portion) -> None:
    """Keys of this portion that lead to nobody."""
    _within(tx, _UNKEY_GONE, portion)


def _portions(tx: Transaction, table: str, size: int) -> Iterator[Portion]:
    bound = text(_BOUND.format(table=table))
    after: str = ""
    while True:
        last = tx.connection.scalar(bound, {"after": after, "size": size})
        yield after, last
        if last is None:
            return
        after = last


def _within(tx: Transaction, statement: str, portion: Portion) -> None:
    after, last = portion
    bounds = {"after": after} if last is None else {"after": after, "last": last}
    tx.connection.execute(text(statement.format(within=_WITHIN[last is not None])), bounds)


def _integers(numbers: Collection[str]) -> list[int]:
    return sorted(map(int, numbers))


def _asked(tx: Transaction, query: str, values: Sequence[int] | Sequence[str], **more: int) -> Sequence[Any]:
    return tx.connection.execute(*_filled(tx, query, values, **more)).all() if values else ()


def _filled(
    tx: Transaction, query: str, values: Sequence[int] | Sequence[str], **more: int
) -> tuple[TextClause, dict[str, Any]]:
    """The query with any number of values as one parameter."""
    dialect = tx.connection.dialect.name
    of_integers, of_texts = _VALUES[dialect]
    listed = of_integers if isinstance(values[0], int) else of_texts
    given = json.dumps(values) if dialect == "sqlite" else list(values)
    return text(query.format(values=listed)), {"values": given, **more}


def _parsed(number: int, body: str) -> Registered:
    comma = "," if body[1] != "}" else ""
    return Registered.model_validate_json(f'{{"number":"{number}"{comma}{body[1:]}')
