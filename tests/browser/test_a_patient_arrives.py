"""A new patient is created, then another one by the summary that an earlier software exported."""

import re

from playwright.sync_api import expect

from tests.browser import gestures
from tests.browser.chromium import Visitor, go
from tests.interop import building


def test_a_patient_is_created_from_an_identity_document(moreau: Visitor) -> None:
    page = moreau.goto("/patients/nouveau/")
    page.get_by_label("Nom de naissance").fill("Dufour")
    page.get_by_label("Prénoms de naissance").fill("Anaïs Louise")
    page.get_by_label("Date de naissance").fill("140791")
    expect(page.locator("output").first).to_contain_text("14 juil. 1991")
    page.get_by_role("radio", name="Féminin").check()
    page.get_by_role("button", name="Créer le dossier").click()
    page.wait_for_url(re.compile(r"/patients/[0-9a-f-]{36}/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("DUFOUR Anaïs")
    expect(page.locator("#banner")).to_contain_text("Née le14/07/1991")
    expect(page.locator("#banner")).to_contain_text("Allergies non renseignées")
    expect(page.locator("#toasts")).to_contain_text("Dossier créé")


def test_a_second_file_of_the_same_person_is_asked_about_first(moreau: Visitor) -> None:
    gestures.register(moreau, "Lucien", surname="Pasquier", birth="03/02/1947", sex="M")
    page = moreau.goto("/patients/nouveau/")
    page.get_by_label("Nom de naissance").fill("pasquier")
    page.get_by_label("Prénoms de naissance").fill("Lucien")
    page.get_by_label("Date de naissance").fill("03/02/1947")
    page.get_by_role("radio", name="Masculin").check()
    page.get_by_role("button", name="Créer le dossier").click()
    expect(page.get_by_text("1 dossier ressemble à celui-ci.")).to_be_visible()
    assert page.get_by_label("Nom de naissance").input_value() == "pasquier"


def test_a_summary_is_imported_through_the_screen_and_twice_adds_nothing(moreau: Visitor) -> None:
    volet = {"name": "volet.xml", "mimeType": "text/xml", "buffer": building.summary()}
    page = moreau.goto("/patients/import/")
    page.locator("input[type=file]").set_input_files(volet)
    page.get_by_role("button", name="Importer").click()
    page.wait_for_url(re.compile(r"/import/[0-9a-f-]{36}/"))
    expect(page.get_by_role("main")).to_contain_text("ajoutés")
    expect(page.get_by_role("main")).to_contain_text("Teinturerie pendant vingt ans")
    page.get_by_role("link", name="Ouvrir le dossier").click()
    expect(page.locator("#banner")).to_contain_text("Pénicilline")
    expect(page.locator("#history")).to_contain_text("Diabète de type 2")
    expect(page.locator("#treatment")).to_contain_text("bisoprolol", ignore_case=True)

    go(page, "/patients/import/")
    page.locator("input[type=file]").set_input_files(volet)
    page.get_by_role("button", name="Importer").click()
    expect(page.locator("#toasts")).to_contain_text("Déjà importé")


def test_a_hostile_file_is_refused_and_said_so_on_the_form(moreau: Visitor) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><ClinicalDocument>&a;</ClinicalDocument>'
    page = moreau.goto("/patients/import/")
    page.locator("input[type=file]").set_input_files({"name": "piege.xml", "mimeType": "text/xml", "buffer": bomb})
    page.get_by_role("button", name="Importer").click()
    expect(page.get_by_role("alert").filter(has_text="Un point à corriger")).to_be_visible()
