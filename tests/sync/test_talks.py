"""A talk takes and gives what each lacks, remembers where it stood, reports what a cut brought back, and does not ask for ever."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from permanence.journal import arrival, blobs, chain, departure, exchange, keys_in, peers, registry, vault, writer
from permanence.journal.doors import Actor
from permanence.journal.messages import Judged, Offered, Reads
from permanence.lib import clock
from permanence.lib.sqlcipher import run
from permanence.sync import actions as machines_
from permanence.sync import apart, queries, roots, talking, witnessing
from permanence.sync import talk as talk_
from permanence.sync.actions import remember_peer
from permanence.sync.behind import behind_elsewhere
from permanence.sync.models import Peer, Return
from permanence.sync.talk import Talk
from permanence.web.health import Exchange, exchange_from, strip
from tests.sync.machines import Machine, Machines, anybody, everyone
from tests.testapp import actions
from tests.testapp.models import Person

BASE = "https://bureau.cabinet.example/entre-machines/"


class Line:
    """A line to another machine of this process. `cut`: nobody answers; `deaf`: it refuses what comes; `most`: entries of one answer."""

    def __init__(self, there: Machine) -> None:
        self.offered, self.files = list[set[bytes]](), dict[bytes, bytes]()
        self.there, self.cut, self.deaf, self.pushes, self.another = there, False, False, 0, b""
        self.most, self.asked, self.ahead = exchange.MOST_ENTRIES, list[int](), 0

    def _answered(self) -> None:
        if self.cut:
            raise peers.Unreachable("cut")

    def pull(self, asked: exchange.Asked) -> exchange.Given:
        self._answered()
        self.asked.append(asked.since)
        asked = exchange.Asked(asked.held, asked.since, min(asked.most, self.most))
        with self.there:
            return exchange.Given.decode(departure.give(exchange.Asked.decode(asked.encode())).encode())

    def pull_ahead(self, asked: exchange.Asked) -> Callable[[], exchange.Given]:
        """Answered at once: the oldest answer that the caller may be given."""
        self.ahead += 1
        answer: Future[exchange.Given] = Future()
        try:
            answer.set_result(self.pull(asked))
        except peers.Unreachable as error:
            answer.set_exception(error)
        return answer.result

    def push(self, batch: exchange.Batch) -> exchange.Pushed:
        self._answered()
        self.pushes += 1
        with self.there:
            return arrival.take(exchange.Batch.decode(batch.encode()), (lambda replica, act: None) if self.deaf else everyone)

    def reads(self, mine: Reads) -> Offered:
        return Offered((), Reads())

    def missing_blobs(self, hashes: Any) -> set[bytes]:
        self.offered.append(set(hashes))
        return set(hashes) - self.files.keys()

    def get_blob(self, hash: bytes) -> bytes:
        if hash not in self.files:
            raise peers.Refused(404, "unknown")
        return self.files[hash]

    def put_blob(self, hash: bytes, data: bytes) -> None:
        self.files[hash] = data

    def put_heads(self, shown: Any) -> list[Judged]:
        return []

    def roots(self) -> dict[exchange.Place, tuple[int, bytes]]:
        with self.there:
            found = witnessing.roots_here()
        return found | {place: (size, self.another) for place, (size, _) in found.items() if self.another}

    def heads(self) -> list[Any]:
        return []

    def close(self) -> None:
        """Nothing is held."""


Two = tuple[Machine, Machine, Line]


@pytest.fixture(autouse=True)
def heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "standing", everyone)


@pytest.fixture
def two(machines: Machines) -> Two:
    here, there = machines.new(), machines.new()
    with here:
        remember_peer(BASE, replica=UUID(bytes=there.replica))
    return here, there, Line(there)


def talk_of(here: Machine, line: Line) -> Talk:
    return Talk(Peer.objects.get(), line, here.folder)  # type: ignore[arg-type]


def write(at: Machine, *names: str) -> None:
    with at:
        for name in names:
            actions.register(by=anybody(), family=name)


def names(at: Machine) -> list[str]:
    with at:
        return names_here()


def names_here() -> list[str]:
    return sorted(Person.objects.values_list("family", flat=True))


def test_both_have_all_then_nothing_moves(two: Two) -> None:
    here, there, line = two
    write(here, "A", "B")
    write(there, "C")
    with here:
        talk = talk_of(here, line)
        assert talk.once() == 3
        assert talk.once() == 0
        again = talk_of(here, line)  # after a restart it begins where it stood
        assert (again.given_until, again.taken_until) == (talk.given_until, talk.taken_until)
        assert again.once() == 0
    assert names(here) == names(there) == ["A", "B", "C"]


def test_a_key_that_somebody_kept_back_is_asked_for_again(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relay that drops keys, or a machine of the version before: the file is here, and what was written last in it is not shown."""
    here, there, line = two
    write(there, "A")
    with here:
        talk = talk_of(here, line)
        talk.once()
    with there:
        v = vault.current()
        vault.use(replace(v, epoch=2))  # the root changed; its bytes are the same, for nobody here was told another
        actions.amend(Person.objects.get().id, by=anybody(), phone="0102")
    with here:
        v = vault.current()
        vault.use(replace(v, roots={2: v.root}))
        monkeypatch.setattr(arrival.keys_in, "offered", lambda sealed: {})
        talk.once()
        assert Person.objects.get().phone == ""
        assert len(roots.awaited()) == 1
        monkeypatch.undo()
        monkeypatch.setattr(queries, "standing", everyone)
        talk.once()
        assert Person.objects.get().phone == ""
        asked = len(line.asked)
        monkeypatch.setattr(talk_, "KEYS_AGAIN_S", 0.0)
        talk.once()
        assert Person.objects.get().phone == "0102"
        assert roots.awaited() == set()
        assert len(line.asked) - asked <= 3


def test_keys_that_were_passed_over_are_asked_for_again(two: Two) -> None:
    """By a version that did not know their root, say: the entries are here, and nothing would bring their keys."""
    here, there, line = two
    write(there, "A", "B")
    with here:
        talk_of(here, line).once()
        (a, _b) = run("default", "SELECT ref FROM journal_key WHERE label = 'patient' ORDER BY ref").fetchall()
        writer.current().run_job(lambda: run("default", "DELETE FROM journal_key WHERE ref = ?", a[0]) and None)
        writer.current().run_job(lambda: [chain.refold(object) for (object,) in run(
            "default", "SELECT DISTINCT object FROM journal_entry WHERE ref = ?", a[0]).fetchall()] and None)
        assert keys_in.lacking() == 1
        assert Person.objects.count() == 1
        talk_of(here, line).once()
        assert keys_in.lacking() == 0
    assert names(here) == ["A", "B"]


def test_what_a_cut_brought_back_is_reported_once(two: Two) -> None:
    here, there, line = two
    with here:
        talk = talk_of(here, line)
        talk.once()
        line.cut = True
        with pytest.raises(peers.Unreachable):
            talk.once()
        talk.failed("cut")
        assert Peer.objects.get().failing_since is not None
    write(here, "A", "B")
    write(there, "C")
    line.cut = False
    with here, clock.override(offset=timedelta(days=7)):
        talk.once()
        found = Return.objects.get()
        assert (found.sent, found.received, found.aside, found.heads_equal) == (2, 1, 0, True)
        assert found.until - found.since > timedelta(days=6)
        talk.once()
        assert Return.objects.count() == 1
        assert Peer.objects.get().failing_since is None


def test_another_root_under_the_same_number_of_entries_is_not_the_same_record(two: Two) -> None:
    here, _, line = two
    write(here, "A")
    with here:
        talk = talk_of(here, line)
        talk.failed("cut")
        line.another = bytes(32)
        with clock.override(offset=timedelta(hours=1)):
            talk.once()
        assert Return.objects.get().heads_equal is False


def test_a_write_offers_no_file_that_both_have_and_asks_again_for_one_that_is_not_there(
        two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    here, _, line = two
    mine, theirs = {b"a": b"1", b"b": b"2"}, b"c"
    monkeypatch.setattr(talk_, "BLOBS_S", 0.0)
    monkeypatch.setattr(talk_, "ABSENT_S", 0.0)
    monkeypatch.setattr(registry, "cited_blobs", lambda: dict.fromkeys([*mine, theirs], b"key"))
    monkeypatch.setattr(blobs, "exists", lambda path, hash: hash in mine)
    monkeypatch.setattr(blobs, "sealed", lambda path, hash: mine[hash])
    monkeypatch.setattr(blobs, "keep", lambda path, hash, data: mine.update({hash: data}))
    with here:
        talk = talk_of(here, line)
        talk.once()
        assert line.files == {b"a": b"1", b"b": b"2"}
        line.files[theirs] = b"3"
        talk.once()
        assert mine[theirs] == b"3"
        mine[b"d"] = b"4"
        actions.register(by=anybody(), family="A")
        talk.once()
    assert line.offered == [{b"a", b"b"}, set(), {b"d"}]
    assert line.files[b"d"] == b"4"


def test_who_refuses_what_is_given_is_not_given_it_for_ever(two: Two) -> None:
    here, there, line = two
    write(here, "A")
    line.deaf = True
    with here:
        talk = talk_of(here, line)
        for _ in range(6):
            talk.once()
    assert line.pushes <= 2
    assert names(there) == []
    line.deaf = False
    write(here, "B")
    with here:
        talk.once()
    assert names(there) == ["A", "B"]


def test_a_peer_that_lost_its_disk_is_given_all_again(two: Two, machines: Machines) -> None:
    here, _, line = two
    write(here, "A", "B")
    with here:
        talk = talk_of(here, line)
        talk.once()
        line.there = machines.new()
        talk.once()
    assert names(line.there) == ["A", "B"]


def test_a_machine_put_back_behind_its_back_learns_it_before_its_first_write(two: Two, machines: Machines) -> None:
    here, _, line = two
    write(here, "A")
    snapshot = here.copy(machines.tmp_path / "snapshot")
    machines.all.append(snapshot)
    write(here, "B")
    with here:
        talk_of(here, line).once()
        assert not behind_elsewhere(None, line=lambda *_, **__: line)  # type: ignore[arg-type]
    with snapshot:
        assert behind_elsewhere(None, line=lambda *_, **__: line)  # type: ignore[arg-type]
        line.cut = True
        assert not behind_elsewhere(None, line=lambda *_, **__: line)  # type: ignore[arg-type]


def test_a_revoked_machine_is_given_nothing_any_more(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there, line = two
    with here:
        keys = {"verify": there.vault.verify_key, "transport": bytes(32), "box": bytes(32)}
        by = Actor.machine("console")
        machines_.add_replica(UUID(bytes=there.replica), keys, name="Hébergée", kind="hosted", hosts=["heberge.x"], by=by)
        assert [row.base for row in queries.peers()] == [BASE]
        machines_.revoke_replica(UUID(bytes=there.replica), by=by)
        assert list(queries.peers()) == []
        speaker = talking.Speaker(Peer.objects.get(), None, lambda *_, **__: line, 1.0)  # type: ignore[arg-type]
        actions.register(by=anybody(), family="après")
        speaker.once()
    assert names(there) == []


def test_a_cut_on_purpose_is_a_cut_and_ends_with_a_report(two: Two) -> None:
    here, there, line = two
    with here:
        speaker = talking.Speaker(Peer.objects.get(), SavedHeads(), lambda *_, **__: line, 1.0)  # type: ignore[arg-type]
        speaker._talk = talk_of(here, line)
        assert speaker.once()
        apart.begin(timedelta(minutes=5))
        try:
            actions.register(by=anybody(), family="pendant")
            assert not speaker.once()
            assert Peer.objects.get().why == apart.WHY
            assert not queries.uplink_down()
            begun = talking.Speaker(Peer.objects.get(), SavedHeads(), lambda *_, **__: line, 1.0)  # type: ignore[arg-type]
            assert not begun.once()
            assert begun._talk is None
        finally:
            apart.end()
    assert names(there) == []
    with here, clock.override(offset=timedelta(minutes=5)):
        assert speaker.once()
        assert Return.objects.get().heads_equal
    assert names(there) == ["pendant"]


def test_a_relay_that_counts_anew_is_heard_again(two: Two, machines: Machines) -> None:
    """Its places begin again after a loss: what comes there must not wait until they have caught up."""
    here, _, line = two
    write(line.there, "A", "B", "C")
    with here:
        talk = talk_of(here, line)
        talk.once()
        line.there = machines.new()
        talk.once()
        write(line.there, "D")
        talk.once()
        talk.once()
    assert names(here) == ["A", "B", "C", "D"]


def test_a_return_is_verified_and_says_so(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    here, _, line = two
    with here:
        speaker = talking.Speaker(Peer.objects.get(), SavedHeads(), lambda *_, **__: line, 1.0)  # type: ignore[arg-type]
        speaker._talk = talk_of(here, line)
        speaker._talk.failed("cut")
        with clock.override(offset=timedelta(hours=1)):
            assert speaker.once()
        found = Return.objects.get()
        assert found.verified is True
        assert found.heads_equal


class SavedHeads:
    """A folder without a head saved yet."""

    def saved_heads(self) -> list[object]:
        return []


def test_a_relay_without_room_is_in_the_strip_also_after_a_cut_until_it_takes_again(two: Two) -> None:
    here, _, line = two
    write(here, "A")
    with here:
        writer.current().run_job(lambda: Peer.objects.update(replica=None))
        talk = talk_of(here, line)
        talk.failed("cut")
        assert not queries.talks().full
        talk.failed("quota")
        assert queries.talks().full
        talk.failed("cut")  # nobody knows better meanwhile
        assert queries.talks().full
        talk._relay = False  # no heads of a relay here
        talk.once()
        assert not queries.talks().full


def test_two_stories_of_one_machine_are_in_the_strip(two: Two) -> None:
    here, _, _ = two
    with here:
        machines_.record_comparison(Peer.objects.get().pk, countersigned=0, lies=[["00" * 16, 2, 5, "fork"]])
        assert queries.talks().lies == 1
    told = Exchange(1, 1, lies=1)
    try:
        exchange_from(lambda: told)
        assert "deux histoires" in strip().text
    finally:
        exchange_from(lambda: None)
