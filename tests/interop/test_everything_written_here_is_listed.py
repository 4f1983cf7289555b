"""While another software is the main one, whatever a person writes here is listed until it is copied; imports never are."""

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from permanence.accounts import permissions
from permanence.agenda import actions as agenda
from permanence.agenda import times
from permanence.agenda.models import Appointment
from permanence.consultations import actions as clinical
from permanence.consultations.models import HistoryItem, Treatment
from permanence.documents import actions as documents
from permanence.interop import actions, queries
from permanence.journal.doors import Actor, Reader, Refused
from permanence.lib import clock
from permanence.patients import actions as patients
from permanence.patients.models import Patient
from permanence.prescriptions import actions as prescriptions
from tests.agenda.test_calendars_in_and_out import calendar, event
from tests.interop import building, export
from tests.interop.test_a_practice_moves_in import move

Read = Callable[[Actor], Reader]
TUESDAY = datetime.date(2026, 11, 24)


@dataclass
class Desk:
    """The practice beside another software: who writes, and what is seen."""

    cast: Mapping[str, Actor]
    read_as: Read
    patient: UUID

    @property
    def moreau(self) -> Actor:
        return self.cast["moreau"]

    def written(self, who: str = "moreau", patient: UUID | None = None) -> list[queries.Written]:
        return queries.written(patient or self.patient, reader=self.read_as(self.cast[who]))

    def kinds(self, who: str = "moreau") -> list[str]:
        return sorted(one.kind for one in self.written(who))

    def one(self, kind: str, who: str = "moreau") -> queries.Written:
        (found,) = [one for one in self.written(who) if one.kind == kind]
        return found

    def waiting(self, who: str = "moreau") -> int:
        return sum(row.count for row in queries.to_copy(reader=self.read_as(self.cast[who])))

    def book(self, hour: int = 600, **more: Any) -> UUID:
        assert self.moreau.member is not None
        start = times.instant(TUESDAY, hour)
        return agenda.book(self.patient, by=self.cast["sophie"], practitioner=self.moreau.member, start=start, **more)


@pytest.fixture(scope="module", autouse=True)
def _the_day_before() -> Iterator[None]:
    """From noon on, before anybody is hired: the appointments are to come, and the clock never goes back between two tests."""
    with clock.override(offset=times.instant(TUESDAY, -720) - clock.now()):
        yield


@pytest.fixture
def desk(folder: Path, cast: Mapping[str, Actor], read_as: Read) -> Desk:
    jeanne = patients.register(by=cast["moreau"], birth_name="MARTIN", first_given_name="Jeanne", birth_date=datetime.date(1958, 7, 14))
    actions.watch_beside(by=cast["moreau"], source="Ancien", folder="", minutes=60)
    return Desk(cast, read_as, jeanne)


def write_everything(desk: Desk) -> dict[str, UUID]:
    by, who = desk.moreau, desk.patient
    return {
        "note": clinical.sign_note(who, by=by, fields={"motif": "Toux", "text": "Toux sèche"}),
        "history": clinical.add_history(who, by=by, fields={"label": "Asthme", "cim10": "J45.9", "start": "2014"}),
        "allergy": clinical.add_allergy(who, by=by, fields={"substance": "Amoxicilline", "reaction": "Urticaire", "severity": "moderee"}),
        "treatment": clinical.add_treatment(who, by=by, fields={"label": "Ventoline", "posology": "si besoin"}),
        "vaccination": clinical.add_vaccination(who, by=by, fields={"vaccine": "Boostrix", "given": "20/11/2026", "lot": "AB12"}),
        "measure": clinical.add_measure(who, by=by, loinc="29463-7", values=[["29463-7", 725, 1]], taken_at=clock.now()),
        "prescription": prescriptions.sign_prescription(who, by=by, template="ordonnance", title="Ordonnance", text="paracétamol 1 g",
                                                        number="AAAAA-1", pdf=b"%PDF-1.7 x"),
        "letter": documents.sign_letter(who, by=by, template="passage", title="Certificat", text="Vue ce jour.", number="AAAAA-2",
                                        pdf=b"%PDF-1.7 y"),
        "document": documents.keep_original(who, b"%PDF-1.4 scan", by=by, title="Scanner", mime="application/pdf", origin="scan"),
        "appointment": desk.book(reason="Suivi"),
        "contact": _mobile(desk, "0612345678"),
        "identity": _name(desk, "DURAND"),
    }  # fmt: skip


def _mobile(desk: Desk, number: str) -> UUID:
    patients.amend_identity(desk.patient, by=desk.cast["sophie"], changes={"mobile": number})
    return desk.patient


def _name(desk: Desk, name: str) -> UUID:
    patients.amend_identity(desk.patient, by=desk.moreau, changes={"used_name": name})
    return desk.patient


SAID = {
    "note": "Toux sèche", "history": "depuis 2014", "allergy": "Urticaire", "treatment": "si besoin", "vaccination": "lot AB12",
    "measure": "72,5", "prescription": "paracétamol 1 g", "letter": "Vue ce jour.", "document": "à joindre là-bas",
    "appointment": "Motif\u00a0: Suivi", "contact": "Mobile\u00a0: 06", "identity": "Nom utilisé\u00a0: DURAND",
}  # fmt: skip


def test_everything_is_listed_with_its_words_until_each_is_ticked(desk: Desk) -> None:
    made = write_everything(desk)
    assert desk.kinds() == sorted(made) == sorted(SAID)
    assert desk.waiting() == len(made)
    for kind, words in SAID.items():
        one = desk.one(kind)
        assert words in one.text
        assert one.id == made[kind]
        actions.tick_copied(kind, one.id, by=desk.moreau, seen=one.seen)
    assert desk.waiting() == 0
    assert all(one.copied for one in desk.written())
    for kind, id in made.items():
        actions.tick_copied(kind, id, by=desk.moreau, done=False)
    assert desk.waiting() == len(made)


def test_nothing_from_before_the_filet_is_listed(desk: Desk) -> None:
    actions.become_main(by=desk.moreau)
    write_everything(desk)
    actions.watch_beside(by=desk.moreau, source="Ancien", folder="", minutes=60)
    assert desk.written() == []
    assert desk.waiting() == 0


def test_a_patient_opened_here_is_listed_and_one_of_the_export_is_not(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("export")
    people = export.crowd(8)
    (outside / "patients.csv").write_bytes(export.table(people).text.encode("cp1252"))
    (outside / f"{people[0].surname} {people[0].given} {people[0].born:%d-%m-%Y}.pdf").write_bytes(export.pdf("Rien"))
    move(outside, desk.moreau, source="Ancien")
    assert Patient.objects.count() == 9
    assert desk.waiting() == 0
    people[0].mobile = "0699999999"
    (outside / "patients.csv").write_bytes(export.table(people).text.encode("cp1252"))
    move(outside, desk.moreau, source="Ancien")
    assert desk.waiting() == 0
    paul = patients.register(by=desk.cast["sophie"], birth_name="AUBRY", first_given_name="Paul", mobile="0612345678")
    found = {one.kind: one for one in desk.written(patient=paul)}
    assert sorted(found) == ["contact", "identity"]
    assert found["identity"].title == "Identité\u00a0: dossier créé ici"
    assert "Nom de naissance\u00a0: AUBRY" in found["identity"].text
    assert "effacé" not in found["identity"].text


def test_a_decision_about_a_row_of_the_export_is_the_export_s(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("export")
    (outside / "l.csv").write_text("Nom;Prénom;Date de naissance;Mobile\nMARTYN;Jeanne;14/07/1958;0699999999\n", encoding="utf-8")
    assert move(outside, desk.moreau).counts["decide"] == 1
    issue = queries.next_issue(reader=desk.read_as(desk.moreau))
    assert issue is not None
    actions.settle_for(issue, by=desk.moreau, patient=desk.patient)
    assert Patient.objects.get(id=desk.patient).mobile
    assert desk.waiting() == 0


def test_a_summary_that_somebody_imports_is_not_listed_but_a_line_changed_after_is(desk: Desk) -> None:
    done = actions.import_vsm(building.summary(), "vsm.xml", by=desk.moreau)
    assert done.patient is not None
    assert HistoryItem.objects.filter(patient_id=done.patient).exists()
    assert desk.written(patient=done.patient) == []
    row = Treatment.objects.filter(patient_id=done.patient).order_by("label")[0]
    clinical.edit_treatment(row.id, by=desk.cast["benali"], fields={"posology": "1 le soir"})
    (one,) = desk.written(patient=done.patient)
    assert (one.kind, one.change) == ("treatment", "modifié")
    assert "1 le soir" in one.text
    other = HistoryItem.objects.filter(patient_id=done.patient)[0]
    clinical.remove_line("history", other.id, by=desk.moreau)
    assert {(one.kind, one.change) for one in desk.written(patient=done.patient)} == {("treatment", "modifié"), ("history", "à retirer")}
    actions.import_vsm(building.summary(version="2", identifier="2", dose="2"), "vsm2.xml", by=desk.moreau)
    assert {one.kind for one in desk.written(patient=done.patient)} == {"treatment", "history"}


# -- written again


def test_what_is_changed_after_it_was_copied_is_to_be_copied_again(desk: Desk) -> None:
    line = clinical.add_treatment(desk.patient, by=desk.moreau, fields={"label": "Ventoline", "posology": "1 bouffée"})
    actions.tick_copied("treatment", line, by=desk.moreau)
    assert desk.waiting() == 0
    clinical.edit_treatment(line, by=desk.moreau, fields={"posology": "2 bouffées"})
    assert desk.waiting() == 1
    assert "2 bouffées" in desk.one("treatment").text


def test_nobody_ticks_what_they_have_not_seen(desk: Desk) -> None:
    line = clinical.add_treatment(desk.patient, by=desk.moreau, fields={"label": "Ventoline", "posology": "1 bouffée"})
    seen = desk.one("treatment").seen
    clinical.edit_treatment(line, by=desk.cast["benali"], fields={"posology": "2 bouffées"})
    with pytest.raises(Refused, match="modifié entre-temps"):
        actions.tick_copied("treatment", line, by=desk.moreau, seen=seen)
    assert desk.waiting() == 1


def test_what_is_taken_away_before_it_was_copied_is_nothing_and_after_is_to_be_taken_away_there(desk: Desk) -> None:
    first = clinical.add_history(desk.patient, by=desk.moreau, fields={"label": "Asthme"})
    clinical.remove_line("history", first, by=desk.moreau)
    assert desk.written() == []
    second = clinical.add_history(desk.patient, by=desk.moreau, fields={"label": "Diabète"})
    actions.tick_copied("history", second, by=desk.moreau)
    clinical.remove_line("history", second, by=desk.moreau)
    one = desk.one("history")
    assert (one.title, one.change, one.copied) == ("Diabète", "à retirer", False)
    assert desk.waiting() == 1


def test_a_note_moved_to_another_file_is_listed_in_both(desk: Desk) -> None:
    paul = patients.register(by=desk.moreau, birth_name="AUBRY", first_given_name="Paul")
    note = clinical.sign_note(desk.patient, by=desk.moreau, fields={"text": "Toux sèche"}, measures_line="P 82")
    actions.tick_copied("note", note, by=desk.moreau)
    clinical.move_note(note, by=desk.moreau, to=paul)
    assert desk.one("move").change == "à retirer"
    assert "Toux" not in desk.one("move").text
    assert "ses mesures" in desk.one("move").text
    assert sorted(one.kind for one in desk.written(patient=paul) if one.kind in ("note", "measure")) == ["measure", "note"]


# -- appointments


def test_an_appointment_is_told_again_when_it_moves_and_when_it_is_cancelled_not_when_the_patient_comes(desk: Desk) -> None:
    id = desk.book()
    actions.tick_copied("appointment", id, by=desk.cast["sophie"])
    agenda.move(id, by=desk.cast["sophie"], start=times.instant(TUESDAY, 660))
    assert "11:00" in desk.one("appointment").title
    assert desk.waiting("sophie") == 1
    actions.tick_copied("appointment", id, by=desk.cast["sophie"])
    agenda.set_status(id, by=desk.cast["sophie"], status="arrived")
    agenda.set_status(id, by=desk.cast["sophie"], status="booked")
    assert desk.waiting("sophie") == 0
    agenda.set_status(id, by=desk.cast["sophie"], status="cancelled")
    assert (desk.one("appointment").change, desk.waiting("sophie")) == ("à retirer", 1)


@pytest.mark.parametrize("before", [[], ["arrived"]])
def test_an_appointment_ticked_as_cancelled_is_told_again_when_it_is_put_back(desk: Desk, before: list[str]) -> None:
    id = desk.book()
    for status in (*before, "cancelled"):
        actions.tick_copied("appointment", id, by=desk.cast["sophie"])
        agenda.set_status(id, by=desk.cast["sophie"], status=status)
    actions.tick_copied("appointment", id, by=desk.cast["sophie"])
    assert desk.waiting("sophie") == 0
    agenda.set_status(id, by=desk.cast["sophie"], status="booked")
    assert desk.waiting("sophie") == 1
    assert not desk.one("appointment").copied


def test_who_does_not_come_is_not_told_to_the_other_agenda(desk: Desk) -> None:
    id = desk.book()
    actions.tick_copied("appointment", id, by=desk.cast["sophie"])
    agenda.set_status(id, by=desk.cast["sophie"], status="noshow")
    assert desk.waiting("sophie") == 0


def test_many_appointments_of_one_person_are_found_in_as_few_statements_as_one(desk: Desk) -> None:
    def statements() -> int:
        permissions.forget()  # both begin without a remembered standing: the seconds one is believed would decide otherwise
        with CaptureQueriesContext(connection) as seen:
            assert desk.written()
        return len(seen)

    desk.book()
    one = statements()
    for hour in range(480, 720, 20):
        desk.book(hour)
    assert statements() <= one


def test_an_appointment_of_before_is_listed_once_it_moves(folder: Path, cast: Mapping[str, Actor], read_as: Read) -> None:
    jeanne = patients.register(by=cast["moreau"], birth_name="MARTIN", first_given_name="Jeanne")
    before = Desk(cast, read_as, jeanne)
    id = before.book()
    actions.watch_beside(by=cast["moreau"], source="Ancien", folder="", minutes=60)
    assert before.written() == []
    agenda.move(id, by=cast["sophie"], minutes=30)
    assert before.one("appointment").change == "modifié"


def test_a_visit_of_the_round_is_listed_without_an_hour(desk: Desk) -> None:
    desk.book(no_hour=True, place="12 rue des Tilleuls")
    one = desk.one("appointment")
    assert one.title.startswith("Visite du")
    assert one.title.endswith("sans heure")
    assert "12 rue des Tilleuls" in one.text


def test_appointments_of_the_other_agenda_are_not_listed(desk: Desk) -> None:
    assert desk.moreau.member is not None
    match = lambda found: desk.patient  # noqa: E731
    agenda.import_calendar(calendar(event()), by=desk.cast["sophie"], practitioner=desk.moreau.member, match=match)
    assert Appointment.objects.get().patient_id == desk.patient
    agenda.set_status(Appointment.objects.get().id, by=desk.cast["sophie"], status="arrived")
    assert desk.written() == []


def test_times_kept_for_people_without_a_file_are_listed_until_their_day(desk: Desk, folder: Path) -> None:
    moreau, sophie = desk.moreau, desk.cast["sophie"]
    assert moreau.member is not None
    common: dict[str, Any] = {"by": sophie, "practitioner": moreau.member, "minutes": 15}
    with clock.override(times.instant(TUESDAY, 480)):
        who = {"label": "Mme AUBRY", "phone": "0612345678", "reason": "Fièvre"}
        kept = agenda.hold(**common, start=times.instant(TUESDAY, 600), kind="caller", **who)
        agenda.hold(**common, start=times.instant(TUESDAY, 420), kind="caller", label="Déjà passée")
        gone = agenda.hold(**common, start=times.instant(TUESDAY, 660), kind="caller", label="Annulée")
        agenda.set_status(gone, by=sophie, status="cancelled")
        agenda.import_calendar(calendar(event("o", "20261124T150000", "20261124T153000")), by=sophie, practitioner=moreau.member)
        [one] = queries.callers(reader=desk.read_as(sophie))
        assert (one.id, one.label, one.phone, one.reason, one.state) == (kept, "Mme AUBRY", "0612345678", "Fièvre", "")
    with clock.override(times.instant(TUESDAY, 490)):
        actions.become_main(by=moreau)
        assert queries.callers(reader=desk.read_as(sophie)) == []
        actions.watch_beside(by=moreau, source="Ancien", folder="", minutes=60)
    with clock.override(times.instant(TUESDAY, 500)):
        agenda.set_status(kept, by=sophie, status="cancelled")
        [one] = queries.callers(reader=desk.read_as(sophie))
        assert one.state == "annulé"
    with clock.override(times.instant(TUESDAY, 700)):
        assert queries.callers(reader=desk.read_as(sophie)) == []


# -- who sees and who ticks


def test_each_sees_what_their_profession_opens_and_nothing_else(desk: Desk) -> None:
    write_everything(desk)
    assert {"appointment", "contact", "identity"} <= set(desk.kinds("sophie"))
    assert not set(desk.kinds("sophie")) & {"note", "history", "allergy", "treatment", "letter"}
    assert desk.waiting("sophie") == len(desk.kinds("sophie"))
    for who in ("ines", "bruno"):
        try:
            assert not set(desk.kinds(who)) & {"note", "history", "prescription", "letter", "contact"}
        except Refused:
            continue


@pytest.mark.parametrize("kind", ["note", "history", "allergy", "treatment", "prescription", "letter"])
def test_who_could_not_write_it_ticks_nothing(desk: Desk, kind: str) -> None:
    made = write_everything(desk)
    with pytest.raises(Refused):
        actions.tick_copied(kind, made[kind], by=desk.cast["sophie"])
    assert not desk.one(kind).copied


def test_a_reserved_line_is_neither_listed_to_a_colleague_nor_ticked(desk: Desk) -> None:
    line = clinical.add_history(desk.patient, by=desk.moreau, fields={"label": "IVG", "sensitive": True})
    assert desk.kinds("benali") == []
    assert desk.waiting("benali") == 0
    with pytest.raises(Refused):
        actions.tick_copied("history", line, by=desk.cast["benali"])
    assert desk.waiting() == 1


@pytest.mark.parametrize("kind", ["", "note", "drapeau", "private_note", "Patient"])
def test_a_made_up_thing_is_refused(desk: Desk, kind: str) -> None:
    write_everything(desk)
    private = clinical.add_private_note(desk.patient, by=desk.moreau, text="Pour moi")
    for object in (uuid4(), private, desk.patient, desk.one("history").id):
        with pytest.raises(Refused, match="introuvable"):
            actions.tick_copied(kind, object, by=desk.moreau)


def test_a_private_note_is_never_listed(desk: Desk) -> None:
    clinical.add_private_note(desk.patient, by=desk.moreau, text="Pour moi")
    assert desk.written() == []
    assert "notes personnelles" in queries.NOT_LISTED
