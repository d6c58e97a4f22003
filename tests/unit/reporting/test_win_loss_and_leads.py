"""Why deals are won and lost, what becomes of leads, and the lists for people."""

from datetime import date
from typing import Any

import pytest
from office import NOW, column, days_ago, scope_of
from store_records import account, creation, deal, sf, user

from connector.mapping.reports import ReportRules
from connector.model.intents import Standing
from connector.model.plan import Effect
from connector.model.records import Opportunity
from connector.model.sync import Outcome
from connector.reporting.leads import leads
from connector.reporting.watch_lists import alerts, unknown_to_ma, unqualified
from connector.reporting.win_loss import size, win_loss
from connector.store import Store, Transaction, ledger, standings
from connector.store.standings import StandingRow


def _closed(number: int, reason: str | None = None, **values: Any) -> Opportunity:
    won = {"is_won": True} if reason is None else {"lost_reason": reason}
    return deal(number, is_closed=True, close_date=date(2026, 11, 2), account=sf("Account", 1), **won, **values)


def test_reasons_and_shares_are_counted_by_trait(store: Store) -> None:
    """Product A: 2 won, 3 lost (2 他社導入, 1 blank); B: 1 lost, too few to be shown among what deals share."""
    records = [
        user("005", name="山田"),
        account(1, employees=120),
        *(_closed(number, product="A") for number in (1, 2)),
        *(_closed(number, "他社導入", product="A") for number in (3, 4)),
        _closed(5, "", product="A"),
        _closed(6, "社内政治", product="B", owner=sf("User", "005"), lost_reason_detail="役員の反対"),
        deal(7, product="A"),
        _closed(8, "他社導入", product="A").model_copy(update={"close_date": date(2025, 11, 30)}),
    ]
    with scope_of(store, *records, report=ReportRules(minimum_count=2)) as scope:
        reasons, shared, others = win_loss(scope)
    by_product = [row[1:] for row in column(reasons, "by", "value", "lost_reason", "lost", "share") if "product" in row]
    assert by_product == [("A", "competitor", 2, 66.7), ("A", "blank", 1, 33.3), ("B", "社内政治", 1, None)]
    keys = ("by", "value", "won", "lost", "share_of_won", "share_of_lost", "win_rate")
    found = column(shared, *keys)
    assert ("product", "A", 2, 3, 100.0, 75.0, 40.0) in found
    assert ("size", "50-299", 2, 4, 100.0, 100.0, 33.3) in found
    assert not [row for row in found if "B" in row]
    assert column(others, "name", "owner", "lost_reason", "lost_reason_detail") == [
        ("Deal 6", "山田", "社内政治", "役員の反対")
    ]


@pytest.mark.parametrize(
    ("employees", "expected"),
    [(None, None), (0, "<50"), (49, "<50"), (50, "50-299"), (299, "50-299"), (300, ">=300"), (9999, ">=300")],
)
def test_sizes_of_companies(employees: int | None, expected: str | None) -> None:
    """A class begins with its first number."""
    assert size(employees, (50, 300)) == expected


def _said(tx: Transaction, program: str, number: int, **facts: str) -> None:
    row = StandingRow(
        program, str(sf("Contact", number)), Standing.NOT_ELIGIBLE, "v", NOW, name=f"No {number}", facts=facts
    )
    standings.save(tx, [row])


def test_funnel_and_follow_up(store: Store) -> None:
    """Four leads: 4, 3, 2, 1. Of two passed in November one was touched, after 2 days; an old one waits for 48 days."""
    holder = str(sf("User", "005"))
    with scope_of(store, user("005", name="佐藤"), report=ReportRules(minimum_count=1)) as scope:
        tx = scope.tx
        _said(tx, "feedback", 1, stage="lead", lead_source="Web")
        _said(tx, "feedback", 2, stage="vetted", passed_on="2026-10-01", passed_to=holder)
        touched = {"touched_on": "2026-11-04", "outcome": "appointment"}
        _said(tx, "feedback", 3, stage="deal", passed_on="2026-11-02", passed_to=holder, **touched)
        _said(tx, "feedback", 4, stage="won", passed_on="2026-11-10", passed_to=holder)
        funnel, handovers, outcomes = leads(scope)
    stages = ("lead", "vetted", "deal", "won", "vetted_rate", "deal_rate", "won_rate")
    assert column(funnel, "by", "value", *stages)[0] == ("all", "", 4, 3, 2, 1, 75.0, 66.7, 50.0)
    assert ("source", "Web", 1, 0, 0, 0, 0.0, None, None) in column(funnel, "by", "value", *stages)
    keys = ("passed", "touched", "follow_up_rate", "days_to_touch", "untouched", "untouched_mean_age")
    assert column(handovers, "rep", *keys, "untouched_oldest") == [("佐藤", 2, 1, 50.0, 2.0, 2, 28.0, 48)]
    assert column(outcomes, "outcome", "leads") == [("appointment", 1), ("none", 1)]


def test_lists_for_people(store: Store) -> None:
    """不適合 whose quarter has come; companies under contract that the MA does not know, and nobody else."""
    with scope_of(store) as scope:
        tx = scope.tx
        _said(tx, "account_status", 1, status="unqualified", review_due="2026Q4", since="2026-05-01", reason="競合")
        _said(tx, "account_status", 2, status="unqualified")
        _said(tx, "churn_risk", 3, contract="current", inferred="yes", known_to_ma="no")
        _said(tx, "churn_risk", 4, contract="current", inferred="no", known_to_ma="yes")
        _said(tx, "churn_risk", 5, contract="ended", inferred="no", known_to_ma="no")
        review, unknown = unqualified(scope), unknown_to_ma(scope)
    assert column(review, "quarter", "name", "since", "reason") == [("2026Q4", "No 1", "2026-05-01", "競合")]
    assert column(unknown, "name", "contract") == [("No 3", "inferred")]


def test_alerts_of_the_month_by_program(store: Store) -> None:
    """One sent, one refused, one under way; October's is left out."""
    with scope_of(store) as scope:
        tx, case = scope.tx, sf("Opportunity", 1)
        for key, at in (("a", NOW), ("b", NOW), ("c", NOW), ("d", days_ago(30))):
            ledger.plan(tx, [creation(key, case, effect=Effect.ALERT, program="hot_signal", fields={})], "p", at)
        ledger.sending(tx, ["a", "b"], NOW)
        ledger.settle(tx, [Outcome(key="a", state="done"), Outcome(key="b", state="refused", reason="no")], NOW)
        found = alerts(scope)
    assert column(found, "program", "sent", "refused", "under_way") == [("hot_signal", 1, 1, 1)]
