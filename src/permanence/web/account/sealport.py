"""What the unlock page needs of the folder: the seal record, and a way to open it. The server sets it at start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class WrongKeys(Exception):
    """The root or the database key sent is not this practice's: nothing was opened."""


@dataclass(frozen=True, slots=True)
class SealRecord:
    """What stands in clear in `seal/` and lets a passkey open it. It names nobody, and no credential.

    `boxes`: for each slot, HPKE boxes {"root": sealed, "database": sealed} (`lib.suite.hpke_seal`); `info` and `aad` as
    they were sealed with; `salt`: this replica's own PRF salt (32 bytes); `slot_info`: HKDF's info for the slot key.
    """

    practice: bytes
    replica: bytes
    salt: bytes
    slot_info: bytes
    root_info: bytes
    database_info: bytes
    boxes: Sequence[Mapping[str, bytes]]
    aad: bytes = b""


class SealPort(Protocol):
    """The folder, as the unlock page uses it."""

    def record(self) -> SealRecord: ...

    def open(self, root: bytes, database: bytes) -> None:
        """Check both by hash in constant time, open the databases, fill the vault. Raises WrongKeys."""

    def seal(self) -> None:
        """Close everything and forget the keys."""


_port: SealPort | None = None


def use(port: SealPort | None) -> None:
    """Called once by the server at start."""
    global _port
    _port = port


def current() -> SealPort | None:
    return _port
