"""« Associer une machine »: a code shown here, typed on the one that joins, and what became of it. The code is in no address and no log."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from permanence.journal.doors import Refused
from permanence.lib.text import NBSP
from permanence.sync import joining, pairing, permissions, queries
from permanence.web.forms import Form, Pick, Text
from permanence.web.http import actor_of, go, reader_of, render, screen
from permanence.web.links import reverse
from permanence.web.practice.enrolling import FormPage

KINDS = [
    ("laptop", "Portable, pour les visites"),
    ("limited", "Portable limité à un soignant"),
    ("office", "Deuxième machine du cabinet"),
    ("spare", "Secours, allumé et prêt à prendre la suite"),
    ("hosted", "Machine hébergée"),
]
MADE_UP = f"Une lettre puis des lettres, des chiffres ou des tirets{NBSP}: portable, bureau2."


WHOSE = f"Seulement pour un portable limité{NBSP}: ses patients, et ceux qui ont rendez-vous avec lui à dix jours près."
NOBODY = "Choisir le soignant dont il portera les dossiers."
WHOLE = (f"Cette sorte tient tout le dossier du cabinet{NBSP}: choisir «{NBSP}Portable limité à un soignant{NBSP}», ou ne nommer personne "
         "dessous.")  # fmt: skip


class MachineForm(Form):
    label = Text("Comment on l’appelle", required=True, max_length=80, help_text="Portable du Dr Moreau, Secours de l’accueil")
    kind = Pick("Sorte de machine", KINDS)
    panel_of = Pick("Portable limité aux patients de", [], required=False, help_text=WHOSE)
    host = Text("Son nom sur le réseau", required=True, max_length=30, help_text=MADE_UP)

    def __init__(self, *args: Any, carers: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["panel_of"].choices = [("", "—"), *carers]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if found.get("kind") == "limited" and not found.get("panel_of"):
            self.add_error("panel_of", NOBODY)
        if found.get("kind") != "limited" and found.get("panel_of"):  # it would have held every file of the practice
            self.add_error("kind", WHOLE)
        return found

    def clean_host(self) -> str:
        found = str(self.cleaned_data["host"]).strip().lower().removesuffix(f".{settings.PERMANENCE_RP_ID}")
        if not found.isascii() or not found.replace("-", "").isalnum() or not found[0].isalpha() or found.endswith("-"):
            self.add_error("host", MADE_UP)
        return found


@dataclass(frozen=True, slots=True)
class CodePage:
    """A code on the screen, and the words to type on the other machine."""

    asks: str  # where to ask what became of it
    close: str
    code: str
    name: str
    kind: str
    command: str
    state: str
    done: bool
    over: bool
    back: str


@screen
def pair(request: HttpRequest) -> HttpResponse:
    """Which machine comes, then the code."""
    reader, by = reader_of(request), actor_of(request)
    permissions.check_change(by)
    if queries.here() is not None:
        raise Refused(joining.LIMITED, code="limited")
    form = MachineForm(request.POST or None, initial={"kind": "laptop", "host": "portable"}, carers=_carers())
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        whose = UUID(said["panel_of"]) if said["kind"] == "limited" else None
        try:
            shown = pairing.codes.show(name=said["label"], kind=said["kind"], host=f"{said['host']}.{settings.PERMANENCE_RP_ID}",
                                       panel_of=whose, by=by)  # fmt: skip
            return render(request, reader, "sync/code.html", {"page": _page(shown)}, fragment="code")
        except Refused as busy:  # what was typed stays for the moment when the other code has served
            form.add_error(None, busy.sentence)
    lead = ("Elle tiendra tout le dossier du cabinet et servira quand celle-ci, ou Internet, manquera. Un portable limité ne tient que les "
            "dossiers d’un soignant, pour les visites.")  # fmt: skip
    rows = ((("label", "text"), ("kind", "choose")), (("panel_of", "choose"),), (("host", "text"),))
    page = FormPage("Associer une machine", lead, "Montrer le code", reverse("sync:machines"), rows, "monitor", "label")
    status = 422 if request.method == "POST" else 200
    return render(request, reader, "practice/form.html", {"page": page, "form": form}, fragment="form", status=status)


def _carers() -> list[tuple[str, str]]:
    """Who has patients: nobody else's panel is carried."""
    return [(str(id), name) for id, name in queries.carers()]


@screen
def pair_state(request: HttpRequest, code: UUID) -> HttpResponse:
    """Whether the machine has come: asked every two seconds by the page that shows the code."""
    reader, found = reader_of(request), pairing.codes.of(code, actor_of(request))
    if found is None:
        raise Refused(f"Ce code n’est plus montré{NBSP}: en demander un autre.", code="unknown")
    return render(request, reader, "sync/code_state.html", {"page": _page(found)})


@screen
def pair_close(request: HttpRequest, code: UUID) -> HttpResponse:
    """Nobody is expected any more."""
    pairing.codes.close(code, actor_of(request))
    return go(request, "sync:machines")


def _page(shown: pairing.Shown) -> CodePage:
    over = pairing.codes.is_over(shown)
    state = "En attente de l’autre machine…"
    if shown.joined:
        state = f"{shown.name} a rejoint le cabinet. Le dossier y arrive maintenant."
    elif over:
        state = f"Ce code n’est plus bon{NBSP}: trois essais, ou dix minutes. En demander un autre."
    command = f"permanence join --from {settings.PERMANENCE_ORIGIN} --name {shown.host}"
    asks, close = (reverse(f"sync:{name}", args=(shown.id,)) for name in ("pair_state", "pair_close"))
    return CodePage(asks, close, shown.code, shown.name, _kind(shown.kind), command, state, shown.joined is not None, over,
                    reverse("sync:machines"))  # fmt: skip


def _kind(code: str) -> str:
    found = dict(KINDS).get(code, code)
    return found[:1].lower() + found[1:]
