"""What a verdict on two persons rests on, in the form that is kept and shown.

Made by `people_matching.py`, only for pairs that are kept. Texts come from the raw record; the wording comes from the
evidence's text key.
"""

from typing import Final

from connector.identity.compare import Evidence
from connector.identity.people import NormalisedPerson
from connector.identity.people_match import Judgement
from connector.mapping.identity_people import TEXT_FIELDS

LONGEST: Final = 200
"""Characters of a value that are kept."""

_RAW: Final = {
    "family": ("family", "full_name", "family_kana"),
    "given": ("given", "full_name", "given_kana"),
    "whole": ("full_name", "family", "given", "kana"),
    "order": ("family", "given", "full_name"),
    "mail": ("mail",),
    "mobile": ("mobile", "phone"),
    "line": ("phone", "mobile"),
    "company": ("company_name", "mail"),
    "title": ("title",),
} | {field: (field,) for field in TEXT_FIELDS}


def evidence(judgement: Judgement, before: float) -> tuple[Evidence, ...]:
    """The findings with both sides' raw values, weightiest first, and the prior: their weights add up to the score."""
    pieces = (
        Evidence(
            kind=f"person.{finding.name}",
            field=finding.field,
            left=_shown(judgement.left, finding.field),
            right=_shown(judgement.right, finding.field),
            weight=bits,
        )
        for finding, bits in zip(judgement.found, judgement.weights, strict=True)
    )
    prior = Evidence(kind="person.prior", field="prior", left="", right="", weight=before)
    return (*sorted(pieces, key=lambda piece: (-abs(piece.weight), piece.kind)), prior)


def _shown(person: NormalisedPerson, field: str) -> str:
    return " ".join(text for name in _RAW[field] if (text := getattr(person.raw, name)))[:LONGEST]
