"""The single writer of each file: actions run whole on its thread, each in its savepoint, several to a COMMIT."""

import inspect
import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone, translation
from django.utils.asyncio import async_unsafe

from permanence.journal import acts, once
from permanence.journal.checkpointing import Checkpointer
from permanence.journal.doors import Refused
from permanence.journal.outcomes import DiskFull, GroupLost, NotStarted, OutcomeUnknown, WriterStopped, is_full, lost
from permanence.lib import ids, sqlcipher

if TYPE_CHECKING:
    from uuid import UUID

    from permanence.journal.doors import Actor

P = ParamSpec("P")
T = TypeVar("T")
Hooks = list[Callable[[], None]]
MOST_JOBS, GROUP_S, SLICE_S, WAIT_S = 64, 0.020, 0.015, 10.0
MOST_PASSED_OVER, AT_WORK_S = 3, 2.0
ALONE_S = 0.2  # a slice while nobody works: a COMMIT costs as much for one act as for a hundred
log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Job:
    """What one caller asked for, with the context it asked in."""

    work: Callable[[], Any]
    name: str
    context: Context
    zone: tzinfo
    language: str | None
    of_person: bool = True  # somebody waits: what the machine does by itself keeps no import back
    future: "Future[tuple[Any, Hooks]]" = field(default_factory=Future)


Outcome = tuple[Job, Any, BaseException | None, Hooks]


def _in_snapshot(wrapper: BaseDatabaseWrapper) -> bool:
    return wrapper.in_atomic_block and not getattr(wrapper.atomic_blocks[-1], "_from_testcase", False)


class Writer(threading.Thread):
    """One per file. `sharing` (tests only) lends it the test's own connections, whose transaction is rolled back."""

    def __init__(self, alias: str = "default", *, sharing: Mapping[str, BaseDatabaseWrapper] | None = None) -> None:
        super().__init__(name=f"writer-{alias}", daemon=True)
        self.alias = alias
        self.guard: Callable[[], None] | None = None  # asked before each group; what it raises, every job of it gets
        self.when_full: Callable[[], bool] | None = None  # frees some space; True: the group is tried once more
        self.when_dead: Callable[[BaseException], None] | None = None  # the server ends its process here
        self.longest, self.longest_name = 0.0, ""  # seconds that one job held the writer
        self._sharing = sharing
        self._ready = threading.Condition()
        self._urgent: deque[Job] = deque()
        self._slices: deque[Job] = deque()
        self._hand: list[Job] = []
        self._slice, self._passed_over = False, 0  # the group in hand is a bulk slice; urgent groups since the last one
        self._urgent_at = self._rests_until = 0.0
        self._stopped: BaseException | None = None
        self._checkpoints = None if sharing else Checkpointer(alias)
        self.start()

    def settle_shared(self) -> None:
        """Where a test lends its own connection, a job that nobody waits for may stand in it: let it end first."""
        if self._sharing:
            self.run_job(lambda: None, timeout=WAIT_S, name="settle")

    def is_here(self) -> bool:
        """Whether the caller runs on this writer's thread."""
        return threading.get_ident() == self.ident

    @property
    def alive(self) -> bool:
        return self._stopped is None

    def destroyed(self) -> None:
        """To be said in a transaction that destroys something: once it is on the disk, the log is cut, which would keep it."""
        if self._checkpoints is not None:
            transaction.on_commit(self._checkpoints.cut_soon, using=self.alias, robust=True)

    def submit(self, work: Callable[[], Any], *, urgent: bool = True, name: str = "",
               of_person: bool = True) -> "Future[tuple[Any, Hooks]]":  # fmt: skip
        """Queue a job; pass the future to `wait`. Raises WriterStopped."""
        # asgiref tags Django's active time zone and language with their thread: copy_context() does not carry them.
        job = Job(work, name, copy_context(), timezone.get_current_timezone(), translation.get_language(), of_person)
        with self._ready:
            if self._stopped:
                raise WriterStopped from self._stopped
            (self._urgent if urgent else self._slices).append(job)
            self._ready.notify()
        return job.future

    def wait(self, future: "Future[tuple[Any, Hooks]]", timeout: float | None = None) -> Any:
        """Wait for the COMMIT, then run the job's on_commit hooks here: they can neither delay nor fail the group.

        Raises the job's own error, GroupLost, DiskFull, WriterStopped; after `timeout` seconds NotStarted or
        OutcomeUnknown.
        """
        try:
            value, hooks = future.result(timeout)
        except TimeoutError:
            if future.done():  # the action's own TimeoutError, not ours
                raise
            raise (NotStarted() if future.cancel() else OutcomeUnknown()) from None
        for hook in hooks:
            try:
                hook()
            except Exception:
                log.exception("after COMMIT: %r", hook)
        return value

    def run_job(self, work: Callable[[], T], *, timeout: float | None = None, urgent: bool = True, name: str = "",
                of_person: bool = True) -> T:  # fmt: skip
        """A plain job, outside any act: submit, and wait for its COMMIT."""
        value: T = self.wait(self.submit(work, urgent=urgent, name=name, of_person=of_person), timeout)
        return value

    def bulk(self, do: Callable[[T], object], items: Iterable[T], *, by: "Actor | None" = None, name: str = "",
             chunk: int = 256) -> list[tuple[T, Exception]]:
        """`do` each item in short transactions, each item an act of `by` (None: no act); urgent work goes in between, and
        shortens the one under way.

        Not atomic. Returns the items refused, with why.
        """
        refused, items = list[tuple[T, Exception]](), iter(items)
        each = do if by is None else partial(_as_act, do, by, name)
        while batch := list(itertools.islice(items, chunk)):
            while batch:
                done, wrong = self.run_job(partial(_slice, self.alias, each, batch, self._at_work), urgent=False, name=name or "bulk")
                refused += wrong
                batch = batch[done:]
        return refused

    def _at_work(self) -> bool:
        """Whether somebody waits for this writer, or did a moment ago."""
        return bool(self._urgent) or time.monotonic() - self._urgent_at < AT_WORK_S

    def stop(self) -> None:
        """Finish what waits, close the connection, end the thread."""
        with self._ready:
            self._stopped = self._stopped or RuntimeError("stopped")
            self._ready.notify()
        self.join()
        if self._checkpoints is not None:
            self._checkpoints.stop()

    # -- the writer's own thread

    def run(self) -> None:
        with sqlcipher.permitted(self.alias):
            for alias, shared in (self._sharing or {}).items():
                connections[alias] = shared
            try:
                while jobs := self._take():
                    self._hand, began = jobs, time.monotonic()
                    self._group(jobs)
                    ended = time.monotonic()
                    if self._slice and self._at_work():
                        self._rests_until = 2 * ended - began
                    if self._checkpoints is not None:
                        self._checkpoints.after_commit()
            except BaseException as cause:
                self._stopped = cause
                log.critical("the writer died", exc_info=cause)
                if self.when_dead:
                    self.when_dead(cause)
            finally:
                self._end()

    def _end(self) -> None:
        with self._ready:
            self._stopped = self._stopped or RuntimeError("stopped")
            for job in (*self._hand, *self._urgent, *self._slices):
                if not job.future.done() and (job.future.running() or job.future.set_running_or_notify_cancel()):
                    job.future.set_exception(WriterStopped(str(self._stopped)))
        for wrapper in connections.all(initialized_only=True):
            if wrapper not in (self._sharing or {}).values():
                wrapper.close()

    def _take(self) -> list[Job]:
        """All that waits, up to a group. A bulk slice is a group of its own, when nothing urgent waits or at most every
        fourth one; while people work it is followed by a rest as long, so that what they do seldom meets one."""
        with self._ready:
            while not (self._urgent or self._stopped or self._slice_in() == 0):
                self._ready.wait(self._slice_in())
            self._slice = bool(self._slices) and (not self._urgent or self._passed_over >= MOST_PASSED_OVER)
            if self._slice:
                self._passed_over = 0
                return [self._slices.popleft()]
            self._passed_over += bool(self._slices)
            jobs = [self._urgent.popleft() for _ in range(min(MOST_JOBS, len(self._urgent)))]
            if any(job.of_person for job in jobs):
                self._urgent_at = time.monotonic()
            return jobs

    def _slice_in(self) -> float | None:
        """In how many seconds a bulk slice may start; None when there is none."""
        return max(0.0, self._rests_until - time.monotonic()) if self._slices else None

    def _group(self, jobs: list[Job]) -> None:
        """One transaction; its waiting threads are released only after COMMIT."""
        if self._refused(jobs):
            return
        waiting, started = deque(jobs), list[Job]()
        try:
            try:
                outcomes = self._attempt(waiting, started)
            except BaseException as cause:
                if not (is_full(cause) and self.when_full and self.when_full()):
                    raise
                outcomes = self._attempt(deque(), started)
        except BaseException as cause:
            if not started:  # no connection, no BEGIN: sealed, damaged, locked
                started = [job for job in waiting if job.future.set_running_or_notify_cancel()]
                waiting.clear()
            for job in started:
                job.future.set_exception(lost(cause))
        else:
            for job, value, error, hooks in outcomes:
                job.future.set_exception(error) if error else job.future.set_result((value, hooks))
            self._committed(outcomes)
        with self._ready:
            self._urgent.extendleft(reversed(waiting))

    def _refused(self, jobs: list[Job]) -> bool:
        try:
            if self.guard:
                self.guard()
            return False
        except Exception as why:
            for job in jobs:
                if job.future.set_running_or_notify_cancel():
                    job.future.set_exception(why)
            return True

    def _attempt(self, waiting: deque[Job], started: list[Job]) -> list[Outcome]:
        """Run the jobs already `started` (a second try), then those `waiting` while there is time, and commit."""
        outcomes, end = list[Outcome](), time.monotonic() + GROUP_S
        try:
            with transaction.atomic(using=self.alias):
                outcomes += [(job, *self._job(job)) for job in started]
                while waiting and (not outcomes or time.monotonic() < end):
                    job = waiting.popleft()
                    if job.future.set_running_or_notify_cancel():
                        started.append(job)
                        outcomes.append((job, *self._job(job)))
        finally:  # nobody resets it on this thread, and it holds clinical values
            connections[self.alias].queries_log.clear()
        return outcomes

    def _job(self, job: Job) -> tuple[Any, BaseException | None, Hooks]:
        """One action in its savepoint. Its failure is its own, unless it took the transaction with it."""
        wrapper, began = connections[self.alias], time.perf_counter()
        kept, wrapper.run_on_commit = wrapper.run_on_commit, []
        if not kept and not wrapper.savepoint_ids:
            transaction.clean_savepoints(using=self.alias)  # the same names again: they stay in the statement cache
        value, error = cast(Any, None), cast("BaseException | None", None)
        try:
            with transaction.atomic(using=self.alias):
                value = job.context.run(_as_job, job)
                _refuse_broken(wrapper)
        except BaseException as caught:
            value, error = None, caught
        finally:
            hooks, wrapper.run_on_commit = [entry[1] for entry in wrapper.run_on_commit], kept
        if is_full(error):
            raise DiskFull from error  # for the whole group: it may be tried again once there is room
        if wrapper.connection is None or not wrapper.connection.in_transaction:
            raise GroupLost("the transaction ended inside an action") from error  # interrupt, raw COMMIT
        if (held := time.perf_counter() - began) > self.longest:
            self.longest, self.longest_name = held, job.name
        return value, error, [] if error else hooks

    def _committed(self, outcomes: list[Outcome]) -> None:
        if any(error is None for _, _, error, _ in outcomes):
            for hook in acts.head_committed:
                try:
                    hook(self.alias)
                except Exception:
                    log.exception("after COMMIT: %r", hook)


def _refuse_broken(wrapper: BaseDatabaseWrapper) -> None:
    if wrapper.needs_rollback:  # atomic() would roll back without a word
        raise transaction.TransactionManagementError(
            "a database error was caught outside its own atomic()") from getattr(wrapper, "rollback_exc", None)


def _as_job(job: Job) -> Any:
    with timezone.override(job.zone), translation.override(job.language):
        return job.work()


def _as_act(do: Callable[[T], object], by: "Actor", name: str, item: T) -> None:
    with acts.opened(acts.Act(ids.new_act_id(), by, name)):
        do(item)


def _slice(alias: str, do: Callable[[T], object], batch: list[T], at_work: Callable[[], bool]) -> tuple[int, list[tuple[T, Exception]]]:
    refused, done, began = list[tuple[T, Exception]](), 0, time.monotonic()
    for item in batch:
        try:
            with transaction.atomic(using=alias):
                do(item)
                _refuse_broken(connections[alias])
        except Exception as error:
            refused.append((item, error))
        done += 1
        if (took := time.monotonic() - began) > ALONE_S or (took > SLICE_S and at_work()):
            break
    return done, refused


_writers: dict[str, Writer] = {}
_starting = threading.Lock()


def current(alias: str = "default") -> Writer:
    """This process's writer of a file, started at the first need: never at import, which a fork would outlive."""
    with _starting:
        found = _writers.get(alias)
        if found is None:
            found = _writers[alias] = Writer(alias)
        return found


def use(writer: Writer | None, alias: str | None = None) -> None:
    """Put a writer in place (tests, start-up), or with None forget the one of `alias` (default: practice.db's)."""
    with _starting:
        if writer is None:
            _writers.pop(alias or "default", None)
        else:
            _writers[alias or writer.alias] = writer


def shutdown() -> None:
    """Stop and forget every writer: at seal and at the end of the process."""
    with _starting:
        stopping = list(_writers.values())
        _writers.clear()
    for writer in stopping:
        writer.stop()


@contextmanager
def writing(*aliases: str) -> Iterator[None]:
    """For migrations and test set-up only: let this thread's own connections write. Refused while a writer runs."""
    aliases = aliases or ("default", "access")
    if any(alias in _writers and _writers[alias].alive for alias in aliases):
        raise RuntimeError("a writer runs: only it writes")
    with sqlcipher.permitted(*aliases):
        for alias in aliases:
            connections[alias].close()
        try:
            yield
        finally:
            for alias in aliases:
                connections[alias].close()



def action(function: Callable[P, T]) -> Callable[P, T]:
    """Run the whole function on the writer, as one act, in its savepoint; return, or raise, once its group is on disk.

    Every such door also takes `once=` (a UUID, see `journal.once`): a repeat gives the first result. An action called
    by an action joins its act. Arguments and results are ids and plain values; outside the database nothing happens.
    """
    name = _name(function)

    @wraps(function)
    @async_unsafe
    def door(*args: P.args, **kwargs: P.kwargs) -> T:
        explicit: UUID | None = kwargs.pop("once", None)  # type: ignore[assignment]
        if kwargs.get("by") is None:
            raise Refused("Aucun auteur\u00a0: ouvrez une session, puis recommencez.", code="actor")
        writer = current()
        if writer.is_here():  # an action of an action: same thread, same act, its own savepoint
            with transaction.atomic():
                return _perform(function, name, explicit.bytes if explicit else None, args, kwargs)
        wrapper = connections["default"]
        if _in_snapshot(wrapper):
            writer.settle_shared()
        if _in_snapshot(wrapper):
            raise transaction.TransactionManagementError("an open snapshot would not see what this action writes")
        key = once.key_of_call(name, explicit, kwargs["by"].member)  # type: ignore[attr-defined]
        return writer.run_job(partial(_perform, function, name, key, args, kwargs), timeout=WAIT_S, name=name,
                              of_person=kwargs["by"].member is not None)  # type: ignore[attr-defined]

    door.action_name = name  # type: ignore[attr-defined]  # for tests that list the doors
    return door


def _name(function: Callable[..., Any]) -> str:
    """`permanence.patients.actions.merging.merge` is `patients:merge`. TypeError for what cannot be an action."""
    if any(kind(function) for kind in (inspect.iscoroutinefunction, inspect.isgeneratorfunction,
                                       inspect.isasyncgenfunction)):
        raise TypeError("an action returns a value")
    parameters = inspect.signature(function).parameters
    if "by" not in parameters or parameters["by"].kind is not inspect.Parameter.KEYWORD_ONLY:
        raise TypeError("an action says by whom: a keyword-only by")
    if "once" in parameters:
        raise TypeError("once= belongs to the door, not to the action")
    path = function.__module__.split(".")
    if "actions" in path[1:]:
        return f"{path[path.index('actions', 1) - 1]}:{function.__name__}"
    if path[0] == "permanence":
        raise TypeError("an action lives in its room's actions")
    return f"{path[-1]}:{function.__name__}"


def _perform(function: Callable[..., T], name: str, key: bytes | None, args: Any, kwargs: Any) -> T:
    if key is not None and (first := once.remembered(key, name)) is not None:
        repeated: T = first[0]
        return repeated
    if acts.current_act() is not None:
        value = function(*args, **kwargs)
    else:
        with acts.opened(acts.Act(ids.new_act_id(), kwargs["by"], name)):
            value = function(*args, **kwargs)
            _refuse_broken(connections["default"])
    return value if key is None else once.remember(key, name, value)


__all__ = ["DiskFull", "GroupLost", "NotStarted", "OutcomeUnknown", "Writer", "WriterStopped", "action", "current",
           "shutdown", "use", "writing"]
