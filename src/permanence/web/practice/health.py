"""The screen of the journal and its copies: last verification, last copy, and the tiles of them that other screens show."""

from dataclasses import dataclass
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse

from permanence.lib.text import number_fr, plural
from permanence.web import jinja
from permanence.web.health import Health, Result, current, report_from
from permanence.web.http import reader_of, render, screen


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
                "Pas encore de copie de sauvegarde",
                "La première se fait la nuit, sur le second disque choisi à l’installation.",
            )
        )
    elif backup.ok:
        found.append(Tile("ok", "hard-drive", "Copie restaurée et vérifiée", f"{jinja.moment(backup.at)} · {_counts(backup)}"))
    else:
        found.append(Tile("sys", "hard-drive", "La dernière copie a échoué", f"{jinja.moment(backup.at)} · {backup.problem}"))
    kit = health.kit
    if kit is not None:
        said = "Kit du soir écrit" if kit.ok else "Le kit du soir n’est pas écrit"
        found.append(Tile("ok" if kit.ok else "sys", "briefcase-medical", said,
                          f"{jinja.moment(kit.at)} · {plural(kit.patients, 'patient')}" if kit.ok else kit.problem))
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


@dataclass(frozen=True, slots=True)
class JournalPage:
    verified: Box
    backup: Box


@screen
def journal(request: HttpRequest) -> HttpResponse:
    """Verification of the journal, backup result."""
    reader, health = reader_of(request), current()
    page = JournalPage(
        box(
            health.verified,
            "Vérifié",
            "Chaque entrée est chaînée et signée\u00a0: tout retrait, ajout ou changement se verrait ici.",
            "La première vérification se fait au démarrage du serveur.",
        ),
        box(
            health.backup,
            "Restaurée et vérifiée",
            "La copie a été ouverte, relue en entier et comparée au journal.",
            "La première copie se fait cette nuit, sur le disque de copie."
            if health.copies
            else "Aucun disque de copie n’est choisi\u00a0: brancher un second disque, puis lancer le serveur avec --copies.",
        ),
    )
    return render(request, reader, "practice/journal.html", {"page": page})


def box(result: Result | None, good: str, sentence: str, waiting: str) -> Box:
    if result is None:
        return Box("À venir", "plain", "clock", waiting, [])
    facts = [Fact("Le", jinja.moment(result.at))]
    if counts := _counts(result):
        facts.append(Fact("Contenu", counts))
    if result.where:
        facts.append(Fact("Où", result.where))
    if result.ok:
        return Box(good, "ok", "check", sentence, facts)
    return Box("À traiter", "sys", "unplug", result.problem, facts)


__all__ = ["Box", "Health", "Result", "box", "journal", "report_from", "tiles"]
