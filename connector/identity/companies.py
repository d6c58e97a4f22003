"""名寄せ of companies: how a company is normalised, found again by kept keys, and compared with another.

Used by the engine, the command and the register's look-up. Puts the parts of this room together; finds nothing itself
and knows no other record than the two.
"""

from collections.abc import Sequence
from typing import Final

from connector.identity.company import NormalisedCompany, normalise_companies, normalise_company
from connector.identity.company_gist import CompanyGists, gist_of
from connector.identity.company_glance import nothing_in_common
from connector.identity.company_keys import company_keys, shared_by
from connector.identity.decide import Outcome, Weighed, contradicts, doubt, is_family, is_succession
from connector.identity.matcher import weigh
from connector.identity.pairs import Pair
from connector.identity.records import Company
from connector.mapping.identity import CompanyRules

_OF_NO_WEIGHT: Final = frozenset(("form_missing", "form_changed"))
"""Findings below zero that say nothing against two records being one: people leave legal forms out."""


class CompanyMatching:
    """Companies of two systems or of one. Implements `pairs.Matching`."""

    def __init__(self, rules: CompanyRules) -> None:
        self._rules = rules
        self.margin = rules.margin
        self.certain = rules.certain
        self.block_limit = rules.block_limit

    def normalised(self, raw: Company) -> NormalisedCompany:
        """The record in its compared form. Never fails: what cannot be read counts as unknown."""
        return normalise_company(raw)

    def each_normalised(self, raws: Sequence[Company]) -> list[NormalisedCompany]:
        """Several at once, which is faster."""
        return normalise_companies(raws)

    def keys(self, record: NormalisedCompany) -> Sequence[str]:
        """Exact keys, the surest first, then keys of names that are nearly the same; about a dozen."""
        return company_keys(record)

    def shared(self, key: str) -> int:
        """What two that share the key have in common, as `company_keys.Shared`."""
        return shared_by(key)

    def gist(self, record: NormalisedCompany) -> str:
        """What tells at a glance who it cannot be."""
        return gist_of(record)

    def gists(self, refs: Sequence[str], gists: Sequence[str]) -> CompanyGists:
        """Of these records."""
        return CompanyGists(refs, gists, self._rules)

    def judged(self, one: NormalisedCompany, two: NormalisedCompany) -> Pair | None:
        """The pair with its evidence, whatever the order of the two; `None` when they are NEW to each other."""
        if nothing_in_common(one, two, self._rules):
            return None
        pair = self.compared(one, two)
        return None if pair.alone is Outcome.NEW else pair

    def compared(self, one: NormalisedCompany, two: NormalisedCompany) -> Pair:
        """As `judged`, but also two that are NEW to each other: whether they contradict matters to their clusters."""
        left, right = (one, two) if one.ref < two.ref else (two, one)
        found = weigh(left, right, self._rules)
        alone, reason = self._alone(found)
        return Pair(
            left=left.ref,
            right=right.ref,
            score=found.score,
            alone=alone,
            relation=found.relation,
            reason=reason,
            contradicted=contradicts(found),
            against=any(piece.weight < 0 and piece.kind not in _OF_NO_WEIGHT for piece in found.evidence),
            evidence=found.evidence,
        )

    def _alone(self, found: Weighed) -> tuple[Outcome, str]:
        """What follows from the pair alone, and why not AUTO."""
        if found.score < self._rules.asked_from and not is_succession(found) and not is_family(found):
            return Outcome.NEW, "identity.no_candidate"
        reason = doubt(found, None, self._rules)
        return (Outcome.REVIEW, reason) if reason else (Outcome.AUTO, "")
