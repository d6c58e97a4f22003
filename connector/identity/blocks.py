"""All candidates of very many records at once: who shares a key with whom, and what the two have in common.

Used by the engine for a first load, where asking record by record would take too long. Records are numbers from 0 on,
keys are numbers; knows no field and no kind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Bits = NDArray[np.uint8]

_OF_SHARED: Final = 8
"""Low bits of a pair's number that tell what the two have in common."""

_OF_RECORD: Final = 27
"""Bits of a record's number, so that two of them and what they share are one number."""

MOST: Final = 1 << _OF_RECORD
"""Records that can be paired at once: 134 million."""


@dataclass(frozen=True)
class Keys:
    """Which record has which key: row for row the key, the record, and the bit that sharing this key tells."""

    key: NDArray[np.uint64]
    record: NDArray[np.int32]
    bit: Bits


@dataclass(frozen=True)
class Candidates:
    """Pairs in order, each once, `left` < `right`; `shared` are the bits of all keys that the two have in common."""

    left: Numbers
    right: Numbers
    shared: Bits


def candidates(keys: Keys, limit: int, fresh: NDArray[np.bool_]) -> Candidates:
    """Every two records that share a key of at most `limit` records, and of which at least one is fresh.

    What a key of more records tells counts as well, for pairs that are found by another one.
    """
    order = np.lexsort((keys.record, keys.key))
    key, record, bit = keys.key[order], keys.record[order], keys.bit[order]
    starts = np.flatnonzero(np.r_[len(key) > 0, key[1:] != key[:-1]])
    sizes = np.diff(np.r_[starts, len(key)])
    found = _united([some[_any_fresh(some, fresh)] for some in _blocks(record, bit, starts, sizes, limit)])
    shared = (found & ((1 << _OF_SHARED) - 1)).astype(np.uint8)
    left, right = found >> (_OF_SHARED + _OF_RECORD), (found >> _OF_SHARED) & (MOST - 1)
    crowded = np.repeat(sizes > limit, sizes) & (bit > 0)
    if crowded.any():
        _add_crowded(Keys(key[crowded], record[crowded], bit[crowded]), left, right, shared)
    return Candidates(left, right, shared)


def components(count: int, left: Numbers, right: Numbers) -> Numbers:
    """For each of `count` records the lowest one that it hangs together with over these pairs."""
    lowest = np.arange(count)
    while True:
        before = lowest.copy()
        least = np.minimum(lowest[left], lowest[right])
        np.minimum.at(lowest, left, least)
        np.minimum.at(lowest, right, least)
        lowest = lowest[lowest]
        if np.array_equal(before, lowest):
            return lowest


def _blocks(record: NDArray[np.int32], bit: Bits, starts: Numbers, sizes: Numbers, limit: int) -> Iterator[Numbers]:
    """The numbers of all pairs in blocks of one size, then of the next."""
    for size in range(2, limit + 1):
        first = starts[sizes == size]
        if not len(first):
            continue
        members = record[first[:, None] + np.arange(size)].astype(np.int64)
        one, two = np.triu_indices(size, 1)
        pairs = (members[:, one] << (_OF_SHARED + _OF_RECORD)) | (members[:, two] << _OF_SHARED)
        yield (pairs | bit[first][:, None]).ravel()


def _any_fresh(pairs: Numbers, fresh: NDArray[np.bool_]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = fresh[pairs >> (_OF_SHARED + _OF_RECORD)] | fresh[(pairs >> _OF_SHARED) & (MOST - 1)]
    return found


def _united(several: list[Numbers]) -> Numbers:
    """Each pair once, with the bits of all its keys."""
    every = np.concatenate(several) if several else np.empty(0, np.int64)
    several.clear()
    every.sort()
    if not len(every):
        return every
    starts = np.flatnonzero(np.r_[True, every[1:] >> _OF_SHARED != every[:-1] >> _OF_SHARED])
    united: Numbers = np.bitwise_or.reduceat(every, starts)
    return united


def _add_crowded(crowded: Keys, left: Numbers, right: Numbers, shared: Bits) -> None:
    """What keys tell that too many share to bring anybody."""
    _, key = np.unique(crowded.key, return_inverse=True)
    holds = np.unique(key.astype(np.int64) << _OF_RECORD | crowded.record)
    order = np.argsort(crowded.record, kind="stable")
    key, bit, record = key[order], crowded.bit[order], crowded.record[order]
    first, behind = np.searchsorted(record, left), np.searchsorted(record, left, side="right")
    has = np.zeros(max(int(left.max(initial=0)), int(right.max(initial=0)), int(record.max())) + 1, bool)
    has[record] = True
    pairs = np.flatnonzero((behind > first) & has[right])
    counts = behind[pairs] - first[pairs]
    each = np.repeat(pairs, counts)
    place = np.arange(len(each)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first[pairs], counts)
    asked = key[place].astype(np.int64) << _OF_RECORD | right[each]
    at = np.searchsorted(holds, asked)
    both = holds[np.minimum(at, len(holds) - 1)] == asked
    np.bitwise_or.at(shared, each[both], bit[place[both]])
