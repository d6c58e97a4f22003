"""Groups out of compared pairs and people's answers: on no order, on no earlier result, never over a contradiction."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from connector.identity.clusters import Answer, Clustering, Key, Limits, State, clusters, joins, key_of
from connector.identity.decide import Outcome
from connector.identity.pairs import Pair

LIMITS = Limits(margin=4.0, certain=25.0)
REFS = "abcdef"
NEW = Outcome.NEW


def auto(one: str, two: str, score: float = 20.0, *, sure: bool = False) -> Pair:
    return Pair(*key_of(one, two), score, Outcome.AUTO, sure=sure)


def doubt(one: str, two: str, score: float = 8.0, *, contradicted: bool = False) -> Pair:
    return Pair(*key_of(one, two), score, Outcome.REVIEW, reason="identity.too_little", contradicted=contradicted)


def grown(
    pairs: Sequence[Pair], answers: Mapping[Key, Answer] | None = None, refs: str | set[str] = REFS
) -> Clustering:
    known = {pair.key: pair for pair in pairs}

    def between(one: str, two: str) -> Pair:
        return known.get(key_of(one, two)) or Pair(*key_of(one, two), -20.0, NEW, against=True)

    return clusters(refs, pairs, answers or {}, LIMITS, between)


def groups(found: Clustering) -> set[str]:
    return {"".join(sorted(group)) for group in found.groups if len(group) > 1}


def test_a_sure_pair_is_linked_and_a_doubtful_one_is_asked() -> None:
    """Each pair says what became of it."""
    found = grown([auto("a", "b"), doubt("c", "d")])
    assert groups(found) == {"ab"}
    assert found.states == {("a", "b"): State.LINKED, ("c", "d"): State.DOUBTFUL}


def test_two_near_equal_candidates_are_never_linked() -> None:
    """Not even where each alone would be: a person decides which one it is."""
    found = grown([auto("a", "b", 20), auto("a", "c", 18)])
    assert groups(found) == set()
    assert set(found.states.values()) == {State.DOUBTFUL}
    assert groups(grown([auto("a", "b", 20), doubt("a", "c", 15)])) == {"ab"}


def test_a_record_that_is_there_twice_is_no_rival_of_itself() -> None:
    """Two candidates that are one are no doubt about which one it is."""
    assert groups(grown([auto("a", "b", 20), auto("a", "c", 20), auto("b", "c", 20)])) == {"abc"}


def test_an_id_comes_first() -> None:
    """What a system holds by id is linked whatever else is near; a third one that is unlike the second is asked."""
    found = grown([auto("a", "b", 60, sure=True), auto("a", "c", 20)])
    assert groups(found) == {"ab"}
    assert found.states["a", "c"] is State.DOUBTFUL


def test_an_answer_is_for_both_groups() -> None:
    """DIFFERENT between two records keeps everybody who is one of them apart, and nobody is asked again."""
    pairs = [auto("a", "b", 30), auto("c", "d", 30), doubt("b", "c"), doubt("a", "d")]
    before = grown(pairs)
    assert groups(before) == {"ab", "cd"}
    assert list(before.states.values()).count(State.DOUBTFUL) == 1
    after = grown(pairs, {("a", "d"): Answer.DIFFERENT})
    assert State.DOUBTFUL not in after.states.values()
    assert groups(grown(pairs, {("b", "c"): Answer.SAME})) == {"abcd"}


def test_what_contradicts_keeps_chains_apart() -> None:
    """Two records that contradict each other do not become one through a third, but by a person's word."""
    pairs = [auto("a", "b", 30), auto("b", "c", 25.5), doubt("a", "c", 3, contradicted=True)]
    assert groups(grown(pairs)) == {"ab"}
    assert groups(grown(pairs, {("b", "c"): Answer.SAME})) in ({"abc"}, {"bc"})
    assert groups(grown([auto("a", "b", 60, sure=True), auto("b", "c", 60, sure=True), pairs[2]])) == {"ab"}


def test_a_site_is_related_and_not_merged() -> None:
    """Whatever its score."""
    found = grown([Pair("a", "b", 40, Outcome.AUTO, relation="site")])
    assert groups(found) == set()
    assert found.states == {("a", "b"): State.RELATED}


PAIRS = st.builds(
    lambda key, score, alone, contradicted, sure: Pair(
        *key,
        score,
        Outcome.AUTO if sure else alone,
        contradicted=contradicted and not sure and alone is not Outcome.AUTO,
        against=contradicted,
        sure=sure,
    ),
    st.sampled_from(list(combinations(REFS, 2))),
    st.integers(5, 40).map(float),
    st.sampled_from([Outcome.AUTO, Outcome.REVIEW]),
    st.booleans(),
    st.sampled_from([False, False, False, True]),
)
WORLDS = st.lists(PAIRS, max_size=12, unique_by=lambda pair: pair.key)
ANSWERS = st.dictionaries(st.sampled_from(list(combinations(REFS, 2))), st.sampled_from(Answer), max_size=3)


@given(WORLDS, ANSWERS, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(pairs: list[Pair], answers: dict[Key, Answer], chance: Random) -> None:
    """The same pairs in any order, some twice: the same groups and states."""
    shuffled = pairs + pairs[:3]
    chance.shuffle(shuffled)
    assert grown(shuffled, answers) == grown(pairs, answers)


@given(WORLDS, ANSWERS)
def test_no_answer_and_no_contradiction_is_overruled(pairs: list[Pair], answers: dict[Key, Answer]) -> None:
    """Never together: what a person told apart, and, but for a person's word, what contradicts each other."""
    found = grown(pairs, answers)
    of = {ref: group for group in found.groups for ref in group}
    assert sorted(of) == sorted(REFS)
    for (one, two), answer in answers.items():
        if answer is Answer.DIFFERENT:
            assert of[one] is not of[two]
    if Answer.SAME not in answers.values():
        for pair in pairs:
            assert not (pair.contradicted and of[pair.left] is of[pair.right])


@given(WORLDS, ANSWERS, st.sampled_from(REFS))
def test_what_hangs_together_can_be_looked_at_alone(pairs: list[Pair], answers: dict[Key, Answer], start: str) -> None:
    """The records that joining pairs and SAME lead to from one of them come out as they do among all."""
    reached, waiting = {start}, [start]
    links = [pair.key for pair in pairs if joins(pair)] + [key for key, said in answers.items() if said is Answer.SAME]
    while waiting:
        ref = waiting.pop()
        new = {other for key in links if ref in key for other in key} - reached
        reached |= new
        waiting += new
    near = [pair for pair in pairs if not reached.isdisjoint(pair.key)]
    some = {key: said for key, said in answers.items() if not reached.isdisjoint(key)}
    alone = grown(near, some, reached)
    assert set(alone.groups) == {group for group in grown(pairs, answers).groups if not group.isdisjoint(reached)}
