"""`python -m tests.drill.searching`: what a machine's folder says to who has all of its keys, by a process of its own; nobody serves it.

On its standard input: {folder, key, words}. On its standard output: for each word, where it was found.
"""

import json
import os
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from nacl.exceptions import CryptoError

PAGE, RESERVED, FRAME, LOG = 4096, 80, 24, 32  # SQLCipher: the salt, then pages with IV and MAC at their end; SQLite's log: headers


def pages(path: Path, key: bytes) -> Iterator[bytes]:
    """Every page of a file and of its log, free ones and those written over included, as whoever has the key of the file reads them."""
    whole = path.read_bytes()
    for at in range(0, len(whole), PAGE):
        yield _plain(whole[at:at + PAGE], key, first=at == 0)
    log = path.with_name(f"{path.name}-wal")
    said = log.read_bytes() if log.exists() else b""
    for at in range(LOG, len(said), FRAME + PAGE):
        yield _plain(said[at + FRAME:at + FRAME + PAGE], key, first=said[at:at + 4] == b"\0\0\0\1")


def _plain(page: bytes, key: bytes, *, first: bool) -> bytes:
    begin = 16 if first else 0
    iv = page[PAGE - RESERVED:PAGE - RESERVED + 16]
    opened = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return opened.update(page[begin:PAGE - RESERVED]) + opened.finalize()


def bodies() -> Iterator[bytes]:
    """What the keys that are here open of the sealed bodies."""
    from permanence.journal import keyring, vault, wire
    from permanence.lib.sqlcipher import run

    v = vault.current()
    keys = [v.control, *(keyring.unwrap(wrapped, v.root_of(epoch), v.practice, "patient") for wrapped, epoch in run(
        "default", "SELECT wrapped, epoch FROM journal_key WHERE label = 'patient' AND wrapped IS NOT NULL").fetchall())]  # fmt: skip
    for (sealed,) in run("default", "SELECT sealed FROM journal_body").fetchall():
        for key in keys:
            try:
                yield repr(wire.open_body(sealed, key, v.practice)).encode()
            except (CryptoError, wire.Broken):
                continue


def rows() -> Iterator[tuple[str, bytes]]:
    """Every row of both files, search index included."""
    from permanence.lib.sqlcipher import run

    for alias in ("default", "access"):
        for (table,) in run(alias, "SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in run(alias, f'SELECT * FROM "{table}"').fetchall():
                yield f"{alias}: {table}", repr(row).encode()


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file as it lies there, and what was only compressed."""
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        data = path.read_bytes()
        yield str(path.relative_to(folder)), data
        if path.suffix == ".gz":
            yield str(path.relative_to(folder)), zlib.decompress(data, 31)


def found(asked: dict[str, Any]) -> dict[str, list[str]]:
    """Where each word is, in small letters and in capitals."""
    from permanence.cli import prepare

    path = Path(asked["folder"])
    prepare.django_for(prepare.Place(path))
    from permanence.journal import folder, keyring
    from permanence.lib import sqlcipher

    places: dict[str, set[str]] = {word: set() for word in asked["words"]}

    def look(where: str, data: bytes) -> None:
        small = data.lower()
        for word in places:
            if word.lower().encode() in small or word.lower().encode("utf-16-le") in small:
                places[word].add(where)

    for where, data in files(path):
        look(where, data)
    left = {name: path.joinpath(name).read_bytes() for name in os.listdir(path) if name.startswith(("practice.db", "access.db"))}
    opened = folder.open_folder(path)
    try:
        opened.unlock_with(keyring.machine_slot(Path(asked["key"]).read_bytes())[1])
        for where, data in rows():
            look(where, data)
        for body in bodies():
            look("an opened body", body)
        keys = dict(sqlcipher.keys)
    finally:
        opened.close()
    copy = path.with_name(f"{path.name}-as-left")
    copy.mkdir(exist_ok=True)
    for name, data in left.items():
        (copy / name).write_bytes(data)
    for alias, name in (("default", "practice.db"), ("access", "access.db")):
        for page in pages(copy / name, keys[alias]):
            look(f"{alias}: a page", page)
    return {word: sorted(where) for word, where in places.items()}


if __name__ == "__main__":
    print(json.dumps(found(json.load(sys.stdin))))
