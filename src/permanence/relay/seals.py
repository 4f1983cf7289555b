"""What each replica leaves for who rebuilds, sealed, and what was put aside: small things that are given as they came."""

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase

from permanence.journal import messages
from permanence.journal.exchange import Malformed
from permanence.relay import db, shares
from permanence.relay.asking import Asker

KEPT, MOST_REPLICAS = 1, 200  # the last one only: those before it may be sealed to a recovery sheet that was replaced since
LARGEST = 256 * 1024  # bytes of a record
GIVEN = 200  # of what is aside


def give(asker: Asker, data: bytes) -> bytes:
    """The record of each replica."""
    found = db.rows("SELECT s.replica, s.record FROM relay_seal s WHERE s.practice = %s AND s.number ="
                    " (SELECT max(t.number) FROM relay_seal t WHERE t.practice = %s AND t.replica = s.replica)"
                    " ORDER BY s.replica", asker.practice, asker.practice)  # fmt: skip
    return messages.rows([bytes(replica), bytes(record)] for replica, record in found if record)


def put(asker: Asker, data: bytes) -> HttpResponseBase:
    """Keep records; those that are the last ones already change nothing. An empty one takes the former away."""
    found = messages.rows_of(data, bytes, bytes, most=MOST_REPLICAS)
    if any(len(replica) != 16 or len(record) > LARGEST for replica, record in found):
        raise Malformed("seal records")
    with transaction.atomic():
        share = shares.hold(asker)
        for replica, record in found:
            last = db.one("SELECT number, record FROM relay_seal WHERE practice = %s AND replica = %s ORDER BY number DESC LIMIT 1",
                          asker.practice, replica)  # fmt: skip
            if last is not None and bytes(last[1]) == record:
                continue
            number = last[0] + 1 if last else 1
            gone = db.rows("SELECT length(record) FROM relay_seal WHERE practice = %s AND replica = %s AND number <= %s",
                           asker.practice, replica, number - KEPT)  # fmt: skip
            share.take(bytes=len(record), freed=sum(size for (size,) in gone))
            db.run("INSERT INTO relay_seal (practice, replica, number, record) VALUES (%s, %s, %s, %s)",
                   asker.practice, replica, number, record)  # fmt: skip
            db.run("DELETE FROM relay_seal WHERE practice = %s AND replica = %s AND number <= %s", asker.practice, replica, number - KEPT)
        share.save()
    return HttpResponse(status=204)


def aside(asker: Asker, data: bytes) -> bytes:
    """The newest of what did not check."""
    found = db.rows("SELECT what, replica, stream, seq, why, data FROM relay_aside WHERE practice = %s"
                    " ORDER BY since DESC, digest LIMIT %s", asker.practice, GIVEN)  # fmt: skip
    return messages.rows([what, bytes(replica), stream, seq, why, bytes(data)] for what, replica, stream, seq, why, data in found)
