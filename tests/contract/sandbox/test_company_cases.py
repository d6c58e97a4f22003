"""The planted cases: complete, on rows that exist, and each what it claims to be by an independent computation."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from company_oracle import Oracle

from connector.sandbox.clock import SandboxClock
from connector.sandbox.company import CompanyOptions, generate
from connector.sandbox.hubspot.schema import TABLES as HUBSPOT
from connector.sandbox.salesforce.schema import TABLES as SALESFORCE
from connector.sandbox.salesforce.schema import object_of_id, tables
from connector.sandbox.world import World

START = datetime.fromisoformat("2026-11-18T10:00:00+09:00")
REASONS = {
    "fresh", "closed", "future_meeting", "owner_task", "recent_attempt", "manager_decides", "other_deal", "do_not_call",
    "left_company", "already_open", "merged",
}  # fmt: skip
INSIDE_SALES_CAPACITY = 75  # five people, fifteen tasks a day


def _world(path: Path, *plants: str) -> World:
    schema = tables(activity_key="nokey" not in plants)
    world = World(path / "world.db", SandboxClock(START), schema, HUBSPOT)
    generate(world, CompanyOptions(scale=0.1, plant=frozenset(plants)))
    return world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A small company with all cases."""
    found = _world(tmp_path_factory.mktemp("cases"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def oracle(world: World) -> Oracle:
    return Oracle(world)


def _cases(world: World) -> list[dict[str, Any]]:
    """The cases of the stalled program; those of the others have a test of their own."""
    cases: list[dict[str, Any]] = [case for case in world.truth["cases"] if case["program"] == "stalled"]
    return cases


def _object(key: str) -> str:
    """The key of a HubSpot record is its object, that of a second person says so."""
    return "contacts" if key == "OtherContact" else key


@pytest.mark.parametrize("wanted", [frozenset[str](), frozenset({"stalled"}), frozenset({"lost", "freshness"})])
def test_only_the_wanted_programs_cases_are_planted(tmp_path: Path, world: World, wanted: frozenset[str]) -> None:
    """All of theirs, and none of another program's."""
    here = World(tmp_path / "world.db", SandboxClock(START), tables(), HUBSPOT)
    generate(here, CompanyOptions(scale=0.01, cases=wanted))
    meant = {case["case"] for case in world.truth["cases"] if case["program"] in wanted}
    assert {case["case"] for case in here.truth["cases"]} == meant
    here.close()


def test_every_case_says_what_it_is(world: World) -> None:
    """A name of its own, a known expectation and reason, and the sentence that it shows."""
    cases = _cases(world)
    assert len({case["case"] for case in cases}) == len(cases)
    for case in cases:
        assert case["case"].startswith(f"{case['program']}.")
        assert case["expect"] in {"task", "no_task", "set_aside"}
        assert case["expect"] != "no_task" or case["reason"] in REASONS
        assert len(case["sentence"]) > 20
    assert {case["reason"] for case in cases if case["expect"] == "no_task"} == REASONS


def test_every_record_of_a_case_exists(world: World) -> None:
    """In the object that its id names."""
    for case in _cases(world):
        assert "Opportunity" in case["salesforce"]
        for record_id in case["salesforce"].values():
            object_ = object_of_id(record_id)
            assert object_ is not None
            assert world.get("salesforce", object_, record_id), case["case"]
        for key, record_id in case["hubspot"].items():
            assert world.get("hubspot", _object(key), record_id), (case["case"], key)


def test_cases_do_not_share_records(world: World) -> None:
    """Each has an account, people and deals of its own, so that they cannot disturb one another."""
    ids = [
        (_object(key), record)
        for case in _cases(world)
        for key, record in (*case["salesforce"].items(), *case["hubspot"].items())
    ]
    assert len(ids) == len(set(ids))


def test_expected_tasks_fit_into_the_first_day(world: World) -> None:
    """At most fifty, with amounts above every invented deal; the one without amount may wait."""
    positive = [case for case in _cases(world) if case["expect"] == "task"]
    assert 40 <= len(positive) <= 50
    planted = {case["salesforce"].get("Opportunity") for case in world.truth["cases"]}
    for case in positive:
        row = world.get("salesforce", "Opportunity", case["salesforce"]["Opportunity"])
        assert row is not None
        assert case.get("check", {}).get("may_wait") or row["Amount"] >= 50_000_000
    big = [row for row in world.rows("salesforce", "Opportunity") if (row["Amount"] or 0) > 30_000_000]
    others = [row for row in big if row["Id"] not in planted and not row["IsClosed"]]
    assert len(positive) + len(others) <= INSIDE_SALES_CAPACITY


def test_every_case_is_what_it_claims_to_be(world: World, oracle: Oracle) -> None:
    """A second, independent computation from the stored rows agrees with every expectation and reason."""
    wrong = []
    for case in _cases(world):
        found = oracle.judge(case["salesforce"]["Opportunity"])
        expected = ("no_task", "fresh") if case["expect"] == "set_aside" else (case["expect"], case["reason"])
        if found != expected:
            wrong.append((case["case"], expected, found))
    assert wrong == []


def test_second_deals_that_should_have_a_task_get_one(world: World, oracle: Oracle) -> None:
    """Where a case plants two stalled deals of two people."""
    others = [case for case in _cases(world) if case.get("check", {}).get("other_expect")]
    assert others
    for case in others:
        assert oracle.judge(case["salesforce"]["OtherOpportunity"])[0] == case["check"]["other_expect"]


def test_checks_name_the_primary_contact_or_nobody(world: World) -> None:
    """An expected task always says whose WhoId it must carry."""
    for case in _cases(world):
        if case["expect"] != "task":
            continue
        roles = [
            row["ContactId"]
            for row in world.rows("salesforce", "OpportunityContactRole")
            if row["OpportunityId"] == case["salesforce"]["Opportunity"] and row["IsPrimary"]
        ]
        assert case["check"]["WhoId"] == (roles[0] if roles else None), case["case"]


def test_the_vendors_last_activity_date_misleads_where_it_should(world: World) -> None:
    """A dummy dated ahead makes the vendor's date lie in the future though the deal is stalled."""
    by_name = {case["case"]: case for case in _cases(world)}
    deal = world.get(
        "salesforce", "Opportunity", by_name["stalled.dummy_task_dated_ahead"]["salesforce"]["Opportunity"]
    )
    assert deal is not None
    assert deal["LastActivityDate"] > "2026-11-18"


def test_midnight_cases_fall_on_another_utc_day(world: World) -> None:
    """Counting UTC days would judge them wrongly."""
    by_name = {case["case"]: case["salesforce"]["Opportunity"] for case in _cases(world)}
    starts = {row["WhatId"]: row["StartDateTime"] for row in world.rows("salesforce", "Event")}
    assert starts[by_name["stalled.midnight_0001_of_day_59"]] == "2026-09-19T15:01:00.000Z"
    assert starts[by_name["stalled.midnight_2359_of_day_60"]] == "2026-09-19T14:59:00.000Z"


def test_at_least_half_of_the_quiet_deals_are_worked_by_nobody(tmp_path: Path) -> None:
    """The invented company is as neglected as real ones: about 60 % of stalled deals."""
    world = World(tmp_path / "world.db", SandboxClock(START), SALESFORCE, HUBSPOT)
    generate(world, CompanyOptions(scale=0.5))
    oracle = Oracle(world)
    planted = {case["salesforce"].get("Opportunity") for case in world.truth["cases"]}
    invented = [row for row in oracle.deals.values() if row["Id"] not in planted and not row["IsClosed"]]
    judged = [oracle.judge(row["Id"]) for row in invented]
    stalled = [reason for verdict, reason in judged if (verdict, reason) != ("no_task", "fresh")]
    assert len(stalled) > 40
    assert 0.4 < stalled.count("stalled") / len(stalled) < 0.8


def test_ties_share_one_stamp_two_hours_before_the_start(tmp_path: Path) -> None:
    """2,500 tasks, which no page of 2,000 can hold."""
    world = _world(tmp_path, "ties")
    facts = world.truth["plants"]["ties"]
    rows = world.select("SELECT Id FROM salesforce_Task WHERE SystemModstamp = ?", (facts["SystemModstamp"],))
    assert facts["SystemModstamp"] == "2026-11-17T23:00:00.000Z"
    assert sorted(row["Id"] for row in rows) == sorted(facts["ids"])
    assert len(rows) == facts["count"] == 2_500


def test_late_rows_appear_after_the_start_with_old_stamps(tmp_path: Path) -> None:
    """Among them a talk that ends a stall."""
    world = _world(tmp_path, "late")
    facts = world.truth["plants"]["late"]
    for record_id in facts["tasks"]:
        row = world.get("salesforce", "Task", record_id)
        assert row is not None
        assert "2026-11-18T00:51:00.000Z" <= row["SystemModstamp"] < "2026-11-18T01:00:00.000Z"
        assert "2026-11-18T01:00:00.000Z" < row["_visible_at"] <= facts["visible_at"]
    contact = facts["contact"]
    assert Oracle(world).judge(contact["Opportunity"]) == ("task", "stalled")
    world.execute("UPDATE salesforce_Task SET _visible_at = NULL WHERE Id = ?", (contact["Task"],))
    assert Oracle(world).judge(contact["Opportunity"]) == ("no_task", "fresh")


def test_the_window_holds_more_contacts_in_one_millisecond_than_a_search_returns(tmp_path: Path) -> None:
    """12,000 recent contacts, more than 10,000 of them with one stamp."""
    world = _world(tmp_path, "window")
    facts = world.truth["plants"]["window"]
    sql = "SELECT COUNT(*) AS n FROM hubspot_contacts WHERE lastmodifieddate"
    assert world.select(f"{sql} = ?", (facts["lastmodifieddate"],))[0]["n"] == facts["shared"] > 10_000
    assert world.select(f"{sql} >= '2026-11-17T21:00:00.000Z'")[0]["n"] == facts["count"] == 12_000
    refs = [ref for one in world.truth["people"] for ref in one["refs"]]
    assert len(refs) == len(set(refs))
    assert {f"hubspot:contacts:{one}" for one in facts["ids"]} < set(refs)


def test_an_org_without_the_key_field_is_filled_all_the_same(tmp_path: Path) -> None:
    """The generator writes no Okoshi_Key__c."""
    world = _world(tmp_path, "nokey")
    assert "Okoshi_Key__c" not in next(world.rows("salesforce", "Task"))
