"""Sealed files in the folder: blobs under their hash, segments of access under their replica and first entry. Rows say which are whole."""

import re
from collections.abc import Sequence
from pathlib import Path

from django.db import transaction
from django.http import FileResponse, HttpResponse, HttpResponseBase

from permanence.journal import messages
from permanence.journal.messages import Segment
from permanence.lib import host, suite
from permanence.relay import db, places, shares
from permanence.relay.asking import NBSP, Asker, Refusal, unknown
from permanence.relay.places import blob_path, segment_path

_ASKED_AT_ONCE = 500
_RANGE = re.compile(r"([1-9][0-9]{0,17})-([1-9][0-9]{0,17})")


def _folder() -> Path:
    return Path(places.chosen("RELAY_FOLDER"))


def _keep(path: Path, data: bytes) -> None:
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
    return _sent(blob_path(_folder(), asker.practice, hash))


def put_blob(asker: Asker, data: bytes, name: str) -> HttpResponseBase:
    """Keep the sealed bytes. The file is whole on the disk before its row says so; a file without a row is written again."""
    hash = _hash(name)
    if suite.sha256(data) != hash:
        raise Refusal(400, "digest", f"Ce fichier n’est pas celui qui est annoncé{NBSP}: il sera renvoyé.")
    if db.one("SELECT 1 FROM relay_blob WHERE practice = %s AND hash = %s", asker.practice, hash):
        return HttpResponse(status=204)
    with transaction.atomic():  # a full share is seen before anything is written
        shares.hold(asker.practice).take(bytes=len(data), blobs=1)
    _keep(blob_path(_folder(), asker.practice, hash), data)
    with transaction.atomic():
        share = shares.hold(asker.practice)
        if db.run("INSERT INTO relay_blob (practice, hash, size) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                  asker.practice, hash, len(data)) == 1:  # fmt: skip
            share.take(bytes=len(data), blobs=1)
            share.save()
    return HttpResponse(status=204)


def _hash(name: str) -> bytes:
    if not re.fullmatch(r"[0-9a-f]{64}", name):
        raise unknown()
    return bytes.fromhex(name)


def _sent(path: Path) -> HttpResponseBase:
    return FileResponse(path.open("rb"), content_type="application/octet-stream")


# -- segments of access


def segments(asker: Asker, data: bytes) -> bytes:
    """All that are held."""
    return messages.segments(_held(asker.practice))


def missing_segments(asker: Asker, data: bytes) -> bytes:
    """Those asked that are not held from their first entry to their last."""
    held = {(one.replica, one.first, one.last) for one in _held(asker.practice)}
    return messages.segments(one for one in messages.segments_of(data) if (one.replica, one.first, one.last) not in held)


def _held(practice: bytes) -> list[Segment]:
    found = db.rows("SELECT replica, first, last, size, hash FROM relay_segment WHERE practice = %s ORDER BY replica, first", practice)
    return [Segment(bytes(replica), first, last, size, bytes(hash)) for replica, first, last, size, hash in found]


def get_segment(asker: Asker, data: bytes, replica: str, span: str) -> HttpResponseBase:
    """The sealed bytes of exactly these entries."""
    asked = _segment(replica, span)
    if not db.one("SELECT 1 FROM relay_segment WHERE practice = %s AND replica = %s AND first = %s AND last = %s",
                  asker.practice, asked.replica, asked.first, asked.last):  # fmt: skip
        raise unknown()
    return _sent(segment_path(_folder(), asker.practice, asked.replica, asked.first))


def put_segment(asker: Asker, data: bytes, replica: str, span: str) -> HttpResponseBase:
    """Keep a segment. Those of a replica never overlap, and what is held is never replaced."""
    asked, hash = _segment(replica, span), suite.sha256(data)
    with transaction.atomic():
        share = shares.hold(asker.practice)  # held while the file is written: two of the same place never meet
        there = db.rows("SELECT first, last, hash FROM relay_segment WHERE practice = %s AND replica = %s AND first <= %s AND last >= %s",
                        asker.practice, asked.replica, asked.last, asked.first)  # fmt: skip
        if [(first, last, bytes(one)) for first, last, one in there] == [(asked.first, asked.last, hash)]:
            return HttpResponse(status=204)
        if there:
            raise Refusal(409, "other", f"Le relais a déjà ces accès, scellés autrement{NBSP}: les siens sont gardés.")
        share.take(bytes=len(data), blobs=1)
        _keep(segment_path(_folder(), asker.practice, asked.replica, asked.first), data)
        db.run("INSERT INTO relay_segment (practice, replica, first, last, size, hash) VALUES (%s, %s, %s, %s, %s, %s)",
               asker.practice, asked.replica, asked.first, asked.last, len(data), hash)  # fmt: skip
        share.save()
    return HttpResponse(status=204)


def _segment(replica: str, span: str) -> Segment:
    found = _RANGE.fullmatch(span)
    if not re.fullmatch(r"[0-9a-f]{32}", replica) or found is None or int(found[1]) > int(found[2]):
        raise unknown()
    return Segment(bytes.fromhex(replica), int(found[1]), int(found[2]))
