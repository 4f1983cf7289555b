"""Scripts, styles and pictures, compressed once per version into `run/static`. Nothing of a practice is in them."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from whitenoise.compress import Compressor

SOURCE = Path(__file__).parent.parent / "web" / "static"


def prepare(run: Path) -> Path:
    """The folder to serve as STATIC_ROOT; made when these files are not there yet, earlier versions removed."""
    wanted = run / "static" / _digest()
    if wanted.is_dir():
        return wanted
    shutil.rmtree(run / "static", ignore_errors=True)
    part = run / "static" / ".part"
    shutil.copytree(SOURCE, part)
    compressor = Compressor(quiet=True)
    for path in list(_files(part)):
        if compressor.should_compress(path.name):
            list(compressor.compress(str(path)))
    part.rename(wanted)
    return wanted


def _digest() -> str:
    total = hashlib.sha256()
    for path in _files(SOURCE):
        total.update(f"{path.relative_to(SOURCE)}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
