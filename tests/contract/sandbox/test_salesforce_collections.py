"""Collections and composite requests of the sandbox's Salesforce: many records, each with its own result."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from salesforce_org import ACME, DEAL, SATO, RunningOrg, running_org

from connector.sandbox.salesforce.ids import salesforce_id

PATH = "/composite/sobjects"
KEY = "Okoshi_Key__c"


@pytest.fixture
def org(tmp_path: Path) -> Iterator[RunningOrg]:
    with running_org(tmp_path) as running:
        yield running


def task(**values: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Task"}, "WhatId": DEAL, **values}


def codes(results: list[dict[str, Any]]) -> list[str | None]:
    """Each row's refusal, None where it was accepted."""
    return [result["errors"][0]["statusCode"] if result["errors"] else None for result in results]


def test_rows_succeed_and_fail_one_by_one(org: RunningOrg) -> None:
    """HTTP 200, results in order, refusals under statusCode."""
    answer = org.call("POST", f"{PATH}/", json={"records": [task(Subject="a"), task(Nope=1), task(Subject="x" * 300)]})
    assert answer.status_code == 200
    assert codes(answer.json()) == [None, "INVALID_FIELD", "STRING_TOO_LONG"]
    assert answer.json()[2]["errors"][0]["fields"] == ["Subject"]
    assert org.query("SELECT Id FROM Task")["totalSize"] == 1


def test_all_or_none_undoes_every_row(org: RunningOrg) -> None:
    """One refusal rolls the others back and says so."""
    answer = org.call("POST", PATH, json={"allOrNone": True, "records": [task(Subject="a"), task(Nope=1)]}).json()
    assert codes(answer) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_FIELD"]
    assert org.query("SELECT Id FROM Task")["totalSize"] == 0
    assert list(org.world.journal()) == []


def test_update_by_id(org: RunningOrg) -> None:
    """Missing, unknown, repeated and missing-object rows are refused alone."""
    id_ = org.create("Task", Subject="a")
    rows = [
        task(Id=id_, Subject="b"),
        task(id=id_, Subject="c"),
        task(Subject="no id"),
        task(Id=salesforce_id("00T", 404), Subject="d"),
        {"Id": id_, "Subject": "no type"},
    ]
    answer = org.call("PATCH", PATH, json={"records": rows}).json()
    assert codes(answer) == [None, "DUPLICATE_VALUE", "MISSING_ARGUMENT", "INVALID_CROSS_REFERENCE_KEY", "INVALID_TYPE"]
    assert org.values("SELECT Subject FROM Task", "Subject") == ["b"]


def test_delete_by_ids(org: RunningOrg) -> None:
    """DELETE ?ids= answers one result an id."""
    id_ = org.create("Task", Subject="a")
    answer = org.call("DELETE", PATH, params={"ids": f"{id_},{id_},nonsense", "allOrNone": "false"}).json()
    assert codes(answer) == [None, "DUPLICATE_VALUE", "MALFORMED_ID"]
    assert org.query("SELECT Id FROM Task")["totalSize"] == 0


def test_upsert_by_external_id(org: RunningOrg) -> None:
    """Each row says whether it was created; one key twice in a call is refused."""
    path = f"{PATH}/Task/{KEY}"
    first = org.call("PATCH", path, json={"records": [task(Subject="a", **{KEY: "1"}), task(**{KEY: "2"})]}).json()
    assert [row["created"] for row in first] == [True, True]
    rows = [task(Subject="b", **{KEY: "1"}), task(**{KEY: "3"}), task(**{KEY: "3"}), task(Subject="no key")]
    again = org.call("PATCH", path, json={"records": rows}).json()
    assert codes(again) == [None, "DUPLICATE_VALUE", "DUPLICATE_VALUE", "MISSING_ARGUMENT"]
    assert (again[0]["id"], again[0]["created"]) == (first[0]["id"], False)


def test_more_than_two_hundred_rows_are_refused(org: RunningOrg) -> None:
    """The whole call fails, nothing is written."""
    body = {"records": [task(Subject="a")] * 201}
    assert org.error("POST", PATH, body) == (400, "EXCEEDED_ID_LIMIT")
    answer = org.call("POST", PATH, json={"records": [task(Subject="a")] * 200}).json()
    assert codes(answer) == [None] * 200


def test_retrieve_by_ids(org: RunningOrg) -> None:
    """Records in the order asked, null for an unknown one; one invisible field fails the whole call."""
    ids = [DEAL, salesforce_id("006", 404), DEAL]
    found = org.call("POST", f"{PATH}/Opportunity", json={"ids": ids, "fields": ["Name", "Account.Name"]}).json()
    assert [record and record["Account"]["Name"] for record in found] == ["株式会社アクメ", None, "株式会社アクメ"]
    body = {"ids": [DEAL], "fields": ["Name", "Nope"]}
    assert org.error("POST", f"{PATH}/Opportunity", body) == (400, "INVALID_FIELD")
    many = {"ids": [DEAL] * 2_001, "fields": ["Name"]}
    assert org.error("POST", f"{PATH}/Opportunity", many) == (400, "EXCEEDED_ID_LIMIT")


def test_composite_parts_refer_to_earlier_ones(org: RunningOrg) -> None:
    """@{reference.field} takes a value of an earlier part's answer."""
    base = "/services/data/v66.0"
    parts = [
        {
            "method": "POST",
            "url": f"{base}/sobjects/Task",
            "referenceId": "task",
            "body": {"Subject": "a", "WhoId": SATO},
        },
        {"method": "GET", "url": f"{base}/sobjects/Task/@{{task.id}}?fields=Subject", "referenceId": "read"},
        {"method": "GET", "url": f"{base}/query/?q=SELECT+Id+FROM+Account+WHERE+Id='{ACME}'", "referenceId": "found"},
        {"method": "DELETE", "url": f"{base}/sobjects/Task/@{{task.id}}", "referenceId": "gone"},
        {"method": "GET", "url": f"{base}/nowhere", "referenceId": "nowhere"},
    ]
    answers = org.call("POST", "/composite", json={"compositeRequest": parts}).json()["compositeResponse"]
    assert [one["httpStatusCode"] for one in answers] == [201, 200, 200, 204, 404]
    assert answers[0]["httpHeaders"] == {"Location": f"{base}/sobjects/Task/{answers[0]['body']['id']}"}
    assert answers[1]["httpHeaders"] == {}
    assert answers[1]["body"]["Subject"] == "a"
    assert answers[2]["body"]["totalSize"] == 1


def test_a_composite_of_all_or_none_is_undone(org: RunningOrg) -> None:
    """The part that failed tells why, the others that they were halted."""
    url = "/services/data/v66.0/sobjects/Task"
    parts = [
        {"method": "POST", "url": url, "referenceId": "good", "body": {"Subject": "a"}},
        {"method": "POST", "url": url, "referenceId": "bad", "body": {"Nope": "a"}},
    ]
    answers = org.call("POST", "/composite", json={"allOrNone": True, "compositeRequest": parts}).json()
    found = [one["body"][0]["errorCode"] for one in answers["compositeResponse"]]
    assert found == ["PROCESSING_HALTED", "INVALID_FIELD"]
    assert org.query("SELECT Id FROM Task")["totalSize"] == 0


def test_a_composite_has_at_most_25_parts_of_which_5_queries(org: RunningOrg) -> None:
    """Larger ones are refused whole; collections count as queries do."""
    query = "/services/data/v66.0/query?q=SELECT+Id+FROM+Account"
    parts = [{"method": "GET", "url": query, "referenceId": f"r{number}"} for number in range(26)]
    for count in (26, 6):
        assert org.error("POST", "/composite", {"compositeRequest": parts[:count]}) == (400, "LIMIT_EXCEEDED")
    collection = {"method": "GET", "url": "/services/data/v66.0/composite/sobjects/Account?ids=x", "referenceId": "c"}
    mixed = [*parts[:5], collection]
    assert org.error("POST", "/composite", {"compositeRequest": mixed}) == (400, "LIMIT_EXCEEDED")


def test_an_invisible_field_fails_the_whole_retrieval(org: RunningOrg) -> None:
    """Not the record, not the row: nothing is answered but the refusal."""
    body = {"ids": [SATO], "fields": ["LastName", "DoNotCall"]}
    assert org.error("POST", "/composite/sobjects/Contact", body) == (400, "INVALID_FIELD")
    many = {"ids": [SATO] * 2_001, "fields": ["LastName"]}
    assert org.call("POST", "/composite/sobjects/Contact", json=many).status_code == 400
