"""The figures by which PostgreSQL chooses its way to some rows, told anew where very much came or went at once.

Until the server notices by itself, in a minute or never, it would read whole tables for one record. Called within the
store and by a first load. SQLite chooses by the statement alone.
"""

from typing import Final

from sqlalchemy import Table, text

from connector.store.schema import compared, match_key, matched, member, pair, unmatched
from connector.store.store import Transaction

IDENTITY: Final = (matched, match_key, unmatched, compared, pair, member)
"""What 名寄せ writes for every record."""

MANY = 1_000
"""Rows that are worth it; of fewer any way is short."""

_OUTGROWN = text("SELECT :rows > :many + 2 * reltuples FROM pg_class WHERE oid = CAST(:name AS regclass)")


def renew(tx: Transaction, *tables: Table) -> None:
    """What is in these tables now, as far as this transaction sees it; not where somebody tidies one up just then."""
    if tx.connection.dialect.name == "postgresql":
        names = ", ".join(table.name for table in tables)
        tx.connection.execute(text(f"ANALYZE (SKIP_LOCKED) {names}"))


def outgrown(tx: Transaction, table: Table, rows: int) -> bool:
    """Whether the server would not believe that the table has so many rows."""
    if tx.connection.dialect.name != "postgresql" or rows < MANY:
        return False
    asked = {"rows": rows, "many": MANY, "name": table.name}
    return bool(tx.connection.execute(_OUTGROWN, asked).scalar_one())
