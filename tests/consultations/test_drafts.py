"""Drafts: kept while typing, per author, both kept when two windows disagree, gone once signed."""

import datetime

import pytest

from permanence.consultations import actions, queries
from permanence.journal import actions as journal
from permanence.journal.doors import Refused
from permanence.lib import clock
from permanence.lib.sqlcipher import run
from tests.consultations.conftest import opened


def save(patient, by, text, draft=None, version=0):
    return actions.save_draft(patient, by=by, payload={"motif": text}, draft=draft, version=version)


def test_a_draft_follows_the_typing_and_enters_no_history(jeanne, moreau):
    before = run("default", "SELECT count(*) FROM journal_entry").fetchone()[0]
    first = save(jeanne, moreau, "tou")
    second = save(jeanne, moreau, "toux", first["draft"], first["version"])
    assert second == {"draft": first["draft"], "version": 2, "conflict": False}
    draft = queries.draft(jeanne, reader=opened(moreau))
    assert (draft.payload, draft.version) == ({"motif": "toux"}, 2)
    assert run("default", "SELECT count(*) FROM journal_entry").fetchone()[0] == before


def test_two_windows_that_disagree_are_both_kept(jeanne, moreau):
    draft = save(jeanne, moreau, "un")["draft"]
    save(jeanne, moreau, "un deux", draft, 1)
    late = save(jeanne, moreau, "un trois", draft, 1)
    assert late["conflict"]
    assert late["draft"] != draft
    assert {row.payload["motif"] for row in queries.drafts_of(jeanne, reader=opened(moreau))} == {"un deux", "un trois"}
    assert not save(jeanne, moreau, "un deux", draft, 1)["conflict"], "the same text again is no disagreement"


def test_a_window_whose_last_answer_was_lost_goes_on_in_its_own_draft_and_over_nobody_elses_line(jeanne, moreau):
    def typed(text, version, window="une"):
        return actions.save_draft(jeanne, by=moreau, payload={"text": text, "window": window}, draft=draft, version=version)

    draft = actions.save_draft(jeanne, by=moreau, payload={"text": "un", "window": "une"})["draft"]
    typed("un deux", 1)  # the answer, version 2, never came
    assert typed("un deux trois", 1) == {"draft": draft, "version": 3, "conflict": False}
    assert typed("autre", 1, window="autre")["conflict"]
    actions.append_to_draft(jeanne, by=moreau, line="IMC 24")  # from another screen, into the newest
    kept = {row.id: row.payload["text"] for row in queries.drafts_of(jeanne, reader=opened(moreau))}
    newest = next(id for id, text in kept.items() if "IMC 24" in text)
    late = actions.save_draft(jeanne, by=moreau, payload={"text": "autre chose", "window": "autre"}, draft=newest, version=1)
    assert late["conflict"]
    assert any("IMC 24" in row.payload["text"] for row in queries.drafts_of(jeanne, reader=opened(moreau)))


def test_a_draft_is_its_authors_alone(jeanne, moreau, benali):
    draft = save(jeanne, moreau, "toux")["draft"]
    assert queries.drafts_of(jeanne, reader=opened(benali)) == []
    assert save(jeanne, benali, "autre", draft, 1)["draft"] != draft
    actions.discard_draft(draft, by=benali)
    assert queries.draft(jeanne, reader=opened(moreau)).payload == {"motif": "toux"}
    [head] = queries.drafts(reader=opened(moreau))
    assert (head.patient, head.draft) == (jeanne, draft)


def test_signing_takes_the_draft_unless_it_changed_meanwhile(jeanne, moreau):
    draft = save(jeanne, moreau, "toux")["draft"]
    save(jeanne, moreau, "toux grasse", draft, 1)
    with pytest.raises(Refused) as refused:
        actions.sign_note(jeanne, by=moreau, fields={"motif": "toux"}, draft=draft, version=1)
    assert refused.value.code == "draft"
    actions.sign_note(jeanne, by=moreau, fields={"motif": "toux grasse"}, draft=draft, version=2)
    assert queries.drafts(reader=opened(moreau)) == []


def test_a_refused_signature_leaves_the_draft(jeanne, moreau):
    draft = save(jeanne, moreau, "")["draft"]
    with pytest.raises(Refused):
        actions.sign_note(jeanne, by=moreau, fields={"motif": ""}, draft=draft, version=1)
    assert queries.draft(jeanne, reader=opened(moreau)).id == draft


def test_a_discarded_draft_comes_back_for_seven_days(jeanne, moreau):
    draft = save(jeanne, moreau, "toux")["draft"]
    actions.discard_draft(draft, by=moreau)
    assert queries.draft(jeanne, reader=opened(moreau)) is None
    actions.restore_draft(draft, by=moreau)
    assert queries.draft(jeanne, reader=opened(moreau)).id == draft
    actions.discard_draft(draft, by=moreau)
    with clock.override(offset=datetime.timedelta(days=8)):
        actions.discard_draft(save(jeanne, moreau, "autre")["draft"], by=moreau)
    with pytest.raises(Refused, match="n’existe plus"):
        actions.restore_draft(draft, by=moreau)


def test_drafts_go_with_an_erased_patient(jeanne, moreau):
    save(jeanne, moreau, "toux")
    journal.erase(jeanne, by=moreau)
    assert not run("default", "SELECT count(*) FROM consultations_draft").fetchone()[0]


def test_a_draft_too_long_is_refused_in_plain_words(jeanne, moreau):
    with pytest.raises(Refused, match="trop longue"):
        save(jeanne, moreau, "x" * 300_000)


def test_two_drafts_become_the_one_that_their_author_chose(jeanne, moreau):
    draft = save(jeanne, moreau, "un")["draft"]
    save(jeanne, moreau, "un deux", draft, 1)
    late = save(jeanne, moreau, "un trois", draft, 1)["draft"]
    actions.merge_drafts(draft, by=moreau, gone=late, payload={"motif": "un deux trois"}, versions=(2, 1))
    [row] = queries.drafts_of(jeanne, reader=opened(moreau))
    assert (row.id, row.version, row.payload) == (draft, 3, {"motif": "un deux trois"})
    actions.restore_draft(late, by=moreau)
    assert len(queries.drafts_of(jeanne, reader=opened(moreau))) == 2, "what was put away comes back for seven days"


def test_drafts_that_changed_meanwhile_or_are_anothers_are_not_merged(jeanne, moreau, benali, paul):
    one, two = save(jeanne, moreau, "un")["draft"], save(jeanne, moreau, "deux")["draft"]
    other, stranger = save(jeanne, benali, "trois")["draft"], save(paul, moreau, "quatre")["draft"]
    for gone, versions, code in ((two, (1, 2), "draft"), (two, (0, 1), "draft"), (other, (1, 1), "unknown"), (one, (1, 1), "unknown"),
                                 (stranger, (1, 1), "invalid")):
        with pytest.raises(Refused) as refused:
            actions.merge_drafts(one, by=moreau, gone=gone, payload={}, versions=versions)
        assert refused.value.code == code
    with pytest.raises(Refused):
        actions.merge_drafts(one, by=benali, gone=other, payload={}, versions=(1, 1))
    assert len(queries.drafts_of(jeanne, reader=opened(moreau))) == 2


def test_a_line_joins_the_newest_draft_or_begins_one(jeanne, moreau, cast):
    draft = actions.append_to_draft(jeanne, by=moreau, line="IMC 26,4.")
    assert actions.append_to_draft(jeanne, by=moreau, line="DFG 71.") == draft
    row = queries.draft(jeanne, reader=opened(moreau))
    assert (row.payload["text"], row.version) == ("IMC 26,4.\nDFG 71.", 2)
    save(jeanne, moreau, "x", draft, 1)
    assert len(queries.drafts_of(jeanne, reader=opened(moreau))) == 2, "an open window that did not see the line keeps its own text"
    with pytest.raises(Refused):
        actions.append_to_draft(jeanne, by=cast["sophie"], line="x")
