"""The script: what happens on each day of the cut, and to which machine. Every choice is drawn from one seed."""

import random
import threading
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID, uuid4

from bench.browser import Answer
from drill.desk import Desk, NoAccess
from drill.ledger import Ledger
from drill.machines import Machine

VISITS, SHARED = 15, 6
NAMES = ("Aubry", "Bonnet", "Carlier", "Delmas", "Estève", "Faivre", "Gilbert", "Hamon", "Imbert", "Jourdan", "Kessler", "Laporte",
         "Maillot", "Navarro", "Ollivier", "Perrot", "Quentin", "Rolland", "Salmon", "Thibault")  # fmt: skip
GIVEN = ("Alice", "Basile", "Céleste", "Diane", "Élise", "Flore", "Gaspard", "Hortense", "Irène", "Jules")
WORDS = ("Patient vu pour renouvellement, sans plainte nouvelle. PA 13/8, pouls régulier.",
         "Toux sèche depuis trois jours, auscultation libre.", "Suivi du diabète : pieds examinés, biologie demandée.",
         "Douleur lombaire mécanique, pas de signe d’alarme, repos relatif.")  # fmt: skip


@dataclass
class Told:
    """When what happened, for the report."""

    end_decided: int
    end: int  # the last day of the replacement's access
    killed: int
    upgraded: int
    restarted: int
    lines: list[str] = field(default_factory=list)
    refused: dict[str, bool] = field(default_factory=dict)  # by machine and moment: whether the replacement was refused


@dataclass
class Shared:
    """A file that every machine had before the cut."""

    patient: str
    allergy: str = ""
    treatment: str = ""


@dataclass
class Script:
    office: Machine
    laptop: Machine
    hosted: Machine
    people: dict[str, dict[str, str]]
    ledger: Ledger
    days: int
    seed: int

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.shared: list[Shared] = []
        self.known: dict[str, list[str]] = {one.name: [] for one in self.machines}  # patients of each machine
        self.told = Told(max(1, self.days // 6), max(1, self.days * 2 // 5), max(1, self.days // 2), max(1, self.days * 2 // 3),
                         self.days * 3 // 4)
        self._next = 0

    @property
    def machines(self) -> tuple[Machine, ...]:
        return self.office, self.laptop, self.hosted

    def _mark(self) -> str:
        self._next += 1
        return f"{self._next:05d}"

    def desk(self, machine: Machine, who: str, moment: str) -> Desk:
        return Desk(machine, self.people[who], self.ledger, moment=moment)

    # -- before the cut

    def before(self) -> None:
        """The files that all know, with an allergy and a treatment each."""
        desk = self.desk(self.office, "moreau", "avant")
        for _ in range(SHARED):
            one = Shared(self._new_patient(desk))
            one.allergy = desk.add_line("allergy", one.patient, f"Substance {self._mark()}", reaction=f"Urticaire {self._mark()}")
            one.treatment = desk.add_line("treatment", one.patient, f"molécule {self._mark()}", posology=f"matin {self._mark()}")
            desk.amend_identity(one.patient, city=f"Ville {self._mark()}", address=f"{self._mark()} rue des Lilas")
            self.shared.append(one)
        desk.leave()
        for machine in self.machines:
            self.known[machine.name] = [one.patient for one in self.shared]

    def _new_patient(self, desk: Desk) -> str:
        number = int(self._mark())
        name = f"{NAMES[number % len(NAMES)]}{chr(65 + number // 20 % 26)}{chr(65 + number // 520 % 26)}".upper()
        patient = desk.register(name, self.rng.choice(GIVEN), date(1930, 1, 1) + timedelta(days=37 * number % 33_000))
        if patient:
            self.known.setdefault(desk.machine.name, []).append(patient)
        return patient

    # -- the cut, day after day

    def day(self, number: int) -> None:
        for machine in self.machines:
            machine.at_day(number)
        self._office(number)
        self._laptop(number)
        self._hosted(number)
        if number == self.told.upgraded:
            self._upgrade(self.hosted, number)
        if number == self.told.restarted:
            self.laptop.stop()
            self.laptop.serve()
            self.told.lines.append(f"Jour {number} : portable éteint puis rallumé.")

    def _office(self, number: int) -> None:
        desk = self.desk(self.office, "moreau", "coupure")
        desk.get("/")
        for _ in range(2):
            self._new_patient(desk)
        for turn in range(VISITS):
            self._visit(desk, number)
            if turn == VISITS // 2 and number == self.told.killed:
                desk = self._killed(desk, number)
        self._desk_work(desk, number, appointments=4)
        self._amend(desk, number, "bureau")
        if number == self.told.end_decided:
            desk.end_access(str(UUID(self.people["petit"]["member"])), desk.today() + timedelta(days=self.told.end - number))
            self.told.lines.append(f"Jour {number} : décidé au bureau, l’accès de la remplaçante finit le jour {self.told.end}.")
        desk.leave()
        self._replacement(self.office, number, heard=number >= self.told.end_decided)

    def _laptop(self, number: int) -> None:
        """Visits at home, by the replacement: this machine has not heard of her end."""
        desk = self.desk(self.laptop, "petit", "coupure")
        desk.get("/agenda/tournee/")
        for _ in range(4):
            self._visit(desk, number)
        if number % 2:
            self._new_patient(desk)
        desk.leave()
        desk = self.desk(self.laptop, "moreau", "coupure")
        self._desk_work(desk, number, appointments=1)
        self._amend(desk, number, "portable")
        desk.leave()

    def _hosted(self, number: int) -> None:
        desk = self.desk(self.hosted, "benali", "coupure")
        self._visit(desk, number)
        if number % 3 == 0:
            self._amend(desk, number, "hébergé")
        desk.leave()

    def _visit(self, desk: Desk, number: int, *, once: str = "") -> None:
        patient = self.rng.choice(self.known[desk.machine.name])
        desk.note(patient, f"{self.rng.choice(WORDS)} Jour {number}, écrit {self._mark()}.", once=once)

    def _desk_work(self, desk: Desk, number: int, *, appointments: int) -> None:
        for turn in range(appointments):
            patient = self.rng.choice(self.known[desk.machine.name])
            hour = f"{8 + turn}h{15 * (number % 4):02d}"
            desk.book(patient, f"Rendez-vous {self._mark()}", day=desk.today() + timedelta(days=2), hour=hour)
        desk.task(self.rng.choice(self.known[desk.machine.name]), f"Rappeler {self._mark()}")

    def _amend(self, desk: Desk, number: int, where: str) -> None:
        """Two files a day that the others amend too."""
        for one in (self.shared[number % SHARED], self.shared[(number + 1) % SHARED]):
            desk.amend_identity(one.patient, city=f"Ville {self._mark()} {where}", used_given_name=f"Prénom {self._mark()}")
            desk.amend_line("allergy", one.patient, one.allergy, reaction=f"Réaction {self._mark()} {where}")
            desk.amend_line("treatment", one.patient, one.treatment, posology=f"Posologie {self._mark()} {where}")

    # -- what happens to machines and people

    def _replacement(self, machine: Machine, number: int, *, heard: bool) -> None:
        """Tries to sign in where she should be refused once her last day is over."""
        if not heard or number <= self.told.end:
            return
        self.told.refused[f"{machine.name}, jour {number}"] = self.is_refused(machine)

    def is_refused(self, machine: Machine) -> bool:
        """Whether the replacement is kept out of that machine."""
        try:
            self.desk(machine, "petit", "refus").leave()
        except NoAccess:
            self.ledger.refusals[machine.name] += 1
            return True
        return False

    def _killed(self, desk: Desk, number: int) -> Desk:
        """kill -9 while a note is on its way; then the same note again, with its one-use id: it must stand there once."""
        machine, once, patient = desk.machine, str(uuid4()), self.rng.choice(self.known[desk.machine.name])
        text, answers = f"{WORDS[0]} Jour {number}, pendant l’arrêt, écrit {self._mark()}.", list[Answer]()
        fields = {"kind": "consultation", "motif": "Suivi", "mode": "free", "text": text, "once": once}

        def on_the_way() -> None:
            try:
                answers.append(desk.post(f"/patients/{patient}/note/signer/", fields))
            except OSError:
                pass

        sending = threading.Thread(target=on_the_way)
        sending.start()
        time.sleep(self.rng.random() * 0.03)
        machine.kill()
        sending.join()
        machine.serve()
        desk = self.desk(machine, "moreau", "coupure")
        self.ledger.sent_again += not answers
        if desk.send(f"/patients/{patient}/note/signer/", fields, once=once) is not None:
            self.ledger.notes[text] = patient
        took = f"{machine.starts[-1]:.1f}".replace(".", ",")
        self.told.lines.append(f"Jour {number} : machine du bureau tuée (kill -9) pendant une écriture, de retour en {took} s.")
        return desk

    def _upgrade(self, machine: Machine, number: int) -> None:
        """Stopped, its journal checked, started again: what an update does."""
        machine.stop()
        machine.run("verify", "--machine-key", machine.key)
        machine.serve()
        self.told.lines.append(f"Jour {number} : machine hébergée arrêtée, vérifiée, remise en marche, comme pour une mise à jour.")
