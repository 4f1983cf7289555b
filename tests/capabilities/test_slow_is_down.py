"""Five minutes of slow answers limit a service by themselves, five good ones open it again; the record itself is never closed."""

import datetime
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.capabilities import Capability, State, actions, pace, permissions, watching
from permanence.capabilities.models import Switch
from permanence.capabilities.pace import FEWEST, LASTING_S, LIMIT_S, Pace, Watch, p95
from permanence.journal.doors import Actor
from permanence.lib import clock
from permanence.web import services
from tests.web.conftest import visit

__all__ = ["visit"]
START = datetime.datetime(2026, 11, 24, 9, tzinfo=datetime.UTC)
AGENDA, READ = Capability.AGENDA, Capability.READ_RECORDS


@given(st.lists(st.floats(0, 100), min_size=1, max_size=60))
def test_the_percentile_is_one_of_the_answers_and_95_of_100_do_not_exceed_it(seconds: list[float]) -> None:
    found = p95(seconds)
    assert found in seconds
    assert sum(one <= found for one in seconds) * 100 >= 95 * len(seconds)
    assert sum(one < found for one in seconds) * 100 < 95 * len(seconds)


def played(seconds: Callable[[float], float], *, until: float, every: float = 5.0, capability: Capability = AGENDA,
           pace: Pace | None = None, begin: float = 0.0) -> list[tuple[float, Capability, bool]]:
    """Answers of so many seconds, one each `every` seconds: what changed, and when."""
    found, meter, at = [], pace or Pace(), begin
    while at <= until:
        meter.note(capability, seconds(at), at=at)
        found += [(at, one, slow) for one, slow in meter.judge(at).items()]
        at += every
    return found


def test_five_slow_minutes_then_five_good_ones() -> None:
    changes = played(lambda at: 4.0 if at < 600 else .1, until=1_200)
    assert [(one, slow) for _, one, slow in changes] == [(AGENDA, True), (AGENDA, False)]
    (first, *_), (last, *_) = changes
    assert LASTING_S <= first <= LASTING_S + 30
    assert 600 + LASTING_S <= last <= 600 + LASTING_S + 75  # a slow minute must first leave the window


def test_four_minutes_are_not_five() -> None:
    assert played(lambda at: 4.0 if at % 300 < 200 else .1, until=3_000) == []


def test_one_slow_answer_in_twenty_is_no_slowness() -> None:
    turn = iter(range(10_000))
    assert played(lambda at: 30.0 if next(turn) % 25 == 0 else .2, until=2_000, every=1.0) == []


def test_few_answers_say_nothing() -> None:
    assert played(lambda at: 9.0, until=3_600, every=60 / (FEWEST - 1)) == []


def test_a_service_that_nobody_asks_any_more_is_opened_again() -> None:
    meter = Pace()
    assert [slow for _, _, slow in played(lambda at: 9.0, until=400, pace=meter)] == [True]
    assert [slow for at in range(410, 1_000, 10) for slow in meter.judge(float(at)).values()] == [False]


def test_a_clock_that_goes_back_begins_again() -> None:
    meter = Pace()
    assert played(lambda at: 9.0, until=250, pace=meter) == []
    assert meter.judge(10.0) == {}
    assert played(lambda at: 9.0, until=200, begin=15.0, pace=meter) == []


def test_nothing_but_names_and_seconds_is_kept() -> None:
    meter = Pace()
    for at in range(pace.MOST * 2):
        meter.note(READ, 9.0, at=float(at))
    [kept] = meter._answers.values()
    assert len(kept) == pace.MOST
    assert {type(value) for one in kept for value in one} == {float}


# -- with the switches


@pytest.fixture
def that_day() -> Iterator[None]:
    """Before anybody is hired: START is never past."""
    with clock.override(START):
        yield


@pytest.fixture
def meter(that_day: None, monkeypatch: pytest.MonkeyPatch, moreau: Actor) -> Pace:
    made = Pace()
    monkeypatch.setattr(watching, "pace", made)
    return made


def minutes(watch: Watch, capability: Capability, seconds: float, *, begin: datetime.datetime, count: int) -> datetime.datetime:
    at = begin
    while at < begin + datetime.timedelta(minutes=count):
        with clock.override(at):
            watching.note(capability, seconds)
            watch.tick()
        at += datetime.timedelta(seconds=10)
    return at


def test_the_agenda_becomes_read_only_says_why_and_comes_back(meter: Pace, moreau: Actor) -> None:
    watch = Watch(meter, lambda: clock.ms() / 1000, watching.degrade, watching.restore)
    at = minutes(watch, AGENDA, LIMIT_S + 1, begin=START, count=6)
    with clock.override(at):
        found = permissions.held(moreau)[AGENDA]
        assert (found.state, found.reason, found.by) == (State.READ_ONLY, "trop lent", None)
    at = minutes(watch, AGENDA, .05, begin=at, count=7)
    with clock.override(at):
        assert permissions.held(moreau) == {}
    kept = Switch.objects.get()
    assert kept.lifted_at is not None
    assert kept.lifted_by_id is None


def test_slow_records_are_said_to_be_slow_and_stay_open(meter: Pace, moreau: Actor) -> None:
    watch = Watch(meter, lambda: clock.ms() / 1000, watching.degrade, watching.restore)
    at = minutes(watch, READ, 9.0, begin=START, count=6)
    with clock.override(at):
        assert permissions.held(moreau)[READ].state is State.ON
        permissions.check_on(READ, moreau, writing=True)


def test_what_a_person_decided_is_not_lifted_by_a_good_pace(meter: Pace, moreau: Actor) -> None:
    with clock.override(START):
        later = START + datetime.timedelta(days=1)
        actions.switch(by=moreau, capability=AGENDA, state=State.READ_ONLY, reason="essai", next_update_at=later)
        watching.degrade(AGENDA)
        watching.restore(AGENDA)
        assert permissions.held(moreau)[AGENDA].by == moreau.member


def test_a_view_is_timed_under_what_its_route_needs(visit: Callable[..., object], moreau: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Capability, float]] = []
    monkeypatch.setattr(services.watching, "note", lambda capability, seconds: seen.append((capability, seconds)))
    for path in ("/agenda/", "/patients/", "/cabinet/etat/", "/cabinet/membres/"):
        visit(moreau, path)
    visit(moreau, "/patients/nouveau/", {"birth_name": ""})
    assert [capability for capability, _ in seen] == [AGENDA, READ, Capability.REGISTER_PATIENT]
    assert all(0 < seconds < 60 for _, seconds in seen)
