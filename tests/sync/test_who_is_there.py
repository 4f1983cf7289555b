"""A machine that is never called from here is missed within ten seconds when it should be there, and a laptop's absence is no alarm."""

from datetime import timedelta
from uuid import UUID

import pytest

from permanence.journal.doors import Actor
from permanence.lib import clock, suite
from permanence.sync import actions, hearing, queries, rules
from permanence.sync.models import Heard, Peer


@pytest.fixture
def beside(moreau, monkeypatch):
    """This machine; another of a given kind, which nobody calls from here; and a monotonic clock that the test moves."""
    seconds = [1000.0]
    monkeypatch.setattr(clock, "monotonic", lambda: seconds[0])
    hearing.begin()
    actions.introduce_oneself(name="Bureau", kind="office", hosts=["bureau"], transport=bytes(32), box=bytes(32), by=Actor.machine("sync"))

    def add(kind: str, name: str = "Autre") -> tuple[UUID, bytes]:
        key, _ = suite.signing_pair()
        id, transport = UUID(bytes=suite.replica_id(key)), suite.signing_pair()[0]
        actions.add_replica(id, {"verify": key, "transport": transport, "box": bytes(32)}, name=name, kind=kind, hosts=[name], by=moreau)
        return id, transport

    yield add, lambda by: seconds.__setitem__(0, seconds[0] + by)
    monkeypatch.undo()
    hearing.begin()


def test_a_machine_that_should_be_there_is_missed_within_ten_seconds(beside):
    add, wait = beside
    _, key = add("hosted", "Hébergée")
    assert queries.talks().known == 0  # never heard: nothing is known of it, nothing is said
    hearing.heard(key)
    wait(5)
    assert (queries.talks().peers, queries.talks().failing) == (1, 0)
    wait(5)
    found = queries.talks()
    assert (found.peers, found.failing, [name for name, _ in found.away]) == (1, 1, ["Hébergée"])
    hearing.heard(key)
    assert queries.talks().failing == 0


def test_a_laptop_that_left_is_seen_in_the_list_and_nowhere_else(beside):
    add, wait = beside
    id, key = add("laptop", "Portable")
    hearing.heard(key)
    wait(3600)
    found = queries.talks()
    assert (found.peers, found.failing, found.away, found.known) == (0, 0, (), 1)
    (other,) = queries.sisters()
    assert (other.id, other.gone, other.away_since) == (id, True, None)
    assert other.last_at is not None


def test_a_laptop_that_is_called_from_here_makes_no_cut_and_no_delay(beside):
    add, _ = beside
    id, _ = add("laptop")
    peer = actions.remember_peer("https://portable", replica=id)
    actions.record_talk(peer, why="unreachable")
    found = queries.talks()
    assert (found.peers, found.failing, found.failing_since, found.waiting) == (0, 0, None, 0)


def test_one_that_does_not_answer_but_still_asks_is_there(beside):
    add, wait = beside
    id, key = add("office")
    peer = actions.remember_peer("https://bureau2", replica=id)
    actions.record_talk(peer, why="unreachable")
    assert queries.talks().failing == 1
    with clock.override(offset=timedelta(seconds=2)):
        hearing.heard(key)
        assert queries.talks().failing == 0
        wait(10)
        assert queries.talks().failing == 1


def test_nobody_is_missed_before_they_could_speak_and_a_restart_forgets_nobody(beside):
    add, wait = beside
    id, key = add("spare", "Secours")
    hearing.heard(key)
    actions.record_heard(queries.heard_since(timedelta(minutes=1)))
    assert queries.heard_since(timedelta(minutes=1)) == {}  # at most once a minute on disk
    wait(3600)
    hearing.begin()  # this machine was restarted
    assert queries.talks().failing == 0
    wait(9)
    (name, since), = queries.talks().away
    assert (name, since) == ("Secours", Heard.objects.get(replica=id).at)


def test_a_revoked_machine_is_nobodys_absence(beside, moreau):
    add, wait = beside
    id, key = add("office")
    hearing.heard(key)
    actions.record_talk(actions.remember_peer("https://bureau2", replica=id), why="unreachable")
    wait(60)
    actions.revoke_replica(id, by=moreau)
    found = queries.talks()
    assert (found.peers, found.failing, found.away, queries.sisters()) == (0, 0, (), [])
    assert Peer.objects.count() == 1


def test_a_laptop_says_by_itself_where_it_is_found_and_nothing_else_of_itself():
    own = b"o" * 16
    for values, waits in (({"origin": "https://portable.x.example"}, False), ({"origin": "", "kind": "office"}, True)):
        assert rules.is_grave("sync.replica", own, values, author=own, others=0) is waits
    assert rules.is_grave("sync.replica", own, {"origin": "https://bureau.x.example"}, author=b"a" * 16, others=0)
