"""Somebody at a machine: signs in by the real ceremony, proves every request, and does what people do, each gesture through its screen."""

import re
import zlib
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4
from zoneinfo import ZoneInfo

import brotli

from bench.browser import PAGE, Answer, Browser, Login
from drill import forms
from drill.ledger import Ledger
from drill.machines import Machine

PARIS = ZoneInfo("Europe/Paris")  # the day at the practice
GOOD = frozenset({200, 204, 303})
LINES = {"allergy": ("allergie", "consultations.allergy", "substance"), "treatment": ("traitement", "consultations.treatment", "dci")}
_touches = iter(range(1, 1 << 31))  # the counter of every passkey of the exercise


class NoAccess(Exception):
    """The machine does not let this person in."""


def text_of(answer: Answer) -> str:
    coding = answer.headers.get("content-encoding", "")
    body = brotli.decompress(answer.body) if coding == "br" else zlib.decompress(answer.body, 31) if coding == "gzip" else answer.body
    return str(body.decode())


class Desk:
    """One person at one machine for a day. What is asked and not answered as it must be stands in the ledger."""

    def __init__(self, machine: Machine, login: dict[str, str], ledger: Ledger, *, moment: str) -> None:
        self.machine, self.ledger, self.moment = machine, ledger, moment
        self.member = login["member"]
        self.browser = Browser(machine.site, Login(**login), count=next(_touches))
        try:
            self.browser.sign_in()
        except AssertionError as said:
            raise NoAccess(str(said)) from None
        self._count(200)

    def leave(self) -> None:
        self.browser.connection.close()

    def _count(self, status: int) -> None:
        self.ledger.statuses[self.moment, self.machine.name, str(status)] += 1

    def get(self, target: str) -> str:
        answer = self.browser.page(target)
        self._count(answer.status)
        if answer.status != 200:
            self.ledger.failed.append(f"{self.machine.name}: GET {self._where(target)}: {answer.status}")
        return text_of(answer)

    def send(self, target: str, fields: dict[str, Any], *, once: str = "") -> str | None:
        """Where the answer leads; None when it was not done."""
        answer = self.post(target, {**fields, "once": once or str(uuid4())})
        self._count(answer.status)
        if answer.status not in GOOD:
            why = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", text_of(answer).split("<main")[-1]))[:300]
            self.ledger.failed.append(f"{self.machine.name}: POST {self._where(target)}: {answer.status} {why}")
            return None
        return answer.headers.get("location") or answer.headers.get("pop-location", "")

    def post(self, target: str, fields: dict[str, Any]) -> Answer:
        """What the page sends for a form; a list is a field that comes several times. Raises OSError when the machine dies."""
        return self.browser.proved("POST", target, urlencode(fields, doseq=True).encode(), {
            "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8", "Accept": PAGE, "Sec-Fetch-Site": "same-origin",
            "X-CSRFToken": self.browser.cookies.get("__Host-csrf", ""), "Referer": f"{self.machine.origin}/",
            "Origin": self.machine.origin})  # fmt: skip

    @staticmethod
    def _where(target: str) -> str:
        return re.sub(r"[0-9a-f-]{36}", "…", target.partition("?")[0])

    # -- gestures

    def register(self, name: str, given: str, birth: date) -> str:
        """A new patient; their id, or nothing."""
        fields = {"birth_name": name, "given_names": given, "birth_date": f"{birth:%d/%m/%Y}", "birth_sex": "F"}
        where = self.send("/patients/nouveau/", fields)
        found = re.search(r"/patients/([0-9a-f-]{36})/", where or "")
        if not found:
            return ""
        self.ledger.patients[found[1]] = name
        return found[1]

    def note(self, patient: str, text: str, *, once: str = "") -> None:
        """The file is opened, then a note is written and signed."""
        self.get(f"/patients/{patient}/")
        fields = {"kind": "consultation", "motif": "Suivi", "mode": "free", "text": text}
        if self.send(f"/patients/{patient}/note/signer/", fields, once=once) is not None:
            self.ledger.notes[text] = patient

    def add_line(self, kind: str, patient: str, name: str, **more: str) -> str:
        """An allergy or a treatment; the line's id."""
        word, table, main = LINES[kind]
        before = self._lines(kind, patient)
        form = forms.read(self.get(f"/patients/{patient}/{word}/"), main)
        if self.send(f"/patients/{patient}/{word}/", {**form, main: name, **more}) is None:
            return ""
        self.ledger.lines[name] = table, patient
        made = next(iter(self._lines(kind, patient) - before), "")
        for field, value in more.items():
            self.ledger.value((table, made, field), value, shown=None)
        return made

    def _lines(self, kind: str, patient: str) -> set[str]:
        return set(re.findall(rf"/ligne/{kind}/([0-9a-f-]{{36}})/", self.get(f"/patients/{patient}/")))

    def amend_line(self, kind: str, patient: str, line: str, **changes: str) -> None:
        _, table, main = LINES[kind]
        self._amend(f"/patients/{patient}/ligne/{kind}/{line}/", main, table, line, changes)

    def amend_identity(self, patient: str, **changes: str) -> None:
        self._amend(f"/patients/{patient}/identite/modifier/", "birth_name", "patients.patient", patient, changes)

    def _amend(self, target: str, main: str, table: str, object: str, changes: dict[str, str]) -> None:
        """What stands in the form is what its author has seen."""
        form = forms.read(self.get(target), main)
        if self.send(target, {**form, **changes}) is not None:
            for name, value in changes.items():
                self.ledger.value((table, object, name), value, shown=form[name] or None)

    def book(self, patient: str, reason: str, *, day: date, hour: str) -> None:
        form = forms.read(self.get("/agenda/nouveau/"), "practitioner")
        fields = {**form, "patient": patient, "mode": "known", "day": f"{day:%d/%m/%Y}", "hour": hour, "minutes": "15", "reason": reason,
                  "type": ""}  # fmt: skip
        if self.send("/agenda/nouveau/", fields) is not None:
            self.ledger.appointments[reason] = patient

    def task(self, patient: str, text: str) -> None:
        if self.send("/taches/nouvelle/", {"dossier": patient, "text": text, "who": "", "due_on": "+3"}) is not None:
            self.ledger.tasks[text] = patient

    def end_access(self, member: str, last: date) -> None:
        """A titulaire changes the last day of somebody's access."""
        self.send(f"/cabinet/membres/{member}/fin/", {"until": f"{last:%d/%m/%Y}"})

    def settle(self) -> tuple[int, int]:
        """« À rapprocher »: every other question is answered with the first version shown. How many were shown, and settled."""
        questions, settled = forms.all_with(self.get("/cabinet/a-rapprocher/"), "part"), 0
        for question in questions[::2]:
            if self.send("/cabinet/a-rapprocher/garder/", {**question.fields, "choice": question.choices[0]}) is not None:
                self.ledger.settled.add(question.fields["object"])
                settled += 1
        return len(questions), settled

    def today(self) -> date:
        """By the machine's own clock."""
        return (datetime.now(UTC) + timedelta(days=self.machine.days + self.machine.off)).astimezone(PARIS).date()
