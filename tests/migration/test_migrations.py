"""Migrations: from an empty database they lead to exactly the schema that the program works with."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from connector.store import Store, migrations
from connector.store.schema import HEAD, metadata


def test_a_migrated_database_is_what_the_program_expects(store: Store) -> None:
    """No table, column, type or index differs."""
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert migrations.revision(connection) == HEAD


def test_the_program_knows_its_newest_migration() -> None:
    """There is one head, and it is the one that `Store.open` looks for."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_two_processes_may_open_an_empty_database_at_once(database_url: str) -> None:
    """One migrates, the other finds it done."""
    with ThreadPoolExecutor(4) as pool:
        for opened in pool.map(Store.open, [database_url] * 4):
            opened.close()
