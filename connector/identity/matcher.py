"""名寄せ of companies: one record against its candidates, from evidence to verdict.

Called by the engine, the command and benchmarks. Puts `compare` and `decide` together; finds no candidates itself.
"""

from collections.abc import Iterable
from dataclasses import replace
from math import log2
from typing import Final

from connector.identity.company import NormalisedCompany
from connector.identity.compare import SAME_NAME, Evidence, compare_companies
from connector.identity.decide import Verdict, Weighed, decide
from connector.mapping.identity import CompanyRules

_OF_FAMILY: Final = frozenset(("name_within", "parent_and_child"))
_PLACED: Final = frozenset(
    (
        "address_same_spot",
        "address_same_town",
        "address_other_block",
        "address_same_city",
        "address_same_prefecture",
    )
)
_IN_ANOTHER_CITY: Final = frozenset(("address_elsewhere", "address_same_prefecture"))
_IN_THE_CITY: Final = _PLACED - {"address_same_prefecture"}
_NAME: Final = SAME_NAME | {"name_former", "name_english", "name_within", "name_other_script"}


def match_company(
    subject: NormalisedCompany,
    candidates: Iterable[NormalisedCompany],
    rules: CompanyRules,
    *,
    register: bool = False,
) -> Verdict:
    """Whether one of the candidates is the subject.

    `register` says that the candidates come from a complete register, and are all that it has of the subject's name:
    then, and only then, a name that only one of them bears is evidence of its own. Order and repetition of the
    candidates change nothing.
    """
    known = {candidate.ref: candidate for candidate in candidates if candidate.ref != subject.ref}
    weighed = [weigh(subject, candidate, rules) for candidate in known.values()]
    bearers = _Bearers(subject, weighed, known)
    return decide([bearers.told(one, rules, register) for one in weighed], rules)


def weigh(subject: NormalisedCompany, candidate: NormalisedCompany, rules: CompanyRules) -> Weighed:
    """The evidence of one pair, without what other records tell."""
    evidence = tuple(compare_companies(subject, candidate, rules))
    site = subject.name.site_key != candidate.name.site_key or any(piece.kind in _OF_FAMILY for piece in evidence)
    return Weighed(candidate.ref, evidence, "site" if site else "same")


class _Bearers:
    """Who else bears the name: what the candidates tell together and no pair tells alone."""

    def __init__(self, subject: NormalisedCompany, weighed: list[Weighed], known: dict[str, NormalisedCompany]) -> None:
        self._subject = subject
        self._groups: dict[str, frozenset[str]] = {}
        named = [one for one in weighed if _name_kind(one) in SAME_NAME | {"name_former"}]
        form = subject.name.form
        self._named = frozenset(one.ref for one in named)
        self._of_form = frozenset(ref for ref in self._named if form and known[ref].name.form == form)
        self._near = frozenset(one.ref for one in named if not one.kinds & {"address_elsewhere"})
        self._in_city = frozenset(one.ref for one in named if not one.kinds & _IN_ANOTHER_CITY)
        for kind in ("name_english", "name_within", "name_other_script"):
            self._groups[kind] = frozenset(one.ref for one in weighed if _name_kind(one) == kind)

    def told(self, one: Weighed, rules: CompanyRules, register: bool) -> Weighed:
        """The candidate with what the number of bearers of its name tells."""
        kind, weights = _name_kind(one), rules.weights
        if not kind:
            return one
        group = self._groups.get(kind, self._of_form if one.ref in self._of_form else self._named)
        if len(group) > 1:
            pieces = [self._piece("homonym", str(len(group)), weights.homonym * log2(len(group)))]
            if register and self._near == {one.ref} and one.kinds & _PLACED:
                pieces.append(self._piece("only_one_near", one.ref, weights.only_one_near))
            elif register and self._in_city == {one.ref} and one.kinds & _IN_THE_CITY and "name_exact" in one.kinds:
                pieces.append(self._piece("only_one_in_city", one.ref, weights.only_one_in_city))
        elif register and kind != "name_other_script":
            pieces = [self._piece("unique_in_register", one.ref, weights.unique_in_register)]
        else:
            return one
        return replace(one, evidence=(*one.evidence, *pieces))

    def _piece(self, kind: str, right: str, weight: float) -> Evidence:
        return Evidence(kind, "name", self._subject.name.core, right, weight)


def _name_kind(one: Weighed) -> str:
    return next((piece.kind for piece in one.evidence if piece.kind in _NAME), "")
