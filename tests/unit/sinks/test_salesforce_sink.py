"""What the Salesforce sink sends, and what it makes of answers that no friendly vendor gives."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses
from pydantic import SecretStr
from requests import PreparedRequest

from connector.clients.retry import RetryPolicy
from connector.clients.salesforce import SalesforceClient
from connector.model.errors import StopSync
from connector.model.plan import Change, FieldChange, Operation
from connector.settings import SalesforceSettings
from connector.sinks.salesforce import SalesforceSink

INSTANCE = "https://acme.my.salesforce.com"
DATA = f"{INSTANCE}/services/data/v66.0"
DEAL, TASK = "006000000000001AAA", "00T000000000001AAA"
LIMIT = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]


@pytest.fixture
def vendor() -> Iterator[responses.RequestsMock]:
    """An org with tasks that have a key field; a request that no answer was prepared for is a connection error."""
    names = ("Id", "IsDeleted", "Subject", "Description", "WhatId", "WhoId", "Okoshi_Key__c")
    fields = [{"name": name, "type": "string", "createable": name not in ("Id", "IsDeleted")} for name in names]
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{DATA}/sobjects/Task/describe", json={"name": "Task", "keyPrefix": "00T", "fields": fields})
        yield mock


@pytest.fixture
def sink() -> SalesforceSink:
    """A sink that does not wait between attempts."""
    settings = SalesforceSettings(instance_url=INSTANCE, auth="session", session_id=SecretStr("00D-session"))
    return SalesforceSink(SalesforceClient(settings, read_only=False, retry=RetryPolicy(sleep=lambda _: None)))


def queried(vendor: responses.RequestsMock, by: Callable[[str], list[dict[str, Any]]]) -> list[str]:
    """Answers every SOQL by a function and keeps the texts."""
    texts: list[str] = []

    def reply(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        assert len(str(request.url)) < 16_000
        texts.append(parse_qs(urlsplit(str(request.url)).query)["q"][0])
        return 200, {}, json.dumps({"done": True, "records": by(texts[-1])})

    vendor.add_callback(responses.GET, f"{DATA}/queryAll/", reply)
    return texts


def creation(key: str, *, with_field: bool = True, **values: Any) -> Change:
    """A task with its key in the text and, if wanted, in the key field."""
    given = {"Subject": "滞留商談掘り起こし", "Description": f"本文\n管理番号: {key}", "WhatId": DEAL, **values}
    if with_field:
        given["Okoshi_Key__c"] = key
    fields = {name: FieldChange(after=value) for name, value in given.items()}
    return change(key, Operation.CREATE, fields=fields)


def change(
    key: str, operation: Operation, id_: str | None = None, fields: dict[str, FieldChange] | None = None
) -> Change:
    """A change with everything that a sink does not look at filled in."""
    return Change(
        key=key, program="stalled", operation=operation, system="salesforce", object="Task", id=id_,
        case="salesforce:Opportunity:006", basis="v", fields=fields or {},
    )  # fmt: skip


def test_values_of_the_crm_cannot_leave_their_quotes(vendor: responses.RequestsMock, sink: SalesforceSink) -> None:
    """A subject is hostile input: quotes, backslashes and line ends are escaped."""
    texts = queried(vendor, lambda _: [])
    sink.find([creation("k", with_field=False, Subject="x' OR Name != '\\\n")])
    assert texts == [
        (
            "SELECT Id, IsDeleted, Description, Subject, WhatId FROM Task WHERE WhatId IN ('006000000000001AAA') "
            "AND Subject = 'x\\' OR Name != \\'\\\\\\n'"
        )
    ]


def test_many_keys_are_asked_for_in_queries_that_fit_an_address(
    vendor: responses.RequestsMock, sink: SalesforceSink
) -> None:
    """A query goes by GET: the address stays below the vendor's 16 kB however long the keys are."""
    texts = queried(vendor, lambda _: [])
    sink.find([creation(f"滞留:{number}:{'長' * 60}") for number in range(200)])
    assert 2 <= len(texts) <= 30


def test_nothing_to_find_asks_nothing(vendor: responses.RequestsMock, sink: SalesforceSink) -> None:
    """`IN ()` would be a syntax error."""
    assert sink.find([]) == {}
    assert list(sink.write([])) == []


def test_a_key_in_the_text_counts_as_a_word_only(vendor: responses.RequestsMock, sink: SalesforceSink) -> None:
    """The key of one task may end like another's; a person may have written below ours."""
    wanted = creation("stalled:1", with_field=False)
    bodies = ["管理番号: own-stalled:1", "管理番号: stalled:11", "本文\r\n管理番号: stalled:1\r\n【事実】不在"]
    ids = [f"00T{number:012d}AAA" for number in range(3)]
    rows = [{"Id": id_, "IsDeleted": False, "Description": body} for id_, body in zip(ids, bodies, strict=True)]
    queried(vendor, lambda _: rows)
    assert sink.find([wanted])["stalled:1"].record.id == ids[2]


def test_of_a_deleted_and_a_living_record_the_living_one_is_found(
    vendor: responses.RequestsMock, sink: SalesforceSink
) -> None:
    """Whatever their order."""
    rows = [{"Id": f"00T{n:012d}AAA", "IsDeleted": n != 1, "Okoshi_Key__c": "k"} for n in range(3)]
    queried(vendor, lambda _: rows)
    found = sink.find([creation("k")])["k"]
    assert (found.record.id, found.deleted) == ("00T000000000001AAA", False)


def test_a_duplicate_that_appeared_meanwhile_is_done_with_its_record(
    vendor: responses.RequestsMock, sink: SalesforceSink
) -> None:
    """Another writer was first: the record that holds our key is looked up, not taken from the message."""
    answers = iter([[], [{"Id": TASK, "IsDeleted": False, "Okoshi_Key__c": "k"}]])
    queried(vendor, lambda _: next(answers))
    error = {"statusCode": "DUPLICATE_VALUE", "message": "duplicate value found", "fields": []}
    vendor.patch(f"{DATA}/composite/sobjects/Task/Okoshi_Key__c", json=[{"success": False, "errors": [error]}])
    (outcome,) = sink.write([creation("k")])
    assert (outcome.state, outcome.record and outcome.record.id) == ("done", TASK)


def test_a_duplicate_of_something_else_is_refused(vendor: responses.RequestsMock, sink: SalesforceSink) -> None:
    """Another unique field stands in the way, so our record does not exist."""
    queried(vendor, lambda _: [])
    error = {"statusCode": "DUPLICATE_VALUE", "message": "duplicate value found", "fields": ["Other__c"]}
    vendor.patch(f"{DATA}/composite/sobjects/Task/Okoshi_Key__c", json=[{"success": False, "errors": [error]}])
    (outcome,) = sink.write([creation("k")])
    assert (outcome.state, outcome.reason) == ("refused", "DUPLICATE_VALUE: duplicate value found (Other__c)")


def test_a_budget_that_ends_before_anything_was_written_stops(
    vendor: responses.RequestsMock, sink: SalesforceSink
) -> None:
    """Nothing happened, and the engine learns that nothing did."""
    queried(vendor, lambda _: [])
    vendor.patch(f"{DATA}/composite/sobjects/Task/Okoshi_Key__c", status=403, json=LIMIT)
    with pytest.raises(StopSync):
        sink.write([creation("k")])


def test_a_budget_that_ends_between_two_calls_leaves_the_first_ones_outcomes(
    vendor: responses.RequestsMock, sink: SalesforceSink
) -> None:
    """What was written stays known; the rest is to be looked up."""
    queried(vendor, lambda soql: [{"Id": TASK, "IsDeleted": False}] if "Okoshi_Key__c IN" not in soql else [])
    made = [{"id": TASK, "success": True, "created": True, "errors": []}]
    vendor.patch(f"{DATA}/composite/sobjects/Task/Okoshi_Key__c", json=made)
    vendor.delete(f"{DATA}/composite/sobjects", status=403, json=LIMIT)
    outcomes = sink.write([change("d", Operation.DELETE, TASK), creation("k")])
    assert [(outcome.key, outcome.state) for outcome in outcomes] == [("d", "unknown"), ("k", "done")]


def test_children_of_one_parent_are_neighbours_and_outcomes_keep_their_order(
    vendor: responses.RequestsMock, sink: SalesforceSink
) -> None:
    """Parallel writers then lock parents in the same order."""
    queried(vendor, lambda _: [])
    sent: list[dict[str, Any]] = []

    def reply(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        sent.extend(json.loads(request.body or b"{}")["records"])
        results = [{"id": f"00T{n:012d}AAA", "success": True, "errors": []} for n in range(len(sent))]
        return 200, {}, json.dumps(results)

    vendor.add_callback(responses.PATCH, f"{DATA}/composite/sobjects/Task/Okoshi_Key__c", reply)
    deals = ("006000000000002AAA", "006000000000001AAA", "006000000000002AAA")
    outcomes = sink.write([creation(f"k{number}", WhatId=deal) for number, deal in enumerate(deals)])
    assert [record["WhatId"] for record in sent] == sorted(deals)
    assert [outcome.key for outcome in outcomes] == ["k0", "k1", "k2"]
    assert outcomes[1].record is not None
    assert outcomes[1].record.id == "00T000000000000AAA"


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ({"Subject": "件名", "Description": "本文 二行目"}, "done"),
        ({"Subject": "件名", "Description": "本文 二行目 先方に架電"}, "refused"),
        ({"Subject": "件名", "Description": "本文 二行目", "IsDeleted": True}, "done"),
    ],
    ids=["unchanged but for its line ends", "somebody has begun", "already deleted"],
)
def test_a_record_is_deleted_only_as_it_was_planned(
    vendor: responses.RequestsMock, sink: SalesforceSink, now: dict[str, Any], state: str
) -> None:
    """Between plan and write a person may have begun: then the task stays."""
    queried(vendor, lambda _: [{"Id": TASK, "IsDeleted": False} | now])
    deletions = vendor.delete(f"{DATA}/composite/sobjects", json=[{"id": TASK, "success": True, "errors": []}])
    before = {"Subject": FieldChange(before="件名"), "Description": FieldChange(before="本文\r\n二行目\n")}
    (outcome,) = sink.write([change("d", Operation.DELETE, TASK, before)])
    assert outcome.state == state
    assert deletions.call_count == (0 if state == "refused" or now.get("IsDeleted") else 1)


def test_a_note_is_not_written_over_what_somebody_wrote_meanwhile(
    vendor: responses.RequestsMock, sink: SalesforceSink
) -> None:
    """The text before must still be there."""
    queried(vendor, lambda _: [{"Id": TASK, "IsDeleted": False, "Description": "別の本文"}])
    note = {"Description": FieldChange(before="本文", after="【取り下げ】本文")}
    (outcome,) = sink.write([change("u", Operation.UPDATE, TASK, note)])
    assert outcome.state == "refused"


@pytest.mark.parametrize(
    ("trouble", "late"),
    [
        ({"body": requests.ReadTimeout()}, True),
        ({"status": 504, "body": "<html>gateway time-out</html>"}, True),
        ({"body": requests.ConnectionError("reset")}, False),
        ({"status": 503, "body": "<html>busy</html>"}, False),
    ],
    ids=["no answer in time", "none to the gateway", "connection ended", "refused by the edge"],
)
def test_an_unknown_outcome_says_whether_the_vendor_may_still_be_at_work(
    vendor: responses.RequestsMock, sink: SalesforceSink, trouble: dict[str, Any], late: bool
) -> None:
    """Who gave up waiting knows less than who saw the connection end."""
    queried(vendor, lambda _: [])
    vendor.post(f"{DATA}/composite/sobjects", **trouble)
    (outcome,) = sink.write([creation("k", with_field=False)])
    assert (outcome.state, outcome.late) == ("unknown", late)
