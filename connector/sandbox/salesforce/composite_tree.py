"""Record trees: up to 200 new records with their children in one call, all of them or none.

Called by the application. The rules of writing are in `records`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from starlette.responses import Response

from connector.sandbox.salesforce.call import Call, answer
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.records import find_object
from connector.sandbox.salesforce.schema import CHILDREN
from connector.sandbox.salesforce.sobjects import created

MAX_RECORDS: Final = 200


class _Failed(Exception):
    """Some records were refused, so none is kept."""


def tree(call: Call) -> Response:
    """POST /composite/tree/X."""
    call.name("composite")
    object_ = find_object(call.world, call.path["object"]).name
    records = _records(call.json_object())
    _refuse(records)
    done: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    try:
        with call.world.transaction():
            for record in records:
                _plant(call, object_, record, {}, (done, failed))
            _stop_at(failed)
    except _Failed:
        return answer({"hasErrors": True, "results": failed}, 400)
    return answer({"hasErrors": False, "results": done}, 201)


def _stop_at(failed: list[dict[str, Any]]) -> None:
    if failed:
        raise _Failed


def _records(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = body.get("records")
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise SalesforceError(400, "INVALID_INPUT", "Include at least one record in the request")
    return given


def _refuse(records: list[dict[str, Any]]) -> None:
    every = list(_all(records))
    names = [_reference(one) for one in every]
    if len(every) > MAX_RECORDS:
        raise SalesforceError(400, "INVALID_INPUT", f"The request exceeds the limit of {MAX_RECORDS} records")
    if not all(names) or len(set(names)) < len(names):
        raise SalesforceError(400, "INVALID_INPUT", "Include a reference ID for each record; each must be unique")


def _all(records: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for record in records:
        yield record
        for value in record.values():
            if _is_children(value):
                yield from _all(value["records"])


def _is_children(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("records"), list)


def _reference(record: Mapping[str, Any]) -> str:
    attributes = record.get("attributes")
    return str(attributes.get("referenceId") or "") if isinstance(attributes, dict) else ""


def _plant(
    call: Call,
    object_: str,
    record: Mapping[str, Any],
    parent: Mapping[str, str],
    results: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    """Creates one record, and its children with a reference to it."""
    done, failed = results
    values = {name: value for name, value in record.items() if name != "attributes" and not _is_children(value)}
    try:
        record_id = created(call, object_, {**values, **parent})
    except SalesforceError as error:
        failed.append({"referenceId": _reference(record), "errors": [error.row()]})
        return
    done.append({"referenceId": _reference(record), "id": record_id})
    known = {one.name: one for one in CHILDREN.get(object_, ())}
    for name, value in record.items():
        if not _is_children(value):
            continue
        if name not in known:
            unknown = SalesforceError(400, "INVALID_FIELD", f"No such relation '{name}' on entity '{object_}'")
            failed.append({"referenceId": _reference(record), "errors": [unknown.row()]})
            continue
        for child in value["records"]:
            _plant(call, known[name].object, child, {known[name].field: record_id}, results)
