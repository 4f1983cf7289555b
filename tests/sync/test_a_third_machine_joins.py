"""Who joins from the second machine hears the first one too: the second says whom it hears, before their own rows have come."""

from uuid import UUID

from permanence.journal import vault
from permanence.journal.doors import Actor
from permanence.lib.sqlcipher import run
from permanence.patients.models import Patient
from permanence.sync import actions, queries
from tests.sync.machines import Machines, pull
from tests.sync.practice_life import Two

BASE = "https://portable.cabinet.example/entre-machines/"


def test_it_hears_all_that_the_one_that_invites_hears(two: Two, machines: Machines) -> None:
    with two.a:
        actions.introduce_oneself(name="Bureau", kind="office", hosts=[], transport=b"t" * 32, box=b"b" * 32, by=Actor.machine("sync"))
    two.agree()
    third = machines.new()
    with third:
        actions.remember_peer(BASE, replica=UUID(bytes=two.b.replica))
    with two.b:
        heard = queries.vouched_for()
    assert UUID(bytes=two.a.replica) in heard
    with third:
        actions.believe(heard)
    pull(third, two.b, judge=queries.standing)
    with third:
        assert Patient.objects.filter(id=two.jeanne).exists()
        assert run("default", "SELECT count(*) FROM journal_quarantined").fetchone() == (0,)
        assert vault.current().replica == third.replica


def test_one_that_was_revoked_is_heard_up_to_there(two: Two, machines: Machines) -> None:
    third = machines.new()
    with two.a:
        size = run("default", "SELECT size FROM journal_chain WHERE replica = ? AND stream = 2", two.a.replica).fetchone()[0]
    with third:
        actions.believe({UUID(bytes=two.a.replica): {1: 1 << 30, 2: size - 1}})
    pull(third, two.a, judge=queries.standing)
    with third:
        held = run("default", "SELECT size FROM journal_chain WHERE replica = ? AND stream = 2", two.a.replica).fetchone()
        assert held is None or held[0] < size
