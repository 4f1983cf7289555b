"""Machines of one practice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from permanence.accounts import permissions
from permanence.journal import vault
from permanence.sync import queries
from tests.sync.machines import Machines
from tests.sync.practice_life import Two, cabinet
from tests.sync.rooms import Room, opened


@pytest.fixture
def machines(template: Path, keys: vault.Vault, tmp_path: Path, django_db_blocker: Any) -> Iterator[Machines]:
    with django_db_blocker.unblock():
        made = Machines(template, keys, tmp_path)
        yield made
        made.stop()


@pytest.fixture(scope="session")
def first_two(template: Path, keys: vault.Vault, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Two]:
    """Made once: hiring everybody takes longer than most tests."""
    with django_db_blocker.unblock():
        made = Machines(template, keys, tmp_path_factory.mktemp("cabinet"))
        yield cabinet(made)
        made.stop()


@pytest.fixture
def two(first_two: Two, machines: Machines, tmp_path: Path) -> Two:
    """Two machines of a practice that hear each other when the test says so."""
    a, b = first_two.a.copy(tmp_path / "a"), first_two.b.copy(tmp_path / "b")
    machines.all += [a, b]
    permissions.forget()
    queries.forget()
    return Two(a, b, first_two.cast, first_two.jeanne)


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with opened(tmp_path_factory.mktemp("said")) as made:
        yield made
