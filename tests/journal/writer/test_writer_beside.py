"""What goes on beside the writer: the log is taken into its file, and an import leaves room for people."""

import threading
import time
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import connections, transaction

from permanence.journal import checkpointing
from permanence.journal import writer as w
from permanence.journal.doors import Actor
from permanence.lib import sqlcipher
from tests.journal.writer.actions import call
from tests.journal.writer.room import Item

DR, SOMEBODY = Actor(None, purpose="set_up"), Actor(uuid4(), purpose="set_up")


def test_the_log_is_taken_into_its_file_and_starts_again(live, monkeypatch):
    monkeypatch.setattr(checkpointing, "FRAMES", 40)
    most = taken_most = 0
    for i in range(400):
        call(lambda i=i: Item.objects.create(owner=f"o{i}", text="x" * 3000), by=DR)
        _, written, taken = sqlcipher.run("default", "PRAGMA wal_checkpoint(NOOP)").fetchone()
        most, taken_most = max(most, written), max(taken_most, taken)
    assert taken_most > 0
    assert most < 40 + 3 * checkpointing.FEW, "the log only grows"
    assert Item.objects.count() == 400
    w.shutdown()
    connections.close_all()
    assert Item.objects.count() == 400
    assert sqlcipher.run("default", "PRAGMA quick_check").fetchone() == ("ok",)


def test_a_checkpoint_that_fails_is_said_and_the_writer_goes_on(live, monkeypatch, caplog):
    monkeypatch.setattr(checkpointing, "FRAMES", 1)
    before = sqlcipher.run

    def broken(alias, sql, *values):
        if "wal_checkpoint" in sql:
            raise sqlcipher.Sealed(alias)
        return before(alias, sql, *values)

    monkeypatch.setattr(sqlcipher, "run", broken)
    for i in range(5):
        call(lambda i=i: Item.objects.create(owner=f"o{i}"), by=DR)
    until = time.monotonic() + 60
    while "could not be taken" not in caplog.text and time.monotonic() < until:
        time.sleep(0.01)
    assert "the log could not be taken into its file: Sealed" in caplog.text
    assert live.alive
    call(lambda: Item.objects.create(owner="after"), by=DR)
    assert Item.objects.count() == 6


def test_what_was_destroyed_leaves_the_log_as_soon_as_nobody_reads_it(live, monkeypatch):
    monkeypatch.setattr(checkpointing, "AGAIN_S", 0.02)
    call(lambda: Item.objects.create(owner="secret"), by=DR)
    log = Path(f"{connections.settings['default']['NAME']}-wal")
    assert log.stat().st_size > 0
    reading, read = threading.Event(), threading.Event()

    def reader():
        with transaction.atomic():
            assert Item.objects.count() == 1
            reading.set()
            read.wait(10)
        connections.close_all()

    one = threading.Thread(target=reader)
    one.start()
    reading.wait(10)

    def destroy():
        Item.objects.all().delete()
        live.destroyed()

    call(destroy, by=DR)
    for number in range(20):  # nobody who writes waits for who reads
        began = time.monotonic()
        call(lambda number=number: Item.objects.create(owner=f"o{number}"), by=DR)
        assert time.monotonic() - began < 2
    assert log.stat().st_size > 0
    read.set()
    one.join()
    until = time.monotonic() + 10
    while log.stat().st_size and time.monotonic() < until:
        time.sleep(0.01)
    assert log.stat().st_size == 0
    assert Item.objects.count() == 20


def test_nothing_destroyed_after_all_cuts_no_log(live):
    def destroy():
        live.destroyed()
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        call(destroy, by=DR)
    assert not live._checkpoints._cut


def test_stopping_at_any_moment_ends(live, monkeypatch):
    """A stop that comes while the thread is about to sleep again is not lost."""
    monkeypatch.setattr(checkpointing, "FRAMES", 1)
    for _ in range(30):
        beside = checkpointing.Checkpointer("default")
        beside._wanted.set()
        beside.stop()
        assert not beside.is_alive()


def groups_of(live, monkeypatch):
    """Which groups the writer takes: `slice` or `urgent`, in order, with the instant."""
    seen, before = [], live._group

    def group(jobs):
        seen.append(("slice" if live._slice else "urgent", time.monotonic()))
        before(jobs)

    monkeypatch.setattr(live, "_group", group)
    return seen


def test_while_people_work_the_writer_rests_after_a_slice(live, monkeypatch):
    seen = groups_of(live, monkeypatch)
    monkeypatch.setattr(w, "AT_WORK_S", 30)  # on a busy machine, four slices may take more than the moment that counts
    call(lambda: Item.objects.create(owner="somebody"), by=SOMEBODY)
    slices = [live.submit(lambda: time.sleep(0.05), urgent=False) for _ in range(4)]
    for one in slices:
        live.wait(one)
    at = [when for what, when in seen if what == "slice"]
    assert [later - earlier >= 0.09 for earlier, later in pairwise(at)] == [True] * 3


def test_alone_an_import_does_not_rest(live, monkeypatch):
    live._urgent_at = time.monotonic() - 60
    seen = groups_of(live, monkeypatch)
    for one in [live.submit(lambda: None, urgent=False) for _ in range(4)]:
        live.wait(one)
    assert live._rests_until == 0
    assert len(seen) == 4


def test_alone_an_import_commits_seldom_and_makes_way_within_one_short_slice(live, monkeypatch):
    live._urgent_at, ahead = time.monotonic() - 60, [0.0]
    monkeypatch.setattr(w, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + ahead[0], perf_counter=time.perf_counter))
    monkeypatch.setattr(w, "AT_WORK_S", 30)
    seen, done, came = groups_of(live, monkeypatch), list[int](), list[int]()

    def one(i):
        ahead[0] += 0.02  # what each item takes
        done.append(i)
        if i == 7:  # somebody comes
            live.submit(lambda: came.append(len(done)))

    live.bulk(one, range(12))
    assert came == [8]
    kinds = [what for what, _ in seen]
    assert kinds.index("urgent") <= 4  # several items to a COMMIT
    assert kinds[kinds.index("urgent"):] == ["urgent"] + ["slice"] * 4  # then each its own


def test_what_the_machine_does_by_itself_does_not_pass_for_somebody_at_work(live, monkeypatch):
    before = live._urgent_at = time.monotonic() - 60
    call(lambda: Item.objects.create(owner="nobody"), by=Actor.machine("sync"))
    assert live._urgent_at == before
    call(lambda: Item.objects.create(owner="somebody"), by=SOMEBODY)
    assert live._urgent_at > before


def test_urgent_work_without_a_pause_does_not_starve_an_import(live, monkeypatch):
    stop, turns = threading.Event(), 3

    def urgent():
        while not stop.is_set():
            call(lambda: Item.objects.create(owner=str(uuid4())), by=DR)
        connections.close_all()

    threads = [threading.Thread(target=urgent) for _ in range(turns)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            live.wait(live.submit(lambda: None, urgent=False), timeout=60)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
