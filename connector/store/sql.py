"""Ways of handing many values to one statement, and of taking turns, alike on both databases. Within the store only."""

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

_OF_VALUES = {
    "sqlite": "SELECT value FROM json_each(:values)",
    "postgresql": "SELECT unnest(CAST(:values AS text[]))",
}

# The schema's own number beside the name: another schema of the database is another Okoshi.
_ALONE = text("SELECT pg_advisory_xact_lock(:name, hashtext(current_schema()))")
_SHARED = text("SELECT pg_advisory_xact_lock_shared(:name, hashtext(current_schema()))")


class Asked:
    """A statement about many values, `… IN ({values})`, built once: building it anew costs more than one look-up.

    With `columns` the rows are read as these are kept.
    """

    def __init__(self, statement: str, *columns: Column[Any]) -> None:
        written = {name: text(statement.format(values=values)) for name, values in _OF_VALUES.items()}
        self._statements = {name: one.columns(*columns) if columns else one for name, one in written.items()}

    def of(self, connection: Connection, values: Collection[str], **more: str) -> CursorResult[Any]:
        """What it says of these values; `more` are its other parameters."""
        dialect = connection.dialect.name
        given = json.dumps(list(values)) if dialect == "sqlite" else list(values)
        return connection.execute(self._statements[dialect], {"values": given, **more})

    def rows(self, connection: Connection, values: Collection[str], **more: str) -> list[Any]:
        """The rows of it, all at once, which is faster than one after the other."""
        return list(self.of(connection, values, **more).all())


def listed(connection: Connection, values: Collection[str]) -> Select[tuple[str]]:
    """A subquery of `values`, for `column.in_(…)`: one parameter however many there are, so no limit is ever met."""
    if connection.dialect.name == "sqlite":
        return select(func.json_each(json.dumps(list(values))).table_valued("value").c.value)
    array = bindparam(None, list(values), type_=ARRAY(Text))
    return select(func.unnest(cast(array, ARRAY(Text))).column_valued("value"))


def unindexed(column: ColumnElement[str]) -> ColumnElement[str]:
    """The column's value, for conditions beside `column.in_(listed(…))`: no index on it is read.

    Without statistics SQLite takes all rows of a kind or a state for fewer than those of a list of keys.
    """
    return column + literal("")


def moment(connection: Connection, at: datetime) -> object:
    """A moment for `bulk`, which the column's own type reads."""
    in_utc = at.astimezone(UTC)
    return in_utc.replace(tzinfo=None).isoformat(" ") if connection.dialect.name == "sqlite" else in_utc


def bulk(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run one statement, written with `?`, for each row, past the compiler: a million rows must cost seconds."""
    if not rows:
        return
    if connection.dialect.paramstyle != "qmark":
        statement = statement.replace("?", "%s")
    connection.exec_driver_sql(statement, list(rows))


def take_turn(connection: Connection, name: int, *, shared: bool = False) -> None:
    """Waits until no other transaction holds the lock `name` of this schema, or, `shared`, none holds it alone.

    It ends with the transaction. On SQLite there is one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_SHARED if shared else _ALONE, {"name": name})
