"""Notes: signed once for all, amended by another note, moved with their measures, refused to who may not write them."""

import datetime

import pytest

from permanence.consultations import actions, queries
from permanence.documents.models import Document
from permanence.journal import access
from permanence.journal.doors import Refused
from permanence.journal.journaled import OutsideAction
from permanence.lib import clock
from permanence.lib.sqlcipher import run
from permanence.patients import actions as patients
from tests.consultations.conftest import opened

SOAP = {
    "motif": "Renouvellement",
    "subjective": "Va bien",
    "objective": "Auscultation normale",
    "assessment": "HTA équilibrée",
    "plan": "Revoir dans 3 mois",
}


def sign(patient, by, **more):
    return actions.sign_note(patient, by=by, **{"fields": SOAP, **more})


def test_a_note_is_signed_with_its_measures_in_one_act(jeanne, moreau):
    note = sign(jeanne, moreau, measures_line="TA 148/86 P 82 T 176", codes=["i10", "E119"])
    row = queries.note(note, reader=opened(moreau))
    assert (row.motif, row.plan, row.codes, row.author_id, row.signatory_id) == (
        "Renouvellement",
        "Revoir dans 3 mois",
        ("I10", "E11.9"),
        moreau.member,
        moreau.member,
    )
    synthesis = queries.synthesis(jeanne, reader=opened(moreau))
    assert [measure.shown for measure in synthesis.measures] == ["148/86\u00a0mmHg", "82\u00a0kg", "176\u00a0cm"]
    assert synthesis.bmi == "26,5\u00a0kg/m²"
    assert {measure.note_id for measure in synthesis.measures} == {note}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"fields": {"motif": "  "}}, "vide"),
        ({"measures_line": "TA 86/148"}, "systolique"),
        ({"measures_line": "TA douze"}, "non comprise"),
        ({"kind": "autre"}, "type"),
        ({"codes": ["diabète"]}, "CIM-10"),
        ({"at": datetime.datetime(2999, 1, 1, tzinfo=datetime.UTC)}, "avenir"),
    ],
)
def test_what_cannot_be_signed_is_refused_and_nothing_is_written(jeanne, moreau, more, says):
    with pytest.raises(Refused, match=says):
        sign(jeanne, moreau, **more)
    assert queries.timeline(jeanne, reader=opened(moreau)) == ()


def test_a_secretary_neither_writes_nor_reads_notes(jeanne, moreau, sophie):
    with pytest.raises(Refused):
        sign(jeanne, sophie)
    with pytest.raises(Refused):
        actions.save_draft(jeanne, by=sophie, payload={"motif": "x"})
    note = sign(jeanne, moreau)
    with pytest.raises(Refused, match="introuvable"):
        queries.note(note, reader=opened(sophie))
    assert queries.timeline(jeanne, reader=opened(sophie)) == ()


def test_a_nurse_reads_her_own_notes_only(jeanne, moreau, nadia):
    sign(jeanne, moreau)
    mine = sign(jeanne, nadia)
    assert [event.id for event in queries.timeline(jeanne, reader=opened(nadia))] == [mine]


def test_a_signed_note_is_frozen_and_amended_by_another(jeanne, moreau, benali):
    from permanence.consultations.models import Note
    from permanence.journal.writer import current

    note = sign(jeanne, moreau)
    amending = actions.amend_note(note, by=benali, fields={"text": "Lire 138/86."})
    assert queries.note(note, reader=opened(moreau)).motif == "Renouvellement"
    (row,) = queries.amendments(note, reader=opened(moreau))
    assert (row.id, row.amends_id, row.author_id, row.kind_label) == (amending, note, benali.member, "Rectificatif")
    again = actions.amend_note(amending, by=moreau, fields={"text": "Encore."})
    assert queries.note(again, reader=opened(moreau)).amends_id == note
    with pytest.raises(OutsideAction):
        Note.objects.get(id=note).save()
    assert current()


def test_moving_a_note_takes_it_whole_to_the_right_file_and_prunes_the_wrong_one(jeanne, paul, moreau):
    signed_at = clock.now()
    with clock.override(signed_at):
        note = sign(jeanne, moreau, measures_line="P 82")
        actions.amend_note(note, by=moreau, fields={"text": "Suite."})
    reader = opened(moreau)
    queries.note(note, reader=reader)
    access.submit(reader.close()).wait()

    moved = actions.move_note(note, by=moreau, to=paul)

    row = queries.note(moved, reader=opened(moreau))
    assert (row.patient, row.motif, row.author_id, row.moved_by_id) == (paul, "Renouvellement", moreau.member, moreau.member)
    assert row.signed_at == signed_at
    assert [one.text for one in queries.amendments(moved, reader=opened(moreau))] == ["Suite."]
    assert [measure.shown for measure in queries.synthesis(paul, reader=opened(moreau)).measures] == ["82\u00a0kg"]
    assert queries.synthesis(jeanne, reader=opened(moreau)).measures == ()
    with pytest.raises(Refused, match="introuvable"):
        queries.note(note, reader=opened(moreau))
    assert {event.kind for event in queries.timeline(jeanne, reader=opened(moreau))} == {"move"}
    assert len(queries.moves(jeanne, reader=opened(moreau))) == 2
    bodies = "SELECT count(*) FROM journal_body b JOIN journal_entry e ON e.hash = b.entry WHERE e.object = ? AND e.kind = ?"
    assert not run("default", bodies, note.bytes, "consultations.note").fetchone()[0]
    (seen,) = queries.read_before_move(jeanne, note, reader=opened(moreau))
    assert (seen.member, note in seen.objects) == (moreau.member, True)


def test_only_its_author_moves_a_note_while_they_are_in_the_practice(jeanne, paul, moreau, benali, sophie):
    note = sign(jeanne, moreau)
    for actor in (benali, sophie):
        with pytest.raises(Refused):
            actions.move_note(note, by=actor, to=paul)
    with pytest.raises(Refused, match="déjà dans ce dossier"):
        actions.move_note(note, by=moreau, to=jeanne)


def test_sensitive_notes_and_the_secrecy_of_minors_stay_with_author_and_medecin_traitant(jeanne, moreau, benali, amel):
    mine = sign(jeanne, amel, minor_secret=True)
    other = sign(jeanne, moreau, sensitive=True)
    assert {event.id for event in queries.timeline(jeanne, reader=opened(moreau))} == {mine, other}
    assert {event.id for event in queries.timeline(jeanne, reader=opened(amel))} == {mine}
    assert queries.timeline(jeanne, reader=opened(benali)) == ()
    assert queries.note(actions.amend_note(mine, by=moreau, fields={"text": "x"}), reader=opened(moreau)).minor_secret
    with pytest.raises(Refused, match="secret du mineur"):
        actions.amend_note(mine, by=benali, fields={"text": "x"})


def test_whom_the_patient_refused_still_writes_down_the_care_they_give(jeanne, moreau, benali):
    patients.object_to_sharing(jeanne, by=moreau, member=benali.member)
    sign(jeanne, moreau)
    mine = sign(jeanne, benali)
    assert [event.id for event in queries.timeline(jeanne, reader=opened(benali))] == [mine]


def test_the_files_of_a_merged_patient_give_one_timeline(jeanne, paul, moreau):
    first, second = sign(jeanne, moreau), sign(paul, moreau)
    alias = patients.merge(jeanne, by=moreau, merged=paul)
    assert {event.id for event in queries.timeline(paul, reader=opened(moreau))} == {first, second}
    later = sign(paul, moreau)
    assert queries.note(later, reader=opened(moreau)).patient == jeanne, "new things are written in the file kept"
    patients.unmerge(alias, by=moreau)
    assert {event.id for event in queries.timeline(paul, reader=opened(moreau))} == {second}


def test_the_timeline_goes_on_before_the_last_line_shown(jeanne, moreau):
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    notes = [sign(jeanne, moreau, at=start + datetime.timedelta(days=i)) for i in range(5)]
    first, more = queries.page(jeanne, reader=opened(moreau), limit=3)
    assert ([event.id for event in first], more) == (notes[:1:-1], True)
    rest, more = queries.page(jeanne, reader=opened(moreau), limit=3, before=first[-1].at)
    assert ([event.id for event in rest], more) == (notes[1::-1], False)


def test_private_notes_are_their_authors_alone(jeanne, moreau, benali, sophie):
    line = actions.add_private_note(jeanne, by=moreau, text="À revoir seul.")
    assert [row.text for row in queries.private_notes(jeanne, reader=opened(moreau))] == ["À revoir seul."]
    assert queries.private_notes(jeanne, reader=opened(benali)) == []
    for actor in (benali, sophie):
        with pytest.raises(Refused):
            actions.edit_private_note(line, by=actor, text="x")
    patients.object_to_sharing(jeanne, by=benali, member=moreau.member)
    assert queries.private_notes(jeanne, reader=opened(moreau))
    actions.remove_line("private_note", line, by=moreau)
    assert queries.private_notes(jeanne, reader=opened(moreau)) == []
    assert not Document.objects.exists()
