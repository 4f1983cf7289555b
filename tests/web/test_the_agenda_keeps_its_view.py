"""A gesture comes back to the agenda as it was shown: the week of one doctor stays the week of that doctor."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from django.http import HttpResponse

from permanence.agenda import actions, times
from permanence.journal.doors import Actor
from permanence.lib import clock
from tests.web.conftest import Visit
from tests.web.test_the_agenda import MONDAY

Page = Callable[[HttpResponse], str]


@pytest.fixture(autouse=True)
def at_nine() -> object:
    """Before anybody is hired: that Monday is never past."""
    with clock.override(times.instant(MONDAY, 9 * 60)):
        yield MONDAY


@pytest.fixture
def booked(jeanne: UUID, benali: Actor, sophie: Actor) -> UUID:
    assert benali.member is not None
    return actions.book(jeanne, by=sophie, practitioner=benali.member, start=times.instant(MONDAY, 555))


def kept(response: HttpResponse) -> tuple[list[str], list[str], list[str]]:
    """Day, view and practitioners of where a redirect leads."""
    assert response.status_code == 303
    where = parse_qs(urlsplit(response["Location"]).query)
    return where.get("jour", []), where.get("vue", []), where.get("qui", [])


@pytest.mark.parametrize("status", ["arrived", "in-progress", "noshow", "cancelled"])
def test_a_state_given_in_the_week_comes_back_to_that_week(
    status: str, visit: Visit, sophie: Actor, benali: Actor, booked: UUID, page: Page, at_nine: object
) -> None:
    who = str(benali.member)
    text = page(visit(sophie, f"/agenda/?jour=2026-11-23&vue=semaine&qui={who}"))
    form = text.split('id="agenda-form"')[1].split("</form>")[0]
    assert f'name="qui" value="{who}"' in form  # the keys A, C and Suppr send this form
    assert 'name="vue" value="semaine"' in form
    fields = {"etat": status, "jour": "2026-11-23", "vue": "semaine", "qui": [who]}
    assert kept(visit(sophie, f"/agenda/rdv/{booked}/etat/", fields)) == (["2026-11-23"], ["semaine"], [who])


def test_a_move_its_undo_and_what_was_asked_at_arrival_come_back_too(
    visit: Visit, sophie: Actor, benali: Actor, booked: UUID, at_nine: object
) -> None:
    who = str(benali.member)
    shown = {"jour": "2026-11-23", "vue": "semaine", "qui": [who]}
    place = {"practitioner": who, "day": "25/11/2026", "hour": "10:30", "minutes": "30"}
    assert kept(visit(sophie, f"/agenda/rdv/{booked}/deplacer/", {**place, **shown})) == (["2026-11-23"], ["semaine"], [who])
    assert kept(visit(sophie, f"/agenda/rdv/{booked}/joindre/", {"mobile": "0612345678", **shown})) == (["2026-11-23"], ["semaine"], [who])
    came = f"/agenda/?jour=2026-11-23&vue=semaine&qui={who}"
    undo = actions.set_status(booked, by=sophie, status="arrived")
    response = visit(sophie, f"/agenda/revenir/{undo}/{booked}/", {}, come_from=came)
    assert kept(response)[1:] == (["semaine"], [who])  # « Annuler » sends no field: the page it stands on says it


def test_the_day_of_one_doctor_stays_the_day_of_one_doctor(
    visit: Visit, sophie: Actor, benali: Actor, booked: UUID, page: Page, at_nine: object
) -> None:
    who = str(benali.member)
    came = f"/agenda/?jour=2026-11-23&qui={who}"
    text = page(visit(sophie, f"/agenda/rdv/{booked}/", come_from=came))
    assert f'<input type="hidden" name="qui" value="{who}">' in text
    assert f"?jour=2026-11-23&amp;qui={who}#rdv-" in text  # the way back
    response = visit(sophie, f"/agenda/rdv/{booked}/", {"type": "", "reason": "Toux", "note": "", "place": "", "vue": "", "qui": [who]})
    assert kept(response) == (["2026-11-23"], [], [who])


def test_booking_from_a_week_comes_back_to_it(
    visit: Visit, sophie: Actor, benali: Actor, jeanne: UUID, page: Page, at_nine: object
) -> None:
    who = str(benali.member)
    text = page(visit(sophie, f"/agenda/nouveau/?jour=2026-11-23&heure=1000&qui={who}", come_from=f"/agenda/?vue=semaine&qui={who}"))
    assert '<input type="hidden" name="vue" value="semaine">' in text
    place = {"patient": str(jeanne), "mode": "known", "practitioner": who, "day": "23/11/2026", "hour": "10h", "minutes": "15"}
    assert kept(visit(sophie, "/agenda/nouveau/", {**place, "vue": "semaine", "qui": [who]})) == (["2026-11-23"], ["semaine"], [who])


def test_what_another_site_says_is_not_a_view(visit: Visit, sophie: Actor, booked: UUID, at_nine: object) -> None:
    undo = actions.set_status(booked, by=sophie, status="arrived")
    response = visit(sophie, f"/agenda/revenir/{undo}/{booked}/", {}, come_from="/patients/?vue=semaine&qui=zzz")
    assert kept(response)[1:] == ([], [])
