"""What years of use left behind in the invented company: histories, campaigns, converted and merged records."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.clock import SandboxClock
from connector.sandbox.company import CompanyOptions, generate
from connector.sandbox.hubspot.schema import TABLES as HUBSPOT
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.records import update_record
from connector.sandbox.salesforce.schema import FIELD_HISTORY, tables
from connector.sandbox.world import World

START = datetime.fromisoformat("2026-11-18T10:00:00+09:00")
Row = dict[str, Any]


def _world(path: Path, **lacking: bool) -> World:
    world = World(path / "world.db", SandboxClock(START), tables(**lacking), HUBSPOT)
    generate(world, CompanyOptions(scale=0.3))
    return world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    found = _world(tmp_path_factory.mktemp("company"))
    yield found
    found.close()


def _by_deal(world: World, object_: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(world.rows("salesforce", object_), key=lambda row: (row["CreatedDate"], row["Id"])):
        found[row["OpportunityId"]].append(row)
    return found


def test_a_stage_history_leads_from_the_creation_to_the_present(world: World) -> None:
    """First row at creation, last one in the present state at the last stage change, each different from the last."""
    histories = _by_deal(world, "OpportunityHistory")
    lengths = Counter[int]()
    for deal in world.rows("salesforce", "Opportunity"):
        rows = histories[deal["Id"]]
        lengths[len(rows)] += 1
        assert rows[0]["CreatedDate"] == deal["CreatedDate"]
        for name in ("StageName", "Amount", "CloseDate", "Probability", "ForecastCategory", "ExpectedRevenue"):
            assert rows[-1][name] == deal[name]
        assert len({row["CreatedDate"] for row in rows}) == len(rows)
        stages = [row["StageName"] for row in rows]
        assert all(one != other for one, other in pairwise(stages))
        if len(rows) > 1:
            assert rows[-1]["CreatedDate"] == deal["LastStageChangeDate"]
    assert sum(count for length, count in lengths.items() if length > 3) > 50


def test_a_close_date_that_was_put_off_is_counted(world: World) -> None:
    """PushCount is the number of moves to a later month in the history; amounts have changed too."""
    histories = _by_deal(world, "OpportunityHistory")
    pushed = 0
    for deal in world.rows("salesforce", "Opportunity"):
        days = [row["CloseDate"][:7] for row in histories[deal["Id"]]]
        assert deal["PushCount"] == sum(later > earlier for earlier, later in pairwise(days))
        pushed += deal["PushCount"] > 0
    assert pushed > 10
    assert any(row["PrevAmount"] for row in world.rows("salesforce", "OpportunityHistory"))


def test_field_history_tells_the_same_as_stage_history(world: World) -> None:
    """A creation row each, and one row for each difference between two rows of stage history."""
    stages, fields = _by_deal(world, "OpportunityHistory"), _by_deal(world, FIELD_HISTORY)
    for deal, rows in stages.items():
        expected = [("created", None, None)]
        for before, after in pairwise(rows):
            for name in ("StageName", "Amount", "CloseDate"):
                if before[name] != after[name]:
                    expected.append((name, before[name], after[name]))  # noqa: PERF401 - reads better in steps
        assert [(row["Field"], row["OldValue"], row["NewValue"]) for row in fields[deal]] == expected


def test_a_converted_lead_names_what_it_became(world: World) -> None:
    """A living contact of the same account and person; some became a deal as well."""
    contacts = {row["Id"]: row for row in world.rows("salesforce", "Contact")}
    deals = {row["Id"]: row for row in world.rows("salesforce", "Opportunity")}
    leads = [row for row in world.rows("salesforce", "Lead") if row["IsConverted"]]
    assert len(leads) > 5
    for lead in leads:
        contact = contacts[lead["ConvertedContactId"]]
        assert (contact["Email"], contact["AccountId"]) == (lead["Email"], lead["ConvertedAccountId"])
        assert contact["_truth_id"] == lead["_truth_id"]
        assert lead["CreatedDate"] < contact["CreatedDate"]
        deal = deals.get(lead["ConvertedOpportunityId"])
        assert deal is None or deal["AccountId"] == contact["AccountId"]
    assert any(lead["ConvertedOpportunityId"] for lead in leads)


def test_merged_and_deleted_records_lie_in_the_recycle_bin(world: World) -> None:
    """Losers name a living winner of their object; they and the deleted ones are not in the truth."""
    named = {one for part in ("companies", "people") for entry in world.truth[part] for one in entry["salesforce"]}
    for object_ in ("Account", "Contact"):
        rows = {row["Id"]: row for row in world.rows("salesforce", object_)}
        losers = [row for row in rows.values() if row["MasterRecordId"]]
        assert losers
        for loser in losers:
            assert loser["IsDeleted"]
            assert not rows[loser["MasterRecordId"]]["IsDeleted"]
            assert loser["_truth_id"] == rows[loser["MasterRecordId"]]["_truth_id"]
    for object_ in ("Account", "Contact", "Lead", "Task"):
        gone = [row["Id"] for row in world.rows("salesforce", object_) if row["IsDeleted"]]
        assert gone
        assert not named & set(gone)


def test_campaigns_have_members_and_count_them(world: World) -> None:
    """Each person once in a campaign, contacts and leads, responses dated; the counts are those of the rows."""
    members = list(world.rows("salesforce", "CampaignMember"))
    assert len({(row["CampaignId"], row["ContactId"] or row["LeadId"]) for row in members}) == len(members) > 100
    people = {row["Id"]: row for name in ("Contact", "Lead") for row in world.rows("salesforce", name)}
    for row in members:
        person = people[row["LeadOrContactId"]]
        assert row["LeadOrContactId"] == row[f"{row['Type']}Id"]
        assert (row["Name"], row["Email"]) == (person["Name"], person["Email"])
        assert bool(row["FirstRespondedDate"]) == bool(row["HasResponded"]) == (row["Status"] == "Responded")
        assert row["CreatedDate"] >= person["CreatedDate"]
    for campaign in world.rows("salesforce", "Campaign"):
        own = [row for row in members if row["CampaignId"] == campaign["Id"]]
        types = Counter(row["Type"] for row in own)
        assert (campaign["NumberOfContacts"], campaign["NumberOfLeads"]) == (types["Contact"], types["Lead"])
        assert campaign["NumberOfResponses"] == sum(row["HasResponded"] for row in own)


def test_some_records_are_older_than_the_rule_that_they_break(world: World) -> None:
    """The truth names them; no update of theirs is accepted."""
    assert world.truth["old_records"]
    for one in world.truth["old_records"]:
        with pytest.raises(SalesforceError) as refusal, world.transaction():
            update_record(world, one["object"], one["id"], {"Description": "x"}, "005000000000001AAA")
        assert (refusal.value.code, refusal.value.fields) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", (one["field"],))


def test_an_org_that_lacks_something_is_filled_without_it(tmp_path: Path) -> None:
    """No field history, no consent fields; the rest is the same company."""
    poor = _world(tmp_path, field_history=False, consent=False)
    assert FIELD_HISTORY not in poor.tables["salesforce"]
    assert not {"HasOptedOutOfEmail", "DoNotCall"} & next(poor.rows("salesforce", "Lead")).keys()
    assert sum(1 for _ in poor.rows("salesforce", "OpportunityHistory")) > 900
    poor.close()
