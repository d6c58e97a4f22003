"""Every sink, against the sandbox: the conformance suite, and what only one system has."""

from collections.abc import Iterator

import pytest
from hostile_sink import Hostile
from sink_conformance import SinkConformance
from sink_specimens import HubSpotTask, change, rekeyed
from vendors import Sandbox

from connector.model.plan import FieldChange, Operation
from connector.sandbox.server import SandboxOptions, running


class TestSalesforceSink(SinkConformance):
    """An org with the key field, which is unique: tasks are inserted without a look-up."""

    system = "salesforce"

    def test_thousands_of_changes_cost_a_handful_of_calls(self, sandbox: Sandbox) -> None:
        """Made, made again, changed and deleted: each record once, whatever way it went."""
        sink = self.sink(sandbox)
        model = [self.creation(sandbox, f"stalled:bulk:{number}", number) for number in range(3)]
        changes = [rekeyed(model[number % 3], f"stalled:bulk:{number:05d}") for number in range(2_001)]
        before, spent = len(self.written(sandbox)), sink.client.usage.total
        outcomes = sink.write(changes)
        assert {outcome.state for outcome in outcomes} == {"done"}
        assert sink.client.usage.total - spent <= 12
        assert len(self.written(sandbox)) == before + 2_001
        again = sink.write([*changes, rekeyed(model[0], "stalled:bulk:new")])
        assert [outcome.record for outcome in again[:-1]] == [outcome.record for outcome in outcomes]
        assert len(self.written(sandbox)) == before + 2_002

        ids = [outcome.record.id for outcome in again]
        sandbox.act("edit_task", vendor="salesforce", task=ids[0], subject="先方と調整中")
        title = {"Subject": FieldChange(before=model[0].fields["Subject"].after, after="件名を改めました")}
        updates = [change("salesforce", "Task", f"u{n}", Operation.UPDATE, id_, title) for n, id_ in enumerate(ids)]
        sent = sink.write(updates)
        assert [outcome.state for outcome in sent] == ["refused"] + ["done"] * 2_001
        assert [outcome.record.id for outcome in sent] == ids
        sandbox.act("delete_task", vendor="salesforce", task=ids[1])
        deletions = [change("salesforce", "Task", f"d{n}", Operation.DELETE, id_) for n, id_ in enumerate(ids)]
        assert {outcome.state for outcome in sink.write(deletions)} == {"done"}
        assert len(self.written(sandbox, "delete")) >= 2_001


class TestHubSpotSink(SinkConformance):
    """A portal with the unique property: tasks are created without a look-up."""

    system = "hubspot"

    @pytest.fixture(scope="class")
    @classmethod
    def sandbox(cls) -> Iterator[Sandbox]:
        """A portal in which the setup has made the property."""
        with running(SandboxOptions(scale=0.1, cases=frozenset())) as ready:
            sandbox = Sandbox(ready)
            definition = {"name": "okoshi_key", "label": "管理番号", "groupName": "task", "hasUniqueValue": True}
            client = sandbox.client("hubspot", read_only=False)
            client.create_property("tasks", definition | {"type": "string", "fieldType": "text"})
            yield sandbox


class TestHubSpotSinkWithoutKeyProperty(SinkConformance):
    """A portal without it: the sink looks through the links of what it is about, by the key in the text."""

    system = "hubspot"
    plant = frozenset({"nokey"})
    specimen = HubSpotTask(shows_deleted=False)


class TestSalesforceSinkWithoutKeyField(SinkConformance):
    """An org without it: the sink looks before it writes, by deal, subject and the key in the text."""

    system = "salesforce"
    plant = frozenset({"nokey"})

    def test_what_somebody_deleted_is_not_made_anew(self, sandbox: Sandbox) -> None:
        """The look before the write sees deleted tasks too."""
        sink, wanted = self.sink(sandbox), self.creation(sandbox, "stalled:deleted:1")
        made = sink.write([wanted])[0].record
        sandbox.act("delete_task", vendor="salesforce", task=made.id)
        (outcome,) = sink.write([wanted])
        assert (outcome.state, outcome.record) == ("done", made)
        assert "deleted since" in str(outcome.reason)


class TestHostileSalesforceSink(Hostile, TestSalesforceSink):
    """The same, while everything that can go wrong does."""


class TestHostileSalesforceSinkWithoutKeyField(Hostile, TestSalesforceSinkWithoutKeyField):
    """The same, while everything that can go wrong does."""


class TestHostileHubSpotSink(Hostile, TestHubSpotSink):
    """The same, while everything that can go wrong does."""


class TestHostileHubSpotSinkWithoutKeyProperty(Hostile, TestHubSpotSinkWithoutKeyProperty):
    """The same, while everything that can go wrong does."""
