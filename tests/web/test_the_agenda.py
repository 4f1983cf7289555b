"""The agenda's screens: who sees what, one gesture and its undoing, booking a known patient, a new one, somebody without a file."""

import datetime
import re
from collections.abc import Callable
from uuid import UUID, uuid4

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.urls import reverse

from permanence.agenda import actions, queries, times
from permanence.agenda.models import Appointment, Slot
from permanence.journal.categories import Level
from permanence.journal.doors import Actor, Refused
from permanence.journal.queries import Access, served_in
from permanence.lib import clock
from permanence.patients import actions as patients
from tests.cast import reader_for
from tests.web.conftest import Visit

MONDAY = datetime.date(2026, 11, 23)
Page = Callable[[HttpResponse], str]


def pdf_words(data: bytes) -> str:
    """The text of a PDF, by a library that is not the one that made it."""
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)).replace("\u00a0", " ")


def entries(actor: Actor) -> list[Access]:
    """What this person was served, newest session."""
    from permanence.accounts import queries as accounts

    looking = reader_for(actor)
    return [one for session in accounts.recent_sessions(reader=looking) for one in served_in(session, reader=looking, limit=200)]


@pytest.fixture(autouse=True)
def at_nine() -> object:
    """Before anybody is hired: that Monday is never past."""
    with clock.override(times.instant(MONDAY, 9 * 60)):
        yield MONDAY


@pytest.fixture
def booked(jeanne: UUID, moreau: Actor, sophie: Actor) -> UUID:
    """Jeanne MARTIN comes at 09:15 for « Renouvellement »."""
    assert moreau.member is not None
    kind = actions.save_type(by=sophie, name="Suivi", colour="teal", minutes=20)
    actions.open_hours(by=moreau, practitioner=moreau.member, weekday=1, from_minute=540, to_minute=720)
    return actions.book(jeanne, by=sophie, practitioner=moreau.member, start=times.instant(MONDAY, 555), type=kind, reason="Renouvellement")


def test_the_day_shows_who_comes_when_and_why(visit: Visit, moreau: Actor, booked: UUID, page: Page, at_nine: object) -> None:
    text = page(visit(moreau, "/agenda/"))
    card = next(one for one in text.split("<li") if f'id="rdv-{booked}"' in one).split("</li>")[0]
    for words in ("09:15", "MARTIN", "Jeanne", "68\u00a0ans", "Suivi · Renouvellement", "Prévu", "h9 m3 d4"):
        assert words in card
    assert "Lundi 23 novembre 2026" in text
    assert ">09:00<" in text  # an hour that is free
    assert ">09:15</a>" not in text  # one that is not


def test_a_typed_date_is_understood_and_a_wrong_one_says_so(visit: Visit, moreau: Actor, booked: UUID, page: Page, at_nine: object) -> None:
    assert "Mardi 1er décembre 2026" in page(visit(moreau, "/agenda/?jour=0112"))
    assert "Date non comprise" in page(visit(moreau, "/agenda/?jour=zzz"))


@pytest.mark.parametrize(("who", "status"), [("sophie", 200), ("nadia", 200), ("ines", 200), ("theo", 200), ("bruno", 403), ("yann", 403)])
def test_who_opens_the_agenda(
    who: str, status: int, visit: Visit, cast: dict[str, Actor], booked: UUID, page: Page, at_nine: object
) -> None:
    response = visit(cast[who], "/agenda/")
    assert response.status_code == status
    assert ("MARTIN" in page(response)) is (status == 200 and who != "theo")


def test_one_gesture_says_arrived_and_shows_what_is_missing(visit: Visit, sophie: Actor, booked: UUID, page: Page, at_nine: object) -> None:
    response = visit(sophie, f"/agenda/rdv/{booked}/etat/", {"etat": "arrived", "jour": "2026-11-23"})
    assert response.status_code == 303
    text = page(visit(sophie, response["Location"]))
    for words in ("Identité provisoire", "Patient arrivé", "à demander", "depuis 0\u00a0min", "Médecin traitant"):
        assert words in text, words
    undo = re.search(r'hx-post="(/agenda/revenir/[^"]+)"', text)
    assert undo
    visit(sophie, undo[1], {})
    assert Appointment.objects.get(id=booked).status == "booked"


def test_what_is_missing_is_typed_where_it_is_seen(
    visit: Visit, sophie: Actor, jeanne: UUID, booked: UUID, page: Page, at_nine: object
) -> None:
    response = visit(sophie, f"/agenda/rdv/{booked}/joindre/", {"mobile": "06 12 34 56 78", "email": "j@exemple.fr", "jour": "2026-11-23"})
    assert response.status_code == 303
    text = page(visit(sophie, f"/agenda/?jour=2026-11-23&accueil={booked}"))
    assert "0612345678" in text
    assert "j@exemple.fr" in text
    assert "100\u00a0% des dossiers" in text


def test_a_move_is_taken_back_where_it_came_from(
    visit: Visit, sophie: Actor, benali: Actor, booked: UUID, page: Page, at_nine: object
) -> None:
    fields = {"practitioner": str(benali.member), "day": "24/11/2026", "hour": "10:30", "minutes": "30"}
    response = visit(sophie, f"/agenda/rdv/{booked}/deplacer/", fields)
    moved = Appointment.objects.get(id=booked)
    assert (times.wall(moved.start), moved.minutes, moved.practitioner_id) == ((datetime.date(2026, 11, 24), 630), 30, benali.member)
    undo = re.search(r'hx-post="(/agenda/revenir/[^"]+)"', page(visit(sophie, response["Location"])))
    assert undo
    visit(sophie, undo[1], {})
    back = Appointment.objects.get(id=booked)
    assert (times.wall(back.start), back.minutes) == ((MONDAY, 555), 20)
    assert back.practitioner_id != benali.member


@pytest.mark.parametrize(
    "kind",
    [
        "zzz",
        "nouveau_x",
        "nouveau_99999999999999999999",
        "nouveau_1",
        "booked_1_15_00__booked",
        f"booked_99999999999999999_15_{0:032x}_0__booked_1_15_{0:032x}_0",
        f"gone_1_15_{0:032x}_0__gone_1_15_{0:032x}_0",
    ],
)
def test_a_made_up_undo_does_nothing(kind: str, visit: Visit, sophie: Actor, booked: UUID, at_nine: object) -> None:
    assert visit(sophie, f"/agenda/revenir/{kind}/{booked}/", {}).status_code in (403, 409)
    assert Appointment.objects.get(id=booked).status == "booked"


def test_a_known_patient_is_booked(
    visit: Visit, sophie: Actor, moreau: Actor, jeanne: UUID, booked: UUID, page: Page, at_nine: object
) -> None:
    assert moreau.member is not None
    text = page(visit(sophie, f"/agenda/nouveau/?jour=2026-11-23&heure=1000&qui={moreau.member}"))
    assert 'value="10:00"' in text
    fields = {
        "patient": str(jeanne),
        "mode": "known",
        "practitioner": str(moreau.member),
        "day": "23/11/2026",
        "hour": "10h",
        "minutes": "15",
    }
    response = visit(sophie, "/agenda/nouveau/", {**fields, "reason": "Vaccin"})
    assert response.status_code == 303
    assert Appointment.objects.get(reason="Vaccin").start == times.instant(MONDAY, 600)


def test_the_list_under_the_field_finds_and_offers_to_create(visit: Visit, sophie: Actor, jeanne: UUID, page: Page) -> None:
    text = page(visit(sophie, "/agenda/patients/?q=mar+je", fragment=True))
    assert f'data-patient="{jeanne}"' in text
    assert 'data-mode="new"' in text


def test_a_new_patient_is_created_on_the_way(visit: Visit, sophie: Actor, moreau: Actor, booked: UUID, page: Page, at_nine: object) -> None:
    fields = {
        "mode": "new",
        "practitioner": str(moreau.member),
        "day": "23/11/2026",
        "hour": "10h",
        "birth_name": "Perrin",
        "given_names": "Luc",
        "birth_date": "14/02/1990",
        "birth_sex": "M",
        "mobile": "0611223344",
        "minutes": "15",
    }
    assert visit(sophie, "/agenda/nouveau/", fields).status_code == 303
    text = page(visit(sophie, "/agenda/?jour=2026-11-23"))
    assert "PERRIN" in text


def test_somebody_who_looks_like_a_known_patient_is_shown_first_and_nothing_typed_is_lost(
    visit: Visit, sophie: Actor, moreau: Actor, booked: UUID, jeanne: UUID, page: Page, at_nine: object
) -> None:
    fields = {
        "mode": "new",
        "practitioner": str(moreau.member),
        "day": "23/11/2026",
        "hour": "10h",
        "birth_name": "Martin",
        "given_names": "Jeanne",
        "birth_date": "14/07/1958",
        "birth_sex": "F",
        "reason": "Toux",
        "minutes": "15",
    }
    response = visit(sophie, "/agenda/nouveau/", fields)
    text = page(response)
    assert response.status_code == 422
    assert "ressemble" in text
    assert str(jeanne) in text
    assert 'value="Toux"' in text


def test_a_caller_without_a_file_is_kept_by_name_then_tied_to_a_file(
    visit: Visit, sophie: Actor, moreau: Actor, jeanne: UUID, page: Page, at_nine: object
) -> None:
    fields = {
        "mode": "caller",
        "practitioner": str(moreau.member),
        "day": "23/11/2026",
        "hour": "11h",
        "label": "M. Perrin",
        "minutes": "15",
    }
    visit(sophie, "/agenda/nouveau/", fields)
    slot = Slot.objects.get()
    assert "M. Perrin" in page(visit(sophie, "/agenda/"))
    assert "Relier à un dossier" in page(visit(sophie, f"/agenda/rdv/{slot.id}/"))
    assert str(jeanne) in page(visit(sophie, f"/agenda/rdv/{slot.id}/dossier/?q=martin"))
    visit(sophie, f"/agenda/rdv/{slot.id}/dossier/", {"patient": str(jeanne)})
    assert Appointment.objects.get().start == slot.start


def test_an_hour_that_never_happens_is_refused_in_words(visit: Visit, sophie: Actor, moreau: Actor, jeanne: UUID, page: Page) -> None:
    with clock.override(times.instant(datetime.date(2027, 3, 20), 600)):
        fields = {
            "patient": str(jeanne),
            "mode": "known",
            "practitioner": str(moreau.member),
            "day": "28/03/2027",
            "hour": "2h30",
            "minutes": "15",
        }
        assert "n’existe pas" in page(visit(sophie, "/agenda/nouveau/", fields))
    assert not Appointment.objects.exists()


def test_who_comes_without_an_appointment_takes_their_turn(
    visit: Visit, sophie: Actor, moreau: Actor, jeanne: UUID, page: Page, at_nine: object
) -> None:
    fields = {
        "venue": "sans",
        "patient": str(jeanne),
        "mode": "known",
        "practitioner": str(moreau.member),
        "day": "23/11/2026",
        "hour": "09:00",
        "minutes": "10",
        "reason": "Fièvre",
    }
    response = visit(sophie, "/agenda/nouveau/", fields)
    text = page(visit(sophie, response["Location"]))
    assert "Sans rendez-vous" in text
    assert "MARTIN" in text


def test_one_row_alone_is_served_for_open_screens(visit: Visit, moreau: Actor, booked: UUID, page: Page) -> None:
    text = page(visit(moreau, f"/agenda/ligne/{booked}/", htmx=True))
    assert 'data-date="2026-11-23"' in text
    assert "MARTIN" in text
    assert page(visit(moreau, f"/agenda/ligne/{uuid4()}/")) == ""  # an open screen has nothing to draw, and no alert to show


def test_a_week_shows_its_days(visit: Visit, moreau: Actor, booked: UUID, page: Page, at_nine: object) -> None:
    text = page(visit(moreau, "/agenda/?vue=semaine"))
    assert "lun. 23 nov." in text.replace("\u00a0", " ")
    assert "MARTIN" in text


def test_a_protected_files_appointment_names_nobody_more_than_the_desk_may(
    visit: Visit, theo: Actor, moreau: Actor, booked: UUID, page: Page, at_nine: object
) -> None:
    assert visit(theo, f"/agenda/rdv/{booked}/").status_code == 404
    assert visit(theo, f"/agenda/rdv/{booked}/etat/", {"etat": "cancelled"}).status_code == 403
    with pytest.raises(Refused):
        queries.one(booked, reader=reader_for(theo))


def test_the_day_on_paper_counts_as_printed_and_carries_telephones(
    visit: Visit, sophie: Actor, jeanne: UUID, booked: UUID, moreau: Actor, at_nine: object
) -> None:
    patients.amend_identity(jeanne, by=moreau, changes={"mobile": "0612345678"})
    response = visit(sophie, "/agenda/feuille/?jour=2026-11-23")
    assert response["Content-Type"] == "application/pdf"
    words = pdf_words(response.content)
    for word in ("MARTIN", "14/07/1958", "06 12 34 56 78", "Renouvellement", "09:15", "Lundi 23 novembre 2026"):
        assert word in words, word
    [access] = [one for one in entries(sophie) if one.level == Level.PRINTED]
    assert access.patient == jeanne


def test_an_agenda_leaves_without_reasons_unless_asked_and_counts_as_exported(
    visit: Visit, moreau: Actor, jeanne: UUID, booked: UUID, at_nine: object
) -> None:
    bare = visit(moreau, f"/agenda/echanges/{moreau.member}/agenda.ics").content.decode()
    assert "MARTIN Jeanne" in bare
    assert "Renouvellement" not in bare
    assert "Renouvellement" in visit(moreau, f"/agenda/echanges/{moreau.member}/agenda.ics?motifs=oui").content.decode()
    assert {one.patient for one in entries(moreau) if one.level == Level.EXPORTED} == {jeanne}


def test_another_agendas_file_is_imported_and_says_what_it_did(
    visit: Visit, sophie: Actor, moreau: Actor, page: Page, at_nine: object
) -> None:
    event = b"UID:z\r\nDTSTART:20261123T140000\r\nDTEND:20261123T143000\r\nSUMMARY:DURAND Paul\r\n"
    data = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + event + b"END:VEVENT\r\nEND:VCALENDAR\r\n"
    text = page(visit(sophie, "/agenda/echanges/", {"practitioner": str(moreau.member), "file": SimpleUploadedFile("a.ics", data)}))
    assert "événement ajouté" in text
    day = page(visit(sophie, "/agenda/?jour=2026-11-23"))
    assert "DURAND Paul" in day
    assert "data-fixed" in day


def test_hours_types_and_absences_are_set_by_who_may_write(
    visit: Visit, sophie: Actor, bruno: Actor, moreau: Actor, petit: Actor, page: Page, at_nine: object
) -> None:
    hours = {"practitioner": str(moreau.member), "weekdays": ["1", "2"], "start": "8h", "end": "12h", "kind": "appointments"}
    assert visit(sophie, "/agenda/reglages/plage/", hours).status_code == 303
    kind = {"name": "Vaccin", "minutes": "10", "colour": "green", "new_patients": "on", "known_patients": "on"}
    assert visit(sophie, "/agenda/reglages/motif/", kind).status_code == 303
    away = {
        "practitioner": str(moreau.member),
        "first": "01/12/2026",
        "last": "04/12/2026",
        "reason": "Congés",
        "replacement": str(petit.member),
    }
    assert visit(sophie, "/agenda/reglages/absence/", away).status_code == 303
    text = page(visit(sophie, "/agenda/reglages/")).replace("\u00a0", " ")
    for words in ("08:00 – 12:00", "Vaccin", "du 01/12/2026 au 04/12/2026", "remplacé par Dr Léa PETIT"):
        assert words in text, words
    assert "Remplacé par Dr Léa PETIT" in page(visit(sophie, "/agenda/?jour=2026-12-02"))
    assert visit(bruno, "/agenda/reglages/").status_code == 403
    removal = re.search(r'hx-post="(/agenda/reglages/absence/[^"]+)"', page(visit(sophie, "/agenda/reglages/")))
    assert removal
    visit(sophie, removal[1], {})
    assert "Congés" not in page(visit(sophie, "/agenda/reglages/"))


def test_hours_typed_backwards_come_back_with_what_was_typed(visit: Visit, sophie: Actor, moreau: Actor, page: Page) -> None:
    hours = {"practitioner": str(moreau.member), "weekdays": ["3"], "start": "14h", "end": "8h", "kind": "appointments"}
    response = visit(sophie, "/agenda/reglages/plage/", hours)
    assert response.status_code == 422
    assert "avant le début" in page(response)
    assert 'value="14h"' in page(response)


def test_a_file_says_when_its_patient_comes_next(
    visit: Visit, moreau: Actor, jeanne: UUID, booked: UUID, page: Page, at_nine: object
) -> None:
    assert reverse("tasks:of_patient", args=(jeanne,)) in page(visit(moreau, f"/patients/{jeanne}/"))
    text = page(visit(moreau, reverse("tasks:of_patient", args=(jeanne,)), htmx=True))
    assert "lun. 23 nov. 2026 à 09:15" in text.replace("\u00a0", " ")
    assert f"/agenda/nouveau/?patient={jeanne}" in text
    assert "MARTIN" in page(visit(moreau, f"/agenda/nouveau/?patient={jeanne}"))


def test_one_line_of_the_waiting_room_is_served_alone(visit: Visit, sophie: Actor, booked: UUID, page: Page, at_nine: object) -> None:
    path = f"/agenda/salle/{booked}/"
    assert "MARTIN" not in page(visit(sophie, path, htmx=True))  # not there yet
    actions.set_status(booked, by=sophie, status="arrived")
    assert "En consultation" in page(visit(sophie, path, htmx=True))
    assert "MARTIN" in page(visit(sophie, "/agenda/salle/"))


def test_a_remplacant_finds_the_replaced_doctors_agenda_first(
    visit: Visit, petit: Actor, booked: UUID, page: Page, at_nine: object
) -> None:
    text = page(visit(petit, "/agenda/"))
    columns = [one.split("</a>")[0].rsplit(">", 1)[1] for one in text.split('<h2 id="col-')[1:]]
    assert columns[0].endswith("Claire MOREAU")
    assert "Léa PETIT" not in columns
    form = page(visit(petit, "/agenda/nouveau/"))
    assert form.split('name="practitioner"')[1].split("</option>")[0].endswith("Claire MOREAU")


def test_a_rule_that_is_not_followed_is_said_and_one_key_with_a_reason_books_all_the_same(
    visit: Visit, sophie: Actor, moreau: Actor, jeanne: UUID, page: Page, at_nine: object
) -> None:
    type = actions.save_type(by=sophie, name="Enfant", limits=queries.Limits(below_months=192))
    place = {"mode": "known", "practitioner": str(moreau.member), "day": "23/11/2026", "hour": "10h", "minutes": "15", "type": str(type)}
    fields = {"patient": str(jeanne), **place, "reason": "Vaccin"}
    response = visit(sophie, "/agenda/nouveau/", fields)
    text = page(response)
    assert response.status_code == 422
    shown = ("jusqu’à 15\u00a0ans", 'name="malgre" value="age"', 'data-why="1"', 'value="Vaccin"', "Aucune place dans les quatre mois")
    for words in shown:
        assert words in text, words
    assert visit(sophie, "/agenda/nouveau/", {**fields, "malgre": ["age"]}).status_code == 422  # a reason, or one is told again
    assert not Appointment.objects.exists()
    assert visit(sophie, "/agenda/nouveau/", {**fields, "malgre": ["age"], "raison": "Accord du praticien"}).status_code == 303
    made = Appointment.objects.get()
    assert (made.waived_rules, made.waived_reason) == (["age"], "Accord du praticien")
    assert "hors règle" in page(visit(sophie, "/agenda/?jour=2026-11-23"))
    assert "Raison\u00a0: Accord du praticien." in page(visit(moreau, f"/agenda/rdv/{made.id}/")).replace(" :", "\u00a0:")


def test_the_rules_are_said_before_somebody_new_gets_a_file(
    visit: Visit, sophie: Actor, moreau: Actor, page: Page, at_nine: object
) -> None:
    type = actions.save_type(by=sophie, name="Suivi", limits=queries.Limits(new_patients=False))
    fields = {
        "mode": "new",
        "practitioner": str(moreau.member),
        "day": "23/11/2026",
        "hour": "10h",
        "minutes": "15",
        "type": str(type),
        "birth_name": "Perrin",
        "given_names": "Luc",
        "birth_date": "14/02/1990",
        "birth_sex": "M",
    }
    text = page(visit(sophie, "/agenda/nouveau/", fields))
    assert "patients déjà connus" in text
    assert not patients_named("PERRIN", sophie)
    visit(sophie, "/agenda/nouveau/", {**fields, "malgre": ["new"], "why": "Adressé par le Dr Roux"})
    assert len(patients_named("PERRIN", sophie)) == 1
    assert Appointment.objects.get().waived_reason == "Adressé par le Dr Roux"


def patients_named(name: str, by: Actor) -> list[object]:
    from permanence.patients import queries as people

    return list(people.search(name, reader=reader_for(by)))


def test_while_one_chooses_the_rules_of_that_place_and_the_next_places_are_shown(
    visit: Visit, sophie: Actor, moreau: Actor, jeanne: UUID, booked: UUID, page: Page, at_nine: object
) -> None:
    type = actions.save_type(by=sophie, name="Bilan", minutes=20, limits=queries.Limits(hours=((1, 600, 640),), below_months=1200))
    place = f"practitioner={moreau.member}&day=23/11/2026&minutes=20&type={type}&patient={jeanne}"
    text = page(visit(sophie, f"/agenda/nouveau/regles/?{place}&hour=11h", fragment=True))
    assert "Ce type se prend lun 10h-10h40." in text
    assert f'data-book-at="23/11/2026 10:00 {moreau.member}"' in text
    assert "se prend" not in page(visit(sophie, f"/agenda/nouveau/regles/?{place}&hour=10h", fragment=True))
    assert visit(sophie, "/agenda/nouveau/regles/?day=zzz", fragment=True).status_code == 200


def test_a_moved_card_says_that_it_left_a_rule(
    visit: Visit, sophie: Actor, moreau: Actor, jeanne: UUID, page: Page, at_nine: object
) -> None:
    assert moreau.member is not None
    type = actions.save_type(by=sophie, name="Matin", limits=queries.Limits(hours=((1, 480, 720),)))
    id = actions.book(jeanne, by=sophie, practitioner=moreau.member, start=times.instant(MONDAY, 600), type=type)
    fields = {"practitioner": str(moreau.member), "day": "23/11/2026", "hour": "15:00", "minutes": "15"}
    text = page(visit(sophie, visit(sophie, f"/agenda/rdv/{id}/deplacer/", fields)["Location"]))
    assert "hors d’une règle de son type" in text
    assert re.search(r'hx-post="(/agenda/revenir/[^"]+)"', text)


def test_the_rules_of_a_type_are_typed_as_one_says_them_and_come_back(
    visit: Visit, sophie: Actor, moreau: Actor, page: Page, at_nine: object
) -> None:
    fields = {
        "name": "Vaccin",
        "minutes": "10",
        "colour": "green",
        "known_patients": "on",
        "youngest": "2",
        "oldest": "15 ans",
        "hours": "lun mer 8h-12h",
        "practitioners": [str(moreau.member)],
        "most_a_day": "4",
        "notice_hours": "48",
        "buffer_minutes": "5",
    }
    assert visit(sophie, "/agenda/reglages/motif/", fields).status_code == 303
    text = page(visit(sophie, "/agenda/reglages/")).replace("\u00a0", " ")
    assert "patients connus, de 24 mois à 15 ans, lun mer 8h-12h, avec Dr Claire MOREAU, 4 par jour, 2 jours à l’avance" in text
    [type] = queries.types(reader=reader_for(sophie))
    form = page(visit(sophie, f"/agenda/reglages/motif/{type.id}/"))
    for value in ("2 ans", "15 ans", "lun mer 8h-12h", "48"):
        assert f'value="{value}"' in form, value
    wrong = visit(sophie, "/agenda/reglages/motif/", {**fields, "hours": "demain"})
    assert wrong.status_code == 422
    assert "non compris" in page(wrong)
    assert 'value="demain"' in page(wrong)


def test_the_next_free_place_is_two_keys_from_being_booked(
    visit: Visit, sophie: Actor, moreau: Actor, booked: UUID, page: Page, at_nine: object
) -> None:
    type = actions.save_type(by=sophie, name="Bilan", minutes=30, place=1, limits=queries.Limits(hours=((1, 600, 720),)))
    day = page(visit(sophie, f"/agenda/?qui={moreau.member}"))
    [free] = re.findall(r'href="([^"]+)" data-agenda-do="free"', day)  # the key P
    first = page(visit(sophie, free.replace("&amp;", "&")))
    [place] = re.findall(r'href="([^"]+)" autofocus', first)  # Enter
    assert f"heure=0935&amp;qui={moreau.member}" in place  # twenty minutes do not fit before a quarter past nine
    ruled = page(visit(sophie, f"/agenda/libre/?type={type}&qui={moreau.member}&quand=matin"))
    [place] = re.findall(r'href="([^"]+)" autofocus', ruled)
    form = page(visit(sophie, place.replace("&amp;", "&")))
    assert 'value="10:00"' in form
    assert 'value="30"' in form
    assert f'value="{type}" data-minutes="30" selected' in form
    assert "Aucune place" in page(visit(sophie, f"/agenda/libre/?type={type}&qui={moreau.member}&quand=apres"))
    assert "Date non comprise" in page(visit(sophie, "/agenda/libre/?jour=zzz"))


def test_a_doctor_looks_for_a_place_of_their_own_first(
    visit: Visit, moreau: Actor, benali: Actor, booked: UUID, page: Page, at_nine: object
) -> None:
    assert benali.member is not None
    actions.open_hours(by=benali, practitioner=benali.member, weekday=1, from_minute=540, to_minute=720)
    assert str(benali.member) not in page(visit(moreau, "/agenda/libre/")).split("free-day", 1)[1]
    assert str(benali.member) in page(visit(moreau, "/agenda/libre/?qui=tous")).split("free-day", 1)[1]


@pytest.mark.parametrize(("who", "status"), [("sophie", 200), ("nadia", 200), ("bruno", 403)])
def test_who_looks_for_a_place(who: str, status: int, visit: Visit, cast: dict[str, Actor], booked: UUID, at_nine: object) -> None:
    assert visit(cast[who], "/agenda/libre/").status_code == status


@pytest.mark.parametrize("typed", ["31/12/9999", "01/01/0001", "9" * 40, "-1", "²", "hier", "+99999"])
def test_no_typed_day_or_number_breaks_a_page(
    typed: str, visit: Visit, sophie: Actor, moreau: Actor, jeanne: UUID, booked: UUID, at_nine: object
) -> None:
    place = f"practitioner={moreau.member}&day={typed}&hour=10h&minutes={typed}&patient={jeanne}".replace("+", "%2B")
    day = typed.replace("+", "%2B")
    for path in ("", "libre/", "tournee/", "nouveau/", "tournee/feuille/", "feuille/"):
        assert visit(sophie, f"/agenda/{path}?jour={day}").status_code < 500, path
    assert visit(sophie, f"/agenda/nouveau/regles/?{place}", fragment=True).status_code < 500
    fields = {"practitioner": str(moreau.member), "day": typed, "hour": "10h", "minutes": typed, "patient": str(jeanne), "mode": "known"}
    assert visit(sophie, "/agenda/nouveau/", fields).status_code < 500
    assert visit(sophie, "/agenda/nouveau/", {**fields, "mode": "new", "birth_name": "Roux", "given_names": "A"}).status_code < 500
    assert visit(sophie, f"/agenda/rdv/{booked}/deplacer/", fields).status_code < 500
    numbers = dict.fromkeys(("minutes", "place", "youngest", "oldest", "hours", "most_a_day", "notice_hours", "buffer_minutes"), typed)
    assert visit(sophie, "/agenda/reglages/motif/", {"name": "X", "colour": "blue", "new_patients": "on", **numbers}).status_code < 500
