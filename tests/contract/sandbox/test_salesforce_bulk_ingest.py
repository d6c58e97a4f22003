"""Ingest jobs of the sandbox's Bulk API 2.0: upload, processing, results row by row, and what fails a whole job."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from salesforce_org import ACME, BETA, DEAL, INTEGRATION, LOST, SATO, SUZUKI, TARO, RunningOrg, running_org

JOBS = "/jobs/ingest"
KEY = "Okoshi_Key__c"
Rows = list[dict[str, str]]


@pytest.fixture
def org(tmp_path: Path) -> Iterator[RunningOrg]:
    with running_org(tmp_path) as running:
        yield running


@dataclass(frozen=True)
class Done:
    """A job that has ended: its last state and the three results."""

    job: dict[str, Any]
    successful: Rows
    failed: Rows
    unprocessed: Rows


def opened(org: RunningOrg, object_: str, operation: str, **options: Any) -> str:
    answer = org.call("POST", JOBS, json={"object": object_, "operation": operation, **options})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def put(org: RunningOrg, job_id: str, data: str | bytes, content_type: str = "text/csv; charset=UTF-8") -> int:
    content = data.encode() if isinstance(data, str) else data
    answer = org.call("PUT", f"{JOBS}/{job_id}/batches", data=content, headers={"Content-Type": content_type})
    return answer.status_code


def close(org: RunningOrg, job_id: str) -> None:
    answer = org.call("PATCH", f"{JOBS}/{job_id}", json={"state": "UploadComplete"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "UploadComplete"


def ended(org: RunningOrg, job_id: str) -> Done:
    for _ in range(10):
        job = org.call("GET", f"{JOBS}/{job_id}").json()
        if job["state"] not in {"UploadComplete", "InProgress"}:
            break
    kinds = ("successfulResults", "failedResults", "unprocessedrecords")
    return Done(job, *(parsed(org.call("GET", f"{JOBS}/{job_id}/{kind}").content.decode()) for kind in kinds))


def parsed(text: str) -> Rows:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def loaded(org: RunningOrg, object_: str, operation: str, data: str | bytes, **options: Any) -> Done:
    job_id = opened(org, object_, operation, **options)
    assert put(org, job_id, data) == 201
    close(org, job_id)
    return ended(org, job_id)


def sheet(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([columns, *rows])
    return text.getvalue()


def errors(done: Done, column: str) -> Mapping[str, str]:
    """The code of each refused row, by one of its columns."""
    return {row[column]: row["sf__Error"].partition(":")[0] for row in done.failed}


def test_a_value_too_long_for_its_field_fails_its_record(org: RunningOrg) -> None:
    """Not its job, however long it is."""
    done = loaded(org, "Contact", "update", sheet(("Id", "LastName"), [(SUZUKI, "x" * 200_000), (SATO, "佐藤")]))
    assert errors(done, "LastName") == {"x" * 200_000: "STRING_TOO_LONG"}
    assert [row["LastName"] for row in done.successful] == ["佐藤"]


def test_a_job_is_opened_filled_closed_and_processed(org: RunningOrg) -> None:
    """Open with a contentUrl, UploadComplete, InProgress, JobComplete with the counts."""
    answer = org.call("POST", JOBS, json={"object": "contact", "operation": "insert"}).json()
    assert {"state": "Open", "object": "Contact", "contentType": "CSV", "lineEnding": "LF"}.items() <= answer.items()
    assert answer["contentUrl"] == f"services/data/v66.0/jobs/ingest/{answer['id']}/batches"
    assert put(org, answer["id"], "LastName\n田中\n") == 201
    assert org.error("GET", f"{JOBS}/{answer['id']}/successfulResults") == (400, "INVALIDJOBSTATE")
    close(org, answer["id"])
    looks = [org.call("GET", f"{JOBS}/{answer['id']}").json() for _ in range(2)]
    assert [look["state"] for look in looks] == ["InProgress", "JobComplete"]
    assert [look["numberRecordsProcessed"] for look in looks] == [0, 1]
    assert (looks[1]["numberRecordsFailed"], looks[1]["jobType"]) == (0, "V2Ingest")
    assert "contentUrl" not in looks[1]


def test_inserted_rows_are_in_the_journal(org: RunningOrg) -> None:
    """Row by row, with the signed-in user, as if they had come in a collection."""
    done = loaded(org, "Contact", "insert", sheet(["LastName", "AccountId"], [["田中", ACME], ["伊藤", BETA]]))
    journal = [(one["operation"], one["object"], one["id"], one["actor"]) for one in org.world.journal()]
    assert journal == [("create", "Contact", row["sf__Id"], INTEGRATION) for row in done.successful]
    assert [row["sf__Created"] for row in done.successful] == ["true", "true"]
    assert {row["LastName"]: row["AccountId"] for row in done.successful} == {"田中": ACME, "伊藤": BETA}
    assert set(org.values("SELECT LastName FROM Contact", "LastName")) >= {"田中", "伊藤"}


def test_refused_rows_stand_alone(org: RunningOrg) -> None:
    """Each with the org's code, message and fields, and its own columns; the others go on."""
    rows = [["", "a@b.example"], ["良い", "c@d.example"], ["悪い", "no address"]]
    done = loaded(org, "Contact", "insert", sheet(["LastName", "Email"], rows))
    assert (done.job["numberRecordsProcessed"], done.job["numberRecordsFailed"]) == (3, 2)
    assert [row["LastName"] for row in done.successful] == ["良い"]
    assert done.failed[0] == {
        "sf__Id": "",
        "sf__Error": "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --",
        "LastName": "",
        "Email": "a@b.example",
    }
    assert done.failed[1]["sf__Error"] == "INVALID_EMAIL_ADDRESS:Email: invalid email address: no address:Email --"
    assert done.unprocessed == []


def test_update_clears_with_na_and_leaves_empty_cells_alone(org: RunningOrg) -> None:
    """An empty cell says nothing, #N/A says null."""
    done = loaded(org, "Account", "update", sheet(["Id", "Phone", "BillingCity"], [[ACME, "", "#N/A"]]))
    assert [(row["sf__Id"], row["sf__Created"]) for row in done.successful] == [(ACME, "false")]
    (account,) = org.query(f"SELECT Phone, BillingCity FROM Account WHERE Id = '{ACME}'")["records"]
    assert (account["Phone"], account["BillingCity"]) == ("03-1234-5678", None)


def test_update_refuses_what_collections_refuse(org: RunningOrg) -> None:
    """No id, an unknown id, the same id twice, and the id of the refused row is told."""
    unknown = ACME[:14] + "9"
    rows = [[ACME, "a"], [ACME, "b"], ["", "c"], [unknown, "d"]]
    done = loaded(org, "Account", "update", sheet(["Id", "Name"], rows))
    assert errors(done, "Name") == {"b": "DUPLICATE_VALUE", "c": "MISSING_ARGUMENT", "d": "INVALID_CROSS_REFERENCE_KEY"}
    assert [row["sf__Id"] for row in done.failed] == [ACME, "", unknown]


def test_upsert_creates_and_updates(org: RunningOrg) -> None:
    """By the external id field, repeated keys of one batch refused."""
    org.create("Task", Subject="old", **{KEY: "1"})
    rows = [["1", "new"], ["2", "made"], ["3", "twice"], ["3", "twice"], ["", "no key"]]
    done = loaded(org, "Task", "upsert", sheet([KEY, "Subject"], rows), externalIdFieldName=KEY.lower())
    assert done.job["externalIdFieldName"] == KEY
    assert {row[KEY]: row["sf__Created"] for row in done.successful} == {"1": "false", "2": "true"}
    assert errors(done, "Subject") == {"twice": "DUPLICATE_VALUE", "no key": "MISSING_ARGUMENT"}
    assert set(org.values("SELECT Subject FROM Task", "Subject")) == {"new", "made"}


def test_delete_by_id(org: RunningOrg) -> None:
    """Into the recycle bin, once."""
    id_ = org.create("Task", Subject="a")
    done = loaded(org, "Task", "delete", sheet(["Id"], [[id_], [id_], ["nonsense"]]))
    assert [row["sf__Id"] for row in done.successful] == [id_]
    assert {row["sf__Error"].partition(":")[0] for row in done.failed} == {"DUPLICATE_VALUE", "MALFORMED_ID"}
    assert org.query("SELECT Id FROM Task")["totalSize"] == 0


def test_values_are_read_as_bulk_reads_them(org: RunningOrg) -> None:
    """Many words for a boolean; a value of the wrong type is the row's fault, named by field."""
    columns = ["StageName", "Name", "CloseDate", "Amount", "IsPrivate"]
    rows = [["提案", name, "2026-12-01", amount, word] for name, amount, word in (
        ("a", "12.5", "YES"), ("b", "1,000", "0"), ("c", "", "maybe"))]  # fmt: skip
    done = loaded(org, "Opportunity", "insert", sheet(columns, rows))
    assert [row["Name"] for row in done.successful] == ["a"]
    assert errors(done, "Name") == dict.fromkeys("bc", "INVALID_TYPE_ON_FIELD_IN_RECORD")
    assert [row["sf__Error"].rpartition(":")[2] for row in done.failed] == ["Amount --", "IsPrivate --"]
    (deal,) = org.query("SELECT Amount, IsPrivate FROM Opportunity WHERE Name = 'a'")["records"]
    assert (deal["Amount"], deal["IsPrivate"]) == (12.5, True)


@pytest.mark.parametrize(
    ("operation", "data", "message"),
    [
        ("insert", "LastName,Foo\na,b\n", "InvalidBatch : Field name not found : Foo"),
        ("insert", "LastName,lastname\na,b\n", "InvalidBatch : Field name not found : lastname"),
        ("insert", "\ufeffLastName\na\n", "InvalidBatch : Field name not found : \ufeffLastName"),
        ("update", "LastName\na\n", "InvalidBatch : Field name not found : Id"),
        ("delete", "LastName\na\n", "InvalidBatch : Field name not found : Id"),
        (
            "insert",
            "LastName\r\na\r\n",
            "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF",
        ),
    ],
)
def test_data_that_fails_the_whole_job(org: RunningOrg, operation: str, data: str, message: str) -> None:
    """Nothing is written, and the rows that could be read are told to be unprocessed."""
    done = loaded(org, "Contact", operation, data)
    assert (done.job["state"], done.job["errorMessage"]) == ("Failed", message)
    assert (done.job["numberRecordsProcessed"], done.successful, done.failed) == (0, [], [])
    assert len(done.unprocessed) == (0 if "LineEnding" in message else 1)
    assert list(org.world.journal()) == []


@pytest.mark.parametrize("data", [b"LastName\n\xff\xfe\n", b"", b'LastName\n"a\n', b"LastName\na,b\n"])
def test_data_that_cannot_be_read(org: RunningOrg, data: bytes) -> None:
    """Other encodings, no header, an open quote, a row that is too long."""
    assert loaded(org, "Contact", "insert", data).job["state"] == "Failed"


def test_delimiter_and_line_ending_of_the_job(org: RunningOrg) -> None:
    """They hold for the upload and for the results."""
    data = 'LastName;Email\r\n"a;b\r\nc";x@y.example\r\n'
    job_id = opened(org, "Contact", "insert", columnDelimiter="SEMICOLON", lineEnding="CRLF")
    put(org, job_id, data)
    close(org, job_id)
    ended(org, job_id)
    text = org.call("GET", f"{JOBS}/{job_id}/SUCCESSFULRESULTS").content.decode()
    header, row = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    assert header == ["sf__Id", "sf__Created", "LastName", "Email"]
    assert row[1:] == ["true", "a;b\r\nc", "x@y.example"]
    assert text.startswith('"sf__Id";"sf__Created";"LastName";"Email"\r\n')


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"object": "Nope"}, "INVALIDJOB"),
        ({"object": "OpportunityStage"}, "INVALIDENTITY"),
        ({"operation": "query"}, "INVALIDJOB"),
        ({"operation": "hardDelete"}, "FEATURENOTENABLED"),
        ({"operation": "upsert"}, "INVALIDJOB"),
        ({"operation": "upsert", "externalIdFieldName": "Phone"}, "INVALIDJOB"),
        ({"columnDelimiter": "|"}, "INVALIDJOB"),
    ],
)
def test_jobs_that_cannot_be_opened(org: RunningOrg, wrong: dict[str, str], code: str) -> None:
    """Unknown and read-only objects, unknown and forbidden operations, an upsert without its key."""
    assert org.error("POST", JOBS, {"object": "Contact", "operation": "insert", **wrong}) == (400, code)


def test_data_is_uploaded_once(org: RunningOrg) -> None:
    """The second upload is taken, and the job cannot be closed any more."""
    job_id = opened(org, "Contact", "insert")
    assert org.error("PATCH", f"{JOBS}/{job_id}", {"state": "UploadComplete"}) == (400, "INVALIDJOBSTATE")
    assert put(org, job_id, "{}", "application/json") == 415
    assert [put(org, job_id, "LastName\na\n") for _ in range(2)] == [201, 201]
    assert org.error("PATCH", f"{JOBS}/{job_id}", {"state": "UploadComplete"}) == (400, "INVALIDJOB")
    assert org.call("GET", f"{JOBS}/{job_id}").json()["state"] == "Open"


def test_a_closed_job_takes_no_data(org: RunningOrg) -> None:
    """Nor can it be closed again."""
    job_id = opened(org, "Contact", "insert")
    put(org, job_id, "LastName\na\n")
    close(org, job_id)
    assert put(org, job_id, "LastName\nb\n") == 400
    assert org.error("PATCH", f"{JOBS}/{job_id}", {"state": "UploadComplete"}) == (400, "INVALIDJOBSTATE")
    assert [row["LastName"] for row in ended(org, job_id).successful] == ["a"]


def test_too_much_data(org: RunningOrg) -> None:
    """The limit is on what the upload is as base64."""
    org.state.bulk.rules.upload_bytes = 20
    assert put(org, opened(org, "Contact", "insert"), "LastName\n" + "x" * 20) == 413


def test_an_aborted_job_leaves_its_rows_unprocessed(org: RunningOrg) -> None:
    """What was uploaded can be fetched; nothing was written."""
    job_id = opened(org, "Contact", "insert")
    put(org, job_id, "LastName\na\nb\n")
    assert org.error("DELETE", f"{JOBS}/{job_id}") == (400, "INVALIDJOBSTATE")
    assert org.call("PATCH", f"{JOBS}/{job_id}", json={"state": "Aborted"}).json()["state"] == "Aborted"
    done = ended(org, job_id)
    assert (done.job["state"], [row["LastName"] for row in done.unprocessed]) == ("Aborted", ["a", "b"])
    assert list(org.world.journal()) == []
    assert org.call("DELETE", f"{JOBS}/{job_id}").status_code == 204
    assert org.error("GET", f"{JOBS}/{job_id}") == (404, "NOT_FOUND")


def test_a_job_aborted_at_work_keeps_what_it_has_written(org: RunningOrg) -> None:
    """The batch that is being written is finished, the others are unprocessed."""
    org.state.bulk.rules.batch_rows = 2
    job_id = opened(org, "Contact", "insert")
    put(org, job_id, "LastName\na\nb\nc\nd\ne\n")
    with org.world.lock:  # holds the work up at its first batch
        close(org, job_id)
        assert org.call("GET", f"{JOBS}/{job_id}").json()["state"] == "InProgress"
        assert org.call("GET", f"{JOBS}/{job_id}").json()["state"] == "InProgress"
        org.call("PATCH", f"{JOBS}/{job_id}", json={"state": "Aborted"})
    done = ended(org, job_id)
    assert (done.job["state"], done.job["numberRecordsProcessed"]) == ("Aborted", 2)
    assert [row["LastName"] for row in done.successful] == ["a", "b"]
    assert [row["LastName"] for row in done.unprocessed] == ["c", "d", "e"]
    assert len(list(org.world.journal())) == 2


def test_rows_are_written_whether_anybody_looks_or_not(org: RunningOrg) -> None:
    """A client that dies after closing finds its records."""
    job_id = opened(org, "Task", "upsert", externalIdFieldName=KEY)
    put(org, job_id, f"{KEY},Subject\n1,a\n")
    close(org, job_id)
    assert org.values(f"SELECT Subject FROM Task WHERE {KEY} = '1'", "Subject") == ["a"]


def test_results_are_told_as_batches_end(org: RunningOrg) -> None:
    """Not in the order of the upload: a client matches rows by what they hold."""
    names = [f"{number:03d}" for number in range(450)]
    done = loaded(org, "Account", "insert", sheet(["Name"], [[name] for name in names]))
    told = [row["Name"] for row in done.successful]
    assert sorted(told) == names
    assert told != names


def contacts(parents: Sequence[str]) -> str:
    return sheet(["LastName", "AccountId"], [[str(number), parent] for number, parent in enumerate(parents)])


def test_siblings_in_two_batches_lock_each_other_out(org: RunningOrg) -> None:
    """Unsorted children: the rows of a parent that an earlier batch already holds are refused, the first are not."""
    done = loaded(org, "Contact", "insert", contacts([ACME, BETA] * 150))
    assert len(done.successful) == 200
    assert {row["sf__Error"] for row in done.failed} == {
        f"UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records: {parent}:--"
        for parent in (ACME, BETA)
    }
    assert sorted(int(row["LastName"]) for row in done.failed) == list(range(200, 300))


def test_refused_for_a_lock_means_not_written(org: RunningOrg) -> None:
    """And sent again it is accepted."""
    done = loaded(org, "Contact", "insert", contacts([ACME, BETA] * 150))
    again = loaded(org, "Contact", "insert", contacts([row["AccountId"] for row in done.failed]))
    assert again.failed == []
    assert org.query("SELECT COUNT() FROM Contact")["totalSize"] == 2 + 300


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([ACME, BETA, ""]), min_size=1, max_size=40))
def test_sorted_children_never_lock_each_other_out(org: RunningOrg, parents: list[str]) -> None:
    """However many there are of a parent, and wherever a batch ends."""
    org.state.bulk.rules.batch_rows = 5
    assert loaded(org, "Contact", "insert", contacts(sorted(parents))).failed == []


def test_the_deal_is_an_activity_s_parent(org: RunningOrg) -> None:
    """WhatId comes before WhoId: sorting by the person alone does not help."""
    org.state.bulk.rules.batch_rows = 1
    columns = ["Subject", "WhatId", "WhoId"]
    rows = [["a", DEAL, SATO], ["b", LOST, SATO], ["c", DEAL, SATO], ["d", "", SATO], ["e", "", ""]]
    done = loaded(org, "Task", "insert", sheet(columns, rows))
    assert errors(done, "Subject") == {"c": "UNABLE_TO_LOCK_ROW"}


def test_batches_have_a_daily_allowance(org: RunningOrg) -> None:
    """One for each 10,000 rows begun; a job beyond it fails with all its rows unprocessed."""
    org.state.bulk.rules.batches_a_day = 3
    org.state.bulk.rules.rows_per_charged_batch = 2
    data = "LastName\na\nb\nc\n"
    assert loaded(org, "Contact", "insert", data).job["state"] == "JobComplete"
    assert org.call("GET", "/limits").json()["DailyBulkApiBatches"] == {"Max": 3, "Remaining": 1}
    done = loaded(org, "Contact", "insert", data)
    assert (done.job["state"], len(done.unprocessed)) == ("Failed", 3)
    org.world.clock.advance(timedelta(days=1, seconds=1))
    assert loaded(org, "Contact", "insert", data).job["state"] == "JobComplete"


def test_query_and_ingest_jobs_are_apart(org: RunningOrg) -> None:
    """An ingest job is not found among the query jobs; each list tells its own."""
    job_id = opened(org, "Contact", "insert")
    assert org.error("GET", f"/jobs/query/{job_id}") == (404, "NOT_FOUND")
    assert [job["id"] for job in org.call("GET", JOBS).json()["records"]] == [job_id]
    assert org.call("GET", "/jobs/query").json()["records"] == []
    assert org.error("GET", f"{JOBS}/{job_id}/otherResults")[0] in {400, 404}


def test_owner_defaults_to_the_signed_in_user(org: RunningOrg) -> None:
    """Unless a column says otherwise."""
    loaded(org, "Task", "insert", sheet(["Subject", "OwnerId"], [["mine", ""], ["his", TARO]]))
    found = org.query("SELECT Subject, OwnerId FROM Task")["records"]
    assert {row["Subject"]: row["OwnerId"] for row in found} == {"mine": INTEGRATION, "his": TARO}
