"""Ctrl+K finds by any part of a name; nothing opens while typing, Enter opens the file."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser import gestures
from tests.browser.chromium import Visitor
from tests.browser.gestures import Patient


@pytest.fixture
def jeanne(moreau: Visitor) -> Patient:
    return gestures.register(moreau, "Jeanne Marie")


def test_the_palette_opens_a_file_on_enter_only(moreau: Visitor, jeanne: Patient) -> None:
    page = moreau.goto("/")
    before = page.url
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox")
    expect(box).to_be_focused()
    box.press_sequentially(f"{jeanne.surname[:6].lower()} je {jeanne.birth[-2:]}")
    option = page.get_by_role("option", selected=True)
    expect(option).to_contain_text(jeanne.surname.upper())
    expect(option).to_contain_text(jeanne.birth)
    assert page.url == before
    box.press("Enter")
    page.wait_for_url(f"**{jeanne.url}")
    expect(page.locator("#banner")).to_contain_text(f"{jeanne.surname.upper()} Jeanne")
    expect(page.locator("#banner")).to_contain_text(jeanne.birth)


def test_enter_waits_for_the_answer_to_the_last_letters(moreau: Visitor, jeanne: Patient) -> None:
    page = moreau.goto("/")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").press_sequentially(f"{jeanne.surname.lower()} jeanne")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{jeanne.url}")


def test_letters_that_overtake_each_other_are_no_failure(moreau: Visitor, jeanne: Patient) -> None:
    page = moreau.goto("/")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").press_sequentially(f"{jeanne.surname.lower()} jeanne", delay=70)
    expect(page.get_by_role("option", selected=True)).to_contain_text(jeanne.surname.upper())
    expect(page.locator("#toasts")).to_be_empty()


def test_escape_leaves_everything_as_it_was(moreau: Visitor, jeanne: Patient) -> None:
    page = moreau.goto(jeanne.url)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").press_sequentially(jeanne.surname[:3])
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    assert page.url.endswith(jeanne.url)


def test_the_search_page_lists_name_full_birth_date_and_age_and_nothing_else(moreau: Visitor, jeanne: Patient) -> None:
    page = moreau.goto(f"/patients/?q={jeanne.surname.lower()}")
    line = page.get_by_role("main").get_by_role("listitem").filter(has_text=jeanne.surname.upper()).first
    expect(line).to_contain_text(f"{jeanne.surname.upper()} Jeanne")
    expect(line).to_contain_text(f"Née le {jeanne.birth}")
    expect(line).to_contain_text(re.compile(r"\d+\s+ans"))


def test_what_a_page_loads_by_itself_comes_while_its_last_script_is_still_on_its_way(moreau: Visitor, jeanne: Patient) -> None:
    """On a slow line the page's own modules come late: htmx does not wait for them, and its HTML is trusted all the same."""
    moreau.goto(jeanne.url)
    held: list[Route] = []
    moreau.post.context.route("**/js/app.*js*", lambda route: held.append(route))
    page = moreau.page
    try:
        page.goto(f"{moreau.post.cabinet.origin}/", referer=moreau.post.cabinet.origin + "/", wait_until="commit")
        expect(page.locator("main")).to_contain_text(jeanne.surname.upper())  # the card of recent files
        assert held
    finally:
        for one in held:
            one.continue_()
        moreau.post.context.unroute_all()
    expect(page.locator("main")).to_contain_text(jeanne.surname.upper())
