"""Makes the SQLAlchemy engine for a database URL, with what each database needs to behave alike.

Called by `Store.open`. Knows no table.
"""

from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError

from connector.model.errors import ConfigurationError
from connector.store.failures import translate

BUSY_TIMEOUT_MS = 5_000
CACHE_KIB = 49_152
CHECKPOINT_PAGES = 16_000
SORTING_THREADS = 2
_SESSION = (
    "SET TIME ZONE 'UTC'",
    "SET lock_timeout = '30s'",
    # A run whose machine is gone must not hold the lease for the two hours after which a server notices by itself.
    "SET tcp_keepalives_idle = 60",
    "SET tcp_keepalives_interval = 10",
    "SET tcp_keepalives_count = 3",
)
_EXAMPLES = "sqlite:///okoshi.db or postgresql://user:password@host:5432/okoshi"


def parse(url: str) -> URL:
    """The URL with the driver that we use. Raises ConfigurationError for a database that is not supported."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigurationError(f"database.url is not a database URL; write {_EXAMPLES}.") from None
    backend = parsed.get_backend_name()
    if backend == "postgres" or parsed.drivername == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise ConfigurationError(
            f"database.url names no file; a store that forgets would write twice. Write {_EXAMPLES}."
        )
    if backend not in ("sqlite", "postgresql"):
        raise ConfigurationError(f"database.url names {backend}, which is not supported; write {_EXAMPLES}.")
    return parsed


def require(url: URL) -> None:
    """Raises ConfigurationError where there is no file of this name: opening it would make an empty one."""
    path = Path(str(url.database))
    if url.get_backend_name() == "sqlite" and not path.exists():
        raise ConfigurationError(
            f"There is no {path}: nothing has been read yet, or this is another folder. Read with `okoshi run`, or "
            "name the folder: --project-dir.",
            code="nothing_read",
            details={"path": path},
        )


def connect(url: URL) -> Engine:
    """An engine; nothing is opened yet."""
    if url.get_backend_name() == "sqlite":
        engine = _sqlite(url)
    else:
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": 10})
        event.listen(engine, "connect", _session)

    @event.listens_for(engine, "handle_error")
    def _explain(context: ExceptionContext) -> BaseException | None:
        return translate(context, url)

    return engine


def _sqlite(url: URL) -> Engine:
    folder = Path(str(url.database)).resolve().parent
    if not folder.is_dir():
        raise ConfigurationError(f"The folder {folder} of database.url does not exist; create it or name another file.")
    # It holds names, phones and notes: readable by its owner only, and so are the files that SQLite puts beside it.
    with suppress(OSError):  # what is wrong with the place is explained when the database is opened
        Path(str(url.database)).touch(mode=0o600)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
    event.listen(engine, "connect", _pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _pragmas(connection: Any, _record: object) -> None:
    # The driver's own transaction handling begins too late and never "immediate"; ours is in `_begin`.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # After a power cut the last commits may be missing, never half of one: rows and cursor go back together, and a task
    # that was sent is found by its key before it is sent again. That is worth one fsync less for every page.
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = OFF")
    cursor.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    # A first load touches the same index pages in commit after commit: copying them back less often halves the writing.
    cursor.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    # It also sorts the keys of all records then, which takes half as long with a second thread.
    cursor.execute(f"PRAGMA threads = {SORTING_THREADS}")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A writer takes the lock at once: two that read first and write later would deadlock.
    reading = connection.get_execution_options().get("okoshi_reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _session(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        for setting in _SESSION:
            cursor.execute(setting)
    connection.commit()
