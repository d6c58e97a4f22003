"""Work of minutes in the store: who else may write meanwhile, and what remains of it."""

import pytest
from sqlalchemy import text

from connector.model.errors import OkoshiError, StopSync
from connector.model.records import Kind
from connector.store import unmatched
from connector.store.store import Lease, Store


def waiting(store: Store) -> list[str]:
    """What is kept."""
    with store.read() as tx:
        return unmatched.take(tx, Kind.ACCOUNT, 99)


def test_others_write_while_it_looks_and_see_what_it_wrote(store: Store) -> None:
    """It sees theirs as well; its temporary tables stay over all of its transactions."""
    with store.lease("a") as lease, store.lengthy(lease) as work:
        work.connection.execute(text("CREATE TEMPORARY TABLE mine (value INTEGER)"))
        for place in range(3):
            work.connection.execute(text("INSERT INTO mine VALUES (1)"))
            with store.begin() as other:
                unmatched.add(other, Kind.ACCOUNT, [f"other:{place}"])
            with work.writing():
                unmatched.add(work, Kind.ACCOUNT, [f"own:{place}"])
            assert len(waiting(store)) == 2 * place + 2
            assert len(unmatched.take(work, Kind.ACCOUNT, 99)) == 2 * place + 2
        assert work.connection.scalar(text("SELECT count(*) FROM mine")) == 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_others_wait_while_it_writes(store: Store) -> None:
    """A write transaction is one, and nothing of it is seen before its end."""
    with store.lease("a") as lease, store.lengthy(lease) as work, work.writing():
        unmatched.add(work, Kind.ACCOUNT, ["own"])
        assert waiting(store) == []
        with store.engine.connect() as other:
            other.execution_options(okoshi_reading=True).exec_driver_sql("PRAGMA busy_timeout = 1")
            with pytest.raises(OkoshiError):
                other.exec_driver_sql("DELETE FROM unmatched")


def test_what_fails_within_a_portion_is_rolled_back(store: Store) -> None:
    """Portions before it stay."""

    def work_on(lease: Lease) -> None:
        with store.lengthy(lease) as work:
            with work.writing():
                unmatched.add(work, Kind.ACCOUNT, ["done"])
            with work.writing():
                unmatched.add(work, Kind.ACCOUNT, ["half"])
                raise KeyboardInterrupt

    with store.lease("a") as lease, pytest.raises(KeyboardInterrupt):
        work_on(lease)
    assert waiting(store) == ["done"]


def test_who_lost_the_lease_writes_nothing_more(store: Store) -> None:
    """Asked anew for each portion."""

    def work_on(lease: Lease) -> None:
        with store.lengthy(lease) as work:
            with store.begin() as other:
                other.connection.execute(text("UPDATE lease SET fence = fence + 1"))
            with work.writing():
                unmatched.add(work, Kind.ACCOUNT, ["late"])

    with store.lease("a") as lease, pytest.raises(StopSync):
        work_on(lease)
    assert waiting(store) == []


def test_whether_somebody_of_a_kind_is_writing(store: Store) -> None:
    """Nobody, somebody else, that one; and not any more."""
    assert not store.held_by("register-")
    with store.lease("register-1"):
        assert store.held_by("register-")
        assert not store.held_by("match-")
    assert not store.held_by("register-")
    with store.lease("20261118"):
        assert not store.held_by("register-")
