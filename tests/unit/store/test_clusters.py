"""Clusters: kept under a lasting name, changed only where something changed, and whoever is concerned is looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from store_records import NOW

from connector.model.records import Kind
from connector.store import Store, Transaction, clusters
from connector.store.schema import dirty, member

LATER = NOW + timedelta(days=1)
LETTERS = "abcdefgh"


def _groups(*groups: str) -> list[frozenset[str]]:
    return [frozenset(group) for group in groups]


def _assign(tx: Transaction, *groups: str) -> set[str]:
    return clusters.assign(tx, Kind.PERSON, _groups(*groups), NOW)


def _partition(tx: Transaction) -> set[frozenset[str]]:
    return set(clusters.members(tx, LETTERS).values())


@contextmanager
def _statements(tx: Transaction) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement.split(maxsplit=1)[0])

    event.listen(tx.connection, "before_cursor_execute", note)
    yield seen
    event.remove(tx.connection, "before_cursor_execute", note)


def test_every_record_has_a_cluster_and_one_that_is_alone_has_itself(store: Store) -> None:
    """And so its own name."""
    with store.begin() as tx:
        _assign(tx, "bca", "de", "f")
        assert clusters.members(tx, ["a", "d", "f", "x"]) == {
            "a": frozenset("abc"),
            "d": frozenset("de"),
            "f": frozenset("f"),
            "x": frozenset("x"),
        }
        assert clusters.names(tx, ["a", "c", "e", "f", "x"]) == {"a": "a", "c": "a", "e": "d", "f": "f", "x": "x"}
        assert clusters.members(tx, []) == {}
        assert clusters.count(tx, Kind.PERSON) == (5, 2)
        assert clusters.count(tx, Kind.ACCOUNT) == (0, 0)


def test_the_same_groups_again_write_nothing(store: Store) -> None:
    """Nothing is due because of them."""
    with store.begin() as tx:
        assert _assign(tx, "abc", "de", "f") == set("abcde")
        tx.connection.execute(dirty.delete())
        with _statements(tx) as statements:
            assert clusters.assign(tx, Kind.PERSON, _groups("f", "ed", "cab"), LATER) == set()
        assert set(statements) == {"SELECT"}
        assert set(tx.connection.scalars(select(member.c.since))) == {NOW}


def test_a_name_stays_while_the_record_that_it_is_of_stays(store: Store) -> None:
    """Through growth, loss and a second cluster that joins; the rest of a cluster that lost it is called anew."""
    with store.begin() as tx:
        _assign(tx, "cd")
        _assign(tx, "abcd")
        assert clusters.names(tx, "abcd") == dict.fromkeys("abcd", "c")
        _assign(tx, "bcd", "a")
        assert clusters.names(tx, "abcd") == dict.fromkeys("bcd", "c") | {"a": "a"}
        _assign(tx, "ef")
        _assign(tx, "bcdef")
        assert clusters.names(tx, "bf") == {"b": "c", "f": "c"}
        _assign(tx, "bdef", "c")
        assert clusters.names(tx, "bdefc") == dict.fromkeys("bdef", "b") | {"c": "c"}


def test_only_who_is_with_others_than_before_changed(store: Store) -> None:
    """And whoever changed is looked at again, those that were left too."""
    with store.begin() as tx:
        _assign(tx, "abc", "de")
        tx.connection.execute(dirty.delete())
        assert _assign(tx, "ab", "cf", "de") == set("abcf")
        assert {(row.ref, row.kind) for row in tx.connection.execute(select(dirty))} == {
            (ref, "person") for ref in "abcf"
        }


def test_who_is_in_no_group_stays_with_those_that_were_left_likewise(store: Store) -> None:
    """A group never brings in by its name who was not named with it."""
    with store.begin() as tx:
        _assign(tx, "abcde")
        assert _assign(tx, "ab") == set("abcde")
        assert _partition(tx) == {frozenset("ab"), frozenset("cde"), *_groups("f", "g", "h")}
        _assign(tx, "cf", "d")
        assert _partition(tx) == {frozenset("ab"), frozenset("cf"), *_groups("d", "e", "g", "h")}


@pytest.fixture(scope="module")
def open_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One for all the histories of the next test."""
    folder: Path = tmp_path_factory.mktemp("clusters")
    opened = Store.open(f"sqlite:///{folder / 'okoshi.db'}")
    yield opened
    opened.close()


_PARTITION = st.lists(st.integers(0, 7), min_size=8, max_size=8).map(
    lambda labels: _groups(
        *("".join(letter for letter, own in zip(LETTERS, labels, strict=True) if own == label) for label in set(labels))
    )
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(_PARTITION, min_size=1, max_size=4), order=st.randoms())
def test_whatever_was_before_and_in_whatever_order_the_groups_come_they_are_the_clusters(
    open_store: Store, history: list[list[frozenset[str]]], order: object
) -> None:
    """Whole or group by group; each is called by one of its own, and no two alike."""
    with open_store.scratch() as tx:
        for groups in history[:-1]:
            clusters.assign(tx, Kind.PERSON, groups, NOW)
        last = list(history[-1])
        order.shuffle(last)  # type: ignore[attr-defined]
        before = clusters.members(tx, LETTERS)
        moved = set().union(*(clusters.assign(tx, Kind.PERSON, [group], NOW) for group in last))
        after = clusters.members(tx, LETTERS)
        assert set(after.values()) == set(history[-1])
        assert moved >= {ref for ref in LETTERS if before[ref] != after[ref]}
        names = clusters.names(tx, LETTERS)
        assert all(names[ref] in after[ref] for ref in LETTERS)
        assert len(set(names.values())) == len(history[-1])
