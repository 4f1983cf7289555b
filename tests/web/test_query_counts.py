"""A page asks the database at most twelve questions, whatever the file's length: both files counted, the guard's included."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from sqlcipher3 import dbapi2 as Database

from permanence.accounts import permissions
from permanence.journal import vault
from permanence.sync.queries import counting
from permanence.web import links
from permanence.web.routes import Tag, rule_of
from tests.web.addresses import addresses, queries_of
from tests.web.planted import Practice, real_site
from tests.web.wire import Answer, Person, Proxy

MOST = 12
PAPERS = frozenset({"practice:kit_sheets"})  # every patient of two days on paper: some ten questions for each of them
PAGE = {"Accept": "text/html,application/xhtml+xml", "Sec-Fetch-Mode": "navigate"}


@pytest.fixture(scope="module")
def planted(template: Path, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory, keys: vault.Vault) -> Iterator[Practice]:
    with real_site(template, django_db_blocker, tmp_path_factory.mktemp("counted"), keys) as practice:
        yield practice


@pytest.mark.parametrize("who", ["moreau", "sophie"])
def test_a_page_keeps_to_twelve_queries(who: str, planted: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page, of a whole file and of one merged of two; the writer appends its entry by another connection."""
    monkeypatch.setattr(permissions, "FRESH_S", 3_600.0)  # a slow machine must not read the accounts again between two visits
    monkeypatch.setattr(counting, "FRESH_S", 3_600.0)  # nor ask again what waits
    person, counts = Person(who, _Quiet()), dict[str, list[str]]()
    planted.apart["session"] = [person.enter(planted.cast[who], planted.apart["post"][0])]
    visited, wanted = 0, {str(patient) for patient in (planted.ordinary[0], planted.merged)}
    for name, path, route in addresses(planted):
        rule = rule_of(route.callback)
        if rule is None or ("/patients/" in path and "-" in path and not wanted & set(path.split("/"))):
            continue
        for query in ("", *queries_of(name, planted)[:1]):
            person.ask("GET", path + query, name, PAGE)  # what is remembered between requests is remembered
            with CaptureQueriesContext(connections["default"]) as clinical, CaptureQueriesContext(connections["access"]) as journal:
                status = person.ask("GET", path + query, name, PAGE).status
            asked = [found["sql"] for found in (*clinical.captured_queries, *journal.captured_queries)]
            visited += 1
            if status == 200 and len(asked) > MOST and name not in PAPERS:
                counts[f"{name} {query}"] = asked
    assert visited > 40
    assert not counts, "\n\n".join(f"{name}: {len(asked)}\n" + "\n".join(sql[:150] for sql in asked) for name, asked in counts.items())


# What is being typed, and what waits for one's hand.
FEW = ("SEARCH consultations_draft ", "SEARCH documents_paperdraft ", "note_of_another")
BY_MEMBER = re.compile(r"USING (?:COVERING )?INDEX \w+ \((author_id|signatory_id|owner_id|requester_id|changed_by_id|booked_by_id)=\?\)$")


def test_opening_a_file_does_not_walk_through_all_that_somebody_ever_did(planted: Practice) -> None:
    """Fifty thousand notes of one doctor took 0.4 s at each opening: without statistics, the planner may prefer a person's index."""
    person, walked = Person("moreau", _Quiet()), dict[str, str]()
    planted.apart["session"] = [person.enter(planted.cast["moreau"], planted.apart["post"][0])]
    wanted, seen = {str(patient) for patient in (planted.ordinary[0], planted.merged)}, set[str]()
    for name, path, route in addresses(planted):
        rule = rule_of(route.callback)
        if rule is None or rule.tag is not Tag.CLINICAL or ("/patients/" in path and "-" in path and not wanted & set(path.split("/"))):
            continue
        with CaptureQueriesContext(connections["default"]) as asked:
            person.ask("GET", path, name, PAGE)
        for sql in {one["sql"] for one in asked.captured_queries if one["sql"].startswith(("SELECT", "WITH"))} - seen:
            seen.add(sql)
            walked |= {f"{name}: {line}": sql for line in _plan(sql)
                       if BY_MEMBER.search(line) and not any(few in line for few in FEW)}  # fmt: skip
    assert len(seen) > 60
    assert not walked, "\n".join(f"{where}\n    {sql[:300]}" for where, sql in walked.items())


def test_ones_own_readings_are_answered_by_the_index_alone(planted: Practice) -> None:
    """Fifty readings of a file lie on fifty pages, each deciphered to be asked whose it is: it was a third of opening the file."""
    person = Person("moreau", _Quiet())
    planted.apart["session"] = [person.enter(planted.cast["moreau"], planted.apart["post"][0])]
    with CaptureQueriesContext(connections["access"]) as asked:
        person.ask("GET", f"/patients/{planted.ordinary[0]}/", "dossier:file", PAGE)
    plans = {one["sql"]: _plan(one["sql"], "access") for one in asked.captured_queries if "journal_accessindex" in one["sql"]}
    assert plans
    assert all("USING COVERING INDEX accessindex_reads" in " ".join(plan) for plan in plans.values()), plans


def test_no_statement_is_compiled_anew_at_each_page(planted: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    """`LIMIT ?` was: SQLite looks at the limit's value, and forgets the statement when one is bound. It took longer than the rows."""
    monkeypatch.setattr(permissions, "FRESH_S", 3_600.0)
    monkeypatch.setattr(counting, "FRESH_S", 3_600.0)
    person, file = Person("moreau", _Quiet()), f"/patients/{planted.ordinary[0]}/"
    planted.apart["session"] = [person.enter(planted.cast["moreau"], planted.apart["post"][0])]
    compiled: list[tuple[Any, ...]] = []

    def noted(*what: Any) -> int:
        compiled.append(what)
        return Database.SQLITE_OK

    for alias in ("default", "access"):  # asked at each compilation; and once for all that was compiled before
        connections[alias].connection.set_authorizer(noted)
    try:
        for path, name in (("/", "home"), (file, "dossier:file"), ("/patients/?q=mar", "patients:search"), ("/agenda/", "agenda:day")):
            for _ in range(3):
                compiled.clear()
                assert person.ask("GET", path, name, PAGE).status == 200
            tables = {str(what[1]) for what in compiled if what[0] == Database.SQLITE_READ}
            assert not tables, f"{name}: {sorted(tables)}"
    finally:
        for alias in ("default", "access"):
            connections[alias].connection.set_authorizer(None)


def test_no_address_is_asked_of_django_at_each_page(planted: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    """A route that does not exist, and an id given as text, were: each walked through all the routes, at every page."""
    person, asked = Person("moreau", _Quiet()), list[str]()
    planted.apart["session"] = [person.enter(planted.cast["moreau"], planted.apart["post"][0])]

    def noted(name: str, *args: Any, **kwargs: Any) -> str:
        asked.append(name)
        return real(name, *args, **kwargs)

    real = links.urls.reverse
    monkeypatch.setattr(links.urls, "reverse", noted)
    for path, name in (("/", "home"), (f"/patients/{planted.ordinary[0]}/", "dossier:file"), ("/patients/?q=mar", "patients:search")):
        for _ in range(2):
            asked.clear()
            assert person.ask("GET", path, name, PAGE).status == 200
        assert not asked, f"{name}: {asked}"


def _plan(sql: str, alias: str = "default") -> list[str]:
    """How SQLite would go about it, whatever the values."""
    for count in range(60):
        try:
            return [row[3] for row in connections[alias].connection.execute(f"EXPLAIN QUERY PLAN {sql}", (None,) * count).fetchall()]
        except Database.ProgrammingError:
            continue
    raise AssertionError(sql)


class _Quiet(Proxy):
    """The application without the recording: it asks the journal too."""

    def send(self, environ: dict[str, Any]) -> Answer:
        return self.plain(environ)
