"""What is read of Salesforce beyond plain records: history, campaigns, conversions, merges, and long loads in bulk."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from mirrored import Mirrored
from source_specimens import Salesforce
from vendors import OneWorker, Sandbox, salesforce_client

from connector.clients import salesforce_bulk
from connector.clients.salesforce import SalesforceClient
from connector.mapping.loader import load_mappings
from connector.model.records import Consent, DealHistory, Membership, Person, Record, Ref
from connector.sandbox.server import SandboxOptions, running
from connector.sources.salesforce import SalesforceSource
from connector.store import Store, cases

MAPPINGS = load_mappings(None)


def now_of(sandbox: Sandbox) -> datetime:
    """The vendors' time."""
    return datetime.fromisoformat(sandbox.get("/clock")["now"])


def records_of(source: SalesforceSource, sandbox: Sandbox, stream: str, cursor: str | None = None) -> dict[str, Any]:
    """What one reading hands over, by id."""
    batches = source.read(stream, cursor, now_of(sandbox))
    return {record.ref.id: record for batch in batches for record in batch.records}


def living(sandbox: Sandbox, object_: str, **values: Any) -> list[dict[str, Any]]:
    """Rows of the org that are not deleted and hold these values."""
    rows = sandbox.state("salesforce", object_)
    return [
        row for row in rows if not row["IsDeleted"] and all(row.get(name) == value for name, value in values.items())
    ]


class TestReading(OneWorker):
    """One org, read as it is after each act."""

    @pytest.fixture(scope="class")
    @classmethod
    def sandbox(cls) -> Iterator[Sandbox]:
        """The vendors with a small company."""
        with running(SandboxOptions(scale=0.03, cases=frozenset(), plant=frozenset({"ties"}))) as ready:
            yield Sandbox(ready)

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        """One kind of database: what differs between the kinds is none of the vendor's matter."""
        opened = Store.open(f"sqlite:///{tmp_path / 'okoshi.db'}")
        yield opened
        opened.close()

    @pytest.fixture
    def source(self, sandbox: Sandbox) -> SalesforceSource:
        """A source as a new run makes it."""
        return SalesforceSource(sandbox.client("salesforce"), MAPPINGS)

    def test_a_converted_lead_says_what_it_became(self, sandbox: Sandbox, source: SalesforceSource) -> None:
        """The contact that it is now, its company, and the deal that it led to."""
        lead = living(sandbox, "Lead", IsConverted=False)[0]["Id"]
        made = sandbox.act("convert", vendor="salesforce", lead=lead)
        person = records_of(source, sandbox, "Lead")[lead]
        assert isinstance(person, Person)
        assert person.same_as == (Ref("salesforce", "Contact", made["Contact"]),)
        assert person.account == Ref("salesforce", "Account", made["Account"])
        assert person.became == Ref("salesforce", "Opportunity", made["Opportunity"])
        assert not person.deleted

    def test_each_step_of_a_deal_is_history(self, sandbox: Sandbox, source: SalesforceSource) -> None:
        """A stage that is set adds one row of each history, which comes with the next reading."""
        deal = living(sandbox, "Opportunity", IsClosed=False)[0]["Id"]
        before = {name: records_of(source, sandbox, name) for name in ("OpportunityHistory", "OpportunityFieldHistory")}
        sandbox.act("set_stage", vendor="salesforce", opportunity=deal, stage="見積")
        new: dict[str, list[DealHistory]] = {}
        for name, known in before.items():
            after = records_of(source, sandbox, name)
            new[name] = [
                record for id_, record in after.items() if id_ not in known and isinstance(record, DealHistory)
            ]
            assert {record.opportunity.id for record in new[name]} == {deal}
        assert [record.stage for record in new["OpportunityHistory"]] == ["見積"]
        stage = next(record for record in new["OpportunityFieldHistory"] if record.field == "StageName")
        assert stage.after == "見積"
        assert stage.before not in (None, "見積")

    def test_campaigns_tell_who_is_on_them(self, sandbox: Sandbox, source: SalesforceSource) -> None:
        """Leads and contacts alike; a member whose lead was converted is the contact."""
        campaign = living(sandbox, "Campaign")[0]["Id"]
        lead = living(sandbox, "Lead", IsConverted=False)[0]["Id"]
        values = {"CampaignId": campaign, "LeadId": lead, "Status": "Sent"}
        member = sandbox.act("create", vendor="salesforce", object="CampaignMember", values=values)["CampaignMember"]
        as_lead = records_of(source, sandbox, "CampaignMember")[member]
        contact = sandbox.act("convert", vendor="salesforce", lead=lead)["Contact"]
        as_contact = records_of(source, sandbox, "CampaignMember")[member]
        assert isinstance(as_lead, Membership)
        assert as_lead.list == Ref("salesforce", "Campaign", campaign)
        assert (as_lead.person, as_lead.status) == (Ref("salesforce", "Lead", lead), "Sent")
        assert as_contact.person == Ref("salesforce", "Contact", contact)

    def test_what_somebody_did_with_a_merged_person_counts_for_the_survivor(
        self, sandbox: Sandbox, store: Store, tmp_path: Path
    ) -> None:
        """Read before the merge or after it: the tombstone names the survivor, and the case knows the talk."""
        mirrored = Mirrored(store, sandbox, Salesforce(), "salesforce", tmp_path)
        mirrored.keep_up()
        survivor, deal = self.participant(mirrored, sandbox)
        loser = next(row["Id"] for row in living(sandbox, "Contact") if row["Id"] != survivor)
        call = sandbox.act("log_call", vendor="salesforce", contact=loser, disposition="接続")["Task"]
        mirrored.keep_up()
        assert call not in self.talks(store, deal)
        sandbox.act("merge", vendor="salesforce", object="Contact", winner=survivor, losers=[loser])
        mirrored.keep_up()
        gone = mirrored.get("Contact", loser)
        assert gone is not None
        assert gone.deleted
        assert (loser, survivor) in mirrored.links("person.same_as")
        assert call in self.talks(store, deal)

    def participant(self, mirrored: Mirrored, sandbox: Sandbox) -> tuple[str, str]:
        """A contact who takes part in an open deal, and the deal."""
        open_deals = {row["Id"] for row in living(sandbox, "Opportunity", IsClosed=False)}
        roles = (row for row in living(sandbox, "OpportunityContactRole") if row["OpportunityId"] in open_deals)
        row = next(roles)
        return row["ContactId"], row["OpportunityId"]

    def talks(self, store: Store, deal: str) -> set[str]:
        """Ids of the activities that bear on a deal."""
        with store.read() as tx:
            (case,) = cases.load(tx, [str(Ref("salesforce", "Opportunity", deal))])
        return {activity.ref.id for activity in case.activities}


class TestBulk(OneWorker):
    """An org whose objects are all large enough for the Bulk API."""

    @pytest.fixture(scope="class")
    @classmethod
    def sandbox(cls) -> Iterator[Sandbox]:
        """The vendors with a small company and names that are hostile to CSV."""
        with running(SandboxOptions(scale=0.03, cases=frozenset({"stalled"}), plant=frozenset({"ties"}))) as ready:
            sandbox = Sandbox(ready)
            assert {'"', ",", "\n"} <= {letter for row in living(sandbox, "Account") for letter in row["Name"]}
            loser, winner = [row["Id"] for row in living(sandbox, "Account")][:2]
            sandbox.act("merge", vendor="salesforce", object="Account", winner=winner, losers=[loser])
            sandbox.act("delete", vendor="salesforce", object="Event", id=living(sandbox, "Event")[0]["Id"])
            yield sandbox

    @pytest.fixture
    def in_bulk(self, sandbox: Sandbox) -> SalesforceClient:
        """A client to which everything is large."""
        return salesforce_client(sandbox.ready, bulk_from_rows=1)

    @pytest.fixture
    def small_pages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """So that a modest job has several."""
        monkeypatch.setattr(salesforce_bulk, "PAGE_ROWS", 1_000)

    def test_a_load_in_bulk_reads_what_a_load_by_pages_reads(self, sandbox: Sandbox, in_bulk: SalesforceClient) -> None:
        """Record by record, deleted and merged ones included, and both go on from the same cursor."""
        sources = [SalesforceSource(client, MAPPINGS) for client in (sandbox.client("salesforce"), in_bulk)]
        for stream in sources[0].streams():
            ends: list[tuple[dict[str, Record], str | None]] = []
            for source in sources:
                batches = list(source.read(stream, None, now_of(sandbox)))
                found = [record for batch in batches for record in batch.records]
                ends.append(({record.ref.id: record for record in found}, batches[-1].cursor))
                assert len(found) == len(ends[-1][0])
            assert ends[0] == ends[1], stream
        assert in_bulk.usage.calls["bulk_query"] >= len(sources[0].streams())

    @pytest.mark.usefixtures("small_pages")
    def test_an_interrupted_load_in_bulk_goes_on(self, sandbox: Sandbox, in_bulk: SalesforceClient) -> None:
        """With the same job, behind the last page that was kept, in a new run."""
        expected = [row["Id"] for row in sandbox.state("salesforce", "Task")]
        cursor, seen = None, list[str]()
        for _ in range(3):
            batch = next(iter(SalesforceSource(in_bulk, MAPPINGS).read("Task", cursor, now_of(sandbox))))
            seen += [record.ref.id for record in batch.records]
            cursor = batch.cursor
        *_, last = SalesforceSource(in_bulk, MAPPINGS).read("Task", cursor, now_of(sandbox))
        assert sorted(seen) == sorted(expected)
        assert in_bulk.usage.calls["bulk_query"] == 1
        assert "bulk" not in json.loads(last.cursor or "")

    @pytest.mark.usefixtures("small_pages")
    def test_a_job_that_has_been_removed_is_started_anew(self, sandbox: Sandbox, in_bulk: SalesforceClient) -> None:
        """After more than a week; nothing is missing then."""
        first = next(iter(SalesforceSource(in_bulk, MAPPINGS).read("Task", None, now_of(sandbox))))
        sandbox.advance("P8D")
        again = records_of(SalesforceSource(in_bulk, MAPPINGS), sandbox, "Task", first.cursor)
        assert again.keys() == {row["Id"] for row in sandbox.state("salesforce", "Task")}
        assert in_bulk.usage.calls["bulk_query"] == 2


@pytest.mark.xdist_group("lacking")
def test_what_an_org_lacks_is_left_out_and_named() -> None:
    """No field history, no fields of consent: consent is unknown then, and people are told."""
    with running(SandboxOptions(scale=0.03, cases=frozenset(), plant=frozenset({"nohistory", "noconsent"}))) as ready:
        sandbox = Sandbox(ready)
        mappings = MAPPINGS.model_copy(
            update={"salesforce": replace_fields(MAPPINGS.salesforce, "Contact", call_consent="DoNotCall")}
        )
        source = SalesforceSource(sandbox.client("salesforce"), mappings)
        assert "OpportunityFieldHistory" not in source.streams()
        assert "OpportunityHistory" in source.streams()
        told = source.missing()
        for name in ("OpportunityFieldHistory", "Contact.DoNotCall", "Contact.HasOptedOutOfEmail"):
            assert any(line.startswith(f"{name} does not exist") for line in told), name
        people = records_of(source, sandbox, "Contact").values()
        assert people
        assert {person.call_consent for person in people} == {Consent.UNKNOWN}
        assert {person.mail_consent for person in people} == {Consent.UNKNOWN}


def replace_fields(system: Any, object_: str, **fields: str) -> Any:
    """A system's mapping in which an object's properties are fed by one other field each."""
    one = system.objects[object_]
    given = {
        name: tuple(source.model_copy(update={"field": field, "fields": ()}) for source in one.fields[name][:1])
        for name, field in fields.items()
    }
    changed = one.model_copy(update={"fields": {**one.fields, **given}})
    return system.model_copy(update={"objects": {**system.objects, object_: changed}})
