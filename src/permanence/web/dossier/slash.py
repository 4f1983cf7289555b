"""What « / » offers in a note: snippets with what the file already fills in, dates, measures, the last note, calculators."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from permanence.consultations import queries
from permanence.lib.dates import format_date
from permanence.lib.text import NBSP
from permanence.patients import queries as patients
from permanence.web import jinja
from permanence.web.dossier.people import split_name
from permanence.web.links import reverse

PRESSURE, WEIGHT, HEIGHT = "85354-9", "29463-7", "8302-2"
NAMED = {"ta": PRESSURE, "poids": WEIGHT, "taille": HEIGHT}
LONGEST = 6_000  # characters of the last note that are offered


class Offer(NamedTuple):
    """One line of the list. `kind`: text, date, time (said by the browser at that moment), open (a calculator's address)."""

    word: str
    label: str
    detail: str
    text: str
    kind: str = "text"


def offers(
    found: patients.Banner,
    synthesis: queries.Synthesis,
    last: queries.NoteRow | None,
    snippets: Iterable[queries.SnippetRow],
) -> list[Offer]:
    """One's own snippets first: a word of one's own hides the same word of anything else."""
    known = _known(found, synthesis)
    mine = [
        Offer(one.trigger, one.label, "pour moi" if one.mine else "cabinet", _filled(one.text, known)) for one in snippets
    ]
    always = [
        Offer("date", "Date du jour", "", "", "date"),
        Offer("heure", "Heure", "", "", "time"),
        *_measures(synthesis),
        *([Offer("note", "Note précédente", _when(last), _whole(last))] if last else []),
        *_calculators(found.patient),
    ]
    seen = dict[str, Offer]()
    for one in (*mine, *always):
        seen.setdefault(one.word, one)
    return list(seen.values())


def _known(found: patients.Banner, synthesis: queries.Synthesis) -> dict[str, str]:
    """The variables of `queries.KNOWN_VARIABLES` that this file fills; dates are filled by the browser."""
    name = split_name(found.name)
    values = {"nom": f"{name.surname} {name.given}".strip(), "âge": found.age, "imc": synthesis.bmi}
    shown = {row.code: f"{row.shown}{_dated(row)}" for row in synthesis.measures}
    values |= {word: shown.get(code, "") for word, code in NAMED.items()}
    return {word: value for word, value in values.items() if value}


def _dated(row: queries.MeasureRow) -> str:
    """A measure of another day says which: an old weight must not be read as today's."""
    day = timezone.localtime(row.taken_at).date() if row.taken_at else None
    return f" ({format_date(day)})" if day and day != jinja.today() else ""


def _filled(text: str, known: dict[str, str]) -> str:
    for word, value in known.items():
        text = text.replace(f"{{{word}}}", value)
    return text


def _measures(synthesis: queries.Synthesis) -> list[Offer]:
    rows = [(row, f"{row.label} {row.shown}{_dated(row)}") for row in synthesis.measures]
    if not rows:
        return []
    found = [Offer("mesures", "Dernières mesures", f"{len(rows)} mesures", ", ".join(text for _, text in rows))] if len(rows) > 1 else []
    for row, text in rows:
        kind = queries.MEASURES.get(row.code)
        if kind is not None:
            word = next(word for word in kind.words if len(word) > 1)
            found.append(Offer(word, kind.label, row.shown + _dated(row), text))
    if synthesis.bmi:
        found.append(Offer("imc", "IMC", synthesis.bmi, f"IMC {synthesis.bmi}"))
    return found


def _when(note: queries.NoteRow) -> str:
    return jinja.date(note.at)


def _whole(note: queries.NoteRow) -> str:
    parts = (note.text, note.subjective, note.objective, note.assessment, note.plan)
    return "\n".join(part for part in parts if part)[:LONGEST]


def _calculators(patient: UUID) -> list[Offer]:
    return [
        Offer(
            one.code if one.code != "imc" else "calcul-imc",
            one.title,
            f"calcul{NBSP}: {one.short}",
            f"{reverse('dossier:calculator', args=(patient, one.code))}?dans=note",
            "open",
        )
        for one in queries.CALCULATORS.values()
    ]
