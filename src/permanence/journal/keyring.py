"""The tree of keys: slots open the practice root, the root wraps every other key. `vault` and `seal` store them.

Specified in `docs/format/keyring.md`. Slots are X25519 recipients of three kinds: the paper recovery sheet, a member's
passkey (PRF), the machine's own keystore.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from nacl.exceptions import CryptoError

from permanence.lib import suite

LABELS = frozenset({"signing", "metadata", "access", "control", "backup", "archive", "patient", "blob", "authority", "intake",
                    "entrusted", "root", "box"})

_ROOT = b"permanence/root/v1\0"
_FILE = b"permanence/file/"
_PASSKEY = b"permanence/slot/passkey/v1"
_SHEET = b"permanence/slot/sheet/v1"
_SPEAKS = b"permanence/sheet/speaks/v1"
_VOUCHES = b"permanence/sheet/vouches/v1"
_INTAKE = b"permanence/intake/v1"


# ---- keys under the root ----


def wrap(key: bytes, root: bytes, practice: bytes, label: str) -> bytes:
    """A key sealed under the practice root; the label is bound, so that no key can be passed for one of another use."""
    return suite.seal(key, root, practice=practice, part=f"key/{label}")


def unwrap(wrapped: bytes, root: bytes, practice: bytes, label: str, *, commitment: bytes | None = None) -> bytes:
    """The key. Raises CryptoError for a wrong root, practice or label, or when the key is not the one committed to."""
    key = suite.unseal(wrapped, root, practice=practice, part=f"key/{label}")
    if commitment is not None and suite.commitment(key) != commitment:
        raise CryptoError("another key than the one committed to")
    return key


def rewrap(wrapped: Mapping[bytes, tuple[str, bytes]], root: bytes, new_root: bytes,
           practice: bytes) -> dict[bytes, bytes]:
    """Keys for a new epoch: {commitment: (label, wrapped)} becomes {commitment: wrapped under the new root}."""
    return {commitment: wrap(unwrap(old, root, practice, label, commitment=commitment), new_root, practice, label)
            for commitment, (label, old) in wrapped.items()}


def root_check(root: bytes, practice: bytes, epoch: int) -> bytes:
    """What `seal/` keeps to tell a right root from a wrong one, 32 bytes; the root is random, so it gives nothing."""
    return suite.sha256(_ROOT, practice, epoch.to_bytes(4, "big"), root)


def file_key(database_key: bytes, name: str) -> bytes:
    """The SQLCipher key of one file (`practice.db`, `access.db`), 32 bytes."""
    return suite.hkdf(database_key, info=_FILE + name.encode())


# ---- slots: from a secret to an X25519 pair (public, private) ----


def passkey_slot(prf_output: bytes, practice: bytes, replica: bytes) -> tuple[bytes, bytes]:
    """From a WebAuthn PRF output of 32 bytes. The replica's id is bound: PRF itself is not bound to an origin."""
    if len(prf_output) != 32:
        raise ValueError("a PRF output has 32 bytes")
    return _pair(suite.hkdf(prf_output, salt=practice, info=_PASSKEY + replica))


def sheet_slot(secret: bytes, practice: bytes) -> tuple[bytes, bytes]:
    """From the sheet's 20 bytes: one sheet opens every replica of the practice."""
    if len(secret) != SHEET_BYTES:
        raise ValueError("a recovery sheet has 20 bytes")
    return _pair(suite.hkdf(secret, salt=practice, info=_SHEET))


def sheet_speaker(secret: bytes) -> bytes:
    """The Ed25519 secret (64 bytes) with which a machine that has nothing but the sheet asks a relay. It can sign no entry.

    No practice's id is bound: whoever holds the paper alone must be able to ask whose it is.
    """
    return _signing(secret, b"", _SPEAKS)


def sheet_voucher(secret: bytes, practice: bytes) -> bytes:
    """The Ed25519 secret (64 bytes) with which the sheet names a machine that was made with it."""
    return _signing(secret, practice, _VOUCHES)


def _signing(secret: bytes, practice: bytes, label: bytes) -> bytes:
    if len(secret) != SHEET_BYTES:
        raise ValueError("a recovery sheet has 20 bytes")
    return suite.signing_pair(_seed=suite.hkdf(secret, salt=practice or None, info=label))[1]


@dataclass(frozen=True, slots=True)
class SheetKeys:
    """The public keys of a sheet, kept when it is made: its secret is on paper only, and unknown afterwards. 32 bytes each."""

    box: bytes  # X25519: what is sealed to it
    speaks: bytes  # Ed25519: what it asks of a relay
    vouches: bytes  # Ed25519: the machines that it names


def sheet_keys(secret: bytes, practice: bytes) -> SheetKeys:
    """Of a sheet that was just made."""
    return SheetKeys(sheet_slot(secret, practice)[0], sheet_speaker(secret)[32:], sheet_voucher(secret, practice)[32:])


def machine_slot(secret: bytes) -> tuple[bytes, bytes]:
    """From 32 random bytes that the machine's keystore holds."""
    if len(secret) != 32:
        raise ValueError("a machine secret has 32 bytes")
    return _pair(secret)


def intake_pair(archive: bytes, practice: bytes) -> tuple[bytes, bytes]:
    """(public, private): a machine without the practice root seals to it the key of a patient that it creates.

    Derived from a key that every whole machine holds, so that one made anew from the sheet opens these too.
    """
    return _pair(suite.hkdf(archive, salt=practice, info=_INTAKE))


def _pair(private: bytes) -> tuple[bytes, bytes]:
    return suite.x25519_public(private), private


# ---- the recovery sheet, « feuille de secours » ----

SHEET_BYTES = 20
GROUPS = 8
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BLANKS = re.compile(r"[\s\-_.]+")


class Mistyped(ValueError):
    """What was typed is not a sheet. `groups` are the wrong ones, from 1; empty when the length itself is wrong."""

    def __init__(self, groups: tuple[int, ...] = (), *, length: int = GROUPS * 5) -> None:
        super().__init__(f"groups {groups}" if groups else f"{length} characters, {GROUPS * 5} expected")
        self.groups = groups
        self.length = length


def new_sheet() -> bytes:
    """160 random bits."""
    return os.urandom(SHEET_BYTES)


def show_sheet(secret: bytes) -> str:
    """Eight groups of four characters, each followed by its own check character: 40 to type, errors found per group."""
    if len(secret) != SHEET_BYTES:
        raise ValueError("a recovery sheet has 20 bytes")
    number = int.from_bytes(secret, "big")
    digits = [number >> shift & 31 for shift in range(155, -1, -5)]
    groups = [digits[start:start + 4] for start in range(0, 32, 4)]
    return " ".join("".join(_ALPHABET[digit] for digit in (*group, _check(group, index)))
                    for index, group in enumerate(groups))


def read_sheet(typed: str) -> bytes:
    """The secret of a typed sheet: case, spaces and hyphens are free, O is read as 0, I and L as 1. Raises Mistyped.

    Within a group every single wrong character and every swap of two characters is found, and groups out of order too.
    """
    text = _BLANKS.sub("", typed).upper().translate(_READ_AS)
    if len(text) != GROUPS * 5:
        raise Mistyped(length=len(text))
    number, wrong = 0, []
    for index in range(GROUPS):
        digits = [_ALPHABET.find(character) for character in text[index * 5:index * 5 + 5]]
        if -1 in digits or _check(digits[:4], index) != digits[4]:
            wrong.append(index + 1)
        for digit in digits[:4]:
            number = number << 5 | digit & 31
    if wrong:
        raise Mistyped(tuple(wrong))
    return number.to_bytes(SHEET_BYTES, "big")


def _check(group: list[int], index: int) -> int:
    """A weighted sum in GF(32), x^5 + x^2 + 1. The weights 2, 4, 8, 16 and 1 (of the check itself) differ, which makes
    every single error and every swap visible; the group's number is added, which fixes its place.
    """
    total = index
    for weight, digit in enumerate(group, start=1):
        total ^= _times_power_of_two(digit, weight)
    return total


def _times_power_of_two(digit: int, power: int) -> int:
    for _ in range(power):
        digit = digit << 1 ^ (0b100101 if digit & 16 else 0)
    return digit
