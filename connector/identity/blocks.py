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
Rows = NDArray[np.int32]
Bits = NDArray[np.uint8]

_OF_SHARED: Final = 8
"""Low bits of a pair's number that tell what the two have in common."""

_OF_RECORD: Final = 27
"""Bits of a record's number, so that two of them and what they share are one number."""

MOST: Final = 1 << _OF_RECORD
"""Records that can be paired at once: 134 million."""


@dataclass(frozen=True)
class Keys:
    """Which record has which key: row for row the key, the record, and the bit that sharing this key tells.

    In order of the records.
    """

    key: NDArray[np.uint64]
    record: NDArray[np.int32]
    bit: Bits


@dataclass(frozen=True)
class Candidates:
    """Pairs in order, each once, `left` < `right`; `shared` are the bits of all keys that the two have in common."""

    left: Numbers
    right: Numbers
    shared: Bits


def candidates(keys: Keys, limit: int, fresh: NDArray[np.bool_], at_once: int) -> Iterator[Candidates]:
    """Every two records that share a key of at most `limit` records, and of which at least one is fresh.

    The keys are most of what is in memory, so nobody else should hold them meanwhile.
    In portions of about `at_once` before those are united that share several keys, in order of their left records.
    What a key of more records tells counts as well, for pairs that are found by another one.
    """
    order = np.argsort(keys.key, kind="stable").astype(np.int32)
    key, record, bit = keys.key[order], keys.record[order], keys.bit[order]
    del order, keys
    starts = np.flatnonzero(np.r_[len(key) > 0, key[1:] != key[:-1]])
    sizes = np.diff(np.r_[starts, len(key)])
    crowded = np.repeat(sizes > limit, sizes) & (bit > 0)
    told = _Crowded(Keys(key[crowded], record[crowded], bit[crowded]), len(fresh)) if crowded.any() else None
    del key, crowded
    # How many of its block stand behind each row, which is how often its record is the left one.
    behind = np.repeat(np.where(sizes > limit, 0, starts + sizes).astype(np.int32), sizes)
    behind -= np.arange(1, len(record) + 1, dtype=np.int32)
    del starts, sizes
    rows = np.flatnonzero(behind > 0).astype(np.int32)
    rows = rows[np.argsort(record[rows], kind="stable")]
    for some in _portions(record[rows], behind[rows], at_once):
        found = _united(_pairs(record, bit, behind, rows[some], fresh))
        left, right = found >> (_OF_SHARED + _OF_RECORD), (found >> _OF_SHARED) & (MOST - 1)
        shared = (found & ((1 << _OF_SHARED) - 1)).astype(np.uint8)
        if told is not None:
            told.add(left, right, shared)
        yield Candidates(left, right, shared)


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


def _portions(record: NDArray[np.int32], behind: Rows, at_once: int) -> Iterator[slice]:
    """Rows that make about so many pairs; those of one record are not parted."""
    last = np.flatnonzero(np.r_[record[1:] != record[:-1], len(record) > 0])
    made, start = np.cumsum(behind), 0
    while start < len(record):
        before = int(made[start - 1]) if start else 0
        place = np.searchsorted(made[last], before + at_once)
        end = int(last[min(int(place), len(last) - 1)]) + 1
        yield slice(start, end)
        start = end


def _pairs(record: NDArray[np.int32], bit: Bits, behind: Rows, rows: Rows, fresh: NDArray[np.bool_]) -> Numbers:
    """The numbers of all pairs of these rows with those behind them in their blocks."""
    counts = behind[rows]
    nth = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    left, right = np.repeat(record[rows], counts), record[np.repeat(rows + 1, counts) + nth]
    wanted = fresh[left] | fresh[right]
    pairs: Numbers = left[wanted].astype(np.int64) << (_OF_SHARED + _OF_RECORD)
    pairs |= right[wanted].astype(np.int64) << _OF_SHARED
    pairs |= np.repeat(bit[rows], counts)[wanted]
    return pairs


def _united(every: Numbers) -> Numbers:
    """Each pair once, with the bits of all its keys."""
    every.sort()
    if not len(every):
        return every
    starts = np.flatnonzero(np.r_[True, every[1:] >> _OF_SHARED != every[:-1] >> _OF_SHARED])
    united: Numbers = np.bitwise_or.reduceat(every, starts)
    return united


class _Crowded:
    """Keys that too many share to bring anybody. What they tell counts all the same."""

    def __init__(self, keys: Keys, count: int) -> None:
        _, key = np.unique(keys.key, return_inverse=True)
        self._holds = np.unique(key.astype(np.int64) << _OF_RECORD | keys.record)
        order = np.argsort(keys.record, kind="stable")
        self._key, self._bit = key[order], keys.bit[order]
        self._first = np.searchsorted(keys.record[order], np.arange(count + 1))

    def add(self, left: Numbers, right: Numbers, shared: Bits) -> None:
        """To the bits of each pair those of the keys that both have."""
        of = np.diff(self._first)
        pairs = np.flatnonzero((of[left] > 0) & (of[right] > 0))
        first, counts = self._first[left[pairs]], of[left[pairs]]
        each = np.repeat(pairs, counts)
        place = np.arange(len(each)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
        asked = self._key[place].astype(np.int64) << _OF_RECORD | right[each]
        at = np.searchsorted(self._holds, asked)
        both = self._holds[np.minimum(at, len(self._holds) - 1)] == asked
        np.bitwise_or.at(shared, each[both], self._bit[place[both]])
