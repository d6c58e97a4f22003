"""The people's part of `mappings/identity.yaml`: what each agreement and difference between two persons weighs.

Read by `connector/identity/people_*.py`. Knows names of fields and levels, no record.
"""

from typing import Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from connector.model.plan import Frozen

_NAME: Final = (
    "same",
    "variant",
    "reading",
    "other_reading",
    "homophone",
    "initial",
    "spelled",
    "close",
    "similar",
    "differs",
)
_TEXT: Final = ("same", "close", "similar", "differs")

LEVELS: Final[dict[str, tuple[str, ...]]] = {
    "family": _NAME,
    "given": (*_NAME, "unusual"),
    "whole": _NAME,
    "order": ("swapped",),
    "mail": ("own", "moved", "role", "two_in_company", "other"),
    "mobile": ("same", "differs"),
    "line": ("same", "shared", "desk", "other_desk", "differs"),
    "company": (
        *("same_ref", "same", "core", "sound", "domain", "line", "contained", "close", "doubtful", "part", "differs"),
        "other_ref",
    ),
    "title": ("same", "differs"),
    "identifier": _TEXT,
    "birth_date": _TEXT,
    "house_number": _TEXT,
    "street": _TEXT,
    "building": _TEXT,
    "city": _TEXT,
    "postal_code": _TEXT,
    "region": _TEXT,
}
"""Fields that are compared, and how far each can agree. `order.swapped`: family and given name changed places."""

TEXT_FIELDS: Final = tuple(field for field, levels in LEVELS.items() if levels is _TEXT)
DIGITS: Final = frozenset({"identifier", "birth_date", "house_number", "postal_code"})


class FieldWeights(Frozen):
    """What each level of one field weighs, in bits: one more bit doubles the odds that two records are one person.

    With `by_frequency` the level `same` weighs by how rare the agreeing value is – a name in Japan, and any value where
    a whole base is counted –, from `commonest` to `rarest`, and the other levels that agree on a value keep their
    distance from it; the figure given for `same` then stands for a value of which nothing is known. A level without a
    weight weighs nothing.
    """

    levels: dict[str, float]
    by_frequency: bool = False
    commonest: float = 3.0
    rarest: float = 14.0

    @property
    def usual(self) -> float:
        """What `same` weighs for a value of which nothing is known."""
        return self.levels.get("same", 0.0)


JAPANESE: Final[dict[str, FieldWeights]] = {
    "family": FieldWeights(
        by_frequency=True, commonest=5.0, rarest=13.0,
        levels={
            "same": 12.0, "variant": 11.0, "reading": 12.0, "spelled": 11.5, "other_reading": 7.0, "homophone": 3.0,
            "initial": 3.0, "close": 4.0, "similar": -3.0, "differs": -7.0,
        },
    ),
    "given": FieldWeights(
        by_frequency=True, commonest=6.0, rarest=14.0,
        levels={
            "same": 13.0, "variant": 12.0, "reading": 12.5, "spelled": 12.0, "other_reading": 6.0, "homophone": 3.0,
            "initial": 2.0, "close": 4.0, "similar": -4.0, "differs": -12.0,
        },
    ),
    "whole": FieldWeights(
        by_frequency=True, commonest=11.0, rarest=24.0,
        levels={"same": 22.0, "variant": 20.0, "reading": 20.0, "close": 6.0, "similar": -4.0, "differs": -10.0},
    ),
    "order": FieldWeights(levels={"swapped": -1.0}),
    "mail": FieldWeights(levels={"own": 32.0, "moved": 6.0, "role": 3.0, "two_in_company": -12.0}),
    "mobile": FieldWeights(levels={"same": 24.0, "differs": -6.0}),
    "line": FieldWeights(levels={"same": 2.0, "shared": 1.0, "desk": 8.0, "other_desk": -4.0, "differs": -3.0}),
    "company": FieldWeights(
        by_frequency=True, commonest=4.0, rarest=17.0,
        levels={
            "same_ref": 13.0, "same": 13.0, "core": 12.0, "domain": 12.0, "sound": 11.0, "contained": 10.0,
            "line": 9.0, "close": 9.0, "doubtful": 5.0, "part": 3.0, "differs": -5.0, "other_ref": -5.0,
        },
    ),
    "title": FieldWeights(levels={"same": 1.0, "differs": -6.0}),
    "identifier": FieldWeights(levels={"same": 25.0, "close": 4.0, "differs": -8.0}),
    "birth_date": FieldWeights(levels={"same": 12.0, "close": 3.0, "differs": -8.0}),
    "postal_code": FieldWeights(levels={"same": 4.0}),
}  # fmt: skip
"""What is compared between contacts and leads of Japanese companies, with the weights of the preset."""

_SURE_KEYS: Final = ("mail.own", "mobile.same", "identifier.same")
_CONTRADICTIONS: Final = ("given.differs", "given.similar", "whole.differs", "whole.similar")
_OF_NAMESAKES: Final = frozenset(
    (
        "title.differs",
        "mobile.differs",
        "line.differs",
        "line.other_desk",
        "mail.two_in_company",
        "family.other_reading",
        "given.other_reading",
    )
)
_OF_A_JOB: Final = frozenset(
    (
        *("title.differs", "line.differs", "line.other_desk", "company.differs", "company.other_ref"),
        *("mobile.differs", "mail.two_in_company"),
    )
)
_GOOD: Final = ("same", "variant", "reading", "spelled")
_ANY_NAME: Final = frozenset(
    ("mail.own", "identifier.same", *(f"{field}.{level}" for field in ("family", "given", "whole") for level in _GOOD))
)
_MORE_THAN_A_FAMILY: Final = frozenset(
    (*_SURE_KEYS, *(f"{field}.{level}" for field in ("given", "whole") for level in _GOOD))
)
_MORE_THAN_A_NAME: Final = frozenset(
    (
        *(*_SURE_KEYS, "line.same", "line.desk", "birth_date.same", "mail.moved"),
        *(
            f"company.{level}"
            for level in LEVELS["company"]
            if level not in ("doubtful", "part", "differs", "other_ref")
        ),
    )
)


def _all_known(names: frozenset[str]) -> frozenset[str]:
    known = {f"{field}.{level}" for field, levels in LEVELS.items() for level in levels}
    if unknown := sorted(names - known):
        raise ValueError(f"unknown level `{unknown[0]}`; write `field.level`, e.g. `given.differs`")
    return names


class PeopleRules(Frozen):
    """How two persons are judged. Scores are the log2 of the odds that they are one, prior and all weights added."""

    prior: float = -20.0
    """Before anything is compared, where the size of the base is not known: one in a million."""
    prior_by_size: bool = True
    """Whether the prior follows the base: one in as many as it has records, at least one in `smallest_base`."""
    smallest_base: int = Field(default=16_384, ge=1)
    auto: float = 10.0
    """Linked without a person: a thousand to one."""
    review: float = 1.0
    """Shown to a person from two to one on."""
    margin: float = Field(default=6.0, ge=0)
    """How far the best candidate must lie before the next one that is not the same person as the best."""
    certain: float = 20.0
    """Two candidates that each reach this are the same person as the subject, however close to each other. No name and
    firm reach it, however rare."""
    fields: dict[str, FieldWeights] = Field(default_factory=lambda: dict(JAPANESE))
    auto_needs: tuple[frozenset[str], ...] = (_ANY_NAME, _MORE_THAN_A_FAMILY, _MORE_THAN_A_NAME)
    """Of each of these sets a pair needs one `field.level`, or it is not linked by itself, however much else agrees."""
    never_auto: frozenset[str] = frozenset((*_CONTRADICTIONS, "family.differs"))
    """`field.level` that keeps a pair from being linked by itself, whatever else agrees."""
    contradicting: frozenset[str] = frozenset(_CONTRADICTIONS)
    """`field.level` that two records of one person never have, so that no chain of pairs grows over it."""
    doubted_by: frozenset[str] = _OF_NAMESAKES
    """`field.level` that keeps a pair without one of `sure` from being linked by itself: namesakes in one firm."""
    sure: frozenset[str] = frozenset(_SURE_KEYS)
    changes_with_job: frozenset[str] = _OF_A_JOB
    """`field.level` that keeps no pair from being linked where the full name and one of `sure` agree."""
    rare_name: float | None = 19.0
    """Bits that the names must weigh where a pair has nothing of `more_than_name_and_firm`: a common name in one firm
    can be two people's. `None`: no such limit."""
    unjudged_name: float = 9.0
    """Bits that a family or given name weighs at most where the two are not seen to be Japanese: nothing tells whether
    John Smith, 王 偉 or スミス ジョン is rare. Twice as many for both in one field."""
    more_than_name_and_firm: frozenset[str] = frozenset((*_SURE_KEYS, "line.desk", "birth_date.same", "mail.moved"))
    at_least_review: frozenset[str] = frozenset({"mail.own", "mobile.same"})
    """`field.level` that brings a pair before a person, however low its score."""
    close: float = Field(default=0.92, gt=0, le=1)
    similar: float = Field(default=0.8, gt=0, le=1)
    """Jaro-Winkler similarity of Latin names and texts from which they are called so."""
    role_mailboxes: tuple[str, ...] = ()
    """Words for shared mailboxes besides those known (`info`, `sales`, `soumu`, …)."""
    usual_names: Literal["japan", "none"] = "japan"
    """Whose common names weigh less and are read as usual; `none`: every name is as common as the weights say."""
    block_limit: int = Field(default=100, ge=2)
    """A key that more records share brings no candidates: it says too little, and comparing them takes too long."""

    @field_validator("fields")
    @classmethod
    def _known_fields(cls, value: dict[str, FieldWeights]) -> dict[str, FieldWeights]:
        for field, weights in value.items():
            if field not in LEVELS:
                raise ValueError(f"unknown field `{field}`; known are {', '.join(LEVELS)}")
            for level in weights.levels:
                if level not in LEVELS[field]:
                    raise ValueError(f"unknown level `{field}.{level}`; known are {', '.join(LEVELS[field])}")
        return value

    @field_validator(
        *("never_auto", "contradicting", "doubted_by", "sure", "changes_with_job", "more_than_name_and_firm"),
        "at_least_review",
    )
    @classmethod
    def _known_levels(cls, value: frozenset[str]) -> frozenset[str]:
        return _all_known(value)

    @field_validator("auto_needs")
    @classmethod
    def _known_needs(cls, value: tuple[frozenset[str], ...]) -> tuple[frozenset[str], ...]:
        for needs in value:
            _all_known(needs)
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.review <= self.auto <= self.certain:
            raise ValueError("`review` must not lie above `auto`, nor `auto` above `certain`")
        return self
