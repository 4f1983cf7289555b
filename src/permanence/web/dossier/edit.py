"""The one page that every form about a patient uses: its title, its rows of fields, its button."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse

from permanence.journal.doors import Reader
from permanence.web.dossier.people import Banner
from permanence.web.http import new_form_id, render

Line = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    rows: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Item:
    """A line under the form, with the one thing that can be done to it."""

    text: str
    when: str = ""
    act: str = ""
    act_text: str = ""
    once: str = field(default_factory=new_form_id)


@dataclass(frozen=True, slots=True)
class EditPage:
    banner: Banner
    title: str
    button: str
    back: str
    groups: list[Group]
    lead: str = ""
    symbol: str = "check"
    focus: str = ""
    multipart: bool = False
    accept: str = ""
    warning: str = ""
    remove: str = ""
    remove_text: str = "Retirer du dossier"
    items: list[Item] = field(default_factory=list)
    items_title: str = ""
    more_url: str = ""
    more_text: str = ""
    more_symbol: str = "plus"


def answer(request: HttpRequest, reader: Reader, page: EditPage, form: Any) -> HttpResponse:
    """The form's page, or the form alone for htmx; 422 when what was typed came back to be corrected."""
    status = 422 if request.method == "POST" else 200
    return render(request, reader, "patients/edit.html", {"page": page, "form": form}, fragment="form", status=status)


def rows(form: Any, groups: Mapping[str, str]) -> list[Group]:
    """Where the fields stand: for each title, « name:kind name:kind | name:kind », a bar beginning another line.

    A kind is `text` when not said. Fields that the form does not have are left out: what the profession may not write is
    not shown.
    """
    found = []
    for title, places in groups.items():
        lines = [[_place(word) for word in line.split()] for line in places.split("|")]
        kept = [line for line in ([(name, kind) for name, kind in line if name in form.fields] for line in lines) if line]
        if kept:
            found.append(Group(title, kept))
    return found


def _place(word: str) -> tuple[str, str]:
    name, _, kind = word.partition(":")
    return name, kind or "text"
