"""What a type allows is said when it is not followed, kept when it is waived, and all that the search offers follows it."""

import datetime
from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from permanence.agenda import actions, queries, rules, times
from permanence.agenda.models import Appointment, Slot
from permanence.journal.doors import Actor, Reader, Refused
from permanence.lib import clock
from tests.agenda.conftest import MONDAY

Book, Read, Kind = Callable[..., UUID], Callable[..., Reader], Callable[..., UUID]
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
WHO = UUID(int=7)
minutes_of_day = st.integers(0, 287).map(lambda five: five * 5)
spans = st.tuples(minutes_of_day, st.integers(1, 40)).map(lambda one: (one[0], min(times.DAY, one[0] + one[1] * 5)))
taken = st.lists(st.tuples(spans, st.sampled_from([0, 5, 15])).map(lambda one: (*one[0], one[1])), max_size=8)
weekly = st.lists(st.tuples(st.integers(1, 7), spans).map(lambda one: (one[0], *one[1])), max_size=6).map(tuple)
ages = st.none() | st.integers(0, 1300)
limits_ = st.builds(
    rules.Limits,
    st.booleans(),
    st.booleans(),
    ages,
    ages,
    weekly,
    st.sampled_from([(), (WHO,), (UUID(int=8),)]),
    st.none() | st.integers(1, 4),
    st.integers(0, 72),
    st.sampled_from([0, 5, 10, 30]),
)


def codes(found: tuple[rules.Breach, ...]) -> set[str]:
    return {one.code for one in found}


@unhurried
@given(st.lists(spans, max_size=4), taken, limits_, st.integers(1, 7), st.sampled_from([5, 10, 15, 20, 45]))
def test_what_is_offered_follows_every_rule_of_the_hour(
    openings: list[rules.Span], busy: list[tuple[int, int, int]], limits: rules.Limits, weekday: int, length: int
) -> None:
    for at in rules.offered(openings, busy, limits, weekday, length):
        asked = rules.Asked(WHO, weekday, at, length, taken=tuple(busy))
        assert not codes(rules.breaches(limits, asked)) & {"hours", "buffer"}
        assert not rules.overlaps((at, at + length), [(start, end) for start, end, _ in busy])


@unhurried
@given(st.lists(spans, max_size=4), taken, limits_, st.integers(1, 7), st.sampled_from([5, 15, 45]))
def test_a_day_without_an_offer_has_no_place_that_follows_the_rules(
    openings: list[rules.Span], busy: list[tuple[int, int, int]], limits: rules.Limits, weekday: int, length: int
) -> None:
    if rules.offered(openings, busy, limits, weekday, length):
        return
    for at in range(0, times.DAY, rules.STEP):
        within = any(start <= at and at + length <= end for start, end in rules.merged(openings))
        free = not rules.overlaps((at, at + length), [(start, end) for start, end, _ in busy])
        asked = rules.Asked(WHO, weekday, at, length, taken=tuple(busy))
        assert not (within and free) or codes(rules.breaches(limits, asked)) & {"hours", "buffer"}


@unhurried
@given(limits_, st.integers(1, 7), minutes_of_day, taken, st.integers(0, 5), st.integers(-500, 9000), ages, st.none() | st.booleans())
def test_a_type_without_rules_says_nothing_and_each_rule_lifted_says_no_more(
    limits: rules.Limits,
    weekday: int,
    at: int,
    busy: list[tuple[int, int, int]],
    same: int,
    ahead: int,
    months: int | None,
    new: bool | None,
) -> None:
    asked = rules.Asked(WHO, weekday, at, 15, ahead, months, new, same, tuple((start, end, 0) for start, end, _ in busy))
    assert rules.breaches(rules.ANY, asked) == ()
    told = rules.breaches(limits, asked)
    assert len(codes(told)) == len(told)  # each rule is said once
    assert all(one.words.endswith(".") for one in told)
    free = rules.Asked(asked.practitioner, weekday, at, 15, None, None, None, 0, ())
    assert codes(rules.breaches(limits, free)) <= {"hours", "practitioner"}  # what is not known is held against nobody


@unhurried
@given(weekly)
def test_the_hours_of_a_type_are_read_back_as_they_are_written(hours: tuple[times.Weekly, ...]) -> None:
    kept = tuple((day, *span) for day in range(1, 8) for span in rules.hours_on(rules.Limits(hours=hours), day) if hours)
    assert times.parse_week(times.week_words(kept)) == kept


@unhurried
@given(st.integers(0, 1300), st.booleans())
def test_an_age_is_read_back_as_it_is_written(months: int, upper: bool) -> None:
    months += upper
    assert rules.parse_age(rules.typed_age(months, upper=upper), upper=upper) == months


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("lun mar 8h-12h, jeu 14h-17h30", "lun mar 8h-12h, jeu 14h-17h30"),
        ("lundi au mercredi 8:30 à 10:00", "lun mar mer 8h30-10h"),
        ("8h-9h", "lun mar mer jeu ven sam dim 8h-9h"),
        ("sam", "sam"),
        ("ven 18h-24h", "ven 18h-24h"),
    ],
)
def test_hours_are_typed_as_one_says_them(typed: str, shown: str) -> None:
    assert times.week_words(times.parse_week(typed)) == shown


@pytest.mark.parametrize("typed", ["demain 8h-9h", "ma 8h-9h", "ven-lun 8h-9h", "lun 12h-8h"])
def test_hours_that_are_not_understood_are_refused_with_an_example(typed: str) -> None:
    with pytest.raises(ValueError, match=r"corriger|par exemple"):
        times.parse_week(typed)


def test_an_upper_age_is_included() -> None:
    limits = rules.Limits(below_months=rules.parse_age("15", upper=True))
    assert not rules.breaches(limits, rules.Asked(WHO, 1, 480, 15, months=15 * 12 + 11))
    [told] = rules.breaches(limits, rules.Asked(WHO, 1, 480, 15, months=16 * 12))
    assert told.words == "Ce type est prévu jusqu’à 15\u00a0ans\u00a0; ce patient aura 16\u00a0ans."


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"new_patients": False}, "new"),
        ({"below_months": 16 * 12}, "age"),
        ({"hours": ((2, 480, 720),)}, "hours"),
        ({"notice_hours": 48}, "notice"),
        ({"practitioners": "benali"}, "practitioner"),
    ],
)
def test_a_rule_that_is_not_followed_is_said_then_waived_with_its_reason(
    limits: dict[str, object], code: str, kind: Kind, book: Book, jeanne: UUID, benali: Actor, at_eight: object
) -> None:
    type = kind(**{name: (benali.member,) if value == "benali" else value for name, value in limits.items()})
    with pytest.raises(actions.Outside) as told:
        book(jeanne, "10:00", type=type)
    assert codes(told.value.breaches) == {code}
    assert not Appointment.objects.exists()
    id = book(jeanne, "10:00", type=type, despite=[code], waived_reason="Accord du praticien")
    kept = Appointment.objects.get(id=id)
    assert (kept.waived_rules, kept.waived_reason) == ([code], "Accord du praticien")


def test_who_came_once_is_known_and_who_is_known_is_not_new(kind: Kind, book: Book, jeanne: UUID, moreau: Actor, at_eight: object) -> None:
    known, new = kind("Suivi", new_patients=False), kind("Première fois", known_patients=False)
    first = book(jeanne, "08:00", type=new)
    actions.set_status(first, by=moreau, status="fulfilled")
    book(jeanne, "09:00", type=known)
    with pytest.raises(actions.Outside, match="nouveaux patients"):
        book(jeanne, "10:00", type=new)


def test_a_file_opened_long_ago_is_a_known_patients(kind: Kind, book: Book, jeanne: UUID) -> None:
    later = MONDAY + datetime.timedelta(days=120)
    with clock.override(times.instant(later, 480)):
        assert book(jeanne, "09:00", day=later, type=kind(new_patients=False))


def test_how_many_a_day_counts_each_practitioner_apart_and_no_cancelled_one(
    kind: Kind, book: Book, jeanne: UUID, paul: UUID, moreau: Actor, benali: Actor, at_eight: object
) -> None:
    type = kind(most_a_day=1)
    first = book(jeanne, "09:00", type=type)
    with pytest.raises(actions.Outside, match="déjà 1 ce jour-là"):
        book(paul, "10:00", type=type)
    book(paul, "10:00", type=type, practitioner=benali.member)
    actions.set_status(first, by=moreau, status="cancelled")
    book(paul, "11:00", type=type)


def test_time_kept_free_after_a_type_is_said_from_both_sides(kind: Kind, book: Book, jeanne: UUID, paul: UUID, at_eight: object) -> None:
    slow = kind("Bilan", buffer_minutes=15)
    book(jeanne, "09:00", type=slow)
    with pytest.raises(actions.Outside, match="restent libres après le rendez-vous de 09:00"):
        book(paul, "09:15")
    book(paul, "09:30")
    with pytest.raises(actions.Outside, match="restent libres après ce type"):
        book(jeanne, "09:10", minutes=15, type=slow, despite=["count"])
    book(paul, "09:00")  # two at the same time are shown, and asked of nobody


def test_an_absence_without_a_replacement_is_said(book: Book, jeanne: UUID, moreau: Actor, petit: Actor, at_eight: object) -> None:
    assert moreau.member is not None
    span = {"start": times.instant(MONDAY, 600), "end": times.instant(MONDAY, 720)}
    away = actions.be_away(by=moreau, practitioner=moreau.member, reason="Formation", **span)  # type: ignore[arg-type]
    with pytest.raises(actions.Outside, match=r"absent.*Formation"):
        book(jeanne, "10:30")
    book(jeanne, "09:00")
    actions.remove_absence(away, by=moreau)
    actions.be_away(by=moreau, practitioner=moreau.member, replacement=petit.member, **span)  # type: ignore[arg-type]
    book(jeanne, "10:30")


def test_a_move_is_never_refused_and_keeps_what_it_leaves(kind: Kind, book: Book, jeanne: UUID, moreau: Actor, at_eight: object) -> None:
    id = book(jeanne, "09:00", type=kind(hours=((1, 480, 720),)))
    undo = actions.move(id, by=moreau, start=times.instant(MONDAY, 900))
    assert Appointment.objects.get(id=id).waived_rules == ["hours"]
    actions.take_back(id, by=moreau, undo=undo)
    assert Appointment.objects.get(id=id).waived_rules == []


def test_a_caller_without_a_file_is_told_the_rules_of_the_hour(kind: Kind, moreau: Actor, at_eight: object) -> None:
    assert moreau.member is not None
    place = {"practitioner": moreau.member, "start": times.instant(MONDAY, 900), "kind": "caller", "label": "M. Perrin"}
    type = kind(hours=((1, 480, 720),), new_patients=False)
    with pytest.raises(actions.Outside) as told:
        actions.hold(by=moreau, type=type, **place)  # type: ignore[arg-type]
    assert codes(told.value.breaches) == {"hours"}  # whether they are new, nobody knows yet
    actions.hold(by=moreau, type=type, despite=None, **place)  # type: ignore[arg-type]
    assert Slot.objects.get().waived_rules == ["hours"]


def test_the_search_offers_only_what_the_rules_allow(
    kind: Kind, book: Book, jeanne: UUID, paul: UUID, moreau: Actor, benali: Actor, mornings: None, reader: Read, at_eight: object
) -> None:
    assert moreau.member is not None
    assert benali.member is not None

    def offered(type: UUID, who: UUID | None = None, **more: object) -> list[str]:
        found = queries.free(15, reader=reader(moreau), practitioners=[moreau.member, benali.member], type=type, patient=who, **more)  # type: ignore[arg-type, list-item]
        return [f"{times.wall(one.start)[0].isoweekday()} {times.hour_text(times.wall(one.start)[1])}" for one in found]

    assert offered(kind("Jeudi", hours=((4, 600, 630),)), most=2) == ["4 10:00", "4 10:15"]
    assert offered(kind("Avec l’autre", practitioners=(benali.member,))) == []  # who has no hours
    assert offered(kind("Demain", notice_hours=25), most=1) == ["2 09:00"]
    child = kind("Enfant", below_months=192)
    assert offered(child, jeanne) == []
    assert offered(child, paul, most=1) == ["1 08:00"]
    one = kind("Un par jour", most_a_day=1)
    book(jeanne, "08:00", type=one)
    assert offered(one, most=1) == ["2 08:00"]
    slow = kind("Bilan", buffer_minutes=20)
    book(jeanne, "08:30")
    assert offered(slow, most=2) == ["1 08:45", "1 09:00"]


def test_the_rules_of_a_type_come_back_as_they_were_given(kind: Kind, moreau: Actor, reader: Read) -> None:
    assert moreau.member is not None
    limits = {
        "new_patients": False,
        "from_months": 36,
        "below_months": 192,
        "hours": ((1, 480, 720), (4, 840, 1020)),
        "practitioners": (moreau.member,),
        "most_a_day": 3,
        "notice_hours": 24,
        "buffer_minutes": 10,
    }
    id = kind(**limits)
    [there] = [one for one in queries.types(reader=reader(moreau)) if one.id == id]
    assert there.limits == rules.Limits(**limits)  # type: ignore[arg-type]
    assert queries.frame(MONDAY, MONDAY, reader=reader(moreau)).types == (there,)


@pytest.mark.parametrize(
    "limits",
    [
        {"new_patients": False, "known_patients": False},
        {"from_months": 24, "below_months": 24},
        {"most_a_day": 0},
        {"notice_hours": -1},
        {"buffer_minutes": 500},
    ],
)
def test_rules_that_cannot_be_are_refused_in_words(limits: dict[str, object], kind: Kind) -> None:
    with pytest.raises(Refused, match=r"corrige|coche|limite"):
        kind(**limits)


def test_a_reason_written_with_another_type_is_kept(
    book: Callable[..., UUID], jeanne: UUID, sophie: Actor, kind: Callable[..., UUID], at_eight: object
) -> None:
    id = book(jeanne, "11:00")
    actions.edit(id, by=sophie, changes={"type_id": kind(hours=((1, 480, 600),)), "waived_reason": "Accord du praticien"})
    kept = Appointment.objects.get(id=id)
    assert (kept.waived_rules, kept.waived_reason) == (["hours"], "Accord du praticien")
