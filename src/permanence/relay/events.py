"""Who is told that there is more: open streams by practice, fed from the threads that keep batches. A number goes out, nothing else."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

BEAT_S = 15.0
MOST = 2_000  # streams of the whole relay
MOST_OF_ONE = 100


class TooMany(Exception):
    """No more streams now."""


@dataclass(eq=False)
class _Stream:
    key: bytes
    until: int = 0
    ended: bool = False
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class Streams:
    """The streams of this process. A slow listener is told the last number only: nothing is queued."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: dict[bytes, set[_Stream]] = {}
        self._count = 0

    def told(self, practice: bytes, until: int) -> None:
        """From any thread: more came to this practice, up to that place."""
        self._later(lambda: [self._wake(stream, until) for stream in self._open.get(practice, ())])

    def end(self, practice: bytes, key: bytes) -> None:
        """From any thread: this key speaks no more."""
        def cut() -> None:
            for stream in self._open.get(practice, ()):
                if stream.key == key:
                    stream.ended = True
                    stream.woken.set()

        self._later(cut)

    def _later(self, call: Callable[[], object]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call)

    @staticmethod
    def _wake(stream: _Stream, until: int) -> None:
        stream.until = max(stream.until, until)
        stream.woken.set()

    async def parts(self, practice: bytes, key: bytes, until: Callable[[], int | None]) -> AsyncGenerator[bytes, None]:
        """What is sent: the present place, then each later one. `until`, in a thread, says the place, or None when the key may no more."""
        self._loop = asyncio.get_running_loop()
        stream, open_ = _Stream(key), self._open.setdefault(practice, set())
        if self._count >= MOST or len(open_) >= MOST_OF_ONE:
            raise TooMany
        open_.add(stream)
        self._count += 1
        try:
            said = -1
            while not stream.ended:
                now = await self._loop.run_in_executor(None, until) if not stream.woken.is_set() else stream.until
                if now is None:
                    return
                stream.woken.clear()
                now = max(now, stream.until)
                yield b"data: %d\n\n" % now if now > said else b": .\n\n"
                said = max(said, now)
                try:
                    await asyncio.wait_for(stream.woken.wait(), BEAT_S)
                except TimeoutError:
                    continue
        finally:
            open_.discard(stream)
            self._count -= 1
            if not open_:
                self._open.pop(practice, None)


streams = Streams()
