"""The practice's folder, as the unlock page uses it. The server sets it at start; tests give a fake."""

from typing import Protocol

from permanence.journal.folder import Keys
from permanence.journal.seal import Seal


class SealPort(Protocol):
    """What `journal.folder.Folder` offers."""

    def record(self) -> Seal: ...

    def unlock(self, keys: Keys) -> None: ...

    def seal(self) -> None: ...

    def add_slot(self, public: bytes, kind: str, *, id: bytes | None = None) -> bytes: ...


_port: SealPort | None = None


def use(port: SealPort | None) -> None:
    """Called once by the server at start, with its Folder."""
    global _port
    _port = port


def current() -> SealPort | None:
    return _port
