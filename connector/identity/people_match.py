"""Judges one person against candidates: linked by itself, shown to a person, or new – with the evidence.

Called for each new record, and by `people_clusters.py` for whole bases. Knows neither where candidates come from nor
what happens with the answer.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from connector.identity.decide import Outcome, Verdict, Weighed
from connector.identity.people import NormalisedPerson
from connector.identity.people_compare import Finding, findings
from connector.identity.people_evidence import evidence
from connector.identity.people_weights import Frequencies, prior, weight
from connector.mapping.identity_people import PeopleRules

NOTHING_COUNTED: Final = Frequencies()

SHOWN: Final = 5
"""How many candidates a person is shown."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two persons compared. `contradicted`: the rules forbid to link them by themselves, or through others."""

    left: NormalisedPerson
    right: NormalisedPerson
    score: float
    found: tuple[Finding, ...]
    contradicted: bool
    against: bool
    """Whether any finding weighs against it."""
    alone: Outcome
    """The outcome if there were no other candidate."""
    reason: str
    """The key of the sentence that says why `alone` is not AUTO; empty if it is."""

    @property
    def key(self) -> tuple[str, str]:
        """Both refs in alphabetical order."""
        return (self.left.ref, self.right.ref) if self.left.ref <= self.right.ref else (self.right.ref, self.left.ref)

    def other(self, person: NormalisedPerson) -> NormalisedPerson:
        """The one that `person` was compared with."""
        return self.right if person.ref == self.left.ref else self.left


Judge = Callable[[NormalisedPerson, NormalisedPerson], Pair]


def judge(
    left: NormalisedPerson, right: NormalisedPerson, rules: PeopleRules, frequencies: Frequencies = NOTHING_COUNTED
) -> Pair:
    """Compares two persons and weighs what was found. Symmetric."""
    if right.ref < left.ref:
        left, right = right, left
    found = tuple(findings(left, right, rules))
    weights = [weight(finding, rules, frequencies) for finding in found]
    reached = prior(rules, frequencies) + sum(weights)
    names = {finding.name for finding in found}
    vetoes = names & rules.never_auto
    reason = ""
    if vetoes:
        reason = f"identity.veto.person.{min(vetoes)}"
    elif names & rules.doubted_by and names.isdisjoint(rules.sure):
        reason = "identity.maybe_namesakes"
    elif reached < rules.auto:
        reason = "identity.too_little"
    elif any(names.isdisjoint(needs) for needs in rules.auto_needs):
        reason = "identity.too_one_sided"
    shown = reached >= rules.review or not names.isdisjoint(rules.at_least_review) or _same_but_for_ref(left, right)
    alone = Outcome.AUTO if not reason else Outcome.REVIEW if shown else Outcome.NEW
    return Pair(left, right, reached, found, bool(vetoes), min(weights, default=0.0) < 0, alone, reason)


def _same_but_for_ref(left: NormalisedPerson, right: NormalisedPerson) -> bool:
    one, two = left.raw, right.raw
    # The names first: they tell nearly all pairs apart without a copy being made.
    return one.family == two.family and one.given == two.given and replace(one, ref=two.ref) == two


def match_person(
    subject: NormalisedPerson,
    candidates: Iterable[NormalisedPerson],
    rules: PeopleRules,
    frequencies: Frequencies = NOTHING_COUNTED,
) -> Verdict:
    """What to do with the subject. The candidates' order, repetitions and the subject among them change nothing."""
    known = {candidate.ref: candidate for candidate in candidates if candidate.ref != subject.ref}
    pairs = ranked(judge(subject, candidate, rules, frequencies) for candidate in known.values())

    def between(one: NormalisedPerson, two: NormalisedPerson) -> Pair:
        return judge(one, two, rules, frequencies)

    return verdict(subject, pairs, rules, frequencies, between)


def ranked(pairs: Iterable[Pair]) -> list[Pair]:
    """Those that a person might want to see, best first; refs decide between equals."""
    kept = (pair for pair in pairs if pair.alone is not Outcome.NEW)
    return sorted(kept, key=lambda pair: (pair.alone is not Outcome.AUTO, -pair.score, pair.key))


def verdict(
    subject: NormalisedPerson, pairs: Sequence[Pair], rules: PeopleRules, frequencies: Frequencies, between: Judge
) -> Verdict:
    """The verdict on `ranked` pairs of the subject; `between` judges two of its candidates."""
    if not pairs:
        return Verdict(Outcome.NEW, None, None, (), "identity.no_candidate")
    best = pairs[0]
    rival = rival_of(best, subject, pairs, rules, between)
    near = rival is not None and best.score - rival.score < rules.margin
    shown = tuple(weighed(pair, subject, rules, frequencies) for pair in pairs[:SHOWN])
    return Verdict(
        outcome=Outcome.REVIEW if near else best.alone,
        best=shown[0],
        runner_up=weighed(rival, subject, rules, frequencies) if rival else None,
        shown=shown,
        reason="identity.near_equal" if near and not best.reason else best.reason,
    )


def rival_of(
    pair: Pair, subject: NormalisedPerson, pairs: Iterable[Pair], rules: PeopleRules, between: Judge
) -> Pair | None:
    """The subject's next best pair whose person is not the same as this pair's, or `None`.

    Two candidates are one if they would be linked themselves, or if nothing contradicts it and each is certainly the
    subject, or if the next is certainly the subject and nothing at all speaks against it: a person who is in a system
    twice is no doubt about who it is.
    """
    chosen = pair.other(subject)
    for next_best in pairs:
        if next_best is pair or next_best.contradicted:
            continue
        mutual = between(chosen, next_best.other(subject))
        if mutual.alone is Outcome.AUTO:
            continue
        sure = next_best.score >= rules.certain and not mutual.contradicted
        if not (sure and (pair.score >= rules.certain or not mutual.against)):
            return next_best
    return None


def weighed(pair: Pair, subject: NormalisedPerson, rules: PeopleRules, frequencies: Frequencies) -> Weighed:
    """A pair as a person is shown it, the subject on the left."""
    other = pair.other(subject)
    return Weighed(other.ref, evidence(pair.found, subject, other, rules, frequencies))
