"""The round on the screen, on the telephone and on paper; who is added from their file; what is never given on paper."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from django.http import HttpResponse

from permanence.agenda import actions, times
from permanence.agenda.models import Appointment, Slot
from permanence.journal.categories import Level
from permanence.journal.doors import Actor
from permanence.lib import clock
from permanence.patients import actions as patients
from tests.web.conftest import Visit
from tests.web.test_the_agenda import MONDAY, entries, pdf_words

Page = Callable[[HttpResponse], str]


@pytest.fixture(autouse=True)
def at_nine() -> object:
    """Before anybody is hired: that Monday is never past."""
    with clock.override(times.instant(MONDAY, 9 * 60)):
        yield MONDAY


@pytest.fixture
def visits(jeanne: UUID, moreau: Actor, at_nine: object) -> tuple[UUID, UUID]:
    """Jeanne MARTIN then Luc PERRIN, both without an hour."""
    contact = {"mobile": "0612345678", "phone": "0102030405", "address": "4 rue des Lilas", "postal_code": "35000", "city": "Rennes"}
    patients.amend_identity(jeanne, by=moreau, changes=contact)
    luc = patients.register(by=moreau, birth_name="Perrin", given_names="Luc", birth_date=None, birth_date_text="1950", birth_sex="M")
    return actions.add_visit(jeanne, by=moreau, place="Code 17A3, 3e", reason="Pansement"), actions.add_visit(luc, by=moreau)


def where(response: HttpResponse) -> str:
    assert response.status_code == 303
    return response["Location"]


def test_the_round_says_where_how_one_enters_whom_to_call_and_who_is_next(
    visit: Visit, moreau: Actor, visits: tuple[UUID, UUID], page: Page
) -> None:
    text = page(visit(moreau, "/agenda/tournee/"))
    first = text.split("<li")[1] if "data-stop" in text.split("<li")[1] else next(one for one in text.split("<li") if "data-stop" in one)
    for words in ("MARTIN", "4 rue des Lilas", "35000 Rennes", "Code 17A3, 3e", "Pansement", 'href="tel:0612345678"', "Prochaine visite"):
        assert words in first, words
    assert "2\u00a0visites" in text
    assert not re.search(r'href="(geo:|https?://)', text)  # no map service ever hears of an address


def test_the_order_changes_by_a_key_and_the_focus_follows(visit: Visit, moreau: Actor, visits: tuple[UUID, UUID], page: Page) -> None:
    fields = {"vers": "plus_tot", "jour": "2026-11-23", "qui": str(moreau.member)}
    text = page(visit(moreau, where(visit(moreau, f"/agenda/tournee/{visits[1]}/place/", fields))))
    assert text.index("PERRIN") < text.index("MARTIN")
    row = text.split(f'id="rdv-{visits[1]}"')[1].split("</li>")[0]
    assert "autofocus" in row
    assert text.count(" autofocus") == 1
    assert visit(moreau, f"/agenda/tournee/{visits[1]}/place/", {"vers": "ailleurs"}).status_code in (403, 409, 422)


def test_done_comes_back_to_the_round_shows_the_next_one_and_is_taken_back_there(
    visit: Visit, moreau: Actor, visits: tuple[UUID, UUID], page: Page
) -> None:
    fields = {"etat": "fulfilled", "retour": "tournee", "jour": "2026-11-23", "qui": str(moreau.member)}
    here = where(visit(moreau, f"/agenda/rdv/{visits[0]}/etat/", fields))
    assert here.startswith("/agenda/tournee/?")
    text = page(visit(moreau, here))
    assert "2\u00a0visites, 1\u00a0faite" in text
    assert "Prochaine visite" in text.split(f'id="rdv-{visits[1]}"')[1]
    undo = re.search(r'hx-post="(/agenda/revenir/[^"]+)"', text)
    assert undo
    assert where(visit(moreau, undo[1], {}, come_from=here)).startswith("/agenda/tournee/?")
    assert Appointment.objects.get(id=visits[0]).status == "booked"


def test_a_patient_is_added_from_their_file_in_one_key_and_taken_back_there(
    visit: Visit, moreau: Actor, sophie: Actor, jeanne: UUID, page: Page, at_nine: object
) -> None:
    file = f"/patients/{jeanne}/"
    text = page(visit(moreau, file))
    add = re.search(r'action="(/agenda/tournee/ajouter/[^"]+)"', text)
    assert add
    assert 'id="act-round"' in text
    here = where(visit(moreau, add[1], {}))
    text = page(visit(moreau, here))
    assert "Ajouté à la tournée" in text
    undo = re.search(r'hx-post="(/agenda/revenir/[^"]+)"', text)
    assert undo
    assert where(visit(moreau, undo[1], {}, come_from=here)).startswith(file)
    assert Appointment.objects.get().status == "entered-in-error"
    assert visit(sophie, add[1], {}).status_code == 403  # whose round would it be?


def test_the_round_stands_above_the_hours_of_the_day(visit: Visit, sophie: Actor, visits: tuple[UUID, UUID], page: Page) -> None:
    text = page(visit(sophie, "/agenda/"))
    above = text.split("data-visits")[1].split("data-agenda ")[0]
    assert "2\u00a0visites" in above
    assert "MARTIN Jeanne" in above
    assert f'id="rdv-{visits[0]}"' not in text.split("data-agenda ")[1]  # and at no hour
    assert "from8" in text  # midnight is not an hour of the grid
    row = page(visit(sophie, f"/agenda/ligne/{visits[0]}/", htmx=True))
    assert "data-visit" in row


def test_the_round_on_paper_counts_as_printed_and_keeps_an_address_at_risk_to_itself(
    visit: Visit, moreau: Actor, jeanne: UUID, visits: tuple[UUID, UUID]
) -> None:
    response = visit(moreau, f"/agenda/tournee/feuille/?jour=2026-11-23&qui={moreau.member}")
    words = pdf_words(response.content)
    for word in ("MARTIN", "4 rue des Lilas", "06 12 34 56 78", "01 02 03 04 05", "Code 17A3", "Pansement", "PERRIN"):
        assert word in words, word
    assert jeanne in {one.patient for one in entries(moreau) if one.level == Level.PRINTED}
    patients.amend_identity(jeanne, by=moreau, changes={"address_at_risk": True})
    words = pdf_words(visit(moreau, "/agenda/tournee/feuille/?jour=2026-11-23").content)
    assert "Lilas" not in words
    assert "17A3" not in words
    assert "Adresse à risque" in words


def test_a_visit_is_booked_without_an_hour_from_the_form(
    visit: Visit, sophie: Actor, moreau: Actor, jeanne: UUID, page: Page, at_nine: object
) -> None:
    form = page(visit(sophie, f"/agenda/nouveau/?jour=2026-11-23&qui={moreau.member}&tournee=oui"))
    assert re.search(r'name="no_hour"[^>]* checked', form)
    fields = {"patient": str(jeanne), "mode": "known", "practitioner": str(moreau.member), "day": "23/11/2026", "hour": "", "minutes": "30"}
    assert visit(sophie, "/agenda/nouveau/", fields).status_code == 422  # an hour, or the round
    assert visit(sophie, "/agenda/nouveau/", {**fields, "no_hour": "on"}).status_code == 303
    assert Appointment.objects.get().no_hour
    text = page(visit(sophie, f"/agenda/rdv/{Appointment.objects.get().id}/"))
    assert "dans la tournée" in text


@pytest.mark.parametrize(("who", "status"), [("sophie", 200), ("nadia", 200), ("bruno", 403), ("yann", 403)])
def test_who_sees_a_round(who: str, status: int, visit: Visit, cast: dict[str, Actor], visits: tuple[UUID, UUID], moreau: Actor) -> None:
    assert visit(cast[who], f"/agenda/tournee/?qui={moreau.member}").status_code == status
    assert visit(cast[who], f"/agenda/tournee/feuille/?qui={moreau.member}").status_code == status


def booking(who: Actor, **more: str) -> dict[str, str]:
    return {"mode": "known", "practitioner": str(who.member), "day": "23/11/2026", "hour": "", "minutes": "30", "no_hour": "on", **more}


def test_an_hour_that_is_typed_wins_over_the_round_and_is_taken_back(
    visit: Visit, sophie: Actor, moreau: Actor, jeanne: UUID, page: Page, at_nine: object
) -> None:
    again = page(visit(sophie, "/agenda/nouveau/", booking(moreau, hour="18h")))  # nobody is chosen yet
    assert re.search(r'name="no_hour"', again)
    assert not re.search(r'name="no_hour"[^>]* checked', again)
    here = where(visit(sophie, "/agenda/nouveau/", booking(moreau, hour="18h", patient=str(jeanne), home_visit="on")))
    made = Appointment.objects.get()
    assert (made.no_hour, made.home_visit, made.start) == (False, True, times.instant(MONDAY, 1080))
    undo = re.search(r'hx-post="(/agenda/revenir/[^"]+)"', page(visit(sophie, here)))
    assert undo
    visit(sophie, undo[1], {}, come_from=here)
    assert Appointment.objects.get().status == "entered-in-error"


@pytest.mark.parametrize("mode", ["caller", "busy"])
def test_time_without_a_file_is_never_held_at_midnight_for_want_of_an_hour(
    mode: str, visit: Visit, sophie: Actor, moreau: Actor, page: Page, at_nine: object
) -> None:
    fields = booking(moreau, mode=mode, label="M. Perrin")
    response = visit(sophie, "/agenda/nouveau/", fields)
    assert response.status_code == 422
    assert 'value="M. Perrin"' in page(response)
    assert not Slot.objects.exists()
    visit(sophie, "/agenda/nouveau/", {**fields, "hour": "18h"})
    assert Slot.objects.get().start == times.instant(MONDAY, 1080)


def test_a_visit_without_an_hour_is_not_offered_to_stop_being_one(
    visit: Visit, moreau: Actor, visits: tuple[UUID, UUID], page: Page
) -> None:
    text = page(visit(moreau, f"/agenda/rdv/{visits[0]}/"))
    assert 'name="home_visit"' not in text
    assert visit(moreau, f"/agenda/rdv/{visits[0]}/", {"reason": "Prise de sang", "type": "", "place": "Code 17A3"}).status_code == 303
    kept = Appointment.objects.get(id=visits[0])
    assert (kept.reason, kept.home_visit, kept.no_hour) == ("Prise de sang", True, True)


@pytest.fixture
def secret(jeanne: UUID, moreau: Actor, visits: tuple[UUID, UUID]) -> UUID:
    """Nobody is given Jeanne's address; Luc's visit has words on how one enters too."""
    patients.amend_identity(jeanne, by=moreau, changes={"address_at_risk": True})
    actions.edit(visits[1], by=moreau, changes={"place": "Sonner à gauche"})
    return jeanne


def test_the_day_on_paper_does_not_say_how_one_enters_where_the_address_is_kept_secret(visit: Visit, sophie: Actor, secret: UUID) -> None:
    words = pdf_words(visit(sophie, "/agenda/feuille/?jour=2026-11-23").content)
    assert "17A3" not in words
    assert "à lire dans le dossier" in " ".join(words.split())
    assert "Sonner à gauche" in words


@pytest.mark.parametrize("asked", ["", "?motifs=oui"])
def test_an_agenda_that_leaves_does_not_say_how_one_enters_where_the_address_is_kept_secret(
    asked: str, visit: Visit, moreau: Actor, secret: UUID
) -> None:
    text = visit(moreau, f"/agenda/echanges/{moreau.member}/agenda.ics{asked}").content.decode()
    assert "MARTIN" in text
    assert "17A3" not in text
    assert "Sonner à gauche" in text


def test_it_is_kept_secret_when_another_file_of_the_same_person_says_so(visit: Visit, moreau: Actor, visits: tuple[UUID, UUID]) -> None:
    luc = Appointment.objects.get(id=visits[1]).patient_id
    actions.edit(visits[1], by=moreau, changes={"place": "Sonner à gauche"})
    other = patients.register(by=moreau, birth_name="Perin", given_names="Luc", birth_date=None, birth_date_text="1950", birth_sex="M")
    patients.amend_identity(other, by=moreau, changes={"address_at_risk": True})
    patients.merge(luc, by=moreau, merged=other)
    for path in (f"tournee/feuille/?jour=2026-11-23&qui={moreau.member}", "feuille/?jour=2026-11-23"):
        assert "Sonner" not in pdf_words(visit(moreau, f"/agenda/{path}").content), path


def test_a_screen_that_is_printed_does_not_say_it_either(
    visit: Visit, moreau: Actor, secret: UUID, visits: tuple[UUID, UUID], page: Page
) -> None:
    row = page(visit(moreau, "/agenda/tournee/")).split(f'id="rdv-{visits[0]}"')[1].split("</li>")[0]
    for words in ("4 rue des Lilas", "17A3"):
        assert "no-print" in row.split(words)[0].rsplit("<p class", 1)[1], words
    other = page(visit(moreau, "/agenda/tournee/")).split(f'id="rdv-{visits[1]}"')[1].split("</li>")[0]
    assert "no-print" not in other.split("Sonner")[0].rsplit("<p class", 1)[1]
    actions.move(visits[0], by=moreau, start=times.instant(MONDAY, 1080))
    card, after = page(visit(moreau, "/agenda/")).split("17A3")
    assert after
    assert card.rsplit("<span", 1)[1].startswith(' class="no-print"')
