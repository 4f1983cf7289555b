"""iCalendar: what leaves is read back equal by another library, on the two odd nights too; what comes never overwrites."""

import datetime
import time
from collections.abc import Callable
from uuid import UUID

import icalendar
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from permanence.agenda import actions, ics, queries, times
from permanence.agenda.actions import exchange
from permanence.agenda.actions.exchange import Match
from permanence.agenda.models import Appointment, Slot
from permanence.journal.doors import Actor, Reader, Refused
from tests.agenda.conftest import MONDAY

Book, Read = Callable[..., UUID], Callable[..., Reader]
STAMP = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
OCTOBER, MARCH = datetime.date(2026, 10, 25), datetime.date(2027, 3, 28)


def event(
    uid: str = "a1", start: str = "20261123T091500", end: str = "20261123T093000", zone: str = ";TZID=Europe/Paris", **more: str
) -> str:
    lines = [f"UID:{uid}", f"DTSTART{zone}:{start}", f"DTEND{zone}:{end}", "SUMMARY:MARTIN Jeanne", *(f"{k}:{v}" for k, v in more.items())]
    return "BEGIN:VEVENT\r\n" + "\r\n".join(lines) + "\r\nEND:VEVENT\r\n"


def calendar(*events: str) -> bytes:
    return ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Autre//FR\r\n" + "".join(events) + "END:VCALENDAR\r\n").encode()


@pytest.mark.parametrize(
    "start",
    [
        times.instant(OCTOBER, 150),
        times.instant(OCTOBER, 150, second=True),
        times.instant(MARCH, 150),
        times.instant(MARCH, 90),
        times.instant(MONDAY, 495),
    ],
)
def test_what_leaves_is_read_back_at_the_same_instant_by_another_library(start: datetime.datetime) -> None:
    data = ics.write([(UUID(int=1), start, 30, "booked", "MARTIN Jeanne", "")], name="Dr MOREAU", stamp=STAMP)
    [found] = icalendar.Calendar.from_ical(data).walk("VEVENT")
    assert found["dtstart"].dt.astimezone(datetime.UTC) == start
    assert found["dtend"].dt.astimezone(datetime.UTC) == start + datetime.timedelta(minutes=30)
    assert str(found["uid"]) == str(UUID(int=1))


def test_an_ordinary_hour_is_written_in_the_zone_of_paris_with_its_rules() -> None:
    text = ics.write([(UUID(int=1), times.instant(MONDAY, 495), 15, "booked", "x", "")], name="y", stamp=STAMP).decode()
    assert "DTSTART;TZID=Europe/Paris:20261123T081500" in text
    assert "BEGIN:VTIMEZONE" in text


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.datetimes(datetime.datetime(2021, 1, 1), datetime.datetime(2036, 1, 1), timezones=st.just(datetime.UTC)),
    st.integers(5, 720),
    # icalendar takes a typed « \\N » for a line break before it escapes (RFC 5545 3.3.11 reads it so in a file): those two signs are lost.
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60).filter(lambda text: "\\N" not in text),
)
def test_any_event_makes_the_round_trip(start: datetime.datetime, minutes: int, summary: str) -> None:
    start = start.replace(second=0, microsecond=0)
    data = ics.write([(UUID(int=7), start, minutes, "booked", summary, "")], name="n", stamp=STAMP)
    [found], skipped = ics.read(data)
    assert (found.uid, found.start, found.end, skipped) == (str(UUID(int=7)), start, start + datetime.timedelta(minutes=minutes), 0)
    assert found.summary.split() == summary.split()


def test_an_event_without_a_zone_is_in_paris_and_a_day_is_a_day() -> None:
    found, _ = ics.read(calendar(event(zone=""), event("b", "20261124", "20261125", zone=";VALUE=DATE")))
    assert found[0].start == times.instant(MONDAY, 555)
    assert (found[1].start, found[1].end) == times.bounds(datetime.date(2026, 11, 24))


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"bonjour", b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT"])
def test_what_is_not_an_agenda_is_refused_in_words(data: bytes, sophie: Actor, moreau: Actor) -> None:
    assert moreau.member is not None
    with pytest.raises(Refused, match="iCalendar"):
        actions.import_calendar(data, by=sophie, practitioner=moreau.member)


def test_events_come_once_move_with_their_uid_and_are_cancelled_there(sophie: Actor, moreau: Actor, reader: Read) -> None:
    assert moreau.member is not None

    def brought(*events: str) -> actions.Imported:
        assert moreau.member is not None
        return actions.import_calendar(calendar(*events), by=sophie, practitioner=moreau.member)

    assert brought(event(), event("b", "20261123T100000", "20261123T101500")).added == 2
    assert brought(event(), event("b", "20261123T100000", "20261123T101500")).same == 2
    moved = brought(event(start="20261123T110000", end="20261123T113000"))
    assert (moved.changed, moved.added) == (1, 0)
    assert brought(event(start="20261123T110000", end="20261123T113000", STATUS="CANCELLED")).cancelled == 1
    found = {one.label: one for one in queries.day(MONDAY, reader=reader(moreau)).booked if one.status != "cancelled"}
    assert found["MARTIN Jeanne"].read_only
    assert len(found) == 1


def test_what_was_written_here_is_never_touched(book: Book, jeanne: UUID, sophie: Actor, moreau: Actor) -> None:
    assert moreau.member is not None
    mine = book(jeanne, "10:00", reason="Toux")
    actions.import_calendar(calendar(event(str(mine), "20261123T150000", "20261123T160000")), by=sophie, practitioner=moreau.member)
    found = Appointment.objects.get(id=mine)
    assert (found.start, found.reason, found.read_only) == (times.instant(MONDAY, 600), "Toux", False)


def test_who_is_recognised_has_an_appointment_and_may_arrive(jeanne: UUID, sophie: Actor, moreau: Actor) -> None:
    assert moreau.member is not None
    known: Match = lambda found: jeanne if "MARTIN" in found.summary else None  # noqa: E731
    data = calendar(event(), event("b", "20261123T100000", "20261123T101500").replace("MARTIN Jeanne", "Réunion"))
    actions.import_calendar(data, by=sophie, practitioner=moreau.member, match=known)
    made = Appointment.objects.get()
    assert (made.patient_id, made.origin) == (jeanne, "ics")
    actions.set_status(made.id, by=sophie, status="arrived")
    assert actions.import_calendar(data, by=sophie, practitioner=moreau.member, match=known).same == 2
    assert Appointment.objects.get().status == "arrived"
    assert Slot.objects.get().label == "Réunion"


def test_who_may_not_write_in_an_agenda_imports_nothing(theo: Actor, moreau: Actor) -> None:
    assert moreau.member is not None
    with pytest.raises(Refused):
        actions.import_calendar(calendar(event()), by=theo, practitioner=moreau.member)
    assert not Slot.objects.exists()


# -- what recurs, what lasts

WEEK = datetime.date(2026, 10, 1), datetime.date(2027, 11, 1)


def spans(*events: str, window: tuple[datetime.date, datetime.date] = WEEK) -> list[tuple[str, str]]:
    """Beginnings and ends as clocks show them in Paris."""
    found, _ = ics.read(calendar(*events), window=window)
    return sorted((f"{one.start.astimezone(times.PARIS):%Y-%m-%d %H:%M}", f"{one.end.astimezone(times.PARIS):%H:%M}") for one in found)


def test_what_recurs_is_each_of_its_times_but_those_left_out_or_moved() -> None:
    weekly = event("r", "20261102T090000", "20261102T093000", RRULE="FREQ=WEEKLY;COUNT=5").replace(
        "SUMMARY", "EXDATE;TZID=Europe/Paris:20261109T090000\r\nSUMMARY"
    )
    moved = event("r", "20261117T140000", "20261117T143000", **{"RECURRENCE-ID;TZID=Europe/Paris": "20261116T090000"})
    dropped = event("r", "20261123T090000", "20261123T093000", STATUS="CANCELLED", **{"RECURRENCE-ID": "20261123T080000Z"})
    found, _ = ics.read(calendar(weekly, moved, dropped), window=WEEK)
    shown = {f"{one.start.astimezone(times.PARIS):%m-%d %H:%M}": one.cancelled for one in found}
    assert shown == {"11-02 09:00": False, "11-17 14:00": False, "11-23 09:00": True, "11-30 09:00": False}
    assert len({one.uid for one in found}) == 4


def test_a_change_written_before_its_series_is_read_alike() -> None:
    weekly = event("r", "20261102T090000", "20261102T093000", RRULE="FREQ=WEEKLY;COUNT=2")
    moved = event("r", "20261110T140000", "20261110T143000", **{"RECURRENCE-ID;TZID=Europe/Paris": "20261109T090000"})
    assert spans(moved, weekly) == spans(weekly, moved) == [("2026-11-02 09:00", "09:30"), ("2026-11-10 14:00", "14:30")]


@pytest.mark.parametrize(
    ("rule", "start", "shown"),
    [
        # the hour stays what clocks show on both sides of a change
        ("FREQ=DAILY;COUNT=3", "20261024T083000", ["2026-10-24 08:30", "2026-10-25 08:30", "2026-10-26 08:30"]),
        ("FREQ=WEEKLY;COUNT=3", "20270321T083000", ["2027-03-21 08:30", "2027-03-28 08:30", "2027-04-04 08:30"]),
        # 02:30 happens twice on 25 October: the first; never on 28 March: the hour that clocks jump to
        ("FREQ=DAILY;COUNT=3", "20261024T023000", ["2026-10-24 02:30", "2026-10-25 02:30", "2026-10-26 02:30"]),
        ("FREQ=DAILY;COUNT=3", "20270327T023000", ["2027-03-27 02:30", "2027-03-28 03:30", "2027-03-29 02:30"]),
        ("FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261111T080000Z", "20261102T090000",
         ["2026-11-02 09:00", "2026-11-04 09:00", "2026-11-09 09:00", "2026-11-11 09:00"]),
        ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20261109", "20261102T090000", ["2026-11-02 09:00", "2026-11-09 09:00"]),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", "20261030T140000", ["2026-10-30 14:00", "2026-11-27 14:00"]),
        ("FREQ=YEARLY;COUNT=2", "20261030T140000", ["2026-10-30 14:00", "2027-10-30 14:00"]),
    ],
)  # fmt: skip
def test_hours_are_those_that_clocks_show(rule: str, start: str, shown: list[str]) -> None:
    end = f"{start[:9]}{int(start[9:11]) + 1:02}{start[11:]}"
    assert [at for at, _ in spans(event("r", start, end, RRULE=rule))] == shown


def test_the_twice_hour_is_the_first_one_and_lasts_as_long() -> None:
    found, _ = ics.read(calendar(event("r", "20261018T023000", "20261018T024500", RRULE="FREQ=WEEKLY;COUNT=2")), window=WEEK)
    assert sorted(one.start for one in found)[1] == times.instant(OCTOBER, 150)
    assert {one.end - one.start for one in found} == {datetime.timedelta(minutes=15)}


def test_a_series_in_another_zone_and_one_in_universal_time_keep_their_own_clocks() -> None:
    london = event("l", "20261024T080000", "20261024T090000", zone=";TZID=Europe/London", RRULE="FREQ=DAILY;COUNT=2")
    universal = event("u", "20261024T060000Z", "20261024T070000Z", zone="", RRULE="FREQ=DAILY;COUNT=2")
    assert spans(london) == [("2026-10-24 09:00", "10:00"), ("2026-10-25 09:00", "10:00")]
    assert spans(universal) == [("2026-10-24 08:00", "09:00"), ("2026-10-25 07:00", "08:00")]


def test_times_given_one_by_one_are_read() -> None:
    listed = event("r", "20261102T090000", "20261102T093000").replace("SUMMARY", "RDATE;TZID=Europe/Paris:20261105T110000\r\nSUMMARY")
    assert spans(listed) == [("2026-11-02 09:00", "09:30"), ("2026-11-05 11:00", "11:30")]


def test_a_birthday_is_a_whole_day_each_year_on_both_odd_days() -> None:
    found, _ = ics.read(calendar(event("b", "20251025", "20251026", zone=";VALUE=DATE", RRULE="FREQ=YEARLY")), window=WEEK)
    assert [(one.start, one.end) for one in found] == [times.bounds(OCTOBER), times.bounds(datetime.date(2027, 10, 25))]


@settings(deadline=None, max_examples=40)
@given(
    st.dates(datetime.date(2026, 3, 1), datetime.date(2026, 11, 30)), st.integers(0, 95), st.integers(1, 4), st.sampled_from((1, 7)),
    st.integers(1, 60),
)  # fmt: skip
def test_every_time_of_a_simple_series_is_where_counting_days_puts_it(
    day: datetime.date, quarter: int, every: int, step: int, count: int
) -> None:
    start = datetime.datetime.combine(day, datetime.time(quarter // 4, quarter % 4 * 15))
    text = event("r", f"{start:%Y%m%dT%H%M%S}", f"{start + datetime.timedelta(minutes=15):%Y%m%dT%H%M%S}",
                 RRULE=f"FREQ={'DAILY' if step == 1 else 'WEEKLY'};INTERVAL={every};COUNT={count}")  # fmt: skip
    found, _ = ics.read(calendar(text), window=(datetime.date(2026, 1, 1), datetime.date(2031, 12, 31)))
    days = [day + datetime.timedelta(days=step * every * i) for i in range(count)]
    assert sorted(one.start for one in found) == sorted(times.instant(on, quarter * 15) for on in days)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY", "FREQ=MINUTELY;INTERVAL=1", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYHOUR=0,1,2;BYMINUTE=0,1,2,3", "FREQ=DAILY;INTERVAL=7;BYDAY=TU", "FREQ=DAILY;INTERVAL=0", "FREQ=JAMAIS",
    ],
)  # fmt: skip
def test_a_rule_made_to_be_searched_for_ever_gives_its_first_time_at_once(rule: str) -> None:
    before = time.process_time()  # of this process: a machine that is busy with something else is no endless search
    text = event("r", "20261102T090000", "20261102T093000", RRULE=rule)
    found, skipped = ics.read(calendar(text), window=WEEK)
    assert time.process_time() - before < 2
    assert len(found) + skipped == 1


def test_what_recurs_for_ever_is_kept_within_the_window_only() -> None:
    found, _ = ics.read(calendar(event("r", "20150105T090000", "20150105T093000", RRULE="FREQ=DAILY")), window=WEEK)
    assert len(found) == (WEEK[1] - WEEK[0]).days + 1


def _kept() -> list[tuple[str, int, str]]:
    rows = Slot.objects.order_by("start").values_list("start", "minutes", "status")
    return [(f"{start.astimezone(times.PARIS):%m-%d %H:%M}", minutes, status) for start, minutes, status in rows]


@pytest.mark.usefixtures("at_eight", "mornings")
def test_whole_days_take_up_the_opening_of_each_day(sophie: Actor, moreau: Actor, reader: Read) -> None:
    assert moreau.member is not None
    days = event("c", "20261126", "20261129", zone=";VALUE=DATE").replace("MARTIN Jeanne", "Congrès")
    assert actions.import_calendar(calendar(days), by=sophie, practitioner=moreau.member).added == 3
    assert _kept() == [("11-26 08:00", 300, "booked"), ("11-27 08:00", 300, "booked"), ("11-28 08:00", 720, "booked")]  # a Saturday
    free = queries.free(15, reader=reader(moreau), practitioners=[moreau.member], first=datetime.date(2026, 11, 26), most=1)
    assert times.wall(free[0].start)[0] == datetime.date(2026, 11, 30)
    shorter = event("c", "20261126", "20261127", zone=";VALUE=DATE")
    actions.import_calendar(calendar(shorter), by=sophie, practitioner=moreau.member)
    assert [row for row in _kept() if row[2] == "booked"] == [("11-26 08:00", 300, "booked")]


@pytest.mark.usefixtures("at_eight", "mornings")
def test_a_long_event_is_cut_by_its_days_and_a_night_is_not(sophie: Actor, moreau: Actor) -> None:
    assert moreau.member is not None
    long, night = event("l", "20261124T103000", "20261126T093000"), event("n", "20261127T220000", "20261128T060000")
    actions.import_calendar(calendar(long, night), by=sophie, practitioner=moreau.member)
    assert _kept() == [("11-24 10:30", 150, "booked"), ("11-25 08:00", 300, "booked"), ("11-26 08:00", 90, "booked"),
                       ("11-27 22:00", 480, "booked")]  # fmt: skip


@pytest.mark.usefixtures("at_eight")
def test_a_time_left_out_there_since_is_cancelled_here_and_no_other_event(sophie: Actor, moreau: Actor) -> None:
    assert moreau.member is not None
    weekly = event("r@there.example", "20261130T090000", "20261130T093000", RRULE="FREQ=WEEKLY;COUNT=3")
    other = event("x", "20261201T090000", "20261201T093000")
    actions.import_calendar(calendar(weekly, other), by=sophie, practitioner=moreau.member)
    less = weekly.replace("SUMMARY", "EXDATE;TZID=Europe/Paris:20261207T090000\r\nSUMMARY")
    told = actions.import_calendar(calendar(less), by=sophie, practitioner=moreau.member)
    assert (told.cancelled, told.same) == (1, 2)
    assert [row for row in _kept() if row[2] == "cancelled"] == [("12-07 09:00", 30, "cancelled")]
    again = actions.import_calendar(calendar(weekly), by=sophie, practitioner=moreau.member)
    assert (again.changed, again.cancelled) == (1, 0)


# -- what a hostile file may do


ZONE = "BEGIN:VTIMEZONE\r\nTZID:{name}\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nRRULE:FREQ=SECONDLY\r\nTZOFFSETFROM:+0900\r\nTZOFFSETTO:+0900\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"  # noqa: E501


def of_zone(name: str, zones: str) -> bytes:
    return (f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{zones}BEGIN:VEVENT\r\nUID:un\r\nDTSTART;TZID={name}:20261130T090000\r\n"
            "DTEND;TZID=" + name + ":20261130T093000\r\nSUMMARY:Essai\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n").encode()


@pytest.mark.parametrize("name", ["Maison", "Romance Standard Time", "Europe/Paris"])
def test_a_zone_that_a_file_defines_moves_no_hour_and_is_never_computed(name: str) -> None:
    for zones in (ZONE.format(name=name), ZONE.format(name=name).replace("BEGIN:VTIMEZONE", "BEGIN:VTIME\r\n ZONE"), ""):
        [event], _ = ics.read(of_zone(name, zones))
        assert event.start == datetime.datetime(2026, 11, 30, 8, 0, tzinfo=datetime.UTC)


def test_a_zone_written_to_escape_notice_is_no_agenda() -> None:
    with pytest.raises(ValueError, match="iCalendar"):
        ics.read(of_zone("Maison", ZONE.format(name="Maison").replace("BEGIN:VTIMEZONE", "BEGIN;X=1:VTIMEZONE")))


@pytest.mark.parametrize("rule", [
    "FREQ=DAILY;BYMONTH=13", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=MONTHLY;BYDAY=6MO", "FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=31",
    "FREQ=YEARLY;BYWEEKNO=20;BYMONTH=1", "FREQ=YEARLY;BYYEARDAY=10;BYMONTH=6", "FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=2",
    "FREQ=WEEKLY;BYDAY=MO\r\nRRULE:FREQ=WEEKLY;BYDAY=TU", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
])
def test_a_rule_that_may_never_come_keeps_its_first_time_alone(rule: str) -> None:
    first = datetime.date(2026, 11, 2)
    data = ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:un\r\nDTSTART:20261102T090000Z\r\nDTEND:20261102T093000Z\r\n"
            f"RRULE:{rule}\r\nSUMMARY:Essai\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n").encode()
    events, _ = ics.read(data, window=(first, first + datetime.timedelta(days=396)))
    assert len(events) == 1


@pytest.mark.parametrize(("rule", "times"), [
    ("FREQ=MONTHLY;BYDAY=1MO", 13), ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", 14), ("FREQ=YEARLY;BYMONTH=11;BYDAY=1MO", 2),
    ("FREQ=MONTHLY;BYMONTHDAY=31", 8), ("FREQ=WEEKLY;BYDAY=MO,FR", 114),
])
def test_rules_that_people_make_are_read(rule: str, times: int) -> None:
    first = datetime.date(2026, 11, 2)
    data = ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:un\r\nDTSTART:20261102T090000Z\r\nDTEND:20261102T093000Z\r\n"
            f"RRULE:{rule}\r\nSUMMARY:Essai\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n").encode()
    events, _ = ics.read(data, window=(first, first + datetime.timedelta(days=396)))
    assert len(events) == times


def test_a_file_of_endless_absences_is_refused_before_anything_is_written(moreau: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "MOST_ROWS", 300)
    assert moreau.member
    one = ("BEGIN:VEVENT\r\nUID:{n}\r\nDTSTART;VALUE=DATE:20261201\r\nDTEND;VALUE=DATE:20271201\r\nSUMMARY:Essai\r\nEND:VEVENT\r\n")
    data = ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + "".join(one.format(n=n) for n in range(3)) + "END:VCALENDAR\r\n").encode()
    with pytest.raises(Refused) as refused:
        actions.import_calendar(data, by=moreau, practitioner=moreau.member)
    assert refused.value.code == "large"
    assert not Slot.objects.exists()
