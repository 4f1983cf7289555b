"""The encrypted kit on a machine with only a browser: a file, a phrase, no network, nothing left behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from permanence.continuity import actions, rules, sealing
from tests.browser.chromium import SHELL

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not SHELL.exists(), reason="Debian's chromium is not installed here")]
PHRASE = rules.phrase_of(2**79 + 123_456_789)
NONE = {"lines": [], "more": "", "none": "Aucun"}


def patient(name: str, birth: str, **more: object) -> dict[str, object]:
    return {"name": name, "birth": birth, "age": "68 ans", "sex": "Féminin", "phone": "06 12 34 56 78",
            "booked": "lun. 23 nov. 2026 à 09:00",
            "allergies": "Allergies non renseignées", "alert": False, "closed": "", "hidden": "", "treatments": NONE, "problems": NONE,
            "results": NONE, **more}


DATA = {
    "title": "Kit du soir — lun. 23 nov. 2026", "practice": "Maison de santé des Tilleuls", "fictional": True,
    "made": "dim. 22 nov. 2026 à 19:05", "counts": "2 patients",
    "days": [{"label": "lun. 23 nov. 2026", "visits": [
        {"hour": "09:00", "minutes": 15, "practitioner": "Dr Claire MOREAU", "name": "MARTIN Jeanne", "birth": "14/07/1958",
         "phone": "06 12 34 56 78", "motive": "<img src=x onerror=document.title='lu'>"}]}],
    "halves": [patient("MARTIN Jeanne", "14/07/1958", alert=True, allergies="Allergies : amoxicilline",
                       treatments={"lines": ["Metformine — 850 mg"], "more": "", "none": ""}),
               patient("ÉVRARD Noé", "02/02/2019")],
    "members": [], "heads": [], "forms": [], "emergency": [["15", "SAMU"]], "to_fill": [],
    "roles": [{"role": "Médecin", "lines": ["Lire la demi-page."]}],
}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    salt = b"0123456789abcdef"
    key = actions.derive(PHRASE, salt, rules.ITERATIONS)
    path = tmp_path_factory.mktemp("usb") / "kit-2026-11-23.html"
    path.write_bytes(sealing.html(DATA, b"%PDF-1.7 essai", salt=salt, iterations=rules.ITERATIONS, key=key))
    return path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(SHELL), args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture
def page(file: Path, chromium: Browser) -> Iterator[Page]:
    """The file in a profile that has seen nothing."""
    context = chromium.new_context(offline=True, accept_downloads=True, locale="fr-FR")
    opened = context.new_page()
    opened.goto(file.as_uri())
    yield opened
    context.close()


def test_the_phrase_opens_it_and_a_name_is_found(page: Page) -> None:
    assert "MARTIN" not in page.content()
    page.keyboard.type(PHRASE.lower().replace("-", " "))  # the field has the focus
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Kit du soir — lun. 23 nov. 2026")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Metformine — 850 mg")).to_be_visible()
    page.keyboard.type("evrard 2019")  # accents are free, and the field has the focus again
    expect(page.get_by_text("Metformine — 850 mg")).to_be_hidden()
    expect(page.get_by_role("heading", name="ÉVRARD Noé")).to_be_visible()
    assert page.title() == DATA["title"]  # what was typed in a motive is text, never markup


def test_a_wrong_phrase_says_what_to_do_and_shows_nothing(page: Page) -> None:
    page.get_by_label("Phrase du kit").fill(rules.phrase_of(7))
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("La relire sur le papier", timeout=30_000)
    assert "MARTIN" not in page.content()


def test_the_pdf_inside_is_saved_and_the_browser_keeps_nothing(page: Page) -> None:
    page.get_by_label("Phrase du kit").fill(PHRASE)
    page.keyboard.press("Enter")
    with page.expect_download(timeout=30_000) as saved:
        page.get_by_role("button", name="Enregistrer le PDF à imprimer").click(timeout=30_000)
    assert saved.value.path().read_bytes() == b"%PDF-1.7 essai"
    assert page.context.storage_state()["cookies"] == []
    assert PHRASE not in page.content()
