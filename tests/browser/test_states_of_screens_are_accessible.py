"""axe on what opens over a screen or stands in its place: dialogs, menus, errors, an unknown browser's pages."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import gestures, looking
from tests.browser.cabinet import Cabinet
from tests.browser.chromium import Person, Post, Visitor, go
from tests.browser.gestures import Patient, send


@pytest.fixture
def someone(moreau: Visitor) -> Patient:
    """A file with a little of everything that the banner and the synthesis show."""
    patient = gestures.register(moreau, "Apolline")
    send(moreau, f"{patient.url}allergie/", {"substance": "amoxicilline", "reaction": "urticaire"})
    send(moreau, f"{patient.url}traitement/", {"dci": "metformine", "dose": "850 mg", "source": "ici"})
    gestures.sign_note(moreau, patient, "Toux", "Toux sèche.")
    return patient


def open_palette(page: Page, someone: Patient) -> None:
    go(page, someone.url)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill(someone.surname)
    expect(page.get_by_role("option", selected=True)).to_contain_text(someone.surname.upper())


def open_shortcuts(page: Page, someone: Patient) -> None:
    go(page, "/")
    page.locator(".me summary").click()
    page.get_by_role("button", name="Raccourcis clavier").click()


def open_menus(page: Page, someone: Patient) -> None:
    go(page, someone.url)
    page.locator("details.more summary").first.click()


def open_error(page: Page, someone: Patient) -> None:
    go(page, f"{someone.url}allergie/")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert").filter(has_text="Un point à corriger")).to_be_visible()


def open_soap(page: Page, someone: Patient) -> None:
    go(page, f"{someone.url}note/")
    page.get_by_role("button", name="S / O / A / P").click()


def open_nothing_found(page: Page, someone: Patient) -> None:
    go(page, "/patients/?q=zzzzzz")


def open_unknown_page(page: Page, someone: Patient) -> None:
    go(page, "/nulle-part/")


def open_unknown_patient(page: Page, someone: Patient) -> None:
    go(page, "/patients/00000000-0000-4000-8000-000000000000/")


@pytest.mark.parametrize("state", [open_palette, open_shortcuts, open_menus, open_error, open_soap, open_nothing_found, open_unknown_page,
                                   open_unknown_patient])
def test_a_state_of_a_screen(state: Callable[[Page, Patient], None], moreau: Visitor, someone: Patient) -> None:
    moreau.goto("/")
    state(moreau.page, someone)
    assert looking.faults(moreau.page) == []


def test_the_lock_over_a_page(moreau: Visitor, someone: Patient) -> None:
    page = moreau.goto(someone.url)
    page.locator(".me summary").click()
    page.get_by_role("button", name="Verrouiller").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert looking.faults(page) == []
    gestures.touch(moreau)


def test_an_unknown_browser_before_its_first_key(cabinet: Cabinet, fresh_post: Callable[..., Post]) -> None:
    visitor = fresh_post(cabinet).sit(Person("inconnue"))
    for path in ("/entrer", "/invitation", "/poste", "/deverrouiller"):
        assert looking.faults(visitor.goto(path)) == []
    visitor.page.goto("/")
    visitor.page.wait_for_url(re.compile("/entrer$"))
    assert visitor.problems == []
