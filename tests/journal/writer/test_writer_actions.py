"""Actions on the writer: isolation, failures, hooks, context. On real files unless the fixture says otherwise."""

import asyncio
import contextvars
import threading
import time
import traceback

import pytest
from django.core.exceptions import SynchronousOnlyOperation
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.utils import timezone

from permanence.journal import acts, outcomes
from permanence.journal import writer as w
from permanence.journal.doors import Actor, Refused
from permanence.lib import sqlcipher
from tests.journal.writer.actions import call, register, save
from tests.journal.writer.room import Item, Line, Sealed

DR = Actor(None, purpose="set_up")


def owners():
    return list(Item.objects.order_by("pk").values_list("owner", flat=True))


def test_an_action_runs_on_the_writer_and_its_reads_see_its_writes(live):
    def work():
        assert threading.current_thread() is live
        assert live.is_here()
        register(by=DR, owner="a")
        return Item.objects.get(owner="a").owner, Item.objects.count()
    assert call(work, by=DR) == ("a", 1)
    assert not live.is_here()


def test_readers_do_not_see_uncommitted_and_cannot_write(live):
    inside, go = threading.Event(), threading.Event()

    def work():
        save("x")
        inside.set()
        assert go.wait(60)
    thread = threading.Thread(target=lambda: call(work, by=DR))
    thread.start()
    assert inside.wait(60)
    assert Item.objects.count() == 0
    with pytest.raises(OperationalError, match="readonly"):
        Item.objects.create(owner="y")
    with transaction.atomic():  # a reader's snapshot takes no lock
        assert Item.objects.count() == 0
    go.set()
    thread.join()
    assert Item.objects.count() == 1


def test_one_failing_action_falls_alone(live, threads):
    gate = threading.Event()
    blocker = live.submit(lambda: gate.wait(60))  # so that the rest meets in one group

    def one(i):
        def work():
            save(f"F{i}")
            if i % 3 == 0:
                raise ValueError(i)
        return call(work, by=DR)
    threading.Timer(0.2, gate.set).start()
    results = threads(one, 12)
    assert blocker.result()[0] is True
    assert sum(isinstance(result, ValueError) for result in results) == 4
    assert Item.objects.count() == Sealed.objects.count() == 8


def test_an_integrity_error_inside_its_own_atomic_is_survived(live):
    def work():
        save("a")
        try:
            with transaction.atomic():
                Item.objects.create(owner="a")
        except IntegrityError:
            save("b")
    call(work, by=DR)
    assert owners() == ["a", "b"]


def test_an_integrity_error_caught_without_atomic_fails_aloud(live):
    def work():
        save("a")
        try:
            Item.objects.create(owner="a")
        except IntegrityError:
            return "all is well"
    with pytest.raises(transaction.TransactionManagementError, match="outside its own atomic"):
        call(work, by=DR)
    assert owners() == []


def test_a_plain_job_that_swallows_a_database_error_fails_aloud(live):
    def work():
        Item.objects.create(owner="a")
        try:
            Item.objects.create(owner="a")
        except IntegrityError:
            return "all is well"
    with pytest.raises(transaction.TransactionManagementError, match="outside its own atomic"):
        live.run_job(work)
    assert owners() == []


def test_a_bad_foreign_key_fails_its_own_action_not_the_group(live):
    gate = threading.Event()
    live.submit(lambda: gate.wait(60))
    bad = live.submit(lambda: Line.objects.create(item_id=999))
    good = live.submit(lambda: Item.objects.create(owner="a"))
    gate.set()
    with pytest.raises(IntegrityError):
        bad.result()
    good.result()
    assert owners() == ["a"]


def test_hooks_run_after_commit_on_the_asking_thread(live, monkeypatch):
    seen = []
    monkeypatch.setattr(w.log, "exception", lambda *args: seen.append("logged"))

    def work():
        transaction.on_commit(lambda: seen.append((threading.current_thread().name, Item.objects.count())))
        transaction.on_commit(lambda: 1 / 0)  # after COMMIT nothing may turn success into failure
        transaction.on_commit(lambda: register(by=DR, owner="from a hook"))
        save("a")
        try:
            with transaction.atomic():
                transaction.on_commit(lambda: seen.append("never"))
                raise KeyError
        except KeyError:
            pass
        assert seen == []
    call(work, by=DR)
    assert seen == [("MainThread", 1), "logged"]
    assert owners() == ["a", "from a hook"]


def test_hooks_of_a_failed_action_do_not_run(live):
    seen = []
    with pytest.raises(ZeroDivisionError):
        call(lambda: (transaction.on_commit(lambda: seen.append(1)), 1 / 0), by=DR)
    call(lambda: None, by=DR)
    assert seen == []


def test_exceptions_keep_type_and_traceback(live):
    class Why(Exception):
        pass

    def deep_inside():
        raise Why
    with pytest.raises(Why) as caught:
        call(deep_inside, by=DR)
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert "deep_inside" in names
    assert names[0] == "test_exceptions_keep_type_and_traceback"


def test_the_context_is_carried_and_does_not_leak_back(live):
    var = contextvars.ContextVar("v", default=0)
    var.set(7)

    def work():
        seen = var.get(), acts.current_act().actor, str(timezone.get_current_timezone())
        var.set(8)
        return seen
    with timezone.override("Indian/Reunion"):
        assert call(work, by=DR) == (7, DR, "Indian/Reunion")
    assert var.get() == 7
    assert acts.current_act() is None
    assert live.run_job(acts.current_act) is None


def test_a_wait_that_ends_early_tells_whether_it_ran(live):
    gate = threading.Event()
    begun = threading.Event()
    late = live.submit(lambda: (begun.set(), gate.wait(60), Item.objects.create(owner="late")))
    assert begun.wait(60)
    with pytest.raises(w.OutcomeUnknown):
        live.wait(late, timeout=0.1)
    with pytest.raises(w.NotStarted):
        live.run_job(lambda: Item.objects.create(owner="never"), timeout=0.1)
    gate.set()
    live.run_job(lambda: None)
    assert owners() == ["late"]


def test_an_action_s_own_timeout_error_is_not_ours(live):
    def work():
        raise TimeoutError("theirs")
    with pytest.raises(TimeoutError, match="theirs"):
        call(work, by=DR)


def test_a_failed_commit_fails_everyone_and_the_writer_goes_on(live, monkeypatch):
    def fail(self):
        raise OperationalError("the disk said no")

    def work():
        save("lost")
        monkeypatch.setattr(type(connections["default"]), "_commit", fail)
    with pytest.raises(w.GroupLost) as caught:
        call(work, by=DR)
    assert "the disk said no" in str(caught.value.__cause__)
    monkeypatch.undo()
    assert owners() == []
    live.run_job(lambda: Item.objects.create(owner="next"))
    assert owners() == ["next"]


def test_an_interrupt_takes_the_whole_group_and_says_so(live):
    """SQLite rolls the whole transaction back when a write is interrupted: neighbours are not told they succeeded."""
    gate = threading.Event()
    live.submit(lambda: gate.wait(60))
    good = live.submit(lambda: Item.objects.create(owner="neighbour"))

    def work():
        over, own = threading.Event(), connection.connection

        def interrupts():
            while not over.wait(0.05):  # one that comes before the statement begins would stop nothing
                own.interrupt()

        other = threading.Thread(target=interrupts)
        other.start()
        try:
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO writerapp_item (owner, text, flag) WITH RECURSIVE n(i) AS "
                               "(SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'o' || i, '', 0 FROM n")
        finally:
            over.set()
            other.join()
    bad = live.submit(work)
    after = live.submit(lambda: Item.objects.create(owner="after"))
    gate.set()
    for future in (good, bad):
        with pytest.raises(w.GroupLost):
            future.result(60)
    try:
        after.result(60)
        survived = ["after"]
    except w.GroupLost:
        survived = []
    assert owners() == survived


def test_a_raw_commit_inside_an_action_is_noticed(live):
    with pytest.raises(w.GroupLost):
        call(lambda: connection.connection.execute("COMMIT"), by=DR)
    register(by=DR, owner="next")
    assert owners() == ["next"]


def test_a_dead_writer_answers_everyone_and_tells_the_server(live, monkeypatch):
    told = []
    live.when_dead = told.append
    monkeypatch.setattr(live, "_group", lambda jobs: (_ for _ in ()).throw(MemoryError()))
    monkeypatch.setattr(w.log, "critical", lambda *a, **k: None)
    first = live.submit(lambda: None)
    with pytest.raises(w.WriterStopped):
        first.result(60)
    live.join(60)
    with pytest.raises(w.WriterStopped):
        live.submit(lambda: None)
    assert [type(cause) for cause in told] == [MemoryError]


def test_an_action_refuses_a_caller_with_an_open_snapshot(live):
    with transaction.atomic(), pytest.raises(transaction.TransactionManagementError, match="snapshot"):
        register(by=DR, owner="x")


def test_an_action_refuses_the_event_loop(live):
    async def view():
        register(by=DR, owner="x")
    with pytest.raises(SynchronousOnlyOperation):
        asyncio.run(view())


def test_an_action_refuses_to_have_no_author(live):
    with pytest.raises(Refused, match="auteur"):
        register(by=None, owner="x")
    with pytest.raises(Refused):
        register(owner="x")


def test_an_action_waiting_for_a_thread_that_acts_times_out_instead_of_hanging(live):
    def work():
        errors = []

        def other():
            try:
                live.run_job(lambda: None, timeout=0.2)
            except w.NotStarted as error:
                errors.append(error)
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        return len(errors)
    assert call(work, by=DR) == 1


def test_what_cannot_be_an_action_is_refused_at_import():
    async def later(*, by): ...

    def many(*, by):
        yield by

    def anonymous(*, owner): ...

    def positional(by): ...

    def clash(*, by, once): ...
    for function in (later, many, anonymous, positional, clash):
        with pytest.raises(TypeError):
            w.action(function)


def test_an_action_is_named_by_its_room():
    def merge(*, by): ...
    names = {}
    for module in ("permanence.patients.actions", "permanence.patients.actions.merging", "tests.testapp.actions"):
        merge.__module__ = module
        names[module] = w.action(merge).action_name
    assert list(names.values()) == ["patients:merge", "patients:merge", "testapp:merge"]
    merge.__module__ = "permanence.patients.queries"
    with pytest.raises(TypeError, match="actions"):
        w.action(merge)


def test_bulk_lets_others_in_between_and_each_item_is_an_act(live):
    waits, stop = [], threading.Event()

    def urgent():
        while not stop.is_set():
            call(lambda: Item.objects.create(owner=f"u{len(waits)}"), by=DR)
            waits.append(1)
        connections.close_all()
    thread = threading.Thread(target=urgent)
    thread.start()

    def one(i):
        if i == 700:
            raise ValueError("bad line")
        save(f"b{i}")
    refused = live.bulk(one, range(1500), by=DR, name="writer:import")
    stop.set()
    thread.join()
    assert [i for i, _ in refused] == [700]
    assert Sealed.objects.filter(action="writer:import", n=1).values("act").distinct().count() == 1499
    assert len(waits) > 5


def test_bulk_notices_an_error_caught_outside_its_atomic(live):
    def one(i):
        try:
            Item.objects.create(owner="same")
        except IntegrityError:
            return
    refused = live.bulk(one, range(2))
    assert [i for i, _ in refused] == [1]


def test_actions_are_short(live):
    began = time.perf_counter()
    for i in range(20):
        register(by=DR, owner=str(i))
    assert 0 < live.longest < time.perf_counter() - began  # of one; how long it may be, the bench measures on a quiet machine
    assert live.longest_name == "writer:register"


def test_the_writer_logs_no_value(live, settings):
    settings.DEBUG = True
    register(by=DR, owner="secret")
    assert "secret" not in live.run_job(lambda: str(list(connections["default"].queries_log)))


def test_writing_is_refused_while_a_writer_runs(live):
    live.run_job(lambda: None)
    with pytest.raises(RuntimeError, match="writer runs"), w.writing("default"):
        pass
    w.shutdown()
    with w.writing("default"):
        Item.objects.create(owner="set-up")
    assert owners() == ["set-up"]
    assert not sqlcipher.may_write("default")


def test_a_full_disk_is_said_in_french_and_the_writer_goes_on(live):
    def limit(pages):
        connection.connection.execute(f"PRAGMA max_page_count = {pages}")
    live.run_job(lambda: limit(1))
    with pytest.raises(w.DiskFull, match="Le disque est plein"):
        call(lambda: Item.objects.create(owner="big", text="x" * 1_000_000), by=DR)
    live.run_job(lambda: limit(1_000_000))
    register(by=DR, owner="next")
    assert owners() == ["next"]


def test_the_appender_is_tried_once_more_when_a_reserve_was_freed(live):
    access, freed = w.current("access"), []

    def free():
        freed.append(1)
        connections["access"].connection.execute("PRAGMA max_page_count = 1000000")
        return True
    access.when_full = free
    access.run_job(lambda: connections["access"].connection.execute("PRAGMA max_page_count = 1"))
    access.run_job(lambda: Item.objects.using("access").create(owner="read", text="x" * 1_000_000))
    assert freed == [1]
    assert Item.objects.using("access").count() == 1


def test_a_guard_refuses_every_job_before_anything_is_written(live):
    def guard():
        raise w.DiskFull
    live.guard = guard
    with pytest.raises(w.DiskFull):
        register(by=DR, owner="x")
    live.guard = None
    register(by=DR, owner="y")
    assert owners() == ["y"]


def test_a_full_disk_is_recognised_wherever_it_shows():
    full = OSError(28, "No space left on device")
    wrapped = OperationalError("unable")
    wrapped.__cause__ = full
    assert outcomes.is_full(wrapped)
    assert not outcomes.is_full(OperationalError("locked"))


# -- the other fixture: the test's own transaction


@pytest.mark.parametrize("turn", [1, 2])
def test_a_rolled_back_test_still_uses_the_writer_thread(turn, rolled_back):
    assert owners() == []
    register(by=DR, owner="x")
    assert Item.objects.get().owner == "x"  # the test reads what the writer wrote
    with pytest.raises(ZeroDivisionError):
        call(lambda: (save("y"), 1 / 0), by=DR)
    assert call(lambda: threading.current_thread().name, by=DR) == "writer-default"
    seen = []
    call(lambda: transaction.on_commit(lambda: seen.append(1)), by=DR)
    assert seen == [1]
    assert owners() == ["x"]
    assert Sealed.objects.count() == 1
