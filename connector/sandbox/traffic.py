"""What passes between clients and the simulated vendors: the log of requests, and faults made on purpose.

`server` wraps each vendor's application in `Watched`; the control URL reads the log and sets faults.
"""

import asyncio
import json
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connector.sandbox.clock import SandboxClock, stored_datetime
from connector.sandbox.connections import close_connection
from connector.sandbox.operations import operation_of

VENDORS = ("salesforce", "hubspot")
DROPS = ("before", "after")


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong for matching requests, `times` times (None: until it is taken away)."""

    vendor: str | None = None
    method: str | None = None
    path: re.Pattern[str] | None = None
    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_ms: int = 0
    drop: str | None = None

    def matches(self, vendor: str, method: str, target: str) -> bool:
        return (
            self.vendor in (None, vendor)
            and self.method in (None, method)
            and (self.path is None or self.path.search(target) is not None)
        )

    @property
    def name(self) -> str:
        return f"drop {self.drop}" if self.drop else str(self.status) if self.status else "delay"


@dataclass
class _Armed:
    fault: Fault
    skip: int
    times: int | None


class Faults:
    """The faults that are set, in order; the first that matches a request is used up by one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []

    def add(self, fault: Fault, skip: int = 0, times: int | None = 1) -> None:
        with self._lock:
            self._armed.append(_Armed(fault, skip, times))

    def clear(self) -> int:
        with self._lock:
            count = len(self._armed)
            self._armed.clear()
            return count

    def next_for(self, vendor: str, method: str, target: str) -> Fault | None:
        with self._lock:
            for one in self._armed:
                if not one.fault.matches(vendor, method, target):
                    continue
                if one.skip > 0:
                    one.skip -= 1
                    continue
                if one.times is not None:
                    one.times -= 1
                    if one.times <= 0:
                        self._armed.remove(one)
                return one.fault
            return None


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
            entry["fault"] = fault.name
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
    }


class Watched:
    """ASGI middleware in front of one vendor: applies faults and logs every request."""

    def __init__(self, app: ASGIApp, vendor: str, log: RequestLog, faults: Faults) -> None:
        self._app = app
        self._vendor = vendor
        self._log = log
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        target = f"{scope['path']}?{query}" if query else scope["path"]
        fault = self._faults.next_for(self._vendor, scope["method"], target)
        if fault and fault.delay_ms:
            receive = await _received(receive)
            await asyncio.sleep(fault.delay_ms / 1000)
        if fault and fault.drop:
            await self._dropped(scope, receive, fault)
        elif fault and fault.status:
            self._log.add(self._vendor, scope, fault.status, fault)
            await _answer(receive, send, fault)
        else:
            await self._passed(scope, receive, send, fault)

    async def _passed(self, scope: Scope, receive: Receive, send: Send, fault: Fault | None) -> None:
        """The entry is written before the answer's last byte leaves, so that its reader finds it in the log."""
        status: int | None = None

        async def watching(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif not message.get("more_body", False):
                self._log.add(self._vendor, scope, status, fault)
            await send(message)

        await self._app(scope, receive, watching)

    async def _dropped(self, scope: Scope, receive: Receive, fault: Fault) -> None:
        async def nowhere(_message: Message) -> None:
            return

        if fault.drop == "after":
            await self._app(scope, receive, nowhere)
        self._log.add(self._vendor, scope, None, fault)
        await close_connection(scope, receive)


async def _received(receive: Receive) -> Receive:
    """A slow vendor has the whole request and does it in the end, also when its client has gone away meanwhile."""
    messages = [await receive()]
    while messages[-1].get("more_body", False):
        messages.append(await receive())

    async def again() -> Message:
        return messages.pop(0) if messages else await receive()

    return again


async def _answer(receive: Receive, send: Send, fault: Fault) -> None:
    while (await receive()).get("more_body", False):
        pass  # the request is read to its end, else the connection could not be used again
    text = fault.body if isinstance(fault.body, str) else json.dumps(fault.body, ensure_ascii=False)
    content = b"" if fault.body is None else text.encode()
    headers = {"content-type": "application/json;charset=utf-8", "content-length": str(len(content))}
    headers |= {name.lower(): value for name, value in fault.headers.items()}
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": fault.status, "headers": raw})
    await send({"type": "http.response.body", "body": content})
