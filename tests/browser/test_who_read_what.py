"""« Qui a consulté ce dossier » and « Ce que ma session a vu »: every opening of a moment ago stands there."""

from playwright.sync_api import expect

from tests.browser import gestures
from tests.browser.chromium import Visitor


def test_an_opening_stands_in_the_list_of_the_file_and_of_the_session(moreau: Visitor) -> None:
    patient = gestures.register(moreau, "Bertille")
    page = moreau.goto(patient.url)
    page.get_by_role("link", name="Qui a consulté ce dossier").last.click()
    lines = page.get_by_role("main").get_by_role("row")
    expect(page.get_by_role("heading", name="Qui a consulté ce dossier")).to_be_visible()
    expect(lines.filter(has_text="Dr Claire MOREAU").first).to_contain_text("vous")
    expect(lines.filter(has_text="Antécédents").first).to_be_visible()

    page.locator(".me summary").click()
    page.get_by_role("link", name="Ce que ma session a vu").click()
    mine = page.get_by_role("main").get_by_role("row").filter(has_text=patient.shown)
    expect(mine.first).to_contain_text(patient.birth)
