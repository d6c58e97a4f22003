"""Compared pairs: a finding replaces the earlier one of the same records, and what was found again is as it was."""

import json
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import update
from store_records import NOW, compared

from connector.identity.clusters import Answer
from connector.identity.compare import Evidence
from connector.identity.decide import Outcome
from connector.model.records import Kind
from connector.store import Store, Transaction, pairs, verdicts
from connector.store.pairs import State
from connector.store.schema import pair as table

LATER = NOW + timedelta(days=1)


def _keys(found: Sequence[pairs.KeptPair]) -> list[str]:
    return ["".join(kept.pair.key) for kept in found]


def _replace(tx: Transaction, refs: str, *found: str, rules: str = "r1") -> set[str]:
    return pairs.replace(tx, Kind.PERSON, list(refs), [compared(*pair) for pair in found], rules, NOW)


def test_a_pair_comes_back_as_it_was_found(store: Store) -> None:
    """With all its evidence, in whatever order it is asked for."""
    found = compared(
        "a",
        "b",
        17.25,
        alone=Outcome.REVIEW,
        relation="site",
        reason="identity.veto.address_elsewhere",
        contradicted=True,
        against=True,
        sure=True,
        evidence=(Evidence("name_exact", "name", "㈱'A'", '"A"', 20.1), Evidence("far", "address", "東京", "", -2.85)),
    )
    with store.begin() as tx:
        assert pairs.replace(tx, Kind.ACCOUNT, ["b"], [found], "r1", NOW) == {"a", "b"}
        kept = pairs.get(tx, "b", "a")
        assert kept == pairs.KeptPair(found, Kind.ACCOUNT, State.RELATED, "r1", NOW)
        assert pairs.get(tx, "a", "c") is None


def test_findings_that_an_earlier_version_kept_are_read(store: Store) -> None:
    """It wrote each with the names of its parts."""
    found = compared("a", "b")
    named = json.dumps([piece._asdict() for piece in found.evidence])
    with store.begin() as tx:
        pairs.replace(tx, Kind.ACCOUNT, ["a"], [found], "r1", NOW)
        tx.connection.execute(update(table).values(evidence=named))
        assert pairs.get(tx, "a", "b") == pairs.KeptPair(found, Kind.ACCOUNT, State.DOUBTFUL, "r1", NOW)


def test_all_pairs_of_these_records_become_exactly_these(store: Store) -> None:
    """Others stay; told are all that had or have a pair with them."""
    with store.begin() as tx:
        _replace(tx, "abc", "ab", "ac", "bc", "cd", "ef")
        assert _replace(tx, "a", "ac", "ag") == set("abcg")
        assert _keys(pairs.of(tx, "abcdefg")) == ["ac", "ag", "bc", "cd", "ef"]
        assert _keys(pairs.of(tx, ["c"])) == ["ac", "bc", "cd"]
        assert _replace(tx, "x") == set()
        assert _replace(tx, "c") == set("abcd")
        assert _keys(pairs.of(tx, "abcdefg")) == ["ag", "ef"]
        assert pairs.of(tx, []) == []


def test_what_is_found_again_keeps_its_state_and_its_time(store: Store) -> None:
    """Only the version of the rules is the newer one; another finding is a new one."""
    same, other = compared("a", "b"), compared("a", "c")
    with store.begin() as tx:
        pairs.replace(tx, Kind.PERSON, ["a"], [same, other], "r1", NOW)
        pairs.set_states(tx, {("a", "b"): State.LINKED, ("a", "c"): State.APART})
        changed = compared("a", "c", 9.5, alone=Outcome.REVIEW)
        pairs.replace(tx, Kind.PERSON, ["a"], [same, changed], "r2", LATER)
        assert [(kept.state, kept.rules, kept.at) for kept in pairs.of(tx, "a")] == [
            (State.LINKED, "r2", NOW),
            (State.DOUBTFUL, "r2", LATER),
        ]
        assert pairs.of(tx, "c")[0].pair == changed


def _with_doubts(tx: Transaction) -> None:
    scored = [("a", "b", 5.0), ("a", "c", 7.5), ("b", "c", 7.5), ("d", "e", 6.0), ("f", "g", 99.0)]
    found = [compared(one, two, score) for one, two, score in scored]
    pairs.replace(tx, Kind.PERSON, "abcdefg", found, "r1", NOW)
    pairs.set_states(tx, {("f", "g"): State.LINKED})
    pairs.replace(tx, Kind.ACCOUNT, "xyz", [compared("x", "y", 6.5), compared("x", "z", 8.0)], "r1", NOW)


def test_a_person_is_asked_about_the_likeliest_first(store: Store) -> None:
    """Page by page, of one kind or of both."""
    with store.begin() as tx:
        _with_doubts(tx)
        assert _keys(pairs.doubtful(tx, Kind.PERSON, 9)) == ["ac", "bc", "de", "ab"]
        assert _keys(pairs.doubtful(tx, None, 9)) == ["xz", "ac", "bc", "xy", "de", "ab"]
        page = pairs.doubtful(tx, None, 2)
        assert _keys(page) == ["xz", "ac"]
        last = page[-1].pair
        assert _keys(pairs.doubtful(tx, None, 2, (last.score, *last.key))) == ["bc", "xy"]


def test_what_was_put_off_is_asked_about_only_on_request(store: Store) -> None:
    """What was answered, and waits for that to take effect, is not asked about again."""
    with store.begin() as tx:
        _with_doubts(tx)
        verdicts.say(tx, Kind.PERSON, "c", "b", Answer.LATER, NOW, "me", None)
        verdicts.say(tx, Kind.PERSON, "d", "e", Answer.SAME, NOW, "me", None)
        assert _keys(pairs.doubtful(tx, Kind.PERSON, 9)) == ["ac", "ab"]
        assert _keys(pairs.doubtful(tx, Kind.PERSON, None, put_off=True)) == ["ac", "bc", "ab"]
        assert verdicts.of_doubtful(tx, Kind.PERSON) == {Answer.LATER: 1, Answer.SAME: 1}
        assert verdicts.of_doubtful(tx, Kind.ACCOUNT) == {}


def test_pairs_are_counted_by_kind_and_state(store: Store) -> None:
    """What there is none of is not named."""
    with store.begin() as tx:
        assert pairs.count(tx) == {}
        _with_doubts(tx)
        assert pairs.count(tx) == {
            (Kind.PERSON, State.DOUBTFUL): 4,
            (Kind.PERSON, State.LINKED): 1,
            (Kind.ACCOUNT, State.DOUBTFUL): 2,
        }
