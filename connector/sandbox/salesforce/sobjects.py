"""Single records over HTTP: read, create, change, delete, by id or by an external id; queries; changed ids.

Called by the application. The rules of writing are in `records`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from starlette.responses import Response

from connector.sandbox.clock import stored_datetime
from connector.sandbox.salesforce.call import Call, answer, no_content
from connector.sandbox.salesforce.errors import SalesforceError, not_found
from connector.sandbox.salesforce.ids import normalise_id
from connector.sandbox.salesforce.query import MAX_BATCH, Ask
from connector.sandbox.salesforce.records import (
    create_record,
    delete_record,
    existing,
    find_object,
    matching,
    update_record,
)
from connector.sandbox.salesforce.schema import Field, SObject
from connector.sandbox.salesforce.soql.shape import wire_datetime

CHANGES_KEPT: Final = timedelta(days=30)


def query(call: Call) -> Response:
    """GET /query?q=."""
    soql = call.required("q")
    call.name("query", soql)
    return answer(call.queries.run(Ask(soql, call.base, _batch_size(call.headers))))


def query_all(call: Call) -> Response:
    """GET /queryAll?q=: deleted records and archived activities too."""
    soql = call.required("q")
    call.name("queryAll", soql)
    return answer(call.queries.run(Ask(soql, call.base, _batch_size(call.headers), include_deleted=True)))


def query_more(call: Call) -> Response:
    """GET /query/<locator>-<offset>."""
    call.name("queryMore")
    return answer(call.queries.more(call.path["locator"], call.base))


def _batch_size(headers: Mapping[str, str]) -> int:
    for option in headers.get("sforce-query-options", "").split(","):
        name, _, value = option.partition("=")
        if name.strip().lower() == "batchsize" and value.strip().isdigit():
            return int(value)
    return MAX_BATCH


def create(call: Call) -> Response:
    """POST /sobjects/X."""
    call.name("create")
    table = find_object(call.world, call.path["object"])
    record_id = created(call, table.name, call.json_object())
    location = {"Location": f"{call.base}/sobjects/{table.name}/{record_id}"}
    return answer({"id": record_id, "success": True, "errors": []}, 201, location)


def created(call: Call, object_: str, values: Mapping[str, Any]) -> str:
    """A new record of whoever calls, under the duplicate header that he sent."""
    return create_record(call.world, object_, values, call.user_id, allow_duplicates=call.saves_duplicates)


def record(call: Call) -> Response:
    """GET, PATCH and DELETE of /sobjects/X/<id>."""
    table = find_object(call.world, call.path["object"])
    record_id = _known(call, table)
    match call.method:
        case "PATCH":
            call.name("update")
            update_record(call.world, table.name, record_id, call.json_object(), call.user_id)
            return no_content()
        case "DELETE":
            call.name("delete")
            delete_record(call.world, table.name, record_id, call.user_id)
            return no_content()
        case _:
            call.name("retrieve")
            return answer(_read(call, table, record_id))


def by_external_id(call: Call) -> Response:
    """GET, PATCH (upsert) and DELETE of /sobjects/X/<field>/<value>."""
    table = find_object(call.world, call.path["object"])
    field = lookup_field(table, call.path["field"])
    value = call.path["value"]
    found = _found(call, table, field, value)
    if call.method == "PATCH":
        call.name("upsert")
        return _upsert(call, table, (field, value), found)
    if not found:
        raise not_found()
    if call.method == "DELETE":
        call.name("delete")
        delete_record(call.world, table.name, found[0], call.user_id)
        return no_content()
    call.name("retrieve")
    return answer(_read(call, table, found[0]))


def lookup_field(table: SObject, name: str) -> Field:
    """A field that records may be looked up by: an external id, or one that the vendor marks idLookup."""
    field = table.by_name.get(name.lower())
    if field is None or not (field.has("external_id") or field.has("id_lookup")):
        message = f"Provided external ID field does not exist or is not accessible: {name}"
        raise SalesforceError(404, "NOT_FOUND", message)
    return field


class SeveralFound(Exception):
    """An external id value that several records carry."""

    def __init__(self, addresses: list[str]) -> None:
        super().__init__("several records have this external id")
        self.addresses = addresses


def _found(call: Call, table: SObject, field: Field, value: str) -> list[str]:
    sought = normalise_id(value) if field.type == "id" else value
    found = matching(call.world, table, field, sought)
    if len(found) > 1:
        raise SeveralFound([f"{call.base}/sobjects/{table.name}/{record_id}" for record_id in found])
    return found


def _upsert(call: Call, table: SObject, key: tuple[Field, str], found: list[str]) -> Response:
    field, value = key
    values = call.json_object()
    if any(name.lower() == field.name.lower() for name in values):
        message = f"The {field.name} field should not be specified in the sobject data."
        raise SalesforceError(400, "INVALID_FIELD", message)
    if found:
        update_record(call.world, table.name, found[0], values, call.user_id)
        return answer({"id": found[0], "success": True, "errors": [], "created": False})
    if field.type == "id":
        raise not_found()
    record_id = created(call, table.name, {**values, field.name: value})
    return answer({"id": record_id, "success": True, "errors": [], "created": True}, 201)


def _known(call: Call, table: SObject) -> str:
    """The record's id, or the refusals of an address: never was (404), is deleted (404)."""
    record_id = call.path["id"]
    if normalise_id(record_id) is None:
        message = f"Provided external ID field does not exist or is not accessible: {record_id}"
        raise SalesforceError(404, "NOT_FOUND", message)
    try:
        found: str = existing(call.world, table, record_id)["Id"]
    except SalesforceError as error:
        if error.code in {"INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID"}:
            raise not_found() from error
        raise
    return found


def _read(call: Call, table: SObject, record_id: str) -> dict[str, Any]:
    asked = call.params.get("fields")
    names = asked or ",".join(field.name for field in table.fields)
    soql = f"SELECT {names} FROM {table.name} WHERE Id = '{record_id}'"
    found = call.queries.records(Ask(soql, call.base, include_deleted=True))
    if not found:
        raise not_found()  # written, and not committed yet
    record_: dict[str, Any] = found[0]
    if asked and "id" not in {name.strip().lower() for name in asked.split(",")}:
        record_["Id"] = record_id
    return record_


def updated(call: Call) -> Response:
    """GET /sobjects/X/updated?start=&end=."""
    call.name("getUpdated")
    table = find_object(call.world, call.path["object"])
    start, end = _span(call)
    alive = ' AND "IsDeleted" IS NOT 1' if table.soft_delete else ""
    sql = (
        f'SELECT "Id" FROM "salesforce_{table.name}" WHERE "SystemModstamp" >= ? AND "SystemModstamp" < ?{alive}'
        " AND (_visible_at IS NULL OR _visible_at <= ?)"
    )
    rows = call.world.tuples(sql, (start, end, call.world.now()))
    return answer({"ids": [row[0] for row in rows], "latestDateCovered": wire_datetime(end)})


def deleted(call: Call) -> Response:
    """GET /sobjects/X/deleted?start=&end=."""
    call.name("getDeleted")
    table = find_object(call.world, call.path["object"])
    start, end = _span(call)
    rows = []
    if table.soft_delete:
        sql = (
            f'SELECT "Id", "SystemModstamp" FROM "salesforce_{table.name}" WHERE "IsDeleted" = 1'
            ' AND "SystemModstamp" >= ? AND "SystemModstamp" < ?'
        )
        rows = call.world.tuples(sql, (start, end))
    earliest = call.world.clock.now() - CHANGES_KEPT
    return answer(
        {
            "deletedRecords": [{"deletedDate": wire_datetime(row[1]), "id": row[0]} for row in rows],
            "earliestDateAvailable": wire_datetime(stored_datetime(earliest)),
            "latestDateCovered": wire_datetime(end),
        }
    )


def _span(call: Call) -> tuple[str, str]:
    """Start and end without seconds, within the thirty days that the vendor keeps."""
    start, end = (_moment(call.required(name)) for name in ("start", "end"))
    if start < call.world.clock.now() - CHANGES_KEPT:
        raise SalesforceError(400, "INVALID_REPLICATION_DATE", "startDate before org replication enabled date")
    if end <= start:
        raise SalesforceError(400, "INVALID_REPLICATION_DATE", "endDate must be at least one minute after startDate")
    covered = min(end, call.world.clock.now().replace(second=0, microsecond=0))
    return stored_datetime(start), stored_datetime(max(covered, start))


def _moment(text: str) -> datetime:
    try:
        # an unescaped + of the offset arrives as a blank
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise SalesforceError(400, "INVALID_REPLICATION_DATE", f"invalid date: {text}") from error
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.replace(second=0, microsecond=0)
