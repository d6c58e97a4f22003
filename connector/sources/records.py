"""Applies an object's mapping to a vendor's row: a record of the model, or the reason why it is set aside.

Called by every source for every row. Knows the mapping and the model; how a row was fetched is the source's business.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, get_origin

from pydantic import ValidationError

from connector.mapping.property_types import type_name
from connector.mapping.schema import FieldSource, ObjectMapping
from connector.model.case import strictest
from connector.model.records import RECORD_TYPES, Consent, Kind, Record, Ref, SetAside
from connector.model.sync import Batch
from connector.sources.values import RECORD_IDS, Unreadable, blank, moment, reader, text


@dataclass(frozen=True, slots=True)
class Row:
    """One vendor row, its values by the names that the mapping uses."""

    id: str
    modified_at: Any
    created_at: Any = None
    deleted: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)
    associations: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """What holds for a whole system: its name, the time zone of its days, and how ids of its objects begin.

    `local`: times that name no zone were written in that time zone. `mapping_file` is what a person would change.
    """

    system: str
    zone: tzinfo
    prefixes: Mapping[str, str] = field(default_factory=dict)
    local: bool = False
    mapping_file: str = ""

    @property
    def mapped_in(self) -> str:
        """The mapping file, for messages."""
        return self.mapping_file or f"mappings/{self.system}.yaml"


@dataclass(frozen=True, slots=True)
class _Property:
    """One property: its sources, its reader, and whether it holds many references, one or none."""

    name: str
    sources: tuple[FieldSource, ...]
    read: Callable[[Any], Any]
    is_reference: bool
    is_many: bool
    has_default: bool


class Translation:
    """From rows of one vendor object to records. `sources` are those of the mapping that the org really has."""

    def __init__(
        self, object_: str, mapping: ObjectMapping, sources: Mapping[str, Sequence[FieldSource]], scope: Scope
    ) -> None:
        self._object = object_
        self._scope = scope
        self._type = RECORD_TYPES[mapping.kind]
        self._constants = mapping.constants
        self._essential = mapping.essential
        self._properties = tuple(self._property(name, tuple(given)) for name, given in sources.items() if given)

    def batch(self, rows: Iterable[Row], cursor: str | None = None) -> Batch:
        """One page's rows, and the cursor that moves with them."""
        results = [self.apply(row) for row in rows]
        return Batch(
            records=[result for result in results if isinstance(result, Record)],
            set_aside=[result for result in results if isinstance(result, SetAside)],
            cursor=cursor,
        )

    def apply(self, row: Row) -> Record | SetAside:
        """The record of this row, or why there is none and what a person can do about it."""
        ref = Ref(self._scope.system, self._object, row.id)
        try:
            stamps = {
                name: moment(value, self._scope.zone, local=self._scope.local)
                for name, value in (("modified_at", row.modified_at), ("created_at", row.created_at))
                if not blank(value)
            }
        except Unreadable as error:
            return self._set_aside(ref, "modified_at", str(error))
        values: dict[str, Any] = {**self._constants, **stamps, "ref": ref, "deleted": row.deleted}
        for entry in self._properties:
            if row.deleted and not self._kept_of_deleted(entry):
                continue
            try:
                value = self._value(entry, row)
            except Unreadable as error:
                return self._set_aside(ref, entry.name, str(error))
            if value is not None:
                values[entry.name] = value
        lacking = next((name for name in self._essential if values.get(name) is None), None)
        if lacking is not None and not row.deleted:
            return self._set_aside(ref, lacking, "is blank and without it the record cannot be used")
        try:
            return self._type.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            return self._set_aside(ref, str(first["loc"][0]) if first["loc"] else "", f"is refused: {first['msg']}")

    def tombstone(self, record_id: str, modified_at: Any) -> Record | SetAside:
        """The record that says that this id is gone."""
        return self.apply(Row(id=record_id, modified_at=modified_at, deleted=True))

    def _property(self, name: str, sources: tuple[FieldSource, ...]) -> _Property:
        annotation = self._type.model_fields[name].annotation
        is_many = get_origin(annotation) is tuple
        kind = type_name(annotation)
        return _Property(
            name=name,
            sources=sources,
            read=reader(kind, self._scope.zone, local=self._scope.local),
            is_reference=kind == "Ref",
            is_many=is_many,
            has_default=not self._type.model_fields[name].is_required(),
        )

    def _kept_of_deleted(self, entry: _Property) -> bool:
        """Of a deleted record we keep where it hung and our own key, not what it said: who deletes data means it."""
        return entry.is_reference or entry.name == "key" or not entry.has_default

    def _value(self, entry: _Property, row: Row) -> Any:
        if entry.is_reference:
            found = [ref for source in entry.sources for ref in self._references(source, row)]
            if entry.is_many:
                return tuple(dict.fromkeys(found))
            return found[0] if found else None
        for source in entry.sources:
            value = _combined(source, row)
            if value is not None:
                return entry.read(value)
        return None

    def _references(self, source: FieldSource, row: Row) -> list[Ref]:
        system = source.system or self._scope.system
        object_ = source.object or self._object
        if source.association:
            ids = [str(value) for value in row.associations.get(source.association, ())]
        else:
            mapped = (_looked_up(source, row.values.get(name)) for name in source.names)
            ids = [part.strip() for value in mapped if not blank(value) for part in text(value).split(";")]
        refs = (self._reference(system, object_, value) for value in ids if value)
        return [ref for ref in refs if ref is not None]

    def _reference(self, system: str, object_: str, value: str) -> Ref | None:
        """A polymorphic field holds ids of several objects: only those that begin as this object's ids do are taken."""
        known_form = RECORD_IDS.get(system)
        normal = known_form(value) if known_form else value
        if normal is None:
            return None
        prefix = self._scope.prefixes.get(object_) if system == self._scope.system else None
        return Ref(system, object_, normal) if prefix is None or normal.startswith(prefix) else None

    def _set_aside(self, ref: Ref, property_: str, problem: str) -> SetAside:
        origin = next((self._origin(entry) for entry in self._properties if entry.name == property_), "")
        place = f"{self._object}.{origin}" if origin else self._object
        gone = property_ == "" or not origin
        remedy = f"correct the record in {self._scope.system}" + (
            "" if gone else f" or map another field to `{property_}`"
        )
        named = f" (`{property_}`)" if property_ else ""
        return SetAside(ref=ref, reason=f"{place}{named} {problem}; {remedy} ({self._scope.mapped_in})")

    @staticmethod
    def _origin(entry: _Property) -> str:
        return "/".join(name for source in entry.sources for name in (source.names or (source.association or "",)))


def needed(kind: Kind) -> frozenset[str]:
    """Properties without which there is no record of this kind; the source itself gives `ref` and `modified_at`."""
    fields = RECORD_TYPES[kind].model_fields
    return frozenset(name for name, info in fields.items() if info.is_required()) - {"ref", "modified_at"}


def _looked_up(source: FieldSource, value: Any) -> Any:
    """The value itself, or what the mapping says that it means; `None` if there is none."""
    if blank(value):
        return None
    if not source.values:
        return value
    written = text(value)
    return source.values.get(written, source.values.get(written.strip()))


def _combined(source: FieldSource, row: Row) -> Any:
    values = [value for name in source.names if (value := _looked_up(source, row.values.get(name))) is not None]
    if not values:
        return source.default
    if source.combine == "join":
        return " ".join(text(value).strip() for value in values)
    if source.combine == "strictest":
        known = {consent.value for consent in Consent}
        return strictest(Consent(text(value)) for value in values if text(value) in known)
    return values[0]
