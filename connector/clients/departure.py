"""Tells whether bytes of a message left this process, however deep in a library they were sent.

Used around a library that answers only yes or no: no bytes left means that nobody was told and another try is safe.
Must not know what was sent.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_SENDING = (b"POST ", b"PUT ", b"PATCH ", b"DELETE ")
_TUNNEL = b"CONNECT "
_RECIPIENT = b"rcpt "
_END_OF_MAIL = b"\r\n.\r\n"


@dataclass
class Departures:
    """How many requests that change something, and how many mails, were handed to a connection that was made.

    `talked`: somebody there was at least asked something, or told a recipient.
    """

    requests: int = 0
    mails: int = 0
    talked: bool = False


_watching: ContextVar[Departures | None] = ContextVar("departures", default=None)
_state = {"installed": False}


@contextmanager
def departures() -> Iterator[Departures]:
    """Counts what leaves this context, and the threads that run in a copy of it, by http.client and smtplib."""
    if not _state["installed"]:
        # An audit hook can never be removed: the context variable switches it.
        _state["installed"] = True
        sys.addaudithook(_note)
    seen = Departures()
    token = _watching.set(seen)
    try:
        yield seen
    finally:
        _watching.reset(token)


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event not in ("http.client.send", "smtplib.send"):
        return
    seen, data = _watching.get(), arguments[1]
    if seen is None or not isinstance(data, bytes | bytearray):
        return
    if event == "http.client.send":
        seen.requests += data.startswith(_SENDING)
        seen.talked |= not data.startswith(_TUNNEL)
    else:
        seen.mails += data.endswith(_END_OF_MAIL)
        seen.talked |= data[: len(_RECIPIENT)].lower() == _RECIPIENT
