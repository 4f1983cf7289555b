"""Whoever copies every cookie of a signed-in browser reads nothing: no page, fragment, image, download, or stream."""

import pytest

from permanence.web.proof.headers import content_security_policy
from permanence.web.routes import Tag, rule_of, walk
from tests.proof.conftest import NAVIGATION, Browser
from tests.proof.tools import BrowserKey
from tests.proof.urls import SECRET

KINDS = {
    "page": NAVIGATION,
    "fragment": {"HX-Request": "true", "Accept": "text/html"},
    "image": {"Sec-Fetch-Dest": "image", "Accept": "image/*"},
    "frame": {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Mode": "navigate"},
    "stream": {"Accept": "text/event-stream"},
    "download": {"Sec-Fetch-Dest": "empty"},
    "worker's form": {"PoP-Page": "1"},
}


def thief_of(browser: Browser) -> Browser:
    """Every cookie, the last nonce, and a key of the thief's own; not the owner's key."""
    thief = Browser(cookie=browser.cookie, key=BrowserKey())
    for name, cookie in browser.client.cookies.items():
        thief.client.cookies[name] = cookie.value
    thief.nonce = browser.nonce
    return thief


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("signs", [False, True])
def test_a_copied_cookie_reads_nothing(browser: Browser, kind: str, signs: bool) -> None:
    assert browser.send("/clinique").content.decode() == SECRET
    thief = thief_of(browser)
    ask = thief.send if signs else thief.plain
    for where, item in walk():
        if (rule := rule_of(item.callback)) is None or rule.tag is Tag.PUBLIC or "<" in where:
            continue
        for method in ("GET", "HEAD", "POST"):
            response = ask(f"/{where}", method=method, headers=KINDS[kind])
            assert response.status_code == 401, (where, method)
            assert SECRET not in response.content.decode()
            assert response.headers["PoP-Error"] in ("missing", "unknown-key", "components")
    assert browser.send("/clinique").status_code == 200, "the owner is not disturbed"


def test_a_recorded_request_reads_nothing_twice(browser: Browser) -> None:
    """A proxy's log: cookies and proof together."""
    browser.plain("/clinique")
    recorded = browser.key.headers("GET", "/clinique", browser.nonce)
    assert browser.plain("/clinique", headers=recorded).status_code == 200
    thief = thief_of(browser)
    assert thief.plain("/clinique", headers=recorded).headers["PoP-Error"] == "replay"
    assert thief.plain("/sensible", headers=recorded).headers["PoP-Error"] == "signature"


def test_a_ticket_serves_once_for_its_session_and_address(browser: Browser) -> None:
    browser.plain("/entrer", headers=NAVIGATION)

    def ticket() -> str:
        address: str = browser.send("/billet", method="POST", data=b'{"adresse": "/clinique/a?x=1"}').json()["adresse"]
        return address

    first = ticket()
    assert browser.plain(first).content.decode() == SECRET
    assert browser.plain(first).headers["PoP-Error"] == "missing"
    assert browser.plain(ticket().replace("clinique/a", "clinique/b")).headers["PoP-Error"] == "missing"
    assert thief_of(browser).plain(ticket().replace("x=1", "x=2")).headers["PoP-Error"] == "missing"
    assert browser.plain(ticket(), method="POST").status_code == 401
    other = thief_of(browser)
    other.client.cookies["__Host-session"] = "another"
    assert other.plain(ticket()).headers["PoP-Error"] == "session"


def test_no_ticket_for_a_public_or_unknown_address(browser: Browser) -> None:
    browser.plain("/entrer", headers=NAVIGATION)
    for address in ("/ouverte", "/nulle-part", "https://evil.example/", "//evil.example/clinique", ""):
        response = browser.send("/billet", method="POST", data=b'{"adresse": "%s"}' % address.encode())
        assert response.status_code == 403, address


def test_every_answer_carries_the_strict_policy(browser: Browser) -> None:
    plain = [browser.plain(address) for address in ("/clinique", "/entrer", "/rien")]
    for response in (browser.send("/clinique"), *plain):
        policy = response.headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "require-trusted-types-for 'script'", "frame-ancestors 'none'",
                     "base-uri 'none'"):
            assert part in policy
        assert "unsafe" not in policy
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_only_what_is_meant_to_be_framed_may_be_framed() -> None:
    assert "frame-ancestors 'self'" in content_security_policy("n", framed=True)
    assert "frame-ancestors 'none'" in content_security_policy("n")
