"""Debian's Chromium as a post of the practice has it: its own home, the authority in its store, a virtual authenticator."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Page, Playwright

from tests.browser.cabinet import NAME, Cabinet

CHROMIUM = Path("/usr/bin/chromium")
# Debian's build of the same engine without a window to draw: a third of the time. CHROMIUM itself stays where its profile is looked at.
SHELL = found if (found := CHROMIUM.with_name("chromium-headless-shell")).exists() else CHROMIUM
CERTUTIL = Path("/usr/bin/certutil")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--no-first-run", "--disable-dev-shm-usage")
AUTHENTICATOR = {"protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True,
                 "hasUserVerification": True, "isUserVerified": True, "hasPrf": True}
# What a browser writes of answers that are part of the protocol: the lock, a refused form, a practice that is sealed.
EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of (401|403|404|409|422|503)|"
                      r"net::ERR_(CONNECTION|EMPTY|HTTP2|NETWORK|ABORTED)|"
                      r"signal is aborted|"  # a search that the next keystroke replaced
                      r"htmx:error: (declined|sealed) AbortError")  # « Plus tard »; a practice that closed under the page
Credential = dict[str, Any]


def home_that_trusts(home: Path, authority: Path | None) -> Path:
    """A home folder whose NSS store trusts this authority for web sites, as an informaticien would set it up."""
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    _certutil("-N", "--empty-password", "-d", f"sql:{store}")
    if authority is not None:
        _certutil("-A", "-d", f"sql:{store}", "-n", "cabinet", "-t", "C,,", "-i", str(authority))
    return home


def _certutil(*words: str) -> None:
    subprocess.run([str(CERTUTIL), *words], check=True, capture_output=True)


@contextmanager
def chromium(playwright: Playwright, home: Path, *, rules: str = f"MAP {NAME} 127.0.0.1") -> Iterator[Browser]:
    """The browser with this home. The practice's name leads to this machine; certificate errors are never ignored."""
    browser = playwright.chromium.launch(
        executable_path=str(SHELL), env={**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home / ".local/share")},
        args=[*ARGUMENTS, f"--host-resolver-rules={rules}"])
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def chromium_profile(
    playwright: Playwright, home: Path, profile: Path, origin: str, *, rules: str = f"MAP {NAME} 127.0.0.1"
) -> Iterator[BrowserContext]:
    """The same with one profile kept on the disk."""
    context = playwright.chromium.launch_persistent_context(
        str(profile), executable_path=str(CHROMIUM), base_url=origin, locale="fr-FR",
        env={**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home / ".local/share")},
        args=[*ARGUMENTS, f"--host-resolver-rules={rules}"])
    try:
        yield context
    finally:
        context.close()


def keyed(page: Page) -> None:
    """Its single letters are read: a page fetches their list once it is there, and one that is pressed before does nothing."""
    page.locator("html[data-keyed], body:not([data-keys])").first.wait_for(state="attached")


def go(page: Page, path: str) -> None:
    """A navigation that one of our own pages started: an address from outside would ask first."""
    page.goto(path, referer=page.url)


@dataclass
class Person:
    """Somebody's passkey, wherever it is plugged in."""

    name: str
    credential: Credential | None = None


@dataclass
class Visitor:
    """A page of a post, the key of who sits there, and what the browser complained of."""

    post: "Post"
    page: Page
    devtools: CDPSession
    authenticator: str
    person: Person
    problems: list[str] = field(default_factory=list)

    def keep_key(self) -> None:
        """Take the key back with its counter, unless it was used elsewhere since."""
        found = self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})["credentials"]
        known = self.person.credential
        if found and (known is None or found[0]["signCount"] >= known["signCount"]):
            self.person.credential = found[0]

    def unplug(self) -> None:
        self.keep_key()
        self.devtools.send("WebAuthn.clearCredentials", {"authenticatorId": self.authenticator})

    def plug(self, person: Person) -> None:
        """Another person's key takes the place of this one's."""
        self.unplug()
        self.person = person
        if person.credential is not None:
            self.devtools.send("WebAuthn.addCredential", {"authenticatorId": self.authenticator, "credential": person.credential})

    def goto(self, path: str) -> Page:
        """A navigation that ends on the page itself, its keys read: the shell that finds no proof reloads once the worker is there."""
        self.page.goto(self.post.cabinet.origin + path if path.startswith("/") else path, referer=self.post.cabinet.origin + "/")
        self.page.locator("body:not([data-bare]), .bare-main h1:not(.vh)").first.wait_for(state="attached")
        keyed(self.page)
        return self.page


@dataclass
class Post:
    """A browser profile of the practice: cookies, keys and worker are its own."""

    cabinet: Cabinet
    context: BrowserContext

    def sit(self, person: Person) -> Visitor:
        """Open a page with this person's key at hand."""
        page = self.context.new_page()
        devtools = self.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        key = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]
        visitor = Visitor(self, page, devtools, key, Person(""))
        visitor.plug(person)
        watch(page, visitor.problems)
        return visitor


def new_post(browser: Browser, cabinet: Cabinet, **more: Any) -> Post:
    """A fresh profile: no cookie, no key, no worker."""
    context = browser.new_context(base_url=cabinet.origin, accept_downloads=True, locale="fr-FR", timezone_id="Europe/Paris", **more)
    context.set_default_timeout(20_000)
    return Post(cabinet, context)


def watch(page: Page, problems: list[str]) -> None:
    """Errors of the console, of scripts and of the content security policy; what the protocol expects is left out."""
    def heard(line: ConsoleMessage) -> None:
        told = line.type == "error" or "Content Security" in line.text or "Trusted" in line.text
        if told and not EXPECTED.search(line.text):
            problems.append(f"{page.url}: {line.text}")

    page.on("console", heard)
    page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
