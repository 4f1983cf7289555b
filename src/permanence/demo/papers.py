"""Papers and money of the fictional practice: a few signed papers, acts of the morning, letterheads, a pad of forms."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from permanence.accounts.permissions import RightsGate, standing_of, today
from permanence.billing import actions as billing
from permanence.demo.rows import patient_id
from permanence.documents import actions as documents
from permanence.journal import access, gates
from permanence.journal.doors import Actor, Reader
from permanence.lib import typesetting
from permanence.patients.permissions import ProtectionGate
from permanence.prescriptions import actions as prescriptions
from permanence.web.papers.writing import sign_paper

ADDRESS = "4 rue des Tilleuls\n91326 Saint-Aubin-sur-Orge"
LINES = {"moreau": "Conventionnée secteur 1\nSur rendez-vous et en visite", "benali": "Conventionné secteur 1"}
# Whose paper, by whom, and what it says. The numbers are those of the cast.
SIGNED: tuple[tuple[int, str, dict[str, Any]], ...] = (
    (0, "moreau", {
        "template": "bizone",
        "long_term_text": "metformine 850 mg\n1 comprimé matin, midi et soir pendant 3 mois\n\n"
        "atorvastatine 20 mg\n1 comprimé le soir pendant 3 mois\n\nbandelettes de glycémie, 1 contrôle par jour pendant 3 mois",
        "text": "paracétamol 1 g\n1 comprimé si douleur, 3 par jour au plus, pendant 5 jours"}),
    (0, "moreau", {"template": "bilan-standard", "text": "Hémoglobine glyquée\nCréatininémie avec estimation du DFG\nIonogramme sanguin"}),
    (3, "benali", {
        "template": "eviction",
        "text": "Je soussigné, Dr Karim BENALI, certifie que l’état de santé de l’enfant ne permet pas l’accueil en collectivité "
        "pendant trois jours."}),
    (7, "moreau", {
        "template": "adressage",
        "recipient": "Service de cardiologie\nHôpital de l’Orge\n91326 Saint-Aubin-sur-Orge",
        "text": "Cher confrère,\n\nMerci de recevoir ce patient pour une douleur thoracique d’effort depuis trois jours, cédant au repos."
        "\n\nConfraternellement,"}),
)
ACTS = ((0, "moreau", "G", 3000, 2100, "carte"), (3, "benali", "G+MEG", 3500, 0, "cheque"), (7, "moreau", "G", 3000, 0, "especes"),
        (4, "benali", "G", 3000, 0, "especes"))
FIRST_FORM, FORMS = "AT26 000151", 50


def live(count: int, members: Mapping[str, UUID]) -> None:
    """Through the doors, as the people of the practice would. `count`: patients of the practice."""
    _letterheads(members)
    moreau = Actor(members["moreau"], assurance="demo")
    prescriptions.receive_forms(by=moreau, count=FORMS, first=FIRST_FORM, last="AT26 000200")
    try:
        for number, who, clean in SIGNED:
            if number < count:
                sign(patient_id(number), members[who], clean)
        if count > 4:
            day = today()
            sign(patient_id(4), members["moreau"], {
                "template": "arret", "stoppage_from": day, "stoppage_until": day + timedelta(days=4), "stoppage_kind": "initial",
                "outings": "free", "reason_text": "Lombalgie aiguë", "form_serial": FIRST_FORM})
    finally:
        typesetting.close()
    for number, who, code, amount, third_party, method in ACTS:
        if number < count:
            by = Actor(members["sophie"], assurance="demo")
            billing.record_act(patient_id(number), by=by, practitioner=members[who], code=code, amount=amount, third_party=third_party,
                               method=method, number=documents.take_number("recu", by=by))


def _letterheads(members: Mapping[str, UUID]) -> None:
    nothing = {"address": "", "phone": "", "email": "", "insurance_number": "", "lines": ""}
    documents.set_letterhead(by=Actor(members["moreau"], assurance="demo"), owner=None,
                             **{**nothing, "address": ADDRESS, "phone": "01 99 00 12 34", "email": "cabinet@tilleuls.example"})
    for place, (who, lines) in enumerate(LINES.items()):
        documents.set_letterhead(by=Actor(members[who], assurance="demo"), owner=members[who],
                                 **{**nothing, "lines": lines, "insurance_number": f"91 1 0000{place} 1"})


def sign(patient: UUID, member: UUID, clean: Mapping[str, Any]) -> None:
    by = Actor(member, assurance="demo")
    reader = Reader(by, [RightsGate(standing_of(member)), ProtectionGate(), gates.Open()], route="papers:sign")
    typed = {"text": "", "long_term_text": "", "outings_from": None, "reason_code": "", "recipient": "", "title": "", **clean}
    sign_paper(patient, by=by, reader=reader, clean=typed)
    access.submit(reader.close()).wait()
