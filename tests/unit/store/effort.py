"""How much a database does for something: so a test can tell that it does not grow with all that is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import text

from connector.store import Transaction

# By tables and by indexes: what is told to all by now (which happens after a commit, once a second), and what is not.
_READ = text("""
SELECT coalesce(sum(pg_stat_get_tuples_returned(oid) + pg_stat_get_xact_tuples_returned(oid)), 0) FROM pg_class
WHERE relkind IN ('r', 'i') AND relnamespace = current_schema()::regnamespace
""")
_ANEW = text("SELECT pg_stat_clear_snapshot()")


@dataclass
class Effort:
    """Rows and entries of indexes that PostgreSQL read, or the steps that SQLite took."""

    spent: int = 0


@contextmanager
def effort(tx: Transaction) -> Iterator[Effort]:
    """What is spent within; tells it at the end."""
    connection, found = tx.connection, Effort()
    if connection.dialect.name == "postgresql":
        before = _read(tx)
        yield found
        found.spent = _read(tx) - before
        return
    driver = connection.connection.driver_connection
    assert driver is not None

    def step() -> None:
        found.spent += 1

    driver.set_progress_handler(step, 1)
    yield found
    driver.set_progress_handler(None, 1)


def _read(tx: Transaction) -> int:
    tx.connection.execute(_ANEW)
    return int(tx.connection.execute(_READ).scalar_one())
