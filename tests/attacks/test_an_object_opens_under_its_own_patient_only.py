"""Another file's address, opened for a good reason, serves nothing of this one's: the answer is that of an unknown object."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from uuid import UUID

import pytest

from permanence.journal import queries as journal
from permanence.journal.categories import Category
from permanence.journal.doors import Actor
from permanence.lib.sqlcipher import run
from permanence.patients import actions as patients
from permanence.web.links import reverse
from tests.attacks.conftest import Browser, make_patient
from tests.cast import reader_for

ADDRESSES = {
    "billing:receipt": "paid",
    "billing:sheet": "paid",
    "dossier:note": "note",
    "dossier:move": "note",
    "dossier:document": "document",
    "dossier:document_content": "document",
    "papers:paper": "paper",
    "papers:content": "letter",
}
Browse = Callable[[str], Browser]


@pytest.fixture
def other(marked: SimpleNamespace, cast: Mapping[str, Actor]) -> UUID:
    """A file that Dr Moreau has every reason to open."""
    made = make_patient(cast["moreau"], "Autre")
    patients.set_medecin_traitant(made, by=cast["moreau"], member=cast["moreau"].member)
    return made


def served_objects(browser: Browser) -> int:
    return int(run("access", "SELECT count(*) FROM journal_accessindex WHERE session = ?", browser.session.id.bytes).fetchone()[0])


@pytest.mark.parametrize("name", ADDRESSES)
def test_another_patients_address_serves_nothing(name: str, browse: Browse, marked: SimpleNamespace, other: UUID) -> None:
    browser, object = browse("moreau"), marked.objects["ouvert"][ADDRESSES[name]]
    answer = browser.send(reverse(name, args=(other, object)), headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert not [word for word in marked.words if word in answer.content.decode()]
    assert served_objects(browser) == 0
    assert browser.send(reverse(name, args=(marked.files["ouvert"], object))).status_code == 200


@pytest.mark.parametrize("name", ["dossier:note", "papers:print"])
def test_neither_does_a_form_sent_there(name: str, browse: Browse, marked: SimpleNamespace, other: UUID) -> None:
    browser, object = browse("moreau"), marked.objects["ouvert"]["note" if name == "dossier:note" else "paper"]
    assert browser.send(reverse(name, args=(other, object)), {"text": "complément"}).status_code == 404
    assert served_objects(browser) == 0


@pytest.mark.parametrize("asked", ["depuis", "corrige"])
def test_a_paper_is_not_written_again_from_another_file(asked: str, browse: Browse, marked: SimpleNamespace, other: UUID) -> None:
    browser, paper = browse("moreau"), marked.objects["ouvert"]["paper"]
    answer = browser.send(reverse("papers:ordonnance", args=(other,)) + f"?{asked}={paper}", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert marked.files["ouvert"] not in browser.served()


def test_the_attempt_stands_in_the_journal_and_is_no_reading(
    browse: Browse, marked: SimpleNamespace, other: UUID, cast: Mapping[str, Actor]
) -> None:
    browser, note = browse("moreau"), marked.objects["ouvert"]["note"]
    browser.send(reverse("dossier:note", args=(other, note)), headers={"Accept": "text/html"})
    assert journal.readers_of_object(marked.files["ouvert"], note, reader=reader_for(cast["moreau"])) == []
    assert (marked.files["ouvert"], int(Category.NOTES), "holder") in refusals()


def test_a_file_that_was_merged_into_this_one_opens_under_both(
    browse: Browse, marked: SimpleNamespace, other: UUID, cast: Mapping[str, Actor]
) -> None:
    patients.merge(other, by=cast["moreau"], merged=marked.files["ouvert"], reason="créé deux fois")
    note = marked.objects["ouvert"]["note"]
    for file in (other, marked.files["ouvert"]):
        assert browse("moreau").send(reverse("dossier:note", args=(file, note)), headers={"Accept": "text/html"}).status_code == 200


def refusals() -> set[tuple[UUID, int, str]]:
    from permanence.journal import vault, wire

    opened = vault.current()
    bodies = [wire.open_body(sealed, opened.access, opened.practice) for sealed, in run("access", "SELECT sealed FROM journal_body")]
    return {(UUID(bytes=patient), category, code) for body in bodies for patient, category, code in body.get("refused", ())}
