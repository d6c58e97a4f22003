"""What the HubSpot sink sends, and what it makes of answers that no friendly vendor gives."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import requests
import responses
from pydantic import SecretStr
from requests import PreparedRequest

from connector.clients.hubspot import HubSpotClient
from connector.clients.retry import RetryPolicy
from connector.model.errors import ConfigurationError, RetryLater, StopSync
from connector.model.plan import Change, FieldChange, Operation
from connector.settings import HubSpotSettings
from connector.sinks.hubspot import HubSpotSink

CRM = "https://api.hubapi.com/crm"
OBJECTS = f"{CRM}/objects/2026-03"
DAILY: dict[str, Any] = {"status": 429, "json": {"policyName": "DAILY"}}

PROPERTIES = {
    "contacts": [
        {"name": "email", "type": "string"},
        {"name": "phone", "type": "string"},
        {"name": "score", "type": "number"},
        {"name": "okoshi_next", "type": "date"},
        {"name": "createdate", "type": "datetime", "modificationMetadata": {"readOnlyValue": True}},
        {
            "name": "lifecyclestage",
            "type": "enumeration",
            "options": [{"value": "lead", "displayOrder": 0}, {"value": "customer", "displayOrder": 1}],
        },
    ],
    "companies": [{"name": "name", "type": "string"}],
    "notes": [{"name": "hs_note_body", "fieldType": "html"}, {"name": "hs_timestamp", "type": "datetime"}],
    "tasks": [
        {"name": "hs_task_subject"},
        {"name": "hs_task_body", "fieldType": "html"},
        {"name": "okoshi_key", "hasUniqueValue": True},
    ],
}


@pytest.fixture
def vendor() -> Iterator[responses.RequestsMock]:
    """A portal; a request that no answer was prepared for is a connection error."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for object_, definitions in PROPERTIES.items():
            mock.get(f"{CRM}/properties/2026-03/{object_}", json={"results": definitions})
        yield mock


@pytest.fixture
def sink() -> HubSpotSink:
    """A sink that does not wait between attempts."""
    settings = HubSpotSettings(access_token=SecretStr(f"pat-{uuid4()}"))
    return HubSpotSink(HubSpotClient(settings, read_only=False, retry=RetryPolicy(sleep=lambda _: None)))


def change(
    key: str,
    operation: Operation = Operation.CREATE,
    object_: str = "contacts",
    id_: str | None = None,
    fields: dict[str, FieldChange] | None = None,
) -> Change:
    """A change with everything that a sink does not look at filled in."""
    return Change(
        key=key, program="stalled", operation=operation, system="hubspot", object=object_, id=id_,
        case="salesforce:Opportunity:006", basis="v", fields=fields or {},
    )  # fmt: skip


def creation(key: str, object_: str = "tasks", **values: Any) -> Change:
    """A new record; names with two underscores stand for a dot."""
    fields = {name.replace("__", "."): FieldChange(after=value) for name, value in values.items()}
    return change(key, object_=object_, fields=fields)


def update(key: str, id_: str, before: Any = None, after: Any = "x", name: str = "phone") -> Change:
    """A contact's property is set."""
    return change(key, Operation.UPDATE, id_=id_, fields={name: FieldChange(before=before, after=after)})


def reads(
    vendor: responses.RequestsMock, object_: str, *rows: dict[str, Any], archived: tuple[dict[str, Any], ...] = ()
) -> responses.BaseResponse:
    """Answers batch reads with what is there of what was asked, as the vendor matches ids, keys and merged ids."""

    def reply(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        asked = json.loads(request.body or "")
        gone = parse_qs(urlsplit(str(request.url)).query).get("archived") == ["true"]
        wanted, name = {one["id"] for one in asked["inputs"]}, asked.get("idProperty")
        assert len(wanted) == len(asked["inputs"]) <= 100

        def fits(row: dict[str, Any]) -> bool:
            properties = row.get("properties", {})
            merged = str(properties.get("hs_merged_object_ids") or "").split(";")
            return properties.get(name) in wanted if name else row["id"] in wanted or bool({*merged} & wanted)

        found = [row for row in (archived if gone else rows) if fits(row)]
        return 207, {}, json.dumps({"results": found, "errors": [{"category": "OBJECT_NOT_FOUND"}]})

    return vendor.add_callback("POST", f"{OBJECTS}/{object_}/batch/read", reply)  # type: ignore[return-value]


def writes(
    vendor: responses.RequestsMock,
    object_: str,
    kind: str,
    refuse: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda _: None,
) -> list[list[dict[str, Any]]]:
    """Answers batch writes row by row, in reverse; `refuse` gives the error of a row. Keeps the inputs of each call."""
    calls: list[list[dict[str, Any]]] = []

    def reply(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        calls.append(json.loads(request.body or "")["inputs"])
        results, errors = [], []
        for number, one in enumerate(calls[-1]):
            error = refuse(one)
            trace = one["objectWriteTraceId"]
            if error:
                errors.append({**error, "context": {"objectWriteTraceId": [trace]}})
            else:
                results.append({"id": one.get("id") or f"9{number:03}", "objectWriteTraceId": trace})
        return 207, {}, json.dumps({"results": results[::-1], "errors": errors[::-1]})

    vendor.add_callback("POST", f"{OBJECTS}/{object_}/batch/{kind}", reply)
    return calls


def states(outcomes: Any) -> list[str]:
    return [outcome.state for outcome in outcomes]


# -- creation ----------------------------------------------------------------------------------------------------------


def test_a_creation_carries_its_key_in_the_unique_property(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """Also where the plan does not name it; links go along, so that nothing is half made."""
    reads(vendor, "tasks")
    calls = writes(vendor, "tasks", "create")
    outcomes = sink.write([creation("k1", hs_task_subject="架電", associations__contacts=["5"], hs_task_body="")])
    assert states(outcomes) == ["done"]
    assert outcomes[0].record == ("hubspot", "tasks", "9000")
    assert calls == [
        [
            {
                "properties": {"hs_task_subject": "架電", "okoshi_key": "k1"},
                "associations": [
                    {
                        "to": {"id": "5"},
                        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 204}],
                    }
                ],
                "objectWriteTraceId": "0",
            }
        ]
    ]


def test_a_key_that_is_there_already_is_not_written_again(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """The vendor keeps the property unique, so nothing is looked up unless it refuses."""
    read = reads(vendor, "tasks", {"id": "7", "properties": {"okoshi_key": "k1"}})
    taken = {"category": "VALIDATION_ERROR", "message": "7 already has that value."}
    writes(vendor, "tasks", "create", lambda one: taken if one["properties"]["okoshi_key"] == "k1" else None)
    outcomes = sink.write([creation(key, hs_task_subject="架電") for key in ("k2", "k1")])
    assert [outcome.record and outcome.record.id for outcome in outcomes] == ["9000", "7"]
    assert outcomes[1].reason == "it was written before"
    assert read.call_count == 1


def test_a_key_is_found_even_when_its_record_was_archived(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """So that what a person deleted is not made anew after a crash."""
    there = {"id": "7", "properties": {"okoshi_key": "k1"}}
    gone = {"id": "8", "properties": {"okoshi_key": "k2"}}
    reads(vendor, "tasks", there, archived=(gone,))
    found = sink.find([creation(key, hs_task_subject="架電") for key in ("k1", "k2", "k3")])
    assert {key: (one.record.id, one.deleted) for key, one in found.items()} == {"k1": ("7", False), "k2": ("8", True)}


def test_a_duplicate_that_appeared_meanwhile_is_done_with_its_record(
    vendor: responses.RequestsMock, sink: HubSpotSink
) -> None:
    """Another writer was first: the record that holds our key is looked up, not taken from the message."""
    rows: list[dict[str, Any]] = []

    def reply(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        return 200, {}, json.dumps({"results": rows if "archived" not in str(request.url) else []})

    def refuse(_: dict[str, Any]) -> dict[str, Any]:
        rows.append({"id": "7", "properties": {"okoshi_key": "k1"}})
        return {"category": "VALIDATION_ERROR", "message": "7 already has that value."}

    vendor.add_callback("POST", f"{OBJECTS}/tasks/batch/read", reply)
    writes(vendor, "tasks", "create", refuse)
    (outcome,) = sink.write([creation("k1", hs_task_subject="架電")])
    assert (outcome.state, outcome.record and outcome.record.id) == ("done", "7")


def test_a_contact_that_somebody_else_made_is_refused_with_its_id(
    vendor: responses.RequestsMock, sink: HubSpotSink
) -> None:
    """Its e-mail address is the vendor's key: only a contact just as we would have made it is ours."""
    reads(vendor, "contacts", {"id": "51", "properties": {"email": "a@x.example", "phone": "03"}})
    writes(vendor, "contacts", "create", lambda _: {"category": "CONFLICT", "message": "Existing ID: 51"})
    theirs = creation("k1", "contacts", email="a@x.example", phone="06")
    (outcome,) = sink.write([theirs])
    assert (outcome.state, outcome.record and outcome.record.id) == ("refused", "51")
    ours = creation("k2", "contacts", email="a@x.example", phone="03")
    assert sink.find([theirs, ours]).keys() == {"k2"}


def test_a_note_is_found_by_the_key_in_its_text_through_its_links(
    vendor: responses.RequestsMock, sink: HubSpotSink
) -> None:
    """Search lags and proves nothing: contact, then its notes, then their texts."""
    vendor.post(
        f"{CRM}/associations/2026-03/contacts/notes/batch/read",
        json={"results": [{"from": {"id": "5"}, "to": [{"toObjectId": 71}, {"toObjectId": 72}]}]},
    )
    body = "<p>本文</p><p>管理番号: k1</p>"
    rows = [
        {"id": "71", "properties": {"hs_note_body": "管理番号: k11"}},
        {"id": "72", "properties": {"hs_note_body": body}},
    ]
    reads(vendor, "notes", *rows)
    calls = writes(vendor, "notes", "create")
    wanted = [
        creation(key, "notes", hs_note_body=f"本文\n管理番号: {key}", associations__contacts=["5"])
        for key in ("k1", "k2")
    ]
    outcomes = sink.write(wanted)
    assert [outcome.record and outcome.record.id for outcome in outcomes] == ["72", "9000"]
    assert len(calls[0]) == 1


def test_a_key_in_a_text_counts_where_the_property_came_later(
    vendor: responses.RequestsMock, sink: HubSpotSink
) -> None:
    """What was written before the setup made the property is not written again after it."""
    vendor.post(
        f"{CRM}/associations/2026-03/deals/tasks/batch/read",
        json={"results": [{"from": {"id": "5"}, "to": [{"toObjectId": 71}]}]},
    )
    reads(vendor, "tasks", {"id": "71", "properties": {"hs_task_body": "管理番号: k1"}})
    found = sink.find([creation("k1", hs_task_body="管理番号: k1", associations__deals=["5"])])
    assert found["k1"].record.id == "71"


def test_what_could_not_be_found_again_is_refused(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """Without key property, text or link a lost answer would mean a second record."""
    changes = [
        creation("k1", "companies", name="山田商事"),
        creation("k2", "notes", hs_note_body="管理番号: k2"),
        creation("k3", "notes", hs_note_body="本文", associations__contacts=["5"]),
    ]
    outcomes = sink.write(changes)
    assert states(outcomes) == ["refused"] * 3
    assert all("okoshi_key" in str(outcome.reason) for outcome in outcomes)


def test_values_that_the_vendor_would_refuse_do_not_reach_it(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """Each row has its own reason; the good one goes."""
    reads(vendor, "contacts")
    calls = writes(vendor, "contacts", "create")
    bad = [
        {"createdate": "2026-11-18T00:00:00Z"},
        {"nowhere": "x"},
        {"okoshi_next": 1_794_927_600_000},
        {"score": "many"},
    ]
    changes = [creation(f"k{n}", "contacts", email=f"{n}@x.example", **more) for n, more in enumerate([{}, *bad])]
    outcomes = sink.write(changes)
    assert states(outcomes) == ["done", *["refused"] * 4]
    assert [
        word in str(one.reason)
        for word, one in zip(["createdate", "nowhere", "okoshi_next", "score"], outcomes[1:], strict=True)
    ] == [True] * 4
    assert len(calls[0]) == 1


def test_an_unknown_pair_of_objects_is_linked_as_the_portal_says(
    vendor: responses.RequestsMock, sink: HubSpotSink
) -> None:
    """A custom object's plain link has a number of the portal's own; where all have labels, the row is refused."""
    kinds = [
        {"category": "USER_DEFINED", "typeId": 31, "label": None},
        {"category": "USER_DEFINED", "typeId": 32, "label": "x"},
    ]
    vendor.get(f"{CRM}/associations/2026-03/tasks/visits/labels", json={"results": kinds})
    vendor.get(f"{CRM}/associations/2026-03/tasks/rooms/labels", json={"results": kinds[1:]})
    reads(vendor, "tasks")
    calls = writes(vendor, "tasks", "create")
    outcomes = sink.write([creation("k1", associations__visits=["5"]), creation("k2", associations__rooms=["5"])])
    assert states(outcomes) == ["done", "refused"]
    assert calls[0][0]["associations"][0]["types"] == [{"associationCategory": "USER_DEFINED", "associationTypeId": 31}]


@pytest.mark.parametrize(
    ("trouble", "late"),
    [({"body": requests.ReadTimeout()}, True), ({"body": requests.ConnectionError("reset")}, False)],
    ids=["no answer in time", "connection ended"],
)
def test_a_lost_answer_is_unknown(
    vendor: responses.RequestsMock, sink: HubSpotSink, trouble: dict[str, Any], late: bool
) -> None:
    """Who gave up waiting knows less than who saw the connection end; nothing is sent twice."""
    reads(vendor, "tasks")
    asked = vendor.post(f"{OBJECTS}/tasks/batch/create", **trouble)
    (outcome,) = sink.write([creation("k1", hs_task_subject="架電")])
    assert (outcome.state, outcome.late) == ("unknown", late)
    assert asked.call_count == 1


def test_a_batch_that_is_refused_whole_is_parted_until_the_bad_row_is_found(
    vendor: responses.RequestsMock, sink: HubSpotSink
) -> None:
    """Nothing of a refused call was written, so sending its good rows again doubles nothing."""
    made: list[str] = []

    def reply(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        inputs = json.loads(request.body or "")["inputs"]
        if any(one["properties"]["hs_task_subject"] == "悪い" for one in inputs):
            return 400, {}, json.dumps({"category": "VALIDATION_ERROR", "message": "悪い"})
        made.extend(one["properties"]["okoshi_key"] for one in inputs)
        results = [{"id": "1", "objectWriteTraceId": one["objectWriteTraceId"]} for one in inputs]
        return 201, {}, json.dumps({"results": results})

    reads(vendor, "tasks")
    vendor.add_callback("POST", f"{OBJECTS}/tasks/batch/create", reply)
    subjects = ["良い"] * 5 + ["悪い"] + ["良い"] * 4
    outcomes = sink.write([creation(f"k{n}", hs_task_subject=one) for n, one in enumerate(subjects)])
    assert states(outcomes) == ["done"] * 5 + ["refused"] + ["done"] * 4
    assert sorted(made) == sorted(f"k{n}" for n in range(10) if n != 5)
    assert "VALIDATION_ERROR" in str(outcomes[5].reason)


def test_a_budget_that_ends_before_anything_was_written_stops(
    vendor: responses.RequestsMock, sink: HubSpotSink
) -> None:
    """Nothing happened, and the engine learns that nothing did."""
    reads(vendor, "tasks")
    vendor.post(f"{OBJECTS}/tasks/batch/create", **DAILY)
    with pytest.raises(StopSync):
        sink.write([creation("k1", hs_task_subject="架電")])


def test_a_budget_that_ends_between_two_calls_leaves_the_first_ones_outcomes(
    vendor: responses.RequestsMock, sink: HubSpotSink
) -> None:
    """What was written stays known; the rest is to be looked up."""
    vendor.put(f"{CRM}/lists/2026-03/12/memberships/add", json={"recordsIdsAdded": ["1"]})
    vendor.put(f"{CRM}/lists/2026-03/13/memberships/add", **DAILY)
    outcomes = sink.write([membership("b", "13", "1"), membership("a", "12", "1")])
    assert [(outcome.key, outcome.state) for outcome in outcomes] == [("b", "unknown"), ("a", "done")]


def test_a_missing_scope_goes_up(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """That is for a person to mend, and not a fault of the rows."""
    reads(vendor, "tasks")
    vendor.post(f"{OBJECTS}/tasks/batch/create", status=403, json={"category": "MISSING_SCOPES"})
    with pytest.raises(ConfigurationError, match="scope"):
        sink.write([creation("k1", hs_task_subject="架電"), creation("k2", hs_task_subject="架電")])


# -- update and deletion -----------------------------------------------------------------------------------------------


def test_an_update_is_refused_where_somebody_was_faster(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """The values before must still be there, and the record too."""
    reads(vendor, "contacts", {"id": "1", "properties": {"phone": "03"}}, {"id": "2", "properties": {"phone": "06"}})
    calls = writes(vendor, "contacts", "update")
    outcomes = sink.write([update("a", "1", "03"), update("b", "2", "03"), update("c", "3")])
    assert states(outcomes) == ["done", "refused", "refused"]
    assert [one["id"] for one in calls[0]] == ["1"]
    assert outcomes[1].reason == "somebody has changed the record since this was planned"


def test_clearing_is_an_empty_text(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """Null would be ignored."""
    reads(vendor, "contacts", {"id": "1", "properties": {"phone": "03"}})
    calls = writes(vendor, "contacts", "update")
    assert states(sink.write([update("a", "1", "03", None)])) == ["done"]
    assert calls[0][0]["properties"] == {"phone": ""}


def test_one_record_twice_goes_in_two_batches(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """The same id twice refuses a whole batch; a merged id and its survivor are the same record."""
    survivor = {"id": "1", "properties": {"phone": None, "hs_merged_object_ids": "5;6"}}
    reads(vendor, "contacts", survivor, {"id": "2", "properties": {"phone": None}})
    calls = writes(vendor, "contacts", "update")
    score = update("b", "5", None, 3, name="score")
    outcomes = sink.write([update("a", "1"), score, update("c", "2")])
    assert [[one["id"] for one in call] for call in calls] == [["1", "2"], ["1"]]
    assert [outcome.record and outcome.record.id for outcome in outcomes] == ["1", "1", "2"]
    assert calls[1][0]["properties"] == {"score": "3"}


def test_a_stage_that_moves_back_is_cleared_first(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """The vendor ignores a move backwards; forwards one call is enough."""
    rows = [{"id": str(n), "properties": {"lifecyclestage": stage}} for n, stage in enumerate(["customer", "lead"])]
    reads(vendor, "contacts", *rows)
    calls = writes(vendor, "contacts", "update")
    moves = [("customer", "lead"), ("lead", "customer")]
    outcomes = sink.write([update(f"k{n}", str(n), *move, name="lifecyclestage") for n, move in enumerate(moves)])
    assert states(outcomes) == ["done", "done"]
    assert [[(one["id"], one["properties"]["lifecyclestage"]) for one in call] for call in calls] == [
        [("0", "")],
        [("0", "lead"), ("1", "customer")],
    ]


def test_a_stage_that_could_not_be_cleared_is_not_set(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """The refusal of the first call is the outcome."""
    reads(vendor, "contacts", {"id": "1", "properties": {"lifecyclestage": "customer"}})
    calls = writes(vendor, "contacts", "update", lambda _: {"category": "LOCKED_STAGE", "message": "no"})
    (outcome,) = sink.write([update("k", "1", "customer", "lead", name="lifecyclestage")])
    assert (outcome.state, outcome.reason) == ("refused", "LOCKED_STAGE: no")
    assert len(calls) == 1


def test_links_of_an_update_are_the_difference(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """What was linked and stays linked is not touched."""
    reads(vendor, "contacts", {"id": "1", "properties": {}})
    made = vendor.post(f"{CRM}/associations/2026-03/contacts/companies/batch/associate/default", json={"results": []})
    removed = vendor.post(f"{CRM}/associations/2026-03/contacts/companies/batch/archive", status=204)
    links = {"associations.companies": FieldChange(before=["7", "8"], after=["8", "9"])}
    assert states(sink.write([change("k", Operation.UPDATE, id_="1", fields=links)])) == ["done"]
    assert json.loads(made.calls[0].request.body or "")["inputs"] == [{"from": {"id": "1"}, "to": {"id": "9"}}]
    assert json.loads(removed.calls[0].request.body or "")["inputs"] == [{"from": {"id": "1"}, "to": [{"id": "7"}]}]


def test_a_daily_limit_between_properties_and_links_is_unknown(
    vendor: responses.RequestsMock, sink: HubSpotSink
) -> None:
    """Half of it is written, so nobody may say that nothing was."""
    reads(vendor, "contacts", {"id": "1", "properties": {"phone": None}})
    writes(vendor, "contacts", "update")
    vendor.post(f"{CRM}/associations/2026-03/contacts/companies/batch/associate/default", **DAILY)
    fields = {"phone": FieldChange(after="03"), "associations.companies": FieldChange(after=["9"])}
    (outcome,) = sink.write([change("k", Operation.UPDATE, id_="1", fields=fields)])
    assert outcome.state == "unknown"


def test_a_deletion_archives_what_still_is_as_planned(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """Gone already is done; changed meanwhile stays."""
    rows = [{"id": str(n), "properties": {"hs_task_subject": one}} for n, one in enumerate(["件名", "件名・架電済"])]
    reads(vendor, "tasks", *rows)
    asked = vendor.post(f"{OBJECTS}/tasks/batch/archive", status=204)
    before = {"hs_task_subject": FieldChange(before="件名")}
    outcomes = sink.write([change(f"k{n}", Operation.DELETE, "tasks", str(n), before) for n in range(3)])
    assert states(outcomes) == ["done", "refused", "done"]
    assert outcomes[2].reason == "it was deleted already"
    assert json.loads(asked.calls[0].request.body or "") == {"inputs": [{"id": "0"}]}


def test_a_record_is_found_by_id_even_when_it_was_archived_or_merged(
    vendor: responses.RequestsMock, sink: HubSpotSink
) -> None:
    """So that a deletion in doubt can be settled."""
    survivor = {"id": "1", "properties": {"phone": "03", "hs_merged_object_ids": "5"}}
    reads(vendor, "contacts", survivor, archived=({"id": "2", "properties": {"phone": "06"}},))
    found = sink.find([update("a", "5"), update("b", "2"), update("c", "3")])
    assert {key: (one.record.id, one.deleted, one.fields["phone"]) for key, one in found.items()} == {
        "a": ("1", False, "03"),
        "b": ("2", True, "06"),
    }


def test_a_full_batch_costs_one_look_and_one_write(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """A hundred updates."""
    reads(vendor, "contacts", *({"id": str(n), "properties": {"phone": None}} for n in range(100)))
    writes(vendor, "contacts", "update")
    sink.writable("contacts")
    before = sink.client.usage.total
    assert set(states(sink.write([update(f"k{n}", str(n)) for n in range(100)]))) == {"done"}
    assert sink.client.usage.total - before == 2


# -- list memberships --------------------------------------------------------------------------------------------------


def membership(key: str, list_id: str, record_id: str, operation: Operation = Operation.CREATE) -> Change:
    """Somebody joins a list, or leaves it."""
    fields = {"listId": FieldChange(after=list_id), "recordId": FieldChange(after=record_id)}
    named = fields if operation is Operation.CREATE else {}
    return change(key, operation, "memberships", f"{list_id}:{record_id}", named)


def test_memberships_go_list_by_list(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """One call a list; who is in it already is done, who does not exist is refused."""
    first = vendor.put(
        f"{CRM}/lists/2026-03/12/memberships/add", json={"recordsIdsAdded": ["1"], "recordIdsMissing": ["3"]}
    )
    vendor.put(f"{CRM}/lists/2026-03/13/memberships/add", json={"recordsIdsAdded": ["1"]})
    changes = [
        membership("a", "12", "1"),
        membership("b", "13", "1"),
        membership("c", "12", "2"),
        membership("d", "12", "3"),
    ]
    outcomes = sink.write(changes)
    assert [(one.key, one.state) for one in outcomes] == [("a", "done"), ("b", "done"), ("c", "done"), ("d", "refused")]
    assert outcomes[1].record == ("hubspot", "memberships", "13:1")
    assert "record 3" in str(outcomes[3].reason)
    assert json.loads(first.calls[0].request.body or "") == ["1", "2", "3"]


def test_leaving_is_done_whoever_was_in_the_list(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """Also for a record that is gone: it is in no list."""
    vendor.put(f"{CRM}/lists/2026-03/12/memberships/remove", json={"recordIdsRemoved": [], "recordIdsMissing": ["1"]})
    assert states(sink.write([membership("a", "12", "1", Operation.DELETE)])) == ["done"]


def test_a_list_that_fills_itself_is_refused(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """With what a person can do about it; another list is none the worse for it."""
    vendor.put(f"{CRM}/lists/2026-03/12/memberships/add", status=400, json={"category": "VALIDATION_ERROR"})
    vendor.put(f"{CRM}/lists/2026-03/13/memberships/add", json={})
    outcomes = sink.write([membership("a", "12", "1"), membership("b", "13", "1"), membership("c", "12", "x")])
    assert states(outcomes) == ["refused", "done", "refused"]
    assert "MANUAL" in str(outcomes[0].reason)


def test_found_is_joined(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """Read no further than the last one who is looked for; who left is found as deleted."""

    def members(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        assert "after" not in str(request.url)
        rows = [{"recordId": str(number)} for number in (1, 5, 30)]
        return 200, {}, json.dumps({"results": rows, "paging": {"next": {"after": "x"}}})

    vendor.add_callback("GET", f"{CRM}/lists/2026-03/12/memberships", members)
    gone = {"category": "OBJECT_NOT_FOUND", "message": "List does not exist"}
    vendor.get(f"{CRM}/lists/2026-03/13/memberships", status=404, json=gone)
    found = sink.find(
        [
            membership("joined", "12", "5"),
            membership("absent", "12", "6"),
            membership("left", "12", "7", Operation.DELETE),
            membership("still there", "12", "1", Operation.DELETE),
            membership("no list", "13", "1"),
        ]
    )
    assert {key: one.deleted for key, one in found.items()} == {"joined": False, "left": True, "still there": False}


def test_a_lost_answer_of_a_list_is_unknown(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """It is looked up like any other."""
    vendor.put(f"{CRM}/lists/2026-03/12/memberships/add", body=requests.ConnectionError("reset"))
    assert states(sink.write([membership("a", "12", "1")])) == ["unknown"]


# -- the rest ----------------------------------------------------------------------------------------------------------


def test_nothing_to_do_asks_nothing(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """No changes, no calls."""
    assert sink.find([]) == {}
    assert list(sink.write([])) == []
    assert len(vendor.calls) == 0


def test_it_says_what_may_be_written(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """Properties that the portal keeps to itself are nobody's; the fields that link are."""
    writable = sink.writable("contacts")
    assert {"email", "lifecyclestage", "associations.companies", "associations.deals"} <= writable
    assert "createdate" not in writable
    assert sink.writable("memberships") == {"listId", "recordId"}


def test_a_vendor_that_is_down_is_for_later(vendor: responses.RequestsMock, sink: HubSpotSink) -> None:
    """The look-up failed, so nothing was written."""
    vendor.post(f"{OBJECTS}/contacts/batch/read", status=503, json={})
    with pytest.raises(RetryLater):
        sink.write([update("a", "1")])
