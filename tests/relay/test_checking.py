"""One bad entry stops its own chain and is named; the others of the batch go on. Whatever the order and the cuts, the result is one."""
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permanence.journal.exchange import Place, Result
from permanence.journal.wire import Sealed
from permanence.journal.witness import Point
from permanence.relay import checking
from permanence.relay.checking import Chain
from tests.relay.authors import Author, new_id

PRACTICE = bytes(range(16))
WRITTEN = Author(PRACTICE)
WRITTEN.write(40)


class Shelf:
    """A relay's memory, without tables."""

    def __init__(self) -> None:
        self.chains: dict[Place, Chain] = {}
        self.hashes: dict[tuple[Place, int], tuple[bytes, bytes]] = {}

    def push(self, entries: list[Sealed]) -> checking.Found:
        read = [checking.read(entry, PRACTICE) for entry in entries]
        for one in read:
            self.chains.setdefault(one.place, Chain())
        found = checking.check(read, self.chains, self._stored)
        self.hashes.update({(one.place, one.seq): (one.hash, one.sealed.signature) for one in [*found.kept, *found.mended]})
        return found

    def _stored(self, place: Place, first: int, last: int) -> Mapping[int, tuple[bytes, bytes]]:
        return {seq: hash for (where, seq), hash in self.hashes.items() if where == place and first <= seq <= last}


def results(found: checking.Found) -> list[str]:
    return [outcome.result if outcome.result is not Result.QUARANTINED else outcome.why for outcome in found.outcomes]


@settings(max_examples=60)
@given(st.data())
def test_duplicates_cuts_and_reorderings_give_the_same_chain(data: st.DataObject) -> None:
    shelf = Shelf()
    while (held := shelf.chains.get(WRITTEN.place, Chain()).size) < 40:
        pieces = [*data.draw(st.lists(st.tuples(st.integers(0, 39), st.integers(1, 40)), max_size=6)), (held, held + 7)]
        for first, last in pieces:
            found = shelf.push(WRITTEN.entries[first:last])
            assert set(results(found)) <= {"accepted", "duplicate", "gap"}
    chain = shelf.chains[WRITTEN.place]
    assert (chain.last, chain.frontier.root()) == (WRITTEN.entries[-1].hash, WRITTEN.head().root)
    assert len(shelf.hashes) == 40


def spoiled(entry: Sealed, how: str) -> Sealed:
    flip = bytes([entry.body[0] ^ 1]) + entry.body[1:] if entry.body else b""
    return {
        "body content": replace(entry, body=flip), "inner content": replace(entry, inner=entry.inner + b"\0"),
        "signature": replace(entry, signature=bytes(64)), "format": replace(entry, outer=entry.outer + b"\0"),
    }[how]  # fmt: skip


@pytest.mark.parametrize("how", ["body content", "inner content", "signature", "format"])
@pytest.mark.parametrize("at", [0, 5, 9])
def test_a_spoiled_entry_stops_its_chain_only(how: str, at: int) -> None:
    other, shelf = Author(PRACTICE), Shelf()
    other.write(10)
    mine = list(WRITTEN.entries[:10])
    mine[at] = spoiled(mine[at], how)
    mixed = [entry for pair in zip(mine, other.entries, strict=True) for entry in pair]
    found = shelf.push(mixed)
    theirs, ours = results(found)[1::2], results(found)[::2]
    assert theirs == ["accepted"] * 10
    if how == "signature" and at < 9:  # vouched for by the last one of its run: it is kept, as its author made it but for that
        assert ours == ["accepted"] * 10
        return
    assert ours == ["accepted"] * at + [how] + ["gap"] * (9 - at)
    assert [entry.sealed for entry, _ in found.aside] == [mine[at]]
    assert results(shelf.push(WRITTEN.entries[:10])) == ["duplicate"] * at + ["accepted"] * (10 - at)


def test_a_false_signature_that_was_vouched_for_is_mended_by_giving_the_entry_again() -> None:
    shelf = Shelf()
    shelf.push([spoiled(WRITTEN.entries[0], "signature"), *WRITTEN.entries[1:4]])
    assert shelf.push([spoiled(WRITTEN.entries[0], "signature")]).mended == []
    assert [one.seq for one in shelf.push(WRITTEN.entries[:4]).mended] == [1]
    assert shelf.push([spoiled(WRITTEN.entries[0], "signature")]).mended == []
    assert shelf.push(WRITTEN.entries[:4]).mended == []


def test_an_entry_of_another_practice_or_key_is_out_of_place() -> None:
    shelf, other, thief = Shelf(), Author(new_id()), Author(PRACTICE)
    other.write(1)
    assert results(shelf.push(other.entries)) == ["place"]
    shelf.push(WRITTEN.entries[:2])
    thief.entries = WRITTEN.entries[:2]
    forged = thief.write(1)[0]  # signed by another key, after entries of ours
    assert results(shelf.push([forged])) in (["place"], ["replica key"], ["gap"])


def test_another_history_of_the_same_replica_is_a_fork_and_is_kept_aside() -> None:
    shelf = Shelf()
    shelf.push(WRITTEN.entries[:10])
    liar = WRITTEN.fork(6)
    liar.write(8)
    found = shelf.push(liar.entries)
    assert results(found) == ["duplicate"] * 6 + ["fork"] * 4 + ["place"] + ["gap"] * 3
    assert results(shelf.push(WRITTEN.entries[10:12])) == ["accepted"] * 2


def test_entries_that_contradict_an_accepted_head_are_a_fork() -> None:
    shelf, liar = Shelf(), WRITTEN.fork(6)
    liar.write(8)
    shelf.chains[WRITTEN.place] = Chain(head=Point(10, WRITTEN.head(10).root))
    found = shelf.push(liar.entries)
    assert results(found) == ["accepted"] * 9 + ["fork"] + ["gap"] * 4


def test_entries_that_give_an_accepted_heads_root_pass_it() -> None:
    shelf = Shelf()
    shelf.chains[WRITTEN.place] = Chain(head=Point(10, WRITTEN.head(10).root))
    assert results(shelf.push(WRITTEN.entries[:4])) == ["accepted"] * 4
    assert results(shelf.push(WRITTEN.entries[4:20])) == ["accepted"] * 16


SOME = st.binary(max_size=20)


@given(st.lists(st.tuples(SOME, SOME, SOME, st.none() | SOME), max_size=4))
def test_garbage_is_named_and_nothing_is_kept(parts: list[tuple[bytes, bytes, bytes, bytes | None]]) -> None:
    found = Shelf().push([Sealed(*one) for one in parts])
    assert (found.kept, results(found)) == ([], ["format"] * len(parts))
