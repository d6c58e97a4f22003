"""Open connections of the sandbox's servers, so that a fault can cut one without an answer.

`server` gives `TrackedProtocol` to uvicorn, `traffic` closes; it must not know what was asked.
"""

import asyncio
import socket
import struct
from typing import Any

from starlette.types import Receive, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_RST_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, for no time: closing sends RST instead of FIN
_ON_ITS_WAY_SECONDS = 0.01

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
    transport = _transport(scope)
    if transport is not None:
        transport.abort()
        await _gone(receive)


async def reset_connection(scope: Scope, receive: Receive, first: bytes = b"") -> None:
    """Send these bytes and then RST, as a broken middle box or a crashed server does."""
    transport = _transport(scope)
    if transport is None:
        return
    if first:
        transport.write(first)
        await asyncio.sleep(_ON_ITS_WAY_SECONDS)  # what is still in a buffer would be thrown away with the connection
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST_ON_CLOSE)
    transport.abort()
    await _gone(receive)


async def close_connection_after(scope: Scope, receive: Receive, told: bytes) -> None:
    """Send these bytes and close in good order."""
    transport = _transport(scope)
    if transport is not None:
        transport.write(told)
        transport.close()
        await _gone(receive)


def _transport(scope: Scope) -> asyncio.Transport | None:
    return _OPEN.get(_place(scope.get("server"), scope.get("client")))


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
