"""How each field is filled: fill rate, age, how many different values, and by whom. Section 7 of the practice.

One walk over companies, people and deals of all systems; memory grows with fields and reps, not with records.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from connector.mapping import ObjectMapping
from connector.mapping.property_types import annotation_of, type_name
from connector.model.records import Consent, Kind, Record, Ref
from connector.reporting.scope import Scope
from connector.store import mirror

KINDS = (Kind.ACCOUNT, Kind.PERSON, Kind.OPPORTUNITY)

LEFT_OUT = frozenset(
    {
        *(
            "created_at",
            "modified_at",
            "same_as",
            "is_closed",
            "is_won",
            "left_company",
            "call_consent",
            "mail_consent",
        ),
        *("stage_changed_at", "probability", "became", "bounced_at", "bounce_reason", "page_views", "last_page_url"),
        *("last_visit_at", "last_mail_open_at", "last_mail_click_at", "mail_opens", "mail_clicks"),
        *("last_form_name", "last_form_at"),
    }
)
"""Kept by the vendor itself, or never blank: nobody fills these in."""

MOST_VALUES = 200
"""Different values of a field are counted up to so many."""


class Key(NamedTuple):
    """One field of one object of one system."""

    system: str
    object: str
    property: str


@dataclass(slots=True)
class Filling:
    """How one field is filled, over some records. `values` counts the first `MOST_VALUES` different ones."""

    records: int = 0
    filled: int = 0
    short: int = 0
    age_days: int = 0
    values: dict[Any, int] = field(default_factory=dict)

    def add(self, value: object, age_days: int, short_length: int) -> None:
        """One more record."""
        self.records += 1
        if is_blank(value):
            return
        self.filled += 1
        self.age_days += age_days
        self.short += isinstance(value, str) and len(value.strip()) <= short_length
        told = hash(value.strip().casefold() if isinstance(value, str) else value)
        if told in self.values or len(self.values) < MOST_VALUES:
            self.values[told] = self.values.get(told, 0) + 1

    @property
    def blank(self) -> int:
        """Records without a value."""
        return self.records - self.filled

    @property
    def most_frequent(self) -> int:
        """How often the most frequent value is there."""
        return max(self.values.values(), default=0)


@dataclass
class Fillings:
    """Of all fields, and by rep of those fields that reps are compared by."""

    all: dict[Key, Filling] = field(default_factory=lambda: defaultdict(Filling))
    by_rep: dict[tuple[Key, str], Filling] = field(default_factory=lambda: defaultdict(Filling))
    vendor_fields: dict[Key, str] = field(default_factory=dict)


def is_blank(value: object) -> bool:
    """Nothing was entered: an unknown consent is none."""
    if isinstance(value, StrEnum):
        return value == Consent.UNKNOWN
    return value is None or value == () or (isinstance(value, str) and not value.strip())


def is_text(kind: Kind, name: str) -> bool:
    """A property that may hold any text."""
    annotation = annotation_of(kind, name)
    return type_name(annotation) == "text" and annotation in (str, str | None)


def read_fillings(scope: Scope) -> Fillings:
    """Walks all companies, people and deals once."""
    found, short = Fillings(), scope.mappings.quality.outliers.short_length
    for system, mapping in scope.mappings.systems.items():
        read = {name: _properties(one) for name, one in mapping.objects.items() if one.kind in KINDS}
        for name, fields in read.items():
            for each, vendor in fields.items():
                found.vendor_fields[Key(system, name, each)] = vendor
        for kind in KINDS:
            if any(mapping.objects[name].kind is kind for name in read):
                for record in mirror.stream(scope.tx, kind, system):
                    _add(scope, found, record, read.get(record.ref.object, {}), short)
    return found


def _properties(mapping: ObjectMapping) -> dict[str, str]:
    """What people may fill, with the vendor's name of the field, or of the first of several."""
    named = ((name, source.names) for name, source in mapping.sources() if name not in LEFT_OUT)
    found: dict[str, str] = {}
    for name, names in named:
        if names:
            found.setdefault(name, names[0])
    return found


def _add(scope: Scope, found: Fillings, record: Record, fields: dict[str, str], short: int) -> None:
    age = max((scope.today - scope.day(record.modified_at)).days, 0)
    rep: Ref | None = getattr(record, "owner", None)
    compared = scope.mappings.quality.by_rep.get(record.kind, ())
    for name in fields:
        key, value = Key(record.ref.system, record.ref.object, name), getattr(record, name)
        found.all[key].add(value, age, short)
        if rep and name in compared and is_expected(record, name):
            found.by_rep[key, str(rep)].add(value, age, short)


def is_expected(record: Record, name: str) -> bool:
    """What is asked about a loss can only be filled on a lost deal."""
    if not name.startswith(("lost_", "next_approach", "approach_")):
        return True
    return bool(getattr(record, "is_closed", False)) and not getattr(record, "is_won", False)


def kind_of(scope: Scope, key: Key) -> Kind:
    """What kind of record the field belongs to."""
    return scope.mappings.systems[key.system].objects[key.object].kind


def judged(scope: Scope, found: Fillings) -> Iterator[tuple[Key, Filling, str]]:
    """Each field that has enough records, with its place in the settings: `<kind>.<property>`."""
    for key in sorted(found.all):
        if found.all[key].records >= scope.mappings.quality.minimum_count:
            yield key, found.all[key], f"{kind_of(scope, key)}.{key.property}"
