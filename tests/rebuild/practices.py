"""A practice in a folder that talks to a relay, closed between two visits; and one that is made anew from it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from uuid import UUID

from drill.hand import tables
from permanence.accounts import permissions, sessions, unlocking
from permanence.consultations import actions as clinical
from permanence.documents import actions as kept
from permanence.journal import actions as journal
from permanence.journal import authority, folder, keyring
from permanence.journal.doors import Actor
from permanence.journal.folder import Folder
from permanence.patients import actions as patients
from permanence.sync import queries, rebuilding, relays
from permanence.sync.lines import line_to
from permanence.sync.models import Peer
from permanence.sync.talk import Talk
from tests.cast import recruit
from tests.relay.serving import Relay

SHEET = bytes(range(20))
CONSOLE = Actor.machine("console")
Change = Callable[[Folder, "Cabinet"], None]


def quiet(what: str, done: int, of: int) -> None:
    """Nobody looks."""


@dataclass
class Cabinet:
    """Where its office's folder is, the sheet in the safe, and who works there."""

    path: Path
    sheet: bytes
    relay: Relay
    cast: dict[str, Actor]
    jeanne: UUID
    practice: bytes = b""
    dump: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://{self.relay.authority}"

    @property
    def base(self) -> str:
        return f"{self.address}/{self.practice.hex()}/"

    @contextmanager
    def open(self) -> Iterator[Folder]:
        """Sit down at the office."""
        with opened(self.path, self.practice, self.sheet) as here:
            yield here

    def work(self, change: Change | None = None) -> None:
        """Sit down, do something, talk with the relay, look at what is there, close."""
        with self.open() as here:
            if change is not None:
                change(here, self)
            talk(here, self.base)
            self.dump = tables()


@contextmanager
def opened(path: Path, practice: bytes, sheet: bytes) -> Iterator[Folder]:
    here = folder.open_folder(path)
    try:
        here.unlock_with(keyring.sheet_slot(sheet, practice)[1])
        sessions.forget()
        permissions.forget()
        queries.forget()
        yield here
    finally:
        here.close()


def talk(here: Folder, base: str) -> None:
    """All that its speaker would do, now."""
    talk = Talk(Peer.objects.get(base=base), line_to(base, here), here.path)
    talk.once()
    talk.line.close()


def founded(place: Path, relay: Relay, sheet: bytes) -> Cabinet:
    """A small practice with notes, papers, something erased, its own authority; it talks to the relay, and is closed."""
    path = place / "cabinet"
    with folder.create(path, hosts=["bureau.cabinet.example"], rp_id="cabinet.example") as here:
        cast = recruit()
        authority.establish(here)
        unlocking.replace_sheet(here, sheet, by=CONSOLE)
        practice = here.record().practice
    made = Cabinet(path, sheet, relay, cast, UUID(int=0), practice)
    with made.open() as here:  # it names itself at this opening
        by = cast["moreau"]
        made.jeanne = person(by, "MARTIN", "Jeanne")
        clinical.add_allergy(made.jeanne, by=by, fields={"substance": "Pénicilline"})
        kept.keep_original(made.jeanne, b"compte rendu " * 400, by=by, title="Radiographie", mime="text/plain")
        person(by, "DUPONT", "Luc")  # nobody touches his file again: his key comes with what was given at first, or not at all
        gone = person(by, "ANCIEN", "Paul")
        kept.keep_original(gone, b"ancien " * 100, by=by, title="Ancien", mime="text/plain")
        journal.erase(gone, by=CONSOLE)
        enter(here, made)
        talk(here, made.base)
        made.dump = tables()
    return made


def person(by: Actor, family: str, given: str) -> UUID:
    return patients.register(by=by, birth_name=family, first_given_name=given, birth_date=date(1958, 7, 14), birth_sex="F", despite=True)


def enter(here: Folder, cabinet: Cabinet) -> None:
    relays.enter(here, line_to(cabinet.base, here), cabinet.base, cabinet.relay.code())


def rebuilt(cabinet: Cabinet, path: Path) -> tuple[rebuilding.Outcome, dict[str, str]]:
    """From nothing but the sheet and the address; what it came to, and its tables before anybody was told of it."""
    secret = cabinet.sheet
    found = rebuilding.find(cabinet.address, secret)
    with rebuilding.begin(path, found, secret, hosts=["bureau.cabinet.example"]) as here:
        fetched = rebuilding.fetch(here, found.base, found.speaks, quiet, floor=found.deposit.held)
        assert fetched.ahead == 0
        outcome, dump = rebuilding.verified(here), tables()
        rebuilding.admit(here, found.base, secret)
    return outcome, dump
