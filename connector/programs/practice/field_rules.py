"""The rules by which one field is kept the same in both systems, as people know them from the vendors' own connectors.

Settings of `field_sync`, checked when they are read. What follows from them for one case is that program's matter.
"""

from collections.abc import Mapping
from typing import Any, Literal, Self, get_origin

from pydantic import Field, PositiveInt, model_validator

from connector.mapping.positions import did_you_mean
from connector.mapping.property_types import annotation_of, type_name
from connector.mapping.writing import blank
from connector.model.limits import Unwritable, shortened
from connector.model.records import RECORD_TYPES, Kind
from connector.programs.practice.settings import Settings

Side = Literal["sfa", "ma"]
Rule = Literal["fill_blanks", "prefer_sfa", "always_sfa", "prefer_ma", "always_ma", "newest", "never"]

SEVERAL = ";"
"""What both vendors part the values of a picklist with that takes several."""

_STAMPS = frozenset({"ref", "modified_at", "created_at", "deleted", "same_as"})
_IDENTITY = "it tells who this is, and 名寄せ rests on it"
_CONSENT = "the strictest of all records counts anyway, and only the system that asked for it may say so"
_REVENUE = "it belongs to 予実管理, which Okoshi never touches"
_NEVER: Mapping[str, str] = {
    **dict.fromkeys(("name", "family_name", "given_name", "email", "company_name", "corporate_number"), _IDENTITY),
    **dict.fromkeys(("family_name_kana", "given_name_kana", "name_kana", "name_english", "former_name"), _IDENTITY),
    **dict.fromkeys(("call_consent", "mail_consent"), _CONSENT),
    **dict.fromkeys(("amount", "close_date", "stage", "probability", "is_closed", "is_won"), _REVENUE),
}
"""By property: why no rule may copy it."""

WRITTEN_BY_PROGRAMS: Mapping[str, str] = {
    **dict.fromkeys(("status", "status_since", "status_reason", "relation"), "account_status"),
    **dict.fromkeys(("contract_status", "contract_end"), "churn_risk"),
    **dict.fromkeys(("signal", "signal_at"), "hot_signal"),
    **dict.fromkeys(("next_approach_date", "next_approach_basis", "approach_person"), "lost"),
    **dict.fromkeys(("lost_reason", "lost_on"), "lost"),
    **dict.fromkeys(("outcome", "outcome_on", "outcome_reason"), "feedback"),
    "confirmed_on": "freshness",
    "handed_over_on": "handover",
}
"""By property: the program that keeps it in both systems. Two writers of one field would never come to an end."""


class FieldRule(Settings):
    """One property of companies, people or deals, and what is to become of it where the two systems differ.

    `fill_blanks`: a blank takes the other's value. `prefer_sfa`: the MA takes the SFA's value, and a blank in the SFA
    the MA's. `always_sfa`: the MA is as the SFA is, blanks too. `prefer_ma` and `always_ma`: the other way round.
    `newest`: what changed last; a value that somebody erased stays erased there and is left elsewhere. `never`:
    nothing.
    """

    kind: Literal["account", "person", "opportunity"]
    name: str = Field(alias="property")
    rule: Rule
    to: Literal["both", "sfa", "ma"] = "both"
    """Which side may be written to."""
    values: dict[str, str] = Field(default_factory=dict)
    """The SFA's value: the MA's. A value that is not there is not copied."""
    max_length: PositiveInt | None = None
    """Longer texts are cut, with …."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        fields = RECORD_TYPES[Kind(self.kind)].model_fields
        if reason := _NEVER.get(self.name):
            raise ValueError(f"`{self.name}` is never copied: {reason}")
        if program := WRITTEN_BY_PROGRAMS.get(self.name):
            raise ValueError(f"`{self.name}` is kept by the program {program}; remove it here")
        if self.name not in fields or not _is_plain(Kind(self.kind), self.name):
            known = sorted(name for name in fields if _is_plain(Kind(self.kind), name))
            raise ValueError(f"a record of kind {self.kind} has no `{self.name}`; {did_you_mean(self.name, known)}")
        if (self.values or self.max_length) and not _is_text(Kind(self.kind), self.name):
            raise ValueError(f"`{self.name}` holds no text; remove `values` and `max_length`")
        if self.source is not None and self.to == self.source:
            raise ValueError(f"rule {self.rule} writes to the other side; remove `to: {self.to}`")
        return self

    @property
    def source(self) -> Side | None:
        """The side whose value always or preferably holds, if the rule names one."""
        return _SOURCES.get(self.rule)

    def writes_to(self, side: Side) -> bool:
        """Whether this side may be written to at all."""
        if self.rule == "never" or self.to not in ("both", side):
            return False
        return not (self.rule.startswith("always") and self.source == side)

    def carried(self, value: Any, to: Side) -> Any:
        """The other side's value as it should stand on the side `to`. Raises Unwritable where `values` lacks it."""
        if blank(value):
            return None
        if self.values:
            value = self._translated(str(value), to)
        return shortened(value, self.max_length) if self.max_length else value

    def _translated(self, value: str, to: Side) -> str:
        """One word; of a picklist that takes several, parted by `;`, each one."""
        whole = self._word(value, to)
        parts = [self._word(part, to) for part in value.split(SEVERAL) if part.strip()] if SEVERAL in value else []
        if whole is None and parts and None not in parts:
            return SEVERAL.join(dict.fromkeys(str(part) for part in parts))
        if whole is None:
            raise Unwritable(f"`values` of {self.kind}.{self.name} has no word for a value of the other system", "word")
        return whole

    def _word(self, value: str, to: Side) -> str | None:
        words = self.values.items() if to == "ma" else ((theirs, ours) for ours, theirs in self.values.items())
        for word, meaning in words:
            if word.strip() == value.strip():
                return meaning
        return None


_SOURCES: Mapping[Rule, Side] = {"prefer_sfa": "sfa", "always_sfa": "sfa", "prefer_ma": "ma", "always_ma": "ma"}


def _is_plain(kind: Kind, name: str) -> bool:
    annotation = annotation_of(kind, name)
    kept = name in _STAMPS or name in _NEVER or name in WRITTEN_BY_PROGRAMS
    return not kept and get_origin(annotation) is not tuple and type_name(annotation) != "Ref"


def _is_text(kind: Kind, name: str) -> bool:
    return type_name(annotation_of(kind, name)) == "text"
