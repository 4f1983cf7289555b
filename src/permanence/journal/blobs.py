"""Sealed files as they travel: by the hash of their ciphertext, opened by nobody on the way (`docs/format/blob.md`)."""

from pathlib import Path

from permanence.journal import wire
from permanence.lib import host, suite


def exists(folder: Path, hash: bytes) -> bool:
    """Whether the sealed file is on this machine."""
    return (folder / wire.blob_name(hash)).is_file()


def sealed(folder: Path, hash: bytes) -> bytes:
    """Its bytes. Raises FileNotFoundError."""
    return (folder / wire.blob_name(hash)).read_bytes()


def keep(folder: Path, hash: bytes, data: bytes) -> None:
    """Whole or not at all. Raises wire.Broken when these are not the bytes of that hash, OSError."""
    if suite.sha256(data) != hash:
        raise wire.Broken(wire.Reason.BODY, "blob hash")
    path = folder / wire.blob_name(hash)
    for parent in (path.parent.parent, path.parent):
        host.private_folder(parent)
    host.fsync_dir(path.parent.parent)
    host.atomic_write(path, data)
