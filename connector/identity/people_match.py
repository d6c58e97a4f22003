"""Judges two persons as if there were no others: linked, shown to a person, or new to each other.

Called by `people_matching.py`, for every two that share a key. Knows neither where candidates come from nor what
becomes of the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from connector.identity.decide import Outcome
from connector.identity.people import NormalisedPerson
from connector.identity.people_compare import Finding, findings
from connector.identity.people_doubts import are_japanese, doubt, fully_named, may_be_one, read_otherwise
from connector.identity.people_weights import Frequencies, prior, weight
from connector.mapping.identity_people import PeopleRules

NOTHING_COUNTED: Final = Frequencies()

_NAMES: Final = frozenset(("family", "given", "whole"))


@dataclass(frozen=True, slots=True)
class Judgement:
    """Two persons compared, the one with the lower ref on the left, to be kept or not.

    `weights` are in bits, one for each finding; `score` is their sum and the prior. `contradicted`: they must not
    become one by themselves, nor through others. `against`: some finding weighs against it. `reason` is the key of the
    sentence that says why `alone` is not AUTO, empty if it is.
    """

    left: NormalisedPerson
    right: NormalisedPerson
    score: float
    found: tuple[Finding, ...]
    weights: tuple[float, ...]
    contradicted: bool
    against: bool
    alone: Outcome
    reason: str


def judge(
    left: NormalisedPerson, right: NormalisedPerson, rules: PeopleRules, frequencies: Frequencies = NOTHING_COUNTED
) -> Judgement:
    """Compares two persons and weighs what was found. Symmetric."""
    if right.raw.ref < left.raw.ref:
        left, right = right, left
    found = tuple(findings(left, right, rules))
    japanese = are_japanese(left, right)
    weights = tuple([weight(finding, rules, frequencies, judged=japanese) for finding in found])
    reached = prior(rules, frequencies) + sum(weights)
    names = {finding.name for finding in found}
    reason = _doubt(names, found, weights, reached, rules, japanese=japanese) or doubt(left, right, names, rules)
    shown = reached >= rules.review or not names.isdisjoint(rules.at_least_review) or _same_but_for_ref(left, right)
    shown = shown or may_be_one(left, right, names)
    return Judgement(
        left=left,
        right=right,
        score=reached,
        found=found,
        weights=weights,
        contradicted=not names.isdisjoint(rules.contradicting) or read_otherwise(left, right, names),
        against=min(weights, default=0.0) < 0,
        alone=Outcome.AUTO if not reason else Outcome.REVIEW if shown else Outcome.NEW,
        reason=reason,
    )


def _doubt(
    names: set[str],
    found: Sequence[Finding],
    weights: Sequence[float],
    reached: float,
    rules: PeopleRules,
    *,
    japanese: bool,
) -> str:
    if vetoes := names & rules.never_auto:
        return f"identity.veto.person.{min(vetoes)}"
    if names.isdisjoint(rules.sure) and not names.isdisjoint(rules.doubted_by):
        return "identity.maybe_namesakes"
    if any(names.isdisjoint(needs) for needs in rules.auto_needs):
        return "identity.too_one_sided"
    if rules.rare_name is not None and names.isdisjoint(rules.more_than_name_and_firm):
        named = sum(bits for finding, bits in zip(found, weights, strict=True) if finding.field in _NAMES)
        if named < rules.rare_name:
            return "identity.common_name" if japanese else "identity.foreign_name"
    return "identity.too_little" if reached - _moved_on(names, found, weights, rules) < rules.auto else ""


def _moved_on(names: set[str], found: Sequence[Finding], weights: Sequence[float], rules: PeopleRules) -> float:
    """What a job left behind takes off, where the full name and a mailbox or mobile of one's own say who it is."""
    if names.isdisjoint(rules.sure) or not fully_named(names):
        return 0.0
    each = zip(found, weights, strict=True)
    return sum(min(bits, 0.0) for finding, bits in each if finding.name in rules.changes_with_job)


def _same_but_for_ref(left: NormalisedPerson, right: NormalisedPerson) -> bool:
    one, two = left.raw, right.raw
    # The names first: they tell nearly all pairs apart without a copy being made.
    return one.family == two.family and one.given == two.given and replace(one, ref=two.ref) == two
