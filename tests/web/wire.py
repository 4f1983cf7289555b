"""A recording proxy around the application: every byte of an answer, and what the access journal held before the first left."""

import gzip
import io
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, unquote_to_bytes
from uuid import UUID

import brotli
from django.core.handlers.wsgi import WSGIHandler

from permanence.accounts import sessions
from permanence.journal import vault, wire
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Actor
from permanence.lib.sqlcipher import run
from permanence.web.proof.keys import token_hash
from tests.proof.tools import HOST, ORIGIN, BrowserKey

READ = "access.read"


@dataclass(frozen=True)
class Entry:
    """One committed access entry, opened."""

    route: str
    categories: frozenset[tuple[UUID, Category]]
    levels: frozenset[tuple[UUID, Category, Level]]
    objects: frozenset[UUID]


@dataclass(frozen=True)
class Exchange:
    """One request and all that left: status line, headers, body. `entries`: those on disk when the first byte left."""

    who: str
    method: str
    path: str
    name: str
    variant: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    entries: tuple[Entry, ...]

    @property
    def text(self) -> str:
        """Everything that the browser gets, addresses decoded."""
        head = "\n".join(f"{name}: {unquote(value)}" for name, value in self.headers)
        return head + "\n" + self.body.decode("utf-8", "replace")

    @property
    def journalled(self) -> frozenset[tuple[UUID, Category]]:
        return frozenset().union(*(entry.categories for entry in self.entries))

    def __str__(self) -> str:
        return f"{self.who}: {self.method} {self.path} [{self.variant}] {self.status}"


def last_entry() -> int:
    """The newest access entry on disk, seen through a connection that only reads."""
    return int(run("access", "SELECT coalesce(max(id), 0) FROM journal_entry").fetchone()[0])


def entries_since(first: int) -> tuple[Entry, ...]:
    """The readings committed after this one, opened with the practice's keys."""
    opened = vault.current()
    rows = run("access", "SELECT b.sealed FROM journal_entry e JOIN journal_body b ON b.entry = e.hash"
               " WHERE e.id > ? AND e.kind = ?", first, READ).fetchall()
    return tuple(_entry(wire.open_body(sealed, opened.access, opened.practice)) for (sealed,) in rows)


def _entry(body: Mapping[str, Any]) -> Entry:
    levels = {(UUID(bytes=patient), category, Level(level)) for patient, masks, _, _ in body["patients"]
              for level, mask in masks for category in Category if mask >> category & 1}
    return Entry(body["route"], frozenset((patient, category) for patient, category, _ in levels), frozenset(levels),
                 frozenset(UUID(bytes=id) for _, _, objects, _ in body["patients"] for id in objects))


Answer = tuple[int, tuple[tuple[str, str], ...], bytes, tuple[Entry, ...]]


class Proxy:
    """Between the browser and the application. It reads the journal when the application lets the first byte go."""

    def __init__(self) -> None:
        self.application = WSGIHandler()

    def send(self, environ: dict[str, Any]) -> Answer:
        """Status, headers, body, and the entries that were on disk when the first byte left."""
        before = last_entry()
        return self.plain(environ, lambda: entries_since(before))

    def plain(self, environ: dict[str, Any], look: Callable[[], tuple[Entry, ...]] = tuple) -> Answer:
        left = list[Any]()

        def start(status: str, headers: list[tuple[str, str]], *_: object) -> None:
            left.append((int(status.split()[0]), tuple(headers), look()))

        answer: Iterable[bytes] = self.application(environ, start)
        body = b"".join(answer)
        getattr(answer, "close", lambda: None)()
        status, headers, entries = left[0]
        return status, headers, _plain(body, dict(headers).get("Content-Encoding", "")), entries


def _plain(body: bytes, encoding: str) -> bytes:
    if encoding == "br":
        return bytes(brotli.decompress(body))
    if encoding == "gzip":
        return gzip.decompress(body)
    return body


@dataclass
class Person:
    """A member of the cast with a session: cookie, key, nonce. Without an actor, a browser that never signed in."""

    name: str
    proxy: Proxy
    key: BrowserKey = field(default_factory=BrowserKey)
    cookies: dict[str, str] = field(default_factory=dict)
    nonce: str = "A" * 22

    def enter(self, actor: Actor, post: UUID) -> UUID:
        assert actor.member is not None
        token = os.urandom(32).hex()
        self.cookies["__Host-session"] = token
        found = sessions.start(member=actor.member, post=post, assurance="passkey", tier="worker", thumbprint=self.key.keyid,
                               public_key=self.key.jwk, token_hash=token_hash(token))
        self.ask("GET", "/sante", "", {})
        return found.id

    def ask(self, method: str, path: str, name: str, headers: Mapping[str, str], *, body: bytes | None = None, variant: str = "",
            proved: bool = True) -> Exchange:
        """One request as the page or its worker sends it; once more when only the nonce was old."""
        bare, _, query = path.partition("?")
        for _ in range(2):
            proof = self.key.headers(method, bare, self.nonce, query=query, body=body if method == "POST" else None) if proved else {}
            environ = self._environ(method, bare, query, {**headers, **proof}, body or b"")
            status, left, content, entries = self.proxy.send(environ)
            said = dict(left)
            self.nonce = said.get("PoP-Nonce", self.nonce)
            self._keep_cookies(left)
            if said.get("PoP-Error") != "nonce":
                break
        return Exchange(self.name, method, path, name, variant, status, left, content, entries)

    def _keep_cookies(self, headers: Iterable[tuple[str, str]]) -> None:
        for name, value in headers:
            if name == "Set-Cookie" and value.strip().startswith("__Host-csrf="):
                self.cookies["__Host-csrf"] = value.split("=", 1)[1].split(";")[0]

    def _environ(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        said = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items() if name != "Content-Type"}
        csrf = {"HTTP_X_CSRFTOKEN": self.cookies["__Host-csrf"]} if "__Host-csrf" in self.cookies else {}
        return {
            "REQUEST_METHOD": method, "PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "QUERY_STRING": query,
            "SERVER_NAME": HOST, "SERVER_PORT": "443", "SERVER_PROTOCOL": "HTTP/2", "SCRIPT_NAME": "",
            "REMOTE_ADDR": "192.0.2.7", "wsgi.url_scheme": "https", "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(),
            "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
            "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": headers.get("Content-Type", ""), "HTTP_HOST": HOST,
            "HTTP_REFERER": f"{ORIGIN}/", "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "HTTP_ACCEPT_ENCODING": "br, gzip", **csrf, **said}
