"""The main job against the sandbox, judged by what the vendors saw: state, journal, count of requests."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from company import Company

from connector.model.errors import OkoshiError
from connector.model.intents import Standing
from connector.model.plan import FieldChange, Operation, Plan
from connector.store import mirror, standings
from connector.store.store import Store

Start = Callable[..., Company]


def doubles(company: Company) -> list[str]:
    """Deals with more than one open task of the subject."""
    return [deal for deal, count in Counter(task["WhatId"] for task in company.tasks()).items() if count > 1]


def outcome(tasks: list[dict[str, Any]], tx: Any, case: dict[str, Any]) -> tuple[str, str | None]:
    """What became of a planted deal: task or no task, and the reason that Okoshi gives."""
    deal = case["salesforce"]["Opportunity"]
    ref = f"salesforce:Opportunity:{deal}"
    row = standings.get(tx, "stalled", [ref]).get(ref)
    ours = [task for task in tasks if task["WhatId"] == deal and task.get("Okoshi_Key__c")]
    return ("task" if ours else "no_task"), (row.reason if row else None)


def test_every_planted_case_comes_out_as_the_practice_says(company: Start) -> None:
    """Positive, negative and boundary case of every sentence, as the sandbox's truth names them."""
    here = company()
    summary = here.run()
    aside = {str(item.ref) for item in summary.set_aside_records}
    wrong, tasks = [], here.tasks()
    with Store.open(here.settings().database_url).read() as tx:
        for case in here.truth()["cases"]:
            if case["expect"] == "set_aside":
                bad = case["check"]["set_aside"]
                if f"{bad['system']}:{bad['object']}:{bad['id']}" not in aside:
                    wrong.append((case["case"], "was not set aside"))
                continue
            got, why = outcome(tasks, tx, case)
            silent = case.get("reason") in (None, "closed") or got == "task"
            if got != case["expect"] or not (silent or why == case["reason"]):
                wrong.append((case["case"], f"expected {case['expect']} {case.get('reason')}, got {got} {why}"))
    assert wrong == []
    assert summary.leaks == 0


def test_task_texts_and_fields_hold_what_the_planted_cases_ask_for(company: Start) -> None:
    """WhoId, marks of consent, names of stand-ins: as the IS rep will read them."""
    here = company()
    here.run()
    by_deal = {task["WhatId"]: task for task in here.tasks()}
    wrong = []
    for case in here.truth()["cases"]:
        task, check = by_deal.get(case["salesforce"]["Opportunity"]), case.get("check") or {}
        if case["expect"] != "task" or task is None:
            continue
        wrong += [(case["case"], text) for text in check.get("text_contains", []) if text not in task["Description"]]
        wrong += [(case["case"], text) for text in check.get("text_lacks", []) if text in task["Description"]]
        wrong += [
            (case["case"], name) for name in ("WhoId", "ActivityDate") if name in check and task[name] != check[name]
        ]
    assert wrong == []


def test_the_second_cycle_writes_nothing_and_asks_little(company: Start) -> None:
    """Nothing changed: no write. One hour later: still none, and as many calls as before."""
    here = company()
    here.run()
    written = here.journal()
    assert here.run().planned == 0
    here.advance("PT1H")
    third = here.run()
    here.advance("PT1H")
    fourth = here.run()
    assert (third.planned, fourth.planned) == (0, 0)
    assert here.journal() == written
    assert third.api_calls == fourth.api_calls


def test_calls_of_a_quiet_cycle_do_not_grow_with_the_company(company: Start) -> None:
    """Five times the company, the same number of calls."""
    calls = []
    for scale in (0.05, 0.25):
        here = company(scale=scale)
        here.run()
        here.run()
        calls.append(here.run().api_calls)
    assert calls[0] == calls[1]


def test_on_the_next_business_day_only_what_waited_moves_up(company: Start) -> None:
    """Capacity of one task a day for each of five people: five today, five tomorrow, none an hour later."""
    here = company()
    team = here.project / "mappings"
    team.mkdir(exist_ok=True)
    (team / "team.yaml").write_text("inside_sales: {capacity_per_day: 1}\n", encoding="utf-8")
    first = here.run()
    assert first.done == 5
    assert first.waiting > 10
    here.advance("PT1H")
    assert here.run().done == 0
    here.advance("P1D")
    second = here.run()
    assert second.created == 5
    assert second.leaks == 0
    assert len({task["Id"] for task in here.tasks() if task.get("Okoshi_Key__c")}) == 10
    per_day = Counter((task["OwnerId"], task["ActivityDate"]) for task in here.tasks() if task.get("Okoshi_Key__c"))
    assert set(per_day.values()) == {1}


def test_on_a_day_off_the_queue_stands_still(company: Start) -> None:
    """Friday's queue does not move on Saturday or on Monday's holiday; it moves up on the next business day."""
    here = company(clock=datetime(2026, 11, 20, 10, tzinfo=UTC))
    team = here.project / "mappings"
    team.mkdir(exist_ok=True)
    (team / "team.yaml").write_text("inside_sales: {capacity_per_day: 2}\n", encoding="utf-8")
    friday = here.run()
    assert friday.done == 10
    queued = {verdict.case for verdict in here.dry_run().waiting}
    for _ in range(3):  # Saturday, Sunday, a holiday on Monday: at most what has newly become stalled
        here.advance("P1D")
        assert not queued & {change.case for change in here.dry_run().changes}
    here.advance("P1D")
    tuesday = here.run()
    assert tuesday.done == 10
    assert {task["ActivityDate"] for task in here.tasks() if task.get("Okoshi_Key__c")} == {"2026-11-20", "2026-11-24"}


def test_tasks_of_somebody_who_left_are_seen(company: Start) -> None:
    """The IS person is deactivated: those deals are no longer counted as issued, with the reason.

    What was merged into one of those tasks stays so: the task is open, and its person gets no second one.
    """
    here = company()
    issued = here.run().issued
    with Store.open(here.settings().database_url).read() as tx:
        merged = {row.person_key for row in standings.by_standing(tx, Standing.MERGED)} - {None}
        leading = {row.case for row in standings.of_people(tx, merged) if row.standing is Standing.ISSUED}
    ours = [task for task in here.tasks() if task.get("Okoshi_Key__c")]
    rep = next(task["OwnerId"] for task in ours if f"salesforce:Opportunity:{task['WhatId']}" in leading)
    theirs = sum(task["OwnerId"] == rep and bool(task.get("Okoshi_Key__c")) for task in here.tasks())
    here.advance("PT30M")
    here.run()
    here.act(rep, "update", vendor="salesforce", object="User", id=rep, values={"IsActive": False})
    here.advance("PT30M")
    run = here.run()
    assert (run.issued, run.created) == (issued - theirs, 0)
    assert sum(verdict.reason == "holder_left" for verdict in here.dry_run().excluded) == theirs


def test_a_lost_database_is_rebuilt_from_what_stands_in_the_vendors(company: Start) -> None:
    """Our tasks are recognised by their keys: none is made again, and none that a person ended comes back."""
    here = company()
    first = here.run()
    deleted, unneeded = [task for task in here.tasks() if task.get("Okoshi_Key__c")][:2]
    here.act(deleted["OwnerId"], "delete_task", task=deleted["Id"])
    here.act(unneeded["OwnerId"], "close_task_not_needed", task=unneeded["Id"])
    (here.project / "okoshi.db").unlink()
    again = here.run()
    assert (again.planned, again.leaks) == (0, 0)
    assert again.issued == first.issued - 2
    assert again.excluded == first.excluded + 2


def created(company: Company) -> dict[str, tuple[Any, ...]]:
    """The tasks that Okoshi wrote, by key, as the vendor holds them."""
    names = ("Subject", "OwnerId", "WhoId", "WhatId", "ActivityDate", "Description", "Status")
    return {
        task["Okoshi_Key__c"]: tuple(task[name] for name in names)
        for task in company.tasks()
        if task.get("Okoshi_Key__c")
    }


def test_a_dry_run_and_then_a_run_write_what_a_run_alone_writes(company: Start) -> None:
    """The dry run writes nothing, consumes nothing, and says exactly what the run then does."""
    alone, both = company(), company()
    alone.run()
    plan = both.dry_run()
    assert both.journal() == []
    summary = both.run()
    assert summary.planned == len(plan.changes)
    assert created(both) == created(alone)
    assert {change.key for change in plan.changes} == created(both).keys()


def test_an_approved_plan_is_written_exactly(company: Start) -> None:
    """`apply` writes what the plan says, also if a person struck out some of it, and applying twice writes once."""
    here = company()
    plan = here.dry_run()
    approved = plan.model_copy(update={"changes": plan.changes[:7]})
    summary = here.apply(Plan.model_validate_json(approved.model_dump_json()))
    assert (summary.done, summary.stale) == (7, ())
    assert (summary.eligible, summary.leaks) == (plan.counts.eligible, 0)
    assert summary.plan_id == plan.plan_id
    assert created(here).keys() == {change.key for change in approved.changes}
    again = here.apply(approved)
    assert (again.done, again.already_done, again.stale) == (0, 7, ())
    assert here.run().done == len(plan.changes) - 7


def test_apply_refuses_what_has_moved(company: Start) -> None:
    """The owner had a talk after the plan was made: that task is not written, the others are."""
    here = company()
    plan = here.dry_run()
    moved = next(change for change in plan.changes if change.operation is Operation.CREATE)
    deal = moved.fields["WhatId"].after
    owner = next(d["OwnerId"] for d in here.records("salesforce", "Opportunity") if d["Id"] == deal)
    here.act(owner, "log_meeting", opportunity=deal)
    summary = here.apply(plan)
    assert moved.key in summary.stale
    assert summary.done >= len(plan.changes) - 5
    assert moved.key not in created(here)


def test_a_plan_that_somebody_edited_is_not_written(company: Start) -> None:
    """Only what Okoshi itself would write now can be approved: no other object, no other field, no other text."""
    here = company()
    plan = here.dry_run()
    first, second, third, *rest = plan.changes
    edited = [
        first.model_copy(update={"object": "Opportunity", "fields": {"StageName": FieldChange(after="受注")}}),
        second.model_copy(update={"fields": second.fields | {"Priority": FieldChange(after="高")}}),
        third.model_copy(update={"fields": third.fields | {"OwnerId": FieldChange(after="005000000000000AAA")}}),
    ]
    summary = here.apply(plan.model_copy(update={"changes": (*edited, *rest[:2])}))
    assert set(summary.stale) == {change.key for change in edited}
    assert summary.done == 2


def test_a_program_that_is_switched_off_is_left_out(company: Start) -> None:
    """Waiting deals of it do not stop the run; switched on again it goes on where it was."""
    here = company()
    overlay = here.project / "mappings" / "programs"
    overlay.mkdir(parents=True, exist_ok=True)
    (here.project / "mappings" / "team.yaml").write_text("inside_sales: {capacity_per_day: 1}\n", encoding="utf-8")
    first = here.run()
    (overlay / "stalled.yaml").write_text("enabled: false\n", encoding="utf-8")
    off = here.run()
    assert (off.planned, off.eligible) == (0, 0)
    (overlay / "stalled.yaml").unlink()
    on = here.run()
    assert (on.planned, on.eligible, on.issued) == (0, first.eligible, first.issued)


def test_the_owners_talk_withdraws_an_untouched_task_and_leaves_a_begun_one(company: Start) -> None:
    """Withdrawn: deleted if untouched, left with a note if begun; and neither comes back for this stall."""
    here = company()
    here.run()
    deals = {d["Id"]: d["OwnerId"] for d in here.records("salesforce", "Opportunity") if not d["IsClosed"]}
    ours = [t for t in here.tasks() if t.get("Okoshi_Key__c") and t["WhoId"] and deals.get(t["WhatId"])]
    untouched, begun = ours[0], ours[1]
    here.act(begun["OwnerId"], "start_task", task=begun["Id"])
    for task in (untouched, begun):
        here.act(deals[task["WhatId"]], "log_meeting", opportunity=task["WhatId"])
    here.advance("PT30M")
    assert here.run().withdrawn >= 2
    by_id = {task["Id"]: task for task in here.records("salesforce", "Task")}
    assert by_id[untouched["Id"]]["IsDeleted"]
    assert not by_id[begun["Id"]]["IsDeleted"]
    assert by_id[begun["Id"]]["Description"].startswith("【取り下げ】")
    here.advance("PT30M")
    quiet = here.run()
    assert (quiet.withdrawn, quiet.leaks) == (0, 0)


def test_a_task_that_a_person_ended_does_not_come_back(company: Start) -> None:
    """Deleted, or closed as not needed: not again for the same stall, on this day or the next."""
    here = company()
    here.run()
    ended = [task for task in here.tasks() if task.get("Okoshi_Key__c")][:2]
    for task, action in zip(ended, ("delete_task", "close_task_not_needed"), strict=True):
        here.act(task["OwnerId"], action, task=task["Id"])
    for _ in range(2):
        here.advance("P1D")
        here.run()
    assert not {task["WhatId"] for task in ended} & {task["WhatId"] for task in here.tasks()}


def test_an_org_without_the_key_field_gets_each_task_once(company: Start) -> None:
    """Look before write: the reference in the task's text takes the key's place."""
    here = company(plant=frozenset({"nokey"}))
    first = here.run()
    assert first.done == first.planned > 0
    assert here.run().planned == 0
    assert doubles(here) == []
    assert all("Okoshi_Key__c" not in task for task in here.tasks())


@pytest.mark.parametrize("plant", ["ties", "late", "window"])
def test_heavy_cases_lose_and_double_nothing(company: Start, plant: str) -> None:
    """Thousands of rows of one stamp, rows that commit late, a search over ten thousand rows out of order."""
    here = company(plant=frozenset({plant}))
    here.run()
    for _ in range(2):  # what we wrote ourselves is read back by the next cycle
        here.advance("PT20M")
        here.run()
    with Store.open(here.settings().database_url).read() as tx:
        counted = mirror.count(tx)
    assert counted["hubspot person"] == len(here.records("hubspot", "contacts"))
    people = [*here.records("salesforce", "Contact"), *here.records("salesforce", "Lead")]
    assert counted["salesforce person"] == sum(not person["IsDeleted"] for person in people)
    activities = [*here.records("salesforce", "Task"), *here.records("salesforce", "Event")]
    assert counted["salesforce activity"] == sum(not activity["IsDeleted"] for activity in activities)
    assert doubles(here) == []


def test_on_postgresql_the_same_tasks_are_written(company: Start, new_postgres_url: str) -> None:
    """Which database keeps the state makes no difference to what the vendors see."""
    on_sqlite, on_postgresql = company(), company()
    on_postgresql.overrides["database"] = {"url": new_postgres_url}
    on_sqlite.run()
    plan = on_postgresql.dry_run()
    assert on_postgresql.run().planned == len(plan.changes)
    assert created(on_postgresql) == created(on_sqlite)
    assert on_postgresql.run().planned == 0


def test_a_first_run_and_a_resumed_first_run_read_the_same(company: Start) -> None:
    """A vendor that fails in the middle of the first load leaves a mirror that the next run completes."""
    whole, broken = company(), company()
    whole.run()
    requests.post(
        f"{broken.control}/faults",
        json={"vendor": "hubspot", "path": "/objects/.*/emails", "status": 403, "times": 1, "body": "{}"},
        timeout=10,
    ).raise_for_status()
    with pytest.raises(OkoshiError):
        broken.run()
    assert broken.tasks() == [task for task in broken.tasks() if not task.get("Okoshi_Key__c")]
    broken.run()
    assert created(broken) == created(whole)
