"""Recorded traffic of real orgs through the client: what was answered then is understood now, and sent alike.

Every recorded exchange whose operation the client has is replayed; the table says why the others are not.
"""

import json
from typing import Any

import pytest
import responses
from recordings import DESCRIBES, Exchange, needs_recordings
from recordings import salesforce as recorded
from replaying import INSTANCE, by_operation, unexplained
from responses import matchers

from connector.clients.salesforce import SalesforceClient

VERSION = "/services/data/v66.0"

pytestmark = needs_recordings


def address(exchange: Exchange) -> str:
    """Where the client would ask today: the same resource in our version of the API."""
    return INSTANCE + (exchange.path if "/async/" in exchange.path else VERSION + exchange.resource)


OURS = by_operation("salesforce", [(one, address(one)) for one in recorded()])
REPLAYED = {"describe", "query", "create", "update", "upsert"}
NOT_OURS = {
    r"\w+ /*/services/async/.*": "the older bulk API (1.0, XML and its templates); the client speaks Bulk 2.0",
    r"GET /sobjects": "the list of all objects: the client asks for those that a mapping names",
    r"GET /sobjects/Organization/\w+": "a single record by id: the client reads by query, or many at a time",
    r"GET /limits/recordCount": "a count that may be days old: the client counts by query",
    r"POST /sobjects/Account/": "a single creation, which answers one object: the client writes collections",
}


def replay(vendor: responses.RequestsMock, exchange: Exchange, *match: Any) -> None:
    """Answers as recorded; `match` looks at what is sent."""
    vendor.add(
        exchange.method,
        address(exchange),
        body=exchange.text,
        status=exchange.status,
        content_type=exchange.headers["Content-Type"],
        match=match,
    )


def test_every_recorded_exchange_is_replayed_or_said_not_to_be_ours() -> None:
    """No operation of the client goes without its recordings, and no reason outlives the recording it is for."""
    assert set(OURS) - {None} == REPLAYED
    assert not unexplained(OURS[None], NOT_OURS)


@pytest.mark.parametrize("exchange", OURS["describe"], ids=str)
def test_a_recorded_describe_is_understood(
    vendor: responses.RequestsMock, salesforce: SalesforceClient, exchange: Exchange
) -> None:
    """Every field of a real describe comes through with its type and permissions."""
    replay(vendor, exchange)
    description = salesforce.describe(exchange.answer["name"])
    assert description.key_prefix == exchange.answer.get("keyPrefix")
    assert list(description.fields) == [field["name"] for field in exchange.answer["fields"]]
    for field in exchange.answer["fields"]:
        found = description.fields[field["name"]]
        assert (found.type, found.createable, found.filterable, found.unique, found.reference_to) == (
            field["type"],
            field["createable"],
            field["filterable"],
            field["unique"],
            tuple(field["referenceTo"]),
        )


@pytest.mark.parametrize("exchange", OURS["query"], ids=str)
def test_a_recorded_query_gives_its_rows(
    vendor: responses.RequestsMock, salesforce: SalesforceClient, exchange: Exchange
) -> None:
    """The query goes out as it was sent then, and all rows come back: sub-queries, aggregates and relationships too."""
    soql = exchange.query["q"]
    replay(vendor, exchange, matchers.query_param_matcher({"q": soql}))
    assert [row for page in salesforce.query(soql) for row in page] == exchange.answer["records"]


@pytest.mark.parametrize("exchange", [*OURS["create"], *OURS["update"], *OURS["upsert"]], ids=str)
def test_a_recorded_collection_is_sent_and_answered_alike(
    vendor: responses.RequestsMock, salesforce: SalesforceClient, exchange: Exchange
) -> None:
    """Create, update and upsert send the body that was recorded and read each row's id, success and `created`."""
    replay(vendor, exchange, matchers.json_params_matcher(exchange.sent))
    rows = exchange.sent["records"]
    object_ = rows[0]["attributes"]["type"]
    records = [{name: value for name, value in row.items() if name != "attributes"} for row in rows]
    if exchange in OURS["upsert"]:
        results = salesforce.upsert(object_, exchange.path.rpartition("/")[2], records)
    elif exchange in OURS["create"]:
        results = salesforce.create(object_, records)
    else:
        results = salesforce.update(object_, records)
    assert [(result.id, result.success, result.created) for result in results] == [
        (row["id"], row["success"], row.get("created")) for row in exchange.answer
    ]


@pytest.mark.parametrize("path", sorted(DESCRIBES.glob("*.json")), ids=lambda path: path.stem)
def test_a_real_orgs_describe_is_understood(
    vendor: responses.RequestsMock, salesforce: SalesforceClient, path: Any
) -> None:
    """Describes that were cut down to what a project needed lack keys; what is there is read."""
    answer = json.loads(path.read_text(encoding="utf-8"))
    vendor.get(f"{INSTANCE}{VERSION}/sobjects/{path.stem}/describe", json=answer)
    description = salesforce.describe(path.stem)
    assert description.name == path.stem
    assert {name: field.type for name, field in description.fields.items()} == {
        field["name"]: field["type"] for field in answer["fields"]
    }
