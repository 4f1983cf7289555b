"""What was signed today and waits at the desk: names and hours only, then paper. Nothing is read on screen here."""

import datetime
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from permanence.accounts.permissions import can_print, writable
from permanence.accounts.queries import member_names
from permanence.documents import queries as letters
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Reader, Refused
from permanence.lib import clock
from permanence.patients import queries as patients
from permanence.prescriptions import queries as prescriptions
from permanence.web.dossier.people import Person, person
from permanence.web.dossier.shelf import bytes_of
from permanence.web.http import deliver, go, reader_of, render, screen
from permanence.web.links import reverse
from permanence.web.papers import printing

LATE = "Ce papier n’est pas à remettre aujourd’hui\u00a0: son auteur peut l’imprimer depuis le dossier."


@dataclass(frozen=True, slots=True)
class HandRow:
    patient: Person
    at: datetime.datetime
    by: str
    what: str
    url: str


@dataclass(frozen=True, slots=True)
class HandPage:
    rows: list[HandRow]
    printer: str
    failed: bool


@screen
def to_hand_over(request: HttpRequest) -> HttpResponse:
    """Today's signed papers that this person may hand over, the newest first."""
    reader = _reader(request)
    since = _midnight()
    found = [
        *((*row, "Ordonnance") for row in prescriptions.to_hand_over(since, reader=reader)),
        *((*row, "Certificat ou courrier") for row in letters.to_hand_over(since, reader=reader)),
    ]
    names = member_names({author for _, _, _, author, _ in found if author})
    shown = {row.patient: person(row) for row in patients.rows(list({row[1] for row in found}), reader=reader)} if found else {}
    rows = [
        HandRow(shown[patient], at, names.get(author, "") if author else "", what, reverse("papers:hand_over", args=(id,)))
        for id, patient, at, author, what in sorted(found, key=lambda row: row[2], reverse=True)
        if patient in shown
    ]
    page = HandPage(rows, printing.where(reader), request.GET.get("imprimante") == "non")
    return render(request, reader, "papers/hand.html", {"page": page})


@screen
def hand_over(request: HttpRequest, paper: UUID) -> HttpResponse:
    """To the post's printer by POST; as a file to print by GET. Either way it counts as printed, and only today's leave here."""
    reader = _reader(request)
    template = _handed(paper, reader)
    if request.method == "POST":
        outcome = printing.send(request, reader, (paper, template)) or "failed"
        return go(request, "papers:to_hand_over", **printing.said(outcome))
    reader.leave(Level.PRINTED)
    data = bytes_of(paper, reader)
    return deliver(request, reader, data, content_type="application/pdf", filename="papier.pdf", inline=False)


def _handed(paper: UUID, reader: Reader) -> str:
    """The template of a paper of today that this reader may print. Raises Refused for any other."""
    found = prescriptions.prescription_heads(paper, reader=reader) or letters.letter_heads(paper, reader=reader)
    if found is None:
        raise Refused(letters.UNKNOWN, code="unknown")
    if found[1] < _midnight():
        raise Refused(LATE, code="late")
    return found[2]


def _reader(request: HttpRequest) -> Reader:
    """A reading that ends on paper, for who prints without reading or writes prescriptions. Raises Refused: right."""
    reader = reader_of(request, printing=True)
    wanted = (Category.PRESCRIPTIONS, Category.DOCUMENTS)
    if not (writable(reader.actor, wanted) or any(can_print(reader.actor, category) for category in wanted)):
        raise Refused("Remettre les papiers signés revient au secrétariat et aux soignants du cabinet.", code="right")
    return reader


def _midnight() -> datetime.datetime:
    return timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
