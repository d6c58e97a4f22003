"""A week in which people do at random what people do: what must hold after every cycle, whatever happened."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from company import Company

from connector.model.intents import Standing
from connector.store import Store, marks, standings

Start = Callable[..., Company]
ACTS_A_DAY = 25


def live(company: Company, object_: str) -> list[dict[str, Any]]:
    """Records that are not deleted."""
    return [record for record in company.records("salesforce", object_) if not record["IsDeleted"]]


def something_happens(company: Company, chance: random.Random) -> None:
    """One act of one person: on a deal, or on one of our tasks."""
    active = {user["Id"] for user in company.records("salesforce", "User") if user["IsActive"]}
    deals = [deal for deal in live(company, "Opportunity") if not deal["IsClosed"] and deal["OwnerId"] in active]
    tasks = company.tasks()
    deal, days = chance.choice(deals), chance.choice([0, 0, 0, 3, 20, 70])
    past = company.now().date().toordinal() - days
    on = type(company.now().date()).fromordinal(past).isoformat()
    acts: list[Callable[[], Any]] = [
        lambda: company.act(deal["OwnerId"], "log_meeting", opportunity=deal["Id"], at=f"{on}T01:00:00Z"),
        lambda: company.act(deal["OwnerId"], "log_call", opportunity=deal["Id"], disposition="不在", date=on),
        lambda: company.act(deal["OwnerId"], "book_meeting", opportunity=deal["Id"]),
        lambda: company.act(deal["OwnerId"], "close_lost", opportunity=deal["Id"]),
    ]
    if tasks:
        task = chance.choice(tasks)
        acts += [
            lambda: company.act(task["OwnerId"], "start_task", task=task["Id"]),
            lambda: company.act(task["OwnerId"], "complete_task", task=task["Id"], disposition="不在"),
            lambda: company.act(task["OwnerId"], "complete_task", task=task["Id"], disposition="接続"),
            lambda: company.act(task["OwnerId"], "delete_task", task=task["Id"]),
            lambda: company.act(task["OwnerId"], "close_task_not_needed", task=task["Id"]),
        ]
    chance.choice(acts)()


@pytest.mark.parametrize("seed", [11])
def test_whatever_people_do_no_deal_has_two_tasks_and_none_is_lost(company: Start, seed: int) -> None:
    """After every cycle: one open task a deal at most, 漏れ 0, capacity kept, and nothing to do for a second cycle.

    In the end a fresh look at every deal must say what stands already: whatever time alone changes was seen in time.
    """
    here, chance = company(), random.Random(seed)
    here.run()
    for _ in range(5):
        here.advance("P1D")
        for _ in range(ACTS_A_DAY):
            something_happens(here, chance)
        summary = here.run()
        assert (summary.leaks, summary.refused, summary.unknown) == (0, 0, 0)
        assert summary.eligible == summary.issued + summary.merged + summary.waiting + summary.excluded
        ours = [task for task in here.tasks() if task.get("Okoshi_Key__c")]
        assert max(Counter(task["WhatId"] for task in here.tasks()).values()) == 1
        assert max(Counter((task["OwnerId"], task["ActivityDate"]) for task in ours).values()) <= 15
        closed = {deal["Id"] for deal in live(here, "Opportunity") if deal["IsClosed"]}
        untouched = [task for task in ours if task["WhatId"] in closed and task["Status"] == "未着手"]
        assert untouched == []
        assert here.run().planned == 0
    here.advance("P75D")
    here.run()
    here.run()
    before = standing(here)
    with Store.open(here.settings().database_url).begin() as tx:
        marks.mark_all(tx)
    assert here.run().withdrawn == 0
    assert standing(here) == before


def standing(company: Company) -> dict[str, tuple[str, str | None]]:
    """Where every deal stands; waiting deals may differ in whether they have been in the queue before."""
    with Store.open(company.settings().database_url).read() as tx:
        rows = [row for where in Standing for row in standings.by_standing(tx, where)]
    return {row.case: (row.standing, row.reason if row.standing is Standing.EXCLUDED else None) for row in rows}
