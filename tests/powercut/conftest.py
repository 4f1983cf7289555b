"""A folder of two empty files and a head, and the environment of the processes that work on it."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.journal.writer import tools


@pytest.fixture
def folder(tmp_path: Path, django_db_blocker: Any) -> Path:
    folder = tmp_path / "practice"
    (folder / "seal").mkdir(parents=True)
    (folder / "seal" / "head").write_bytes(b"0")
    with django_db_blocker.unblock():
        tools.make_files(folder)
    return folder


@pytest.fixture
def env(folder: Path) -> dict[str, str]:
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings_writer", "PERMANENCE_KEY": tools.KEY.hex(),
            "PERMANENCE_DEFAULT": str(folder / "practice.db"), "PERMANENCE_ACCESS": str(folder / "access.db"),
            "PYTHONPATH": os.pathsep.join(sys.path)}
