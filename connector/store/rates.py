"""Rate windows that all threads and processes of one deployment share: each call books the moment at which it may go.

One row a window, locked while it is booked: with SQLite in a file of its own, as the database's one writer may be busy
for seconds; with PostgreSQL in the database. Called by the clients' windows. Knows no vendor; time is wall time, with
PostgreSQL the server's.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import structlog
from sqlalchemy import URL, BigInteger, Connection, Engine, cast, event, extract, func, select, text, update

from connector.model.errors import OkoshiError
from connector.store import database
from connector.store.schema import rate_window as table

FARTHEST_MS = 60_000
"""No queue is longer: a booking further ahead was made on a clock that has been set back since, and is forgotten."""

CHECKPOINT_PAGES = 1_000
"""The file is one page, written for each call: its log need not grow as a first load's."""

_log = structlog.get_logger(__name__)

# Makes a window's row where there is none, and locks it. What it answers is as the last one left it.
_TAKEN = text(
    "INSERT INTO rate_window (name, slots) VALUES (:window, '[]')"
    " ON CONFLICT (name) DO UPDATE SET slots = rate_window.slots RETURNING slots"
).columns(table.c.slots)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many calls in any stretch of so many milliseconds."""

    calls: int
    milliseconds: int


class Slots(Protocol):
    """Where the moments are written down."""

    def book(self, window: str, rate: Rate) -> float:
        """Books the next free moment of a window; answers the seconds until then.

        First come, first served. A caller that dies leaves nothing behind but a moment that nobody uses.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


def booked(slots: Sequence[int], now: int, rate: Rate) -> list[int]:
    """`slots` with one more, the last, at which another call fits; all in milliseconds and ascending.

    Those that no longer matter are dropped.
    """
    known = [slot for slot in slots if now - rate.milliseconds < slot <= now + FARTHEST_MS]
    free = known[-rate.calls] + rate.milliseconds if len(known) >= rate.calls else now
    return [*known, max([now, free, *known[-1:]])]


class MemorySlots:
    """Shared by the threads of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slots: dict[str, list[int]] = {}

    def book(self, window: str, rate: Rate) -> float:
        now = _milliseconds()
        with self._lock:
            self._slots[window] = slots = booked(self._slots.get(window, ()), now, rate)
        return (slots[-1] - now) / 1000

    def close(self) -> None:
        """Nothing is open."""


class DatabaseSlots:
    """Shared by all that work on one database, on whichever machine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def book(self, window: str, rate: Rate) -> float:
        with self._engine.begin() as connection:
            slots = connection.execute(_TAKEN, {"window": window}).scalar_one()
            now = _present(connection)
            slots = booked(slots, now, rate)
            connection.execute(update(table).where(table.c.name == window).values(slots=slots))
        return (slots[-1] - now) / 1000

    def close(self) -> None:
        self._engine.dispose()


class FileSlots:
    """Shared by all processes of one machine, in an SQLite file whose lock is the operating system's.

    Where the file cannot be used, as in a read-only directory, the process keeps to the rate by itself, and says so.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._slots: Slots | None = None
        # Who waits for SQLite's lock looks again now and then: threads rather queue here, and only processes there.
        self._queue = threading.Lock()

    def book(self, window: str, rate: Rate) -> float:
        with self._queue:
            try:
                self._slots = self._slots or _file(self._path)
                return self._slots.book(window, rate)
            except OkoshiError as error:
                self.close()
                self._slots = MemorySlots()
                _log.warning(
                    "rate limits are kept by this process alone: the file that others share cannot be used",
                    file=str(self._path),
                    reason=str(error.__cause__ or error),
                )
                return self._slots.book(window, rate)

    def close(self) -> None:
        if self._slots is not None:
            self._slots.close()


def slots_of(url: str) -> Slots:
    """The slots that go with this database. Nothing is opened yet."""
    parsed = database.parse(url)
    if parsed.get_backend_name() == "sqlite":
        return FileSlots(Path(f"{Path(str(parsed.database)).resolve()}.rates"))
    engine = database.connect(parsed)
    event.listen(engine, "connect", _forgetful)
    return DatabaseSlots(engine)


def _file(path: Path) -> Slots:
    engine = database.connect(URL.create("sqlite", database=str(path)))
    event.listen(engine, "connect", _brief)
    with engine.begin() as connection:
        table.create(connection, checkfirst=True)
    return DatabaseSlots(engine)


def _brief(connection: Any, _record: object) -> None:
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")


def _forgetful(connection: Any, _record: object) -> None:
    """Bookings need not outlive a power cut of the server: no call waits for its disk."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    connection.commit()


def _present(connection: Connection) -> int:
    """Asked when the row is locked: by then another's booking may have been waited for."""
    if connection.dialect.name == "sqlite":
        return _milliseconds()
    moment = cast(extract("epoch", func.clock_timestamp()) * 1000, BigInteger)
    return connection.execute(select(moment)).scalar_one()


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000
