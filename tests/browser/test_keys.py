"""The keyboard: a task in two keys from anywhere, an AZERTY layout, hints of a long Alt, one's own combinations."""

import json

from playwright.sync_api import Page, expect

from tests.browser import gestures
from tests.browser.chromium import Visitor

# What an AZERTY keyboard sends for the key above A with Alt held: it prints « & ».
AZERTY_1 = """() => document.dispatchEvent(new KeyboardEvent(
    'keydown', { key: '&', code: 'Digit1', altKey: true, bubbles: true, cancelable: true }))"""


def _ready(page: Page) -> Page:
    page.locator("html[data-listens]").wait_for(state="attached")
    return page


def test_a_task_is_asked_in_two_keys_over_a_note_that_stays(moreau: Visitor) -> None:
    patient = gestures.register(moreau, "Odette")
    page = _ready(moreau.goto(f"{patient.url}note/"))
    page.get_by_label("Note", exact=True).fill("Une phrase commencée")
    page.keyboard.press("Alt+t")
    expect(page.locator("#ask")).to_contain_text(patient.surname.upper())
    page.keyboard.type("Envoyer le courrier")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Tâche enregistrée")
    expect(page.locator("#ask")).not_to_be_visible()
    expect(page.get_by_label("Note", exact=True)).to_have_value("Une phrase commencée")
    page = _ready(moreau.goto("/"))
    line = page.locator("[data-task]", has_text="Envoyer le courrier").filter(has_text=patient.surname.upper())
    expect(line).to_have_count(1)
    line.locator("[data-done]").focus()
    page.keyboard.press("f")
    expect(line).to_have_count(0)
    page.keyboard.press("Alt+z")
    expect(line).to_have_count(1)


def test_alt_and_the_first_key_of_an_azerty_row_open_a_note(moreau: Visitor) -> None:
    patient = gestures.register(moreau, "Odette")
    page = _ready(moreau.goto(patient.url))
    page.evaluate(AZERTY_1)
    page.wait_for_url(f"**{patient.url}note/")


def test_a_long_alt_shows_hints_and_lets_them_go(moreau: Visitor) -> None:
    patient = gestures.register(moreau, "Odette")
    page = _ready(moreau.goto(patient.url))
    page.keyboard.down("Alt")
    expect(page.locator(".hints > kbd", has_text="Alt 1")).to_be_visible()
    page.keyboard.up("Alt")
    expect(page.locator(".hints")).to_have_count(0)


def test_a_combination_becomes_ones_own_and_keeps_nothing_of_a_patient(moreau: Visitor) -> None:
    page = _ready(moreau.goto("/"))
    page.keyboard.press("?")
    page.get_by_role("button", name="Changer : Nouvelle tâche").click()
    page.keyboard.press("Alt+p")
    expect(page.locator("#keys-said")).to_contain_text("sert déjà")
    page.get_by_role("button", name="Changer : Nouvelle tâche").click()
    page.keyboard.press("Alt+w")
    expect(page.locator("#keys-said")).to_contain_text("Alt W")
    kept = page.evaluate("({ ...localStorage })")
    assert [json.loads(value) for value in kept.values()] == [{"Alt+KeyT": {"combo": "Alt+KeyW", "shown": "Alt W"}}]
    page = _ready(moreau.goto("/taches/"))
    page.keyboard.press("Alt+w")
    expect(page.locator("#ask")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.evaluate("document.activeElement?.blur()")
    page.keyboard.press("?")
    page.get_by_role("button", name="Remettre les combinaisons d’origine").click()
    page.wait_for_function("() => Object.values({ ...localStorage }).join() === '{}'")
