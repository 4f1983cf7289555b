"""The last evening: the return note is already there; one leaves a line out, adds a sentence, signs."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from permanence.accounts.queries import member_names
from permanence.handover import actions, queries
from permanence.journal.doors import Reader
from permanence.lib import clock
from permanence.lib.text import NBSP
from permanence.web.dossier import drafts
from permanence.web.dossier.people import named
from permanence.web.forms import Area, Form, Tick
from permanence.web.handover import lines
from permanence.web.handover.cards import days
from permanence.web.handover.listing import checked
from permanence.web.http import actor_of, go, render, screen
from permanence.web.links import reverse

LINE, KEEP, SAID, SINCE = "ligne", "garder", "mot-", "depuis"
LATE = f"Non gardé{NBSP}: une relève a été transmise depuis. Recharger la page."


class SignForm(Form):
    """The last word, and what to do of drafts; the lines are read by `typed`, for they are as many as the patients."""

    word = Area("Le mot de la fin", help_text="Sans nom de patient\u00a0: ce qui concerne l’un d’eux se dit sur sa ligne.")
    despite_drafts = Tick("Transmettre sans signer ces brouillons\u00a0: personne d’autre ne pourra les lire")


@dataclass(frozen=True, slots=True)
class WritePage:
    title: str
    lead: str
    parts: list[lines.Part]
    others: list[lines.ItemLine]
    drafts: list[drafts.DraftLine]
    action: str
    draft_url: str
    back: str
    to: str
    since: str


@screen
def write(request: HttpRequest, replacement: UUID) -> HttpResponse:
    """The note as it would be signed now; posted, it is signed."""
    reader = checked(request)
    note = queries.draft(replacement, reader=reader)
    form = SignForm(request.POST or None, initial={"word": note.text})
    if request.method == "POST" and form.is_valid():
        left_out, texts = typed(request)
        made = form.do(request, actions.sign, replacement, left_out=left_out, texts=texts, **form.cleaned_data)
        if made:
            return go(request, "handover:note", made, done="releve")
    page = _page(note, reader, request)
    status = 422 if request.method == "POST" else 200
    return render(request, reader, "handover/write.html", {"page": page, "form": form}, fragment="form", status=status)


def _page(note: queries.Note, reader: Reader, request: HttpRequest) -> WritePage:
    begun = drafts.begun(reader)
    shown = named([*lines.patients_of(note), *(one.patient for one in begun)], reader)
    if request.method == "POST":  # nothing typed is lost by a refusal
        left_out, texts = typed(request)
        kept = (replace(line, text=texts.get(line.patient, ""), keep=line.patient not in left_out) for line in note.lines)
        note = replace(note, lines=tuple(kept))
    parts, args = lines.parts(note, shown), (note.replacement,)
    return WritePage(
        f"Relève {days(note.first_day, note.last_day)}",
        lines.count(note, parts),
        parts,
        lines.items(note.others),
        drafts.lines(begun, shown),
        reverse("handover:write", args=args),
        reverse("handover:draft_save", args=args),
        reverse("home:day"),
        member_names([note.recipient]).get(note.recipient, "la personne remplacée"),
        note.since.isoformat() if note.since else "",
    )


def typed(request: HttpRequest) -> tuple[set[UUID], Mapping[UUID, str]]:
    """Who is left out, and the sentences: a line that was not on the form is neither."""
    kept = set(request.POST.getlist(KEEP))
    every = {id: _uuid(id) for id in request.POST.getlist(LINE)}
    left_out = {found for id, found in every.items() if found and id not in kept}
    return left_out, {found: text for id, found in every.items() if found and (text := request.POST.get(f"{SAID}{id}", "").strip())}


def _uuid(text: str) -> UUID | None:
    try:
        return forms.UUIDField().clean(text)  # type: ignore[no-any-return]
    except forms.ValidationError:
        return None


def _instant(text: str) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        return None


@require_POST
@screen
def draft_save(request: HttpRequest, replacement: UUID) -> HttpResponse:
    """Keep what is typed, a moment after the last key."""
    left_out, texts = typed(request)
    word, since = request.POST.get("word", ""), _instant(request.POST.get(SINCE, ""))
    kept = actions.keep_draft(replacement, by=actor_of(request), left_out=left_out, texts=texts, word=word, since=since)
    said = f"Gardé à{NBSP}{timezone.localtime(clock.now()):%H:%M:%S}" if kept else LATE
    answer = HttpResponse(said, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    return answer
