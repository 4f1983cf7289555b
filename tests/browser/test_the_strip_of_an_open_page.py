"""The strip of a page that nobody reloads: what is decided elsewhere reaches it, and a machine that is gone is said to be."""

from playwright.sync_api import expect

from tests.browser import gestures
from tests.browser.chromium import Visitor


def test_what_is_decided_elsewhere_reaches_a_page_that_stays_open(moreau: Visitor) -> None:
    patient = gestures.register(moreau, "Ombeline")
    page = moreau.goto(f"{patient.url}note/")
    page.get_by_label("Motif").fill("Toux")
    before = page.locator("#bar").get_attribute("data-mark")
    other = moreau.page.context.new_page()
    other.goto(f"{moreau.post.cabinet.origin}/cabinet/etat/decider/", referer=f"{moreau.post.cabinet.origin}/")
    other.get_by_label("Fonction", exact=True).select_option("agenda")
    other.get_by_label("Devient").select_option("read_only")
    other.get_by_label("Pourquoi obligatoire").fill("Agenda en panne, essai")
    other.get_by_label("Fin, jour").fill("+2")
    other.keyboard.press("Alt+v")
    other.wait_for_url("**/cabinet/etat/?fait=*")
    page.bring_to_front()
    expect(page.locator(f"#bar:not([data-mark='{before}'])")).to_be_attached(timeout=30_000)
    expect(page.locator("#bar > .strip").first).to_have_attribute("data-state", "services")
    expect(page.get_by_label("Motif")).to_have_value("Toux")
    ours = other.locator(".decision").filter(has_text="Agenda en panne, essai")
    ours.get_by_role("button", name="Lever la décision").click()
    other.wait_for_url("**/cabinet/etat/?fait=*")
    other.close()


def test_a_machine_that_answers_no_more_is_said_to_be_gone_until_it_is_back(moreau: Visitor) -> None:
    page = moreau.goto("/")
    page.locator("html[data-listens]").wait_for(state="attached")
    strip, gone = page.locator("#bar > .strip").first, page.locator("#bar > .strip[data-state=gone]")
    expect(strip).to_be_visible()
    page.route("**/cabinet/bande/**", lambda route: route.abort("connectionrefused"))
    expect(gone).to_be_visible(timeout=60_000)
    expect(gone).to_contain_text("Cette machine ne répond plus")
    expect(strip).to_be_hidden()
    page.unroute("**/cabinet/bande/**")
    expect(strip).to_be_visible(timeout=60_000)
    expect(gone).to_be_hidden()
