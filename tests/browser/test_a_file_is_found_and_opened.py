"""Ctrl+K finds by any part of a name; nothing opens while typing, Enter opens the file."""

import pytest
from playwright.sync_api import expect

from tests.browser import gestures
from tests.browser.chromium import Visitor


@pytest.fixture
def jeanne(moreau: Visitor) -> str:
    return gestures.register(moreau, "Lémeray", "Jeanne Marie", "14/07/1958")


def test_the_palette_opens_a_file_on_enter_only(moreau: Visitor, jeanne: str) -> None:
    page = moreau.goto("/")
    before = page.url
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox")
    expect(box).to_be_focused()
    box.press_sequentially("lemer je 58")
    option = page.get_by_role("option", selected=True)
    expect(option).to_contain_text("LÉMERAY")
    expect(option).to_contain_text("14/07/1958")
    assert page.url == before
    box.press("Enter")
    page.wait_for_url(f"**/patients/{jeanne}/")
    expect(page.locator("#banner")).to_contain_text("LÉMERAY Jeanne")
    expect(page.locator("#banner")).to_contain_text("14/07/1958")


def test_enter_waits_for_the_answer_to_the_last_letters(moreau: Visitor, jeanne: str) -> None:
    page = moreau.goto("/")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").press_sequentially("lemeray jeanne")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/patients/{jeanne}/")


def test_escape_leaves_everything_as_it_was(moreau: Visitor, jeanne: str) -> None:
    page = moreau.goto(f"/patients/{jeanne}/")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").press_sequentially("lem")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    assert page.url.endswith(f"/patients/{jeanne}/")


def test_the_search_page_lists_name_full_birth_date_and_age_and_nothing_else(moreau: Visitor, jeanne: str) -> None:
    page = moreau.goto("/patients/?q=lemeray")
    line = page.get_by_role("main").get_by_role("listitem").filter(has_text="LÉMERAY").first
    expect(line).to_contain_text("LÉMERAY Jeanne")
    expect(line).to_contain_text("Née le 14/07/1958")
    expect(line).to_contain_text("68 ans")
