"""Bulk writes: a result for each record in its order, and no record written twice whichever answer gets lost."""

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import requests
import responses
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from requests import PreparedRequest

from connector.clients.errors import AnswerLost, Refused
from connector.clients.guard import ReadOnlyViolation
from connector.clients.retry import RetryPolicy
from connector.clients.salesforce import RowError, SalesforceClient
from connector.clients.salesforce_csv import uploads
from connector.model.errors import ConfigurationError, OkoshiError, RetryLater, StopSync
from connector.settings import SalesforceSettings

INSTANCE = "https://acme.my.salesforce.com"
JOBS = f"{INSTANCE}/services/data/v66.0/jobs/ingest"
LOCKED = "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--"

Make = Callable[..., SalesforceClient]
Reply = tuple[int, dict[str, str], str]


@dataclass
class Jobs:
    """The vendor's side: jobs that run when they are closed. `fate` is what becomes of a row: an error, "" or silence.

    `lose` names steps that are done, or ignored (`-` before), without an answer; `cut` those whose answer ends early;
    each entry counts once.
    """

    fate: Callable[[dict[str, str]], str | None] = lambda _: ""
    end: dict[str, Any] = field(default_factory=dict)
    lose: list[str] = field(default_factory=list)
    lose_of_second: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    made: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    ran: list[dict[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def answer(self, request: PreparedRequest) -> Reply:
        """One request."""
        path = str(request.url).removeprefix(JOBS).strip("/")
        job, _, rest = path.partition("/")
        body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
        wanted = json.loads(body)["state"] if request.method == "PATCH" else ""
        step = wanted or rest or {"POST": "make", "GET": "state"}[str(request.method)]
        self.asked.append(step)
        if f"-{step}" in self.lose:
            self.lose.remove(f"-{step}")
            raise requests.ConnectionError("reset")
        reply = self._done(step, job, body)
        if step in self.lose:
            self.lose.remove(step)
            raise requests.ConnectionError("reset")
        return reply

    def _done(self, step: str, job: str, body: bytes) -> Reply:
        match step:
            case "make":
                job = f"750{len(self.made):012d}AAA"
                self.lose += self.lose_of_second if self.made else []
                self.made.append(json.loads(body))
                self.states[job] = "Open"
            case "batches":
                self.rows[job] = list(csv.DictReader(io.StringIO(body.decode(), newline="")))
                return 201, {}, ""
            case "UploadComplete" if self.states[job] != "Open":
                return 400, {}, json.dumps([{"errorCode": "INVALIDJOBSTATE", "message": "Closing already closed Job"}])
            case "UploadComplete":
                self.states[job] = "JobComplete"
                self.ran += self.rows[job]
            case "Aborted":
                self.states[job] = "Aborted"
            case "successfulResults" | "failedResults":
                text = self._results(job, failed=step == "failedResults")
                if step in self.cut:
                    self.cut.remove(step)
                    text = text[:-3]
                return 200, {"Content-Type": "text/csv"}, text
        failed = sum(bool(self.fate(row)) for row in self.rows.get(job, []))
        counts = {"numberRecordsFailed": failed, "numberRecordsProcessed": len(self.rows.get(job, []))}
        told = {"id": job, "state": self.states[job]}
        return 200, {}, json.dumps(told | counts | (self.end if step == "state" and self.states[job] != "Open" else {}))

    def _results(self, job: str, *, failed: bool) -> str:
        """In any order but the upload's: the last first."""
        text = io.StringIO()
        rows = self.rows[job]
        first = ["sf__Id", "sf__Error" if failed else "sf__Created"]
        writer = csv.DictWriter(text, [*first, *(rows[0] if rows else ())], quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writeheader()
        for row in reversed(rows):
            fate = self.fate(row)
            if fate is not None and bool(fate) == failed:
                made = row.get("Id") or f"00T{next(iter(row.values()))[-4:]}"
                told = {"sf__Error": fate, "sf__Id": ""} if failed else {"sf__Created": "true", "sf__Id": made}
                writer.writerow({**told, **row})
        return text.getvalue()


def serving(mock: responses.RequestsMock, jobs: Jobs) -> Jobs:
    """Lets a mock answer with these jobs."""
    for method in ("GET", "POST", "PUT", "PATCH"):
        mock.add_callback(method, re.compile(re.escape(JOBS) + ".*"), jobs.answer)
    return jobs


@pytest.fixture
def jobs(vendor: responses.RequestsMock) -> Jobs:
    """Jobs that take everything."""
    return serving(vendor, Jobs())


def tasks(number: int) -> list[dict[str, Any]]:
    return [{"Okoshi_Key__c": f"k:{one:04d}", "Subject": f"件名{one}"} for one in range(number)]


def write(client: SalesforceClient, records: Sequence[dict[str, Any]]) -> list[Any]:
    return client.bulk_write("insert", "Task", records, "Okoshi_Key__c")


def test_each_record_has_its_result_in_order(jobs: Jobs, salesforce: Make) -> None:
    """The vendor tells results in two lists and any order; they are told apart by the key."""
    jobs.fate = lambda row: "REQUIRED_FIELD_MISSING:Required: [Status]:Status --" if row["Subject"] == "件名1" else ""
    results = write(salesforce(), tasks(3))
    assert [(result.id, result.success, result.created) for result in results] == [
        ("00T0000", True, True),
        (None, False, None),
        ("00T0002", True, True),
    ]
    assert results[1].errors == (RowError("REQUIRED_FIELD_MISSING", "Required: [Status]", ("Status",)),)
    assert jobs.made == [
        {"operation": "insert", "object": "Task", "contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF"}
    ]
    assert jobs.asked == ["make", "batches", "UploadComplete", "state", "successfulResults", "failedResults"]


def test_an_upsert_names_its_field_and_an_update_goes_by_id(jobs: Jobs, salesforce: Make) -> None:
    """An id may come back in its other form."""
    client = salesforce()
    client.bulk_write("upsert", "Task", tasks(1), "Okoshi_Key__c")
    assert jobs.made[0]["externalIdFieldName"] == "Okoshi_Key__c"
    ids = ["00T5g00000AbCdEAAV", "00T5g00000AbCdFAAV"]
    jobs.fate = lambda row: "ENTITY_IS_DELETED:entity is deleted:--" if row["Id"] == ids[1] else ""
    results = client.bulk_write("delete", "Task", [{"Id": one} for one in ids])
    assert [result.success for result in results] == [True, False]
    assert results[1].errors == (RowError("ENTITY_IS_DELETED", "entity is deleted"),)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "#N/A"),
        ("", "#N/A"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        ('二\r\n「行」,"x"', '二\r\n「行」,"x"'),
    ],
)
def test_values_are_written_as_the_vendor_reads_them(jobs: Jobs, salesforce: Make, value: object, written: str) -> None:
    """Nothing empties a field, and a field that a record does not name stays as it is."""
    records: list[dict[str, Any]] = [{"Id": "00T000000000001", "X__c": value}, {"Id": "00T000000000002"}]
    salesforce().bulk_write("update", "Task", records)
    assert [row["X__c"] for row in jobs.ran] == [written, ""]


def test_too_much_for_one_upload_goes_in_several() -> None:
    """Each has the header, and together they have all records in order."""
    records = [{"Id": f"{number:015d}", "Text": "字" * 100} for number in range(10)]
    parts = list(uploads(records, most_bytes=1_000))
    assert len(parts) > 1
    assert all(len(body) <= 1_000 and body.startswith(b'"Id","Text"\n') for _, body in parts)
    read = [row["Id"] for _, body in parts for row in csv.DictReader(io.StringIO(body.decode()))]
    assert read == [record["Id"] for record in records]
    assert sum(number for number, _ in parts) == 10


def test_records_that_cannot_be_told_apart_are_a_mistake_of_the_caller(salesforce: Make) -> None:
    """Two of one key, or one without."""
    for records in (tasks(1) * 2, [{"Subject": "x"}]):
        with pytest.raises(ValueError, match="of its own"):
            write(salesforce(), records)


def test_a_dry_run_makes_no_job(jobs: Jobs, salesforce: Make) -> None:
    """Refused before a byte leaves."""
    with pytest.raises(ReadOnlyViolation):
        write(salesforce(read_only=True), tasks(1))
    assert jobs.asked == []


def test_only_locked_records_are_sent_again(jobs: Jobs, salesforce: Make, waits: list[float]) -> None:
    """A locked record was not written; it goes into a second job by itself."""
    jobs.fate = lambda row: LOCKED if row["Subject"] == "件名1" and len(jobs.made) == 1 else ""
    assert [result.success for result in write(salesforce(), tasks(3))] == [True, True, True]
    assert [row["Okoshi_Key__c"] for row in jobs.ran] == ["k:0000", "k:0001", "k:0002", "k:0001"]
    assert any(2 <= wait <= 4 for wait in waits)


def test_trouble_while_sending_locked_records_again_keeps_what_is_known(jobs: Jobs, salesforce: Make) -> None:
    """Of the second job nobody knows how it ended; of the first one everything."""
    jobs.fate = lambda row: LOCKED if row["Subject"] == "件名1" and len(jobs.made) == 1 else ""
    jobs.lose_of_second = ["UploadComplete", *["-state"] * 50]
    results = write(salesforce(), tasks(2))
    assert [(result.success, result.lost is not None, result.late) for result in results] == [
        (True, False, False),
        (False, True, True),
    ]


@pytest.mark.parametrize("lost", ["make", "-make", "batches", "-batches"])
def test_before_a_job_is_closed_a_lost_answer_costs_another_job(jobs: Jobs, salesforce: Make, lost: str) -> None:
    """An open job does nothing, whatever has arrived of it."""
    jobs.lose = [lost]
    assert all(result.success for result in write(salesforce(), tasks(3)))
    assert len(jobs.ran) == 3


def test_a_job_that_cannot_be_filled_was_not_written(jobs: Jobs, salesforce: Make) -> None:
    """Then nothing is unknown, and no open job is left behind."""
    jobs.lose = ["batches"] * 50
    with pytest.raises(RetryLater, match="nothing was written"):
        write(salesforce(), tasks(3))
    assert jobs.ran == []
    assert set(jobs.states.values()) == {"Aborted"}


@pytest.mark.parametrize("lost", ["UploadComplete", "-UploadComplete"])
def test_a_lost_answer_to_closing_is_settled_by_the_jobs_state(jobs: Jobs, salesforce: Make, lost: str) -> None:
    """Open: it is closed once more; else it runs."""
    jobs.lose = [lost]
    assert all(result.success for result in write(salesforce(), tasks(3)))
    assert (len(jobs.made), len(jobs.ran)) == (1, 3)


@pytest.mark.parametrize("lost", [["UploadComplete"], []])
def test_a_job_that_cannot_be_looked_at_may_still_be_at_work(jobs: Jobs, salesforce: Make, lost: list[str]) -> None:
    """Closed, or perhaps closed, and then silence: looked up by the next run, and not at once."""
    jobs.lose = [*lost, *["-state"] * 100]
    with pytest.raises(AnswerLost) as error:
        write(salesforce(), tasks(3))
    assert error.value.late
    assert len(jobs.made) == 1


def test_a_job_that_does_not_end_is_at_work(jobs: Jobs, salesforce: Make) -> None:
    """The same after an hour of waiting."""
    jobs.end = {"state": "InProgress"}
    with pytest.raises(AnswerLost, match="may still be at work") as error:
        write(salesforce(), tasks(1))
    assert error.value.late


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}], StopSync),
        (400, [{"errorCode": "LIMIT_EXCEEDED", "message": "x"}], Refused),
        (403, [{"errorCode": "FEATURENOTENABLED", "message": "x"}], ConfigurationError),
    ],
)
def test_a_refused_job_says_why(
    vendor: responses.RequestsMock, salesforce: Make, status: int, body: Any, error: type[OkoshiError]
) -> None:
    """Nothing was written."""
    vendor.post(JOBS, status=status, json=body)
    with pytest.raises(error):
        write(salesforce(), tasks(1))


@pytest.mark.parametrize(
    ("end", "error"),
    [
        (
            {"state": "Failed", "numberRecordsProcessed": 0, "errorMessage": "InvalidBatch : INVALID_FIELD: x"},
            ConfigurationError,
        ),
        (
            {
                "state": "Failed",
                "numberRecordsProcessed": 0,
                "errorMessage": "InvalidBatch : Field name not found : X__c",
            },
            ConfigurationError,
        ),
        (
            {"state": "Failed", "numberRecordsProcessed": 0, "errorMessage": "the dog ate it"},
            RetryLater,
        ),
    ],
)
def test_a_job_that_ended_without_touching_a_record_wrote_nothing(
    jobs: Jobs, salesforce: Make, end: dict[str, Any], error: type[OkoshiError]
) -> None:
    """By the code in its message."""
    jobs.end = end
    with pytest.raises(error):
        write(salesforce(), tasks(2))


@pytest.mark.parametrize("counted", [2, 0])
def test_what_a_job_left_alone_is_looked_up(jobs: Jobs, salesforce: Make, counted: int) -> None:
    """Aborted half-way, whatever it had counted: what is in neither list of results is lost, the rest is known."""
    jobs.end = {"state": "Aborted", "numberRecordsProcessed": counted}
    jobs.fate = lambda row: {"件名0": "", "件名1": "STRING_TOO_LONG:Subject:Subject --"}.get(row["Subject"])
    results = write(salesforce(), tasks(3))
    assert [result.success for result in results] == [True, False, False]
    assert [result.lost is not None for result in results] == [False, False, True]


def test_results_that_cannot_be_fetched_are_looked_up(jobs: Jobs, salesforce: Make) -> None:
    """One of the lists is missing: the other one still counts, and nothing is late, for the job has ended."""
    jobs.fate = lambda row: LOCKED.replace("UNABLE_TO_LOCK_ROW", "STRING_TOO_LONG") if row["Subject"] == "件名1" else ""
    jobs.lose = ["successfulResults"] * 50
    results = write(salesforce(), tasks(2))
    assert [(result.lost is not None, result.late) for result in results] == [(True, False), (False, False)]


def test_a_list_of_results_cut_short_is_fetched_again(jobs: Jobs, salesforce: Make) -> None:
    """A line that ends within a value is no result."""
    jobs.cut = ["successfulResults", "successfulResults"]
    assert [result.success for result in write(salesforce(), tasks(2))] == [True, True]
    assert jobs.asked.count("successfulResults") == 3


FATES = st.sampled_from(
    ["", "", LOCKED, "DUPLICATE_VALUE:duplicate value found: X on record with id: 00T1:--", "??", None]
)


@settings(deadline=None)  # a loaded machine is no failure
@given(st.lists(FATES, min_size=1, max_size=12))
def test_whatever_becomes_of_the_records_the_results_line_up(fates: list[str | None]) -> None:
    """Each result is its own record's: done ones with their ids, refused ones with their code, silent ones lost."""
    settings = SalesforceSettings(instance_url=INSTANCE, auth="session", session_id=SecretStr("00D"))
    retry = RetryPolicy(bound=timedelta(seconds=5), sleep=lambda _: None)
    client = SalesforceClient(settings, read_only=False, retry=retry)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        serving(mock, Jobs(fate=lambda row: fates[int(row["Okoshi_Key__c"][2:])]))
        results = write(client, tasks(len(fates)))
    for number, (fate, result) in enumerate(zip(fates, results, strict=True)):
        assert result.success == (fate == "")
        assert (result.lost is not None) == (fate is None)
        assert result.id == (f"00T{number:04d}" if fate == "" else None)
        if fate:
            assert result.errors[0].code == fate.split(":")[0]
