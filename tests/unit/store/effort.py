"""How much a database does for something: so a test can tell that it does not grow with all that is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import text

from connector.store import Transaction

# Of the own transaction, by tables and by indexes.
_READ = text("""
SELECT coalesce(sum(pg_stat_get_xact_tuples_returned(oid)), 0) FROM pg_class
WHERE relkind IN ('r', 'i') AND relnamespace = current_schema()::regnamespace
""")


@dataclass
class Effort:
    """Rows and entries of indexes that PostgreSQL read, or the steps that SQLite took."""

    spent: int = 0


@contextmanager
def effort(tx: Transaction) -> Iterator[Effort]:
    """What is spent within; tells it at the end."""
    connection, found = tx.connection, Effort()
    if connection.dialect.name == "postgresql":
        before = connection.execute(_READ).scalar_one()
        yield found
        found.spent = int(connection.execute(_READ).scalar_one() - before)
        return
    driver = connection.connection.driver_connection
    assert driver is not None

    def step() -> None:
        found.spent += 1

    driver.set_progress_handler(step, 1)
    yield found
    driver.set_progress_handler(None, 1)
