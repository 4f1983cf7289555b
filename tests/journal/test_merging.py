"""Merging: any order gives the same tables, nothing that nobody saw is lost, and a rebuild gives the tables."""

import os
import uuid
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from permanence.journal import arrival, chain, exchange, fold, keyring, vault, verify, wire
from permanence.journal.categories import Scope, Stream
from permanence.journal.doors import Actor
from permanence.lib import suite
from permanence.lib.sqlcipher import run
from tests.testapp import actions
from tests.testapp.models import Person

FIELDS = ("family", "phone")
FULL = {"family": "A", "given": "", "birth": None, "phone": "", "weight": None, "flagged": False}


@st.composite
def histories(draw: Any) -> Any:
    """Authors write fields having seen any earlier causally closed subset, some bodies unreadable, for good or for now; then any order."""
    writes: list[fold.Write] = []
    closed: dict[bytes, set[bytes]] = {}
    for i in range(draw(st.integers(1, 8))):
        entry, known = bytes([i]), set()
        for e in draw(st.sets(st.sampled_from([w.entry for w in writes]))) if writes else ():
            known |= closed[e] | {e}
        closed[entry] = known
        names = draw(st.sets(st.sampled_from(FIELDS), min_size=1))
        base = {n: sorted(x.entry for x in writes if x.entry in known and n in x.base and not any(
            x.entry in y.base.get(n, ()) for y in writes if y.entry in known)) for n in names}
        values = draw(st.sampled_from([None, {n: i for n in names}, {n: i for n in names}]))
        waits = values is None and draw(st.booleans())
        writes.append(fold.Write(entry, draw(st.integers(0, 3)), {} if waits else base, values))
    return writes, closed, draw(st.permutations(writes))


@given(histories())
@settings(max_examples=300, deadline=None)
def test_any_order_gives_the_same_state_and_nothing_unseen_is_lost(history: Any) -> None:
    writes, closed, order = history
    state: fold.State = {}
    arrived: set[bytes] = set()
    for write in order:
        arrived.add(write.entry)
        fold.add(state, write, arrived.__contains__)
    assert chain.pack(state) == chain.pack(fold.whole(writes))
    for name in FIELDS:  # the oracle: by what the authors had seen, not by base
        mine = [w for w in writes if name in w.base]
        named = {entry for w in mine for entry in w.base[name]}
        want = {w.entry for w in mine if w.values is not None and w.entry not in named}
        unseen = {w.entry for w in mine if w.values is not None and not any(w.entry in closed[o.entry] for o in mine)}
        assert unseen <= want
        if all(w.base for w in writes):
            assert want == unseen
        assert (set(state[name].live) if name in state else set()) == want
    assert all(not r.early for r in state.values())


class Author:
    """Another replica, as bytes on the wire."""

    def __init__(self, v: vault.Vault) -> None:
        self.vault, (self.verify_key, self.signing) = v, suite.signing_pair()
        self.replica = suite.replica_id(self.verify_key)
        self.seq, self.previous = 0, wire.FIRST

    def write(self, kind: str, object: bytes, patient: bytes, key: bytes, values: Any, base: Any, hlc: int) -> wire.Sealed:
        self.seq += 1
        body, _ = wire.seal_body(values, key, self.vault.practice)
        inner = wire.Inner(kind=kind, kind_version=1, application="9", hlc=hlc, wall=hlc >> 16, zone="Europe/Paris",
                           clock_good=False, member=None, post=None, session=None, assurance="machine",
                           scope=int(Scope.PATIENT), ref=patient, object=object, act=(os.urandom(16), 1, 1), base=base,
                           body_key=suite.commitment(key), purpose="import")
        entry = wire.write(practice=self.vault.practice, replica=self.replica, stream=int(Stream.RECORD), seq=self.seq,
                           previous=self.previous, inner=wire.seal_inner(inner, self.vault.metadata, self.vault.practice),
                           body=body, epoch=1, signing_key=self.signing)
        self.previous = entry.hash
        return entry


def receive(entries: list[wire.Sealed]) -> list[str]:
    pushed = arrival.take(exchange.Batch(vault.current().practice, tuple(entries)), lambda replica, act: arrival.Standing())
    return [str(one.result) for one in pushed.outcomes]


def with_key(patient: bytes, key: bytes, v: vault.Vault) -> None:
    actions.call(lambda: run(
        "default", "INSERT INTO journal_key (commitment, label, ref, epoch, wrapped) VALUES (?, 'patient', ?, 1, ?)",
        suite.commitment(key), patient, keyring.wrap(key, v.root, v.practice, "patient")) and None,
        by=Actor.machine("import"))


def tables() -> list[Any]:
    return [run("default", f"SELECT * FROM {t} ORDER BY 1").fetchall()
            for t in ("testapp_person", "testapp_note", "journal_objectstate")]


@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_replicas_that_receive_in_any_order_have_the_same_tables(practice: vault.Vault, data: Any) -> None:
    """Creation, concurrent edits, a settling edit, an unknown field, an unknown kind: four chains in any interleaving."""
    p, key = uuid.UUID(int=7).bytes, bytes(32)
    a, b, c, d = (Author(practice) for _ in range(4))
    first = a.write("testapp.person", p, p, key, FULL, {f: [] for f in FULL}, 10)
    left = b.write("testapp.person", p, p, key, {"phone": "1"}, {"phone": [first.hash]}, 20)
    right = c.write("testapp.person", p, p, key, {"phone": "2", "new_field": 5}, {"phone": [first.hash], "new_field": []}, 20)
    settle = d.write("testapp.person", p, p, key, {"phone": "3"}, {"phone": sorted([left.hash, right.hash])}, 5)
    note = b.write("testapp.note", uuid.UUID(int=8).bytes, p, key, {"person_id": p, "author_id": None, "text": "t"},
                   {"person_id": [], "author_id": [], "text": []}, 25)
    future = c.write("testapp.vaccine", uuid.UUID(int=9).bytes, p, key, {"x": 1}, {"x": []}, 30)
    later = a.write("testapp.person", p, p, key, {"given": "G"}, {"given": [first.hash]}, 40)
    chains = [(a, [first, later]), (b, [left, note]), (c, [right, future]), (d, [settle])]
    results = []
    for _ in range(2):
        undo = transaction.savepoint()
        try:
            with_key(p, key, practice)
            todo = [(author, list(entries)) for author, entries in chains]
            while any(entries for _, entries in todo):
                _author, entries = data.draw(st.sampled_from([x for x in todo if x[1]]))
                e = entries.pop(0)
                assert receive([e]) == ["accepted"]
                assert receive([e]) == ["duplicate"]
            assert list(verify.differences()) == []
            results.append(tables())
            row = Person.objects.get()
            assert (row.phone, row.given) == ("3", "G")
            parked = [r[0] for r in run("default", "SELECT parked FROM journal_objectstate WHERE parked != '' ORDER BY 1")]
            assert parked == ["fields new_field", "type testapp.vaccine"]
        finally:
            transaction.savepoint_rollback(undo)
    assert results[0] == results[1]


def test_gap_fork_and_forgery_are_refused(practice: vault.Vault) -> None:
    p, key, a = uuid.uuid4().bytes, bytes(32), Author(practice)
    one, two = (a.write("testapp.person", p, p, key, FULL, {f: [] for f in FULL}, i) for i in (1, 2))
    with_key(p, key, practice)
    assert receive([two]) == ["gap"]
    assert receive([wire.Sealed(one.outer, two.signature, one.inner, one.body)]) == ["quarantined"]
    assert receive([wire.Sealed(one.outer, one.signature, one.inner, two.body)]) == ["quarantined"]
    assert receive([one, two]) == ["accepted", "accepted"]
    a.seq, a.previous = 1, one.hash
    fork = a.write("testapp.person", p, p, key, FULL, {}, 9)
    assert receive([fork]) == ["quarantined"]


def test_a_save_has_seen_the_shown_value_only_and_a_settling_names_all(practice: vault.Vault, anyone: Actor) -> None:
    p = actions.register(by=anyone, family="A")
    key, head = chain.keys.of_scope(Scope.PATIENT, p.bytes), run("default", "SELECT hash FROM journal_entry").fetchone()[0]
    b, c = Author(practice), Author(practice)
    receive([b.write("testapp.person", p.bytes, p.bytes, key, {"phone": "1"}, {"phone": [head]}, 1)])
    receive([c.write("testapp.person", p.bytes, p.bytes, key, {"phone": "2"}, {"phone": [head]}, 2)])
    assert Person.objects.get().phone == "2"
    actions.amend(p, by=anyone, phone="4")  # saw "2" on the screen, never "1"
    assert {v for _, v in chain.load_state(p.bytes)["phone"].live.values()} == {"1", "4"}
    actions.amend(p, by=anyone, phone="5", seen={"phone": list(chain.load_state(p.bytes)["phone"].live)})
    assert {v for _, v in chain.load_state(p.bytes)["phone"].live.values()} == {"5"}
    assert list(verify.differences()) == []
