"""The Salesforce client: pages, describes, collections with their row results, and what each error code leads to."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from responses import matchers

from connector.clients.errors import AnswerLost, Refused
from connector.clients.salesforce import RowError, SalesforceClient
from connector.model.errors import ConfigurationError, OkoshiError, RetryLater, StopSync

DATA = "https://acme.my.salesforce.com/services/data/v66.0"
COLLECTIONS = f"{DATA}/composite/sobjects"
EMPTY = {"totalSize": 0, "done": True, "records": []}
LOCKED = {"success": False, "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "unable", "fields": []}]}

Make = Callable[..., SalesforceClient]


def done(record_id: str) -> dict[str, Any]:
    return {"id": record_id, "success": True, "errors": []}


def test_a_query_is_read_page_by_page(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """Each page is one list, following `nextRecordsUrl` until `done`; a page is fetched when it is asked for."""
    following = "/services/data/v66.0/query/01gD0000002HU6KIAW-2000"
    vendor.get(
        f"{DATA}/query/",
        json={"done": False, "nextRecordsUrl": following, "records": [{"Id": "1"}, {"Id": "2"}]},
        match=[matchers.query_param_matcher({"q": "SELECT Id FROM Task"})],
    )
    second = vendor.get(f"https://acme.my.salesforce.com{following}", json={"done": True, "records": [{"Id": "3"}]})
    pages = salesforce().query("SELECT Id FROM Task")
    assert next(pages) == [{"Id": "1"}, {"Id": "2"}]
    assert second.call_count == 0
    assert list(pages) == [[{"Id": "3"}]]


def test_deleted_rows_come_by_query_all(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """`include_deleted` uses queryAll, which shows deleted, merged and archived rows."""
    asked = vendor.get(f"{DATA}/queryAll/", json=EMPTY)
    assert list(salesforce().query("SELECT Id FROM Task", include_deleted=True)) == []
    assert asked.call_count == 1


def test_the_next_page_is_asked_from_the_org_only(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """A `nextRecordsUrl` that leads elsewhere is not followed with our token."""
    vendor.get(f"{DATA}/query/", json={"done": False, "nextRecordsUrl": "@evil.example/x", "records": [{"Id": "1"}]})
    with pytest.raises(RetryLater, match="no usable address"):
        list(salesforce().query("SELECT Id FROM Task"))


def test_a_query_too_long_for_an_address_is_a_mistake_of_the_caller(salesforce: Make) -> None:
    """SOQL goes by GET; the vendor would cut it off."""
    with pytest.raises(ValueError, match="split its IN"):
        list(salesforce().query("SELECT Id FROM Task WHERE Id IN (" + "'00T000000000001AAA'," * 800 + "'')"))


def test_a_dropped_query_locator_is_for_later(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """The vendor forgets open queries after a while; the next run goes on from the last saved page."""
    vendor.get(f"{DATA}/query/", status=400, json=[{"errorCode": "INVALID_QUERY_LOCATOR", "message": "x"}])
    with pytest.raises(RetryLater, match="INVALID_QUERY_LOCATOR"):
        list(salesforce().query("SELECT Id FROM Task"))


def test_a_describe_is_asked_once(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """Fields come by name with what source and sink need; a second question costs no call."""
    answer = {
        "name": "Task",
        "keyPrefix": "00T",
        "createable": True,
        "fields": [
            {"name": "Id", "type": "id", "length": 18},
            {
                "name": "Okoshi_Key__c",
                "type": "string",
                "length": 80,
                "nillable": True,
                "createable": True,
                "updateable": True,
                "externalId": True,
                "unique": True,
                "filterable": True,
            },
            {
                "name": "WhatId",
                "type": "reference",
                "referenceTo": ["Account", "Opportunity"],
                "relationshipName": "What",
            },
        ],
    }
    asked = vendor.get(f"{DATA}/sobjects/Task/describe", json=answer)
    client = salesforce()
    task = client.describe("Task")
    assert client.describe("Task") is task
    assert asked.call_count == 1
    assert (task.key_prefix, task.createable, task.deletable) == ("00T", True, False)
    key = task.fields["Okoshi_Key__c"]
    assert (key.external_id, key.unique, key.createable, key.length) == (True, True, True, 80)
    assert task.fields["WhatId"].reference_to == ("Account", "Opportunity")
    assert task.fields["WhatId"].relationship_name == "What"


def test_an_object_that_is_not_shown_names_the_permission(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """An object that is absent or not granted is a matter of permission sets or mappings."""
    vendor.get(f"{DATA}/sobjects/Visit__c/describe", status=404, json=[{"errorCode": "NOT_FOUND", "message": "x"}])
    with pytest.raises(ConfigurationError, match=r"no object Visit__c .*permission set.*mappings/salesforce\.yaml"):
        salesforce().describe("Visit__c")


def test_a_name_that_is_none_is_not_sent(salesforce: Make) -> None:
    """Text of a mapping file cannot bend an address."""
    with pytest.raises(ConfigurationError, match="can not be the name"):
        salesforce().describe("Task/../User")


def test_records_are_created_in_one_call_with_a_result_each(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """Rows fail one by one: the others stand, and an error has code, message and fields."""
    refusal = {
        "success": False,
        "errors": [{"statusCode": "REQUIRED_FIELD_MISSING", "message": "missing", "fields": ["Subject"]}],
    }
    sent = vendor.post(COLLECTIONS, json=[done("00T1"), refusal])
    results = salesforce().create("Task", [{"Subject": "滞留商談掘り起こし"}, {}])
    assert json.loads(sent.calls[0].request.body or "") == {
        "allOrNone": False,
        "records": [
            {"attributes": {"type": "Task"}, "Subject": "滞留商談掘り起こし"},
            {"attributes": {"type": "Task"}},
        ],
    }
    assert [result.success for result in results] == [True, False]
    assert results[0].id == "00T1"
    assert results[1].errors == (RowError("REQUIRED_FIELD_MISSING", "missing", ("Subject",)),)


def test_an_upsert_tells_what_it_created(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """The external id stands in the path; the answer says whether a record is new."""
    vendor.patch(f"{COLLECTIONS}/Task/Okoshi_Key__c", json=[{**done("00T1"), "created": True}])
    assert salesforce().upsert("Task", "Okoshi_Key__c", [{"Okoshi_Key__c": "k"}])[0].created is True


def test_an_update_names_records_by_id(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """The method is PATCH on the collection."""
    sent = vendor.patch(COLLECTIONS, json=[done("00T1")])
    assert salesforce().update("Task", [{"Id": "00T1", "Status": "完了"}])[0].success
    assert json.loads(sent.calls[0].request.body or "")["records"][0]["Id"] == "00T1"


def test_records_are_deleted_by_id(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """The ids travel in the address; a record that is already gone is that row's error."""
    gone = {"success": False, "errors": [{"statusCode": "ENTITY_IS_DELETED", "message": "gone", "fields": []}]}
    sent = vendor.delete(COLLECTIONS, json=[done("00T1"), gone])
    results = salesforce().delete(["00T1", "00T2"])
    assert parse_qs(urlsplit(str(sent.calls[0].request.url)).query) == {"ids": ["00T1,00T2"], "allOrNone": ["false"]}
    assert results[1].errors[0].code == "ENTITY_IS_DELETED"


def test_nothing_to_write_is_no_call(salesforce: Make) -> None:
    """An empty batch does not cost an API call."""
    assert salesforce().create("Task", []) == []
    assert salesforce().delete([]) == []


def test_more_than_a_collection_is_a_mistake_of_the_caller(salesforce: Make) -> None:
    """201 records do not fit one call."""
    with pytest.raises(ValueError, match="200"):
        salesforce().create("Task", [{}] * 201)


def test_only_locked_rows_are_sent_again(vendor: responses.RequestsMock, salesforce: Make, waits: list[float]) -> None:
    """A locked row was not written; the others are not sent twice."""
    vendor.post(COLLECTIONS, json=[done("00T1"), LOCKED, done("00T3")])
    second = vendor.post(COLLECTIONS, json=[done("00T2")])
    results = salesforce().create("Task", [{"Subject": "1"}, {"Subject": "2"}, {"Subject": "3"}])
    assert [result.id for result in results] == ["00T1", "00T2", "00T3"]
    assert [record["Subject"] for record in json.loads(second.calls[0].request.body or "")["records"]] == ["2"]
    assert len(waits) == 1


def test_rows_that_stay_locked_are_handed_over_as_refused(
    vendor: responses.RequestsMock, salesforce: Make, waits: list[float]
) -> None:
    """After about a minute the lock is the row's error; nothing is raised that would hide the other rows' results."""
    vendor.post(COLLECTIONS, json=[done("00T1"), LOCKED])
    vendor.post(COLLECTIONS, json=[LOCKED])
    results = salesforce().create("Task", [{}, {}])
    assert [result.success for result in results] == [True, False]
    assert results[1].locked
    assert sum(waits) <= 60


def test_trouble_while_repeating_locked_rows_keeps_the_other_results(
    vendor: responses.RequestsMock, salesforce: Make
) -> None:
    """When the day's calls run out in between, what was written is still reported."""
    vendor.post(COLLECTIONS, json=[done("00T1"), LOCKED])
    limit = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    vendor.post(COLLECTIONS, status=403, json=limit)
    assert [result.success for result in salesforce().create("Task", [{}, {}])] == [True, False]


def test_fewer_results_than_records_is_a_lost_answer(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """Results are matched by position, so a shorter answer says nothing about any record."""
    vendor.post(COLLECTIONS, json=[done("00T1")])
    with pytest.raises(AnswerLost, match="1 of 2"):
        salesforce().create("Task", [{}, {}])


NO_COLUMN = "SELECT X__c FROM Task\n ^\nERROR at Row:1:Column:8\nNo such column 'X__c' on entity 'Task'. If you are …"
ERRORS: list[tuple[int, str, str, type[OkoshiError], str]] = [
    (400, "INVALID_FIELD", NO_COLUMN, ConfigurationError, r"no field Task\.X__c .*permission set"),
    (
        400,
        "INVALID_FIELD",
        "field 'HasOpenActivity' can not be filtered in a query call",
        ConfigurationError,
        "HasOpenActivity",
    ),
    (
        400,
        "INVALID_FIELD",
        "Didn't understand relationship 'Foo' in field path",
        ConfigurationError,
        "relationship Foo",
    ),
    (400, "INVALID_TYPE", "sObject type 'Visit__c' is not supported.", ConfigurationError, "object Visit__c"),
    (400, "MALFORMED_QUERY", "unexpected token: 'x'", ConfigurationError, r"mappings/salesforce\.yaml"),
    (403, "API_DISABLED_FOR_ORG", "x", ConfigurationError, "API Enabled"),
    (404, "NOT_FOUND", "x", ConfigurationError, r"salesforce\.api_version"),
    (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", StopSync, "daily API calls"),
    (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.", RetryLater, "at a time"),
    (400, "QUERY_TIMEOUT", "x", RetryLater, "QUERY_TIMEOUT"),
    (503, "SERVER_UNAVAILABLE", "x", RetryLater, "out of service"),
    (400, "SOMETHING_NEW", "x", Refused, r"SOMETHING_NEW, HTTP 400"),
]


@pytest.mark.parametrize(("status", "code", "message", "error", "words"), ERRORS)
def test_each_error_code_leads_to_what_has_to_happen_next(
    vendor: responses.RequestsMock,
    salesforce: Make,
    status: int,
    code: str,
    message: str,
    error: type[OkoshiError],
    words: str,
) -> None:
    """Errors go by `errorCode`, name object, field and remedy, and leave the vendor's text out."""
    vendor.get(f"{DATA}/query/", status=status, json=[{"errorCode": code, "message": message}])
    with pytest.raises(error, match=words) as raised:
        salesforce().check()
    assert "SELECT" not in str(raised.value)


def test_the_daily_reserve_stops_the_run_before_the_next_call(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """The header tells the org's own count; the share kept for other tools is not touched."""
    asked = vendor.get(f"{DATA}/query/", json=EMPTY, headers={"Sforce-Limit-Info": "api-usage=12001/15000"})
    client = salesforce(reserve_percent=20)
    client.check()
    assert (client.usage.used, client.usage.limit) == (12001, 15000)
    with pytest.raises(StopSync, match="12001 of 15000") as stopped:
        client.check()
    assert asked.call_count == 1
    assert stopped.value.resume_at is not None
    assert stopped.value.resume_at > datetime.now(UTC)


def test_calls_are_counted_by_operation(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """What the run's summary shows as `api_calls`."""
    vendor.get(f"{DATA}/query/", json=EMPTY)
    vendor.post(COLLECTIONS, json=[done("00T1")])
    client = salesforce()
    client.check()
    client.create("Task", [{}])
    assert client.usage.calls == {"query": 1, "create": 1}
    assert client.usage.total == 2


def test_endpoints_name_where_the_client_connects_to(salesforce: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dry run lets connections to these through and no others; behind a proxy that is the proxy."""
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert salesforce().endpoints == {("acme.my.salesforce.com", 443)}
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "")
    assert salesforce().endpoints == {("proxy.example", 3128)}
    assert salesforce(instance_url="https://127.0.0.1:8443").endpoints == {("127.0.0.1", 8443)}
