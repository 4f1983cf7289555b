"""A brake on guessing one-time codes: few tries per address, many more in all. In memory; a restart forgives."""

import threading
import time
from collections import Counter, deque
from ipaddress import ip_address, ip_network

from django.http import HttpRequest

from permanence.journal.doors import Refused

WINDOW_SECONDS = 600.0
TOO_MANY = "Trop d’essais. Attendre dix minutes, puis recopier le code tel qu’il est affiché."


class Brake:
    """At most `each` tries per address and `total` for everybody, in ten minutes.

    A code has 50 random bits, so `total` may be large: a small one would let one stranger shut the door on everybody.
    """

    def __init__(self, *, each: int, total: int) -> None:
        self._each, self._total = each, total
        self._tries: deque[tuple[float, str]] = deque()
        self._of: Counter[str] = Counter()
        self._lock = threading.Lock()

    def spend(self, request: HttpRequest) -> None:
        """Count one try. Raises Refused `tries` when there were too many."""
        address, now = _address(str(request.META.get("REMOTE_ADDR", ""))), time.monotonic()
        with self._lock:
            while self._tries and now - self._tries[0][0] > WINDOW_SECONDS:
                self._of[self._tries.popleft()[1]] -= 1
            self._of += Counter()  # drops the zeros
            if self._of[address] >= self._each or len(self._tries) >= self._total:
                raise Refused(TOO_MANY, code="tries")
            self._tries.append((now, address))
            self._of[address] += 1

    def clear(self) -> None:
        with self._lock:
            self._tries.clear()
            self._of.clear()


def _address(text: str) -> str:
    """An IPv6 neighbour has a whole /64 of addresses to try from: they count as one."""
    try:
        found = ip_address(text)
    except ValueError:
        return ""
    if found.version == 4 or found.ipv4_mapped:
        return str(found)
    return str(ip_network((found, 64), strict=False))


codes = Brake(each=20, total=5_000)
