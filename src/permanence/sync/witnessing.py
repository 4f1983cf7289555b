"""Heads shown to whoever keeps our entries, and theirs compared with what we hold: who drops, forks or rolls back is named.

A head of ours goes with the proof that it grew from the one that they know (RFC 9162); what they say of any chain is held against our
own tree of it. Proofs read a whole chain, so this is done in its own time, never for each exchange.
"""

import logging
from dataclasses import dataclass
from uuid import UUID

from permanence.journal import arrival, merkle, peers, vault
from permanence.journal.exchange import Place
from permanence.journal.messages import Judged
from permanence.journal.witness import LIES, Point, Shown, Verdict, judge
from permanence.lib import clock
from permanence.lib.sqlcipher import run

log = logging.getLogger(__name__)
MOST_SHOWN = 64  # heads looked at: two chains a machine


@dataclass(frozen=True, slots=True)
class Lie:
    """Somebody tells two stories of one chain. `who`: a peer of ours, by the address it answers under."""

    who: str
    replica: UUID
    stream: int
    size: int
    what: Verdict


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of showing and comparing heads with one peer. `countersigned`: heads of ours that they vouch for now."""

    countersigned: int
    compared: int
    lies: tuple[Lie, ...]


def compare(line: peers.Peer, who: str) -> Compared:
    """Show our heads, look at theirs. Raises peers' errors."""
    judged = _show(line)
    lies = [Lie(who, UUID(bytes=one.replica), one.stream, one.size, one.verdict) for one in judged if one.verdict in LIES]
    theirs = line.heads()[:MOST_SHOWN]
    for shown in theirs:
        verdict = _beside_ours(shown)
        if verdict in LIES:
            lies.append(Lie(who, UUID(bytes=shown.head.replica), shown.head.stream, shown.head.size, verdict))
    for lie in lies:
        log.error("two stories of one chain", extra={"kind": f"heads.{lie.what}"})
    good = sum(one.verdict in (Verdict.ACCEPTED, Verdict.DUPLICATE, Verdict.OLDER) for one in judged)
    return Compared(good, len(theirs), tuple(lies))


def _show(line: peers.Peer) -> list[Judged]:
    """Our own chains' heads, first as they are, then with the proofs that are asked for."""
    heads = {(head.replica, head.stream): head for head in own_heads()}
    key = vault.current().verify_key
    answers = {(one.replica, one.stream): one for one in line.put_heads([Shown(head, key) for head in heads.values()])} if heads else {}
    wanted = [one for one in answers.values() if one.verdict is Verdict.PROOF and one.known is not None]
    if wanted:
        again = [Shown(heads[one.replica, one.stream], key, one.known.size, tuple(_proof(one))) for one in wanted if one.known]
        answers |= {(one.replica, one.stream): one for one in line.put_heads(again)}
    return list(answers.values())


def own_heads() -> list[merkle.Head]:
    """The heads of this replica's chains in practice.db as they are committed, signed now."""
    v, at = vault.current(), clock.ms()
    rows = run("default", "SELECT stream, size, head, frontier FROM journal_chain WHERE replica = ?", v.replica).fetchall()
    made = []
    for stream, size, last, frontier in rows:
        root = merkle.Frontier.from_bytes(frontier).root()
        made.append(merkle.Head.signed(practice=v.practice, replica=v.replica, stream=stream, size=size, root=root, last=last, wall_ms=at,
                                       signing=v.signing))  # fmt: skip
    return made


def _proof(one: Judged) -> list[bytes]:
    """Between the size that they know and ours; nothing when they know more than we have: they will call it what it is."""
    leaves = _leaves(one.replica, one.stream, one.size)
    known = one.known.size if one.known else 0
    return merkle.consistency_proof(leaves, known) if 0 < known < len(leaves) else []


def _root(replica: bytes, stream: int, size: int, held: int) -> bytes:
    """Of the first `size` entries held; of all of them it is kept beside the chain."""
    if size == held:
        found = run("default", "SELECT frontier FROM journal_chain WHERE replica = ? AND stream = ? AND size = ?", replica, stream,
                    size).fetchone()  # fmt: skip
        if found:
            return merkle.Frontier.from_bytes(found[0]).root()
    return merkle.root_of(_leaves(replica, stream, size))


def _leaves(replica: bytes, stream: int, size: int) -> list[bytes]:
    return [row[0] for row in run("default", "SELECT hash FROM journal_entry WHERE replica = ? AND stream = ? AND seq <= ? ORDER BY seq",
                                  replica, stream, size).fetchall()]  # fmt: skip


def roots_here() -> dict[Place, tuple[int, bytes]]:
    """The size and the root of every chain held here, kept beside it."""
    rows = run("default", "SELECT replica, stream, size, frontier FROM journal_chain").fetchall()
    return {(replica, stream): (size, merkle.Frontier.from_bytes(frontier).root()) for replica, stream, size, frontier in rows}


def same_roots(line: peers.Peer) -> bool:
    """Whether a machine holds every chain that is held here, of the same entries: root by root, where it holds as much or less.

    One that does not answer this question, of a version before it, proves nothing. Raises peers' errors.
    """
    try:
        theirs = line.roots()
    except peers.Refused:
        return False
    mine = roots_here()
    alike = theirs.keys() <= mine.keys() if vault.current().limited else mine.keys() == theirs.keys()  # it brings its own chain only
    return alike and all(
        size <= mine[place][0] and _root(*place, size, mine[place][0]) == root for place, (size, root) in theirs.items())


def judged(shown: Shown) -> Judged:
    """What a head that another machine shows is worth beside our tree of its chain, and the size at which a proof would decide."""
    place = (shown.head.replica, shown.head.stream)
    held = arrival.held().get(place, 0)
    verdict = _beside_ours(shown)
    if verdict is Verdict.PROOF and held:
        point = Point(held, _root(*place, held, held))
        verdict = judge(shown, practice=vault.current().practice, held=point)
        return Judged(*place, shown.head.size, verdict, point)
    return Judged(*place, shown.head.size, verdict)


def _beside_ours(shown: Shown) -> Verdict:
    """What a head that they hold is worth beside our own tree of that chain: another root for the same entries is a fork.

    One that is longer than what we hold says nothing yet: its entries come first.
    """
    head = shown.head
    if not head.check(shown.key):  # before a whole chain is read for it
        return Verdict.SIGNATURE
    held = arrival.held().get((head.replica, head.stream), 0)
    if not held or head.size > held:
        return Verdict.PROOF
    root = _root(head.replica, head.stream, head.size, held)
    return judge(shown, practice=vault.current().practice, held=Point(head.size, root))
