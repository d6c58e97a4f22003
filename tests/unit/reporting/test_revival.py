"""再商談化: what counts as revived, within which time, and how soon revived deals are won."""

from datetime import date, timedelta
from typing import Any

import pytest
from office import column, days_ago, scope_of, written
from store_records import account, activity, deal, sf

from connector.mapping.reports import ReportRules
from connector.model.records import ActivityKind, DealHistory, Record, Ref
from connector.reporting.revival import revivals
from connector.store import Store, mirror

DEAL = sf("Opportunity", 1)
ACCOUNT = sf("Account", 1)
RULES = ReportRules(minimum_count=1)


def _finished(record: Ref, days: int) -> Record:
    return activity(
        record,
        subject="滞留商談掘り起こし",
        status="完了",
        is_closed=True,
        completed_at=days_ago(days),
        opportunities=(DEAL,),
    )


def _meeting(days: int, **values: Any) -> Record:
    ref = sf("Event", days + 1000)
    return activity(ref, form=ActivityKind.MEETING, starts_at=days_ago(days), **{"opportunities": (DEAL,)} | values)


def _history(number: int, days: int, stage: str, probability: int) -> Record:
    ref, at = sf("OpportunityHistory", number), days_ago(days)
    return DealHistory(ref=ref, modified_at=at, opportunity=DEAL, at=at, stage=stage, probability=probability)


NEW_DEAL = {"account": ACCOUNT, "product": "営業支援", "created_at": days_ago(20)}


@pytest.mark.parametrize(
    ("followed", "by"),
    [
        ([_meeting(25)], "meeting"),
        ([_meeting(60)], None),  # before our task
        ([_meeting(-3)], None),  # still to come
        ([_meeting(25, outcome="NO_SHOW")], None),
        ([_meeting(25, opportunities=(sf("Opportunity", 99),))], None),  # on another deal
        ([_history(1, 90, "提案", 30), _history(2, 20, "見積", 60)], "stage"),
        ([_history(1, 90, "見積", 60), _history(2, 20, "提案", 30)], None),  # back
        ([_history(1, 90, "提案", 30), _history(2, 20, "提案", 30)], None),
        ([deal(2, **NEW_DEAL)], "new_deal"),
        ([deal(2, **NEW_DEAL | {"product": "勤怠管理"})], None),
        ([deal(2, **NEW_DEAL | {"created_at": days_ago(200)})], None),
        ([deal(2, **NEW_DEAL, is_closed=True)], None),  # entered as closed
        ([], None),
    ],
)
def test_what_counts_as_revived(store: Store, followed: list[Record], by: str | None) -> None:
    """A held meeting, a stage moved forward, or a new open deal of that account and product; after our task only."""
    own = deal(DEAL, account=ACCOUNT, product="営業支援", created_at=days_ago(300))
    with scope_of(store, own, account(1), *followed, report=RULES) as scope:
        task = written(scope.tx, "a", DEAL, days_ago(40))
        mirror.save(scope.tx, [_finished(task, 30)])
        rates, ways, _ = revivals(scope)
    assert column(ways, "by", "tasks") == ([(by, 1)] if by else [])
    expected = (1, 1, 100.0, 0) if by else (1, 0, 0.0, 1)
    assert column(rates, "month", "finished", "revived", "rate", "running") == [("2026-10", *expected)]


def test_ninety_days_and_no_longer(store: Store) -> None:
    """Finished 120 days ago: a meeting 30 days ago is the 90th day after it, one 29 days ago comes too late."""
    own = deal(DEAL, created_at=days_ago(300))
    for days, revived in ((30, 1), (29, 0)):
        with scope_of(store, own, _meeting(days), report=RULES) as scope:
            task = written(scope.tx, "a", DEAL, days_ago(125))
            mirror.save(scope.tx, [_finished(task, 120)])
            rates, _, _ = revivals(scope)
        assert column(rates, "finished", "revived", "running") == [(1, revived, 0)]


def test_rates_by_month_and_only_of_enough_tasks(store: Store) -> None:
    """Open, withdrawn and unneeded tasks are not finished; a rate of two tasks is left out where five are asked for."""
    own = deal(DEAL, created_at=days_ago(300))
    with scope_of(store, own, _meeting(5)) as scope:
        for key in ("a", "b"):
            mirror.save(scope.tx, [_finished(written(scope.tx, key, DEAL, days_ago(15)), 10)])
        open_task = written(scope.tx, "c", DEAL, days_ago(15))
        unneeded = _finished(written(scope.tx, "d", DEAL, days_ago(15)), 10).model_copy(update={"status": "対応不要"})
        mirror.save(scope.tx, [activity(open_task, subject="滞留商談掘り起こし"), unneeded])
        rates, _, _ = revivals(scope)
    assert column(rates, "month", "finished", "revived", "rate") == [("2026-11", 2, 2, None)]


def test_lead_times_of_revived_and_new_deals(store: Store) -> None:
    """Revived: 25 days from the meeting to won. New: 10, 20 and 60 days from creation, mean 30, median 20."""

    def won(number: int, days: int) -> Record:
        closed = days_ago(5)
        created = closed - timedelta(days=days)
        return deal(number, created_at=created, close_date=closed.date(), is_closed=True, is_won=True)

    own = deal(DEAL, created_at=days_ago(300), is_closed=True, is_won=True, close_date=date(2026, 11, 18))
    old = deal(9, created_at=days_ago(900), close_date=days_ago(500).date(), is_closed=True, is_won=True)
    with scope_of(store, own, old, _meeting(25), won(2, 10), won(3, 20), won(4, 60)) as scope:
        mirror.save(scope.tx, [_finished(written(scope.tx, "a", DEAL, days_ago(40)), 30)])
        _, _, times = revivals(scope)
    assert column(times, "kind", "won", "mean_days", "median_days") == [
        ("revived", 1, 25.0, 25.0),
        ("new", 3, 30.0, 20.0),
    ]
