"""An office and a limited laptop, each served by processes of its own, and a line between them that a hand pulls out."""

import html
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from drill import forms, hand
from drill.desk import Desk, text_of
from drill.ledger import Ledger
from drill.machines import ROOT, RP_ID, Failed, Machine, environment, found, free_port
from permanence.cli.wire import Wire
from permanence.lib.text import NBSP

PATIENCE_S = 60.0
ELSEWHERE = "Ce dossier n’est pas sur ce portable"


class Hurried(Machine):
    """It waits seconds where a machine waits a minute before it takes a file back."""

    @staticmethod
    def _words(*words: object) -> list[str]:
        return [sys.executable, "-m", "tests.drill.hurried", *map(str, words)]


def until(is_so: Callable[[], bool], what: str, *, patience: float = PATIENCE_S) -> float:
    """Seconds until it is so. Raises Failed, with what was waited for."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > patience:
            raise Failed(f"after {patience:.0f} s not yet: {what}")
        time.sleep(0.1)
    return time.monotonic() - began


class Visits:
    """Dr Moreau's laptop and the practice's office."""

    def __init__(self, place: Path) -> None:
        self.ledger, self.day = Ledger(), 0
        made = found(place / "bureau", "bureau")
        self.office = Hurried(made.folder, made.name, port=made.port)
        self.line = Wire(self.office.port)
        self.laptop = Hurried(place / "visites", "visites", port=free_port(), line=self.line)
        self.people = hand.ask(self.office, "people", until=60, rp_id=RP_ID)
        self.office.serve()

    def desk(self, machine: Machine, who: str = "moreau") -> Desk:
        return Desk(machine, self.people[who], self.ledger, moment=f"jour {self.day}")

    def pair(self) -> None:
        """The code is shown on the office's screen, to a titulaire who says whose patients it carries; typed on the laptop."""
        desk = self.desk(self.office)
        form = forms.read(desk.get("/cabinet/machines/associer/"), "panel_of")
        answer = desk.post("/cabinet/machines/associer/", {
            **form, "label": "Portable des visites", "kind": "limited", "panel_of": str(UUID(self.people["moreau"]["member"])),
            "host": "visites"})  # fmt: skip
        desk.leave()
        code = re.search(r"\b[0-9A-Z]{4}(?:[- ][0-9A-Z]{4})+\b", html.unescape(text_of(answer)))
        if code is None:
            raise Failed(f"no code: {answer.status} {text_of(answer)[-2000:]}")
        self.laptop.run("join", "--from", self.office.origin, "--at", f"127.0.0.1:{self.line.port}", "--name", self.laptop.host, "--code",
                        code[0], "--machine-key", self.laptop.key, "--port", self.laptop.port)  # fmt: skip
        shutil.copytree(self.office.folder / "run" / "static", self.laptop.folder / "run" / "static")
        self.laptop.serve()

    def at_day(self, day: int) -> None:
        self.day = day
        for machine in (self.office, self.laptop):
            machine.at_day(day)

    def end(self) -> None:
        for machine in (self.office, self.laptop):
            with suppress(ProcessLookupError):
                machine.stop()
        self.line.close()

    # -- what a person sees

    def reads(self, machine: Machine, patient: str, *words: str, who: str = "moreau") -> bool:
        """Whether that machine shows this person the file, with these words in it."""
        desk = self.desk(machine, who)
        answer = desk.browser.page(f"/patients/{patient}/")
        desk.leave()
        said = html.unescape(text_of(answer))
        return answer.status == 200 and all(word in said for word in words)

    def is_told_where(self, patient: str) -> bool:
        """Whether the laptop says that the file is the practice's, and not there."""
        desk = self.desk(self.laptop)
        answer = desk.browser.page(f"/patients/{patient}/")
        desk.leave()
        return answer.status == 404 and ELSEWHERE in html.unescape(text_of(answer))

    def finds(self, machine: Machine, name: str, patient: str) -> bool:
        desk = self.desk(machine)
        said = desk.get(f"/patients/?q={name}")
        desk.leave()
        return patient in said

    def machines_page(self) -> str:
        """« Machines du cabinet », at the office."""
        desk = self.desk(self.office)
        said = html.unescape(desk.get("/cabinet/machines/")).replace(NBSP, " ")
        desk.leave()
        return said

    def paper(self, machine: Machine, patient: str, text: str) -> str:
        """An ordonnance, signed; where its PDF is."""
        desk = self.desk(machine)
        form = forms.read(desk.get(f"/patients/{patient}/ordonnance/"), "template")
        where = desk.send(f"/patients/{patient}/papier/signer/", {**form, "text": text})
        desk.leave()
        if not where:
            raise Failed(f"not signed: {self.ledger.failed}")
        return f"{where.partition('?')[0]}contenu"

    def pdf(self, machine: Machine, where: str) -> bytes:
        """The PDF, or nothing."""
        desk = self.desk(machine)
        answer = desk.browser.proved("GET", where)
        desk.leave()
        return answer.body if answer.status == 200 else b""


def blobs(machine: Machine) -> set[str]:
    return {path.name for path in (machine.folder / "blobs").rglob("*") if path.is_file()}


def searched(machine: Machine, *words: str) -> dict[str, list[str]]:
    """Where the folder of a machine that nobody serves says these words to who has all of its keys."""
    said: dict[str, Any] = {"folder": str(machine.folder), "key": str(machine.key), "words": words}
    done = subprocess.run([sys.executable, "-m", "tests.drill.searching"], input=json.dumps(said), text=True, capture_output=True, cwd=ROOT,
                          env=environment(), check=False)  # fmt: skip
    if done.returncode:
        raise Failed(done.stderr[-3000:])
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found
