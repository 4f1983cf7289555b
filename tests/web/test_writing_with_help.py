"""Around the note: snippets and their screens, what « / » offers, calculators filled from the file, drafts made one."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permanence.consultations import actions as clinical
from permanence.consultations import queries
from permanence.journal.doors import Actor
from permanence.lib import clock
from permanence.web import jinja
from permanence.web.dossier.drafts_merge import joined, pieces
from tests.consultations.conftest import opened
from tests.web.conftest import Visit

Url = Callable[..., str]


def test_a_snippet_is_written_amended_and_taken_away(visit: Visit, moreau: Actor, url: Url) -> None:
    assert visit(moreau, url("snippets:new"), {"trigger": "hta", "label": "Suivi HTA", "text": "TA {ta}, {signes}."}).status_code == 303
    [row] = queries.snippets(reader=opened(moreau))
    page = visit(moreau, url("snippets:list")).content.decode()
    assert "/hta" in page
    assert "Suivi HTA" in page
    assert visit(moreau, url("snippets:edit", row.id), {"trigger": "hta", "text": "Autre", "shared": "on"}).status_code == 303
    assert not queries.snippet(row.id, reader=opened(moreau)).mine
    assert visit(moreau, url("snippets:remove", row.id), {}).status_code == 303
    assert queries.snippets(reader=opened(moreau)) == []


def test_what_was_typed_comes_back_with_the_reason(visit: Visit, moreau: Actor, url: Url) -> None:
    answer = visit(moreau, url("snippets:new"), {"trigger": "deux mots", "text": "Texte que je ne veux pas retaper"})
    assert answer.status_code == 422
    assert "Texte que je ne veux pas retaper" in answer.content.decode()


def test_who_writes_no_notes_is_told_so(visit: Visit, cast: Mapping[str, Actor], jeanne: UUID, url: Url) -> None:
    for path in (url("snippets:list"), url("snippets:new"), url("dossier:calculators", jeanne), url("dossier:calculator", jeanne, "imc")):
        assert visit(cast["sophie"], path).status_code == 403
    menu = visit(cast["sophie"], url("home:day")).content.decode()
    assert "raccourcis de texte" not in menu
    assert "raccourcis de texte" in visit(cast["moreau"], url("home:day")).content.decode()


def years() -> int:
    """How old Jeanne is today, born on 14/07/1958."""
    today = jinja.today()
    return today.year - 1958 - ((today.month, today.day) < (7, 14))


def test_the_note_offers_snippets_filled_from_the_file(visit: Visit, moreau: Actor, jeanne: UUID, url: Url) -> None:
    clinical.add_measure(jeanne, by=moreau, loinc="85354-9", values=[("8480-6", 148, 0), ("8462-4", 86, 0)])
    clinical.add_snippet(by=moreau, trigger="suivi", text="{nom}, {âge}, TA {ta}, poids {autre}.")
    page = visit(moreau, url("dossier:compose", jeanne)).content.decode()
    assert f"MARTIN Jeanne, {years()} ans, TA 148/86" in page.replace("\u00a0", " ").replace("mmHg", "")
    assert "{autre}" in page
    for word in ("date", "heure", "ta", "note", "dfg", "score2", "mini-gds", "wells-tvp", "cha2ds2-vasc"):
        assert f'data-word="{word}"' in page


def test_a_calculator_is_filled_from_the_file_and_says_so(visit: Visit, moreau: Actor, jeanne: UUID, url: Url) -> None:
    page = visit(moreau, url("dossier:calculator", jeanne, "cha2ds2-vasc")).content.decode()
    assert f'value="{years()}"' in page
    assert "Hypertension artérielle" in page
    assert "à vérifier" in page
    assert page.count(" checked") == 2, "diabetes and hypertension are active problems"
    assert "Source" in page


def test_the_result_goes_into_ones_draft(visit: Visit, moreau: Actor, jeanne: UUID, url: Url) -> None:
    path, given = url("dossier:calculator", jeanne, "dfg"), {"age": "55", "sex": "M", "creatinine": "12", "unit": "mg"}
    shown = visit(moreau, path, given)
    assert shown.status_code == 200
    assert "71" in shown.content.decode()
    assert queries.draft(jeanne, reader=opened(moreau)) is None, "calculating writes nothing"
    assert visit(moreau, path, {**given, "keep": "yes"}).status_code == 303
    found = queries.draft(jeanne, reader=opened(moreau))
    assert found is not None
    assert "CKD-EPI 2021" in found.payload["text"]


def test_inside_the_note_the_result_is_offered_to_the_caret(visit: Visit, moreau: Actor, jeanne: UUID, url: Url) -> None:
    given = {"age": "50", "weight": "72,5", "height": "168"}
    page = visit(moreau, url("dossier:calculator", jeanne, "imc") + "?dans=note", given, fragment=True).content.decode()
    assert 'data-insert="IMC 25,7' in page
    assert "<html" not in page


def test_a_calculator_refuses_in_words_and_keeps_what_was_typed(visit: Visit, moreau: Actor, jeanne: UUID, url: Url) -> None:
    answer = visit(moreau, url("dossier:calculator", jeanne, "imc"), {"age": "9", "weight": "31,5", "height": "130"})
    assert answer.status_code == 422
    assert "courbes" in answer.content.decode()
    assert "31,5" in answer.content.decode()
    assert visit(moreau, url("dossier:calculator", jeanne, "horoscope")).status_code == 404


def test_the_note_leads_to_the_merge_from_both_of_its_warnings(visit: Visit, moreau: Actor, jeanne: UUID, url: Url) -> None:
    for text in ("un", "deux"):
        clinical.save_draft(jeanne, by=moreau, payload={"text": text})
    page = visit(moreau, url("dossier:compose", jeanne)).content.decode()
    assert page.count(url("dossier:drafts_merge", jeanne)) == 2, "the warning shown now, and the one that a save may show"


def test_two_drafts_are_compared_and_made_one(visit: Visit, moreau: Actor, jeanne: UUID, url: Url) -> None:
    with clock.override(offset=timedelta(seconds=-1)):  # never both in one millisecond
        first = clinical.save_draft(jeanne, by=moreau, payload={"motif": "Toux", "text": "Toux sèche\nGorge rouge"})
    second = clinical.save_draft(jeanne, by=moreau, payload={"motif": "Toux", "text": "Toux sèche\nTympans normaux"})
    path = url("dossier:drafts_merge", jeanne)
    page = visit(moreau, path).content.decode()
    assert "<mark>Gorge rouge</mark>" in page
    assert "<mark>Tympans normaux</mark>" in page
    assert "<mark>Toux sèche</mark>" not in page
    marks = {"mine": f"{second['draft']}.1", "other": f"{first['draft']}.1"}
    assert visit(moreau, path, {**marks, "mine": f"{second['draft']}.9"}).status_code == 422, "what changed meanwhile is shown again"
    done = visit(moreau, path, {**marks, "part-text": "other"})
    assert done.status_code == 303
    assert f"objet=draft.{first['draft']}" in done["Location"], "and can be taken back"
    [row] = queries.drafts_of(jeanne, reader=opened(moreau))
    assert row.payload["text"] == "Toux sèche\nGorge rouge"
    assert visit(moreau, path).status_code == 303, "one draft has nothing to be merged with"


@pytest.mark.parametrize(("chosen", "text"), [("mine", "a"), ("other", "b"), ("both", "a\nb"), ("?", "a\nb")])
def test_both_keeps_every_word(chosen: str, text: str) -> None:
    assert joined("text", {"text": "a"}, {"text": "b"}, chosen) == text


@settings(deadline=None)  # a loaded machine is no failure
@given(st.lists(st.sampled_from("abcd")), st.lists(st.sampled_from("abcd")))
def test_both_loses_no_line_and_says_what_is_shared_once(one: list[str], two: list[str]) -> None:
    found = joined("text", {"text": "\n".join(one)}, {"text": "\n".join(two)}, "both").splitlines()
    for line in "abcd":
        assert max(one.count(line), two.count(line)) <= found.count(line) <= one.count(line) + two.count(line)
    assert one != two or found == one


def test_both_of_a_text_and_its_beginning_is_the_longer_one() -> None:
    assert joined("text", {"text": "Toux"}, {"text": "Toux sèche"}, "both") == "Toux sèche"
    assert joined("measures", {"measures": "TA 14/8"}, {"measures": "P 72"}, "both") == "TA 14/8 P 72"
    assert [piece.only for piece in pieces("a\nb", "a\nc")[0]] == [False, True]


def test_the_filter_brings_the_whole_rest_in_one_request(visit: Visit, moreau: Actor, jeanne: UUID, url: Url) -> None:
    for number in range(65):
        clinical.sign_note(jeanne, by=moreau, fields={"motif": f"Passage {number}"})
    page = visit(moreau, url("dossier:file", jeanne)).content.decode()
    assert 'id="timeline-q"' in page
    assert "data-older" in page
    whole = visit(moreau, url("dossier:older", jeanne) + "?avant=2999-01-01T00:00:00%2B00:00&tout=oui", fragment=True).content.decode()
    assert whole.count('class="event ') >= 66
    assert "data-older" not in whole
