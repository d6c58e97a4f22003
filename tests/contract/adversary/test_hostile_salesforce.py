"""Salesforce with faults and freedoms of its own: pages, writes and sign-ins as no documentation promises them."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from expect import error_of, lost, outcome_of
from hostile_server import Answer, Asked, HostileServer, Raw, as_json, in_turn, page_of_html
from pydantic import SecretStr

from connector.clients.errors import AnswerLost, Refused
from connector.model.errors import ConfigurationError, OkoshiError, RetryLater, StopSync

Make = Callable[..., Any]

TASK = [{"Subject": "x"}]
SOQL = "SELECT Id FROM Contact"
APP = {
    "auth": "client_credentials",
    "session_id": None,
    "client_id": "3MVG9.app",
    "client_secret": SecretStr("secret-token-of-ours"),
}


def page(*ids: str, following: str | None = None, **more: Any) -> Answer:
    """A page of a query."""
    told = {"totalSize": 5, "done": following is None, "records": [{"Id": one} for one in ids], **more}
    return as_json(told if following is None else {**told, "nextRecordsUrl": following})


def ids(client: Any) -> list[str]:
    return [row["Id"] for page_ in client.query(SOQL) for row in page_]


def fault(code: Any, message: Any = "secret-of-the-vendor", status: int = 400, **more: Any) -> Answer:
    return as_json([{"errorCode": code, "message": message, **more}], status)


NEXT = "/services/data/v66.0/query/01gA-2000"


def test_pages_may_be_small_empty_repeated_and_elsewhere(server: HostileServer, salesforce: Make) -> None:
    """Few rows, none at all, the same twice, a wrong total, an absolute address, another version: all rows arrive."""
    server.answers(
        page("1", following=NEXT),
        page(following=f"{server.url}/services/data/v66.0/query/01gA-4000"),
        page("1", "2", following="/services/data/v59.0/query/01gA-6000", totalSize=0),
        page("3", following="/services/data/v66.0/queryAll/01gA-8000", done="false"),
        page("4", nextRecordsUrl=None, size=1, queryLocator=None),
    )
    assert ids(salesforce()) == ["1", "1", "2", "3", "4"]
    assert [one.path.rpartition("/")[2] for one in server.asked[1:]] == [f"01gA-{n}000" for n in (2, 4, 6, 8)]


@pytest.mark.parametrize(
    "second",
    [
        page("2", following=NEXT),
        page("2", done=False),
        page("2", following="https://evil.example/services/data/v66.0/query/01gA-1"),
        page("2", following="/services/data/v66.0/sobjects/Task"),
        page("2", following="http://["),
        page("2", following="../../secret"),
        as_json({"totalSize": 5, "done": True}),
        as_json({"totalSize": 5, "done": True, "records": None}),
        as_json({"totalSize": 5, "done": True, "records": ["x"]}),
        as_json([{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}], 400),
    ],
)
def test_a_reading_that_leads_nowhere_is_for_later(server: HostileServer, salesforce: Make, second: Answer) -> None:
    """Circles, addresses of no use and pages without a word of rows: never an end that looks like the last page."""
    server.answers(page("1", following=NEXT), second)
    assert type(error_of(lambda: ids(salesforce()))) is RetryLater
    assert len(server.asked) <= 3


def test_empty_pages_without_an_end_are_given_up(server: HostileServer, salesforce: Make) -> None:
    """Each with another locator, for ever."""
    server.script = lambda _: page(following=f"/services/data/v66.0/query/01g-{len(server.asked)}")
    assert type(error_of(lambda: ids(salesforce()))) is RetryLater
    assert len(server.asked) < 150


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            fault("INVALID_FIELD", "No such column 'X__c' on entity 'Contact'", extendedErrorDetails={}),
            ConfigurationError,
        ),
        (fault("invalid_field", None), ConfigurationError),
        (as_json({"errorCode": "MALFORMED_QUERY", "message": "secret-of-the-vendor"}, 400), ConfigurationError),
        (as_json([{"errorCode": "INVALID_TYPE"}], 400), ConfigurationError),
        (fault("API_DISABLED_FOR_ORG", status=403), ConfigurationError),
        (fault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403), StopSync),
        (fault("request_limit_exceeded", None, 403), StopSync),
        (fault("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.", 403), RetryLater),
        (fault("QUERY_TIMEOUT"), RetryLater),
        (fault("SERVER_UNAVAILABLE", status=503), RetryLater),
        (fault("UNABLE_TO_LOCK_ROW", status=500), RetryLater),
        (fault("a text with secret-of-the-vendor 山田"), Refused),
        (fault({"x": "secret-of-the-vendor"}), Refused),
        (as_json([], 400), Refused),
        (as_json(["https://a", "https://b"], 300), Refused),
        (page_of_html(401), ConfigurationError),
        (fault("INVALID_SESSION_ID", status=401), ConfigurationError),
        (fault("INVALID_SESSION_ID", status=403), ConfigurationError),
        (page_of_html(403), RetryLater),
        (page_of_html(404), RetryLater),
        (page_of_html(406), RetryLater),
        (as_json([], 420), RetryLater),
        (Answer(b"", 429), RetryLater),
        (page_of_html(503), RetryLater),
        (Answer(b"", 302, headers=[("Location", "/login?secret-of-the-vendor")]), ConfigurationError),
    ],
)
def test_each_refusal_of_a_reading_is_one_of_ours(
    server: HostileServer, salesforce: Make, waits: list[float], answer: Answer, expected: type[OkoshiError]
) -> None:
    """By code or status, in any case and shape, and without a word of the vendor's text."""
    server.answers(answer)
    assert type(error_of(lambda: ids(salesforce()))) is expected
    assert len(server.asked) < 100
    assert sum(waits) <= 60


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (as_json([{"id": "00T000000000001", "success": True}]), ("00T000000000001EAA", True)),
        (as_json([{"id": "00T000000000001AAA", "success": "true", "errors": None}]), ("00T000000000001AAA", True)),
        (as_json([{"id": "00T000000000001AAA", "success": True, "errors": []}], 201), ("00T000000000001AAA", True)),
        (as_json([{"id": None, "success": True, "errors": []}]), "lost"),
        (as_json([{"success": "true"}]), "lost"),
        (as_json([{"id": "00T000000000001AAA"}]), "lost"),
        (as_json([{"success": False, "errors": []}]), "lost"),
        (as_json([{"success": "false", "errors": [{"message": "no"}]}]), "UNKNOWN_EXCEPTION"),
        (as_json([{"success": False, "errors": {"errorCode": "required_field_missing"}}]), "REQUIRED_FIELD_MISSING"),
        (as_json([{"success": False, "errors": "no"}]), "UNKNOWN_EXCEPTION"),
        (as_json([{"success": False, "errors": ["no", None, 5]}]), "UNKNOWN_EXCEPTION"),
        (as_json([{"success": False, "errors": [{"statusCode": "X", "fields": "Name"}]}]), "X"),
        (as_json([{"success": False, "errors": [{"statusCode": "X", "duplicateResult": {"matchResults": [5]}}]}]), "X"),
        (as_json([{"success": False, "errors": [{"statusCode": "X", "duplicateResult": {"matchResults": 5}}]}]), "X"),
        (as_json([]), AnswerLost),
        (as_json([{"id": "1", "success": True}] * 2), AnswerLost),
        (as_json({"id": "1", "success": True}), AnswerLost),
        (as_json({"hasErrors": False, "results": [{"id": "1"}]}), AnswerLost),
        (as_json([None]), AnswerLost),
        (Answer(b"", 204), AnswerLost),
        (Answer(b"", 200), AnswerLost),
        (Answer(b"true"), AnswerLost),
        (page_of_html(503), AnswerLost),
        (fault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403), StopSync),
        (fault("INSUFFICIENT_ACCESS", status=403), ConfigurationError),
        (fault("STORAGE_LIMIT_EXCEEDED", status=403), StopSync),
    ],
)
def test_each_answer_to_a_creation(server: HostileServer, salesforce: Make, answer: Answer, expected: object) -> None:
    """Done only with an id and a clear yes; refused only with a reason; all else is looked up. One request each."""
    server.answers(answer)
    found = outcome_of(lambda: salesforce().create("Task", TASK))
    assert len(server.asked) == 1
    if not isinstance(found, list):
        assert found is expected
        return
    (row,) = found
    if expected == "lost":
        assert (row.success, bool(row.lost)) == (False, True)
    elif isinstance(expected, str):
        assert (row.success, row.lost, row.errors[0].code) == (False, None, expected)
    else:
        assert (row.id, row.success) == expected


def test_locked_rows_and_a_lost_second_try(server: HostileServer, salesforce: Make) -> None:
    """Only locked rows go again; where their second answer is lost, the first ones' results stay."""
    locked = {"success": False, "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "x"}]}
    done = {"id": "00T000000000001AAA", "success": True, "errors": []}
    server.answers(as_json([done, locked]), Raw())
    first, second = salesforce().update("Task", [{"Id": "a"}, {"Id": "b"}])
    assert first.success
    assert second.lost
    assert [row["Id"] for row in server.asked[1].json()["records"]] == ["b"]
    assert len(server.asked) == 2


def test_a_describe_may_hold_anything(server: HostileServer, salesforce: Make) -> None:
    """Two thousand fields, types nobody knows, members that are missing or null: what has a name is there."""
    odd = [{"name": "A"}, {"type": "string"}, {"name": "B", "type": "vector", "length": "9", "referenceTo": None}, 5]
    many = [{"name": f"F{number}__c", "type": "string", "length": 255} for number in range(2_000)]
    server.answers(as_json({"fields": [*odd, *many], "keyPrefix": None, "childRelationships": [{}] * 500}))
    described = salesforce().describe("Contact")
    assert len(described.fields) == 2_002
    assert (described.fields["B"].type, described.fields["B"].length, described.name) == ("vector", 0, "Contact")


@pytest.mark.parametrize("answer", [{"name": "Contact"}, {"fields": None}, {"fields": []}, {"fields": {"Id": {}}}])
def test_a_describe_without_fields_is_no_object_without_fields(
    server: HostileServer, salesforce: Make, answer: Any
) -> None:
    """Else all that is mapped would be told as missing."""
    server.answers(as_json(answer))
    assert type(error_of(lambda: salesforce().describe("Contact"))) is RetryLater


@pytest.mark.parametrize("rows", [[None], [{"Id": "1"}] * 3, ["x", "y"], {"records": []}])
def test_records_that_do_not_line_up_are_no_answer(server: HostileServer, salesforce: Make, rows: Any) -> None:
    """Retrieved rows are told apart by their place alone."""
    server.answers(as_json(rows))
    assert type(error_of(lambda: salesforce().retrieve("Task", ["1", "2"], ["Id"]))) is RetryLater


def test_the_orgs_count_is_found_among_others(server: HostileServer, salesforce: Make) -> None:
    """An app's own limit stands beside the org's, before or after it."""
    client = salesforce()
    for header in ("per-app-api-usage=17/250(appName=x); api-usage=18/5000", "api-usage=19/5000,per-app-api-usage=2/3"):
        server.answers(as_json({"totalSize": 0, "done": True, "records": []}, headers=[("sforce-limit-info", header)]))
        client.check()
    assert (client.usage.used, client.usage.limit) == (19, 5000)


def token(value: Any, **more: Any) -> Answer:
    return as_json({"access_token": value, "instance_url": "https://x", "token_type": "Bearer", **more})


def org(*tokens: Answer | Raw, good: str = "T1") -> Callable[[Asked], Answer | Raw]:
    """An org that accepts one token, and answers its token endpoint in turn."""
    issue = in_turn(*tokens)

    def script(asked: Asked) -> Answer | Raw:
        if asked.path.endswith("/token"):
            return issue(asked)
        if asked.headers.get("authorization") != f"Bearer {good}":
            return fault("INVALID_SESSION_ID", status=401)
        return page("1")

    return script


@pytest.mark.parametrize(
    "first",
    [
        token("T1", id="https://x", scope=None, signature="s", sfdc_community_url=[]),
        as_json({"access_token": "T1"}),
        as_json({"access_token": "T1", "instance_url": None}),
        token("T1", framing="chunked", content_type="text/plain"),
    ],
)
def test_a_token_is_all_that_is_wanted(server: HostileServer, salesforce: Make, first: Answer) -> None:
    """What else stands in the answer, or does not, is no matter."""
    server.script = org(first)
    assert ids(salesforce(**APP)) == ["1"]


@pytest.mark.parametrize(
    "trouble", [page_of_html(503), Answer(b"", 500), Raw(), as_json({"error": "unknown_error"}, 400)]
)
def test_a_token_endpoint_in_trouble_is_asked_again(
    server: HostileServer, salesforce: Make, trouble: Answer | Raw
) -> None:
    """Signing in writes nothing."""
    server.script = org(trouble, trouble, token("T1"))
    assert ids(salesforce(**APP)) == ["1"]
    assert len(server.paths("token")) == 3


@pytest.mark.parametrize(
    "answer",
    [
        as_json({"error": "invalid_grant", "error_description": "assertion expired secret-of-the-vendor"}, 400),
        as_json({"error": "INVALID_CLIENT"}, 401),
        as_json({"error": {"x": "secret-of-the-vendor"}}, 400),
        as_json([{"errorCode": "X"}], 400),
        as_json({}),
        as_json({"access_token": None}),
        as_json({"access_token": {"x": 1}}),
        token("T1\r\nX-Evil: secret-of-the-vendor"),
        token("秘密"),
        Answer(b"", 302, headers=[("Location", "https://login.example/")]),
    ],
)
def test_a_refused_sign_in_asks_a_person(server: HostileServer, salesforce: Make, answer: Answer) -> None:
    """Once: an account must not be locked by repetition, and nothing but the token endpoint is asked."""
    server.script = org(answer)
    assert type(error_of(lambda: ids(salesforce(**APP)))) is ConfigurationError
    assert server.paths() == ["POST /services/oauth2/token"]


def together(number: int, act: Callable[[], Any]) -> list[Any]:
    """What `act` answers in each of some threads that begin at once."""
    begin = threading.Barrier(number, timeout=10)
    found: list[Any] = []

    def run() -> None:
        begin.wait()
        found.append(outcome_of(act))

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def test_eight_threads_sign_in_once(server: HostileServer, salesforce: Make) -> None:
    """At the beginning, and when their session ends under all of them: exactly one token request each time."""
    server.script = org(token("T1"))
    client = salesforce(**APP)
    assert together(8, lambda: ids(client)) == [["1"]] * 8
    assert len(server.paths("token")) == 1
    server.script = org(token("T2"), good="T2")
    assert together(8, lambda: ids(client)) == [["1"]] * 8
    assert len(server.paths("token")) == 2


def test_eight_threads_fail_to_sign_in_once(server: HostileServer, salesforce: Make) -> None:
    """One refusal is enough for all who waited for it; a later call tries again."""

    def script(asked: Asked) -> Answer:
        time.sleep(0.3)
        return as_json({"error": "invalid_grant"}, 400)

    server.script = script
    client = salesforce(**APP)
    assert together(8, lambda: ids(client)) == [ConfigurationError] * 8
    assert len(server.paths("token")) == 1
    server.script = org(token("T1"))
    assert ids(client) == ["1"]


def test_a_write_whose_session_ended_goes_once_more(server: HostileServer, salesforce: Make) -> None:
    """A 401, whatever its body, proves that nothing was written; a second one is not followed by a third try."""

    def script(asked: Asked) -> Answer:
        if asked.path.endswith("/token"):
            return token(f"T{len(server.paths('token'))}")
        return page_of_html(401)

    server.script = script
    error = error_of(lambda: salesforce(**APP).create("Task", TASK))
    assert type(error) is ConfigurationError
    assert len(server.paths("composite")) == 2
    assert len(server.paths("token")) == 2


def test_a_body_of_ours_is_whole_when_it_goes_again(server: HostileServer, salesforce: Make) -> None:
    """What is repeated after a 429 is the same write, to the last byte."""
    done = as_json([{"id": "00T000000000001AAA", "success": True}])
    server.answers(Answer(b"", 429), done)
    assert salesforce().create("Task", [{"Subject": "件名"}])[0].success
    first, second = server.asked
    assert first.body == second.body
    assert json.loads(second.body)["records"][0]["Subject"] == "件名"
    server.answers(Raw())
    lost(lambda: salesforce().create("Task", TASK))
