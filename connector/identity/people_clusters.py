"""Which of many person records are one, all at once and in memory: for a first load, tests and benchmarks.

Pairs and clusters are the product's own (`people_matching.py`, `clusters.py`). The result depends on the records alone,
neither on their order nor on how often one is given.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from connector.identity.clusters import Limits, State, clusters
from connector.identity.pairs import Pair
from connector.identity.people import NormalisedPerson
from connector.identity.people_matching import PeopleMatching
from connector.identity.people_weights import Frequencies
from connector.identity.records import Individual
from connector.mapping.identity_people import PeopleRules


class PeopleIndex:
    """Normalised persons in memory, found by their keys.

    Made for a million: a key is kept as its hash, and most keys have one record and need no list. Two keys of one hash
    would only bring a candidate too many, which the comparison then turns down.
    """

    def __init__(self, matching: PeopleMatching) -> None:
        self.people: dict[str, NormalisedPerson] = {}
        self._matching = matching
        self._order: list[NormalisedPerson] = []
        self._by_key: dict[int, int | list[int]] = {}

    def add(self, person: NormalisedPerson) -> None:
        """Takes a person in; a ref that is there already is left as it is."""
        if person.ref in self.people:
            return
        self.people[person.ref] = person
        number = len(self._order)
        self._order.append(person)
        for key in map(hash, self._matching.keys(person)):
            block = self._by_key.get(key)
            if block is None:
                self._by_key[key] = number
            elif isinstance(block, list):
                # Beyond the limit a block brings nobody, so it need not grow on.
                if len(block) <= self._matching.block_limit:
                    block.append(number)
            else:
                self._by_key[key] = [block, number]

    def candidates(self, person: NormalisedPerson) -> list[NormalisedPerson]:
        """Those who share a key that is not too common, without the person's own ref; by ref."""
        found: set[int] = set()
        for key in map(hash, self._matching.keys(person)):
            block = self._by_key.get(key)
            if isinstance(block, int):
                found.add(block)
            elif block and len(block) <= self._matching.block_limit:
                found.update(block)
        others = (self._order[number] for number in found)
        return sorted((other for other in others if other.ref != person.ref), key=_ref)

    def pairs(self) -> Iterator[tuple[NormalisedPerson, NormalisedPerson]]:
        """Every two persons who share a key that is not too common, once."""
        seen: dict[int, set[int]] = {}
        for block in self._by_key.values():
            if isinstance(block, int) or len(block) > self._matching.block_limit:
                continue
            for at, one in enumerate(block):
                others = seen.setdefault(one, set())
                for two in block[at + 1 :]:
                    if two not in others:
                        others.add(two)
                        yield self._order[one], self._order[two]


def _ref(person: NormalisedPerson) -> str:
    return person.raw.ref


@dataclass(frozen=True)
class Resolution:
    """The outcome for a whole base. Every ref is in exactly one cluster; refs, clusters and doubts are sorted."""

    clusters: tuple[tuple[str, ...], ...]
    doubts: tuple[Pair, ...]
    """Pairs for a person to judge, the surest first; none lies within a cluster."""


def resolve(people: Iterable[Individual], rules: PeopleRules, *, counted: bool = False) -> Resolution:
    """Finds the clusters among these records. Of records with the same ref the first counts.

    With `counted` a value also weighs by how rare it is among them, which only a whole base at once can tell.
    """
    index = index_of(people, rules)
    frequencies = Frequencies.of(index.people.values()) if counted else Frequencies()
    matching = PeopleMatching(rules, frequencies)
    pairs = [pair for one, two in index.pairs() if (pair := matching.judged(one, two))]

    def between(one: str, two: str) -> Pair:
        return matching.compared(index.people[one], index.people[two])

    found = clusters(index.people, pairs, {}, Limits(matching.margin, matching.certain), between)
    groups = sorted(tuple(sorted(group)) for group in found.groups)
    doubts = [pair for pair in pairs if found.states[pair.key] is State.DOUBTFUL]
    return Resolution(tuple(groups), tuple(sorted(doubts, key=lambda pair: (-pair.score, pair.key))))


def index_of(people: Iterable[Individual], rules: PeopleRules) -> PeopleIndex:
    """The records normalised and indexed."""
    by_ref: dict[str, Individual] = {}
    for person in people:
        by_ref.setdefault(person.ref, person)
    matching = PeopleMatching(rules)
    index = PeopleIndex(matching)
    for ref in sorted(by_ref):
        index.add(matching.normalised(by_ref[ref]))
    return index
