"""What of a mapping an org really has: real orgs lack "standard" fields, or hide them from the integration user.

Called by sources before they read. A field that is not there is left out and reported; one that nothing works without
is a ConfigurationError. Knows no vendor's client.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from connector.mapping.schema import FieldSource, ObjectMapping
from connector.model.errors import ConfigurationError
from connector.sources.records import needed

ABSENT = frozenset({"permission", "field", "object"})
"""By which errors an optional object may be left out; by any other something is wrong with the whole connection."""

_LAYOUT = 1
"""Counted up when sources begin to read the same fields differently, so that every record is read once more."""


@dataclass(frozen=True)
class Available:
    """What of a mapping can be read: sources by property, the fields they need, and what is missing, for people."""

    sources: dict[str, tuple[FieldSource, ...]]
    names: tuple[str, ...]
    missing: tuple[str, ...]
    fingerprint: str
    """Changes when other fields are read than before; what was read so far is incomplete then."""


@dataclass(frozen=True)
class Place:
    """Where fields were looked for, and what a person can do where one is missing."""

    system: str
    object: str
    remedy: str

    @property
    def mapping_file(self) -> str:
        """What a person changes to map another field."""
        return f"mappings/{self.system}.yaml"

    def lacks(self, name: str) -> str:
        """That a field is missing here."""
        return f"{self.object}.{name} does not exist in {self.system} or the integration user may not read it"


def available(place: Place, mapping: ObjectMapping, exists: Callable[[str, FieldSource], bool]) -> Available:
    """What of `mapping` there is; `exists` answers for one vendor field and the source that wants it."""
    sources: dict[str, tuple[FieldSource, ...]] = {}
    absent: list[tuple[str, str, FieldSource]] = []
    for name, wanted in mapping.fields.items():
        kept = []
        for source in wanted:
            there = tuple(field for field in source.names if exists(field, source))
            absent += [(name, field, source) for field in source.names if field not in there]
            if there or source.association or source.default is not None:
                kept.append(
                    source.model_copy(update={"field": None, "fields": there}) if source.names != there else source
                )
        sources[name] = tuple(kept)
    names = tuple(dict.fromkeys(field for kept_ in sources.values() for source in kept_ for field in source.names))
    _refuse_without(place, mapping, sources, frozenset(field for _, field, _ in absent) - set(names))
    missing = dict.fromkeys(_report(place, name, field, source, names) for name, field, source in absent)
    return Available(sources, names, tuple(missing), fingerprint(mapping, names))


def _report(place: Place, name: str, field: str, source: FieldSource, names: tuple[str, ...]) -> str:
    """For people: what is missing. A field that is read for others holds ids that we cannot tell apart."""
    if field in names:
        return f"{place.system} shows no object {source.object}; {place.object} `{name}` is read without it."
    return f"{place.lacks(field)}; `{name}` is read without it."


def _refuse_without(
    place: Place, mapping: ObjectMapping, sources: dict[str, tuple[FieldSource, ...]], missing: frozenset[str]
) -> None:
    absent = [field for field in mapping.required if field in missing]
    for name in sorted((needed(mapping.kind) | set(mapping.essential)) - set(mapping.constants)):
        if not sources.get(name):
            absent += [field for source in mapping.fields.get(name, ()) for field in source.names] or [f"<{name}>"]
    if absent:
        listed = "; ".join(place.lacks(field) for field in dict.fromkeys(absent))
        raise ConfigurationError(
            f"{listed}. Nothing works without it: {place.remedy}, or map another field in {place.mapping_file}.",
            code="field",
        )


def fingerprint(mapping: ObjectMapping, names: tuple[str, ...]) -> str:
    """What was read of each record, in short: another mapping, or other names, is another reading."""
    content = json.dumps([_LAYOUT, mapping.model_dump(mode="json"), names], sort_keys=True, ensure_ascii=True)
    return hashlib.blake2b(content.encode(), digest_size=6).hexdigest()
