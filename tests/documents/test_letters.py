"""Letters and certificates: signed by carers only, never edited; templates, variables; drafts; letterheads; printers."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.documents import actions, catalogue, queries, rules
from permanence.journal.doors import Actor, Refused
from tests.patients.conftest import opened

pytestmark = pytest.mark.usefixtures("documents_folder")
PDF = b"%PDF-1.7 essai"


def sign(patient: UUID, by: Actor, template: str = "passage", **more: Any) -> UUID:
    given = {"title": "Certificat", "text": "Vu ce jour.", "number": "AAAAA-1", "pdf": PDF, **more}
    return actions.sign_letter(patient, by=by, template=template, **given)


@pytest.mark.parametrize(("who", "template", "allowed"), [
    ("moreau", "passage", True), ("lucie", "grossesse", True), ("amel", "passage", True), ("nadia", "passage", False),
    ("nadia", "reponse", True), ("theo", "reponse", True), ("sophie", "passage", False), ("sophie", "au-patient", False),
    ("ines", "au-patient", False), ("bruno", "au-patient", False)])
def test_a_certificate_engages_a_prescriber_and_a_letter_a_carer(
    who: str, template: str, allowed: bool, jeanne: UUID, cast: Mapping[str, Actor], documents_folder: Any
) -> None:
    if allowed:
        assert sign(jeanne, cast[who], template)
        return
    with pytest.raises(Refused):
        sign(jeanne, cast[who], template)
    assert not any(path.is_file() for path in documents_folder.rglob("*"))


def test_a_signed_letter_is_read_back_with_its_pdf_and_its_correction(jeanne: UUID, moreau: Actor, benali: Actor, sophie: Actor) -> None:
    first = sign(jeanne, moreau)
    second = sign(jeanne, moreau, text="Vu hier.", replaces=first)
    rows = queries.letters([jeanne], reader=opened(benali))
    assert {row.id: row.replaces_id for row in rows} == {second: first, first: None}
    assert queries.letter_bytes(first, reader=opened(benali)) == PDF
    assert queries.letters([jeanne], reader=opened(sophie)) == []
    with pytest.raises(Refused, match="Seul son auteur"):
        sign(jeanne, benali, replaces=first)
    with pytest.raises(Refused, match="introuvable"):
        queries.letter(uuid4(), reader=opened(moreau))


# -- drafts


def test_a_draft_is_its_authors_and_two_windows_keep_both_texts(jeanne: UUID, moreau: Actor, benali: Actor) -> None:
    one = actions.save_draft(jeanne, by=moreau, family="courrier", payload={"text": "a"})
    again = actions.save_draft(jeanne, by=moreau, family="courrier", payload={"text": "b"}, draft=one["draft"], version=1)
    other = actions.save_draft(jeanne, by=moreau, family="courrier", payload={"text": "c"}, draft=one["draft"], version=1)
    assert (again["conflict"], other["conflict"]) == (False, True)
    assert {row.payload["text"] for row in queries.drafts_of(jeanne, "courrier", reader=opened(moreau))} == {"b", "c"}
    assert queries.drafts_of(jeanne, "courrier", reader=opened(benali)) == []
    assert queries.drafts_of(jeanne, "ordonnance", reader=opened(moreau)) == []


def test_signing_takes_the_draft_unless_another_window_wrote_in_it(jeanne: UUID, moreau: Actor) -> None:
    draft = actions.save_draft(jeanne, by=moreau, family="certificat", payload={"text": "a"})
    actions.save_draft(jeanne, by=moreau, family="certificat", payload={"text": "b"}, draft=draft["draft"], version=1)
    with pytest.raises(Refused, match="changé dans une autre fenêtre"):
        sign(jeanne, moreau, draft=draft["draft"], version=1)
    sign(jeanne, moreau, draft=draft["draft"], version=2)
    assert queries.drafts_of(jeanne, "certificat", reader=opened(moreau)) == []


@pytest.mark.parametrize("who", ["nadia", "sophie", "bruno"])
def test_who_does_not_prescribe_keeps_no_draft_of_an_ordonnance(who: str, jeanne: UUID, cast: Mapping[str, Actor]) -> None:
    with pytest.raises(Refused):
        actions.save_draft(jeanne, by=cast[who], family="ordonnance", payload={"text": "a"})


# -- templates and their variables


def test_there_are_at_least_twenty_five_named_templates_and_each_has_a_sheet() -> None:
    from permanence.lib.child_typst import PACKAGE

    found = catalogue.templates()
    assert len(found) >= 25
    for template in found.values():
        assert template.family in catalogue.FAMILIES
        assert template.size in rules.PAPERS
        if template.family != "comptes":
            assert (PACKAGE / template.sheet).is_file(), template.id


def test_a_variable_that_stays_empty_takes_its_line_along() -> None:
    text = "Certifie que {patient} est venu.\nMotif : {motif}\n{rien}\nÀ jeun : {à jeun}"
    filled = rules.fill(text, {"patient": "Jeanne"})
    known = rules.unfilled(filled, {"motif", "rien", "à jeun"})
    assert known == ["motif", "rien", "à jeun"]
    assert rules.without_unfilled(filled, known) == "Certifie que Jeanne est venu.\nMotif :\nÀ jeun :"


def test_a_paragraph_that_stays_empty_leaves_no_hole() -> None:
    assert rules.without_unfilled("a\n\n{histoire}\n\nb\n\n\nc", {"histoire"}) == "a\n\nb\n\n\nc"


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=200))
def test_typed_words_without_a_variable_of_the_template_are_printed_as_typed(text: str) -> None:
    assert rules.without_unfilled(text, frozenset({"variable du modèle"})) == text.replace("{variable du modèle}", "")


@given(st.text(max_size=60), st.text(alphabet="abcé ", min_size=1, max_size=20))
def test_what_a_patient_is_called_is_never_a_variable_again(value: str, name: str) -> None:
    filled = rules.fill("a {" + name + "} b", {name: value})
    assert filled == (f"a {value} b" if value else "a {" + name + "} b")


# -- letterheads and printers


def test_each_writes_their_own_letterhead_and_a_titulaire_the_practices(moreau: Actor, sophie: Actor, lucie: Actor) -> None:
    parts = {"address": "4 rue des Tilleuls", "phone": "", "email": "", "insurance_number": "", "lines": ""}
    actions.set_letterhead(by=moreau, owner=None, **parts)
    actions.set_letterhead(by=lucie, owner=lucie.member, **{**parts, "address": "", "phone": "0169000000"})
    shown = queries.letterhead(lucie.member, reader=opened(lucie)).over(queries.letterhead(None, reader=opened(lucie)))
    assert (shown.address, shown.phone) == ("4 rue des Tilleuls", "0169000000")
    for by, owner in ((lucie, None), (sophie, None), (lucie, moreau.member)):
        with pytest.raises(Refused):
            actions.set_letterhead(by=by, owner=owner, **parts)


def test_a_post_has_a_printer_for_each_size_set_by_who_manages_posts(moreau: Actor, yann: Actor, sophie: Actor) -> None:
    post = uuid4()
    actions.set_printer(post, by=moreau, paper="a5", printer="HP", tray="Tray2")
    actions.set_printer(post, by=yann, paper="a4", printer="HP")
    actions.set_printer(post, by=yann, paper="a4", printer="Canon")
    assert queries.printer_settings(post, reader=opened(sophie)) == {"a5": ("HP", "Tray2"), "a4": ("Canon", "")}
    assert queries.printer_for(uuid4(), "a4", reader=opened(sophie)) is None
    with pytest.raises(Refused):
        actions.set_printer(post, by=sophie, paper="a5", printer="Autre")
    with pytest.raises(Refused):
        actions.set_printer(post, by=moreau, paper="a3", printer="HP")
