"""The report of a return counts what that return brought: not what waited before, and whoever of the two spoke first."""

from datetime import timedelta
from uuid import UUID

import pytest

from permanence.journal import arrival, departure, exchange, peers, vault
from permanence.lib import clock
from permanence.patients import actions as patients
from permanence.sync import brought, queries
from permanence.sync.actions import remember_peer
from permanence.sync.models import Peer, Return
from permanence.sync.talk import Talk
from permanence.web.machines import answering
from tests.sync.practice_life import Two, introduce
from tests.sync.test_talks import BASE, Line


@pytest.fixture
def cut(two: Two) -> tuple[Two, Line, Talk]:
    """A talk that has just been cut, one thing being to settle from before."""
    introduce(two)
    phones(two, "mobile")
    two.agree()
    brought.begin()
    with two.a:
        remember_peer(BASE, replica=UUID(bytes=two.b.replica))
        assert len(queries.waiting()) == 1
        line = Line(two.b)
        talk = Talk(Peer.objects.get(), line, two.a.folder)  # type: ignore[arg-type]
        talk.once()
        talk.failed("cut")
    return two, line, talk


def phones(two: Two, *names: str) -> None:
    """On each machine other numbers, of a patient of their own."""
    for name in names:
        for here, number in ((two.a, "0612345678"), (two.b, "0687654321")):
            with here:
                patients.amend_identity(two.jeanne, by=two.cast["sophie"], changes={name: number})


def another(two: Two, given: str) -> UUID:
    with two.a:
        made: UUID = patients.register(by=two.cast["sophie"], birth_name="DURAND", first_given_name=given, birth_sex="F", despite=True)
    return made


def report(two: Two, talk: Talk) -> Return:
    with two.a, clock.override(offset=timedelta(hours=2)):
        queries.forget()
        talk.once()
        found: Return = Return.objects.get()
        return found


def differ(two: Two, patient: UUID) -> None:
    for here, number in ((two.a, "0611111111"), (two.b, "0622222222")):
        with here:
            patients.amend_identity(patient, by=two.cast["sophie"], changes={"mobile": number})


def test_what_waited_before_is_not_of_this_return(cut: tuple[Two, Line, Talk]) -> None:
    two, _, talk = cut
    with two.b:
        patients.amend_identity(two.jeanne, by=two.cast["sophie"], changes={"email": "jeanne@exemple.fr"})
    found = report(two, talk)
    assert (found.received, found.to_settle) == (1, 0)
    with two.a:
        assert len(queries.waiting()) == 1


def test_what_it_brought_is(cut: tuple[Two, Line, Talk]) -> None:
    two, _, talk = cut
    other = another(two, "Rose")
    two.agree()
    differ(two, other)
    assert report(two, talk).to_settle == 1
    with two.a:
        queries.forget()
        assert len(queries.waiting()) == 2


def test_what_the_other_machine_pushed_before_we_spoke_counts_too(cut: tuple[Two, Line, Talk]) -> None:
    two, _, talk = cut
    other = another(two, "Rose")
    two.agree()
    differ(two, other)
    with two.a:
        held = arrival.held()
    with two.b:
        (batch,) = departure.give(exchange.Asked(held, 0)).batches
    with two.a:
        (key,) = [key for key, id in queries.transport_keys().items() if id.bytes == two.b.replica]
        answering._push(batch.encode(), key)
        assert vault.current().replica == two.a.replica
    found = report(two, talk)
    assert (found.received, found.to_settle) == (1, 1)


def test_a_return_that_is_cut_again_counts_all_of_it(cut: tuple[Two, Line, Talk]) -> None:
    two, line, talk = cut
    other = another(two, "Rose")
    two.agree()
    differ(two, other)
    line.most, pull = 1, line.pull
    with two.b:
        patients.amend_identity(two.jeanne, by=two.cast["sophie"], changes={"email": "jeanne@exemple.fr"})

    def answer(asked: exchange.Asked) -> exchange.Given:
        given = pull(asked)
        line.cut = True
        return given

    line.pull = answer  # type: ignore[method-assign]
    with two.a, pytest.raises(peers.Unreachable):
        talk.once()
    with two.a:
        talk.failed("cut")
    line.cut, line.pull = False, pull  # type: ignore[method-assign]
    found = report(two, talk)
    assert (found.received, found.to_settle) == (2, 1)
