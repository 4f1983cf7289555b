"""What one machine served is known on the others: in pieces that are checked, in order, told apart by machine, and never dropped."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from permanence.journal import access, arrival, exchange, merkle, peers, reads_in, segments, vault, verify, writer
from permanence.journal import queries as journal
from permanence.journal.categories import Category, Level, Stream
from permanence.journal.doors import Actor
from permanence.journal.exchange import Result
from permanence.journal.messages import Offered, Reads, Segment
from permanence.lib import clock
from permanence.lib.sqlcipher import run
from permanence.sync import actions, queries
from permanence.sync.behind import behind_elsewhere
from permanence.sync.segments import Courier, Left, Trip
from tests.sync.machines import Machine, _alone
from tests.sync.practice_life import Two, introduce, reader


class Road:
    """The way to another machine of this process, for reads. `lost`: first entries of segments that never arrive."""

    def __init__(self, there: Machine) -> None:
        self.there, self.lost, self.asked = there, set[int](), 0

    def reads(self, mine: Reads) -> Offered:
        self.asked += 1
        with self.there:
            asked = Reads.decode(mine.encode())
            segments.hear(asked.heads, queries.access_keys())
            return Offered.decode(segments.offer(asked).encode())

    def get_segment(self, one: Segment) -> bytes:
        if one.first in self.lost:
            raise peers.Refused(404, "unknown")
        with self.there:
            return segments.bytes_of(one.replica, one.first, one.last)

    def put_segment(self, one: Segment, data: bytes) -> None:
        with self.there:
            assert reads_in.receive(data)
            reads_in.take_received(queries.access_keys())

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def known(two: Two) -> Iterator[Two]:
    introduce(two)
    yield two
    reads_in.forget()
    access.forget()


def look(at: Machine, actor: Actor, patient: UUID, *, times: int = 1) -> None:
    with at:
        for _ in range(times):
            r = reader(actor)
            r.admit([patient], [Category.IDENTITY])
            access.submit(r.close()).wait()


def cut(at: Machine) -> int:
    with at:
        return segments.cut(closing=True)


def visit(here: Machine, road: Road) -> int:
    """`here` sees the other one, as it does every half minute."""
    with here:
        keys = queries.access_keys()
        trip = Trip(_row(), road, type("Here", (), {"path": here.folder})())  # type: ignore[arg-type]
        trip.go(keys, lambda seconds: False)
        return trip.moved


def _row() -> Any:
    return type("Row", (), {"base": "https://other", "at": ""})()


def seen(at: Machine, two: Two) -> list[tuple[UUID, UUID | None]]:
    """(machine, member) of each reading of the file that is known there, newest first; looking is not journalled here."""
    with at:
        found = journal.readers_of(two.jeanne, reader=reader(two.cast["moreau"]))
        return [(one.replica, one.member) for one in found if one.level == Level.READ]


def sound(at: Machine) -> None:
    with at:  # the template that every machine of these tests is made from had a key of its own
        for full in (True, False):
            assert [one for one in verify.verify(full=full).findings if not one.where.startswith("key signing")] == []


def test_who_opened_the_file_on_the_laptop_is_known_at_the_office(known: Two) -> None:
    look(known.a, known.cast["sophie"], known.jeanne)
    look(known.b, known.cast["petit"], known.jeanne, times=3)
    assert [cut(known.a), cut(known.b)] == [1, 1]
    assert visit(known.a, Road(known.b)) == 2  # one each way, though only one of them asked
    a, b = UUID(bytes=known.a.replica), UUID(bytes=known.b.replica)
    for machine in (known.a, known.b):
        found = seen(machine, known)
        assert sorted(found, key=str) == sorted([(a, known.cast["sophie"].member), *[(b, known.cast["petit"].member)] * 3], key=str)
        sound(machine)
    assert visit(known.a, Road(known.b)) == 0
    look(known.b, known.cast["petit"], known.jeanne)
    cut(known.b)
    assert visit(known.a, Road(known.b)) == 1
    assert len(seen(known.a, known)) == 5
    sound(known.a)


def test_the_newest_comes_first_whenever_it_came(known: Two) -> None:
    look(known.b, known.cast["petit"], known.jeanne)
    cut(known.b)
    with clock.override(offset=timedelta(hours=2)):  # later, never earlier: before midnight nobody here was hired yet
        look(known.a, known.cast["sophie"], known.jeanne)
        visit(known.a, Road(known.b))
    assert [member for _, member in seen(known.a, known)] == [known.cast["sophie"].member, known.cast["petit"].member]


def test_ones_own_visits_follow_one_over_machines(known: Two) -> None:
    look(known.b, known.cast["moreau"], known.jeanne)
    cut(known.b)
    visit(known.a, Road(known.b))
    with known.a:
        assert len(journal.own_reads([known.jeanne], [Category.IDENTITY], reader=reader(known.cast["moreau"]))) == 1
        assert journal.own_reads([known.jeanne], [Category.IDENTITY], reader=reader(known.cast["sophie"])) == []


def test_how_far_each_machine_is_known_is_said(known: Two) -> None:
    with known.a:
        here, laptop = queries.reads(reader=reader(known.cast["moreau"]))
        assert (here.here, here.name, laptop.until, laptop.missing) == (True, "Bureau", None, 0)
    look(known.b, known.cast["petit"], known.jeanne)
    cut(known.b)
    visit(known.a, Road(known.b))
    look(known.b, known.cast["petit"], known.jeanne, times=2)  # not cut yet: told, and not known
    with clock.override(offset=timedelta(minutes=3)):
        visit(known.a, Road(known.b))
        with known.a:
            _, laptop = queries.reads(reader=reader(known.cast["moreau"]))
            assert laptop.missing == 2
            assert laptop.until is not None
            assert laptop.until < clock.now() - timedelta(minutes=2)
        cut(known.b)
        visit(known.a, Road(known.b))
        with known.a:
            _, laptop = queries.reads(reader=reader(known.cast["moreau"]))
            assert laptop.missing == 0
            assert laptop.until is not None
            assert laptop.until > clock.now() - timedelta(minutes=2)


def test_the_open_tail_is_cut_after_five_minutes_or_two_of_quiet_and_large_pieces_at_once(
        known: Two, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    look(known.b, known.cast["petit"], known.jeanne, times=3)
    with known.b:
        assert segments.cut() == 0
        with clock.override(offset=timedelta(minutes=3)):
            assert segments.cut() == 1
    with clock.override(offset=timedelta(minutes=-6)):
        look(known.b, known.cast["petit"], known.jeanne)
    look(known.b, known.cast["petit"], known.jeanne)
    with known.b:
        assert segments.cut() == 1
        monkeypatch.setattr(segments, "MOST", 2)
    look(known.b, known.cast["petit"], known.jeanne, times=5)
    with known.b:
        assert segments.cut() == 2
        assert segments.end_of(known.b.replica)[0] == 9
        assert segments.cut(closing=True) == 1
        assert segments.cut(closing=True) == 0


def test_a_piece_lost_on_the_way_is_a_gap_that_is_shown_and_then_filled(known: Two) -> None:
    road = Road(known.b)
    for _ in range(3):
        look(known.b, known.cast["petit"], known.jeanne)
        cut(known.b)
    road.lost = {2}
    visit(known.a, road)
    assert len(seen(known.a, known)) == 1
    with known.a:
        assert queries.reads(reader=reader(known.cast["moreau"]))[1].gap == 1
    road.lost = set()
    visit(known.a, road)
    assert len(seen(known.a, known)) == 3
    with known.a:
        assert queries.reads(reader=reader(known.cast["moreau"]))[1].gap == 0
    sound(known.a)


def test_a_piece_kept_half_is_finished(known: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    look(known.b, known.cast["petit"], known.jeanne, times=2 * reads_in.AT_ONCE + 1)
    cut(known.b)
    kept, calls = reads_in._insert, 0

    def dies(*values: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise RuntimeError("killed")
        kept(*values)

    monkeypatch.setattr(reads_in, "_insert", dies)
    with pytest.raises(RuntimeError):
        visit(known.a, Road(known.b))
    with known.a:
        assert segments.sizes()[known.b.replica] % reads_in.AT_ONCE == 0
    monkeypatch.setattr(reads_in, "_insert", kept)
    visit(known.a, Road(known.b))
    assert len(seen(known.a, known)) == 2 * reads_in.AT_ONCE + 1
    sound(known.a)


# -- who lies


def test_a_machine_that_tells_two_stories_is_named_and_both_are_kept(known: Two, tmp_path: Any) -> None:
    twin = known.b.copy(tmp_path / "twin")
    look(known.b, known.cast["petit"], known.jeanne)
    look(twin, known.cast["hugo"], known.jeanne, times=2)
    cut(known.b)
    cut(twin)
    visit(known.a, Road(known.b))
    assert queries_lies(known.a) == 0
    visit(known.a, Road(twin))
    assert queries_lies(known.a) == 1
    assert [member for _, member in seen(known.a, known)] == [known.cast["petit"].member]
    with known.a:
        (entry, why), = run("access", "SELECT data, why FROM journal_segmentaside").fetchall()
        assert why == "fork"
        told = segments.Content.decode(entry)
        assert told.head.check(queries.access_keys()[known.b.replica])  # with its own signature: nobody else made it
        assert queries.reads(reader=reader(known.cast["moreau"]))[1].forked == 1
    sound(known.a)
    road = Road(twin)
    visit(known.a, road)
    assert queries_lies(known.a) == 1
    twin.stop()


def queries_lies(at: Machine) -> int:
    with at:
        return queries.talks().lies


def test_what_was_changed_on_the_way_is_kept_aside_and_enters_nothing(known: Two) -> None:
    look(known.b, known.cast["petit"], known.jeanne, times=2)
    cut(known.b)
    with known.b:
        (one,) = segments.beyond(Reads())
        data = segments.bytes_of(one.replica, one.first, one.last)
        content = segments.Content.decode(data)
    shorter = segments.Content(content.practice, content.head, content.entries[1:])
    head = merkle.Head(*(getattr(content.head, name) for name in ("practice", "replica", "stream")), 2, bytes(32), content.head.last, 1,
                       content.head.signature)  # fmt: skip
    swapped = segments.Content(content.practice, content.head, content.entries[::-1])
    with known.a:
        keys = queries.access_keys()
        for false in (shorter, segments.Content(content.practice, head, content.entries), swapped):
            assert reads_in.take(false.encode(), keys) == (Result.QUARANTINED, 0)
        assert seen_count() == 0
        assert reads_in.take(data, {}) == (Result.WAITING, 0)  # a stranger's: nothing is kept until its row has come
        assert reads_in.take(data, keys) == (Result.ACCEPTED, 2)
        assert reads_in.take(data, keys) == (Result.DUPLICATE, 0)
    sound(known.a)


def seen_count() -> int:
    found: int = run("access", "SELECT count(*) FROM journal_entry WHERE replica <> ?", vault.current().replica).fetchone()[0]
    return found


def test_what_is_changed_behind_our_back_is_found(known: Two) -> None:
    for _ in range(3):
        look(known.b, known.cast["petit"], known.jeanne)
        cut(known.b)
    visit(known.a, Road(known.b))
    for full, statement in (
        (False, "UPDATE journal_segment SET head = (SELECT head FROM journal_segment ORDER BY first LIMIT 1)"),
        (True, "DELETE FROM journal_segment WHERE first = 2"),
        (True, "UPDATE journal_entry SET kind = 'access.note' WHERE replica <> ? AND seq = 2"),
        (True, "DELETE FROM journal_accessindex WHERE member = (SELECT max(member) FROM journal_accessindex)"),
        (False, "DELETE FROM journal_body WHERE entry = (SELECT hash FROM journal_entry WHERE replica <> ? AND seq = 3)"),
    ):
        with known.a, _alone(known.a), transaction.atomic(using="access"):
            run("access", statement, *[known.a.replica] * statement.count("?"))
            found = [one for one in verify.verify(full=full).findings if not one.where.startswith("key signing")]
            transaction.set_rollback(True, using="access")
        assert found, statement
    sound(known.a)


def test_a_read_in_another_shape_is_kept_and_breaks_no_list(known: Two) -> None:
    with known.b:
        by = known.cast["petit"]
        body = {"patients": [[known.jeanne.bytes, [[99, 2]], [], False]], "gates": [], "reason": "", "route": "x"}
        access._send(access.READ, by, "x", body, []).wait()
        access._send(access.READ, by, "x", {"patients": 3}, []).wait()
    look(known.b, known.cast["petit"], known.jeanne)
    cut(known.b)
    visit(known.a, Road(known.b))
    with known.a:
        assert segments.sizes()[known.b.replica] == 3
    assert len(seen(known.a, known)) == 1
    sound(known.a)


def test_a_thiefs_reads_are_taken_after_the_revocation_and_marked(known: Two) -> None:
    look(known.b, known.cast["petit"], known.jeanne)
    cut(known.b)
    visit(known.a, Road(known.b))
    with known.a:
        actions.revoke_replica(UUID(bytes=known.b.replica), by=known.cast["moreau"])
    look(known.b, known.cast["petit"], known.jeanne, times=2)
    with known.b:
        left = Left()
        left.give(Road(known.a))  # type: ignore[arg-type]
        left.give(Road(known.a))  # type: ignore[arg-type]
    with known.a:
        laptop = next(one for one in queries.reads(reader=reader(known.cast["moreau"])) if one.name == "Portable")
        found = journal.readers_of(known.jeanne, reader=reader(known.cast["moreau"]))
        assert [laptop.is_late(one) for one in found] == [True, True, False]
    sound(known.a)


def test_a_machine_put_back_behind_its_own_reads_is_told(known: Two, tmp_path: Any) -> None:
    look(known.a, known.cast["sophie"], known.jeanne)
    snapshot = known.a.copy(tmp_path / "snapshot")
    look(known.a, known.cast["sophie"], known.jeanne)
    cut(known.a)
    visit(known.a, Road(known.b))

    with known.b:
        given, offered = exchange.Given((), 0, False, arrival.held()), segments.offer(Reads())

    class Told:
        """What the other one says, whoever asks."""

        def pull(self, asked: exchange.Asked) -> exchange.Given:
            return given

        def reads(self, mine: Reads) -> Offered:
            return offered

    for machine, behind in ((snapshot, True), (known.a, False)):
        with machine:
            actions.remember_peer("https://portable", replica=UUID(bytes=known.b.replica))
            assert behind_elsewhere(None, line=lambda *_, **__: Told()) is behind  # type: ignore[arg-type]
    snapshot.stop()


# -- who carries them


def test_the_courier_waits_for_the_first_synchronisation_and_cuts_at_closing(known: Two) -> None:
    look(known.b, known.cast["petit"], known.jeanne)
    road = Road(known.a)
    with known.b:
        peer = actions.remember_peer("https://bureau", replica=UUID(bytes=known.a.replica))
        courier = Courier(type("Here", (), {"path": known.b.folder})(), lambda row: road)  # type: ignore[arg-type, return-value]
        courier.round()
        assert road.asked == 0
        actions.record_talk(peer, given_until=1)
        courier.round()
        assert road.asked == 1
        courier._last()
    assert len(seen(known.a, known)) == 1
    with known.b:
        actions.record_talk(peer, why="slow")  # what a cut left to exchange goes before
        courier.round()
        assert road.asked == 1


def test_too_much_at_once_is_asked_for_again(known: Two) -> None:
    reads_in.forget()
    assert [reads_in.receive(b"x") for _ in range(reads_in.MOST_WAITING + 1)] == [True] * reads_in.MOST_WAITING + [False]
    with known.a:
        assert reads_in.take_received({}) == 0  # none of them is a segment: nothing breaks
        assert writer.current("access").alive
    assert Stream.ACCESS == 3
