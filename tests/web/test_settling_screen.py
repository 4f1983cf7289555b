"""« À rapprocher » as people see it: by patient, both values with who and where; what is others' is counted; one press keeps one."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest

from permanence.consultations import actions as clinical
from permanence.consultations.models import Allergy
from permanence.continuity.models import ScannedPage
from permanence.journal import chain
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.patients import actions as patients
from permanence.patients.models import Patient
from permanence.sync import queries


def standing(object):
    return {name: list(register.live) for name, register in chain.load_state(object.bytes).items()}


@pytest.fixture(autouse=True)
def _ask_again():
    queries.forget()
    yield
    queries.forget()


@pytest.fixture
def apart(jeanne, moreau, benali, sophie):
    """The same reaction and the same number written twice, the second hand not having seen the first."""
    line = clinical.add_allergy(jeanne, by=moreau, fields={"substance": "pénicilline", "reaction": "urticaire"})
    before = standing(line)
    for by, reaction in ((moreau, "œdème <b>de Quincke"), (benali, "choc")):
        clinical.edit_allergy(line, by=by, fields={"substance": "pénicilline", "reaction": reaction}, seen=before)
    before = standing(jeanne)
    for by, mobile in ((moreau, "0639981201"), (sophie, "0639981210")):
        patients.amend_identity(jeanne, by=by, changes={"mobile": mobile}, seen=before)
    queries.forget()
    return line


def forms(text):
    """The forms of the questions, as a browser would send them: title -> (fields, buttons)."""
    found = {}
    for form in re.findall(r"<form class=\"card question\".*?</form>", text, re.S):
        fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
        title = re.search(r"<h3[^>]*>(.*?)</h3>", form)[1].replace("\u00a0", " ")
        found[title] = ({"object": dict(fields)["object"], "part": dict(fields)["part"], "seen": [v for n, v in fields if n == "seen"]},
                        re.findall(r'name="choice" value="(\w+)" .*?aria-label="([^"]*)"', form))  # fmt: skip
    return found


def test_a_doctor_sees_both_values_with_who_wrote_them_and_keeps_one(visit, page, moreau, apart, url):
    text = page(visit(moreau, url("sync:settling")))
    assert "MARTIN" in text
    assert "<b>de" not in text
    assert "Dr Karim BENALI" in text
    assert "Doublons possibles" in text
    assert "Née le " in text
    assert "Affiché en ce moment" in text
    fields, buttons = forms(text)["Allergie : pénicilline"]
    key = next(key for key, said in buttons if "choc" in said)
    answer = visit(moreau, url("sync:settle"), {**fields, "choice": key})
    assert answer.status_code == 303
    assert Allergy.objects.get(id=apart).reaction == "choc"
    assert "Allergie" not in "".join(forms(page(visit(moreau, url("sync:settling")))))


def test_the_desk_settles_a_number_and_what_is_clinical_is_counted(visit, page, sophie, apart, url, jeanne):
    text = page(visit(sophie, url("sync:settling")))
    assert "pénicilline" not in text
    assert "1 autre relève d’un collègue" in text.replace("\u00a0", " ")
    [(fields, _)] = forms(text).values()
    visit(sophie, url("sync:settle"), {**fields, "choice": "typed", "text": "06 39 98 12 99"})
    assert Patient.objects.get(id=jeanne).mobile == "0639981299"


def test_a_form_that_lies_is_told_that_things_changed_and_changes_nothing(visit, page, moreau, sophie, apart, url, jeanne):
    shown = forms(page(visit(moreau, url("sync:settling"))))
    allergy, identity = shown["Allergie : pénicilline"], shown["Identité et coordonnées"]
    key = allergy[1][0][0]
    for fields in ({**allergy[0], "seen": []}, {**allergy[0], "seen": identity[0]["seen"]}, {**allergy[0], "object": identity[0]["object"]},
                   {**allergy[0], "object": "nothing"}):  # fmt: skip
        assert visit(moreau, url("sync:settle"), {**fields, "choice": key}).status_code in (404, 409)
    assert visit(sophie, url("sync:settle"), {**allergy[0], "choice": key}).status_code == 403
    assert len(queries.waiting()) == 2


@pytest.mark.parametrize("who", ["theo", "ines", "bruno", "yann"])
def test_who_writes_neither_is_shown_neither(visit, page, cast, apart, url, who):
    text = page(visit(cast[who], url("sync:settling")))
    assert forms(text) == {} or set(forms(text)) == {"Identité et coordonnées"}
    assert "pénicilline" not in text


def test_nothing_waits_and_the_screen_says_so(visit, page, moreau, url):
    assert "Rien à rapprocher" in page(visit(moreau, url("sync:settling")))


def test_the_file_says_so_beside_the_line_the_sheet_beside_the_field_and_the_strip_counts(visit, page, moreau, sophie, apart, url, jeanne):
    file = page(visit(moreau, url("dossier:file", jeanne))).replace("\u00a0", " ")
    assert "2 valeurs" in file
    assert "1 ligne de ce dossier a été écrite sur deux machines à la fois" in file
    assert "2 éléments à rapprocher" in file
    sheet = page(visit(sophie, url("patients:identity", jeanne))).replace("\u00a0", " ")
    assert re.search(r"<dt>Mobile</dt><dd[^>]*>06 39 98 12 10 <a class=\"tag sys\" href=\"[^\"]*a-rapprocher/\">2 valeurs</a>", sheet)
    assert sheet.count("2 valeurs") == 1
    assert "2 éléments à rapprocher" in page(visit(sophie, url("home:day"))).replace("\u00a0", " ")


def test_a_quiet_file_says_nothing(visit, page, moreau, url, jeanne):
    for name in ("dossier:file", "patients:identity"):
        text = page(visit(moreau, url(name, jeanne))).replace("\u00a0", " ")
        assert "2 valeurs" not in text
        assert "à rapprocher" not in text


def test_two_appointments_at_one_hour_tell_homonyms_apart(visit, page, jeanne, moreau, sophie, url, monkeypatch):
    other = patients.register(by=sophie, birth_name="MARTIN", first_given_name="Jeanne", birth_sex="F", birth_date=date(2006, 3, 31),
                              despite=True)  # fmt: skip
    at = clock.now() + timedelta(days=1)
    both = (queries.Booked(uuid4(), patient, at, 20) for patient in (jeanne, other))
    monkeypatch.setattr(queries, "overlaps", lambda *, reader: (queries.Overlap("Dr Claire MOREAU", *both),))
    text = page(visit(moreau, url("sync:settling"))).replace("\u00a0", " ")
    assert "20 min, MARTIN Jeanne, née le 31/03/2006" in text
    assert len(set(re.findall(r"MARTIN Jeanne, née le (\S+?)<", text))) == 2


def test_two_numbers_of_one_scanned_page_are_settled_with_its_picture_at_hand(visit, page, moreau, sophie, url):
    @action
    def scanned(*, by):
        return ScannedPage.objects.create(by_id=by.member, at=clock.now(), blob_hash=bytes(32), blob_key=bytes(32)).id

    @action
    def numbered(scan, number, seen, *, by):
        found = ScannedPage.objects.get(id=scan)
        found.number = number
        found.save(seen=seen)

    scan = scanned(by=sophie)
    before = standing(scan)
    for by, number in ((sophie, "3F2A-261122-01"), (moreau, "3F2A-261122-02")):
        numbered(scan, number, before, by=by)
    queries.forget()
    text = page(visit(moreau, url("sync:settling")))
    assert "Numéro de la fiche" in text
    assert f'href="{url("catchup:scan", scan)}"' in text
    [(fields, buttons)] = forms(text).values()
    choice = next(key for key, said in buttons if said.endswith("-02"))
    assert visit(moreau, url("sync:settle"), {**fields, "choice": choice}).status_code == 303
    assert ScannedPage.objects.get(id=scan).number == "3F2A-261122-02"
