"""What comes next is asked for while what came is kept: nothing is lost, taken or given twice by it."""

from typing import Any

import pytest

from permanence.journal import arrival, departure, exchange, peers, vault
from permanence.sync import queries
from tests.sync.machines import anybody, everyone
from tests.sync.test_talks import Two, heard, names, names_here, talk_of, two, write
from tests.testapp import actions

__all__ = ["heard", "two"]


def test_what_comes_next_is_asked_for_while_what_came_is_kept(two: Two) -> None:
    here, there, line = two
    line.most = 1
    write(there, "A", "B", "C", "D")
    with here:
        assert talk_of(here, line).once() == 4
    assert line.ahead == 3
    assert line.asked == sorted(set(line.asked))  # each answer once, in their order
    assert names(here) == ["A", "B", "C", "D"]


def test_an_answer_asked_for_ahead_that_fails_ends_the_talk_and_keeps_what_came(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there, line = two
    line.most = 1
    write(there, "A", "B", "C")
    with here:
        talk, keep = talk_of(here, line), arrival.take

        def kept_then_cut(batch: exchange.Batch, judge: Any) -> exchange.Pushed:
            line.cut = bool(line.ahead == 1)  # the next question, which is asked while the second answer is kept
            return keep(batch, judge)

        monkeypatch.setattr(arrival, "take", kept_then_cut)
        with pytest.raises(peers.Unreachable):
            talk.once()
        assert names_here() == ["A", "B"]
        monkeypatch.undo()
        monkeypatch.setattr(queries, "standing", everyone)
        line.cut = False
        assert talk.once() == 1
    assert names(here) == ["A", "B", "C"]


def test_who_writes_while_much_comes_gives_it_once(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer asked for ahead counts without what they were given since: it is asked for anew, and nothing is given twice."""
    here, there, line = two
    line.most = 1
    write(there, "A", "B", "C", "D", "E")
    with here:
        talk, keep = talk_of(here, line), arrival.take
        mine = iter("XYZ")

        def kept_beside_work(batch: exchange.Batch, judge: Any) -> exchange.Pushed:
            if vault.current() is here.vault and talk.taken < 3:
                actions.register(by=anybody(), family=next(mine))
            return keep(batch, judge)

        monkeypatch.setattr(arrival, "take", kept_beside_work)
        monkeypatch.setattr(departure, "before", lambda theirs: pytest.fail("they lack nothing from before"))
        assert talk.once() == 8
        assert (talk.sent, talk.taken) == (3, 5)
    assert names(here) == names(there) == ["A", "B", "C", "D", "E", "X", "Y", "Z"]


def test_an_answer_asked_for_ahead_is_not_taken_when_one_begins_again(two: Two) -> None:
    """An entry was lost on the way: what follows hangs in the air, and all is asked for from the beginning."""
    here, there, line = two
    line.most = 1
    write(there, "A", "B", "C", "D")
    with here:
        talk = talk_of(here, line)
        talk.taken_until = 1  # as if it had been given, and was not kept
        talk.once()
    assert names(here) == ["A", "B", "C", "D"]
    assert line.asked.count(0) == 1
