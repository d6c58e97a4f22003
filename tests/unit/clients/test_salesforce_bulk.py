"""Bulk queries: pages of CSV, taken up again where they were left, and every odd thing that a job can answer."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import responses
from pydantic import SecretStr
from requests import PreparedRequest
from responses import matchers

from connector.clients.errors import Refused
from connector.clients.salesforce import BulkJobGone, BulkPosition, SalesforceClient
from connector.model.errors import ConfigurationError, OkoshiError, RetryLater, StopSync

INSTANCE = "https://acme.my.salesforce.com"
JOBS = f"{INSTANCE}/services/data/v66.0/jobs/query"
JOB = "7505g00000AbCdEAAV"
ONE = f"{JOBS}/{JOB}"
RESULTS = f"{ONE}/results"
SOQL = "SELECT Id, RecordType.DeveloperName, Description FROM Contact"
HEADER = '"Id","RecordType.DeveloperName","Description"\n'

Make = Callable[..., SalesforceClient]


def page(*rows: str, locator: str = "null", told: int | None = None) -> dict[str, Any]:
    """An answer with rows of CSV, as the vendor sends it."""
    number = str(len(rows) if told is None else told)
    return {
        "body": HEADER + "".join(f"{row}\n" for row in rows),
        "content_type": "text/csv",
        "headers": {"Sforce-NumberOfRecords": number, "Sforce-Locator": locator},
    }


def state(name: str, **more: Any) -> dict[str, Any]:
    return {"id": JOB, "state": name, "operation": "query", **more}


def ready(vendor: responses.RequestsMock) -> responses.BaseResponse:
    """A job that is complete at the first look and can be dropped; answers its making."""
    made = vendor.post(JOBS, json=state("UploadComplete"))
    vendor.get(ONE, json=state("JobComplete"))
    vendor.delete(ONE, status=204)
    return made


def dropped(vendor: responses.RequestsMock) -> int:
    return sum(call.request.method == "DELETE" for call in vendor.calls)


def test_the_rows_come_page_by_page_and_the_job_is_dropped(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """Rows are keyed by what was selected; values are text, empty ones None; line ends within a value stay."""
    made = ready(vendor)
    first = vendor.get(
        RESULTS,
        **page('"003A","","一行目\r\n""二""行目"', '"003B","Inside",""', locator="MTAwMDA"),
        match=[matchers.query_param_matcher({"maxRecords": "5000"})],
    )
    vendor.get(
        RESULTS,
        **page('"003C","",""'),
        match=[matchers.query_param_matcher({"maxRecords": "5000", "locator": "MTAwMDA"})],
    )
    pages = salesforce(read_only=True).bulk_query(SOQL, include_deleted=True)
    page_one = next(pages)
    assert page_one.records == [
        {"Id": "003A", "RecordType.DeveloperName": None, "Description": '一行目\r\n"二"行目'},
        {"Id": "003B", "RecordType.DeveloperName": "Inside", "Description": None},
    ]
    assert page_one.position == BulkPosition(JOB, "MTAwMDA")
    assert (first.call_count, dropped(vendor)) == (1, 0)
    page_two = next(pages)
    assert [row["Id"] for row in page_two.records] == ["003C"]
    assert page_two.position == BulkPosition(JOB, None)
    assert list(pages) == []
    assert dropped(vendor) == 1
    assert json.loads(made.calls[0].request.body or "") == {
        "operation": "queryAll",
        "query": SOQL,
        "contentType": "CSV",
        "columnDelimiter": "COMMA",
        "lineEnding": "LF",
    }


def test_nothing_found_is_no_page(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """Only the header comes, and the job is dropped all the same."""
    ready(vendor)
    vendor.get(RESULTS, **page())
    assert list(salesforce().bulk_query(SOQL)) == []
    assert dropped(vendor) == 1


@pytest.mark.parametrize("position", [BulkPosition(JOB, ""), BulkPosition(JOB, "MTAwMDA="), BulkPosition(JOB, None)])
def test_a_position_survives_as_text(position: BulkPosition) -> None:
    """It goes into a cursor and comes back; beginning, middle and end differ."""
    assert BulkPosition.parse(str(position)) == position


def test_reading_goes_on_in_another_run(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """Whoever stopped after a page gets the next one from the same job, without a new one being made."""
    made = ready(vendor)
    vendor.get(RESULTS, **page('"003A","",""', locator="MTAwMDA"))
    position = str(next(salesforce().bulk_query(SOQL)).position)
    assert dropped(vendor) == 0
    again = vendor.get(
        RESULTS,
        **page('"003B","",""'),
        match=[matchers.query_param_matcher({"maxRecords": "5000", "locator": "MTAwMDA"})],
    )
    pages = list(salesforce().bulk_query(SOQL, after=BulkPosition.parse(position)))
    assert [row["Id"] for one in pages for row in one.records] == ["003B"]
    assert (made.call_count, again.call_count, dropped(vendor)) == (1, 1, 1)


def test_behind_the_last_page_there_is_nothing_but_to_drop_the_job(
    vendor: responses.RequestsMock, salesforce: Make
) -> None:
    """A run that died between the last page and the dropping is ended by the next."""
    vendor.delete(ONE, status=404, json=[{"errorCode": "NOT_FOUND", "message": "x"}])
    assert list(salesforce().bulk_query(SOQL, after=BulkPosition(JOB, None))) == []
    assert dropped(vendor) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "NOT_FOUND"), (400, "INVALIDJOB"), (409, "API_VERSION_MISMATCH"), (400, "INVALIDJOBSTATE")],
)
@pytest.mark.parametrize("where", [ONE, RESULTS])
def test_a_job_that_is_not_there_any_more_is_to_be_begun_anew(
    vendor: responses.RequestsMock, salesforce: Make, where: str, status: int, code: str
) -> None:
    """Dropped after seven days, or made with another API version: not a matter of settings."""
    vendor.get(where, status=status, json=[{"errorCode": code, "message": "x"}])
    vendor.get(ONE, json=state("JobComplete"))
    with pytest.raises(BulkJobGone):
        list(salesforce().bulk_query(SOQL, after=BulkPosition(JOB, "MTAwMDA")))


def test_a_job_is_asked_about_less_and_less_often(
    vendor: responses.RequestsMock, salesforce: Make, waits: list[float]
) -> None:
    """Each question is an API call of the day: the pauses double up to a minute."""
    vendor.post(JOBS, json=state("UploadComplete"))
    for _ in range(9):
        vendor.get(ONE, json=state("InProgress"))
    vendor.get(ONE, json=state("JobComplete"))
    vendor.delete(ONE, status=204)
    vendor.get(RESULTS, **page('"003A","",""'))
    assert len(list(salesforce().bulk_query(SOQL))) == 1
    assert waits == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_job_that_never_ends_is_given_up_and_aborted(
    vendor: responses.RequestsMock, salesforce: Make, waits: list[float]
) -> None:
    """After an hour, which is not slept here."""
    vendor.post(JOBS, json=state("UploadComplete"))
    vendor.get(ONE, json=state("InProgress"))
    aborted = vendor.patch(ONE, json=state("Aborted"), match=[matchers.json_params_matcher({"state": "Aborted"})])
    with pytest.raises(RetryLater, match="within an hour"):
        list(salesforce().bulk_query(SOQL))
    assert 3500 < sum(waits) <= 3600
    assert aborted.call_count == 1


FAILED: list[tuple[dict[str, Any], type[OkoshiError], str]] = [
    (state("Failed", errorMessage="QUERY_TIMEOUT: took too long"), RetryLater, "QUERY_TIMEOUT"),
    (
        state(
            "Failed", errorMessage="InvalidBatch : INVALID_FIELD: No such column 'X__c' on entity 'Contact'. taro@x.jp"
        ),
        ConfigurationError,
        r"Contact\.X__c",
    ),
    (state("Failed", errorMessage="the dog ate it"), RetryLater, "out of service"),
    (state("Failed"), RetryLater, "out of service"),
    (state("Aborted"), RetryLater, "aborted"),
]


@pytest.mark.parametrize(("told", "error", "words"), FAILED)
def test_a_job_that_fails_leads_to_what_has_to_happen_next(
    vendor: responses.RequestsMock, salesforce: Make, told: dict[str, Any], error: type[OkoshiError], words: str
) -> None:
    """By the code in its message, whose own words stay out."""
    vendor.post(JOBS, json=state("UploadComplete"))
    vendor.get(ONE, json=told)
    vendor.patch(ONE, json={})
    with pytest.raises(error, match=words) as raised:
        list(salesforce().bulk_query(SOQL))
    assert "taro" not in str(raised.value)


def test_an_object_without_bulk_queries_is_refused_by_name_of_the_code(
    vendor: responses.RequestsMock, salesforce: Make
) -> None:
    """So that the caller can read it page by page instead."""
    told = [{"errorCode": "INVALIDENTITY", "message": "Entity 'TaskStatus' is not supported by the Bulk API."}]
    vendor.post(JOBS, status=400, json=told)
    with pytest.raises(Refused) as refused:
        list(salesforce().bulk_query("SELECT Id FROM TaskStatus"))
    assert refused.value.code == "INVALIDENTITY"


@pytest.mark.parametrize(
    "broken",
    [
        page('"003A","",""', told=2),
        {**page(), "body": HEADER + '"003A","","begun', "headers": {"Sforce-NumberOfRecords": "1"}},
        {**page(), "body": HEADER + '"003A",""\n', "headers": {"Sforce-NumberOfRecords": "1"}},
        {**page(), "headers": {}},
        {**page(), "body": b'"Id"\n"\xe5\x8c"\n', "headers": {"Sforce-NumberOfRecords": "1"}},
        {"body": "<html>ok</html>", "content_type": "text/html"},
        {"body": "<!doctype html>", "content_type": "text/csv"},
        {"status": 503, "body": "<html>"},
        {"status": 204, "body": ""},
    ],
    ids=[
        "a row less",
        "within a value",
        "within a row",
        "no count",
        "half a character",
        "html",
        "html as csv",
        "503",
        "204",
    ],
)
def test_a_page_cut_short_is_asked_for_again(
    vendor: responses.RequestsMock, salesforce: Make, waits: list[float], broken: dict[str, Any]
) -> None:
    """What does not have as many rows as its header tells is no page."""
    ready(vendor)
    vendor.get(RESULTS, **broken)
    vendor.get(RESULTS, **page('"003A","",""', '"003B","",""'))
    pages = list(salesforce().bulk_query(SOQL))
    assert [row["Id"] for one in pages for row in one.records] == ["003A", "003B"]
    assert len(waits) == 2  # one for the job, one for the page


def test_a_page_that_stays_cut_short_is_for_later(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """The job is kept: the next run goes on from the last whole page."""
    ready(vendor)
    vendor.get(RESULTS, **page('"003A","",""', told=2))
    with pytest.raises(RetryLater, match="cut short"):
        list(salesforce().bulk_query(SOQL))
    assert dropped(vendor) == 0


def test_a_session_that_expires_on_the_way_is_renewed_once(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """Each request carries the session's token, not a copy that was taken when the job was made."""
    tokens = iter(["first", "second", "third"])

    def sign_in(_: PreparedRequest) -> tuple[int, dict[str, str], str]:
        return 200, {}, json.dumps({"access_token": next(tokens), "instance_url": INSTANCE})

    def results(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        if request.headers["Authorization"] == "Bearer first":
            return 401, {}, json.dumps([{"errorCode": "INVALID_SESSION_ID", "message": "expired"}])
        return 200, {"Sforce-NumberOfRecords": "1", "Sforce-Locator": "null"}, HEADER + '"003A","",""\n'

    vendor.add_callback(responses.POST, f"{INSTANCE}/services/oauth2/token", sign_in)
    vendor.add_callback(responses.GET, RESULTS, results, content_type="text/csv")
    ready(vendor)
    client = salesforce(auth="client_credentials", client_id="app", client_secret=SecretStr("s"), session_id=None)
    assert len(list(client.bulk_query(SOQL))) == 1
    assert client.usage.calls["sign_in"] == 2
    assert client.usage.calls["bulk_query_results"] == 2


def test_a_used_up_day_stops_between_pages_and_keeps_the_job(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """What was read is kept by its reader, and the job waits for the next run."""
    ready(vendor)
    vendor.get(RESULTS, **page('"003A","",""', locator="MTAwMDA"))
    vendor.get(RESULTS, status=403, json=[{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit"}])
    pages = salesforce().bulk_query(SOQL)
    assert next(pages).records
    with pytest.raises(StopSync):
        next(pages)
    assert dropped(vendor) == 0


def test_records_are_retrieved_by_id_two_thousand_a_call(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """In the order of the ids, None where nothing is; a retrieve is a read although it is a POST."""
    sizes: list[int] = []

    def reply(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        asked = json.loads(request.body or b"{}")
        sizes.append(len(asked["ids"]))
        assert asked["fields"] == ["Id", "Subject"]
        return 200, {}, json.dumps([None if one.endswith("7") else {"Id": one} for one in asked["ids"]])

    vendor.add_callback(responses.POST, f"{INSTANCE}/services/data/v66.0/composite/sobjects/Task", reply)
    ids = [f"00T{number:012d}" for number in range(2_010)]
    found = salesforce(read_only=True).retrieve("Task", ids, ["Id", "Subject"])
    assert sizes == [2_000, 10]
    assert [row and row["Id"] for row in found] == [None if one.endswith("7") else one for one in ids]


def test_a_retrieve_that_does_not_answer_for_each_id_is_no_answer(
    vendor: responses.RequestsMock, salesforce: Make
) -> None:
    """Rows are told apart by their place only."""
    vendor.post(f"{INSTANCE}/services/data/v66.0/composite/sobjects/Task", json=[None])
    with pytest.raises(RetryLater):
        salesforce().retrieve("Task", ["00T1", "00T2"], ["Id"])
