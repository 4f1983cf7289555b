"""Which switch holds: the strictest live one, for whom it is said, inside its hours, whatever the clock of the country does."""

import datetime
import itertools
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.capabilities import Audience, Capability, State, catalogue, rules
from permanence.capabilities.rules import Switch, Who

NOON = datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
NIGHT = {"days": list(range(7)), "from": 22 * 60, "to": 7 * 60}


def made(state: State = State.OFF, **more: object) -> Switch:
    known: dict[str, object] = {
        "id": uuid4(), "capability": Capability.AGENDA, "state": state, "audience": Audience.EVERYONE, "whom": "", "reason": "essai",
        "by": UUID(int=1), "decided_at": NOON - HOUR, "starts_at": NOON - HOUR, "ends_at": None, "next_update_at": None, "schedule": {},
        "overridable": False, "overrides": None, "replica": "", "confirmed": True, "ready_at": None}
    return Switch(**{**known, **more})  # type: ignore[arg-type]


def paris(text: str, fold: int = 0) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=rules.PARIS, fold=fold).astimezone(datetime.UTC)


def test_the_catalogue_is_the_designs() -> None:
    assert [capability.value for capability in Capability] == [
        "read_records", "write_records", "register_patient", "agenda", "prescribe", "e_prescription", "care_sheets", "dmp",
        "secure_mail", "patient_messages", "devices", "export", "remote_access", "research_export"]
    assert {found.value for found in State} == {"on", "read_only", "queued", "off"}


@pytest.mark.parametrize("capability", Capability)
def test_each_state_that_a_capability_takes_says_what_to_do_instead(capability: Capability) -> None:
    assert catalogue.LABELS[capability]
    for state in (*rules.STATES[capability], rules.WHEN_SLOW[capability]):
        assert len(catalogue.instead(capability, state)) > 5, state
        assert state is State.ON or state in rules.STATES[capability]


def test_slowness_never_takes_the_record_away() -> None:
    for capability in (Capability.READ_RECORDS, Capability.WRITE_RECORDS, Capability.REGISTER_PATIENT):
        assert rules.WHEN_SLOW[capability] is State.ON


@given(st.lists(st.sampled_from(State), min_size=1, max_size=5))
def test_the_strictest_live_switch_holds_whatever_the_order(states: list[State]) -> None:
    """Two replicas may decide at the same time: both rows are there, and every replica gives the same answer."""
    switches = [made(state) for state in states]
    answers = {rules.holding(order, Who(), NOON)[Capability.AGENDA].id for order in itertools.permutations(switches)}
    assert len(answers) == 1
    [kept] = [one for one in switches if one.id in answers]
    assert rules.strictness(kept.state) == max(map(rules.strictness, states))


def test_a_switch_of_a_newer_version_is_not_understood_as_open() -> None:
    assert rules.strictness("half_open") > rules.strictness(State.OFF)
    assert rules.concerns(made(audience="planet"), Who(uuid4()))


def test_it_holds_from_its_start_to_its_end_and_not_before_a_second_person_agreed() -> None:
    switch = made(starts_at=NOON, ends_at=NOON + HOUR)
    held = [bool(rules.holding([switch], Who(), NOON + HOUR * n)) for n in (-1, 0, 1)]
    assert held == [False, True, False]
    assert not rules.holding([made(confirmed=False)], Who(), NOON)


@pytest.mark.parametrize(("audience", "whom", "concerned"), [
    (Audience.EVERYONE, "", {"doctor", "desk", "machine"}),
    (Audience.PRACTICE, "", {"doctor", "desk"}),
    (Audience.PROFESSION, "medecin", {"doctor"}),
    (Audience.MEMBER, str(UUID(int=2)), {"desk"}),
    (Audience.POST, str(UUID(int=9)), {"doctor"}),
    (Audience.NETWORK, "192.168.1.0/24", {"doctor"}),
    (Audience.NETWORK, rules.OUTSIDE, {"desk"}),
])
def test_a_switch_concerns_whom_it_names(audience: Audience, whom: str, concerned: set[str]) -> None:
    people = {"doctor": Who(UUID(int=1), "medecin", UUID(int=9), "192.168.1.20"),
              "desk": Who(UUID(int=2), "secretaire", UUID(int=8), "::ffff:93.184.216.34"), "machine": Who()}
    assert {name for name, who in people.items() if rules.concerns(made(audience=audience, whom=whom), who)} == concerned


def test_a_machines_own_switch_holds_on_that_machine_only() -> None:
    assert rules.holding([made(replica="aa")], Who(), NOON, "aa")
    assert not rules.holding([made(replica="aa")], Who(), NOON, "bb")


# -- hours


@pytest.mark.parametrize(("at", "closed"), [
    ("2026-11-23 21:59", False), ("2026-11-23 22:00", True), ("2026-11-24 00:00", True), ("2026-11-24 06:59", True),
    ("2026-11-24 07:00", False), ("2026-11-24 12:00", False)])
def test_a_night_closing_crosses_midnight(at: str, closed: bool) -> None:
    assert (rules.closed_until(NIGHT, paris(at)) is not None) is closed


def test_a_night_of_one_day_belongs_to_the_day_it_begins() -> None:
    friday = {"days": [4], "from": 22 * 60, "to": 7 * 60}
    assert rules.closed_until(friday, paris("2026-11-28 06:00")) == paris("2026-11-28 07:00")  # Saturday morning
    assert rules.closed_until(friday, paris("2026-11-27 06:00")) is None  # Friday morning
    assert rules.next_closing(friday, paris("2026-11-28 08:00")) == paris("2026-12-04 22:00")


@pytest.mark.parametrize(("night", "hours"), [("2026-10-24", 10), ("2027-03-27", 8), ("2026-11-23", 9)])
def test_the_night_of_a_changing_clock_is_longer_or_shorter_and_opens_at_seven(night: str, hours: int) -> None:
    """25 October 2026 has 2 o'clock twice, 28 March 2027 has none: the walls say when it opens."""
    start = paris(f"{night} 22:00")
    end = rules.closed_until(NIGHT, start)
    assert end is not None
    assert end - start == HOUR * hours
    assert end.astimezone(rules.PARIS).time() == datetime.time(7)
    minutes = int((end - start) / datetime.timedelta(minutes=1))
    assert all(rules.closed_until(NIGHT, start + datetime.timedelta(minutes=n)) == end for n in range(0, minutes, 7))
    assert rules.closed_until(NIGHT, end) is None
    assert rules.closed_since(NIGHT, end - HOUR) == start


def test_hours_inside_the_hour_that_comes_twice_or_never_never_lock_for_a_day() -> None:
    odd = {"days": [6], "from": 135, "to": 165}
    twice = [rules.closed_until(odd, paris("2026-10-25 02:30", fold)) is not None for fold in (0, 1)]
    assert twice == [True, False]
    start = paris("2027-03-28 00:00")
    closed = [n for n in range(24 * 60) if rules.closed_until(odd, start + datetime.timedelta(minutes=n))]
    assert len(closed) <= 30


@given(st.integers(0, 1439), st.integers(0, 1440), st.sets(st.integers(0, 6), min_size=1), st.integers(0, 400 * 24 * 60))
def test_what_is_closed_ends_and_was_begun(start: int, end: int, days: set[int], minute: int) -> None:
    try:
        schedule = rules.check_schedule({"days": sorted(days), "from": start, "to": end})
    except ValueError:
        assert start == end
        return
    now = NOON + datetime.timedelta(minutes=minute)
    until, since = rules.closed_until(schedule, now), rules.closed_since(schedule, now)
    assert (until is None) is (since is None)
    if until is not None and since is not None:
        assert since <= now < until <= since + datetime.timedelta(hours=25)
    coming = rules.next_closing(schedule, now)
    assert coming is not None
    assert now < coming <= now + datetime.timedelta(days=8)


@pytest.mark.parametrize("wrong", [{"days": [], "from": 0, "to": 60}, {"days": [1], "from": 60, "to": 60},
                                   {"days": [1], "from": -1, "to": 60}, {"days": [1], "from": 10, "to": 1500}])
def test_hours_that_mean_nothing_are_refused_in_french(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"jour|heures"):
        rules.check_schedule(wrong)


def test_an_opening_for_the_doctor_on_call_opens_that_closing_for_them_alone() -> None:
    closing = made(schedule=NIGHT, overridable=True)
    night = paris("2026-11-24 23:00")
    opening = made(State.ON, audience=Audience.MEMBER, whom=str(UUID(int=1)), overrides=closing.id, starts_at=night,
                   ends_at=night + 4 * HOUR)
    on_call, other = Who(UUID(int=1), "medecin"), Who(UUID(int=2), "medecin")
    assert not rules.holding([closing, opening], on_call, night)
    assert rules.holding([closing, opening], other, night)
    assert rules.holding([closing, opening], on_call, night + 4 * HOUR)
    stricter = made()
    assert rules.holding([closing, opening, stricter], on_call, night)[Capability.AGENDA] is stricter


# -- nobody alone locks the practice out of its records


CHIEFS = {UUID(int=1): "medecin", UUID(int=2): "medecin"}


def reading_off(audience: Audience, whom: str = "") -> Switch:
    return made(capability=Capability.READ_RECORDS, audience=audience, whom=whom)


@pytest.mark.parametrize(("switches", "locks"), [
    ([reading_off(Audience.EVERYONE)], True),
    ([reading_off(Audience.PRACTICE)], True),
    ([reading_off(Audience.NETWORK, "0.0.0.0/0")], True),
    ([reading_off(Audience.PROFESSION, "medecin")], True),
    ([reading_off(Audience.PROFESSION, "secretaire")], False),
    ([reading_off(Audience.MEMBER, str(UUID(int=2)))], True),
    ([reading_off(Audience.MEMBER, str(UUID(int=1)))], False),
    ([reading_off(Audience.POST, str(UUID(int=7)))], False),
    ([reading_off(Audience.POST, str(UUID(int=7))), reading_off(Audience.POST, str(UUID(int=8)))], True),
    ([made(audience=Audience.EVERYONE)], False),
])
def test_what_needs_a_second_person(switches: list[Switch], locks: bool) -> None:
    posts = {UUID(int=7), UUID(int=8)}
    assert rules.locks_out(switches, asker=UUID(int=1), chiefs=CHIEFS, posts=posts) is locks


def test_a_solo_titulaire_closes_neither_everybody_nor_the_doctors_alone() -> None:
    alone = {UUID(int=1): "medecin"}
    for switch in (reading_off(Audience.EVERYONE), reading_off(Audience.PROFESSION, "medecin")):
        assert rules.locks_out([switch], asker=UUID(int=1), chiefs=alone, posts=())
    assert not rules.locks_out([reading_off(Audience.PROFESSION, "secretaire")], asker=UUID(int=1), chiefs=alone, posts=())
