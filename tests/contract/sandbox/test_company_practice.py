"""The planted cases of the programs beside `stalled`, and what the invented company holds for them."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from connector.sandbox.access import Ready
from connector.sandbox.clock import SandboxClock
from connector.sandbox.company import CompanyOptions, generate
from connector.sandbox.company.plants.practice.case import EXPECTATIONS
from connector.sandbox.hubspot.schema import TABLES as HUBSPOT
from connector.sandbox.salesforce.schema import TABLES as SALESFORCE
from connector.sandbox.salesforce.schema import object_of_id
from connector.sandbox.world import World

START = datetime.fromisoformat("2026-11-18T10:00:00+09:00")
PROGRAMS = {
    "lost", "hot_signal", "churn_risk", "account_status", "quarterly_check", "freshness", "handover", "feedback",
}  # fmt: skip
NEEDED = {
    "task": "subject", "no_task": "subject", "alert": "to", "no_alert": "to", "fields": "fields",
    "on_list": "list", "not_on_list": "list",
}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The company at scale 1, with page views."""
    found = World(tmp_path_factory.mktemp("practice") / "world.db", SandboxClock(START), SALESFORCE, HUBSPOT)
    generate(found, CompanyOptions(plant=frozenset({"events"})))
    yield found
    found.close()


def _cases(truth: dict[str, Any]) -> list[dict[str, Any]]:
    return [case for case in truth["cases"] if case["program"] != "stalled"]


def _count(world: World, table: str, condition: str) -> int:
    return int(world.select(f"SELECT COUNT(*) AS n FROM {table} WHERE {condition}")[0]["n"])


def test_every_program_has_cases_that_say_what_they_are(world: World) -> None:
    """A name of its own, a known expectation with what is needed to check it, and the sentence that it shows."""
    cases = _cases(world.truth)
    assert {case["program"] for case in cases} == PROGRAMS
    assert len({case["case"] for case in cases}) == len(cases)
    for case in cases:
        assert case["case"].startswith(f"{case['program']}.")
        assert case["expect"] in EXPECTATIONS
        assert case["check"].get(NEEDED[case["expect"]]), case["case"]
        assert len(case["sentence"]) > 20
    for program, expectations in {
        program: {case["expect"] for case in cases if case["program"] == program} for program in PROGRAMS
    }.items():
        assert expectations == {"fields"} or len(expectations) > 1, f"{program} has no counter-example"


def test_every_record_and_user_of_a_case_exists(world: World) -> None:
    """In the object that its id names; fields to be looked at are fields that the vendor has."""
    for case in _cases(world.truth):
        for record_id in case["salesforce"].values():
            assert world.get("salesforce", str(object_of_id(record_id)), record_id), case["case"]
        for user in case["check"].get("to", []):
            assert world.get("salesforce", "User", user), case["case"]
        for field in case["check"].get("fields", []):
            row = world.get(field["system"], field["object"], field["id"])
            assert row is not None
            assert field["field"] in row, case["case"]


def test_cases_do_not_share_accounts(world: World) -> None:
    """Each has people and companies of its own, those of `stalled` included."""
    accounts = [case["salesforce"]["Account"] for case in world.truth["cases"]]
    assert len(accounts) == len(set(accounts))


def test_all_acts_of_the_cases_can_be_done(start_sandbox, connect_control) -> None:
    """What is to happen after the first cycle is accepted as it stands."""
    with start_sandbox(plant=frozenset({"events"})) as ready:
        control = connect_control(ready)
        cases = _cases(control.get("/truth").json())
        acts = [(case["case"], one) for case in cases for one in case.get("acts", [])]
        assert len(acts) > 50
        refused = [(name, answer.text) for name, one in acts if not (answer := control.post("/act", one)).ok]
        assert refused == []


def test_the_lives_of_planted_people_are_theirs_alone(sandbox: Ready, world: World) -> None:
    """Nobody but the reader by habit opened a page before the start."""
    named = {case["hubspot"]["contacts"]: case["case"] for case in _cases(world.truth)}
    views = Counter(named[row["objectId"]] for row in world.rows("hubspot", "events") if row["objectId"] in named)
    assert set(views) == {"hot_signal.reads_as_much_as_ever"}
    assert views.total() > 100


def test_the_invented_company_gives_every_program_something_to_do(world: World) -> None:
    """Losses of every reason and of none, near and years ago; contracts; needs; bounces; statuses set by people."""
    lost = "IsClosed = 1 AND IsWon = 0"
    reasons = {
        row["r"] for row in world.select(f"SELECT DISTINCT Lost_Reason__c r FROM salesforce_Opportunity WHERE {lost}")
    }
    assert reasons == {"ペンディング", "他社導入", "音信不通", "価格懸念", "その他", None}
    assert _count(world, "salesforce_Opportunity", f"{lost} AND CloseDate < '2025-04-01'") >= 20
    assert _count(world, "salesforce_Opportunity", f"{lost} AND Next_Approach_Date__c IS NOT NULL") >= 30
    assert _count(world, "salesforce_Opportunity", f"{lost} AND Next_Approach_Date__c IS NULL") >= 100
    assert _count(world, "salesforce_Account", "Contract_End__c > '2026-11-18'") >= 30
    assert _count(world, "salesforce_Account", "Contract_End__c < '2026-11-18'") >= 10
    for status in ("不適合", "登録保存", "コールド"):
        assert _count(world, "salesforce_Account", f"Account_Status__c = '{status}'") >= 2
    assert _count(world, "salesforce_Contact", "EmailBouncedDate IS NOT NULL") >= 15
    assert _count(world, "hubspot_contacts", "hs_email_hard_bounce_reason_enum IS NOT NULL") >= 15
    for table in ("salesforce_Contact", "salesforce_Lead"):
        assert _count(world, table, "Needs_Type__c = '部署ニーズ'") >= 5
    assert _count(world, "hubspot_form_submissions", "1") >= 100
    assert _count(world, "hubspot_events", 'properties LIKE \'%hs_cf_bot_score": "_"%\'') >= 5
