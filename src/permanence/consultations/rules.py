"""What holds for the clinical lines of a file: kinds, codes, doses, the state of allergies, what is current. Plain values.

Measures have their own rules in `measuring`.
"""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass

from permanence.lib.dates import Partial, parse_partial, read_partial
from permanence.lib.text import NBSP, number_fr

NOTE_KINDS = {
    "consultation": "Consultation",
    "visite": "Visite à domicile",
    "telephone": "Appel téléphonique",
    "teleconsultation": "Téléconsultation",
    "prevention": "Bilan de prévention",
    "avis": "Avis",
    "coordination": "Coordination",
    "rectificatif": "Rectificatif",
}
HISTORY_KINDS = {
    "medical": "Médical",
    "chirurgical": "Chirurgical",
    "obstetrical": "Obstétrical",
    "familial": "Familial",
    "facteur_risque": "Facteur de risque",
    "mode_vie": "Mode de vie",
    "alerte": "Point de vigilance",
}
TREATMENT_SOURCES = {"ici": "Prescrit ici", "prescrit_ailleurs": "Prescrit ailleurs", "declare": "Déclaré par le patient"}
SEVERITIES = {
    "": "Gravité non précisée",
    "legere": "Légère",
    "moderee": "Modérée",
    "severe": "Sévère",
    "vitale": "Mise en jeu vitale",
}
LONGEST_NOTE = 200_000  # characters

_CIM10 = re.compile(r"([A-Z]\d{2})\.?([0-9+]{0,4})", re.ASCII)
# "UI" and micrograms are written in full: both abbreviations have killed (ANSM, NHS CUI MEDi).
_UNIT_WORDS = {
    "μg": "microgrammes",  # Greek mu: what casefold makes of the micro sign
    "mcg": "microgrammes",
    "ug": "microgrammes",
    "ui": "unités",
    "iu": "unités",
    "u": "unités",
}


class Refusal(ValueError):
    """A typed value that cannot be kept; `str()` is a French sentence."""


def cim10(code: str) -> str:
    """A CIM-10 code in its written form (E11.9); empty stays empty. The form is checked, not the list. Raises Refusal."""
    plain = code.strip().upper().replace(" ", "")
    if not plain:
        return ""
    found = _CIM10.fullmatch(plain)
    if not found:
        raise Refusal(
            f"«{NBSP}{code.strip()[:12]}{NBSP}» n’a pas la forme d’un code CIM-10{NBSP}: écrire par exemple E11.9."
        )
    return f"{found[1]}.{found[2]}" if found[2] else found[1]


def partial(text: str, *, today: datetime.date) -> str:
    """A date known in part, as it is kept. Raises Refusal."""
    try:
        return parse_partial(text, today=today).text
    except ValueError as error:
        raise Refusal(str(error)) from None


def choice(value: str, among: Iterable[str], what: str) -> str:
    """One of the known codes. Raises Refusal."""
    if value not in among:
        raise Refusal(f"Choisir {what}.")
    return value


def unit_words(unit: str) -> str:
    """A dose unit as it is written on a screen: micrograms and units in full."""
    first, slash, rest = unit.partition("/")
    return _UNIT_WORDS.get(first.casefold(), first) + slash + rest


def dose(value: int, scale: int, unit: str) -> str:
    """« 2,5 mg »: decimal comma, a leading zero, never a trailing one, no-break space before the unit."""
    return f"{number_fr(value, scale, trim=True)}{NBSP}{unit_words(unit)}" if unit else number_fr(value, scale, trim=True)


def is_current(end: str, today: datetime.date) -> bool:
    """Whether a treatment that ends then is still taken: no end, or one that is not past. A bare year lasts to its end."""
    if not end.strip():
        return True
    known = read_partial(end)
    if not known.year:
        return False  # an end that cannot be read is an end all the same
    return _last_day(known) >= today


def _last_day(known: Partial) -> datetime.date:
    if known.day:
        return datetime.date(known.year, known.month, known.day)
    month = known.month or 12
    following = datetime.date(known.year + month // 12, month % 12 + 1, 1)
    return following - datetime.timedelta(days=1)


# -- allergies: four states, never blank (NHS CUI PAB-0064 to 0071)

KNOWN, NONE_KNOWN, NOT_RECORDED, UNAVAILABLE = "connues", "aucune", "non_renseignees", "indisponibles"


@dataclass(frozen=True, slots=True)
class Statement:
    """Somebody said, at an instant, that there is no known allergy (or took it back)."""

    none_known: bool
    at: datetime.datetime


def allergy_state(
    *, readable: bool, any_live: bool, statement: Statement | None, last_change: datetime.datetime | None
) -> str:
    """The state to show. « Aucune connue » is only as good as the last thing said: a later allergy, even removed since,
    puts the question again."""
    if not readable:
        return UNAVAILABLE
    if any_live:
        return KNOWN
    if statement and statement.none_known and (last_change is None or last_change <= statement.at):
        return NONE_KNOWN
    return NOT_RECORDED


def allergy_sentence(state: str, verified: str) -> str:
    """The line of the banner."""
    return {
        KNOWN: "Allergies connues",
        NONE_KNOWN: f"Aucune allergie connue (vérifié le {verified})",
        NOT_RECORDED: "Allergies non renseignées",
        UNAVAILABLE: "Allergies indisponibles",
    }[state]
