"""A signed note: to read, to complete, to move to the right patient; and what is left where it was."""

import datetime
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from permanence.accounts.permissions import can_write
from permanence.accounts.queries import member_names
from permanence.consultations import actions, queries
from permanence.journal.categories import Category
from permanence.journal.doors import Refused
from permanence.lib import clock
from permanence.lib.dates import format_date
from permanence.lib.text import NBSP
from permanence.patients import queries as patients
from permanence.patients.permissions import family_of
from permanence.web import jinja
from permanence.web.dossier import people
from permanence.web.dossier.banners import banner_of
from permanence.web.dossier.beside import Afterwards, afterwards
from permanence.web.dossier.forms import AmendmentForm
from permanence.web.dossier.notes import LETTERS
from permanence.web.dossier.timeline import authors
from permanence.web.http import act, go, reader_of, render, screen, uuid_of
from permanence.web.links import reverse
from permanence.web.presenters import Chip

MOST_FOUND = 8


class Part(NamedTuple):
    label: str
    text: str


class Amendment(NamedTuple):
    text: str
    by: str
    at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed note as it is read."""

    title: str
    kind: str
    text: str
    parts: list[Part]
    tags: list[Chip]
    by: str
    signed_at: datetime.datetime
    occurred: str
    codes: str
    waits_for: str = ""
    countersigned: str = ""
    countersigned_at: datetime.datetime | None = None
    amendments: list[Amendment] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SignedPage:
    banner: people.Banner
    note: Signed
    moved: str
    afterwards: Afterwards | None
    can_amend: bool
    amend_url: str
    move_url: str
    countersign_url: str


@screen
def note(request: HttpRequest, patient: UUID, note: UUID) -> HttpResponse:
    """Read a signed note with what completes it; add a complement."""
    reader = reader_of(request)
    row = queries.note(note, reader=reader)
    if row.amends_id:
        return go(request, "dossier:note", patient, row.amends_id)
    top, more = banner_of(row.patient, reader), queries.amendments(note, reader=reader)
    form = AmendmentForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.do(request, actions.amend_note, note, fields={"text": form.cleaned_data["text"]})
    ):
        return go(request, "dossier:note", row.patient, note, done="complement")
    writes = can_write(reader.actor, Category.NOTES, new=True)
    mine = reader.actor.member in (row.author_id, row.signatory_id)
    page = SignedPage(
        top,
        _signed(row, more),
        _moved(row),
        afterwards(row.id, family_of(row.patient, reader=reader), row.patient, reader),
        writes,
        reverse("dossier:note", args=(row.patient, note)),
        reverse("dossier:move", args=(row.patient, note)) if writes and mine else "",
        reverse("dossier:countersign", args=(row.patient, note)) if row.waits and reader.actor.member == row.signatory_id else "",
    )
    return render(
        request,
        reader,
        "dossier/signed.html",
        {"page": page, "form": form},
        fragment="form",
        status=422 if request.method == "POST" else 200,
    )


@require_POST
@screen
def countersign(request: HttpRequest, patient: UUID, note: UUID) -> HttpResponse:
    """One key on the note: the senior answers for it."""
    act(request, actions.countersign, note)
    return go(request, "dossier:note", patient, note, done="contresignee")


def _signed(row: queries.NoteRow, more: list[queries.NoteRow]) -> Signed:
    names = member_names({id for one in (row, *more) for id in (one.author_id, one.signatory_id, one.countersigned_by) if id})
    parts = [Part(label, text) for (name, _, label) in LETTERS if (text := getattr(row, name))]
    tags = [Chip(row.kind_label)] + [
        Chip(text, "plain", "eye-off") for text, on in (("Sensible", row.sensitive), ("Secret du mineur", row.minor_secret)) if on
    ]
    signed = row.signed_at or clock.now()
    occurred = timezone.localtime(row.at).date() if row.at else None
    other = occurred is not None and occurred != timezone.localtime(signed).date()
    return Signed(
        row.motif or "Sans motif",
        row.kind_label,
        row.text,
        parts,
        tags,
        authors(row, names),
        signed,
        format_date(occurred) if other else "",
        ", ".join(row.codes),
        names.get(row.signatory_id, "son senior") if row.waits and row.signatory_id else "",
        names.get(row.countersigned_by, "un senior") if row.countersigned_by else "",
        row.countersigned_at,
        [Amendment(_whole(one), authors(one, names), one.signed_at or signed) for one in more],
    )


def _whole(row: queries.NoteRow) -> str:
    return "\n".join(part for part in (row.motif, row.text, row.subjective, row.objective, row.assessment, row.plan) if part)


def _moved(row: queries.NoteRow) -> str:
    if row.moved_at is None:
        return ""
    by = member_names([row.moved_by_id]).get(row.moved_by_id, "") if row.moved_by_id else ""
    who = f" par {by}" if by else ""
    return f"Note déplacée dans ce dossier {jinja.moment(row.moved_at)}{who}{NBSP}: elle avait été écrite dans un autre."


# -- the wrong patient


@dataclass(frozen=True, slots=True)
class MovePage:
    banner: people.Banner
    note: Signed
    query: str
    candidates: list[people.Person]
    move_url: str


@screen
def move(request: HttpRequest, patient: UUID, note: UUID) -> HttpResponse:
    """Find the right patient, then one gesture: the note leaves this file and its body is destroyed here."""
    reader = reader_of(request)
    if request.method == "POST":
        to = uuid_of(request.POST.get("to"))
        if to is None:
            raise Refused("Choisir le dossier où déplacer la note.", code="invalid")
        moved = act(request, actions.move_note, note, to=to)
        return go(request, "dossier:note", to, moved, done="deplacee")
    row, query = queries.note(note, reader=reader), request.GET.get("q", "").strip()
    found = (
        [one for one in patients.search(query, reader=reader, limit=MOST_FOUND) if one.patient != row.patient]
        if query
        else patients.homonyms(patient, reader=reader)
    )
    page = MovePage(
        banner_of(row.patient, reader),
        _signed(row, []),
        query,
        people.people(found),
        reverse("dossier:move", args=(patient, note)),
    )
    return render(request, reader, "dossier/move.html", {"page": page, "form": AmendmentForm()}, fragment="form")


@dataclass(frozen=True, slots=True)
class MovedPage:
    banner: people.Banner
    title: str
    text: str
    readers: list[Part]
    refused: str


@screen
def moved(request: HttpRequest, patient: UUID, note: UUID) -> HttpResponse:
    """What is left of a note that stood here by error: when, by whom, and who had read it meanwhile."""
    reader = reader_of(request)
    top = banner_of(patient, reader)
    row = next((one for one in queries.moves(patient, reader=reader) if one.note_id == note), None)
    if row is None:
        raise Refused(f"Cette note est introuvable{NBSP}: revenez au dossier.", code="unknown")
    names = member_names({id for id in (row.by_id, row.author_id) if id})
    author, mover = (names.get(id, "une personne partie") if id else "un import" for id in (row.author_id, row.by_id))
    text = f"Écrite ici par {author}, déplacée par {mover} {jinja.moment(row.at)}."
    readers, refused = [], ""
    try:
        accesses = queries.read_before_move(patient, note, reader=reader)
        who = member_names({one.member for one in accesses if one.member})
        readers = [
            Part(who.get(one.member, "Tâche du cabinet") if one.member else "Tâche du cabinet", jinja.moment(one.at)) for one in accesses
        ]
    except Refused as closed:
        refused = closed.sentence
    page = MovedPage(top, "Note déplacée", text, readers, refused)
    return render(request, reader, "dossier/moved.html", {"page": page})
