"""What the Salesforce sink sends, and what it makes of answers that no friendly vendor gives."""

import json
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses
from hypothesis import given, settings
from hypothesis import strategies as st
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
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{DATA}/sobjects/Task/describe", json=described(unique=True))
        yield mock


def described(*, unique: bool) -> dict[str, Any]:
    """A describe of tasks whose key field is an external id, and unique or not."""
    names = ("Id", "IsDeleted", "Subject", "Description", "WhatId", "WhoId", "Okoshi_Key__c")
    fields = [{"name": name, "type": "string", "createable": name not in ("Id", "IsDeleted")} for name in names]
    return {
        "name": "Task",
        "keyPrefix": "00T",
        "fields": [*fields[:-1], fields[-1] | {"externalId": True, "unique": unique}],
    }


@pytest.fixture
def sink() -> SalesforceSink:
    """A sink that does not wait between attempts."""
    return new_sink()


def new_sink() -> SalesforceSink:
    """The same outside of fixtures."""
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
    key: str,
    operation: Operation,
    id_: str | None = None,
    fields: dict[str, FieldChange] | None = None,
    object_: str = "Task",
) -> Change:
    """A change with everything that a sink does not look at filled in."""
    return Change(
        key=key, program="stalled", operation=operation, system="salesforce", object=object_, id=id_,
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


def refusal(code: str, message: str, *fields: str, **more: Any) -> dict[str, Any]:
    """A refused row of a collection."""
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": list(fields), **more}]}


def taken(number: int = 1) -> dict[str, Any]:
    """The refusal of a second record with one key, in the vendor's words."""
    words = "duplicate value found: Okoshi_Key__c duplicates value on record with id: 00T"
    return refusal("DUPLICATE_VALUE", f"{words}{number:012d}")


def made(number: int) -> dict[str, Any]:
    return {"id": f"00T{number:012d}AAA", "success": True, "errors": []}


def collection(
    vendor: responses.RequestsMock, answer: Callable[[int, dict[str, Any]], dict[str, Any]], **more: Any
) -> list[Any]:
    """Answers each record of a collection by a function of its place and content; keeps the calls' records."""
    calls: list[Any] = []

    def reply(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        records = json.loads(request.body or b"{}")["records"]
        calls.append(records)
        start = sum(map(len, calls[:-1]))
        return 200, {}, json.dumps([answer(start + number, record) for number, record in enumerate(records)])

    url = f"{DATA}/composite/sobjects{more.get('path', '')}"
    vendor.add_callback(more.get("method", responses.POST), url, reply)
    return calls


def held(vendor: responses.RequestsMock, *rows: dict[str, Any] | None) -> responses.BaseResponse:
    """What the records that changes name are now."""
    return vendor.post(f"{DATA}/composite/sobjects/Task", json=list(rows))


def test_a_creation_is_sent_without_looking_where_the_org_refuses_a_second_one(
    vendor: responses.RequestsMock, sink: SalesforceSink
) -> None:
    """One call for many tasks; a look-up before would find nothing and cost calls."""
    texts = queried(vendor, lambda _: [])
    calls = collection(vendor, lambda number, _: made(number))
    outcomes = sink.write([creation(f"k{number}") for number in range(3)])
    assert [outcome.state for outcome in outcomes] == ["done"] * 3
    assert (len(calls), texts) == (1, [])


def test_what_was_written_before_is_found_by_one_look_up_for_all(
    vendor: responses.RequestsMock, sink: SalesforceSink
) -> None:
    """Another try was first: the records that hold our keys are looked up, not taken from the message."""
    texts = queried(
        vendor, lambda _: [{"Id": f"00T{n:012d}AAA", "IsDeleted": n == 2, "Okoshi_Key__c": f"k{n}"} for n in range(3)]
    )
    collection(vendor, lambda number, _: taken())
    outcomes = sink.write([creation(f"k{number}") for number in range(3)])
    assert [(outcome.state, outcome.record and outcome.record.id) for outcome in outcomes] == [
        ("done", f"00T{number:012d}AAA") for number in range(3)
    ]
    assert "deleted since" in str(outcomes[2].reason)
    assert len(texts) == 1


def test_a_duplicate_of_something_else_is_refused(vendor: responses.RequestsMock, sink: SalesforceSink) -> None:
    """Another unique field stands in the way, so our record does not exist."""
    queried(vendor, lambda _: [])
    collection(vendor, lambda *_: refusal("DUPLICATE_VALUE", "duplicate value found", "Other__c"))
    (outcome,) = sink.write([creation("k")])
    assert (outcome.state, outcome.reason) == ("refused", "DUPLICATE_VALUE: duplicate value found (Other__c)")


def test_a_twin_that_is_not_shown_is_looked_up_again(vendor: responses.RequestsMock, sink: SalesforceSink) -> None:
    """The org says that a record has our key, but shows none: it may commit late, so nothing is settled."""
    queried(vendor, lambda _: [])
    collection(vendor, lambda *_: taken())
    (outcome,) = sink.write([creation("k")])
    assert (outcome.state, outcome.late) == ("unknown", False)


def test_trouble_while_looking_for_twins_hides_nothing(vendor: responses.RequestsMock, sink: SalesforceSink) -> None:
    """What was written stays known; only the refused ones are to be looked up."""
    vendor.get(f"{DATA}/queryAll/", status=403, json=LIMIT)
    collection(vendor, lambda number, _: taken() if number else made(number))
    outcomes = sink.write([creation("k0"), creation("k1")])
    assert [outcome.state for outcome in outcomes] == ["done", "unknown"]


def test_a_key_field_that_is_not_unique_is_looked_at_first(
    vendor: responses.RequestsMock, sink: SalesforceSink
) -> None:
    """There the org would take a second record; what is absent goes by external id."""
    vendor.replace(responses.GET, f"{DATA}/sobjects/Task/describe", json=described(unique=False))
    texts = queried(vendor, lambda _: [{"Id": TASK, "IsDeleted": False, "Okoshi_Key__c": "k0"}])
    calls = collection(vendor, lambda number, _: made(number), method=responses.PATCH, path="/Task/Okoshi_Key__c")
    outcomes = sink.write([creation("k0"), creation("k1")])
    assert [outcome.state for outcome in outcomes] == ["done", "done"]
    assert outcomes[0].reason == "it was written before"
    assert [[record["Okoshi_Key__c"] for record in call] for call in calls] == [["k1"]]
    assert len(texts) == 1


def test_somebody_is_a_member_of_a_campaign_once(vendor: responses.RequestsMock, sink: SalesforceSink) -> None:
    """The vendor keeps one membership a person and campaign: a refused second one is done. Who left may join again."""
    names = ("Id", "IsDeleted", "CampaignId", "ContactId", "LeadId", "Status")
    fields = [{"name": name, "type": "string", "createable": True} for name in names]
    vendor.get(f"{DATA}/sobjects/CampaignMember/describe", json={"name": "CampaignMember", "fields": fields})
    rows = [
        {"Id": f"00v{n:012d}AAA", "IsDeleted": n == 0, "CampaignId": "701A", "ContactId": f"003{n}", "LeadId": None}
        for n in range(2)
    ]
    texts = queried(vendor, lambda soql: rows if "ContactId IN" in soql else [])
    already = refusal("DUPLICATE_VALUE", "This entity is already a member of this campaign")
    collection(vendor, lambda number, _: already if number else made(number))
    joins = [
        change(f"j{number}", Operation.CREATE, object_="CampaignMember", fields={
            "CampaignId": FieldChange(after="701A"), field: FieldChange(after=person),
        })
        for number, (field, person) in enumerate([("ContactId", "0030"), ("ContactId", "0031"), ("LeadId", "00Q1")])
    ]  # fmt: skip
    outcomes = sink.write(joins)
    assert [(one.key, one.state, one.record and one.record.id) for one in outcomes] == [
        ("j0", "done", "00T000000000000AAA"),
        ("j1", "done", "00v000000000001AAA"),
        ("j2", "refused", None),
    ]
    assert all("CampaignId = '701A'" in soql for soql in texts)
    assert sink.find(joins).keys() == {"j1"}


def test_a_budget_that_ends_before_anything_was_written_stops(
    vendor: responses.RequestsMock, sink: SalesforceSink
) -> None:
    """Nothing happened, and the engine learns that nothing did."""
    vendor.post(f"{DATA}/composite/sobjects", status=403, json=LIMIT)
    with pytest.raises(StopSync):
        sink.write([creation("k")])


@pytest.mark.parametrize(
    "trouble",
    [{"status": 403, "json": LIMIT}, {"status": 404, "json": [{"errorCode": "NOT_FOUND", "message": "x"}]}],
    ids=["a used-up day", "a missing permission"],
)
def test_trouble_between_two_calls_leaves_the_first_ones_outcomes(
    vendor: responses.RequestsMock, sink: SalesforceSink, trouble: dict[str, Any]
) -> None:
    """What was written stays known; the rest is to be looked up."""
    held(vendor, {"Id": TASK})
    vendor.post(f"{DATA}/composite/sobjects", json=[made(1)])
    vendor.delete(f"{DATA}/composite/sobjects", **trouble)
    outcomes = sink.write([change("d", Operation.DELETE, TASK), creation("k")])
    assert [(outcome.key, outcome.state) for outcome in outcomes] == [("d", "unknown"), ("k", "done")]


def test_trouble_within_many_calls_leaves_what_they_wrote(vendor: responses.RequestsMock, sink: SalesforceSink) -> None:
    """Two hundred a call: the first two hundred are done, the rest is to be looked up."""
    calls = collection(vendor, lambda number, _: made(number))
    vendor.post(f"{DATA}/composite/sobjects", status=403, json=LIMIT)
    states = [outcome.state for outcome in sink.write([creation(f"k{number:03d}") for number in range(450)])]
    assert [len(call) for call in calls] == [200]
    assert states == ["done"] * 200 + ["unknown"] * 250


def test_after_a_wait_in_vain_nothing_more_is_sent(vendor: responses.RequestsMock, sink: SalesforceSink) -> None:
    """Each further call would wait as long; only the first one's changes may be at work."""
    asked = vendor.post(f"{DATA}/composite/sobjects", body=requests.ReadTimeout())
    outcomes = sink.write([creation(f"k{number:03d}") for number in range(450)])
    assert {outcome.state for outcome in outcomes} == {"unknown"}
    assert [outcome.late for outcome in outcomes] == [True] * 200 + [False] * 250
    assert asked.call_count == 1


def test_children_of_one_parent_are_neighbours_over_all_calls_and_outcomes_keep_their_order(
    vendor: responses.RequestsMock, sink: SalesforceSink
) -> None:
    """Parallel writers then lock parents in the same order."""
    calls = collection(vendor, lambda number, record: {**made(number), "id": f"00T-{record['Okoshi_Key__c']}"})
    changes = [creation(f"k{number:03d}", WhatId=f"006{number * 7 % 10}") for number in range(450)]
    outcomes = sink.write(changes)
    sent = [record["WhatId"] for call in calls for record in call]
    assert [len(call) for call in calls] == [200, 200, 50]
    assert sent == sorted(sent)
    assert [outcome.record and outcome.record.id for outcome in outcomes] == [f"00T-{one.key}" for one in changes]


@pytest.mark.parametrize("spelling", ["duplicateResult", "duplicateResut"])
def test_a_duplicate_rule_that_blocks_is_a_refusal_in_its_own_words(
    vendor: responses.RequestsMock, sink: SalesforceSink, spelling: str
) -> None:
    """Real bodies spell the member in two ways; a person needs the rule's words and what it found."""
    found = {
        "duplicateRule": "Standard_Contact_Rule",
        "errorMessage": "同じ人がすでに登録されています",
        "matchResults": [{"matchRecords": [{"record": {"Id": "003000000000001AAA"}}]}],
    }
    collection(vendor, lambda *_: refusal("DUPLICATES_DETECTED", "Use one of these records?", **{spelling: found}))
    (outcome,) = sink.write([creation("k")])
    assert outcome.state == "refused"
    for words in (
        "DUPLICATES_DETECTED",
        "Standard_Contact_Rule",
        "同じ人がすでに登録されています",
        "003000000000001AAA",
    ):
        assert words in str(outcome.reason)


def test_a_validation_rule_is_a_refusal_in_its_own_words(vendor: responses.RequestsMock, sink: SalesforceSink) -> None:
    """The org's administrator wrote them for people."""
    rule = refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", "件名には商談番号を入れてください", "Subject")
    collection(vendor, lambda number, _: rule if number else made(number))
    outcomes = sink.write([creation("k0"), creation("k1")])
    assert [outcome.state for outcome in outcomes] == ["done", "refused"]
    assert outcomes[1].reason == "FIELD_CUSTOM_VALIDATION_EXCEPTION: 件名には商談番号を入れてください (Subject)"


FULL = refusal("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")


def test_a_full_storage_stops_the_run(vendor: responses.RequestsMock, sink: SalesforceSink) -> None:
    """Nothing was taken: the message says what an administrator has to do, and no further call is made."""
    calls = collection(vendor, lambda *_: FULL)
    with pytest.raises(StopSync, match="administrator must free") as stopped:
        sink.write([creation(f"k{number:03d}") for number in range(450)])
    assert stopped.value.code == "storage_full"
    assert len(calls) == 1


def test_a_storage_that_gets_full_keeps_what_it_took(vendor: responses.RequestsMock, sink: SalesforceSink) -> None:
    """Then no more is created; what was not sent is looked at again by the next run."""
    calls = collection(vendor, lambda number, _: made(number) if number < 150 else FULL)
    states = [outcome.state for outcome in sink.write([creation(f"k{number:03d}") for number in range(450)])]
    assert states == ["done"] * 150 + ["refused"] * 50 + ["unknown"] * 250
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ({"Subject": "件名", "Description": "本文 二行目"}, "done"),
        ({"Subject": "件名", "Description": "本文 二行目 先方に架電"}, "refused"),
        (None, "done"),
    ],
    ids=["unchanged but for its line ends", "somebody has begun", "already deleted"],
)
def test_a_record_is_deleted_only_as_it_was_planned(
    vendor: responses.RequestsMock, sink: SalesforceSink, now: dict[str, Any] | None, state: str
) -> None:
    """Between plan and write a person may have begun: then the task stays."""
    held(vendor, now and {"Id": TASK, **now})
    deletions = vendor.delete(f"{DATA}/composite/sobjects", json=[{"id": TASK, "success": True, "errors": []}])
    before = {"Subject": FieldChange(before="件名"), "Description": FieldChange(before="本文\r\n二行目\n")}
    (outcome,) = sink.write([change("d", Operation.DELETE, TASK, before)])
    assert outcome.state == state
    assert deletions.call_count == (1 if now and state == "done" else 0)


@pytest.mark.parametrize("told", ["nothing", "an error"])
def test_what_is_gone_cannot_be_changed(vendor: responses.RequestsMock, sink: SalesforceSink, told: str) -> None:
    """Deleted before we looked, or between our look and our write."""
    held(vendor, {"Id": TASK, "Subject": "件名"} if told == "an error" else None)
    vendor.patch(f"{DATA}/composite/sobjects", json=[refusal("ENTITY_IS_DELETED", "entity is deleted")])
    (outcome,) = sink.write([change("u", Operation.UPDATE, TASK, {"Subject": FieldChange(before="件名", after="別")})])
    assert (outcome.state, outcome.record and outcome.record.id) == ("refused", TASK)
    assert "it is gone" in str(outcome.reason)


@pytest.mark.parametrize(
    ("now", "before", "same"),
    [
        (True, True, True),
        (True, "true", True),
        (False, True, False),
        (1000.0, 1000, True),
        (1000.0, "1000.00", True),
        (0.1, 0.2, False),
        ("2026-11-18T01:00:00.000+0000", "2026-11-18T01:00:00.000Z", True),
        ("2026-11-18T01:00:00.000+0000", "2026-11-18T10:00:00+09:00", True),
        ("2026-11-18T01:00:00.000+0000", "2026-11-18T01:00:00.000+0900", False),
        (None, "", True),
        (None, 0, False),
        (0, None, False),
    ],
)
def test_a_value_is_the_same_however_it_is_written(
    vendor: responses.RequestsMock, sink: SalesforceSink, now: Any, before: Any, same: bool
) -> None:
    """The mirror may know it from a bulk query, whose values are text of other forms."""
    held(vendor, {"Id": TASK, "Subject": now})
    vendor.patch(f"{DATA}/composite/sobjects", json=[made(1)])
    (outcome,) = sink.write([change("u", Operation.UPDATE, TASK, {"Subject": FieldChange(before=before, after="x")})])
    assert outcome.state == ("done" if same else "refused")


def test_two_changes_of_one_record_go_one_after_the_other(vendor: responses.RequestsMock, sink: SalesforceSink) -> None:
    """One call takes a record once; the second change is compared with what the first one left."""
    held(vendor, {"Id": TASK, "Subject": "a"})
    held(vendor, {"Id": TASK, "Subject": "b"})
    calls = collection(vendor, lambda *_: made(1), method=responses.PATCH)
    steps = [FieldChange(before="a", after="b"), FieldChange(before="b", after="c")]
    outcomes = sink.write([change(f"u{n}", Operation.UPDATE, TASK, {"Subject": step}) for n, step in enumerate(steps)])
    assert [outcome.state for outcome in outcomes] == ["done", "done"]
    assert [[record["Subject"] for record in call] for call in calls] == [["b"], ["c"]]


def test_a_note_is_not_written_over_what_somebody_wrote_meanwhile(
    vendor: responses.RequestsMock, sink: SalesforceSink
) -> None:
    """The text before must still be there."""
    held(vendor, {"Id": TASK, "Description": "別の本文"})
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


FATES: dict[str, tuple[dict[str, Any], str]] = {
    "made": ({"success": True, "errors": []}, "done"),
    "taken": (taken(), "done"),
    "rule": (refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", "x"), "refused"),
    "locked": (refusal("UNABLE_TO_LOCK_ROW", "x"), "refused"),
}


@settings(deadline=None)  # a loaded machine is no failure
@given(st.lists(st.sampled_from([*FATES, "there", "moved", "gone"]), min_size=1, max_size=30), st.randoms())
def test_whatever_becomes_of_the_changes_the_outcomes_line_up(fates: list[str], random: Random) -> None:
    """Creations, updates and deletions in any order and any mix of results: each outcome is its own change's."""
    changes, states = [], []
    for number, fate in enumerate(fates):
        key, id_ = f"{fate}:{number}", f"00T{number:012d}AAA"
        if fate in FATES:
            changes.append(creation(key, WhatId=f"006{random.randrange(5)}"))
            states.append(FATES[fate][1])
        else:
            operation = random.choice([Operation.UPDATE, Operation.DELETE])
            changes.append(change(key, operation, id_, {"Subject": FieldChange(before=fate, after="x")}))
            states.append("done" if fate == "there" or (fate, operation) == ("gone", "delete") else "refused")
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{DATA}/sobjects/Task/describe", json=described(unique=True))
        keys = [one.key for one in changes]
        queried(mock, lambda _: [{"Id": f"00T-{key}", "IsDeleted": False, "Okoshi_Key__c": key} for key in keys])
        collection(mock, lambda _, record: _fate(record["Okoshi_Key__c"]))
        mock.add_callback(responses.POST, f"{DATA}/composite/sobjects/Task", lambda request: _retrieved(request, fates))
        collection(mock, lambda _, record: {"id": record["Id"], "success": True, "errors": []}, method=responses.PATCH)
        mock.add_callback(responses.DELETE, f"{DATA}/composite/sobjects", _deleted)
        outcomes = new_sink().write(changes)
    assert [outcome.key for outcome in outcomes] == keys
    assert [outcome.state for outcome in outcomes] == states
    for one, outcome in zip(changes, outcomes, strict=True):
        if outcome.record:
            assert outcome.record.id == (one.id or f"00T-{one.key}")


def _fate(key: str) -> dict[str, Any]:
    answer, _ = FATES[key.partition(":")[0]]
    return answer | ({"id": f"00T-{key}"} if answer["success"] else {})


def _retrieved(request: PreparedRequest, fates: Sequence[str]) -> tuple[int, dict[str, str], str]:
    rows = []
    for id_ in json.loads(request.body or b"{}")["ids"]:
        fate = fates[int(id_[3:15])]
        rows.append(None if fate == "gone" else {"Id": id_, "Subject": "there" if fate == "there" else "by somebody"})
    return 200, {}, json.dumps(rows)


def _deleted(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
    ids = parse_qs(urlsplit(str(request.url)).query)["ids"][0].split(",")
    return 200, {}, json.dumps([{"id": id_, "success": True, "errors": []} for id_ in ids])
