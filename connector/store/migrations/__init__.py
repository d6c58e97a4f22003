"""Brings a database to the schema of this program. Called by `Store.open`; the steps themselves are in `versions/`."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from connector.model.errors import ConfigurationError
from connector.store.schema import HEAD
from connector.store.sql import take_turn

_FOLDER = Path(__file__).parent
# "okos" in ASCII, and the next number: not the lock of the lease.
_ADVISORY = 0x6F6B6F74


def upgrade(engine: Engine) -> None:
    """Apply what is missing, in one transaction; two processes that open at once do it one after the other."""
    with engine.connect().execution_options(okoshi_reading=True) as connection:
        if revision(connection) == HEAD:
            return
    with engine.begin() as connection:
        take_turn(connection, _ADVISORY)
        if revision(connection) != HEAD:
            _apply(connection)


def revision(connection: Connection) -> str | None:
    """The revision that the database is at, or `None` for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _apply(connection: Connection) -> None:
    # Imported here because it is slow and a database is migrated once in its life with a version.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = revision(connection)
    if current is not None and current not in known:
        raise ConfigurationError(
            f"The database is at schema {current}, newer than this program knows ({HEAD}); "
            "upgrade Okoshi, or name another database in database.url."
        )
    command.upgrade(config, "head")
