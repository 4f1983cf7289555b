"""« Prêts pour une coupure »: each person, each post, each machine, with what to do; and the tile that sums it up."""

import datetime
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from permanence.accounts.permissions import can_administer, can_ways_in
from permanence.continuity import queries, readiness
from permanence.continuity.readiness import Can, Lack, Machine
from permanence.journal.folder import Folder
from permanence.lib import clock, host, pki
from permanence.lib.text import NBSP, plural
from permanence.sync import queries as sync
from permanence.web import jinja
from permanence.web.account import sealport
from permanence.web.health import LATE, current
from permanence.web.http import reader_of, render, screen
from permanence.web.links import reverse
from permanence.web.practice.health import Tile
from permanence.web.proof.state import session_of
from permanence.web.ready import exercising, tying
from permanence.web.ready.tying import TieCard

STATES = {Can.VERIFIED: ("Vérifié", "ok"), Can.PROBABLY: ("Probable", "plain"), Can.PARTLY: ("Pas partout", "sys"),
          Can.NO: ("Ne pourra pas", "sys")}


class PersonLine(NamedTuple):
    name: str
    state: str
    tone: str
    why: str


class PostLine(NamedTuple):
    name: str
    state: str
    tone: str
    why: str
    mine: bool


class Fact(NamedTuple):
    """`tone`: ok, sys when something is to be done, plain when it cannot be known from here."""

    label: str
    value: str
    tone: str


class MachineLine(NamedTuple):
    name: str
    kind: str
    seen: str
    copy: str
    tone: str


@dataclass(frozen=True, slots=True)
class ReadyPage:
    title: str
    lead: str
    alone: bool
    people: list[PersonLine]
    posts: list[PostLine]
    machines: list[MachineLine]
    facts: list[Fact]
    unknown: list[str]
    tie: TieCard | None
    exercise: exercising.Panel


@screen
def page(request: HttpRequest) -> HttpResponse:
    """Who could go on, and what to do about the rest. Titulaires, secretaries, the informaticien."""
    reader = reader_of(request)
    found, session = queries.ready(reader=reader), session_of(request)
    made = ReadyPage(
        ". ".join(tile_of(found)[2:]),
        _lead(found),
        not found.sisters,
        [_person(one) for one in found.people],
        [_post(one, found.machines, session.post) for one in found.posts],
        _machines(found),
        [*_here(found), *_spare(found)],
        _unknown(found),
        tying.card(session.post, found.posts, found.sisters, member=session.member),
        exercising.panel(found.done, may=can_administer(reader.actor), alone=not found.sisters),
    )
    return render(request, reader, "ready/page.html", {"page": made})


@dataclass(frozen=True, slots=True)
class TilePage:
    tile: Tile | None
    url: str
    tie: TieCard | None


@screen
def tile(request: HttpRequest) -> HttpResponse:
    """The tile of the first screen, for who sees to it; and for everybody, that this browser is not known at another machine yet."""
    reader, session = reader_of(request), session_of(request)
    if can_ways_in(reader.actor):
        found = queries.ready(reader=reader)
        card = tying.card(session.post, found.posts, found.sisters, member=session.member)
        return render(request, reader, "ready/tile.html", {"page": TilePage(tile_of(found), reverse("ready:page"), card)})
    here, others = queries.elsewhere(session.post) if session.post else (None, ())
    made = TilePage(None, "", tying.card(session.post, [here] if here else [], others, member=session.member))
    return render(request, reader, "ready/tile.html", {"page": made})


def tile_of(found: queries.Ready) -> Tile:
    """« Si Internet est coupé, 5 personnes sur 6 sont sûres d’entrer »: those who did. The rest is told apart, the worst first."""
    last = _last(found.last)
    if not found.sisters:
        alone = f"En panne, il faudrait repartir d’une copie{NBSP}: en associer une autre."
        return Tile("sys", "unplug", "Une seule machine garde le cabinet", alone)
    count = found.count
    parts = []
    if count.no:
        parts.append(plural(count.no, "personne ne pourra pas", "personnes ne pourront pas"))
    if count.partly:
        parts.append(plural(count.partly, "ne pourrait pas entrer sur chaque machine", "ne pourraient pas entrer sur chaque machine"))
    if count.probably:
        who = "autre" if count.verified or parts else "personne"
        said = plural(count.probably, f"{who} le pourra sans doute", f"{who}s le pourront sans doute")
        parts.append(f"{said}, à vérifier par un exercice")
    sure = "sont sûres" if count.verified > 1 else "est sûre"
    text = f"Si Internet est coupé, {plural(count.verified, 'personne')} sur {count.all} {sure} d’entrer"
    if not count.verified:
        text = "Si Internet est coupé, personne n’est encore sûr d’entrer"
    return Tile("ok" if count.verified == count.all else "sys", "unplug", text, ". ".join([*parts, last]) + ".")


def _last(last: queries.Done | None) -> str:
    return f"Dernier exercice{NBSP}: {ago(last.at)}" if last and last.at else "Aucun exercice encore"


def ago(at: datetime.datetime) -> str:
    """« aujourd’hui 20:19 », « il y a 12 jours », « il y a 3 mois »."""
    days = (clock.now() - at).days
    if days < 2:
        return jinja.moment(at)
    return f"il y a {plural(days, 'jour')}" if days < 60 else f"il y a {days // 30}{NBSP}mois"


def _lead(found: queries.Ready) -> str:
    if not found.sisters:
        return "Ce que chacun pourrait faire si cette machine reste seule."
    return (f"«{NBSP}Vérifié{NBSP}»{NBSP}: la personne est entrée sans Internet, en coupure ou en exercice, il y a moins de trois mois. "
            f"«{NBSP}Pas partout{NBSP}»{NBSP}: elle entrerait sur une machine du cabinet, pas sur chacune.")  # fmt: skip


def _person(one: readiness.Said) -> PersonLine:
    text, tone = STATES[one.can]
    return PersonLine(one.name, text, tone, " ".join(_why(one)))


def _why(one: readiness.Said) -> list[str]:
    if one.rehearsed_at is not None and one.can is Can.VERIFIED:
        return [f"Dernière entrée en coupure{NBSP}: {jinja.date(one.rehearsed_at)}."]
    words = {
        Lack.KEY: f"N’a pas de clé d’accès{NBSP}: l’inviter, ou en créer une dans «{NBSP}Mes clés{NBSP}».",
        Lack.PHONE: f"Sa seule clé passe par un téléphone et Internet{NBSP}: en ajouter une sur le poste, ou une clé physique.",
        Lack.POST: f"Aucun de ses postes n’est connu de {_names(one.where)}{NBSP}: l’y enregistrer d’une touche, depuis le poste.",
        Lack.REHEARSAL: f"Rien ne manque, mais personne ne l’a essayé{NBSP}: entrer une fois pendant un exercice.",
    }
    return [words[lack] for lack in one.lacks]


def _names(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} ni de {names[-1]}" if len(names) > 1 else "".join(names)


def _post(one: readiness.Post, machines: tuple[Machine, ...], here: UUID | None) -> PostLine:
    lacks = readiness.missing(one, machines)
    if one.pending:
        return PostLine(one.name, "Attend l’accord d’un titulaire", "plain", "", one.id == here)
    if not lacks:
        return PostLine(one.name, "Connu de chaque machine", "ok", "", one.id == here)
    where = ", ".join(machine.name for machine in lacks)
    return PostLine(one.name, f"Inconnu de {plural(len(lacks), 'machine')}", "sys",
                    f"{where}{NBSP}: ouvrir cette page sur ce poste, et l’y enregistrer.", one.id == here)


def _machines(found: queries.Ready) -> list[MachineLine]:
    return [_machine(one, found.around.compared.get(one.id)) for one in found.sisters]


def _machine(one: sync.Sister, compared: tuple[int, int] | None) -> MachineLine:
    seen = "Jamais directement" if one.last_at is None else "Répond" if not (one.away_since or one.gone) else jinja.moment(one.last_at)
    if one.limited:
        copy, tone = "N’ouvre que les dossiers d’un soignant", "plain"
    elif compared is None:
        copy, tone = "Elle n’a pas dit ce qu’elle tient depuis l’ouverture de celle-ci", "plain"
    elif compared[0]:
        copy, tone = f"Il lui manque {plural(compared[0], 'écriture')} d’ici", "sys"
    else:
        copy, tone = "Tient tout ce que celle-ci tient", "ok"
    tone = "sys" if one.away_since else "plain" if one.gone else tone
    return MachineLine(one.name, sync.MACHINE_KINDS.get(one.kind, one.kind), seen, copy, tone)


def _here(found: queries.Ready) -> list[Fact]:
    """What this machine can say of itself."""
    return [_certificate(), *_names_known(found), _copies(), _kit(), _sheet(found)]


def _certificate() -> Fact:
    port = sealport.current()
    path = port.seal_path / "tls" / "cert.pem" if isinstance(port, Folder) else None
    label = "Certificat de cette machine"
    if path is None or not path.exists():
        return Fact(label, "Aucun ici" if settings.PERMANENCE_TLS == "localhost" else "Tenu ailleurs, à vérifier là", "plain")
    left = pki.remaining(path.read_bytes(), now=clock.now())
    said = f"Encore {plural(max(0, left.days), 'jour')}"
    if left > readiness.LEAF:
        return Fact(label, said, "ok")
    return Fact(label, f"{said}{NBSP}: il n’attendra pas un mois sans Internet", "sys")


def _names_known(found: queries.Ready) -> list[Fact]:
    names = [name for name in (_host(one.origin) for one in found.sisters) if name]
    written = readiness.names_written(host.hosts_file(), names)
    lacking = [name for name, known in written.items() if not known]
    if not written:
        return []
    if not lacking:
        return [Fact("Noms des autres machines", "Connus ici sans Internet", "ok")]
    said = f"{', '.join(lacking)}{NBSP}: demandé au réseau. L’écrire dans le fichier hosts de chaque poste"
    return [Fact("Noms des autres machines", said, "sys")]


def _host(origin: str) -> str:
    return origin.partition("://")[2].partition(":")[0]


def _copies() -> Fact:
    found = current()
    label = "Copie de sauvegarde"
    if found.backup is None:
        return Fact(label, "Pas encore faite sur cette machine", "sys" if not found.copies else "plain")
    good = found.backup.ok and clock.now() - found.backup.at <= LATE
    said = "Restaurée et vérifiée" if found.backup.ok else "A échoué"
    return Fact(label, f"{said} {jinja.moment(found.backup.at)}", "ok" if good else "sys")


def _kit() -> Fact:
    kit = current().kit
    if kit is None:
        return Fact("Kit du soir", f"Jamais écrit par cette machine{NBSP}: voir «{NBSP}Kit du soir{NBSP}»", "sys")
    good = kit.ok and clock.now() - kit.at <= LATE
    return Fact("Kit du soir", f"{'Écrit' if kit.ok else 'Pas écrit'} {jinja.moment(kit.at)}", "ok" if good else "sys")


def _sheet(found: queries.Ready) -> Fact:
    if found.sheet_since is None:
        return Fact("Feuille de secours", "Aucune n’est connue ici", "sys")
    return Fact("Feuille de secours", f"Retapée depuis le papier le {jinja.date(found.sheet_since)}", "ok")


def _spare(found: queries.Ready) -> list[Fact]:
    """Which machine could take over at once."""
    compared = found.around.compared
    ready = [one.name for one in found.sisters if not (one.away_since or one.gone or one.limited) and compared.get(one.id, (1, 0))[0] == 0]
    if not found.sisters:
        return []
    if ready:
        return [Fact("Prend la suite si celle-ci s’arrête", ", ".join(ready), "ok")]
    return [Fact("Prend la suite si celle-ci s’arrête", "Aucune n’est là avec tout le dossier", "sys")]


def _unknown(found: queries.Ready) -> list[str]:
    """What no server can see of a post."""
    said = [
        f"Si chaque poste trouve les machines par leur nom quand Internet manque{NBSP}: seul un exercice le dit.",
        f"Si le certificat du cabinet est accepté par chaque poste{NBSP}: de même.",
    ]
    if any(one.can is Can.PROBABLY for one in found.people):
        said.append(f"Si une clé gardée par Google ou Apple marche sans Internet{NBSP}: celles de Windows Hello et les clés "
                    "physiques, oui.")  # fmt: skip
    return said
