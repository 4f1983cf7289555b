"""The line that a hand pulls out: it carries until it is cut, hangs up on everybody at once, and carries again."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from permanence.cli.wire import Wire


@pytest.fixture
def echo() -> Iterator[int]:
    """Says back what it hears."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(one: socket.socket) -> None:
        with one, suppress(OSError):
            while data := one.recv(4096):
                one.sendall(data)

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def said(port: int, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as one:
        one.sendall(data)
        return one.recv(4096)


def test_what_goes_in_comes_out_until_it_is_cut(echo: int) -> None:
    wire = Wire(echo)
    kept = socket.create_connection(("127.0.0.1", wire.port), timeout=5)
    kept.sendall(b"1")
    assert kept.recv(1) == b"1"
    wire.cut()
    with suppress(ConnectionResetError):
        assert kept.recv(1) == b""
    with suppress(OSError):
        assert said(wire.port, b"2") == b""
    wire.mend()
    assert said(wire.port, b"3") == b"3"
    wire.close()
    with pytest.raises(ConnectionError):
        said(wire.port, b"4")


def test_it_dies_in_the_middle_of_what_is_said(echo: int) -> None:
    wire = Wire(echo)
    wire.dies_after = 1000
    with socket.create_connection(("127.0.0.1", wire.port), timeout=5) as one, suppress(OSError):
        for _ in range(20):
            one.sendall(b"x" * 100)
            one.recv(4096)
    assert not wire.whole
    wire.mend()
    assert said(wire.port, b"again") == b"again"
    wire.close()
