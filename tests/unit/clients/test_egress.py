"""The guard on sockets: while it stands, connections reach only the named endpoints, in every thread."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.clients.egress import EgressRefused, egress_only


@pytest.fixture
def listener() -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield "127.0.0.1", server.getsockname()[1]


def test_a_named_endpoint_is_reached_by_name_or_address(listener: tuple[str, int]) -> None:
    """An endpoint is given as the vendor's host name; the addresses behind it are admitted."""
    with egress_only([("localhost", listener[1])]), socket.create_connection(listener, 2):
        pass


def test_another_address_is_refused_and_named(listener: tuple[str, int]) -> None:
    """A connection elsewhere fails before any byte leaves, whoever makes it."""
    with egress_only([("127.0.0.1", 1)]), pytest.raises(EgressRefused, match=f"127.0.0.1:{listener[1]}"):
        socket.create_connection(listener, 2)


def test_another_thread_is_refused_too(listener: tuple[str, int]) -> None:
    """The guard is the whole process's, not the calling thread's."""
    caught: list[BaseException] = []

    def connect() -> None:
        try:
            socket.create_connection(listener, 2)
        except EgressRefused as error:
            caught.append(error)

    with egress_only([]):
        thread = threading.Thread(target=connect)
        thread.start()
        thread.join()
    assert len(caught) == 1


def test_afterwards_everything_is_open_again(listener: tuple[str, int]) -> None:
    """The guard ends with its block, also when the block fails."""
    with pytest.raises(RuntimeError), egress_only([]):
        raise RuntimeError
    socket.create_connection(listener, 2).close()


def test_nested_guards_must_all_agree(listener: tuple[str, int]) -> None:
    """An inner guard cannot widen an outer one."""
    with egress_only([]), egress_only([listener]), pytest.raises(EgressRefused):
        socket.create_connection(listener, 2)


def test_a_datagram_is_refused_too() -> None:
    """Bytes can also leave without a connection."""
    with egress_only([]), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, pytest.raises(EgressRefused):
        sender.sendto(b"x", ("127.0.0.1", 9))


def test_unix_sockets_stay_open(tmp_path: Path) -> None:
    """A local database on a unix socket is no way out of the machine."""
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(path)
        server.listen()
        with egress_only([]):
            client.connect(path)
