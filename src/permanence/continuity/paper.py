"""A kit as printed pages and as plain data: the same words for paper and for the encrypted file. Nothing is read here."""

from collections.abc import Mapping, Sequence
from typing import Any

from permanence.accounts.permissions import PARIS
from permanence.continuity import plan, rules
from permanence.continuity.queries import Half, Kit, Visit
from permanence.lib import codes, typesetting
from permanence.lib.dates import format_long
from permanence.lib.text import NBSP, plural, unbroken

STREAMS = {1: "organisation", 2: "dossiers", 3: "accès", 4: "brouillons"}
FORM_TITLES = {
    "note": "Note de consultation", "ordonnance": "Ordonnance", "patient": "Nouveau patient", "visite": "Visite à domicile",
    "appel": "Appels reçus", "bizone": "Ordonnance bizone (ALD)", "demande": "Demande d’examen ou de soins", "certificat": "Certificat",
    "courrier": "Courrier à un confrère", "vaccination": "Vaccination", "consentement": "Consentement",
}
_IDENTITY = ("Nom de naissance", "Nom utilisé", "Prénoms", "Date de naissance", "Lieu de naissance", "Sexe",
             "NIR (numéro de sécurité sociale)", "Téléphone", "Adresse électronique", "Adresse", "Médecin traitant", "Personne à prévenir",
             "Pièce d’identité vue", "Allergies connues", "Traitements en cours", "Antécédents")
# What stands on each blank form, with the room under it in millimetres.
PROMPTS: dict[str, tuple[tuple[str, int], ...]] = {
    "note": (("Motif", 10), ("Dit", 34), ("Vu (TA, pouls, poids, température)", 38), ("Pense", 26), ("Fait, promis, à faire", 46)),
    "visite": (("Adresse, qui était là", 12), ("Motif", 10), ("Dit", 28), ("Vu (TA, pouls, température, saturation)", 36), ("Pense", 24),
               ("Fait, laissé sur place, à faire", 42)),
    "ordonnance": (("Allergies demandées au patient ☐ · Traitements relus ☐", 150),),
    "bizone": (("Prescriptions en rapport avec l’affection de longue durée. Allergies demandées ☐", 78), ("Sans rapport avec l’ALD", 62)),
    "demande": (("À qui : laboratoire, imagerie, soins", 10), ("Examens ou soins demandés", 70), ("Renseignements utiles, urgence", 50)),
    "certificat": (("À la demande de", 10), ("Constaté, ce jour", 90), ("Remis en main propre à", 10)),
    "courrier": (("Cher confrère, chère consœur", 10), ("Motif", 16), ("Antécédents, traitements, allergies", 44),
                 ("Examen, question posée", 70)),
    "vaccination": (("Vaccin, dose", 12), ("Lot, péremption", 12), ("Voie, site", 12), ("Contre-indications recherchées", 24),
                    ("Surveillance, remis au patient", 24)),
    "consentement": (("Acte ou partage d’informations proposé", 30), ("Ce qui a été expliqué : bénéfices, risques, autres choix", 60),
                     ("Réponse de la personne, date et signature", 40)),
    "appel": tuple((f"{n}. Heure, nom, date de naissance, téléphone, demande, fait", 19) for n in range(1, 9)),
}
# Public emergency numbers of France: 15, 17, 18, 112, 114 are free national numbers (arcep, « numéros d'urgence »).
EMERGENCY = (("15", "SAMU"), ("18", "Pompiers"), ("17", "Police secours"), ("112", "Urgences, de toute l’Europe"),
             ("114", "Urgences pour personnes sourdes ou malentendantes, par SMS"))
COVER = ("pharmacy", "laboratory", "hospital", "on_call", "computing", "vendor", "electricity", "internet")  # fields of the plan
MADE_FROM_DATA = frozenset({1, 4, 5, 6, 7, 8, 9, 12})  # parts that have pages of their own
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
    ("Sage-femme, infirmier", (
        "Prendre ses fiches ; lire la demi-page de chaque patient avant tout soin, tout vaccin, toute injection.",
        "Noter sur la fiche : heure, dose, lot, voie, constantes. Une fiche par patient.",
        "Prévenir le médecin de vive voix de toute anomalie ; noter à qui et à quelle heure.",
        "Insuline, anticoagulants : deux personnes relisent la dose sur le papier.",
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
        "forms": [_blank(kind, number) for kind, number in numbers],
        "emergency": [list(one) for one in EMERGENCY],
        "to_fill": [[plan.fields()[key].label, unbroken(kit.answers.get(key, ""))] for key in COVER],
        "sources": {str(part.number): part.source for part in plan.parts()},
        "risks": [[one.name, one.birth, ", ".join(one.risks), one.phone] for one in kit.halves if one.risks],
        "pending": list(kit.pending),
        "pending_closed": kit.pending_closed,
        "labels": [[one.name, one.birth] for one in kit.halves],
        "parts": parts_of(kit.answers),
        "rules": list(plan.parts()[7].lines),
        "messages": messages_of(kit.practice, kit.phone or kit.answers.get("phone", ""), [name for name, _ in kit.members], kit.answers),
        "roles": [{"role": role, "lines": list(lines)} for role, lines in ROLES],
    }


def _blank(kind: str, number: str) -> dict[str, Any]:
    return {"kind": kind, "title": FORM_TITLES.get(kind, kind), "number": number, "svg": codes.datamatrix_svg(rules.code_of(kind, number)),
            "prompts": [list(one) for one in PROMPTS.get(kind, ())], "lines": list(_IDENTITY) if kind == "patient" else []}


def parts_of(answers: Mapping[str, str]) -> list[dict[str, Any]]:
    """The parts that are text: lines, what the practice filled in, what is written by hand."""
    return [{"title": f"{part.number}. {part.title}", "source": part.source, "lines": list(part.lines), "fields": plan.said(part, answers),
             "blanks": list(part.blanks)} for part in plan.parts() if part.number not in MADE_FROM_DATA]


def messages_of(practice: str, phone: str, doctors: Sequence[str], answers: Mapping[str, str]) -> list[dict[str, str]]:
    """The ready messages with what is known filled in: the hours are written at the time."""
    values = {"cabinet": practice, "téléphone": phone, "depuis": "", "reprise": "",
              "pharmacie": answers.get("pharmacy", ""), "médecins": ", ".join(one for one in doctors if one.startswith(("Dr", "Pr")))}
    return [{"to": one.to, "text": unbroken(plan.filled(one.text, values))} for one in plan.messages()]


def plan_of(data: dict[str, Any]) -> bytes:
    """The continuity plan ready to print, A4. Raises NotTypeset."""
    return typesetting.pdf("continuity/typst/plan.typ", data)


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


__all__ = ["copy_of", "data_of", "file_name", "messages_of", "parts_of", "pdf", "plan_of"]
