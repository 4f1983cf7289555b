"""Machines of one practice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from permanence.journal import vault
from tests.sync.machines import Machines


@pytest.fixture
def machines(template: Path, keys: vault.Vault, tmp_path: Path, django_db_blocker: Any) -> Iterator[Machines]:
    with django_db_blocker.unblock():
        made = Machines(template, keys, tmp_path)
        yield made
        made.stop()
