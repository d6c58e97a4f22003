"""Which of many person records are one person: candidates by key, pairs judged, sure pairs grown into clusters.

For a first load, for duplicates within a system and for benchmarks. The result depends on the records alone, neither on
their order nor on how often one is given.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from connector.identity.decide import Outcome, Verdict
from connector.identity.people import NormalisedPerson, informed_by_each_other, normalised_person
from connector.identity.people_keys import blocking_keys, exact_keys
from connector.identity.people_match import Pair, judge, ranked, rival_of, verdict
from connector.identity.people_weights import Frequencies
from connector.identity.records import Individual
from connector.mapping.identity_people import PeopleRules


class PeopleIndex:
    """Normalised persons in memory, found by their keys.

    Made for a million: a key is kept as its hash, and most keys have one record and need no list. Two keys of one hash
    would only bring a candidate too many, which the comparison then turns down.
    """

    def __init__(self, rules: PeopleRules) -> None:
        self.people: dict[str, NormalisedPerson] = {}
        self._rules = rules
        self._order: list[NormalisedPerson] = []
        self._by_key: dict[int, int | list[int]] = {}

    def add(self, person: NormalisedPerson) -> None:
        """Takes a person in; a ref that is there already is left as it is."""
        if person.ref in self.people:
            return
        self.people[person.ref] = person
        number = len(self._order)
        self._order.append(person)
        for key in _hashes(person):
            block = self._by_key.get(key)
            if block is None:
                self._by_key[key] = number
            elif isinstance(block, list):
                # Beyond the limit a block brings nobody, so it need not grow on.
                if len(block) <= self._rules.block_size:
                    block.append(number)
            else:
                self._by_key[key] = [block, number]

    def candidates(self, person: NormalisedPerson, most: int | None = None) -> list[NormalisedPerson]:
        """Those who share a key that is not too common, without the person's own ref; by ref.

        With `most` only so many, those who share most keys: enough for one new record, where time counts.
        """
        shared: Counter[int] = Counter()
        for key in _hashes(person):
            block = self._by_key.get(key)
            if isinstance(block, int):
                shared[block] += 1
            elif block and len(block) <= self._rules.block_size:
                shared.update(block)
        found: Iterable[int] = shared
        if most is not None and len(shared) > most:
            found = sorted(shared, key=lambda number: (-shared[number], _ref(self._order[number])))[:most]
        others = (self._order[number] for number in found)
        return sorted((other for other in others if other.ref != person.ref), key=_ref)

    def pairs(self) -> Iterator[tuple[NormalisedPerson, NormalisedPerson]]:
        """Every two persons who share a key that is not too common, once."""
        for ref, person in self.people.items():
            for other in self.candidates(person):
                if ref < other.ref:
                    yield person, other


def _hashes(person: NormalisedPerson) -> list[int]:
    return [hash(key) for key in (*exact_keys(person), *blocking_keys(person))]


def _ref(person: NormalisedPerson) -> str:
    return person.raw.ref


@dataclass(frozen=True)
class Resolution:
    """The outcome for a whole base. Every ref is in exactly one cluster; refs, clusters and doubts are sorted."""

    clusters: tuple[tuple[str, ...], ...]
    doubts: tuple[Pair, ...]
    """Pairs for a person to judge; none lies within a cluster."""
    verdict: Callable[[str], Verdict]
    """The outcome for one ref, with the evidence of its best candidates."""


def resolve(people: Iterable[Individual], rules: PeopleRules) -> Resolution:
    """Finds the clusters among these records. Of records with the same ref the first counts."""
    index, frequencies = index_of(people, rules)
    return cluster(index, rules, frequencies)


def index_of(people: Iterable[Individual], rules: PeopleRules) -> tuple[PeopleIndex, Frequencies]:
    """The records normalised and indexed, and how often their values occur."""
    by_ref: dict[str, Individual] = {}
    for person in people:
        by_ref.setdefault(person.ref, person)
    normalised = informed_by_each_other(normalised_person(by_ref[ref], rules) for ref in sorted(by_ref))
    index = PeopleIndex(rules)
    for each in normalised:
        index.add(each)
    return index, Frequencies.of(normalised)


def cluster(index: PeopleIndex, rules: PeopleRules, frequencies: Frequencies) -> Resolution:
    """Judges all pairs of an index and grows the clusters."""
    return _Growth(index, rules, frequencies).result()


class _Growth:
    """The work on one base: pairs first, then margins, then clusters from the surest pair on."""

    def __init__(self, index: PeopleIndex, rules: PeopleRules, frequencies: Frequencies) -> None:
        self._people, self._rules, self._frequencies = index.people, rules, frequencies
        self._judged: dict[tuple[str, str], Pair] = {}
        of_person: defaultdict[str, list[Pair]] = defaultdict(list)
        for left, right in index.pairs():
            pair = judge(left, right, rules, frequencies)
            if pair.alone is not Outcome.NEW:
                self._judged[pair.key] = pair
                of_person[left.ref].append(pair)
                of_person[right.ref].append(pair)
        self._of_person = {ref: ranked(pairs) for ref, pairs in of_person.items()}
        self._members: dict[str, tuple[str, ...]] = {ref: (ref,) for ref in self._people}

    def result(self) -> Resolution:
        sure = [pair for pair in self._judged.values() if pair.alone is Outcome.AUTO and self._unrivalled(pair)]
        for pair in sorted(sure, key=lambda pair: (-pair.score, pair.key)):
            self._join(*pair.key)
        clusters = tuple(sorted(set(self._members.values())))
        apart = (pair for pair in self._judged.values() if self._members[pair.key[0]] != self._members[pair.key[1]])
        doubts = tuple(sorted(apart, key=lambda pair: (-pair.score, pair.key)))
        return Resolution(clusters, doubts, self._verdict)

    def _between(self, one: NormalisedPerson, two: NormalisedPerson) -> Pair:
        key = (one.ref, two.ref) if one.ref <= two.ref else (two.ref, one.ref)
        return self._judged.get(key) or judge(one, two, self._rules, self._frequencies)

    def _unrivalled(self, pair: Pair) -> bool:
        return all(self._clear(pair, person) for person in (pair.left, pair.right))

    def _clear(self, pair: Pair, person: NormalisedPerson) -> bool:
        near: Sequence[Pair] = [
            other for other in self._of_person[person.ref] if other.score > pair.score - self._rules.margin
        ]
        return rival_of(pair, person, near, self._rules, self._between) is None

    def _join(self, left: str, right: str) -> None:
        one, two = self._members[left], self._members[right]
        if one is two or any(
            self._between(self._people[mine], self._people[theirs]).contradicted for mine in one for theirs in two
        ):
            return
        together = tuple(sorted((*one, *two)))
        for ref in together:
            self._members[ref] = together

    def _verdict(self, ref: str) -> Verdict:
        person, members = self._people[ref], self._members[ref]
        pairs = self._of_person.get(ref, [])
        told = verdict(person, pairs, self._rules, self._frequencies, self._between)
        if len(members) == 1:
            rivalled = replace(told, outcome=Outcome.REVIEW, reason=told.reason or "identity.near_equal")
            return rivalled if told.outcome is Outcome.AUTO else told
        return replace(told, outcome=Outcome.AUTO, reason="")
