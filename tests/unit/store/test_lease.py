"""The lease: one run at a time, also when a process is killed, and no write by a run that lost it."""

import multiprocessing
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from connector.model.errors import ConfigurationError, StopSync
from connector.store import Store, cursors


def test_a_second_run_is_told_that_one_is_alive(store: Store, database_url: str) -> None:
    """And may begin as soon as the first one has finished."""
    other = Store.open(database_url)
    with store.lease("one") as first:
        with pytest.raises(StopSync, match="another run is alive"), other.lease("two"):
            pass
        with store.begin(first) as tx:
            cursors.put(tx, "salesforce", "Task", "a")
    with other.lease("two") as second:
        assert second.fence > first.fence
    other.close()


def test_a_run_that_lost_its_lease_writes_nothing(store: Store) -> None:
    """Its number is old: at the beginning of a transaction, and at a checkpoint."""
    with store.lease("one") as old:
        pass
    with store.lease("two") as new:
        with pytest.raises(StopSync, match="taken over"), store.begin(old) as tx:
            cursors.put(tx, "salesforce", "Task", "a")
        with pytest.raises(StopSync, match="taken over"), store.scratch(old):
            pass
        with store.begin(new) as tx:
            cursors.put(tx, "salesforce", "Task", "b")
            tx.checkpoint()
            assert cursors.get(tx, "salesforce", "Task") == "b"


def _hold(url: str, ready: Connection) -> None:
    with Store.open(url).lease("killed"):
        ready.send("held")
        signal.pause()


def test_a_killed_run_leaves_no_lease_behind(store: Store, database_url: str) -> None:
    """The operating system, or the server, lets go of it."""
    parent, child = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_hold, args=(database_url, child))
    process.start()
    assert parent.poll(30)
    with pytest.raises(StopSync), store.lease("too early"):
        pass
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join(10)
    for attempt in range(50):
        try:
            with store.lease("next") as lease:
                assert lease.fence == 2
                break
        except StopSync:
            # A server notices a dead client a moment later.
            assert attempt < 49
            signal.sigtimedwait([], 0.1)


def test_a_lease_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    """The lock lies beside the database."""
    store = Store.open(f"sqlite:///{tmp_path / 'okoshi.db'}")
    (tmp_path / "okoshi.db.lock").mkdir()
    with pytest.raises(ConfigurationError, match="must be writable"), store.lease("one"):
        pass
    store.close()
