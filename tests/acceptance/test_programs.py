"""All programs over some days of one company, judged by what the vendors saw: each planted case, rest, agreement."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from company import Company
from week import Row, Week, business_day_of, is_log, lived

from connector.cli.sandbox_year import Unhurried
from connector.model.intents import Standing
from connector.programs import programs
from connector.sandbox.server import SandboxOptions, running
from connector.store import standings
from connector.store.store import Store

pytestmark = [pytest.mark.xdist_group("programs"), pytest.mark.timeout(400)]  # one worker makes the week, once

DAYS = (1, 2, 3, 6)
CAPACITY = 15
HOLIDAY = frozenset({date(2026, 11, 23)})
CHURN, REQUEST = "解約防止フォロー", "失注情報の入力依頼"
AT_ONCE = {CHURN, REQUEST, "トスアップ対応"}
"""Tasks for a certain person, who does not wait for anybody's turn."""
PROGRAMS = (
    "lost", "hot_signal", "churn_risk", "account_status", "quarterly_check", "freshness", "handover", "feedback",
)  # fmt: skip
IN_QUEUE = frozenset({Standing.ISSUED, Standing.WAITING, Standing.MERGED})


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    """A week that all tests of this module look at."""
    place: Path = tmp_path_factory.mktemp("programs")
    project = place / "project"
    project.mkdir()
    folders = {"env_file": place / "env", "directory": place / "world"}
    with running(SandboxOptions(scale=0.05, plant=frozenset({"events"}), hurried=True, **folders)) as ready:
        yield lived(Company(ready.control_url, place / "env", project, Unhurried()), DAYS)


def records_of(case: Row) -> set[str]:
    """The Salesforce records of a case."""
    return set(case["salesforce"].values())


def tasks_of(week: Week, case: Row, until: int) -> list[Row]:
    """Live tasks of ours with the subject of the case, on its records."""
    mine = records_of(case)
    return [
        task
        for task in week.tasks(until)
        if task["Subject"] == case["check"]["subject"] and mine & {task["WhatId"], task["WhoId"]} and not task["gone"]
    ]


def waits(week: Week, case: Row) -> bool:
    """Whether it is in the queue, or has its day within the span that the case gives it."""
    start = week.points[0].day
    refs = [f"salesforce:{object_}:{id_}" for object_, id_ in case["salesforce"].items() if "Other" not in object_]
    with Store.open(week.here.settings().database_url).read() as tx:
        rows = list(standings.get(tx, case["program"], refs).values())
    span = start + timedelta(days=case["check"].get("within_days", -1))
    return any(row.standing in IN_QUEUE or (row.wake_at and row.wake_at.date() <= span) for row in rows)


def room_of_the_first_day(week: Week) -> int:
    """How many more tasks IS could have been given on the first day."""
    roles = {row["Id"]: row["DeveloperName"] for row in week.here.records("salesforce", "UserRole")}
    users = [row for row in week.here.records("salesforce", "User") if row["IsActive"]]
    staff = {row["Id"] for row in users if roles.get(row["UserRoleId"]) == "InsideSales"}
    given = [task for task in week.tasks(week.points[0].seq) if task["OwnerId"] in staff and not is_log(task)]
    return CAPACITY * len(staff) - len(given)


def task_faults(week: Week, case: Row, until: int) -> list[str]:
    """What is wrong with the task that a case expects."""
    check, found = case["check"], tasks_of(week, case, until)
    if not found and check.get("may_wait"):
        return [] if waits(week, case) else ["no task, and it does not wait for one"]
    if not found and check["subject"] not in AT_ONCE and room_of_the_first_day(week) == 0:
        found = tasks_of(week, case, week.points[1].seq)  # 枠待ち: it has its turn on the next business day
    if len(found) != 1:
        return [f"{len(found)} tasks"]
    return content_faults(week, case, found[0])


def content_faults(week: Week, case: Row, task: Row) -> list[str]:
    """What in a task is not as its case says."""
    check, wrong = case["check"], []
    for name in {"WhoId", "OwnerId", "ActivityDate"} & check.keys():
        wrong += [f"{name} is {task[name]}, not {check[name]}"] if task[name] != check[name] else []
    if check.get("role", role := role_of(week, task["OwnerId"])) != role:
        wrong.append(f"it is given to {role}")
    return wrong + [
        f"the text lacks {part}" for part in check.get("text_contains", []) if part not in task["Description"]
    ]


def role_of(week: Week, user: str) -> str | None:
    """The DeveloperName of a user's role."""
    roles = {row["Id"]: row["DeveloperName"] for row in week.here.records("salesforce", "UserRole")}
    users = {row["Id"]: row["UserRoleId"] for row in week.here.records("salesforce", "User")}
    return roles.get(users[user])


def told(week: Week, case: Row, until: int) -> set[str]:
    """Users whom the program told about the case, by post and by bell."""
    names = {row["Id"]: row["Name"] for row in week.here.records("salesforce", "User")}
    posts = [
        text.splitlines()[0]
        for key, record, text in week.posts(until)
        if key.startswith(f"{case['program']}:") and record in records_of(case)
    ]
    mentioned = {user for user, name in names.items() if any(f"@{name}" in line for line in posts)}
    return mentioned & {user for user, record, _ in week.bells(until) if record in records_of(case)}


def field_faults(week: Week, case: Row, days: int) -> list[str]:
    """Values of the case that are not as it expects."""
    wrong = []
    for wanted in case["check"]["fields"]:
        row = week.points[days].records[wanted["system"], wanted["object"], wanted["id"]]
        value = row.get(wanted["field"])
        low, high = sorted(wanted.get("between", ["", "~"]))
        held = (
            ("value" not in wanted or (value or None) == wanted["value"])
            and wanted.get("contains", "") in (value or "")
            and (not wanted.get("filled") or bool(value))
            and ("between" not in wanted or low <= str(value) <= high)
        )
        if not held:
            how = {name: what for name, what in wanted.items() if name not in {"system", "object", "id", "field"}}
            wrong.append(f"{wanted['object']}.{wanted['field']} is {value!r}, expected {how}")
    return wrong


def on_list(week: Week, case: Row, until: int) -> bool:
    """Whether the case's person is on the list that it names."""
    lists = {row["id"] for row in week.here.records("hubspot", "lists") if row["name"] == case["check"]["list"]}
    return any((one, case["hubspot"]["contacts"]) in week.members(until) for one in lists)


def faults(week: Week, case: Row) -> list[str]:
    """What is not as the practice says about a case, on the day for which it says so."""
    days = case.get("after_days", 0)
    until, check = week.points[days].seq, case["check"]
    match case["expect"]:
        case "task":
            return task_faults(week, case, until)
        case "no_task":
            return [f"task for {one['WhoId']}, due {one['ActivityDate']}" for one in tasks_of(week, case, until)]
        case "alert":
            return [f"{one} was not told" for one in sorted(set(check["to"]) - told(week, case, until))]
        case "no_alert":
            return [f"{one} was told" for one in sorted(set(check["to"]) & told(week, case, until))]
        case "fields":
            return field_faults(week, case, days)
        case "on_list" | "not_on_list" as wanted:
            is_on = on_list(week, case, until)
            return [] if is_on == (wanted == "on_list") else [f"on the list: {is_on}"]
        case other:
            return [f"nothing here can check {other}"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_planted_case_of_a_program_comes_out_as_the_practice_says(week: Week, program: str) -> None:
    """Positive, negative and boundary case of every sentence, as the sandbox's truth names them."""
    cases = [case for case in week.cases if case["program"] == program]
    wrong = [f"{case['case']} ({case['sentence']}): {fault}" for case in cases for fault in faults(week, case)]
    assert len(cases) > 2
    assert not wrong, "\n" + "\n".join(wrong)


def test_an_unchanged_company_is_left_alone(week: Week) -> None:
    """The second cycle sends nothing that a vendor takes; what an org refuses may be tried again."""
    summary = dict(week.cycles)["unchanged"]
    assert (summary.done, summary.unknown) == (0, 0)
    assert summary.planned == summary.refused <= len(week.here.truth()["old_records"])


def test_nothing_is_written_back_and_forth(week: Week) -> None:
    """No field of a record returns to a value that it had before, and none is written twice with one value."""
    seen: dict[tuple[str, str, str, str], list[Any]] = {}
    for entry in week.ours():
        if entry["operation"] == "update":
            for name, value in (entry["after"] or {}).items():
                seen.setdefault((entry["vendor"], entry["object"], entry["id"], name), []).append(value)
    again = {place: values for place, values in seen.items() if len(values) != len({str(value) for value in values})}
    assert not again, "\n".join(f"{place}: {values}" for place, values in again.items())


def test_every_eligible_case_is_accounted_for_on_every_day(week: Week) -> None:
    """漏れ is 0 after each cycle and for each program, and nothing stays in doubt."""
    assert {label: (run.leaks, run.unknown) for label, run in week.cycles if run.leaks or run.unknown} == {}
    of_programs = [(label, name) for label, run in week.cycles for name, one in run.programs.items() if one.leaks]
    assert of_programs == []


def test_a_person_has_at_most_one_open_task(week: Week) -> None:
    """Over all programs, whoever of a person's records a task names; requests to owners and churn stand beside it."""
    tasks: dict[str, list[str]] = {}
    for task in week.tasks():
        if task["WhoId"] and not task["gone"] and not is_log(task) and task["Subject"] not in {CHURN, REQUEST}:
            tasks.setdefault(week.people.get(str(task["WhoId"]), str(task["WhoId"])), []).append(task["Okoshi_Key__c"])
    double = {person: keys for person, keys in tasks.items() if len(keys) > 1}
    assert len(tasks) > 50
    assert not double, "\n".join(f"{person}: {keys}" for person, keys in double.items())


def test_nobody_gets_more_new_tasks_a_day_than_there_is_room_for(week: Week) -> None:
    """Fifteen for each person and business day over all programs; churn stands outside it."""
    made = [task for task in week.tasks() if not is_log(task) and task["Subject"] != CHURN]
    loads = Counter((task["OwnerId"], business_day_of(task["made"], HOLIDAY)) for task in made)
    assert {place: load for place, load in loads.items() if load > CAPACITY} == {}


def test_nobody_who_refuses_calls_or_has_left_is_to_be_called(week: Week) -> None:
    """架電NG of the person or the company and 退職, in either system: no task names that person."""
    companies = {row["Id"]: row for row in week.here.records("salesforce", "Account")}
    closed = set()
    for object_ in ("Contact", "Lead"):
        for row in week.here.records("salesforce", object_):
            company = companies.get(row.get("AccountId"), {})
            refuses = row.get("DoNotCall") or "不可" in {row.get("Call_Consent__c"), company.get("Call_Consent__c")}
            if refuses or row.get("Left_Company__c"):
                closed.add(row["Id"])
    calls = [task for task in week.tasks() if not is_log(task) and task["Subject"] not in {CHURN, REQUEST}]
    assert len(closed) > 10
    assert [task["Okoshi_Key__c"] for task in calls if task["WhoId"] in closed] == []


def test_companies_that_a_person_put_aside_are_left_alone(week: Week) -> None:
    """Nothing but the churn alert concerns 不適合 and 登録保存: no task, and nobody is told but the manager."""
    aside = {
        row["Id"]
        for row in week.here.records("salesforce", "Account")
        if row["Account_Status__c"] in {"不適合", "登録保存"}
    }
    known = {
        row["Id"]: row["AccountId"]
        for object_ in ("Opportunity", "Contact")
        for row in week.here.records("salesforce", object_)
    }
    of = [
        task["Okoshi_Key__c"]
        for task in week.tasks()
        if task["Subject"] != CHURN and aside & {known.get(task["WhatId"], task["WhatId"]), known.get(task["WhoId"])}
    ]
    assert len(aside) > 2
    assert of == []


def test_nobody_is_told_the_same_thing_twice(week: Week) -> None:
    """One post for each key, one bell for each person about one thing."""
    posts = Counter((key, record) for key, record, _ in week.posts())
    assert len(posts) > 20
    assert {one: count for one, count in posts.items() if count > 1} == {}
    assert {one: count for one, count in Counter(week.bells()).items() if count > 1} == {}


def test_within_its_span_everybody_who_is_due_gets_a_follow_up_call(week: Week) -> None:
    """At the end of the four months, with room enough and the other programs at rest: a task for each planted person.

    The last test of this module: it lets the company's time pass.
    """
    here, cases = week.here, [case for case in week.cases if "within_days" in case.get("check", {})]
    folder = here.project / "mappings" / "programs"
    folder.mkdir(parents=True)
    (folder.parent / "team.yaml").write_text("inside_sales: {capacity_per_day: 60}\n", encoding="utf-8")
    for name in programs().keys() - {"freshness"}:
        (folder / f"{name}.yaml").write_text("enabled: false\n", encoding="utf-8")
    here.advance(f"P{max(case['check']['within_days'] for case in cases) - DAYS[-1]}D")
    week.cycle("end of the span")
    week.journal = here.entries()
    last = week.journal[-1]["seq"]
    assert len(cases) > 3
    found = [(case, tasks_of(week, case, last)) for case in cases]
    assert [case["case"] for case, tasks in found if len(tasks) != 1] == []
    assert [(case["case"], fault) for case, tasks in found for fault in content_faults(week, case, tasks[0])] == []
    untouched = [case for case in week.cases if case["program"] == "freshness" and case["expect"] == "no_task"]
    assert [case["case"] for case in untouched if case["reason"] != "fresh" and tasks_of(week, case, last)] == []
