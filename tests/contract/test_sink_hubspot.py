"""The HubSpot sink against the sandbox: keys in a property and in a text, stages, merged records, lists."""

from collections.abc import Iterator
from typing import Any

import pytest
from sink_specimens import change
from vendors import OneWorker, Sandbox

from connector.model.plan import Change, FieldChange, Operation
from connector.sandbox.server import SandboxOptions, running
from connector.sinks.hubspot import HubSpotSink

WHEN = "2026-11-18T09:00:00+09:00"


class HubSpotWriting(OneWorker):
    """A small company, and hands to write in its portal."""

    @pytest.fixture(scope="class")
    @classmethod
    def sandbox(cls) -> Iterator[Sandbox]:
        """The vendors, for one class of tests."""
        with running(SandboxOptions(scale=0.05)) as ready:
            yield Sandbox(ready)

    @pytest.fixture
    def sink(self, sandbox: Sandbox) -> HubSpotSink:
        """A sink as a new run makes it."""
        return HubSpotSink(sandbox.client("hubspot", read_only=False))

    def contacts(self, sandbox: Sandbox) -> list[str]:
        """The ids of those who are there."""
        return [row["id"] for row in sandbox.state("hubspot", "contacts") if not row["archived"]]

    def written(self, sandbox: Sandbox, object_: str, operation: str = "create") -> int:
        """How many records of an object the vendor saw written by the connector."""
        return sum(
            (line["vendor"], line["object"], line["operation"]) == ("hubspot", object_, operation)
            and line["actor"] == "hubspot-private-app"
            for line in sandbox.lines("/journal")
        )


def engagement(key: str, object_: str, contact: str, **values: Any) -> Change:
    """A note or a task on a contact, with its key in its text."""
    body = {"notes": "hs_note_body", "tasks": "hs_task_body"}[object_]
    given = {
        "hs_timestamp": WHEN,
        body: f"「{key}」の件\n管理番号: {key}",
        "associations.contacts": [contact],
        **values,
    }
    return change("hubspot", object_, key, fields={name: FieldChange(after=value) for name, value in given.items()})


@pytest.mark.parametrize("object_", ["tasks", "notes"])
class TestCreations(HubSpotWriting):
    """Tasks have the unique property here, notes have their key in the text only."""

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def key_property(cls, sandbox: Sandbox) -> None:
        """As the setup makes it."""
        client = sandbox.client("hubspot", read_only=False)
        client.create_property_group("tasks", "okoshi", "Okoshi")
        definition = {"name": "okoshi_key", "label": "Okoshi 管理番号", "groupName": "okoshi"}
        kind = {"type": "string", "fieldType": "text", "hasUniqueValue": True}
        assert client.create_property("tasks", definition | kind)
        assert not client.create_property("tasks", definition | kind)

    def test_a_creation_is_written_once_however_often_it_is_sent(
        self, sandbox: Sandbox, sink: HubSpotSink, object_: str
    ) -> None:
        """Linked to its contact at once; the second time the record that is there is named."""
        contact = self.contacts(sandbox)[0]
        wanted, before = engagement("stalled:once", object_, contact), self.written(sandbox, object_)
        first, second = sink.write([wanted])[0], sink.write([wanted])[0]
        assert (first.state, second.state) == ("done", "done")
        assert first.record is not None
        assert first.record == second.record
        assert self.written(sandbox, object_) == before + 1
        assert first.record.id in sink.client.associations("contacts", object_, [contact])[contact]

    @pytest.mark.parametrize("drop", ["before", "after"])
    def test_a_lost_answer_is_unknown_and_the_next_try_doubles_nothing(
        self, sandbox: Sandbox, sink: HubSpotSink, object_: str, drop: str
    ) -> None:
        """Whether the vendor took the write or not."""
        contacts, before = self.contacts(sandbox), self.written(sandbox, object_)
        wanted = [engagement(f"stalled:lost-{drop}:{number}", object_, contacts[number]) for number in range(3)]
        sandbox.fault(vendor="hubspot", method="POST", path="batch/create", drop=drop)
        outcomes = sink.write(wanted)
        sandbox.mend()
        assert {outcome.state for outcome in outcomes} == {"unknown"}
        assert len(sink.find(wanted)) == (3 if drop == "after" else 0)
        assert {outcome.state for outcome in sink.write(wanted)} == {"done"}
        assert self.written(sandbox, object_) == before + 3

    def test_one_refused_record_does_not_keep_the_others(
        self, sandbox: Sandbox, sink: HubSpotSink, object_: str
    ) -> None:
        """Outcomes come in the order of the changes; the refused one says why."""
        contacts = self.contacts(sandbox)
        wanted = [engagement(f"stalled:row:{number}", object_, contacts[number]) for number in range(4)]
        wanted[1] = engagement("stalled:row:bad", object_, contacts[1], hubspot_owner_id="999999999")
        outcomes = sink.write(wanted)
        assert [outcome.key for outcome in outcomes] == [one.key for one in wanted]
        assert [outcome.state for outcome in outcomes] == ["done", "refused", "done", "done"]
        assert "hubspot_owner_id" in str(outcomes[1].reason)

    def test_a_full_batch_goes_with_few_calls(self, sandbox: Sandbox, sink: HubSpotSink, object_: str) -> None:
        """Some look-ups and one write."""
        contact = self.contacts(sandbox)[5]
        wanted = [engagement(f"stalled:batch:{number}", object_, contact) for number in range(sink.batch_size)]
        before = sink.client.usage.total
        assert {outcome.state for outcome in sink.write(wanted)} == {"done"}
        assert sink.client.usage.total - before <= 4 + sink.batch_size // 100


class TestTheRest(HubSpotWriting):
    """Updates, deletions and lists."""

    def test_a_deleted_record_is_known_as_deleted(self, sandbox: Sandbox, sink: HubSpotSink) -> None:
        """Deleting it once more is done already, changing it is refused."""
        contact = self.contacts(sandbox)[0]
        made = sink.write([engagement("stalled:gone", "notes", contact)])[0].record
        assert made is not None
        delete = change("hubspot", "notes", "d", Operation.DELETE, made.id)
        assert [sink.write([delete])[0].reason for _ in range(2)] == [None, "it was deleted already"]
        assert sink.find([delete])["d"].deleted
        late = change("hubspot", "notes", "u", Operation.UPDATE, made.id, {"hs_note_body": FieldChange(after="x")})
        assert sink.write([late])[0].state == "refused"

    def test_a_stage_moves_back_as_planned(self, sandbox: Sandbox, sink: HubSpotSink) -> None:
        """Forwards, and backwards by way of nothing."""
        contact = self.contacts(sandbox)[0]
        now = sink.client.batch_read("contacts", [contact], ["lifecyclestage"])[0]["properties"]["lifecyclestage"]
        for stage in ("customer", "lead"):
            move = {"lifecyclestage": FieldChange(before=now, after=stage)}
            (outcome,) = sink.write([change("hubspot", "contacts", stage, Operation.UPDATE, contact, move)])
            assert outcome.state == "done"
            (row,) = sink.client.batch_read("contacts", [contact], ["lifecyclestage"])
            now = row["properties"]["lifecyclestage"]
            assert now == stage

    def test_a_merged_record_is_written_by_its_present_id(self, sandbox: Sandbox, sink: HubSpotSink) -> None:
        """Old ids are refused by the vendor, so the survivor is looked up."""
        winner, loser = self.contacts(sandbox)[1:3]
        sandbox.act("merge", vendor="hubspot", object="contacts", winner=winner, losers=[loser])
        (row,) = sink.client.batch_read("contacts", [loser], ["jobtitle"])
        title = {"jobtitle": FieldChange(before=row["properties"]["jobtitle"], after="部長")}
        (outcome,) = sink.write([change("hubspot", "contacts", "t", Operation.UPDATE, loser, title)])
        assert (outcome.state, outcome.record and outcome.record.id) == ("done", row["id"])
        (row,) = sink.client.batch_read("contacts", [loser], ["jobtitle"])
        assert row["properties"]["jobtitle"] == "部長"

    def test_a_contact_links_and_unlinks_its_company(self, sandbox: Sandbox, sink: HubSpotSink) -> None:
        """The field holds the ids before and after."""
        contact = self.contacts(sandbox)[4]
        before = sink.client.associations("contacts", "companies", [contact])[contact]
        companies = [row["id"] for row in sandbox.state("hubspot", "companies") if not row["archived"]]
        other = next(one for one in companies if one not in before)
        links = {"associations.companies": FieldChange(before=before, after=[other])}
        assert sink.write([change("hubspot", "contacts", "l", Operation.UPDATE, contact, links)])[0].state == "done"
        assert sink.client.associations("contacts", "companies", [contact])[contact] == [other]

    def test_lists_are_joined_and_left(self, sandbox: Sandbox, sink: HubSpotSink) -> None:
        """Found is joined; a list that fills itself and a contact that is not there are refused."""
        of_contacts = [one for one in sink.client.lists() if one["objectTypeId"] == "0-1"]
        kinds = {one["processingType"]: one["listId"] for one in of_contacts}
        contacts, by_hand = self.contacts(sandbox)[-2:], kinds["MANUAL"]
        inside = {row["recordId"] for row in sink.client.memberships(by_hand)}

        def member(record: str, operation: Operation = Operation.CREATE, list_id: str = by_hand) -> Change:
            fields = {"listId": FieldChange(after=list_id), "recordId": FieldChange(after=record)}
            return change("hubspot", "memberships", f"{operation}:{record}", operation, f"{list_id}:{record}", fields)

        joins = [member(one) for one in contacts]
        for _ in range(2):
            outcomes = sink.write([*joins, member("999999999"), member(contacts[0], list_id=kinds["DYNAMIC"])])
            assert [outcome.state for outcome in outcomes] == ["done", "done", "refused", "refused"]
        assert {row["recordId"] for row in sink.client.memberships(by_hand)} == inside | set(contacts)
        assert sink.find(joins).keys() == {one.key for one in joins}
        leave = member(contacts[0], Operation.DELETE)
        assert not sink.find([leave])[leave.key].deleted
        assert [sink.write([leave])[0].state for _ in range(2)] == ["done", "done"]
        assert sink.find([leave])[leave.key].deleted
        assert sink.find(joins).keys() == {joins[1].key}
