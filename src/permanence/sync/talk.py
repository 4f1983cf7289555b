"""The talk with one peer: it is given what it lacks, gives what we lack, and what both hold is remembered from one time to the next.

Push never waits for pull. Everything said is idempotent, so a talk that was cut is begun again.
"""

import datetime
from collections.abc import Callable, Iterable
from pathlib import Path

from permanence.journal import arrival, blobs, departure, exchange, keys_in, peers, registry, vault
from permanence.journal.exchange import Asked, Result
from permanence.lib import clock
from permanence.sync import actions, brought, deposits, forgetting, hearing, queries, relays, roots, witnessing
from permanence.sync.models import Peer

BLOBS_S, COMPARE_S = 1.0, 60.0
AWAITED_S = 2 * 24 * 3600.0
KEYS_AT_ONCE, KEYS_AGAIN_S = 500, 3_600.0
ABSENT_S = 30.0  # a file that is not there yet is asked for again after this
A_CUT = datetime.timedelta(seconds=10)  # shorter ones are nobody's business: no report
REVOKED, FULL = "revoked", "quota"
TOLD = frozenset({REVOKED, FULL})  # what people are told of a talk that fails, whatever kept it from its end before
STUCK = frozenset({Result.GAP, Result.WAITING})


_awaited: dict[bytes, float] = {}  # files that no machine had yet, and since when, by the monotonic clock


def _await(hashes: Iterable[bytes]) -> None:
    for hash in hashes:
        _awaited.setdefault(hash, clock.monotonic())


def coming() -> set[bytes]:
    """Files that are still on their way; after two days one is missing, and tonight's copy says so."""
    return {hash for hash, since in tuple(_awaited.items()) if clock.monotonic() - since < AWAITED_S}


class Talk:
    """The talk with one peer, kept from one time to the next."""

    def __init__(self, row: Peer, line: peers.Peer, path: Path) -> None:
        self.id, self.line, self._path = row.pk, line, path
        self.given_until, self.taken_until = row.given_until, row.taken_until
        self.way = self._way_saved = row.way
        self._saved = row.given_until, row.taken_until
        self._failing_since, self._news, self._blobs_at = row.failing_since, True, -BLOBS_S
        self._base, self._replica, self._relay = row.base, row.replica, row.replica is None
        self._moved, self._compared_at = True, -COMPARE_S
        self._begun_again: tuple[exchange.Vector, exchange.Vector] | None = None
        self._taken_again: tuple[exchange.Vector, exchange.Vector] | None = None
        self._again = False
        self._both_have = set[bytes]()  # files, by hash: a write does not offer all of them anew
        self._keys_epoch, self._keys_asked = row.keys_epoch, set[bytes]()
        self._keys_asked_at: float | None = None
        self._forgot_at, self._rounds = -forgetting.EVERY_S, forgetting.rounds
        self._left: deposits.Left | None = None
        self.sent = self.taken = self.aside = 0  # of the last talk
        self._back, self._sent_back = brought.Brought(), 0  # of the return that is under way, however often it was cut again
        self.why = row.why
        self.returned: int | None = None  # a report that waits for its verification

    def once(self, progress: Callable[[int, int], None] | None = None) -> int:
        """One exchange both ways; how many entries went either way. Raises peers' errors. `progress(entries here, entries there)`."""
        self.sent = self.taken = self.aside = 0
        if self._failing_since is None:
            self._nothing_back()
        newest, theirs = departure.newest(), self.both_ways(progress)
        self._ask_for_keys()
        self._give_keys()
        moved = bool(self.sent or self.taken)
        self._news = self._news or moved
        self._compare(moved)
        self._remember(theirs)
        self.exchange_files()
        self._forget(newest, theirs)
        return self.sent + self.taken

    def _ask_for_keys(self) -> None:
        """Once, and for those that came to be lacking since; seldom, for who has a machine's keys can cite what nobody ever had."""
        awaited, now = roots.awaited() - self._keys_asked, clock.monotonic()
        if self._keys_asked_at is None or (awaited and now - self._keys_asked_at >= KEYS_AGAIN_S):
            if not queries.is_limited(self._replica):
                roots.ask_for_keys(self.line)
            self._keys_asked |= awaited
            self._keys_asked_at = now

    def _forget(self, until: int, theirs: exchange.Vector) -> None:
        """On a limited machine: who was taken back, and of whom they hold all that was written up to there, the files too."""
        if vault.current().limited is None or clock.monotonic() - self._forgot_at < forgetting.EVERY_S:
            return
        self._forgot_at = clock.monotonic()
        forgetting.forget_withdrawn(forgetting.Elsewhere(
            until, self._held_after(arrival.held(), theirs), lambda hash: hash in self._both_have or not blobs.exists(self._path, hash)))

    def both_ways(self, progress: Callable[[int, int], None] | None = None) -> exchange.Vector:
        """Entries, until neither lacks any; what they held then."""
        ahead: Callable[[], exchange.Given] | None = None
        while True:
            given = ahead() if ahead is not None else self.line.pull(Asked(arrival.held(), self.taken_until))
            ahead, sent = self._ask_ahead(given), self.sent
            self._take(given)
            if progress is not None:
                progress(sum(arrival.held().values()), sum(given.held.values()))
            more = self._give(given.held)
            if self.taken_until != given.until or self.sent != sent:
                ahead = None  # asked for before: not what is wanted now, or an answer that does not count what they were given since
            if not given.more and not more and not self._again:
                return given.held
            self._again = False

    def _ask_ahead(self, given: exchange.Given) -> Callable[[], exchange.Given] | None:
        """What comes after this, fetched while this is kept; not while they are given something, for their answer would be older."""
        if not given.more or exchange.lacking(departure.giveable(), given.held):
            return None
        return self.line.pull_ahead(Asked(arrival.held(), given.until))

    def _take(self, given: exchange.Given) -> None:
        outcomes = [one for batch in given.batches for one in arrival.take(batch, queries.standing).outcomes]
        results = [one.result for one in outcomes]
        self._back.note(outcomes)
        self.taken += len(results)
        self.aside += results.count(Result.QUARANTINED)
        stuck = bool(STUCK & set(results))
        lost = not given.batches and not given.more and bool(exchange.lacking(given.held, arrival.held()))
        if (stuck or lost) and self.taken_until and self._taken_again != (state := (dict(given.held), arrival.held())):
            # What hangs in the air is asked for from the beginning: an entry was lost on the way, or they count anew after a loss.
            self.taken_until, self._taken_again = 0, state
            self._again = True
        else:
            self.taken_until = given.until

    def _give(self, theirs: exchange.Vector) -> bool:
        """One batch of what they lack: whether there is more."""
        newest = departure.newest()
        if not exchange.lacking(departure.giveable(), theirs):
            self.given_until = newest
            return False
        given = departure.give(Asked(theirs, self.given_until), keys=not queries.is_limited(self._replica))
        if not given.batches:
            return self._begin_again(theirs)
        pushed = self.line.push(given.batches[0])
        self.sent += len(given.batches[0].entries)
        self._sent_back += len(given.batches[0].entries)
        stuck = any(one.result in STUCK for one in pushed.outcomes)
        self.given_until = given.until
        return given.more or (stuck and self._begin_again(pushed.held))

    def _begin_again(self, theirs: exchange.Vector) -> bool:
        """They lack something from before: restored, or a relay that lost its disk. Once for what both hold, for they may refuse it."""
        state = dict(theirs), arrival.held()
        if not self.given_until or self._begun_again == state:
            return False
        self.given_until, self._begun_again = departure.before(theirs), state
        self._both_have.clear()  # if it was restored, its files may be gone too
        return True

    def _give_keys(self) -> None:
        """To a relay, after a change of the root: every patient's key as it is wrapped now. It keeps what it was given, and who makes
        a machine anew from it has the new root alone."""
        v = vault.current()
        if not self._relay or v.limited is not None or v.other is not None or v.epoch == self._keys_epoch:
            return
        patients = keys_in.keyed()
        for at in range(0, len(patients), KEYS_AT_ONCE):
            self.line.push(exchange.Batch(v.practice, (), keys_in.sealed_keys(patients[at:at + KEYS_AT_ONCE])))
        actions.record_keys(self.id, epoch=v.epoch)
        self._keys_epoch = v.epoch

    def exchange_files(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Files, sealed, by their hashes, apart from entries. Only after something came or went, and while one is missing.
        How many they could not give or take. `progress(files here, files in all)`."""
        if not self._news or clock.monotonic() - self._blobs_at < BLOBS_S:
            return 0
        if self._rounds != forgetting.rounds:  # who was forgotten may be given back: their files then come again
            self._both_have.clear()
            self._rounds = forgetting.rounds
        cited = set(registry.cited_blobs())
        new = cited - self._both_have
        here = {hash for hash in new if blobs.exists(self._path, hash)}
        lacking, absent, held = self.line.missing_blobs(here), 0, len(cited) - len(new - here)
        self._both_have |= here - lacking
        _await(new - here)
        for number, hash in enumerate(sorted(new - here), 1):
            absent += not self._moved_blob(hash, lambda hash: blobs.keep(self._path, hash, self.line.get_blob(hash)))
            if progress is not None:
                progress(held + number - absent, len(cited))
        for hash in lacking:
            absent += not self._moved_blob(hash, lambda hash: self.line.put_blob(hash, blobs.sealed(self._path, hash)))
        self._blobs_at = clock.monotonic() + (ABSENT_S if absent else 0)
        self._news = bool(absent)
        return absent

    def _moved_blob(self, hash: bytes, move: Callable[[bytes], object]) -> bool:
        """One file; one that is not there yet, or not now, stops nothing else."""
        try:
            move(hash)
        except peers.Refused:
            return False
        self._both_have.add(hash)
        _awaited.pop(hash, None)
        return True

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
            self._left = deposits.leave(self._path, self.line, self._left)
        self._moved, self._compared_at = False, clock.monotonic()

    def _remember(self, theirs: exchange.Vector) -> None:
        """Where both stand; and, after a cut, what came back of it."""
        if self._replica is not None:
            hearing.heard(self._replica.bytes)
            hearing.holds(self._replica.bytes, theirs)
        since, self._failing_since, self.why = self._failing_since, None, ""
        if since is not None or (self._saved, self._way_saved) != ((self.given_until, self.taken_until), self.way):
            actions.record_talk(self.id, given_until=self.given_until, taken_until=self.taken_until, way=self.way)
            self._saved, self._way_saved = (self.given_until, self.taken_until), self.way
        if since is not None and clock.now() - since >= A_CUT:
            mine, compared = arrival.held(), witnessing.compare(self.line, self._base)
            self._back.add(brought.collect(self._replica))
            self.returned = actions.record_return(
                self.id, since=since, until=clock.now(), sent=self._sent_back, received=self._back.taken, aside=self._back.aside,
                to_settle=queries.to_settle_of(self._back.spans),
                heads_equal=not compared.lies and not exchange.lacking(theirs, mine)
                and not exchange.lacking(departure.giveable(), self._held_after(mine, theirs))
                and (self._relay or witnessing.same_roots(self.line)),
                entries=sum(mine.values()))  # fmt: skip

    def _nothing_back(self) -> None:
        """What comes from here on is counted for the next return."""
        self._back, self._sent_back = brought.Brought(), 0
        brought.collect(self._replica)

    def _held_after(self, mine: exchange.Vector, theirs: exchange.Vector) -> exchange.Vector:
        """What they hold once they were given what they lacked."""
        return self.line.pull(Asked(mine, self.taken_until, 1)).held if self.sent else theirs

    def failed(self, why: str) -> None:
        if self._failing_since is None:
            self._nothing_back()
        if self._failing_since is None or (why in TOLD and why != self.why):
            self._failing_since, self.why = self._failing_since or clock.now(), why
            actions.record_talk(self.id, why=why)
