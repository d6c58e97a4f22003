"""Lines that break, stall and lie: a read is asked again within bounds, a write is never sent twice."""

import gc
import gzip
import json
import logging
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import trustme
from expect import error_of, lost, outcome_of
from hostile_server import Answer, Asked, HostileServer, Raw, as_json, in_turn, page_of_html

from connector.clients.errors import AnswerLost
from connector.model.errors import ConfigurationError, OkoshiError, RetryLater

Make = Callable[..., Any]

NOBODY = {"totalSize": 0, "done": True, "records": []}
SOMEBODY = {"totalSize": 1, "done": True, "records": [{"Id": "003000000000001AAA", "LastName": "山田"}]}
CREATED = [{"id": "00T000000000001AAA", "success": True, "errors": []}]
TASK = [{"Subject": "x"}]
SOQL = "SELECT Id, LastName FROM Contact"


def read(client: Any) -> list[Any]:
    return [row for page in client.query(SOQL) for row in page]


BROKEN: dict[str, Answer | Raw] = {
    "closed before the headers": Raw(),
    "reset before the headers": Raw(reset=True),
    "closed within the status line": Raw(b"HTTP/1.1 2"),
    "closed within the headers": Raw(b"HTTP/1.1 200 OK\r\nContent-Ty"),
    "no HTTP": Raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "a length that is too long": as_json(NOBODY, length=10_000, drop=True),
    "a length that is too short": as_json(NOBODY, length=20),
    "a chunk that is cut": Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{"),
    "a chunk without a size": Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
    "gzip that is none": as_json(NOBODY, headers=[("Content-Encoding", "gzip")]),
    "gzip cut short": Answer(gzip.compress(json.dumps(NOBODY).encode())[:-20], headers=[("Content-Encoding", "gzip")]),
    "an empty page": Answer(b""),
    "a page of HTML": page_of_html(200),
    "HTML that says it is JSON": Answer(b"<html></html>"),
    "JSON that is no UTF-8": Answer(json.dumps(SOMEBODY, ensure_ascii=False).encode("cp932")),
    "502": page_of_html(502),
    "520": page_of_html(520),
    "503 without a body": Answer(b"", 503, content_type=None),
    "a header that is too long": as_json(NOBODY, headers=[("X-Long", "x" * 70_000)]),
    "too many headers": as_json(NOBODY, headers=[(f"X-{number}", "x") for number in range(150)]),
    "early hints and no more": Raw(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
    "nothing, for too long": Raw(b"HTTP/1.1 200 OK\r\n\r\n", pace=(1, 1.2)),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_read_is_asked_again(server: HostileServer, salesforce: Make, how: str) -> None:
    """Whatever breaks an answer to a read, the next attempt is as good as the first."""
    server.answers(BROKEN[how], as_json(SOMEBODY))
    assert [row["LastName"] for row in read(salesforce())] == ["山田"]
    assert len(server.asked) == 2


@pytest.mark.parametrize("how", BROKEN)
def test_a_write_is_lost_and_not_sent_again(
    server: HostileServer, salesforce: Make, waits: list[float], how: str
) -> None:
    """After any of these nobody knows whether the write happened: one request, and AnswerLost."""
    server.answers(BROKEN[how], as_json(CREATED))
    lost(lambda: salesforce().create("Task", TASK))
    assert len(server.asked) == 1
    assert waits == []


@pytest.mark.parametrize("how", ["closed before the headers", "a page of HTML", "gzip that is none", "502"])
def test_a_vendor_that_stays_broken_is_given_up(
    server: HostileServer, salesforce: Make, waits: list[float], how: str
) -> None:
    """About a minute of attempts, then RetryLater; never a request too many."""
    server.answers(BROKEN[how])
    error = error_of(lambda: read(salesforce()))
    assert type(error) is RetryLater
    assert 2 < len(server.asked) < 100
    assert sum(waits) <= 60


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_a_read_survives_being_cut_anywhere(server: HostileServer, salesforce: Make, framing: str) -> None:
    """Wherever a page ends too early, its rows arrive from the next attempt, once; never a shorter list."""
    wire = as_json(SOMEBODY, framing=framing).wire()
    client = salesforce()
    for end in range(0, len(wire), 7):
        server.answers(Raw(wire[:end]), as_json(SOMEBODY))
        assert len(read(client)) == 1, wire[:end]


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_a_write_cut_anywhere_is_lost(server: HostileServer, salesforce: Make, framing: str) -> None:
    """Half an answer to a write is none, wherever it was cut, and the write is not sent again."""
    wire = as_json(CREATED, framing=framing).wire()
    client = salesforce()
    ends = range(0, len(wire.rstrip(b"0\r\n")), 5)
    for end in ends:
        server.answers(Raw(wire[:end]), as_json(CREATED))
        assert outcome_of(lambda: client.create("Task", TASK)) is AnswerLost, wire[:end]
    assert len(server.asked) == len(ends)


@pytest.mark.parametrize("part", ["headers", "body"])
def test_a_drip_is_given_up(server: HostileServer, salesforce: Make, part: str) -> None:
    """An answer that trickles in, each byte within the time-out, does not hold a read for ever, nor a write."""
    wire = as_json(NOBODY, headers=[("X-Padding", "x" * 2_000)] if part == "headers" else (), drop=True).wire()
    begin = len(wire) - len(json.dumps(NOBODY)) if part == "body" else 17

    def drip(asked: Asked) -> Raw:
        return Raw(wire[:begin] + wire[begin:].ljust(begin * 60), pace=(begin, 0.05))

    server.script = drip
    started = time.monotonic()
    lost(lambda: salesforce().create("Task", TASK))
    assert time.monotonic() - started < 4
    started = time.monotonic()
    server.script = in_turn(drip(server.asked[0]), as_json(NOBODY))
    assert read(salesforce()) == []
    assert time.monotonic() - started < 4


@pytest.mark.parametrize(
    "answer",
    [
        as_json(SOMEBODY, framing="chunked"),
        as_json(SOMEBODY, framing="close"),
        as_json(SOMEBODY, pace=(10, 0.001)),
        Answer(gzip.compress(json.dumps(SOMEBODY).encode()), headers=[("Content-Encoding", "gzip")]),
        Answer(b"\xef\xbb\xbf" + json.dumps(SOMEBODY, ensure_ascii=False).encode()),
        Answer(b"\xef\xbb\xbf" + json.dumps(SOMEBODY, ensure_ascii=False).encode(), content_type="application/json"),
        as_json(SOMEBODY, content_type="text/plain"),
        as_json(SOMEBODY, content_type="text/html"),
        as_json(SOMEBODY, content_type="application/json;charset=ISO-8859-1"),
        as_json(SOMEBODY, content_type="application/json;charset=bogus"),
        as_json(SOMEBODY, content_type=None),
        as_json(SOMEBODY, status=201),
        as_json(SOMEBODY, status=207),
    ],
)
def test_unusual_clothing_does_not_matter(server: HostileServer, salesforce: Make, answer: Answer) -> None:
    """Chunks, gzip, a byte order mark, a wrong or missing type, another 2xx: the same rows, with every character."""
    server.answers(answer)
    assert read(salesforce()) == SOMEBODY["records"]
    server.answers(Answer(json.dumps(CREATED).encode(), answer.status, answer.headers, answer.content_type))
    if not answer.headers:
        assert salesforce().create("Task", TASK)[0].id == "00T000000000001AAA"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="nested too deeply"),
        *(b"[]", b"{}", b"5", b"null", b'"x"', b"[5]", b"[[]]"),
    ],
)
def test_json_of_no_use(server: HostileServer, salesforce: Make, hubspot: Make, body: bytes) -> None:
    """JSON of another shape is for later when it was read, and lost when it answers a write; never an empty page."""
    server.answers(Answer(body))
    for ask in (
        lambda: read(salesforce()),
        lambda: salesforce().retrieve("Task", ["00T000000000001AAA"], ["Id"]),
        lambda: salesforce().describe("Task"),
        lambda: hubspot().list_page("contacts", properties=["email"]),
        lambda: hubspot().batch_read("contacts", ["1"], ["email"]),
        lambda: hubspot().associations("contacts", "companies", ["1"]),
        lambda: hubspot().properties("contacts"),
        lambda: list(hubspot().owners()),
        lambda: list(hubspot().lists()),
        lambda: list(hubspot().memberships("7")),
    ):
        assert type(error_of(ask)) is RetryLater
    before = len(server.asked)
    lost(lambda: salesforce().create("Task", TASK))
    assert len(server.asked) == before + 1


@pytest.mark.parametrize("status", [200, 400])
def test_json_nested_too_deeply_leaves_room_on_the_stack(
    server: HostileServer, salesforce: Make, hubspot: Make, status: int
) -> None:
    """What the garbage collector ends while such a page is looked at has room to run: it runs once, or is lost."""
    server.answers(Answer(b"[" * 100_000 + b"]" * 100_000, status))
    clients = salesforce(), hubspot()

    def finalised(_phase: str, _about: dict[str, int]) -> None:
        descend(50)

    def descend(levels: int) -> None:
        if levels:
            descend(levels - 1)

    thresholds = gc.get_threshold()
    gc.callbacks.append(finalised)
    gc.set_threshold(50)
    try:
        for ask in (
            lambda: read(clients[0]),
            lambda: clients[0].create("Task", TASK),
            lambda: clients[1].list_page("contacts", properties=["email"]),
        ):
            assert issubclass(type(error_of(ask)), OkoshiError)
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(finalised)


@pytest.mark.parametrize("status", [200, 500])
def test_more_than_can_be_wanted_is_not_read(server: HostileServer, salesforce: Make, status: int) -> None:
    """A hundred megabytes where a page was asked for are not taken in: neither plain nor unpacked from a few."""
    tracked: list[int] = []

    def flood(connection: socket.socket) -> bool:
        with server._context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(65536)
            secure.sendall(b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\n\r\n[" % status)
            sent = 0
            try:
                while sent < 400_000_000:
                    secure.sendall(b" " * 262_144)
                    sent += 262_144
            finally:
                tracked.append(sent)
        return True

    server.on_connect = flood
    lost(lambda: salesforce().create("Task", TASK))
    for _ in range(100):
        time.sleep(0 if tracked else 0.02)
    assert len(tracked) == 1
    assert tracked[0] < (100_000_000 if status == 200 else 20_000_000)


def test_a_bomb_is_not_unpacked(server: HostileServer, salesforce: Make) -> None:
    """A small answer that unpacks to more than can be wanted ends as one that is too large."""
    bomb = gzip.compress(b"[" + b" " * 150_000_000 + b"]", 1)
    server.answers(Answer(bomb, headers=[("Content-Encoding", "gzip")]))
    error = error_of(lambda: read(salesforce()))
    assert type(error) is RetryLater
    assert len(server.asked) == 1


def test_a_connection_that_was_closed_while_idle_costs_nothing(server: HostileServer, salesforce: Make) -> None:
    """A pool keeps connections that the vendor has closed meanwhile: a write then simply takes a new one."""
    server.answers(as_json(NOBODY, drop=True), as_json(CREATED))
    client = salesforce()
    read(client)
    time.sleep(0.1)
    assert client.create("Task", TASK)[0].success
    assert server.handshakes == 2


@pytest.mark.parametrize(
    "refusal", [Answer(b"", 307), as_json([], 302), as_json([{"errorCode": "X"}], 301), page_of_html(308)]
)
@pytest.mark.parametrize(
    "location",
    ["https://login.example/?token=secret-of-the-vendor", "http://[", "//\xff\xfe", "/login", "https://u:山田@x/"],
)
def test_a_redirect_is_not_followed(
    server: HostileServer, salesforce: Make, hubspot: Make, refusal: Answer, location: str
) -> None:
    """Wherever an answer points, the token stays; the message names the setting and no more than the other host."""
    raw = f"HTTP/1.1 {refusal.status} Moved\r\nLocation: ".encode() + location.encode("utf-8", "replace")
    server.answers(Raw(raw + b"\r\nContent-Length: 0\r\n\r\n"))
    for ask in (lambda: read(salesforce()), lambda: hubspot().check(), lambda: salesforce().create("Task", TASK)):
        assert type(error_of(ask)) is ConfigurationError
    assert len(server.asked) == 3


def test_the_token_goes_to_no_other_host(new_server: Make, server: HostileServer, salesforce: Make) -> None:
    """A redirect to a server whose certificate is as good as the vendor's brings it nothing at all."""
    other = new_server()
    other.answers(as_json(NOBODY))
    server.answers(Answer(b"", 307, headers=[("Location", f"{other.url}/services/data/v66.0/query/")]))
    error_of(lambda: read(salesforce()))
    server.answers(as_json({**NOBODY, "done": False, "nextRecordsUrl": f"{other.url}/services/data/v66.0/query/01g"}))
    error_of(lambda: read(salesforce()))
    assert other.sockets == 0


def test_cookies_are_not_kept(server: HostileServer, salesforce: Make) -> None:
    """What a vendor or something in front of it wants to have back is not sent back."""
    server.answers(as_json(NOBODY, headers=[("Set-Cookie", "sid=other; Path=/"), ("Set-Cookie", "x=" + "y" * 5_000)]))
    client = salesforce()
    read(client)
    read(client)
    assert "cookie" not in server.asked[1].headers


def test_an_expired_certificate_is_told(new_server: Make, expired: trustme.LeafCert, salesforce: Make) -> None:
    """No attempt is repeated, nothing is sent, and the message names what to do."""
    server = new_server(expired)
    error = error_of(lambda: salesforce(instance_url=server.url).create("Task", TASK))
    assert isinstance(error, ConfigurationError)
    assert "expired" in str(error)
    assert (server.sockets, server.asked) == (1, [])


def test_a_certificate_of_another_host_is_told(
    authority: trustme.CA, new_server: Make, salesforce: Make, hubspot: Make
) -> None:
    """Somebody else's good certificate is none."""
    server = new_server(authority.issue_cert("login.example"))
    assert isinstance(error_of(lambda: read(salesforce(instance_url=server.url))), ConfigurationError)
    assert isinstance(error_of(lambda: hubspot(base_url=server.url).check()), ConfigurationError)
    assert server.asked == []


def _plain_text(connection: socket.socket) -> bool:
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    connection.close()
    return True


def _hang_up(connection: socket.socket) -> bool:
    connection.close()
    return True


def _hang_up_after_hello(connection: socket.socket) -> bool:
    connection.recv(100)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    return True


def _only_listen(connection: socket.socket) -> bool:
    connection.recv(65536)
    time.sleep(0.3)
    return True


def _refuse_tls(connection: socket.socket) -> bool:
    connection.recv(65536)
    connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28")  # a fatal alert: handshake failure
    connection.close()
    return True


@pytest.mark.parametrize("refusal", [_plain_text, _hang_up, _hang_up_after_hello, _only_listen, _refuse_tls])
def test_a_write_without_tls_was_never_sent(
    server: HostileServer, salesforce: Make, hubspot: Make, refusal: Callable[[socket.socket], bool]
) -> None:
    """Before the handshake is through nothing of a write can have arrived: so it is not lost, but for later."""
    server.on_connect = refusal
    for write in (
        lambda: salesforce(timeout_seconds=0.1).create("Task", TASK),
        lambda: hubspot(timeout_seconds=0.1).batch_update("contacts", [{"id": "1", "properties": {}}]),
    ):
        assert type(error_of(write)) in (RetryLater, ConfigurationError)
    assert server.asked == []
    assert server.sockets < 80


def test_a_handshake_that_fails_once_is_tried_again(server: HostileServer, salesforce: Make) -> None:
    """A write whose first connection is dropped in the handshake goes by the second one, once."""
    first = [True]

    def once(connection: socket.socket) -> bool:
        return first.pop() and _hang_up(connection) if first else False

    server.on_connect = once
    server.answers(as_json(CREATED))
    assert salesforce().create("Task", TASK)[0].success
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", b"HTTP/1.1 502 Bad\r\n\r\n", b""]
)
def test_a_proxy_that_refuses_proves_that_nothing_was_sent(
    salesforce: Make, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    """A tunnel that was never dug has carried nothing; the address of the proxy holds a password and is not told."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as proxy:

        def serve() -> None:
            while True:
                try:
                    connection, _ = proxy.accept()
                except OSError:
                    return
                with connection:
                    seen.append(connection.recv(65536))
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        monkeypatch.setenv("HTTPS_PROXY", f"http://okoshi:secret-of-the-vendor@127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        client = salesforce(instance_url="https://acme.my.salesforce.example")
        error = error_of(lambda: client.create("Task", TASK))
    assert type(error) in (RetryLater, ConfigurationError)
    assert seen
    assert all(b"CONNECT acme.my.salesforce.example:443" in one and b"secret-token" not in one for one in seen)


@pytest.mark.parametrize(
    "header",
    [
        "0",
        "1",
        "3",
        "86400",
        pytest.param("9" * 400, id="400 digits"),
        "-5",
        "1e5",
        "",
        "soon",
        "Fri, 99 Foo 2026 99:99:99 GMT",
        "Wed, 21 Oct 2099 07:28:00 GMT",
        "Wed, 21 Oct 2015 07:28:00 GMT",
        "Mon, 01 Jan 0001 00:00:00 +9999",
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_whatever_retry_after_says(
    server: HostileServer, hubspot: Make, waits: list[float], header: str, status: int
) -> None:
    """Seconds, a date or nonsense: waited for where a minute is enough, handed over where not, never an error."""
    server.answers(as_json({"status": "error"}, status, headers=[("Retry-After", header)]), as_json({"results": []}))
    given = outcome_of(hubspot().check)
    assert given in (None, RetryLater)
    assert all(wait <= 60 for wait in waits)
    assert len(server.asked) == (2 if given is None else 1)


@pytest.mark.parametrize(
    "headers",
    [
        [("Sforce-Limit-Info", "api-usage=" + "9" * 5_000 + "/15000")],
        [("Sforce-Limit-Info", "api-usage=x/y")],
        [("Sforce-Limit-Info", "per-app-api-usage=17/250(appName=山田)".encode().decode("latin-1"))],
        [("X-HubSpot-RateLimit-Max", "9" * 5_000)],
        [("X-HubSpot-RateLimit-Max", "1"), ("X-HubSpot-RateLimit-Interval-Milliseconds", "999999999")],
        [("X-HubSpot-RateLimit-Max", "0"), ("X-HubSpot-RateLimit-Interval-Milliseconds", "0")],
        [("X-HubSpot-RateLimit-Daily", "-1"), ("X-HubSpot-RateLimit-Daily-Remaining", "x")],
        [("X-HubSpot-RateLimit-Daily", "9" * 5_000), ("X-HubSpot-RateLimit-Daily-Remaining", "9" * 5_000)],
    ],
)
def test_nonsense_about_limits_is_no_trouble(
    server: HostileServer, salesforce: Make, hubspot: Make, headers: list[tuple[str, str]]
) -> None:
    """What headers say of limits is used where it can be true, and else left aside: calls go on at once."""
    server.answers(as_json({**NOBODY, "results": []}, headers=headers))
    client, portal = salesforce(), hubspot()
    started = time.monotonic()
    for _ in range(2):
        read(client)
        portal.check()
    assert time.monotonic() - started < 3
    server.answers(as_json(CREATED, headers=headers))
    assert salesforce().create("Task", TASK)[0].success


@pytest.mark.parametrize(
    "token", ["secret-token-of-ours\n", "secret-token-of-ours\r\nX-Evil: 1", "secret-token-of-ours山田"]
)
def test_a_token_that_no_header_can_hold_is_told(
    server: HostileServer, salesforce: Make, hubspot: Make, token: str
) -> None:
    """A token with a line break or a wide character, as copying makes them, names the setting and shows no token."""
    server.answers(as_json({**NOBODY, "results": []}))
    for ask in (lambda: read(salesforce(session_id=token)), lambda: hubspot(access_token=token).check()):
        found = outcome_of(ask)
        assert found in ([], None, ConfigurationError)
    assert all("x-evil" not in one.headers for one in server.asked)


def test_odd_headers_are_not_logged(server: HostileServer, salesforce: Make, caplog: pytest.LogCaptureFixture) -> None:
    """The library below would log a page's address, with the query in it, and the header that it could not read."""
    server.answers(Raw(b"HTTP/1.1 200 OK\r\nsecret-of-the-vendor\r\nX: y\r\n\r\n" + json.dumps(NOBODY).encode()))
    with caplog.at_level(logging.WARNING):
        outcome_of(lambda: list(salesforce().query("SELECT Id FROM Contact WHERE LastName = '山田'")))
    assert not caplog.records


def test_threads_share_the_pool(server: HostileServer, salesforce: Make) -> None:
    """Twenty threads on one client: each has its own answer, and an error in one is no matter of the others."""

    def script(asked: Asked) -> Answer | Raw:
        name = asked.query["q"].rpartition(" ")[2]
        return Raw() if name == "Broken" else as_json({**SOMEBODY, "records": [{"Id": name}]})

    server.script = script
    client = salesforce()
    found: dict[str, Any] = {}

    def ask(name: str) -> None:
        found[name] = outcome_of(lambda: [row["Id"] for page in client.query(f"SELECT Id FROM {name}") for row in page])

    threads = [threading.Thread(target=ask, args=(f"T{number}" if number % 7 else "Broken",)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found.pop("Broken") is RetryLater
    assert found == {name: [name] for name in found}


def test_nothing_but_our_errors(server: HostileServer, salesforce: Make, hubspot: Make) -> None:
    """Every status with every kind of body is an error of ours, for reads and writes alike."""
    bodies = [b"", b"<html>", b"{}", b"[null]", b'[{"errorCode": null}]', b'{"category": ["x"]}', b"[[[]]]"]
    org = salesforce()
    for status in (300, 304, 400, 401, 403, 404, 409, 431, 599):
        portal = hubspot()
        for body in bodies:
            server.answers(Answer(body, status))
            for ask in (
                lambda: read(org),
                lambda: org.create("Task", TASK),
                portal.check,
                partial(portal.batch_update, "contacts", [{"id": "1", "properties": {}}]),
            ):
                assert issubclass(outcome_of(ask), OkoshiError), (status, body)


def test_the_servers_tls_is_real(server: HostileServer) -> None:
    """The stand-in speaks TLS with a certificate that its authority signed: the tests above mean what they say."""
    server.answers(as_json(NOBODY))
    context = ssl.create_default_context(cafile=str(server.ca_bundle))
    with (
        socket.create_connection(("127.0.0.1", server.port)) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
    ):
        secure.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert secure.recv(100).startswith(b"HTTP/1.1 200")
