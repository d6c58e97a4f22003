"""What every sink must do, against the sandbox; a sink's own test is a subclass of one line."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from vendors import OneWorker, Sandbox

from connector.mapping.loader import load_mappings
from connector.model.plan import Change, FieldChange, Operation
from connector.model.sync import Found, Outcome
from connector.sandbox.server import SandboxOptions, running
from connector.sinks import SINKS

NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
LARGEST_PAGE = 2_000


class SinkConformance(OneWorker):
    """Subclass it, name the system: that is the whole test of a sink."""

    system: ClassVar[str]
    plant: ClassVar[frozenset[str]] = frozenset()

    @pytest.fixture(scope="class")
    @classmethod
    def sandbox(cls) -> Iterator[Sandbox]:
        """The vendors with a small company, for one class of tests."""
        with running(SandboxOptions(scale=0.1, plant=cls.plant)) as ready:
            yield Sandbox(ready)

    def sink(self, sandbox: Sandbox) -> Any:
        """A sink as a new run makes it."""
        return SINKS[self.system](sandbox.client(self.system, read_only=False))

    def creation(self, sandbox: Sandbox, key: str, number: int = 0, **changes: Any) -> Change:
        """A task on one of the deals, with its key in the text and, if the org has it, in the key field."""
        writing = load_mappings(None).tasks
        names = writing.fields
        deals = [
            row for row in sandbox.state(self.system, "Opportunity") if not row["IsDeleted"] and not row["IsClosed"]
        ]
        values = {
            names.key: key,
            names.subject: "滞留商談掘り起こし",
            names.body: f"「{key}」の件\n\n管理番号: {key}",
            names.what: deals[number]["Id"],
            names.owner: sandbox.actor(),
            names.status: writing.open_status,
            names.due: "2026-11-18",
            **changes,
        }
        writable = self.sink(sandbox).writable(writing.object)
        fields = {name: FieldChange(after=value) for name, value in values.items() if name in writable}
        return change(self.system, writing.object, key, fields=fields)

    def written(self, sandbox: Sandbox, operation: str = "create") -> list[dict[str, Any]]:
        """The tasks that the vendor saw written by the connector, in order."""
        return [
            line
            for line in sandbox.lines("/journal")
            if line["vendor"] == self.system and line["object"] == "Task" and line["operation"] == operation
        ]

    def test_it_says_which_fields_may_be_written(self, sandbox: Sandbox) -> None:
        """A field that the org lacks cannot carry our key, and system fields are nobody's to write."""
        writable = self.sink(sandbox).writable("Task")
        assert {"Subject", "OwnerId", "WhatId", "Status"} <= writable
        assert not {"Id", "SystemModstamp"} & writable
        assert ("Okoshi_Key__c" in writable) == ("nokey" not in self.plant)

    def test_a_creation_is_written_once_however_often_it_is_sent(self, sandbox: Sandbox) -> None:
        """The second time the record that is there is named, and nothing is written."""
        sink, wanted = self.sink(sandbox), self.creation(sandbox, "stalled:once:1")
        before = len(self.written(sandbox))
        first, second = sink.write([wanted]), self.sink(sandbox).write([wanted])
        assert [outcome.state for outcome in (*first, *second)] == ["done", "done"]
        assert first[0].record == second[0].record
        assert len(self.written(sandbox)) == before + 1

    def test_a_record_is_found_by_its_key_even_when_it_was_deleted(self, sandbox: Sandbox) -> None:
        """So that what a person deleted is not made anew."""
        sink, wanted = self.sink(sandbox), self.creation(sandbox, "stalled:it's:\\2")
        other = self.creation(sandbox, "stalled:it's:2", number=1)
        made = sink.write([wanted])[0].record
        assert made is not None
        found: dict[str, Found] = sink.find([wanted, other])
        assert found.keys() == {wanted.key}
        assert (found[wanted.key].record, found[wanted.key].deleted) == (made, False)
        sandbox.act("delete_task", vendor=self.system, task=made.id)
        assert sink.find([wanted])[wanted.key].deleted
        before = len(self.written(sandbox))
        assert sink.write([wanted])[0] == Outcome(
            key=wanted.key, state="done", record=made, reason="it was written before and has been deleted since"
        )
        assert len(self.written(sandbox)) == before

    def test_what_a_person_wrote_into_our_task_stays_when_its_creation_is_sent_again(self, sandbox: Sandbox) -> None:
        """A repeated creation changes nothing in a task that people work on."""
        sink, wanted = self.sink(sandbox), self.creation(sandbox, "stalled:edited:1")
        made = sink.write([wanted])[0].record
        assert made is not None
        sandbox.act("edit_task", vendor=self.system, task=made.id, due="2026-12-24")
        assert sink.write([wanted])[0].record == made
        due = next(row["ActivityDate"] for row in sandbox.state(self.system, "Task") if row["Id"] == made.id)
        assert due == "2026-12-24"

    def test_one_refused_record_does_not_keep_the_others(self, sandbox: Sandbox) -> None:
        """Outcomes come in the order of the changes; the refused one says why."""
        good = [self.creation(sandbox, f"stalled:good:{number}", number=number) for number in range(3)]
        bad = self.creation(sandbox, "stalled:bad:1", Subject="x" * 300)
        outcomes = self.sink(sandbox).write([good[0], bad, *good[1:]])
        assert [outcome.state for outcome in outcomes] == ["done", "refused", "done", "done"]
        assert [outcome.key for outcome in outcomes] == [good[0].key, bad.key, good[1].key, good[2].key]
        assert "STRING_TOO_LONG" in str(outcomes[1].reason)

    def test_updates_and_deletions_in_one_batch(self, sandbox: Sandbox) -> None:
        """A task is changed, another deleted; deleting it once more is done already, changing it again is refused."""
        sink = self.sink(sandbox)
        created = [self.creation(sandbox, f"stalled:two:{n}", n) for n in range(2)]
        kept, gone = (outcome.record for outcome in sink.write(created))
        note = {
            "Description": FieldChange(
                before=created[0].fields["Description"].after, after="担当者が先に連絡しました。"
            )
        }
        update = change(self.system, "Task", "k1", Operation.UPDATE, kept.id, note)
        delete = change(self.system, "Task", "k2", Operation.DELETE, gone.id)
        assert [outcome.state for outcome in sink.write([delete, update])] == ["done", "done"]
        assert sink.find([update])["k1"].fields == {"Description": "担当者が先に連絡しました。"}
        assert sink.find([delete])["k2"].deleted
        moved = change(self.system, "Task", "k3", Operation.UPDATE, kept.id, note)
        late = change(self.system, "Task", "k4", Operation.UPDATE, gone.id, note)
        assert [outcome.state for outcome in sink.write([delete, moved, late])] == ["done", "refused", "refused"]

    @pytest.mark.parametrize("drop", ["before", "after"])
    def test_a_lost_answer_is_unknown_and_the_next_try_doubles_nothing(self, sandbox: Sandbox, drop: str) -> None:
        """Whether the vendor took the write or not: nothing is sent again by itself, and the next run writes once."""
        changes = [self.creation(sandbox, f"stalled:lost-{drop}:{number}", number) for number in range(3)]
        before = len(self.written(sandbox))
        for method in ("POST", "PATCH"):
            sandbox.fault(vendor=self.system, method=method, path="composite/sobjects", drop=drop)
        outcomes = self.sink(sandbox).write(changes)
        sandbox.mend()
        assert {outcome.state for outcome in outcomes} == {"unknown"}
        assert len(self.sink(sandbox).find(changes)) == (3 if drop == "after" else 0)
        assert {outcome.state for outcome in self.sink(sandbox).write(changes)} == {"done"}
        assert len(self.written(sandbox)) == before + 3

    def test_a_full_batch_goes_with_few_calls(self, sandbox: Sandbox) -> None:
        """Two hundred tasks: some look-ups within the length of a query, and one write."""
        sink = self.sink(sandbox)
        model = self.creation(sandbox, "stalled:batch:" + "x" * 50)
        changes = [_rekeyed(model, f"{model.key}:{number}") for number in range(sink.batch_size)]
        before = sink.client.usage.total
        assert {outcome.state for outcome in sink.write(changes)} == {"done"}
        assert sink.client.usage.total - before <= 6


def change(
    system: str,
    object_: str,
    key: str,
    operation: Operation = Operation.CREATE,
    id_: str | None = None,
    fields: dict[str, FieldChange] | None = None,
) -> Change:
    """A change with everything that a sink does not look at filled in."""
    return Change(
        key=key,
        program="stalled",
        operation=operation,
        system=system,
        object=object_,
        id=id_,
        case="salesforce:Opportunity:006",
        basis="v",
        fields=fields or {},
    )


def _rekeyed(model: Change, key: str) -> Change:
    """The same change under another key."""
    fields = {name: FieldChange(after=str(value.after).replace(model.key, key)) for name, value in model.fields.items()}
    return model.model_copy(update={"key": key, "fields": fields})
