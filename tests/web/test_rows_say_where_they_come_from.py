"""Beside another software each row of a file says whether it was written here or brought, from where and when; alone, no row does."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from permanence.accounts import permissions
from permanence.consultations import actions as clinical
from permanence.documents import actions as documents
from permanence.interop import actions
from permanence.journal.doors import Actor
from permanence.patients.models import Patient
from permanence.prescriptions import actions as prescriptions
from permanence.sync.queries import counting
from tests.interop import building, export
from tests.interop.conftest import folder  # noqa: F401
from tests.interop.test_a_practice_moves_in import move

MOST = 12


@pytest.fixture
def moved(folder: Path, cast: Mapping[str, Actor], tmp_path_factory: pytest.TempPathFactory) -> UUID:  # noqa: F811
    """A person whose file came by an archive, and in whom something was written since."""
    moreau, outside = cast["moreau"], tmp_path_factory.mktemp("export")
    patient = outside / "IHE_XDM" / "PAT00001"
    patient.mkdir(parents=True)
    (patient / "DOC0001.XML").write_bytes(building.summary())
    (patient / "DOC0002.PDF").write_bytes(export.pdf("Compte rendu sans nom"))
    actions.watch_beside(by=moreau, source="Ancien", folder="", minutes=60)
    move(outside, moreau, source="Ancien")
    who = Patient.objects.get().id
    clinical.sign_note(who, by=moreau, fields={"motif": "Toux", "text": "Toux"})
    clinical.add_history(who, by=moreau, fields={"label": "Asthme"})
    clinical.add_treatment(who, by=moreau, fields={"label": "Ventoline"})
    clinical.add_allergy(who, by=moreau, fields={"substance": "Amoxicilline"})
    clinical.add_vaccination(who, by=moreau, fields={"vaccine": "Boostrix", "given": "20/11/2026"})
    clinical.add_measure(who, by=moreau, loinc="29463-7", values=[["29463-7", 725, 1]])
    documents.keep_original(who, b"%PDF-1.4 scan", by=moreau, title="Scanner", mime="application/pdf", origin="scan")
    prescriptions.sign_prescription(who, by=moreau, template="ordonnance", title="Ordonnance", text="x", number="AAAAA-1", pdf=b"%PDF-1.7")
    return who


def test_the_file_marks_its_rows_beside_another_software_and_never_alone(visit: Any, cast: Mapping[str, Actor], moved: UUID) -> None:
    here = f"/patients/{moved}/"
    page = visit(cast["moreau"], here).content.decode()
    # synthesis: problem, treatment, allergy, vaccine, measure; timeline: note, prescription, document, vaccine
    assert page.count("Écrit ici") == 9
    assert "Repris de Ancien le" in page
    assert page.count("Repris de Ancien le") > 3
    actions.become_main(by=cast["moreau"])
    page = visit(cast["moreau"], here).content.decode()
    assert "Écrit ici" not in page
    assert "repris de" not in page.lower()


def test_what_was_brought_has_no_pencil_and_its_form_says_why(visit: Any, cast: Mapping[str, Actor], moved: UUID) -> None:
    here = f"/patients/{moved}/"
    beside = visit(cast["moreau"], here).content.decode().count("line-edit")
    assert beside == 4  # the lines typed here
    actions.become_main(by=cast["moreau"])
    assert visit(cast["moreau"], here).content.decode().count("line-edit") > beside


def test_the_marks_cost_one_query_and_the_file_keeps_to_twelve(
    visit: Any, cast: Mapping[str, Actor], moved: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "FRESH_S", 3_600.0)
    monkeypatch.setattr(counting, "FRESH_S", 3_600.0)  # nor is what waits asked again between the two visits

    def counted() -> int:
        visit(cast["moreau"], f"/patients/{moved}/")
        with CaptureQueriesContext(connections["default"]) as clinical, CaptureQueriesContext(connections["access"]) as journal:
            visit(cast["moreau"], f"/patients/{moved}/")
        # this test shares one connection with the writer: the savepoints and the entry of the visit are its own
        asked = [one["sql"] for one in (*clinical.captured_queries, *journal.captured_queries) if one["sql"].startswith("SELECT")]
        return len(asked)

    beside = counted()
    actions.become_main(by=cast["moreau"])
    assert beside == counted() + 1
    assert beside <= MOST
