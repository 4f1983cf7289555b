"""Every byte of every answer against the access journal: what left was journalled before it left, for everybody, everywhere."""

import logging
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.urls import URLPattern, clear_url_caches, reverse

from permanence.accounts import sessions
from permanence.journal import access, heads, vault, writer
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Actor
from permanence.lib import sqlcipher
from permanence.web.dossier import clinical
from permanence.web.routes import Tag, rule_of, walk
from tests.cast import recruit
from tests.conftest import ALIASES, _named
from tests.proof.tools import ORIGIN, RP_ID
from tests.web.planted import Practice, Token, comparable, plant
from tests.web.wire import Exchange, Person, Proxy

pytestmark = pytest.mark.slow
READERS = ("moreau", "benali", "hugo", "nadia", "sophie", "bruno")
PAGE = {"Accept": "text/html,application/xhtml+xml", "Sec-Fetch-Mode": "navigate"}
FRAGMENT = {"Accept": "text/html", "HX-Request": "true", "HX-Request-Type": "partial", "PoP-Page": "1"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ENDS = frozenset({"account:lock", "account:change", "account:leave"})  # after one of them the session reads nothing more
NO_SURPLUS = ("dossier:file", "dossier:compose", "dossier:note", "patients:search", "patients:palette", "dossier:document_content")
KINDS = ("history", "allergy", "treatment", "vaccination", "private_note", "measure", "draft")
FROM_THE_DOCUMENT = ("dossier:vsm_report", "dossier:document", "dossier:document_content")
DESK_OF_ALL = {Category.SOCIAL_RIGHTS: ">ALD<"}  # what a page tells without a word of its own


@pytest.fixture(scope="module")
def planted(template: Path, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory, keys: vault.Vault) -> Iterator[Practice]:
    """Real files with real commits, as `live`, for the whole module: patients made of tokens, the real site above."""
    folder = tmp_path_factory.mktemp("planted")
    for name in ("practice.db", "access.db"):
        (folder / name).write_bytes((template / name).read_bytes())
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), _named(folder):
        from django.conf import settings  # noqa: PLC0415 -- after the test settings

        for name, value in (("PERMANENCE_ORIGIN", ORIGIN), ("PERMANENCE_RP_ID", RP_ID), ("PERMANENCE_CONSOLE_ORIGIN", "")):
            patch.setattr(settings, name, value)
        clear_url_caches()
        logging.disable(logging.CRITICAL)  # every refusal of the walk is a warning
        vault.use(replace(keys, folder=folder))
        heads.forget()
        sessions.forget()
        before, sqlcipher._thread.aliases = getattr(sqlcipher._thread, "aliases", frozenset()), frozenset()
        yield plant(recruit())
        writer.shutdown()
        vault.use(None)
        logging.disable(logging.NOTSET)
        sessions.forget()
        sqlcipher._thread.aliases = before


# -- going over every address


def addresses(planted: Practice) -> list[tuple[str, str, URLPattern]]:
    """(name, path, route): every route of the URLconf, with the ids of each file, of another file, and of nobody."""
    found = []
    for _, route in walk():
        name = _name(route)
        for values in _arguments(route, planted):
            found.append((name, reverse(name, kwargs=values), route))
    return found


def _name(route: URLPattern) -> str:
    from django.urls import get_resolver  # noqa: PLC0415 -- the settings of the test

    for prefix, (_, resolver) in get_resolver().namespace_dict.items():
        if route in resolver.url_patterns:
            return f"{prefix}:{route.name}"
    return str(route.name)


def _arguments(route: URLPattern, planted: Practice) -> Iterator[dict[str, Any]]:
    names = [name for name in route.pattern.converters if name not in route.default_args]
    if "patient" not in names:
        pools = [[*planted.apart.get(name, [])[:2], uuid.UUID(int=9)] for name in names]
        yield from (dict(zip(names, values, strict=True)) for values in product(*pools))
        return
    others = [name for name in names if name != "patient"]
    every = list(planted.files)
    for patient, stranger in zip(every, every[1:] + every[:1], strict=True):
        for values in _objects(others, planted.files[patient]):
            yield {"patient": patient, **values}
        if others and patient == every[0]:  # another's object under this patient's address
            yield from ({"patient": patient, **values} for values in list(_objects(others, planted.files[stranger]))[:1])
    yield {"patient": uuid.UUID(int=9), **{name: "history" if name == "kind" else uuid.UUID(int=9) for name in others}}


def _objects(names: list[str], ids: Mapping[str, list[UUID]]) -> Iterator[dict[str, Any]]:
    if "kind" in names:
        yield from ({"kind": kind, "line": line} for kind in KINDS for line in ids.get(kind, [])[:1])
        return
    pools = [ids.get("treatment" if name == "line" else name, []) for name in names]
    yield from (dict(zip(names, values, strict=True)) for values in product(*pools))


def queries_of(name: str, planted: Practice) -> list[str]:
    """What a person types or clicks in the address of a list."""
    words = list(planted.names.values())
    return {"patients:search": [f"?q={words[0]}", f"?q={words[2]}", "?q=14071958", "?q=14/07/1958"],
            "patients:palette": [f"?q={words[0][:5]}", f"?q={words[1]}&dossier={next(iter(planted.files))}"],
            "dossier:move": [f"?q={words[1]}"], "patients:vsm": [f"?dossier={next(iter(planted.files))}"],
            "patients:merge": [f"?q={words[1]}"], "dossier:document_content": ["?telecharger=oui"],
            "dossier:older": ["?avant=2999-01-01T00:00:00%2B00:00"], "dossier:file": ["?fait=note"],
            "practice:members": ["?tous"]}.get(name, [])


@pytest.fixture(scope="module")
def walked(planted: Practice) -> list[Exchange]:
    """Everybody goes over every address: page, fragment, HEAD, an empty form, and without a proof."""
    made, proxy = [], Proxy()
    routes = addresses(planted)
    for who in READERS:
        person = Person(who, proxy)
        planted.apart["session"] = [person.enter(planted.cast[who], planted.apart["post"][0])]
        tried: Counter[str] = Counter()
        for name, path, route in routes:
            tried[name] += 1
            made += _visits(person, name, path, route, planted, every_way=tried[name] <= 2)
    made += [Person("personne", proxy).ask("GET", path, name, PAGE, variant="unproved", proved=False) for name, path, _ in routes]
    return made


def _visits(person: Person, name: str, path: str, route: URLPattern, planted: Practice, *, every_way: bool) -> Iterator[Exchange]:
    if name in ENDS:
        return
    yield person.ask("GET", path, name, PAGE, variant="page")
    for query in queries_of(name, planted) if every_way else ():
        yield person.ask("GET", path + query, name, PAGE, variant="page")
        yield person.ask("GET", path + query, name, FRAGMENT, variant="fragment")
    rule = rule_of(route.callback)
    if rule is None or rule.tag is Tag.PUBLIC or not every_way:
        return
    yield person.ask("GET", path, name, FRAGMENT, variant="fragment")
    yield person.ask("HEAD", path, name, PAGE, variant="head")
    yield person.ask("POST", path, name, FORM, body=b"", variant="empty form")
    yield person.ask("POST", path, name, {**FORM, **FRAGMENT}, body=b"", variant="empty form, fragment")


# -- what left


def tokens_in(text: str, planted: Practice) -> list[Token]:
    """Every token in these bytes, however grouped or capitalised."""
    seen = comparable(text)
    return [token for key, token in planted.tokens.items() if key in seen]


def served(exchange: Exchange, planted: Practice) -> set[tuple[UUID, Category]]:
    """(patient, category) of all that left with this answer."""
    found = {(token.patient, token.category) for token in tokens_in(exchange.text, planted)}
    shown = {patient for patient, category in found if category is Category.IDENTITY}
    if ">ALD<" in exchange.text:
        found |= {(patient, Category.SOCIAL_RIGHTS) for patient in shown if str(patient) in exchange.path}
    ties = {(one, other) for one, other in planted.tied if exchange.name == "patients:identity" and str(one) in exchange.path}
    return found | {(one, Category.FAMILY_LINKS) for one, other in ties if other in shown}


def missing(exchange: Exchange, planted: Practice) -> set[tuple[UUID, Category]]:
    """What left without being journalled. What a document says of history is read as a document on the document's pages."""
    lost = served(exchange, planted) - exchange.journalled
    if exchange.name in FROM_THE_DOCUMENT:
        lost = {one for one in lost if (one[0], Category.DOCUMENTS) not in exchange.journalled}
    return lost


def told(pairs: set[tuple[UUID, Category]], planted: Practice) -> str:
    return ", ".join(sorted(f"{list(planted.files).index(patient) if patient in planted.files else patient}:{category.name}"
                            for patient, category in pairs))


def test_every_route_is_visited(planted: Practice, walked: list[Exchange]) -> None:
    names = {exchange.name for exchange in walked}
    assert {_name(route) for _, route in walk()} - names - ENDS == set()
    assert {200, 401, 403, 404, 405, 422} <= {exchange.status for exchange in walked}
    assert not [str(one) for one in walked if one.status >= 500]


def test_all_that_left_was_journalled_before_it_left(planted: Practice, walked: list[Exchange]) -> None:
    leaks = [f"{exchange} {told(lost, planted)}" for exchange in walked if (lost := missing(exchange, planted))]
    assert not leaks, "\n".join(leaks)


def test_every_object_that_left_is_named_in_the_entry(planted: Practice, walked: list[Exchange]) -> None:
    leaks = []
    for exchange in walked:
        objects = frozenset().union(*(entry.objects for entry in exchange.entries))
        lost = {token.text for token in tokens_in(exchange.text, planted) if token.object and token.object not in objects}
        leaks += [f"{exchange} {sorted(lost)}"] if lost else []
    assert not leaks, "\n".join(leaks)


def test_nothing_of_a_patient_is_in_a_header(planted: Practice, walked: list[Exchange]) -> None:
    leaks = [f"{exchange} {[token.text for token in found]}" for exchange in walked
             if (found := tokens_in(" ".join(value for _, value in exchange.headers), planted))]
    assert not leaks, "\n".join(leaks)


def test_refusals_errors_and_redirects_carry_nothing(planted: Practice, walked: list[Exchange]) -> None:
    plain = [one for one in walked if one.status in (301, 302, 303, 400, 401, 403, 404, 405, 409, 503)]
    assert {401, 403, 404, 405} <= {one.status for one in plain}
    leaks = [f"{one} {[token.text for token in found]}" for one in plain if (found := tokens_in(one.text, planted))]
    assert not leaks, "\n".join(leaks)


def test_a_token_is_really_found_where_it_should_be(planted: Practice, walked: list[Exchange]) -> None:
    """The instrument itself: every planted value leaves at least once for somebody who may see it, but for what is nowhere shown."""
    seen = {token.text for exchange in walked for token in tokens_in(exchange.text, planted)}
    kinds = {token.category for token in planted.tokens.values() if token.text in seen}
    assert kinds == {token.category for token in planted.tokens.values()}
    assert len(seen) > len(planted.tokens) * 0.8, sorted(set(planted.tokens) - {comparable(text) for text in seen})


def test_a_download_counts_as_exported(planted: Practice, walked: list[Exchange]) -> None:
    downloads = [one for one in walked if one.name == "dossier:document_content" and "telecharger" in one.path and one.status == 200]
    assert downloads
    for one in downloads:
        assert {level for entry in one.entries for _, category, level in entry.levels if category is Category.DOCUMENTS} == {Level.EXPORTED}


def test_nothing_is_journalled_that_did_not_leave(planted: Practice, walked: list[Exchange]) -> None:
    """The surplus, page by page: none on the file, the note, the lists, the download. The table is in the message."""
    surplus: dict[str, set[str]] = defaultdict(set)
    for one in walked:
        if one.status == 200 and one.method == "GET":
            for _, category in one.journalled - served(one, planted) - {(p, Category.DOCUMENTS) for p, _ in one.journalled
                                                                       if one.name in FROM_THE_DOCUMENT}:
                surplus[one.name].add(category.name)
    table = "\n".join(f"{name:32} {', '.join(sorted(found))}" for name, found in sorted(surplus.items()))
    assert not [name for name in NO_SURPLUS if surplus.get(name)], "\n" + table
