"""Fields of real records, there and back: drawn by planning, written by the sink, read again by the source."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from vendors import OneWorker, Sandbox

from connector.mapping.loader import load_mappings
from connector.mapping.property_types import annotation_of
from connector.mapping.writing import canonical_value, writable_field
from connector.model.case import Written
from connector.model.intents import Over, SetFields
from connector.model.plan import Change
from connector.model.records import Kind, Record, Ref
from connector.planning.entries import Origin
from connector.planning.fields import Drawn, Target, field_change
from connector.sandbox.server import SandboxOptions, running
from connector.sinks import SINKS
from connector.sources import SOURCES

MAPPINGS = load_mappings(None)
WANTED: dict[str, tuple[str, dict[str, Any]]] = {
    "salesforce": (
        "Contact",
        {
            "title": "部長 髙橋\n兼務",
            "phone": "03-1234-5678",
            "confirmed_on": date(2026, 11, 1),
            "handed_over_on": date(2026, 2, 28),
            "left_company": True,
        },
    ),
    "hubspot": (
        "contacts",
        {
            "title": "部長 髙橋",
            "signal": "料金ページ 3回",
            "signal_at": datetime.fromisoformat("2026-11-18T09:30:00+09:00"),
            "outcome_on": date(2026, 11, 1),
            "lost_on": date(2026, 2, 28),
        },
    ),
}


class TestThereAndBack(OneWorker):
    """Every kind of value that programs write, in both systems."""

    @pytest.fixture(scope="class")
    @classmethod
    def sandbox(cls) -> Iterator[Sandbox]:
        """The vendors, with a small company."""
        with running(SandboxOptions(scale=0.03)) as ready:
            yield Sandbox(ready)

    def record(self, sandbox: Sandbox, system: str, ref: Ref | None = None) -> Record:
        """One person as the source reads it now; without a reference any that has been read."""
        sandbox.advance("PT5M")  # until then the vendor may still be committing
        object_ = WANTED[system][0]
        now = datetime.fromisoformat(sandbox.get("/clock")["now"])
        source = SOURCES[system](sandbox.client(system), MAPPINGS, "Asia/Tokyo")
        records = [one for batch in source.read(object_, None, now) for one in batch.records if not one.deleted]
        return next(one for one in records if ref is None or one.ref == ref)

    def drawn(
        self, sandbox: Sandbox, record: Record, values: dict[str, Any], written: dict[str, Written], over: Over
    ) -> Drawn:
        """What planning makes of it, with what the org lets us fill."""
        sink = SINKS[record.ref.system](sandbox.client(record.ref.system, read_only=False))
        mapping = MAPPINGS.system(record.ref.system).objects[record.ref.object]
        target = Target(mapping, sink.writable(record.ref.object), sink.limits(record.ref.object))
        intent = SetFields(record=record.ref, values=values, over=over)
        return field_change(intent, record, written, target, Origin("test", str(record.ref), "v1", ()))

    def write(self, sandbox: Sandbox, change: Change) -> dict[str, Written]:
        """What was written, as the ledger tells it afterwards."""
        sink = SINKS[change.system](sandbox.client(change.system, read_only=False))
        outcome = sink.write([change])[0]
        assert (outcome.state, outcome.reason) == ("done", None)
        at = datetime.fromisoformat(sandbox.get("/clock")["now"])
        mapping = MAPPINGS.system(change.system).objects[change.object]
        found: dict[str, Written] = {}
        for name in mapping.fields:
            source = writable_field(mapping, name, frozenset(change.fields))
            if source and source.field:
                told = change.fields[source.field].after
                found[name] = Written(
                    canonical_value(source, annotation_of(Kind.PERSON, name), told, change.system), 1, at
                )
        return found

    @pytest.mark.parametrize("system", WANTED)
    def test_what_is_written_is_read_and_not_written_again(self, sandbox: Sandbox, system: str) -> None:
        """Written over what is there, read back as wanted, ours from then on, changed once more, and cleared."""
        _, wanted = WANTED[system]
        record = self.record(sandbox, system)
        first = self.drawn(sandbox, record, wanted, {}, Over.ANY)
        assert (first.unwritable, first.misfits) == ({}, {})
        assert first.change
        written = self.write(sandbox, first.change)
        assert self.drawn(sandbox, record, wanted, written, Over.ANY).change is None

        again = self.record(sandbox, system, record.ref)
        assert self.drawn(sandbox, again, wanted, written, Over.OWN).change is None
        other = {name: value + timedelta(days=1) for name, value in wanted.items() if isinstance(value, date)}
        second = self.drawn(sandbox, again, other | {"title": None}, written, Over.OWN)
        assert second.change
        assert len(second.change.fields) == len(other) + 1
        written |= self.write(sandbox, second.change)

        last = self.record(sandbox, system, record.ref)
        assert last.model_dump()["title"] is None
        assert {name: getattr(last, name) for name in other} == other
        assert self.drawn(sandbox, last, other | {"title": None}, written, Over.OWN).change is None

    @pytest.mark.parametrize("system", WANTED)
    def test_what_somebody_changed_meanwhile_is_refused(self, sandbox: Sandbox, system: str) -> None:
        """The change says what must still be there; the sink sees that it is not."""
        record = self.record(sandbox, system)
        stale = record.model_copy(update={"title": "平社員"})
        drawn = self.drawn(sandbox, stale, {"title": "社長"}, {}, Over.ANY)
        assert drawn.change
        sink = SINKS[system](sandbox.client(system, read_only=False))
        outcome = sink.write([drawn.change])[0]
        assert outcome.state == "refused"
        assert "somebody has changed the record" in str(outcome.reason)

    @pytest.mark.parametrize("system", WANTED)
    def test_what_the_vendor_tells_of_its_fields_is_kept_to(self, sandbox: Sandbox, system: str) -> None:
        """A text is cut to the field and then written, and the cut one is what is wanted from then on."""
        record = self.record(sandbox, system)
        sink = SINKS[system](sandbox.client(system, read_only=False))
        limits = sink.limits(WANTED[system][0])
        told = {"salesforce": ("Title", 128), "hubspot": ("jobtitle", 65_536)}[system]
        assert limits[told[0]].length == told[1]
        drawn = self.drawn(sandbox, record, {"title": "長" * (told[1] + 1)}, {}, Over.ANY)
        assert drawn.change
        assert sink.write([drawn.change])[0].state == "done"
        again = self.record(sandbox, system, record.ref)
        assert again.model_dump()["title"] == "長" * (told[1] - 1) + "…"
        assert self.drawn(sandbox, again, {"title": "長" * (told[1] + 1)}, {}, Over.ANY).change is None

    def test_lists_of_values(self, sandbox: Sandbox) -> None:
        """HubSpot refuses what an enumeration lacks; Salesforce only where the picklist is restricted."""
        sink = SINKS["hubspot"](sandbox.client("hubspot", read_only=False))
        name, limit = next((name, one) for name, one in sink.limits("contacts").items() if one.values)
        assert limit.values
        assert "no such option" not in limit.values, name
        person = self.record(sandbox, "hubspot")
        dropped = self.drawn(sandbox, person, {"lead_status": "no such option"}, {}, Over.ANY)
        assert dropped.change is None
        assert dropped.misfits == {"hs_lead_status": "list"}
        org = SINKS["salesforce"](sandbox.client("salesforce", read_only=False)).limits("Opportunity")
        assert org["LeadSource"].values is None
        assert "Pipeline" in (org["ForecastCategory"].values or ())
