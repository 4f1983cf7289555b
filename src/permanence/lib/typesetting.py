"""Printed documents: a template of ours and plain data become a PDF, in a process of its own that holds no key.

Templates are `.typ` files under the package (`lib/typst/page.typ`, `<room>/typst/*.typ`). Data reach them as JSON through `sys.inputs`:
a patient's name is never code (Typst reference, « sys.inputs »).
"""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from permanence.lib.child import Child

SCRIPT = Path(__file__).with_name("child_typst.py")
IDLE_S = 600.0  # the process goes after ten minutes without a document
LONGEST_S = 60.0  # a document that takes longer is given up
LARGEST = 100_000_000  # bytes of a PDF


class NotTypeset(Exception):
    """The document could not be made; the message is the typesetter's and may quote the data: never log it."""


class Typesetter:
    """One child process, started at the first document. Calls from several threads wait for one another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.child = Child(str(SCRIPT), longest_s=LONGEST_S, most=LARGEST)
        self._rest: threading.Timer | None = None

    def pdf(self, template: str, data: Mapping[str, Any]) -> bytes:
        """A PDF/A-3a that is also PDF/UA-1. `template` is a path under the package; `data` is JSON without secrets of ours.

        Raises NotTypeset; a child that dies is started again once.
        """
        asked = json.dumps({"template": template, "data": json.dumps(data, ensure_ascii=False)}).encode()
        with self._lock:
            try:
                failed, answer = self.child.ask(asked)
            except OSError:
                failed, answer = self._again(asked)
            self._stop_later()
        if failed:
            raise NotTypeset(answer.decode(errors="replace"))
        return answer

    def _again(self, asked: bytes) -> tuple[int, bytes]:
        try:
            return self.child.ask(asked)
        except OSError:
            raise NotTypeset("the typesetter does not answer") from None

    def _stop_later(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
        self._rest = threading.Timer(IDLE_S, self.close)
        self._rest.daemon = True
        self._rest.start()

    def close(self) -> None:
        """End the child; the next document starts another."""
        with self._lock:
            self.child.end()


_shared = Typesetter()
pdf = _shared.pdf
close = _shared.close
