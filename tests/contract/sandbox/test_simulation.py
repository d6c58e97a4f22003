"""Simulated days: what people and customers do, that a seed repeats it, and what is measured of it in the end."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.acts import act
from connector.sandbox.clock import SandboxClock
from connector.sandbox.company import CompanyOptions, generate
from connector.sandbox.company.visits import CANCELLATION, SITE
from connector.sandbox.hubspot.schema import TABLES as HUBSPOT
from connector.sandbox.salesforce.schema import TABLES as SALESFORCE
from connector.sandbox.simulation import HABITS, Habits, Simulation
from connector.sandbox.world import World

START = datetime.fromisoformat("2026-11-18T10:00:00+09:00")  # a Wednesday
FORGETFUL = HABITS["forgetful"]
QUIET = replace(
    FORGETFUL, contacts_a_deal=0.0, tasks_a_rep=0, busy_web=0.0, reassigned=0.0, dummy_tasks=0.0, leavers=()
)
"""Nobody works; only what a test asks for happens to its records."""
STALLED = "滞留商談掘り起こし"
New = Callable[..., World]


@pytest.fixture
def new_world(tmp_path: Path) -> Any:
    """Makes worlds with a small company."""
    made: list[World] = []

    def make(seed: int = 1, scale: float = 0.05) -> World:
        place = tmp_path / f"world{len(made)}"
        place.mkdir()
        world = World(place / "world.db", SandboxClock(START), SALESFORCE, HUBSPOT)
        generate(world, CompanyOptions(seed=seed, scale=scale))
        made.append(world)
        return world

    yield make
    for world in made:
        world.close()


def lived(world: World, days: int, habits: Habits = FORGETFUL, seed: int = 1) -> Simulation:
    """So many days."""
    simulation = Simulation(world, seed, habits)
    for _ in range(days):
        simulation.play()
    return simulation


def writes(world: World) -> list[str]:
    """Everything that was written, without the time of day at which it was."""
    return [json.dumps({**one, "time": None}, sort_keys=True) for one in world.journal()]


def app(world: World) -> str:
    """The user that the connector signs in as."""
    return str(world.tuples("SELECT Id FROM salesforce_User WHERE Username LIKE 'integration@%'")[0][0])


def rep(world: World, role: str = "InsideSales") -> str:
    sql = "SELECT u.Id FROM salesforce_User u JOIN salesforce_UserRole r ON r.Id = u.UserRoleId"
    return str(world.tuples(f"{sql} WHERE r.DeveloperName = ? AND u.IsActive = 1 ORDER BY u.Id", (role,))[0][0])


def case(world: World, name: str) -> dict[str, str]:
    """The Salesforce records of a planted case."""
    return next(dict(one["salesforce"]) for one in world.truth["cases"] if one["case"] == name)


def issue(world: World, **values: Any) -> str:
    """A task as the connector makes one, by default for a stalled deal."""
    records = case(world, "stalled.silent_61_days")
    fields = {
        "Subject": STALLED, "OwnerId": rep(world), "WhatId": records["Opportunity"], "WhoId": records["Contact"],
        "ActivityDate": world.now()[:10],
    }  # fmt: skip
    given = {"action": "create", "object": "Task", "actor": app(world), "values": {**fields, **values}}
    return act(world, given)["Task"]


# -- days --------------------------------------------------------------------------------------------------------------


def test_the_same_seed_lives_the_same_days(new_world: New) -> None:
    """Every write of twelve days, its values and its author; another seed lives otherwise."""
    one, two, other = new_world(), new_world(), new_world()
    lived(one, 12)
    lived(two, 12)
    lived(other, 12, seed=2)
    assert len(writes(one)) > 100
    assert writes(one) == writes(two) != writes(other)


def test_a_day_ends_with_the_next_morning_and_no_clock_goes_back(new_world: New) -> None:
    """Nine o'clock in Japan; nothing is stamped before what was there."""
    world = new_world()
    times = []
    for day in range(1, 6):
        Simulation(world, day).play()
        times.append(world.now())
        assert world.clock.now().replace(second=0, microsecond=0) == START.astimezone(UTC).replace(hour=0) + timedelta(
            days=day
        )
    stamps = [one["time"] for one in world.journal()]
    assert stamps == sorted(stamps)
    assert times == sorted(times)


def test_on_days_off_only_customers_act(new_world: New) -> None:
    """Saturday, Sunday and Labour Thanksgiving Day: no task is closed, no deal moves, but pages are read."""
    world = new_world(scale=0.3)
    simulation = lived(world, 3)
    before = len(writes(world))
    played = [simulation.play() for _ in range(3)]
    assert [one["date"] for one in played] == ["2026-11-21", "2026-11-22", "2026-11-23"]
    assert not any(one["business_day"] for one in played)
    new = list(world.journal())[before:]
    assert "events" in {one["object"] for one in new}
    assert {one["object"] for one in new if one["vendor"] == "salesforce"} <= {"Contact"}  # mail that bounced


def test_talks_are_logged_late_and_in_bulk_with_the_day_they_took_place(new_world: New) -> None:
    """Who logs late enters Wednesday's and Thursday's calls on Friday."""
    world = new_world(scale=0.2)
    habits = replace(
        QUIET, contacts_a_deal=0.9, forgotten=0.0, logged_late=1.0, never_logged=0.0, wrong_disposition=0.0
    )
    lived(world, 3, habits)
    calls = [
        one
        for one in world.journal()
        if one["object"] == "Task" and one["operation"] == "create" and one["after"].get("TaskSubtype") == "Call"
    ]
    assert {one["time"][:10] for one in calls} == {"2026-11-20"}
    assert {one["after"]["ActivityDate"] for one in calls} == {"2026-11-18", "2026-11-19", "2026-11-20"}


def test_inside_sales_works_through_its_list(new_world: New) -> None:
    """Tasks that are due are done, with a result; those of later days are left."""
    world = new_world()
    due = issue(world)
    later = issue(world, ActivityDate="2026-12-24", WhatId=case(world, "stalled.silent_60_days")["Opportunity"])
    lived(world, 1, replace(QUIET, tasks_a_rep=20, is_diligence=1.0, closed_unread=0.0, wrong_disposition=0.0))
    row, other = world.get("salesforce", "Task", due), world.get("salesforce", "Task", later)
    assert row is not None
    assert other is not None
    assert (row["Status"], row["IsClosed"]) == ("完了", 1)
    assert row["CallDisposition"] in {"接続", "不在", "留守電", "話中"}
    assert "【事実】" in row["Description"]
    assert not other["IsClosed"]


def test_losses_lack_what_owners_do_not_care_to_write(new_world: New) -> None:
    """All reasons and plans where people are tidy, none where nobody is."""
    for share, wanted in ((1.0, {None}), (0.0, {"set"})):
        world = new_world(scale=0.3)
        lived(world, 25, replace(QUIET, reason_missing=share, loss_planned=1.0 - share, forgotten=0.0))
        changes = [one["after"] for one in world.journal() if one["object"] == "Opportunity"]
        lost = [one for one in changes if one.get("StageName") == "失注"]
        assert lost
        for name in ("Lost_Reason__c", "Next_Approach_Date__c", "Approach_Hook__c"):
            assert {"set" if one.get(name) else None for one in lost} == wanted


def test_who_leaves_is_gone_in_both_systems(new_world: New) -> None:
    """On his day; his deals stay his until somebody takes them over."""
    world = new_world()
    lived(world, 2, replace(QUIET, leavers=(2,)))
    (gone,) = [one for one in world.journal() if one["object"] == "User"]
    assert gone["time"][:10] == "2026-11-19"
    user = world.get("salesforce", "User", gone["id"])
    assert user is not None
    owners = world.select("SELECT archived FROM hubspot_owners WHERE email = ?", (user["Email"],))
    assert (user["IsActive"], [one["archived"] for one in owners]) == (0, [1])


def test_a_month_of_chaos_holds_everything_that_programs_must_bear(new_world: New) -> None:
    """Deals opened, won and lost, tasks closed unread, leads entered, statuses edited, forms, bounces, refusals."""
    world = new_world(scale=0.5)
    for place, name in enumerate(sorted(case["salesforce"].get("Opportunity", "") for case in world.truth["cases"])):
        if name and place % 2:
            issue(world, WhatId=name)
    lived(world, 40, HABITS["chaotic"])
    found = [(one["object"], one["operation"], one["after"]) for one in world.journal() if one["actor"] != app(world)]
    stages = {after.get("StageName") for object_, _, after in found if object_ == "Opportunity"}
    assert {"受注", "失注", "初回訪問"} <= stages
    assert {"完了", "対応不要"} <= {after.get("Status") for object_, _, after in found if object_ == "Task"}
    assert ("Task", "delete") in {(object_, operation) for object_, operation, _ in found}
    for object_, name in (
        ("Lead", "LastName"), ("Account", "Account_Status__c"), ("Account", "Contract_End__c"), ("User", "IsActive"),
        ("contacts", "hs_email_optout"), ("contacts", "hs_email_hard_bounce_reason_enum"),
        ("Contact", "EmailBouncedDate"),
        ("form_submissions", "formId"), ("events", "properties"), ("emails", "hs_email_direction"),
        ("Contact", "Call_Consent__c"), ("Opportunity", "OwnerId"), ("contacts", "salesforceleadid"),
    ):  # fmt: skip
        assert any(one == object_ and name in after for one, _, after in found), (object_, name)


# -- figures -----------------------------------------------------------------------------------------------------------


def test_a_company_without_a_connector_leaves_most_stalled_deals_alone(new_world: New) -> None:
    """More than half at the start, and hardly fewer after a month."""
    figures = lived(new_world(scale=0.3), 30).figures()
    assert 0.5 < figures["stalled"]["first"]["share"] < 0.9
    assert figures["stalled"]["last"]["share"] > 0.5
    assert figures["lost"]["first"]["deals"] > 10
    assert figures["tasks"] == {}
    assert figures["forbidden_calls"]["count"] == figures["duplicates"]["count"] == 0


def test_deals_with_a_task_are_worked(new_world: New) -> None:
    """With an open task on every open deal nobody is left alone; a dummy months away is no work."""
    world = new_world()
    first = Simulation(world, 1, QUIET).figures()["stalled"]["first"]
    open_deals = [row["Id"] for row in world.select("SELECT Id FROM salesforce_Opportunity WHERE IsClosed = 0")]
    for deal in open_deals:
        issue(world, WhatId=deal, WhoId=None, ActivityDate="2027-05-01")
    assert Simulation(world, 1, QUIET).figures()["stalled"]["first"] == first
    for deal in open_deals:
        issue(world, WhatId=deal, WhoId=None)
    assert Simulation(world, 1, QUIET).figures()["stalled"]["first"]["unworked"] == 0


def test_what_a_program_logs_as_done_is_nobodys_talk(new_world: New) -> None:
    """A line in the history of each deal leaves them as silent as they were; a colleague's talk does not."""
    world = new_world()
    first = Simulation(world, 1, QUIET).figures()["stalled"]["first"]
    open_deals = [row["Id"] for row in world.select("SELECT Id FROM salesforce_Opportunity WHERE IsClosed = 0")]
    for deal in open_deals:
        issue(world, WhatId=deal, WhoId=None, Subject="再検討シグナル", Status="完了")
    assert Simulation(world, 1, QUIET).figures()["stalled"]["first"] == first
    for deal in open_deals:
        act(world, {"action": "complete_task", "actor": rep(world), "task": issue(world, WhatId=deal, WhoId=None)})
    assert Simulation(world, 1, QUIET).figures()["stalled"]["first"]["deals"] < first["deals"]


def test_one_subject_open_twice_is_a_duplicate(new_world: New) -> None:
    """For a deal or a person; another subject, a closed task, or the superior asked beside the owner is none."""
    world = new_world()
    for role in ("FieldSales", "SalesManager"):
        issue(world, Subject="失注情報の入力依頼", WhoId=None, OwnerId=rep(world, role))
    first = issue(world)
    issue(world, Subject="フォローコール", WhatId=None)
    assert Simulation(world, 1, QUIET).figures()["duplicates"]["count"] == 0
    issue(world, WhoId=None)
    figures = Simulation(world, 1, QUIET).figures()["duplicates"]
    assert figures["count"] == 1
    assert figures["examples"][0][0] == STALLED
    act(world, {"action": "complete_task", "actor": rep(world), "task": first})
    assert Simulation(world, 1, QUIET).figures()["duplicates"]["count"] == 0


def test_room_is_counted_a_rep_and_day_without_what_stands_outside(new_world: New) -> None:
    """Sixteen tasks are one too many, tasks of the churn alert and of field sales do not count."""
    world = new_world()
    deals = [row["Id"] for row in world.select("SELECT Id FROM salesforce_Opportunity ORDER BY Id LIMIT 40")]
    for deal in deals[:15]:
        issue(world, WhatId=deal, WhoId=None)
    issue(world, WhatId=deals[20], WhoId=None, Subject="解約防止フォロー")
    issue(world, WhatId=deals[21], WhoId=None, Subject="トスアップ対応", OwnerId=rep(world, "FieldSales"))
    assert Simulation(world, 1, QUIET).figures()["over_capacity"]["tasks"] == 0
    issue(world, WhatId=deals[22], WhoId=None)
    over = Simulation(world, 1, QUIET).figures()["over_capacity"]
    assert (over["tasks"], over["rep_days"]) == (1, 1)


def test_call_tasks_to_people_who_must_not_be_called_are_counted(new_world: New) -> None:
    """架電NG of the person or the company and 退職; asking the owner for input calls nobody."""
    world = new_world()
    for number, name in enumerate(("refused_by_person", "refused_by_company", "left_company"), 1):
        issue(world, Subject="フォローコール", WhatId=None, WhoId=case(world, f"freshness.{name}")["Contact"])
        assert Simulation(world, 1, QUIET).figures()["forbidden_calls"]["count"] == number
    issue(world, Subject="失注情報の入力依頼", WhatId=None, WhoId=case(world, "freshness.left_company")["Contact"])
    issue(world, Subject="フォローコール", WhatId=None, WhoId=case(world, "freshness.opted_out_of_mail")["Contact"])
    assert Simulation(world, 1, QUIET).figures()["forbidden_calls"]["count"] == 3


@pytest.mark.parametrize(("mornings", "kind"), [(0, "in_time"), (1, "late"), (None, "missing")])
def test_who_is_told_after_the_next_cycle_is_told_late(new_world: New, mornings: int | None, kind: str) -> None:
    """A cancellation page is opened in the evening: a task the next morning is in time."""
    world = new_world()
    simulation = Simulation(world, 1, QUIET)
    simulation.play()
    simulation.expect(case(world, "churn_risk.synced")["Account"])
    for morning in range(3):
        if morning == mornings:
            what = case(world, "churn_risk.synced")["Opportunity"]
            issue(world, Subject="解約防止フォロー", WhatId=what, WhoId=None)
        simulation.play()
    alerts = simulation.figures()["alerts"]
    assert alerts[kind] == alerts["expected"] == 1


def test_pages_of_cancellation_are_expected_to_be_told(new_world: New) -> None:
    """Now and then somebody under contract opens one."""
    world = new_world(scale=0.5)
    figures = lived(world, 30, replace(QUIET, busy_web=0.0)).figures()
    views = world.select("SELECT properties FROM hubspot_events WHERE properties LIKE ?", (f"%{SITE}{CANCELLATION}%",))
    assert figures["alerts"]["expected"] == len(views) > 0


# -- through the control URL -------------------------------------------------------------------------------------------


def test_days_are_played_through_the_control_url(start_sandbox, connect_control) -> None:
    """Habits by name and figure by figure; a day; the figures."""
    with start_sandbox() as ready:
        control = connect_control(ready)
        begun = control.post("/simulation", {"seed": 3, "habits": "tidy", "figures": {"forgotten": 0.5}})
        assert begun.status_code == 201
        day = control.post("/day", {}).json()
        assert (day["day"], day["date"], day["business_day"]) == (1, "2026-11-18", True)
        assert control.get("/clock").json()["now"].startswith("2026-11-19T00:00")
        figures = control.get("/simulation/figures").json()
        assert (figures["seed"], figures["habits"], figures["days"]) == (3, "tidy", 1)
        assert control.get("/simulation").json()["business_days"] == 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"habits": "lazy"}, "tidy"),
        ({"figures": {"forgetful": 1}}, "no habit"),
        ({"figures": {"forgotten": -1}}, "from 0"),
        ({"figures": {"tasks_a_rep": 1.5}}, "whole number"),
        ({"figures": {"leavers": "monday"}}, "list of days"),
        ({"seeds": 1}, "seeds"),
        ({"figures": [1]}, "object"),
    ],
)
def test_wrong_habits_are_refused_with_what_is_possible(sandbox, connect_control, body: Any, told: str) -> None:
    """A misspelt name changes nothing, unnoticed: it is refused."""
    answer = connect_control(sandbox).post("/simulation", body)
    assert answer.status_code == 400
    assert told in answer.json()["error"]
