"""AUTO, REVIEW or NEW: what follows from the evidence about a record's candidates.

Used by the matcher. Knows sums, margins, proofs and vetoes; reads no field.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from connector.identity.compare import PROOFS, SAME_NAME, VETOES, Evidence
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
        "name_within",
    )
)
"""A name typed in two ways (`name_alike`) is not among them: 国際電気 and 日立国際電気 share an address."""

_DOUBTS = frozenset(
    ("several_companies", "word_differs", "facility_differs", "holding_differs", "name_of_group", "form_differs")
)
_DOUBTS_OF_NUMBER = _DOUBTS - {"form_differs", "holding_differs"}
"""A firm that becomes a 株式会社 or a holding keeps its 法人番号; one that names another firm has mostly copied a
parent's."""

_TELLING_NAMES = _NAMES_THAT_LINK | {
    "name_alike",
    "name_similar",
    "name_consonants",
    "name_unknown",
    "name_uncomparable",
}
_TOO_LITTLE_WITH_A_PLACE = {
    "long_mark_differs": "identity.long_mark_differs",
    "position_differs": "identity.position_differs",
    "name_other_script": "identity.name_other_script",
}
"""Findings and reasons: two that share a place and nothing besides a name like this are as often two firms."""
_PLACES = frozenset(("address_same_spot", "address_same_town"))
_ONLY_ONES = frozenset(("unique_in_register", "only_one_near"))


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
    """The outcome for one record. `shown` is what a person sees: `best`, bearers of the very name, others; best first.

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
    ranked = [candidate for candidate in ranked if worth_a_look(candidate, rules)]
    if not ranked:
        return Verdict(Outcome.NEW, None, None, (), "identity.no_candidate")
    best, runner_up = ranked[0], ranked[1] if len(ranked) > 1 else None
    bearers = [candidate for candidate in ranked[1:] if _links_by_name(candidate)]
    others = [candidate for candidate in ranked[1:] if not _links_by_name(candidate)]
    most = max(rules.shown, min(1 + len(bearers), rules.homonyms_shown))
    shown = (best, *bearers, *others)[:most]
    reason = doubt(best, runner_up, rules)
    return Verdict(Outcome.REVIEW if reason else Outcome.AUTO, best, runner_up, shown, reason)


def worth_a_look(candidate: Weighed, rules: CompanyRules) -> bool:
    """Whether the two may be one, or one followed the other; else they are NEW to each other."""
    return candidate.score >= rules.review_from or is_succession(candidate) or is_family(candidate)


def is_succession(candidate: Weighed) -> bool:
    """Same name at the same place under another 法人番号: the firm was founded anew, or its business handed over."""
    kinds = candidate.kinds
    return (
        "corporate_number_differs" in kinds
        and "address_same_spot" in kinds
        and bool(kinds & (SAME_NAME | {"name_former"}))
    )


def is_family(candidate: Weighed) -> bool:
    """Whether the system itself calls one the other's parent."""
    return "parent_and_child" in candidate.kinds


def doubt(best: Weighed, runner_up: Weighed | None, rules: CompanyRules) -> str:
    """Why a person must look at the best candidate, as the key of a sentence; the empty text if nobody must."""
    kinds = best.kinds
    sure = "corporate_number_same" in kinds
    vetoes, names = (VETOES - {"address_elsewhere"} if sure else VETOES) & kinds, kinds & _NAMES_THAT_LINK
    doubting = kinds & (_DOUBTS_OF_NUMBER if sure else _DOUBTS)
    moved = "address_same_prefecture" in kinds and not kinds & _ONLY_ONES
    proofs = kinds & PROOFS
    # Two spellings are often two firms, of which a town has many; not so the very same name.
    town_only = proofs == {"address_same_town"} and "name_exact" not in kinds
    address_only = proofs <= _PLACES
    little = [reason for kind, reason in _TOO_LITTLE_WITH_A_PLACE.items() if address_only and kind in kinds]
    other_lines = address_only and kinds >= {"domain_differs", "phone_differs"}
    doubts = (
        (is_succession(best), "identity.succession"),
        (vetoes, f"identity.veto.{min(vetoes, default='')}"),
        (best.score < rules.auto_from, "identity.too_little"),
        (not proofs, "identity.name_alone"),
        (not names and not (sure and (kinds & _TELLING_NAMES or len(proofs) > 1)), "identity.name_differs"),
        (town_only, "identity.town_only"),
        (other_lines, "identity.other_lines"),
        (little, min(little, default="")),
        (doubting, f"identity.{min(doubting, default='')}"),
        (moved and not sure, "identity.another_city"),
        (not _leads(best, runner_up, rules), "identity.near_equal"),
    )
    return next((reason for applies, reason in doubts if applies), "")


def contradicts(candidate: Weighed) -> bool:
    """Whether the two must not become one by themselves, nor through others."""
    kinds = candidate.kinds
    if "corporate_number_same" in kinds:
        return "parent_and_child" in kinds
    return bool(kinds & VETOES)


def _leads(best: Weighed, runner_up: Weighed | None, rules: CompanyRules) -> bool:
    return runner_up is None or best.score - runner_up.score >= rules.margin


def _links_by_name(candidate: Weighed) -> bool:
    return not candidate.kinds.isdisjoint(SAME_NAME)
