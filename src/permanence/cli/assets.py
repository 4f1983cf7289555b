"""Scripts, styles, font and pictures, named by their content and compressed, once per version, into `run/static`.

Nothing of a practice is in them. Django must be set up; whoever serves them is started afterwards.
"""

import hashlib
import shutil
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

STORAGE = "whitenoise.storage.CompressedManifestStaticFilesStorage"


def prepare(run: Path) -> Path:
    """Make STATIC_ROOT when these files are not there yet, earlier versions removed; their addresses then never change."""
    wanted = run / "static" / _digest()
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": STORAGE}}
    if not wanted.is_dir():
        shutil.rmtree(run / "static", ignore_errors=True)
        settings.STATIC_ROOT = run / "static" / ".part"
        call_command("collectstatic", interactive=False, verbosity=0)
        Path(settings.STATIC_ROOT).rename(wanted)
    settings.STATIC_ROOT = wanted
    return wanted


def _digest() -> str:
    """What would be collected, by name, size and time."""
    total = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            seen = Path(storage.path(path)).stat()
            total.update(f"{path}\0{seen.st_size}\0{seen.st_mtime_ns}\0".encode())
    return total.hexdigest()[:16]
