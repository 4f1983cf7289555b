"""The guard before every view: deny by default, prove, lock, step up, freeze."""

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import clear_url_caches, path

from permanence.accounts import sessions
from permanence.journal import vault
from permanence.journal.doors import Actor
from permanence.lib import clock
from permanence.web.proof.keys import token_hash
from permanence.web.proof.middleware import ProofMiddleware
from tests.proof import urls
from tests.proof.conftest import NAVIGATION, Browser
from tests.proof.tools import HOST, BrowserKey
from tests.proof.urls import SECRET


def error(response: HttpResponse) -> tuple[int, str]:
    return response.status_code, response.headers.get("PoP-Error", "")


def state_of(browser: Browser) -> str:
    found = sessions.get(token_hash(browser.cookie))
    assert found is not None
    return found.state


@pytest.mark.parametrize("address", ["/signee", "/clinique", "/sensible", "/clinique/note.pdf", "/veille"])
def test_a_proved_request_is_served(browser: Browser, address: str) -> None:
    assert browser.send(address).content.decode() == SECRET


def test_a_public_page_needs_nothing(site: None) -> None:
    assert Client().get("/ouverte", secure=True, HTTP_HOST=HOST).content == b"public"


def test_an_unproved_navigation_gets_the_constant_shell(browser: Browser) -> None:
    first, second = (browser.plain(address, headers=NAVIGATION) for address in ("/clinique", "/signee"))
    assert error(first) == (401, "missing")
    strip = [response.content.decode().replace(nonce, "") for response in (first, second)
             for nonce in [response.headers["Content-Security-Policy"].split("'nonce-")[1].split("'")[0]]]
    assert strip[0] == strip[1]
    assert SECRET not in strip[0]
    assert "Moreau" not in strip[0]
    assert "Tilleuls" not in strip[0]
    assert "JavaScript est désactivé" in strip[0]


@pytest.mark.parametrize("headers", [
    {}, {"HX-Request": "true", "Accept": "text/html"}, {"Accept": "image/*"}, {"PoP-Page": "1", "Accept": "text/html"},
])
def test_any_other_unproved_request_gets_an_empty_401(browser: Browser, headers: dict[str, str]) -> None:
    response = browser.plain("/clinique", headers=headers)
    assert error(response) == (401, "missing")
    assert response.content == b""


def test_every_answer_gives_a_nonce_and_is_not_stored(browser: Browser) -> None:
    for response in (browser.plain("/clinique"), browser.send("/clinique"), browser.plain("/ouverte")):
        assert len(response.headers["PoP-Nonce"]) == 22
        assert response.headers["Cache-Control"] == "no-store"


def test_without_session_there_is_no_nonce_and_no_clinic(site: None) -> None:
    response = Browser().send("/clinique")
    assert error(response) == (401, "session")
    assert "PoP-Nonce" not in response.headers


def test_an_unknown_cookie_is_no_session(site: None) -> None:
    assert error(Browser(cookie="stolen").send("/clinique")) == (401, "session")


def test_a_proof_is_accepted_once(browser: Browser) -> None:
    browser.plain("/clinique")
    proof = browser.key.headers("GET", "/clinique", browser.nonce)
    assert browser.plain("/clinique", headers=proof).status_code == 200
    assert error(browser.plain("/clinique", headers=proof)) == (401, "replay")


def test_the_path_is_checked_as_it_was_sent(browser: Browser) -> None:
    browser.plain("/clinique")
    for raw, good in (("/clinique/a%20b", True), ("/clinique/a b", False)):
        proof = browser.key.headers("GET", raw, browser.nonce)
        response = browser.plain("/clinique/a%20b", headers=proof, RAW_URI="/clinique/a%20b")
        assert (response.status_code == 200) is good


def test_a_raw_target_that_is_not_the_decoded_one_is_refused(browser: Browser) -> None:
    browser.plain("/clinique")
    proof = browser.key.headers("GET", "/ouverte", browser.nonce)
    assert error(browser.plain("/clinique", headers=proof, RAW_URI="/ouverte")) == (401, "components")


def test_without_raw_target_the_path_is_encoded_again_as_browsers_do(browser: Browser) -> None:
    browser.plain("/clinique")
    proof = browser.key.headers("GET", "/clinique/a%20b", browser.nonce)
    assert browser.plain("/clinique/a%20b", headers=proof).status_code == 200


def test_another_address_is_not_served(site: None) -> None:
    assert Client().get("/ouverte", secure=True, HTTP_HOST="evil.example").status_code == 400


def test_the_head_method_is_proved_too(browser: Browser) -> None:
    assert error(browser.plain("/clinique", method="HEAD")) == (401, "missing")


def test_a_new_key_is_announced_promoted_at_first_use_and_the_old_one_fades(browser: Browser) -> None:
    old, fresh = browser.key, BrowserKey()
    body = b'{"jwk": %s}' % str(fresh.jwk).replace("'", '"').encode()
    assert browser.send("/session/cle", method="POST", data=body).status_code == 200
    assert browser.send("/clinique").status_code == 200, "the old key signs until the new one has been used"
    assert browser.send("/clinique", key=fresh).status_code == 200
    assert browser.send("/clinique", key=old).status_code == 200, "what was on its way"
    with clock.override(offset=timedelta(seconds=11)):
        sessions.forget()
        assert browser.send("/clinique", key=fresh).status_code == 200


def rotated(browser: Browser) -> BrowserKey:
    """Rotate and use the new key; returns the old one."""
    old, fresh = browser.key, BrowserKey()
    body = b'{"jwk": %s}' % str(fresh.jwk).replace("'", '"').encode()
    browser.send("/session/cle", method="POST", data=body)
    browser.key = fresh
    browser.send("/clinique")
    return old


def test_a_retired_key_freezes_the_session_for_both(browser: Browser) -> None:
    old = rotated(browser)
    with clock.override(offset=timedelta(seconds=11)):
        assert error(browser.send("/clinique", key=old)) == (401, "retired")
        assert error(browser.send("/clinique")) == (401, "frozen")
        assert state_of(browser) == "frozen"


def test_a_cookie_thief_without_the_key_cannot_freeze_anybody(browser: Browser) -> None:
    old = rotated(browser)
    with clock.override(offset=timedelta(seconds=11)):
        browser.plain("/clinique")
        claim = old.headers("GET", "/clinique", browser.nonce)
        claim["Signature"] = BrowserKey().headers("GET", "/clinique", browser.nonce)["Signature"]
        assert error(browser.plain("/clinique", headers=claim)) == (401, "signature")
        assert browser.send("/clinique").status_code == 200


def test_a_session_idle_for_fifteen_minutes_is_locked(browser: Browser) -> None:
    browser.send("/clinique")
    with clock.override(offset=timedelta(minutes=15, seconds=1)):
        assert error(browser.send("/clinique")) == (401, "uv")
        assert state_of(browser) == "locked"


def test_what_the_page_does_by_itself_is_no_sign_of_a_person(browser: Browser) -> None:
    browser.send("/clinique")
    for minutes in (5, 10, 14):
        with clock.override(offset=timedelta(minutes=minutes)):
            assert browser.send("/veille").status_code == 200
    with clock.override(offset=timedelta(minutes=16)):
        assert error(browser.send("/veille")) == (401, "uv")


def test_a_person_at_work_is_not_locked(browser: Browser) -> None:
    for minutes in (10, 20, 30):
        with clock.override(offset=timedelta(minutes=minutes)):
            assert browser.send("/clinique").status_code == 200


def test_a_locked_page_gets_the_shell_and_no_data(browser: Browser) -> None:
    browser.plain("/entrer", headers=NAVIGATION)
    locked = browser.send("/session/verrouiller", method="POST", data=b"{}")
    assert (locked.status_code, locked.headers["PoP-Locked"]) == (204, "1")
    response = browser.send("/clinique", headers=NAVIGATION)
    assert error(response) == (401, "uv")
    assert SECRET not in response.content.decode()


def test_a_sensitive_route_asks_a_touch_less_than_five_minutes_old(browser: Browser) -> None:
    with clock.override(offset=timedelta(minutes=4, seconds=50)):
        assert browser.send("/sensible").status_code == 200
    with clock.override(offset=timedelta(minutes=5, seconds=1)):
        assert error(browser.send("/sensible")) == (401, "uv")
        assert browser.send("/clinique").status_code == 200


def test_after_twelve_hours_the_session_is_over(browser: Browser) -> None:
    with clock.override(offset=timedelta(hours=12, seconds=1)):
        assert error(browser.send("/clinique")) == (401, "session")


def test_an_ended_session_reads_nothing(browser: Browser, moreau: Actor) -> None:
    assert moreau.member is not None
    sessions.end_all(moreau.member)
    assert error(browser.send("/clinique")) == (401, "session")


def test_a_write_without_csrf_token_is_refused_even_when_proved(browser: Browser) -> None:
    assert browser.send("/clinique", method="POST", data=b"{}").status_code == 403


def test_a_page_signed_redirect_is_told_to_the_page(browser: Browser) -> None:
    response = browser.send("/deplace", headers={"PoP-Page": "1"})
    assert (response.status_code, response.headers["PoP-Location"]) == (200, "/clinique")
    assert browser.send("/deplace").status_code == 302


def test_sealed_only_the_unlock_page_and_the_probe_answer(browser: Browser) -> None:
    vault.use(None)
    assert browser.plain("/sante").json() == {"status": "sealed"}
    assert browser.plain("/deverrouiller", headers=NAVIGATION).status_code == 200
    assert browser.plain("/clinique", headers=NAVIGATION).headers["Location"] == "/deverrouiller"
    assert error(browser.plain("/clinique")) == (503, "sealed")
    assert error(browser.plain("/entrer")) == (503, "sealed")
    for address in ("/deverrouiller", "/sante"):
        page = browser.plain(address, headers=NAVIGATION).content.decode()
        assert "Tilleuls" not in page
        assert "Moreau" not in page


def test_the_probe_says_ready(site: None) -> None:
    assert Client().get("/sante", secure=True, HTTP_HOST=HOST).json() == {"status": "ready"}


def test_an_untagged_route_is_refused_at_start_and_by_the_guard(site: None) -> None:
    def forgotten(request: HttpRequest) -> HttpResponse:
        return HttpResponse(SECRET)

    urls.urlpatterns.append(path("oubliee", forgotten))
    try:
        clear_url_caches()
        with pytest.raises(ImproperlyConfigured, match="oubliee"):
            ProofMiddleware(lambda request: HttpResponse())
        guard = ProofMiddleware(lambda request: HttpResponse(), check_routes=False)
        refused = guard.process_view(HttpRequest(), forgotten, (), {})
        assert refused is not None
        assert refused.status_code == 401
    finally:
        urls.urlpatterns.pop()
        clear_url_caches()
