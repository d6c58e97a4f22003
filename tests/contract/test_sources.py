"""Every source, against the sandbox: the conformance suite, and what only one vendor does."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from source_conformance import Reading, SourceConformance
from source_specimens import SPECIMENS
from vendors import Sandbox

from connector.model.records import Person
from connector.sandbox.server import SandboxOptions, running


class TestSalesforceSource(SourceConformance):
    """Salesforce, with 2,500 tasks of one stamp and rows that commit late."""

    system = vendor = "salesforce"
    plant = frozenset({"ties", "late"})
    large = "Task"
    further_page = r"/query(All)?/\w"
    editable = ("Account", "Account", "Name")
    misread = ("Opportunity", "close_date", "Name")
    late = ("Task", "tasks")

    def test_a_deleted_record_comes_as_a_tombstone(self, sandbox: Sandbox, loaded: Reading) -> None:
        """A task that a person deletes is handed over as deleted, without what it said."""
        task = sandbox.act("log_call", vendor="salesforce", subject="電話")["Task"]
        seen = self.read(sandbox, loaded, only="Task")
        sandbox.act("delete_task", vendor="salesforce", task=task)
        after = self.read(sandbox, seen, only="Task")
        gone = next(record for record in after.records["Task"] if record.ref.id == task)
        assert gone.deleted
        assert "電話" not in gone.model_dump_json()

    def test_what_the_org_lacks_is_reported(self, sandbox: Sandbox) -> None:
        """As most real orgs, this one has no DoNotCall: the doctor and the summary say so."""
        assert any("Contact.DoNotCall" in line for line in self.source(sandbox).missing())


class TestHubSpotSource(SourceConformance):
    """HubSpot, whose search shows rows late and out of order."""

    system = vendor = "hubspot"
    plant = frozenset({"late", "events"})
    large = "contacts"
    further_page = r"[?&]after=|after%3D"
    editable = ("companies", "companies", "name")
    misread = ("deals", "close_date", "dealname")
    late = ("calls", "calls")
    whole = frozenset({"owners", "lists"})

    def test_activities_know_their_people_however_they_were_read(self, sandbox: Sandbox, loaded: Reading) -> None:
        """The list tells associations, the search does not: either way a call names whom it was with."""
        contact = next(record for record in loaded.records["contacts"] if isinstance(record, Person)).ref
        call = sandbox.act("log_call", vendor="hubspot", contact=contact.id)["calls"]
        listed = self.read(sandbox, Reading(), only="calls")
        found = self.read(sandbox, loaded, only="calls")
        for reading in (listed, found):
            record = next(item for item in reading.records["calls"] if item.ref.id == call)
            assert ("person", contact) in set(record.links())


class TestHostileSalesforceSource(TestSalesforceSource):
    """The same, while everything that can go wrong does."""

    hostile = True


class TestHostileHubSpotSource(TestHubSpotSource):
    """The same, while everything that can go wrong does."""

    hostile = True


class TestFileSource(SourceConformance):
    """A system that only exports files: the whole each time, and what is not in it any more is gone."""

    system, vendor = "kintone", "salesforce"
    plant = frozenset({"ties", "late"})
    large = "tasks"
    editable = ("accounts", "Account", "Name")
    misread = ("deals", "close_date", "Name")
    late = ("tasks", "tasks")


HOUR = 3_600_000


@pytest.mark.timeout(120)
def test_more_rows_than_a_search_can_page_are_all_read(tmp_path: Path) -> None:
    """12,000 contacts were changed at a stroke, 10,500 of them within one millisecond: neither ends the walk."""
    with running(SandboxOptions(scale=0.01, cases=frozenset(), plant=frozenset({"window"}))) as ready:
        sandbox = Sandbox(ready)
        suite = TestHubSpotSource()
        TestHubSpotSource.specimen = SPECIMENS["hubspot"](tmp_path)
        loaded = suite.read(sandbox, Reading(), only="contacts")
        plant = sandbox.get("/truth")["plants"]["window"]
        assert set(plant["ids"]) <= set(loaded.ids("contacts"))

        earlier = json.loads(loaded.cursors["contacts"]) | {
            "watermark": _milliseconds(plant["lastmodifieddate"]) - HOUR
        }
        walked = suite.read(sandbox, Reading(cursors={"contacts": json.dumps(earlier)}), only="contacts")
        assert set(plant["ids"]) <= set(walked.ids("contacts"))
        assert len(walked.ids("contacts")) == len(set(walked.ids("contacts")))


def _milliseconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)
