"""What passes between clients and the simulated vendors: the log of requests, and the place where faults strike.

`server` wraps each vendor's application in `Watched`; the control URL reads the log. What goes wrong is in `faults`.
"""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator
from email.utils import formatdate
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connector.sandbox.clock import SandboxClock, stored_datetime
from connector.sandbox.conditions import Conditions
from connector.sandbox.faults.armed import Fault, Faults
from connector.sandbox.faults.exchange import Exchange
from connector.sandbox.operations import operation_of

VENDORS = ("salesforce", "hubspot")


class RequestLog:
    """Every request in order of its end, without bodies and credentials."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: list[dict[str, Any]] = []
        self._seq = 0

    def add(self, vendor: str, scope: Scope, status: int | None, fault: Fault | None) -> None:
        method, path = scope["method"], scope["path"]
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("q", [None]) if vendor == "salesforce" else [None]
        entry: dict[str, Any] = {
            "time": stored_datetime(self._clock.now()),
            "vendor": vendor,
            "method": method,
            "path": path,
            "soql": scope.get("okoshi.soql", asked[0]),  # the application knows best, if it was reached
            "operation": scope.get("okoshi.operation") or operation_of(vendor, method, path),
            "status": status,
        }
        if fault:
            entry["fault"] = fault.deed.label
        with self._lock:
            self._seq += 1
            self._entries.append({"seq": self._seq, **entry})

    def entries(self, since: int = 0) -> Iterator[dict[str, Any]]:
        with self._lock:
            return iter([one for one in self._entries if one["seq"] > since])

    def summary(self) -> dict[str, Any]:
        """Counts by vendor: in total, by operation, by status."""
        with self._lock:
            entries = list(self._entries)
        return {vendor: _counted([one for one in entries if one["vendor"] == vendor]) for vendor in VENDORS}

    def clear(self) -> int:
        with self._lock:
            count = len(self._entries)
            self._entries.clear()
            return count


def _counted(entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "total": len(entries),
        "operations": dict(sorted(Counter(one["operation"] for one in entries).items())),
        "statuses": dict(sorted(Counter(str(one["status"]) for one in entries).items())),
        "faults": dict(sorted(Counter(one["fault"] for one in entries if "fault" in one).items())),
    }


class Watched:
    """ASGI middleware in front of one vendor: logs every request, and lets the fault that meets it act."""

    def __init__(self, app: ASGIApp, vendor: str, log: RequestLog, faults: Faults, conditions: Conditions) -> None:
        self._app = app
        self._vendor = vendor
        self._log = log
        self._faults = faults
        self._conditions = conditions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        target = f"{scope['path']}?{query}" if query else scope["path"]
        hit = self._faults.next_for(self._vendor, scope["method"], target)
        fault = hit.fault if hit else None

        def log(status: int | None) -> None:
            self._log.add(self._vendor, scope, status, fault)

        exchange = Exchange(self._app, (scope, receive, self._dated(send)), self._vendor, log)
        if hit is None:
            await exchange.pass_on()
            return
        await exchange.received()
        if hit.fault.delay_ms:
            # A slow vendor has the whole request and does it in the end, also when its client has gone away meanwhile.
            await asyncio.sleep(hit.fault.delay_ms / 1000)
        await hit.fault.deed.do(exchange, hit.chance)

    def _dated(self, send: Send) -> Send:
        """The vendor's own idea of the time stands on every answer."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                now = time.time() + self._conditions.skew(self._vendor).total_seconds()
                date = (b"date", formatdate(now, usegmt=True).encode())
                told = [date, *message.get("headers", ())]
                message = {**message, "headers": [(_spelt(name), value) for name, value in told]}
            await send(message)

        return dated


@cache
def _spelt(name: bytes) -> bytes:
    """A header's name as the vendors write it: some clients look for `Content-Type` in just this spelling."""
    words = b"-".join(word.capitalize() for word in name.lower().split(b"-"))
    return words.replace(b"Hubspot", b"HubSpot").replace(b"Ratelimit", b"RateLimit")
