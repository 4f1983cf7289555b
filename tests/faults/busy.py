"""A practice at work until it is killed: each line it writes names entries that somebody was told are kept.

    python -m tests.faults.busy FOLDER [COPIES]    (COPIES: a nightly copy is being made meanwhile)
"""

import itertools
import os
import sys
import threading
from pathlib import Path

import django

django.setup()

from permanence.journal import acts, backup, folder  # noqa: E402
from tests.faults import cabinet  # noqa: E402
from tests.testapp import actions  # noqa: E402

BY = cabinet.BY


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())  # whole or not at all: shorter than a pipe's page


class Told:
    def __init__(self) -> None:
        self.last = {alias: max((row for row, _ in cabinet.entries(alias)), default=0) for alias in cabinet.FILES}

    def committed(self, alias: str) -> None:
        for row, hash in cabinet.entries(alias, self.last[alias]):
            say(f"{alias} {hash.hex()}")
            self.last[alias] = row


def write() -> None:
    for i in itertools.count():
        person = actions.register(by=BY, family=f"n{i}", weight=i)
        actions.write_note(person, "x" * (i * 37 % 4000), by=BY)
        actions.amend(person, by=BY, phone=f"06{i:08}")


def read() -> None:
    for _ in itertools.count():
        cabinet.read_one()


def copy(here: folder.Folder, copies: Path) -> None:
    for _ in itertools.count():
        backup.make(here, here.keys, copies)


def main(path: Path, copies: Path | None) -> None:
    cabinet.small_reserve()
    with cabinet.opened(path) as here:
        acts.head_committed.append(Told().committed)
        say("open")
        works = [write, write, read] + ([lambda: copy(here, copies)] if copies else [])
        threads = [threading.Thread(target=work, daemon=True) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
