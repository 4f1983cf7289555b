"""« État du cabinet » by one key from a file; a function limited, read as such on every page, and opened again with the real key."""

import re

from playwright.sync_api import expect

from tests.browser import gestures
from tests.browser.chromium import Visitor


def test_one_key_from_a_file_to_a_decision_and_back(moreau: Visitor) -> None:
    patient = gestures.register(moreau, "Zélie")
    page = moreau.goto(patient.url)
    page.keyboard.press("Alt+c")
    page.wait_for_url("**/cabinet/etat/")
    expect(page.get_by_role("heading", level=1)).to_have_text("État du cabinet")
    expect(page.locator(".board tbody tr").first).to_contain_text("Fonctionne")
    page.get_by_role("link", name="Arrêter ou limiter").click()
    page.wait_for_url("**/cabinet/etat/decider/")
    page.get_by_label("Fonction", exact=True).select_option("prescribe")
    page.get_by_label("Devient").select_option("read_only")
    page.get_by_label("Pourquoi obligatoire").fill("Imprimantes en panne")
    page.get_by_label("Fin, jour").fill("+2")
    page.keyboard.press("Alt+v")
    gestures.step_up_if_asked(moreau, gestures.said(page, "bascule"))
    expect(page.locator("#bar > .strip").first).to_have_attribute("data-state", "services")
    expect(page.locator("#bar > .strip").first).to_contain_text("en lecture seule depuis")
    page = moreau.goto(patient.url)
    order = page.get_by_role("link", name=re.compile("Ordonnance"))
    expect(order).to_have_attribute("data-off", "Lecture seule")
    order.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("lecture seule")
    expect(page.get_by_role("main")).to_contain_text("Imprimantes en panne")
    page.get_by_role("link", name="État du cabinet").click()
    ours = page.locator(".decision").filter(has_text="Imprimantes en panne")  # others may have decided something too
    ours.get_by_role("button", name="Lever la décision").click()
    gestures.step_up_if_asked(moreau, gestures.said(page, "bascule_levee"))
    expect(ours.first).to_contain_text("levée")
    page = moreau.goto(patient.url)
    expect(page.get_by_role("link", name=re.compile("Ordonnance"))).not_to_have_attribute("data-off", re.compile("."))
