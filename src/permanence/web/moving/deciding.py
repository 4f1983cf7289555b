"""One row or one file at a time, beside the files that it may be about: choose, open a new one, or put it off."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from permanence.interop import actions, queries
from permanence.journal.categories import Level
from permanence.journal.doors import Reader, Refused
from permanence.lib.dates import format_date
from permanence.lib.identifiers import format_nir
from permanence.lib.text import fold, phone_fr
from permanence.patients import queries as patients
from permanence.web.dossier.documents import INLINE
from permanence.web.dossier.people import Person, people, sex_text
from permanence.web.http import act, deliver, go, new_form_id, reader_of, render, screen
from permanence.web.links import reverse


class Piece(NamedTuple):
    """A part of a value, and whether the other side says it otherwise."""

    text: str
    differs: bool


class Trait(NamedTuple):
    label: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that it may be: its row, and each trait against the source's."""

    number: int
    person: Person
    traits: list[Trait]


@dataclass(frozen=True, slots=True)
class IssuePage:
    id: UUID
    kind: str
    where: str
    reason: str
    raw: str
    facts: list[Trait]
    candidates: list[Candidate]
    left: int
    may_be_new: bool
    decidable: bool
    query: str
    document: str
    title: str
    broken: bool


@screen
def queue(request: HttpRequest) -> HttpResponse:
    """The next one, or nothing left."""
    reader = reader_of(request)
    found = queries.next_issue(reader=reader)
    if found is None:
        return render(request, reader, "moving/nothing.html", {})
    return go(request, "moving:issue", found, done=request.GET.get("fait", ""))


@screen
def issue(request: HttpRequest, issue: UUID) -> HttpResponse:
    """The source on one side, candidates on the other, what differs marked letter by letter."""
    reader = reader_of(request)
    found = queries.issue(issue, reader=reader)
    broken = found.kind == "row" and not found.decidable
    query = request.GET.get("q", "").strip()
    rows = patients.search(query, reader=reader, limit=6) if query else patients.rows(found.candidates, reader=reader)
    said = _said(found.fields) if found.kind == "row" and found.decidable else {}
    where = f"{found.place}, ligne {found.line}" if found.line else found.place
    page = IssuePage(
        issue, found.kind, where, found.reason, found.raw, [Trait(label, [Piece(value, False)]) for label, value in said.items() if value],
        [Candidate(number, one, _against(said, UUID(one.id), reader)) for number, one in enumerate(people(rows)[:6], 1)],
        queries.waiting(reader=reader), found.kind == "row" and found.decidable, found.decidable, query,
        reverse("moving:content", args=(issue,)) if found.kind == "file" and found.kept else "",
        str(found.fields.get("title", "")), broken)  # fmt: skip
    return render(request, reader, "moving/issue.html", {"page": page, "once": new_form_id()})


def _said(fields: Mapping[str, Any]) -> dict[str, str]:
    """What the row says, in the words of the identity sheet."""
    born = fields.get("birth_date")
    return {
        "Nom de naissance": str(fields.get("birth_name", "")).upper(), "Nom utilisé": str(fields.get("used_name", "")).upper(),
        "Prénoms": str(fields.get("given_names") or fields.get("first_given_name", "")),
        "Date de naissance": format_date(date.fromisoformat(born)) if born else str(fields.get("birth_date_text", "")),
        "Sexe": sex_text(str(fields.get("birth_sex", "U"))), "NIR": format_nir(str(fields.get("nir", ""))),
        "Mobile": phone_fr(_national(str(fields.get("mobile", "")))), "Ville": str(fields.get("city", "")),
    }  # fmt: skip


def _national(number: str) -> str:
    return f"0{number[3:]}" if number.startswith("+33") else number


def _against(said: Mapping[str, str], patient: UUID, reader: Reader) -> list[Trait]:
    """The candidate's traits; the letters that the source says otherwise are marked."""
    try:
        sheet = patients.identity_sheet(patient, reader=reader)
    except Refused:
        return []
    one, reach = sheet.identity, sheet.coordinates
    here = {
        "Nom de naissance": one.birth_name.upper(), "Nom utilisé": one.used_name.upper(),
        "Prénoms": one.given_names or one.first_given_name,
        "Date de naissance": format_date(one.birth_date) or one.birth_date_text, "Sexe": sex_text(one.birth_sex),
        "NIR": sheet.national_id.nir_shown if sheet.national_id else "", "Mobile": phone_fr(reach.mobile) if reach else "",
        "Ville": reach.city if reach else "",
    }  # fmt: skip
    return [Trait(label, pieces(value, said.get(label, ""))) for label, value in here.items() if value]


def pieces(mine: str, theirs: str) -> list[Piece]:
    """`mine` cut where it differs from `theirs`; whole when the other side is silent or says the same in other capitals."""
    if not theirs or fold(mine) == fold(theirs):
        return [Piece(mine, False)]
    if len(mine) == len(theirs):  # figures of a date, one letter for another: place by place
        return [Piece("".join(letters), differs) for differs, letters in _runs(mine, theirs)]
    blocks = SequenceMatcher(None, theirs.casefold(), mine.casefold(), autojunk=False).get_opcodes()
    found = [Piece(mine[start:end], kind != "equal") for kind, _, _, start, end in blocks if end > start]
    return found if any(piece.differs for piece in found) else [*found, Piece("…", True)]


def _runs(mine: str, theirs: str) -> Iterator[tuple[bool, list[str]]]:
    for differs, pairs in groupby(zip(mine, theirs, strict=True), lambda pair: fold(pair[0]) != fold(pair[1])):
        yield differs, [letter for letter, _ in pairs]


@require_POST
@screen
def settle(request: HttpRequest, issue: UUID) -> HttpResponse:
    """One key: this file, a new one, later, or left aside; then the next."""
    choice = request.POST.get("choix", "")
    if choice == "nouveau":
        act(request, actions.settle_new, issue)
    elif choice in ("plus-tard", "jamais"):
        act(request, actions.put_off, issue, for_good=choice == "jamais")
    else:
        try:
            patient = UUID(choice)
        except ValueError:
            raise Refused("Choisissez un dossier, un nouveau dossier, ou plus tard.", code="invalid") from None
        act(request, actions.settle_for, issue, patient=patient)
    return go(request, "moving:queue", done={"plus-tard": "plus_tard", "jamais": "de_cote"}.get(choice, "decide"))


@screen
def content(request: HttpRequest, issue: UUID) -> HttpResponse:
    """The file that waits, to be read before deciding."""
    reader = reader_of(request)
    inline = queries.issue(issue, reader=reader).mime in INLINE
    reader.leave(Level.READ if inline else Level.EXPORTED)
    found = queries.issue_content(issue, reader=reader)
    return deliver(request, reader, found.data, content_type=found.mime if inline else "application/octet-stream",
                   filename=f"document{INLINE[found.mime]}" if inline else "document.bin", inline=inline)  # fmt: skip
