"""The session on real sockets: what is repeated, what is never repeated, and how failures read."""

import itertools
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from connector.clients.errors import AnswerLost
from connector.clients.guard import ReadOnlyViolation
from connector.clients.hubspot import HubSpotClient
from connector.clients.salesforce import SalesforceClient
from connector.model.errors import ConfigurationError, RetryLater

EMPTY = b'{"totalSize": 0, "done": true, "records": []}'
CREATED = b'[{"id": "00T000000000001AAA", "success": true, "errors": []}]'
TASK = [{"Subject": "x"}]

Make = Callable[..., SalesforceClient]


def connected(make: Make, vendor: Any, **more: object) -> SalesforceClient:
    return make(instance_url=vendor.url, ca_bundle=vendor.ca_bundle, timeout_seconds=0.5, **more)


Trouble = str | tuple[bytes, int, str]
HTML = "text/html"
JSON = "application/json"


def prepare(vendor: Any, first: Trouble, then: bytes) -> None:
    if isinstance(first, str):
        vendor.misbehave(first)
    else:
        vendor.answer(*first)
    vendor.answer(then)


def test_connections_are_kept(loopback: Any, salesforce: Make) -> None:
    """Many calls, reads and writes, use one connection: a TLS handshake a call would double their time."""
    loopback.answer(EMPTY)
    client = connected(salesforce, loopback)
    for _ in range(5):
        client.check()
    loopback.answers.clear()
    loopback.answer(CREATED)
    client.create("Task", TASK)
    assert len(loopback.requests) == 6
    assert len(loopback.connections) == 1


@pytest.mark.parametrize(
    "trouble",
    ["hang_up", "break_off", "stall", (b"<html>", 502, HTML), (b"<html>ok</html>", 200, JSON), (b"", 503, HTML)],
)
def test_a_read_is_repeated(loopback: Any, salesforce: Make, trouble: Trouble, waits: list[float]) -> None:
    """A read whose connection breaks, whose answer is cut short or is no JSON is sent again after a wait."""
    prepare(loopback, trouble, EMPTY)
    connected(salesforce, loopback).check()
    assert len(loopback.requests) == 2
    assert len(waits) == 1


def test_a_table_cut_short_is_asked_for_again(loopback: Any, salesforce: Make, waits: list[float]) -> None:
    """A CSV looks whole wherever it ends: the promised length and the told number of rows say that it is not."""
    table, told = b'"Id"\n"003A"\n"003B"\n', {"Sforce-NumberOfRecords": "2", "Sforce-Locator": "null"}
    loopback.answer(b'{"id": "7505g00000AbCdEAAV", "state": "JobComplete"}')
    loopback.answer(table[:-7], content_type="text/csv", length=len(table), headers=told)
    loopback.answer(table[:-7], content_type="text/csv", headers=told)
    loopback.answer(table, content_type="text/csv", headers=told)
    loopback.answer(b"", 204)
    (page,) = connected(salesforce, loopback).bulk_query("SELECT Id FROM Contact")
    assert [row["Id"] for row in page.records] == ["003A", "003B"]
    assert len(waits) == 2
    assert [one.rpartition("/")[2] for one in loopback.requests[1:4]] == ["results"] * 3


@pytest.mark.parametrize(
    "trouble",
    [
        "hang_up",
        "break_off",
        "stall",
        (b"<html>", 502, HTML),
        (b"<html>ok</html>", 200, JSON),
        (b"[not json]", 200, JSON),
        (b"", 503, HTML),
        (b'[{"errorCode": "SERVER_UNAVAILABLE", "message": "busy"}]', 503, JSON),
        (b"<html>go away</html>", 403, HTML),
        (b"[]", 200, JSON),
    ],
)
def test_a_write_is_never_repeated_when_it_may_have_arrived(
    loopback: Any, salesforce: Make, trouble: Trouble, waits: list[float]
) -> None:
    """Whatever leaves open whether the write happened is AnswerLost after exactly one request."""
    prepare(loopback, trouble, CREATED)
    with pytest.raises(AnswerLost):
        connected(salesforce, loopback).create("Task", TASK)
    assert loopback.requests == ["POST /services/data/v66.0/composite/sobjects"]
    assert waits == []


@pytest.mark.parametrize(
    "refusal",
    [
        (b"slow down", 429, "text/plain"),
        (b'[{"errorCode": "UNABLE_TO_LOCK_ROW", "message": "x"}]', 500, JSON),
        (b'[{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentRequests Limit exceeded."}]', 403, JSON),
    ],
)
def test_a_write_is_repeated_where_the_answer_proves_that_nothing_was_written(
    loopback: Any, salesforce: Make, refusal: Trouble
) -> None:
    """Too many requests and locks are refusals before the deed."""
    prepare(loopback, refusal, CREATED)
    assert connected(salesforce, loopback).create("Task", TASK)[0].success
    assert len(loopback.requests) == 2


def test_a_write_that_never_got_a_connection_is_for_later(salesforce: Make, waits: list[float]) -> None:
    """A refused connection proves that nothing was sent: some attempts within twenty seconds, then RetryLater."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(RetryLater, match=f"Salesforce at 127.0.0.1:{port} cannot be reached") as error:
        salesforce(instance_url=f"https://127.0.0.1:{port}").create("Task", TASK)
    assert len(waits) > 1
    assert sum(waits) <= 20
    assert error.value.exit_code == 4


def test_trouble_elsewhere_does_not_prove_that_a_write_was_not_sent(loopback: Any, salesforce: Make) -> None:
    """A write made while a refused connection is being handled is still lost, not repeated, when its answer is."""
    prepare(loopback, "hang_up", CREATED)
    client = connected(salesforce, loopback)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    try:
        requests.get(f"http://127.0.0.1:{port}", timeout=1, proxies={"http": ""})
    except requests.ConnectionError:
        with pytest.raises(AnswerLost):
            client.create("Task", TASK)
    assert len(loopback.requests) == 1


def test_a_name_that_does_not_resolve_is_for_later(salesforce: Make) -> None:
    """An unknown host name reads like an unreachable vendor and names the key."""
    with pytest.raises(RetryLater, match=r"salesforce\.instance_url"):
        salesforce(instance_url="https://acme.invalid").check()


def test_all_attempts_of_a_read_end_within_a_minute(
    vendor: responses.RequestsMock, salesforce: Make, waits: list[float]
) -> None:
    """A vendor that stays down costs about a minute, then one clear message with when to come back."""
    vendor.get("https://acme.my.salesforce.com/services/data/v66.0/query/", status=503, body="<html>")
    with pytest.raises(RetryLater, match="busy or out of service") as error:
        salesforce().check()
    assert 10 < sum(waits) <= 60
    assert error.value.delay is not None


def test_retry_after_is_kept_to(
    vendor: responses.RequestsMock, hubspot: Callable[..., HubSpotClient], waits: list[float]
) -> None:
    """Where an answer says how long to wait, that long is waited at least."""
    url = "https://api.hubapi.com/crm/owners/2026-03"
    vendor.get(url, status=429, json={"policyName": "SECONDLY"}, headers={"Retry-After": "17"})
    vendor.get(url, json={"results": []})
    hubspot().check()
    assert len(waits) == 1
    assert waits[0] >= 17


def test_a_retry_after_beyond_the_bound_is_handed_over(
    vendor: responses.RequestsMock, hubspot: Callable[..., HubSpotClient], waits: list[float]
) -> None:
    """An hour is not waited out but told."""
    vendor.get("https://api.hubapi.com/crm/owners/2026-03", status=503, json={}, headers={"Retry-After": "3600"})
    with pytest.raises(RetryLater) as error:
        hubspot().check()
    assert waits == []
    assert error.value.delay is not None
    assert error.value.delay.total_seconds() == 3600


def test_an_untrusted_certificate_names_the_ca_bundle(loopback: Any, salesforce: Make) -> None:
    """A company's own CA is the usual cause; the message says where to put it."""
    with pytest.raises(ConfigurationError, match=r"salesforce\.ca_bundle \(OKOSHI_SALESFORCE__CA_BUNDLE\)"):
        salesforce(instance_url=loopback.url).check()
    assert loopback.requests == []


def test_a_ca_bundle_that_is_no_file_is_told_at_once(salesforce: Make, tmp_path: Path) -> None:
    """A wrong path is found when the client is made."""
    with pytest.raises(ConfigurationError, match=r"salesforce\.ca_bundle .*absent\.pem"):
        salesforce(ca_bundle=tmp_path / "absent.pem")


def test_the_environments_ca_bundle_does_not_win(
    loopback: Any, salesforce: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """REQUESTS_CA_BUNDLE and proxies of the shell do not get between the settings and a vendor on loopback."""
    other = tmp_path / "other.pem"
    other.write_text("")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    loopback.answer(EMPTY)
    connected(salesforce, loopback).check()


def test_a_redirect_is_not_followed(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """The token does not travel to another host; the message names that host and the key."""
    vendor.get(
        "https://acme.my.salesforce.com/services/data/v66.0/query/",
        status=302,
        headers={"Location": "https://elsewhere.example/login"},
    )
    with pytest.raises(ConfigurationError, match=r"elsewhere\.example.*salesforce\.instance_url"):
        salesforce().check()


def test_a_dry_run_sends_no_write(loopback: Any, salesforce: Make) -> None:
    """A client that only reads refuses each kind of write before a byte leaves."""
    loopback.answer(CREATED)
    client = connected(salesforce, loopback, read_only=True)
    writes: list[Callable[[], object]] = [
        lambda: client.create("Task", TASK),
        lambda: client.update("Task", [{"Id": "00T000000000001AAA"}]),
        lambda: client.upsert("Task", "Okoshi_Key__c", [{"Okoshi_Key__c": "k"}]),
        lambda: client.delete(["00T000000000001AAA"]),
        lambda: client.bulk_write("delete", "Task", [{"Id": "00T000000000001AAA"}]),
    ]
    for write in writes:
        with pytest.raises(ReadOnlyViolation):
            write()
    assert loopback.requests == []


def test_the_library_itself_cannot_get_past_the_guard(loopback: Any, salesforce: Make) -> None:
    """Going around the client, to simple-salesforce or to the session, meets the same guard."""
    client = connected(salesforce, loopback, read_only=True)
    attempts: list[Callable[[], object]] = [
        lambda: client._api.Task.create({"Subject": "x"}),
        lambda: client._session.post(f"{loopback.url}/services/data/v66.0/sobjects/Task", json={}),
        lambda: client._session.send(requests.Request("DELETE", f"{loopback.url}/services/data/v66.0/x").prepare()),
    ]
    for attempt in attempts:
        with pytest.raises(ReadOnlyViolation):
            attempt()
    assert loopback.requests == []


def test_errors_hold_no_body_query_or_token(vendor: responses.RequestsMock, salesforce: Make) -> None:
    """What the vendor answers may quote the query; neither it nor the session id reaches the message or its causes."""
    body = [{"message": "SELECT Id FROM Contact WHERE Email = 'taro@acme.example'", "errorCode": "MALFORMED_QUERY"}]
    vendor.get("https://acme.my.salesforce.com/services/data/v66.0/query/", status=400, json=body)
    with pytest.raises(ConfigurationError) as error:
        list(salesforce().query("SELECT Id FROM Contact WHERE Email = 'taro@acme.example'"))
    chain = list(itertools.takewhile(bool, _chain(error.value)))
    assert not any("taro" in text or "00D-session" in text for text in chain)


def _chain(error: BaseException | None) -> list[str]:
    texts = []
    while error is not None:
        texts.append(f"{error} {error.args}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return texts
