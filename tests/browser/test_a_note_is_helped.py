"""« / » in a note and the filter of a timeline, by keyboard: what is inserted is undone like typing, nothing is trapped."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import gestures
from tests.browser.chromium import Visitor
from tests.browser.gestures import Patient, send


@pytest.fixture
def colette(moreau: Visitor) -> Patient:
    return gestures.register(moreau, "Colette")


def selects(page: Page, words: str) -> None:
    """Wait until exactly these words of the field in focus are selected."""
    page.wait_for_function("""words => {
        const field = document.activeElement;
        return field.value?.slice(field.selectionStart, field.selectionEnd) === words;
    }""", arg=words)


def test_a_snippet_goes_in_is_filled_with_tab_and_undone(moreau: Visitor, colette: Patient) -> None:
    moreau.goto("/raccourcis/")
    send(moreau, "/raccourcis/nouveau/", {"trigger": "essai", "label": "Essai", "text": "Toux {depuis}, gorge {aspect}."})
    page = moreau.goto(f"{colette.url}note/")
    note = page.get_by_label("Note", exact=True)
    note.press_sequentially("Vue à 148/86. /ess")
    expect(page.locator("#slash [aria-selected=true]")).to_contain_text("Essai")
    page.keyboard.press("Enter")
    expect(note).to_have_value("Vue à 148/86. Toux {depuis}, gorge {aspect}.")
    selects(page, "{depuis}")
    page.keyboard.type("hier")
    page.keyboard.press("Tab")
    selects(page, "{aspect}")
    page.keyboard.type("rouge")
    expect(note).to_have_value("Vue à 148/86. Toux hier, gorge rouge.")
    for _ in range(12):
        page.keyboard.press("Control+z")
        if "Toux" not in note.input_value():
            break
    assert note.input_value().startswith("Vue à 148/86."), "what the list inserted is undone as typing is"


def test_escape_closes_the_list_and_tab_leaves_the_note(moreau: Visitor, colette: Patient) -> None:
    page = moreau.goto(f"{colette.url}note/")
    note = page.get_by_label("Note", exact=True)
    note.press_sequentially("/")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#slash")).to_be_hidden()
    page.keyboard.press("Tab")
    expect(note).not_to_be_focused()


def test_the_timeline_is_filtered_as_one_types(moreau: Visitor, colette: Patient) -> None:
    for motif in ("Toux", "Lombalgie", "Certificat"):
        gestures.sign_note(moreau, colette, motif, "Texte.")
    page = moreau.goto(colette.url)
    page.keyboard.press("/")
    expect(page.get_by_label("Filtrer la chronologie")).to_be_focused()
    page.keyboard.type("lomb")
    expect(page.locator("#timeline-n")).to_have_text("1 élément")
    expect(page.locator("#timeline .event:visible")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#timeline .event:visible")).to_have_count(3)
    expect(page.locator("#timeline-n")).to_have_text(re.compile("^$"))
