"""Verdicts: what a person said stays until a person says otherwise. And what waits for its place among the others."""

from datetime import timedelta

import pytest
from effort import effort
from sqlalchemy import text
from store_records import NOW, account, compared, person

from connector.identity.clusters import Answer
from connector.model.records import Kind
from connector.store import Store, clusters, mirror, pairs, unmatched, verdicts
from connector.store.verdicts import Verdict


def test_an_answer_is_kept_and_can_be_changed_and_taken_back(store: Store) -> None:
    """The order of the two does not matter."""
    later = NOW + timedelta(hours=1)
    with store.begin() as tx:
        verdicts.say(tx, Kind.PERSON, "b", "a", Answer.DIFFERENT, NOW, "佐藤", "同姓同名")
        assert verdicts.get(tx, "a", "b") == Verdict("a", "b", Kind.PERSON, Answer.DIFFERENT, NOW, "佐藤", "同姓同名")
        verdicts.say(tx, Kind.PERSON, "a", "b", Answer.SAME, later, "鈴木")
        assert verdicts.get(tx, "b", "a") == Verdict("a", "b", Kind.PERSON, Answer.SAME, later, "鈴木")
        verdicts.take_back(tx, "b", "a")
        assert verdicts.get(tx, "a", "b") is None
        verdicts.take_back(tx, "b", "a")


def test_several_answers_are_kept_at_once(store: Store) -> None:
    """And all that they are about find their place again; none is nothing to keep."""
    answers = {("a", "d"): Answer.DIFFERENT, ("b", "c"): Answer.SAME}
    with store.begin() as tx:
        verdicts.say_all(tx, Kind.ACCOUNT, {}, NOW, "me")
        verdicts.say_all(tx, Kind.ACCOUNT, answers, NOW, "me", "ours")
        found = verdicts.of(tx, ["a", "b"])
        assert {key: said.answer for key, said in found.items()} == answers
        assert {(said.by, said.note) for said in found.values()} == {("me", "ours")}
        assert unmatched.take(tx, Kind.ACCOUNT, 9) == ["a", "b", "c", "d"]


def test_what_was_said_about_a_record_is_found_by_either(store: Store) -> None:
    """Each once, by both references in order."""
    with store.begin() as tx:
        for left, right in ("ab", "cb", "cd"):
            verdicts.say(tx, Kind.ACCOUNT, left, right, Answer.SAME, NOW, "me")
        assert list(verdicts.of(tx, ["b"])) == [("a", "b"), ("b", "c")]
        assert list(verdicts.of(tx, ["b", "c"])) == [("a", "b"), ("b", "c"), ("c", "d")]
        assert verdicts.of(tx, ["x"]) == {}


def test_both_records_of_an_answer_find_their_place_again(store: Store) -> None:
    """After it was given and after it was taken back."""
    with store.begin() as tx:
        verdicts.say(tx, Kind.ACCOUNT, "b", "a", Answer.SAME, NOW, "me")
        assert unmatched.take(tx, Kind.ACCOUNT, 9) == ["a", "b"]
        unmatched.done(tx, ["a", "b"])
        verdicts.take_back(tx, "a", "b")
        assert unmatched.take(tx, Kind.ACCOUNT, 9) == ["a", "b"]


def test_answers_outlive_whatever_is_found_anew(store: Store) -> None:
    """Other pairs, other clusters, a deleted record."""
    with store.begin() as tx:
        mirror.save(tx, [person(1), person(2)])
        one, two = unmatched.take(tx, Kind.PERSON, 9)
        verdicts.say(tx, Kind.PERSON, one, two, Answer.DIFFERENT, NOW, "me")
        pairs.replace(tx, Kind.PERSON, [one, two], [compared(one, two)], "r1", NOW)
        pairs.replace(tx, Kind.PERSON, [one, two], [], "r2", NOW)
        clusters.assign(tx, Kind.PERSON, [frozenset((one, two))], NOW)
        mirror.save(tx, [person(1, deleted=True)])
        said = verdicts.get(tx, one, two)
        assert said is not None
        assert said.answer is Answer.DIFFERENT


def test_records_wait_in_order_until_they_are_done(store: Store) -> None:
    """Each kind for itself, each record once."""
    with store.begin() as tx:
        unmatched.add(tx, Kind.PERSON, ["c", "a"])
        unmatched.add(tx, Kind.PERSON, ["b", "a"])
        unmatched.add(tx, Kind.ACCOUNT, ["x"])
        assert unmatched.take(tx, Kind.PERSON, 2) == ["a", "b"]
        assert unmatched.take(tx, Kind.PERSON, 2) == ["a", "b"]
        unmatched.done(tx, ["a", "b", "nobody"])
        assert unmatched.take(tx, Kind.PERSON, 2) == ["c"]
        assert (unmatched.count(tx, Kind.PERSON), unmatched.count(tx, Kind.ACCOUNT)) == (1, 1)


@pytest.mark.parametrize("kind", [Kind.ACCOUNT, Kind.PERSON])
def test_all_records_of_a_kind_can_be_made_to_wait(store: Store, kind: Kind) -> None:
    """Tombstones too: they name their survivors."""
    with store.begin() as tx:
        mirror.save(tx, [account(1), account(2, deleted=True), person(1), person(2, deleted=True)])
        for each in (Kind.ACCOUNT, Kind.PERSON):
            unmatched.done(tx, unmatched.take(tx, each, 9))
        assert unmatched.add_all(tx, kind) == 2
        assert unmatched.add_all(tx, kind) == 0
        assert [each for each in (Kind.ACCOUNT, Kind.PERSON) if unmatched.count(tx, each)] == [kind]


def test_confirming_some_of_very_many_reads_those_only(store: Store) -> None:
    """Also where the database knows how many there are, and that most of them wait."""
    refs = [f"{number:05}" for number in range(4_000)]
    with store.begin() as tx:
        unmatched.add(tx, Kind.ACCOUNT, refs)
        unmatched.remember(tx, dict.fromkeys(refs, "v"))
        tx.connection.execute(text("ANALYZE"))
        with effort(tx) as confirming:
            assert len(unmatched.confirm(tx, Kind.ACCOUNT, "00009", "00109")[0]) == 100
        assert confirming.spent < 60 * 100
        assert unmatched.count(tx, Kind.ACCOUNT) == 3_900
