"""A server loads every view at its start, and none of the libraries that only one screen or one gesture needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RARE = ("icalendar", "dateutil", "spake2", "lxml", "webauthn", "zeroconf", "psycopg")
LOADED = """
import sys
from pathlib import Path
from permanence.cli import prepare
prepare.django_for(prepare.Place(Path(sys.argv[1]), "https://bureau.cabinet.example", "cabinet.example"))
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver
from permanence.cli import operations, worker
get_wsgi_application()
get_resolver().url_patterns
print(" ".join(sys.modules))
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    ours = str(Path(__file__).resolve().parents[2] / "src")
    done = subprocess.run([sys.executable, "-c", LOADED, str(tmp_path_factory.mktemp("folder"))], env={**os.environ, "PYTHONPATH": ours},
                          check=True, capture_output=True, text=True)  # fmt: skip
    return frozenset(done.stdout.split())


def test_every_view_is_there(loaded: frozenset[str]) -> None:
    assert {"permanence.web.dossier.file", "permanence.web.moving.views", "permanence.web.sync.pairing"} <= loaded


@pytest.mark.parametrize("library", RARE)
def test_what_one_gesture_needs_comes_with_it(library: str, loaded: frozenset[str]) -> None:
    assert library not in loaded
