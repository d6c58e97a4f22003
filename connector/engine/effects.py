"""What decisions want besides tasks, as changes: fields, lists, alerts, logged activities, new records.

Called by `decide` with one chunk of cases at a time. Whatever is so already, or a person's, becomes no change.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from connector.engine.deployment import Deployment
from connector.mapping.property_types import annotation_of
from connector.mapping.writing import vendor_value, writable_field
from connector.model.case import Case, Written
from connector.model.intents import (
    Alert,
    CreateRecord,
    Decision,
    Intent,
    JoinList,
    LeaveList,
    LogActivity,
    SetFields,
    WithdrawTask,
)
from connector.model.limits import ANYTHING, Misfit, Unwritable, fitted
from connector.model.plan import Change, Operation, Unwritten
from connector.model.records import Record, Ref, User
from connector.planning.alerts import AlertWriting, alert_changes
from connector.planning.changes import withdrawal
from connector.planning.entries import Origin, log_change, membership_change, record_change
from connector.planning.fields import Target, field_change
from connector.store import ledger, mirror, team
from connector.store.store import Transaction

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Decided:
    """One program's decision about one case."""

    program: str
    case: Case
    decision: Decision


@dataclass(frozen=True, slots=True)
class Effects:
    """What decisions lead to, tasks aside. `unwritten` are the values that no field takes, by program and case."""

    changes: Sequence[Change]
    unwritten: Mapping[tuple[str, str], Sequence[Unwritten]]


def effects(deployment: Deployment, tx: Transaction, decided: Sequence[Decided]) -> Effects:
    """All changes that these decisions lead to; a value that its field does not take is named and left."""
    drawing = _Drawing.of(deployment, tx, decided)
    changes = [change for one in decided for intent in one.decision.intents for change in drawing.draw(one, intent)]
    return Effects(changes, drawing.unwritten)


@dataclass
class _Drawing:
    """What the mirror and the ledger know of all records that the decisions of a chunk speak of."""

    deployment: Deployment
    records: dict[Ref, Record]
    written: dict[Ref, dict[str, Written]]
    memberships: dict[str, tuple[Operation, int]]
    staff: dict[Ref, User]
    """All users of the SFA, where somebody is to be alerted."""
    names: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    unwritten: dict[tuple[str, str], list[Unwritten]] = field(default_factory=dict)

    @classmethod
    def of(cls, deployment: Deployment, tx: Transaction, decided: Sequence[Decided]) -> "_Drawing":
        intents = [intent for one in decided for intent in one.decision.intents]
        refs = {intent.record for intent in intents if isinstance(intent, SetFields)}
        lists = {f"{one.list.id}:{one.person.id}" for one in intents if isinstance(one, JoinList | LeaveList)}
        found = mirror.load(tx, {str(ref) for ref in refs})
        return cls(
            deployment,
            {row.record.ref: row.record for row in found.values() if not row.record.deleted},
            {ref: _translated(deployment, ref, fields) for ref, fields in ledger.written(tx, refs).items()},
            ledger.memberships(tx, lists) if lists else {},
            {user.ref: user for user in team.users_of(tx, deployment.sfa)}
            if any(isinstance(intent, Alert) for intent in intents)
            else {},
        )

    def draw(self, one: Decided, intent: Intent) -> Iterator[Change]:
        """The changes for one intent; none where nothing is to be done."""
        origin = Origin(one.program, str(one.case.ref), one.case.version, one.decision.because)
        writing = self.deployment.mappings.tasks
        change: Change | None = None
        match intent:
            case WithdrawTask():
                change = withdrawal(intent, str(one.case.ref), one.decision.because, one.case.version, writing)
            case SetFields():
                change = self._fields(intent, origin)
            case JoinList() | LeaveList():
                last = self.memberships.get(f"{intent.list.id}:{intent.person.id}")
                member = any(m.list == intent.list and m.person == intent.person for m in one.case.memberships)
                change = membership_change(intent, origin, is_member=member, last=last)
            case LogActivity():
                change = log_change(intent, origin, writing, self._writable(writing.system, writing.object))
            case CreateRecord():
                change = self._record(intent, origin)
            case Alert():
                yield from alert_changes(intent, origin, one.case, self._alerting())
        if change is not None:
            yield change

    def _alerting(self) -> AlertWriting:
        deployment = self.deployment
        language = deployment.mappings.alerts.language or deployment.settings.locale.language
        texts = deployment.mappings.texts[language]
        return AlertWriting(deployment.mappings.alerts, texts, self.staff, deployment.links)

    def _fields(self, intent: SetFields, origin: Origin) -> Change | None:
        record = self.records.get(intent.record)
        if record is None:
            return None
        mapping = self.deployment.mappings.system(intent.record.system).objects[intent.record.object]
        system, object_ = intent.record.system, intent.record.object
        sink = self.deployment.sinks.get(system)
        if sink is None:
            return None  # a system that is only read, from files
        target = Target(mapping, self._writable(system, object_), sink.limits(object_))
        drawn = field_change(intent, record, self.written.get(intent.record, {}), target, origin)
        for name, reason in drawn.unwritable.items():
            log.debug("property without a field to write to", record=str(record.ref), property=name, reason=reason)
        for name, misfit in drawn.misfits.items():
            self._leave(origin, (system, object_, intent.record.id), name, misfit)
        return drawn.change

    def _record(self, intent: CreateRecord, origin: Origin) -> Change:
        mapping = self.deployment.mappings.system(intent.system).objects[intent.object]
        writable = self._writable(intent.system, intent.object)
        limits = self.deployment.sinks[intent.system].limits(intent.object)
        values: dict[str, Any] = {}
        for name, value in intent.values.items():
            source = writable_field(mapping, name, writable)
            if source is None or not source.field:
                continue
            try:
                told = vendor_value(source, annotation_of(mapping.kind, name), value, intent.system)
                values[source.field] = fitted(limits.get(source.field, ANYTHING), told)
            except Unwritable as error:
                self._leave(origin, (intent.system, intent.object, None), source.field, error.misfit)
        key = self.deployment.mappings.tasks.fields.key
        return record_change(intent, origin, values, key if key in writable else None)

    def _leave(self, origin: Origin, place: tuple[str, str, str | None], name: str, misfit: Misfit) -> None:
        """Notes a value that its field does not take. `place` is the system, the object and the record's id."""
        system, object_, record_id = place
        left = Unwritten(
            program=origin.program,
            case=origin.case,
            system=system,
            object=object_,
            id=record_id,
            field=name,
            reason=misfit,
            text=self.deployment.texts[f"unwritten.{misfit}"],
        )
        self.unwritten.setdefault((origin.program, origin.case), []).append(left)
        log.debug("value left unwritten", **left.model_dump(exclude={"text"}))

    def _writable(self, system: str, object_: str) -> frozenset[str]:
        if (system, object_) not in self.names:
            sink = self.deployment.sinks.get(system)
            self.names[system, object_] = sink.writable(object_) if sink else frozenset()
        return self.names[system, object_]


def _translated(deployment: Deployment, ref: Ref, fields: dict[str, Written]) -> dict[str, Written]:
    found: dict[str, Written] = {}
    for name, last in fields.items():
        translated = deployment.translate(ref, name, last.value)
        if translated is not None:
            found[translated[0]] = Written(translated[1], last.times, last.at)
    return found
