"""What a cut left in the fictional practice: a plan filled in, a form typed afterwards, accesses from outside closed at night."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from permanence.accounts.permissions import today
from permanence.capabilities import actions as capabilities
from permanence.continuity import actions, queries
from permanence.demo.rows import patient_id
from permanence.journal.doors import Actor
from permanence.lib import clock

ANSWERS = {
    "decides": "Dr Moreau, puis Dr Benali",
    "dial_tree": "Sophie Marchand appelle les médecins, puis les patients fragiles de la liste",
    "phone": "01 99 00 12 35 (portable du cabinet)",
    "pharmacy": "Pharmacie du Marché, 01 99 00 20 20",
    "laboratory": "Laboratoire de l’Orge, 01 99 00 30 30",
    "hospital": "Hôpital de l’Orge, 01 99 00 40 40",
    "computing": "Yann Le Goff, 06 39 98 00 11",
    "kit_place": "Armoire fermée de l’accueil",
    "sheet_place": "Coffre du bureau du Dr Moreau",
    "next_drill": "Premier mardi du trimestre, à l’heure du déjeuner",
}
TYPED = 12  # whose form was typed
NIGHT = {"days": list(range(7)), "from": 22 * 60, "to": 7 * 60}


def live(count: int, members: Mapping[str, UUID]) -> None:
    """Through the doors, as the people of the practice would."""
    moreau = Actor(members["moreau"], assurance="demo")
    actions.fill_plan(by=moreau, answers=ANSWERS)
    capabilities.switch(by=moreau, capability="remote_access", state="off", audience="network", whom="outside", schedule=NIGHT,
                        reason="Personne ne travaille de l’extérieur la nuit, sauf la garde", overridable=True)
    day = today()
    copy = actions.log_copy(by=moreau, medium="paper", first_day=day, last_day=day + timedelta(days=1), patients=0)
    if count > TYPED:
        actions.catch_up_note(patient_id(TYPED), by=moreau, number=queries.numbers_of(copy)[0][1], written_at=clock.now(), fields={
            "motif": "Pansement", "text": "Pendant la panne : plaie propre, pansement refait, à revoir dans trois jours."})
    actions.rest_unused(copy, by=moreau)
