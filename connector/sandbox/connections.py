"""Open connections of the sandbox's servers, so that a fault can cut one without an answer.

`server` gives `TrackedProtocol` to uvicorn, `traffic` closes; it must not know what was asked.
"""

import asyncio
from typing import Any

from starlette.types import Receive, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_OPEN: dict[tuple[Any, Any], asyncio.Transport] = {}


def _place(server: Any, client: Any) -> tuple[Any, Any]:
    return (tuple(server) if server else None, tuple(client) if client else None)


class TrackedProtocol(H11Protocol):
    """uvicorn's HTTP protocol; it remembers the transport of each client while that is connected."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        _OPEN[_place(self.server, self.client)] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        _OPEN.pop(_place(self.server, self.client), None)
        super().connection_lost(exc)


async def close_connection(scope: Scope, receive: Receive) -> None:
    """Cut the connection that this request came on; the client sees it closed without a byte of answer."""
    transport = _OPEN.get(_place(scope.get("server"), scope.get("client")))
    if transport is None:
        return
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
