"""What was written on the kit's numbered forms comes into its file afterwards, at its own date, with its scan; the count ends at zero."""

import datetime
import io
import re
from collections.abc import Callable, Iterator, Mapping
from uuid import UUID

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from permanence.accounts import permissions
from permanence.accounts.permissions import PARIS
from permanence.consultations import queries as clinical
from permanence.continuity import actions, paper, queries
from permanence.continuity.models import CaughtUp, FormReturn, pages
from permanence.documents import queries as documents
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock, sheets, typesetting
from permanence.lib.sqlcipher import run
from permanence.patients import queries as patients
from permanence.prescriptions import queries as prescriptions
from permanence.web import health
from tests.cast import reader_for
from tests.consultations.conftest import documents_folder
from tests.web.conftest import Visit

__all__ = ["documents_folder"]
pytestmark = pytest.mark.usefixtures("documents_folder")
Url = Callable[..., str]
TUESDAY = datetime.datetime(2026, 11, 24, 19, 5, tzinfo=PARIS)
NEXT = TUESDAY + datetime.timedelta(hours=20)  # Wednesday, 15:05


@pytest.fixture(scope="module", autouse=True)
def _children() -> Iterator[None]:
    yield
    typesetting.close()
    sheets.close()


@pytest.fixture(autouse=True)
def on_tuesday() -> Iterator[None]:
    """Before anybody is hired: that Tuesday is never past."""
    with clock.override(TUESDAY):
        yield


@pytest.fixture
def kit(moreau: Actor) -> UUID:
    """A kit printed on Tuesday evening, used on Wednesday."""
    return printed(moreau)


def printed(by: Actor, day: datetime.date | None = None) -> UUID:
    first = day or clock.now().date() + datetime.timedelta(days=1)
    return actions.log_copy(by=by, medium="paper", first_day=first, last_day=first + datetime.timedelta(days=1), patients=3)


def number_of(kit: UUID, kind: str, place: int = 0) -> str:
    return [number for one, number in queries.numbers_of(kit) if one == kind][place]


def sheet_of(number: str, by: Actor) -> UUID:
    found = queries.of_number(number, reader=reader_for(by))
    assert found is not None
    return found


_pages: dict[str, bytes] = {}


def scanned(kit: UUID, by: Actor, *numbers: str, turned: bool = False) -> bytes:
    """The kit's own pages with these numbers, printed, then scanned: one PNG, or a PDF of pictures for several."""
    if numbers[0] not in _pages:
        found = queries.kit(reader=queries.evening_reader(), made_at=clock.now())
        document = pypdfium2.PdfDocument(paper.pdf(paper.data_of(found, queries.numbers_of(kit))))
        for page in document:
            words = page.get_textpage().get_text_bounded()
            for _, number in queries.numbers_of(kit):
                if f"Fiche n° {number}" in words:
                    out = io.BytesIO()
                    page.render(scale=150 / 72).to_pil().convert("L").save(out, "PNG")
                    _pages[number] = out.getvalue()
    pictures = [Image.open(io.BytesIO(_pages[one])).rotate(3 if turned else 0, fillcolor=255) for one in numbers]
    out = io.BytesIO()
    more = {"save_all": True, "append_images": pictures[1:]} if pictures[1:] else {}
    pictures[0].save(out, "PDF" if more else "PNG", **more)
    return out.getvalue()


def upload(data: bytes, name: str = "scan.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def text_of(answer: object) -> str:
    return re.sub(r"\s+", " ", answer.content.decode().replace("\u00a0", " ").replace("\u202f", " "))  # type: ignore[attr-defined]


# -- numbers


@pytest.mark.parametrize("typed", ["3f2a-261122-07", "3F2A 261122 7", "3F2A26112207", " 3F2A.261122.07 ", "3F2A-26ll22-O7"])
def test_a_number_is_understood_as_people_type_it(typed: str) -> None:
    assert actions.forms.rules.normal_number(typed) == "3F2A-261122-07"


@pytest.mark.parametrize("typed", ["", "3F2A", "261122-07", "3F2A-2611-07", "GGGG-261122-07", "DROP TABLE"])
def test_what_is_no_number_is_none(typed: str) -> None:
    assert actions.forms.rules.normal_number(typed) == ""


def test_a_kit_printed_again_keeps_its_numbers_the_day_after(kit: UUID) -> None:
    with clock.override(NEXT):
        assert queries.numbers_of(kit)[0][1].split("-")[1] == "261124"


# -- a note


def test_a_scanned_note_is_filed_end_to_end(kit: UUID, visit: Visit, moreau: Actor, petit: Actor, jeanne: UUID, url: Url) -> None:
    with clock.override(NEXT):
        number = number_of(kit, "note")
        found = visit(moreau, url("catchup:find"), {"number": "", "file": upload(scanned(kit, moreau, number, turned=True))})
        sheet = sheet_of(number, moreau)
        assert found.status_code == 303
        assert found["Location"] == url("catchup:form", sheet)
        assert queries.to_catch_up() == 1
        page = visit(moreau, url("catchup:form", sheet) + "?q=martin").content.decode()
        [image] = set(re.findall(r'src="(/cabinet/fiches/page/[^"]+)"', page))
        assert visit(moreau, image).content.startswith(b"\xff\xd8\xff")
        assert url("catchup:file", jeanne, sheet) in page
        typed = {"written_on": "25/11/2026", "written_hour": "10h20", "written_by": str(petit.member), "motif": "Fièvre",
                 "text": "Toux, fièvre 39.", "measures": "T 39"}
        done = visit(moreau, url("catchup:file", jeanne, sheet), {**typed, "measures": "T trente-neuf"})
        assert done.status_code == 422
        assert "Toux, fièvre 39." in done.content.decode()
        done = visit(moreau, url("catchup:file", jeanne, sheet), typed)
        assert done.status_code == 303, text_of(done)
        row = CaughtUp.objects.get()
        note = clinical.note(row.target_id, reader=reader_for(moreau))
        assert note.at == datetime.datetime(2026, 11, 25, 10, 20, tzinfo=PARIS)
        assert note.author_id == moreau.member  # nobody signs for another: the pen is said beside
        assert row.written_by_id == petit.member
        document = documents.document(row.document_id, reader=reader_for(moreau))
        assert (document.mime, document.origin) == ("image/jpeg", "scan")
        assert queries.to_catch_up() == 0
        assert not pages().exists()
        said = text_of(visit(moreau, url("dossier:note", jeanne, note.id)))
        assert "Saisi après coup, document d’origine joint" in said
        assert "par Dr Léa PETIT le 25/11/2026 10:20" in said or "par Dr Léa PETIT aujourd’hui 10:20" in said
        assert number in said
        assert url("dossier:document", jeanne, row.document_id) in visit(moreau, url("dossier:note", jeanne, note.id)).content.decode()
        assert "Saisi après coup" in text_of(visit(moreau, url("dossier:file", jeanne)))
        again = visit(moreau, url("catchup:file", jeanne, sheet), typed)
        assert "déjà rendue" in text_of(again)


def test_an_ordonnance_is_typed_as_a_copy_that_nobody_hands_over(kit: UUID, visit: Visit, moreau: Actor, jeanne: UUID, url: Url) -> None:
    with clock.override(NEXT):
        number = number_of(kit, "ordonnance")
        sheet = sheet_of(number, moreau)
        done = visit(moreau, url("catchup:file", jeanne, sheet), {"written_on": "25/11/2026", "written_hour": "11h", "written_by": "",
                                                               "text": "Paracétamol 1 g, 3 fois par jour, 5 jours"})
        assert done.status_code == 303, text_of(done)
        row = CaughtUp.objects.get()
        found = prescriptions.prescription(row.target_id, reader=reader_for(moreau))
        assert (found.number, found.signed_at) == (number, datetime.datetime(2026, 11, 25, 11, tzinfo=PARIS))
        words = pypdfium2.PdfDocument(prescriptions.prescription_bytes(row.target_id, reader=reader_for(moreau)))[0].get_textpage()
        assert "à ne pas délivrer" in " ".join(words.get_text_bounded().split())
        said = text_of(visit(moreau, url("papers:paper", jeanne, row.target_id)))
        assert "Saisi après coup, original papier gardé au cabinet" in said


def test_a_new_patient_is_opened_from_a_form(kit: UUID, visit: Visit, sophie: Actor, url: Url) -> None:
    with clock.override(NEXT):
        number = number_of(kit, "patient")
        sheet = sheet_of(number, sophie)
        traits = {"birth_name": "Vasseur", "given_names": "Lina", "birth_date": "03/02/2019", "birth_sex": "F", "written_on": "25/11/2026",
                  "file": upload(scanned(kit, sophie, number))}
        done = visit(sophie, url("catchup:form", sheet), traits)
        assert done.status_code == 303, text_of(done)
        row = CaughtUp.objects.get()
        assert patients.banner(row.patient_id, reader=reader_for(sophie)).name.startswith("VASSEUR")
        assert row.document_id is not None
        assert FormReturn.objects.get().outcome == "filed"


# -- by whom


def test_the_desk_joins_the_image_and_a_carer_types_it(kit: UUID, visit: Visit, moreau: Actor, sophie: Actor, jeanne: UUID,
                                                        url: Url) -> None:
    with clock.override(NEXT):
        number = number_of(kit, "note", 1)
        sheet = sheet_of(number, sophie)
        page = visit(sophie, url("catchup:file", jeanne, sheet)).content.decode()
        assert 'name="motif"' not in page
        assert "Joindre au dossier" in page
        bare = visit(sophie, url("catchup:file", jeanne, sheet), {"written_on": "25/11/2026"})
        assert bare.status_code == 422
        joined = {"written_on": "25/11/2026", "file": upload(scanned(kit, sophie, number))}
        done = visit(sophie, url("catchup:file", jeanne, sheet), joined)
        assert done.status_code == 303, text_of(done)
        assert queries.to_catch_up() == 1  # its words are in no file yet
        assert "à saisir par un soignant" in text_of(visit(sophie, url("catchup:list")))
        typed = {"written_on": "25/11/2026", "motif": "Plaie", "text": "Suture, trois points."}
        assert visit(moreau, url("catchup:file", jeanne, sheet), typed).status_code == 303
        assert queries.to_catch_up() == 0
        first, last = CaughtUp.objects.order_by("at")
        assert (first.target, last.target, last.document_id) == ("document", "note", first.document_id)


@pytest.mark.parametrize("who", ["bruno", "yann", "ines"])
def test_who_is_outside_care_types_and_scans_nothing(who: str, kit: UUID, visit: Visit, cast: Mapping[str, Actor], jeanne: UUID,
                                                    url: Url) -> None:
    with clock.override(NEXT):
        sheet = sheet_of(number_of(kit, "note"), cast["moreau"])
        typed = {"written_on": "25/11/2026", "motif": "x", "text": "y"}
        assert visit(cast[who], url("catchup:file", jeanne, sheet), typed).status_code in (403, 404, 422)
        assert not CaughtUp.objects.exists()
        with pytest.raises(Refused):
            actions.keep_scans([("", b"\xff\xd8\xff")], by=cast[who])


def written() -> tuple[int, int]:
    """How many entries there are, and how many of them say that somebody was shown something of a patient."""
    acts = run("default", "SELECT COUNT(*) FROM journal_entry").fetchone()[0]
    return acts, run("access", "SELECT COUNT(*) FROM journal_accessindex").fetchone()[0]


@pytest.mark.parametrize("who", ["ines", "theo", "bruno", "yann"])
def test_who_may_not_file_forms_is_refused_in_words_whatever_they_post(who: str, kit: UUID, visit: Visit, cast: Mapping[str, Actor],
                                                                      moreau: Actor, jeanne: UUID, url: Url) -> None:
    """The télésecrétaire may create patients and write appointments, the physiotherapist documents of his own: neither has the paper."""
    with clock.override(NEXT):
        note, patient = (sheet_of(number_of(kit, kind), moreau) for kind in ("note", "patient"))
        actions.keep_scans([("", b"\xff\xd8\xff page")], by=moreau)
        page, before = pages().values_list("id", flat=True).get(), written()
        traits = {"birth_name": "Vasseur", "given_names": "Lina", "birth_date": "03/02/2019", "birth_sex": "F", "written_on": "25/11/2026"}
        typed = {"written_on": "25/11/2026", "motif": "x", "text": "y"}
        for path, data in (
            (url("catchup:form", patient) + "?q=martin", None), (url("catchup:form", patient), traits), (url("catchup:form", note), typed),
            (url("catchup:file", jeanne, note), None), (url("catchup:file", jeanne, note), typed),
            (url("catchup:find"), {"number": number_of(kit, "note")}), (url("catchup:settle", note), {"outcome": "unused"}),
            (url("catchup:rest", kit), {}), (url("catchup:number", page), {"number": number_of(kit, "note")}),
            (url("catchup:drop", page), {}),
        ):
            answer = visit(cast[who], path, data)
            said = text_of(answer)
            assert answer.status_code == 403, (path, said)
            assert "Votre profession" in said or "au secrétariat ou par un soignant" in said, path
            assert "MARTIN" not in said
        assert written() == before
        assert (pages().get().number, FormReturn.objects.count(), CaughtUp.objects.count()) == ("", 0, 0)
        visit(moreau, url("catchup:form", patient) + "?q=martin")
        assert written()[1] > before[1]  # what a reading leaves, so that the line above means something


def test_the_secretary_who_posts_traits_to_a_form_of_something_else_is_told_to_choose_its_patient(
        kit: UUID, visit: Visit, sophie: Actor, url: Url) -> None:
    with clock.override(NEXT):
        before = written()
        traits = {"birth_name": "Vasseur", "given_names": "Lina", "birth_date": "03/02/2019", "birth_sex": "F", "written_on": "25/11/2026"}
        answer = visit(sophie, url("catchup:form", sheet_of(number_of(kit, "note"), sophie)), traits)
        assert (answer.status_code, "choisir son patient" in text_of(answer)) == (403, True)
        assert written() == before


def test_who_may_not_file_forms_sees_the_count_and_no_button(kit: UUID, visit: Visit, cast: Mapping[str, Actor], url: Url) -> None:
    with clock.override(NEXT):
        page = visit(cast["ines"], url("catchup:list")).content.decode()
        assert "au secrétariat ou par un soignant" in page
        assert not re.findall(r'<form[^>]+/cabinet/fiches/', page)


def test_a_page_with_a_wrong_number_takes_the_right_one_from_its_own_screen(kit: UUID, visit: Visit, moreau: Actor, sophie: Actor,
                                                                            url: Url) -> None:
    with clock.override(NEXT):
        wrong, right = number_of(kit, "note"), number_of(kit, "note", 1)
        actions.keep_scans([(f"PERMANENCE/1/note/{wrong}", b"\xff\xd8\xff page")], by=moreau)
        page = visit(sophie, url("catchup:form", sheet_of(wrong, sophie))).content.decode()
        [where] = re.findall(r'action="(/cabinet/fiches/page/[^"]+/numero/)"', page)
        assert visit(sophie, where, {"number": right})["Location"] == url("catchup:form", sheet_of(right, sophie))
        assert pages().get().number == right
        assert "/numero/" not in visit(sophie, url("catchup:form", sheet_of(wrong, sophie))).content.decode()


def test_a_waiting_page_is_seen_by_who_scanned_it_and_by_who_writes_notes(kit: UUID, visit: Visit, moreau: Actor, sophie: Actor,
                                                                          nadia: Actor, benali: Actor, url: Url) -> None:
    with clock.override(NEXT):
        actions.keep_scans([("", b"\xff\xd8\xff page")], by=sophie)
        scan = pages().values_list("id", flat=True).get()
        assert [visit(who, url("catchup:scan", scan)).status_code for who in (sophie, moreau, benali, nadia)] == [200, 200, 200, 403]


# -- many at once, and what cannot be read


def test_a_batch_goes_page_by_page_to_its_forms(kit: UUID, visit: Visit, moreau: Actor, url: Url) -> None:
    with clock.override(NEXT):
        numbers = [number_of(kit, "note", 2), number_of(kit, "ordonnance", 1), number_of(kit, "patient", 1)]
        done = visit(moreau, url("catchup:find"), {"file": upload(scanned(kit, moreau, *numbers), "lot.pdf")})
        assert done["Location"].startswith(url("catchup:list"))
        assert sorted(pages().values_list("number", flat=True)) == sorted(numbers)
        assert queries.to_catch_up() == 3
        visit(moreau, url("catchup:find"), {"file": upload(scanned(kit, moreau, *numbers), "lot.pdf")})
        assert pages().count() == 3  # the same batch twice is the same pages


def test_a_page_without_a_code_takes_its_number_from_the_keyboard(kit: UUID, visit: Visit, moreau: Actor, url: Url) -> None:
    with clock.override(NEXT):
        out = io.BytesIO()
        Image.new("L", (600, 800), 255).save(out, "PNG")
        visit(moreau, url("catchup:find"), {"file": upload(out.getvalue())})
        scan = pages().values_list("id", flat=True).get()
        assert "code n’a pas été lu" in text_of(visit(moreau, url("catchup:list")))
        wrong = visit(moreau, url("catchup:number", scan), {"number": "FFFF-261124-01"})
        assert wrong.status_code == 404
        number = number_of(kit, "note", 3)
        known = visit(moreau, url("catchup:number", scan), {"number": number.lower()})
        assert known["Location"] == url("catchup:form", sheet_of(number, moreau))
        assert visit(moreau, url("catchup:drop", scan), {}).status_code == 303
        assert not pages().exists()


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 broken", b"\x89PNG\r\n\x1a\nbroken", b"MZ" + bytes(500), b"GIF89a" + bytes(40)])
def test_a_file_that_is_no_scan_is_said_in_french(data: bytes, kit: UUID, visit: Visit, moreau: Actor, url: Url) -> None:
    answer = visit(moreau, url("catchup:find"), {"file": upload(data)})
    assert answer.status_code == 422
    assert "ne se lit pas" in text_of(answer)


def test_the_image_of_another_form_is_refused(kit: UUID, visit: Visit, moreau: Actor, jeanne: UUID, url: Url) -> None:
    with clock.override(NEXT):
        one, other = number_of(kit, "note"), number_of(kit, "note", 1)
        answer = visit(moreau, url("catchup:file", jeanne, sheet_of(one, moreau)), {
            "written_on": "25/11/2026", "motif": "Toux", "text": "Toux.", "file": upload(scanned(kit, moreau, other))})
        assert answer.status_code == 422
        assert f"celle de la fiche {other}" in text_of(answer)


@pytest.mark.parametrize(("day", "hour", "said"), [("27/11/2026", "10h", "avenir"), ("20/11/2026", "10h", "avant l’impression")])
def test_a_date_the_form_cannot_have_is_refused(day: str, hour: str, said: str, kit: UUID, visit: Visit, moreau: Actor, jeanne: UUID,
                                                url: Url) -> None:
    with clock.override(NEXT):
        sheet = sheet_of(number_of(kit, "note"), moreau)
        answer = visit(moreau, url("catchup:file", jeanne, sheet), {"written_on": day, "written_hour": hour, "motif": "Toux", "text": "x"})
        assert answer.status_code == 422
        assert said in text_of(answer)


# -- nothing printed is forgotten


def test_the_count_goes_to_zero_and_blank_forms_frighten_nobody(kit: UUID, visit: Visit, moreau: Actor, url: Url) -> None:
    with clock.override(TUESDAY + datetime.timedelta(minutes=5)):
        assert (queries.to_catch_up(), queries.still_out()) == (0, 12)  # just printed: they may still serve
    with clock.override(TUESDAY + datetime.timedelta(days=4)):
        permissions.forget()
        assert queries.to_catch_up() == 12
        assert "12 fiches papier à ressaisir" in text_of(visit(moreau, url("home:closing")))
        strip = health.strip({}, queries.to_catch_up())
        assert (strip.state, strip.text) == ("forms", "12\u00a0fiches papier à ressaisir")
        spoilt = number_of(kit, "note")
        sheet = sheet_of(spoilt, moreau)
        assert visit(moreau, url("catchup:settle", sheet), {"outcome": "void", "reason": ""}).status_code == 403
        assert visit(moreau, url("catchup:settle", sheet), {"outcome": "void", "reason": "café renversé"}).status_code == 303
        assert queries.to_catch_up() == 11
        assert visit(moreau, url("catchup:rest", kit), {}).status_code == 303
        assert queries.to_catch_up() == 0
        assert FormReturn.objects.filter(outcome="unused").count() == 11
        assert "Aucune fiche n’est sortie" in text_of(visit(moreau, url("catchup:list")))


def test_a_scanned_form_is_not_given_up_as_unused(kit: UUID, moreau: Actor) -> None:
    number = number_of(kit, "note")
    actions.keep_scans([(f"PERMANENCE/1/note/{number}", b"\xff\xd8\xff page")], by=moreau)
    assert actions.rest_unused(kit, by=moreau) == 11
    with pytest.raises(Refused, match="numérisée"):
        actions.settle_form(number, by=moreau, outcome="unused")
    assert queries.to_catch_up() == 1


def test_forms_typed_on_two_machines_at_once_are_both_kept_and_said(kit: UUID, moreau: Actor, benali: Actor) -> None:
    """What a cut brings together: two rows about one number."""
    number = number_of(kit, "note")
    actions.settle_form(number, by=moreau, outcome="void", reason="tachée")
    @action
    def other_machine(*, by: Actor) -> None:
        actions.forms._say(number, "filed", by)

    other_machine(by=benali)
    [found] = [one for one in queries.forms(reader=reader_for(moreau)) if one.number == number]
    assert (found.state, found.twice) == ("filed", True)


def test_a_number_that_no_kit_gave_is_refused(kit: UUID, moreau: Actor, visit: Visit, url: Url) -> None:
    with pytest.raises(Refused, match="Aucun kit"):
        actions.settle_form("3F2A-261101-01", by=moreau, outcome="unused")
    answer = visit(moreau, url("catchup:find"), {"number": "3F2A-261101-01"})
    assert answer.status_code == 422
    assert "3F2A-261101-01" in answer.content.decode()
