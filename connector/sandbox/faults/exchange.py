"""One request on its way through: the vendor's application can be asked, answered for, cut off or slowed down.

Made by `traffic` for each request that a fault meets; deeds are written in its verbs. It must not know any fault.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connector.sandbox.connections import close_connection, close_connection_after, reset_connection

Log = Callable[[int | None], None]
JSON = "application/json;charset=utf-8"
HTML = "text/html; charset=UTF-8"


@dataclass(frozen=True)
class Whole:
    """A complete answer."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""

    def wire(self, *, told_length: int | None = None) -> bytes:
        """The answer's bytes as HTTP/1.1; `told_length` is a Content-Length that need not be true."""
        try:
            phrase = HTTPStatus(self.status).phrase
        except ValueError:
            phrase = ""
        length = len(self.body) if told_length is None else told_length
        kept = [(name, value) for name, value in self.headers if name.lower() not in _FRAMING]
        lines = [f"HTTP/1.1 {self.status} {phrase}".encode(), *(b": ".join(one) for one in kept)]
        return b"\r\n".join([*lines, b"content-length: %d" % length, b"", b""]) + self.body


_FRAMING = (b"content-length", b"transfer-encoding")


def page(status: int, content: Any, media_type: str, headers: Mapping[str, str] | None = None) -> Whole:
    """An answer of text, or of anything that becomes JSON."""
    body = content.encode() if isinstance(content, str) else json.dumps(content, ensure_ascii=False).encode()
    told = {"content-type": media_type, **{name.lower(): value for name, value in (headers or {}).items()}}
    raw = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in told.items())
    return Whole(status, raw, body)


class Exchange:
    """A request and the ways to deal with it. Exactly one of `pass_on`, `answer`, `cut`, `reset`, `vanish` ends it."""

    def __init__(self, app: ASGIApp, ends: tuple[Scope, Receive, Send], vendor: str, log: Log) -> None:
        self._app = app
        self.scope, self._receive, self._send = ends
        self.vendor = vendor
        self._log = log
        self._body: bytes | None = None

    @property
    def method(self) -> str:
        return str(self.scope["method"])

    @property
    def path(self) -> str:
        return str(self.scope["path"])

    def header(self, name: str) -> str:
        wanted = name.lower().encode()
        return next((value.decode("latin-1") for key, value in self.scope["headers"] if key == wanted), "")

    async def received(self) -> bytes:
        """The request's body; the vendor has it now, whatever becomes of the client."""
        if self._body is None:
            messages = [await self._receive()]
            while messages[-1].get("more_body", False):
                messages.append(await self._receive())
            self._body = b"".join(one.get("body", b"") for one in messages)
        return self._body

    async def pass_on(self) -> None:
        """Let it be as it would be. The entry is logged before the last byte leaves, so that its reader finds it."""
        status: int | None = None

        async def watching(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif not message.get("more_body", False):
                self._log(status)
            await self._send(message)

        receive = self._receive if self._body is None else _with(self._body, self._receive)
        await self._app(self.scope, receive, watching)

    async def ask(self, body: bytes | None = None, query: str | None = None) -> Whole:
        """Let the vendor do it, with another body or query if given, and keep the answer back."""
        receive = _with(await self.received() if body is None else body, self._receive)
        asked = self.scope["query_string"]
        if query is not None:
            self.scope["query_string"] = query.encode("latin-1")
        found, pieces = Whole(500), [b""]

        async def keeping(message: Message) -> None:
            nonlocal found
            if message["type"] == "http.response.start":
                found = Whole(message["status"], tuple(message.get("headers", ())))
            else:
                pieces.append(message.get("body", b""))

        await self._app(self.scope, receive, keeping)
        self.scope["query_string"] = asked
        return replace(found, body=b"" if self.method == "HEAD" else b"".join(pieces))

    async def answer(self, whole: Whole) -> None:
        await self.begin(whole)
        await self.go_on(b"" if self.method == "HEAD" else whole.body, last=True)

    async def begin(self, whole: Whole) -> None:
        """Send status and headers; what follows is sent by `go_on`."""
        await self.received()  # read to its end, else the connection could not be used again
        kept = [(name, value) for name, value in whole.headers if name.lower() not in _FRAMING]
        bodiless = whole.status in (204, 304)
        length = [] if bodiless else [(b"content-length", str(len(whole.body)).encode())]
        self._log(whole.status)
        await self._send({"type": "http.response.start", "status": whole.status, "headers": kept + length})

    async def go_on(self, piece: bytes, *, last: bool) -> None:
        await self._send({"type": "http.response.body", "body": piece, "more_body": not last})

    async def reset(self, whole: Whole, after: int) -> None:
        """Send so many bytes of the answer, headers included, and break the connection (RST)."""
        self._log(None)
        await reset_connection(self.scope, self._receive, _dated(whole).wire()[:after])

    async def cut(self, whole: Whole, length: int) -> None:
        """Tell the whole length, send less, and close as if all were well."""
        self._log(whole.status)
        short = replace(_dated(whole), body=whole.body[:length])
        await close_connection_after(self.scope, self._receive, short.wire(told_length=len(whole.body)))

    async def vanish(self) -> None:
        """Close the connection without a byte of answer."""
        self._log(None)
        await close_connection(self.scope, self._receive)


def _dated(whole: Whole) -> Whole:
    """What goes past the server's own code lacks the header that it would have got there."""
    if any(name.lower() == b"date" for name, _ in whole.headers):
        return whole
    return replace(whole, headers=((b"date", formatdate(usegmt=True).encode()), *whole.headers))


def _with(body: bytes, afterwards: Receive) -> Receive:
    held: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return held.pop(0) if held else await afterwards()

    return receive
