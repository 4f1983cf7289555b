"""A refusal gives the form back as it was typed, says what to correct, and writes nothing."""

from collections.abc import Callable
from uuid import UUID

from permanence.consultations import queries as clinical
from permanence.journal.doors import Actor
from tests.cast import reader_for
from tests.web.conftest import Visit


def test_a_note_that_is_refused_comes_back_whole(visit: Visit, moreau: Actor, jeanne: UUID, url: Callable[..., str]) -> None:
    typed = {
        "kind": "visite",
        "motif": "Motif gardé",
        "text": "Texte gardé.\nDeuxième ligne.",
        "mode": "free",
        "measures": "TA 14 X",
    }
    response = visit(moreau, url("dossier:sign", jeanne), typed)
    text = response.content.decode()
    assert response.status_code == 422
    for kept in ("Motif gardé", "Texte gardé.\nDeuxième ligne.", "TA 14 X"):
        assert kept in text
    assert "148/86" in text  # what to write instead


def test_a_wrong_date_is_kept_as_typed(visit: Visit, moreau: Actor, url: Callable[..., str]) -> None:
    response = visit(moreau, url("patients:new"), {"birth_name": "Durand", "birth_date": "32/13/99", "birth_sex": "F"})
    text = response.content.decode()
    assert response.status_code == 422
    assert 'value="32/13/99"' in text
    assert 'value="Durand"' in text
    assert "aria-invalid" in text


def test_a_file_that_looks_alike_is_shown_before_a_second_one_is_made(
    visit: Visit, moreau: Actor, jeanne: UUID, url: Callable[..., str]
) -> None:
    typed = {"birth_name": "MARTIN", "given_names": "Jeanne", "birth_date": "14071958", "birth_sex": "F"}
    response = visit(moreau, url("patients:new"), typed)
    assert response.status_code == 422
    assert str(jeanne) in response.content.decode()
    assert visit(moreau, url("patients:new"), {**typed, "despite": str(jeanne)}).status_code == 303


def test_a_draft_is_kept_and_found_again(visit: Visit, moreau: Actor, jeanne: UUID, url: Callable[..., str]) -> None:
    saved = visit(
        moreau,
        url("dossier:draft_save", jeanne),
        {"text": "Commencé", "mode": "free", "draft": "", "version": "0"},
        htmx=True,
    )
    assert saved.status_code == 204
    assert saved["X-Draft-Version"] == "1"
    again = visit(
        moreau,
        url("dossier:draft_save", jeanne),
        {"text": "Commencé puis repris", "mode": "free", "draft": saved["X-Draft"], "version": "1"},
    )
    assert again["X-Draft-Version"] == "2"
    assert "Commencé puis repris" in visit(moreau, url("dossier:compose", jeanne)).content.decode()


def test_a_draft_written_in_two_windows_keeps_both(visit: Visit, moreau: Actor, jeanne: UUID, url: Callable[..., str]) -> None:
    first = visit(moreau, url("dossier:draft_save", jeanne), {"text": "Un", "mode": "free", "draft": "", "version": "0"})
    visit(
        moreau,
        url("dossier:draft_save", jeanne),
        {"text": "Deux", "mode": "free", "draft": first["X-Draft"], "version": "1"},
    )
    third = visit(
        moreau,
        url("dossier:draft_save", jeanne),
        {"text": "Trois", "mode": "free", "draft": first["X-Draft"], "version": "1"},
    )
    assert third["X-Draft-Conflict"] == "yes"
    assert {draft.payload["text"] for draft in clinical.drafts_of(jeanne, reader=reader_for(moreau))} == {"Deux", "Trois"}


def test_an_element_removed_is_offered_back(visit: Visit, moreau: Actor, jeanne: UUID, url: Callable[..., str]) -> None:
    line = clinical.synthesis(jeanne, reader=reader_for(moreau)).allergies[0].id
    gone = visit(moreau, url("dossier:remove", jeanne, "allergy", line), {})
    page = visit(moreau, gone["Location"]).content.decode()
    assert url("dossier:restore", jeanne, "allergy", line) in page
    visit(moreau, url("dossier:restore", jeanne, "allergy", line), {})
    assert clinical.synthesis(jeanne, reader=reader_for(moreau)).allergies[0].id == line


def test_a_measure_entered_by_mistake_is_taken_out_and_put_back(visit: Visit, moreau: Actor, jeanne: UUID, url: Callable[..., str]) -> None:
    pulse = next(row for row in clinical.synthesis(jeanne, reader=reader_for(moreau)).measures if row.code == "8867-4")
    assert url("dossier:remove", jeanne, "measure", pulse.id) in visit(moreau, url("dossier:measures", jeanne)).content.decode()
    visit(moreau, url("dossier:remove", jeanne, "measure", pulse.id), {})
    assert pulse.id not in {row.id for row in clinical.synthesis(jeanne, reader=reader_for(moreau)).measures}
    visit(moreau, url("dossier:restore", jeanne, "measure", pulse.id), {})
    assert pulse.id in {row.id for row in clinical.synthesis(jeanne, reader=reader_for(moreau)).measures}


def test_an_unknown_kind_of_line_is_not_found(visit: Visit, moreau: Actor, jeanne: UUID, url: Callable[..., str]) -> None:
    for name in ("dossier:edit", "dossier:remove", "dossier:restore"):
        data = None if name == "dossier:edit" else {}
        assert visit(moreau, url(name, jeanne, "nothing", jeanne), data).status_code == 404
