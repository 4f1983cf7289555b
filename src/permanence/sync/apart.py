"""A cut on purpose: for some minutes this machine neither asks the others anything nor answers them. It ends by itself, and at a restart.

In memory only: nothing that failed could leave a practice cut off.
"""

import datetime
from dataclasses import dataclass

from permanence.journal import peers
from permanence.lib import clock

MOST = datetime.timedelta(hours=2)
WHY = "exercise"  # why our own talks fail meanwhile
SAID = "apart"  # what the others are told


@dataclass(frozen=True, slots=True)
class Apart:
    """`unplugged`: somebody said that the line to the Internet is unplugged too."""

    since: datetime.datetime
    until: datetime.datetime
    unplugged: bool
    ends: float  # of the monotonic clock, which decides


_now: Apart | None = None


def begin(length: datetime.timedelta, *, unplugged: bool = False) -> Apart:
    """From now on. A second call replaces the first."""
    global _now
    length, now = min(length, MOST), clock.now()
    _now = Apart(now, now + length, unplugged, clock.monotonic() + length.total_seconds())
    return _now


def end() -> None:
    """At once: the next talk, within seconds, is a real one."""
    global _now
    _now = None


def standing() -> Apart | None:
    """The cut that holds now."""
    found = _now
    if found is not None and clock.monotonic() >= found.ends:
        end()
        return None
    return found


def refuse() -> None:
    """Before a talk. Raises peers.Unreachable while this machine stands apart."""
    if standing() is not None:
        raise peers.Unreachable(WHY)
