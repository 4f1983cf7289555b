"""A member with few rights posts to every address with every id: nothing that is not theirs to change has changed."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps

from permanence.accounts import actions as accounts
from permanence.accounts import permissions
from permanence.agenda import actions as agenda
from permanence.consultations import actions as clinical
from permanence.handover import actions as handover
from permanence.journal.doors import Actor, Refused
from permanence.journal.journaled import JournaledModel
from permanence.journal.once import once
from permanence.lib import clock
from permanence.patients import actions as patients
from permanence.tasks import actions as tasks
from permanence.web.routes import Tag, rule_of, walk
from tests.attacks.conftest import Browser, make_patient
from tests.attacks.test_nobody_reads_through_another_door import closed_words, filled, in_order, leaks

FIELDS = {
    "label": "écrit par un autre",
    "substance": "écrit",
    "dci": "écrit",
    "vaccine": "écrit",
    "given": "2020",
    "text": "écrit",
    "motif": "écrit",
    "kind": "medical",
    "source": "ici",
    "birth_name": "Changé",
    "given_names": "Changée",
    "birth_sex": "F",
    "name": "écrit",
    "role": "autre",
    "reason": "écrit",
    "line": "P 72",
    "against": "everyone:",
    "on": "2020",
    "until": "+30",
    "proof": "cni",
    "active": "on",
    "draft": "",
    "version": "1",
    "word": "écrit",
}
GUARDED = {"Flag", "Handover", "Annotation", "Receipt", "DraftLine",
           "Task", "PracticeTask", "Message", "PracticeMessage", "Delivery",
           "Note", "NoteMove", "PrivateNote", "Draft", "Document", "Result", "Import", "Named", "Prescription", "Letter"}
LINES = {"HistoryItem", "Allergy", "Treatment", "Vaccination", "Measure"}


def rows(*names: str) -> dict[tuple[str, UUID], dict[str, Any]]:
    """Every row of these models, by model and id."""
    return {(model.__name__, row["id"]): row for model in apps.get_models() if model.__name__ in names for row in model.objects.values()}


def guarded(marked: SimpleNamespace) -> dict[tuple[str, UUID], dict[str, Any]]:
    """What nobody but its author may touch: notes, papers, drafts, and every line that is reserved or in a closed file."""
    closed = {marked.files["protege"], marked.files["oppose"]}
    lines = {key: row for key, row in rows(*LINES).items() if row["patient_id"] in closed or row["sensitive"] or row["minor_secret"]}
    return {**lines, **rows(*GUARDED)}


def between_others(cast: Mapping[str, Actor], patient: UUID) -> None:
    """Tasks and messages of two members who attack nobody: nobody else replaces them nor shares their profession."""
    lucie, amel = cast["lucie"], cast["amel"]
    assert amel.member
    for about in (patient, None):
        tasks.add_task("Rappeler la sage-femme", by=lucie, patient=about)
        tasks.take_call(by=lucie, caller="Une voisine", patient=about, to=amel.member)
        tasks.send_message("Entre nous", by=lucie, to=[amel.member], patient=about)
    _handed_over(cast, patient)


def _handed_over(cast: Mapping[str, Actor], patient: UUID) -> None:
    """A midwife's replacement that ends: a sentence before it, a return note, another one being written."""
    lucie, now = cast["lucie"], clock.now()
    assert lucie.member
    made = accounts.invite_member(family_name="Roux", given_name="Anne", profession="sage_femme", status="remplacant", of=lucie.member,
                                  until=permissions.today() + timedelta(days=2), by=cast["moreau"])
    deputy = Actor(made.member, session=uuid4())
    period = agenda.be_away(by=lucie, practitioner=lucie.member, start=now - timedelta(days=2), end=now + timedelta(hours=5),
                            replacement=made.member)
    handover.choose(period, patient, by=lucie, text="Entre nous")
    handover.sign(period, by=deputy, texts={patient: "Entre nous"}, word="Entre nous")
    handover.keep_draft(period, by=deputy, left_out=(), texts={patient: "Encore"})


def aimed(marked: SimpleNamespace, cast: Mapping[str, Actor], victim: Browser) -> list[str]:
    ids = {kind: [marked.objects[name][kind] for name in ("ouvert", "protege", "oppose")] for kind in marked.objects["ouvert"]}
    by_name = {
        "note": [*ids["note"], *ids["note-sensitive"]],
        "draft": ids["draft"],
        "document": ids["document"],
        "line": [*ids["history-sensitive"], *ids["history"][1:], *ids["treatment"][1:], *ids["private_note"]],
        "member": [cast["benali"].member],
        "session": [victim.session.id],
        "post": [victim.session.post],
        "opposition": [one for _, one in rows("Opposition")],
        "contact": [uuid4()],
        "report": [uuid4()],
        "alias": [uuid4()],
        "passkey": [uuid4()],
        "machine": [one for _, one in rows("Replica")] or [uuid4()],
        "task": [one for kind, one in rows("Task", "PracticeTask")],
        "replacement": [one for _, one in rows("Absence")],
        "handover": [one for _, one in rows("Handover")],
        "message": [one for kind, one in rows("Message", "PracticeMessage")],
    }
    found = []
    for pattern, item in walk():
        if rule_of(item.callback).tag is not Tag.PUBLIC and not pattern.startswith(("session/", "billet")):
            for patient in marked.files.values():
                found += filled(pattern, item, patient, by_name)
    return in_order(found)


@pytest.mark.parametrize("name", ["benali", "petit", "hugo", "nadia", "theo", "sophie", "ines", "bruno", "yann"])
def test_no_post_changes_what_is_not_its_senders(
    name: str, browse: Callable[[str], Browser], marked: SimpleNamespace, cast: Mapping[str, Actor]
) -> None:
    victim, browser, done = browse("moreau"), browse(name), set[int]()
    closed = {word for word in closed_words(marked, name) if "administratif" not in word}  # the desk may lift an opposition
    between_others(cast, marked.files["ouvert"])
    before, everything = guarded(marked), rows("Patient", "Contact", "Member", "Session", "Opposition")
    other = make_patient(cast["moreau"], "Autre")
    own = patients.register(by=cast["moreau"], birth_name="Mien", despite=True)
    data = {**FIELDS, "to": own, "merged": own, "medecin_traitant": cast[name].member, "despite": other}
    for path in aimed(marked, cast, victim):
        answer = browser.send(path, data)
        assert answer.status_code < 500, path
        done.add(answer.status_code)
        assert not leaks(answer.content.decode("utf-8", "replace"), closed, marked), path
    assert done >= ({303} if name not in ("bruno", "theo") else {403}), "the attack itself must reach the doors"
    after = guarded(marked)
    assert {key: after.get(key) for key in before} == before
    assert rows("Session")["Session", victim.session.id]["state"] == "active" or name == "yann"
    if name == "bruno":
        assert {key: row for key, row in rows("Patient", "Contact", "Member", "Opposition").items() if key in everything} == {
            key: row for key, row in everything.items() if key[0] != "Session"
        }


def test_the_sweep_looks_at_every_kind_that_has_an_author() -> None:
    authored = {
        model.__name__
        for model in apps.get_models()
        if issubclass(model, JournaledModel)
        and "permanence" in model.__module__
        and {"author_id", "patient_id"} <= {field.attname for field in model._meta.concrete_fields}
    }
    assert authored <= GUARDED | LINES | {"AllergyStatement"}


def test_a_form_sent_again_by_somebody_else_is_their_own_act_and_not_the_firsts_result(cast: Mapping[str, Actor], site: None) -> None:
    patient, form = make_patient(cast["moreau"], "Formulaire"), uuid4()
    with once(form):
        note = clinical.sign_note(patient, by=cast["moreau"], fields={"motif": "premier"})
    with once(form):
        assert clinical.sign_note(patient, by=cast["moreau"], fields={"motif": "premier"}) == note
    with once(form):
        assert clinical.sign_note(patient, by=cast["benali"], fields={"motif": "second"}) != note
    with once(form), pytest.raises(Refused):
        clinical.sign_note(patient, by=cast["sophie"], fields={"motif": "troisième"})


def test_a_draft_of_another_is_neither_read_taken_signed_nor_put_away(cast: Mapping[str, Actor], browse: Callable[[str], Browser]) -> None:
    patient = make_patient(cast["moreau"], "Brouillon")
    draft = clinical.save_draft(patient, by=cast["moreau"], payload={"motif": "secret-du-brouillon"})["draft"]
    browser, data = browse("benali"), {"draft": draft, "version": "1", "motif": "à moi", "kind": "consultation"}
    assert "secret" not in browser.send(f"/patients/{patient}/note/?brouillon={draft}").content.decode()
    browser.send(f"/patients/{patient}/note/brouillon/", data)
    browser.send(f"/patients/{patient}/note/signer/", data)
    browser.send(f"/patients/{patient}/note/brouillon/{draft}/supprimer/", {})
    browser.send(f"/patients/{patient}/ligne/draft/{draft}/remettre/", {})
    row = rows("Draft")["Draft", draft]
    assert "secret-du-brouillon" in row["payload"]
    assert row["discarded_at"] is None
    assert row["author_id"] == cast["moreau"].member
