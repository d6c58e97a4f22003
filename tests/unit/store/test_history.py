"""Plans, runs, monthly figures and the team: what is kept beside the cases."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from store_records import NOW, creation, deal, hs, sf, user

from connector.model.plan import Counts, Plan
from connector.store import Store, mirror, plans, runs, statistics, team


def test_a_plan_comes_back_as_it_was_made(store: Store) -> None:
    """And is replaced by one of the same id."""
    plan = Plan(
        plan_id="p1",
        now=NOW,
        settings_version="s",
        counts=Counts(eligible=1, issued=1),
        changes=(creation("k", sf("Opportunity", 1)),),
    )
    with store.begin() as tx:
        plans.save(tx, plan.model_copy(update={"settings_version": "old"}))
        plans.save(tx, plan)
        assert plans.get(tx, "p1") == plan
        assert plans.get(tx, "p2") is None


def test_a_plan_without_changes_is_not_kept(store: Store) -> None:
    """Most cycles change nothing; an earlier plan of the same id goes too."""
    plan = Plan(plan_id="p1", now=NOW, settings_version="s", changes=(creation("k", sf("Opportunity", 1)),))
    with store.begin() as tx:
        plans.save(tx, plan)
        plans.save(tx, plan.model_copy(update={"changes": ()}))
        assert plans.get(tx, "p1") is None


def test_only_the_latest_plans_and_runs_are_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that works for years does not grow with its cycles."""
    monkeypatch.setattr(plans, "KEPT", 3)
    monkeypatch.setattr(runs, "KEPT", 3)
    changes = (creation("k", sf("Opportunity", 1)),)
    with store.begin() as tx:
        for number in range(5):
            at = NOW + timedelta(hours=number)
            plans.save(tx, Plan(plan_id=f"p{number}", now=at, settings_version="s", changes=changes))
            runs.start(tx, f"r{number}", at)
            runs.finish(tx, f"r{number}", {}, at)
        assert [number for number in range(5) if plans.get(tx, f"p{number}")] == [2, 3, 4]
        assert [number for number in range(5) if runs.get(tx, f"r{number}")] == [2, 3, 4]
        plans.prune(tx, 1)
        runs.prune(tx, 1)
        assert [number for number in range(5) if plans.get(tx, f"p{number}")] == [4]
        assert [number for number in range(5) if runs.get(tx, f"r{number}")] == [4]


@pytest.mark.parametrize("name", ["set_aside_records", "unwritten_fields", "refusals"])
def test_a_run_names_the_first_of_what_was_left_out(store: Store, name: str) -> None:
    """Their number stays; all of them stand in a table of their own."""
    aside = [{"ref": ["salesforce", "Task", str(number)], "reason": "no date"} for number in range(50)]
    with store.begin() as tx:
        runs.start(tx, "r", NOW)
        runs.finish(tx, "r", {"set_aside": 50, name: aside}, NOW)
        run = runs.get(tx, "r")
        assert run is not None
        assert run.summary == {"set_aside": 50, name: aside[:20]}


def test_the_last_run_is_the_one_that_finished_last(store: Store) -> None:
    """A run under way, or killed, is known but not the last."""
    with store.begin() as tx:
        assert runs.last(tx) is None
        runs.start(tx, "r1", NOW)
        runs.finish(tx, "r1", {"done": 3}, NOW + timedelta(minutes=1))
        runs.start(tx, "r2", NOW + timedelta(hours=1))
        last = runs.last(tx)
        assert last == runs.Run("r1", NOW, NOW + timedelta(minutes=1), {"done": 3})
        under_way = runs.get(tx, "r2")
        assert under_way is not None
        assert under_way.finished_at is None


def test_figures_are_kept_by_month(store: Store) -> None:
    """What was computed once stays for its month."""
    with store.begin() as tx:
        statistics.put(tx, "lead", "2025-06", {"won": 3, "mean_days": 1.5})
        statistics.put(tx, "lead", "2025-06", {"won": 4, "mean_days": 2.5})
        assert statistics.get(tx, "lead", "2025-06") == {"won": 4, "mean_days": 2.5}
        assert statistics.get(tx, "lead", "2025-07") is None


def test_the_lead_time_of_won_deals_is_counted_in_local_days(store: Store) -> None:
    """Of the SFA's own deals, by record type; imported ones that were closed before they were created say nothing."""
    created = datetime(2025, 5, 1, 16, tzinfo=UTC)  # 2 May in Tokyo
    won = {"is_won": True, "is_closed": True, "created_at": created, "close_date": date(2025, 5, 12)}
    records = [
        deal(1, **won, record_type="ShortCycle"),
        deal(2, **won | {"close_date": date(2025, 6, 1)}),
        deal(3, **won | {"close_date": date(2025, 4, 1)}),
        deal(4, **won | {"is_won": False}),
        deal(5, **won, deleted=True),
        deal(hs("deals", 1), **won),
    ]
    with store.begin() as tx:
        mirror.save(tx, records)
        assert statistics.won_lead_time(tx, "ShortCycle", UTC, "salesforce") == (1, 11.0)
        assert statistics.won_lead_time(tx, "ShortCycle", ZoneInfo("Asia/Tokyo"), "salesforce") == (1, 10.0)
        assert statistics.won_lead_time(tx, None, UTC, "salesforce") == (2, 21.0)
        assert statistics.won_lead_time(tx, "Other", UTC, "salesforce") == (0, 0.0)


def test_only_active_people_of_a_role_are_given_work(store: Store) -> None:
    """Those who left can still be named."""
    records = [
        user(2, role="InsideSales"),
        user(1, role="InsideSales"),
        user(3, role="InsideSales", is_active=False),
        user(4, role="Sales"),
        user(5, role="InsideSales", deleted=True),
    ]
    with store.begin() as tx:
        mirror.save(tx, records)
        assert [member.ref.id for member in team.active_users(tx, "InsideSales", "salesforce")] == ["1", "2"]
        assert team.users(tx, [sf("User", 3), sf("User", 5), sf("User", 9)]).keys() == {sf("User", 3)}
