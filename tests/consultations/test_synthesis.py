"""The synthesis: what is active, the state of allergies, removals that an edit made meanwhile beats, the page's queries."""

import datetime

import pytest

from permanence.accounts.permissions import today
from permanence.consultations import actions, queries
from permanence.consultations.models import Allergy
from permanence.consultations.queries import sources
from permanence.documents import actions as documents
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.lib import clock
from permanence.patients import actions as patients
from permanence.patients import queries as patient_queries
from tests.consultations.conftest import opened
from tests.patients.conftest import at_most


def synthesis(patient, actor):
    return queries.synthesis(patient, reader=opened(actor))


def test_allergies_go_through_their_states(jeanne, moreau, sophie):
    start = clock.now()
    day = f"{today():%d/%m/%Y}"
    with clock.override(start):
        assert synthesis(jeanne, moreau).allergy_sentence == "Allergies non renseignées"
        actions.set_allergy_state(jeanne, by=moreau, none_known=True)
        assert synthesis(jeanne, moreau).allergy_sentence == f"Aucune allergie connue (vérifié le {day})"
    with clock.override(start + datetime.timedelta(hours=1)):
        line = actions.add_allergy(
            jeanne, by=moreau, fields={"substance": "Amoxicilline", "reaction": "urticaire", "since": "2019"}
        )
        assert synthesis(jeanne, moreau).allergy_state == "connues"
        with pytest.raises(Refused, match="Une allergie est notée"):
            actions.set_allergy_state(jeanne, by=moreau, none_known=True)
        actions.remove_line("allergy", line, by=moreau)
        assert synthesis(jeanne, moreau).allergy_state == "non_renseignees", "the earlier « none » is not believed any more"
    with clock.override(start + datetime.timedelta(hours=2)):
        actions.set_allergy_state(jeanne, by=moreau, none_known=True)
        assert synthesis(jeanne, moreau).allergy_state == "aucune"
    assert synthesis(jeanne, sophie).allergy_state == "indisponibles"
    assert Category.ALLERGIES in synthesis(jeanne, sophie).refused


def test_history_is_active_or_past_and_its_dates_are_kept_as_typed(jeanne, moreau):
    line = actions.add_history(
        jeanne, by=moreau, fields={"label": "Diabète de type 2", "cim10": "e119", "start": "vers 2014"}
    )
    actions.add_history(
        jeanne, by=moreau, fields={"label": "Appendicectomie", "kind": "chirurgical", "start": "3/1985", "active": False}
    )
    found = synthesis(jeanne, moreau)
    assert [(row.label, row.cim10, row.start) for row in found.history] == [("Diabète de type 2", "E11.9", "vers 2014")]
    assert [(row.label, row.start, row.kind_label) for row in found.past_history] == [
        ("Appendicectomie", "03/1985", "Chirurgical")
    ]
    actions.edit_history(line, by=moreau, fields={"active": False, "end": "2020"})
    assert len(synthesis(jeanne, moreau).past_history) == 2
    actions.add_history(jeanne, by=moreau, fields={"label": "Cancer du sein", "kind": "familial", "relation": "mère"})
    found = synthesis(jeanne, moreau)
    assert [row.label for row in found.family_history] == ["Cancer du sein"]  # nobody takes it for the patient's own
    assert "Cancer du sein" not in {row.label for row in (*found.history, *found.past_history)}
    for fields, says in (
        ({"label": ""}, "Indiquez"),
        ({"cim10": "zz"}, "CIM-10"),
        ({"kind": "x"}, "type"),
        ({"start": "jadis"}, "Date"),
    ):
        with pytest.raises(Refused, match=says):
            actions.edit_history(line, by=moreau, fields=fields)
    with pytest.raises(TypeError):
        actions.edit_history(line, by=moreau, fields={"patient_id": jeanne})


def test_treatments_have_exact_doses_and_end_with_a_reason(jeanne, moreau):
    dose = {"value": 250, "scale": 2, "unit": "mg"}
    line = actions.add_treatment(
        jeanne,
        by=moreau,
        fields={
            "label": "RAMIPRIL",
            "dci": "ramipril",
            "dose": dose,
            "posology": "le matin",
            "source": "prescrit_ailleurs",
            "start": "2019",
        },
    )
    (row,) = synthesis(jeanne, moreau).treatments
    assert (row.dose_text, row.source_label) == ("2,5\u00a0mg", "Prescrit ailleurs")
    with clock.override(offset=datetime.timedelta(days=1)):
        actions.stop_treatment(line, by=moreau, reason="toux", on="hier")
    found = synthesis(jeanne, moreau)
    with clock.override(offset=datetime.timedelta(days=2)):
        found = synthesis(jeanne, moreau)
    assert (found.treatments, found.past_treatments[0].stop_reason) == ((), "toux")
    for dose in ({"value": 0, "scale": 0, "unit": "mg"}, {"value": 2.5, "scale": 0, "unit": "mg"}, {"value": 1}):
        with pytest.raises(Refused, match="dose"):
            actions.edit_treatment(line, by=moreau, fields={"dose": dose})


def test_vaccinations_are_on_the_timeline_at_their_own_date(jeanne, moreau, nadia):
    actions.add_vaccination(
        jeanne, by=nadia, fields={"vaccine": "REVAXIS", "given": "14/03/2019", "lot": "A12", "expiry": "12/2020", "rank": 2}
    )
    actions.add_vaccination(jeanne, by=moreau, fields={"vaccine": "BCG", "given": "1960"})
    events = queries.timeline(jeanne, reader=opened(moreau))
    assert [(event.kind, event.title, event.at.year) for event in events] == [
        ("vaccination", "REVAXIS", 2019),
        ("vaccination", "BCG", 1960),
    ]
    assert synthesis(jeanne, moreau).vaccinations[0].given_on == datetime.date(2019, 3, 14)
    with pytest.raises(Refused, match="avenir"):
        actions.add_vaccination(jeanne, by=moreau, fields={"vaccine": "X", "given": "01/01/2999"})


def test_the_last_measure_of_each_kind_and_the_one_before_are_shown(jeanne, moreau):
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    for day, weight in enumerate((80, 81, 82)):
        actions.add_measure(
            jeanne,
            by=moreau,
            loinc="29463-7",
            values=[["29463-7", weight, 0]],
            taken_at=start + datetime.timedelta(days=day),
        )
    found = synthesis(jeanne, moreau)
    assert [row.shown for row in found.measures] == ["82\u00a0kg"]
    assert found.previous["29463-7"].shown == "81\u00a0kg"
    actions.edit_measure(found.measures[0].id, by=moreau, values=[["29463-7", 825, 1]])
    assert synthesis(jeanne, moreau).measures[0].shown == "82,5\u00a0kg"
    with pytest.raises(Refused, match="hors du possible"):
        actions.edit_measure(found.measures[0].id, by=moreau, values=[["29463-7", 900, 0]])


def test_an_edit_made_meanwhile_beats_a_removal_and_the_line_says_so(jeanne, moreau):
    line = actions.add_allergy(jeanne, by=moreau, fields={"substance": "Pénicilline"})
    seen = Allergy.objects.get(id=line).revision
    actions.edit_allergy(line, by=moreau, fields={"severity": "vitale"})
    remove_as_seen(line, seen, by=moreau)
    (row,) = synthesis(jeanne, moreau).allergies
    assert row.contested
    actions.restore_line("allergy", line, by=moreau)
    assert not synthesis(jeanne, moreau).allergies[0].contested
    actions.remove_line("allergy", line, by=moreau)
    assert synthesis(jeanne, moreau).allergies == ()


def remove_as_seen(line, revision, *, by):
    """The removal that arrives from a replica which had not seen the edit."""
    from tests.testapp import actions as testapp

    def remove():
        row = Allergy.objects.get(id=line)
        row.removed_revision = revision
        row.save()

    testapp.call(remove, by=by)


def test_an_import_made_twice_adds_nothing(jeanne, moreau):
    machine = Actor.machine("import")
    first = [actions.add_history(jeanne, by=machine, fields={"label": "HTA", "external_key": "vsm:1"}) for _ in range(2)]
    assert first[0] == first[1]
    assert len(synthesis(jeanne, moreau).history) == 1


def test_a_secretary_writes_no_line_of_the_synthesis(jeanne, sophie):
    for add, fields in (
        (actions.add_history, {"label": "x"}),
        (actions.add_allergy, {"substance": "x"}),
        (actions.add_treatment, {"label": "x"}),
        (actions.add_vaccination, {"vaccine": "x"}),
    ):
        with pytest.raises(Refused):
            add(jeanne, by=sophie, fields=fields)
    with pytest.raises(Refused):
        actions.set_allergy_state(jeanne, by=sophie, none_known=True)


def test_reserved_lines_are_counted_but_not_read(jeanne, moreau, benali):
    actions.add_history(jeanne, by=moreau, fields={"label": "IVG", "sensitive": True})
    actions.add_history(jeanne, by=moreau, fields={"label": "HTA"})
    found = synthesis(jeanne, benali)
    assert ([row.label for row in found.history], found.hidden) == (["HTA"], 1)
    assert (len(synthesis(jeanne, moreau).history), synthesis(jeanne, moreau).hidden) == (2, 0)


def test_a_protected_file_shows_no_line_to_others(jeanne, moreau, benali):
    actions.add_history(jeanne, by=moreau, fields={"label": "HTA"})
    patients.set_protection(jeanne, by=moreau, kind="staff")
    found = synthesis(jeanne, benali)
    assert (found.history, found.allergy_state, found.hidden) == ((), "indisponibles", 0)


def test_everything_served_is_in_the_access_entry(jeanne, moreau):
    note = actions.sign_note(jeanne, by=moreau, fields={"motif": "x"}, measures_line="P 80")
    actions.add_history(jeanne, by=moreau, fields={"label": "HTA"})
    reader = opened(moreau)
    chart = queries.chart(jeanne, reader=reader)
    (served,) = reader.close().patients
    shown = {event.id for event in chart.timeline} | {
        row.id for row in (*chart.synthesis.history, *chart.synthesis.measures)
    }
    assert note in shown
    assert set(served.objects) == shown


def test_the_whole_patient_page_takes_seven_queries(jeanne, moreau, documents_folder):
    for i in range(5):
        actions.sign_note(jeanne, by=moreau, fields={"motif": f"n° {i}"}, measures_line="TA 130/80 P 80")
        actions.add_history(jeanne, by=moreau, fields={"label": f"A{i}"})
        actions.add_treatment(jeanne, by=moreau, fields={"label": f"T{i}"})
    actions.add_allergy(jeanne, by=moreau, fields={"substance": "x"})
    actions.add_vaccination(jeanne, by=moreau, fields={"vaccine": "x", "given": "2020"})
    actions.save_draft(jeanne, by=moreau, payload={"motif": "x"})
    documents.keep_original(jeanne, b"courrier", by=moreau, title="Courrier", mime="text/plain")
    reader = opened(moreau)
    with at_most(7):
        patient_queries.banner(jeanne, reader=reader)
        chart = queries.chart(jeanne, reader=reader)
    assert {event.kind for event in chart.timeline} == {"note", "vaccination", "document"}
    assert len(chart.drafts) == 1
    assert not chart.more


def test_a_row_number_given_to_another_line_meanwhile_brings_nothing(jeanne, paul, moreau, monkeypatch):
    kept = actions.add_allergy(jeanne, by=moreau, fields={"substance": "Amoxicilline"})
    actions.add_allergy(paul, by=moreau, fields={"substance": "Latex"})
    monkeypatch.setattr(sources, "_rowids", lambda heads, admitted: '{"allergy": [1, 2, 3]}')
    assert [row.id for row in synthesis(jeanne, moreau).allergies] == [kept]


def test_lines_that_nothing_tells_apart_keep_the_order_of_their_ids(jeanne, moreau):
    made = [actions.add_history(jeanne, by=moreau, fields={"label": "Entorse", "start": "2014"}) for _ in range(5)]
    assert [row.id for row in synthesis(jeanne, moreau).history] == sorted(made)
