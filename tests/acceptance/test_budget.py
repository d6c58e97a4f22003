"""API calls as a deployment spends them: no rate limit is met by many at once, and a used-up day stops cleanly."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from company import Company
from forked import okoshi

from connector.cli.assemble import deployed
from connector.cli.summary import exit_code
from connector.engine.deployment import Silent
from connector.model.calls import VendorCount
from connector.store import runs, spending
from connector.store.store import Store

Start = Callable[..., Company]
DAILY = {"status": "error", "message": "You have reached your daily limit.", "policyName": "DAILY"}
TOTAL = [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]

SEARCHER = """
import sys
from pathlib import Path
from concurrent.futures import ThreadPoolExecutor
from connector.cli.assemble import deployed
from connector.engine.deployment import Silent
from connector.settings import load_settings

settings = load_settings(Path(sys.argv[2]), Path(sys.argv[1]))
with deployed(settings, Silent(), read_only=True) as deployment:
    client = next(source.client for source in deployment.sources if source.name == "hubspot")

    def one(number):
        if number % 10 == 0:
            client.search_page("contacts", filters=[], sort_by="createdate", properties=[], limit=1)
        else:
            client.list_page("contacts", properties=[], limit=1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(120)))
"""


def fault(company: Company, vendor: str, path: str, status: int, body: Any, **more: Any) -> None:
    """The next request of this kind meets this answer."""
    details = {"vendor": vendor, "path": path, "status": status, "body": body, **more}
    requests.post(f"{company.control}/faults", json=details, timeout=10).raise_for_status()


def forget_requests(company: Company) -> None:
    """Count from here."""
    requests.delete(f"{company.control}/requests", timeout=10).raise_for_status()


def forgiven(company: Company) -> None:
    """What was remembered of the vendors' days is out of date."""
    store = Store.open(company.settings().database_url)
    long_ago = datetime.now(UTC) - timedelta(days=2)
    with store.begin() as tx:
        known = spending.remembered(tx)
        spending.remember(tx, {system: VendorCount(long_ago, told.used, told.limit) for system, told in known.items()})
    store.close()


def test_two_processes_with_eight_threads_each_meet_no_rate_limit(company: Start) -> None:
    """The portal allows 190 requests in ten seconds and five searches in one; 240 and 24 of them are sent at once."""
    here = company(hurried=False)
    forget_requests(here)
    command = [sys.executable, "-c", SEARCHER, str(here.env_file), str(here.project)]
    running = [subprocess.Popen(command, env=os.environ, stderr=subprocess.PIPE) for _ in range(2)]
    for process in running:
        assert process.wait(120) == 0, process.stderr.read() if process.stderr else ""
    seen: dict[str, Any] = here.requests_made()["hubspot"]
    assert seen["statuses"] == {"200": 240}


@pytest.mark.parametrize(
    ("vendor", "path", "status", "body"),
    [("hubspot", "objects/2026-03/deals", 429, DAILY), ("salesforce", "/query", 403, TOTAL)],
    ids=["HubSpot", "Salesforce"],
)
def test_a_used_up_day_stops_reading_and_the_next_run_goes_on(
    company: Start, vendor: str, path: str, status: int, body: Any
) -> None:
    """The run is recorded with what it did and when it goes on; nothing is decided on what was read by half."""
    here = company(hurried=False)
    fault(here, vendor, path, status, body, skip=2 if vendor == "salesforce" else 0)
    stopped = here.run()
    assert exit_code(stopped) == 3
    (stop,) = stopped.stopped
    assert (stop.purpose, (stop.system or "").lower()) == ("reading", vendor)
    assert stop.resume_at is not None
    assert stop.resume_at > datetime.now(UTC)
    assert stopped.records_read > 0
    assert (stopped.planned, here.journal()) == (0, [])
    store = Store.open(here.settings().database_url)
    with store.read() as tx:
        kept = runs.get(tx, stopped.run_id)
        spent = spending.summed(spending.since(tx, datetime.now(UTC).date() - timedelta(days=1)))
    store.close()
    assert kept is not None
    assert kept.summary is not None
    assert kept.summary["stopped"][0]["purpose"] == "reading"
    assert {system: sum(sum(of.values()) for of in spent[system].values()) for system in spent} == stopped.api_calls

    forget_requests(here)
    assert exit_code(here.run()) == 3
    asked = here.requests_made()[vendor]["operations"]
    assert asked.keys() <= {"token"}, "a new process knows it before its first call that counts"
    forgiven(here)
    done = here.run()
    assert (exit_code(done), done.stopped, done.leaks) == (0, (), 0)
    assert done.done == done.planned > 0


def test_a_day_that_ends_before_the_tasks_are_written_leaves_them_for_later(company: Start) -> None:
    """What was not sent is decided anew, and no look-up is needed for it: nothing of it reached the vendor."""
    here = company(hurried=False)
    fault(here, "salesforce", "/composite/sobjects", 403, TOTAL)
    stopped = here.run()
    assert exit_code(stopped) == 3
    assert [stop.purpose for stop in stopped.stopped] == ["task"]
    assert (stopped.done, stopped.unknown, stopped.leaks) == (0, 0, 0)
    assert stopped.planned > 0
    assert stopped.reconciled == ()
    forgiven(here)
    done = here.run()
    assert done.done == done.planned == stopped.planned
    assert done.recovered == 0


def test_a_reconciliation_that_stops_fails_no_run(company: Start) -> None:
    """Its share of the day is used up: the tasks are written, and the summary says what is left for later."""
    here = company(hurried=False)
    here.run()
    here.advance("P1D")
    used = f"api-usage={150_000 * 70 // 100}/150000"
    empty = {"totalSize": 0, "done": True, "records": []}
    fault(here, "salesforce", "/query", 200, empty, headers={"Sforce-Limit-Info": used}, times=None)
    summary = here.run()
    assert exit_code(summary) == 0
    assert [stop.purpose for stop in summary.stopped] == ["reconciliation"]
    assert summary.api_budget["salesforce"].used == 105_000


def test_the_command_shows_and_records_a_stopped_run(company: Start) -> None:
    """Exit code 3, with the figures in the summary in both forms, in Japanese and in English."""
    here = company(hurried=False)
    options = ["--env-file", str(here.env_file), "--project-dir", str(here.project), "--quiet"]
    command = [*options, "run"]
    reserved = {"X-HubSpot-RateLimit-Daily": "650000", "X-HubSpot-RateLimit-Daily-Remaining": "130000"}
    fault(here, "hubspot", "/owners", 200, {"results": []}, headers=reserved)
    told = okoshi(*command, "--json")
    assert told.returncode == 3, told.stderr
    document = json.loads(told.stdout)
    assert document["stopped"][0] | {"reason": "", "resume_at": ""} == {
        "purpose": "reading", "system": "HubSpot", "used": 520_000, "limit": 650_000, "reason": "", "resume_at": "",
    }  # fmt: skip
    assert document["api_budget"]["hubspot"]["left"] == 0
    assert document["api_spending"]["hubspot"]["reading"]["owners"] == document["api_calls"]["hubspot"] - sum(
        calls for name, calls in document["api_spending"]["hubspot"]["reading"].items() if name != "owners"
    )
    for language, said in (("ja", "「読み込み」をここで止めました"), ("en", "so reading stopped here")):
        shown = okoshi(*command, "--language", language)
        assert shown.returncode == 3
        text = "".join(shown.stdout.split()) if language == "ja" else " ".join(shown.stdout.split())
        assert said in text
        assert "520,000" in text


def test_what_was_spent_is_written_down_after_a_failed_run_too(company: Start) -> None:
    """A vendor that breaks down in the middle has been called all the same."""
    here = company(hurried=False)
    fault(here, "hubspot", "/owners", 401, {"status": "error", "category": "INVALID_AUTHENTICATION"}, times=None)
    with pytest.raises(Exception, match="access_token"):
        here.run()
    store = Store.open(here.settings().database_url)
    with store.read() as tx:
        spent = spending.summed(spending.since(tx, datetime.now(UTC).date() - timedelta(days=1)))
    store.close()
    counted = here.requests_made()
    assert {system: sum(sum(of.values()) for of in spent[system].values()) for system in spent} == {
        system: counted[system]["total"] for system in ("salesforce", "hubspot")
    }


def test_eight_threads_of_one_client_meet_no_rate_limit(company: Start) -> None:
    """Searches go evenly, however many wait for them."""
    here = company(hurried=False)
    with deployed(here.settings(), Silent(), read_only=False) as deployment:
        client: Any = next(source for source in deployment.sources if source.name == "hubspot")
        forget_requests(here)

        def search(_number: int) -> None:
            client.client.search_page("contacts", filters=[], sort_by="createdate", properties=[], limit=1)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(search, range(16)))
    seen: dict[str, Any] = here.requests_made()["hubspot"]
    assert seen["statuses"] == {"200": 16}
