"""The file on a USB stick: the same bytes as a push, in sealed pieces that only machines of the practice open (`docs/format/parcel.md`).

Read and written piece by piece: nothing here holds more than one. What is inside is not looked at.
"""

import os
from collections.abc import Iterator, Sequence
from enum import IntEnum

from nacl.exceptions import CryptoError

from permanence.lib import cbor, suite

MAGIC = b"permanence/parcel/v1\n"
LABEL = b"permanence/parcel/v1\0"
MOST_HEAD, MOST_PIECE = 64 << 10, 80 << 20  # bytes: of the head; of one piece, which is a whole act in the worst case
_LENGTH = 4  # bytes of a length, most significant first


class Kind(IntEnum):
    """What a piece is; one of a kind that is not known here is passed over."""

    ABOUT = 1
    BATCH = 2
    HEADS = 3
    BLOB = 4
    END = 9


class Foreign(Exception):
    """Another practice's."""


class NotForUs(Exception):
    """Of this practice, but sealed when this machine was not one that it hears."""


class Damaged(Exception):
    """No parcel, or one that was changed: what came before the damage is sound."""


class Writer:
    """Seals pieces for the machines whose box keys are given. `control`: the practice's control key."""

    def __init__(self, practice: bytes, control: bytes, boxes: Sequence[bytes]) -> None:
        self._practice, self._key, self._count = practice, suite.new_key(), 0
        salt = os.urandom(32)
        boxed = [suite.hpke_seal(public, self._key, LABEL + salt) for public in boxes]
        head = cbor.dumps({1: 1, 2: salt, 3: _mark(control, salt), 4: sorted(boxed)})
        self.head = MAGIC + len(head).to_bytes(_LENGTH, "big") + head

    def piece(self, kind: Kind, content: bytes) -> bytes:
        """The next one. Its number is sealed with it: none can be left out, moved, or taken from another file."""
        sealed = suite.seal(bytes([kind]) + content, self._key, practice=self._practice, part=_part(self._count))
        self._count += 1
        return len(sealed).to_bytes(_LENGTH, "big") + sealed


class Reader:
    """Opens a file that is fed to it, with this machine's box key. `whole` once its last piece has come."""

    def __init__(self, practice: bytes, control: bytes, private: bytes) -> None:
        self._practice, self._control, self._private = practice, control, private
        self._key, self._count, self.whole = b"", 0, False
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The pieces that are complete now: kind and content. Raises Foreign, NotForUs, Damaged."""
        self._waiting += data
        if not self._key and not self._open_head():
            return
        while (sealed := self._taken(MOST_PIECE)) is not None:
            if self.whole:
                raise Damaged("something after the end")
            yield self._opened(sealed)

    def _taken(self, most: int, before: int = 0) -> bytes | None:
        """What a length announces, once all of it is here; `before` bytes stand in front of the length."""
        start = before + _LENGTH
        if len(self._waiting) < start:
            return None
        length = int.from_bytes(self._waiting[before:start], "big")
        if not 0 < length <= most:
            raise Damaged("length")
        if len(self._waiting) < start + length:
            return None
        found = bytes(memoryview(self._waiting)[start:start + length])
        del self._waiting[:start + length]
        return found

    def _open_head(self) -> bool:
        if not MAGIC.startswith(bytes(self._waiting[:len(MAGIC)])):
            raise Damaged("not a parcel")
        head = self._taken(MOST_HEAD, len(MAGIC))
        if head is None:
            return False
        try:
            found = cbor.loads(head)
            salt, mark, boxes = found[2], found[3], list(found[4])
            if found[1] != 1 or len(salt) != 32 or any(type(box) is not bytes for box in boxes):
                raise Damaged("head")
        except (ValueError, TypeError, LookupError) as error:
            raise Damaged("head") from error
        if mark != _mark(self._control, salt):
            raise Foreign
        self._key = self._key_of(boxes, LABEL + salt)
        return True

    def _key_of(self, boxes: Sequence[bytes], info: bytes) -> bytes:
        for box in boxes:
            try:
                key = suite.hpke_open(self._private, box, info)
            except CryptoError:
                continue
            if len(key) == 32:
                return key
        raise NotForUs

    def _opened(self, sealed: bytes) -> tuple[int, bytes]:
        try:
            piece = suite.unseal(sealed, self._key, practice=self._practice, part=_part(self._count))
        except CryptoError as error:
            raise Damaged("piece") from error
        self._count += 1
        if not piece:
            raise Damaged("piece")
        self.whole = piece[0] == Kind.END
        return piece[0], piece[1:]

    @property
    def rest(self) -> int:
        """Bytes that wait for what follows them."""
        return len(self._waiting)


def _mark(control: bytes, salt: bytes) -> bytes:
    """By which a machine knows its practice's files; to a stranger each one is another."""
    return suite.hkdf(control, salt=salt, info=LABEL + b"mark")


def _part(count: int) -> str:
    return f"parcel/{count}"


__all__ = ["Damaged", "Foreign", "Kind", "NotForUs", "Reader", "Writer"]
