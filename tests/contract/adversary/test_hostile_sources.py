"""Sources against servers that page badly: they end, they keep every row, and what they cannot read they say."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from expect import outcome_of
from hostile_server import Answer, Asked, HostileServer, Raw, as_json

from connector.mapping.schema import Mappings
from connector.model.errors import RetryLater
from connector.sources.hubspot import HubSpotSource
from connector.sources.salesforce import SalesforceSource

Make = Callable[..., Any]
NOW = datetime(2026, 11, 18, tzinfo=UTC)
STAMP = "2026-11-17T01:00:00.000Z"
MAPPINGS = Mappings.model_validate(
    {
        "hubspot": {"objects": {"contacts": {"kind": "person", "fields": {"name": "lastname"}}}},
        "salesforce": {"objects": {"Contact": {"kind": "person", "fields": {"name": "LastName"}}}},
    }
)


def person(number: Any, **more: Any) -> dict[str, Any]:
    properties = {"lastname": "山田", "lastmodifieddate": STAMP}
    return {"id": number, "properties": properties, "createdAt": STAMP, "updatedAt": STAMP, **more}


def portal(*pages: Any, search: Any) -> Callable[[Asked], Answer | Raw]:
    """A portal whose list gives these pages in turn, the last one for ever, and each search the same answer."""
    left = list(pages)

    def script(asked: Asked) -> Answer | Raw:
        if "/properties/" in asked.path:
            names = ("lastname", "lastmodifieddate")
            return as_json({"results": [{"name": name, "type": "string"} for name in names]})
        if asked.path.endswith("/search"):
            return as_json(search)
        return as_json(left.pop(0) if len(left) > 1 else left[0])

    return script


def read(source: Any, stream: str, cursor: str | None = None) -> tuple[list[str], str | None]:
    """The ids of all records, and the last cursor."""
    ids = []
    for batch in source.read(stream, cursor, NOW):
        ids += [record.ref.id for record in batch.records]
        cursor = batch.cursor or cursor
        assert len(ids) < 1_000
    return ids, cursor


def following(after: str) -> dict[str, Any]:
    return {"paging": {"next": {"after": after}}}


def test_a_portal_with_freedoms_is_read_whole(server: HostileServer, hubspot: Make) -> None:
    """Numbers as ids, an empty page in between, the same object twice, a null modification: all are there."""
    server.script = portal(
        {"results": [person(1), person("2")], **following("2")},
        {"results": [], **following("3")},
        {"results": [person("2"), person("3", associations=None), person("4", archived=True)]},
        search={"results": [person("3")]},
    )
    ids, cursor = read(HubSpotSource(hubspot(), MAPPINGS), "contacts")
    assert ids == ["1", "2", "2", "3", "4"]
    assert cursor


@pytest.mark.parametrize(
    "pages",
    [
        [{"results": [person("1")], **following("A")}],
        [{"results": [person("1")], **following("A")}, {"results": [person("2")], **following("B")}] * 40,
        [{"results": [person("1")]} | following("A"), {"results": None}],
        [{"results": [person("1")]} | following("A"), {"results": [{"properties": {}}]}],
        [{"results": [person("1", associations={"companies": {"results": None}})]}],
    ],
)
def test_a_portal_that_leads_nowhere_is_for_later(server: HostileServer, hubspot: Make, pages: list[Any]) -> None:
    """Circles and unknown shapes end the reading as an error, so that its cursor stays."""
    server.script = portal(*pages, search={"results": []})
    assert outcome_of(lambda: read(HubSpotSource(hubspot(), MAPPINGS), "contacts")) is RetryLater
    assert len(server.asked) < 10


@pytest.mark.parametrize("number", ["7", "x7"])
def test_a_search_that_stands_still_is_given_up(server: HostileServer, hubspot: Make, number: str) -> None:
    """It promises more and answers the same objects, whatever the filter says."""
    first = {"results": [person(number)]}
    server.script = portal({"results": [person("1")]}, search=first)
    source = HubSpotSource(hubspot(), MAPPINGS)
    _, cursor = read(source, "contacts")
    server.script = portal({"results": []}, search={**first, "total": 999, **following("x")})
    before = len(server.asked)
    assert outcome_of(lambda: read(source, "contacts", cursor)) is RetryLater
    assert len(server.asked) - before < 10


def org(*pages: dict[str, Any]) -> Callable[[Asked], Answer | Raw]:
    """An org whose queries give these pages in turn; what it counts is five."""
    left = list(pages)
    names = ("Id", "LastName", "SystemModstamp", "CreatedDate", "IsDeleted")

    def script(asked: Asked) -> Answer | Raw:
        if asked.path.endswith("/describe"):
            return as_json({"fields": [{"name": name, "filterable": True} for name in names]})
        if "COUNT" in asked.query.get("q", ""):
            return as_json({"totalSize": 1, "done": True, "records": [{"counted": 5, "latest": STAMP}]})
        return as_json(left.pop(0) if len(left) > 1 else left[0])

    return script


def row(record_id: Any, **more: Any) -> dict[str, Any]:
    return {
        "Id": record_id,
        "LastName": "山田",
        "SystemModstamp": STAMP,
        "CreatedDate": STAMP,
        "IsDeleted": False,
        **more,
    }


def test_an_org_with_freedoms_is_read_whole(server: HostileServer, salesforce: Make) -> None:
    """Short ids, no attributes, an empty page, a record twice: known by their long ids."""
    there = "/services/data/v66.0/query/01g"
    server.script = org(
        {"totalSize": 9, "done": False, "records": [row("003000000000001")], "nextRecordsUrl": f"{there}-1"},
        {"totalSize": 9, "done": False, "records": [], "nextRecordsUrl": f"{there}-2"},
        {
            "totalSize": 9,
            "done": True,
            "records": [row("003000000000001AAA"), row("003000000000002AAA", IsDeleted=True)],
        },
    )
    ids, cursor = read(SalesforceSource(salesforce(), MAPPINGS), "Contact")
    assert ids == ["003000000000001AAA", "003000000000001AAA", "003000000000002AAA"]
    assert cursor


@pytest.mark.parametrize("bad", [{"LastName": "山田"}, row(None), row(""), row(5)])
def test_a_row_without_an_id_is_for_later(server: HostileServer, salesforce: Make, bad: dict[str, Any]) -> None:
    """Nobody could say which record was set aside."""
    server.script = org({"totalSize": 1, "done": True, "records": [bad]})
    assert outcome_of(lambda: read(SalesforceSource(salesforce(), MAPPINGS), "Contact")) is RetryLater
