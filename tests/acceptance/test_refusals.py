"""What Salesforce refuses is shown with its reason and tried again on the next business day; nothing is lost by it."""

from collections.abc import Callable

import pytest
import requests
from company import Company

from connector.model.intents import Standing
from connector.store import standings
from connector.store.standings import StandingRow
from connector.store.store import Store

Start = Callable[..., Company]
RULE = [{"errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "入力規則"}]


def refuse(company: Company, method: str) -> None:
    """The next write of this kind meets a validation rule."""
    details = {"vendor": "salesforce", "path": "/composite/sobjects", "method": method, "status": 400, "body": RULE}
    requests.post(f"{company.control}/faults", json=details, timeout=10).raise_for_status()


def rows(company: Company, standing: Standing) -> list[StandingRow]:
    """Every case that stands so."""
    store = Store.open(company.settings().database_url)
    with store.read() as tx:
        found = list(standings.by_standing(tx, standing))
    store.close()
    return found


@pytest.mark.parametrize("plant", [frozenset(), frozenset({"nokey"})], ids=["with key field", "without key field"])
def test_refused_tasks_free_the_deals_merged_into_them_and_come_the_next_day(
    company: Start, plant: frozenset[str]
) -> None:
    """No deal counts as merged into a task that is not there; on the next business day the tasks are written."""
    here = company(plant=plant)
    refuse(here, "POST")
    first = here.run()
    assert first.refused == first.planned > 0
    assert {(one.effect, one.object, one.id) for one in first.refusals} == {("task", "Task", None)}
    assert all("FIELD_CUSTOM_VALIDATION_EXCEPTION" in one.reason for one in first.refusals)
    assert len(first.refusals) == first.refused
    assert first.leaks == 0
    there = {row.person_key for row in rows(here, Standing.ISSUED)}
    assert [row for row in rows(here, Standing.MERGED) if row.person_key not in there] == []
    here.advance("P1D")
    second = here.run()
    assert (second.refused, second.leaks) == (0, 0)
    assert second.done > 0


def test_a_refused_withdrawal_comes_the_next_day(company: Start) -> None:
    """The deal was closed: its task is taken back as soon as Salesforce lets us."""
    here = company()
    here.run()
    task = next(task for task in here.tasks() if task.get("Okoshi_Key__c"))
    deal = next(deal for deal in here.records("salesforce", "Opportunity") if deal["Id"] == task["WhatId"])
    here.act(deal["OwnerId"], "close_lost", opportunity=deal["Id"])
    refuse(here, "DELETE")
    first = here.run()
    assert (first.refused, first.withdrawn) == (1, 1)
    assert task["Id"] in {row["Id"] for row in here.tasks()}
    here.advance("P1D")
    second = here.run()
    assert (second.refused, second.withdrawn) == (0, 1)
    assert task["Id"] not in {row["Id"] for row in here.tasks()}
