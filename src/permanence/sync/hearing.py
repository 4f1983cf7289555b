"""Who was heard, and when: machines that asked this one, or that answered it. In memory, since it is told at every exchange.

A machine that is never called from here (a laptop that calls the office) is known by its questions alone.
"""

import datetime
from dataclasses import dataclass

from permanence.journal.exchange import Vector
from permanence.lib import clock

SILENT_S = 8.0  # it asks three times a second, every two seconds when something fails: noticed within ten seconds


@dataclass(frozen=True, slots=True)
class Sound:
    """The last time. `at`: for people; `monotonic`: for durations."""

    at: datetime.datetime
    monotonic: float


_last: dict[bytes, Sound] = {}
_held: dict[bytes, Vector] = {}
_begun = clock.monotonic()


def heard(key: bytes) -> None:
    """Now, of the machine that this transport key (32 bytes) or replica id (16 bytes) names."""
    _last[key] = Sound(clock.now(), clock.monotonic())


def holds(key: bytes, held: Vector) -> None:
    """What that machine says it holds, when it asks for what it lacks or answers us."""
    _held[key] = held


def held_by(*keys: bytes) -> Vector | None:
    """The last that it said, since this practice was opened."""
    return next((_held[key] for key in keys if key in _held), None)


def last(*keys: bytes) -> Sound | None:
    """The last time since this practice was opened, under any of these names."""
    found = [sound for key in keys if (sound := _last.get(key)) is not None]
    return max(found, key=lambda sound: sound.monotonic, default=None)


def quiet_for(*keys: bytes) -> float:
    """Seconds since it was heard, or since this practice was opened: nobody is missed before they could have spoken."""
    sound = last(*keys)
    return clock.monotonic() - max(_begun, sound.monotonic if sound else 0.0)


def begin() -> None:
    """At each opening: nothing of before is remembered here."""
    global _begun
    _last.clear()
    _held.clear()
    _begun = clock.monotonic()
