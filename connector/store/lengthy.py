"""Work of minutes that lets others write meanwhile: it looks and computes at leisure, and writes in short portions.

Handed out by `Store.lengthy`; used where a register is loaded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep

from connector.store.transaction import Transaction

TURN = 0.1
"""Seconds. SQLite has no queue: who waits to write asks ten times a second; who comes back sooner is always first."""


@dataclass
class Lengthy(Transaction):
    """Outside `writing` it reads, and writes only temporary tables of its own connection, which keep nobody waiting."""

    _ended: float = 0.0
    _took: float = 0.0

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A write transaction, if the lease is still ours. What was read before it may be relied on as far as nobody
        without the lease changes it.
        """
        self.connection.commit()
        if self.connection.dialect.name == "sqlite":
            sleep(max(0.0, self._ended + min(self._took, TURN) - monotonic()))
        self.connection.execution_options(okoshi_reading=False)
        began = monotonic()
        self.begin()
        yield
        self.connection.commit()
        self._ended = monotonic()
        self._took = self._ended - began
        self.look()

    def look(self) -> None:
        """Go on looking, at what is there now."""
        self.connection.commit()
        self.connection.execution_options(okoshi_reading=True)
        self.connection.begin()
