"""A scan of our own numbered forms: its pages as pictures, and the code read on each, by a process of its own that holds no key."""

import base64
import json
import threading
from dataclasses import dataclass, field
from pathlib import Path

from permanence.lib.child import Child
from permanence.lib.child_sheets import MOST_PAGES

LONGEST_S = 60.0  # forty pages on a slow machine
LARGEST = 20 * 1024 * 1024  # bytes
LONGEST_ANSWER = 64 * 1024 * 1024  # bytes
SCRIPT = Path(__file__).with_name("child_sheets.py")
WRONG = (f"Ce fichier ne se lit pas, ou a plus de {MOST_PAGES}\u00a0pages\u00a0: numériser en PDF, JPEG ou PNG, ou saisir le numéro "
         "écrit en haut de la fiche.")  # fmt: skip
_START = b"\xff\xd8\xff"


class Unreadable(Exception):
    """`sentence` is French, and says what to do instead."""

    def __init__(self, sentence: str = WRONG) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: what its code says, empty when none was found, and a JPEG of it."""

    code: str
    jpeg: bytes = field(repr=False)


class Scanner:
    """One child, started at the first scan, ended after each few: what the file did to it goes with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.child = Child(str(SCRIPT), longest_s=LONGEST_S, most=LONGEST_ANSWER, questions=20)

    def read(self, data: bytes) -> list[Sheet]:
        """Every page. Raises Unreadable for what the file does."""
        if not data or len(data) > LARGEST:
            raise Unreadable
        with self._lock:
            try:
                answer = json.loads(self.child.ask(data)[1])
                found = [Sheet(str(page["code"]), base64.b64decode(page["jpeg"])) for page in answer["pages"]]
            except (OSError, ValueError, TypeError, KeyError):  # the file may have made the child say anything
                self.child.end()
                raise Unreadable from None
        if not found or not all(one.jpeg.startswith(_START) for one in found):
            raise Unreadable
        return found

    def close(self) -> None:
        with self._lock:
            self.child.end()


_scanner = Scanner()


def read(data: bytes) -> list[Sheet]:
    """The pages of a scan. Raises Unreadable."""
    return _scanner.read(data)


def close() -> None:
    """End the process; the next scan starts another."""
    _scanner.close()
