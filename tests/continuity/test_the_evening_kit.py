"""The evening kit: what it holds and leaves out, who may print it, what the journal keeps of it, what an encrypted file gives away."""

import datetime
import json
import re
from base64 import b64decode
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from permanence.accounts.permissions import RightsGate, standing_of
from permanence.continuity import actions, evening, paper, queries, sealing
from permanence.continuity.models import KitCopy
from permanence.journal import keys, writer
from permanence.journal import queries as journal
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Actor, Reader, Refused
from permanence.lib import clock, typesetting
from permanence.patients.permissions import ProtectionGate
from tests.cast import reader_for
from tests.continuity.conftest import MONDAY, Expected


def read_by(actor: Actor) -> Reader:
    assert actor.member is not None
    return Reader(actor, [RightsGate(standing_of(actor.member)), ProtectionGate()], leaving=Level.PRINTED)


def kit_of(reader: Reader) -> queries.Kit:
    return queries.kit(reader=reader, made_at=clock.now())


def half(kit: queries.Kit, patient: UUID) -> queries.Half:
    return next(one for one in kit.halves if one.patient == patient)


def test_it_holds_the_next_two_days_and_half_a_page_for_each_patient(expected: Expected) -> None:
    kit = kit_of(queries.evening_reader())
    assert [day.day for day in kit.days] == [MONDAY, MONDAY + datetime.timedelta(days=1)]
    assert [(one.hour, one.name.split()[0], one.motive) for one in kit.days[0].visits] == [
        ("09:00", "MARTIN", "Suivi"), ("09:15", "NGUYEN", "Suivi"), ("10:00", "ROCHE", "Suivi")]
    jeanne = half(kit, expected.jeanne)
    assert (jeanne.birth, jeanne.phone) == ("14/07/1958", "06\u00a012\u00a034\u00a056\u00a078")
    assert jeanne.alert
    assert "amoxicilline" in jeanne.allergies
    assert jeanne.treatments.lines == ("Metformine (Glucophage) — 850\u00a0mg — matin et soir",)
    assert jeanne.problems.lines == ("Diabète de type 2 (2014)",)
    assert jeanne.results.lines[0].startswith("HbA1c\u00a0: 8,9 % (")
    assert "non renseignées" in half(kit, expected.paul).allergies


def test_of_a_file_that_is_incomplete_here_it_says_so_and_never_that_there_is_no_allergy(expected: Expected) -> None:
    for patient in (expected.jeanne, expected.paul):
        writer.current().run_job(lambda patient=patient: keys.note_lacking(1, patient.bytes, patient.bytes * 2), name="lacking")
    kit = kit_of(queries.evening_reader())
    jeanne, paul = half(kit, expected.jeanne), half(kit, expected.paul)
    assert "amoxicilline" in jeanne.allergies
    assert jeanne.alert
    assert paul.alert
    assert paul.allergies.startswith("Dossier incomplet ici")
    assert paul.allergies in jeanne.allergies


def test_the_evening_file_leaves_out_what_is_reserved(expected: Expected) -> None:
    kit = kit_of(queries.evening_reader())
    text = json.dumps(paper.data_of(kit, []), ensure_ascii=False)
    assert "Secret de Jeanne" not in text
    assert half(kit, expected.jeanne).hidden == 1
    assert "Traitement d’Inès" not in text
    assert "médecin traitant" in half(kit, expected.ines).closed


def test_the_desk_prints_names_and_telephones_and_no_care(expected: Expected, sophie: Actor) -> None:
    text = json.dumps(paper.data_of(kit_of(read_by(sophie)), []), ensure_ascii=False)
    assert "MARTIN" in text
    for care in ("Metformine", "amoxicilline", "Diabète", "HbA1c"):
        assert care not in text
    assert queries.kits.CLOSED in text


@pytest.mark.parametrize("who", ["bruno", "yann"])
def test_who_sees_no_agenda_prints_no_kit(who: str, expected: Expected, cast: dict[str, Actor]) -> None:
    with pytest.raises(Refused):
        kit_of(read_by(cast[who]))
    with pytest.raises(Refused):
        actions.log_copy(by=cast[who], medium="paper", first_day=MONDAY, last_day=MONDAY, patients=0)


def test_each_patient_of_a_printed_kit_is_journalled_as_printed(expected: Expected, moreau: Actor) -> None:
    from permanence.journal import access

    reader = read_by(moreau)
    kit_of(reader)
    access.submit(reader.close()).wait()
    found = [one for one in journal.readers_of(expected.jeanne, reader=reader_for(moreau)) if one.level == Level.PRINTED]
    assert {Category.TREATMENTS, Category.ALLERGIES, Category.CONTACT} <= set(found[0].categories)


def test_numbers_of_blank_forms_never_come_twice(expected: Expected, moreau: Actor) -> None:
    copies = [actions.log_copy(by=moreau, medium="paper", first_day=MONDAY, last_day=MONDAY, patients=1) for _ in range(3)]
    given = [queries.numbers_of(copy) for copy in copies]
    numbers = [form["number"] for one in given for form in paper.data_of(kit_of(queries.evening_reader()), one)["forms"]]
    assert len(set(numbers)) == len(numbers) == 36
    assert all(number.startswith(queries.prefix()) for number in numbers)


def test_the_pages_show_two_identifiers_for_everybody_and_a_code_on_each_form(expected: Expected) -> None:
    import pypdfium2
    import zxingcpp

    data = paper.data_of(kit_of(queries.evening_reader()), actions.kits.rules.form_numbers("3F2A", MONDAY, 7))
    document = pypdfium2.PdfDocument(paper.pdf(data))
    pages = [page.get_textpage().get_text_bounded() for page in document]
    assert any("MARTIN" in page and "14/07/1958" in page and "Metformine" in page for page in pages)
    form = next(i for i, page in enumerate(pages) if data["forms"][0]["number"] in page)
    codes = zxingcpp.read_barcodes(document[form].render(scale=3).to_pil())
    assert [code.text for code in codes] == [f"PERMANENCE/1/note/{data['forms'][0]['number']}"]


# -- the encrypted file


@pytest.fixture
def phrase(moreau: Actor) -> str:
    return actions.new_phrase(by=moreau)


def opened(file: bytes, phrase: str) -> dict[str, object]:
    """As the page itself does, by another library's hand."""
    found = re.search(rb'<script type="application/json" id="sealed">(.*?)</script>', file)
    assert found is not None
    sealed = json.loads(found.group(1))
    key = actions.derive(phrase, b64decode(sealed["salt"]), sealed["iterations"])
    plain = AESGCM(key).decrypt(b64decode(sealed["nonce"]), b64decode(sealed["body"]), sealed["header"].encode())
    return dict(json.loads(plain))


def test_each_evening_writes_one_file_that_only_the_phrase_opens(expected: Expected, phrase: str, tmp_path: Path) -> None:
    result = evening.attempt(_folder(tmp_path), tmp_path / "usb")
    assert result.ok, result.problem
    assert result.patients == 3
    file = (tmp_path / "usb" / result.file).read_bytes()
    for clear in (b"MARTIN", b"Tilleuls", b"Metformine", b"14/07/1958", phrase.encode(), actions.kits.rules.normal_phrase(phrase).encode()):
        assert clear not in file
    inside = opened(file, phrase.lower().replace("-", " "))
    assert "MARTIN" in json.dumps(inside["data"])
    assert b64decode(str(inside["pdf"])).startswith(b"%PDF")
    with pytest.raises(InvalidTag):
        opened(file, actions.kits.rules.phrase_of(12345))


def test_the_evening_waits_for_its_hour_and_writes_once(expected: Expected, phrase: str, tmp_path: Path) -> None:
    folder, usb = _folder(tmp_path), tmp_path / "usb"
    task = evening.Evening(folder, lambda: usb)
    task.tick()
    task.tick()
    assert KitCopy.objects.filter(medium="file").count() == 1
    early = evening.Evening(folder, lambda: usb)
    with clock.override(clock.now() + datetime.timedelta(hours=20)):  # Monday, 15:05
        early.tick()
    assert KitCopy.objects.filter(medium="file").count() == 1
    with clock.override(clock.now() + datetime.timedelta(hours=24)):
        early.tick()
    assert KitCopy.objects.filter(medium="file").count() == 2


def test_a_stick_that_is_away_is_said_and_tried_again(expected: Expected, phrase: str, tmp_path: Path) -> None:
    folder, usb = _folder(tmp_path, usb=False), tmp_path / "usb"
    task = evening.Evening(folder, lambda: usb)
    task.tick()
    said = evening.last_result(folder)
    assert said is not None
    assert not said.ok
    assert "rebrancher" in said.problem
    usb.mkdir()
    task.tick()
    assert KitCopy.objects.count() == 0  # not every minute
    with clock.override(clock.now() + datetime.timedelta(minutes=31)):
        task.tick()
    assert KitCopy.objects.count() == 1


def test_without_a_phrase_nothing_is_written_and_it_is_said(expected: Expected, tmp_path: Path) -> None:
    result = evening.attempt(_folder(tmp_path), tmp_path / "usb")
    assert not result.ok
    assert "phrase" in result.problem
    assert list((tmp_path / "usb").iterdir()) == []


def test_what_cannot_be_laid_out_is_said_and_leaves_no_file(
    expected: Expected, phrase: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bytes:
        raise typesetting.NotTypeset("MARTIN Jeanne cannot be typeset")

    monkeypatch.setattr(typesetting, "pdf", fail)
    result = evening.attempt(_folder(tmp_path), tmp_path / "usb")
    assert "MARTIN" not in result.problem
    assert not result.ok
    assert list((tmp_path / "usb").iterdir()) == []


def test_the_phrase_is_a_titulaires_and_is_kept_nowhere(moreau: Actor, hugo: Actor, sophie: Actor, practice: object) -> None:
    for other in (hugo, sophie):
        with pytest.raises(Refused):
            actions.new_phrase(by=other)
    drawn = actions.new_phrase(by=moreau)
    from permanence.continuity.models import KitKey

    assert all(drawn not in str(value) and drawn.replace("-", "") not in str(value) for value in KitKey.objects.values().get().values())


def test_only_the_last_files_stay(expected: Expected, phrase: str, tmp_path: Path) -> None:
    folder, usb = _folder(tmp_path), tmp_path / "usb"
    for day in range(1, 13):
        (usb / f"kit-2026-10-{day:02d}.html").write_bytes(b"old")
    (usb / "photo.html").write_bytes(b"not ours")
    evening.attempt(folder, usb)
    left = sorted(path.name for path in usb.iterdir())
    assert left[-2:] == ["kit-2026-11-23.html", "photo.html"]
    assert len(left) == actions.kits.rules.KEPT + 1


def test_sheets_are_marked_destroyed_once_and_a_file_is_not_sheets(expected: Expected, moreau: Actor, sophie: Actor) -> None:
    actions.log_copy(by=moreau, medium="paper", first_day=MONDAY, last_day=MONDAY, patients=3)
    actions.log_copy(by=moreau, medium="file", first_day=MONDAY, last_day=MONDAY, patients=3)
    reader = read_by(sophie)
    sheets, file = (next(one for one in queries.copies(reader=reader) if one.medium == medium) for medium in ("paper", "file"))
    actions.destroyed(sheets.id, by=sophie)
    actions.destroyed(sheets.id, by=moreau)
    now = next(one for one in queries.copies(reader=read_by(sophie)) if one.id == sheets.id)
    assert now.destroyed_by_id == sophie.member
    with pytest.raises(Refused):
        actions.destroyed(file.id, by=moreau)


def test_the_file_carries_its_own_policy_and_no_address(expected: Expected) -> None:
    file = sealing.html({"made": "dim. 22 nov. 2026 à 19:05 <script>"}, b"%PDF", salt=b"s" * 16, iterations=600_000, key=b"k" * 32).decode()
    assert "default-src 'none'" in file
    assert "connect-src" not in file
    assert not re.search(r"https?://", file)
    assert "à 19:05 <script>" not in file


def _folder(tmp_path: Path, *, usb: bool = True) -> Path:
    (tmp_path / "run").mkdir()
    if usb:
        (tmp_path / "usb").mkdir()
    return tmp_path
