"""Keys: whoever shares one is found, as the keys are now, whenever and in whatever portions they were saved."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from connector.model.records import Kind
from connector.store import Store, Transaction, key_table, match_keys
from connector.store.match_keys import Kept
from connector.store.schema import match_key, matched

P = Kind.PERSON


def save(tx: Transaction, kind: Kind, keys: Mapping[str, Sequence[str]]) -> None:
    match_keys.save(tx, {ref: Kept(match_keys.packed(kind, own)) for ref, own in keys.items()})


def test_records_are_found_by_the_keys_that_they_share(store: Store) -> None:
    """In order, each kind for itself; a key of nobody is not named."""
    with store.begin() as tx:
        save(tx, P, {"b": ["mail:x", "name:佐藤"], "a": ["name:佐藤", "name:佐藤"], "c": []})
        save(tx, Kind.ACCOUNT, {"z": ["name:佐藤"]})
        assert match_keys.sharing(tx, P, ["name:佐藤", "mail:x", "mail:y"], 9) == {
            "name:佐藤": ["a", "b"],
            "mail:x": ["b"],
        }
        assert match_keys.sharing(tx, Kind.ACCOUNT, ["name:佐藤"], 9) == {"name:佐藤": ["z"]}
        assert match_keys.sharing(tx, P, [], 9) == {}


def test_a_key_that_too_many_share_brings_nobody(store: Store) -> None:
    """Exactly the limit is not too many."""
    with store.begin() as tx:
        save(tx, P, {ref: ["k"] for ref in "abc"})
        assert match_keys.sharing(tx, P, ["k"], 3) == {"k": ["a", "b", "c"]}
        assert match_keys.sharing(tx, P, ["k"], 2) == {}


def test_keys_are_replaced_and_forgotten(store: Store) -> None:
    """Before anybody asked and after; nothing remains of a record without keys."""
    with store.begin() as tx:
        save(tx, P, {"a": ["1", "2"], "b": ["2"]})
        save(tx, P, {"a": ["2", "3"]})
        assert match_keys.sharing(tx, P, ["1", "2", "3"], 9) == {"2": ["a", "b"], "3": ["a"]}
        save(tx, P, {"a": ["1"], "b": ["2", "4"]})
        save(tx, P, {"a": ["1", "4"]})
        assert match_keys.sharing(tx, P, ["1", "2", "3", "4"], 9) == {"1": ["a"], "2": ["b"], "4": ["a", "b"]}
        save(tx, P, {"a": [], "b": []})
        assert match_keys.sharing(tx, P, ["1", "2", "3", "4"], 9) == {}
        assert tx.connection.scalar(select(func.count()).select_from(match_key)) == 0
        assert tx.connection.scalar(select(func.count()).select_from(matched)) == 0


def test_all_keys_may_change_at_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """New rules; then everything is put in order anew, also what did not change."""
    monkeypatch.setattr(match_keys, "_ANEW", 1)
    with store.begin() as tx:
        save(tx, P, {ref: ["k", ref] for ref in "abc"})
        assert match_keys.sharing(tx, P, ["k"], 9) == {"k": ["a", "b", "c"]}
        save(tx, P, {"a": ["k"], "b": ["l"], "d": ["k"]})
        assert match_keys.sharing(tx, P, [*"klabc"], 9) == {"k": ["a", "c", "d"], "l": ["b"], "c": ["c"]}


def test_a_record_may_have_very_many_keys(store: Store) -> None:
    """More than nearly all have."""
    keys = [f"name:{number}" for number in range(100)]
    with store.begin() as tx:
        save(tx, P, {"a": keys, "b": keys[40:41], "c": keys[:32]})
        assert match_keys.sharing(tx, P, keys, 9) == {
            key: ["a", *(["b"] if number == 40 else []), *(["c"] if number < 32 else [])]
            for number, key in enumerate(keys)
        }
        save(tx, P, {"a": keys[99:]})
        assert match_keys.sharing(tx, P, keys[32:], 9) == {keys[40]: ["b"], keys[99]: ["a"]}


def test_what_a_shared_key_tells_and_the_gist_come_with_who_shares_it(store: Store) -> None:
    """Also what keys tell that too many share to bring anybody; a gist alone may change."""
    told = {"name": 1, "town": 128, "mail": 0}
    keys = {"a": ["name", "mail", "town"], "b": ["name", "town"], "c": ["mail", "town"]}
    with store.begin() as tx:
        own = {ref: match_keys.packed(P, some, told.__getitem__) for ref, some in keys.items()}
        match_keys.save(tx, {ref: Kept(packed, f"gist of {ref}") for ref, packed in own.items()})
        match_keys.save(tx, {"b": Kept(own["b"], "another gist")})
        asked = match_keys.unpacked(own["a"])
        sharers = {one.ref: one for some in match_keys.sharers(tx, asked, 2).values() for one in some}
        assert {ref: one.gist for ref, one in sharers.items()} == {
            "a": "gist of a",
            "b": "another gist",
            "c": "gist of c",
        }
        assert {ref: match_keys.shared_bits(asked & one.keys) for ref, one in sharers.items()} == {
            "a": 129,
            "b": 129,
            "c": 128,
        }


def test_all_keys_of_a_kind_come_in_columns(store: Store) -> None:
    """Records in the order of their refs; the same number for the same key and for no other; the bit that it tells."""
    told = {"name": 1, "town": 128, "mail": 0}
    keys = {"b": ["name", "town"], "a": ["name", "mail"], "Z": ["mail"], "none": []}
    with store.begin() as tx:
        for kind in (P, Kind.ACCOUNT):
            refs = {ref: f"{kind}:{ref}" for ref in keys}
            kept = {refs[ref]: Kept(match_keys.packed(kind, own, told.__getitem__), ref) for ref, own in keys.items()}
            match_keys.save(tx, kept)
        table = key_table.read(tx, P)
        assert table.refs == ["person:Z", "person:a", "person:b"]
        assert table.gists == ["Z", "a", "b"]
        rows = sorted(zip(table.keys.record.tolist(), table.keys.bit.tolist(), table.keys.key.tolist(), strict=True))
        assert [row[:2] for row in rows] == [(0, 0), (1, 0), (1, 1), (2, 1), (2, 128)]
        numbers = [row[2] for row in rows]
        assert numbers[0] == numbers[1] != numbers[2] == numbers[3] != numbers[4]
        assert len(set(numbers)) == 3
        assert not set(numbers) & set(key_table.read(tx, Kind.ACCOUNT).keys.key.tolist())


def test_a_table_without_records_is_empty(store: Store) -> None:
    """As before anything was loaded."""
    with store.begin() as tx:
        table = key_table.read(tx, P)
        assert (table.refs, len(table.keys.key), len(table.keys.record), len(table.keys.bit)) == ([], 0, 0, 0)


def test_what_was_saved_before_a_crash_is_found_after_it(database_url: str) -> None:
    """Nothing of it is kept in the process."""
    first = Store.open(database_url)
    with first.begin() as tx:
        save(tx, P, {"a": ["k"], "b": ["k"]})
    first.close()
    second = Store.open(database_url)
    with second.begin() as tx:
        assert match_keys.sharing(tx, P, ["k"], 9) == {"k": ["a", "b"]}
    second.close()


def test_a_key_is_the_same_in_every_process() -> None:
    """Whatever seeds the process's own hashes."""
    code = "from connector.store.match_keys import hashed; print(hashed('p', 'name:佐藤'))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == match_keys.hashed("p", "name:佐藤")
    assert len(match_keys.hashed("p", "")) == match_keys.WIDTH
    assert match_keys.hashed("p", "x") != match_keys.hashed("a", "x")


@pytest.fixture(scope="module")
def open_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One for all the histories of the next test."""
    folder: Path = tmp_path_factory.mktemp("keys")
    opened = Store.open(f"sqlite:///{folder / 'okoshi.db'}")
    yield opened
    opened.close()


_SAVED = st.dictionaries(st.sampled_from("abcd"), st.lists(st.sampled_from("12345"), max_size=4), max_size=4)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(st.tuples(_SAVED, st.booleans()), max_size=6), anew=st.integers(0, 3))
def test_who_shares_a_key_follows_from_what_was_saved_last(
    open_store: Store, history: Sequence[tuple[Mapping[str, Sequence[str]], bool]], anew: int
) -> None:
    """However often somebody asked in between."""
    known: dict[str, Sequence[str]] = {}
    before = match_keys._ANEW
    match_keys._ANEW = anew
    try:
        with open_store.scratch() as tx:
            for saved, asked in history:
                save(tx, P, saved)
                known |= saved
                if asked:
                    match_keys.sharing(tx, P, "1", 9)
            expected = {key: sorted(ref for ref, own in known.items() if key in own) for key in "12345"}
            assert match_keys.sharing(tx, P, "12345", 9) == {key: refs for key, refs in expected.items() if refs}
    finally:
        match_keys._ANEW = before
