"""Two vendors that keep one person, and the cycle between them, for the tests of field_sync."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from build import MAPPINGS, practice

from connector.mapping.property_types import annotation_of
from connector.mapping.writing import canonical_value, writable_field
from connector.model.case import Case, Participant, Written
from connector.model.intents import Decision, SetFields
from connector.model.limits import FieldLimit
from connector.model.plan import Change
from connector.model.records import Kind, Person, Ref
from connector.planning.entries import Origin
from connector.planning.fields import Target, field_change
from connector.programs.field_sync import NAME, PROGRAM, FieldSyncSettings

CONTACT = Ref("salesforce", "Contact", "003A")
TWIN = Ref("hubspot", "contacts", "51")
START = datetime(2026, 11, 18, 0, 0, tzinfo=UTC)
Storage = Callable[[str], str]
"""What a vendor makes of a text that it is given."""


def as_given(text: str) -> str:
    """A vendor that keeps what it gets."""
    return text


def rule(property_: str = "title", rule_: str = "fill_blanks", **more: Any) -> dict[str, Any]:
    """One entry of `fields`."""
    return {"kind": "person", "property": property_, "rule": rule_, **more}


def settings(*rules: dict[str, Any]) -> FieldSyncSettings:
    """The program's settings with these rules."""
    return FieldSyncSettings.model_validate({"fields": rules})


@dataclass
class Vendors:
    """A contact in the SFA and its twin in the MA, each with what was written to it, and a clock."""

    settings: FieldSyncSettings
    sfa: dict[str, Any] = field(default_factory=dict)
    ma: dict[str, Any] = field(default_factory=dict)
    storage: dict[str, Storage] = field(default_factory=dict)
    limits: dict[str, FieldLimit] = field(default_factory=dict)
    now: datetime = START
    modified: dict[Ref, datetime] = field(default_factory=lambda: {CONTACT: START, TWIN: START})
    written: dict[Ref, dict[str, Written]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)

    def edit(self, side: str, value: Any, name: str = "title") -> None:
        """A person types a value; nothing clears it."""
        self.now += timedelta(minutes=1)
        self._put(CONTACT if side == "sfa" else TWIN, name, value)

    def case(self) -> Case:
        """The person's case as the store would assemble it."""
        twin = Person(ref=TWIN, modified_at=self.modified[TWIN], same_as=(CONTACT,), **self.ma)
        person = Person(ref=CONTACT, modified_at=self.modified[CONTACT], **self.sfa)
        return Case(
            subject=person,
            version="v1",
            participants=(Participant(person, (twin,), is_primary=True),),
            written=self.written,
            remembered={NAME: self.facts} if self.facts else {},
        )

    def judge(self) -> Decision:
        """What the program says now; nothing is kept."""
        return PROGRAM.evaluate(self.case(), self.settings, practice(), self.now)

    def cycle(self) -> list[Change]:
        """One cycle: decide, keep what is to be remembered, write, and read back."""
        self.now += timedelta(minutes=1)
        case = self.case()
        decision = PROGRAM.evaluate(case, self.settings, practice(), self.now)
        self.facts = dict(decision.facts)
        intents = [intent for intent in decision.intents if isinstance(intent, SetFields)]
        changes = [change for intent in intents if (change := self._drawn(case, intent))]
        for change in changes:
            self._write(change)
        return changes

    def settle(self, most: int = 8) -> int:
        """Cycles until nothing is written any more; how many writes that took. Fails if it does not end."""
        count = 0
        for _ in range(most):
            changes = self.cycle()
            if not changes:
                return count
            count += len(changes)
        raise AssertionError(f"still writing after {most} cycles: {self.keys}")

    def _drawn(self, case: Case, intent: SetFields) -> Change | None:
        assert case.primary
        record = next(one for one in case.primary.records if one.ref == intent.record)
        mapping = MAPPINGS.system(record.ref.system).objects[record.ref.object]
        target = Target(mapping, frozenset(mapping.vendor_fields), self.limits)
        origin = Origin(NAME, str(case.ref), "v1", ())
        return field_change(intent, record, self.written.get(record.ref, {}), target, origin).change

    def _write(self, change: Change) -> None:
        assert change.key not in self.keys
        self.keys.append(change.key)
        self.now += timedelta(seconds=1)
        ref = Ref(change.system, change.object, str(change.id))
        for name, value in self._properties(change).items():
            before = self.written.get(ref, {}).get(name)
            self.written.setdefault(ref, {})[name] = Written(value, (before.times if before else 0) + 1, self.now)
            self._put(ref, name, value)

    def _properties(self, change: Change) -> dict[str, Any]:
        mapping = MAPPINGS.system(change.system).objects[change.object]
        found: dict[str, Any] = {}
        for name in mapping.fields:
            source = writable_field(mapping, name, frozenset(change.fields))
            if source and source.field:
                annotation = annotation_of(Kind.PERSON, name)
                found[name] = canonical_value(source, annotation, change.fields[source.field].after, change.system)
        return found

    def _put(self, ref: Ref, name: str, value: Any) -> None:
        side, values = ("sfa", self.sfa) if ref == CONTACT else ("ma", self.ma)
        store = self.storage.get(side, as_given)
        self.now += timedelta(seconds=1)
        self.modified[ref] = self.now
        values.pop(name, None)
        if value:
            values[name] = store(value)
