"""What holds for prescriptions: kinds, who prescribes what, the dates of an arrêt, the stock of its forms. Plain values only."""

from collections.abc import Iterable
from datetime import date

from permanence.lib.text import NBSP

KINDS = {
    "ordonnance": "Ordonnance",
    "bizone": "Ordonnance bizone",
    "biology": "Biologie",
    "imaging": "Imagerie",
    "nursing": "Soins infirmiers",
    "physiotherapy": "Kinésithérapie",
    "speech_therapy": "Orthophonie",
    "transport": "Transport",
    "work_stoppage": "Arrêt de travail",
}
PROLONGATIONS = {"initial": "Arrêt initial", "prolongation": "Prolongation"}
OUTINGS = {
    "hours": "Sorties autorisées, présence de 9 h à 11 h et de 14 h à 16 h",
    "free": "Sorties autorisées sans restriction d’horaire",
    "none": "Sorties non autorisées",
}
MOST_DAYS = 3 * 366
# What each profession may sign; docs/papers.md names the texts. A médecin signs everything; a profession without a line signs nothing.
# The sage-femme: CSP L.4151-1 to L.4151-4, CSS L.321-1 for the arrêt; nursing and physiotherapy from memory [K].
# The IPA: CSP L.4301-1, R.4301-3 and the lists of the arrêté of 18 July 2018, which since April 2025 have transport too. They also have
# an arrêt of three days at most: refused here, because CSS L.321-1 as last read (2024) pays what a médecin or a sage-femme found.
_SCOPE: dict[str, frozenset[str]] = {
    "medecin": frozenset(KINDS),
    "sage_femme": frozenset({"ordonnance", "biology", "imaging", "nursing", "physiotherapy", "work_stoppage"}),
    "ipa": frozenset({"ordonnance", "bizone", "biology", "imaging", "nursing", "transport"}),
}


def refuses_kind(profession: str, kind: str) -> str:
    """Why this profession does not sign this kind; "" when it does."""
    if kind in _SCOPE.get(profession, ()):
        return ""
    return f"{KINDS.get(kind, 'Ce papier')}{NBSP}: hors de ce que votre profession prescrit. Laissez une tâche au médecin."


def check_stoppage(start: date | None, end: date | None, signed_on: date) -> int:
    """The length of an arrêt in days, both ends included. Raises ValueError with a French sentence."""
    if start is None or end is None:
        raise ValueError(f"Indiquez les deux dates de l’arrêt{NBSP}: premier et dernier jours inclus.")
    if end < start:
        raise ValueError(f"Le dernier jour de l’arrêt est avant le premier{NBSP}: corrigez l’une des deux dates.")
    days = (end - start).days + 1
    if days > MOST_DAYS:
        raise ValueError(f"Cet arrêt dépasse trois ans{NBSP}: vérifiez l’année de la dernière date.")
    if (signed_on - start).days > 365:
        raise ValueError(f"Cet arrêt commence il y a plus d’un an{NBSP}: vérifiez l’année de la première date.")
    return days


def serial(text: str) -> str:
    """The serial number of a secured form as it is compared: letters and digits, capitals."""
    return "".join(c for c in text.upper() if c.isalnum())


def serial_range(first: str, last: str, count: int) -> list[str]:
    """First and last serials of a pad, checked against its count where both end in digits. Raises ValueError."""
    first, last = serial(first), serial(last)
    if count < 1:
        raise ValueError(f"Indiquez combien de formulaires ont été reçus{NBSP}: un au moins.")
    digits = [("".join(reversed("".join(_tail(one))))) for one in (first, last)]
    if all(digits) and int(digits[1]) - int(digits[0]) + 1 != count:
        raise ValueError(f"Du premier au dernier numéro il n’y a pas {count} formulaires{NBSP}: relisez les numéros ou le nombre.")
    return [first, last]


def _tail(text: str) -> Iterable[str]:
    for c in reversed(text):
        if not c.isdigit():
            return
        yield c


def remaining(received: int, used: int, spoilt: int) -> int:
    """How many forms are left; never under zero, for forms may have been there before the first count."""
    return max(0, received - used - spoilt)
