"""Recorded traffic of real orgs through the client: what was answered then is understood now, and sent alike."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
import yaml
from responses import matchers

from connector.clients.salesforce import SalesforceClient

DATA = Path(__file__).parents[3] / ".." / "shared" / "data"
RECORDED = DATA / "recorded" / "salesforce"
DESCRIBES = DATA / "describes"
INSTANCE = "https://orgname.my.salesforce.com"
VERSION = "/services/data/v66.0"

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded traffic in ../shared/data is not there")

Make = Callable[..., SalesforceClient]
Exchange = dict[str, Any]


def exchanges(part: str, method: str | None = None) -> list[Any]:
    """Every different recorded exchange whose path holds `part`, as a test parameter named by its file."""
    seen = set()
    found = []
    for path in sorted(RECORDED.glob("*.yaml")):
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for exchange in document.get("interactions", [document]):
            request = exchange.get("request")
            if not request or part not in request["uri"] or method not in {None, request["method"]}:
                continue
            key = (request["method"], request["uri"], str(request["body"]))
            if key not in seen:
                seen.add(key)
                found.append(pytest.param(exchange, id=f"{path.stem}-{len(seen)}"))
    return found


def replay(vendor: responses.RequestsMock, exchange: Exchange, *, match: tuple[Any, ...] = ()) -> None:
    """Answers as recorded, in our API version and without the query, which `match` looks at."""
    request, response = exchange["request"], exchange["response"]
    path = VERSION + urlsplit(request["uri"]).path.partition(".0")[2]
    vendor.add(
        request["method"],
        INSTANCE + path,
        body=response["body"]["string"],
        status=response["status"]["code"],
        content_type="application/json;charset=UTF-8",
        match=match,
    )


@pytest.mark.parametrize("exchange", exchanges("/describe"))
def test_a_recorded_describe_is_understood(
    vendor: responses.RequestsMock, salesforce: Make, exchange: Exchange
) -> None:
    """Every field of a real describe comes through with its type and permissions."""
    replay(vendor, exchange)
    answer = json.loads(exchange["response"]["body"]["string"])
    description = salesforce(instance_url=INSTANCE).describe(answer["name"])
    assert description.key_prefix == answer.get("keyPrefix")
    assert list(description.fields) == [field["name"] for field in answer["fields"]]
    for field in answer["fields"]:
        found = description.fields[field["name"]]
        assert (found.type, found.createable, found.filterable, found.reference_to) == (
            field["type"],
            field["createable"],
            field["filterable"],
            tuple(field["referenceTo"]),
        )


@pytest.mark.parametrize("exchange", exchanges("/query/?q="))
def test_a_recorded_query_gives_its_rows(vendor: responses.RequestsMock, salesforce: Make, exchange: Exchange) -> None:
    """The query text goes out as it was sent then, and all rows come back, sub-queries and relationships included."""
    soql = parse_qs(urlsplit(exchange["request"]["uri"]).query)["q"][0]
    replay(vendor, exchange, match=(matchers.query_param_matcher({"q": soql}),))
    answer = json.loads(exchange["response"]["body"]["string"])
    assert [row for page in salesforce(instance_url=INSTANCE).query(soql) for row in page] == answer["records"]


@pytest.mark.parametrize(
    "exchange", [*exchanges("/composite/sobjects", "POST"), *exchanges("/composite/sobjects", "PATCH")]
)
def test_a_recorded_collection_is_sent_and_answered_alike(
    vendor: responses.RequestsMock, salesforce: Make, exchange: Exchange
) -> None:
    """Create, update and upsert send the body that was recorded and read each row's id, success and `created`."""
    sent = json.loads(exchange["request"]["body"])
    replay(vendor, exchange, match=(matchers.json_params_matcher(sent),))
    object_ = sent["records"][0]["attributes"]["type"]
    records = [{name: value for name, value in row.items() if name != "attributes"} for row in sent["records"]]
    client = salesforce(instance_url=INSTANCE)
    external_id = urlsplit(exchange["request"]["uri"]).path.partition("/composite/sobjects")[2].split("/")[2:]
    if external_id:
        results = client.upsert(object_, external_id[0], records)
    elif exchange["request"]["method"] == "POST":
        results = client.create(object_, records)
    else:
        results = client.update(object_, records)
    answered = json.loads(exchange["response"]["body"]["string"])
    assert [(result.id, result.success, result.created) for result in results] == [
        (row["id"], row["success"], row.get("created")) for row in answered
    ]


@pytest.mark.parametrize("path", sorted(DESCRIBES.glob("*.json")), ids=lambda path: path.stem)
def test_a_real_orgs_describe_is_understood(vendor: responses.RequestsMock, salesforce: Make, path: Path) -> None:
    """Describes that were cut down to what a project needed lack keys; what is there is read."""
    answer = json.loads(path.read_text(encoding="utf-8"))
    vendor.get(f"{INSTANCE}{VERSION}/sobjects/{path.stem}/describe", json=answer)
    description = salesforce(instance_url=INSTANCE).describe(path.stem)
    assert description.name == path.stem
    assert set(description.fields) == {field["name"] for field in answer["fields"]}
