"""What state a database is in, found out without changing it. Called by the doctor, before anything is opened."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from connector.store import database, migrations
from connector.store.schema import HEAD


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """Where the database is (no password in it), its revision, and how that compares with this program's `head`."""

    place: str
    state: Literal["absent", "older", "current", "newer"]
    revision: str | None = None
    head: str = HEAD


def inspect(url: str) -> DatabaseState:
    """Looks at a database. Raises ConfigurationError or StopSync where it cannot be reached or used."""
    parsed = database.parse(url)
    place = parsed.render_as_string(hide_password=True)
    if parsed.get_backend_name() == "sqlite":
        file = Path(str(parsed.database))
        place = str(file)
        if file.parent.is_dir() and (not file.exists() or file.stat().st_size == 0):
            return DatabaseState(place, "absent")
    engine = database.connect(parsed)
    try:
        with engine.connect().execution_options(okoshi_reading=True) as connection:
            revision = migrations.revision(connection)
    finally:
        engine.dispose()
    if revision is None:
        return DatabaseState(place, "absent")
    order: Literal["older", "current", "newer"] = (
        "current" if revision == HEAD else "older" if revision < HEAD else "newer"
    )
    return DatabaseState(place, order, revision)
