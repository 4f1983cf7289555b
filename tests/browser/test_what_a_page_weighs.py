"""Bytes on the wire, TLS and headers included: the first visit of a browser that has nothing yet, then each next page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.browser import gestures
from tests.browser.cabinet import NAME, Cabinet
from tests.browser.chromium import Visitor, chromium, home_that_trusts, new_post
from tests.browser.relay import Relay

FIRST_VISIT, NEXT_PAGE = 125_000, 15_000


@pytest.fixture
def weighed(cabinet: Cabinet, playwright_here: Playwright, tmp_path: Path) -> Iterator[tuple[Browser, Relay]]:
    """A Chromium of its own whose every byte passes the relay."""
    relay = Relay(cabinet.port)
    home = home_that_trusts(tmp_path, cabinet.authority)
    with chromium(playwright_here, home, rules=f"MAP {NAME}:{cabinet.port} 127.0.0.1:{relay.port}") as browser:
        yield browser, relay
    relay.close()


def quiet(page: Page) -> None:
    page.wait_for_load_state("networkidle")


def test_a_first_visit_and_the_pages_after_it(moreau: Visitor, cabinet: Cabinet, weighed: tuple[Browser, Relay]) -> None:
    browser, relay = weighed
    patient = gestures.register(moreau, "Simone")
    for number in range(12):
        gestures.sign_note(moreau, patient, f"Renouvellement {number}", "Même traitement, tension équilibrée, revu dans trois mois. " * 4)
    code = gestures.code_of_a_new_post(moreau, "Balance")
    moreau.keep_key()
    second = new_post(browser, cabinet).sit(moreau.person)
    gestures.enrol_post(second, code)
    gestures.approve_all_posts(moreau)
    gestures.enter(second)
    quiet(second.page)
    first, pages = relay.received, dict[str, int]()
    for path in (patient.url, "/patients/", f"{patient.url}identite/", f"{patient.url}note/", "/cabinet/membres/", "/"):
        for _ in range(5):  # the least: now and then the browser asks besides whether its worker has changed, which weighs 5 kB
            before = relay.received
            second.goto(path)
            quiet(second.page)
            pages[path] = min(pages.get(path, relay.received), relay.received - before)
            if pages[path] <= NEXT_PAGE:
                break
    moreau.plug(second.person)
    second.post.context.close()
    print(first, pages)
    assert first <= FIRST_VISIT
    assert {path: weight for path, weight in pages.items() if weight > NEXT_PAGE} == {}
