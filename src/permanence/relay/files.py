"""Sealed files in the folder: blobs under their hash. Rows say which are whole. Segments of access are `segments`' business."""

import re
from collections.abc import Sequence
from pathlib import Path

from django.db import transaction
from django.http import FileResponse, HttpResponse, HttpResponseBase

from permanence.journal import messages
from permanence.lib import host, suite
from permanence.relay import db, places, shares
from permanence.relay.asking import NBSP, Asker, Refusal, unknown
from permanence.relay.places import blob_path

_ASKED_AT_ONCE = 500


def folder() -> Path:
    """Where sealed files lie."""
    return Path(places.chosen("RELAY_FOLDER"))


def keep(path: Path, data: bytes) -> None:
    """Whole on the disk when this returns."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    host.atomic_write(path, data)


# -- blobs


def missing_blobs(asker: Asker, data: bytes) -> bytes:
    """Those of these hashes that are not held for this practice: another's are not looked at."""
    asked = messages.hashes_of(data)
    held: set[bytes] = set()
    for at in range(0, len(asked), _ASKED_AT_ONCE):
        some = asked[at:at + _ASKED_AT_ONCE]
        held.update(bytes(row[0]) for row in db.rows(
            f"SELECT hash FROM relay_blob WHERE practice = %s AND hash IN ({_marks(some)})", asker.practice, *some))
    return messages.hashes(hash for hash in asked if hash not in held)


def _marks(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))


def get_blob(asker: Asker, data: bytes, name: str) -> HttpResponseBase:
    """The sealed bytes."""
    hash = _hash(name)
    if not db.one("SELECT 1 FROM relay_blob WHERE practice = %s AND hash = %s", asker.practice, hash):
        raise unknown()
    return sent(blob_path(folder(), asker.practice, hash))


def put_blob(asker: Asker, data: bytes, name: str) -> HttpResponseBase:
    """Keep the sealed bytes. The file is whole on the disk before its row says so; a file without a row is written again."""
    hash = _hash(name)
    if suite.sha256(data) != hash:
        raise Refusal(400, "digest", f"Ce fichier n’est pas celui qui est annoncé{NBSP}: il sera renvoyé.")
    if db.one("SELECT 1 FROM relay_blob WHERE practice = %s AND hash = %s", asker.practice, hash):
        return HttpResponse(status=204)
    with transaction.atomic():  # a full share is seen before anything is written
        shares.hold(asker).take(bytes=len(data), blobs=1)
    keep(blob_path(folder(), asker.practice, hash), data)
    with transaction.atomic():
        share = shares.hold(asker)
        if db.run("INSERT INTO relay_blob (practice, hash, size) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                  asker.practice, hash, len(data)) == 1:  # fmt: skip
            share.take(bytes=len(data), blobs=1)
            share.save()
    return HttpResponse(status=204)


def _hash(name: str) -> bytes:
    if not re.fullmatch(r"[0-9a-f]{64}", name):
        raise unknown()
    return bytes.fromhex(name)


def sent(path: Path) -> HttpResponseBase:
    """As the answer to a question."""
    return FileResponse(path.open("rb"), content_type="application/octet-stream")
