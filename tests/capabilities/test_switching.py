"""Deciding, agreeing, lifting, opening for the night: by whom, and what one person alone cannot do."""

import datetime
import os
from collections.abc import Callable, Iterator, Mapping
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from permanence.accounts import actions as accounts
from permanence.capabilities import Audience, Capability, State, actions, permissions, queries
from permanence.capabilities.models import Switch
from permanence.journal.doors import Actor, Reader, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from tests.accounts.test_two_people import House
from tests.cast import reader_for

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
NIGHT = {"days": list(range(7)), "from": 22 * 60, "to": 7 * 60}
TUESDAY_NIGHT = datetime.datetime(2026, 11, 24, 22, 0, tzinfo=datetime.UTC)  # 23:00 in Paris


@pytest.fixture
def two(practice: object) -> House:
    return House("benali", "sophie", "durand")


@pytest.fixture
def solo(practice: object) -> House:
    return House("sophie", "durand")


def off(by: Actor, capability: Capability = Capability.AGENDA, state: State = State.OFF, **more: object) -> UUID:
    known: dict[str, object] = {"capability": capability, "state": state, "reason": "essai", "next_update_at": clock.now() + HOUR, **more}
    return actions.switch(by=by, **known)  # type: ignore[arg-type]


def state(by: Actor, capability: Capability = Capability.AGENDA, network: str = "") -> State:
    return permissions.state_of(capability, by, network)


def refused(code: str, call: Callable[..., object], *args: object, **kwargs: object) -> str:
    with pytest.raises(Refused) as found:
        call(*args, **kwargs)
    assert found.value.code == code, found.value.sentence
    return found.value.sentence


# -- who


@pytest.mark.parametrize("who", ["petit", "hugo", "sophie", "nadia", "lucie", "amel", "theo", "ines", "bruno", "yann"])
def test_only_a_titulaire_switches_and_lifts(who: str, cast: Mapping[str, Actor]) -> None:
    refused("titulaire", off, cast[who])
    made = off(cast["moreau"])
    refused("titulaire", actions.lift, made, by=cast[who])
    assert state(cast[who]) is State.OFF


def test_every_member_reads_what_holds_for_them(cast: Mapping[str, Actor]) -> None:
    off(cast["moreau"], audience=Audience.PROFESSION, whom="secretaire", reason="poste suspect")
    for name, actor in cast.items():
        found = queries.held(reader=reader_for(actor))
        assert (Capability.AGENDA in found) is (name == "sophie"), name
        [decision] = queries.decisions(reader=reader_for(actor))
        assert (decision.reason, decision.by, decision.phase) == ("poste suspect", cast["moreau"].member, "live")


def test_a_switch_says_why_and_until_when(moreau: Actor) -> None:
    assert "pourquoi" in refused("invalid", off, moreau, reason="  ")
    assert "prochain point" in refused("invalid", off, moreau, next_update_at=None)
    assert "passée" in refused("invalid", off, moreau, ends_at=clock.now() - HOUR)
    refused("invalid", off, moreau, state=State.QUEUED)  # nothing waits in an agenda
    refused("invalid", off, moreau, state=State.ON)
    refused("invalid", off, moreau, audience=Audience.MEMBER, whom=str(UUID(int=5)))
    refused("invalid", off, moreau, audience=Audience.NETWORK, whom="partout")


def test_it_ends_by_itself_and_is_lifted_by_any_titulaire(moreau: Actor, benali: Actor) -> None:
    first = off(moreau, ends_at=clock.now() + HOUR)
    with clock.override(offset=HOUR):
        assert state(benali) is State.ON
    assert state(benali) is State.OFF
    actions.lift(first, by=benali, reason="réparé")
    assert state(moreau) is State.ON
    [over] = queries.history(reader=reader_for(moreau))
    assert (over.lifted_by, over.lifted_reason, over.phase) == (benali.member, "réparé", "over")
    refused("unknown", actions.lift, first, by=benali)


def test_two_switches_decided_at_once_both_stand_and_the_strictest_holds(moreau: Actor, benali: Actor) -> None:
    """What two replicas decide apart arrives as two rows."""
    softer, harder = off(moreau, state=State.READ_ONLY), off(benali)
    assert state(moreau) is State.OFF
    actions.lift(harder, by=moreau)
    assert state(benali) is State.READ_ONLY
    actions.lift(softer, by=benali)
    assert state(benali) is State.ON
    assert Switch.objects.count() == 2


def test_a_network_is_the_requests_own(moreau: Actor) -> None:
    off(moreau, Capability.REMOTE_ACCESS, audience=Audience.NETWORK, whom="outside")
    assert state(moreau, Capability.REMOTE_ACCESS, "93.184.216.34") is State.OFF
    assert state(moreau, Capability.REMOTE_ACCESS, "192.168.1.5") is State.ON


def test_what_holds_costs_one_query_then_none(moreau: Actor, benali: Actor) -> None:
    made = off(moreau, schedule=NIGHT, overridable=True)
    actions.override(made, by=moreau, reason="garde")
    permissions.forget()
    with CaptureQueriesContext(connection) as asked:
        for _ in range(20):
            permissions.held(moreau)
            permissions.held(benali)
    assert len([one for one in asked.captured_queries if "capabilities_switch" in one["sql"]]) == 1


# -- two people


def test_a_titulaire_alone_cannot_close_the_records_to_everybody(two: House) -> None:
    """Everything else falls, reading stays; whoever is left lifts all of it."""
    for capability in Capability:
        off(two.moreau, capability)
    assert state(two.sophie, Capability.WRITE_RECORDS) is State.OFF
    for who in (two.moreau, two.benali, two.durand, two.sophie):
        assert state(who, Capability.READ_RECORDS) is State.ON
    for number, (audience, whom) in enumerate([(Audience.PROFESSION, "medecin"), (Audience.MEMBER, str(two.id("benali"))),
                                               (Audience.NETWORK, "0.0.0.0/0"), (Audience.PRACTICE, "")], 1):
        off(two.moreau, Capability.READ_RECORDS, audience=audience, whom=whom)
        assert state(two.benali, Capability.READ_RECORDS, "10.0.0.1") is State.ON
        assert queries.waiting(two.benali) == number + 1
    waiting = [one for one in queries.decisions(reader=reader_for(two.moreau)) if one.phase == "waiting"]
    [mine] = [one for one in waiting if one.audience == Audience.EVERYONE]
    assert not mine.can_agree
    refused("second", actions.agree, mine.id, by=two.moreau)
    with clock.override(offset=2 * DAY):
        refused("second", actions.agree, mine.id, by=two.moreau)  # a second person exists: waiting is no agreement
    for one in queries.decisions(reader=reader_for(two.benali)):
        actions.lift(one.id, by=two.benali)
    assert permissions.held(two.sophie) == {}


def test_a_second_titulaire_agrees_and_any_of_them_opens_again(two: House) -> None:
    made = off(two.moreau, Capability.READ_RECORDS)
    refused("titulaire", actions.agree, made, by=two.durand)
    actions.agree(made, by=two.benali)
    assert state(two.sophie, Capability.READ_RECORDS) is State.OFF
    actions.lift(made, by=two.moreau)
    assert state(two.sophie, Capability.READ_RECORDS) is State.ON


def test_a_solo_titulaire_waits_a_day(solo: House) -> None:
    made = off(solo.moreau, Capability.READ_RECORDS, next_update_at=clock.now() + 3 * DAY)
    refused("delay", actions.agree, made, by=solo.moreau)
    with clock.override(offset=DAY + HOUR):
        actions.agree(made, by=solo.moreau)
        assert state(solo.sophie, Capability.READ_RECORDS) is State.OFF


def test_a_demand_left_too_long_means_nothing(two: House) -> None:
    made = off(two.moreau, Capability.READ_RECORDS, next_update_at=clock.now() + 30 * DAY)
    with clock.override(offset=9 * DAY):
        refused("unknown", actions.agree, made, by=two.benali)
        assert queries.waiting(two.benali) == 0
        assert queries.decisions(reader=reader_for(two.benali)) == []


def test_posts_closed_one_by_one_need_a_second_person_at_the_last(two: House) -> None:
    posts = []
    for name in ("Accueil", "Cabinet"):
        code = accounts.invite_post(name=name, by=two.moreau).code
        posts.append(accounts.enrol_post(code, token_hash=os.urandom(32), thumbprint=name, public_key={}, by=Actor.machine("sign_in")))
        accounts.approve_post(posts[-1], by=two.moreau)
    for post in posts:
        off(two.moreau, Capability.READ_RECORDS, audience=Audience.POST, whom=str(post))
    phases = {one.whom: one.phase for one in queries.decisions(reader=reader_for(two.moreau))}
    assert phases == {str(posts[0]): "live", str(posts[1]): "waiting"}


# -- on call


@pytest.fixture
def on_tuesday() -> Iterator[None]:
    """Noon, before anybody is hired: the night is to come."""
    with clock.override(TUESDAY_NIGHT - 11 * HOUR):
        yield


@pytest.mark.usefixtures("on_tuesday")
def test_a_doctor_on_call_opens_a_night_closing_for_themselves(moreau: Actor, petit: Actor, benali: Actor) -> None:
    closing = off(moreau, Capability.WRITE_RECORDS, schedule=NIGHT, overridable=True, next_update_at=None)
    with clock.override(TUESDAY_NIGHT):
        assert state(petit, Capability.WRITE_RECORDS) is State.OFF
        refused("invalid", actions.override, closing, by=petit, reason="")
        refused("invalid", actions.override, closing, by=petit, reason="garde", hours=13)
        actions.override(closing, by=petit, reason="garde, enfant fébrile", hours=4)
        assert state(petit, Capability.WRITE_RECORDS) is State.ON
        assert state(benali, Capability.WRITE_RECORDS) is State.OFF
        told = [one for one in queries.decisions(reader=reader_for(benali)) if one.overrides]
        assert [(one.reason, one.by) for one in told] == [("garde, enfant fébrile", petit.member)]
    with clock.override(TUESDAY_NIGHT + 4 * HOUR):
        assert state(petit, Capability.WRITE_RECORDS) is State.OFF
    with clock.override(TUESDAY_NIGHT + 9 * HOUR):
        assert state(benali, Capability.WRITE_RECORDS) is State.ON


@pytest.mark.parametrize("who", ["sophie", "nadia", "theo", "ines", "bruno", "yann"])
def test_who_does_not_prescribe_opens_no_closing(who: str, cast: Mapping[str, Actor]) -> None:
    closing = off(cast["moreau"], schedule=NIGHT, overridable=True)
    refused("right", actions.override, closing, by=cast[who], reason="garde")


def test_what_is_no_closing_by_hours_is_opened_by_nobody_alone(moreau: Actor, petit: Actor) -> None:
    for made in (off(moreau), off(moreau, schedule=NIGHT), off(moreau, overridable=True)):
        refused("overridable", actions.override, made, by=petit, reason="garde")


# -- the machine


def test_the_machine_degrades_and_lifts_its_own_only(moreau: Actor) -> None:
    machine = Actor.machine("services")
    here = permissions.vault.current().replica.hex()
    made = actions.degrade(by=machine, capability=Capability.AGENDA, replica=here)
    assert made is not None
    assert actions.degrade(by=machine, capability=Capability.AGENDA, replica=here) is None
    assert state(moreau) is State.READ_ONLY
    [decision] = queries.decisions(reader=reader_for(moreau))
    assert decision.by is None
    persons = off(moreau)
    refused("unknown", actions.lift, persons, by=machine)
    actions.lift(made, by=machine)
    assert state(moreau) is State.OFF
    refused("titulaire", actions.switch, by=machine, capability=Capability.AGENDA, state=State.OFF, reason="non")
    refused("purpose", actions.degrade, by=moreau, capability=Capability.AGENDA, replica=here)


def test_another_machines_slowness_is_not_ours(moreau: Actor) -> None:
    actions.degrade(by=Actor.machine("services"), capability=Capability.AGENDA, replica="ab" * 16)
    assert state(moreau) is State.ON
    assert queries.decisions(reader=Reader(moreau, [])) == []


@pytest.mark.parametrize("hours", [{"days": "x"}, {"weeks": [1]}, {"days": [1], "from": None, "to": 4}, [1, 2], "nuit"])
def test_hours_that_a_newer_version_wrote_close_at_all_hours_and_break_nothing(moreau: Actor, hours: object) -> None:
    made = off(moreau, schedule=NIGHT)

    @action
    def write(*, by: Actor) -> None:
        row = Switch.objects.get(id=made)
        row.schedule = hours
        row.save()

    write(by=moreau)
    permissions.forget()
    assert state(moreau) is State.OFF
    assert len(queries.decisions(reader=reader_for(moreau))) == 1
