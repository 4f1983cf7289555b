"""The limited laptop of a life of the oracle: some people's keys come to it and are taken back, on whichever machine somebody says so."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from permanence.journal import arrival, departure, vault, verify
from permanence.journal.doors import Actor
from permanence.lib import clock
from permanence.lib.sqlcipher import run
from permanence.sync import actions, entrusting, forgetting, queries
from permanence.sync.models import EntrustedKey, Replica
from tests.sync.limited import LimitedMachine
from tests.sync.machines import Machine, Machines
from tests.sync.oracle import Lost
from tests.testapp import actions as testapp

BY, OF = Actor.machine("sync"), UUID(int=1)
ROWS = ("testapp_person", "testapp_note")


class Visits:
    """Nothing at all where it is not `on`."""

    def __init__(self, *, on: bool) -> None:
        self.on, self.machines, self._until = on, list[Machine](), 0

    def begin(self, made: Machines, office: Machine) -> None:
        """Paired with the first machine."""
        if not self.on:
            return
        laptop = LimitedMachine(made, office, f"visits-{uuid4().hex[:6]}")
        self.machines = [laptop]
        given = laptop.keys()
        with office:
            testapp.call(lambda: Replica(
                id=UUID(bytes=laptop.replica), name="Visites", kind="limited", verify_key=given["verify"], panel_of_id=OF,
                entrusted_key=given["entrusted"], added_at=clock.now()).save(), by=BY)  # fmt: skip
            told = queries.told()
        with laptop:
            actions.remember_peer("https://bureau.cabinet.example", replica=UUID(bytes=office.replica))
            actions.remember_told(told)

    def entrust(self, here: Machine, person: UUID) -> None:
        """As the machine `here` sees it: it may not have heard of the laptop, nor of the person, nor of their key."""
        with here:
            for one in queries.limited():
                if ready := list(entrusting._sealed(queries.lacking_keys(one, [person]), one.box)):
                    actions.entrust(ready, to=one.id, by=BY)

    def renew(self, here: Machine) -> None:
        """What was drawn since of the files that it has, as the machine `here` sees it."""
        with here:
            for one in queries.limited():
                if ready := list(entrusting._sealed(queries.lacking_keys(one, queries.entrusted(one.line)), one.box)):
                    actions.entrust(ready, to=one.id, by=BY)

    def withdraw(self, here: Machine, person: UUID) -> None:
        """That person's key, else whichever one it was given."""
        with here:
            for one in queries.limited():
                given = EntrustedKey.objects.filter(replica_id__in=one.line).order_by("id")
                for patient in [row.patient_id for row in given.filter(patient_id=person) or given][:1]:
                    rows = [row.id for row in given.filter(patient_id=patient)]
                    actions.withdraw([(patient, rows)], of=one.id, by=BY)

    def heard(self) -> None:
        """At a machine that was just brought something: keys that waited for their patient's entries."""
        if self.on:
            entrusting.take()

    def given(self, there: Machine) -> None:
        """All that `there` wrote is elsewhere now."""
        if there in self.machines:
            with there:
                self._until = departure.newest()

    def forget(self) -> None:
        for laptop in self.machines:
            with laptop:
                forgetting.forget_withdrawn(forgetting.Elsewhere(self._until, arrival.held(), lambda hash: True))

    def check(self, whole: Machine) -> None:
        """It shows of each person all that a whole machine shows, or nothing: as it has the key. Raises Lost."""
        self.forget()
        for laptop in self.machines:
            with laptop:
                held = {UUID(bytes=ref).hex for (ref,) in run(
                    "default", "SELECT ref FROM journal_key WHERE label = 'patient' AND wrapped IS NOT NULL").fetchall()}  # fmt: skip
                withdrawn, mine = queries.withdrawn_here(), _rows(held)
                waiting = run("default", "SELECT count(*) FROM journal_keylacking").fetchone()[0]
                shown = sum(len(run("default", f"SELECT id FROM {table}").fetchall()) for table in ROWS)
                wrong = list(verify.differences())
                entrusted = {UUID(id).hex for (id,) in run("default", "SELECT patient_id FROM sync_entrustedkey WHERE replica_id = ?",
                             UUID(bytes=vault.current().replica).hex).fetchall()}  # fmt: skip
            with whole:
                theirs = _rows(held)
            if mine != theirs or shown != sum(map(len, mine)):
                raise Lost("the limited laptop shows something else")
            if withdrawn or wrong or waiting or not entrusted <= held:
                raise Lost(f"the limited laptop: {withdrawn} taken back, {wrong[:1]} differs, {len(entrusted - held)} lack, {waiting} wait")


def _rows(people: Iterable[str]) -> list[list[tuple[Any, ...]]]:
    wanted = sorted(people)
    marks = ",".join("?" * len(wanted))
    return [run("default", f"SELECT * FROM {table} WHERE {owner} IN ({marks}) ORDER BY 1", *wanted).fetchall()
            for table, owner in zip(ROWS, ("id", "person_id"), strict=True)]  # fmt: skip
