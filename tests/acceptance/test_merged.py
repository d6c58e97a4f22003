"""Records that become one while our task is open: the task stays, stays ours, and is not made twice."""

from collections.abc import Callable
from typing import Any

import pytest
from company import Company

from connector.model.intents import Standing
from connector.store import standings
from connector.store.standings import StandingRow
from connector.store.store import Store

Start = Callable[..., Company]


def stands(company: Company, deal: str) -> StandingRow:
    """Where a deal stands."""
    ref = f"salesforce:Opportunity:{deal}"
    store = Store.open(company.settings().database_url)
    with store.read() as tx:
        row = standings.get(tx, "stalled", [ref])[ref]
    store.close()
    return row


def somebody_else(company: Company, *busy: str) -> dict[str, Any]:
    """A contact of nobody's deal and no task."""
    used = {task["WhoId"] for task in company.records("salesforce", "Task")}
    used |= {event["WhoId"] for event in company.records("salesforce", "Event")}
    used |= {role["ContactId"] for role in company.records("salesforce", "OpportunityContactRole")}
    contacts = company.records("salesforce", "Contact")
    return next(one for one in contacts if not one["IsDeleted"] and one["Id"] not in {*used, *busy} and one["Email"])


def merge_the_person(company: Company, task: dict[str, Any], deal: dict[str, Any]) -> None:
    """Whom the task names is merged into a contact that nobody knew."""
    winner = somebody_else(company)["Id"]
    company.act(deal["OwnerId"], "merge", object="Contact", winner=winner, losers=[task["WhoId"]])


def merge_the_account(company: Company, task: dict[str, Any], deal: dict[str, Any]) -> None:
    """The deal's company is merged into another one without open deals."""
    led = {one["AccountId"] for one in company.records("salesforce", "Opportunity")}
    accounts = company.records("salesforce", "Account")
    winner = next(one["Id"] for one in accounts if not one["IsDeleted"] and one["Id"] not in led)
    company.act(deal["OwnerId"], "merge", object="Account", winner=winner, losers=[deal["AccountId"]])


def point_the_role_elsewhere(company: Company, task: dict[str, Any], deal: dict[str, Any]) -> None:
    """The deal has another person to talk to from now on."""
    roles = company.records("salesforce", "OpportunityContactRole")
    role = next(one for one in roles if one["OpportunityId"] == deal["Id"] and one["ContactId"] == task["WhoId"])
    values = {"ContactId": somebody_else(company)["Id"]}
    company.act(deal["OwnerId"], "update", object="OpportunityContactRole", id=role["Id"], values=values)


@pytest.mark.parametrize("plant", [frozenset(), frozenset({"nokey"})], ids=["with key field", "without key field"])
def test_what_becomes_one_keeps_its_one_task(company: Start, plant: frozenset[str]) -> None:
    """Person, account or role: the same open task on the same deal, on this day and the next, and issued as before."""
    here = company(scale=0.05, plant=plant)
    here.run()
    deals = {deal["Id"]: deal for deal in here.records("salesforce", "Opportunity")}
    named = {role["OpportunityId"]: role["ContactId"] for role in here.records("salesforce", "OpportunityContactRole")}
    ours = [
        task
        for task in here.tasks()
        if "管理番号" in (task["Description"] or "") and task["WhoId"] and named.get(task["WhatId"]) == task["WhoId"]
    ]
    changes = (merge_the_person, merge_the_account, point_the_role_elsewhere)
    for change, task in zip(changes, ours, strict=False):
        assert stands(here, task["WhatId"]).standing is Standing.ISSUED
        change(here, task, deals[task["WhatId"]])
    for duration in ("PT30M", "P1D"):
        here.advance(duration)
        summary = here.run()
        assert (summary.leaks, summary.withdrawn) == (0, 0)
        for change, task in zip(changes, ours, strict=False):
            there = [one for one in here.tasks() if one["WhatId"] == task["WhatId"]]
            assert [one["Id"] for one in there] == [task["Id"]], change.__name__
            row = stands(here, task["WhatId"])
            assert (row.standing, row.reason) == (Standing.ISSUED, "issued"), change.__name__
