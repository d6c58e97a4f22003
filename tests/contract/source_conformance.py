"""What every source must do, against the sandbox; a source's own test is a subclass of one line.

What stands behind a source is told by its specimen (`source_specimens.py`). In a hostile sandbox a reading that is
broken off is taken up again, as the next run would.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar, TypeVar

import pytest
from mirrored import Mirrored
from source_specimens import SPECIMENS, Specimen
from vendors import OneWorker, Sandbox

from connector.mapping.schema import FieldSource, Mappings
from connector.model.errors import RetryLater, StopSync
from connector.model.records import Record, SetAside
from connector.model.sync import Batch
from connector.sandbox.server import SandboxOptions, running
from connector.sources import VendorSource
from connector.store import Store

NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
LARGEST_PAGE = 5_000
MOST_ATTEMPTS = 25
T = TypeVar("T")


@dataclass
class Reading:
    """What one reading of some streams handed over, and the cursors that it ended with."""

    records: dict[str, list[Record]] = field(default_factory=dict)
    set_aside: dict[str, list[SetAside]] = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)
    calls: int = 0
    _loose: dict[str, list[Batch]] = field(default_factory=dict)

    def ids(self, stream: str) -> list[str]:
        """Ids of all that was handed over of one stream, usable or not."""
        return [item.ref.id for item in (*self.records.get(stream, ()), *self.set_aside.get(stream, ()))]

    def take(self, stream: str, batch: Batch) -> None:
        """Keeps one batch, as a store would."""
        self._loose.setdefault(stream, []).append(batch)
        if batch.cursor is not None:
            self.cursors[stream] = batch.cursor
            self.settle(stream)

    def settle(self, stream: str) -> None:
        """What was handed over counts."""
        for batch in self._loose.pop(stream, ()):
            self.records.setdefault(stream, []).extend(batch.records)
            self.set_aside.setdefault(stream, []).extend(batch.set_aside)

    def break_off(self, stream: str) -> None:
        """What no cursor has covered yet comes again."""
        self._loose.pop(stream, None)


class SourceConformance(OneWorker):
    """Subclass it, name the system: that is the whole test of a source."""

    system: ClassVar[str]
    vendor: ClassVar[str]
    """Where people work on what is read, and whose calls can be broken."""
    plant: ClassVar[frozenset[str]] = frozenset({"late"})
    hostile: ClassVar[bool] = False
    large: ClassVar[str]
    """A stream of more than one page."""
    further_page: ClassVar[str | None] = None
    """What the address of every page but the first looks like, as a regular expression, where there are addresses."""
    editable: ClassVar[tuple[str, str, str]]
    """A stream, the vendor's name of it, and one of its text fields that a person may edit."""
    misread: ClassVar[tuple[str, str, str]]
    """A stream, one of its date properties, and a vendor field that holds no date."""
    late: ClassVar[tuple[str, str]]
    """A stream in which rows commit late, and what the plant calls them."""
    whole: ClassVar[frozenset[str]] = frozenset()
    """Streams that are read whole each time."""
    changed_whole: ClassVar[bool] = False
    """Whether one change brings its whole stream."""
    specimen: ClassVar[Specimen]

    @pytest.fixture(scope="class")
    @classmethod
    def sandbox(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
        """The vendors with a small company, for one class of tests."""
        cls.specimen = SPECIMENS[cls.system](tmp_path_factory.mktemp(cls.system))
        with running(
            SandboxOptions(scale=0.03, cases=frozenset({"stalled"}), plant=cls.plant, hostile=cls.hostile)
        ) as ready:
            yield Sandbox(ready, hostile=cls.hostile)

    @pytest.fixture(scope="class")
    @classmethod
    def loaded(cls, sandbox: Sandbox) -> Reading:
        """The first load of everything."""
        cls.specimen.reading_begins(sandbox)
        return cls().read(sandbox, Reading())

    def source(self, sandbox: Sandbox, mappings: Mappings | None = None) -> VendorSource:
        """A source as a new run makes it; the client stays, as it keeps to the vendor's rates."""
        return self.specimen.source(sandbox, mappings or self.specimen.mappings)

    def read(
        self,
        sandbox: Sandbox,
        before: Reading,
        mappings: Mappings | None = None,
        only: str | None = None,
        now: datetime = NOW,
    ) -> Reading:
        """The reading of all streams, or one only, from the cursors of `before`, in as many runs as it takes."""
        used = self.specimen.calls(sandbox)
        after = Reading(cursors=dict(before.cursors))
        source = self.patiently(lambda: self.described(self.source(sandbox, mappings)))
        for stream in [only] if only else source.streams():
            self.patiently(lambda stream=stream: self.keep(source, stream, after, now))
        after.calls = self.specimen.calls(sandbox) - used
        return after

    def described(self, source: VendorSource) -> VendorSource:
        """The source, after it has asked what there is to be read."""
        source.missing()
        return source

    def patiently(self, attempt: Callable[[], T]) -> T:
        """What the attempt answers in the end; only a hostile vendor may break it off."""
        for _ in range(MOST_ATTEMPTS):
            try:
                return attempt()
            except (RetryLater, StopSync):
                if not self.hostile:
                    raise
        raise AssertionError(f"not through in {MOST_ATTEMPTS} attempts")

    def keep(self, source: VendorSource, stream: str, kept: Reading, now: datetime = NOW) -> None:
        """One run's reading of one stream, added to what is kept."""
        try:
            for batch in source.read(stream, kept.cursors.get(stream), now):
                assert len(batch.records) + len(batch.set_aside) <= LARGEST_PAGE
                kept.take(stream, batch)
        except (RetryLater, StopSync):
            kept.break_off(stream)
            raise
        kept.settle(stream)

    def test_everything_is_read_once_and_names_where_it_lives(self, sandbox: Sandbox, loaded: Reading) -> None:
        """The first load hands over each record that the vendor shows, exactly once."""
        source = self.source(sandbox)
        assert source.name == self.system
        for stream in source.streams():
            ids = loaded.ids(stream)
            living = [record.ref.id for record in loaded.records[stream] if not record.deleted]
            assert len(living) == len(set(living)), stream
            assert set(ids) >= self.specimen.shown(sandbox, stream).keys(), stream
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
        if not self.hostile:  # what is repeated there costs calls too
            assert third.calls == second.calls <= 3 * len(loaded.cursors) + 12

    def test_an_interrupted_load_goes_on_where_it_was(self, sandbox: Sandbox, loaded: Reading) -> None:
        """What was handed over with its cursor is not read again, and nothing is missing in the end."""
        whole, cut = set(loaded.ids(self.large)), Reading()
        batches = 0
        for number in range(1_000):
            one = self.patiently(lambda: self.first_batch(sandbox, cut))
            if one is None:
                break
            cut.take(self.large, one)
            batches = number + 1
            if set(cut.ids(self.large)) >= whole:
                break
        assert batches > 1
        assert set(cut.ids(self.large)) == whole
        assert len(cut.ids(self.large)) == len(whole)

    def first_batch(self, sandbox: Sandbox, so_far: Reading) -> Batch | None:
        """What a run hands over first; then it is interrupted."""
        return next(iter(self.source(sandbox).read(self.large, so_far.cursors.get(self.large), NOW)), None)

    def test_a_vendor_that_breaks_off_loses_nothing(self, sandbox: Sandbox, loaded: Reading) -> None:
        """What came before the failure is kept with its cursor; the next run reads the rest."""
        if self.further_page is None or self.hostile:
            pytest.skip("this system is not read by calls, or breaks off anyway")
        kept = Reading()
        source = self.described(self.source(sandbox))
        sandbox.fault(vendor=self.vendor, path=self.further_page, status=503, times=None)
        try:
            with pytest.raises(RetryLater):
                self.keep(source, self.large, kept)
        finally:
            sandbox.mend()
        assert kept.ids(self.large)
        self.keep(self.source(sandbox), self.large, kept)
        assert sorted(kept.ids(self.large)) == sorted(set(loaded.ids(self.large)))

    def test_a_bad_record_is_set_aside_and_the_cursor_moves_on(self, sandbox: Sandbox, loaded: Reading) -> None:
        """A text where a date is needed: each such record is named with its place, and the reading ends as ever."""
        stream, property_, field_ = self.misread
        reading = self.read(
            sandbox, Reading(), _mapped(self.specimen.mappings, self.system, stream, property_, field_), stream
        )
        assert set(reading.ids(stream)) == set(loaded.ids(stream))
        assert reading.set_aside[stream]
        assert all(field_ in item.reason and property_ in item.reason for item in reading.set_aside[stream])
        assert stream in reading.cursors

    def test_another_mapping_reads_everything_again(self, sandbox: Sandbox, loaded: Reading) -> None:
        """A field that is mapped anew is missing in all that was read before."""
        stream, property_, field_ = self.misread
        mappings = _mapped(self.specimen.mappings, self.system, stream, property_, field_)
        assert set(self.read(sandbox, loaded, mappings, stream).ids(stream)) == set(loaded.ids(stream))

    def test_what_a_person_changes_comes_once_and_is_quiet_then(self, sandbox: Sandbox, loaded: Reading) -> None:
        """A change is handed over with the next reading, once more when it has settled, and never after that."""
        stream, object_, field_ = self.editable
        ours = loaded.records[stream][0].ref.id
        sandbox.act("update", vendor=self.vendor, object=object_, id=ours, values={field_: "アクメ・'商事' \\ 100%"})
        changed = self.read(sandbox, loaded, only=stream)
        assert ours in changed.ids(stream)
        settled = self.read(sandbox, changed, only=stream, now=NOW + timedelta(days=1))
        assert self.read(sandbox, settled, only=stream, now=NOW + timedelta(days=1)).ids(stream) == []

    def test_rows_that_commit_late_are_not_lost(self, sandbox: Sandbox, loaded: Reading) -> None:
        """A row that becomes visible minutes after its stamp is found, though others were read past it."""
        stream, planted = self.late
        ids = sandbox.get("/truth")["plants"]["late"][planted]
        before = self.read(sandbox, loaded, only=stream)
        assert not set(ids) & set(loaded.ids(stream))
        sandbox.advance("PT10M")
        assert set(ids) <= set(self.read(sandbox, before, only=stream).ids(stream))

    def test_in_the_end_the_mirror_is_what_the_vendor_shows(
        self, sandbox: Sandbox, store: Store, tmp_path: Path
    ) -> None:
        """Whatever people did between the runs, and whatever broke them off: living, deleted and merged records."""
        mirrored = Mirrored(store, sandbox, self.specimen, self.system, tmp_path)
        mirrored.keep_up()
        self.specimen.people_work(sandbox)
        mirrored.keep_up()
        mirrored.compare(untold={"memberships"})
        sandbox.advance("P1D")
        mirrored.keep_up(whole=True)
        mirrored.compare()
        sandbox.advance("P1D")
        assert mirrored.keep_up().changed == 0
        mirrored.compare()


def _mapped(mappings: Mappings, system: str, stream: str, property_: str, field_: str) -> Mappings:
    """The mappings with one property fed by another field."""
    old = mappings.system(system)
    one = old.objects[stream]
    fields = {**one.fields, property_: (FieldSource(field=field_),)}
    objects = {**old.objects, stream: one.model_copy(update={"fields": fields})}
    changed = old.model_copy(update={"objects": objects})
    if system in mappings.files:
        return mappings.model_copy(update={"files": {**mappings.files, system: changed}})
    return mappings.model_copy(update={system: changed})
