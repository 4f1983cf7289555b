"""A process of our own that holds no key: asked one thing at a time through its pipes, ended when it is late or says too much.

A question and its answer are `HEAD` (a byte of its own, the length of what follows) and that many bytes.
"""

import os
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

HEAD = struct.Struct(">BI")
KEPT = ("PATH", "HOME", "LANG", "SYSTEMROOT", "TMPDIR", "TEMP")  # of the environment: nothing of ours is in them


class Ended(OSError):
    """The process is gone, was late, or did not answer as agreed. The next question starts another."""


class Child:
    """One process running `script`, started at the first question. Not for several threads at once: the caller holds a lock."""

    def __init__(self, script: str, *, longest_s: float, most: int, questions: int | None = None) -> None:
        """`most`: bytes of an answer. `questions`: after so many another process is taken, and what this one leaked goes with it."""
        self._script, self.longest_s, self._most, self._questions = script, longest_s, most, questions
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = 0

    def ask(self, body: bytes) -> tuple[int, bytes]:
        """The byte and the bytes of the answer. Raises Ended, with the process ended."""
        process = self._process
        if process is None or process.poll() is not None or self._asked == self._questions:
            self.end()
            process = self._process = _start(self._script)
            self._asked = 0
        self._asked += 1
        guard = threading.Timer(self.longest_s, process.kill)
        guard.daemon = True
        guard.start()
        try:
            return self._exchange(process, body)
        except OSError as error:
            self.end()
            raise error if isinstance(error, Ended) else Ended(str(error)) from None
        finally:
            guard.cancel()

    def _exchange(self, process: "subprocess.Popen[bytes]", body: bytes) -> tuple[int, bytes]:
        if process.stdin is None or process.stdout is None:
            raise Ended("no pipes")
        process.stdin.write(HEAD.pack(0, len(body)) + body)
        process.stdin.flush()
        byte, length = HEAD.unpack(_exactly(process.stdout, HEAD.size))
        if length > self._most:
            raise Ended("it announced more than it may say")
        return byte, _exactly(process.stdout, length)

    @property
    def pid(self) -> int | None:
        """Of the process that runs now."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    def end(self) -> None:
        """End the process; the next question starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def surroundings() -> Mapping[str, str]:
    """The environment of a process that needs nothing of ours."""
    return {name: value for name, value in os.environ.items() if name in KEPT}


def _start(script: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 -- our own module: nothing of it comes from outside
        [sys.executable, "-I", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=surroundings(),
        close_fds=True)  # fmt: skip


def _exactly(pipe: Any, length: int) -> bytes:
    data: bytes = pipe.read(length)
    if len(data) != length:
        raise Ended("it ended")
    return data
