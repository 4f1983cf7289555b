"""Who is on the list of ten: rules on plain values, by properties."""

import datetime
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from permanence.handover import rules
from permanence.handover.rules import Signal

NOW = datetime.datetime(2026, 8, 3, 9, tzinfo=datetime.UTC)
people = st.integers(1, 16).map(lambda number: UUID(int=number))
signals = st.builds(
    Signal,
    st.sampled_from(sorted(rules.WEIGHTS)),
    st.none() | st.integers(0, 500).map(lambda hours: NOW + datetime.timedelta(hours=hours)),
    st.none(),
    st.booleans(),
)
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine is shared
reasons = st.dictionaries(people, st.lists(signals, max_size=3), max_size=14)


@unhurried
@given(st.lists(people, max_size=12), st.frozensets(people, max_size=8), reasons)
def test_ten_at_most_and_nobody_twice_nor_left_out(chosen: list[UUID], left_out: frozenset[UUID], found: dict[UUID, list[Signal]]) -> None:
    picked = rules.choose(chosen, left_out, found)
    assert len(picked) <= rules.MOST
    assert len(set(picked)) == len(picked)
    assert not left_out.intersection(picked)


@unhurried
@given(st.lists(people, max_size=10, unique=True), reasons)
def test_who_was_chosen_by_hand_comes_first_in_that_order(chosen: list[UUID], found: dict[UUID, list[Signal]]) -> None:
    assert rules.choose(chosen, (), found)[: len(chosen)] == chosen


@unhurried
@given(st.frozensets(people, max_size=8), reasons)
def test_nobody_is_proposed_without_reasons_that_weigh_enough(left_out: frozenset[UUID], found: dict[UUID, list[Signal]]) -> None:
    assert all(rules.weight(found[one]) >= rules.LEAST for one in rules.choose((), left_out, found))


@unhurried
@given(reasons, people, signals)
def test_one_more_reason_never_takes_a_patient_off(found: dict[UUID, list[Signal]], who: UUID, more: Signal) -> None:
    before = rules.choose((), (), found)
    after = rules.choose((), (), {**found, who: [*found.get(who, []), more]})
    assert who not in before or who in after


@unhurried
@given(reasons)
def test_the_list_does_not_depend_on_the_order_of_the_rows(found: dict[UUID, list[Signal]]) -> None:
    assert rules.choose((), (), found) == rules.choose((), (), dict(reversed(found.items())))


def test_a_booking_alone_or_a_long_file_alone_says_nothing_new() -> None:
    booked, long_term = Signal("booked", NOW), Signal("long_term", NOW)
    assert rules.choose((), (), {UUID(int=1): [booked] * 9, UUID(int=2): [long_term]}) == []
    assert rules.choose((), (), {UUID(int=1): [booked, long_term]}) == [UUID(int=1)]


def test_a_critical_result_comes_before_an_abnormal_one() -> None:
    critical, abnormal = uuid4(), uuid4()
    assert rules.choose((), (), {abnormal: [Signal("result", NOW)], critical: [Signal("result", NOW, None, True)]}) == [critical, abnormal]


@unhurried
@given(st.text(max_size=400), st.text(max_size=400), st.text(max_size=400))
def test_a_conclusion_is_one_short_line_of_what_was_written(assessment: str, text: str, plan: str) -> None:
    said = rules.conclusion(assessment, text, plan)
    assert len(said) <= rules.QUOTED
    assert len(said.splitlines()) <= 1
    assert said.rstrip("…") in assessment + text + plan


def test_a_note_concludes_by_its_assessment_then_its_plan_then_its_first_line() -> None:
    assert rules.conclusion("Sciatique gauche.\nPas de déficit.", "Mal au dos") == "Sciatique gauche."
    assert rules.conclusion("", "Mal au dos", "Kiné") == "Kiné"
    assert rules.conclusion(" \n", "\n Mal au dos\nDepuis lundi") == "Mal au dos"


def test_a_promise_or_a_sentence_comes_before_a_change_and_a_change_before_who_was_seen() -> None:
    assert rules.part({"task", "note"}, words=False) == rules.part({"note"}, words=True) == 0
    assert rules.part({"treatment", "note"}, words=False) == rules.part({"prescription"}, words=False) == 1
    assert rules.part({"note"}, words=False) == 2
