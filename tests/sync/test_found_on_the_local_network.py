"""Two machines served as they are in a practice: the address that was given is dead, and they find each other all the same.

Real processes, real TLS, a local network in a folder. An attacker says again what was said before, from an address that it has taken.
"""

import json
import socket
import ssl
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from permanence.cli.wire import Wire
from tests.ports import free_port
from tests.sync.air import Air
from tests.sync.rooms import PATIENCE_S, Child, Room

OFFICE, LAPTOP = "bureau.cabinet.localhost", "portable.cabinet.localhost"


class Taken:
    """Who has taken an address: answers TLS with a certificate of its own, and notes whether anything was said after it."""

    def __init__(self, address: str, port: int, leaf: tuple[Path, Path]) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*leaf)
        self._listener = socket.create_server((address, port))
        self.called, self.heard = threading.Event(), b""
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            self.called.set()
            with suppress(OSError), caller, self._context.wrap_socket(caller, server_side=True) as opened:
                self.heard += opened.recv(4096)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class Served:
    """A machine's folder, and the process that serves it."""

    def __init__(self, room: Room, folder: Path, name: str, port: int, air: Path) -> None:
        self.room, self.folder, self.name, self.port, self.air = room, folder, name, port, air
        self.child: Child | None = None

    def live(self, address: str, **more: Any) -> dict[str, Any]:
        self.child = self.room.start("live", folder=str(self.folder), name=self.name, port=self.port, air=str(self.air), address=address,
                                     **more)  # fmt: skip
        return self.child.wait("ready")

    def stop(self) -> None:
        if self.child is not None:
            self.child.kill()
            self.child = None

    def now(self) -> dict[str, Any]:
        assert self.child is not None
        self.child.wait("held")
        return [one for one in self.child.said() if "held" in one][-1]


def reached(one: Served, base: str) -> str:
    return dict(map(tuple, one.now()["ways"])).get(base, "")


def until(one: Served, other: Served, *, near: tuple[Served, str] | None = None) -> None:
    """Both hold the same; and that one is reached near."""
    end = time.monotonic() + PATIENCE_S
    while one.now()["held"] != other.now()["held"] or (near and reached(near[0], near[1]) != "near"):
        assert time.monotonic() < end, json.dumps([one.now(), other.now()])[-2000:]
        time.sleep(0.02)


def test_machines_talk_where_they_were_found_when_nothing_else_leads_there(room: Room, tmp_path: Path) -> None:
    air, ports = Air(tmp_path / "air"), (free_port(), free_port())
    office = Served(room, tmp_path / "office", OFFICE, ports[0], air.place)
    laptop = Served(room, tmp_path / "laptop", LAPTOP, ports[1], air.place)
    wire, taken = Wire(office.port), None
    try:
        room.done("found", folder=str(office.folder), tls=True)
        code = office.live("127.0.0.1", code=True)["code"]
        room.done("join", folder=str(laptop.folder), port=office.port, at=f"127.0.0.1:{wire.port}", code=code, tls=True)
        laptop.live("127.0.0.2")
        until(office, laptop, near=(office, f"https://{LAPTOP}:{laptop.port}/entre-machines/"))  # nobody gave the office that address
        replayed = air.said()

        office.stop()
        laptop.stop()
        wire.close()  # the address that was given leads nowhere
        leaf = tuple(laptop.folder / "seal" / "tls" / name for name in ("cert.pem", "key.pem"))  # of the practice, but another name
        taken = Taken("127.0.0.1", office.port, leaf)  # type: ignore[arg-type]
        for token in replayed:
            air.say(token)
        office.live("127.0.0.7", who="bureau", count=4)
        texts = office.child.wait("texts")["texts"]  # type: ignore[union-attr]
        laptop.live("127.0.0.2", who="portable", count=4)
        texts += laptop.child.wait("texts")["texts"]  # type: ignore[union-attr]
        until(office, laptop, near=(laptop, f"https://{OFFICE}:{office.port}/entre-machines/"))
        for token in replayed:
            air.say(token)
        until(office, laptop)
        assert taken.called.wait(PATIENCE_S)
        assert taken.heard == b""  # whatever called there hung up when it saw the certificate
        for one in (office, laptop):
            one.stop()
        looked = [room.done("look", folder=str(one.folder)) for one in (office, laptop)]
        assert looked[0]["texts"] == looked[1]["texts"] == sorted(texts)
        assert looked[0]["findings"] == looked[1]["findings"] == []
    finally:
        office.stop()
        laptop.stop()
        wire.close()
        if taken is not None:
            taken.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_real_network_carries_a_token() -> None:
    """Multicast on the loopback interface, where the system permits it."""
    from permanence.lib import discovery

    came = threading.Event()

    def hear(token: bytes) -> None:
        if token == b"x" * 168:  # whoever else announces on this machine is heard too
            came.set()

    try:
        ear, mouth = discovery.Multicast(hear, ["127.0.0.1"]), discovery.Multicast(lambda token: None, ["127.0.0.1"])
    except OSError as error:
        pytest.skip(f"no multicast here: {error}")
    try:
        mouth.announce(443, ["127.0.0.1"], b"x" * 168)
        if not came.wait(20):
            pytest.skip("multicast on the loopback interface is not carried here")
    finally:
        mouth.close()
        ear.close()
