"""The wire beneath the session: answers of a bearable pace and size, and certainty of what was never even connected.

Used by the session only. Must not know vendors or what answers mean.
"""

import http.client
import io
import logging
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.poolmanager import PoolManager, ProxyManager

SLOWEST = 16_000
"""Bytes a second. A time-out counts from one byte to the next, so that an answer could trickle in for days."""

LONGEST_TIMEOUTS = 10
"""However fast it flows, an answer ends within so many time-outs."""

_CHUNK = 65_536
_POOLS = {"http": HTTPConnectionPool}

# It warns of headers that cannot be read, with the address and so the query in it.
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)


class TooLarge(Exception):
    """An answer is larger than any that was asked for."""


class NeverConnected(NewConnectionError):
    """Connection, tunnel or TLS handshake failed, so nothing of the request was sent; `original_error` says why."""

    def __init__(self, connection: HTTPSConnection, error: Exception) -> None:
        super().__init__(connection, type(error).__name__)
        self.original_error = error


class _Paced(io.RawIOBase):
    """A socket's bytes, for as long as they come at a bearable pace."""

    def __init__(self, raw: io.RawIOBase, sock: Any) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._timeout: float | None = sock.gettimeout()
        self._began: float | None = None
        self._received = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._timeout is not None and self._began is not None:
            self._sock.settimeout(min(self._timeout, self._left(self._timeout)))
        number: int | None = self._raw.readinto(buffer)
        if self._began is None:
            self._began = time.monotonic()
        self._received += number or 0
        return number

    def _left(self, timeout: float) -> float:
        """Seconds that remain for the rest. Raises TimeoutError where none do."""
        allowed = min(timeout + self._received / SLOWEST, LONGEST_TIMEOUTS * timeout)
        left = allowed - (time.monotonic() - (self._began or 0.0))
        if left <= 0:
            raise TimeoutError("the answer comes too slowly")
        return left

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_Paced(self.fp.detach(), sock))


class _Connection(HTTPSConnection):
    response_class = _Response

    def connect(self) -> None:
        try:
            super().connect()
        except NewConnectionError:
            raise
        except (OSError, http.client.HTTPException, HTTPError) as error:
            raise NeverConnected(self, error) from error


class _Pool(HTTPSConnectionPool):
    ConnectionCls = _Connection


class Adapter(HTTPAdapter):
    """Requests' own adapter, over these connections; a proxy's tunnel included."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        _with_our_pools(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **options: Any) -> ProxyManager:
        manager: ProxyManager = super().proxy_manager_for(*args, **options)
        _with_our_pools(manager)
        return manager


def _with_our_pools(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {**_POOLS, "https": _Pool}


def take_in(response: requests.Response, most: int) -> None:
    """Reads the body of a streamed response into its `content`. Raises TooLarge beyond `most` bytes, unpacked."""
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(_CHUNK):
        size += len(part)
        if size > most:
            response.close()
            raise TooLarge
        parts.append(part)
    response._content = b"".join(parts)  # what `content` returns; requests has no bounded way to fill it
