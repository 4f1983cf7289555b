"""Segments of access in the folder, under their replica and first entry: immutable, never overlapping. What they hold is sealed."""

from collections.abc import Iterator

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase

from permanence.journal import messages
from permanence.journal.exchange import shaped
from permanence.journal.merkle import Head
from permanence.journal.messages import MOST_OFFERED, Offered, Reads, Segment
from permanence.lib import suite
from permanence.relay import chains, db, shares
from permanence.relay.asking import NBSP, Asker, Refusal, unknown
from permanence.relay.files import folder, keep, sent
from permanence.relay.places import segment_path

STREAMS = (1, 2, 3)  # those of entries, then that of reads
_COLUMNS = "SELECT replica, first, last, size, hash FROM relay_segment WHERE practice = %s AND replica = %s"


def wanted(asker: Asker, data: bytes) -> bytes:
    """The first segments that the asker lacks of each replica; and the one in which its newest ends, where it is another one."""
    held = {one.replica: one for one in Reads.decode(data).newest}
    newest, offered = list[Segment](), list[Segment]()
    for replica in _replicas(asker.practice):
        newest += _read(_COLUMNS + " ORDER BY first DESC LIMIT 1", asker.practice, replica)
        theirs = held.get(replica)
        found = _read(_COLUMNS + " AND last >= %s ORDER BY first LIMIT %s", asker.practice, replica, theirs.last if theirs else 0,
                      MOST_OFFERED)  # fmt: skip
        offered += [one for one in found if one != theirs]
    return Offered(tuple(offered), Reads(tuple(newest))).encode()


def _replicas(practice: bytes) -> Iterator[bytes]:
    """One look into the index for each: there are a few replicas, and many segments."""
    replica = b""
    while found := db.one("SELECT replica FROM relay_segment WHERE practice = %s AND replica > %s ORDER BY replica LIMIT 1", practice,
                          replica):  # fmt: skip
        replica = bytes(found[0])
        yield replica


def _read(statement: str, *values: object) -> list[Segment]:
    return [Segment(bytes(replica), first, last, size, bytes(hash)) for replica, first, last, size, hash in db.rows(statement, *values)]


def get_segment(asker: Asker, data: bytes, replica: str, span: str) -> HttpResponseBase:
    """The sealed bytes of exactly these entries."""
    asked = _segment(replica, span)
    if not db.one("SELECT 1 FROM relay_segment WHERE practice = %s AND replica = %s AND first = %s AND last = %s",
                  asker.practice, asked.replica, asked.first, asked.last):  # fmt: skip
        raise unknown()
    return sent(segment_path(folder(), asker.practice, asked.replica, asked.first))


def put_segment(asker: Asker, data: bytes, replica: str, span: str) -> HttpResponseBase:
    """Keep a segment. Those of a replica never overlap, and what is held is never replaced."""
    asked, hash = _segment(replica, span), suite.sha256(data)
    if not _is_its_own(asker.practice, asked, data):
        raise Refusal(400, "format", f"Ces accès ne sont pas ceux qui sont annoncés{NBSP}: ils ne sont pas gardés.")
    with transaction.atomic():
        share = shares.hold(asker)  # held while the file is written: two of the same place never meet
        there = db.rows("SELECT first, last, hash FROM relay_segment WHERE practice = %s AND replica = %s AND first <= %s AND last >= %s",
                        asker.practice, asked.replica, asked.last, asked.first)  # fmt: skip
        if [(first, last, bytes(one)) for first, last, one in there] == [(asked.first, asked.last, hash)]:
            return HttpResponse(status=204)
        if there:
            raise Refusal(409, "other", f"Le relais a déjà ces accès, scellés autrement{NBSP}: les siens sont gardés.")
        share.take(bytes=len(data), blobs=1)
        keep(segment_path(folder(), asker.practice, asked.replica, asked.first), data)
        db.run("INSERT INTO relay_segment (practice, replica, first, last, size, hash) VALUES (%s, %s, %s, %s, %s, %s)",
               asker.practice, asked.replica, asked.first, asked.last, len(data), hash)  # fmt: skip
        share.save()
    return HttpResponse(status=204)


def _is_its_own(practice: bytes, asked: Segment, data: bytes) -> bool:
    """Whether the machine itself signed that its reads end there: a place that is taken is never given back, and any key may speak.
    Of a machine that the relay knows nothing of, it cannot tell."""
    known = chains.load(practice, [(asked.replica, stream) for stream in STREAMS])
    key = next((chain.key for chain in known.values() if chain.key), None)
    if key is None:
        return True
    try:
        found = shaped(data, {1: int, 2: bytes, 3: bytes, 4: list})
        head = Head.decode(found[3])
        said = (head.practice, head.replica, head.stream, head.size, head.size - len(found[4]) + 1)
        return said == (practice, asked.replica, STREAMS[-1], asked.last, asked.first) and head.check(bytes(key))
    except (ValueError, TypeError):
        return False


def _segment(replica: str, span: str) -> Segment:
    found = messages.segment_at(replica, span)
    if found is None:
        raise unknown()
    return found
