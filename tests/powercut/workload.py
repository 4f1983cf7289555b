"""A process to be recorded: actions of three threads on both files, checkpoints, a seal and a reopening, heads in `seal/`.

    python -m tests.powercut.workload FOLDER LOG ROUNDS
"""

import sys
import threading
from functools import partial
from pathlib import Path

import django
from django.db import connections

django.setup()

from permanence.journal import acts, checkpointing, writer  # noqa: E402
from permanence.journal.doors import Actor  # noqa: E402
from permanence.lib import host  # noqa: E402
from permanence.lib.sqlcipher import run  # noqa: E402
from tests.journal.writer import tools  # noqa: E402
from tests.journal.writer.actions import call, save  # noqa: E402
from tests.journal.writer.room import Item  # noqa: E402
from tests.powercut.record import Recorder  # noqa: E402

BY = Actor(None, purpose="set_up")
FILLER = "x" * 700
checkpointing.FRAMES = checkpointing.FEW = 10  # beside the writer, again and again


def head(folder: Path, recorder: Recorder, alias: str) -> None:
    """As the journal saves its head: after COMMIT, whole or not at all."""
    if alias == "default":
        count = run(alias, "SELECT count(*) FROM writerapp_sealed").fetchone()[0]
        host.atomic_write(folder / "seal" / "head", b"%d" % count)
        recorder.ack(b"head head %d" % count)


def first(name: str, i: int) -> None:
    for part in range(1 + i % 3):
        save(f"{name}.{part}")
    Item.objects.filter(owner__startswith=name).update(text=FILLER)


def change(name: str, version: int) -> None:
    Item.objects.filter(owner=f"{name}.0").update(text=f"{version:06}{FILLER}")


def busy(recorder: Recorder, thread: int, turn: int, rounds: int) -> None:
    for i in range(rounds):
        name = f"{turn}.{thread}.{i}"
        call(partial(first, name, i), by=BY)
        recorder.ack(b"default %s.0 0" % name.encode())
        for version in (1, 2):
            call(partial(change, name, version), by=BY)
            recorder.ack(b"default %s.0 %d" % (name.encode(), version))
        writer.current("access").run_job(lambda name=name: Item.objects.using("access").create(owner=name, text=FILLER))
        recorder.ack(b"access %s 0" % name.encode())
    connections.close_all()


def main(folder: Path, log: Path, rounds: int) -> None:
    recorder = Recorder(folder, log)
    recorder.start()
    acts.flush = tools.flush
    acts.head_committed.append(partial(head, folder, recorder))
    for turn in range(2):
        threads = [threading.Thread(target=busy, args=(recorder, thread, turn, rounds)) for thread in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        writer.shutdown()  # the last connection checkpoints and removes the write-ahead log
    recorder.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
