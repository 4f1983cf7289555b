"""The strip of a page that nobody reloads: what is decided elsewhere reaches it, and a machine that is gone is said to be."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser import gestures, looking
from tests.browser.chromium import Visitor

TYPED = "textarea[name=text]"
COVERED = """() => {
    const one = document.activeElement, box = one.getBoundingClientRect();
    const y = Math.max(box.top, 0) + Math.min(box.height, 20) / 2;
    const over = document.elementFromPoint(box.left + box.width / 2, y)?.closest('#bar, .banner');
    return over && !over.contains(one) ? one.outerHTML : null;
}"""


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
    expect(gestures.said(other, "bascule")).to_be_visible()
    page.bring_to_front()
    expect(page.locator(f"#bar:not([data-mark='{before}'])")).to_be_attached(timeout=30_000)
    expect(page.locator("#bar > .strip").first).to_have_attribute("data-state", "services")
    expect(page.get_by_label("Motif")).to_have_value("Toux")
    ours = other.locator(".decision").filter(has_text="Agenda en panne, essai")
    ours.get_by_role("button", name="Lever la décision").click()
    expect(gestures.said(other, "bascule_levee")).to_be_visible()
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


@pytest.mark.parametrize("size", [looking.DESKTOP, {"width": 390, "height": 844}], ids=["desk", "telephone"])
def test_it_is_said_on_a_page_that_was_scrolled_and_covers_nothing_that_is_typed(moreau: Visitor, size: ViewportSize) -> None:
    patient = gestures.register(moreau, "Aurore")
    page = moreau.goto(f"{patient.url}note/")
    page.set_viewport_size(size)
    page.locator("html[data-listens]").wait_for(state="attached")
    text = page.locator(TYPED)
    text.fill("\n".join(f"Ligne {number}." for number in range(60)))
    text.press("End")
    page.evaluate("() => scrollTo({ top: 400, behavior: 'instant' })")
    at = _top_line(page)
    gone, banner = page.locator("#bar > .strip[data-state=gone]"), page.locator(".banner")
    page.route("**/cabinet/bande/**", lambda route: route.abort("connectionrefused"))
    expect(gone).to_be_visible(timeout=60_000)
    expect(gone).to_be_in_viewport(ratio=1)
    box, below = gone.bounding_box(), banner.bounding_box()
    assert box
    assert below
    assert box["y"] == pytest.approx(0, abs=1)
    if below["y"] > -1:  # on a low screen the banner does not stick
        assert below["y"] >= box["y"] + box["height"] - 1
    caret = page.evaluate("() => document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest('#bar')")
    assert caret is None
    assert _top_line(page) >= at  # what stood at the top of the window stands below the strip, not under it
    page.keyboard.type("Suite.")
    expect(text).to_have_value(re.compile(r"Suite\.$"))
    for _ in range(8):  # whatever takes the focus stands below the strip and the banner
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(COVERED) is None
    text.focus()
    page.mouse.wheel(0, 2000)
    expect(gone).to_be_in_viewport(ratio=1)
    assert looking.violations(page, ["color-contrast", "scrollable-region-focusable"]) == []
    page.unroute("**/cabinet/bande/**")
    expect(gone).to_be_hidden(timeout=60_000)
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--gone')").strip() == "0px"
    page.set_viewport_size(looking.DESKTOP)  # type: ignore[arg-type]


def _top_line(page: Page) -> float:
    """Where the field that is typed in begins, in the window."""
    box = page.locator(TYPED).bounding_box()
    assert box
    return box["y"]
