"""One run at a time: a lock that dies with its process, and a fencing number for a holder that does not know it lost.

Called by `Store.lease`; every write transaction checks the number.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, select, text, update

from connector.model.errors import ConfigurationError, StopSync
from connector.store.schema import lease as table
from connector.store.sql import bulk

CYCLE = "cycle"
# Advisory locks are named by numbers; this one is "okoshi" in ASCII, and the second number is the schema's own.
_ADVISORY = 0x6F6B6F73
RUN_ALIVE = "run_alive"
_BUSY = "another run is alive and holds the lease; wait until it has finished, then run again"


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write, for as long as `fence` is the newest number."""

    name: str
    run_id: str
    fence: int


@contextmanager
def exclusive(engine: Engine) -> Iterator[None]:
    """The operating system's (or the server's) lock; StopSync if another process holds it."""
    if engine.dialect.name == "sqlite":
        with _file_lock(Path(f"{Path(str(engine.url.database)).resolve()}.lock")):
            yield
    else:
        with _advisory_lock(engine):
            yield


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be opened ({error.strerror}); the folder of the database must be writable."
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StopSync(_BUSY, code=RUN_ALIVE) from None
        yield
    finally:
        # The file stays: removing it would let two processes lock two files of one name.
        os.close(descriptor)


@contextmanager
def _advisory_lock(engine: Engine) -> Iterator[None]:
    names = {"name": _ADVISORY}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # The session's lock: it ends with the connection, so a killed process leaves nothing behind.
        taken = connection.scalar(text("SELECT pg_try_advisory_lock(:name, hashtext(current_schema()))"), names)
        if not taken:
            raise StopSync(_BUSY, code=RUN_ALIVE)
        try:
            yield
        finally:
            if not connection.closed and not connection.invalidated:
                connection.execute(text("SELECT pg_advisory_unlock(:name, hashtext(current_schema()))"), names)


def last(connection: Connection) -> str:
    """The id of the last holder, empty where nobody ever was one."""
    return connection.scalar(select(table.c.run_id).where(table.c.name == CYCLE)) or ""


def is_held(engine: Engine) -> bool:
    """Whether a process holds it now. Asked by taking it for an instant: who wants it just then is refused."""
    try:
        with exclusive(engine):
            return False
    except StopSync as busy:
        if busy.code != RUN_ALIVE:
            raise
        return True


def take(connection: Connection, run_id: str) -> Lease:
    """Write this run down as the holder, with a number greater than any before."""
    bulk(
        connection,
        "INSERT INTO lease (name, run_id, fence) VALUES (?, ?, 0) ON CONFLICT (name) DO NOTHING",
        [(CYCLE, run_id)],
    )
    fence = connection.execute(
        update(table)
        .where(table.c.name == CYCLE)
        .values(run_id=run_id, fence=table.c.fence + 1)
        .returning(table.c.fence)
    ).scalar_one()
    return Lease(CYCLE, run_id, fence)


def check(connection: Connection, lease: Lease) -> None:
    """Refuse to go on if another run has taken over."""
    # On PostgreSQL this locks the row, so nobody can take over before our commit; SQLite has one writer anyway.
    query = select(table.c.fence).where(table.c.name == lease.name).with_for_update(read=True)
    if connection.execute(query).scalar_one_or_none() != lease.fence:
        raise StopSync("another run has taken over the lease; this one stops without writing", code="run_replaced")
