"""What every source must do, against the sandbox; a source's own test is a subclass of one line."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from vendors import OneWorker, Sandbox

from connector.mapping.loader import load_mappings
from connector.mapping.schema import FieldSource, Mappings
from connector.model.errors import RetryLater
from connector.model.records import Record, SetAside
from connector.model.sync import Batch
from connector.sandbox.server import SandboxOptions, running
from connector.sources import SOURCES, VendorSource

NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
LARGEST_PAGE = 2_000


@dataclass
class Reading:
    """What one reading of some streams handed over, and the cursors that it ended with."""

    records: dict[str, list[Record]] = field(default_factory=dict)
    set_aside: dict[str, list[SetAside]] = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)
    calls: int = 0

    def ids(self, stream: str) -> list[str]:
        """Ids of all that was handed over of one stream, usable or not."""
        return [item.ref.id for item in (*self.records.get(stream, ()), *self.set_aside.get(stream, ()))]

    def take(self, stream: str, batch: Batch) -> None:
        """Keeps one batch, as a store would."""
        self.records.setdefault(stream, []).extend(batch.records)
        self.set_aside.setdefault(stream, []).extend(batch.set_aside)
        if batch.cursor is not None:
            self.cursors[stream] = batch.cursor


class SourceConformance(OneWorker):
    """Subclass it, name the system: that is the whole test of a source."""

    system: ClassVar[str]
    plant: ClassVar[frozenset[str]] = frozenset({"late"})
    large: ClassVar[str]
    """A stream of more than one page."""
    further_page: ClassVar[str]
    """What the address of every page but the first looks like, as a regular expression."""
    editable: ClassVar[tuple[str, str]]
    """A stream and one of its text fields that a person may edit."""
    misread: ClassVar[tuple[str, str, str]]
    """A stream, one of its date properties, and a vendor field that holds no date."""
    whole: ClassVar[frozenset[str]] = frozenset()
    """Streams that are read whole each time."""

    @pytest.fixture(scope="class")
    @classmethod
    def sandbox(cls) -> Iterator[Sandbox]:
        """The vendors with a small company, for one class of tests."""
        with running(SandboxOptions(scale=0.1, plant=cls.plant)) as ready:
            yield Sandbox(ready)

    @pytest.fixture(scope="class")
    @classmethod
    def loaded(cls, sandbox: Sandbox) -> Reading:
        """The first load of everything."""
        return cls().read(sandbox, Reading())

    def source(self, sandbox: Sandbox, mappings: Mappings | None = None) -> VendorSource:
        """A source as a new run makes it; the client stays, as it keeps to the vendor's rates."""
        return SOURCES[self.system](sandbox.client(self.system), mappings or load_mappings(None), "Asia/Tokyo")

    def read(
        self,
        sandbox: Sandbox,
        before: Reading,
        mappings: Mappings | None = None,
        only: str | None = None,
        now: datetime = NOW,
    ) -> Reading:
        """One run's reading of all streams, or one only, from the cursors of `before`."""
        source = self.source(sandbox, mappings)
        used = sandbox.client(self.system).usage.total
        after = Reading(cursors=dict(before.cursors))
        for stream in [only] if only else source.streams():
            for batch in source.read(stream, before.cursors.get(stream), now):
                assert len(batch.records) <= LARGEST_PAGE
                after.take(stream, batch)
        after.calls = sandbox.client(self.system).usage.total - used
        return after

    def vendor_ids(self, sandbox: Sandbox, stream: str) -> set[str]:
        """Ids of what the vendor shows now, by the sandbox's own account."""
        now = sandbox.get("/clock")["now"]
        rows = sandbox.state(self.system, stream)
        shown = [
            row
            for row in rows
            if not row.get("archived") and (not row.get("_visible_at") or moment(row["_visible_at"]) <= moment(now))
        ]
        return {str(row.get("Id") or row.get("id")) for row in (rows if stream in self.whole else shown)}

    def test_everything_is_read_once_and_names_where_it_lives(self, sandbox: Sandbox, loaded: Reading) -> None:
        """The first load hands over each record that the vendor shows, exactly once."""
        source = self.source(sandbox)
        assert source.name == self.system
        for stream in source.streams():
            ids = loaded.ids(stream)
            living = [record.ref.id for record in loaded.records[stream] if not record.deleted]
            assert len(living) == len(set(living)), stream
            assert set(ids) >= self.vendor_ids(sandbox, stream), stream
            assert {(item.ref.system, item.ref.object) for item in loaded.records[stream]} <= {(self.system, stream)}

    def test_just_the_records_that_cannot_be_used_are_set_aside(self, sandbox: Sandbox, loaded: Reading) -> None:
        """A real company's untidy entries are no errors; a call without a time is, and is named."""
        named = [case["check"].get("set_aside") for case in sandbox.get("/truth")["cases"] if case.get("check")]
        expected = {(one["object"], one["id"]) for one in named if one and one["system"] == self.system}
        found = {(stream, item.ref.id) for stream, items in loaded.set_aside.items() for item in items}
        assert found == expected

    def test_a_cursor_comes_with_the_rows(self, loaded: Reading) -> None:
        """Every stream that has rows can go on from where it ended, save those that are read whole each time."""
        assert {stream for stream, records in loaded.records.items() if records} - self.whole <= set(loaded.cursors)

    def test_when_nothing_changed_nothing_comes_and_the_calls_stay_the_same(
        self, sandbox: Sandbox, loaded: Reading
    ) -> None:
        """The second cycle costs a handful of calls a stream, whatever the data; the third costs the same."""
        second = self.read(sandbox, loaded)
        third = self.read(sandbox, second)
        assert {stream for stream, records in second.records.items() if records} <= self.whole
        assert second.cursors == loaded.cursors
        assert third.calls == second.calls <= 3 * len(loaded.records) + 12

    def test_an_interrupted_load_goes_on_where_it_was(self, sandbox: Sandbox, loaded: Reading) -> None:
        """What was handed over with its cursor is not read again, and nothing is missing in the end."""
        whole, cut = set(loaded.ids(self.large)), Reading()
        batches = 0
        for number in range(1_000):
            one = next(iter(self.source(sandbox).read(self.large, cut.cursors.get(self.large), NOW)), None)
            if one is None:
                break
            cut.take(self.large, one)
            batches = number + 1
            if set(cut.ids(self.large)) >= whole:
                break
        assert batches > 1
        assert set(cut.ids(self.large)) == whole
        assert len(cut.ids(self.large)) == len(whole)

    def test_a_vendor_that_breaks_off_loses_nothing(self, sandbox: Sandbox, loaded: Reading) -> None:
        """What came before the failure is kept with its cursor; the next run reads the rest."""
        kept = Reading()
        sandbox.fault(vendor=self.system, path=self.further_page, status=503, times=None)
        try:
            with pytest.raises(RetryLater):
                self.keep(sandbox, kept)
        finally:
            sandbox.mend()
        assert kept.ids(self.large)
        self.keep(sandbox, kept)
        assert sorted(kept.ids(self.large)) == sorted(set(loaded.ids(self.large)))

    def keep(self, sandbox: Sandbox, kept: Reading) -> None:
        """One run's reading of the large stream, added to what is kept."""
        for batch in self.source(sandbox).read(self.large, kept.cursors.get(self.large), NOW):
            kept.take(self.large, batch)

    def test_a_bad_record_is_set_aside_and_the_cursor_moves_on(self, sandbox: Sandbox, loaded: Reading) -> None:
        """A text where a date is needed: each such record is named with its place, and the reading ends as ever."""
        stream, property_, field_ = self.misread
        reading = self.read(
            sandbox, Reading(), _mapped(load_mappings(None), self.system, stream, property_, field_), stream
        )
        assert set(reading.ids(stream)) == set(loaded.ids(stream))
        assert reading.set_aside[stream]
        assert all(field_ in item.reason and property_ in item.reason for item in reading.set_aside[stream])
        assert stream in reading.cursors

    def test_another_mapping_reads_everything_again(self, sandbox: Sandbox, loaded: Reading) -> None:
        """A field that is mapped anew is missing in all that was read before."""
        stream, property_, field_ = self.misread
        mappings = _mapped(load_mappings(None), self.system, stream, property_, field_)
        assert set(self.read(sandbox, loaded, mappings, stream).ids(stream)) == set(loaded.ids(stream))

    def test_what_a_person_changes_comes_once_and_is_quiet_then(self, sandbox: Sandbox, loaded: Reading) -> None:
        """A change is handed over with the next reading, and a reading on the next day brings nothing."""
        stream, field_ = self.editable
        ours = loaded.records[stream][0].ref.id
        sandbox.act("update", vendor=self.system, object=stream, id=ours, values={field_: "アクメ・'商事' \\ 100%"})
        changed = self.read(sandbox, loaded, only=stream)
        assert ours in changed.ids(stream)
        assert self.read(sandbox, changed, only=stream, now=NOW + timedelta(days=1)).ids(stream) == []

    def test_rows_that_commit_late_are_not_lost(self, sandbox: Sandbox, loaded: Reading) -> None:
        """A row that becomes visible minutes after its stamp is found, though others were read past it."""
        late = sandbox.get("/truth")["plants"]["late"]
        stream, ids = ("Task", late["tasks"]) if self.system == "salesforce" else ("calls", late["calls"])
        before = self.read(sandbox, loaded, only=stream)
        assert not set(ids) & set(loaded.ids(stream))
        sandbox.advance("PT10M")
        assert set(ids) <= set(self.read(sandbox, before, only=stream).ids(stream))


def moment(text: str) -> datetime:
    """A time of the sandbox's own files."""
    return datetime.fromisoformat(text)


def _mapped(mappings: Mappings, system: str, stream: str, property_: str, field_: str) -> Mappings:
    """The mappings with one property fed by another field."""
    old = mappings.system(system)
    one = old.objects[stream]
    fields = {**one.fields, property_: (FieldSource(field=field_),)}
    objects = {**old.objects, stream: one.model_copy(update={"fields": fields})}
    return mappings.model_copy(update={system: old.model_copy(update={"objects": objects})})
