"""Every screen of a doctor's day renders, with the patient named where a patient is concerned."""

from collections.abc import Callable
from uuid import UUID

import pytest

from permanence.journal.doors import Actor
from tests.web.conftest import Visit

OF_A_PATIENT = (
    "dossier:file",
    "dossier:compose",
    "dossier:measures",
    "dossier:calculators",
    "dossier:curves",
    "patients:facts",
    "dossier:readers",
    "dossier:private",
    "dossier:document_new",
    "dossier:photo",
    "dossier:history_new",
    "dossier:allergy_new",
    "dossier:treatment_new",
    "dossier:vaccination_new",
    "dossier:private_note_new",
    "papers:ordonnance",
    "papers:certificat",
    "papers:demande",
    "papers:courrier",
    "papers:arret",
    "billing:act_new",
    "patients:identity",
    "patients:edit",
    "patients:contact_new",
    "patients:protection",
    "patients:opposition",
    "patients:merge",
)
OF_THE_PRACTICE = (
    "home:day",
    "patients:search",
    "patients:palette",
    "patients:new",
    "patients:vsm",
    "papers:settings",
    "billing:takings",
    "papers:to_hand_over",
    "practice:members",
    "practice:invite",
    "practice:post_new",
    "practice:session",
    "practice:journal",
    "panel:search",
    "patients:duplicates",
    "snippets:list",
    "snippets:new",
    "growth:list",
    "growth:new",
    "home:closing",
    "tasks:tasks",
    "tasks:new",
    "tasks:call",
    "tasks:message",
    "tasks:messages",
    "handover:replacements",
    "sync:settling",
    "sync:machines",
    "sync:returns",
    "sync:carry",
)


@pytest.mark.parametrize("name", OF_A_PATIENT)
def test_a_screen_about_a_patient_names_them_in_full(name: str, visit: Visit, moreau: Actor, jeanne: UUID, url: Callable[..., str]) -> None:
    response = visit(moreau, url(name, jeanne))
    text = response.content.decode()
    assert response.status_code == 200
    assert "MARTIN" in text
    assert "14/07/1958" in text
    assert "amoxicilline" in text


@pytest.mark.parametrize("name", OF_THE_PRACTICE)
def test_a_screen_of_the_practice_renders(name: str, visit: Visit, moreau: Actor, jeanne: UUID, url: Callable[..., str]) -> None:
    assert visit(moreau, url(name)).status_code == 200


@pytest.mark.parametrize("name", [*OF_A_PATIENT, *OF_THE_PRACTICE])
def test_no_screen_carries_inline_style_or_script(name: str, visit: Visit, moreau: Actor, jeanne: UUID, url: Callable[..., str]) -> None:
    text = visit(moreau, url(name, jeanne) if name in OF_A_PATIENT else url(name)).content.decode()
    assert " style=" not in text
    assert "<style" not in text
    assert "hx-on" not in text
    for script in text.split("<script")[1:]:
        assert script.split(">")[0].count("src=") == 1
