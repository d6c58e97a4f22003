"""Sinks against servers that answer writes badly: never done without proof, never sent twice, nothing but outcomes."""

from collections.abc import Callable
from typing import Any

import pytest
from hostile_server import Answer, Asked, HostileServer, Raw, as_json, page_of_html

from connector.model.plan import Change, FieldChange, Operation
from connector.sinks.hubspot import HubSpotSink
from connector.sinks.salesforce import SalesforceSink

Make = Callable[..., Any]

TASK = "00T000000000001EAA"
FIELDS = [
    {"name": name, "type": "string", "createable": True, "updateable": True, "filterable": True, **more}
    for name, more in {"Id": {}, "Subject": {}, "Okoshi_Key__c": {"unique": True, "externalId": True}}.items()
]


def change(system: str, object_: str, operation: Operation, **fields: Any) -> Change:
    """A change of one record, with its key in a field of ours."""
    key = "okoshi-key-1"
    own = {"okoshi_key" if system == "hubspot" else "Okoshi_Key__c": FieldChange(after=key)}
    given = {name: FieldChange(after=value) for name, value in fields.items()}
    made = operation is Operation.CREATE
    return Change(
        key=key,
        program="stalled",
        operation=operation,
        system=system,
        object=object_,
        id=None if made else "1" if system == "hubspot" else TASK,
        fields={**given, **own} if made else given,
        case="salesforce:Opportunity:006000000000001AAA",
        basis="v1",
    )


def org(write: Answer | Raw, *there: dict[str, Any], retrieved: Any = None) -> Callable[[Asked], Answer | Raw]:
    """An org that answers every write just so; `there` is what its queries find."""

    def script(asked: Asked) -> Answer | Raw:
        if asked.path.endswith("/describe"):
            return as_json({"name": "Task", "fields": FIELDS, "keyPrefix": "00T", "createable": True})
        if "query" in asked.path:
            return as_json({"totalSize": len(there), "done": True, "records": list(there)})
        if asked.method == "POST" and asked.path.endswith("/sobjects/Task"):
            return as_json(retrieved)
        return write

    return script


WRITES = {
    "no answer": (Raw(), "unknown"),
    "HTML": (page_of_html(502), "unknown"),
    "an empty list": (as_json([]), "unknown"),
    "done": (as_json([{"id": TASK, "success": True, "errors": []}]), "done"),
    "done, as text, with a short id": (as_json([{"id": TASK[:15], "success": "true"}]), "done"),
    "done with nothing else": (as_json([{"success": True}]), "unknown"),
    "not done, as text": (as_json([{"success": "false", "errors": [{"message": "no"}]}]), "refused"),
    "neither": (as_json([{}]), "unknown"),
    "more rows than records": (as_json([{"id": TASK, "success": True}] * 2), "unknown"),
}


@pytest.mark.parametrize("how", WRITES)
def test_a_creation_in_salesforce(server: HostileServer, salesforce: Make, how: str) -> None:
    """Its outcome, and one write only."""
    answer, expected = WRITES[how]
    server.script = org(answer)
    (outcome,) = SalesforceSink(salesforce()).write([change("salesforce", "Task", Operation.CREATE, Subject="x")])
    assert outcome.state == expected
    assert len(server.paths("composite/sobjects")) == 1
    if expected == "done":
        assert outcome.record is not None
        assert len(outcome.record.id) == 18


@pytest.mark.parametrize(("success", "expected"), [(True, "done"), ("false", "refused")])
def test_an_update_in_salesforce(server: HostileServer, salesforce: Make, success: Any, expected: str) -> None:
    """A row without an id is of the record that was sent."""
    server.script = org(as_json([{"success": success, "errors": [{"message": "x"}]}]), retrieved=[{"Id": TASK}])
    (outcome,) = SalesforceSink(salesforce()).write([change("salesforce", "Task", Operation.UPDATE, Subject="x")])
    assert (outcome.state, outcome.record and outcome.record.id) == (expected, TASK)


def test_a_record_that_is_told_by_a_short_id_is_found(server: HostileServer, salesforce: Make) -> None:
    """After a crash, by the key or by the id in either form."""
    row = {"Id": "00T000000000001", "IsDeleted": False, "Subject": "x", "Okoshi_Key__c": "okoshi-key-1"}
    server.script = org(Raw(), row)
    sink = SalesforceSink(salesforce())
    for operation in (Operation.CREATE, Operation.UPDATE):
        found = sink.find([change("salesforce", "Task", operation, Subject="x")])
        assert len(found["okoshi-key-1"].record.id) == 18


PROPERTIES = [
    {"name": "okoshi_key", "type": "string", "hasUniqueValue": True},
    {"name": "hs_task_subject", "type": "string", "options": None, "modificationMetadata": None},
    {"name": "stage", "type": "enumeration", "options": [{"value": "a", "displayOrder": "2"}, {"value": "b"}, None]},
    {"type": "string"},
]


def portal(write: Answer | Raw, *there: dict[str, Any]) -> Callable[[Asked], Answer | Raw]:
    """A portal that answers every write just so; `there` is what its batch reads find."""

    def script(asked: Asked) -> Answer | Raw:
        if "/properties/" in asked.path:
            return as_json({"results": PROPERTIES})
        if asked.path.endswith("/batch/read"):
            return as_json({"status": "COMPLETE", "results": [] if asked.query else list(there)})
        return write

    return script


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (as_json({"status": "COMPLETE", "results": [{"id": 5, "properties": {}}]}, 201), "done"),
        (as_json({"results": [{"properties": {"okoshi_key": "okoshi-key-1"}}]}), "unknown"),
        (as_json({"status": "PENDING", "results": []}, 201), "unknown"),
        (as_json({"results": [], "errors": [{"message": "no"}]}, 207), "refused"),
        (as_json({}, 207), "unknown"),
        (Answer(b""), "unknown"),
        (Answer(b"", 204, content_type=None), "unknown"),
        (page_of_html(500), "unknown"),
        (as_json({"category": "CONFLICT", "message": "already exists"}, 409), "refused"),
        (as_json({"category": "VALIDATION_ERROR"}, 400), "refused"),
    ],
)
def test_a_creation_in_hubspot(server: HostileServer, hubspot: Make, answer: Answer, expected: str) -> None:
    """Its outcome, and one write only."""
    server.script = portal(answer)
    (outcome,) = HubSpotSink(hubspot()).write([change("hubspot", "tasks", Operation.CREATE, hs_task_subject="x")])
    assert outcome.state == expected
    assert len(server.paths("batch/create")) == 1


def test_a_creation_that_is_refused_as_a_second_one_is_found(server: HostileServer, hubspot: Make) -> None:
    """A conflict without an id: the record that holds our key is ours."""
    server.script = portal(
        as_json({"category": "CONFLICT"}, 409), {"id": 9, "properties": {"okoshi_key": "okoshi-key-1"}}
    )
    (outcome,) = HubSpotSink(hubspot()).write([change("hubspot", "tasks", Operation.CREATE, hs_task_subject="x")])
    assert (outcome.state, outcome.record and outcome.record.id) == ("done", "9")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (as_json({"results": [{"id": 1}]}), "done"),
        (as_json({"results": []}), "unknown"),
        (as_json({"results": [], "errors": [{"context": {"ids": [1]}, "message": "no"}]}, 207), "refused"),
        (Raw(), "unknown"),
    ],
)
def test_an_update_in_hubspot(server: HostileServer, hubspot: Make, answer: Answer | Raw, expected: str) -> None:
    """Ids that are numbers and null properties are no hindrance."""
    server.script = portal(answer, {"id": 1, "properties": None})
    (outcome,) = HubSpotSink(hubspot()).write([change("hubspot", "tasks", Operation.UPDATE, hs_task_subject="x")])
    assert outcome.state == expected
    assert len(server.paths("batch/update")) == 1
