"""Identifiers without meaning: random, never derived from a person or from the time."""

import os
import secrets
import uuid

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I, L, O, U to confuse
_CONFUSED = str.maketrans("ILO", "110")


def new_id() -> uuid.UUID:
    """A new random UUID (version 4: a time-ordered one would tell when a patient was created)."""
    return uuid.uuid4()


def of_hex(text: str) -> uuid.UUID:
    """The UUID of 32 hexadecimal digits as we store them: a page makes a thousand, and the constructor's care for every spelling is
    a quarter of its time. Raises ValueError."""
    found = object.__new__(uuid.UUID)
    object.__setattr__(found, "int", int(text, 16))
    object.__setattr__(found, "is_safe", uuid.SafeUUID.unknown)
    return found


def new_act_id() -> bytes:
    """16 random bytes that bind the entries of one act."""
    return os.urandom(16)


def one_use_code(length: int = 8) -> str:
    """A code to be read on one screen and typed on another: 5 bits a character, grouped by four (`7K2M-Q0ZD`)."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(length))
    return "-".join(code[i : i + 4] for i in range(0, length, 4))


def normal_code(typed: str) -> str:
    """A typed code as `one_use_code` wrote it: any case, any spaces or hyphens, I and L for 1, O for 0."""
    code = "".join(c for c in typed.upper() if c.isalnum()).translate(_CONFUSED)
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def prefix_of(data: bytes) -> str:
    """Five characters of Crockford base 32 from the first 25 bits: what tells two replicas' numbers apart."""
    number = int.from_bytes(data[:4], "big") >> 7
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(20, -1, -5))
