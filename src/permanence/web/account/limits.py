"""A brake on guessing one-time codes: few tries per address and in all. In memory; a restart forgives."""

import threading
import time
from collections import deque

from django.http import HttpRequest

from permanence.journal.doors import Refused

WINDOW_SECONDS = 600.0
TOO_MANY = "Trop d’essais. Attendre dix minutes, puis recopier le code tel qu’il est affiché."


class Brake:
    """At most `each` tries per address and `total` for everybody, in ten minutes."""

    def __init__(self, *, each: int, total: int) -> None:
        self._each, self._total = each, total
        self._tries: deque[tuple[float, str]] = deque()
        self._lock = threading.Lock()

    def spend(self, request: HttpRequest) -> None:
        """Count one try. Raises Refused `tries` when there were too many."""
        address, now = str(request.META.get("REMOTE_ADDR", "")), time.monotonic()
        with self._lock:
            while self._tries and now - self._tries[0][0] > WINDOW_SECONDS:
                self._tries.popleft()
            mine = sum(1 for _, tried in self._tries if tried == address)
            if mine >= self._each or len(self._tries) >= self._total:
                raise Refused(TOO_MANY, code="tries")
            self._tries.append((now, address))

    def clear(self) -> None:
        with self._lock:
            self._tries.clear()


codes = Brake(each=20, total=100)
