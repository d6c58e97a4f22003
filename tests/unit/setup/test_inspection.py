"""A database is looked at without being made, migrated or changed."""

from pathlib import Path

import pytest
from sqlalchemy import text

from connector.model.errors import StopSync
from connector.store import Store
from connector.store.inspection import inspect
from connector.store.schema import HEAD


def test_an_absent_file_stays_absent(tmp_path: Path) -> None:
    """The first run makes it, not the look."""
    file = tmp_path / "okoshi.db"
    assert inspect(f"sqlite:///{file}").state == "absent"
    assert not file.exists()


def test_the_revision_is_compared_with_the_programs(database_url: str) -> None:
    """Older, current and newer, on both kinds of database."""
    store = Store.open(database_url)
    assert (inspect(database_url).state, inspect(database_url).revision) == ("current", HEAD)
    for revision, state in (("0001", "older"), ("9999", "newer")):
        with store.begin() as tx:
            tx.connection.execute(text("UPDATE alembic_version SET version_num = :new"), {"new": revision})
        assert inspect(database_url).state == state
    store.close()


def test_an_empty_postgresql_database_is_absent_too(new_postgres_url: str) -> None:
    """It has no tables yet, and gets none by being looked at."""
    assert inspect(new_postgres_url).state == "absent"
    assert inspect(new_postgres_url).state == "absent"


def test_the_place_names_no_password() -> None:
    """Neither does the error where nobody answers."""
    with pytest.raises(StopSync) as raised:
        inspect("postgresql://okoshi:geheim@127.0.0.1:1/okoshi")
    assert "geheim" not in str(raised.value)
