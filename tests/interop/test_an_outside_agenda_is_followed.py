"""An agenda read from its address: what changes there comes, a failure is said and takes nothing away, its address is told to nobody."""

import datetime
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from permanence.agenda import actions as agenda
from permanence.agenda import times
from permanence.agenda.models import Slot
from permanence.interop import actions, following, queries, readings
from permanence.interop.following import Follower
from permanence.interop.models import OutsideAgenda
from permanence.journal.doors import Actor, Reader, Refused
from permanence.lib import clock, fetching
from tests.agenda.test_calendars_in_and_out import calendar, event
from tests.lib.test_fetching import Server, plain, server

Read = Callable[[Actor], Reader]
__all__ = ["server"]
EIGHT = times.instant(datetime.date(2026, 11, 23), 480)


@pytest.fixture(autouse=True)
def _at_eight(folder: Path) -> Iterator[None]:
    with clock.override(EIGHT):
        yield
    readings.forget()


@pytest.fixture
def follower(server: Server, cast: Mapping[str, Actor]) -> Follower:
    """Dr Moreau's agenda of the clinic is followed; two events are there."""
    serve(server, event("a"), event("b", "20261124T100000", "20261124T103000"))
    assert cast["moreau"].member is not None
    actions.follow_calendar(by=cast["moreau"], practitioner=cast["moreau"].member, name="Clinique", address=server.url)
    return Follower()


def serve(server: Server, *events: str, **headers: str) -> None:
    server.answers = lambda request: plain(request, calendar(*events), **headers)


def later(minutes: int) -> AbstractContextManager[None]:
    return clock.override(EIGHT + datetime.timedelta(minutes=minutes))


def booked() -> list[str]:
    return sorted(f"{one.start.astimezone(times.PARIS):%d %H:%M}" for one in Slot.objects.filter(status="booked") if one.start)


def test_it_comes_by_itself_every_five_minutes_and_follows_what_changes(follower: Follower, server: Server) -> None:
    assert follower.tick()
    assert booked() == ["23 09:15", "24 10:00"]
    assert {one.read_only for one in Slot.objects.all()} == {True}
    serve(server, event("a", "20261123T170000", "20261123T173000"), event("c", "20261125T090000", "20261125T093000"))
    assert not follower.tick()
    with later(4):
        assert not follower.tick()
    assert len(server.asked) == 1
    with later(5):
        assert follower.tick()
    assert booked() == ["23 17:00", "25 09:00"]  # moved, gone, new


def test_what_did_not_change_is_not_brought_again(follower: Follower, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(server, event("a"), ETag='"1"')
    follower.tick()
    monkeypatch.setattr(following, "bring", lambda *_, **__: pytest.fail("brought again"))
    with later(5):
        assert not follower.tick()  # the same bytes
    server.answers = lambda request: plain(request, b"", 304)
    with later(10):
        assert not follower.tick()
    assert server.asked[-1]["if-none-match"] == '"1"'
    assert readings.of(OutsideAgenda.objects.get().id).read_at == EIGHT + datetime.timedelta(minutes=10)


@pytest.mark.parametrize("broken", ["down", "html", "empty"])
def test_a_failure_is_said_with_its_time_and_takes_nothing_away(
    follower: Follower, server: Server, cast: Mapping[str, Actor], read_as: Read, broken: str
) -> None:  # fmt: skip
    follower.tick()
    before = booked()
    server.answers = {
        "down": lambda request: plain(request, b"", 500),
        "html": lambda request: plain(request, b"<html>Connectez-vous</html>"),
        "empty": lambda request: plain(request, calendar()),
    }[broken]
    for minutes in (5, 10):
        with later(minutes):
            assert not follower.tick()
    assert booked() == before
    [one] = queries.followed(reader=read_as(cast["moreau"]))
    assert (one.reading.read_at, one.reading.failing) == (EIGHT, EIGHT + datetime.timedelta(minutes=5))
    assert one.reading.why.endswith(".")
    serve(server, event("a"), event("b", "20261124T100000", "20261124T103000"))
    with later(15):
        follower.tick()
    [one] = queries.followed(reader=read_as(cast["moreau"]))
    assert one.reading.failing is None


def test_its_address_is_said_to_nobody(
    follower: Follower, server: Server, cast: Mapping[str, Actor], read_as: Read, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    server.answers = lambda request: plain(request, b"", 403)
    with caplog.at_level(logging.DEBUG):
        follower.tick()
    [one] = queries.followed(reader=read_as(cast["moreau"]))
    said = f"{one}{caplog.text}{[record.__dict__ for record in caplog.records]}"
    assert "not read" in said
    assert "secret" not in said


def test_another_agenda_and_what_was_written_here_are_not_touched(follower: Follower, server: Server, cast: Mapping[str, Actor]) -> None:
    moreau = cast["moreau"]
    assert moreau.member is not None
    agenda.hold(by=moreau, practitioner=moreau.member, start=times.instant(datetime.date(2026, 11, 26), 600), minutes=30, label="Réunion")
    agenda.import_calendar(calendar(event("a", "20261127T090000", "20261127T093000")), by=moreau, practitioner=moreau.member)
    follower.tick()
    assert booked() == ["23 09:15", "24 10:00", "26 10:00", "27 09:00"]
    serve(server, event("b", "20261124T100000", "20261124T103000"))
    with later(5):
        follower.tick()
    assert booked() == ["24 10:00", "26 10:00", "27 09:00"]


def test_an_agenda_that_is_left_takes_its_events_to_come(follower: Follower, server: Server, cast: Mapping[str, Actor]) -> None:
    serve(server, event("old", "20261123T070000", "20261123T073000"), event("a"))
    follower.tick()
    actions.leave_calendar(OutsideAgenda.objects.get().id, by=cast["moreau"])
    assert booked() == ["23 07:00"]  # it has been
    with later(5):
        assert not follower.tick()
    assert len(server.asked) == 1
    with pytest.raises(Refused, match="introuvable"):
        actions.leave_calendar(OutsideAgenda.objects.get().id, by=cast["moreau"])


def test_only_days_near_enough_are_kept(follower: Follower, server: Server) -> None:
    serve(server, event("far", "20290101T090000", "20290101T093000"), event("past", "20250101T090000", "20250101T093000"), event("a"))
    follower.tick()
    assert booked() == ["23 09:15"]


@pytest.mark.parametrize("who", ["petit", "sophie", "nadia", "yann", "bruno"])
def test_only_a_titulaire_says_which_addresses_this_machine_asks(cast: Mapping[str, Actor], who: str) -> None:
    assert cast["moreau"].member is not None
    with pytest.raises(Refused):
        actions.follow_calendar(by=cast[who], practitioner=cast["moreau"].member, name="x", address="https://agenda.exemple/a.ics")
    assert not OutsideAgenda.objects.exists()


@pytest.mark.parametrize("address", ["http://agenda.exemple/a.ics", "file:///etc/passwd", "bonjour", "https://moi:mot@a.exemple/"])
def test_an_address_that_is_not_https_is_refused_when_it_is_typed(cast: Mapping[str, Actor], address: str) -> None:
    assert cast["moreau"].member is not None
    with pytest.raises(Refused):
        actions.follow_calendar(by=cast["moreau"], practitioner=cast["moreau"].member, name="x", address=address)


def test_an_address_that_leads_to_this_machine_is_never_asked(
    follower: Follower, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(fetching, "LOOPBACK", False)
    OutsideAgenda.objects.get()
    assert not follower.tick()
    assert server.asked == []
    assert readings.of(OutsideAgenda.objects.get().id).failing == EIGHT
