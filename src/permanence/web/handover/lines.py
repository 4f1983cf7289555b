"""A return note as screens and paper show it: parts, one line for each patient, what was done and promised."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from permanence.handover import queries
from permanence.lib.dates import format_long
from permanence.lib.text import NBSP, plural
from permanence.web import jinja
from permanence.web.dossier.people import Person
from permanence.web.links import reverse

SYMBOLS = {
    "note": "notebook-pen",
    "treatment": "pill",
    "prescription": "file-text",
    "letter": "mail",
    "task": "circle",
    "vaccination": "syringe",
    "reminder": "bell",
}


@dataclass(frozen=True, slots=True)
class ItemLine:
    symbol: str
    label: str
    text: str
    when: str
    url: str
    done: bool


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One patient. `reserved`: how many things are not for this reader."""

    id: str
    person: Person
    items: list[ItemLine]
    text: str
    reserved: str
    keep: bool


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    number: int
    lines: list[PersonLine]


def parts(note: queries.Note, shown: Mapping[UUID, Person]) -> list[Part]:
    """The parts that have somebody in them."""
    found = []
    for number, title in enumerate(queries.PARTS):
        lines = [_person(line, shown[line.patient]) for line in note.lines if line.part == number and line.patient in shown]
        if lines:
            found.append(Part(title, number, lines))
    return found


def patients_of(note: queries.Note) -> list[UUID]:
    return [line.patient for line in note.lines]


def _person(line: queries.Line, person: Person) -> PersonLine:
    return PersonLine(str(line.patient), person, items(line.items), line.text, reserved(line.hidden, closed=line.closed), line.keep)


def reserved(count: int, *, closed: bool = False) -> str:
    """What is not said here, counted: « 2 éléments réservés »."""
    words = [plural(count, "élément réservé", "éléments réservés")] if count else []
    words += ["une phrase réservée"] if closed else []
    return " et ".join(words) + (" à son auteur et au médecin traitant" if words else "")


def items(found: Iterable[queries.Item]) -> list[ItemLine]:
    return [_item(one) for one in found]


def _item(one: queries.Item) -> ItemLine:
    when = jinja.date(one.at) if one.at and one.kind not in ("task", "reminder") else ""
    if one.due_on and not one.done:
        when = f"pour {format_long(one.due_on)}"
    symbol = "check" if one.done else SYMBOLS[one.kind]
    url = reverse("dossier:note", args=(one.patient, one.id)) if one.kind == "note" else ""
    return ItemLine(symbol, one.label, one.text, when, url, one.done)


def count(note: queries.Note, people: Sequence[Part]) -> str:
    """« 12 patients vus, 4 promesses à tenir, 2 traitements modifiés »."""
    every = [item for line in note.lines for item in line.items] + list(note.others)
    owed = sum(item.kind == "task" and not item.done for item in every)
    changed = sum(item.kind == "treatment" for item in every)
    words = [plural(sum(len(part.lines) for part in people), "patient")]
    words += [f"{plural(owed, 'promesse')} à tenir"] if owed else []
    words += [plural(changed, "traitement modifié", "traitements modifiés")] if changed else []
    return ", ".join(words)


def signed(at: datetime.datetime | None) -> str:
    return f"transmise le {jinja.date(at)} à{NBSP}{jinja.time(at)}" if at else ""
