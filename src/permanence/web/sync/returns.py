"""« Retours de coupure »: what each return brought back, and what proves that nothing was lost."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse

from permanence.lib.text import NBSP, number_fr, plural
from permanence.sync import queries
from permanence.web import jinja
from permanence.web.health import current
from permanence.web.http import reader_of, render, screen
from permanence.web.links import reverse


class Figure(NamedTuple):
    label: str
    value: str


class Verdict(NamedTuple):
    text: str
    tone: str
    symbol: str


@dataclass(frozen=True, slots=True)
class ReportCard:
    title: str
    when: str
    verdict: Verdict
    figures: list[Figure]
    proof: list[str]


@dataclass(frozen=True, slots=True)
class ReturnsPage:
    lead: str
    reports: list[ReportCard]
    settle_url: str
    waiting: str  # of all returns together, now


@screen
def returns(request: HttpRequest) -> HttpResponse:
    """The last reports, on one page that prints."""
    reader = reader_of(request)
    found = [_card(_checked(one)) for one in queries.returns(reader=reader)]
    left = len(queries.waiting())
    waiting = f"Il reste {number_fr(left)} à rapprocher, tous retours confondus" if left else "Il ne reste rien à rapprocher"
    lead = "Ce que chaque retour a rapporté, et la preuve que rien ne s’est perdu." if found else ""
    return render(request, reader, "sync/returns.html", {"page": ReturnsPage(lead, found, reverse("sync:settling"), waiting)})


def _checked(one: queries.Report) -> queries.Report:
    """With what the last verification of the journal found, when it came after this return."""
    last = current().verified
    known = one.verified is not None or last is None or last.at < one.until
    return one if known or last is None else replace(one, verified=last.ok)


def _card(one: queries.Report) -> ReportCard:
    return ReportCard(
        f"Avec {one.with_}",
        _when(one),
        _verdict(one),
        [
            Figure("Envoyées", number_fr(one.sent)),
            Figure("Reçues", number_fr(one.received)),
            Figure("Rejouées", number_fr(one.replayed)),
            Figure("À rapprocher, de ce retour", number_fr(one.to_settle)),
            Figure("Mises de côté", number_fr(one.aside)),
            Figure("Perdues", "0" if one.whole else "à vérifier" if one.verified is False else "pas encore prouvé"),
        ],
        _proof(one),
    )


def _when(one: queries.Report) -> str:
    """« Coupure du 23/11/2026, de 14:05 à 16:40 (2 h 35) »."""
    day, last = jinja.date(one.since), jinja.date(one.until)
    if day == last:
        return f"Coupure du {day}, de {jinja.time(one.since)} à {jinja.time(one.until)} ({_long(one)})"
    return f"Coupure du {day} à {jinja.time(one.since)} au {last} à {jinja.time(one.until)} ({_long(one)})"


def _verdict(one: queries.Report) -> Verdict:
    if one.whole:
        return Verdict("0 perdu, prouvé", "ok", "check")
    if one.verified is not False:
        return Verdict("Vérification en cours" if one.heads_equal else "Pas encore prouvé", "sys", "clock")
    return Verdict("À vérifier", "dan", "triangle-alert")


def _proof(one: queries.Report) -> list[str]:
    """What was compared, in words: what is not proved is said."""
    same = (
        f"Les deux machines ont les mêmes {plural(one.entries, 'écriture')}{NBSP}: chaque chaîne finit par la même tête signée."
        if one.heads_equal
        else f"Les deux machines n’ont pas encore les mêmes chaînes{NBSP}: l’échange reprend de lui-même."
    )
    checked = {
        True: "Le journal de cette machine s’est vérifié après l’échange.",
        False: f"Le journal ne se vérifie pas{NBSP}: ouvrir «{NBSP}Journal{NBSP}», et ne rien effacer.",
        None: "La vérification du journal suit l’échange.",
    }[one.verified]
    kept = plural(one.aside, "écriture gardée", "écritures gardées")
    aside = f"{kept} de côté, à vérifier{NBSP}: rien n’en est effacé." if one.aside else ""
    return [said for said in (same, checked, aside) if said]


def _long(one: queries.Report) -> str:
    minutes = max(0, int((one.until - one.since).total_seconds() // 60))
    if not minutes:
        return "moins d’une minute"
    if minutes < 60:
        return f"{minutes}{NBSP}min"
    hours, rest = divmod(minutes, 60)
    return f"{hours}{NBSP}h {rest:02}" if hours < 48 else plural(hours // 24, "jour")
