"""Two records compared, in the one form that is kept, clustered and shown, for companies and people alike.

Made by `companies.py` and `people.py`'s matchings, kept by the store, grown into clusters by `clusters.py`. Knows no
field and no vendor.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from connector.identity.compare import Evidence
from connector.identity.decide import Outcome, Relation

Raw_contra = TypeVar("Raw_contra", contravariant=True)
Known = TypeVar("Known")


class Pair(NamedTuple):
    """Two records and what was found about them, as if there were no others. `left` < `right`; so is the evidence.

    A pair whose `alone` is NEW is not kept. `score` is the sum of the evidence in
    bits. `reason` is the key of the sentence that says why `alone` is not AUTO. `contradicted`: they must not become
    one by themselves, nor through others. `against`: some finding weighs against it. `sure`: one system holds the id
    of the other record, so no evidence is needed.
    """

    left: str
    right: str
    score: float
    alone: Outcome
    relation: Relation = "same"
    reason: str = ""
    contradicted: bool = False
    against: bool = False
    sure: bool = False
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """Both refs, in order."""
        return self.left, self.right

    def other(self, ref: str) -> str:
        """The one that `ref` was compared with."""
        return self.right if ref == self.left else self.left


class Gists(Protocol):
    """What is kept of some records to tell at a glance who cannot be one; a record is named by its place among them."""

    def hopeful(
        self, left: NDArray[np.int64], right: NDArray[np.int64], shared: NDArray[np.uint8], /
    ) -> NDArray[np.bool_]:
        """Of each pair whether it may be worth keeping; of one that is not, `judged` would be `None`.

        `shared` is the sum of `Matching.shared` over the keys that the two have in common.
        """
        ...


class EveryPair:
    """Of records of which nothing is kept, all pairs are compared."""

    def hopeful(
        self, left: NDArray[np.int64], _right: NDArray[np.int64], _shared: NDArray[np.uint8], /
    ) -> NDArray[np.bool_]:
        """Every one of them."""
        return np.ones(len(left), bool)


class Matching(Protocol[Raw_contra, Known]):
    """One kind of record: how it is normalised, found again and compared. Pure; made once with its rules."""

    margin: float
    """The lead in bits that the best candidate needs over the next one that is somebody else."""
    certain: float
    """The score from which two candidates of one record are one as well, if nothing contradicts it."""
    block_limit: int
    """A key that more records share brings no candidates."""

    def normalised(self, raw: Raw_contra) -> Known:
        """The record in its compared form. Never fails: what cannot be read counts as unknown."""
        ...

    def each_normalised(self, raws: Sequence[Raw_contra]) -> list[Known]:
        """Several of them, as fast as it goes."""
        ...

    def keys(self, record: Known) -> Sequence[str]:
        """Exact keys, the surest first, then blocking keys. Two records are compared if they share one."""
        ...

    def shared(self, key: str) -> int:
        """What two that share the key have in common: one bit of eight, or 0 where it does not matter."""
        ...

    def gist(self, record: Known) -> str:
        """What `gists` reads again, kept beside the keys; empty where nothing is."""
        ...

    def gists(self, refs: Sequence[str], gists: Sequence[str]) -> Gists:
        """Of these records."""
        ...

    def judged(self, one: Known, two: Known) -> Pair | None:
        """The pair with its evidence, whatever the order of the two; `None` when they are NEW to each other."""
        ...

    def compared(self, one: Known, two: Known) -> Pair:
        """As `judged`, but also two that are NEW to each other: whether they contradict matters to their clusters."""
        ...
