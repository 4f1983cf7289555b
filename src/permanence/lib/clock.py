"""The only clock: UTC instants, integer milliseconds, hybrid logical clocks; nobody else asks the machine the time."""

import datetime
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MOST_AHEAD_MS = 5 * 60 * 1000  # a remote clock further ahead than this is not believed (design, section 4)

_fixed: int | None = None  # nanoseconds since 1970, UTC
_offset = 0  # nanoseconds
_known_good: Callable[[], bool] | None = None


def _ns() -> int:
    return _fixed if _fixed is not None else time.time_ns() + _offset


def now() -> datetime.datetime:
    """The present instant, aware, UTC, with the whole milliseconds of `ms()` (what is stored is what was shown)."""
    seconds, rest = divmod(ms(), 1000)
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).replace(microsecond=rest * 1000)


def ms() -> int:
    """Milliseconds since 1970-01-01 UTC, leap seconds ignored."""
    return _ns() // 1_000_000


def monotonic() -> float:
    """Seconds that never go back, for durations only; not overridden."""
    return time.monotonic()


@contextmanager
def override(fixed: datetime.datetime | None = None, *, offset: datetime.timedelta | None = None) -> Iterator[None]:
    """Tests only, all threads: stand still at `fixed` (aware), or run with `offset` added to the machine's clock."""
    global _fixed, _offset
    if (fixed is None) == (offset is None):
        raise TypeError("either a fixed instant or an offset")
    if fixed is not None and fixed.tzinfo is None:
        raise ValueError("a naive instant has no place in time")
    before = _fixed, _offset
    _fixed = None if fixed is None else _to_ns(fixed)
    _offset = 0 if offset is None else round(offset / datetime.timedelta(microseconds=1)) * 1000
    try:
        yield
    finally:
        _fixed, _offset = before


def _to_ns(instant: datetime.datetime) -> int:
    since = instant.astimezone(datetime.UTC) - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return since // datetime.timedelta(microseconds=1) * 1000


def clock_known_good() -> bool:
    """Whether something vouches for this clock (a time service, a check against saved heads). False: nobody said so."""
    return _known_good is not None and _known_good()


def use_known_good(hook: Callable[[], bool] | None) -> None:
    """Set who vouches for the clock; called once per entry, so it must answer at once."""
    global _known_good
    _known_good = hook


# -- hybrid logical clock: 48 bits of milliseconds, 16 bits of counter (Kulkarni et al., 2014)


def hlc_tick(last: int, wall_ms: int) -> int:
    """The clock of a new entry: later than `last`, the latest known, and not before the wall clock."""
    return max(wall_ms << 16, last + 1)


def hlc_ms(hlc: int) -> int:
    """The milliseconds part, for display and for measuring skew."""
    return hlc >> 16


def hlc_merge(last: int, remote: int, wall_ms: int) -> int:
    """The `last` to tick from after having seen `remote`; a remote time more than five minutes ahead is not adopted."""
    return last if hlc_ms(remote) > wall_ms + MOST_AHEAD_MS else max(last, remote)
