"""The independent verifier: reads a bundle as docs/format/ describes it, and imports nothing of Permanence.

Usage: python tools/verify_entry.py FILE. One line per finding; exit code 0 sound, 1 findings, 2 not a bundle.
"""

import hashlib
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import cbor2
from nacl import bindings, exceptions

Place = tuple[bytes, int]


class Wrong(Exception):
    """One finding."""


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def plain(value: Any) -> bool:
    """Whether a value is of the types that an entry may hold."""
    if type(value) is dict:
        kinds = {type(key) for key in value}
        keys = len(kinds) <= 1 and kinds <= {int, str, bytes} and (kinds != {int} or min(value) >= 0)
        return keys and all(plain(one) for one in value.values())
    if type(value) is list:
        return all(plain(one) for one in value)
    if type(value) is int:
        return -(2**64) <= value < 2**64
    if type(value) is Decimal:
        return value.is_finite() and len(value.as_tuple().digits) <= 18
    return value is None or type(value) in (bool, str, bytes)


def decode(data: bytes, reason: str) -> Any:
    """Deterministic CBOR only: decoded, encoded again, compared."""
    try:
        value = cbor2.loads(data, allow_indefinite=False, allow_duplicate_keys=False)
        good = plain(value) and cbor2.dumps(value, canonical=True) == data
    except Exception as error:
        raise Wrong(reason) from error
    if not good:
        raise Wrong(reason)
    return value


def has(value: Any, *, size: int) -> bool:
    return type(value) is bytes and len(value) == size


def count(value: Any, *, least: int = 1) -> bool:
    return type(value) is int and value >= least


def same(value: Any, number: int) -> bool:
    return type(value) is int and value == number


# ---- one entry (entry.md) ----


def check_outer(outer_bytes: bytes) -> dict[int, Any]:
    outer = decode(outer_bytes, "format")
    expected = set(range(1, 12))
    if (type(outer) is not dict or set(outer) - {12} != expected or not same(outer[1], 1) or not same(outer[2], 1)
            or not all(has(outer[key], size=16) for key in (3, 4))
            or not all(has(outer[key], size=32) for key in (7, 8, 9))
            or not all(count(outer[key]) for key in (5, 6, 10, 11)) or (12 in outer and not has(outer[12], size=32))):
        raise Wrong("format")
    if (outer[6] == 1) != (12 in outer):
        raise Wrong("replica key")
    return outer


def check_entry(entry: list[Any], place: Place, practice: bytes, seq: int, previous: bytes,
                key: bytes | None) -> tuple[dict[int, Any], bytes]:
    """(outer header, replica's key)."""
    outer_bytes, signature, inner, body = entry
    outer = check_outer(outer_bytes)
    key = key or outer.get(12)
    if key is None or sha(b"permanence/replica/v1\0", key)[:16] != outer[4] or outer.get(12, key) != key:
        raise Wrong("replica key")
    if not signed(signature, b"permanence/signature/v1\0" + sha(b"permanence/entry/v1\0", outer_bytes), key):
        raise Wrong("signature")
    if (outer[4], outer[5], outer[3], outer[6], outer[7]) != (*place, practice, seq, previous):
        raise Wrong("place")
    if sha(inner) != outer[8]:
        raise Wrong("inner content")
    if body is not None and (sha(body) != outer[9] or len(body) != outer[10] + 40):
        raise Wrong("body content")
    return outer, key


def signed(signature: bytes, message: bytes, key: bytes) -> bool:
    try:
        return len(signature) == 64 and bindings.crypto_sign_open(signature + message, key) == message
    except (exceptions.CryptoError, ValueError):
        return False


# ---- its sealed parts (entry.md, keyring.md) ----


def commitment(key: bytes) -> bytes:
    return sha(b"permanence/key-commitment/v1\0", key)


def unseal(sealed: bytes, key: bytes, practice: bytes, part: str, reason: str) -> Any:
    aad = cbor2.dumps([1, 1, practice, part, commitment(key)], canonical=True)
    try:
        padded = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed[24:], aad, sealed[:24], key)
        size = len(cbor2.dumps(cbor2.loads(padded), canonical=True))
    except Exception as error:
        raise Wrong(reason) from error
    if padded[size:].strip(b"\0"):
        raise Wrong(reason)
    return decode(padded[:size], reason)


def open_entry(entry: list[Any], outer: dict[int, Any], bundle: dict[int, Any]) -> None:
    practice, keys = bundle[2], bundle[5]
    inner = None
    for name in bundle[6]:
        if name in keys:
            try:
                inner = unseal(entry[2], keys[name], practice, "inner", "does not open")
                break
            except Wrong:
                continue
    if type(inner) is not dict or not set(range(1, 17)) <= set(inner) or not inner_is_good(inner, outer):
        raise Wrong("inner content")
    if entry[3] is not None and inner[16] in keys:
        body = unseal(entry[3], keys[inner[16]], practice, "body", "body content")
        if type(body) is not dict or any(type(name) is not str for name in body):
            raise Wrong("body content")


def inner_is_good(inner: dict[int, Any], outer: dict[int, Any]) -> bool:
    try:
        scope, (act, i, n) = inner[12], inner[14]
        hashes = [one for seen in inner[15].values() for one in seen]
        return bool(
            all(type(inner[key]) is str for key in (1, 3, 6, 11)) and inner[1] and count(inner[2])
            and count(inner[4], least=0) and count(inner[5], least=0)
            and inner[5] < 253_370_764_800_000 and type(inner[7]) is bool
            and all(value is None or has(value, size=16) for value in (inner[8], inner[9], inner[10], inner[13], scope[1]))
            and len(scope) == 2 and count(scope[0]) and has(act, size=16) and count(i) and count(n) and i <= n
            and all(type(name) is str and seen == sorted(set(seen)) for name, seen in inner[15].items())
            and all(has(one, size=32) for one in hashes) and has(inner[16], size=32)
            and all(type(inner[key]) is str and inner[key] for key in (18, 19) if key in inner)
            and (17 not in inner or (set(inner[17]) == {1, 2, 3, 4, 5} and inner[17][5] == outer[9]
                                     and all(type(value) is bytes for value in inner[17].values()))))
    except (TypeError, ValueError, LookupError, AttributeError):
        return False


# ---- the tree of a chain (RFC 9162, 2.1.1) ----


def root(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return sha(b"\0", leaves[0]) if leaves else sha()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\1", root(leaves[:half]), root(leaves[half:]))


# ---- a bundle (bundle.md) ----


def findings(bundle: dict[int, Any]) -> Iterator[str]:
    yield from (f"key {name.hex()[:8]}: not the key of this commitment"
                for name, key in bundle[5].items() if commitment(key) != name)
    chains: dict[Place, list[bytes]] = {}
    keys: dict[Place, bytes | None] = {}
    broken = set()
    for chain in bundle[3]:
        place = (chain[1], chain[2])
        hashes = chains[place] = []
        keys[place] = None
        for seq, entry in enumerate(chain[3], start=1):
            try:
                outer, keys[place] = check_entry(
                    entry, place, bundle[2], seq, hashes[-1] if hashes else bytes(32), keys[place])
                if bundle[6]:
                    open_entry(entry, outer, bundle)
            except Wrong as wrong:
                yield f"{place[0].hex()[:8]}/{place[1]} entry {seq}: {wrong}"
                broken.add(place)
                break  # what follows a broken entry proves nothing
            hashes.append(sha(b"permanence/entry/v1\0", entry[0]))
    for data in bundle[4]:
        body, signature = decode(data, "not a bundle")
        head = decode(body, "not a bundle")
        place, size = (head[4], head[5]), head[6]
        hashes, wrong_head = chains.get(place, []), ""
        if size > len(hashes):
            wrong_head = "" if place in broken else "truncated"
        elif size and (head[3] != bundle[2]
                       or not signed(signature, b"permanence/head/v1\0" + body, keys[place] or b"")):
            wrong_head = "head signature"
        elif size and (head[8], head[7]) != (hashes[size - 1], root(hashes[:size])):
            wrong_head = "head root"
        if wrong_head:
            yield f"{place[0].hex()[:8]}/{place[1]} head {size}: {wrong_head}"


def main(path: str) -> int:
    try:
        with open(path, "rb") as file:
            bundle = decode(file.read(), "not a bundle")
        if bundle[1] != 1:
            raise Wrong("another version of the bundle")
        found = list(findings(bundle))
    except (Wrong, OSError, LookupError, TypeError, AttributeError, ValueError) as error:
        print(f"not a bundle: {error}", file=sys.stderr)
        return 2
    for line in found:
        print(line)
    if not found:
        entries = sum(len(chain[3]) for chain in bundle[3])
        print(f"sound: {entries} entries in {len(bundle[3])} chains, {len(bundle[4])} heads")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else (print(__doc__), 2)[1])
