"""sObject Collections: up to 200 records in one call, each with its own result.

Called by the application. The rules of writing are in `records`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from connector.sandbox.salesforce.call import Call, answer
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.ids import normalise_id
from connector.sandbox.salesforce.query import Ask
from connector.sandbox.salesforce.records import (
    delete_record,
    find_object,
    matching,
    update_record,
)
from connector.sandbox.salesforce.schema import Field, SObject, object_of_id
from connector.sandbox.salesforce.sobjects import created, lookup_field
from connector.sandbox.world import World

MAX_RECORDS: Final = 200
MAX_RETRIEVED: Final = 2_000
ROLLED_BACK: Final = SalesforceError(
    400,
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)
Result = dict[str, Any]
Write = Callable[[], Result]


class _RollBack(Exception):
    pass


def create_many(call: Call) -> Response:
    """POST /composite/sobjects."""
    call.name("createCollection")
    body, records = _records(call)
    return answer(_run(call.world, [_creation(call, item) for item in records], all_or_none=_all_or_none(body)))


def update_many(call: Call) -> Response:
    """PATCH /composite/sobjects."""
    call.name("updateCollection")
    body, records = _records(call)
    seen: set[str] = set()
    writes = [_change(call, item, seen) for item in records]
    return answer(_run(call.world, writes, all_or_none=_all_or_none(body)))


def delete_many(call: Call) -> Response:
    """DELETE /composite/sobjects?ids=…&allOrNone=."""
    call.name("deleteCollection")
    ids = [part.strip() for part in call.required("ids").split(",") if part.strip()]
    _refuse_too_many(len(ids), MAX_RECORDS)
    seen: set[str] = set()
    writes = [_deletion(call, record_id, seen) for record_id in ids]
    return answer(_run(call.world, writes, all_or_none=call.params.get("allOrNone", "").lower() == "true"))


def upsert_many(call: Call) -> Response:
    """PATCH /composite/sobjects/X/<external id field>."""
    call.name("upsertCollection")
    table = find_object(call.world, call.path["object"])
    field = lookup_field(table, call.path["field"])
    body, records = _records(call)
    values = [str(_value_of(item, field.name)) for item in records]
    repeated = {value for value in values if values.count(value) > 1 and value != "None"}
    writes = [_upsertion(call, (table, field), item, repeated) for item in records]
    return answer(_run(call.world, writes, all_or_none=_all_or_none(body)))


def retrieve_many(call: Call) -> Response:
    """POST (or GET) /composite/sobjects/X: records by id, null where there is none."""
    call.name("retrieveCollection")
    table = find_object(call.world, call.path["object"])
    if call.method == "GET":
        ids, fields = call.required("ids").split(","), call.required("fields").split(",")
    else:
        body = call.json_object()
        ids, fields = _strings(body.get("ids"), "ids"), _strings(body.get("fields"), "fields")
    _refuse_too_many(len(ids), MAX_RETRIEVED)
    full = [_full_id(record_id.strip()) for record_id in ids]
    names = [field.strip() for field in fields]
    if "id" not in {name.lower() for name in names}:
        names.append("Id")
    quoted = ",".join(f"'{record_id}'" for record_id in dict.fromkeys(full))
    soql = f"SELECT {','.join(names)} FROM {table.name} WHERE Id IN ({quoted})"
    found = {record["Id"]: record for record in call.queries.records(Ask(soql, call.base))}
    return answer([found.get(record_id) for record_id in full])


def _run(world: World, writes: Sequence[Write], *, all_or_none: bool) -> list[Result]:
    """Each write alone, or all together: then one refusal undoes the rest."""
    results: list[Result] = []
    try:
        with world.transaction():
            results = [_one(world, write) for write in writes]
            if all_or_none:
                _roll_back_unless_all_done(results)
    except _RollBack:
        return [_failed(ROLLED_BACK) if result["success"] else result for result in results]
    return results


def _roll_back_unless_all_done(results: Sequence[Result]) -> None:
    if not all(result["success"] for result in results):
        raise _RollBack


def _one(world: World, write: Write) -> Result:
    try:
        with world.transaction():
            return write()
    except SalesforceError as error:
        return _failed(error)


def _failed(error: SalesforceError) -> Result:
    return {"success": False, "errors": [error.row()]}


def _done(record_id: str) -> Result:
    return {"id": record_id, "success": True, "errors": []}


def _creation(call: Call, item: Mapping[str, Any]) -> Write:
    def write() -> Result:
        return _done(created(call, _type_of(call, item), item))

    return write


def _change(call: Call, item: Mapping[str, Any], seen: set[str]) -> Write:
    def write() -> Result:
        record_id = _value_of(item, "Id")
        if not isinstance(record_id, str):
            raise SalesforceError(400, "MISSING_ARGUMENT", "Id not specified in an update call")
        object_ = _type_of(call, item)
        _refuse_repetition(record_id, seen)
        update_record(call.world, object_, record_id, item, call.user_id)
        return _done(_full_id(record_id))

    return write


def _deletion(call: Call, record_id: str, seen: set[str]) -> Write:
    def write() -> Result:
        full = _full_id(record_id)
        _refuse_repetition(full, seen)
        delete_record(call.world, object_of_id(full) or "", full, call.user_id)
        return _done(full)

    return write


def _upsertion(call: Call, key: tuple[SObject, Field], item: Mapping[str, Any], repeated: set[str]) -> Write:
    table, field = key

    def write() -> Result:
        value = _value_of(item, field.name)
        if str(value) in repeated:
            raise SalesforceError(400, "DUPLICATE_VALUE", f"Duplicate external id specified: {value}", (field.name,))
        if value in {None, ""}:
            if field.type != "id":
                message = f"{field.name} not specified"
                raise SalesforceError(400, "MISSING_ARGUMENT", message)
            new = {name: value for name, value in item.items() if name.lower() != "id"}
            return _done(created(call, table.name, new)) | {"created": True}
        found = matching(call.world, table, field, normalise_id(str(value)) if field.type == "id" else value)
        if len(found) > 1:
            message = f"{field.name}: more than one record found for external id field: [{', '.join(found)}]"
            raise SalesforceError(400, "DUPLICATE_EXTERNAL_ID", message, (field.name,))
        if found:
            update_record(call.world, table.name, found[0], item, call.user_id)
            return _done(found[0]) | {"created": False}
        return _done(created(call, table.name, item)) | {"created": True}

    return write


def _records(call: Call) -> tuple[dict[str, Any], list[Mapping[str, Any]]]:
    body = call.json_object()
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(item, dict) for item in records):
        raise SalesforceError(400, "INVALID_INPUT", "records must be a list of sObjects")
    _refuse_too_many(len(records), MAX_RECORDS)
    return body, records


def _all_or_none(body: Mapping[str, Any]) -> bool:
    return body.get("allOrNone") is True


def _refuse_too_many(count: int, limit: int) -> None:
    if count > limit:
        message = f"record limit reached. cannot submit more than {limit} records into this call"
        raise SalesforceError(400, "EXCEEDED_ID_LIMIT", message)
    if count == 0:
        raise SalesforceError(400, "INVALID_INPUT", "At least one record is required")


def _refuse_repetition(record_id: str, seen: set[str]) -> None:
    full = _full_id(record_id)
    if full in seen:
        raise SalesforceError(400, "DUPLICATE_VALUE", f"duplicate id specified: {full}", ("Id",))
    seen.add(full)


def _type_of(call: Call, item: Mapping[str, Any]) -> str:
    attributes = item.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(name, str):
        raise SalesforceError(400, "INVALID_TYPE", "Each record needs attributes.type")
    shown = call.world.conditions.objects("salesforce", call.world.tables["salesforce"])
    if name.lower() not in {known.lower() for known in shown}:
        raise SalesforceError(400, "INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return name


def _value_of(item: Mapping[str, Any], name: str) -> Any:
    return next((value for key, value in item.items() if key.lower() == name.lower()), None)


def _full_id(record_id: str) -> str:
    full = normalise_id(record_id)
    if full is None or object_of_id(full) is None:
        raise SalesforceError(400, "MALFORMED_ID", f"malformed id {record_id}", ("Id",))
    return full


def _strings(value: Any, name: str) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise SalesforceError(400, "INVALID_INPUT", f"{name} must be a list of strings")
    return value
