"""A limited laptop beside an office: for tests that go through the real rooms."""

import datetime
import shutil
from dataclasses import dataclass
from uuid import UUID

from permanence.accounts import permissions
from permanence.agenda import actions as agenda
from permanence.agenda.times import instant
from permanence.consultations import actions as clinical
from permanence.journal import arrival, departure, exchange, vault
from permanence.lib import suite
from permanence.lib.sqlcipher import run
from permanence.patients import actions as patients
from permanence.sync import actions, entrusting, queries
from tests.sync.machines import FILES, Machine, Machines, _alone
from tests.sync.practice_life import Two, introduce


@dataclass
class Visits:
    """The office, a whole laptop, and the limited laptop of Dr Moreau."""

    two: Two
    laptop: Machine

    @property
    def office(self) -> Machine:
        return self.two.a

    @property
    def id(self) -> UUID:
        return UUID(bytes=self.laptop.replica)

    def meet(self, *others: Machine) -> None:
        """Everybody exchanges with the office, until nobody lacks anything that it can be given."""
        for _ in range(2):
            for other in (self.laptop, *others):
                take(other, self.office)
                take(self.office, other)
            with self.office:
                entrusting.give(at_once=True)
        forget()


def forget() -> None:
    permissions.forget()
    queries.forget()


def take(here: Machine, there: Machine) -> list[exchange.Outcome]:
    """`here` takes what it lacks, as it judges; what became of it."""
    with here:
        held = arrival.held()
    with there:
        sent = departure.give(exchange.Asked(held, 0, 100_000), keys=True).encode()
    forget()
    with here:
        taken = [arrival.take(batch, queries.standing) for batch in exchange.Given.decode(sent).batches]
    return [one for pushed in taken for one in pushed.outcomes]


class LimitedMachine(Machine):
    """Its files hold no key of the practice but those that it was given."""

    def __init__(self, machines: Machines, office: Machine, folder_name: str) -> None:
        folder = machines.tmp_path / folder_name
        folder.mkdir()
        for name in FILES.values():
            shutil.copyfile(machines.template / name, folder / name)
        with office:
            v, intake = vault.current(), entrusting.intake_key()
        given = vault.Limited(intake, suite.x25519_pair()[1])
        fresh = vault.fresh(v.practice, suite.new_key(), folder=folder, fixed={name: v.fixed[name] for name in vault.SHARED}, limited=given)
        self.folder, self.writers, self.wrappers, self.vault = folder, {}, {}, fresh
        with self, _alone(self):
            run("default", "DELETE FROM journal_key")
            vault.keep(fresh)
        machines.all.append(self)

    def keys(self) -> dict[str, bytes]:
        limited = self.vault.limited
        assert limited is not None
        return {"verify": self.vault.verify_key, "transport": b"l" * 32, "box": b"k" * 32,
                "entrusted": suite.x25519_public(limited.entrusted)}  # fmt: skip


def visits(two: Two, machines: Machines) -> Visits:
    """Jeanne is Dr Moreau's, Paul nobody's: the laptop is given Jeanne's key."""
    introduce(two)
    laptop = LimitedMachine(machines, two.a, "limited")
    with two.a:
        patients.set_medecin_traitant(two.jeanne, member=two.cast["moreau"].member, by=two.cast["sophie"])
        actions.add_replica(UUID(bytes=laptop.replica), laptop.keys(), name="Portable des visites", kind="limited", hosts=["visites"],
                            panel_of=two.cast["moreau"].member, by=two.cast["moreau"])  # fmt: skip
    with laptop:
        actions.remember_peer("https://bureau", replica=UUID(bytes=two.a.replica))
    made = Visits(two, laptop)
    made.meet()
    return made


def another(away: Visits, name: str = "DURAND") -> UUID:
    """A patient of nobody's in particular, known at the office."""
    with away.office:
        made: UUID = patients.register(by=away.two.cast["sophie"], birth_name=name, first_given_name="Paul", birth_sex="M",
                                      despite=True)  # fmt: skip
        clinical.sign_note(made, by=away.two.cast["benali"], fields={"text": f"Note de {name}"})
    return made


def noon(in_days: int) -> datetime.datetime:
    """That day at noon, as clocks at the practice show it: near midnight an hour more or less, in March or October, is another day."""
    return instant(permissions.today() + datetime.timedelta(days=in_days), 12 * 60)


def booked(away: Visits, patient: UUID, *, in_days: int = 1, with_: str = "moreau") -> UUID:
    start = noon(in_days)
    whose = away.two.cast[with_].member
    assert whose is not None
    return agenda.book(patient, by=away.two.cast["sophie"], practitioner=whose, start=start, minutes=15, despite=None, waived_reason="x")
