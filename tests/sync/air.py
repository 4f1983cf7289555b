"""A local network in a folder: whoever is tuned in hears every token said there, again and again, as an attacker would say them too."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path

from permanence.lib.discovery import Heard


class Air:
    """`say` is anybody's; `radio` is what a machine has."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir(exist_ok=True)

    def say(self, token: bytes) -> None:
        made = self.place / f".{os.urandom(8).hex()}"
        made.write_bytes(token)
        made.rename(self.place / made.name[1:])

    def said(self) -> list[bytes]:
        there = [one for one in self.place.iterdir() if not one.name.startswith(".")]  # a hidden one may have its own name by now
        return [one.read_bytes() for one in sorted(there, key=lambda one: one.stat().st_mtime_ns)]

    def radio(self, heard: Heard, interfaces: Sequence[str]) -> "Radio":
        return Radio(self, heard)


class Radio:
    """Says once, hears everything, its own words too."""

    def __init__(self, air: Air, heard: Heard) -> None:
        self.air, self._heard, self._over = air, heard, threading.Event()
        threading.Thread(target=self._listen, name="air", daemon=True).start()

    def announce(self, port: int, addresses: Sequence[str], token: bytes) -> None:
        self.air.say(token)

    def close(self) -> None:
        self._over.set()

    def _listen(self) -> None:
        while not self._over.wait(0.05):
            for token in self.air.said():
                self._heard(token)
