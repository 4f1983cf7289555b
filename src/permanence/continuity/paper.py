"""A kit as printed pages and as plain data: the same words for paper and for the encrypted file. Nothing is read here."""

from collections.abc import Sequence
from typing import Any

from permanence.accounts.permissions import PARIS
from permanence.continuity import rules
from permanence.continuity.queries import Half, Kit, Visit
from permanence.lib import codes, typesetting
from permanence.lib.dates import format_long
from permanence.lib.text import NBSP, plural

STREAMS = {1: "organisation", 2: "dossiers", 3: "accès", 4: "brouillons"}
FORM_TITLES = {"note": "Note de consultation", "ordonnance": "Ordonnance", "patient": "Nouveau patient"}
# Public emergency numbers of France: 15, 17, 18, 112, 114 are free national numbers (arcep, « numéros d'urgence »).
EMERGENCY = (("15", "SAMU"), ("18", "Pompiers"), ("17", "Police secours"), ("112", "Urgences, de toute l’Europe"),
             ("114", "Urgences pour personnes sourdes ou malentendantes, par SMS"))
TO_FILL = ("Pharmacie la plus proche", "Laboratoire", "Hôpital, standard", "Garde et permanence des soins", "Éditeur, assistance",
           "Informaticien du cabinet", "Électricité, dépannage", "Opérateur Internet")
ROLES = (
    ("Médecin", (
        "Prendre ce kit et les fiches numérotées ; une fiche par patient, deux identifiants sur chacune.",
        "Lire la demi-page du patient avant de prescrire : allergies, traitements, fonction rénale. Ce qui n’y est pas n’est pas connu.",
        "Ordonnance : sur la fiche numérotée, en dénomination commune, lisiblement, nom et RPPS du prescripteur.",
        "Arrêt de travail : formulaire sécurisé seulement ; noter son numéro de série sur la fiche.",
        "Garder les fiches ensemble : elles seront ressaisies, numéro par numéro, au retour.",
    )),
    ("Secrétariat", (
        "Suivre la liste du jour ; cocher arrivé, vu, absent. Noter chaque appel : heure, nom, date de naissance, téléphone, demande.",
        "Nouveau patient : fiche « Nouveau patient », pièce d’identité relue, téléphone répété à voix haute.",
        "Rendez-vous pris pendant la coupure : sur la liste, avec l’heure et l’initiale de qui l’a noté.",
        "À qui demande si ses données sont en sûreté : dire ce qui est su, noter le nom, ne rien supposer.",
    )),
    ("Remplaçant", (
        "Travailler sous son propre nom ; la personne remplacée et le titulaire à prévenir sont en première page.",
        "Laisser, pour chaque patient, ce qui a été promis et ce qui reste à faire.",
    )),
    ("Titulaire", (
        "Noter l’heure de la coupure et celle du retour : elles serviront à la notification, s’il en faut une.",
        "Décider de ce qui est reporté ; prévenir les patients fragiles de la liste d’abord.",
        "Au retour : ressaisir les fiches, comparer les empreintes du journal de la première page avec « permanence verify ».",
        "Détruire ce kit au broyeur et l’inscrire à l’écran « Kit du soir ».",
    )),
)


def data_of(kit: Kit, numbers: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Everything that paper and file say, as JSON without any date left to format. `numbers`: of its blank forms, from the log."""
    made = kit.made_at.astimezone(PARIS)
    days = f"{format_long(kit.first_day)} et {format_long(kit.last_day)}" if len(kit.days) > 1 else format_long(kit.first_day)
    return {
        "title": f"Kit du soir — {days}",
        "practice": kit.practice,
        "fictional": kit.fictional,
        "made": f"{format_long(made.date())} à {made:%H:%M}",
        "counts": f"{plural(len(kit.halves), 'patient')}, {plural(sum(len(day.visits) for day in kit.days), 'rendez-vous', 'rendez-vous')}",
        "days": [{"label": day.label, "visits": [_visit(one) for one in day.visits]} for day in kit.days],
        "halves": [_half(one) for one in kit.halves],
        "members": [list(one) for one in kit.members],
        "heads": [f"{STREAMS.get(stream, str(stream))}{NBSP}: {size} entrées, {hash}" for stream, size, hash in kit.heads],
        "forms": [{"kind": kind, "title": FORM_TITLES[kind], "number": number, "svg": codes.datamatrix_svg(rules.code_of(kind, number))}
                  for kind, number in numbers],
        "emergency": [list(one) for one in EMERGENCY],
        "to_fill": list(TO_FILL),
        "roles": [{"role": role, "lines": list(lines)} for role, lines in ROLES],
    }


def pdf(data: dict[str, Any]) -> bytes:
    """The kit ready to print, A4. Raises NotTypeset."""
    return typesetting.pdf("continuity/typst/kit.typ", data)


def copy_of(data: dict[str, Any]) -> bytes:
    """The copy of an ordonnance written by hand during a cut, for the file only. Raises NotTypeset."""
    return typesetting.pdf("continuity/typst/copy.typ", data)


def file_name(kit: Kit) -> str:
    """No patient's name, no practice's: « kit-2026-11-23.html »."""
    return f"kit-{kit.first_day:%Y-%m-%d}.html"


def _visit(one: Visit) -> dict[str, Any]:
    return {"hour": one.hour, "minutes": one.minutes, "practitioner": one.practitioner, "name": one.name, "birth": one.birth,
            "phone": one.phone, "motive": one.motive}


def _half(one: Half) -> dict[str, Any]:
    def cut(found: rules.Cut, none: str) -> dict[str, Any]:
        more = f"et {plural(found.left, 'autre')}{NBSP}: voir le dossier" if found.left else ""
        return {"lines": list(found.lines), "more": more, "none": none}

    return {
        "name": one.name, "birth": one.birth, "age": one.age, "sex": one.sex, "phone": one.phone, "booked": one.booked,
        "allergies": one.allergies, "alert": one.alert, "closed": one.closed,
        "hidden": f"{plural(one.hidden, 'ligne réservée', 'lignes réservées')} à d’autres" if one.hidden else "",
        "treatments": cut(one.treatments, "Aucun traitement en cours noté"),
        "problems": cut(one.problems, "Aucun antécédent actif noté"),
        "results": cut(one.results, "Aucune mesure ni aucun résultat"),
    }


__all__ = ["copy_of", "data_of", "file_name", "pdf"]
