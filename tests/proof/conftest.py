"""A signed-in browser against the guard: Django's client, real accounts, software keys."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import clear_url_caches

from permanence.accounts import sessions
from permanence.accounts.sessions import SessionInfo
from permanence.journal.doors import Actor
from permanence.journal.vault import Vault
from permanence.web.account.limits import codes
from permanence.web.proof.keys import token_hash
from tests.proof.tools import HOST, ORIGIN, RP_ID, BrowserKey, approved_post

MIDDLEWARE = [
    "permanence.web.proof.headers.SecurityHeaders",
    "permanence.web.proof.middleware.ProofMiddleware",
    "permanence.web.proof.csrf.CsrfMiddleware",
]
NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def site(settings: Any, practice: Vault) -> Iterator[None]:
    """The guard over the small site of `urls.py`, at an `.example` name over TLS."""
    settings.ROOT_URLCONF = "tests.proof.urls"
    settings.MIDDLEWARE = MIDDLEWARE
    settings.PERMANENCE_ORIGIN, settings.PERMANENCE_RP_ID = ORIGIN, RP_ID
    settings.PERMANENCE_CONSOLE_ORIGIN = ""
    clear_url_caches()
    codes.clear()
    sessions.forget()
    yield
    sessions.forget()
    clear_url_caches()


class Browser:
    """A browser with a session: cookie, key, nonce."""

    def __init__(self, *, cookie: str = "", key: BrowserKey | None = None) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.key = key or BrowserKey()
        self.nonce = "A" * 22
        if cookie:
            self.client.cookies["__Host-session"] = cookie

    @property
    def cookie(self) -> str:
        return self.client.cookies["__Host-session"].value

    def open_session(self, actor: Actor, *, assurance: str = "passkey") -> SessionInfo:
        assert actor.member is not None
        token = os.urandom(32).hex()
        self.client.cookies["__Host-session"] = token
        post = approved_post() if assurance == "passkey" else None
        return sessions.start(member=actor.member, post=post, assurance=assurance, tier="worker",
                              thumbprint=self.key.keyid, public_key=self.key.jwk, token_hash=token_hash(token))

    def plain(self, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, data: bytes = b"",
              content_type: str = "application/json", **environ: Any) -> HttpResponse:
        """A request as it is, without proof; keeps the nonce that every answer gives."""
        environ.setdefault("HTTP_HOST", HOST)
        response = self.client.generic(method, path, data, content_type=content_type, secure=True, headers=headers,
                                       **environ)
        self.nonce = response.headers.get("PoP-Nonce", self.nonce)
        return response

    def send(self, path: str, *, method: str = "GET", data: bytes = b"", headers: Mapping[str, str] | None = None,
             key: BrowserKey | None = None, **environ: Any) -> HttpResponse:
        """A proved request; one retry when only the nonce was old, as the page does."""
        bare, _, query = path.partition("?")
        for _ in range(2):
            proof = (key or self.key).headers(method, bare, self.nonce, query=query,
                                              body=None if method == "GET" else data)
            csrf = self.client.cookies.get("__Host-csrf")
            extra = {"X-CSRFToken": csrf.value, "Referer": ORIGIN + "/"} if csrf and method != "GET" else {}
            response = self.plain(path, method=method, data=data, headers={**proof, **extra, **(headers or {})}, **environ)
            if response.headers.get("PoP-Error") != "nonce":
                break
        return response


@pytest.fixture
def browser(site: None, moreau: Actor) -> Browser:
    """Dr Moreau, signed in."""
    made = Browser()
    made.open_session(moreau)
    return made
