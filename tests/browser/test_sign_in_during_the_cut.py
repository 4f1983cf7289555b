"""The plug of the office machine is pulled and no name resolves but the laptop's: one signs in there with the same key, works, and all
comes back together. Names that are no localhost, the practice's own certificates, errors never ignored, no « Entrer comme… »."""

import datetime
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright, expect

from permanence.lib import pki
from tests.browser import gestures
from tests.browser.cabinet import NAME, RP_ID, Cabinet, until
from tests.browser.chromium import Person, Post, Visitor, chromium_profile, home_that_trusts
from tests.browser.conftest import first_titulaire
from tests.browser.gestures import Patient

LAPTOP = f"portable.{RP_ID}"
DAY = 24 * 60  # minutes
BOTH = f"MAP {NAME} 127.0.0.1, MAP {LAPTOP} 127.0.0.1"
ONLY_THE_LAPTOP = f"MAP {LAPTOP} 127.0.0.1, MAP * ~NOTFOUND"
WORDS = "Vue pendant la coupure : angine, tout va bien."
ANSWERED = "here => location.pathname !== here || document.querySelector('[data-problem]')?.textContent"  # taken, or why not


@pytest.fixture
def laptop(own_cabinet: Cabinet, tmp_path: Path) -> Iterator[Cabinet]:
    """Paired forty days ago: its certificate is that old."""
    own_cabinet.later(-40 * DAY)
    made = own_cabinet.join(tmp_path / "portable", LAPTOP)
    own_cabinet.later(0)
    yield made.serve()
    made.stop()


def test_sign_in_during_the_cut(own_cabinet: Cabinet, laptop: Cabinet, playwright_here: Playwright, tmp_path: Path) -> None:
    home, moreau = home_that_trusts(tmp_path / "home", own_cabinet.authority), Person("Claire Moreau")

    @contextmanager
    def browser(cabinet: Cabinet, rules: str) -> Iterator[BrowserContext]:
        with chromium_profile(playwright_here, home, tmp_path / "profile", cabinet.origin, rules=rules) as context:
            context.set_default_timeout(20_000)
            yield context

    with browser(own_cabinet, BOTH) as context:
        moreau, patient = _the_morning_before(own_cabinet, laptop, context)
        _the_office_dies_under_a_page(own_cabinet, laptop, context, moreau)
    _certificate_outlives_the_cut(own_cabinet, laptop)
    laptop.later(20 * DAY)  # three weeks without the office, and a clock that nobody can compare
    with browser(laptop, ONLY_THE_LAPTOP) as context:
        visitor = Post(laptop, context).sit(moreau)
        gestures.enter(visitor)
        gestures.sign_note(visitor, patient, "Angine", WORDS)
        expect(visitor.goto(patient.url).locator("body")).to_contain_text(WORDS)
        visitor.keep_key()
        assert visitor.problems == []
    laptop.later(0)
    own_cabinet.serve().unlock()
    with browser(own_cabinet, BOTH) as context:
        visitor = Post(own_cabinet, context).sit(moreau)
        gestures.enter(visitor)
        until(lambda: WORDS in visitor.goto(patient.url).locator("body").inner_text(), "the office has the note of the cut")
    own_cabinet.stop()
    laptop.stop()
    assert "Tout est conforme" in own_cabinet.verify()
    assert "Tout est conforme" in laptop.verify()


def _the_morning_before(office: Cabinet, laptop: Cabinet, context: BrowserContext) -> tuple[Person, Patient]:
    """The first titulaire, a patient, and this browser known at the laptop too: one click, no code."""
    visitor = first_titulaire(Post(office, context))
    patient = gestures.register(visitor, "Jeanne")
    until(lambda: _offered(visitor), "the laptop has said where it is found")
    visitor.page.get_by_role("button", name="Enregistrer sur").click()
    expect(visitor.page.locator("#toasts")).to_contain_text("Poste connu de l’autre machine")
    until(lambda: "Connu de chaque machine" in visitor.goto("/cabinet/prets/").locator("main").inner_text(), "the office has heard of it")
    visitor.keep_key()
    there = Post(laptop, context).sit(visitor.person)
    until(lambda: _known(there, patient), "the laptop knows the post and has heard of the patient")
    visitor.keep_key()
    there.keep_key()
    return there.person, patient


def _the_office_dies_under_a_page(office: Cabinet, laptop: Cabinet, context: BrowserContext, moreau: Person) -> None:
    """The page that was open says so and shows the way; so does the worker, in the place of a page that does not come."""
    visitor = Post(office, context).sit(moreau)
    page, door = visitor.goto("/"), re.compile("Continuer sur .+")
    page.locator("#bar [data-door]").wait_for(state="attached")
    office.kill()
    expect(page.locator("#bar").get_by_role("link", name=door)).to_have_attribute("href", f"{laptop.origin}/", timeout=60_000)
    page.get_by_role("link", name="Agenda").first.click()
    expect(page.get_by_role("heading", name="Cette machine ne répond plus")).to_be_visible(timeout=60_000)
    expect(page.locator("html")).to_have_css("color-scheme", "light dark")  # at night the whole page is dark, not its text alone
    expect(page.get_by_role("link", name=door)).to_have_attribute("href", f"{laptop.origin}/")
    page.close()


def _offered(visitor: Visitor) -> bool:
    return visitor.goto("/cabinet/prets/").get_by_role("button", name="Enregistrer sur").is_visible()


def _known(visitor: Visitor, patient: Patient) -> bool:
    page = visitor.goto("/entrer")
    page.get_by_role("button", name="Entrer avec ma clé").click()
    page.wait_for_function(ANSWERED, arg="/entrer")
    return gestures.HOME.match(page.url) is not None and patient.shown in visitor.goto(patient.url).locator("body").inner_text()


def _certificate_outlives_the_cut(office: Cabinet, laptop: Cabinet) -> None:
    """By a library, at an instant that the browser's own clock will not reach here."""
    leaf, authority = (laptop.folder / "seal" / "tls" / "cert.pem").read_bytes(), office.authority.read_bytes()
    now = datetime.datetime.now(datetime.UTC)
    assert pki.remaining(leaf, now=now) < pki.LEAF_LIFE - datetime.timedelta(days=39)
    for later in (0, 40):
        pki.check_leaf(leaf, authority, LAPTOP, now=now + datetime.timedelta(days=later))
