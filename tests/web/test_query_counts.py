"""A page asks the database at most twelve questions, whatever the file's length."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from permanence.journal.doors import Actor
from tests.web.conftest import Visit

MOST = 12
OF_THE_WRITER = ("SAVEPOINT", "RELEASE", "INSERT", "UPDATE", "journal_chain", "journal_entry ORDER", "max(id)")


@pytest.mark.parametrize("name", ["dossier:file", "home:day", "patients:search", "dossier:compose", "patients:identity"])
def test_a_page_keeps_to_twelve_queries(name: str, visit: Visit, moreau: Actor, jeanne: UUID, url: Callable[..., str]) -> None:
    path = url(name) if name in ("home:day", "patients:search") else url(name, jeanne)
    visit(moreau, path)
    with CaptureQueriesContext(connections["default"]) as clinical, CaptureQueriesContext(connections["access"]) as journal:
        assert visit(moreau, path).status_code == 200
    asked = [query["sql"] for query in (*clinical, *journal)]
    ours = [sql for sql in asked if not any(word in sql for word in OF_THE_WRITER)]
    assert len(ours) <= MOST, "\n".join(s[:110] for s in ours)
