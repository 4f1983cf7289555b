"""The proof in Debian's Chromium, with a virtual authenticator: what the browser sends, what htmx sends, what is refused."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import ThreadingMixIn
from types import SimpleNamespace
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.urls import clear_url_caches
from playwright.sync_api import BrowserContext, Error, Page, expect, sync_playwright

from permanence.accounts import actions, queries, sessions
from permanence.accounts.proof import from_b64url
from permanence.journal import vault
from permanence.journal.doors import Actor
from permanence.lib import clock
from permanence.web.account import sealport
from permanence.web.account.limits import codes
from tests.browser.chromium import SHELL
from tests.cast import reader_for
from tests.proof.conftest import MIDDLEWARE
from tests.proof.tools import Folder

expect.set_options(timeout=20_000)  # a condition on a busy machine, never a measure
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--no-first-run"]
pytestmark = [pytest.mark.browser, pytest.mark.slow,
              pytest.mark.skipif(not SHELL.exists(), reason="Debian's chromium is not installed")]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module", autouse=True)
def _beside_playwright() -> Iterator[None]:
    """Playwright's loop runs in this thread, so Django takes us for a coroutine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "yes")
        yield


@pytest.fixture
def origin(settings: Any, live_cast: Mapping[str, Actor]) -> Iterator[str]:
    """The browser's site on a real server, over the live folder, at a localhost name."""
    settings.ROOT_URLCONF, settings.MIDDLEWARE = "tests.proof.browser_urls", MIDDLEWARE
    settings.STATIC_URL, settings.DEBUG = "/static/", True  # DEBUG: the static handler's finders
    clear_url_caches()
    codes.clear()
    server = make_server("127.0.0.1", 0, None, Server, Quiet)  # type: ignore[arg-type]
    port = server.server_address[1]
    settings.PERMANENCE_ORIGIN, settings.PERMANENCE_RP_ID = f"http://localhost:{port}", "localhost"
    settings.PERMANENCE_CONSOLE_ORIGIN = ""
    server.set_app(StaticFilesHandler(WSGIHandler()))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield str(settings.PERMANENCE_ORIGIN)
    server.shutdown()
    server.server_close()
    clear_url_caches()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(SHELL), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visitor(chromium: Any, origin: str) -> Iterator[SimpleNamespace]:
    """A fresh browser profile with a virtual authenticator, and what went wrong in its console."""
    context: BrowserContext = chromium.new_context(base_url=origin, accept_downloads=True)
    page: Page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if "Content Security" in line.text
            or "Trusted" in line.text else None)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    key = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "hasPrf": True}})["authenticatorId"]
    yield SimpleNamespace(context=context, page=page, problems=problems, devtools=devtools, key=key, origin=origin)
    context.close()


def enrol_and_sign_in(visitor: SimpleNamespace, cast: Mapping[str, Actor], name: str = "benali") -> None:
    page = visitor.page
    page.goto("/poste")
    page.get_by_label("Code affiché").fill(actions.invite_post(by=cast["moreau"]).code)
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url("**/entrer")
    for post in queries.posts(reader=reader_for(cast["moreau"])):
        actions.approve_post(post.id, by=cast["moreau"])
    first_key(visitor, cast, name)
    page.get_by_role("button", name="Entrer avec ma clé").click()
    page.wait_for_url(visitor.origin + "/")
    expect(page.locator("#title")).to_have_text("Page un")


def first_key(visitor: SimpleNamespace, cast: Mapping[str, Actor], name: str) -> None:
    member = cast[name].member
    assert member is not None
    visitor.page.goto("/invitation")
    visitor.page.get_by_label("Code d’invitation").fill(actions.reinvite_member(member, by=cast["moreau"]).code)
    visitor.page.get_by_role("button", name="Créer ma clé").click()
    visitor.page.wait_for_url("**/entrer")


def session_of(cast: Mapping[str, Actor], name: str = "benali") -> Any:
    member = cast[name].member
    assert member is not None
    return sessions.for_member(member)[0]


def test_everything_a_page_asks_for_is_proved(visitor: SimpleNamespace, live_cast: Mapping[str, Actor]) -> None:
    enrol_and_sign_in(visitor, live_cast)
    page = visitor.page
    expect(page.locator("#loaded")).to_contain_text("morceau chargement current")
    assert page.locator("#image").evaluate("image => image.decode().then(() => image.naturalWidth)") == 7
    expect(page.frame_locator("#frame").locator("p")).to_have_text("dans le cadre")
    page.locator("#typed").fill("toux depuis 3 j, été")
    page.locator("#write").click()
    expect(page.locator("#answer")).to_have_text("écrit : toux depuis 3 j, été")
    page.locator("#file").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"volet"})
    page.locator("#upload").click()
    expect(page.locator("#answer")).to_have_text("écrit : volet")
    with page.expect_download() as saved:
        page.locator("#download").click()
    assert saved.value.path().read_text() == "contenu"
    page.locator("#next").click()
    expect(page.locator("#title")).to_have_text("Page deux")
    page.locator("#hop").click()
    expect(page.locator("#title")).to_have_text("Page arrivee")
    page.evaluate("self.before = true")
    page.locator("#native").click()
    page.wait_for_function("() => !self.before && document.querySelector('#loaded')?.textContent.includes('morceau')")
    assert page.url.endswith("/page/arrivee")
    page.reload()
    expect(page.locator("#loaded")).to_contain_text("morceau")
    assert session_of(live_cast).tier == "worker"
    assert visitor.problems == []


def test_the_copied_cookies_of_a_real_browser_read_nothing(visitor: SimpleNamespace, live_cast: Mapping[str, Actor]) -> None:
    enrol_and_sign_in(visitor, live_cast)
    cookies = "; ".join(f"{c['name']}={c['value']}" for c in visitor.context.cookies())
    for address in ("/", "/page/deux", "/morceau?de=vol", "/image.svg", "/fichier"):
        thief = HTTPConnection(visitor.origin.removeprefix("http://"))
        thief.request("GET", address, headers={"Cookie": cookies, "Accept": "text/html"})
        answer = thief.getresponse()
        assert answer.status == 401
        assert "morceau" not in answer.read().decode()
        thief.close()


def test_typed_text_survives_a_lock_and_the_same_request_goes_through(visitor: SimpleNamespace,
                                                                      live_cast: Mapping[str, Actor]) -> None:
    enrol_and_sign_in(visitor, live_cast)
    page = visitor.page
    page.locator("#typed").fill("long texte")
    with clock.override(offset=timedelta(minutes=16)):
        page.locator("#write").click()
        expect(page.get_by_role("dialog")).to_contain_text("Session verrouillée")
        page.get_by_role("button", name="Continuer avec ma clé").click()
        expect(page.locator("#answer")).to_have_text("écrit : long texte")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.locator("#typed").input_value() == "long texte"


def test_declining_the_touch_keeps_the_page_as_it_is(visitor: SimpleNamespace, live_cast: Mapping[str, Actor]) -> None:
    enrol_and_sign_in(visitor, live_cast)
    page = visitor.page
    page.locator("#typed").fill("texte")
    with clock.override(offset=timedelta(minutes=6)):
        page.locator("#sensitive").click()
        page.get_by_role("button", name="Plus tard").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert page.locator("#answer").inner_text() == ""
        assert page.locator("#typed").input_value() == "texte"
        page.locator("#sensitive").click()
        page.get_by_role("button", name="Continuer avec ma clé").click()
        expect(page.locator("#answer")).to_have_text("écrit : texte")


def test_a_locked_navigation_asks_the_touch_then_shows_the_page(visitor: SimpleNamespace,
                                                                live_cast: Mapping[str, Actor]) -> None:
    enrol_and_sign_in(visitor, live_cast)
    page = visitor.page
    page.locator("#lock").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.goto("/page/deux", referer=visitor.origin)
    page.get_by_role("button", name="Continuer avec ma clé").click()
    expect(page.locator("#title")).to_have_text("Page deux")


def test_another_person_takes_the_post_without_reloading(visitor: SimpleNamespace, live_cast: Mapping[str, Actor]) -> None:
    enrol_and_sign_in(visitor, live_cast)
    page = visitor.page
    before = session_of(live_cast)
    kept = visitor.devtools.send("WebAuthn.getCredentials", {"authenticatorId": visitor.key})["credentials"]
    visitor.devtools.send("WebAuthn.clearCredentials", {"authenticatorId": visitor.key})
    other = visitor.context.new_page()
    devtools = visitor.context.new_cdp_session(other)
    devtools.send("WebAuthn.enable")
    key = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True}})["authenticatorId"]
    first_key(SimpleNamespace(page=other), live_cast, "sophie")
    made = devtools.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"][0]
    other.close()
    visitor.devtools.send("WebAuthn.addCredential", {"authenticatorId": visitor.key, "credential": made})
    page.locator("#lock").click()
    page.get_by_role("button", name="Continuer avec ma clé").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.wait_for_url(visitor.origin + "/")
    assert session_of(live_cast, "sophie").state == "active"
    found = sessions.of_id(before.id)
    assert found is not None
    assert found.state == "locked"
    assert kept


def test_the_key_rotates_and_a_copied_profile_freezes_the_session(visitor: SimpleNamespace,
                                                                  live_cast: Mapping[str, Actor]) -> None:
    enrol_and_sign_in(visitor, live_cast)
    page = visitor.page
    first = session_of(live_cast)
    page.evaluate("pop.read('key').then(([key]) => { self.copied = key; return pop.rotate(true); })")
    assert page.evaluate("self.copied.key.extractable") is False
    page.locator("#write").click()
    expect(page.locator("#answer")).to_contain_text("écrit")
    assert session_of(live_cast).keys["previous"]["thumbprint"] == first.keys["current"]["thumbprint"]
    with clock.override(offset=timedelta(seconds=30)):
        # What a copied profile would send: the same cookie, the key as it was when it was copied.
        used = page.evaluate("""pop.write({ key: self.copied })
            .then(() => pop.send('GET', new URL('/morceau', location), null, headers => fetch('/morceau', { headers })))
            .then(answer => answer.headers.get('PoP-Error'))""")
        assert used == "retired"
        page.locator("#typed").fill("après")
        page.locator("#write").click()
        expect(page.get_by_role("dialog")).to_contain_text("aussi été utilisée ailleurs")
        page.get_by_role("button", name="Continuer avec ma clé").click()
        expect(page.locator("#answer")).to_have_text("écrit : après")
        assert session_of(live_cast).id != first.id


def test_a_form_of_another_site_writes_nothing(visitor: SimpleNamespace, live_cast: Mapping[str, Actor]) -> None:
    enrol_and_sign_in(visitor, live_cast)
    port = visitor.origin.rsplit(":", 1)[1]
    evil = visitor.context.new_page()
    evil.route(re.compile("http://evil.localhost"), lambda route: route.fulfill(
        content_type="text/html", body=f'<form method=post action="http://localhost:{port}/ecrire">'
        '<input name=typed value=faux><button id=go>go</button></form>'))
    evil.goto("http://evil.localhost/")
    with evil.expect_response(re.compile("/ecrire")) as refused:
        evil.locator("#go").click()
    assert refused.value.status == 401
    assert not refused.value.from_service_worker


@pytest.mark.parametrize("link", ["<a id=go href={}>oui</a>", "<a id=go rel=noreferrer href={}>oui</a>",
                                  "<a id=go target=_blank rel=noreferrer href={}>oui</a>",
                                  "<button id=go onclick=\"location.replace('{}')\">oui</button>"])
def test_a_link_of_another_site_opens_nothing_by_itself(visitor: SimpleNamespace, live_cast: Mapping[str, Actor], link: str) -> None:
    """With or without a referrer: the shell asks; « Ouvrir » opens; a page opened so is asked for again without a word."""
    enrol_and_sign_in(visitor, live_cast)
    evil, sent = visitor.context.new_page(), []
    visitor.context.on("request", lambda request: sent.append(request) if "/page/deux" in request.url else None)
    evil.route(re.compile("http://evil.localhost"), lambda route: route.fulfill(
        content_type="text/html", body=link.format(f"{visitor.origin}/page/deux")))
    evil.goto("http://evil.localhost/")
    if "_blank" in link:
        with visitor.context.expect_page() as opened:
            evil.locator("#go").click()
        page = opened.value
    else:
        evil.locator("#go").click()
        page = evil
    ask = page.get_by_role("button", name="Ouvrir")
    expect(ask).to_be_enabled()
    assert [request.response().status for request in sent if request.response()] == [401]
    ask.press("Enter")
    expect(page.locator("#title")).to_have_text("Page deux")
    page.reload()
    expect(page.locator("#title")).to_have_text("Page deux")


def test_a_page_that_reloads_into_ours_opens_nothing_by_itself(visitor: SimpleNamespace, live_cast: Mapping[str, Actor]) -> None:
    """A reload that is redirected keeps being a reload: that says nothing of who wants the page."""
    enrol_and_sign_in(visitor, live_cast)
    seen = []

    class Evil(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            again = len([path for path in seen if path == "/x"]) > 1
            self.send_response(302 if again else 200)
            self.send_header("Location" if again else "Content-Type", f"{visitor.origin}/page/deux" if again else "text/html")
            self.end_headers()
            self.wfile.write(b"" if again else b"<meta name=referrer content=no-referrer><script>onload = () => location.reload()</script>")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Evil)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = visitor.context.new_page()
    try:
        page.goto(f"http://127.0.0.1:{server.server_address[1]}/x")
        page.wait_for_url("**/page/deux")
        expect(page.get_by_role("button", name="Ouvrir")).to_be_visible()
        expect(page.locator("#title")).to_have_count(0)
    finally:
        server.shutdown()
        server.server_close()


def test_the_first_page_needs_no_question(visitor: SimpleNamespace, live_cast: Mapping[str, Actor]) -> None:
    enrol_and_sign_in(visitor, live_cast)
    page = visitor.context.new_page()
    page.goto("/")
    expect(page.locator("#title")).to_have_text("Page un")


def test_a_click_meant_for_the_page_before_does_not_count(visitor: SimpleNamespace, live_cast: Mapping[str, Actor]) -> None:
    enrol_and_sign_in(visitor, live_cast)
    visitor.context.add_init_script("const wait = self.setTimeout; self.setTimeout = (work, ms, ...more) => wait(work, 100 * ms, ...more)")
    page = visitor.context.new_page()
    page.goto("/page/deux")  # its moment lasts a minute: nobody comes too late to see it
    expect(page.locator("[data-ask]")).to_be_visible()
    expect(page.get_by_role("button", name="Ouvrir")).to_be_disabled()


def test_a_browser_that_keeps_no_key_is_told_so_and_shows_no_data(visitor: SimpleNamespace,
                                                                  live_cast: Mapping[str, Actor]) -> None:
    visitor.context.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); }")
    visitor.page.goto("/page/deux", referer=visitor.origin)
    expect(visitor.page.get_by_role("status")).to_contain_text("ne garde pas de clé")


def test_without_worker_pages_are_fetched_signed(visitor: SimpleNamespace, chromium: Any,
                                                 live_cast: Mapping[str, Actor]) -> None:
    visitor.context.add_init_script("Object.defineProperty(navigator, 'serviceWorker', { value: undefined })")
    page = visitor.page
    page.goto("/poste")
    page.get_by_label("Code affiché").fill(actions.invite_post(by=live_cast["moreau"]).code)
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url("**/entrer")
    for post in queries.posts(reader=reader_for(live_cast["moreau"])):
        actions.approve_post(post.id, by=live_cast["moreau"])
    first_key(visitor, live_cast, "benali")
    page.get_by_role("button", name="Entrer avec ma clé").click()
    expect(page.locator("#title")).to_have_text("Page un")
    expect(page.locator("#loaded")).to_contain_text("morceau chargement")
    expect(page.frame_locator("#frame").locator("p")).to_have_text("dans le cadre")
    page.wait_for_function("() => document.querySelector('#image').naturalWidth === 7")
    page.locator("#next").click()
    expect(page.locator("#title")).to_have_text("Page deux")
    page.locator("#typed").fill("sans travailleur")
    page.locator("#write").click()
    expect(page.locator("#answer")).to_have_text("écrit : sans travailleur")
    assert session_of(live_cast).tier == "page"


SLOT = """(async () => {
    const seal = await (await fetch('/deverrouiller/sceau')).json();
    const bytes = unlocking.fromB64url;
    const credential = await navigator.credentials.get({ publicKey: { challenge: pop.random(32), rpId: seal.rpId,
      userVerification: 'required', extensions: { prf: { eval: { first: bytes(seal.prfSalt) } } } } });
    const secret = credential.getClientExtensionResults().prf.results.first;
    return unlocking.b64url((await unlocking.passkeyPair(secret, bytes(seal.practice), bytes(seal.replica))).publicKey);
})()"""


def test_a_passkey_opens_the_sealed_practice_in_the_morning(visitor: SimpleNamespace, live: SimpleNamespace,
                                                            live_cast: Mapping[str, Actor]) -> None:
    page, folder = visitor.page, Folder(live.keys, rp_id="localhost")
    sealport.use(folder)
    try:
        enrol_and_sign_in(visitor, live_cast)
        vault.use(None)
        with suppress(Error):  # the page asked for gives way to the one that opens, sometimes before it has come whole
            page.goto("/page/deux", referer=visitor.origin)
        page.wait_for_url("**/deverrouiller")
        page.get_by_role("button", name="Déverrouiller").click()
        expect(page.get_by_role("alert")).to_contain_text("n’ouvre pas ce cabinet")
        folder.add_slot(from_b64url(page.evaluate(SLOT)), "passkey")
        page.get_by_role("button", name="Déverrouiller").click()
        page.wait_for_url(visitor.origin + "/")
        expect(page.locator("#title")).to_have_text("Page un")
        assert not vault.is_sealed()
    finally:
        sealport.use(None)
        vault.use(live.keys)
    assert visitor.problems == []
