"""The account of calls: added up by day, purpose and operation, kept for 400 days; and the vendors' own counts."""

from datetime import UTC, date, datetime, timedelta

from connector.model.calls import VendorCount
from connector.model.purpose import Purpose
from connector.store import Store, spending

TODAY = date(2026, 11, 18)


def test_what_is_spent_adds_up(store: Store) -> None:
    """Runs of one day come together; another day, system, purpose or operation has its own figure."""
    for _ in range(2):
        with store.begin() as tx:
            spending.add(tx, TODAY, "salesforce", {(Purpose.READING, "query"): 3, (Purpose.TASK, "upsert"): 1})
            spending.add(tx, TODAY, "hubspot", {(Purpose.READING, "search"): 2})
    with store.begin() as tx:
        spending.add(tx, TODAY - timedelta(days=1), "salesforce", {(Purpose.READING, "query"): 10})
    with store.read() as tx:
        of_today = spending.since(tx, TODAY)
        of_both = spending.since(tx, TODAY - timedelta(days=1))
    assert spending.summed(of_today) == {
        "salesforce": {"task": {"upsert": 2}, "reading": {"query": 6}},
        "hubspot": {"reading": {"search": 4}},
    }
    assert spending.summed(of_both)["salesforce"]["reading"] == {"query": 16}


def test_after_400_days_it_is_forgotten(store: Store) -> None:
    """The 400th day is still there when a newer one is written down."""
    spent = {(Purpose.READING, "query"): 1}
    with store.begin() as tx:
        for days in (401, 400):
            spending.add(tx, TODAY - timedelta(days=days), "salesforce", spent)
        spending.add(tx, TODAY, "salesforce", spent)
        days_kept = [line.day for line in spending.since(tx, date.min)]
    assert days_kept == [TODAY - timedelta(days=400), TODAY]


def test_nothing_spent_leaves_no_row(store: Store) -> None:
    """A run that made no call."""
    with store.begin() as tx:
        spending.add(tx, TODAY, "salesforce", {})
        assert spending.since(tx, TODAY) == []


def test_purposes_are_shown_in_order_of_value() -> None:
    """And their operations by how much they took."""
    spent = {(Purpose.RECONCILIATION, "list"): 9, (Purpose.READING, "list"): 1, (Purpose.READING, "search"): 5}
    found = spending.by_purpose(spent)
    assert [*found] == ["reading", "reconciliation"]
    assert [*found["reading"]] == ["search", "list"]


def test_a_vendors_count_is_remembered_with_its_time(store: Store) -> None:
    """The newest one of each system; figures that were not told stay unknown."""
    at = datetime(2026, 11, 18, 1, 2, 3, tzinfo=UTC)
    with store.begin() as tx:
        spending.remember(tx, {"salesforce": VendorCount(at, 1, 15_000), "hubspot": VendorCount(at, 2, 250_000)})
    refused = VendorCount(at + timedelta(hours=1), None, None, refused=True)
    with store.begin() as tx:
        spending.remember(tx, {"salesforce": refused})
    with store.read() as tx:
        assert spending.remembered(tx) == {"salesforce": refused, "hubspot": VendorCount(at, 2, 250_000)}
