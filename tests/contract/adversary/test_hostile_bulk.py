"""Bulk API 2.0 with faults of its own: jobs that stick, tables that lie, locators that lead in circles."""

from collections.abc import Callable
from typing import Any

import pytest
from expect import error_of, outcome_of
from hostile_server import Answer, Asked, HostileServer, Raw, as_json, in_turn, page_of_html

from connector.clients.errors import AnswerLost, BulkJobGone
from connector.model.errors import ConfigurationError, OkoshiError, RetryLater

Make = Callable[..., Any]
JOB = "7505g00000AbCdEAAV"
SOQL = "SELECT Id, LastName, RecordType.DeveloperName FROM Contact"
HEADER = b'"Id","LastName","RecordType.DeveloperName"\n'


def told(state: Any, **more: Any) -> Answer:
    return as_json({"id": JOB, "state": state, **more})


def table(body: bytes, rows: Any, locator: str | None = "null", name: str = "Sforce-Locator", **more: Any) -> Answer:
    headers = [("Sforce-NumberOfRecords", str(rows))] + ([(name, locator)] if locator is not None else [])
    return Answer(body, headers=headers, content_type="text/csv", **more)


def query(*tables: Answer | Raw, state: Answer | None = None) -> Callable[[Asked], Answer | Raw]:
    """An org whose query job is done at once and answers its results in turn."""
    results = in_turn(*tables) if tables else None

    def script(asked: Asked) -> Answer | Raw:
        if asked.path.endswith("/results") and results:
            return results(asked)
        return Answer(b"", 204, content_type=None) if asked.method == "DELETE" else state or told("JobComplete")

    return script


def rows(client: Any, **more: Any) -> list[dict[str, Any]]:
    return [row for page in client.bulk_query(SOQL, **more) for row in page.records]


@pytest.mark.parametrize(
    "answer",
    [
        table(HEADER + b'"1","a ""q"", b\nc",""\n"2","","T"\n', 2),
        table(HEADER.replace(b"\n", b"\r\n") + b'"1","a ""q"", b\nc",""\r\n"2","","T"\r\n', 2),
        table(b"\xef\xbb\xbf" + HEADER + b'"1","a ""q"", b\nc",""\n"2","","T"', 2),
        table(b'RECORDTYPE.DEVELOPERNAME,lastname,id\n,"a ""q"", b\nc",1\nT,,2\n', 2),
        table(HEADER + b'"1","a ""q"", b\nc",""\n"2","","T"\n', 2, name="SFORCE-LOCATOR", framing="chunked"),
        table(HEADER + b'"1","a ""q"", b\nc",""\n"2","","T"\n', 2, name="sforce-locator", status=201),
    ],
)
def test_a_table_may_be_dressed_otherwise(server: HostileServer, salesforce: Make, answer: Answer) -> None:
    """Line ends, quotes, order and case of columns and headers: the same rows, by the names that were asked for."""
    server.script = query(answer)
    assert [(row["Id"], row["LastName"], row["RecordType.DeveloperName"]) for row in rows(salesforce())] == [
        ("1", 'a "q", b\nc', None),
        ("2", None, "T"),
    ]


def test_a_cell_may_be_long(server: HostileServer, salesforce: Make) -> None:
    """A long text area is longer than Python's own limit, once its quotes are doubled."""
    server.script = query(table(HEADER + b'"1","' + b"x" * 200_000 + b'",""\n', 1))
    assert len(rows(salesforce())[0]["LastName"]) == 200_000


@pytest.mark.parametrize(
    "bad",
    [
        table(HEADER + b'"1","a",""\n', 2),
        table(HEADER + b'"1","a",""\n', "x"),
        table(HEADER + b'"1","a",""\n', 1, locator=None),
        table(HEADER + b'"1","a",""\n', 1, locator=""),
        table(HEADER + b'"1","a\n', 1),
        table(HEADER + b"1,a,Stand", 1),
        table(HEADER + b'"1","a"\n', 1),
        table(b'"Id","LastName"\n"1","a"\n', 1),
        table(b'"Id","id","LastName"\n"1","2","a"\n', 1),
        table((HEADER + '"1","山",""\n'.encode("cp932")), 1),
        Answer(HEADER + b'"1","a",""\n', content_type="text/csv"),
        as_json([{"errorCode": "X"}]),
        page_of_html(200),
        page_of_html(503),
        Raw(),
    ],
)
def test_a_table_that_lies_is_asked_for_again(
    server: HostileServer, salesforce: Make, waits: list[float], bad: Answer | Raw
) -> None:
    """Once more it may be whole; if it never is, that is for later, and no shorter table is taken for the whole."""
    good = table(HEADER + b'"1","a",""\n', 1)
    server.script = query(bad, good)
    assert [row["Id"] for row in rows(salesforce())] == ["1"]
    server.script = query(bad)
    waits.clear()
    assert type(error_of(lambda: rows(salesforce()))) is RetryLater
    assert len(server.paths("results")) < 150


@pytest.mark.parametrize("circle", [["A", "A"], ["A", "B", "A"], ["A", "B", "C", "B"]])
def test_locators_that_lead_in_circles_end(server: HostileServer, salesforce: Make, circle: list[str]) -> None:
    """The rows of a reading that has no end are not handed over for ever."""
    server.script = query(*(table(HEADER + b'"1","a",""\n', 1, locator) for locator in circle * 30))
    assert type(error_of(lambda: rows(salesforce()))) is RetryLater
    assert len(server.paths("results")) <= len(circle)


def test_a_reading_goes_on_from_its_position(server: HostileServer, salesforce: Make) -> None:
    """An empty page in between is no end; the position of the first page leads to the second."""
    one, none, two = (HEADER + b'"1","a",""\n', HEADER, HEADER + b'"2","b",""\n')
    server.script = query(table(one, 1, "MTAw:x"), table(none, 0, "MjAw"), table(two, 1))
    pages = list(salesforce().bulk_query(SOQL))
    assert [row["Id"] for page in pages for row in page.records] == ["1", "2"]
    server.script = query(table(two, 1))
    again = rows(salesforce(), after=type(pages[0].position).parse(str(pages[0].position)))
    assert [row["Id"] for row in again] == ["2"]
    assert server.asked[-2].query["locator"] == "MTAw:x"


@pytest.mark.parametrize("state", ["InProgress", "Queued", None, "jobcomplete?", 5])
def test_a_job_that_sticks_is_given_up(server: HostileServer, salesforce: Make, waits: list[float], state: Any) -> None:
    """After an hour of ever longer pauses, with few questions."""
    server.script = query(state=told(state))
    assert type(error_of(lambda: rows(salesforce()))) is RetryLater
    assert sum(waits) <= 3_600
    assert len(server.asked) < 120


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (told("Failed", errorMessage="InvalidBatch : INVALID_FIELD: secret-of-the-vendor"), ConfigurationError),
        (told("Failed", errorMessage=None), RetryLater),
        (told("Failed", errorMessage={"x": "secret-of-the-vendor"}), RetryLater),
        (told("Failed"), RetryLater),
        (told("Aborted"), RetryLater),
        (as_json({"state": "JobComplete"}), RetryLater),
        (as_json({"id": "../../x", "state": "JobComplete"}), RetryLater),
        (as_json({"id": 5, "state": "JobComplete"}), RetryLater),
        (as_json([]), RetryLater),
        (page_of_html(500), RetryLater),
        (as_json([{"errorCode": "API_DISABLED_FOR_ORG"}], 403), ConfigurationError),
    ],
)
def test_each_end_of_a_query_job(
    server: HostileServer, salesforce: Make, end: Answer, expected: type[OkoshiError]
) -> None:
    """By the code in its message; the message itself stays out."""
    server.script = query(state=end)
    assert type(error_of(lambda: rows(salesforce()))) is expected


@pytest.mark.parametrize("answer", [page_of_html(404), as_json([{"errorCode": "NOT_FOUND"}], 404), as_json([], 409)])
def test_results_that_are_gone(server: HostileServer, salesforce: Make, answer: Answer) -> None:
    """A job that somebody has deleted is begun anew; an HTML page is only something in between."""
    server.script = query(answer)
    expected = RetryLater if b"html" in answer.body else BulkJobGone
    assert type(error_of(lambda: rows(salesforce()))) is expected


RECORDS = [{"Okoshi_Key__c": f"k{number}", "Subject": "件名"} for number in range(3)]
SUCCESS = b'"sf__Id","sf__Created",Subject,"Okoshi_Key__c"\n'
FAILURE = b'"sf__Id","sf__Error",Subject,"Okoshi_Key__c"\n'


def ingest(
    done: bytes = b"", failed: bytes = b"", end: Answer | None = None, **more: Answer | Raw
) -> Callable[[Asked], Answer | Raw]:
    """An org whose ingest job ends at once; `more` replaces its answer to a part of the way."""

    def script(asked: Asked) -> Answer | Raw:
        last = asked.path.rpartition("/")[2]
        name = {"PUT": "upload", "PATCH": "close"}.get(asked.method, last if last in more else "")
        if name in more:
            return more[name]
        if asked.method == "PUT":
            return Answer(b"", 201, content_type=None)
        if last in ("successfulResults", "failedResults"):
            body = (SUCCESS + done) if last == "successfulResults" else (FAILURE + failed)
            return Answer(body, content_type="text/csv")
        return told("Open") if asked.method == "POST" else end or told("JobComplete", numberRecordsProcessed=3)

    return script


def fates(client: Any) -> Any:
    """done, lost, or the code of the refusal of each record; or the class of the error."""
    found = outcome_of(lambda: client.bulk_write("insert", "Task", RECORDS, "Okoshi_Key__c"))
    if not isinstance(found, list):
        return found
    return ["done" if row.success else "lost" if row.lost else row.errors[0].code for row in found]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (ingest(b'"003C","true","","k2"\n"003A","true","","k0"\n', b'"","X:no:--","","k1"\n'), ["done", "X", "done"]),
        (ingest(b'"003A","true","","k0"\n' * 3), ["done", "lost", "lost"]),
        (ingest(b'"003A","true","","k0"\n"003Z","true","",""\n"003Y","true","","other"\n'), ["done", "lost", "lost"]),
        (ingest(b'"003A","true","","k0"\n', b'"003A","X:no:--","","k0"\n'), ["lost", "lost", "lost"]),
        (ingest(b'"","true","","k0"\n'), ["lost", "lost", "lost"]),
        (
            ingest(
                failedResults=Answer(
                    b'"SF__ID","SF__ERROR","OKOSHI_KEY__C"\n"","X:no:--","k1"\n', content_type="text/csv"
                )
            ),
            ["lost", "X", "lost"],
        ),
        (
            ingest(failedResults=Answer(b'"Okoshi_Key__c"\n"k1"\n', content_type="text/csv")),
            ["lost", "UNKNOWN_EXCEPTION", "lost"],
        ),
        (ingest(b'"003A","true","","k0"\n', failedResults=page_of_html(500)), ["done", "lost", "lost"]),
        (ingest(b'"003A","tr'), ["lost", "lost", "lost"]),
        (ingest(successfulResults=as_json([{"errorCode": "NOT_FOUND"}], 404)), ["lost", "lost", "lost"]),
        (ingest(end=told("Failed", numberRecordsProcessed="many")), ["lost", "lost", "lost"]),
        (ingest(end=told("Failed", numberRecordsProcessed=0)), RetryLater),
        (ingest(b'"003A","true","","k0"\n', end=told("Aborted", numberRecordsProcessed=0)), ["done", "lost", "lost"]),
        (ingest(end=told("InProgress")), AnswerLost),
        (ingest(end=page_of_html(503)), AnswerLost),
        (ingest(upload=page_of_html(503)), RetryLater),
        (ingest(upload=as_json([{"errorCode": "X"}], 400)), OkoshiError),
        (ingest(close=as_json([{"errorCode": "INSUFFICIENT_ACCESS"}], 403)), ConfigurationError),
        (ingest(close=Raw(), end=told("Open")), AnswerLost),
        (ingest(b'"003A","true","","k0"\n', close=Raw()), ["done", "lost", "lost"]),
    ],
)
def test_each_way_of_an_ingest_job(
    server: HostileServer, salesforce: Make, script: Callable[[Asked], Answer | Raw], expected: Any
) -> None:
    """Done and refused only on the vendor's clear word, an error only if nothing can have been written, else lost."""
    server.script = script
    found = fates(salesforce())
    if expected is OkoshiError:
        assert issubclass(found, OkoshiError)
        assert found is not AnswerLost
    else:
        assert found == expected
    assert len(server.asked) < 500
