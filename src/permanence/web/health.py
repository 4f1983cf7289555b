"""The health of the practice's own machinery as the screens say it: last copy, last verification, the continuity strip."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from permanence.lib import clock
from permanence.sync import queries
from permanence.web import jinja
from permanence.web.links import reverse


@dataclass(frozen=True, slots=True)
class Strip:
    """The continuity strip: `state` is ok, or anything else for violet; `parts` say what works and what waits."""

    state: str
    text: str
    parts: tuple[str, ...] = ()
    url: str = ""


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
    kit: Result | None = None
    kits: bool = True  # whether a folder of kits was chosen on this machine
    copies: bool = True  # whether a disk of copies was chosen on this machine
    ways: int | None = None  # to open the practice, that count; None: not asked (a fictional practice)


_source: Callable[[], Health] = Health


def report_from(source: Callable[[], Health]) -> None:
    """Say where the results are kept: the server calls this at start."""
    global _source
    _source = source


def current() -> Health:
    return _source()


LATE = datetime.timedelta(hours=36)
WAYS = 2  # before the first patient


def _late(result: Result) -> bool:
    return clock.now() - result.at > LATE


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
    if health.ways is not None and health.ways < WAYS:
        return Strip(
            "backup",
            "Une seule façon d’ouvrir le cabinet",
            ("La perdre le fermerait pour toujours", "Permettre à une deuxième clé de l’ouvrir, et l’essayer deux fois"),
            reverse("account:keys"),
        )
    if not health.copies:
        return Strip(
            "backup",
            "Aucun disque de copie n’est choisi",
            ("Vous pouvez travailler\u202f; une panne de ce disque perdrait tout",),
            url,
        )
    if (apart := len(queries.waiting())) > 0:
        said = f"{apart}\u00a0{'éléments' if apart > 1 else 'élément'} à rapprocher"
        return Strip("apart", said, ("Vous pouvez travailler", "Écrit sur deux machines\u00a0: tout est gardé"), reverse("sync:settling"))
    if health.backup is None:
        return Strip("ok", "Tout fonctionne", ("Pas encore de copie de sauvegarde",), url)
    return Strip("ok", "Tout fonctionne", ("Copie de cette nuit restaurée et vérifiée",), url)
