"""Stage history and field history: written by the org itself whenever an opportunity changes."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from salesforce_org import ACME, DEAL, INTEGRATION, RunningOrg, running_org

from connector.sandbox.salesforce.records import update_record

FIELDS = "StageName, Amount, Probability, CloseDate, ForecastCategory, PrevAmount, PrevCloseDate, CreatedById"
NEW = {"Name": "新規", "AccountId": ACME, "StageName": "初回訪問", "CloseDate": "2026-12-31", "Amount": 500_000}


@pytest.fixture
def org(tmp_path: Path) -> Iterator[RunningOrg]:
    with running_org(tmp_path) as running:
        yield running


def _stages(org: RunningOrg, deal: str) -> list[str]:
    soql = f"SELECT StageName FROM OpportunityHistory WHERE OpportunityId = '{deal}' ORDER BY SystemModstamp, Id"
    return [str(stage) for stage in org.values(soql, "StageName")]


def test_a_row_is_written_at_creation_and_at_each_change(org: RunningOrg) -> None:
    """Stage, amount, probability, close date or forecast category; nothing else writes one."""
    deal = org.create("Opportunity", **NEW)
    org.call("PATCH", f"/sobjects/Opportunity/{deal}", json={"StageName": "提案"})
    org.call("PATCH", f"/sobjects/Opportunity/{deal}", json={"NextStep": "電話", "StageName": "提案"})
    org.call("PATCH", f"/sobjects/Opportunity/{deal}", json={"Amount": 700_000, "CloseDate": "2027-01-31"})
    soql = f"SELECT {FIELDS} FROM OpportunityHistory WHERE OpportunityId = '{deal}' ORDER BY SystemModstamp, Id"
    first, second, third = org.query(soql)["records"]
    assert (first["StageName"], first["Probability"], first["PrevAmount"]) == ("初回訪問", 10, None)
    assert (second["StageName"], second["Probability"], second["ForecastCategory"]) == ("提案", 40, "Pipeline")
    assert (third["Amount"], third["PrevAmount"], third["PrevCloseDate"]) == (700_000, 500_000, "2026-12-31")
    assert {row["CreatedById"] for row in (first, second, third)} == {INTEGRATION}


def test_field_history_tells_old_and_new_values_in_their_own_type(org: RunningOrg) -> None:
    """A creation row, then one row a tracked field; an owner is told by name and by id."""
    deal = org.create("Opportunity", **NEW)
    org.call("PATCH", f"/sobjects/Opportunity/{deal}", json={"Amount": 700_000, "Description": "x"})
    taro = org.values("SELECT Id FROM User WHERE Username = 'taro@example.com'", "Id")[0]
    org.call("PATCH", f"/sobjects/Opportunity/{deal}", json={"OwnerId": taro})
    soql = f"SELECT Histories.Field FROM Opportunity WHERE Id = '{deal}'"
    assert org.refused(soql)[0] == "INVALID_FIELD"
    inner = "SELECT Field, DataType, OldValue, NewValue FROM Histories ORDER BY Id"
    found = org.query(f"SELECT ({inner}) FROM Opportunity WHERE Id = '{deal}'")["records"][0]["Histories"]
    rows = [(row["Field"], row["DataType"], row["OldValue"], row["NewValue"]) for row in found["records"]]
    assert rows == [
        ("created", None, None, None),
        ("Amount", "Currency", 500_000.0, 700_000.0),
        ("Owner", "Text", "Integration", "山田 太郎"),
        ("Owner", "EntityId", INTEGRATION, taro),
    ]


def test_history_is_not_written_by_clients_and_not_journalled(org: RunningOrg) -> None:
    """Creating, changing and deleting rows is refused; the journal tells of the opportunity alone."""
    deal = org.create("Opportunity", **NEW)
    row = org.values(f"SELECT Id FROM OpportunityHistory WHERE OpportunityId = '{deal}'", "Id")[0]
    refused = (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY")
    assert org.error("POST", "/sobjects/OpportunityHistory", {"StageName": "提案"}) == refused
    assert org.error("PATCH", f"/sobjects/OpportunityHistory/{row}", {"StageName": "提案"}) == refused
    deletion = (400, "INSUFFICIENT_ACCESS_OR_READONLY")
    assert org.error("DELETE", f"/sobjects/OpportunityHistory/{row}") == deletion
    assert [entry["object"] for entry in org.world.journal()] == ["Opportunity"]


def test_history_goes_with_its_opportunity(org: RunningOrg) -> None:
    """A query shows no history of a deleted opportunity, queryAll shows it as deleted."""
    deal = org.create("Opportunity", **NEW)
    org.call("DELETE", f"/sobjects/Opportunity/{deal}")
    for object_ in ("OpportunityHistory", "OpportunityFieldHistory"):
        soql = f"SELECT IsDeleted FROM {object_} WHERE OpportunityId = '{deal}'"
        assert org.query(soql)["totalSize"] == 0
        everything = org.call("GET", "/queryAll", params={"q": soql}).json()["records"]
        assert [row["IsDeleted"] for row in everything] == [True]


def test_an_org_without_field_history(tmp_path: Path) -> None:
    """The object is unknown, stage history goes on, and the describe names no such children."""
    with running_org(tmp_path, field_history=False) as org:
        deal = org.create("Opportunity", **NEW)
        org.call("PATCH", f"/sobjects/Opportunity/{deal}", json={"StageName": "提案"})
        assert _stages(org, deal) == ["初回訪問", "提案"]
        assert org.refused("SELECT Id FROM OpportunityFieldHistory")[0] == "INVALID_TYPE"
        assert org.error("GET", "/sobjects/OpportunityFieldHistory/describe") == (404, "NOT_FOUND")
        children = org.call("GET", "/sobjects/Opportunity/describe").json()["childRelationships"]
        names = {child["relationshipName"] for child in children}
        assert ("Histories" in names, "OpportunityHistories" in names) == (False, True)
        assert org.call("DELETE", f"/sobjects/Opportunity/{deal}").status_code == 204


CHANGE = st.fixed_dictionaries(
    {},
    optional={
        "StageName": st.sampled_from(["ヒアリング", "提案", "受注", "失注"]),
        "Amount": st.one_of(st.none(), st.sampled_from([0, 1_200_000, 2_000_000])),
        "CloseDate": st.sampled_from(["2026-12-01", "2027-03-31"]),
        "NextStep": st.sampled_from(["電話", None]),
    },
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(CHANGE, max_size=6))
def test_the_last_row_is_the_present_state(org: RunningOrg, changes: list[dict[str, object]]) -> None:
    """Whatever was changed: the newest history row, if there is one, says what the opportunity says."""
    for change in changes:
        update_record(org.world, "Opportunity", DEAL, change, INTEGRATION)
    now = org.world.get("salesforce", "Opportunity", DEAL) or {}
    rows = [row for row in org.world.rows("salesforce", "OpportunityHistory") if row["OpportunityId"] == DEAL]
    kept = ("StageName", "Amount", "CloseDate", "Probability", "ForecastCategory")
    for earlier, later in pairwise(rows):
        assert [earlier[name] for name in kept] != [later[name] for name in kept]
    if rows:
        assert [rows[-1][name] for name in kept] == [now[name] for name in kept]
