"""An answer that is given while a run takes its records off the list: in effect with this run, or with the next one.

Real connections side by side. SQLite lets only one of them write, so one of the two waits for the other there.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import text
from store_records import NOW

from connector.identity.clusters import Answer
from connector.model.records import Kind
from connector.store import Store, Transaction, unmatched, verdicts

KEY = ("a", "b")
_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")

Taking = Callable[[Transaction], None]
Saying = Callable[[Transaction], None]


def _chunk(tx: Transaction) -> None:
    """As a cycle does it."""
    unmatched.done(tx, unmatched.take(tx, Kind.ACCOUNT, 9))


def _confirmed(tx: Transaction) -> None:
    """As a first load does it."""
    unmatched.confirm(tx, Kind.ACCOUNT, "", "z")


def _say(tx: Transaction) -> None:
    verdicts.say(tx, Kind.ACCOUNT, *KEY, Answer.DIFFERENT, NOW, "me")


def _take_back(tx: Transaction) -> None:
    verdicts.take_back(tx, *KEY)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Whoever comes second waits here."""
    with ThreadPoolExecutor(1) as threads:
        yield threads


@pytest.fixture
def known(store: Store) -> Store:
    """Two companies that wait and were compared before, and what somebody said of them."""
    with store.begin() as tx:
        verdicts.say(tx, Kind.ACCOUNT, *KEY, Answer.SAME, NOW, "me")
        unmatched.remember(tx, dict.fromkeys(KEY, "v"))
    return store


def _answer(tx: Transaction) -> Answer | None:
    found = verdicts.of(tx, KEY).get(KEY)
    return found.answer if found else None


def _run(store: Store, taking: Taking) -> Answer | None:
    """Takes all off the list, and reads what was said of them by then."""
    with store.begin() as tx:
        taking(tx)
        return _answer(tx)


def _said(store: Store, saying: Saying) -> None:
    with store.begin() as tx:
        saying(tx)


def _held_or_done(store: Store, other: "Future[object]") -> None:
    """Until the other one has ended or waits for a lock (SQLite tells nobody: a moment)."""
    until = time.monotonic() + (20 if store.engine.dialect.name == "postgresql" else 0.3)
    while time.monotonic() < until and not other.done():
        if store.engine.dialect.name == "postgresql":
            with store.engine.connect() as connection:
                if connection.execute(_WAITING).scalar_one():
                    return
        time.sleep(0.02)


both = pytest.mark.parametrize(("saying", "expected"), [(_say, Answer.DIFFERENT), (_take_back, None)])
either = pytest.mark.parametrize("taking", [_chunk, _confirmed])


@both
@either
def test_an_answer_that_is_not_committed_yet_is_waited_for(
    known: Store, pool: ThreadPoolExecutor, taking: Taking, saying: Saying, expected: Answer | None
) -> None:
    """Or its records wait again: what nobody saw must not be taken off."""
    with known.begin() as tx:
        saying(tx)
        run = pool.submit(_run, known, taking)
        _held_or_done(known, run)
    seen = run.result(20)
    with known.read() as tx:
        assert _answer(tx) is expected
        assert seen is expected or unmatched.take(tx, Kind.ACCOUNT, 9) == list(KEY)


@both
@either
def test_who_answers_after_they_were_taken_off_puts_them_on_the_list_again(
    known: Store, pool: ThreadPoolExecutor, taking: Taking, saying: Saying, expected: Answer | None
) -> None:
    """The run's transaction is still open, and has read what was said before."""
    with known.begin() as tx:
        taking(tx)
        assert _answer(tx) is Answer.SAME
        answering = pool.submit(_said, known, saying)
        _held_or_done(known, answering)
    answering.result(20)
    with known.read() as tx:
        assert _answer(tx) is expected
        assert unmatched.take(tx, Kind.ACCOUNT, 9) == list(KEY)


def test_two_who_answer_at_once_take_turns(store: Store, pool: ThreadPoolExecutor) -> None:
    """The second one reads what the first one said."""

    def read() -> Answer | None:
        with store.begin() as tx:
            verdicts.take_turn(tx)
            return _answer(tx)

    with store.begin() as tx:
        verdicts.take_turn(tx)
        second = pool.submit(read)
        _held_or_done(store, second)
        _say(tx)
    assert second.result(timeout=30) is Answer.DIFFERENT
