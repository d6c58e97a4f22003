"""What a verdict on a person rests on, in the form that is kept and shown.

Made by `people_match.py`. Texts come from the raw record; the wording comes from the evidence's text key.
"""

from collections.abc import Iterable
from typing import Final

from connector.identity.compare import Evidence
from connector.identity.people import NormalisedPerson
from connector.identity.people_compare import Finding
from connector.identity.people_weights import Frequencies, prior, weight
from connector.mapping.identity_people import TEXT_FIELDS, PeopleRules

_RAW: Final = {
    "family": ("family", "family_kana"),
    "given": ("given", "given_kana"),
    "whole": ("full_name", "family", "given", "kana"),
    "order": ("family", "given"),
    "mail": ("mail",),
    "mobile": ("mobile", "phone"),
    "line": ("phone", "mobile"),
    "company": ("company_name", "mail"),
    "title": ("title",),
} | {field: (field,) for field in TEXT_FIELDS}


def evidence(
    found: Iterable[Finding],
    left: NormalisedPerson,
    right: NormalisedPerson,
    rules: PeopleRules,
    frequencies: Frequencies,
) -> tuple[Evidence, ...]:
    """The findings with both sides' raw values, weightiest first, and the prior: their weights add up to the score."""
    pieces = (
        Evidence(
            kind=f"person.{finding.name}",
            field=finding.field,
            left=_shown(left, finding.field),
            right=_shown(right, finding.field),
            weight=weight(finding, rules, frequencies),
        )
        for finding in found
    )
    before = Evidence(kind="person.prior", field="prior", left="", right="", weight=prior(rules, frequencies))
    return (*sorted(pieces, key=lambda piece: (-abs(piece.weight), piece.kind)), before)


def _shown(person: NormalisedPerson, field: str) -> str:
    return " ".join(text for name in _RAW[field] if (text := getattr(person.raw, name)))
