"""Dr Moreau's last holiday in the fictional practice: what her remplaçante did, and her return note; what is told for the next one."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID

from permanence.accounts.permissions import today
from permanence.consultations import actions as consultations
from permanence.demo import papers
from permanence.demo.agenda import AWAY, BEFORE, absence_id
from permanence.demo.rows import patient_id
from permanence.handover import actions
from permanence.journal.doors import Actor
from permanence.lib import clock
from permanence.lib.text import nbsp
from permanence.tasks import actions as tasks

# Whose file, how many days ago, the note that was signed.
SEEN = (
    (0, 12, {"motif": "Diabète, équilibre", "assessment": "Hypoglycémies du matin depuis deux semaines, dose du soir diminuée.",
             "plan": "Carnet de glycémies, revoir à un mois."}),
    (1, 11, {"motif": "Dyspnée d’effort", "assessment": "Œdèmes des chevilles, poids + 2 kg : furosémide augmenté.",
             "plan": "Pesée quotidienne, ionogramme dans huit jours."}),
    (4, 9, {"motif": "Lombalgie", "text": "Lombalgie aiguë au port d’une charge, sans signe d’alarme. Arrêt de cinq jours."}),
    (5, 8, {"motif": "Chute à domicile", "text": "Pas de traumatisme crânien. Kinésithérapie d’équilibre prescrite."}),
    (6, 6, {"motif": "Rhinopharyngite", "text": "Rien de grave, fièvre cédée. Revoir si elle revient."}),
    (8, 4, {"motif": "Certificat de sport", "text": "Examen normal."}),
)
BEGUN = (1, 11, {"label": "FUROSÉMIDE 40 mg, comprimé", "dci": "Furosémide", "posology": "1 comprimé le matin", "source": "ici"})
PROMISED = (
    (1, "moreau", 11, 1, "Relire l’ionogramme et rappeler la patiente"),
    (0, "moreau", 12, 4, "Revoir la dose du soir avec le carnet de glycémies"),
    (5, "sophie", 8, 0, "Prendre le rendez-vous d’ostéodensitométrie"),
    (None, "petit", 6, 2, "Le tensiomètre du bureau 2 perd ses piles : à réviser"),
)
SAID = {5: "Vit seule depuis le départ de sa fille, très inquiète : un appel lui ferait du bien."}
WORD = "Deux semaines calmes. Les résultats reçus sont tous visés. Merci de votre confiance."
STOPPED, SIGNED_AGO = 4, 2
# For the next time.
TOLD = ((7, "Douleur d’effort récente, avis cardiologique demandé : ne pas attendre le rendez-vous si elle revient au repos."),)


def live(count: int, members: Mapping[str, UUID]) -> None:
    """By its authors' hands, the clock set back to each day. `count`: patients of the practice."""
    petit = Actor(members["petit"], assurance="demo")
    for number, ago, fields in SEEN:
        if number < count:
            with _ago(ago):
                consultations.sign_note(patient_id(number), by=petit, fields={name: nbsp(text) for name, text in fields.items()})
    number, ago, line = BEGUN
    if number < count:
        with _ago(ago):
            consultations.add_treatment(patient_id(number), by=petit, fields=line)
    for about, to, ago, days, text in PROMISED:
        with _ago(ago):
            patient = None if about is None else patient_id(about)
            if about is None or about < count:
                tasks.add_task(nbsp(text), by=petit, patient=patient, to=members[to], due_on=today() + timedelta(days=ago + days))
    if count > STOPPED:
        with _ago(9):
            papers.sign(patient_id(STOPPED), members["petit"], {
                "template": "arret", "stoppage_from": today(), "stoppage_until": today() + timedelta(days=4), "stoppage_kind": "initial",
                "outings": "free", "reason_text": "Lombalgie aiguë", "form_serial": ""})
    with _ago(SIGNED_AGO):
        said = {patient_id(number): nbsp(text) for number, text in SAID.items() if number < count}
        actions.sign(absence_id(*BEFORE[:2]), by=petit, texts=said, word=WORD)
    for number, text in TOLD:
        if number < count:
            actions.choose(absence_id(*AWAY[-1][:2]), patient_id(number), by=Actor(members["moreau"], assurance="demo"), text=nbsp(text))


def _ago(days: int) -> AbstractContextManager[None]:
    return clock.override(offset=-timedelta(days=days))
