"""The text of a stranger's PDF, read in a process of its own that holds no key and is ended when it takes too long.

The child gets bytes through a pipe and gives words back; whatever the file does to it, the next file gets another child.
"""

import json
import threading
from dataclasses import dataclass
from pathlib import Path

from permanence.lib.child import Child
from permanence.lib.child_pdf import MOST_CHARACTERS

LONGEST_S = 8.0  # a file that takes longer is not read
LARGEST = 20 * 1024 * 1024  # bytes
LONGEST_ANSWER = 20 * MOST_CHARACTERS  # bytes: each character may be escaped
MOST_FILES = 2_000  # of one child: what it leaks goes with it
SCRIPT = Path(__file__).with_name("child_pdf.py")


@dataclass(frozen=True, slots=True)
class Read:
    """The beginning of a PDF's text and its number of pages; `wrong` says in French why it was not read."""

    text: str = ""
    pages: int = 0
    wrong: str = ""


class Extractor:
    """One child, started at the first file. Several threads wait for one another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.child = Child(str(SCRIPT), longest_s=LONGEST_S, most=LONGEST_ANSWER, questions=MOST_FILES)

    def read(self, data: bytes) -> Read:
        """The text of the first pages. Never raises for what the file does."""
        if len(data) > LARGEST:
            return Read(wrong="PDF de plus de 20\u00a0Mo")
        if b"%PDF-" not in data[:1024]:
            return Read(wrong="ce fichier n’est pas un PDF, malgré son nom")
        with self._lock:
            try:
                answer = json.loads(self.child.ask(data)[1])
                return Read(str(answer["text"])[:MOST_CHARACTERS], int(answer["pages"]), str(answer["wrong"])[:200])
            except (OSError, ValueError, TypeError, KeyError):  # the file may have made the child say anything
                self.child.end()
                return Read(wrong="PDF illisible\u00a0: le lecteur s’est arrêté dessus")

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self.child.end()
