"""The health of the practice's own machinery as the screens say it: last copy, last verification, the continuity strip."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from permanence.capabilities import Capability
from permanence.capabilities.permissions import Held
from permanence.lib import clock
from permanence.lib.text import plural
from permanence.sync import apart, queries
from permanence.web import jinja, switched
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


@dataclass(frozen=True, slots=True)
class Exchange:
    """This machine and the practice's others, as synchronisation tells it. Instants are UTC.

    `peers`: the other machines it knows of. `waiting`: entries written here that none of them has yet. `last`: the last exchange.
    `cut_since`: from when none could be reached; None while one can. `settle`: what waits for a person to settle, and `settle_url`.
    """

    peers: int = 0
    reachable: int = 0
    waiting: int = 0
    last: datetime.datetime | None = None
    cut_since: datetime.datetime | None = None
    settle: int = 0
    settle_url: str = ""
    lies: int = 0  # two stories of one machine's entries
    revoked: bool = False  # the others say that this machine is the practice's no more
    aside: int = 0  # entries of a machine that is not heard, or that it may not order alone: a titulaire decides
    away: tuple[tuple[str, datetime.datetime], ...] = ()  # those that should be there and are not, while others are
    doors: tuple[tuple[str, str], ...] = ()  # the other machines: name, where browsers find it
    full: bool = False  # a relay has no more room for what is written here


_source: Callable[[], Health] = Health
_exchange: Callable[[], Exchange | None] = lambda: None  # noqa: E731 -- a practice of one machine has nothing to say


def report_from(source: Callable[[], Health]) -> None:
    """Say where the results are kept: the server calls this at start."""
    global _source
    _source = source


def exchange_from(source: Callable[[], Exchange | None]) -> None:
    """Say where the state of exchanges is asked: synchronisation calls this at start. It answers from memory, at once."""
    global _exchange
    _exchange = source


def current() -> Health:
    return _source()


def exchange() -> Exchange | None:
    """None for a practice of one machine."""
    return _exchange()


LATE = datetime.timedelta(hours=36)
WAYS = 2  # before the first patient


def _late(result: Result) -> bool:
    return clock.now() - result.at > LATE


def strip(held: Mapping[Capability, Held] = MappingProxyType({}), forms: int = 0) -> Strip:
    """Green and quiet; violet when something is switched off or cut, when the last copy or verification failed or is late.

    `held`: what is not on for this person. `forms`: paper forms of the kit that are still to be typed. The first cause speaks,
    what waits is said behind it.
    """
    found = _cause(held)
    waiting = _waiting(forms, said=found.state == "apart")
    if found.state == "ok" and forms:
        return Strip("forms", f"{plural(forms, 'fiche papier', 'fiches papier')} à ressaisir", found.parts, reverse("catchup:list"))
    return replace(found, parts=(*found.parts, *waiting))


def _waiting(forms: int, *, said: bool) -> tuple[str, ...]:
    between = exchange()
    parts = [f"{plural(forms, 'fiche papier', 'fiches papier')} à ressaisir"] if forms else []
    if between is not None and between.waiting:
        parts.append(f"{plural(between.waiting, 'écriture', 'écritures')} à envoyer")
    if between is not None and between.settle and not said:
        parts.append(f"{between.settle} à rapprocher")
    return tuple(parts)


def _cause(held: Mapping[Capability, Held]) -> Strip:
    verified, between = current().verified, exchange()
    if verified is not None and not verified.ok:
        return _machinery()
    if between is not None and between.lies:
        return Strip("alarm", "Une machine raconte deux histoires de ses écritures",
                     ("Ne rien effacer, ne rien remettre en place", "Prévenir qui entretient les machines"), reverse("sync:machines"))
    if between is not None and between.revoked:
        return Strip("alarm", "Le cabinet a révoqué cette machine",
                     ("Ce que vous y écrivez part au cabinet, à vérifier", "Voir un titulaire"), reverse("sync:machines"))
    if held:
        instead = [one.instead for one in held.values() if one.instead] if len(held) == 1 else []
        return Strip("services", switched.short(held.values()), tuple(instead), reverse("crisis:board"))
    if (exercise := apart.standing()) is not None:
        return Strip("cut", f"Exercice de coupure jusqu’à {jinja.time(exercise.until)}",
                     ("Travailler comme d’habitude", "Entrer une fois avec sa clé"), reverse("crisis:board"))
    if between is not None and between.full:
        return Strip("away", "Le relais n’a plus de place pour ce qui s’écrit ici",
                     ("Tout s’enregistre ici, rien n’est perdu",
                      "Demander de la place à son hébergeur\u202f; un portable, le rapporter au cabinet"),
                     reverse("sync:machines"))  # fmt: skip
    if between is not None and between.cut_since is not None:
        last = f"Dernier échange {jinja.moment(between.last)}" if between.last else "Pas encore d’échange"
        return Strip("cut", f"Coupé des autres machines depuis {jinja.moment(between.cut_since)}",
                     ("Tout s’enregistre ici, rien n’est perdu", last), reverse("crisis:board"))
    if between is not None and between.away:
        return _away(between.away)
    return _machinery()


def _away(away: tuple[tuple[str, datetime.datetime], ...]) -> Strip:
    """One machine of several: work goes on, and somebody should look at it."""
    name, since = min(away, key=lambda one: one[1])
    said = f"{name} ne répond plus depuis {jinja.moment(since)}"
    if len(away) > 1:
        said = f"{len(away)} machines ne répondent plus, la première depuis {jinja.moment(since)}"
    return Strip("away", said, ("Tout s’enregistre ici, rien n’est perdu", "Les autres répondent"),
                 reverse("sync:machines"))


def _machinery() -> Strip:
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
    if (between := exchange()) is not None and between.aside:
        said = plural(between.aside, "écriture d’une machine à vérifier", "écritures d’une machine à vérifier")
        return Strip("aside", said, ("Vous pouvez travailler", "Mises de côté\u00a0: un titulaire décide"), reverse("sync:machines"))
    if (apart := len(queries.waiting())) > 0:
        said = f"{apart}\u00a0{'éléments' if apart > 1 else 'élément'} à rapprocher"
        return Strip("apart", said, ("Vous pouvez travailler", "Écrit sur deux machines\u00a0: tout est gardé"), reverse("sync:settling"))
    if health.backup is None:
        return Strip("ok", "Tout fonctionne", ("Pas encore de copie de sauvegarde",), url)
    return Strip("ok", "Tout fonctionne", ("Copie de cette nuit restaurée et vérifiée",), url)
