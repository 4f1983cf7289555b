"""The machines of the practice for people: the list, a lost one, what it wrote after it was cut off, the report of a return."""

from datetime import timedelta

import pytest

from permanence.accounts import permissions
from permanence.consultations import actions as clinical
from permanence.consultations.models import Allergy, Note
from permanence.journal.doors import Refused
from permanence.lib import clock
from permanence.lib.sqlcipher import run
from permanence.sync import actions, queries
from permanence.sync.models import Replica, Return
from tests.sync.machines import Machine, pull
from tests.sync.practice_life import Two, introduce, reader

BAD = ("nadia", "sophie", "petit", "hugo", "ines", "bruno", "yann")


@pytest.fixture
def known(two: Two) -> Two:
    """Both are machines of the practice, as a titulaire made them."""
    introduce(two)
    return two


def b_of(two: Two) -> Replica:
    return Replica.objects.get(name="Portable")


def hears(here: Machine, there: Machine) -> None:
    pull(here, there, judge=queries.standing)


def test_the_list_says_who_holds_the_practice(known: Two) -> None:
    with known.a:
        peer = actions.remember_peer("https://portable", replica=b_of(known).id)
        actions.record_talk(peer, given_until=0)
        here, other = queries.machines(reader=reader(known.cast["ines"]))
        assert (here.name, here.here, other.name, other.here) == ("Bureau", True, "Portable", False)
        assert other.waiting == run("default", "SELECT count(*) FROM journal_entry WHERE replica = ?", known.a.replica).fetchone()[0]


def a_visit_with_the_lost_laptop(known: Two) -> None:
    with known.a:
        actions.revoke_replica(b_of(known).id, by=known.cast["moreau"])
    with known.b:
        clinical.sign_note(known.jeanne, by=known.cast["petit"], fields={"motif": "Visite", "text": "Chute sans gravité."})
        clinical.add_allergy(known.jeanne, by=known.cast["petit"], fields={"substance": "latex"})
    hears(known.a, known.b)
    permissions.forget()


def test_what_a_revoked_machine_wrote_is_named_without_its_words(known: Two) -> None:
    a_visit_with_the_lost_laptop(known)
    with known.a:
        note, allergy = queries.kept_aside(b_of(known).id, reader=reader(known.cast["moreau"]))
        assert (note.by, note.what, allergy.what) == ("Dr Léa PETIT", ("Note de consultation",), ("Allergie",))
        assert note.readable
        assert "latex" not in repr((note, allergy))
        assert "Chute" not in repr((note, allergy))
        assert Note.objects.count() == Allergy.objects.count() == 0


def test_it_is_accepted_up_to_one_act_then_all(known: Two) -> None:
    a_visit_with_the_lost_laptop(known)
    with known.a:
        by, id = known.cast["benali"], b_of(known).id
        note, _ = queries.kept_aside(id, reader=reader(by))
        actions.accept(id, until=note.until, by=by)
        assert (Note.objects.count(), Allergy.objects.count()) == (1, 0)
        assert [one.what for one in queries.kept_aside(id, reader=reader(by))] == [("Allergie",)]
        actions.accept(id, by=by)
        assert Allergy.objects.get().substance == "latex"
        assert queries.kept_aside(id, reader=reader(by)) == ()


@pytest.mark.parametrize("until", [["2:999999"], ["9:1"], ["x"], ["2:"], ["-1:1"], [""]])
def test_places_that_are_not_kept_aside_are_refused(known: Two, until: list[str]) -> None:
    a_visit_with_the_lost_laptop(known)
    with known.a:
        with pytest.raises(Refused):
            actions.accept(b_of(known).id, until=until, by=known.cast["moreau"])
        assert Note.objects.count() == 0


def test_only_a_titulaire_renames_revokes_and_accepts(known: Two) -> None:
    a_visit_with_the_lost_laptop(known)
    with known.a:
        id = b_of(known).id
        for who in BAD:
            by = known.cast[who]
            for act in (lambda by=by: actions.rename_replica(id, name="X", by=by), lambda by=by: actions.revoke_replica(id, by=by),
                        lambda by=by: actions.accept(id, by=by), lambda by=by: actions.accept(id, until=["2:1"], by=by),
                        lambda by=by: queries.kept_aside(id, reader=reader(by))):  # fmt: skip
                with pytest.raises(Refused):
                    act()
        assert Note.objects.count() == 0


def test_a_report_says_nothing_is_lost_only_when_it_is_proved(known: Two) -> None:
    with known.a:
        peer, now = actions.remember_peer("https://portable", replica=b_of(known).id), clock.now()
        said = {"since": now - timedelta(days=4), "until": now, "sent": 41, "received": 212, "aside": 0, "to_settle": 3, "entries": 900}
        first = actions.record_return(peer, **said, heads_equal=True)
        actions.record_return(peer, **said, heads_equal=False, verified=True)
        unequal, unverified = queries.returns(reader=reader(known.cast["sophie"]))
        assert (unequal.whole, unverified.whole, unverified.with_) == (False, None, "Portable")
        actions.record_verified(first, sound=True)
        assert queries.returns(reader=reader(known.cast["sophie"]))[1].whole is True
        actions.record_verified(first, sound=False)
        assert queries.returns(reader=reader(known.cast["sophie"]))[1].whole is False
        assert Return.objects.count() == 2
