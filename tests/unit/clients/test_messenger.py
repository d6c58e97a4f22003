"""Messages to Slack, Teams, mail and the like: sent at most once, within a time, and the addresses stay secret."""

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from connector.clients.egress import EgressRefused, egress_only
from connector.clients.guard import ReadOnlyViolation
from connector.clients.messenger import Fate, Format, Message, Messenger
from connector.logging import configure
from connector.model.errors import ConfigurationError

SECRET = "s3cr3t-p4th"
Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The targets are on this machine, whatever proxy it uses."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@contextmanager
def web(answer: Answer | int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A web server: its place for addresses, and the JSON that was posted to it."""
    seen: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            if callable(answer):
                answer(self)
            else:
                self.send_response(answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def mail_server(*, takes: bool = True, knows: str = "") -> Iterator[tuple[int, list[str]]]:
    """An SMTP server: its port and the mails that it took. One that does not take them cuts the line at their end.

    It refuses recipients that it does not know.
    """
    listening = socket.create_server(("127.0.0.1", 0))
    mails: list[str] = []

    def serve() -> None:
        with listening.accept()[0] as connection, connection.makefile("rwb") as wire:

            def say(text: bytes) -> None:
                wire.write(text + b"\r\n")
                wire.flush()

            say(b"220 here")
            while line := wire.readline():
                command = line[:4].upper()
                if command == b"DATA":
                    say(b"354 go on")
                    lines = list(iter(wire.readline, b".\r\n"))
                    if not takes:
                        connection.shutdown(socket.SHUT_RDWR)
                        return
                    mails.append(b"".join(lines).decode())
                if command == b"RCPT" and knows not in line.decode():
                    say(b"550 no such person here")
                else:
                    say(b"221 bye" if command == b"QUIT" else b"250 ok")

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listening.getsockname()[1], mails
    finally:
        listening.close()


def messenger(address: str, *, read_only: bool = False, timeout: float = 2) -> Messenger:
    """One channel with this address."""
    return Messenger({"sales": SecretStr(address)}, read_only=read_only, timeout=timeout)


def message(**changes: Any) -> Message:
    """What is sent."""
    return Message(**({"channel": "sales", "title": "解約予兆", "body": "至急ご確認ください"} | changes))


def test_a_message_arrives_once() -> None:
    """Title and text as they are; the server got one request."""
    with web() as (place, seen):
        told = messenger(f"json://{place}/{SECRET}").send(message())
    assert (told.fate, told.reason) == (Fate.SENT, None)
    assert [(one["title"], one["message"]) for one in seen] == [("解約予兆", "至急ご確認ください")]


def test_a_run_that_only_looks_sends_nothing() -> None:
    """The client refuses, whoever asks."""
    with web() as (place, seen):
        with pytest.raises(ReadOnlyViolation):
            messenger(f"json://{place}/{SECRET}", read_only=True).send(message())
        assert seen == []


def test_the_wall_of_a_dry_run_holds_for_the_library_too() -> None:
    """Even a client that may send cannot connect while a dry run is on."""
    with web() as (place, seen):
        with egress_only(frozenset()), pytest.raises(EgressRefused):
            messenger(f"json://{place}/{SECRET}").send(message())
        assert seen == []


@pytest.mark.parametrize(("status", "fate"), [(404, Fate.NOT_SENT), (429, Fate.NOT_SENT), (500, Fate.UNCLEAR)])
def test_what_a_channel_refuses_was_not_delivered(status: int, fate: Fate) -> None:
    """A refusal may be sent again later; a server's own error leaves it open."""
    with web(status) as (place, seen):
        told = messenger(f"json://{place}/{SECRET}").send(message())
    assert told.fate is fate
    assert len(seen) == 1
    assert SECRET not in str(told.reason)


def test_a_lost_answer_leaves_it_open() -> None:
    """The line was cut after the message had left: nobody can tell."""
    with web(lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)) as (place, seen):
        told = messenger(f"json://{place}/{SECRET}").send(message())
    assert told.fate is Fate.UNCLEAR
    assert len(seen) == 1


def test_a_channel_that_cannot_be_reached_got_nothing() -> None:
    """Nobody listens there, so that another try is safe, and the next message would fare alike."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    told = messenger(f"json://127.0.0.1:{port}/{SECRET}").send(message())
    assert (told.fate, told.closed) == (Fate.NOT_SENT, True)
    assert SECRET not in str(told.reason)


def test_a_channel_that_trickles_is_left_after_a_time() -> None:
    """An answer that never ends does not hold the run up."""

    def trickle(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        with suppress(OSError):
            for _ in range(40):
                time.sleep(0.1)
                handler.wfile.write(b"x")
                handler.wfile.flush()

    with web(trickle) as (place, _):
        began = time.monotonic()
        told = messenger(f"json://{place}/{SECRET}", timeout=0.2).send(message())
    assert (told.fate, told.closed) == (Fate.UNCLEAR, True)
    assert time.monotonic() - began < 3


def test_redirects_are_not_followed() -> None:
    """A message goes where its address says and nowhere else, even if the address asks for it."""

    def elsewhere(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(307)
        handler.send_header("Location", f"http://{other}/")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with web() as (other, strayed), web(elsewhere) as (place, seen):
        messenger(f"json://{place}/{SECRET}?redirect=yes").send(message())
    assert (len(seen), strayed) == (1, [])


def test_a_mail_that_nobody_confirmed_is_open() -> None:
    """The server took it up to its end and then broke the line: it may have been delivered."""
    with mail_server(takes=False) as (port, _):
        told = messenger(f"mailto://127.0.0.1:{port}?from=okoshi@example.com&to=a@example.com&mode=insecure").send(
            message()
        )
    assert told.fate is Fate.UNCLEAR


def test_mail_goes_to_the_person_that_the_message_names() -> None:
    """The place of the address is filled in, and the subject is one header line."""
    with mail_server() as (port, mails):
        address = f"mailto://127.0.0.1:{port}?from=okoshi@example.com&to={{mail}}&mode=insecure"
        told = messenger(address).send(message(to="taro@example.co.jp", title="a\r\nBcc: evil@example.com"))
    assert told.fate is Fate.SENT
    (mail,) = mails
    head = mail.split("\r\n\r\n")[0]
    assert "taro@example.co.jp" in head
    assert not any(line.lower().startswith("bcc:") for line in head.splitlines())


def test_one_unknown_person_does_not_close_the_channel_for_the_others() -> None:
    """The mail server refused this recipient: nothing was sent, and the next message may fare better."""
    with mail_server(knows="taro@") as (port, mails):
        address = f"mailto://127.0.0.1:{port}?from=okoshi@example.com&to={{mail}}&mode=insecure"
        told = messenger(address).send(message(to="nobody@example.co.jp"))
    assert (told.fate, told.closed, mails) == (Fate.NOT_SENT, False, [])
    assert "nobody" not in str(told.reason)


def test_an_address_that_nothing_understands_is_named_but_not_shown() -> None:
    """The message says which channel and where to set it."""
    with pytest.raises(ConfigurationError) as error:
        messenger(f"nonsense://{SECRET}").check("sales")
    assert "OKOSHI_ALERTS__CHANNELS__SALES" in str(error.value)
    assert SECRET not in str(error.value)
    with pytest.raises(ConfigurationError, match=r"alerts\.channels\.other"):
        messenger("json://127.0.0.1").check("other")


def test_no_address_gets_into_our_log_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """The library's and the transport's own lines hold them: none of that is shown, at any level."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    configure("json", "DEBUG")
    try:
        with web(500) as (place, _):
            messenger(f"json://{place}/{SECRET}").send(message())
            with pytest.raises(ConfigurationError):
                messenger(f"slack://{SECRET}").check("sales")
        logging.getLogger("connector").debug("the level is on")
        shown = capsys.readouterr()
    finally:
        root.handlers[:], level = before
        root.setLevel(level)
        structlog.reset_defaults()
        logging.captureWarnings(capture=False)
    assert "the level is on" in shown.err
    assert SECRET not in shown.out + shown.err
    assert "apprise" not in {json.loads(line)["logger"] for line in shown.err.splitlines()}


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", Format.TEXT),
        ("mailtos://user:pass@example.com", Format.HTML),
        ("workflows://prod.example.com:443/643e69f83c8944438d68119179a10a64/KODuebWbDGYFr0z0eu", Format.MARKDOWN),
        ("json://127.0.0.1", Format.TEXT),
    ],
)
def test_each_channel_has_its_form(address: str, form: Format) -> None:
    """Slack's address as Slack shows it; mail as HTML; a card of Teams as Markdown; all of them bounded."""
    found = messenger(address).form("sales")
    assert found.format is form
    assert 0 < found.title <= 1_000
    assert found.body >= 1_000
