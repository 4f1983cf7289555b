"""The one page that every form about a patient uses: its title, its rows of fields, its button."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from permanence.web.dossier.people import Banner
from permanence.web.http import new_form_id

Line = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    rows: list[Line]


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


def rows(form: Any, groups: Iterable[tuple[str, Iterable[Line]]]) -> list[Group]:
    """The groups without the fields that this form does not have: what the profession may not write is not shown."""
    found = []
    for title, lines in groups:
        kept = [line for line in ([(name, kind) for name, kind in line if name in form.fields] for line in lines) if line]
        if kept:
            found.append(Group(title, kept))
    return found
