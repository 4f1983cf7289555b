"""Who carries the access streams between the machines: apart from the entries, behind them, by pieces, and never in anybody's way.

A machine that was not heard of for a while gives what it read itself; what others read is asked for. A first synchronisation, and
what a cut left to exchange, go before.
"""

import logging
import threading
from collections.abc import Callable, Mapping

from django.db import connections

from permanence.journal import exchange, folder, peers, reads_in, segments, vault
from permanence.journal.categories import Stream
from permanence.journal.exchange import Result
from permanence.journal.messages import Reads, Segment
from permanence.lib import host
from permanence.sync import apart, queries
from permanence.sync.models import Peer

log = logging.getLogger(__name__)
EVERY_S, BETWEEN_S, LAST_S = 30.0, 0.05, 2.0
MOST_ROUNDS = 20  # with one peer, before the next one has its turn
ROOM = 512 << 20  # free bytes that what others read never takes
LEFT_MS, MOST_LEFT = 7 * 86_400_000, 2_000  # of what a machine that was revoked still gives
Keys = Mapping[bytes, bytes]
Stopping = Callable[[float], bool]


class Trip:
    """The exchange with one peer, kept from one time to the next."""

    def __init__(self, row: Peer, line: peers.Peer, here: folder.Folder) -> None:
        self.where, self.line, self._here = (row.base, row.at), line, here
        self._given: set[bytes] = set()  # what they have put aside is not given again
        self.moved = 0  # segments, either way

    def go(self, keys: Keys, stopping: Stopping) -> None:
        """Take what is lacking here, give what they lack. Raises peers' errors."""
        takes = has_room(self._here)
        for _ in range(MOST_ROUNDS):
            offered = self.line.reads(segments.mine())
            segments.hear(offered.theirs.heads, keys)
            moved = self._take(offered.segments, keys, stopping) if takes else 0
            for one in segments.beyond(offered.theirs):
                moved += self._give(one)
                if stopping(BETWEEN_S):
                    return
            self.moved += moved
            if not moved:
                return

    def _take(self, offered: tuple[Segment, ...], keys: Keys, stopping: Stopping) -> int:
        moved = 0
        for one in offered:
            if stopping(BETWEEN_S):
                return 0
            if one.replica not in keys or reads_in.is_aside(one.hash):
                continue
            try:
                result, _ = reads_in.take(self.line.get_segment(one), keys, stopping)
            except (peers.Refused, peers.Malformed, exchange.Malformed) as error:  # they lost it, or it is another one: the others go on
                log.warning("a segment was not given as it is", extra={"kind": "segments.given", "code": type(error).__name__})
                continue
            moved += result is Result.ACCEPTED
        return moved

    def _give(self, one: Segment) -> int:
        if one.hash in self._given:
            return 0
        try:
            self.line.put_segment(one, segments.bytes_of(one.replica, one.first, one.last))
        except FileNotFoundError:
            return 0
        except peers.Refused as refused:
            if refused.status != 409:
                raise
            self._given.add(one.hash)  # they hold another story of it, which comes with what they offer
            return 0
        self._given.add(one.hash)
        return 1

    def go_out(self) -> None:
        """At closing: only what was cut last, and nothing is asked."""
        for one in segments.lately(segments.TAIL_MS, 1):
            self._give(one)


class Left:
    """What a machine that was revoked still gives of its reads: they want to know what was shown on it. Nothing is asked."""

    def __init__(self) -> None:
        self._given: set[bytes] = set()

    def give(self, line: peers.Peer) -> None:
        """What was read lately, once, its open end too. Raises peers' errors."""
        segments.cut(closing=True)
        for one in segments.lately(LEFT_MS, MOST_LEFT):
            if one.hash not in self._given:
                line.put_segment(one, segments.bytes_of(one.replica, one.first, one.last))
                self._given.add(one.hash)


class Courier(threading.Thread):
    """One per open practice. What is cut here goes out, what others cut comes in, every half minute and before the practice closes."""

    def __init__(self, here: folder.Folder, line: Callable[[Peer], peers.Peer], *, every: float = EVERY_S) -> None:
        super().__init__(name="segments", daemon=True)
        self._here, self._line, self._every = here, line, every
        self._stopping, self._over = threading.Event(), threading.Event()
        self._trips: dict[int, Trip] = {}

    def stop(self) -> None:
        """Before sealing: the open tail is cut, and given if somebody answers at once."""
        self._stopping.set()
        if self.is_alive() and threading.current_thread() is not self:
            self.join(LAST_S)
            self._over.set()
            for trip in tuple(self._trips.values()):
                trip.line.close()
            self.join(3)

    def run(self) -> None:
        host.give_way()
        try:
            while not self._stopping.wait(self._every):
                self.round()
            self._last()
        except Exception:
            if not vault.is_sealed():
                log.exception("reads could not be cut at closing")
        finally:
            reads_in.forget()
            for trip in self._trips.values():
                trip.line.close()
            connections.close_all()

    def round(self) -> None:
        """Cut what is due, look at what was given, then see each peer. What fails is tried again next time."""
        try:
            segments.cut()
            keys = queries.access_keys()
            if has_room(self._here):
                reads_in.take_received(keys, self._stopping.wait)
            else:
                reads_in.forget()  # whoever gave it has it still
            for row in queries.all_peers():
                if self._stopping.is_set():
                    return
                self._see(row, keys)
        except Exception:
            if not self._stopping.is_set() and not vault.is_sealed():
                log.exception("reads were not exchanged this time")

    def _see(self, row: Peer, keys: Keys) -> None:
        if row.last_at is None or row.failing_since is not None or not queries.still_heard(row.replica) or apart.standing() is not None:
            return  # the first synchronisation is not over; it does not answer; or it was revoked; or this machine stands alone on purpose
        trip = self._trip(row)
        try:
            trip.go(keys, self._stopping.wait)
        except (peers.Unreachable, peers.Refused, peers.Malformed) as error:
            log.info("reads wait", extra={"kind": "segments.wait", "code": type(error).__name__})

    def _trip(self, row: Peer) -> Trip:
        found = self._trips.get(row.pk)
        if found is None or found.where != (row.base, row.at):
            found = self._trips[row.pk] = Trip(row, self._line(row), self._here)
        return found

    def _last(self) -> None:
        """What was read in the last minutes."""
        if not segments.cut(closing=True):
            return
        for row in queries.all_peers():
            if not self._over.is_set() and row.last_at and row.failing_since is None and queries.still_heard(row.replica):
                try:
                    self._trip(row).go_out()
                except (peers.Unreachable, peers.Refused, peers.Malformed):
                    continue


def has_room(here: folder.Folder) -> bool:
    """Whether what others read is kept on this machine."""
    return queries.takes_reads() and host.free_bytes(here.path) > ROOM


def known_to(line: peers.Peer) -> dict[exchange.Place, int]:
    """How many reads of each machine a peer has, in whole pieces; nothing when it does not say."""
    try:
        return {(one.replica, int(Stream.ACCESS)): one.last for one in line.reads(Reads()).theirs.newest}
    except (peers.Unreachable, peers.Refused, peers.Malformed):
        return {}
