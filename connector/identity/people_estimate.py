"""Weights from the records themselves, for people about whom other fields are known than those of the preset.

No pair needs to be known: how often each level occurs between any two records tells what chance does, and an
expectation-maximisation over the candidate pairs tells what being the same person does (Fellegi and Sunter's model as
Winkler estimates it). Deterministic; the order of the records does not matter.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log2
from typing import Final

from connector.identity.people import NormalisedPerson
from connector.identity.people_clusters import PeopleIndex, index_of
from connector.identity.people_compare import findings
from connector.identity.records import Individual
from connector.mapping.identity_people import LEVELS, FieldWeights, PeopleRules

CHANCE_PAIRS: Final = 50_000
CANDIDATE_PAIRS: Final = 300_000
ROUNDS: Final = 25
UNSEEN: Final = 0.5
"""Counted for each level before anything is, so that what was not seen is rare, not impossible."""
STRIDE: Final = 7_919
"""A prime, for pairing each record with others far from it."""
MOST: Final = 20.0
LEAST: Final = -10.0
"""Bits beyond which no single field is believed."""

Pattern = tuple[tuple[str, str], ...]
"""(field, level) of all findings of a pair."""
Rates = dict[tuple[str, str], float]


@dataclass(frozen=True)
class _Model:
    """How often each level occurs between records of one person (`same`) and of two, and the share of the former."""

    same: Rates
    chance: Rates
    share: float


def estimated_rules(people: Iterable[Individual], fields: Iterable[str], base: PeopleRules) -> PeopleRules:
    """`base` with weights and prior as these records show them; its limits stay as they are.

    `fields` are names of `LEVELS`. Frequencies count for every one of them. Needs records of which some are the same
    person: without any, all weights come out near zero and nothing is linked.
    """
    blank = {field: FieldWeights(levels=dict.fromkeys(LEVELS[field], 0.0)) for field in fields}
    rules = base.model_copy(update={"fields": blank})
    index = index_of(people, rules)
    known = [index.people[ref] for ref in sorted(index.people)]
    chance = _rates(Counter(_pattern(one, two, rules) for one, two in _far_apart(known)), rules)
    candidates, thinned = _candidates(index, rules)
    model = _fitted(candidates, chance, rules)
    expected = model.share * candidates.total() * thinned
    every_pair = max(len(known) * (len(known) - 1) / 2, 1.0)
    weights = {field: _weights(field, model, rules) for field in blank}
    prior = log2(max(expected, UNSEEN) / every_pair)
    return base.model_copy(update={"fields": weights, "prior": prior, "prior_by_size": False})


def _pattern(one: NormalisedPerson, two: NormalisedPerson, rules: PeopleRules) -> Pattern:
    return tuple(
        (finding.field, finding.level) for finding in findings(one, two, rules) if finding.field in rules.fields
    )


def _far_apart(known: Sequence[NormalisedPerson]) -> Iterator[tuple[NormalisedPerson, NormalisedPerson]]:
    """Pairs that have nothing to do with each other, nearly all of two persons."""
    count = len(known)
    if count < 2:
        return
    for number in range(min(CHANCE_PAIRS, count * (count - 1) // 2)):
        one, turn = number % count, number // count
        two = (one * STRIDE + turn * (STRIDE + 2) + 1) % count
        if one != two:
            yield known[one], known[two]


def _candidates(index: PeopleIndex, rules: PeopleRules) -> tuple[Counter[Pattern], float]:
    """How often each pattern occurs among candidate pairs, and by how much they were thinned out."""
    pairs = sorted((one.ref, two.ref) for one, two in index.pairs())
    step = -(-len(pairs) // CANDIDATE_PAIRS) or 1
    taken = pairs[::step]
    return Counter(_pattern(index.people[one], index.people[two], rules) for one, two in taken), float(step)


def _rates(patterns: Counter[Pattern], rules: PeopleRules, shares: dict[Pattern, float] | None = None) -> Rates:
    """The share of each level among the pairs in which its field was compared; `shares` weigh the patterns."""
    seen: dict[tuple[str, str], float] = {}
    for pattern, count in patterns.items():
        for pair in pattern:
            seen[pair] = seen.get(pair, 0.0) + count * (shares[pattern] if shares else 1.0)
    rates = {}
    for field in rules.fields:
        total = sum(seen.get((field, level), 0.0) + UNSEEN for level in LEVELS[field])
        for level in LEVELS[field]:
            rates[field, level] = (seen.get((field, level), 0.0) + UNSEEN) / total
    return rates


def _fitted(patterns: Counter[Pattern], chance: Rates, rules: PeopleRules) -> _Model:
    """Expectation-maximisation with the rates of chance held fixed."""
    same = {(field, level): 0.9 if level == "same" else 0.1 for field, level in chance}
    share = 0.1
    for _ in range(ROUNDS):
        shares = {}
        for pattern in patterns:
            odds = share / (1 - share)
            for pair in pattern:
                odds *= same[pair] / chance[pair]
            shares[pattern] = odds / (1 + odds)
        expected = sum(count * shares[pattern] for pattern, count in patterns.items())
        share = min(max(expected / max(patterns.total(), 1), 1e-9), 1 - 1e-9)
        same = _rates(patterns, rules, shares)
    return _Model(same, chance, share)


def _weights(field: str, model: _Model, rules: PeopleRules) -> FieldWeights:
    levels = {
        level: round(min(max(log2(model.same[field, level] / model.chance[field, level]), LEAST), MOST), 2)
        for level in LEVELS[field]
        if field in rules.fields
    }
    return FieldWeights(levels=levels, by_frequency=True, commonest=0.0, rarest=MOST)
