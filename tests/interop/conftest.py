"""A practice with a folder for sealed files, and readers with the gates of a page."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from permanence.journal import vault
from permanence.journal.doors import Actor, Reader
from permanence.journal.gates import Open
from permanence.patients.permissions import ProtectionGate
from tests.cast import reader_for


@pytest.fixture
def folder(practice: vault.Vault, tmp_path: Path) -> Iterator[Path]:
    """Where this test's sealed files are."""
    vault.use(replace(vault.current(), folder=tmp_path))
    yield tmp_path
    vault.use(practice)


@pytest.fixture
def read_as() -> Callable[[Actor], Reader]:
    def make(actor: Actor) -> Reader:
        return reader_for(actor, ProtectionGate(), Open())

    return make


@pytest.fixture
def rows(folder: Path) -> Callable[..., list[Any]]:
    """The live rows of a clinical table, straight from the table: what the doors hide is also looked at."""

    def find(model: Any, **where: Any) -> list[Any]:
        return [
            row
            for row in model.objects.filter(**where)
            if getattr(row, "removed_revision", None) is None or row.removed_revision != row.revision
        ]

    return find
