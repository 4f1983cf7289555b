"""A relay on SQLite, and this process opening one folder after the other."""

from collections.abc import Iterator

import pytest

from permanence.accounts import permissions, sessions
from permanence.lib import host
from permanence.sync import queries, rebuilding
from tests.rebuild.practices import SHEET, Cabinet, founded
from tests.relay.conftest import small
from tests.relay.serving import Relay

__all__ = ["small"]
_made: list[Cabinet] = []


@pytest.fixture(autouse=True)
def one_after_the_other(own_files: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(host.Reserve.__init__, "__defaults__", (8192,))
    monkeypatch.setattr(rebuilding, "RETRY_S", 0.01)
    sessions.forget()
    yield
    sessions.forget()
    permissions.forget()
    queries.forget()


@pytest.fixture
def cabinet(small: Relay, tmp_path_factory: pytest.TempPathFactory) -> Cabinet:
    """One for all these tests, that grows by the machines made anew: founding it takes longer than most of them."""
    if not _made:
        _made.append(founded(tmp_path_factory.mktemp("cabinet"), small, SHEET))
    return _made[0]
