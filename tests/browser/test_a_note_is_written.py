"""A note: its draft keeps itself, survives reload, crash and lock; it is signed, completed, moved to the right patient."""

import re

import pytest
from playwright.sync_api import Error, Page, expect

from tests.browser import gestures
from tests.browser.chromium import Visitor, go
from tests.browser.gestures import Patient

WORDS = "Toux sèche depuis trois jours, pas de fièvre."


@pytest.fixture
def colette(moreau: Visitor) -> Patient:
    return gestures.register(moreau, "Colette")


def type_note(visitor: Visitor, patient: Patient, words: str = WORDS) -> Page:
    page = visitor.goto(f"{patient.url}note/")
    page.get_by_label("Motif").fill("Toux")
    page.get_by_label("Note", exact=True).press_sequentially(words)
    return page


def expect_saved(page: Page) -> None:
    expect(page.locator("#saved")).to_have_text(re.compile(r"^Enregistré \d\d:\d\d(:\d\d)?$"))


def expect_text_back(page: Page, words: str = WORDS) -> None:
    expect(page.get_by_label("Note", exact=True)).to_have_value(words)
    expect(page.get_by_label("Motif")).to_have_value("Toux")


def test_a_draft_survives_a_reload(moreau: Visitor, colette: Patient) -> None:
    page = type_note(moreau, colette)
    expect_saved(page)
    page.reload()
    expect_text_back(page)


def test_a_draft_survives_the_crash_of_its_tab(moreau: Visitor, colette: Patient) -> None:
    page = type_note(moreau, colette)
    expect_saved(page)
    moreau.keep_key()
    with page.expect_event("crash"), pytest.raises(Error):
        page.goto("chrome://crash")
    page.close()
    again = moreau.post.sit(moreau.person)
    expect_text_back(again.goto(f"{colette.url}note/"))
    moreau.page, moreau.devtools, moreau.authenticator = again.page, again.devtools, again.authenticator


def test_typing_goes_on_after_a_lock_with_one_touch(moreau: Visitor, colette: Patient) -> None:
    page = type_note(moreau, colette)
    page.locator(".me summary").click()
    page.get_by_role("button", name="Verrouiller").click()
    expect(page.get_by_role("dialog")).to_contain_text("rien de ce que vous avez saisi n’est perdu")
    gestures.touch(moreau)
    expect_text_back(page)
    expect_saved(page)
    page.get_by_label("Note", exact=True).press_sequentially(" Auscultation libre.")
    expect(page.locator("#saved")).to_have_attribute("data-state", "changed")
    expect_saved(page)
    page.reload()
    expect_text_back(page, WORDS + " Auscultation libre.")


def test_a_signed_note_is_frozen_and_completed(moreau: Visitor, colette: Patient) -> None:
    page = type_note(moreau, colette)
    page.get_by_label("Mesures").fill("TA 138/82 P 61")
    page.get_by_role("button", name=f"Signer pour {colette.shown}, {colette.birth}").click()
    page.wait_for_url(re.compile(rf"{colette.url}(\?.*)?$"))
    expect(page.locator("#toasts")).to_contain_text("Note signée")
    expect(page.locator("#timeline")).to_contain_text("Toux sèche")
    expect(page.get_by_role("main")).to_contain_text("138/82")
    page.locator("#timeline").get_by_role("link", name="Toux").click()
    expect(page.get_by_role("article")).to_contain_text("Signé par Dr Claire MOREAU")
    assert page.get_by_role("article").get_by_role("textbox").count() == 0
    page.get_by_text("Ajouter un complément").click()
    page.get_by_label("Complément").fill("Radiographie normale.")
    page.get_by_role("button", name=re.compile("Signer le complément")).click()
    expect(page.get_by_role("region", name="Complément")).to_contain_text("Radiographie normale.")
    expect(page.get_by_role("article")).to_contain_text(WORDS)


def test_a_note_of_the_wrong_patient_moves_in_one_gesture(moreau: Visitor, colette: Patient) -> None:
    right = gestures.register(moreau, "Colette")
    gestures.sign_note(moreau, colette, "Entorse de cheville", "Cheville droite gonflée.")
    page = moreau.goto(colette.url)
    page.locator("#timeline").get_by_role("link", name="Entorse").click()
    page.get_by_role("link", name="Mauvais patient").click()
    page.get_by_role("searchbox", name="Chercher le bon patient").fill(right.surname)
    page.get_by_role("button", name="Chercher", exact=True).click()
    page.get_by_role("listitem").filter(has_text=right.surname.upper()).get_by_role("button", name="Déplacer ici").click()
    page.wait_for_url(re.compile(rf"{right.url}note/"))
    expect(page.get_by_role("article")).to_contain_text("Cheville droite gonflée.")
    expect(page.locator("#toasts")).to_contain_text("Note déplacée dans ce dossier")

    go(page, colette.url)
    expect(page.locator("#timeline")).not_to_contain_text("Cheville droite")
    page.locator("#timeline").get_by_role("link", name="Note déplacée").click()
    expect(page.get_by_role("main")).to_contain_text("déplacée par Dr Claire MOREAU")
    expect(page.get_by_role("main")).to_contain_text("Qui l’avait lue dans ce dossier")


def test_a_draft_put_away_comes_back_with_undo(moreau: Visitor, colette: Patient) -> None:
    page = type_note(moreau, colette)
    expect_saved(page)
    page.reload()
    page.get_by_role("button", name="Supprimer").click()
    expect(page.locator("#toasts")).to_contain_text("Brouillon supprimé")
    page.get_by_role("button", name="Annuler").click()
    page.wait_for_url(re.compile("/note/"))
    expect_text_back(page)
