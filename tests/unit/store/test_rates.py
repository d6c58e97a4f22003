"""Shared rate windows: never more than the rate in any stretch, whoever books; a dead process holds nothing."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from connector.store import Store
from connector.store.rates import DatabaseSlots, FileSlots, MemorySlots, Rate, Slots, booked, slots_of

RATE = Rate(5, 400)


def fits(moments: list[float], rate: Rate) -> bool:
    """Whether no stretch of the rate's length holds more than its calls."""
    ordered = sorted(moments)
    pairs = zip(ordered, ordered[rate.calls :], strict=False)
    return all(later - earlier >= rate.milliseconds - 1 for earlier, later in pairs)


@given(st.lists(st.integers(0, 300), max_size=60), st.integers(1, 8), st.integers(1, 1_000))
def test_no_stretch_ever_holds_more_than_the_rate(gaps: list[int], calls: int, milliseconds: int) -> None:
    """However the calls come: each gets the first moment that fits, after those who asked before."""
    rate, now, slots, given_out = Rate(calls, milliseconds), 1_000_000, [], []
    for gap in gaps:
        now += gap
        slots = booked(slots, now, rate)
        given_out.append(slots[-1])
        assert slots[-1] >= now
    assert given_out == sorted(given_out)
    assert fits([float(moment) for moment in given_out], rate)


def test_a_clock_that_was_set_back_holds_nobody_up() -> None:
    """Bookings that lie an hour ahead were made on the clock as it was."""
    now = 10_000_000
    assert booked([now + 3_600_000], now, RATE) == [now]


@pytest.fixture
def slots(database_url: str) -> Slots:
    """The slots that go with each kind of database, which is there."""
    Store.open(database_url).close()
    return slots_of(database_url)


def test_threads_share_a_window(slots: Slots) -> None:
    """Eight threads get the moments of one queue, and another window has its own."""
    with ThreadPoolExecutor(8) as pool:
        moments = list(pool.map(lambda _: time.time() + slots.book("calls", RATE), range(24)))
    assert slots.book("searches", RATE) == 0
    slots.close()
    assert max(moments) - min(moments) >= 4 * RATE.milliseconds / 1000 - 0.2
    assert sum(moment - min(moments) < RATE.milliseconds / 2000 for moment in moments) <= RATE.calls


PROCESS = """
import sys, time
from connector.store.rates import Rate, slots_of
slots = slots_of(sys.argv[1])
for _ in range(12):
    wait = slots.book("calls", Rate(5, 400))
    print(int((time.time() + wait) * 1000))
"""


def test_processes_share_a_window(database_url: str) -> None:
    """Two processes get the moments of one queue."""
    Store.open(database_url).close()
    command = [sys.executable, "-c", PROCESS, database_url]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    moments = sorted(int(line) for process in running for line in process.communicate(timeout=60)[0].split())
    assert len(moments) == 24
    # A moment is computed from the clock just after booking, hence a little late.
    assert all(later - earlier >= 400 - 150 for earlier, later in zip(moments, moments[5:], strict=False))


HOLDER = """
import sys, time
from connector.store import database
engine = database.connect(database.parse("sqlite:///" + sys.argv[1]))
with engine.begin() as connection:
    connection.exec_driver_sql("UPDATE rate_window SET slots = '[1,2'")
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_killed_process_leaves_no_lock_and_nothing_half_written(tmp_path: Path) -> None:
    """It dies in the middle of its writing; the next one books at once, and knows what was booked before."""
    path = tmp_path / "okoshi.db.rates"
    slots = FileSlots(path)
    assert [slots.book("calls", RATE) for _ in range(3)] == [0] * 3
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
    began = time.monotonic()
    long = Rate(5, 30_000)
    assert [slots.book("calls", long) for _ in range(2)] == [0] * 2
    assert slots.book("calls", long) > 0
    assert time.monotonic() - began < 1
    slots.close()


def test_a_damaged_file_stops_no_call(tmp_path: Path) -> None:
    """As after a machine lost its power: the process keeps to the rate alone, and the log names the file."""
    path = tmp_path / "okoshi.db.rates"
    path.write_bytes(b"SQLite format 3" + bytes(5_000))
    slots = FileSlots(path)
    with capture_logs() as logs:
        waits = [slots.book("calls", RATE) for _ in range(6)]
    assert waits[:5] == [0] * 5
    assert waits[5] > 0.2
    assert [line["file"] for line in logs] == [str(path)]


def test_a_restarted_server_is_not_noticed(new_postgres_url: str) -> None:
    """Connections that ended between two calls are replaced."""
    Store.open(new_postgres_url).close()
    slots = slots_of(new_postgres_url)
    assert slots.book("calls", RATE) == 0
    with psycopg.connect(new_postgres_url, autocommit=True) as connection:
        ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
        connection.execute(f"{ended} AND pid <> pg_backend_pid()")
    assert slots.book("calls", RATE) == 0
    slots.close()


def test_where_the_file_cannot_be_written_the_process_keeps_to_the_rate_alone(tmp_path: Path) -> None:
    """As in a read-only project directory; it is said once."""
    slots = FileSlots(tmp_path / "absent" / "okoshi.db.rates")
    with capture_logs() as logs:
        waits = [slots.book("calls", RATE) for _ in range(6)]
    assert waits[:5] == [0] * 5
    assert waits[5] > 0.2
    assert [line["event"] for line in logs if "kept by this process alone" in line["event"]] == [logs[0]["event"]]


def test_a_booking_costs_little(tmp_path: Path) -> None:
    """Less than two milliseconds a call beside SQLite, with a full window."""
    slots, rate = FileSlots(tmp_path / "okoshi.db.rates"), Rate(225, 10_000)
    for _ in range(224):
        slots.book("calls", rate)
    took = []
    for _ in range(100):
        began = time.perf_counter()
        slots.book("calls", Rate(10_000, 10_000))
        took.append(time.perf_counter() - began)
    slots.close()
    assert sorted(took)[50] < 0.002


def test_each_database_has_its_own_kind() -> None:
    """A file beside SQLite, whose one writer may be busy; a table in PostgreSQL. Nothing is opened yet."""
    assert isinstance(slots_of("sqlite:////nowhere/okoshi.db"), FileSlots)
    assert isinstance(slots_of("postgresql://okoshi@127.0.0.1:1/okoshi"), DatabaseSlots)
    assert MemorySlots().book("calls", RATE) == 0
