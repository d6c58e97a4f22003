"""HubSpot with faults and freedoms of its own: limits, pages, batches and links as no specification promises them."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from expect import error_of, outcome_of
from hostile_server import Answer, HostileServer, Raw, as_json, page_of_html

from connector.clients.errors import AnswerLost, Refused
from connector.model.errors import ConfigurationError, OkoshiError, RetryLater, StopSync

Make = Callable[..., Any]
PERSON = {"id": "1", "properties": {"email": "a@example.com"}, "archived": False}


def paging(after: Any = None, **more: Any) -> dict[str, Any]:
    return {"paging": {"next": {"after": after, **more}}}


def names(client: Any) -> list[str]:
    return [owner["id"] for owner in client.owners()]


def contacts(client: Any, after: str | None = None) -> Any:
    return client.list_page("contacts", properties=["email"], after=after)


def found(client: Any, **more: Any) -> Any:
    return client.search_page("contacts", filters=(), sort_by="hs_object_id", properties=("email",), **more)


def rows(client: Any, number: int = 2) -> Any:
    inputs = [{"id": str(one), "properties": {"phone": str(one)}} for one in range(1, number + 1)]
    return client.batch_update("contacts", inputs)


@pytest.mark.parametrize(
    ("answer", "expected", "requests"),
    [
        (as_json({"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING", "message": "x"}, 429), None, 2),
        (as_json({"status": "error", "category": "RATE_LIMITS", "correlationId": "x"}, 429), None, 2),
        (as_json({}, 429, headers=[("Retry-After", "10000")]), None, 2),
        (page_of_html(429, headers=[("Retry-After", "2000")]), None, 2),
        (as_json({"policyName": {"x": 1}, "category": ["secret-of-the-vendor"]}, 429), None, 2),
        (as_json({"errorType": "RATE_LIMIT", "policyName": "DAILY"}, 429), StopSync, 1),
        (as_json({"errorType": "RATE_LIMIT", "policyName": "daily", "message": None}, 429), StopSync, 1),
        (as_json({"message": "You have reached your daily limit."}, 429), StopSync, 1),
        (as_json({}, 423), None, 2),
        (page_of_html(423), None, 2),
        (as_json({}, 477, headers=[("Retry-After", "86400")]), RetryLater, 1),
        (page_of_html(477, headers=[("Retry-After", "86400")]), RetryLater, 1),
        (page_of_html(502), None, 2),
        (page_of_html(520), None, 2),
        (as_json({"category": "INTERNAL_ERROR", "message": "secret-of-the-vendor"}, 500), None, 2),
        (
            as_json({"category": "EXPIRED_AUTHENTICATION", "message": "secret-of-the-vendor"}, 401),
            ConfigurationError,
            1,
        ),
        (
            as_json({"category": "MISSING_SCOPES", "context": {"requiredGranularScopes": "x"}}, 403),
            ConfigurationError,
            1,
        ),
        (as_json({"category": "MISSING_SCOPES", "context": {"requiredGranularScopes": 5}}, 403), ConfigurationError, 1),
        (as_json({"context": None, "errors": [None, "x", {"context": {"propertyName": 5}}]}, 400), Refused, 1),
        (as_json({"category": "山田 secret-of-the-vendor", "message": "secret-of-the-vendor"}, 400), Refused, 1),
        (as_json({"category": "CONFLICT", "message": "Contact already exists."}, 409), Refused, 1),
        (as_json({"category": "OBJECT_NOT_FOUND"}, 404), Refused, 1),
        (page_of_html(404), None, 2),
        (Answer(b"", 302, headers=[("Location", "https://app.example/login")]), ConfigurationError, 1),
    ],
)
def test_each_refusal_of_a_reading(
    server: HostileServer,
    hubspot: Make,
    waits: list[float],
    answer: Answer,
    expected: type[OkoshiError] | None,
    requests: int,
) -> None:
    """Waited out where that helps, else one of our errors after one request; 10000 ms are ten seconds, not hours."""
    server.answers(answer, as_json({"results": []}))
    assert outcome_of(hubspot().check) is expected
    assert len(server.asked) == requests
    assert all(wait <= 30 for wait in waits)


@pytest.mark.parametrize(
    ("answer", "expected", "requests"),
    [
        (as_json({"policyName": "SECONDLY"}, 429), None, 2),
        (page_of_html(429), None, 2),
        (as_json({}, 423), None, 2),
        (page_of_html(423), None, 2),
        (as_json({}, 477, headers=[("Retry-After", "86400")]), RetryLater, 1),
        (as_json({"policyName": "DAILY"}, 429), StopSync, 1),
        (page_of_html(400), AnswerLost, 1),
        (page_of_html(502), AnswerLost, 1),
        (as_json({"category": "INTERNAL_ERROR"}, 500), AnswerLost, 1),
        (Answer(b""), AnswerLost, 1),
        (as_json([]), AnswerLost, 1),
        (as_json({"category": "VALIDATION_ERROR", "message": "secret-of-the-vendor"}, 400), Refused, 1),
        (as_json({"category": "CONFLICT"}, 409), Refused, 1),
        (page_of_html(401), ConfigurationError, 1),
    ],
)
def test_each_refusal_of_a_write(
    server: HostileServer, hubspot: Make, answer: Answer, expected: type[OkoshiError] | None, requests: int
) -> None:
    """Sent again only where the answer proves that nothing was done."""
    server.answers(answer, as_json({"status": "COMPLETE", "results": [{"id": "1"}, {"id": "2"}]}))
    given = outcome_of(lambda: rows(hubspot()))
    assert (given if expected else None) is expected
    assert len(server.asked) == requests


def test_pages_by_link_and_by_number(server: HostileServer, hubspot: Make) -> None:
    """Where the next page begins may be a number, stand in the link only, or be told on an empty page."""
    owner = {"email": "x@example.com"}
    server.answers(
        as_json({"results": [{"id": "1", **owner}], **paging(5)}),
        as_json({"results": [], "paging": {"next": {"link": "https://api.example/crm/v3/owners?limit=1&after=b%3D"}}}),
        as_json({"results": [{"id": 2, **owner}], "paging": {"next": {"after": ""}, "prev": {"before": "x"}}}),
        as_json({"results": [{"id": "3", **owner}], "paging": None}),
    )
    assert [str(one) for one in names(hubspot())] == ["1", "2", "3"]
    assert [one.query.get("after") for one in server.asked] == [None, "5", "b=", None]


@pytest.mark.parametrize("circle", [["A"], ["A", "B"], ["A", "B", "C", "A"]])
def test_pages_that_lead_in_circles_end(server: HostileServer, hubspot: Make, circle: list[str]) -> None:
    """Repeated or cyclic places end as an error, never as the last page, nor never."""
    client = hubspot()
    for ask in (
        lambda: names(client),
        lambda: list(client.memberships("7")),
        lambda: list(client.forms()),
        lambda: list(client.events("e_visited_page", datetime(2026, 11, 1, tzinfo=UTC))),
    ):
        before = len(server.asked)
        server.answers(*(as_json({"results": [{"id": "1"}], **paging(one)}) for one in circle * 20))
        assert type(error_of(ask)) is RetryLater
        assert len(server.asked) - before <= len(circle) + 1
    server.answers(as_json({"results": [PERSON], **paging("A")}))
    assert type(error_of(lambda: contacts(client, "A"))) is RetryLater


def test_links_without_an_end_are_given_up(server: HostileServer, hubspot: Make) -> None:
    """The pages of one record's links, too, may lead back."""
    row = {"from": {"id": "1"}, "to": [{"toObjectId": 5}], **paging("A")}
    server.answers(as_json({"status": "COMPLETE", "results": [row]}))
    assert type(error_of(lambda: hubspot().associations("contacts", "companies", ["1"]))) is RetryLater
    assert len(server.asked) == 2


@pytest.mark.parametrize("offset", [0, None, "x", -1, {"a": 1}])
def test_lists_without_an_end_are_given_up(server: HostileServer, hubspot: Make, offset: Any) -> None:
    """More is promised and nothing leads to it."""
    server.answers(as_json({"lists": [{"listId": "1"}], "hasMore": True, "offset": offset}))
    assert type(error_of(lambda: list(hubspot().lists()))) is RetryLater
    assert len(server.asked) <= 2


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"results": None},
        {"results": {"1": {}}},
        {"results": ["1"]},
        {"results": [{"properties": {}}]},
        {"results": [{"id": None, "properties": {}}]},
        {"results": [{"id": "1", "properties": ["email"]}]},
        {"status": "error", "message": "secret-of-the-vendor", "total": 0},
        {"results": [PERSON], "paging": {"next": {"link": "https://["}}},
        {"results": [PERSON], "paging": {"next": {"link": "https://api.example/x?limit=1"}}},
    ],
)
def test_an_unknown_shape_is_not_an_empty_portal(server: HostileServer, hubspot: Make, answer: Any) -> None:
    """Where there is no word of objects, that is for later: else all of them would be taken for gone."""
    server.answers(as_json(answer))
    client = hubspot()
    for ask in (lambda: contacts(client), lambda: found(client)):
        assert type(error_of(ask)) is RetryLater


def test_objects_may_be_dressed_otherwise(server: HostileServer, hubspot: Make) -> None:
    """Ids that are numbers, null properties, no total, archived ones: read as what they are."""
    server.answers(as_json({"results": [{"id": 7, "properties": None, "archived": True}], "total": "many"}))
    page = found(hubspot())
    assert (page.results[0]["id"], page.results[0]["properties"], page.total) == ("7", {}, None)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (as_json({"errors": [{"category": "OBJECT_NOT_FOUND", "context": {"ids": ["1"]}}], "numErrors": 1}, 207), []),
        (as_json({"results": None, "errors": [{"subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"}]}, 207), []),
        (as_json({"results": [], "errors": None}), []),
        (as_json({"results": [PERSON], "errors": [{"category": "VALIDATION_ERROR"}]}, 207), Refused),
        (as_json({"errors": [{"category": {"x": "secret-of-the-vendor"}, "subCategory": ["x"]}]}, 207), Refused),
        (as_json({"errors": "secret-of-the-vendor", "results": []}, 207), Refused),
        (as_json({"errors": [None], "results": []}, 207), Refused),
        (as_json({"status": "PENDING", "results": []}, 202), RetryLater),
        (as_json({"status": "PROCESSING"}), RetryLater),
        (as_json({}, 207), RetryLater),
    ],
)
def test_each_answer_to_a_batch_read(server: HostileServer, hubspot: Make, answer: Answer, expected: Any) -> None:
    """Absence is only what the vendor calls absence: a look-up that believes too much makes doubles."""
    server.answers(answer)
    assert outcome_of(lambda: hubspot().batch_read("contacts", ["1"], ["email"])) == expected
    links = outcome_of(lambda: hubspot().associations("contacts", "companies", ["1"]))
    assert links in ({"1": []}, RetryLater, Refused)
    assert (links == {"1": []}) == (expected == [])


def test_links_come_in_many_shapes(server: HostileServer, hubspot: Make) -> None:
    """Grouped or in pairs, numbers or text, over several pages, twice the same."""
    server.answers(
        as_json({"results": [{"from": {"id": 1}, "to": [{"toObjectId": 5}, {"toObjectId": "6"}], **paging("A")}]}),
        as_json({"results": [{"from": {"id": "1"}, "to": [{"toObjectId": 6}]}, {"fromObjectId": 2, "toObjectId": 9}]}),
    )
    assert hubspot().associations("contacts", "companies", ["1", "2"]) == {"1": ["5", "6"], "2": ["9"]}
    assert server.asked[1].json() == {"inputs": [{"id": "1", "after": "A"}]}


@pytest.mark.parametrize(
    "row", [{"from": None, "to": []}, {"from": {"id": "1"}, "to": None}, {"to": [{"id": "5"}]}, {}]
)
def test_a_link_of_an_unknown_shape_is_for_later(server: HostileServer, hubspot: Make, row: Any) -> None:
    """Rather than no link."""
    server.answers(as_json({"results": [row]}))
    assert type(error_of(lambda: hubspot().associations("contacts", "companies", ["1"]))) is RetryLater


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (as_json({"results": [{"id": 2}, {"id": 1}]}), ["done", "done"]),
        (as_json({"status": "COMPLETE", "results": [{"id": "2", "properties": None}]}), ["unknown", "done"]),
        (as_json({"results": [{"id": "2"}], "errors": [{"context": {"ids": [1]}}]}, 207), ["refused", "done"]),
        (
            as_json({"results": [{"id": "1"}], "errors": [{"context": {"objectWriteTraceId": "1"}}]}, 207),
            ["done", "refused"],
        ),
        (
            as_json(
                {"results": [{"id": "1"}], "errors": [{"context": None, "errors": [None, 5], "message": None}]}, 207
            ),
            ["done", "refused"],
        ),
        (as_json({"errors": [None, "x"], "results": [None, 5, []], "numErrors": 2}, 207), ["unknown", "unknown"]),
        (as_json({}, 207), ["unknown", "unknown"]),
        (as_json({"status": "PENDING", "results": [], "links": {}}, 201), ["unknown", "unknown"]),
        (as_json({"results": None, "errors": None}), ["unknown", "unknown"]),
        (as_json({"results": [{"id": "99"}, {"id": "98"}]}), ["unknown", "unknown"]),
        (as_json({"results": [{"id": "1"}, {"id": "1"}, {"id": "2"}, {"id": "3"}]}), ["done", "done"]),
        (Answer(b"", 204, content_type=None), ["unknown", "unknown"]),
    ],
)
def test_each_answer_to_a_batch_write(
    server: HostileServer, hubspot: Make, answer: Answer, expected: list[str]
) -> None:
    """A row is done or refused only where the answer names it; what it passes over is looked up."""
    server.answers(answer)
    fates = ["unknown" if not row.answered else "done" if row.success else "refused" for row in rows(hubspot())]
    assert fates == expected
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "answer", [{"recordsIdsAdded": ["1"]}, {"recordIdsAdded": [1]}, {"recordIdsMissing": None}, {}]
)
def test_both_spellings_of_memberships(server: HostileServer, hubspot: Make, answer: Any) -> None:
    """Joining is idempotent, so no word of a record is no harm."""
    server.answers(as_json(answer))
    assert hubspot().join_list("7", ["1"]).added <= {"1"}
    server.answers(as_json({"recordIdsAdded": "12", "recordIdsMissing": {"1": 1}}))
    assert hubspot().join_list("7", ["1"]).missing == frozenset()


@pytest.mark.parametrize("write", ["join_list", "archive", "associate"])
def test_an_empty_200_after_a_write_is_lost(server: HostileServer, hubspot: Make, write: str) -> None:
    """The vendor answers with JSON or with 204; nothing at all came from somewhere in between."""
    server.answers(Answer(b""))
    client = hubspot()
    act = {
        "join_list": lambda: client.join_list("7", ["1"]),
        "archive": lambda: client.archive("contacts", ["1"]),
        "associate": lambda: client.associate("contacts", "companies", [("1", "2")]),
    }[write]
    assert type(error_of(act)) is AnswerLost
    assert len(server.asked) == 1


@pytest.mark.parametrize("definitions", [[{"type": "string"}, {"name": "email"}], [{"name": "email", "type": None}]])
def test_definitions_may_lack_anything_but_the_name(server: HostileServer, hubspot: Make, definitions: Any) -> None:
    """What has none is no property that anybody could ask for."""
    server.answers(as_json({"results": definitions}))
    assert list(hubspot().properties("contacts")) == ["email"]


def test_a_burst_of_429_is_bounded(server: HostileServer, hubspot: Make, waits: list[float]) -> None:
    """A vendor that says no for ever costs a minute and some dozens of requests."""
    server.answers(as_json({"category": "RATE_LIMITS"}, 429))
    started = time.monotonic()
    assert type(error_of(hubspot().check)) is RetryLater
    assert sum(waits) <= 60
    assert len(server.asked) <= 61
    assert time.monotonic() - started < 20
    server.answers(Raw())
    assert type(error_of(lambda: rows(hubspot()))) is AnswerLost
