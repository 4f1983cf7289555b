"""« La relève »: what a remplaçante did, signed once, read with the rights of who reads it, there after she has left."""

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from permanence.accounts import actions as accounts
from permanence.consultations import actions as clinical
from permanence.consultations import queries as charts
from permanence.documents import actions as documents
from permanence.handover import actions, queries
from permanence.handover.changes import handed_over
from permanence.handover.models import Annotation, DraftLine, Handover
from permanence.journal import actions as journal
from permanence.journal.categories import Category, Level, unmask
from permanence.journal.doors import Actor, Refused
from permanence.journal.journaled import OutsideAction
from permanence.lib.dates import format_date
from permanence.patients import actions as patients
from permanence.prescriptions import actions as prescriptions
from permanence.tasks import actions as tasks
from permanence.tasks import queries as to_do
from tests.cast import reader_for
from tests.consultations.conftest import documents_folder
from tests.handover.conftest import FIRST, LAST, at
from tests.patients.conftest import opened

__all__ = ["documents_folder"]
EVENING = 19
BACK = LAST + datetime.timedelta(days=3)


@pytest.fixture
def paul(register: Callable[..., UUID]) -> UUID:
    return register("Durand", "Paul")


@pytest.fixture
def worked(replacement: UUID, moreau: Actor, petit: Actor, jeanne: UUID, paul: UUID, documents_folder: Path) -> UUID:
    """A fortnight of Dr Petit: two patients seen, a treatment begun and one stopped, an arrêt, two promises."""
    assert moreau.member is not None
    old = clinical.add_treatment(jeanne, by=moreau, fields={"label": "Ramipril 5 mg", "posology": "le matin"})
    with at(FIRST, 10):
        clinical.sign_note(jeanne, by=petit, fields={"motif": "Lombalgie", "assessment": "Sciatique gauche sans déficit.", "plan": "Kiné"})
        clinical.add_treatment(jeanne, by=petit, fields={"label": "Naproxène 550 mg", "posology": "matin et soir, 5 jours"})
        clinical.stop_treatment(old, by=petit, reason="Toux")
        prescriptions.sign_prescription(jeanne, by=petit, pdf=b"%PDF-", template="arret", title="Avis d’arrêt de travail", number="1",
                                        stoppage={
                                            "stoppage_from": FIRST, "stoppage_until": FIRST + datetime.timedelta(days=4),
                                            "stoppage_kind": "initial",
                                            "form_serial": ""})
        documents.sign_letter(jeanne, by=petit, pdf=b"%PDF-", template="adressage", title="Courrier d’adressage", number="2",
                              text="Cher confrère")
    with at(FIRST + datetime.timedelta(days=3), 11):
        clinical.sign_note(paul, by=petit, fields={"motif": "Rhume", "text": "Rien de grave.\nRevoir si fièvre."})
        tasks.add_task("Rappeler Mme Martin pour l’IRM", by=petit, patient=jeanne, to=moreau.member, due_on=BACK)
        tasks.add_task("Commander des seringues", by=petit)
    return replacement


def _line(note: queries.Note, patient: UUID) -> queries.Line:
    return next(line for line in note.lines if line.patient == patient)


def _said(line: queries.Line) -> str:
    return " | ".join(f"{item.label} : {item.text}" for item in line.items)


def test_everything_done_stands_on_the_line_of_its_patient(worked: UUID, petit: Actor, jeanne: UUID, paul: UUID) -> None:
    with at(LAST, EVENING):
        note = queries.draft(worked, reader=opened(petit))
    assert [line.patient for line in note.lines] == [jeanne, paul]
    said = _said(note.lines[0])
    assert "À faire : Rappeler Mme Martin pour l’IRM" in said
    assert "Consultation : Lombalgie — Sciatique gauche sans déficit." in said
    assert "Traitement commencé : Naproxène 550 mg — matin et soir, 5 jours" in said
    assert "Traitement arrêté : Ramipril 5 mg — Toux" in said
    assert f"Arrêt de travail : du {format_date(FIRST)} au {format_date(FIRST + datetime.timedelta(days=4))}" in said
    assert "Papier : Courrier d’adressage" in said
    assert _said(note.lines[1]) == "Consultation : Rhume — Rien de grave."
    assert [item.text for item in note.others] == ["Commander des seringues"]
    assert (note.lines[0].part, note.lines[1].part) == (0, 2)


def test_vaccines_given_and_reminders_that_fall_due_are_told(
    replacement: UUID, petit: Actor, moreau: Actor, jeanne: UUID, paul: UUID
) -> None:
    soon, later = LAST + datetime.timedelta(days=10), LAST + datetime.timedelta(days=60)
    old = FIRST - datetime.timedelta(days=90)
    for patient, day in ((jeanne, soon), (jeanne, later), (jeanne, old), (paul, soon)):
        clinical.add_history(patient, by=moreau, fields={"label": f"Mammographie {day}", "alert_on": day})
    with at(FIRST, 10):
        clinical.sign_note(jeanne, by=petit, fields={"motif": "Vaccin"})
        clinical.add_vaccination(jeanne, by=petit, fields={"vaccine": "Tétanos", "lot": "X42", "given": "", "next_due": later})
    with at(LAST, EVENING):
        [line] = queries.draft(replacement, reader=opened(petit)).lines
    assert [item.kind for item in line.items] == ["reminder", "vaccination", "note"]
    assert (line.items[0].text, line.items[0].due_on) == (f"Mammographie {soon}", soon)
    assert line.items[1].text == f"Tétanos, lot X42, prochaine le {format_date(later)}"


def test_a_treatment_begun_with_an_end_to_come_is_begun_and_not_stopped(
    replacement: UUID, petit: Actor, moreau: Actor, jeanne: UUID
) -> None:
    end = format_date(LAST + datetime.timedelta(days=5))
    with at(LAST, 10):
        amoxicillin = {"label": "Amoxicilline 1 g", "posology": "1 matin et soir", "end": end}
        clinical.add_treatment(jeanne, by=petit, fields=amoxicillin)
        today = {"label": "Ibuprofène 400 mg", "posology": "une prise", "end": format_date(LAST)}
        clinical.add_treatment(jeanne, by=petit, fields=today)
    with at(LAST, EVENING):
        said = _said(queries.draft(replacement, reader=opened(petit)).lines[0])
        signed = actions.sign(replacement, by=petit)
    assert f"Traitement commencé : Amoxicilline 1 g — 1 matin et soir — jusqu’au {end}" in said
    assert f"Traitement commencé : Ibuprofène 400 mg — une prise — jusqu’au {format_date(LAST)}" in said
    with at(BACK):
        said = _said(queries.handover(signed, reader=opened(moreau)).lines[0])
    assert f"Traitement commencé : Amoxicilline 1 g — 1 matin et soir — jusqu’au {end}" in said
    assert f"Traitement commencé, terminé depuis : Ibuprofène 400 mg — le {format_date(LAST)}" in said


def test_a_treatment_stopped_the_same_evening_is_stopped(replacement: UUID, petit: Actor, jeanne: UUID) -> None:
    with at(LAST, 10):
        line = clinical.add_treatment(jeanne, by=petit, fields={"label": "Naproxène", "posology": "matin et soir"})
        clinical.stop_treatment(line, by=petit, reason="Douleurs")
    with at(LAST, EVENING):
        assert _said(queries.draft(replacement, reader=opened(petit)).lines[0]) == "Traitement arrêté : Naproxène — Douleurs"


def test_what_was_taken_back_since_is_no_longer_told_as_valid(replacement: UUID, petit: Actor, moreau: Actor, jeanne: UUID) -> None:
    with at(FIRST, 10):
        wrong = clinical.add_treatment(jeanne, by=petit, fields={"label": "Méthotrexate", "posology": "un par jour"})
        stopped = clinical.add_treatment(jeanne, by=petit, fields={"label": "Naproxène", "posology": "matin et soir"})
        vaccine = clinical.add_vaccination(jeanne, by=petit, fields={"vaccine": "Tétanos", "lot": "X42", "given": ""})
    with at(LAST, EVENING):
        signed = actions.sign(replacement, by=petit)
    with at(BACK):
        clinical.remove_line("treatment", wrong, by=moreau)
        clinical.remove_line("vaccination", vaccine, by=moreau)
        clinical.stop_treatment(stopped, by=moreau, reason="Douleurs")
        said = _said(queries.handover(signed, reader=opened(moreau)).lines[0])
    assert "Traitement commencé, retiré depuis : Méthotrexate |" in said
    assert f"Traitement commencé, arrêté depuis : Naproxène — le {format_date(BACK)}" in said
    assert "Vaccination retirée depuis : Tétanos" in said
    assert "par jour" not in said
    assert "matin et soir" not in said


def test_a_reminder_taken_back_since_is_said_so(replacement: UUID, petit: Actor, moreau: Actor, jeanne: UUID) -> None:
    line = clinical.add_history(jeanne, by=moreau, fields={"label": "Mammographie", "alert_on": LAST})
    with at(FIRST, 10):
        clinical.sign_note(jeanne, by=petit, fields={"motif": "Suivi"})
    with at(LAST, EVENING):
        signed = actions.sign(replacement, by=petit)
    with at(BACK):
        clinical.edit_history(line, by=moreau, fields={"alert_on": None})
        assert "Rappel retiré depuis : Mammographie" in _said(queries.handover(signed, reader=opened(moreau)).lines[0])


def test_a_paper_that_was_replaced_is_left_out_or_said_to_be_replaced(
    replacement: UUID, petit: Actor, moreau: Actor, jeanne: UUID, documents_folder: Path
) -> None:
    def letter(title: str, replaces: UUID | None = None) -> UUID:
        return documents.sign_letter(jeanne, by=petit, pdf=b"%PDF-", template="adressage", title=title, number=title, text="Cher confrère",
                                     replaces=replaces)

    def order(number: str, replaces: UUID | None = None) -> UUID:
        return prescriptions.sign_prescription(jeanne, by=petit, pdf=b"%PDF-", template="ordonnance", title=f"Ordonnance {number}",
                                               number=number, text="Repos", replaces=replaces)

    with at(FIRST, 10):
        second, first_order = letter("Second jet", letter("Premier jet")), order("1")
    with at(LAST, EVENING):
        signed = actions.sign(replacement, by=petit)
    with at(LAST, EVENING + 1):
        assert _said(queries.handover(signed, reader=opened(moreau)).lines[0]) == "Papier : Ordonnance 1 | Papier : Second jet"
        letter("Troisième jet", second)
        order("2", first_order)
    with at(BACK):
        said = _said(queries.handover(signed, reader=opened(moreau)).lines[0])
    assert said == "Papier, remplacé depuis : Ordonnance 1 | Papier, remplacé depuis : Second jet"


def test_what_others_did_meanwhile_is_not_hers(worked: UUID, petit: Actor, benali: Actor, register: Callable[..., UUID]) -> None:
    theirs = register("Autre")
    with at(FIRST, 15):
        clinical.sign_note(theirs, by=benali, fields={"motif": "Toux"})
        clinical.add_treatment(theirs, by=benali, fields={"label": "Sirop"})
    with at(LAST, EVENING):
        assert theirs not in {line.patient for line in queries.draft(worked, reader=opened(petit)).lines}


def test_what_is_typed_is_kept_and_a_line_left_out_stays_out(worked: UUID, petit: Actor, moreau: Actor, jeanne: UUID, paul: UUID) -> None:
    with at(LAST, EVENING):
        actions.keep_draft(worked, by=petit, left_out={paul}, texts={jeanne: "Très inquiète."}, word="Merci !")
        note = queries.draft(worked, reader=opened(petit))
        assert (_line(note, jeanne).text, _line(note, paul).keep, note.text) == ("Très inquiète.", False, "Merci !")
        signed = actions.sign(worked, by=petit, left_out={paul}, texts={jeanne: "Très inquiète."}, word="Merci !")
        assert not DraftLine.objects.exists()
    with at(BACK):
        note = queries.handover(signed, reader=opened(moreau))
    assert [line.patient for line in note.lines] == [jeanne]
    assert (note.lines[0].text, note.text) == ("Très inquiète.", "Merci !")


def test_a_draft_that_arrives_after_the_signature_is_not_kept(worked: UUID, petit: Actor, jeanne: UUID) -> None:
    with at(LAST, EVENING):
        since = queries.draft(worked, reader=opened(petit)).since
        assert actions.keep_draft(worked, by=petit, left_out=(), texts={jeanne: "Très inquiète."}, word="Merci", since=since)
        actions.sign(worked, by=petit, texts={jeanne: "Très inquiète."}, word="Merci")
        assert not actions.keep_draft(worked, by=petit, left_out=(), texts={jeanne: "Très inquiète."}, word="Merci", since=since)
    assert not DraftLine.objects.exists()


def test_what_is_typed_of_an_erased_patient_is_not_kept(worked: UUID, petit: Actor, moreau: Actor, jeanne: UUID, paul: UUID) -> None:
    with at(LAST, EVENING):
        journal.erase(paul, by=moreau)
        actions.keep_draft(worked, by=petit, left_out={uuid4()}, texts={paul: "Très pâle.", jeanne: "Très inquiète."}, word="Merci")
    assert {row.patient_id: row.text for row in DraftLine.objects.all()} == {jeanne: "Très inquiète.", None: "Merci"}


def test_a_signed_note_never_changes(worked: UUID, petit: Actor, moreau: Actor, jeanne: UUID) -> None:
    with at(LAST, EVENING):
        signed = actions.sign(worked, by=petit)
    with at(LAST, EVENING + 1):
        clinical.sign_note(jeanne, by=petit, fields={"motif": "Revue le soir"})
        assert "Revue le soir" not in _said(_line(queries.handover(signed, reader=opened(moreau)), jeanne))
        with pytest.raises(OutsideAction):
            Handover.objects.filter(id=signed).update(text="autre")
        again = actions.sign(worked, by=petit)
    with at(BACK):
        assert _said(queries.handover(again, reader=opened(moreau)).lines[0]) == "Consultation : Revue le soir"


def test_a_promise_kept_since_says_so(worked: UUID, petit: Actor, moreau: Actor, jeanne: UUID) -> None:
    with at(LAST, EVENING):
        signed = actions.sign(worked, by=petit)
    with at(BACK):
        [task] = [row for row in to_do.my_tasks(reader=opened(moreau)) if row.patient == jeanne]
        tasks.complete(task.id, by=moreau)
        assert "Fait depuis : Rappeler Mme Martin" in _said(_line(queries.handover(signed, reader=opened(moreau)), jeanne))


def test_what_was_asked_of_her_goes_to_the_doctor(worked: UUID, petit: Actor, moreau: Actor) -> None:
    assert "Commander des seringues" not in {row.text for row in to_do.my_tasks(reader=opened(moreau))}
    with at(LAST, EVENING):
        actions.sign(worked, by=petit)
    with at(BACK):
        assert "Commander des seringues" in {row.text for row in to_do.my_tasks(reader=opened(moreau))}


def test_a_promise_left_with_the_desk_is_read_by_the_doctor(worked: UUID, petit: Actor, sophie: Actor, moreau: Actor, paul: UUID) -> None:
    with at(LAST, EVENING):
        tasks.add_task("Rappeler M. Durand lundi", by=petit, patient=paul, to=sophie.member)
        signed = actions.sign(worked, by=petit)
    with at(BACK):
        assert "Rappeler M. Durand lundi (confié à Sophie MARCHAND)" in _said(_line(queries.handover(signed, reader=opened(moreau)), paul))
        assert "Rappeler M. Durand lundi" not in {row.text for row in to_do.my_tasks(reader=opened(moreau))}


def test_unsigned_drafts_are_signed_first_or_knowingly_left(worked: UUID, petit: Actor, paul: UUID) -> None:
    with at(LAST, EVENING):
        clinical.save_draft(paul, by=petit, payload={"motif": "À finir"})
        with pytest.raises(Refused, match="brouillon à signer") as refused:
            actions.sign(worked, by=petit)
        assert refused.value.code == "drafts"
        assert actions.sign(worked, by=petit, despite_drafts=True)


def test_it_is_not_signed_before_the_beginning_nor_empty(replacement: UUID, petit: Actor) -> None:
    with pytest.raises(Refused, match="pas commencé"):
        actions.sign(replacement, by=petit, word="Déjà")
    with at(FIRST, 10), pytest.raises(Refused, match="vide"):
        actions.sign(replacement, by=petit)
    with at(FIRST, 10):
        assert actions.sign(replacement, by=petit, word="Rien à signaler.")


# -- who reads it


@pytest.mark.parametrize("who", ["benali", "sophie", "hugo", "nadia", "lucie", "amel", "ines", "bruno", "yann"])
def test_nobody_else_reads_writes_or_marks_it(who: str, worked: UUID, petit: Actor, cast: Mapping[str, Actor]) -> None:
    with at(LAST, EVENING):
        signed = actions.sign(worked, by=petit, word="Entre nous")
        other = cast[who]
        for read in (lambda: queries.handover(signed, reader=opened(other)), lambda: queries.draft(worked, reader=opened(other))):
            with pytest.raises(Refused) as refused:
                read()
            assert refused.value.code in ("unknown", "right")
        assert queries.handovers(worked, reader=opened(other)) == queries.unread(reader=opened(other)) == []
        for write in (lambda: actions.sign(worked, by=other, word="x"), lambda: actions.mark_read(signed, by=other),
                      lambda: actions.keep_draft(worked, by=other, left_out=(), texts={})):
            with pytest.raises(Refused):
                write()


def test_the_replaced_doctor_does_not_write_it_for_her(worked: UUID, moreau: Actor) -> None:
    with at(LAST, EVENING):
        with pytest.raises(Refused, match="personne qui remplace"):
            actions.sign(worked, by=moreau, word="x")
        with pytest.raises(Refused, match="personne qui remplace"):
            queries.draft(worked, reader=opened(moreau))


def test_her_access_over_the_note_stays_with_her_name(worked: UUID, petit: Actor, moreau: Actor, jeanne: UUID) -> None:
    with at(LAST, EVENING):
        signed = actions.sign(worked, by=petit, texts={jeanne: "Très inquiète."})
    with at(BACK):
        assert petit.member is not None
        with pytest.raises(Refused):
            queries.handover(signed, reader=opened(petit))
        with pytest.raises(Refused):
            actions.sign(worked, by=petit, word="Encore")
        note = queries.handover(signed, reader=opened(moreau))
        assert (note.author, _line(note, jeanne).text) == (petit.member, "Très inquiète.")


def test_the_next_remplacant_takes_it_over(worked: UUID, petit: Actor, moreau: Actor) -> None:
    with at(LAST, EVENING):
        signed = actions.sign(worked, by=petit)
    with at(BACK):
        made = accounts.invite_member(family_name="Roux", given_name="Noé", profession="medecin", status="remplacant", of=moreau.member,
                                      since=BACK, until=BACK + datetime.timedelta(days=5), by=moreau)
        assert made.member is not None
        noe = Actor(made.member, session=uuid4())
        assert queries.handover(signed, reader=opened(noe)).lines
        actions.mark_read(signed, by=noe)
        assert [head.id for head in queries.unread(reader=opened(moreau))] == [signed]  # read by another is not read by her


def test_it_waits_until_it_is_marked_read(worked: UUID, petit: Actor, moreau: Actor) -> None:
    with at(LAST, EVENING):
        signed = actions.sign(worked, by=petit)
        assert queries.unread(reader=opened(petit)) == []
    with at(BACK):
        [head] = queries.unread(reader=opened(moreau))
        assert (head.id, head.patients, head.promises) == (signed, 2, 2)
        actions.mark_read(signed, by=moreau)
        actions.mark_read(signed, by=moreau)
        assert queries.unread(reader=opened(moreau)) == []
        assert queries.handover(signed, reader=opened(moreau)).read_at is not None


# -- what is reserved


def test_a_reserved_note_is_counted_and_never_quoted(worked: UUID, petit: Actor, moreau: Actor, sophie: Actor, paul: UUID) -> None:
    with at(LAST, 10):
        clinical.sign_note(paul, by=petit, fields={"motif": "Dépistage", "assessment": "VIH positif."}, sensitive=True)
    with at(LAST, EVENING):
        signed = actions.sign(worked, by=petit, texts={paul: "Voir le résultat du dépistage."})
    with at(BACK):
        line = _line(queries.handover(signed, reader=opened(moreau)), paul)
        assert (line.hidden, line.text, line.closed) == (1, "", True)
        assert "VIH" not in _said(line)
        patients.set_medecin_traitant(paul, by=sophie, member=moreau.member)
        line = _line(queries.handover(signed, reader=opened(moreau)), paul)
        assert (line.hidden, line.text, line.closed) == (0, "Voir le résultat du dépistage.", False)
        assert "VIH positif." in _said(line)


def test_a_sentence_is_reserved_with_what_becomes_reserved_later(
    replacement: UUID, petit: Actor, moreau: Actor, benali: Actor, paul: UUID
) -> None:
    with at(FIRST, 10):
        line = clinical.add_treatment(paul, by=petit, fields={"label": "Antirétroviral"})
    with at(LAST, EVENING):
        signed = actions.sign(replacement, by=petit, texts={paul: "Son traitement est à renouveler en juin."})
        assert _line(queries.handover(signed, reader=opened(moreau)), paul).text
        clinical.edit_treatment(line, by=petit, fields={"sensitive": True})
    with at(BACK):
        found = _line(queries.handover(signed, reader=opened(moreau)), paul)
    assert (found.text, found.closed, found.items) == ("", True, ())


def test_a_protected_file_is_only_counted(worked: UUID, petit: Actor, moreau: Actor, benali: Actor, paul: UUID) -> None:
    patients.set_medecin_traitant(paul, by=moreau, member=benali.member)
    with at(LAST, EVENING):
        signed = actions.sign(worked, by=petit)
        patients.set_protection(paul, by=benali, kind="staff")
    with at(BACK):
        line = _line(queries.handover(signed, reader=opened(moreau)), paul)
        assert (line.items, line.hidden) == ((), 1)


def test_a_sentence_is_sealed_with_the_patient_and_goes_with_them(worked: UUID, petit: Actor, moreau: Actor, paul: UUID) -> None:
    with at(LAST, EVENING):
        signed = actions.sign(worked, by=petit, texts={paul: "Très pâle."})
        actions.keep_draft(worked, by=petit, left_out=(), texts={paul: "Brouillon"})
    with at(BACK):
        journal.erase(paul, by=moreau)
        assert not Annotation.objects.exists()
        assert not DraftLine.objects.exists()
        note = queries.handover(signed, reader=opened(moreau))
        assert paul not in {line.patient for line in note.lines}


def test_a_note_moved_to_another_file_is_no_longer_cited(worked: UUID, petit: Actor, moreau: Actor, jeanne: UUID, paul: UUID) -> None:
    with at(LAST, EVENING):
        wrong = charts.chart(paul, reader=opened(petit)).timeline[0].id
        signed = actions.sign(worked, by=petit)
        clinical.move_note(wrong, by=petit, to=jeanne)
    with at(BACK):
        assert paul not in {line.patient for line in queries.handover(signed, reader=opened(moreau)).lines}


# -- what the journal says of it


def test_reading_it_counts_as_rows_of_a_list_and_is_no_visit(worked: UUID, petit: Actor, moreau: Actor, jeanne: UUID) -> None:
    with at(LAST, EVENING):
        signed = actions.sign(worked, by=petit)
    with at(BACK):
        reader = opened(moreau)
        queries.handover(signed, reader=reader)
        [served] = [one for one in reader.close().patients if one.patient == jeanne]
        assert [level for level, _ in served.levels] == [Level.LISTED]
        assert {Category.NOTES, Category.TREATMENTS, Category.PRESCRIPTIONS, Category.TASKS} <= unmask(served.levels[0][1])


def test_it_explains_that_its_reader_opens_the_file(worked: UUID, petit: Actor, moreau: Actor, benali: Actor, jeanne: UUID) -> None:
    assert moreau.member is not None
    assert benali.member is not None
    with at(LAST, EVENING):
        assert not handed_over(moreau.member, jeanne)
        actions.sign(worked, by=petit)
    with at(BACK):
        assert handed_over(moreau.member, jeanne)
        assert not handed_over(benali.member, jeanne)
    with at(BACK + datetime.timedelta(days=40)):
        assert not handed_over(moreau.member, jeanne)


def test_a_reader_without_gates_of_their_own_still_needs_the_right(worked: UUID, sophie: Actor, petit: Actor) -> None:
    with at(LAST, EVENING):
        signed = actions.sign(worked, by=petit)
        with pytest.raises(Refused):
            queries.handover(signed, reader=reader_for(sophie))


def test_a_line_is_too_long_for_a_sentence(worked: UUID, petit: Actor, jeanne: UUID) -> None:
    with at(LAST, EVENING), pytest.raises(Refused, match="caractères au plus"):
        actions.sign(worked, by=petit, texts={jeanne: "x" * 601})


