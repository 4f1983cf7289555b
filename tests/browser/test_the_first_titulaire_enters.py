"""The code of `init`, a key, a post, and the day: under the practice's own name, certificate errors never ignored."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Error, Playwright, expect

from tests.browser.cabinet import NAME, PRACTICE, Cabinet
from tests.browser.chromium import Person, Post, chromium, home_that_trusts
from tests.browser.conftest import first_titulaire


def test_the_first_titulaire_enters_with_the_code_of_init(own_cabinet: Cabinet, fresh_post: Callable[..., Post]) -> None:
    visitor = first_titulaire(fresh_post(own_cabinet))
    page = visitor.page
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour Dr Claire MOREAU")
    assert page.url.startswith(f"https://{NAME}:")
    assert page.evaluate("isSecureContext && Boolean(navigator.serviceWorker.controller)")
    expect(page.locator(".brand-name")).to_have_text(PRACTICE)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")
    assert visitor.problems == []


def test_a_code_is_good_once(own_cabinet: Cabinet, fresh_post: Callable[..., Post]) -> None:
    first_titulaire(fresh_post(own_cabinet))
    page = fresh_post(own_cabinet).sit(Person("quelqu’un")).goto("/invitation")
    page.get_by_label("Code d’invitation").fill(own_cabinet.first_key)
    page.get_by_role("button", name="Créer ma clé").click()
    expect(page.get_by_role("alert")).to_contain_text("Ce code n’est pas valable")


def test_a_browser_without_the_authority_refuses_the_page(cabinet: Cabinet, playwright_here: Playwright, tmp_path: Path) -> None:
    """TLS apart from WebAuthn: a virtual authenticator would sign after a click-through, real ones do not."""
    with chromium(playwright_here, home_that_trusts(tmp_path, None)) as browser:
        page = browser.new_context().new_page()
        with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
            page.goto(cabinet.origin + "/entrer")
