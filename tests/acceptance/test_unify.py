"""名寄せ in whole cycles: the sandbox's trouble against its own truth, people's answers, and merges in a vendor."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import combinations
from typing import Any

import pytest
from company import Company
from sqlalchemy import delete

from connector.engine.deployment import Silent
from connector.engine.first_load import first_load
from connector.engine.placing import Placing
from connector.engine.unify import KINDS
from connector.identity.clusters import Answer, State
from connector.mapping import load_mappings
from connector.model.records import Kind
from connector.store import clusters, pairs, unmatched, verdicts
from connector.store.schema import compared, member, pair
from connector.store.store import Store, Transaction

Start = Callable[..., Company]
Key = tuple[str, str]
PARTS = {"companies": Kind.ACCOUNT, "people": Kind.PERSON}


@contextmanager
def opened(here: Company) -> Iterator[Transaction]:
    """The store that a run has left."""
    store = Store.open(here.settings().database_url)
    try:
        with store.begin() as tx:
            yield tx
    finally:
        store.close()


def refs_of(truth: dict[str, Any], part: str) -> list[str]:
    return [ref for one in truth[part] for ref in one["refs"]]


def groups(tx: Transaction, refs: Collection[str]) -> set[frozenset[str]]:
    """The clusters with more than one of these records. What was merged away is not among them."""
    return {group for found in clusters.members(tx, refs).values() if len(group := found & set(refs)) > 1}


def standing(tx: Transaction, refs: Collection[str]) -> dict[Key, State]:
    """Every pair of these records that is kept, with what became of it."""
    return {kept.pair.key: kept.state for kept in pairs.of(tx, refs)}


def asked(tx: Transaction, one: str, two: str) -> bool:
    """Whether a person is asked if these are one, themselves or by records that are one with them."""
    mine, theirs = (clusters.members(tx, [ref])[ref] for ref in (one, two))
    return any(
        kept.state is State.DOUBTFUL and (set(kept.pair.key) & mine) and (set(kept.pair.key) & theirs)
        for kept in pairs.of(tx, mine)
    )


@pytest.fixture
def unified(company: Start) -> Company:
    """A company whose records have found their place."""
    here = company(scale=0.1)
    here.run()
    return here


def test_trouble_comes_out_as_the_truth_says(unified: Company) -> None:
    """What is different is never linked, what needs a person is never linked unseen, nearly all that is sure is."""
    wrong, missed, sure = [], [], 0
    with opened(unified) as tx:
        for trouble in unified.truth()["trouble"]:
            known = clusters.names(tx, trouble["refs"])
            for one, two in combinations(sorted(trouble["refs"]), 2):
                linked = known[one] == known[two]
                if trouble["expect"] == "same":
                    sure += 1
                    missed += [] if linked else [(trouble["kind"], asked(tx, one, two))]
                elif linked:
                    wrong.append((trouble["kind"], trouble["expect"]))
    assert wrong == []
    assert len(missed) <= sure // 10, missed


@pytest.mark.parametrize("part", PARTS)
def test_what_is_linked_is_one(unified: Company, part: str) -> None:
    """Against the truth about all records: no wrong pair in a hundred, nine of ten right ones found."""
    truth = unified.truth()
    right = {pair for one in truth[part] for pair in combinations(sorted(one["refs"]), 2)}
    with opened(unified) as tx:
        found = {pair for group in groups(tx, refs_of(truth, part)) for pair in combinations(sorted(group), 2)}
        told = pairs.count(tx)
    assert len(found - right) <= len(found) // 100
    assert len(found & right) >= 0.9 * len(right)
    # A person has to look at few: less than one pair for ten records.
    assert told.get((PARTS[part], State.DOUBTFUL), 0) < len(refs_of(truth, part)) / 10


def test_any_order_and_any_chunk_give_the_same(unified: Company) -> None:
    """Everything once more, a few at a time from the other end: the same clusters and pairs, and nothing is written."""
    rules = load_mappings(None).identity
    truth = unified.truth()
    everybody = [ref for part in PARTS for ref in refs_of(truth, part)]
    with opened(unified) as tx:
        before = groups(tx, everybody), standing(tx, everybody)
        since = {kept.pair.key: kept.at for kept in pairs.of(tx, everybody)}
        tx.connection.execute(delete(compared))  # else all are known to be what they were
        for part, kind in PARTS.items():
            placing = Placing.of(tx, kind, rules, unified.now())
            refs = sorted(refs_of(truth, part), reverse=True)
            for start in range(0, len(refs), 7):
                some = refs[start : start + 7]
                unmatched.done(tx, some)  # people wait as their companies are new
                placing.place(some)
        after = standing(tx, everybody)
        assert {key: (was, after.get(key)) for key, was in before[1].items() if after.get(key) is not was} == {}
        assert (groups(tx, everybody), after) == before
        assert {kept.pair.key: kept.at for kept in pairs.of(tx, everybody)} == since
        assert set(unmatched.take(tx, Kind.PERSON, 1_000)).isdisjoint(everybody)


def test_a_first_load_gives_the_same(unified: Company) -> None:
    """Everything once more, all at once, by other processes: the same clusters and pairs, and nobody waits."""
    rules = load_mappings(None).identity
    truth = unified.truth()
    everybody = [ref for part in PARTS for ref in refs_of(truth, part)]
    with opened(unified) as tx:
        before = groups(tx, everybody), pairs.of(tx, everybody)
        tx.connection.execute(delete(compared))  # else all are known to be what they were
        tx.connection.execute(delete(pair))
        tx.connection.execute(delete(member))
        for kind in KINDS:
            unmatched.add_all(tx, kind)
            first_load(Placing.of(tx, kind, rules, unified.now()), Silent(), processes=2)
        after = groups(tx, everybody), pairs.of(tx, everybody)
        assert after[0] == before[0]
        assert [(kept.pair, kept.state) for kept in after[1]] == [(kept.pair, kept.state) for kept in before[1]]
        assert [unmatched.count(tx, kind) for kind in KINDS] == [0, 0]


def test_a_quiet_cycle_compares_nothing(unified: Company) -> None:
    """The summary tells where all stand, and nobody waits."""
    first = unified.run()
    unified.advance("PT1H")
    second = unified.run()
    assert second.unified == first.unified
    assert second.unified["account"].linked > 0
    assert second.unified["person"].doubtful > 0
    assert second.unified["person"].new > 0
    with opened(unified) as tx:
        assert [unmatched.count(tx, kind) for kind in KINDS] == [0, 0]


def a_linked_pair(tx: Transaction, refs: Collection[str]) -> Key:
    """Two records that were linked without a person and without an id."""
    return next(
        kept.pair.key
        for kept in pairs.of(tx, refs)
        if kept.state is State.LINKED and not kept.pair.sure and len(clusters.members(tx, [kept.pair.left])) == 1
    )


def test_an_answer_outlives_runs_rules_and_merges(unified: Company) -> None:
    """Different stays different and same stays same: after a cycle, under other rules, after a merge in Salesforce."""
    truth = unified.truth()
    accounts = refs_of(truth, "companies")
    with opened(unified) as tx:
        parted = a_linked_pair(tx, accounts)
        joined = pairs.doubtful(tx, Kind.ACCOUNT, 1)[0].pair.key
        verdicts.say(tx, Kind.ACCOUNT, *parted, Answer.DIFFERENT, unified.now(), "tester")
        verdicts.say(tx, Kind.ACCOUNT, *joined, Answer.SAME, unified.now(), "tester")
    unified.run()
    check(unified, parted, joined)
    folder = unified.project / "mappings"
    folder.mkdir(exist_ok=True)
    (folder / "identity.yaml").write_text("companies: {auto_from: 13}\n", encoding="utf-8")
    unified.run()
    check(unified, parted, joined)
    merged = next(ref for ref in parted if ref.startswith("salesforce:"))
    busy = {ref for group in (parted, joined) for ref in group}
    winner = next(ref for ref in accounts if ref.startswith("salesforce:") and ref not in busy)
    owner = unified.records("salesforce", "User")[0]["Id"]
    unified.act(owner, "merge", object="Account", winner=winner.split(":")[2], losers=[merged.split(":")[2]])
    unified.advance("PT30M")
    unified.run()
    check(unified, parted, joined)
    with opened(unified) as tx:
        members = clusters.members(tx, [merged])[merged]
        assert winner in members
        assert not set(parted) <= members


def check(here: Company, parted: Key, joined: Key) -> None:
    """The one pair is two, the other one is one, and nobody is asked about them."""
    with opened(here) as tx:
        names = clusters.names(tx, [*parted, *joined])
        assert names[parted[0]] != names[parted[1]]
        assert names[joined[0]] == names[joined[1]]
        assert not asked(tx, *parted)


def test_a_split_takes_out_one_record_only(unified: Company) -> None:
    """Told apart from one of its cluster, a record leaves it; all other clusters stay as they are."""
    everybody = refs_of(unified.truth(), "people")
    with opened(unified) as tx:
        before = groups(tx, everybody)
        group = next(iter(sorted(before, key=sorted)))
        out = max(group)
        for ref in sorted(group - {out}):
            verdicts.say(tx, Kind.PERSON, out, ref, Answer.DIFFERENT, unified.now(), "tester")
    unified.run()
    with opened(unified) as tx:
        after = groups(tx, everybody)
        assert clusters.members(tx, [out])[out] == frozenset((out,))
    assert after ^ before <= {group, group - {out}}


def test_every_link_knows_its_evidence_rules_and_time(unified: Company) -> None:
    """Whatever is linked or asked can be explained."""
    by_group: defaultdict[str, int] = defaultdict(int)
    with opened(unified) as tx:
        for kept in pairs.of(tx, refs_of(unified.truth(), "people")):
            assert kept.rules
            assert kept.at.tzinfo is not None
            assert kept.pair.evidence
            assert abs(kept.pair.score - sum(piece.weight for piece in kept.pair.evidence)) < 0.01
            by_group[kept.state.value] += 1
    assert by_group["linked"] > by_group["doubtful"] > 0
