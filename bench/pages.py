"""What a page weighs on the wire, and how many queries it makes. Weights on the served practice, queries in this process."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import UUID

from bench import practice
from bench.browser import PAGE, Answer, Browser, Login, Site
from bench.figures import Figure, middle
from bench.serving import Load

_REFERENCE = re.compile(r'(?:src|href)="(/[^"#]+\.(?:css|js|mjs|svg|png|ico|woff2|webmanifest)(?:\?[^"]*)?)"')
_INSIDE_CSS = re.compile(r"url\([\"']?([^\"')#]+)")
_INSIDE_JS = re.compile(r"(?:importScripts\(|from |import )[\"'](/[^\"']+\.js)[\"']")
FILES = 40


def weights(load: Load) -> list[Figure]:
    """Wire bytes as served, compressed or not: headers and body, TLS records apart."""
    browser = load.browser()
    pages = {"/entrer": browser.plain("GET", "/entrer", {"Accept": PAGE, "Sec-Fetch-Mode": "navigate"}),
             "/": browser.page("/")}
    assets = dict(_assets(browser, pages))
    files = [browser.page(f"/patients/{patient}/").wire for patient in load.patients[:FILES]]
    searches = [browser.page(f"/patients/?q={name}").wire for name in load.names[:FILES]]
    first = sum(page.wire for page in pages.values()) + sum(asset.wire for asset in assets.values())
    heaviest = sorted(assets, key=lambda name: -assets[name].wire)[:4]
    return [
        Figure("first visit", first / 1000, "kB", 125,
               data=f"sign-in, first page and their {len(assets)} files; heaviest: "
                    + ", ".join(f"{Path(name).name} {assets[name].wire / 1000:.0f}" for name in heaviest)),
        Figure("next page: patient file", middle(files) / 1000, "kB", 15,
               data=f"median of {FILES} files; largest {max(files) / 1000:.0f} kB"),
        Figure("next page: search", middle(searches) / 1000, "kB", 15,
               data=f"median of {FILES} searches; largest {max(searches) / 1000:.0f} kB"),
        Figure("next page: day", pages["/"].wire / 1000, "kB", 15, data="the home page"),
    ]


def _assets(browser: Browser, pages: dict[str, Answer]) -> Iterator[tuple[str, Answer]]:
    """Every file that these pages load, those that styles and scripts name included, each once."""
    left = {urljoin(at, name) for at, page in pages.items() for name in _REFERENCE.findall(_text(page))} | {"/sw.js"}
    seen: set[str] = set()
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        answer = browser.plain("GET", name, {"Accept": "*/*"})
        if answer.status != 200:
            continue
        yield name, answer
        inside = _INSIDE_CSS if name.split("?")[0].endswith(".css") else _INSIDE_JS
        found = (urljoin(name, one) for one in inside.findall(_text(answer)) if not one.startswith("data:"))
        left |= {one for one in found if not urlsplit(one).netloc} - seen


def _text(answer: Answer) -> str:
    import gzip

    import brotli

    kind = answer.headers.get("content-encoding", "")
    body = brotli.decompress(answer.body) if kind == "br" else gzip.decompress(answer.body) if kind == "gzip" else answer.body
    return body.decode("utf-8", "replace")


# -- queries


def queries(folder: Path, recipe: practice.Recipe, login: Login) -> list[Figure]:
    """The most queries that a page makes on the request's own connections, over every route that a GET can reach."""
    opened: Any = practice.unlock(folder)
    try:
        browser = _browser_here(login)
        counted = {name: count for name, target in _targets(recipe) if (count := _count(browser, target)) is not None}
    finally:
        opened.close()
    most = sorted(counted, key=lambda name: -counted[name])
    return [Figure("queries of a page, most", max(counted.values()), "", 12,
                   data=f"{len(counted)} pages, the long file; most: " + ", ".join(f"{name} {counted[name]}" for name in most[:4]))]


class _Here:
    """A connection that is no connection: the WSGI application in this process."""

    def __init__(self, site: Site) -> None:
        from django.core.wsgi import get_wsgi_application

        self.site, self._application = site, get_wsgi_application()

    def request(self, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        from io import BytesIO

        path, _, query = target.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": self.site.host,
            "SERVER_PORT": str(self.site.port), "HTTP_HOST": self.site.host, "wsgi.url_scheme": "https", "SCRIPT_NAME": "",
            "REMOTE_ADDR": "127.0.0.1", "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body)), "RAW_URI": target,
            "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.errors": BytesIO()}
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        answered: dict[str, Any] = {}

        def start(status: str, found: list[tuple[str, str]], *_: object) -> None:
            answered["status"] = int(status.split()[0])
            answered["headers"] = {name.lower(): value for name, value in found if name.lower() != "set-cookie"}
            answered["headers"]["set-cookie"] = "\n".join(value for name, value in found if name.lower() == "set-cookie")

        content = b"".join(self._application(environ, start))  # type: ignore[arg-type]
        return Answer(answered["status"], answered["headers"], content, len(content))

    def close(self) -> None:
        """Nothing to close."""


class _SiteHere(Site):
    @property
    def authority(self) -> str:
        return self.host


def _browser_here(login: Login) -> Browser:
    browser = Browser(_SiteHere(practice.HOST, 443, ""), login, count=1_000_000, connection=_Here(_SiteHere(practice.HOST, 443, "")))
    browser.sign_in()
    return browser


def _count(browser: Browser, target: str) -> int | None:
    """Queries of a second visit; None for what is not a page of the record (another method, nothing to show)."""
    from django.db import connections

    if browser.page(target).status not in (200, 403):
        return None
    for alias in ("default", "access"):
        connections[alias].force_debug_cursor = True
        connections[alias].queries_log.clear()
    try:
        browser.page(target)
        return sum(len(connections[alias].queries_log) for alias in ("default", "access"))
    finally:
        for alias in ("default", "access"):
            connections[alias].force_debug_cursor = False


def _targets(recipe: practice.Recipe) -> Iterator[tuple[str, str]]:
    """Every route with the ids of the long file's own objects; routes whose objects this practice lacks are left out."""
    from permanence.web.routes import walk

    known = {"patient": str(practice.patient_ids(recipe)[0]), **_objects(practice.patient_ids(recipe)[0])}
    for pattern, item in walk():
        names = re.findall(r"<\w+:(\w+)>", pattern)
        for kind in ("history", "treatment", "vaccination", "allergy") if "kind" in names else ("",):
            given = {**known, "kind": kind, "line": known.get(kind, known.get("treatment", ""))}
            if all(given.get(name) for name in names):
                target = "/" + "".join(given[part] if at % 2 else part for at, part in enumerate(re.split(r"<\w+:(\w+)>", pattern)))
                yield (item.name or target) + (f" ({kind})" if kind else ""), target


def _objects(patient: UUID) -> dict[str, str]:
    """One id of each kind in this file."""
    from permanence.lib.sqlcipher import run

    found = {}
    for name, table in (("note", "consultations_note"), ("history", "consultations_historyitem"),
                        ("treatment", "consultations_treatment"), ("vaccination", "consultations_vaccination"),
                        ("allergy", "consultations_allergy")):
        row = run("default", f"SELECT id FROM {table} WHERE patient_id = ? LIMIT 1", patient.hex).fetchone()  # noqa: S608
        if row:
            found[name] = str(UUID(row[0]))
    member = run("default", "SELECT id FROM accounts_member LIMIT 1").fetchone()
    return {**found, "member": str(UUID(member[0]))} if member else found
