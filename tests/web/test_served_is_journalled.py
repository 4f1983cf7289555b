"""Every byte of every answer against the access journal: what left was journalled before it left, for everybody, everywhere."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.urls import URLPattern, reverse

from permanence.journal import access, vault, writer
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Ask, Reader
from permanence.web.dossier import clinical
from permanence.web.routes import Tag, rule_of, walk
from tests.web.addresses import addresses, name_of, queries_of
from tests.web.planted import Practice, Token, real_site
from tests.web.wire import Exchange, Person, Proxy

pytestmark = pytest.mark.slow
Left = list[tuple[Exchange, list[Token]]]
READERS = ("moreau", "benali", "hugo", "nadia", "sophie", "bruno")
EVERY_WAY = ("moreau", "sophie")  # a doctor and the desk try each address in every way, the others once
PAGE = {"Accept": "text/html,application/xhtml+xml", "Sec-Fetch-Mode": "navigate"}
FRAGMENT = {"Accept": "text/html", "HX-Request": "true", "HX-Request-Type": "partial", "PoP-Page": "1"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ENDS = frozenset({"account:lock", "account:change", "account:leave"})  # after one of them the session reads nothing more
NO_SURPLUS = ("dossier:file", "dossier:compose", "dossier:note", "patients:search", "patients:palette", "dossier:document_content")
FROM_THE_DOCUMENT = ("dossier:vsm_report", "dossier:document", "dossier:document_content")
ASKED_AS_FRAGMENT = ("patients:palette", "dossier:older")
ON_SCREEN = frozenset({"papers:content", "dossier:document_content"})
# What it is comes before how it leaves: the title of a document is read, its bytes are exported.
LOOKED_UP_FIRST = frozenset({"papers:hand_over", "papers:print_all", "dossier:document_content", "moving:content"})
SENDS_AWAY = frozenset({"account:end_other_sessions"})


@pytest.fixture(scope="module")
def planted(template: Path, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory, keys: vault.Vault) -> Iterator[Practice]:
    with real_site(template, django_db_blocker, tmp_path_factory.mktemp("planted"), keys) as practice:
        yield practice


# -- going over every address


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
            if tried[name] > 2 and made[-1].name == name and made[-1].status == 405:
                continue  # an address for forms only: two of them told as much
            made += _visits(person, name, path, route, planted, every_way=tried[name] <= (2 if who in EVERY_WAY else 1))
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
    yield person.ask("POST", path, name, FORM, body=b"vide=oui", variant="empty form")
    yield person.ask("POST", path, name, {**FORM, **FRAGMENT}, body=b"vide=oui", variant="empty form, fragment")


# -- what left


@pytest.fixture(scope="module")
def left(planted: Practice, walked: list[Exchange]) -> Left:
    """Each exchange with the tokens in its bytes."""
    return [(exchange, planted.tokens_in(exchange.text)) for exchange in walked]


def served(exchange: Exchange, found: list[Token], planted: Practice) -> set[tuple[UUID, Category]]:
    """(patient, category) of all that left with this answer: its tokens, and what a page tells without a word of its own."""
    pairs = {(token.patient, token.category) for token in found}
    shown = {patient for patient, category in pairs if category is Category.IDENTITY}
    if ">ALD<" in exchange.text:
        pairs |= {(patient, Category.SOCIAL_RIGHTS) for patient in shown if f'data-patient="{patient}"' in exchange.text}
    ties = {(one, other) for one, other in planted.tied if exchange.name == "patients:identity" and str(one) in exchange.path}
    return pairs | {(one, Category.FAMILY_LINKS) for one, other in ties if other in shown}


def missing(exchange: Exchange, found: list[Token], planted: Practice) -> set[tuple[UUID, Category]]:
    """What left without being journalled. What a document says of history is read as a document on the document's pages."""
    lost = served(exchange, found, planted) - exchange.journalled
    if exchange.name in FROM_THE_DOCUMENT:
        lost = {one for one in lost if (one[0], Category.DOCUMENTS) not in exchange.journalled}
    return lost


def told(pairs: set[tuple[UUID, Category]], planted: Practice) -> str:
    files = list(planted.files)
    return ", ".join(sorted(f"{files.index(patient) if patient in files else patient}:{category.name}" for patient, category in pairs))


def test_every_route_is_visited(walked: list[Exchange]) -> None:
    names = {exchange.name for exchange in walked}
    assert {name_of(route) for _, route in walk()} - names - ENDS == set()
    assert {200, 303, 401, 403, 404, 405, 422} <= {exchange.status for exchange in walked}
    assert not [str(one) for one in walked if one.status >= 500]


def test_all_that_left_was_journalled_before_it_left(planted: Practice, left: Left) -> None:
    leaks = [f"{exchange} {told(lost, planted)}" for exchange, found in left if (lost := missing(exchange, found, planted))]
    assert not leaks, "\n".join(leaks)


def test_every_object_that_left_is_named_in_the_entry(left: Left) -> None:
    leaks = []
    for exchange, found in left:
        objects = frozenset().union(*(entry.objects for entry in exchange.entries))
        lost = {token.text for token in found if token.object and token.object not in objects}
        leaks += [f"{exchange} {sorted(lost)}"] if lost else []
    assert not leaks, "\n".join(leaks)


def test_nothing_of_a_patient_is_in_a_header(planted: Practice, walked: list[Exchange]) -> None:
    leaks = [f"{exchange} {[token.text for token in found]}" for exchange in walked
             if (found := planted.tokens_in(" ".join(value for _, value in exchange.headers)))]
    assert not leaks, "\n".join(leaks)


def test_refusals_errors_and_redirects_carry_nothing(left: Left) -> None:
    plain = [(one, found) for one, found in left if one.status in (301, 302, 303, 400, 401, 403, 404, 405, 409, 503)]
    assert {303, 401, 403, 404, 405} <= {one.status for one, _ in plain}
    leaks = [f"{one} {[token.text for token in found]}" for one, found in plain if found]
    assert not leaks, "\n".join(leaks)


def test_the_instrument_sees_what_is_shown(planted: Practice, left: Left) -> None:
    """Nearly every planted value leaves at least once for somebody who may see it; a blind proxy would find nothing to compare."""
    seen = {token for _, found in left for token in found}
    assert {token.category for token in seen} == {token.category for token in planted.tokens.values()}
    unseen = sorted((token.category.name, token.text) for token in set(planted.tokens.values()) - seen)
    assert len(unseen) < len(planted.tokens) * 0.2, unseen


def test_a_download_counts_as_exported(walked: list[Exchange]) -> None:
    downloads = [one for one in walked if one.name == "dossier:document_content" and "telecharger" in one.path and one.status == 200]
    assert downloads
    for one in downloads:
        assert {level for entry in one.entries for _, category, level in entry.levels if category is Category.DOCUMENTS} == {Level.EXPORTED}


def test_what_leaves_as_a_file_counts_as_printed_or_exported_whole(walked: list[Exchange]) -> None:
    """Every answer that a browser keeps as a file, and every PDF that we typeset; a signed paper on screen is read."""
    kept = [one for one in walked if one.status == 200 and one.method == "GET" and one.entries and (
        any(name == "Content-Disposition" and value.startswith("attachment") for name, value in one.headers)
        or (one.name not in ON_SCREEN and ("Content-Type", "application/pdf") in one.headers))]
    assert {"agenda:sheet", "agenda:export", "billing:receipt", "billing:sheet", "billing:statement", "papers:hand_over"} <= {
        one.name for one in kept}
    less = [f"{one} {sorted(found)}" for one in kept if (found := {level for entry in one.entries for _, _, level in entry.levels})
            and (max if one.name in LOOKED_UP_FIRST else min)(found) < Level.PRINTED]
    assert not less, "\n".join(less)


def test_rows_of_a_list_count_as_listed_only(planted: Practice, left: Left) -> None:
    lists = [one for one, found in left if one.name in ("patients:search", "patients:palette") and found]
    assert lists
    assert {level for one in lists for entry in one.entries for _, _, level in entry.levels} == {Level.LISTED}


def test_nothing_is_journalled_that_did_not_leave(planted: Practice, left: Left) -> None:
    """The surplus, page by page: none on the file, the note, the lists, the download. The table is in the message.

    Counted on the ordinary files and where something was planted: that a file has nothing of a kind, or only what is
    reserved to others, is told to the reader too, without any token.
    """
    there = {(token.patient, token.category) for token in planted.tokens.values()}
    surplus: dict[str, set[str]] = defaultdict(set)
    for one, found in left:
        if one.status == 200 and one.method == "GET" and one.variant == ("fragment" if one.name in ASKED_AS_FRAGMENT else "page"):
            more = {pair for pair in one.journalled & there if pair[0] in planted.ordinary} - served(one, found, planted)
            surplus[one.name] |= {category.name for patient, category in more
                                  if category is not Category.DOCUMENTS or one.name not in FROM_THE_DOCUMENT}
    table = "\n".join(f"{name:32} {', '.join(sorted(found))}" for name, found in sorted(surplus.items()) if found)
    assert not [name for name in NO_SURPLUS if surplus.get(name)], "\n" + table


# -- when nothing can be journalled


@pytest.mark.parametrize("fault", ["the appender is stopped", "the disk is full"])
def test_no_token_leaves_when_nothing_can_be_journalled(fault: str, planted: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    person = Person("moreau", Proxy())
    planted.apart["session"] = [person.enter(planted.cast["moreau"], planted.apart["post"][0])]
    if fault == "the appender is stopped":
        writer.current("access").stop()
    else:
        monkeypatch.setattr(access.chain, "extend", _full)
    try:
        leaks, statuses = [], Counter[int]()
        for name, path, route in addresses(planted):
            if name in ENDS or name in SENDS_AWAY:
                continue
            for exchange in _visits(person, name, path, route, planted, every_way=False):
                statuses[exchange.status] += 1
                leaks += [f"{exchange} {token.text}" for token in planted.tokens_in(exchange.text)]
        assert not leaks, "\n".join(leaks)
        assert statuses[503] > 100
    finally:
        writer.use(None, "access")


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_an_error_after_the_reading_carries_nothing(planted: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a page that fails after its doors were asked")

    person = Person("moreau", Proxy())
    person.enter(planted.cast["moreau"], planted.apart["post"][0])
    monkeypatch.setattr(clinical, "measures", broken)
    for headers in (PAGE, FRAGMENT):
        exchange = person.ask("GET", reverse("dossier:file", args=[next(iter(planted.files))]), "dossier:file", headers)
        assert exchange.status == 500
        assert not planted.tokens_in(exchange.text)


def test_the_instrument_notices_an_entry_that_says_too_little(planted: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    record = Reader._record

    def forgetful(reader: Reader, ask: Ask, level: Level) -> None:
        if ask.category is not Category.NOTES:
            record(reader, ask, level)

    person, patient = Person("moreau", Proxy()), planted.ordinary[0]
    person.enter(planted.cast["moreau"], planted.apart["post"][0])
    monkeypatch.setattr(Reader, "_record", forgetful)
    exchange = person.ask("GET", reverse("dossier:file", args=[patient]), "dossier:file", PAGE)
    assert missing(exchange, planted.tokens_in(exchange.text), planted) == {(patient, Category.NOTES)}
