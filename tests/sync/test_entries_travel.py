"""Entries go from machine to machine: whole acts, in any order and twice, with nothing lost, and what does not check is kept aside."""

import time
from dataclasses import replace
from uuid import UUID

import pytest

from permanence.journal import actions as orders
from permanence.journal import arrival, chain, conflicts, departure, exchange, keys_in, vault, verify, wire, writer
from permanence.journal.exchange import Result
from permanence.lib import cbor, suite
from permanence.lib.sqlcipher import run
from tests.sync.machines import FILES, Machine, Machines, all_agree, anybody, everyone, pull
from tests.testapp import actions
from tests.testapp.models import Note, Person

BY = anybody()


def person(here: Machine, **values: object) -> UUID:
    with here:
        return actions.register(by=BY, **values)


def dump(here: Machine) -> list[object]:
    """Every journaled row and state."""
    tables = ("testapp_person", "testapp_note", "testapp_item", "testapp_setting", "journal_objectstate", "journal_conflict")
    with here:
        return [run("default", f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables]


def asked_of(there: Machine, since: int = 0, most: int = 500) -> exchange.Given:
    with there:
        return departure.give(exchange.Asked({}, since, most))


def test_what_is_written_on_one_is_read_on_the_other(machines: Machines) -> None:
    a, b = machines.new(), machines.new()
    jeanne = person(a, family="MARTIN", given="Jeanne")
    with a:
        actions.write_note(jeanne, "Toux", by=BY)
    pushed = pull(b, a)
    assert {one.result for answer in pushed for one in answer.outcomes} == {Result.ACCEPTED}
    with b:
        assert Person.objects.get(id=jeanne).family == "MARTIN"
        assert Note.objects.get().text == "Toux"
        assert list(verify.differences()) == []
        actions.amend(jeanne, by=BY, phone="0612")
    pull(a, b)
    assert dump(a) == dump(b)


def test_a_batch_twice_gives_nothing_new(machines: Machines) -> None:
    a, b = machines.new(), machines.new()
    person(a, family="MARTIN")
    given = asked_of(a)
    with b:
        first, again = (arrival.take(given.batches[0], everyone) for _ in range(2))
    assert {one.result for one in first.outcomes} == {Result.ACCEPTED}
    assert {one.result for one in again.outcomes} == {Result.DUPLICATE}


def test_batches_end_where_acts_end_whatever_their_size(machines: Machines) -> None:
    a, b = machines.new(), machines.new()
    with a:
        for number in range(6):
            actions.call(lambda number=number: [actions.register(by=BY, family=f"{number}{i}") for i in range(3)] and None, by=BY)
    since, sizes = 0, []
    while True:
        given = asked_of(a, since, most=4)
        sizes += [len(batch.entries) for batch in given.batches]
        with b:
            for batch in given.batches:
                assert {one.result for one in arrival.take(batch, everyone).outcomes} == {Result.ACCEPTED}
        since = given.until
        if not given.more:
            break
    assert sizes == [6, 6, 6]
    assert dump(a) == dump(b)


def test_an_act_is_applied_whole_or_not_yet(machines: Machines) -> None:
    a, b = machines.new(), machines.new()
    with a:
        actions.call(lambda: [actions.register(by=BY, family=name) for name in "AB"] and None, by=BY)
        actions.register(by=BY, family="C")
    whole = asked_of(a).batches[0]
    with b:
        half = arrival.take(replace(whole, entries=whole.entries[:1]), everyone)
        assert [one.result for one in half.outcomes] == [Result.WAITING]
        without_first = arrival.take(replace(whole, entries=whole.entries[1:]), everyone)
        assert {one.result for one in without_first.outcomes} <= {Result.GAP, Result.WAITING}
        assert Person.objects.count() == 0
        arrival.take(whole, everyone)
        assert sorted(Person.objects.values_list("family", flat=True)) == ["A", "B", "C"]


def test_a_key_that_comes_late_opens_what_waited(machines: Machines) -> None:
    a, b = machines.new(), machines.new()
    jeanne = person(a, family="MARTIN")
    batch = asked_of(a).batches[0]
    with b:
        arrival.take(replace(batch, keys=b""), everyone)
        assert Person.objects.count() == 0
        arrival.take(batch, everyone)
        assert Person.objects.get(id=jeanne).family == "MARTIN"
        assert list(verify.differences()) == []


def test_an_erasure_reaches_what_comes_later(machines: Machines) -> None:
    a, b = machines.new(), machines.new()
    jeanne = person(a, family="MARTIN")
    pull(b, a)
    with b:
        actions.write_note(jeanne, "écrite pendant la coupure", by=BY)
    with a:
        orders.erase(jeanne, by=BY)
    all_agree([a, b])
    for one in (a, b):
        with one:
            assert Person.objects.count() == Note.objects.count() == 0
            assert run("default", "SELECT count(*) FROM journal_body b JOIN journal_entry e ON e.hash = b.entry WHERE e.ref = ?"
                       " AND e.kind NOT LIKE 'journal.%'", jeanne.bytes).fetchone()[0] == 0  # fmt: skip
    c = machines.new()
    pull(c, a)
    with c:
        assert Person.objects.count() == 0


def test_both_values_stay_until_somebody_settles(machines: Machines) -> None:
    a, b = machines.new(), machines.new()
    jeanne = person(a, phone="0")
    pull(b, a)
    for here, number in ((a, "1"), (b, "2")):
        with here:
            actions.amend(jeanne, by=BY, phone=number)
    all_agree([a, b])
    assert dump(a) == dump(b)
    with a:
        assert conflicts.objects() == [(jeanne, "testapp.person", ("phone",))]
        found = conflicts.values(chain.load_state(jeanne.bytes))["phone"]
        assert {one.value for one in found} == {"1", "2"}
        assert {one.replica.bytes for one in found} == {a.replica, b.replica}
        actions.amend(jeanne, by=BY, phone="3", seen={"phone": [one.entry for one in found]})
        assert conflicts.count() == 0
    all_agree([a, b])
    with b:
        assert conflicts.count() == 0
        assert Person.objects.get(id=jeanne).phone == "3"


def broken(batch: exchange.Batch, at: int, **parts: bytes) -> exchange.Batch:
    entries = list(batch.entries)
    entries[at] = replace(entries[at], **parts)
    return replace(batch, entries=tuple(entries))


@pytest.mark.parametrize("part", ["outer", "signature", "inner", "body"])
def test_one_bad_entry_is_kept_aside_and_stops_its_chain_only(machines: Machines, part: str) -> None:
    a, b, c = machines.new(), machines.new(), machines.new()
    for name in "ABC":
        person(a, family=name)
    person(b, family="D")
    pull(a, b)
    good = asked_of(a).batches[0]
    bytes_ = bytearray(getattr(good.entries[1], part))
    bytes_[len(bytes_) // 2] ^= 1
    with c:
        pushed = arrival.take(broken(good, 1, **{part: bytes(bytes_)}), everyone)
        assert [one.result for one in pushed.outcomes] == [Result.ACCEPTED, Result.QUARANTINED, Result.GAP, Result.ACCEPTED]
        assert sorted(Person.objects.values_list("family", flat=True)) == ["A", "D"]
        assert run("default", "SELECT count(*) FROM journal_quarantined").fetchone()[0] == 1
        arrival.take(good, everyone)
        assert sorted(Person.objects.values_list("family", flat=True)) == ["A", "B", "C", "D"]


def test_who_is_not_of_the_practice_is_not_heard(machines: Machines) -> None:
    a, b = machines.new(), machines.new()
    person(a, family="MARTIN")
    with b:
        pushed = arrival.take(asked_of_here(a, b), lambda replica, act: None)
        assert {(one.result, one.why) for one in pushed.outcomes} == {(Result.QUARANTINED, "unknown replica")}
        assert Person.objects.count() == 0


def asked_of_here(there: Machine, here: Machine) -> exchange.Batch:
    here.__exit__()
    batch = asked_of(there).batches[0]
    here.__enter__()
    return batch


def test_a_fork_is_named(machines: Machines, tmp_path: object) -> None:
    """A machine restored without knowing it writes in places that it had used: both tell different stories of one place."""
    a, b = machines.new(), machines.new()
    person(a, family="AVANT")
    twin = a.copy(machines.tmp_path / "twin")
    machines.all.append(twin)
    person(a, family="UN")
    person(twin, family="DEUX")
    pull(b, a)
    (pushed,) = pull(b, twin) or [None]
    assert pushed is None  # it holds no more than is known: the fork shows when it goes on
    person(twin, family="TROIS")
    (pushed,) = pull(b, twin)
    assert [(one.result, one.why) for one in pushed.outcomes] == [(Result.QUARANTINED, "fork")]


def test_another_practice_is_refused(machines: Machines) -> None:
    a, b = machines.new(), machines.new()
    person(a, family="MARTIN")
    batch = replace(asked_of(a).batches[0], practice=bytes(16))
    with b, pytest.raises(exchange.Malformed):
        arrival.take(batch, everyone)


def test_messages_are_the_same_bytes_back() -> None:
    sealed = wire.Sealed(b"o", b"s", b"i", None)
    batch = exchange.Batch(bytes(16), (sealed,), b"k")
    assert exchange.Batch.decode(batch.encode()) == batch
    given = exchange.Given((batch,), 7, True, {(bytes(16), 2): 3})
    assert exchange.Given.decode(given.encode()) == given
    assert exchange.Asked.decode(exchange.Asked({(bytes(16), 2): 3}, 5, 9).encode()) == exchange.Asked({(bytes(16), 2): 3}, 5, 9)
    for wrong in (b"", b"\xa0", b"\xff", exchange.Asked({}).encode()[:-1]):
        with pytest.raises(exchange.Malformed):
            exchange.Batch.decode(wrong)


def test_a_body_that_a_relay_dropped_is_put_back_when_it_comes(machines: Machines) -> None:
    a, b = machines.new(), machines.new()
    jeanne = person(a, family="MARTIN")
    with a:
        actions.write_note(jeanne, "Toux", by=BY)
        actions.amend(jeanne, by=BY, phone="0612")
    whole = asked_of(a).batches[0]
    with b:
        arrival.take(replace(whole, entries=tuple(replace(one, body=None) for one in whole.entries)), everyone)
        assert Person.objects.count() == Note.objects.count() == 0
        pushed = arrival.take(whole, everyone)
        assert {one.result for one in pushed.outcomes} == {Result.DUPLICATE}
        assert list(verify.differences()) == []
    assert dump(a) == dump(b)


def test_a_pruned_body_is_not_put_back(machines: Machines) -> None:
    a, b = machines.new(), machines.new()
    jeanne = person(a, family="MARTIN")
    with a:
        note = actions.write_note(jeanne, "dans le mauvais dossier", by=BY)
    before = asked_of(a).batches[0]
    with a:
        orders.prune(note, by=BY)
    pull(b, a)
    with b:
        arrival.take(before, everyone)
        assert Note.objects.count() == 0


def test_a_false_key_does_not_close_a_file_before_the_true_one_comes(machines: Machines) -> None:
    a, b = machines.new(), machines.new()
    jeanne = person(a, family="MARTIN")
    batch = asked_of(a).batches[0]
    with b:
        v = vault.current()
        poison = suite.seal(cbor.dumps([[bytes(32), jeanne.bytes, 1, b"x" * 72]]), v.control, practice=v.practice, part=keys_in.KEYS)
        arrival.take(exchange.Batch(v.practice, (), poison), everyone)
        arrival.take(batch, everyone)
        assert Person.objects.get(id=jeanne).family == "MARTIN"


def test_strangers_do_not_fill_the_disk(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = machines.new(), machines.new()
    for name in "ABCD":
        person(a, family=name)
    monkeypatch.setattr(arrival, "MOST_ASIDE", 2)
    batch = asked_of(a).batches[0]
    with b:
        for number in range(4):
            bad = bytearray(batch.entries[number].inner)
            bad[30] ^= 1
            arrival.take(broken(batch, number, inner=bytes(bad)), lambda replica, act: None)
        assert run("default", "SELECT count(*) FROM journal_quarantined").fetchone()[0] <= 2


def test_a_question_that_would_never_end_is_refused(machines: Machines) -> None:
    """Whoever says that it holds the first half of an act would otherwise be given the whole journal in one answer."""
    a = machines.new()
    with a:
        actions.call(lambda: [actions.register(by=BY, family=name) for name in "AB"] and None, by=BY)
        for number in range(40):
            actions.register(by=BY, family=str(number))
        given = departure.give(exchange.Asked({(a.replica, 2): 1}, 0, 3))
    assert len(given.batches[0].entries) <= 4
    assert given.more


def test_what_was_erased_is_not_put_back(machines: Machines) -> None:
    a, b = machines.new(), machines.new()
    jeanne = person(a, family="MARTIN")
    before = asked_of(a).batches[0]
    pull(b, a)
    with b:
        orders.erase(jeanne, by=BY)
        arrival.take(before, everyone)
        assert Person.objects.count() == 0
        assert run("default", "SELECT count(*) FROM journal_body WHERE entry = ?", before.entries[0].hash).fetchone()[0] == 0


def test_a_log_is_cut_beside_its_own_writer_whatever_is_open_then(machines: Machines) -> None:
    """A helper that opened its file late would hold another practice's, and a copy of that would lack what stands in its log."""
    a, b = machines.new(), machines.new()
    person(a, family="MARTIN")
    person(b, family="DURAND")
    with a:
        beside = writer.current()._checkpoints
    assert beside is not None
    log = a.folder / f"{FILES['default']}-wal"
    assert log.stat().st_size > 0
    with b:
        beside.cut_soon()
        end = time.monotonic() + 60
        while log.stat().st_size and time.monotonic() < end:
            time.sleep(0.01)
    assert log.stat().st_size == 0
