"""An HTTPS server of its own that answers like a vendor on a bad day: what it sends, and how, is a script's business.

Raw sockets, so that it can also send what no web framework would: half an answer, wrong lengths, a byte at a time.
"""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import trustme

REASON = "Whatever"


@dataclass(frozen=True)
class Asked:
    """One request, as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What is sent back. `framing`: by `length`, `chunked`, or `close` (as long as the connection lasts).

    `length` overrides the announced length; `pace` is (bytes, seconds) of each piece; `drop` hangs up after the body.
    """

    body: bytes = b""
    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    content_type: str | None = "application/json;charset=UTF-8"
    framing: str = "length"
    length: int | None = None
    pace: tuple[int, float] | None = None
    drop: bool = False

    def wire(self) -> bytes:
        """All bytes of it."""
        lines = [f"HTTP/1.1 {self.status} {REASON}"]
        if self.content_type is not None:
            lines.append(f"Content-Type: {self.content_type}")
        lines += [f"{name}: {value}" for name, value in self.headers]
        body = self.body
        if self.framing == "length":
            lines.append(f"Content-Length: {len(body) if self.length is None else self.length}")
        elif self.framing == "chunked":
            lines.append("Transfer-Encoding: chunked")
            pieces = [body[start : start + 7] for start in range(0, len(body), 7)]
            body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def as_json(content: Any, status: int = 200, **more: Any) -> Answer:
    """An answer in JSON."""
    return Answer(json.dumps(content, ensure_ascii=False).encode(), status, **more)


def page_of_html(status: int, **more: Any) -> Answer:
    """What stands in front of a vendor answers like this."""
    body = b"<!DOCTYPE html><html><body>api.example | %d: secret-of-the-vendor</body></html>" % status
    return Answer(body, status, content_type="text/html", **more)


@dataclass(frozen=True)
class Raw:
    """Bytes sent just so; then the connection is closed, or reset."""

    data: bytes = b""
    pace: tuple[int, float] | None = None
    reset: bool = False


Script = Callable[[Asked], Answer | Raw]


def in_turn(*answers: Answer | Raw) -> Script:
    """These answers in order; the last one for all further requests."""
    left = list(answers)

    def next_one(_: Asked) -> Answer | Raw:
        return left.pop(0) if len(left) > 1 else left[0]

    return next_one


@dataclass
class HostileServer:
    """The server. `asked` holds what arrived; `handshakes` counts TLS connections, `sockets` all of them."""

    authority: trustme.CA
    ca_bundle: Path
    certificate: trustme.LeafCert
    script: Script | None = None
    asked: list[Asked] = field(default_factory=list)
    sockets: int = 0
    handshakes: int = 0
    on_connect: Callable[[socket.socket], bool] | None = None
    """Called with each new connection before TLS; True means that it has dealt with it."""

    def __post_init__(self) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.certificate.configure_cert(self._context)
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listening.getsockname()[1]
        self.url = f"https://127.0.0.1:{self.port}"
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def answers(self, *answers: Answer | Raw) -> None:
        """Prepares answers: one a request, the last one for all further requests."""
        self.script = in_turn(*answers)

    def paths(self, part: str = "") -> list[str]:
        """`METHOD /path` of what was asked, where the path holds `part`."""
        return [f"{one.method} {one.path}" for one in self.asked if part in one.path]

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for connections
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self.sockets += 1
        try:
            if self.on_connect is not None and self.on_connect(connection):
                return
            with self._context.wrap_socket(connection, server_side=True) as secure:
                with self._lock:
                    self.handshakes += 1
                secure.settimeout(30)
                while self._exchange(secure):
                    pass
        except (OSError, ValueError):
            return  # the client has gone, which is its right
        finally:
            connection.close()

    def _exchange(self, connection: ssl.SSLSocket) -> bool:
        asked = _request(connection)
        if asked is None:
            return False
        with self._lock:
            self.asked.append(asked)
            script = self.script
        answer = script(asked) if script else Raw()
        data = answer.wire() if isinstance(answer, Answer) else answer.data
        _send(connection, data, answer.pace)
        if isinstance(answer, Raw):
            if answer.reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            return False
        return not answer.drop and answer.framing != "close"


def _send(connection: ssl.SSLSocket, data: bytes, pace: tuple[int, float] | None) -> None:
    if pace is None:
        connection.sendall(data)
        return
    size, seconds = pace
    for start in range(0, len(data), size):
        connection.sendall(data[start : start + size])
        time.sleep(seconds)


def _request(connection: ssl.SSLSocket) -> Asked | None:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    wanted = int(headers.get("content-length") or 0)
    while len(body) < wanted:
        more = connection.recv(65536)
        if not more:
            return None
        body += more
    return Asked(method, target, headers, body)
