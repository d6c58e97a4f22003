"""Who may be one with whom among very many records: all that share a key, save those that cannot be one.

Used by a first load. The same as `Placing.candidates` finds for each record by itself.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from connector.identity.blocks import candidates, components
from connector.identity.clusters import Key
from connector.identity.pairs import Matching
from connector.store.key_table import KeyTable

_AT_ONCE: Final = 1_000_000
"""Candidates that are looked at together: about 100 MB."""

_TIMES: Final = 10
"""A portion may be so many times larger for the sake of what hangs together."""


@dataclass
class Likely:
    """Pairs of places in `refs`, in order."""

    refs: list[str]
    _left: NDArray[np.int64]
    _right: NDArray[np.int64]
    _is_fresh: NDArray[np.bool_]
    _unkeyed: frozenset[str]
    """Those that are fresh and have no key: nobody can be one with them."""

    @classmethod
    def of(cls, table: KeyTable, matching: Matching[Any, Any], fresh: set[str]) -> "Likely":
        """All pairs of which one is fresh. What is given is used up: in memory it is several times what comes of it."""
        is_fresh = np.fromiter((ref in fresh for ref in table.refs), bool, len(table.refs))
        unkeyed = frozenset(fresh.difference(table.refs))
        fresh.clear()
        gists, none = matching.gists(table.refs, table.give_gists()), np.empty(0, np.int64)
        left, right = [none], [none]
        for found in candidates(table.give_keys(), matching.block_limit, is_fresh, _AT_ONCE):
            hopeful = gists.hopeful(found.left, found.right, found.shared)
            left.append(found.left[hopeful])
            right.append(found.right[hopeful])
        return cls(table.refs, np.concatenate(left), np.concatenate(right), is_fresh, unkeyed)

    def portions(self, size: int) -> Iterator[list[Key]]:
        """All pairs, about so many at once. Those that hang together come together, unless they are very many."""
        component = components(len(self.refs), self._left, self._right)[self._left]
        order = np.lexsort((self._right, self._left, component))
        begins = np.flatnonzero(np.r_[True, np.diff(component[order]) > 0]) if len(order) else order
        start = 0
        while start < len(order):
            behind = begins[np.searchsorted(begins, start + size) :]
            end = min(int(behind[0]) if len(behind) else len(order), start + _TIMES * size)
            some = order[start:end]
            left, right = self._left[some].tolist(), self._right[some].tolist()
            yield [(self.refs[one], self.refs[two]) for one, two in zip(left, right, strict=True)]
            start = end

    def remove(self, keys: Collection[Key]) -> None:
        """These are not looked at."""
        places = [place for key in keys if (place := self._place(key)) is not None]
        self._left, self._right = np.delete(self._left, places), np.delete(self._right, places)

    def __contains__(self, key: Key) -> bool:
        return self._place(key) is not None

    def is_fresh(self, key: Key) -> bool:
        """Whether one of the two is."""
        places = [place for ref in key if (place := self._place_of(ref)) is not None]
        return not self._unkeyed.isdisjoint(key) or any(self._is_fresh[place] for place in places)

    def _place_of(self, ref: str) -> int | None:
        place = bisect_left(self.refs, ref)
        return place if place < len(self.refs) and self.refs[place] == ref else None

    def _place(self, key: Key) -> int | None:
        """Where the pair stands."""
        one, two = map(self._place_of, key)
        if one is None or two is None:
            return None
        start, end = np.searchsorted(self._left, one), np.searchsorted(self._left, one, side="right")
        at = int(start + np.searchsorted(self._right[start:end], two))
        return at if at < end and self._right[at] == two else None
