"""Rate windows and daily limits: kept under the contract, learnt from headers, spent in order of value."""

import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import responses

from connector.clients.budget import HubSpotBudget, RateWindows, SalesforceBudget, shared_windows
from connector.model.calls import VendorCount
from connector.model.errors import StopSync
from connector.model.purpose import Purpose, spending_on
from connector.settings import GuardSettings

DAILY = {"X-HubSpot-RateLimit-Daily": "250000", "X-HubSpot-RateLimit-Daily-Remaining": "50001"}
USED_UP = [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]


def test_searches_keep_under_five_a_second() -> None:
    """Eight searches from four threads go one by one, evenly: never more than five within a second."""
    budget = HubSpotBudget(RateWindows())
    passed: list[float] = []

    def search() -> None:
        for _ in range(2):
            budget.before("search")
            passed.append(time.monotonic())

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    passed.sort()
    assert passed[-1] - passed[0] >= 1.5
    assert all(sixth - first > 1 for first, sixth in zip(passed, passed[5:], strict=False))


def test_a_call_that_was_kept_waiting_by_the_machine_books_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Woken half a second late it does not go out together with those that were booked behind it."""
    windows, overslept, sleep = RateWindows(), [0.5], time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: sleep(seconds + (overslept.pop() if overslept else 0)))
    went: list[float] = []
    windows.enter("search")

    def search() -> None:
        windows.enter("search")
        went.append(time.monotonic())

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not overslept
    assert all(later - earlier > 0.15 for earlier, later in pairwise(sorted(went)))


def test_clients_of_one_account_share_its_windows() -> None:
    """The vendor counts an account's searches whoever sends them: two budgets pass four a second together."""
    windows = shared_windows("https://api.hubapi.com", "one account")
    first, second = HubSpotBudget(windows), HubSpotBudget(shared_windows("https://api.hubapi.com", "one account"))
    other = HubSpotBudget(shared_windows("https://api.hubapi.com", "another account"))
    started = time.monotonic()
    for budget in (first, second, first, second):
        budget.before("search")
    assert time.monotonic() - started >= 0.7
    started = time.monotonic()
    other.before("search")
    assert time.monotonic() - started < 0.2


def test_other_calls_have_their_own_window_which_headers_widen() -> None:
    """The portal's own figure replaces the smallest contract's; a tenth stays free."""
    budget = HubSpotBudget(RateWindows())
    budget.after({"X-HubSpot-RateLimit-Max": "20", "X-HubSpot-RateLimit-Interval-Milliseconds": "1000"})
    started = time.monotonic()
    for _ in range(18):
        budget.before("list")
    assert time.monotonic() - started < 0.5
    budget.before("list")
    assert time.monotonic() - started >= 0.9


def test_the_hubspot_day_ends_at_midnight_in_the_portals_zone() -> None:
    """The reserve stops the run, and the error says when the day begins anew."""
    budget = HubSpotBudget(RateWindows(), reserve_percent=20)
    budget.after(DAILY)
    budget.before("list")
    budget.after(DAILY | {"X-HubSpot-RateLimit-Daily-Remaining": "50000"})
    with pytest.raises(StopSync, match="200000 of 250000") as stopped:
        budget.before("search")
    resume_at = stopped.value.resume_at
    assert resume_at is not None
    assert (resume_at.hour, resume_at.minute) == (0, 0)
    assert resume_at > datetime.now(UTC)


def test_answers_without_headers_change_nothing() -> None:
    """Search answers carry no rate headers; odd values are not believed."""
    budget = HubSpotBudget(RateWindows(), reserve_percent=20)
    budget.after({})
    budget.after({"X-HubSpot-RateLimit-Daily": "many", "X-HubSpot-RateLimit-Max": ""})
    budget.before("list")
    assert budget.usage.used is None


def test_the_orgs_count_is_read_beside_the_apps_own() -> None:
    """`per-app-api-usage` may stand in the same header and is not the org's figure."""
    budget = SalesforceBudget()
    budget.after({"Sforce-Limit-Info": "api-usage=25/5000; per-app-api-usage=17/250(appName=okoshi)"})
    assert (budget.usage.used, budget.usage.limit) == (25, 5000)
    budget.after({"Sforce-Limit-Info": "per-app-api-usage=17/250(appName=okoshi)"})
    assert (budget.usage.used, budget.usage.limit) == (25, 5000)


def test_signing_in_is_possible_with_an_empty_budget() -> None:
    """Sign-ins are not counted by the vendor."""
    budget = SalesforceBudget()
    budget.after({"Sforce-Limit-Info": "api-usage=15000/15000"})
    budget.before("sign_in")
    with pytest.raises(StopSync):
        budget.before("query")


def allowed(budget: SalesforceBudget, used: int) -> list[str]:
    """The purposes for which a call may still be made when so many of 10,000 are used."""
    budget.after({"Sforce-Limit-Info": f"api-usage={used}/10000"})
    passed = []
    for what in Purpose:
        with spending_on(what):
            try:
                budget.before("query")
            except StopSync:
                continue
            passed.append(what.value)
    return passed


def test_what_is_worth_less_stops_earlier() -> None:
    """With the defaults, of 10,000 calls: each purpose ends at its own figure, and alerts at the reserve itself."""
    budget = SalesforceBudget(floors=GuardSettings().floors)
    everything = ["alert", "task", "reading", "field", "reconciliation"]
    ends = [(6_399, 5), (6_400, 4), (7_199, 4), (7_200, 3), (7_599, 3), (7_600, 2), (7_919, 2), (7_920, 1), (7_999, 1)]
    for used, count in ends:
        assert allowed(budget, used) == everything[:count], used
    assert allowed(budget, 8_000) == []


def test_a_stop_names_what_stopped_the_figures_and_when_it_goes_on() -> None:
    """In its text for people and in its details for the summary."""
    budget = SalesforceBudget(floors=GuardSettings().floors)
    budget.after({"Sforce-Limit-Info": "api-usage=7700/10000"})
    with pytest.raises(StopSync, match=r"7700 of 10000 .* Spending on reading stops when 24 % are left") as stopped:
        budget.before("query")
    assert stopped.value.details == {"system": "Salesforce", "purpose": "reading", "used": 7700, "limit": 10000}
    assert stopped.value.resume_at is not None


def test_what_is_kept_cannot_be_everything() -> None:
    """Whatever the reserve, something is left that every purpose may spend."""
    assert GuardSettings(daily_reserve_percent=90).floors[Purpose.RECONCILIATION] < 95
    with pytest.raises(ValueError, match="must leave 5 percent"):
        GuardSettings(kept_for_tasks_percent=90)


def test_calls_are_counted_by_purpose_and_operation() -> None:
    """And written down once."""
    usage = SalesforceBudget().usage
    usage.count("query")
    with spending_on(Purpose.TASK):
        usage.count("upsert")
        usage.count("query")
    assert usage.calls == {"query": 2, "upsert": 1}
    assert usage.spent == {(Purpose.READING, "query"): 1, (Purpose.TASK, "upsert"): 1, (Purpose.TASK, "query"): 1}
    assert usage.unnoted() == usage.spent
    usage.count("query")
    assert usage.unnoted() == {(Purpose.READING, "query"): 1}


def test_a_remembered_count_stops_the_first_call_until_it_is_out_of_date() -> None:
    """Salesforce's day rolls: an hour later it is asked anew. HubSpot's ends at midnight of the portal's zone."""
    now = datetime.now(UTC)
    salesforce = SalesforceBudget(reserve_percent=20)
    salesforce.usage.hear(VendorCount(now - timedelta(minutes=59), 13_000, 15_000))
    with pytest.raises(StopSync) as stopped:
        salesforce.before("query")
    assert stopped.value.resume_at is not None
    assert timedelta(0) < stopped.value.resume_at - now <= timedelta(minutes=1)
    salesforce.usage.hear(VendorCount(now - timedelta(minutes=61), 13_000, 15_000))
    salesforce.before("query")

    midnight = now.astimezone(ZoneInfo("Asia/Tokyo")).replace(hour=0, minute=0, second=0, microsecond=0)
    hubspot = HubSpotBudget(RateWindows(), reserve_percent=20)
    hubspot.usage.hear(VendorCount(midnight, 240_000, 250_000))
    with pytest.raises(StopSync):
        hubspot.before("list")
    hubspot.usage.hear(VendorCount(midnight - timedelta(seconds=1), 240_000, 250_000))
    hubspot.before("list")


def test_a_refusal_for_the_day_is_remembered(vendor: responses.RequestsMock, salesforce: object) -> None:
    """The next call is not even sent; nothing but time, or another count of the vendor's, ends it."""
    client = salesforce()  # type: ignore[operator]
    vendor.get("https://acme.my.salesforce.com/services/data/v66.0/query/", json=USED_UP, status=403)
    for _ in range(2):
        with pytest.raises(StopSync) as stopped:
            client.check()
        assert stopped.value.details["system"] == "Salesforce"
        assert stopped.value.code == "daily_limit"
    assert len(vendor.calls) == 1
    assert client.usage.heard.refused


def test_full_storage_is_no_matter_of_calls(vendor: responses.RequestsMock, salesforce: object) -> None:
    """Reading goes on."""
    client = salesforce()  # type: ignore[operator]
    full = [{"message": "storage limit exceeded", "errorCode": "STORAGE_LIMIT_EXCEEDED"}]
    vendor.get("https://acme.my.salesforce.com/services/data/v66.0/query/", json=full, status=400)
    for _ in range(2):
        with pytest.raises(StopSync) as stopped:
            client.check()
        assert stopped.value.code == "storage_full"
    assert len(vendor.calls) == 2
