"""項目の同期: a field of a company, person or deal is kept the same in both systems, as the company chose.

Pure: the engine calls `PROGRAM.evaluate`. One record of the SFA and one of the MA are a pair; where it is not sure
which ones belong together, nothing is copied. It knows neither other programs nor the vendors' names of fields.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import field_validator

from connector.mapping.writing import alike, blank
from connector.model.case import Case
from connector.model.intents import Decision, Over, SetFields, Standing
from connector.model.limits import Unwritable
from connector.model.plan import Because
from connector.model.records import Account, Kind, Opportunity, Person, Record, Ref
from connector.programs.practice import Practice
from connector.programs.practice.field_memory import Place, another_try, seen
from connector.programs.practice.field_rules import FieldRule, Side
from connector.programs.practice.leads import is_converted
from connector.programs.practice.settings import ProgramSettings

NAME = "field_sync"
MA = "hubspot"
"""The only system beside the SFA that such records are written to."""


class FieldSyncSettings(ProgramSettings):
    """`mappings/programs/field_sync.yaml`."""

    enabled: bool = False
    fields: tuple[FieldRule, ...] = ()

    @field_validator("fields")
    @classmethod
    def _each_once(cls, rules: tuple[FieldRule, ...]) -> tuple[FieldRule, ...]:
        for (kind, name), count in Counter((rule.kind, rule.name) for rule in rules).items():
            if count > 1:
                raise ValueError(f"{kind}.{name} is there twice; keep one of the two")
        return rules


@dataclass(frozen=True, slots=True)
class _Pair:
    """One field on both sides."""

    rule: FieldRule
    sfa: Place
    ma: Place

    def at(self, side: Side) -> Place:
        return self.sfa if side == "sfa" else self.ma

    def wanted(self, to: Side) -> Any:
        """What the other side's value is on the side `to`. Raises Unwritable."""
        return self.rule.carried(self.at(_other(to)).value, to)

    @property
    def agree(self) -> bool:
        """Whether one side is what the other's value is there."""
        return any(self._is_so(side) for side in ("ma", "sfa"))

    def _is_so(self, side: Side) -> bool:
        try:
            return alike(self.wanted(side), self.at(side).value)
        except Unwritable:
            return False


@dataclass(frozen=True, slots=True)
class _Copy:
    """One value to be written to one side."""

    pair: _Pair
    to: Side
    value: Any
    over: Over

    @property
    def place(self) -> Place:
        return self.pair.at(self.to)


@dataclass
class _Sync:
    """One case's fields, with what was remembered of them and what is to be remembered next time."""

    before: Mapping[str, str]
    facts: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def copies(self, pairs: Sequence[_Pair]) -> list[_Copy]:
        """What is to be written, field by field."""
        found: list[_Copy] = []
        for pair in pairs:
            try:
                copy = self._copy(pair)
            except Unwritable as error:
                self.problems.append(error.reason)
                continue
            if copy is not None and copy.pair.rule.writes_to(copy.to) and self._may_try(copy):
                found.append(copy)
        return found

    def _copy(self, pair: _Pair) -> _Copy | None:
        if pair.rule.rule == "newest":
            return self._newest(pair)
        if pair.agree:
            return None
        source = pair.rule.source
        if source is None:
            return _filled(pair)
        if pair.rule.rule.startswith("always"):
            return _Copy(pair, _other(source), pair.wanted(_other(source)), Over.ANY)
        return _preferred(pair, source)

    def _newest(self, pair: _Pair) -> _Copy | None:
        """What changed last; of two that nobody has seen changing neither is known to be newer."""
        name = pair.rule.name
        sfa = seen(pair.sfa, self.before.get(f"{name}.sfa"))
        ma = seen(pair.ma, self.before.get(f"{name}.ma"))
        self.facts |= {f"{name}.sfa": str(sfa), f"{name}.ma": str(ma)}
        if pair.agree:
            return None
        if sfa.since == ma.since:
            return _filled(pair)
        newer: Side = "sfa" if sfa.since > ma.since else "ma"
        if blank(pair.at(newer).value):
            return None
        return _Copy(pair, _other(newer), pair.wanted(_other(newer)), Over.ANY)

    def _may_try(self, copy: _Copy) -> bool:
        """Remembers the try; not again if it was made and the vendor shows the same as before."""
        if copy.over is not Over.ANY:
            return True
        name = f"{copy.pair.rule.name}.to_{copy.to}"
        before = self.before.get(name)
        now = another_try(copy.place, copy.value, before)
        self.facts[name] = str(now) if now else str(before)
        return now is not None


def _preferred(pair: _Pair, source: Side) -> _Copy | None:
    """The preferred side's value holds, if a person gave it; what Okoshi copied there goes on following the other."""
    kept, other = pair.at(source), pair.at(_other(source))
    if blank(kept.value):
        return _filled(pair)
    if not kept.is_ours:
        return _Copy(pair, _other(source), pair.wanted(_other(source)), Over.ANY)
    return None if blank(other.value) else _Copy(pair, source, pair.wanted(source), Over.OWN)


def _filled(pair: _Pair) -> _Copy | None:
    """The blank side takes the other's value, unless somebody erased it: what Okoshi copied is no source for it."""
    for side in ("ma", "sfa"):
        place, source = pair.at(side), pair.at(_other(side))
        if blank(place.value) and not (blank(source.value) or place.is_erased or source.is_ours):
            return _Copy(pair, side, pair.wanted(side), Over.BLANK)
    return None


def _other(side: Side) -> Side:
    return "ma" if side == "sfa" else "sfa"


class FieldSyncProgram:
    """The rules that people know from the vendors' own connectors."""

    name = NAME
    settings = FieldSyncSettings
    about = frozenset({Kind.ACCOUNT, Kind.PERSON, Kind.OPPORTUNITY})

    def concerns(self, subject: Opportunity | Account | Person) -> bool:
        """Records of the SFA; what is only in the MA has nothing to be kept the same with."""
        return subject.ref.system != MA and not is_converted(subject)

    def evaluate(
        self,
        case: Case,
        settings: FieldSyncSettings,
        practice: Practice,
        now: datetime,  # noqa: ARG002 - what is newer is told by the records
    ) -> Decision:
        """The fields that differ, and what is to be written to which side."""
        texts = practice.texts
        records = _records(case)
        found = _together(records, practice.tasks.system)
        if found is None:
            several = {record.ref.system for record in records} >= {practice.tasks.system, MA}
            reason = "several" if several else "alone"
            return Decision(Standing.NOT_ELIGIBLE, reason, texts[f"field_sync.{reason}"])
        sync = _Sync(case.remembered.get(NAME, {}))
        pairs = [
            _Pair(rule, _place(case, found[0], rule.name), _place(case, found[1], rule.name))
            for rule in settings.fields
            if rule.kind == case.kind and rule.rule != "never"
        ]
        copies = sync.copies(pairs)
        reason = "differs" if copies else "same" if all(pair.agree for pair in pairs) else "kept"
        return Decision(
            Standing.NOT_ELIGIBLE,
            reason=reason,
            text="; ".join(sync.problems) or texts[f"field_sync.{reason}"],
            intents=tuple(_intents(copies)),
            because=tuple(_why(copy, texts) for copy in copies),
            facts=sync.facts,
        )


def _records(case: Case) -> list[Record]:
    """The records of the company, the person or the deal that are worked with."""
    several: Sequence[Account | Person | Opportunity] = case.accounts
    if case.kind is Kind.PERSON:
        several = case.primary.records if case.primary else ()
    elif case.kind is Kind.OPPORTUNITY:
        several = case.deal_records
    return [record for record in several if not record.deleted and not is_converted(record)]


def _together(records: Sequence[Record], sfa: str) -> tuple[Record, Record] | None:
    """The record of the SFA and that of the MA which belong together: the only two, or the only ones that say so."""
    pairs = [(one, other) for one in records for other in records if (one.ref.system, other.ref.system) == (sfa, MA)]
    sure = [pair for pair in pairs if pair[0].ref in pair[1].same_as or pair[1].ref in pair[0].same_as]
    candidates = sure or pairs
    return candidates[0] if len(candidates) == 1 else None


def _place(case: Case, record: Record, name: str) -> Place:
    return Place(record, name, case.written.get(record.ref, {}).get(name))


def _intents(copies: Sequence[_Copy]) -> Iterator[SetFields]:
    """One intent for each record and each rule of what may be replaced there."""
    grouped: dict[tuple[Ref, Over], dict[str, Any]] = {}
    for copy in copies:
        grouped.setdefault((copy.place.record.ref, copy.over), {})[copy.place.name] = copy.value
    for (ref, over), values in grouped.items():
        yield SetFields(record=ref, values=values, over=over)


def _why(copy: _Copy, texts: Mapping[str, str]) -> Because:
    rule, source = copy.pair.rule, copy.pair.at(_other(copy.to))
    return Because(
        rule=f"{NAME}.{rule.rule}",
        record=str(source.record.ref),
        field=rule.name,
        text=texts[f"{NAME}.because"].format(property=rule.name, system=source.record.ref.system, rule=rule.rule),
    )


PROGRAM = FieldSyncProgram()
