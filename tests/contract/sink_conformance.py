"""What every sink must do, against the sandbox; a sink's own test is a subclass of one line.

What is written in each system is told by its specimen (`sink_specimens.py`).
"""

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from sink_specimens import SPECIMENS, Specimen, change, rekeyed
from vendors import OneWorker, Sandbox

from connector.model.plan import Change, FieldChange, Operation
from connector.model.sync import Found
from connector.sandbox.server import SandboxOptions, running
from connector.sinks import SINKS


class SinkConformance(OneWorker):
    """Subclass it, name the system: that is the whole test of a sink."""

    system: ClassVar[str]
    plant: ClassVar[frozenset[str]] = frozenset()

    @pytest.fixture(scope="class")
    @classmethod
    def sandbox(cls) -> Iterator[Sandbox]:
        """The vendors with a small company, for one class of tests."""
        with running(SandboxOptions(scale=0.1, cases=frozenset(), plant=cls.plant)) as ready:
            yield Sandbox(ready)

    @property
    def specimen(self) -> Specimen:
        """What is written in this system."""
        return SPECIMENS[self.system]

    def sink(self, sandbox: Sandbox) -> Any:
        """A sink as a new run makes it."""
        return SINKS[self.system](sandbox.client(self.system, read_only=False))

    def creation(self, sandbox: Sandbox, key: str, number: int = 0, **changes: Any) -> Change:
        """A record of ours by one of the deals, with its key in the text and, if the system has one, in a field."""
        values = self.specimen.values(sandbox, key, number) | changes
        writable = self.sink(sandbox).writable(self.specimen.object)
        fields = {
            name: FieldChange(after=value) for name, value in values.items() if self.specimen.fits(name, writable)
        }
        return change(self.system, self.specimen.object, key, fields=fields)

    def written(self, sandbox: Sandbox, operation: str = "create") -> list[dict[str, Any]]:
        """The records that the vendor saw written by the connector, in order."""
        return [
            line
            for line in sandbox.lines("/journal")
            if line["vendor"] == self.system
            and line["object"] == self.specimen.object
            and line["operation"] == operation
        ]

    def test_it_says_which_fields_may_be_written(self, sandbox: Sandbox) -> None:
        """A field that the system lacks cannot carry our key, and system fields are nobody's to write."""
        writable = self.sink(sandbox).writable(self.specimen.object)
        assert self.specimen.body in writable
        assert not self.specimen.read_only & writable
        assert (self.specimen.key_field in writable) == ("nokey" not in self.plant)

    def test_a_creation_is_written_once_however_often_it_is_sent(self, sandbox: Sandbox) -> None:
        """The second time the record that is there is named, and nothing is written."""
        sink, wanted = self.sink(sandbox), self.creation(sandbox, "stalled:once:1")
        before = len(self.written(sandbox))
        first, second = sink.write([wanted]), self.sink(sandbox).write([wanted])
        assert [outcome.state for outcome in (*first, *second)] == ["done", "done"]
        assert first[0].record == second[0].record
        assert len(self.written(sandbox)) == before + 1

    def test_a_record_is_found_by_its_key_even_when_it_was_deleted(self, sandbox: Sandbox) -> None:
        """So that what a person deleted is not made anew after a crash: what is in doubt is looked up first."""
        if not self.specimen.shows_deleted:
            pytest.skip("this system does not show what was deleted")
        sink, wanted = self.sink(sandbox), self.creation(sandbox, "stalled:it's:\\2")
        other = self.creation(sandbox, "stalled:it's:2", number=1)
        made = sink.write([wanted])[0].record
        assert made is not None
        found: dict[str, Found] = sink.find([wanted, other])
        assert found.keys() == {wanted.key}
        assert (found[wanted.key].record, found[wanted.key].deleted) == (made, False)
        self.specimen.deleted_by_somebody(sandbox, made.id)
        assert (sink.find([wanted])[wanted.key].record, sink.find([wanted])[wanted.key].deleted) == (made, True)

    def test_what_a_person_wrote_into_our_record_stays_when_its_creation_is_sent_again(self, sandbox: Sandbox) -> None:
        """A repeated creation changes nothing in a record that people work on."""
        sink, wanted = self.sink(sandbox), self.creation(sandbox, "stalled:edited:1")
        made = sink.write([wanted])[0].record
        assert made is not None
        edited = self.specimen.edited_by_somebody(sandbox, made.id)
        assert sink.write([wanted])[0].record == made
        now = self.specimen.state(sandbox, made.id)
        assert {name: now[name] for name in edited} == edited

    def test_one_refused_record_does_not_keep_the_others(self, sandbox: Sandbox) -> None:
        """Outcomes come in the order of the changes; the refused one says why in the vendor's words."""
        good = [self.creation(sandbox, f"stalled:good:{number}", number=number) for number in range(3)]
        values, words = self.specimen.refused
        bad = self.creation(sandbox, "stalled:bad:1", **values)
        outcomes = self.sink(sandbox).write([good[0], bad, *good[1:]])
        assert [outcome.state for outcome in outcomes] == ["done", "refused", "done", "done"]
        assert [outcome.key for outcome in outcomes] == [good[0].key, bad.key, good[1].key, good[2].key]
        assert words in str(outcomes[1].reason)

    def test_updates_and_deletions_in_one_batch(self, sandbox: Sandbox) -> None:
        """One record is changed, another deleted; deleting it once more is done already, changing it is refused."""
        sink, object_, body = self.sink(sandbox), self.specimen.object, self.specimen.body
        created = [self.creation(sandbox, f"stalled:two:{n}", n) for n in range(2)]
        kept, gone = (outcome.record for outcome in sink.write(created))
        note = {body: FieldChange(before=created[0].fields[body].after, after="担当者が先に連絡しました。")}
        update = change(self.system, object_, "k1", Operation.UPDATE, kept.id, note)
        delete = change(self.system, object_, "k2", Operation.DELETE, gone.id)
        assert [outcome.state for outcome in sink.write([delete, update])] == ["done", "done"]
        assert self.specimen.state(sandbox, kept.id)[body] == "担当者が先に連絡しました。"
        assert self.specimen.is_deleted(sandbox, gone.id)
        moved = change(self.system, object_, "k3", Operation.UPDATE, kept.id, note)
        late = change(self.system, object_, "k4", Operation.UPDATE, gone.id, note)
        assert [outcome.state for outcome in sink.write([delete, moved, late])] == ["done", "refused", "refused"]

    @pytest.mark.parametrize("drop", ["before", "after"])
    def test_a_lost_answer_is_unknown_and_the_next_try_doubles_nothing(self, sandbox: Sandbox, drop: str) -> None:
        """Whether the vendor took the write or not: nothing is sent again by itself, and the next run writes once."""
        changes = [self.creation(sandbox, f"stalled:lost-{drop}:{number}", number) for number in range(3)]
        before = len(self.written(sandbox))
        for method, path in self.specimen.writes:
            sandbox.fault(vendor=self.system, method=method, path=path, drop=drop)
        outcomes = self.sink(sandbox).write(changes)
        sandbox.mend()
        assert {outcome.state for outcome in outcomes} == {"unknown"}
        assert len(self.sink(sandbox).find(changes)) == (3 if drop == "after" else 0)
        assert {outcome.state for outcome in self.sink(sandbox).write(changes)} == {"done"}
        assert len(self.written(sandbox)) == before + 3

    def test_many_changes_go_with_few_calls(self, sandbox: Sandbox) -> None:
        """Two full calls' worth; what they cost is told by the specimen."""
        sink, most = self.sink(sandbox), self.specimen.calls(self.plant)
        number = 2 * self.specimen.call_size
        models = [self.creation(sandbox, f"stalled:many:{one}", one) for one in range(3)]
        changes = [rekeyed(models[one % 3], f"stalled:many:{one}:" + "x" * 50) for one in range(number)]
        before = sink.client.usage.total
        assert {outcome.state for outcome in sink.write(changes)} == {"done"}
        assert sink.client.usage.total - before <= most
