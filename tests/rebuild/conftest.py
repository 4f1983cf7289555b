"""A relay on SQLite, and this process opening one folder after the other."""

from collections.abc import Iterator
from typing import Any

import pytest

from permanence.accounts import permissions, sessions
from permanence.lib import host
from permanence.sync import queries, rebuilding
from tests.relay.conftest import small

__all__ = ["small"]


@pytest.fixture(autouse=True)
def one_after_the_other(own_files: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(host.Reserve.__init__, "__defaults__", (8192,))
    monkeypatch.setattr(rebuilding, "RETRY_S", 0.01)
    sessions.forget()
    yield
    sessions.forget()
    permissions.forget()
    queries.forget()


@pytest.fixture(scope="session")
def relay(small: Any) -> Any:
    return small
