"""How fast each service answers, in memory: seconds and names of capabilities, nothing else. Slow is down (SAFER 3.2)."""

import threading
from collections import deque
from collections.abc import Callable

from permanence.capabilities.rules import Capability

LIMIT_S = 3.0  # of the 95th percentile
WINDOW_S = 60.0  # the answers that a percentile is taken of
LASTING_S = 300.0  # slow, or good again, for so long before anything is said
FEWEST = 5  # answers of a window: two slow pages are an accident
MOST = 2_000  # answers kept of one capability


def p95(seconds: list[float]) -> float:
    """The nearest-rank 95th percentile: the value that 95 of 100 do not exceed."""
    ordered = sorted(seconds)
    return ordered[max(0, -(-95 * len(ordered) // 100) - 1)]


class Pace:
    """The answers of the last minute for each capability, since when they are slow, since when they are good."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[Capability, deque[tuple[float, float]]] = {}
        self._slow_since: dict[Capability, float] = {}
        self._good_since: dict[Capability, float] = {}  # of those that are degraded
        self._last = 0.0

    def note(self, capability: Capability, seconds: float, *, at: float) -> None:
        """One answer that took so long; `at` in seconds of the clock."""
        with self._lock:
            self._answers.setdefault(capability, deque(maxlen=MOST)).append((at, seconds))

    def judge(self, at: float) -> dict[Capability, bool]:
        """What changes at this instant: True for a service that has been slow for five minutes, False for one good for as long.

        Asked every few seconds. A clock that goes back begins everything again.
        """
        with self._lock:
            if at < self._last:
                self._answers.clear()
                self._slow_since.clear()
                self._good_since = dict.fromkeys(self._good_since, at)
            self._last = at
            return {one: change for one in Capability if (change := self._change(one, at)) is not None}

    def _change(self, capability: Capability, at: float) -> bool | None:
        slow = self._is_slow(capability, at)
        if capability in self._good_since:
            if slow:
                self._good_since[capability] = at
            elif at - self._good_since[capability] >= LASTING_S:
                del self._good_since[capability]
                return False
            return None
        if not slow:
            self._slow_since.pop(capability, None)
        elif at - self._slow_since.setdefault(capability, at) >= LASTING_S:
            del self._slow_since[capability]
            self._good_since[capability] = at
            return True
        return None

    def _is_slow(self, capability: Capability, at: float) -> bool:
        answers = self._answers.get(capability)
        while answers and answers[0][0] <= at - WINDOW_S:
            answers.popleft()
        return bool(answers) and len(answers or ()) >= FEWEST and p95([seconds for _, seconds in answers or ()]) > LIMIT_S


class Watch(threading.Thread):
    """One per open practice: what the pace says becomes a switch of this machine's own, and is lifted by itself."""

    EVERY_S = 10.0

    def __init__(self, pace: Pace, clock_s: Callable[[], float], degrade: Callable[[Capability], None],
                 restore: Callable[[Capability], None]) -> None:
        super().__init__(name="pace", daemon=True)
        self._pace, self._clock, self._degrade, self._restore = pace, clock_s, degrade, restore
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Before sealing."""
        self._stopping.set()
        if self.is_alive() and threading.current_thread() is not self:
            self.join(5)

    def run(self) -> None:
        while not self._stopping.wait(self.EVERY_S):
            self.tick()

    def tick(self) -> None:
        """Say what changed."""
        for capability, slow in self._pace.judge(self._clock()).items():
            (self._degrade if slow else self._restore)(capability)
