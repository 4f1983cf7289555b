"""What is said of something switched off: since when, who decided it and why, until when. For the refusal page and the strip."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from permanence.accounts.permissions import PARIS
from permanence.accounts.queries import member_names
from permanence.capabilities import State, catalogue
from permanence.capabilities.permissions import Held
from permanence.lib import clock
from permanence.web import jinja

MACHINE = "Cette machine, d’elle-même"
GONE = "Une personne partie"
AGREEMENT = {State.READ_ONLY: "en lecture seule", State.QUEUED: "en attente", State.OFF: "à l’arrêt", State.ON: "lent"}


def title(held: Held) -> str:
    """« Prescrire et imprimer : arrêté »."""
    return f"{catalogue.LABELS[held.capability]}\u00a0: {catalogue.STATES[held.state].lower()}"


def facts(held: Held) -> list[tuple[str, str]]:
    """Since when, by whom, why, until when, as (label, text)."""
    return [("Depuis", jinja.moment(held.since)), ("Décidé par", decider(held)), ("Pourquoi", held.reason),
            ("Jusqu’à", ends(held.until, held.next_update_at))]


def decider(held: Held) -> str:
    return MACHINE if held.by is None else member_names([held.by]).get(held.by, GONE)


def ends(until: datetime | None, next_update: datetime | None) -> str:
    """An end, else the time of the next word; a time that has passed says so."""
    if until is not None:
        return end(until)
    if next_update is None:
        return "ce qu’un titulaire la rétablisse"
    late = " (dépassé\u00a0: le demander à qui a décidé)" if next_update < clock.now() else ""
    return f"pas de fin connue, prochain point {jinja.moment(next_update)}{late}"


def end(at: datetime) -> str:
    """« aujourd’hui 18:00 »; a whole day ends in its evening, not at midnight of the next: « 25/11/2026 au soir »."""
    local = at.astimezone(PARIS)
    if local.hour or local.minute:
        return jinja.moment(at)
    day = local.date() - timedelta(days=1)
    return "ce soir" if day == jinja.today() else f"{jinja.date(day)} au soir"


def short(held: Iterable[Held]) -> str:
    """For the strip: one function by its name, several by their number."""
    found = sorted(held, key=lambda one: (-_weight(one), one.since))
    if len(found) == 1:
        return f"«\u00a0{catalogue.LABELS[found[0].capability]}\u00a0» {AGREEMENT[found[0].state]} depuis {jinja.moment(found[0].since)}"
    return f"{len(found)} fonctions limitées ou à l’arrêt"


def _weight(one: Held) -> int:
    return {State.OFF: 3, State.READ_ONLY: 2, State.QUEUED: 1}.get(one.state, 0)
