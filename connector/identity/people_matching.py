"""People as `pairs.Matching`: normalised, found by keys, judged two at a time.

Used by whoever matches people record by record. What a pair weighs depends on its two records and the rules alone, so
neither the order of arrival nor the rest of the base changes it; only who resolves a whole base at once may count it.
"""

from collections.abc import Sequence

from connector.identity.decide import Outcome
from connector.identity.pairs import EveryPair, Pair
from connector.identity.people import NormalisedPerson, normalised_person
from connector.identity.people_evidence import evidence
from connector.identity.people_keys import blocking_keys, exact_keys
from connector.identity.people_match import NOTHING_COUNTED, Judgement, judge
from connector.identity.people_weights import Frequencies, prior
from connector.identity.records import Individual
from connector.mapping.identity_people import PeopleRules


class PeopleMatching:
    """`Matching[Individual, NormalisedPerson]`. Kinds of evidence are `person.<field>.<level>` and `person.prior`."""

    def __init__(self, rules: PeopleRules, frequencies: Frequencies = NOTHING_COUNTED) -> None:
        self.rules = rules
        self.margin = rules.margin
        self.certain = rules.certain
        self.block_limit = rules.block_limit
        self._frequencies = frequencies
        self._prior = prior(rules, frequencies)

    def normalised(self, raw: Individual) -> NormalisedPerson:
        """The record in its compared form. Never fails: what cannot be read counts as unknown."""
        return normalised_person(raw, self.rules)

    def each_normalised(self, raws: Sequence[Individual]) -> list[NormalisedPerson]:
        """Several of them."""
        return [normalised_person(raw, self.rules) for raw in raws]

    def keys(self, record: NormalisedPerson) -> tuple[str, ...]:
        """Identifier, mailbox and mobile numbers first, then what only gathers candidates."""
        return (*exact_keys(record), *blocking_keys(record))

    def shared(self, key: str) -> int:  # noqa: ARG002
        """Nothing that matters: whoever shares a key is compared."""
        return 0

    def gist(self, record: NormalisedPerson) -> str:  # noqa: ARG002
        """Nothing: of those that share a key of a person there are few."""
        return ""

    def gists(self, refs: Sequence[str], gists: Sequence[str]) -> EveryPair:  # noqa: ARG002
        """All are compared."""
        return EveryPair()

    def judged(self, one: NormalisedPerson, two: NormalisedPerson) -> Pair | None:
        """The pair with its evidence, whatever the order of the two; `None` when they are NEW to each other."""
        judgement = judge(one, two, self.rules, self._frequencies)
        return None if judgement.alone is Outcome.NEW else self._pair(judgement)

    def compared(self, one: NormalisedPerson, two: NormalisedPerson) -> Pair:
        """As `judged`, but also two that are NEW to each other: whether they contradict matters to their clusters."""
        return self._pair(judge(one, two, self.rules, self._frequencies))

    def _pair(self, judgement: Judgement) -> Pair:
        return Pair(
            left=judgement.left.ref,
            right=judgement.right.ref,
            score=judgement.score,
            alone=judgement.alone,
            reason=judgement.reason,
            contradicted=judgement.contradicted,
            against=judgement.against,
            evidence=evidence(judgement, self._prior),
        )
