"""Refuses connections to any address but the named ones, wherever in the process they are made.

Used by a dry run around everything it does, as a second wall behind the route table. Must not know vendors or settings.
"""

import ipaddress
import socket
import sys
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from connector.model.errors import OkoshiError

Endpoint = tuple[str, int]

_CONNECTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


class EgressRefused(OkoshiError):
    """Something tried to reach an address that a dry run has no business with."""


class _Wall:
    """The addresses behind some endpoints; names are looked up again when an address is new, as DNS answers rotate."""

    def __init__(self, endpoints: Collection[Endpoint]) -> None:
        self._endpoints = frozenset(endpoints)
        self._addresses: frozenset[Endpoint] = frozenset()

    def admits(self, address: Endpoint) -> bool:
        if address in self._endpoints or address in self._addresses:
            return True
        self._addresses = frozenset(found for endpoint in self._endpoints for found in _addresses(endpoint))
        return address in self._addresses


_walls: list[_Wall] = []
_lock = threading.Lock()
_state = {"installed": False}


@contextmanager
def egress_only(hosts: Collection[Endpoint]) -> Iterator[None]:
    """While open, connections of all threads go to `hosts` ((name or address, port)) or are refused with EgressRefused.

    Unix sockets stay open. Nested uses must all agree. Connections that a C library makes by itself (a database
    driver's) are not seen by Python and so not refused.
    """
    wall = _Wall(hosts)
    with _lock:
        if not _state["installed"]:
            # An audit hook can never be removed: one is installed, and the list of walls switches it.
            sys.addaudithook(_judge)
            _state["installed"] = True
        _walls.append(wall)
    try:
        yield
    finally:
        with _lock:
            _walls.remove(wall)


def _judge(event: str, arguments: tuple[object, ...]) -> None:
    if not _walls or event not in _CONNECTS:
        return
    address = arguments[1]
    if not isinstance(address, tuple):  # a unix socket's path, or an already connected datagram socket
        return
    endpoint = (_plain(str(address[0])), int(address[1]))
    if not all(wall.admits(endpoint) for wall in tuple(_walls)):
        raise EgressRefused(
            f"a connection to {endpoint[0]}:{endpoint[1]} was refused: a dry run reaches only the two vendors"
        )


def _addresses(endpoint: Endpoint) -> Iterator[Endpoint]:
    host, port = endpoint
    try:
        for _, _, _, _, found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            yield _plain(str(found[0])), port
    except OSError:
        return  # the name does not resolve now, so no address belongs to it


def _plain(host: str) -> str:
    """One spelling per address: no zone, and IPv4 out of its IPv6 clothing. A name stays a name."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
