"""Opens the database and hands out transactions. Called by the engine and by reporting.

Every other module of the store takes one of these: a cursor moves, a mark is cleared and a plan enters the ledger only
inside such a transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from connector.store import database, migrations
from connector.store import lease as leases
from connector.store.lease import Lease
from connector.store.lengthy import Lengthy
from connector.store.transaction import Transaction

__all__ = ["Lease", "Lengthy", "Store", "Transaction"]


class Store:
    """The database, migrated to this version of the program."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str, *, create: bool = True) -> "Store":
        """Open and migrate; without `create` only a database that is there. Raises ConfigurationError or StopSync."""
        parsed = database.parse(url)
        if not create:
            database.require(parsed)
        engine = database.connect(parsed)
        try:
            migrations.upgrade(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    @contextmanager
    def lease(self, run_id: str) -> Iterator[Lease]:
        """The right to write, for one run at a time. Raises StopSync while another run is alive."""
        with leases.exclusive(self.engine):
            with self.begin() as tx:
                lease = leases.take(tx.connection, run_id)
            yield lease

    def held_by(self, prefix: str) -> bool:
        """Whether a process whose id begins so has the right to write at this moment."""
        with self.read() as tx:
            known = leases.last(tx.connection).startswith(prefix)
        return known and leases.is_held(self.engine)

    @contextmanager
    def begin(self, lease: Lease | None = None) -> Iterator[Transaction]:
        """A write transaction: committed at the end, rolled back if an error leaves it."""
        with self.engine.connect() as connection:
            tx = Transaction(connection, lease)
            tx.begin()
            yield tx
            connection.commit()

    @contextmanager
    def lengthy(self, lease: Lease) -> Iterator[Lengthy]:
        """For work of minutes: others may write, save within its `writing`. What was written there stays written."""
        with self.engine.connect() as connection:
            work = Lengthy(connection, lease)
            work.look()
            yield work
            connection.commit()

    @contextmanager
    def scratch(self, lease: Lease | None = None) -> Iterator[Transaction]:
        """A write transaction of which nothing remains."""
        with self.engine.connect() as connection:
            tx = Transaction(connection, lease, scratch=True)
            tx.begin()
            yield tx
            connection.rollback()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction for looking only: it waits for no writer and sees one state of the world throughout."""
        with self.engine.connect() as plain:
            options = {"isolation_level": "REPEATABLE READ"} if self.engine.dialect.name == "postgresql" else {}
            connection = plain.execution_options(okoshi_reading=True, **options)
            tx = Transaction(connection, scratch=True)
            tx.begin()
            yield tx
            connection.rollback()
