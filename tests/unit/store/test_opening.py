"""Opening the database: migrated at once, and one clear message for everything that can be wrong with it."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from connector.model.errors import ConfigurationError, StopSync
from connector.store import Store, Transaction, cursors


def test_reopening_keeps_what_was_saved(database_url: str) -> None:
    """What one process committed, the next one reads."""
    store = Store.open(database_url)
    with store.begin() as tx:
        cursors.put(tx, "salesforce", "Task", "a")
        cursors.put(tx, "salesforce", "Task", "b")
    store.close()
    again = Store.open(database_url)
    with again.read() as tx:
        assert cursors.get(tx, "salesforce", "Task") == "b"
        assert cursors.get(tx, "salesforce", "Event") is None
    again.close()


def _fail(tx: Transaction, first: str, second: str | None = None) -> None:
    """Moves the cursor, with a checkpoint in between if there are two, and then fails."""
    cursors.put(tx, "salesforce", "Task", first)
    if second is not None:
        tx.checkpoint()
        cursors.put(tx, "salesforce", "Task", second)
    raise ZeroDivisionError


def test_an_error_leaves_nothing_half_done(store: Store) -> None:
    """A transaction that an error leaves is rolled back, cursor and all."""
    with pytest.raises(ZeroDivisionError), store.begin() as tx:
        _fail(tx, "a")
    with store.read() as tx:
        assert cursors.get(tx, "salesforce", "Task") is None


def test_a_scratch_transaction_leaves_nothing(store: Store) -> None:
    """Not even what lies before a checkpoint."""
    with store.scratch() as tx:
        cursors.put(tx, "salesforce", "Task", "a")
        tx.checkpoint()
        assert cursors.get(tx, "salesforce", "Task") == "a"
    with store.read() as tx:
        assert cursors.get(tx, "salesforce", "Task") is None


def test_a_checkpoint_keeps_what_lies_before_it(store: Store) -> None:
    """An error after a checkpoint loses only what came after it."""
    with pytest.raises(ZeroDivisionError), store.begin() as tx:
        _fail(tx, "a", "b")
    with store.read() as tx:
        assert cursors.get(tx, "salesforce", "Task") == "a"


def test_a_newer_schema_is_refused(database_url: str) -> None:
    """A database that a newer program has migrated is left alone."""
    store = Store.open(database_url)
    with store.begin() as tx:
        tx.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(ConfigurationError, match=r"9999.*upgrade Okoshi"):
        Store.open(database_url)


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("no database", "sqlite:///okoshi.db"),
        ("sqlite://", "names no file"),
        ("mysql://localhost/okoshi", "mysql, which is not supported"),
        ("sqlite:////nowhere/at/all/okoshi.db", "create it or name another file"),
    ],
)
def test_a_wrong_url_is_explained(url: str, remedy: str) -> None:
    """The message says what to write instead."""
    with pytest.raises(ConfigurationError, match=remedy):
        Store.open(url)


def test_an_unreachable_server_stops_with_its_address_and_without_the_password() -> None:
    """Nobody listens on port 1."""
    with pytest.raises(StopSync, match="cannot be reached") as raised:
        Store.open("postgresql://okoshi:geheim@127.0.0.1:1/okoshi")
    assert "127.0.0.1:1" in str(raised.value)
    assert "geheim" not in str(raised.value)


def test_an_unknown_database_on_a_server_is_a_matter_of_configuration(new_postgres_url: str) -> None:
    """The server answers, but has no such database."""
    with pytest.raises(ConfigurationError, match="create it"):
        Store.open(new_postgres_url.replace("/test_", "/absent_"))


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """A text file is not overwritten."""
    file = tmp_path / "okoshi.db"
    file.write_text("Not a database, but a text of more than a hundred bytes, " * 3)
    with pytest.raises(ConfigurationError, match=r"okoshi\.db is not a database"):
        Store.open(f"sqlite:///{file}")


def test_a_locked_database_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program that holds the file longer than we wait leads to one clear message."""
    monkeypatch.setattr("connector.store.database.BUSY_TIMEOUT_MS", 50)
    store = Store.open(f"sqlite:///{tmp_path / 'okoshi.db'}")
    other = sqlite3.connect(tmp_path / "okoshi.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StopSync, match="locked by another program"), store.begin():
        pass
    with store.read() as tx:
        assert cursors.get(tx, "salesforce", "Task") is None, "looking waits for nobody"
    other.close()
    store.close()


def test_a_full_disk_stops_the_run_and_keeps_what_was_there(tmp_path: Path) -> None:
    """SQLite's own page limit stands in for the disk's end."""
    store = Store.open(f"sqlite:///{tmp_path / 'okoshi.db'}")
    with store.begin() as tx:
        cursors.put(tx, "salesforce", "Task", "a")
    with store.scratch() as tx:
        tx.connection.execute(text("PRAGMA max_page_count = 1"))
        with pytest.raises(StopSync, match="the disk is full"):
            cursors.put(tx, "salesforce", "Task", "b" * 1_000_000)
    store.close()
    again = Store.open(f"sqlite:///{tmp_path / 'okoshi.db'}")
    with again.read() as tx:
        assert cursors.get(tx, "salesforce", "Task") == "a"
    again.close()


def test_an_sqlite_file_is_for_its_owner_only(tmp_path: Path) -> None:
    """It mirrors names, phones and notes."""
    Store.open(f"sqlite:///{tmp_path / 'okoshi.db'}").close()
    assert (tmp_path / "okoshi.db").stat().st_mode & 0o077 == 0
