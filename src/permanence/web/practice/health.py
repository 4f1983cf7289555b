"""The health that screens show: last backup, last verification, what is switched on. Whoever runs them reports here."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from permanence.capabilities import Capability, State, state
from permanence.lib.text import number_fr
from permanence.web import jinja
from permanence.web.http import reader_of, render, screen
from permanence.web.shell import Strip


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a backup that restored itself, or of a verification. `at` is UTC; `problem` is a French sentence."""

    at: datetime.datetime
    ok: bool
    entries: int = 0
    patients: int = 0
    where: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """None: not done yet on this machine."""

    backup: Result | None = None
    verified: Result | None = None


_source: Callable[[], Health] = Health


def report_from(source: Callable[[], Health]) -> None:
    """Say where the results are kept: the server calls this at start."""
    global _source
    _source = source


def current() -> Health:
    return _source()


LATE = datetime.timedelta(hours=36)


def _late(result: Result) -> bool:
    return jinja.clock.now() - result.at > LATE


def strip() -> Strip:
    """Green and quiet; violet when the last copy or verification failed, or is older than a day and a half."""
    health, url = current(), reverse("practice:journal")
    if health.verified is not None and not health.verified.ok:
        return Strip("alarm", "Le journal ne se vérifie plus", (health.verified.problem,), url)
    if health.backup is not None and not health.backup.ok:
        return Strip("backup", "La copie de cette nuit a échoué", ("Vous pouvez travailler", health.backup.problem), url)
    if health.backup is not None and _late(health.backup):
        return Strip(
            "backup",
            f"Dernière copie vérifiée le {jinja.moment(health.backup.at)}",
            ("Vous pouvez travailler\u202f; vérifier le disque de copie",),
            url,
        )
    if health.backup is None:
        return Strip("ok", "Tout fonctionne", ("Première copie de sauvegarde cette nuit",), url)
    return Strip("ok", "Tout fonctionne", ("Copie de cette nuit restaurée et vérifiée",), url)


class Tile(NamedTuple):
    tone: str
    symbol: str
    text: str
    detail: str


def tiles() -> list[Tile]:
    """The same for the home screen."""
    health, found = current(), []
    backup = health.backup
    if backup is None:
        found.append(
            Tile(
                "",
                "hard-drive",
                "Première copie de sauvegarde cette nuit",
                "Elle se restaurera et se vérifiera d’elle-même.",
            )
        )
    elif backup.ok:
        found.append(
            Tile("ok", "hard-drive", "Copie restaurée et vérifiée", f"{jinja.moment(backup.at)} · {_counts(backup)}")
        )
    else:
        found.append(
            Tile("sys", "hard-drive", "La dernière copie a échoué", f"{jinja.moment(backup.at)} · {backup.problem}")
        )
    verified = health.verified
    if verified is not None:
        found.append(
            Tile(
                "ok" if verified.ok else "sys",
                "shield-check" if verified.ok else "shield-alert",
                "Journal vérifié" if verified.ok else "Le journal ne se vérifie plus",
                f"{jinja.moment(verified.at)} · {_counts(verified)}",
            )
        )
    return found


def _counts(result: Result) -> str:
    parts = [
        f"{number_fr(result.patients)} dossiers" if result.patients else "",
        f"{number_fr(result.entries)} entrées" if result.entries else "",
    ]
    return ", ".join(part for part in parts if part) or result.where


class Fact(NamedTuple):
    label: str
    value: str


class Box(NamedTuple):
    state: str
    tone: str
    symbol: str
    text: str
    facts: list[Fact]


class Ability(NamedTuple):
    text: str
    state: str
    tone: str
    instead: str


@dataclass(frozen=True, slots=True)
class JournalPage:
    verified: Box
    backup: Box
    capabilities: list[Ability]


ABILITIES = {
    Capability.READ_RECORDS: ("Lire les dossiers", "Consulter le kit du soir imprimé"),
    Capability.WRITE_RECORDS: ("Écrire dans les dossiers", "Noter sur papier, puis ressaisir"),
    Capability.REGISTER_PATIENT: ("Créer un dossier", "Noter l’identité sur papier"),
}
STATES = {
    State.ON: ("Fonctionne", "ok"),
    State.READ_ONLY: ("Lecture seule", "sys"),
    State.QUEUED: ("En attente", "sys"),
    State.OFF: ("Arrêté", "sys"),
}


@screen
def journal(request: HttpRequest) -> HttpResponse:
    """Verification of the journal, backup result, what works."""
    reader, health = reader_of(request), current()
    abilities = []
    for capability, (text, instead) in ABILITIES.items():
        now = state(capability, member=reader.actor.member, post=reader.actor.post)
        word, tone = STATES[now]
        abilities.append(Ability(text, word, tone, "—" if now is State.ON else instead))
    page = JournalPage(
        _box(
            health.verified,
            "Vérifié",
            "Chaque entrée est chaînée et signée\u00a0: tout retrait, ajout ou changement se verrait ici.",
            "La première vérification se fait au démarrage du serveur.",
        ),
        _box(
            health.backup,
            "Restaurée et vérifiée",
            "La copie a été ouverte, relue en entier et comparée au journal.",
            "La première copie se fera cette nuit, sur le second disque.",
        ),
        abilities,
    )
    return render(request, reader, "practice/journal.html", {"page": page})


def _box(result: Result | None, good: str, sentence: str, waiting: str) -> Box:
    if result is None:
        return Box("À venir", "plain", "clock", waiting, [])
    facts = [Fact("Le", jinja.moment(result.at)), Fact("Contenu", _counts(result))]
    if result.where:
        facts.append(Fact("Où", result.where))
    if result.ok:
        return Box(good, "ok", "check", sentence, facts)
    return Box("À traiter", "sys", "unplug", result.problem, facts)
