"""AUTO, REVIEW or NEW: what follows from the evidence about a record's candidates.

Used by the matcher. Knows sums, margins, proofs and vetoes; reads no field.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from connector.identity.compare import PROOFS, VETOES, Evidence
from connector.mapping.identity import CompanyRules

Relation = Literal["same", "site"]

_NAMES_THAT_LINK = frozenset(
    (
        "name_exact",
        "name_loose",
        "name_sound",
        "name_former",
        "name_english",
        "name_other_script",
        "name_alike",
        "name_within",
    )
)

_DOUBTS = frozenset(("several_companies", "word_differs", "name_of_group", "form_differs"))


class Outcome(StrEnum):
    """What happens with a record."""

    AUTO = "auto"
    REVIEW = "review"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Weighed:
    """One candidate with what speaks for and against it; `score` is the sum in bits."""

    ref: str
    evidence: tuple[Evidence, ...]
    relation: Relation = "same"

    @property
    def score(self) -> float:
        """The sum of the weights."""
        return sum(piece.weight for piece in self.evidence)

    @property
    def kinds(self) -> frozenset[str]:
        """The names of the findings."""
        return frozenset(piece.kind for piece in self.evidence)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome for one record. `shown` is what a person sees, best first; it begins with `best`.

    `margin` is the lead in bits over `runner_up`, the whole score where there is none. `reason` is the key of the
    sentence that says why the outcome is not AUTO, empty when it is.
    """

    outcome: Outcome
    best: Weighed | None
    runner_up: Weighed | None
    shown: tuple[Weighed, ...]
    reason: str = ""

    @property
    def score(self) -> float:
        """The best candidate's sum in bits; 0 without one."""
        return self.best.score if self.best else 0.0

    @property
    def margin(self) -> float:
        """The lead of the best over the runner-up in bits."""
        return self.score - (self.runner_up.score if self.runner_up else 0.0)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The best candidate's."""
        return self.best.evidence if self.best else ()


def decide(weighed: list[Weighed], rules: CompanyRules) -> Verdict:
    """The verdict over all candidates of one record, in whatever order they come."""
    ranked = sorted(weighed, key=lambda candidate: (-candidate.score, candidate.ref))
    ranked = [candidate for candidate in ranked if candidate.score >= rules.review_from]
    if not ranked:
        return Verdict(Outcome.NEW, None, None, (), "identity.no_candidate")
    best, runner_up = ranked[0], ranked[1] if len(ranked) > 1 else None
    homonyms = sum(1 for candidate in ranked if _links_by_name(candidate))
    shown = tuple(ranked[: max(rules.shown, min(homonyms, rules.homonyms_shown))])
    reason = doubt(best, runner_up, rules)
    return Verdict(Outcome.REVIEW if reason else Outcome.AUTO, best, runner_up, shown, reason)


def doubt(best: Weighed, runner_up: Weighed | None, rules: CompanyRules) -> str:
    """Why a person must look at the best candidate, as the key of a sentence; the empty text if nobody must."""
    kinds = best.kinds
    sure = "corporate_number_same" in kinds
    doubts = (
        (kinds & VETOES, f"identity.veto.{min(kinds & VETOES, default='')}"),
        (best.score < rules.auto_from, "identity.too_little"),
        (not kinds & PROOFS, "identity.name_alone"),
        (not sure and not kinds & _NAMES_THAT_LINK, "identity.name_differs"),
        (not sure and kinds & _DOUBTS, f"identity.{min(kinds & _DOUBTS, default='')}"),
        (not _leads(best, runner_up, rules), "identity.near_equal"),
    )
    return next((reason for applies, reason in doubts if applies), "")


def _leads(best: Weighed, runner_up: Weighed | None, rules: CompanyRules) -> bool:
    return runner_up is None or best.score - runner_up.score >= rules.margin


def _links_by_name(candidate: Weighed) -> bool:
    return bool(candidate.kinds & {"name_exact", "name_loose", "name_sound"})
