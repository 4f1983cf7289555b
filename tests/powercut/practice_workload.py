"""A practice at work, to be recorded: acts and readings of three threads, heads, a slot, blobs, an epoch, an erasure.

    python -m tests.powercut.practice_workload FOLDER LOG ROUNDS

FOLDER is a practice that opens with cabinet.SECRET; with 0 rounds it is made, and that is recorded.
"""

import os
import sys
import threading
from functools import partial
from pathlib import Path

import django
from django.db import connections

django.setup()

from permanence.documents import blobs  # noqa: E402
from permanence.journal import actions as journal  # noqa: E402
from permanence.journal import acts, checkpointing, folder, heads  # noqa: E402
from permanence.lib import suite  # noqa: E402
from tests.faults import cabinet  # noqa: E402
from tests.powercut.record import Recorder  # noqa: E402
from tests.testapp import actions  # noqa: E402

BY = cabinet.BY
FILLER = "x" * 300
checkpointing.FRAMES = checkpointing.FEW = int(os.environ.get("PERMANENCE_FRAMES", "10"))  # beside the writer, again and again


class Promises:
    """Records what a caller may rely on from now on: each entry committed, each slot and blob kept."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.last = dict.fromkeys(cabinet.FILES, 0)

    def committed(self, alias: str) -> None:
        """On the writer, just after COMMIT: nothing is acknowledged to anybody before this."""
        for row, hash in cabinet.entries(alias, self.last[alias]):
            self.recorder.ack(f"{alias} {hash.hex()}".encode())
            self.last[alias] = row

    def slot(self, here: folder.Folder) -> None:
        id = here.add_slot(suite.x25519_pair()[1], "passkey")
        self.recorder.ack(f"slot {id.hex()}".encode())

    def epoch(self, here: folder.Folder) -> None:
        self.recorder.ack(f"epoch {here.new_epoch()}".encode())

    def blob(self, data: bytes) -> blobs.BlobRef:
        ref = blobs.store(data)
        self.recorder.ack(f"blob {ref.hash.hex()} {ref.key.hex()}".encode())
        return ref


def busy(here: folder.Folder, promises: Promises, thread: int, rounds: int) -> None:
    for i in range(rounds):
        person = actions.register(by=BY, family=f"{thread}.{i}", weight=i)
        note = actions.write_note(person, f"{thread} {i} {FILLER}", by=BY)
        actions.amend(person, by=BY, phone=f"0{thread}{i:08}")
        cabinet.read_one(person)
        if i % 3 == thread:
            ref = promises.blob(bytes([thread, i]) * 900)
            actions.add_item(person, "blob", by=BY, blob=ref.hash + ref.key)
        if i % 3 == 0 and thread == 0:
            promises.slot(here)
        if i % 3 == 1 and thread == 0:
            promises.epoch(here)
        if i % 3 == 1 and thread == 1:
            journal.prune(note, by=BY)
        if i % 3 == 2 and thread == 2:
            journal.erase(person, by=BY)
    connections.close_all()


def main(path: Path, log: Path, rounds: int) -> None:
    cabinet.small_reserve()
    heads.EVERY_S = 0.02  # many more heads than in a day
    recorder = Recorder(path, log)
    recorder.start()
    promises = Promises(recorder)
    if rounds == 0:
        cabinet.make(path)
        recorder.ack(b"made")
        recorder.stop()
        return
    acts.head_committed.append(promises.committed)
    for _ in range(2):
        with cabinet.opened(path) as here:
            threads = [threading.Thread(target=partial(busy, here, promises, thread, rounds)) for thread in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    recorder.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
