"""Two machines of the practice of the cast, and what is done on each: for tests that go through the real rooms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from permanence.accounts import permissions
from permanence.journal import vault
from permanence.journal.doors import Actor, Reader
from permanence.lib import suite
from permanence.patients import actions as patients
from permanence.patients.permissions import ProtectionGate
from permanence.sync import actions, queries
from permanence.sync.actions import settle
from tests.cast import reader_for, recruit
from tests.sync.machines import Machine, Machines, all_agree

TABLES = ("consultations_allergy", "consultations_treatment", "consultations_historyitem", "patients_patient", "agenda_appointment",
    "tasks_task",
          "journal_objectstate", "journal_conflict")  # fmt: skip


@dataclass
class Two:
    """Two machines that know the same people and the same patient."""

    a: Machine
    b: Machine
    cast: Mapping[str, Actor]
    jeanne: UUID

    def agree(self) -> None:
        all_agree([self.a, self.b])
        permissions.forget()
        queries.forget()


def cabinet(machines: Machines) -> Two:
    a, b = machines.new(), machines.new()
    permissions.forget()
    with a:
        cast = recruit()
        jeanne = patients.register(by=cast["sophie"], birth_name="MARTIN", first_given_name="Jeanne", birth_date=date(1958, 7, 14),
                                   birth_sex="F", despite=True)  # fmt: skip
    two = Two(a, b, cast, jeanne)
    two.agree()
    return two


def introduce(two: Two) -> None:
    """Both are machines of the practice, as a titulaire made them."""
    with two.a:
        actions.introduce_oneself(
            name="Bureau", kind="office", hosts=["bureau"], transport=b"t" * 32, box=b"b" * 32, by=Actor.machine("sync")
        )
    with two.b:
        key = vault.current().verify_key
    with two.a:
        assert suite.replica_id(key) == two.b.replica
        actions.add_replica(UUID(bytes=two.b.replica), {"verify": key, "transport": b"u" * 32, "box": b"c" * 32}, name="Portable",
                            kind="laptop", hosts=["portable"], by=two.cast["moreau"])  # fmt: skip
    two.agree()


def reader(actor: Actor) -> Reader:
    return reader_for(actor, ProtectionGate())


def asked(actor: Actor) -> list[queries.Question]:
    """What this person is asked, on the machine at which they sit."""
    queries.forget()
    return list(queries.settling(reader=reader(actor)).questions)


def choose(question: queries.Question, said: str, *, by: Actor) -> None:
    """Keep the version that says this."""
    (version,) = [one for one in question.versions if said in " ".join(value.replace("\u00a0", " ") for _, value in one.values)]
    settle(question.object, part=question.part, choice=version.key, seen=question.seen, by=by)
