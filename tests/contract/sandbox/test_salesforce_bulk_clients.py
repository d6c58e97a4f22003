"""Bulk API 2.0 through a client that nobody here wrote: simple-salesforce's Bulk2 handler, over TLS."""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from salesforce_client import signed_in
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceOperationError

from connector.sandbox.access import Ready

SOON = 0  # seconds between the client's looks
KEY = "Okoshi_Key__c"


@pytest.fixture(scope="module")
def ready(start_sandbox: Callable[..., AbstractContextManager[Ready]]) -> Iterator[Ready]:
    with start_sandbox() as running:
        yield running


@pytest.fixture
def client(ready: Ready) -> Salesforce:
    return signed_in(ready)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def exported(pages: Iterator[Any]) -> list[dict[str, str]]:
    return [row for page in pages for row in rows(page)]


def test_it_exports_every_object(client: Salesforce) -> None:
    """All fields that a bulk query can tell, page by page: the rows and the values of the plain query."""
    for name in ("Account", "Contact", "Lead", "Opportunity", "Task", "Event", "User"):
        fields = [field["name"] for field in getattr(client, name).describe()["fields"] if field["type"] != "address"]
        soql = f"SELECT {', '.join(fields)} FROM {name}"
        told = {row["Id"]: row for row in exported(getattr(client.bulk2, name).query(soql, max_records=150, wait=SOON))}
        plain = {row["Id"]: row for row in client.query_all(soql)["records"]}
        assert told.keys() == plain.keys(), name
        for id_, row in plain.items():
            assert {field: spoken(row[field]) for field in fields} == told[id_]


def spoken(value: Any) -> str:
    """A value of JSON as CSV tells it."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case str() if value.endswith(".000+0000"):
            return value.removesuffix("+0000") + "Z"
        case _:
            return str(value)


def test_it_reads_parents(client: Salesforce) -> None:
    """The columns have the names that were asked for."""
    soql = "SELECT Id, RecordType.DeveloperName, Account.Owner.Name FROM Opportunity"
    found = exported(client.bulk2.Opportunity.query(soql, wait=SOON))
    assert list(found[0]) == ["Id", "RecordType.DeveloperName", "Account.Owner.Name"]
    assert all(row["Account.Owner.Name"] for row in found)


def test_it_is_refused_what_bulk_cannot_do(client: Salesforce) -> None:
    """At the opening of the job."""
    with pytest.raises(SalesforceMalformedRequest, match="compound data"):
        list(client.bulk2.Account.query("SELECT BillingAddress FROM Account", wait=SOON))


def test_it_inserts_updates_upserts_and_deletes(client: Salesforce) -> None:
    """Counts and results of each operation."""
    bulk = client.bulk2.Task
    records = [{"Subject": f"bulk {number}", KEY: f"bulk-{number}"} for number in range(450)]
    (report,) = bulk.insert(records=records, wait=SOON)
    assert (report["numberRecordsProcessed"], report["numberRecordsFailed"]) == (450, 0)
    made = {row[KEY]: row["sf__Id"] for row in rows(bulk.get_successful_records(report["job_id"]))}
    assert len(made) == 450
    changes = [{KEY: "bulk-1", "Subject": "changed"}, {KEY: "bulk-new", "Subject": "x" * 300}]
    (report,) = bulk.upsert(records=changes, external_id_field=KEY, wait=SOON)
    results = bulk.get_all_ingest_records(report["job_id"])
    assert [(row["sf__Id"], row["sf__Created"]) for row in results["successfulRecords"]] == [(made["bulk-1"], "false")]
    assert results["failedRecords"][0]["sf__Error"].startswith("STRING_TOO_LONG:")
    bulk.update(records=[{"Id": made["bulk-2"], "Status": "進行中"}], wait=SOON)
    assert client.Task.get(made["bulk-2"])["Status"] == "進行中"
    (report,) = bulk.delete(records=[{"Id": id_} for id_ in made.values()], wait=SOON)
    assert (report["numberRecordsProcessed"], report["numberRecordsFailed"]) == (450, 0)
    assert client.query(f"SELECT Id FROM Task WHERE {KEY} LIKE 'bulk-%'")["totalSize"] == 0


def test_it_learns_that_a_job_failed(client: Salesforce) -> None:
    """With the job's error message."""
    with pytest.raises(SalesforceOperationError, match="Field name not found : Nope"):
        client.bulk2.Task.insert(records=[{"Nope": "1"}], wait=SOON)


def test_requests_are_named_and_writes_are_seen(
    ready: Ready, client: Salesforce, connect_control: Callable[[Ready], Any]
) -> None:
    """The control URL counts the calls of a job by what they do, and its journal has each row."""
    control = connect_control(ready)
    control.call("DELETE", "/requests")
    since = max((entry["seq"] for entry in control.lines("/journal")), default=0)
    client.bulk2.Task.insert(records=[{"Subject": "a"}, {"Subject": "b"}], wait=SOON)
    list(client.bulk2.Task.query("SELECT Id FROM Task LIMIT 1", wait=SOON))
    summary = control.get("/requests/summary").json()["salesforce"]["operations"]
    assert summary == {
        "createIngestJob": 1,
        "uploadJobData": 1,
        "updateIngestJob": 1,
        "getIngestJob": 3,
        "createQueryJob": 1,
        "getQueryJob": 2,
        "queryJobResults": 1,
    }
    asked = [entry["soql"] for entry in control.lines("/requests") if entry["operation"] == "createQueryJob"]
    assert asked == ["SELECT Id FROM Task LIMIT 1"]
    journal = control.lines(f"/journal?since={since}")
    assert [(entry["operation"], entry["object"], entry["after"]["Subject"]) for entry in journal] == [
        ("create", "Task", "a"),
        ("create", "Task", "b"),
    ]
