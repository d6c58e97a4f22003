"""What should stand in a record's fields becomes a change: only what is not so yet, and nothing that a person wrote.

Pure. The engine calls it with a record as it was read last and with what the ledger says that Okoshi wrote to it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.mapping.objects import FieldSource, ObjectMapping
from connector.mapping.property_types import annotation_of
from connector.mapping.writing import alike, blank, canonical_value, vendor_value, writable_field
from connector.model.case import Written
from connector.model.intents import Over, SetFields
from connector.model.limits import ANYTHING, FieldLimit, Misfit, Unwritable, fitted
from connector.model.plan import Change, Effect, FieldChange, Operation
from connector.model.records import Record
from connector.planning.entries import Origin


@dataclass(frozen=True, slots=True)
class Target:
    """How records of one object are written: its mapping, the fields that may be filled, and what they take if known.

    `limits` are by the vendor's name of the field.
    """

    mapping: ObjectMapping
    writable: frozenset[str]
    limits: Mapping[str, FieldLimit] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The change, if there is anything to write, and what cannot be written.

    `unwritable` are properties without a field to be written to, each with the reason. `misfits` are by the vendor's
    name of the field: what is wrong with the value that should stand there.
    """

    change: Change | None
    unwritable: Mapping[str, str] = field(default_factory=dict)
    misfits: Mapping[str, Misfit] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Property:
    """One property of one record: where it is written to, what it holds, and what Okoshi wrote there last."""

    name: str
    source: FieldSource
    annotation: Any
    record: Record
    last: Written | None
    limit: FieldLimit

    @property
    def field(self) -> str:
        return str(self.source.field)

    @property
    def unread(self) -> bool:
        """Whether the record was read before our last write, so that what it tells of this property is old."""
        return self.last is not None and self.record.modified_at <= self.last.at

    @property
    def present(self) -> Any:
        """What the record holds now as far as anybody knows."""
        return self.last.value if self.last and self.unread else getattr(self.record, self.name)

    @property
    def is_blank(self) -> bool:
        """Whether nothing is there; what reading makes of a blank is blank, too."""
        return blank(self.present) or alike(self.present, self.canonical(None))

    def vendor(self, value: Any) -> Any:
        return vendor_value(self.source, self.annotation, value, self.record.ref.system)

    def canonical(self, written: Any) -> Any:
        return canonical_value(self.source, self.annotation, written, self.record.ref.system)

    def may_be_replaced(self, over: Over) -> bool:
        """Whether what is there is what `over` allows to replace."""
        if over is Over.ANY or self.is_blank:
            return True
        return over is Over.OWN and self.last is not None and alike(self.present, self.last.value)

    def change(self, value: Any, over: Over) -> FieldChange | None:
        """The field's value before and after; `None` if it is so already or not ours to change. Raises Unwritable."""
        if not self.may_be_replaced(over):
            return None
        after = fitted(self.limit, self.vendor(value))
        if alike(self.present, self.canonical(after)):
            return None
        return FieldChange(before=self._before(), after=after)

    def _before(self) -> Any:
        """What the vendor's field holds now: for what reading makes of a blank there may be no word there."""
        try:
            return self.vendor(self.present)
        except Unwritable:
            if self.is_blank:
                return self.vendor(None)
            raise


def field_change(
    intent: SetFields, record: Record, written: Mapping[str, Written], target: Target, origin: Origin
) -> Drawn:
    """The one change that makes the intent true for `record`, which is the intent's as it was read last.

    `written` is what Okoshi wrote to this record last, by property, in the model's values. A write that has not been
    read back yet counts as if it had been. `before` is what the record must still hold when it is written: the sink
    refuses the change if somebody has changed it since.
    """
    fields: dict[str, FieldChange] = {}
    names: list[str] = []
    unwritable: dict[str, str] = {}
    misfits: dict[str, Misfit] = {}
    for one in _properties(intent, record, written, target, unwritable):
        try:
            change = one.change(intent.values[one.name], intent.over)
        except Unwritable as error:
            misfits[one.field] = error.misfit
            continue
        if change is not None:
            fields[one.field] = change
            names.append(one.name)
    if not fields:
        return Drawn(None, unwritable, misfits)
    return Drawn(_change(record, fields, key_of(record, names, written), origin), unwritable, misfits)


def key_of(record: Record, names: list[str], written: Mapping[str, Written]) -> str:
    """The idempotency key of one write of these properties: another one after each write that was done."""
    number = 1 + max((written[name].times for name in names if name in written), default=0)
    return f"set:{record.ref}:{'+'.join(sorted(names))}:{number}"


def _properties(
    intent: SetFields, record: Record, written: Mapping[str, Written], target: Target, unwritable: dict[str, str]
) -> Iterator[_Property]:
    """The properties of the intent that have a field to be written to; notes the others."""
    for name in sorted(intent.values):
        source = writable_field(target.mapping, name, target.writable)
        if source is None:
            unwritable[name] = f"{record.ref.object}: no field that `{name}` is read from may be written"
            continue
        yield _Property(
            name,
            source,
            annotation_of(target.mapping.kind, name),
            record,
            written.get(name),
            target.limits.get(str(source.field), ANYTHING),
        )


def _change(record: Record, fields: Mapping[str, FieldChange], key: str, origin: Origin) -> Change:
    return Change(
        key=key,
        program=origin.program,
        operation=Operation.UPDATE,
        effect=Effect.FIELDS,
        system=record.ref.system,
        object=record.ref.object,
        id=record.ref.id,
        case=origin.case,
        basis=origin.basis,
        fields=dict(fields),
        because=origin.because,
    )
