"""Signed prescriptions: by whom, never edited, read by who may, forms counted, numbers that two replicas cannot share."""

import dataclasses
import datetime
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.accounts.permissions import today
from permanence.documents import actions as documents
from permanence.documents import blobs
from permanence.journal import actions as journal
from permanence.journal import registry, vault
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Actor, Reader, Refused
from permanence.journal.gates import Open
from permanence.lib.ids import prefix_of
from permanence.patients import actions as patients
from permanence.patients.permissions import ProtectionGate
from permanence.prescriptions import actions, queries, rules
from tests.patients.conftest import opened

pytestmark = pytest.mark.usefixtures("documents_folder")
D = datetime.date
PDF = b"%PDF-1.7 essai"


def sign(patient: UUID, by: Actor, template: str = "ordonnance", **more: Any) -> UUID:
    given = {"title": "Ordonnance", "text": "paracétamol 1 g", "number": "AAAAA-1", "pdf": PDF, **more}
    return actions.sign_prescription(patient, by=by, template=template, **given)


def stoppage(serial: str = "", start: D | None = None, days: int = 3) -> dict[str, Any]:
    start = start or today() - datetime.timedelta(days=2)
    return {"stoppage_from": start, "stoppage_until": start + datetime.timedelta(days=days - 1), "stoppage_kind": "initial",
            "form_serial": serial}


def printing(actor: Actor) -> Reader:
    from permanence.accounts.permissions import RightsGate, standing_of

    assert actor.member is not None
    return Reader(actor, [RightsGate(standing_of(actor.member), printing=True), ProtectionGate(), Open()])


# -- who signs


@pytest.mark.parametrize("who", ["nadia", "theo", "sophie", "ines", "bruno", "yann"])
def test_who_does_not_prescribe_signs_nothing_and_leaves_nothing_on_disk(
    who: str, jeanne: UUID, cast: Mapping[str, Actor], documents_folder: Any
) -> None:
    with pytest.raises(Refused):
        sign(jeanne, cast[who])
    assert not [path for path in documents_folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(("who", "template", "allowed"), [
    ("moreau", "transport", True), ("petit", "ordonnance", True), ("hugo", "ordonnance", True), ("lucie", "ordonnance", True),
    ("lucie", "orthophonie", False), ("lucie", "bizone", False), ("amel", "biologie", True), ("amel", "kinesitherapie", False),
    ("amel", "transport", True), ("amel", "arret", False)])
def test_each_prescriber_keeps_to_what_they_may_prescribe(
    who: str, template: str, allowed: bool, jeanne: UUID, cast: Mapping[str, Actor]
) -> None:
    if allowed:
        assert sign(jeanne, cast[who], template)
    else:
        with pytest.raises(Refused, match="Laissez une tâche au médecin") as refused:
            sign(jeanne, cast[who], template)
        assert refused.value.code == "scope"


def test_a_paper_without_words_is_not_signed(jeanne: UUID, moreau: Actor) -> None:
    with pytest.raises(Refused, match="vide"):
        sign(jeanne, moreau, text=" \n ")


# -- who reads


def test_a_signed_prescription_is_read_back_with_its_pdf(jeanne: UUID, moreau: Actor, benali: Actor) -> None:
    id = sign(jeanne, moreau)
    row = queries.prescription(id, reader=opened(benali))
    assert (row.text, row.kind_label, row.author_id) == ("paracétamol 1 g", "Ordonnance", moreau.member)
    reader = opened(benali)
    reader.leave(Level.PRINTED)
    assert queries.prescription_bytes(id, reader=reader) == PDF
    [served] = reader.close().patients
    assert dict(served.levels)[int(Level.PRINTED)] == 1 << Category.PRESCRIPTIONS
    assert served.objects == (id,)


def test_a_nurse_reads_the_orders_addressed_to_her_and_no_other(jeanne: UUID, moreau: Actor, nadia: Actor, theo: Actor) -> None:
    hers = sign(jeanne, moreau, "soins-infirmiers", addressee=nadia.member)
    other = sign(jeanne, moreau)
    assert [row.id for row in queries.prescriptions([jeanne], reader=opened(nadia))] == [hers]
    assert queries.prescriptions([jeanne], reader=opened(theo)) == []
    with pytest.raises(Refused, match="introuvable"):
        queries.prescription(other, reader=opened(nadia))


def test_the_desk_prints_what_was_signed_today_and_reads_nothing(jeanne: UUID, moreau: Actor, sophie: Actor, bruno: Actor) -> None:
    id, secret = sign(jeanne, moreau), sign(jeanne, moreau, sensitive=True)
    since = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    assert [row[0] for row in queries.to_hand_over(since, reader=printing(sophie))] == [id]
    assert queries.to_hand_over(since, reader=printing(bruno)) == []
    assert queries.prescription_bytes(id, reader=printing(sophie)) == PDF
    for reader in (opened(sophie), printing(bruno)):
        with pytest.raises(Refused, match="introuvable"):
            queries.prescription_bytes(id, reader=reader)
    with pytest.raises(Refused, match="introuvable"):
        queries.prescription_bytes(secret, reader=printing(sophie))
    assert queries.prescriptions([jeanne], reader=opened(sophie)) == []


def test_printing_opens_no_whole_category(jeanne: UUID, sophie: Actor) -> None:
    admission = printing(sophie).admit([jeanne], [Category.PRESCRIPTIONS, Category.DOCUMENTS, Category.NOTES])
    assert not admission.admitted


def test_the_desk_hands_over_nothing_of_a_protected_file(jeanne: UUID, moreau: Actor, sophie: Actor) -> None:
    id = sign(jeanne, moreau)
    patients.set_protection(jeanne, by=moreau, kind="staff")
    assert queries.to_hand_over(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC), reader=printing(sophie)) == []
    with pytest.raises(Refused):
        queries.prescription_bytes(id, reader=printing(sophie))


# -- never edited


def test_a_correction_is_a_new_paper_that_names_the_former(jeanne: UUID, moreau: Actor, benali: Actor) -> None:
    first = sign(jeanne, moreau)
    second = sign(jeanne, moreau, text="paracétamol 500 mg", replaces=first)
    rows = {row.id: row for row in queries.prescriptions([jeanne], reader=opened(moreau))}
    assert rows[second].replaces_id == first
    assert rows[first].text == "paracétamol 1 g"
    with pytest.raises(Refused, match="Seul son auteur"):
        sign(jeanne, benali, replaces=first)
    with pytest.raises(Refused, match="introuvable"):
        sign(jeanne, moreau, replaces=uuid4())


def test_a_paper_of_another_file_is_not_corrected_here(jeanne: UUID, moreau: Actor, register: Callable[..., UUID]) -> None:
    first = sign(register("Autre"), moreau)
    with pytest.raises(Refused, match="introuvable"):
        sign(jeanne, moreau, replaces=first)


def test_an_erased_patient_takes_the_pdfs_along(jeanne: UUID, moreau: Actor, documents_folder: Any) -> None:
    sign(jeanne, moreau)
    assert len(registry.cited_blobs()) == 1
    journal.erase(jeanne, by=moreau)
    assert not any(path.is_file() for path in documents_folder.rglob("*"))


def test_copies_know_the_pdf_of_each_signed_prescription(jeanne: UUID, moreau: Actor) -> None:
    sign(jeanne, moreau)
    [(hash, key)] = registry.cited_blobs().items()
    assert blobs.load(hash, key) == PDF


# -- arrêts and their forms


def test_a_form_serves_once_and_the_stock_counts_it(jeanne: UUID, moreau: Actor, benali: Actor) -> None:
    actions.receive_forms(by=moreau, count=10, first="AB 001", last="AB 010")
    first = sign(jeanne, moreau, "arret", stoppage=stoppage("ab-001"))
    stock = queries.stock(reader=opened(moreau))
    assert (stock.left, stock.received, stock.used) == (9, 10, 1)
    with pytest.raises(Refused, match="déjà servi"):
        sign(jeanne, benali, "arret", stoppage=stoppage("AB 001"))
    sign(jeanne, moreau, "arret", stoppage=stoppage("AB001", days=5), replaces=first)
    actions.spoil_form(by=moreau, serial="AB 002", note="déchiré")
    assert queries.stock(reader=opened(moreau)).left == 8
    assert queries.stock(reader=opened(benali)).left == 0
    with pytest.raises(Refused):
        actions.receive_forms(by=moreau, count=10, first="AB 001", last="AB 009")


def test_a_spoilt_form_signs_nothing_and_is_counted_out_once(jeanne: UUID, moreau: Actor) -> None:
    actions.receive_forms(by=moreau, count=10, first="AB 001", last="AB 010")
    actions.spoil_form(by=moreau, serial="AB 002", note="volé")
    with pytest.raises(Refused, match="volé"):
        sign(jeanne, moreau, "arret", stoppage=stoppage("ab002"))
    with pytest.raises(Refused, match="déjà noté"):
        actions.spoil_form(by=moreau, serial="AB002")
    sign(jeanne, moreau, "arret", stoppage=stoppage("AB 003"))
    with pytest.raises(Refused, match="déjà décompté"):
        actions.spoil_form(by=moreau, serial="AB 003")
    assert queries.stock(reader=opened(moreau)).left == 8


def test_an_order_is_addressed_to_a_carer_of_the_practice_only(jeanne: UUID, moreau: Actor, sophie: Actor, nadia: Actor) -> None:
    sign(jeanne, moreau, addressee=nadia.member)
    for nobody in (sophie.member, uuid4()):
        with pytest.raises(Refused):
            sign(jeanne, moreau, addressee=nobody)


def test_an_arret_without_a_paper_form_takes_nothing_from_the_stock(jeanne: UUID, moreau: Actor) -> None:
    actions.receive_forms(by=moreau, count=2)
    for _ in range(2):
        sign(jeanne, moreau, "arret", stoppage=stoppage())
    assert queries.stock(reader=opened(moreau)).left == 2


def test_the_secretary_does_not_count_forms(sophie: Actor) -> None:
    with pytest.raises(Refused):
        actions.receive_forms(by=sophie, count=10)
    with pytest.raises(Refused):
        queries.stock(reader=opened(sophie))


@given(st.dates(D(2025, 1, 1), D(2027, 1, 1)), st.integers(-30, 1200))
def test_the_length_of_an_arret_counts_both_ends_or_is_refused(start: D, days: int) -> None:
    end = start + datetime.timedelta(days=days - 1)
    if days < 1 or days > rules.MOST_DAYS:
        with pytest.raises(ValueError, match=r"dernier jour|trois ans"):
            rules.check_stoppage(start, end, start)
    else:
        assert rules.check_stoppage(start, end, start) == days


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_what_is_left_is_never_negative_nor_more_than_received(received: int, used: int, spoilt: int) -> None:
    assert 0 <= rules.remaining(received, used, spoilt) <= received


# -- numbers


def test_numbers_follow_one_another_and_bear_the_replicas_prefix(moreau: Actor, practice: vault.Vault) -> None:
    one, two = (documents.take_number("ordonnance", by=moreau) for _ in range(2))
    assert [one, two] == [f"{prefix_of(practice.replica)}-{n}" for n in (1, 2)]


def test_two_replicas_never_give_the_same_number(moreau: Actor, practice: vault.Vault) -> None:
    here = {documents.take_number("ordonnance", by=moreau) for _ in range(3)}
    other = vault.fresh(practice.practice, practice.root).replica
    vault.use(dataclasses.replace(vault.current(), replica=other))
    there = {documents.take_number("ordonnance", by=moreau) for _ in range(3)}
    vault.use(dataclasses.replace(vault.current(), replica=practice.replica))
    assert not here & there


@given(st.binary(min_size=8, max_size=32))
def test_a_prefix_is_five_characters_that_nobody_confuses(data: bytes) -> None:
    assert len(prefix_of(data)) == 5
    assert not set(prefix_of(data)) & set("ILOU")
