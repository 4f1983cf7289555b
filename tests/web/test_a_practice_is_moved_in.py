"""The screens of moving in: choose, look at the columns, try, import, decide, undo; a titulaire's alone."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from permanence.agenda import actions as agenda
from permanence.consultations import actions as clinical
from permanence.interop import actions
from permanence.interop.actions import working
from permanence.interop.models import Issue, OutsideAgenda, Profile, Run
from permanence.journal.doors import Actor
from permanence.patients import actions as patients
from permanence.patients.models import Patient
from permanence.web.moving import beside, deciding
from tests.interop import export
from tests.interop.conftest import folder  # noqa: F401

HOME = "/cabinet/reprise/"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another thread would not see this test's transaction."""
    monkeypatch.setattr(working, "_launch", working._run)
    yield
    working.forget()


def _moved(visit: Any, who: Actor, text: str) -> Any:
    data = {"source": "Ancien", "table": SimpleUploadedFile("liste.csv", text.encode("cp1252"))}
    chosen = visit(who, HOME, data)
    assert chosen.status_code == 303, chosen.content.decode()
    page = visit(who, chosen["Location"])
    names = dict(re.findall(r'<select id="(c\d+)".*?<option value="(\w*)" selected', page.content.decode(), re.DOTALL))
    assert visit(who, chosen["Location"], names).status_code == 303
    trial = visit(who, HOME + "essai/").content.decode()
    begin = re.search(r'action="(/cabinet/reprise/importer/[^"]+)"', trial)
    assert begin is not None, trial
    return trial, begin[1]


@pytest.mark.usefixtures("folder")
def test_a_table_is_tried_imported_decided_and_undone(visit: Any, cast: Mapping[str, Actor]) -> None:
    people, moreau = export.crowd(40), cast["moreau"]
    one = people[0]
    here = patients.register(by=moreau, birth_name=f"{one.surname}S", first_given_name=one.given, birth_date=one.born, birth_sex=one.sex)
    trial, begin = _moved(visit, moreau, export.table(people).text)
    assert "Essai" in trial
    assert "Fumeur" in trial
    assert Patient.objects.count() == 1
    assert Profile.objects.get().name == "Ancien"
    assert visit(moreau, begin, {}).status_code == 303
    report = visit(moreau, HOME + "essai/")
    assert report.status_code == 303
    page = visit(moreau, report["Location"]).content.decode()
    assert "nouveaux dossiers" in page
    assert Patient.objects.count() == 1 + 38
    issue = Issue.objects.get(code="near")
    decide = visit(moreau, f"{HOME}a-decider/{issue.id}/").content.decode()
    assert "<mark>" in decide
    assert f'value="{here}"' in decide
    assert visit(moreau, f"{HOME}a-decider/{issue.id}/choisir/", {"choix": str(here)}).status_code == 303
    assert Patient.objects.get(id=here).mobile == one.mobile
    assert not Issue.objects.filter(id=issue.id).exists()
    run = Run.objects.get()
    assert visit(moreau, f"{HOME}{run.id}/annuler/", {}).status_code == 303
    assert Run.objects.get().state == "undone"
    assert [row.id for row in Patient.objects.all()] == [here]
    assert Patient.objects.get(id=here).mobile == ""


@pytest.mark.usefixtures("folder")
def test_the_rows_that_found_no_place_are_given_back_as_a_harmless_table(visit: Any, cast: Mapping[str, Actor], tmp_path: Path) -> None:
    text = "Nom;Prénom;Date de naissance\n=cmd|' /C calc'!A0;Zoé;31/02/1990\n"
    mover = actions.Mover(actions.of_upload("liste.csv", text.encode()), by=cast["moreau"])
    list(mover.go())
    answer = visit(cast["moreau"], f"{HOME}{mover.report.run_id}/non-repris.csv")
    assert answer["Content-Disposition"].startswith("attachment")
    assert "'=cmd" in answer.content.decode("utf-8-sig")


@pytest.mark.usefixtures("folder")
def test_a_new_patient_a_later_one_and_one_left_aside(visit: Any, cast: Mapping[str, Actor]) -> None:
    people, moreau = export.crowd(5), cast["moreau"]
    for one in people[:3]:
        patients.register(by=moreau, birth_name=f"{one.surname}S", first_given_name=one.given, birth_date=one.born, birth_sex=one.sex)
    list(actions.Mover(actions.of_upload("liste.csv", export.table(people).text.encode()), by=moreau).go())
    new, later, left = Issue.objects.filter(code="near").order_by("line")
    for issue, choice in ((new, "nouveau"), (later, "plus-tard"), (left, "jamais")):
        assert visit(moreau, f"{HOME}a-decider/{issue.id}/choisir/", {"choix": choice}).status_code == 303
    assert Patient.objects.count() == 3 + 2 + 1
    assert sorted(Issue.objects.values_list("state", flat=True)) == ["later", "left"]
    again = actions.Mover(actions.of_upload("liste.csv", export.table(people).text.encode()), by=moreau)
    list(again.go())
    assert Issue.objects.count() == 2  # asked no more
    assert Patient.objects.count() == 6


@pytest.mark.usefixtures("folder")
def test_what_is_put_off_comes_last_and_likely_ones_first(visit: Any, cast: Mapping[str, Actor]) -> None:
    moreau, one = cast["moreau"], export.crowd(1)[0]
    patients.register(by=moreau, birth_name=f"{one.surname}S", first_given_name=one.given, birth_date=one.born, birth_sex=one.sex)
    rows = "Nom;Prénom;Date de naissance;Sexe\nROUX;Zoé;31/02/1990;F\nBLIN;Luc;hier;M\n"
    rows += f"{one.surname};{one.given};{one.born:%d/%m/%Y};{one.sex}\n"
    list(actions.Mover(actions.of_upload("liste.csv", rows.encode()), by=moreau).go())
    met = []
    for _ in range(6):
        here = visit(moreau, HOME + "a-decider/")["Location"].split("?")[0]
        met.append(Issue.objects.get(id=here.split("/")[-2]).line)
        visit(moreau, here + "choisir/", {"choix": "plus-tard"})
    assert met == [4, 2, 3, 4, 2, 3]


@pytest.mark.parametrize("who", ["petit", "hugo", "sophie", "nadia", "lucie", "amel", "theo", "ines", "bruno", "yann"])
def test_no_other_profession_sees_a_screen_of_it(visit: Any, cast: Mapping[str, Actor], who: str) -> None:
    for path in ("", "etat/", "essai/", "a-decider/"):
        assert visit(cast[who], HOME + path).status_code == 403, path
    assert "reprise" not in visit(cast[who], "/cabinet/membres/").content.decode()


def test_a_wrong_folder_is_said_and_nothing_typed_is_lost(visit: Any, cast: Mapping[str, Actor], tmp_path: Path) -> None:
    page = visit(cast["moreau"], HOME, {"source": "Ancien", "folder": str(tmp_path / "absent")})
    assert page.status_code == 422
    assert "Ce dossier n’existe pas" in page.content.decode()
    assert str(tmp_path / "absent") in page.content.decode()


@pytest.mark.parametrize(
    ("mine", "theirs", "marked"),
    [("DUPOND", "DUPONT", ["D"]), ("Zoé", "Zoe", []), ("14/07/1958", "14/07/1985", ["58"]), ("MARTIN", "", []),
     ("MARTIN", "MARTINS", ["…"]), ("MARTINE", "MARTIN", ["E"])],
)  # fmt: skip
def test_letters_that_differ_are_marked(mine: str, theirs: str, marked: list[str]) -> None:
    assert [piece.text for piece in deciding.pieces(mine, theirs) if piece.differs] == marked


# -- beside another software


@pytest.mark.usefixtures("folder")
def test_a_note_written_beside_another_software_is_listed_taken_and_ticked(visit: Any, cast: Mapping[str, Actor], jeanne: UUID) -> None:
    moreau, beside = cast["moreau"], HOME + "filet/"
    data = {"source": "Ancien", "folder": "", "minutes": "60"}
    assert visit(moreau, beside, data).status_code == 303
    note = clinical.sign_note(jeanne, by=moreau, fields={"motif": "Toux", "text": "=Auscultation claire."})
    assert "À recopier" in visit(moreau, "/cabinet/membres/").content.decode()
    assert "MARTIN" in visit(moreau, HOME + "a-recopier/").content.decode()
    here = f"{HOME}a-recopier/{jeanne}/"
    page = visit(moreau, here).content.decode()
    assert "Auscultation claire." in page
    assert "écrit ici" in page
    assert visit(moreau, here + "a-recopier.pdf").content.startswith(b"%PDF")
    assert "'=Auscultation claire." in visit(moreau, here + "a-recopier.csv").content.decode("utf-8-sig")
    assert visit(moreau, here + "fait/", {"genre": "note", "objet": str(note), "fait": "oui"}).status_code == 303
    assert "Rien à recopier" in visit(moreau, HOME + "a-recopier/").content.decode()
    assert visit(moreau, beside + "principal/", {}).status_code == 303
    assert "logiciel principal" in visit(moreau, HOME + "a-recopier/").content.decode()


@pytest.mark.usefixtures("folder")
def test_an_address_given_to_nobody_is_copied_from_the_screen_not_from_paper(
    visit: Any, cast: Mapping[str, Actor], jeanne: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    moreau = cast["moreau"]
    actions.watch_beside(by=moreau, source="Ancien", folder="", minutes=60)
    where = {"mobile": "0612345678", "address": "4 rue des Lilas", "postal_code": "35000", "city": "Rennes"}
    patients.amend_identity(jeanne, by=moreau, changes=where)
    agenda.add_visit(jeanne, by=moreau, place="Code 17A3", reason="Pansement")
    printed: list[str] = []
    monkeypatch.setattr(beside, "typeset", lambda name, data, **_: printed.append(str(data)) or b"%PDF-1.7")
    here = f"{HOME}a-recopier/{jeanne}/"

    def left() -> list[str]:
        visit(moreau, here + "a-recopier.pdf")
        return [printed[-1], visit(moreau, here + "a-recopier.csv").content.decode("utf-8-sig")]

    for text in left():
        assert all(word in text for word in ("17A3", "Lilas", "35000", "Rennes"))
    patients.amend_identity(jeanne, by=moreau, changes={"address_at_risk": True})
    for text in left():
        assert not [word for word in ("17A3", "Lilas", "35000", "Rennes") if word in text]
        assert all(word in text for word in ("à lire dans le dossier", "Pansement", "06"))
    assert "17A3" in visit(moreau, here).content.decode()


@pytest.mark.usefixtures("folder")
def test_a_secretary_sees_no_note_to_copy(visit: Any, cast: Mapping[str, Actor], jeanne: UUID) -> None:
    actions.watch_beside(by=cast["moreau"], source="Ancien", folder="", minutes=60)
    clinical.sign_note(jeanne, by=cast["moreau"], fields={"text": "Auscultation claire."})
    assert "Rien à recopier" in visit(cast["sophie"], HOME + "a-recopier/").content.decode()
    assert "Auscultation" not in visit(cast["sophie"], f"{HOME}a-recopier/{jeanne}/").content.decode()
    assert visit(cast["sophie"], HOME + "filet/").status_code == 403


# -- agendas read from their addresses


def test_an_agenda_is_followed_shown_without_its_address_and_left(visit: Any, cast: Mapping[str, Actor]) -> None:
    moreau, here = cast["moreau"], HOME + "agendas/"
    data = {"practitioner": str(moreau.member), "name": "Clinique", "address": "https://agenda.exemple/prive-0123456789/basic.ics"}
    wrong = visit(moreau, here, {**data, "address": "http://agenda.exemple/prive-0123456789/basic.ics"})
    assert wrong.status_code == 422
    assert "prive-0123456789" in wrong.content.decode()  # what was typed is not lost
    assert "https://" in wrong.content.decode()
    answer = visit(moreau, here, data)
    assert answer.status_code == 303
    assert "prive" not in answer["Location"]
    page = visit(moreau, here).content.decode()
    assert "Clinique" in page
    assert "agenda.exemple" in page
    assert "prive-0123456789" not in page
    assert "Agendas lus à leur adresse" in visit(moreau, "/agenda/echanges/").content.decode()
    calendar = OutsideAgenda.objects.get().id
    assert visit(moreau, here + "retirer/", {"agenda": "x"}).status_code == 404
    assert visit(moreau, here + "retirer/", {"agenda": str(calendar)}).status_code == 303
    assert "Aucun agenda" in visit(moreau, here).content.decode()


@pytest.mark.parametrize("who", ["petit", "sophie", "nadia", "bruno"])
def test_only_a_titulaire_sees_which_agendas_are_followed(visit: Any, cast: Mapping[str, Actor], who: str) -> None:
    assert visit(cast[who], HOME + "agendas/").status_code == 403
    assert visit(cast[who], HOME + "agendas/retirer/", {"agenda": str(cast["moreau"].member)}).status_code in (403, 404)
    answer = visit(cast[who], "/agenda/echanges/")
    assert "Agendas lus à leur adresse" not in answer.content.decode()
