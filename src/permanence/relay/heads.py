"""Heads: judged beside what is known, countersigned when accepted, kept as evidence when they lie."""

from functools import lru_cache
from pathlib import Path

from django.db import transaction

from permanence.journal import messages, witness
from permanence.journal.merkle import Head
from permanence.journal.messages import Judged
from permanence.journal.witness import LIES, Countersignature, Point, Shown, Verdict
from permanence.lib import cbor, suite
from permanence.relay import chains, db, places, shares
from permanence.relay.asking import Asker

MOST_MARKS = 8  # of others, kept beside ours


@lru_cache(maxsize=2)
def _secret(folder: Path) -> bytes:
    return places.own_key(folder)


def secret() -> bytes:
    """The relay's own key, which countersigns."""
    return _secret(Path(places.chosen("RELAY_FOLDER")))


def give(asker: Asker, data: bytes) -> bytes:
    """The largest head accepted of each chain."""
    found = db.rows("SELECT head, key, marks FROM relay_chain WHERE practice = %s AND head_size > 0 ORDER BY replica, stream",
                    asker.practice)  # fmt: skip
    return messages.heads(
        Shown(Head.decode(bytes(head)), bytes(key), countersignatures=tuple((mark[0], mark[1]) for mark in cbor.loads_trusted(marks)))
        for head, key, marks in found)  # fmt: skip


def show(asker: Asker, data: bytes) -> bytes:
    """The verdict on each."""
    shown = messages.heads_of(data, most=messages.MOST_HEADS)
    with transaction.atomic():
        share = shares.hold(asker)
        found = [_judge(share, one, asker.key) for one in shown]
        share.save()
    return messages.judged(found)


def _judge(share: shares.Share, shown: Shown, by: bytes) -> Judged:
    head = shown.head
    place = (head.replica, head.stream) if _sound(head) else (bytes(16), 1)
    chain = chains.load(share.practice, [place])[place]
    verdict = witness.judge(shown, practice=share.practice, last=chain.head, held=chain.point) if _sound(head) else Verdict.SIGNATURE
    if verdict is Verdict.ACCEPTED:
        share.take_chains(chain.key is None)
        marks = [witness.countersign(head, secret()), *_others(shown)]
        chains.save_head(share.practice, place, shown.key, Point(head.size, head.root), head.encode(), cbor.dumps(marks))
    elif verdict in LIES:
        data = cbor.dumps([head.encode(), _former(share.practice, place)])
        shares.put_aside(share, "head", *place, head.size, str(verdict), data, suite.sha256(data), by)
    known = max((point for point in (chain.head, chain.point) if point), key=lambda point: point.size, default=None)
    return Judged(*place, head.size, verdict, known)


def _sound(head: Head) -> bool:
    """Whether it has the shape of a chain's head; what it says is judged afterwards."""
    return (type(head.replica) is bytes and len(head.replica) == 16 and 1 <= head.stream < 64 and 0 < head.size < 1 << 62
            and type(head.root) is bytes and len(head.root) == 32)  # fmt: skip


def _others(shown: Shown) -> list[Countersignature]:
    ours = secret()[32:]
    return [mark for mark in shown.countersignatures if mark[0] != ours and witness.countersigned(shown.head, mark)][:MOST_MARKS]


def _former(practice: bytes, place: tuple[bytes, int]) -> bytes:
    """The head that it contradicts: both are signed by the same replica."""
    found = db.one("SELECT head FROM relay_chain WHERE practice = %s AND replica = %s AND stream = %s", practice, *place)
    return bytes(found[0]) if found else b""


