"""All candidates at once are those that record by record would find, and hang together as they do."""

from collections import Counter
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.identity.blocks import Candidates, Keys, candidates, components

BIT = {key: 1 << key if key < 8 else 0 for key in range(10)}


def found(owners: list[set[int]], limit: int, fresh: list[bool], at_once: int) -> list[Candidates]:
    rows = [(key, record) for record, keys in enumerate(owners) for key in sorted(keys, reverse=True)]
    keys = Keys(
        np.array([key for key, _ in rows], np.uint64),
        np.array([record for _, record in rows], np.int32),
        np.array([BIT[key] for key, _ in rows], np.uint8),
    )
    return list(candidates(keys, limit, np.array(fresh, bool), at_once))


records = st.lists(st.tuples(st.sets(st.integers(0, 9)), st.booleans()), max_size=12)


@settings(deadline=None)
@given(records, st.integers(1, 5), st.integers(1, 40))
def test_candidates_share_a_key_that_is_not_crowded(
    known: list[tuple[set[int], bool]], limit: int, at_once: int
) -> None:
    """Two of which one is fresh; what they have in common is told by all their keys, crowded ones too.

    Each pair comes once and in order, whatever the size of the portions.
    """
    owners, fresh = [keys for keys, _ in known], [is_fresh for _, is_fresh in known]
    crowd = Counter(key for keys in owners for key in keys)
    expected = {}
    for one, two in combinations(range(len(owners)), 2):
        common = owners[one] & owners[two]
        if any(crowd[key] <= limit for key in common) and (fresh[one] or fresh[two]):
            expected[one, two] = sum(BIT[key] for key in common)
    every = found(owners, limit, fresh, at_once)
    told = [pair for some in every for pair in zip(some.left.tolist(), some.right.tolist(), strict=True)]
    assert told == sorted(expected)
    assert [bits for some in every for bits in some.shared.tolist()] == [expected[pair] for pair in told]


PAIRS = st.integers(1, 12).flatmap(
    lambda count: st.tuples(st.just(count), st.lists(st.tuples(*[st.integers(0, count - 1)] * 2)))
)


@settings(deadline=None)
@given(PAIRS)
def test_a_component_is_called_by_its_lowest_record(known: tuple[int, list[tuple[int, int]]]) -> None:
    """And is all that pairs lead to, however long the way."""
    count, pairs = known
    expected = list(range(count))
    for _ in range(count):
        for one, two in pairs:
            expected[one] = expected[two] = min(expected[one], expected[two])
    left, right = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    assert components(count, left, right).tolist() == expected
