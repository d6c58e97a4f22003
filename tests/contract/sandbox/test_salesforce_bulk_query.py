"""Query jobs of the sandbox's Bulk API 2.0: states, CSV, locators, and the SOQL that a bulk query refuses."""

import base64
import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from salesforce_org import ACME, BETA, DEAL, INTEGRATION, LOADED, RunningOrg, running_org, tasks

from connector.sandbox.salesforce.ids import salesforce_id

JOBS = "/jobs/query"


@pytest.fixture
def org(tmp_path: Path) -> Iterator[RunningOrg]:
    with running_org(tmp_path) as running:
        yield running


def opened(org: RunningOrg, soql: str, **options: Any) -> dict[str, Any]:
    answer = org.call("POST", JOBS, json={"operation": "query", "query": soql, **options})
    assert answer.status_code == 200, answer.text
    job: dict[str, Any] = answer.json()
    return job


def finished(org: RunningOrg, job_id: str) -> dict[str, Any]:
    """The job after as many looks as it takes."""
    for _ in range(10):
        job: dict[str, Any] = org.call("GET", f"{JOBS}/{job_id}").json()
        if job["state"] not in {"UploadComplete", "InProgress"}:
            return job
    raise AssertionError("The job does not end.")


def page(org: RunningOrg, job_id: str, **parameters: Any) -> requests.Response:
    answer = org.call("GET", f"{JOBS}/{job_id}/results", params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/csv")
    return answer


def rows(answer: requests.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


def exported(org: RunningOrg, soql: str, **options: Any) -> list[dict[str, str]]:
    """All rows of a small query."""
    job_id = opened(org, soql, **options)["id"]
    assert finished(org, job_id)["state"] == "JobComplete"
    return rows(page(org, job_id))


def refused(org: RunningOrg, soql: str) -> tuple[int, str]:
    return org.error("POST", JOBS, {"operation": "query", "query": soql})


def test_a_job_takes_its_time(org: RunningOrg) -> None:
    """It is queued, then in progress, and only then complete; until then there are no results and no counts."""
    job = opened(org, "SELECT Id FROM Account")
    assert {
        "state": "UploadComplete",
        "operation": "query",
        "object": "Account",
        "apiVersion": 66.0,
    }.items() <= job.items()
    assert (job["createdById"], job["createdDate"]) == (INTEGRATION, job["systemModstamp"])
    assert job["createdDate"].endswith(".000+0000")
    assert org.error("GET", f"{JOBS}/{job['id']}/results") == (400, "INVALIDJOBSTATE")
    looks = [org.call("GET", f"{JOBS}/{job['id']}").json() for _ in range(2)]
    assert [look["state"] for look in looks] == ["InProgress", "JobComplete"]
    assert [look["numberRecordsProcessed"] for look in looks] == [0, 2]
    assert looks[1]["jobType"] == "V2Query"


def test_values_are_told_as_csv(org: RunningOrg) -> None:
    """Every value quoted, null as nothing, parents by their path, datetimes with Z, booleans in words."""
    soql = (
        "SELECT id, Name, Amount, IsWon, LastModifiedDate, Account.Name, RecordType.DeveloperName, CloseDate"
        f" FROM Opportunity WHERE Id = '{DEAL}'"
    )
    job_id = opened(org, soql)["id"]
    finished(org, job_id)
    assert page(org, job_id).content.decode() == (
        '"Id","Name","Amount","IsWon","LastModifiedDate","Account.Name","RecordType.DeveloperName","CloseDate"\n'
        f'"{DEAL}","基幹更改","1200000.0","false","{LOADED}","株式会社アクメ","","2026-12-01"\n'
    )


def test_quotes_and_line_breaks_survive(org: RunningOrg) -> None:
    """With any delimiter and line ending the reader gets the text that was stored."""
    text = 'a "quoted"; value,\nin two lines\t^'
    org.create("Task", Subject="x", Description=text, WhatId=DEAL)
    job_id = opened(org, "SELECT Description, Subject FROM Task", columnDelimiter="CARET", lineEnding="CRLF")["id"]
    finished(org, job_id)
    content = page(org, job_id).content.decode()
    assert content.startswith('"Description"^"Subject"\r\n')
    assert list(csv.reader(io.StringIO(content, newline=""), delimiter="^"))[1] == [text, "x"]


def test_pages_by_locators(org: RunningOrg) -> None:
    """maxRecords divides the results; each page has the header, the last locator is the word null."""
    org.world.load("salesforce", "Task", tasks(450, LOADED))
    job_id = opened(org, "SELECT Id FROM Task")["id"]
    finished(org, job_id)
    found: list[str] = []
    counts, locator = [], ""
    while locator != "null":
        answer = page(org, job_id, maxRecords=200, **({"locator": locator} if locator else {}))
        found += [row["Id"] for row in rows(answer)]
        counts.append(int(answer.headers["Sforce-NumberOfRecords"]))
        locator = answer.headers["Sforce-Locator"]
    assert counts == [200, 200, 50]
    assert sorted(found) == [salesforce_id("00T", number) for number in range(1, 451)]
    assert found != sorted(found)  # chunks arrive as they are ready
    assert rows(page(org, job_id, locator=base64.b64encode(b"200").decode())) == [{"Id": one} for one in found[200:]]


def test_large_results_have_several_pages_unasked(org: RunningOrg) -> None:
    """Without maxRecords the server decides how much it sends at once."""
    org.state.bulk.rules.result_rows = 100
    org.world.load("salesforce", "Task", tasks(150, LOADED))
    job_id = opened(org, "SELECT Id FROM Task")["id"]
    finished(org, job_id)
    answer = page(org, job_id)
    assert (answer.headers["Sforce-NumberOfRecords"], len(rows(answer))) == ("100", 100)
    assert answer.headers["Sforce-Locator"] != "null"


def test_wrong_pages_are_refused(org: RunningOrg) -> None:
    """A locator of nowhere and a senseless maxRecords."""
    job_id = opened(org, "SELECT Id FROM Account")["id"]
    finished(org, job_id)
    for locator in ("nonsense", "OTk5", "LTE"):
        assert org.error("GET", f"{JOBS}/{job_id}/results?locator={locator}") == (400, "INVALID_QUERY_LOCATOR")
    for count in ("0", "-1", "many"):
        assert org.error("GET", f"{JOBS}/{job_id}/results?maxRecords={count}")[0] == 400


@pytest.mark.parametrize("order", ["ASC", "DESC"])
def test_order_by_is_heeded(org: RunningOrg, order: str) -> None:
    """ORDER BY prevents that the query is divided."""
    org.world.load("salesforce", "Task", tasks(450, LOADED))
    found = [row["Id"] for row in exported(org, f"SELECT Id FROM Task ORDER BY Id {order}")]
    assert len(found) == 450
    assert found == sorted(found, reverse=order == "DESC")


def test_limit_is_heeded(org: RunningOrg) -> None:
    """LIMIT too."""
    assert len(exported(org, "SELECT Id FROM Account LIMIT 1")) == 1


def test_results_are_of_the_moment(org: RunningOrg) -> None:
    """What happens after the job ran is not in it, however late it is read."""
    job_id = opened(org, "SELECT Id, Name FROM Account")["id"]
    org.call("PATCH", f"/sobjects/Account/{ACME}", json={"Name": "new"})
    org.create("Account", Name="later")
    finished(org, job_id)
    assert {row["Id"]: row["Name"] for row in rows(page(org, job_id))} == {ACME: "株式会社アクメ", BETA: "Beta 100%_Co"}


def test_query_all_tells_deleted_rows(org: RunningOrg) -> None:
    """operation queryAll, as the resource of that name."""
    org.call("DELETE", f"/sobjects/Account/{BETA}")
    soql = "SELECT Id, IsDeleted FROM Account"
    assert exported(org, soql) == [{"Id": ACME, "IsDeleted": "false"}]
    assert {row["Id"]: row["IsDeleted"] for row in exported(org, soql, operation="queryAll")} == {
        ACME: "false",
        BETA: "true",
    }


def test_an_empty_result_is_a_header(org: RunningOrg) -> None:
    """No rows, no locator."""
    job_id = opened(org, "SELECT Id, Name FROM Account WHERE Name = 'nobody'")["id"]
    assert finished(org, job_id)["numberRecordsProcessed"] == 0
    answer = page(org, job_id)
    assert answer.content == b'"Id","Name"\n'
    assert (answer.headers["Sforce-Locator"], answer.headers["Sforce-NumberOfRecords"]) == ("null", "0")


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT COUNT() FROM Account", "FEATURENOTENABLED"),
        ("SELECT COUNT(Id) FROM Account", "FEATURENOTENABLED"),
        ("SELECT StageName FROM Opportunity GROUP BY StageName", "FEATURENOTENABLED"),
        ("SELECT Id FROM Account LIMIT 5 OFFSET 1", "FEATURENOTENABLED"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "FEATURENOTENABLED"),
        ("SELECT TYPEOF What WHEN Account THEN Phone ELSE Name END FROM Task", "FEATURENOTENABLED"),
        ("SELECT BillingAddress FROM Account", "API_ERROR"),
        ("SELECT Account.BillingAddress FROM Contact", "API_ERROR"),
        ("SELECT Id FROM TaskStatus", "INVALIDENTITY"),
        ("SELECT Nope FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Nope", "INVALID_TYPE"),
        ("SELECT Id FORM Account", "MALFORMED_QUERY"),
        ("", "INVALIDJOB"),
    ],
)
def test_soql_that_bulk_refuses(org: RunningOrg, soql: str, code: str) -> None:
    """Nothing is opened for it."""
    assert refused(org, soql) == (400, code)
    assert org.call("GET", JOBS).json()["records"] == []


def test_a_job_is_opened_properly(org: RunningOrg) -> None:
    """Operation, content type and form of the CSV are the vendor's."""
    base = {"operation": "query", "query": "SELECT Id FROM Account"}
    for wrong in (
        {"operation": "insert"},
        {"contentType": "JSON"},
        {"columnDelimiter": ","},
        {"lineEnding": "CR"},
        {"query": None},
    ):
        assert org.error("POST", JOBS, base | wrong) == (400, "INVALIDJOB")


def test_an_aborted_job_has_no_results(org: RunningOrg) -> None:
    """Aborting is for jobs that have not ended, deleting for those that have."""
    job_id = opened(org, "SELECT Id FROM Account")["id"]
    org.call("GET", f"{JOBS}/{job_id}")
    assert org.error("DELETE", f"{JOBS}/{job_id}") == (400, "INVALIDJOBSTATE")
    assert org.error("PATCH", f"{JOBS}/{job_id}", {"state": "JobComplete"}) == (400, "INVALIDJOBSTATE")
    assert org.call("PATCH", f"{JOBS}/{job_id}", json={"state": "Aborted"}).json()["state"] == "Aborted"
    assert finished(org, job_id)["state"] == "Aborted"
    assert org.error("GET", f"{JOBS}/{job_id}/results") == (400, "INVALIDJOBSTATE")
    assert org.error("PATCH", f"{JOBS}/{job_id}", {"state": "Aborted"}) == (400, "INVALIDJOBSTATE")


def test_a_deleted_job_is_gone(org: RunningOrg) -> None:
    """204, and then 404 for all of it."""
    job_id = opened(org, "SELECT Id FROM Account")["id"]
    finished(org, job_id)
    assert org.call("DELETE", f"{JOBS}/{job_id}").status_code == 204
    for method, path in (("GET", ""), ("GET", "/results"), ("DELETE", "")):
        assert org.error(method, f"{JOBS}/{job_id}{path}") == (404, "NOT_FOUND")


def test_a_job_is_kept_for_a_week(org: RunningOrg) -> None:
    """By the sandbox's clock."""
    job_id = opened(org, "SELECT Id FROM Account")["id"]
    org.world.clock.advance(timedelta(days=6, hours=23))
    assert finished(org, job_id[:15])["state"] == "JobComplete"
    org.world.clock.advance(timedelta(hours=1))
    assert org.error("GET", f"{JOBS}/{job_id}") == (404, "NOT_FOUND")


def test_all_jobs_are_listed(org: RunningOrg) -> None:
    """The latest first."""
    ids = [opened(org, f"SELECT Id FROM {name}")["id"] for name in ("Account", "Contact")]
    answer = org.call("GET", JOBS).json()
    assert (answer["done"], answer["nextRecordsUrl"]) == (True, None)
    assert [job["id"] for job in answer["records"]] == ids[::-1]


def test_query_jobs_have_a_daily_allowance(org: RunningOrg) -> None:
    """/limits tells the rest, which comes back after 24 hours; opening is what counts."""
    org.state.bulk.rules.query_jobs_a_day = 2
    assert [opened(org, "SELECT Id FROM Account")["state"] for _ in range(2)] == ["UploadComplete"] * 2
    assert org.call("GET", "/limits").json()["DailyBulkV2QueryJobs"] == {"Max": 2, "Remaining": 0}
    assert refused(org, "SELECT Id FROM Account") == (400, "LIMIT_EXCEEDED")
    org.world.clock.advance(timedelta(hours=24, seconds=1))
    assert org.call("GET", "/limits").json()["DailyBulkV2QueryJobs"] == {"Max": 2, "Remaining": 2}
    opened(org, "SELECT Id FROM Account")


def test_each_call_counts_as_one_request(org: RunningOrg) -> None:
    """A bulk job costs API calls for itself, not for its rows."""
    org.world.load("salesforce", "Task", tasks(450, LOADED))
    used = org.state.budget.used
    job_id = opened(org, "SELECT Id FROM Task")["id"]
    finished(org, job_id)
    page(org, job_id)
    assert org.state.budget.used == used + 4


def test_results_are_compressed_for_whoever_asks(org: RunningOrg) -> None:
    """The vendor always does; a client that cannot read it says so."""
    job_id = opened(org, "SELECT Id FROM Account")["id"]
    finished(org, job_id)
    assert page(org, job_id).headers["Content-Encoding"] == "gzip"
    plain = org.call("GET", f"{JOBS}/{job_id}/results", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert rows(plain) == rows(page(org, job_id))
