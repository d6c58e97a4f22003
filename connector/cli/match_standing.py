"""How a pair stands among the others: why it is doubtful, which other candidate comes next, what a person said of it.

Used by the pages of `okoshi match`. Reads the store; words nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from connector.identity.clusters import Answer, Key, key_of
from connector.identity.decide import Outcome
from connector.identity.pairs import Pair
from connector.mapping.identity import IdentityRules
from connector.model.records import Kind
from connector.store import clusters, pairs, verdicts
from connector.store.pairs import KeptPair, State
from connector.store.store import Transaction
from connector.store.verdicts import Verdict


@dataclass(frozen=True)
class Thresholds:
    """From which sum on two are linked and shown, and the lead that is needed, all in bits."""

    auto: float
    review: float
    margin: float

    @classmethod
    def of(cls, rules: IdentityRules, kind: Kind) -> "Thresholds":
        """Those of companies or of people."""
        if kind is Kind.ACCOUNT:
            return cls(rules.companies.auto_from, rules.companies.asked_from, rules.companies.margin)
        return cls(rules.people.auto, rules.people.review, rules.people.margin)


@dataclass(frozen=True)
class Standing:
    """A pair among the others. `reason` is the key of a sentence, empty where nothing is doubtful.

    `rival` is the surest other pair of either record with somebody else.
    """

    reason: str
    rival: KeptPair | None
    groups: Mapping[str, frozenset[str]]
    said: Collection[Verdict]
    overruled: Collection[Verdict] = ()
    """Of what was said that which does not hold, for "different" was said as well."""

    def margin(self, pair: Pair) -> float | None:
        """The pair's lead over the rival in bits."""
        return None if self.rival is None else pair.score - self.rival.pair.score


def standing(tx: Transaction, pair: Pair, thresholds: Thresholds) -> Standing:
    """Where the pair stands now."""
    groups = clusters.members(tx, pair.key)
    rival, answers = _rival(tx, pair, groups), said(tx, pair, groups)
    near = rival is not None and rival.pair.score > pair.score - thresholds.margin
    decided = groups[pair.left] == groups[pair.right] or any(one.answer is Answer.DIFFERENT for one in answers)
    reason = "" if decided or pair.relation != "same" else _reason(pair, near=near)
    return Standing(reason, rival, groups, answers, overruled(tx, answers))


def state_of(pair: Pair, kept: KeptPair | None, stands: Standing) -> State:
    """What became of the pair, also of one that is not kept."""
    if kept:
        return kept.state
    if stands.groups[pair.left] == stands.groups[pair.right]:
        return State.LINKED
    return State.APART if pair.relation == "same" else State.RELATED


def _reason(pair: Pair, *, near: bool) -> str:
    """Why the evidence alone did not link them; what the pair itself does not tell, the others around it do."""
    if pair.reason:
        return pair.reason
    if pair.alone is Outcome.NEW:
        return "identity.too_little"
    return "identity.near_equal" if near else "identity.contradicted"


def _rival(tx: Transaction, pair: Pair, groups: Mapping[str, frozenset[str]]) -> KeptPair | None:
    together = groups[pair.left] | groups[pair.right]
    others = [
        kept
        for kept in pairs.of(tx, pair.key)
        if kept.pair.relation == "same" and kept.state is not State.RELATED and not together.issuperset(kept.pair.key)
    ]
    return max(others, key=lambda kept: (kept.pair.score, kept.pair.key), default=None)


def overruled(tx: Transaction, answers: Collection[Verdict]) -> list[Verdict]:
    """Of these the ones that say "same" of two whom an answer "different" keeps apart, be it one about two others."""
    groups = clusters.members(tx, {ref for one in answers if one.answer is Answer.SAME for ref in one.key})
    parted = [one for one in answers if one.answer is Answer.SAME and groups[one.left] != groups[one.right]]
    around = verdicts.of(tx, {ref for one in parted for side in one.key for ref in groups[side]})
    apart = [key for key, one in around.items() if one.answer is Answer.DIFFERENT]
    return [one for one in parted if any(_between(key, groups[one.left], groups[one.right]) for key in apart)]


def _between(key: Key, ours: frozenset[str], theirs: frozenset[str]) -> bool:
    one, two = key
    return (one in ours and two in theirs) or (one in theirs and two in ours)


def said(tx: Transaction, pair: Pair, groups: Mapping[str, frozenset[str]]) -> list[Verdict]:
    """What was said of the two, or of two others of the same groups, which counts for them as well."""
    ours, theirs = groups[pair.left], groups[pair.right]
    crossing = {key_of(one, two) for one in ours for two in theirs if one != two}
    return [verdict for key, verdict in sorted(verdicts.of(tx, ours | theirs).items()) if key in crossing]
