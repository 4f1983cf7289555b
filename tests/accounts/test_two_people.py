"""What one titulaire alone cannot do: name or remove another, recover a colleague; and who was away thirty days is let in by another."""

import datetime
import os
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.accounts import actions, pending, permissions, queries, rules, sessions
from permanence.accounts.actions import members
from permanence.journal.doors import Actor, Reader, Refused
from permanence.lib import clock

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
SIGN_IN, CONSOLE = Actor.machine("sign_in"), Actor.machine("console")
Later = Callable[[datetime.timedelta], object]


def key(code: str) -> None:
    """The first passkey of an invited member."""
    actions.accept_invitation(code, credential_id=os.urandom(16), public_key=b"cose", rp_id="tilleuls.example", by=SIGN_IN)


def enter(member: UUID) -> UUID:
    """A session by a passkey at the console, as far as accounts are concerned."""
    return sessions.start(member=member, post=None, assurance="console", tier="page", thumbprint=os.urandom(8).hex(),
                          public_key={"kty": "EC"}, token_hash=os.urandom(32)).id


def actor(member: UUID) -> Actor:
    return Actor(member, session=uuid4(), post=uuid4())


class House:
    """A practice after its set-up: every member has a key."""

    def __init__(self, *others: str) -> None:
        sessions.forget()
        first = actions.found_practice(name="Les Tilleuls", rp_id="tilleuls.example", family_name="Moreau", given_name="Claire",
                                       rpps="10003456786", sites=[], fictional=False, by=Actor.machine("set_up"))
        self.people = {"moreau": actor(first.member)}
        made = [("moreau", first.code)]
        for name in others:
            secretary = name == "sophie"
            invited = actions.invite_member(
                family_name=name.title(), given_name="Alix", profession="secretaire" if secretary else "medecin",
                status="salarie" if secretary else "titulaire", is_titulaire=name in ("benali", "costa"), by=self.people["moreau"])
            assert invited.member
            self.people[name] = actor(invited.member)
            made.append((name, invited.code))
        for _, code in made:
            key(code)

    def __getattr__(self, name: str) -> Actor:
        return self.people[name]

    def id(self, name: str) -> UUID:
        member = self.people[name].member
        assert member
        return member


@pytest.fixture
def solo(practice: object) -> House:
    """Dr Moreau alone, her secretary, and Dr Durand who is not titulaire."""
    return House("sophie", "durand")


@pytest.fixture
def two(practice: object) -> House:
    return House("benali", "sophie", "durand")


@pytest.fixture
def three(practice: object) -> House:
    return House("benali", "costa", "sophie", "durand")


def is_titulaire(member: UUID) -> bool:
    return member in permissions.titulaires()


def refused(code: str, call: Callable[..., object], *args: object, **kwargs: object) -> None:
    with pytest.raises(Refused) as found:
        call(*args, **kwargs)
    assert found.value.code == code, found.value.sentence


# -- naming a titulaire


def test_a_titulaire_alone_names_none_by_any_door(two: House) -> None:
    refused("second", actions.name_titulaire, two.id("durand"), by=two.moreau)
    invited = actions.invite_member(family_name="Neuf", given_name="Alix", profession="medecin", status="titulaire", is_titulaire=True,
                                    by=two.moreau)
    assert invited.member
    assert not is_titulaire(invited.member)  # invited, but the role waits for a second person
    [demand] = pending.told(two.benali)
    assert (demand.act, demand.member, demand.can_agree) == ("titulaire", invited.member, True)
    refused("second", actions.agree, demand.id, by=two.moreau)
    with clock.override(offset=2 * DAY):
        refused("second", actions.carry_out, demand.id, by=two.moreau)  # a second person exists: waiting is no agreement
    refused("joined", actions.agree, demand.id, by=two.benali)  # nobody has been seen behind that invitation yet
    key(invited.code)
    actions.agree(demand.id, by=two.benali)
    assert is_titulaire(invited.member)


def test_a_titulaire_alone_makes_no_key_for_one_who_never_came(two: House) -> None:
    with pytest.MonkeyPatch.context() as patch:  # invited at set-up, with the role, and never seen
        patch.setattr(members, "alone_decides", lambda by: True)
        absent = actions.invite_member(family_name="Absent", given_name="Noé", profession="medecin", status="titulaire",
                                       is_titulaire=True, by=two.moreau).member
    assert absent
    assert is_titulaire(absent)
    refused("second", actions.reinvite_member, absent, by=two.moreau)
    demand = actions.ask_recovery(absent, by=two.moreau)
    with clock.override(offset=DAY + HOUR):
        refused("second", actions.recover_member, demand, by=two.moreau)
        actions.agree(demand, by=two.benali)
        key(actions.recover_member(demand, by=two.moreau).code)


def test_who_is_named_agrees_to_nothing(two: House) -> None:
    demand = actions.ask_titulaire(two.id("durand"), by=two.moreau)
    for nobody in (two.durand, two.sophie):
        refused("titulaire", actions.agree, demand, by=nobody)
    refused("titulaire", actions.ask_titulaire, two.id("durand"), by=two.durand)
    actions.agree(demand, by=two.benali)
    assert is_titulaire(two.id("durand"))


def test_only_a_doctor_of_the_practice_can_be_named(two: House) -> None:
    refused("member", actions.ask_titulaire, two.id("sophie"), by=two.moreau)


def test_alone_a_day_passes_and_it_may_be_stopped_at_the_console(solo: House) -> None:
    demand = actions.ask_titulaire(solo.id("durand"), by=solo.moreau)
    refused("delay", actions.carry_out, demand, by=solo.moreau)
    with clock.override(offset=DAY - HOUR):
        refused("delay", actions.carry_out, demand, by=solo.moreau)
    with clock.override(offset=DAY + HOUR):
        actions.carry_out(demand, by=solo.moreau)
        assert is_titulaire(solo.id("durand"))
        refused("unknown", actions.carry_out, demand, by=solo.moreau)  # once
    other = actions.ask_removal(solo.id("durand"), by=solo.moreau)
    assert other in pending.at_console()
    actions.refuse(other, by=CONSOLE)
    with clock.override(offset=3 * DAY):
        refused("unknown", actions.carry_out, other, by=solo.moreau)


# -- removing one


@pytest.mark.parametrize("way", ["depart", "until"])
def test_a_titulaire_alone_removes_none_by_any_door(way: str, three: House) -> None:
    if way == "depart":
        refused("second", actions.depart_member, three.id("benali"), by=three.moreau)
    else:
        refused("second", actions.extend_member, three.id("benali"), permissions.today(), by=three.moreau)
    demand = actions.ask_removal(three.id("benali"), by=three.moreau)
    refused("second", actions.agree, demand, by=three.moreau)
    refused("second", actions.agree, demand, by=three.benali)
    actions.agree(demand, by=three.costa)
    assert not permissions.standing_of(three.id("benali")).active
    assert is_titulaire(three.id("moreau"))


def test_of_two_one_removes_the_other_after_a_day_in_which_they_may_object(two: House) -> None:
    demand = actions.ask_removal(two.id("benali"), by=two.moreau)
    assert [one.id for one in pending.told(two.benali)] == [demand]
    actions.refuse(demand, by=two.benali)
    with clock.override(offset=2 * DAY):
        refused("unknown", actions.carry_out, demand, by=two.moreau)
        refused("unknown", actions.agree, demand, by=two.moreau)
        assert is_titulaire(two.id("benali"))
        again = actions.ask_removal(two.id("benali"), by=two.moreau)
        assert again != demand
        refused("delay", actions.carry_out, again, by=two.moreau)
    with clock.override(offset=3 * DAY + HOUR):
        actions.carry_out(again, by=two.moreau)
        assert not is_titulaire(two.id("benali"))


def test_others_leave_as_before_and_everybody_by_themselves(two: House) -> None:
    actions.depart_member(two.id("durand"), by=two.moreau)
    actions.depart_member(two.id("benali"), by=two.benali)
    refused("last_titulaire", actions.depart_member, two.id("moreau"), by=two.moreau)


def test_the_last_titulaire_is_never_removed(two: House) -> None:
    demand = actions.ask_removal(two.id("benali"), by=two.moreau)
    with clock.override(offset=DAY + HOUR):
        actions.depart_member(two.id("moreau"), by=two.moreau)
        refused("inactive", actions.carry_out, demand, by=two.moreau)
        assert is_titulaire(two.id("benali"))


# -- recovery


def test_recovery_waits_a_day_even_when_another_agrees(three: House) -> None:
    session = enter(three.id("sophie"))
    demand = actions.ask_recovery(three.id("sophie"), by=three.moreau)
    actions.agree(demand, by=three.benali)
    refused("delay", actions.recover_member, demand, by=three.moreau)
    with clock.override(offset=DAY + HOUR):
        done = actions.recover_member(demand, by=three.moreau)
        assert done.code
        assert sessions.of_id(session).state == "ended"  # type: ignore[union-attr]
        assert queries.passkeys_of(three.id("sophie"), reader=Reader.for_purpose("sign_in")) == []
        refused("unknown", actions.recover_member, demand, by=three.moreau)  # not twice
        key(done.code)
        refused("code", key, done.code)


def test_who_is_recovered_against_their_will_stops_it(two: House) -> None:
    """The attack: a titulaire who wants a colleague's key. Her living session says no, and waiting changes nothing."""
    demand = actions.ask_recovery(two.id("sophie"), by=two.moreau)
    assert [one.can_refuse for one in pending.told(two.sophie)] == [True]
    actions.refuse(demand, by=two.sophie)
    with clock.override(offset=2 * DAY):
        refused("unknown", actions.recover_member, demand, by=two.moreau)


def test_nobody_asks_it_but_a_titulaire_and_not_for_themselves(two: House) -> None:
    refused("titulaire", actions.ask_recovery, two.id("moreau"), by=two.sophie)
    refused("own", actions.ask_recovery, two.id("moreau"), by=two.moreau)
    demand = actions.ask_recovery(two.id("sophie"), by=two.moreau)
    refused("titulaire", actions.refuse, demand, by=two.durand)
    refused("unknown", actions.refuse, uuid4(), by=two.benali)


def test_asking_again_does_not_begin_the_day_again_nor_shorten_it(two: House) -> None:
    demand = actions.ask_recovery(two.id("sophie"), by=two.moreau)
    with clock.override(offset=DAY - HOUR):
        assert actions.ask_recovery(two.id("sophie"), by=two.benali) == demand
        refused("delay", actions.recover_member, demand, by=two.benali)
    with clock.override(offset=DAY + HOUR):
        actions.recover_member(demand, by=two.benali)


def test_a_clock_set_back_wins_nothing(practice: object) -> None:
    """Ask on a clock two days slow, set it right, and the day would have passed: people worked here after that instant."""
    with clock.override(offset=-10 * DAY):
        two = House("benali", "sophie")
    enter(two.id("sophie"))
    with clock.override(offset=-2 * DAY):
        demand = actions.ask_recovery(two.id("sophie"), by=two.moreau)
    refused("delay", actions.recover_member, demand, by=two.moreau)
    with clock.override(offset=-3 * DAY):
        refused("delay", actions.recover_member, demand, by=two.moreau)


def test_a_demand_left_a_week_is_asked_again(two: House) -> None:
    demand = actions.ask_recovery(two.id("sophie"), by=two.moreau)
    with clock.override(offset=9 * DAY):
        refused("unknown", actions.recover_member, demand, by=two.moreau)
        assert pending.told(two.moreau) == []


# -- thirty days away


def test_who_was_away_thirty_days_comes_in_once_a_titulaire_agrees(two: House) -> None:
    enter(two.id("sophie"))
    with clock.override(offset=29 * DAY):
        enter(two.id("moreau"))
    with clock.override(offset=31 * DAY):
        refused("away", enter, two.id("sophie"))
        refused("away", enter, two.id("sophie"))
        [demand] = [one for one in pending.told(two.moreau) if one.act == "return"]  # asked once
        assert demand.member == two.id("sophie")
        refused("titulaire", actions.agree, demand.id, by=two.sophie)
        actions.agree(demand.id, by=two.moreau)
        enter(two.id("sophie"))
        enter(two.id("sophie"))  # in use again
    with clock.override(offset=62 * DAY):
        refused("away", enter, two.id("sophie"))  # one agreement, one return


def test_a_refused_return_stays_refused(two: House) -> None:
    with clock.override(offset=31 * DAY):
        refused("away", enter, two.id("moreau"))
        [demand] = pending.told(two.benali)
        actions.refuse(demand.id, by=two.benali)
        refused("unknown", actions.agree, demand.id, by=two.benali)
        refused("away", enter, two.id("moreau"))


def test_after_a_summer_two_doctors_do_not_wait_for_each_other(two: House) -> None:
    with clock.override(offset=31 * DAY):
        refused("away", enter, two.id("moreau"))
        refused("away", enter, two.id("benali"))
    with clock.override(offset=32 * DAY - HOUR):
        refused("away", enter, two.id("moreau"))
    with clock.override(offset=32 * DAY + HOUR):
        enter(two.id("moreau"))
        refused("away", enter, two.id("benali"))  # now there is somebody to ask
        [demand] = [one for one in pending.told(two.moreau) if one.member == two.id("benali")]
        actions.agree(demand.id, by=two.moreau)
        enter(two.id("benali"))


def test_a_titulaire_does_not_let_themselves_in_while_there_is_another(two: House) -> None:
    with clock.override(offset=20 * DAY):
        enter(two.id("benali"))
    with clock.override(offset=31 * DAY):
        refused("away", enter, two.id("moreau"))
        [demand] = pending.told(two.benali)
        refused("second", actions.agree, demand.id, by=two.moreau)
    with clock.override(offset=33 * DAY):
        refused("away", enter, two.id("moreau"))  # a second person exists: a day alone is not enough


def test_alone_a_doctor_comes_back_after_a_day_unless_the_console_said_no(solo: House) -> None:
    with clock.override(offset=31 * DAY):
        refused("away", enter, solo.id("moreau"))
    with clock.override(offset=31 * DAY + HOUR):
        refused("away", enter, solo.id("moreau"))
        [demand] = pending.at_console()
        actions.refuse(demand, by=CONSOLE)
    with clock.override(offset=33 * DAY):
        refused("away", enter, solo.id("moreau"))  # begins again
    with clock.override(offset=34 * DAY + HOUR):
        enter(solo.id("moreau"))


def test_a_new_key_vouched_for_by_a_code_is_a_return(two: House) -> None:
    demand = actions.ask_recovery(two.id("sophie"), by=two.moreau)
    with clock.override(offset=2 * DAY):
        code = actions.recover_member(demand, by=two.moreau).code
    with clock.override(offset=2 * DAY + 30 * datetime.timedelta(minutes=1)):
        key(code)
    with clock.override(offset=31 * DAY):
        enter(two.id("sophie"))


@pytest.mark.parametrize("name", ["agree", "refuse", "carry_out"])
@pytest.mark.parametrize("purpose", ["import", "backup", "sign_in"])
def test_no_machine_but_the_console_decides(name: str, purpose: str, two: House) -> None:
    demand = actions.ask_recovery(two.id("sophie"), by=two.moreau)
    with pytest.raises(Refused):
        getattr(actions, name)(demand, by=Actor.machine(purpose))
    with pytest.raises(Refused):
        actions.ask_return(two.id("sophie"), by=two.sophie)


@given(st.datetimes(datetime.datetime(2026, 1, 1), datetime.datetime(2030, 1, 1)), st.timedeltas(-30 * DAY, 30 * DAY))
def test_a_demand_is_too_old_a_week_after_it_was_ready(ready: datetime.datetime, shift: datetime.timedelta) -> None:
    assert rules.too_old(ready, ready + shift) is (shift > rules.KEPT_OPEN)
    assert rules.too_old(None, ready)


def test_a_titulaire_is_not_recovered_by_another_alone_where_a_third_could_agree(three: House) -> None:
    demand = actions.ask_recovery(three.id("benali"), by=three.moreau)
    with clock.override(offset=DAY + HOUR):
        refused("second", actions.recover_member, demand, by=three.moreau)
