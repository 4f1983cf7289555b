"""The screens of a cut where they are read in a hurry: a code on a telephone, the state of the practice on one sheet, no empty column."""

import re

import pypdfium2
import pytest
from playwright.sync_api import expect

from tests.browser import gestures, looking
from tests.browser.chromium import Visitor


def test_a_code_to_pair_and_its_command_fit_a_telephone(moreau: Visitor) -> None:
    page = moreau.goto("/cabinet/machines/associer/")
    page.get_by_label("Comment on l’appelle").fill("Secours de l’accueil")
    page.get_by_role("button", name="Montrer le code").click()
    gestures.step_up_if_asked(moreau, page.locator(".code"))
    assert looking.faults(page) == []
    page.set_viewport_size(looking.NARROW)  # type: ignore[arg-type]
    assert page.locator(".command").evaluate("e => e.scrollWidth <= e.clientWidth")
    page.set_viewport_size(looking.DESKTOP)  # type: ignore[arg-type]
    page.get_by_role("button", name="Ne plus attendre").click()
    page.wait_for_url("**/cabinet/machines/")


@pytest.mark.parametrize("path", ["/cabinet/prets/", "/cabinet/etat/"])
def test_it_prints_on_one_sheet_that_carries_its_date(moreau: Visitor, path: str) -> None:
    sheets = pypdfium2.PdfDocument(moreau.goto(path).pdf(format="A4"))
    assert len(sheets) == 1
    assert re.search(r", le \d\d/\d\d/\d{4} à \d\d:\d\d\.", " ".join(sheets[0].get_textpage().get_text_bounded().split()))


def test_a_practice_that_works_has_no_empty_columns(moreau: Visitor) -> None:
    page = moreau.goto("/cabinet/etat/")
    expect(page.get_by_role("columnheader", name="État", exact=True)).to_be_visible()
    expect(page.get_by_role("columnheader", name="Fin ou prochain point")).to_have_count(0)
    page.emulate_media(media="print")
    expect(page.get_by_role("columnheader", name="Décidé par")).to_have_count(0)
    page.emulate_media(media="screen")


def test_the_sheets_and_their_button_stand_on_one_line(moreau: Visitor) -> None:
    page = moreau.goto("/cabinet/kit/")
    choice, button = (page.locator(f"form:has(#forms) {one}").bounding_box() for one in ("select", "button"))
    assert choice
    assert button
    assert abs(choice["y"] - button["y"]) < 4
