"""The life of a practice whose machines do not always hear each other. Every choice is drawn: by Hypothesis, or by dice."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from hypothesis import strategies as st

from permanence.journal import arrival, departure, exchange, tables, vault
from permanence.journal.doors import Actor
from permanence.lib import clock, suite
from permanence.lib.sqlcipher import run
from permanence.sync import actions as sync
from permanence.sync import queries, rules
from permanence.sync.models import Replica
from tests.sync.machines import Machine, Machines, anybody
from tests.sync.oracle import FIELDS, Lost, Oracle
from tests.sync.sealed import Roots
from tests.sync.visited import Visits
from tests.testapp import actions

T = TypeVar("T")
DOINGS = ("amend", "amend", "amend", "amend", "note", "register", "hear", "hear", "hear", "settle", "crowd", "clock", "again", "item")
RARE = ("add", "restore", "revoke", "release", "upgrade")
ROOTED = ("root", "root", "tend")
VISITED = ("entrust", "entrust", "withdraw", "withdraw", "forget", "at_home", "at_home")


class Drawn:
    """Chance as Hypothesis draws it, so that it can look for the shortest life that fails."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self._draw = draw

    def number(self, low: int, high: int) -> int:
        return int(self._draw(st.integers(low, high)))

    def one_of(self, what: Sequence[T]) -> T:
        return what[self.number(0, len(what) - 1)]


class Thrown(Drawn):
    """The same by dice: a seed gives a life."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)

    def number(self, low: int, high: int) -> int:
        return self._dice.randint(low, high)


class Life:
    """A practice whose machines live their days. Every choice is drawn."""

    def __init__(self, made: Machines, chance: Drawn, *, rooted: bool = False) -> None:
        self.made, self.chance, self.oracle = made, chance, Oracle()
        self.machines: list[Machine] = []
        self.people: list[UUID] = []
        self.skew: dict[Machine, timedelta] = {}
        self.old: set[Machine] = set()
        self.gone: list[UUID] = []
        self.roots = Roots(on=chance.number(0, 9) == 9 or rooted)  # a life in which the root changes
        self.visits = Visits(on=chance.number(0, 4) == 4 or rooted)  # a life with a limited laptop: it has some people's keys
        self.doings = DOINGS + ROOTED * self.roots.on + VISITED * self.visits.on
        self.rare = ("add", "restore", "upgrade") if self.roots.on else RARE  # a revoked machine is told no root: test_a_new_root
        self._add()
        for _ in range(chance.number(1, 4)):
            self._add()
        if chance.number(0, 1):
            self.old.add(self.machines[-1])
        self.visits.begin(made, self.machines[0])

    @property
    def everyone(self) -> list[Machine]:
        return [*self.machines, *self.visits.machines]

    def any_machine(self) -> Machine:
        return self.chance.one_of(self.everyone)

    def any_whole(self) -> Machine:
        return self.chance.one_of(self.machines)

    def act(self, what: str) -> None:
        getattr(self, f"_{what}")()

    # -- what people do

    def _register(self) -> None:
        with self._at(self.any_machine()) as here:
            self.people.append(self.oracle.register(here))

    def _amend(self) -> None:
        if self.people:
            with self._at(self.any_machine()) as here:
                person = self.chance.one_of(self.people)
                self.oracle.amend(here, person, self.chance.one_of(FIELDS))

    def _note(self) -> None:
        if self.people:
            with self._at(self.any_machine()) as here:
                self.oracle.write_note(here, self.chance.one_of(self.people))

    def _settle(self) -> None:
        with self._at(self.any_machine()) as here:
            self.oracle.settle(here)

    def _item(self) -> None:
        """A kind that a machine of the version before does not know."""
        here = self.any_machine()
        if here not in self.old and self.people:
            with self._at(here), here:
                if run("default", "SELECT 1 FROM testapp_person WHERE id = ?", self.people[0].hex).fetchone():
                    actions.add_item(self.people[0], "item", by=anybody())

    # -- what machines do

    def _hear(self) -> None:
        here, there = self.any_machine(), self.any_machine()
        if here is not there:
            self.hear(here, there, most=self.chance.one_of((1, 3, 500)), cut=self.chance.number(0, 6))

    def _crowd(self) -> None:
        """Everybody amends the same thing without having heard anybody."""
        if self.people:
            person, name = self.people[-1], self.chance.one_of(FIELDS)
            for one in self.everyone:
                with self._at(one):
                    self.oracle.amend(one, person, name)

    def _again(self) -> None:
        """A batch comes a second time, and its entries backwards."""
        here, there = self.any_machine(), self.any_machine()
        if here is there:
            return
        with there:
            batches = departure.give(exchange.Asked({})).batches
        with self._at(here), here:
            for batch in batches:
                arrival.take(exchange.Batch(batch.practice, batch.entries[::-1], batch.keys), queries.standing)
                arrival.take(batch, queries.standing)

    def _clock(self) -> None:
        self.skew[self.any_machine()] = timedelta(hours=self.chance.number(-72, 72))

    def _add(self) -> None:
        if len(self.machines) > 4:
            return
        new, inviter = self.made.new(), self.any_whole() if self.machines else None
        self.machines.append(new)
        keys = self.roots.furnish(new)
        with inviter or new:
            _introduce(new.vault, **keys)
            told, v = queries.told(), vault.current()
        if inviter is not None:
            with new:
                self.roots.give(new, v)
                sync.remember_peer("https://bureau.cabinet.example", replica=UUID(bytes=inviter.replica))
                sync.remember_told(told)
            self.hear(new, inviter)

    def _restore(self) -> None:
        """A machine's disk dies; it comes back from a snapshot, takes a new id, and gets back from the others what it had sent."""
        here = self.machines[-1]
        if len(self.machines) < 2 or here in self.old:
            return
        other = self.machines[0]
        self._amend()
        copy = here.copy(self.made.tmp_path / f"copy-{uuid4().hex[:8]}")
        self._note()
        self._amend()
        self.hear(other, here)
        self.machines[-1] = copy
        self.made.all.append(copy)
        former = copy.vault
        copy.renew()
        keys = self.roots.furnish(copy)
        with self._at(copy), copy:
            _succeed(former, vault.current(), **keys)

    def _revoke(self) -> None:
        """A machine is revoked while it works on, unheard; what it wrote waits to be looked at."""
        if len(self.machines) < 3 or self.gone:
            return
        first, lost = self.machines[0], self.machines[-1]
        if lost in self.old:
            return
        with self._at(first), first:
            known = Replica.objects.filter(id=UUID(bytes=lost.replica)).exists()
            if known:
                _revoke(lost.replica)
                self.gone.append(UUID(bytes=lost.replica))
        self._amend()

    def _release(self) -> None:
        for id in self.gone:
            with self._at(self.machines[0]), self.machines[0]:
                _hear_all(id.bytes)

    def _root(self) -> None:
        """Somebody is shut out: one machine draws a new root, whoever else does."""
        one = self.any_whole()
        with self._at(one):
            self.roots.draw(one)

    def _tend(self) -> None:
        one = self.any_whole()
        with self._at(one):
            self.roots.tend(one)

    def _entrust(self) -> None:
        """Somebody comes into the panel of the visits."""
        self._said_of_panel(self.visits.entrust)

    def _withdraw(self) -> None:
        self._said_of_panel(self.visits.withdraw)

    def _said_of_panel(self, say: Callable[[Machine, UUID], None]) -> None:
        if self.people:
            with self._at(self.any_whole()) as here:
                say(here, self.chance.one_of(self.people))
            if self.chance.number(0, 1):
                self._at_home(here)

    def _at_home(self, at: Machine | None = None) -> None:
        """The laptop comes back from a round: both say what the other lacks, or it is off again before."""
        there = at or self.any_whole()
        for laptop in self.visits.machines:
            self.hear(laptop, there, most=self.chance.one_of((3, 500)), cut=self.chance.number(0, 3))
            self.hear(there, laptop, most=self.chance.one_of((3, 500)), cut=self.chance.number(0, 3))

    def _forget(self) -> None:
        self.visits.forget()

    def _upgrade(self) -> None:
        for one in list(self.old):
            self.old.discard(one)
            with one:
                actions.call(lambda: _unparked(), by=anybody())

    # -- hearing

    def hear(self, here: Machine, there: Machine, *, most: int = 500, cut: int = 0) -> None:
        """`here` asks `there`; after `cut` batches the network goes away (0: never)."""
        with here:
            held = arrival.held()
        since, count = 0, 0
        while True:
            with there:
                given = departure.give(exchange.Asked(held, since, most))
            count += 1
            with self._at(here), here:
                for batch in given.batches:
                    arrival.take(exchange.Batch.decode(batch.encode()), queries.standing)
                self.visits.heard()
            if not given.more:
                self.visits.given(there)
            if not given.more or count == cut:
                return
            since = given.until

    def meet(self) -> None:
        """A morning on which the network is there."""
        for here in self.everyone:
            for there in self.everyone:
                if here is not there:
                    self.hear(here, there)

    def agree(self) -> None:
        """The cut is over: what was put aside is accepted, machines are upgraded, everybody hears everybody."""
        self._upgrade()
        for _ in range(3):
            self.meet()
            for here in self.everyone:
                with self._at(here), here:
                    sync.retry_all()
            self._release()
        for _ in range(4 if self.roots.on else 0):  # who lacks a root says so, is handed it, and says that it has it
            for here in self.machines:
                with self._at(here):
                    self.roots.tend(here)
            self.meet()
        for here in self.machines if self.roots.on and self.visits.on else ():
            with self._at(here):
                self.visits.renew(here)
            self.meet()
        if len({one.vault.root for one in self.machines}) > 1:
            raise Lost("machines have different roots")

    @contextmanager
    def _at(self, one: Machine) -> Iterator[Machine]:
        """With that machine's clock, and its version."""
        with clock.override(offset=self.skew.get(one, timedelta())), _version(one in self.old):
            yield one


@contextmanager
def _version(old: bool) -> Iterator[None]:
    """The version before knew no items."""
    known = tables.table
    if not old:
        yield
        return
    from permanence.journal import chain

    def before(kind: str) -> Any:
        return None if kind == "testapp.item" else known(kind)

    chain.table = before  # type: ignore[assignment]
    try:
        yield
    finally:
        chain.table = known


def _unparked() -> None:
    from permanence.journal import chain

    chain.unpark()


BY = Actor.machine("sync")


def _row(v: vault.Vault, **more: Any) -> None:
    def save() -> None:
        id = UUID(bytes=v.replica)
        if not Replica.objects.filter(id=id).exists():
            Replica(id=id, name="machine", kind="office", verify_key=v.verify_key, **more).save()

    actions.call(save, by=BY)


def _introduce(v: vault.Vault, **keys: bytes) -> None:
    _row(v, added_at=clock.now(), **keys)


def _succeed(former: vault.Vault, v: vault.Vault, **keys: bytes) -> None:
    _row(v, **keys, succeeds_id=UUID(bytes=former.replica), vouched=suite.sign(rules.LABEL + v.verify_key, former.signing))


def _revoke(replica: bytes) -> None:
    def save() -> None:
        row = Replica.objects.get(id=UUID(bytes=replica))
        row.revoked_at = clock.now()
        row.heard_until = {str(stream): size for (one, stream), size in arrival.held().items() if one == replica}
        row.save()

    actions.call(save, by=BY)


def _hear_all(replica: bytes) -> None:
    """A titulaire accepts all that the revoked machine wrote, under whatever id."""
    wanted = {one: {stream: max(seqs) for stream, seqs in found.items()}
              for one, found in queries.places_aside(UUID(bytes=replica)).items()}  # fmt: skip
    if wanted:
        actions.call(lambda: sync.record_agreement(wanted), by=BY)
    sync.retry_all()


def live(machines: Machines, chance: Drawn, *, rooted: bool = False) -> Life:
    """`rooted`: the root changes, and a limited laptop is out."""
    life = Life(machines, chance, rooted=rooted)
    life.act("register")
    if chance.number(0, 3):
        life.meet()
    if life.visits.on:
        life.act("entrust")
    for _ in range(chance.number(5, 25)):
        life.act(chance.one_of(life.doings + life.rare if chance.number(0, 5) == 0 else life.doings))
    life.agree()
    return life
