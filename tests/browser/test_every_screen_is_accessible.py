"""axe on every screen, desktop and 320 px, light and dark: 0 violations; nothing scrolls sideways; the console stays silent."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import gestures, looking, screens
from tests.browser.cabinet import Cabinet
from tests.browser.chromium import Person, Post, Visitor
from tests.browser.screens import Screens

kept: list[Screens] = []


@pytest.fixture
def whole(moreau: Visitor) -> Screens:
    """The file that is looked at, written once for this module."""
    if not kept:
        kept.append(screens.fill(moreau))
    return kept[0]


def test_every_screen(moreau: Visitor, whole: Screens) -> None:
    found = []
    for name in sorted(set(screens.names())):
        page = moreau.goto(whole.where[name])
        found += [f"{name} {fault}" for fault in looking.faults(page)]
    assert not found, "\n".join(found)


def open_palette(page: Page, whole: Screens) -> None:
    page.goto(whole.patient.url)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill(whole.patient.surname)
    expect(page.get_by_role("option", selected=True)).to_contain_text(whole.patient.surname.upper())


def open_shortcuts(page: Page, whole: Screens) -> None:
    page.goto("/")
    page.locator(".me summary").click()
    page.get_by_role("button", name="Raccourcis clavier").click()


def open_menus(page: Page, whole: Screens) -> None:
    page.goto(whole.patient.url)
    page.locator("details.more summary").first.click()


def open_error(page: Page, whole: Screens) -> None:
    page.goto(f"{whole.patient.url}allergie/")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert").filter(has_text="Un point à corriger")).to_be_visible()


def open_soap(page: Page, whole: Screens) -> None:
    page.goto(f"{whole.patient.url}note/")
    page.get_by_role("button", name="S / O / A / P").click()


def open_nothing_found(page: Page, whole: Screens) -> None:
    page.goto("/patients/?q=zzzzzz")


def open_unknown_page(page: Page, whole: Screens) -> None:
    page.goto("/nulle-part/")


def open_unknown_patient(page: Page, whole: Screens) -> None:
    page.goto("/patients/00000000-0000-4000-8000-000000000000/")


@pytest.mark.parametrize("state", [open_palette, open_shortcuts, open_menus, open_error, open_soap, open_nothing_found, open_unknown_page,
                                   open_unknown_patient])
def test_a_state_of_a_screen(state: Callable[[Page, Screens], None], moreau: Visitor, whole: Screens) -> None:
    moreau.goto("/")
    state(moreau.page, whole)
    assert looking.faults(moreau.page) == []


def test_the_lock_over_a_page(moreau: Visitor, whole: Screens) -> None:
    page = moreau.goto(whole.patient.url)
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
