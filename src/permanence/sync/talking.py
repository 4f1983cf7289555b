"""What an open replica does by itself: it gives the others what they lack, takes what it lacks, and notices within seconds that it cannot.

Push never waits for pull. Everything said is idempotent, so a talk that was cut is begun again.
"""

import logging
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

from django.db import connections

from permanence.journal import acts, arrival, blobs, departure, exchange, folder, peers, registry, vault
from permanence.journal.exchange import Asked, Result
from permanence.journal.seal import Transport
from permanence.lib import clock, host
from permanence.sync import actions, queries, relays, witnessing
from permanence.sync.models import Peer

log = logging.getLogger(__name__)
EVERY_S, RETRY_S, COMPARE_S, TELL_S = 0.3, 2.0, 60.0, 1.0
STUCK = frozenset({Result.GAP, Result.WAITING})


def context_of(seal: Path) -> ssl.SSLContext:
    """Who is believed: public certificates, and the practice's own authority, whose certificate ends the chain of our leaf."""
    made = ssl.create_default_context()
    chain = seal / "tls" / "cert.pem"
    if chain.exists():
        made.load_verify_locations(cadata=chain.read_text())
    return made


def line_to(base: str, here: folder.Folder, *, at: tuple[str, int] | None = None) -> peers.Peer:
    """A line to a replica or a relay, signed by this machine's transport key."""
    secret = Transport.load(here.seal_path).signing
    return peers.Peer(base, secret, context_of(here.seal_path) if base.startswith("https:") else None, at=at)


def place_of(at: str) -> tuple[str, int] | None:
    """host:port in its parts; None for none."""
    name, _, port = at.rpartition(":")
    return (name, int(port)) if name and port.isdecimal() else None


class Talk:
    """The talk with one peer, kept from one time to the next."""

    def __init__(self, row: Peer, line: peers.Peer, path: Path) -> None:
        self.id, self.line, self._path = row.pk, line, path
        self.given_until, self.taken_until = row.given_until, row.taken_until
        self._saved = row.given_until, row.taken_until
        self._failing, self._blobs_at, self._news = bool(row.failing_since), 0.0, True
        self._base, self._relay, self._moved, self._compared_at = row.base, row.replica is None, True, -COMPARE_S

    def once(self, progress: Callable[[int, int], None] | None = None) -> int:
        """One exchange both ways; how many entries went either way. Raises peers' errors. `progress(entries here, entries there)`."""
        sent = taken = 0
        while True:
            given = self.line.pull(Asked(arrival.held(), self.taken_until))
            taken += self._take(given)
            if progress is not None:
                progress(sum(arrival.held().values()), sum(given.held.values()))
            more, pushed = self._give(given.held)
            sent += pushed
            if not given.more and not more:
                break
        if sent or taken:
            self._news = True
        self._exchange_blobs()
        self._compare(bool(sent or taken))
        self._remember()
        return sent + taken

    def _take(self, given: exchange.Given) -> int:
        stuck = False
        for batch in given.batches:
            pushed = arrival.take(batch, queries.standing)
            stuck = stuck or any(one.result in STUCK for one in pushed.outcomes)
        # What hangs in the air is asked for from the beginning: their order may have changed, or an entry was lost on the way.
        self.taken_until = 0 if stuck and self.taken_until else given.until
        return sum(len(batch.entries) for batch in given.batches)

    def _give(self, theirs: exchange.Vector) -> tuple[bool, int]:
        """One batch of what they lack: whether there is more, and how many went."""
        if not exchange.lacking(arrival.held(), theirs):
            return False, 0
        given = departure.give(Asked(theirs, self.given_until))
        if not given.batches:
            if self.given_until:  # they lack something from before: a restored machine, or a relay that lost its disk
                self.given_until = 0
                return True, 0
            return False, 0
        pushed = self.line.push(given.batches[0])
        if any(one.result in STUCK for one in pushed.outcomes) and self.given_until:
            self.given_until = 0
        else:
            self.given_until = given.until
        return given.more, len(given.batches[0].entries)

    def _exchange_blobs(self) -> None:
        """Files, sealed, by their hashes, apart from entries. Only after something came or went."""
        if not self._news or clock.monotonic() - self._blobs_at < (0 if self._blobs_at == 0 else 1.0):
            return
        cited = set(registry.cited_blobs())
        here = {hash for hash in cited if blobs.exists(self._path, hash)}
        for hash in cited - here:
            try:
                blobs.keep(self._path, hash, self.line.get_blob(hash))
            except peers.Refused as refused:
                if refused.status != 404:
                    raise
        for hash in self.line.missing_blobs(here):
            self.line.put_blob(hash, blobs.sealed(self._path, hash))
        self._blobs_at, self._news = clock.monotonic(), bool(cited - here) and not self._all_here(cited)

    def _compare(self, moved: bool) -> None:
        """Heads, some time after something moved; and with a relay, who may speak there."""
        self._moved = self._moved or moved
        if not self._moved or clock.monotonic() - self._compared_at < COMPARE_S:
            return
        found = witnessing.compare(self.line, self._base)
        actions.record_comparison(self.id, countersigned=found.countersigned,
                                  lies=[[lie.replica.hex, lie.stream, lie.size, str(lie.what)] for lie in found.lies])  # fmt: skip
        if self._relay:
            relays.keep_speakers(self.line)
        self._moved, self._compared_at = False, clock.monotonic()

    def _all_here(self, cited: set[bytes]) -> bool:
        return all(blobs.exists(self._path, hash) for hash in cited)

    def _remember(self) -> None:
        if self._failing or self._saved != (self.given_until, self.taken_until):
            actions.record_talk(self.id, given_until=self.given_until, taken_until=self.taken_until)
            self._saved, self._failing = (self.given_until, self.taken_until), False

    def failed(self, why: str) -> None:
        if not self._failing:
            self._failing = True
            actions.record_talk(self.id, why=why)


class Talker(threading.Thread):
    """One per open practice; it talks with every peer in turn, at once after a local write, and every 0.3 s otherwise."""

    def __init__(self, here: folder.Folder, *, every: float = EVERY_S, line: Callable[..., peers.Peer] = line_to) -> None:
        super().__init__(name="sync", daemon=True)
        self._here, self._every, self._line = here, every, line
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._talks: dict[int, Talk] = {}
        self._rest: dict[int, float] = {}
        self._told_at = -TELL_S
        self.state: queries.Talks | None = None  # of the last rounds, for the strip: nobody waits for it

    def start(self) -> None:
        acts.head_committed.append(self._written)
        super().start()

    def stop(self) -> None:
        """Before sealing."""
        self._stopping.set()
        self._wake.set()
        if self._written in acts.head_committed:
            acts.head_committed.remove(self._written)
        for talk in self._talks.values():
            talk.line.close()
        if self.is_alive() and threading.current_thread() is not self:
            self.join(5)

    def _written(self, alias: str) -> None:
        if alias == "default":
            self._wake.set()

    def run(self) -> None:
        host.give_way()
        try:
            while not self._stopping.is_set():
                self._wake.clear()
                self.round()
                self._tell()
                self._wake.wait(self._every)
        finally:
            connections.close_all()

    def round(self) -> None:
        """Every peer once. What fails is said, and tried again in a moment."""
        for row in queries.peers():
            if self._stopping.is_set() or self._rest.get(row.pk, 0.0) > clock.monotonic():
                continue
            try:
                talk = self._talks.get(row.pk)
                if talk is None:
                    talk = self._talks[row.pk] = Talk(row, self._line(row.base, self._here, at=place_of(row.at)), self._here.path)
                talk.once()
            except Exception as error:
                if self._stopping.is_set() or vault.is_sealed():
                    return
                self._failed(row, error)

    def _tell(self) -> None:
        if clock.monotonic() - self._told_at >= TELL_S and not self._stopping.is_set() and not vault.is_sealed():
            self.state, self._told_at = queries.talks(), clock.monotonic()

    def _failed(self, row: Peer, error: Exception) -> None:
        self._rest[row.pk] = clock.monotonic() + RETRY_S
        if isinstance(error, peers.Unreachable | peers.Refused | peers.Malformed):
            why = error.why if isinstance(error, peers.Unreachable) else getattr(error, "code", "malformed")
        else:
            log.exception("a talk failed")
            why = "error"
        if (talk := self._talks.get(row.pk)) is not None:
            talk.failed(why)
        else:
            actions.record_talk(row.pk, why=why)


def behind_elsewhere(here: folder.Folder, *, line: Callable[..., peers.Peer] = line_to) -> bool:
    """Whether somebody holds more of this machine's own chains than it does itself: it was put back without knowing it.

    Asked before the first write of each opening; who does not answer at once is not waited for.
    """
    mine, replica = arrival.held(), vault.current().replica
    for row in Peer.objects.all():
        try:
            theirs = line(row.base, here, at=place_of(row.at)).pull(Asked(mine, row.taken_until, 1)).held
        except (peers.Unreachable, peers.Refused, peers.Malformed, ValueError, OSError):
            continue
        if any(place[0] == replica and size > mine.get(place, 0) for place, size in theirs.items()):
            log.warning("others hold more of our chains than we do", extra={"kind": "folder.behind"})
            return True
    return False
