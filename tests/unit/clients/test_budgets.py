"""Rate windows and daily limits: kept a tenth under the contract, learnt from headers, safe between threads."""

import threading
import time
from datetime import UTC, datetime

import pytest

from connector.clients.budget import HubSpotBudget, RateWindows, SalesforceBudget, shared_windows
from connector.model.errors import StopSync


def test_searches_keep_under_five_a_second() -> None:
    """Eight searches from four threads take more than a second: four pass at once, the others wait."""
    budget = HubSpotBudget(RateWindows())
    passed: list[float] = []
    started = time.monotonic()

    def search() -> None:
        for _ in range(2):
            budget.before("search")
            passed.append(time.monotonic() - started)

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([moment for moment in passed if moment < 0.9]) == 4
    assert max(passed) >= 1.0


def test_clients_of_one_account_share_its_windows() -> None:
    """The vendor counts an account's searches whoever sends them: two budgets pass four a second together."""
    windows = shared_windows("https://api.hubapi.com", "one account")
    first, second = HubSpotBudget(windows), HubSpotBudget(shared_windows("https://api.hubapi.com", "one account"))
    other = HubSpotBudget(shared_windows("https://api.hubapi.com", "another account"))
    started = time.monotonic()
    for budget in (first, second, first, second):
        budget.before("search")
    other.before("search")
    assert time.monotonic() - started < 0.5
    second.before("search")
    assert time.monotonic() - started >= 0.9


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
    budget.after({"X-HubSpot-RateLimit-Daily": "250000", "X-HubSpot-RateLimit-Daily-Remaining": "50001"})
    budget.before("list")
    budget.after({"X-HubSpot-RateLimit-Daily": "250000", "X-HubSpot-RateLimit-Daily-Remaining": "50000"})
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
