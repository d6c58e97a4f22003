"""The world underneath: ids, clock, bulk loading, transactions and the journal."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from salesforce_org import DEAL, START, fill, tasks

from connector.sandbox.clock import SandboxClock
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.ids import normalise_id, salesforce_id
from connector.sandbox.salesforce.records import create_record, update_record
from connector.sandbox.salesforce.schema import TABLES
from connector.sandbox.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "world.sqlite", SandboxClock(START), TABLES, {})
    fill(made)
    yield made
    made.close()


def test_ids_carry_the_vendors_checksum() -> None:
    """A real id: 15 characters, case-sensitive, and three that restore the case."""
    assert normalise_id("0012300000bVTq1") == "0012300000bVTq1AAG"
    assert normalise_id("0012300000BVTQ1AAG") == "0012300000bVTq1AAG"
    assert normalise_id("0012300000bVTq1AAA"[:14]) is None
    assert normalise_id("00123000'0bVTq1") is None
    assert salesforce_id("006", 5) < salesforce_id("006", 10) < salesforce_id("006", 61) < salesforce_id("006", 62)


def test_the_clock_runs_and_moves() -> None:
    """It goes on by itself, can be advanced and set, and refuses naive times."""
    clock = SandboxClock(START)
    first = clock.now()
    time.sleep(0.01)
    assert clock.now() > first
    clock.advance(timedelta(days=1))
    assert clock.now() - first >= timedelta(days=1)
    clock.set(datetime(2027, 1, 1, tzinfo=UTC))
    assert clock.now().year == 2027
    with pytest.raises(ValueError, match="offset"):
        clock.set(datetime(2027, 1, 1))  # noqa: DTZ001 - the fault under test


def test_loading_streams_and_is_not_journalled(world: World) -> None:
    """Rows come from a generator; an unknown column is a mistake of the seeding."""
    assert world.load("salesforce", "Task", iter(tasks(12_000, "2026-02-03T00:30:00.000Z"))) == 12_000
    assert sum(1 for _ in world.rows("salesforce", "Task")) == 12_000
    assert list(world.journal()) == []
    with pytest.raises(KeyError, match="Nope"):
        world.load("salesforce", "Task", [{"Id": "x", "Nope": 1}])


def test_new_ids_do_not_meet_loaded_ones(world: World) -> None:
    """New records sort after all loaded ones."""
    first = create_record(world, "Task", {"Subject": "a"}, "actor")
    second = create_record(world, "Task", {"Subject": "b"}, "actor")
    assert salesforce_id("00T", 1_500_000) < first < second


def test_a_transaction_happens_whole_or_not_at_all(world: World) -> None:
    """An inner one rolls back alone, an outer one takes everything along."""
    with world.transaction():
        create_record(world, "Task", {"Subject": "kept"}, "actor")
        with pytest.raises(SalesforceError):
            _two_of_which_one_is_refused(world)
    assert [row["Subject"] for row in world.rows("salesforce", "Task")] == ["kept"]
    assert [entry["operation"] for entry in world.journal()] == ["create"]


def _two_of_which_one_is_refused(world: World) -> None:
    with world.transaction():
        create_record(world, "Task", {"Subject": "undone"}, "actor")
        create_record(world, "Task", {"Nope": 1}, "actor")


def test_the_journal_holds_changed_fields_only(world: World) -> None:
    """A field written with its own value is no change."""
    update_record(world, "Opportunity", DEAL, {"Name": "基幹更改", "NextStep": "電話"}, "actor")
    entry = list(world.journal())[-1]
    assert entry["before"]["NextStep"] is None
    assert "Name" not in entry["after"]
    assert (entry["actor"], entry["vendor"], entry["object"], entry["id"]) == (
        "actor",
        "salesforce",
        "Opportunity",
        DEAL,
    )
