"""Rate limits of the simulated portal: the rolling ten seconds, the second of searches, the day."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from connector.sandbox.hubspot.errors import READY_MADE

ACCOUNT = "/account-info/v3/details"


def test_the_ten_seconds_are_counted_down_in_headers(start_sandbox, connect_hubspot):
    """The 191st request within ten seconds is refused in the documented shape; a search is not concerned."""
    with start_sandbox() as ready:
        hubspot = connect_hubspot(ready)
        answers = [hubspot.call("GET", ACCOUNT) for _ in range(191)]
        assert [one.status_code for one in answers] == [200] * 190 + [429]
        first, last = answers[0], answers[-1]
        assert first.headers["X-HubSpot-RateLimit-Max"] == "190"
        assert first.headers["X-HubSpot-RateLimit-Remaining"] == "189"
        assert first.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
        assert first.headers["X-HubSpot-RateLimit-Daily"] == "650000"
        assert last.json()["policyName"] == "TEN_SECONDLY_ROLLING"
        assert last.json()["errorType"] == "RATE_LIMIT"
        search = hubspot.post("/crm/v3/objects/contacts/search", {"limit": 1})
        assert search.status_code == 200
        assert not any(name.lower().startswith("x-hubspot-ratelimit") for name in search.headers)


def test_five_searches_a_second(start_sandbox, connect_hubspot):
    """The sixth search of a second is refused in the other shape, without policy name and headers."""
    with start_sandbox() as ready:
        hubspot = connect_hubspot(ready)
        path = "/crm/objects/2026-03/deals/search"
        with ThreadPoolExecutor(8) as pool:  # together, so that a slow machine makes six a second as well
            answers = list(pool.map(lambda _: hubspot.call("POST", path, json={"limit": 1}), range(24)))
        assert sum(one.status_code == 200 for one in answers) >= 5
        refused = [one for one in answers if one.status_code == 429]
        assert refused[0].json()["category"] == "RATE_LIMITS"
        assert "policyName" not in refused[0].json()


def test_the_day_ends_at_midnight_in_japan(start_sandbox, connect_hubspot, connect_control):
    """A used-up day is refused with policy DAILY until business time reaches the next day."""
    with start_sandbox(daily_limit=3) as ready:
        hubspot, control = connect_hubspot(ready), connect_control(ready)
        answers = [hubspot.get(ACCOUNT) for _ in range(4)]
        assert [one.status_code for one in answers] == [200, 200, 200, 429]
        assert answers[2].headers["X-HubSpot-RateLimit-Daily-Remaining"] == "0"
        assert answers[3].json()["policyName"] == "DAILY"
        control.post("/clock", {"advance": "P1D"})
        assert hubspot.get(ACCOUNT).status_code == 200


@pytest.mark.parametrize(
    ("name", "status", "word"),
    [
        ("locked", 423, "category"),
        ("migrating", 477, "category"),
        ("daily_limit", 429, "policyName"),
        ("ten_second_limit", 429, "policyName"),
        ("secondly_limit", 429, "policyName"),
        ("search_limit", 429, "category"),
        ("unauthenticated", 401, "category"),
        ("missing_scopes", 403, "category"),
        ("unavailable", 503, "category"),
        ("internal_error", 500, "category"),
    ],
)
def test_answers_that_a_test_may_order_by_name(name, status, word):
    """Each has its status and the vendor's words; ids are made anew each time; a migration says how long to wait."""
    one, other = READY_MADE[name](), READY_MADE[name]()
    assert (one.status, one.body["status"]) == (status, "error")
    assert one.body[word]
    key = "requestId" if word == "policyName" else "correlationId"
    assert one.body[key] != other.body[key]
    assert ("Retry-After" in one.headers) is (status == 477)
