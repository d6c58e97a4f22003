"""Which records are one: from compared pairs and people's answers to groups, and to what is left to ask.

Called by the engine for the records around what changed. The result depends on pairs and answers alone: on no order, on
no earlier result. Knows neither fields nor kinds.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from connector.identity.decide import Outcome
from connector.identity.pairs import Pair

Key = tuple[str, str]
"""Two refs in order."""

Between = Callable[[str, str], Pair | None]
"""Compares any two records; `None` where one of them is gone."""


class Answer(StrEnum):
    """What a person said about two records."""

    SAME = "same"
    DIFFERENT = "different"
    LATER = "later"


class State(StrEnum):
    """What became of a pair. RELATED: a site or parent. APART: not linked, and nothing is to be asked."""

    LINKED = "linked"
    DOUBTFUL = "doubtful"
    RELATED = "related"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Clustering:
    """Every given record is in exactly one group; a record that is nobody else's is alone in its own."""

    groups: tuple[frozenset[str], ...]
    states: Mapping[Key, State]


@dataclass(frozen=True, slots=True)
class Limits:
    """`margin` and `certain` of a `Matching`, in bits."""

    margin: float
    certain: float


def key_of(one: str, two: str) -> Key:
    """Both refs in order."""
    return (one, two) if one <= two else (two, one)


def joins(pair: Pair) -> bool:
    """Whether the pair alone could make two records one."""
    return pair.alone is Outcome.AUTO and pair.relation == "same"


def clusters(
    refs: Iterable[str],
    pairs: Collection[Pair],
    answers: Mapping[Key, Answer],
    limits: Limits,
    between: Between,
    others: Mapping[str, frozenset[str]] | None = None,
) -> Clustering:
    """The groups among `refs`, and the state of each pair.

    `pairs` are all that touch one of the refs, with each record that a joining pair or the answer SAME leads to among
    the refs. `others` are the groups of those records of the pairs that are not among the refs. First what the systems
    know by id, then what a person said, then the surest pair that has no rival, and so on; never over an answer
    DIFFERENT, and never over two records that contradict each other, unless a person said so.
    """
    growth = _Growth(refs, pairs, answers, limits, between, others or {})
    growth.grow()
    return Clustering(growth.groups(), dict(growth.states()))


class _Growth:
    def __init__(
        self,
        refs: Iterable[str],
        pairs: Collection[Pair],
        answers: Mapping[Key, Answer],
        limits: Limits,
        between: Between,
        others: Mapping[str, frozenset[str]],
    ) -> None:
        self._members: dict[str, frozenset[str]] = {ref: frozenset((ref,)) for ref in sorted(set(refs))}
        self._pairs = {pair.key: pair for pair in pairs}
        self._answers, self._limits, self._between, self._others = answers, limits, between, others
        self._different: defaultdict[str, set[str]] = defaultdict(set)
        for (one, two), answer in answers.items():
            if answer is Answer.DIFFERENT:
                self._different[one].add(two)
                self._different[two].add(one)
        self._of: defaultdict[str, list[Pair]] = defaultdict(list)
        for pair in self._pairs.values():
            self._of[pair.left].append(pair)
            self._of[pair.right].append(pair)

    def grow(self) -> None:
        for pair in self._ordered(pair for pair in self._pairs.values() if pair.sure and joins(pair)):
            self._join(*pair.key)
        for key in sorted(key for key, answer in self._answers.items() if answer is Answer.SAME):
            self._join(*key, whatever_speaks_against=True)
        known = dict(self._members)
        candidates = [pair for pair in self._pairs.values() if joins(pair) and not pair.sure]
        for pair in self._ordered(pair for pair in candidates if self._unrivalled(pair, known)):
            self._join(*pair.key)

    def groups(self) -> tuple[frozenset[str], ...]:
        return tuple(sorted(set(self._members.values()), key=min))

    def states(self) -> Iterator[tuple[Key, State]]:
        """Of the pairs between two groups a person is asked about the surest one: the answer holds for all."""
        asked: set[frozenset[frozenset[str]]] = set()
        for pair in self._ordered(self._pairs.values()):
            one, two = map(self._group, pair.key)
            if one is two:
                yield pair.key, State.LINKED
            elif pair.relation != "same":
                yield pair.key, State.RELATED
            elif self._told_apart(one, two) or frozenset((one, two)) in asked:
                yield pair.key, State.APART
            else:
                asked.add(frozenset((one, two)))
                yield pair.key, State.DOUBTFUL

    def _group(self, ref: str) -> frozenset[str]:
        return self._members.get(ref) or self._others.get(ref) or frozenset((ref,))

    @staticmethod
    def _ordered(pairs: Iterable[Pair]) -> list[Pair]:
        return sorted(pairs, key=lambda pair: (-pair.score, pair.key))

    def _told_apart(self, one: Collection[str], two: Collection[str]) -> bool:
        return any(not self._different[ref].isdisjoint(two) for ref in one if ref in self._different)

    def _join(self, left: str, right: str, *, whatever_speaks_against: bool = False) -> None:
        one, two = self._members.get(left), self._members.get(right)
        if one is None or two is None or one is two or self._told_apart(one, two):
            return
        if not whatever_speaks_against and any(self._contradicted(mine, theirs) for mine in one for theirs in two):
            return
        together = one | two
        for ref in together:
            self._members[ref] = together

    def _contradicted(self, one: str, two: str) -> bool:
        found = self._found(one, two)
        return found is not None and found.contradicted and not found.sure

    def _found(self, one: str, two: str) -> Pair | None:
        key = key_of(one, two)
        return self._pairs[key] if key in self._pairs else self._between(*key)

    def _unrivalled(self, pair: Pair, known: Mapping[str, frozenset[str]]) -> bool:
        return all(self._leads(pair, ref, known) for ref in pair.key)

    def _leads(self, pair: Pair, ref: str, known: Mapping[str, frozenset[str]]) -> bool:
        """Whether no other candidate of the record comes near, but for those that are the chosen one as well."""
        chosen = pair.other(ref)
        return not any(
            self._rivals(pair, other, chosen, other.other(ref), known)
            for other in self._of[ref]
            if other is not pair and other.score > pair.score - self._limits.margin
        )

    def _rivals(
        self, pair: Pair, other: Pair, chosen: str, candidate: str, known: Mapping[str, frozenset[str]]
    ) -> bool:
        if other.contradicted or other.relation != "same":
            return False
        if candidate in known.get(chosen, ()) or self._told_apart(known[pair.other(chosen)], (candidate,)):
            return False
        mutual = self._found(chosen, candidate)
        if mutual is None or joins(mutual):
            return False
        return mutual.against or mutual.contradicted or min(pair.score, other.score) < self._limits.certain
