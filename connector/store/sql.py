"""Two ways of handing many values to one statement, alike on both databases. Called within the store only."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Select, Text, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY


def listed(connection: Connection, values: Collection[str]) -> Select[tuple[str]]:
    """A subquery of `values`, for `column.in_(…)`: one parameter however many there are, so no limit is ever met."""
    if connection.dialect.name == "sqlite":
        return select(func.json_each(json.dumps(list(values))).table_valued("value").c.value)
    array = bindparam(None, list(values), type_=ARRAY(Text))
    return select(func.unnest(cast(array, ARRAY(Text))).column_valued("value"))


def bulk(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run one statement, written with `?`, for each row, past the compiler: a million rows must cost seconds."""
    if not rows:
        return
    if connection.dialect.paramstyle != "qmark":
        statement = statement.replace("?", "%s")
    connection.exec_driver_sql(statement, list(rows))
