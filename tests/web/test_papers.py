"""Papers through the screens: written, signed, printed; what is typed survives everything; identity codes only when qualified."""

import datetime
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pikepdf
import pypdfium2
import pytest
import zxingcpp

from permanence.documents import queries as documents
from permanence.journal.categories import Level
from permanence.journal.doors import Actor
from permanence.lib import typesetting
from permanence.patients.actions import amend_identity, register
from permanence.prescriptions import queries
from permanence.web import jinja
from tests.consultations.conftest import documents_folder
from tests.patients.conftest import opened
from tests.web.conftest import Visit

__all__ = ["documents_folder"]
pytestmark = pytest.mark.usefixtures("documents_folder")
Url = Callable[..., str]
NIR = "258071411802547"


@pytest.fixture(scope="module", autouse=True)
def _typesetter() -> Iterator[None]:
    yield
    typesetting.close()


def sign(visit: Visit, url: Url, by: Actor, patient: UUID, **fields: Any) -> Any:
    data = {"family": "ordonnance", "template": "ordonnance", "text": "paracétamol 1 g", **fields}
    return visit(by, url("papers:sign", patient), data)


def signed(visit: Visit, url: Url, by: Actor, patient: UUID, **fields: Any) -> UUID:
    answer = sign(visit, url, by, patient, **fields)
    assert answer.status_code == 303, answer.content.decode()
    return UUID(answer["Location"].split("/papier/")[1][:36])


def words(pdf: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))


def codes(pdf: bytes) -> list[str]:
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=4).to_pil()
    return [found.bytes.decode() for found in zxingcpp.read_barcodes(image)]



# -- the paper itself


def test_a_signed_ordonnance_says_it_is_archivable_and_accessible_and_prints_hostile_words_as_they_are(
    visit: Visit, url: Url, moreau: Actor, jeanne: UUID
) -> None:
    hostile = '#panic("lu") *gras* $x$ <script>alert(1)</script>\n#read("/lib/host.py")'
    id = signed(visit, url, moreau, jeanne, text=hostile)
    pdf = queries.prescription_bytes(id, reader=opened(moreau))
    with pikepdf.open(io.BytesIO(pdf)) as document, document.open_metadata() as about:
        assert (about["pdfaid:part"], about["pdfuaid:part"]) == ("3", "1")
        assert "/StructTreeRoot" in document.Root
    printed = words(pdf)
    for line in hostile.split("\n"):
        assert line in printed
    for part in ("Dr", "MOREAU", "MARTIN", "14/07/1958", "RPPS", "Maison de santé des Tilleuls", "Ordonnance"):
        assert part in printed


def test_a_bizone_keeps_its_two_zones_apart_and_in_order(visit: Visit, url: Url, moreau: Actor, jeanne: UUID) -> None:
    id = signed(visit, url, moreau, jeanne, template="bizone", long_term_text="metformine\nramipril", text="paracétamol")
    row = queries.prescription(id, reader=opened(moreau))
    assert (row.long_term_text, row.text) == ("metformine\nramipril", "paracétamol")
    printed = " ".join(words(queries.prescription_bytes(id, reader=opened(moreau))).split())
    order = [printed.index(part) for part in ("longue durée", "metformine", "ramipril", "MALADIES INTERCURRENTES", "paracétamol")]
    assert order == sorted(order)


def test_the_datamatrix_of_a_qualified_identity_is_read_back_and_absent_otherwise(
    visit: Visit, url: Url, moreau: Actor, jeanne: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = queries.prescription_bytes(signed(visit, url, moreau, jeanne), reader=opened(moreau))
    assert codes(plain) == []
    assert "INS" not in words(plain)
    from permanence.patients.queries import files as sheets

    real = sheets._national

    def qualified(values: list[Any], status: str) -> Any:
        return real([NIR, "1.2.250.1.213.1.4.8", *values[2:]], "qualifiee")

    monkeypatch.setattr(sheets, "_national", qualified)
    without = queries.prescription_bytes(signed(visit, url, moreau, jeanne), reader=opened(moreau))
    assert codes(without) == []  # no place of birth: the matricule stands in clear, no code says less than the identity
    assert "2 58 07 14 118 025 47" in words(without).replace("\u00a0", " ")
    amend_identity(jeanne, by=moreau, changes={"birth_place_insee": "14118"})
    pdf = queries.prescription_bytes(signed(visit, url, moreau, jeanne), reader=opened(moreau))
    [read] = codes(pdf)
    assert read == f"IS01{22 * '0'}S1{NIR}S21.2.250.1.213.1.4.8\x1dS3JEANNE MARIE\x1dS4MARTIN\x1dS5FS614-07-1958S714118"
    assert "2 58 07 14 118 025 47" in words(pdf).replace("\u00a0", " ")


def test_what_stays_unfilled_in_a_template_is_not_printed(visit: Visit, url: Url, moreau: Actor, jeanne: UUID) -> None:
    page = visit(moreau, url("papers:certificat", jeanne)).content.decode()
    assert "MARTIN Jeanne" in page
    id = signed(visit, url, moreau, jeanne, family="certificat", template="passage", text="Vu le 22/11/2026 à {heure}.\n{lieu} reste.")
    assert documents.letter(id, reader=opened(moreau)).text == "Vu le 22/11/2026 à .\n{lieu} reste."


def test_an_arret_prints_only_what_helps_to_copy_it(visit: Visit, url: Url, moreau: Actor, jeanne: UUID) -> None:
    first, last = jinja.today(), jinja.today() + datetime.timedelta(days=3)
    id = signed(visit, url, moreau, jeanne, family="arret", template="arret", text="", stoppage_from=f"{first:%d/%m/%Y}",
                stoppage_until=f"{last:%d/%m/%Y}", stoppage_kind="initial", outings="free", reason_text="Lombalgie", form_serial="AB 123")
    printed = words(queries.prescription_bytes(id, reader=opened(moreau)))
    assert printed.count("ce papier n’est pas un arrêt de travail") == 2
    assert "formulaire sécurisé n° AB 123" in printed
    assert "4 jours" in printed.replace("\u00a0", " ")
    assert "Signature" not in printed


def test_an_arret_that_would_end_next_year_asks_for_the_year(visit: Visit, url: Url, moreau: Actor, jeanne: UUID) -> None:
    first = jinja.today()
    past = first - datetime.timedelta(days=9 if (first.month, first.day) == (3, 8) else 8)  # never a 29 February
    dates = {"family": "arret", "template": "arret", "text": "", "stoppage_from": f"{first:%d/%m/%Y}"}
    answer = sign(visit, url, moreau, jeanne, **dates, stoppage_until=f"{past:%d/%m}")
    assert answer.status_code == 422
    assert "écrire l’année" in answer.content.decode()
    assert signed(visit, url, moreau, jeanne, **dates, stoppage_until=f"{past:%d/%m}/{past.year + 1}")


def test_a_letter_goes_to_its_reader(visit: Visit, url: Url, moreau: Actor, jeanne: UUID) -> None:
    id = signed(visit, url, moreau, jeanne, family="courrier", template="adressage",
                recipient="Dr Paul DURAND\nÉvry", text="Merci de voir Jeanne.")
    printed = words(documents.letter_bytes(id, reader=opened(moreau)))
    assert "Dr Paul DURAND" in printed
    assert "Merci de voir Jeanne." in printed


# -- nothing typed is lost


def test_a_typesetter_that_fails_signs_nothing_and_gives_the_text_back(
    visit: Visit, url: Url, moreau: Actor, jeanne: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> bytes:
        raise typesetting.NotTypeset("secret de la mise en page")

    monkeypatch.setattr(typesetting, "pdf", fails)
    answer = sign(visit, url, moreau, jeanne, text="un texte long")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "un texte long" in page
    assert "rien n’est signé" in page
    assert "secret de la mise en page" not in page
    assert queries.prescriptions([jeanne], reader=opened(moreau)) == []


@pytest.mark.parametrize(
    ("path", "instead"),
    [("/cabinet/reprise/a-recopier/{}/a-recopier.pdf", "tableau CSV"), ("/agenda/feuille/", "imprimer l’agenda affiché")],
)
def test_a_list_that_cannot_be_typeset_says_what_to_do_without_it(
    visit: Visit, moreau: Actor, jeanne: UUID, monkeypatch: pytest.MonkeyPatch, path: str, instead: str
) -> None:
    def fails(*_: object) -> bytes:
        raise typesetting.NotTypeset("secret de la mise en page")

    monkeypatch.setattr(typesetting, "pdf", fails)
    answer = visit(moreau, path.format(jeanne))
    page = answer.content.decode()
    assert answer.status_code == 503
    assert instead in page
    assert "secret de la mise en page" not in page


@pytest.mark.parametrize("fields", [
    {"family": "ordonnance", "template": "ordonnance", "text": "  "},
    {"family": "arret", "template": "arret", "reason_text": "Lombalgie gardée",
     "stoppage_from": "25/11/2026", "stoppage_until": "22/11/2026"},
    {"family": "arret", "template": "arret", "reason_text": "Lombalgie gardée"},
    {"family": "certificat", "template": "inconnu", "text": "Texte gardé"}])
def test_a_refusal_gives_back_everything_that_was_typed(
    visit: Visit, url: Url, moreau: Actor, jeanne: UUID, fields: dict[str, str]
) -> None:
    answer = visit(moreau, url("papers:sign", jeanne), {"text": "", **fields})
    assert answer.status_code == 422
    for typed in (fields.get("text", ""), fields.get("reason_text", ""), fields.get("stoppage_from", "")):
        assert typed.strip() in answer.content.decode()


def test_what_is_typed_survives_a_reload_and_goes_when_it_is_signed(visit: Visit, url: Url, moreau: Actor, jeanne: UUID) -> None:
    kept = visit(moreau, url("papers:draft_save", jeanne), {
        "family": "courrier", "template": "reponse", "text": "à finir", "recipient": "Dr X"})
    assert kept.status_code == 204
    page = visit(moreau, url("papers:courrier", jeanne)).content.decode()
    assert "à finir" in page
    assert "Dr X" in page
    signed(visit, url, moreau, jeanne, family="courrier", template="reponse", text="fini", draft=kept["X-Draft"],
           version=kept["X-Draft-Version"])
    assert "à finir" not in visit(moreau, url("papers:courrier", jeanne)).content.decode()


def test_the_same_form_sent_twice_signs_once(visit: Visit, url: Url, moreau: Actor, jeanne: UUID) -> None:
    once = str(uuid4())
    first, second = (signed(visit, url, moreau, jeanne, once=once) for _ in range(2))
    assert first == second
    assert len(queries.prescriptions([jeanne], reader=opened(moreau))) == 1


# -- the screens


def test_a_signed_paper_stands_in_the_timeline_and_opens(visit: Visit, url: Url, moreau: Actor, jeanne: UUID) -> None:
    id = signed(visit, url, moreau, jeanne)
    file = visit(moreau, url("dossier:file", jeanne)).content.decode()
    assert url("papers:paper", jeanne, id) in file
    assert "paracétamol 1 g" in file
    page = visit(moreau, url("papers:paper", jeanne, id)).content.decode()
    assert url("papers:content", jeanne, id) in page
    pdf = visit(moreau, url("papers:content", jeanne, id))
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf["Content-Disposition"] == 'inline; filename="papier.pdf"'


def test_renewing_copies_the_text_and_correcting_stands_in_its_place(
    visit: Visit, url: Url, moreau: Actor, benali: Actor, jeanne: UUID
) -> None:
    id = signed(visit, url, moreau, jeanne, text="ramipril 5 mg")
    renewed = visit(moreau, url("papers:ordonnance", jeanne) + f"?depuis={id}").content.decode()
    assert "ramipril 5 mg" in renewed
    assert f'name="replaces" value="{id}"' not in renewed
    corrected = visit(moreau, url("papers:ordonnance", jeanne) + f"?corrige={id}").content.decode()
    assert f'name="replaces" value="{id}"' in corrected
    newer = signed(visit, url, moreau, jeanne, text="ramipril 2,5 mg", replaces=str(id))
    assert "Remplacé" in visit(moreau, url("dossier:file", jeanne)).content.decode()
    assert url("papers:paper", jeanne, newer) in visit(moreau, url("papers:paper", jeanne, id)).content.decode()
    refused = sign(visit, url, benali, jeanne, text="autre", replaces=str(newer))
    assert refused.status_code == 422


def test_a_strangers_paper_does_not_open(visit: Visit, url: Url, cast: Mapping[str, Actor], moreau: Actor, jeanne: UUID) -> None:
    id = signed(visit, url, moreau, jeanne, sensitive="on")
    for who in ("benali", "nadia", "sophie", "bruno", "yann"):
        for name in ("papers:paper", "papers:content"):
            assert visit(cast[who], url(name, jeanne, id)).status_code in (403, 404), (who, name)
    assert visit(moreau, url("papers:content", jeanne, uuid4())).status_code == 404


def test_a_paper_opens_under_its_own_patient_only(visit: Visit, url: Url, moreau: Actor, jeanne: UUID) -> None:
    """Attack: another file's address, opened with a good reason, used to read this one's paper."""
    id = signed(visit, url, moreau, jeanne)
    other = register(by=moreau, birth_name="Autre", first_given_name="Paul", birth_date=datetime.date(1960, 2, 3), birth_sex="M")
    for name, data in (("papers:paper", None), ("papers:content", None), ("papers:print", {"x": ""})):
        assert visit(moreau, url(name, other, id), data).status_code == 404, name
        assert visit(moreau, url(name, jeanne, id), data).status_code in (200, 303), name


@pytest.mark.parametrize("who", ["nadia", "sophie", "ines", "bruno", "yann"])
@pytest.mark.parametrize("family", ["ordonnance", "demande", "arret", "certificat"])
def test_who_does_not_prescribe_opens_no_page_to_write(
    who: str, family: str, visit: Visit, url: Url, cast: Mapping[str, Actor], jeanne: UUID
) -> None:
    assert visit(cast[who], url(f"papers:{family}", jeanne)).status_code == 403


def test_all_of_todays_papers_leave_as_one_pdf_without_the_replaced_ones(visit: Visit, url: Url, moreau: Actor, jeanne: UUID) -> None:
    assert visit(moreau, url("papers:print_all", jeanne)).status_code == 404
    first = signed(visit, url, moreau, jeanne, text="ancien texte")
    signed(visit, url, moreau, jeanne, text="nouveau texte", replaces=str(first))
    signed(visit, url, moreau, jeanne, family="certificat", template="passage", text="Vu ce jour.")
    printed = words(visit(moreau, url("papers:print_all", jeanne)).content)
    assert "nouveau texte" in printed
    assert "Vu ce jour." in printed
    assert "ancien texte" not in printed


# -- the desk


def test_the_desk_prints_what_is_signed_without_a_word_of_it_on_screen(
    visit: Visit, url: Url, moreau: Actor, sophie: Actor, bruno: Actor, jeanne: UUID
) -> None:
    id = signed(visit, url, moreau, jeanne, text="sertraline 50 mg")
    page = visit(sophie, url("papers:to_hand_over")).content.decode()
    assert "MARTIN" in page
    assert "sertraline" not in page
    assert url("papers:hand_over", id) in page
    pdf = visit(sophie, url("papers:hand_over", id))
    assert pdf["Content-Disposition"].startswith("attachment")
    assert "sertraline" in words(pdf.content)
    for path in (url("papers:to_hand_over"), url("papers:hand_over", id)):
        assert visit(bruno, path).status_code == 403


def test_the_desk_prints_only_what_was_signed_today(
    visit: Visit, url: Url, moreau: Actor, sophie: Actor, jeanne: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    from permanence.web.papers import handing

    id = signed(visit, url, moreau, jeanne)
    midnight = handing._midnight()
    monkeypatch.setattr(handing, "_midnight", lambda: midnight + datetime.timedelta(days=1))
    answer = visit(sophie, url("papers:hand_over", id))
    assert answer.status_code == 403
    assert "MARTIN" not in visit(sophie, url("papers:to_hand_over")).content.decode()


# -- printers


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_reaches_a_printer_before_its_access_entry_is_on_disk(
    fails: bool, visit: Visit, url: Url, moreau: Actor, jeanne: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    from permanence.journal import access
    from permanence.lib import host
    from permanence.web.papers import printing

    id, order = signed(visit, url, moreau, jeanne), list[str]()
    submit = access.submit

    def entry(served: Any) -> Any:
        if fails:
            raise access.NotJournalled("disk full")
        if any(patient.levels and max(level for _, level in patient.levels) >= Level.PRINTED for patient in served.patients):
            order.append("entry")
        return submit(served)

    monkeypatch.setattr(host, "print_pdf", lambda *_, **__: order.append("paper"))
    monkeypatch.setattr(printing.documents, "printer_for", lambda post, paper, *, reader: ("HP", paper))
    monkeypatch.setattr(access, "submit", entry)
    answers = [visit(moreau, url("papers:print", jeanne, id), {"x": ""}), visit(moreau, url("papers:print_all", jeanne), {"x": ""})]
    kept = sign(visit, url, moreau, jeanne, imprimer="oui")
    assert order == ([] if fails else ["entry", "paper"] * 3)
    assert [one.status_code for one in answers] == ([503, 503] if fails else [303, 303])
    assert (kept.status_code, "Enregistré" in kept.content.decode()) == ((200, True) if fails else (303, False))


def test_signing_prints_at_once_where_the_post_has_a_printer(
    visit: Visit, url: Url, moreau: Actor, jeanne: UUID, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from permanence.lib import host
    from permanence.web.papers import printing

    sent: list[tuple[bytes, str, str]] = []
    monkeypatch.setattr(host, "print_pdf", lambda data, printer, tray="", *, paper="": sent.append((data, printer, tray)))
    monkeypatch.setattr(printing.documents, "printer_for", lambda post, paper, *, reader: ("HP", paper))
    answer = sign(visit, url, moreau, jeanne, imprimer="oui")
    assert "fait=imprime" in answer["Location"]
    [(data, printer, tray)] = sent
    assert (data[:4], printer, tray) == (b"%PDF", "HP", "a5")

    def jammed(*_: object, **__: object) -> None:
        raise host.NotPrinted("bourrage")

    monkeypatch.setattr(host, "print_pdf", jammed)
    answer = sign(visit, url, moreau, jeanne, imprimer="oui")
    assert "imprimante=non" in answer["Location"]
    assert "L’imprimante n’a pas pris le document" in visit(moreau, answer["Location"]).content.decode()


def test_a_form_sent_twice_prints_once_and_a_stop_on_the_way_is_said(
    visit: Visit, url: Url, moreau: Actor, jeanne: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    from permanence.lib import host
    from permanence.web.papers import printing

    sent: list[bytes] = []

    def one_sheet_left(data: bytes, printer: str, tray: str = "", *, paper: str = "") -> None:
        if len(sent) == 3:
            raise host.NotPrinted("bac vide")
        sent.append(data)

    monkeypatch.setattr(host, "print_pdf", one_sheet_left)
    monkeypatch.setattr(printing.documents, "printer_for", lambda post, paper, *, reader: ("HP", paper))
    id, once = signed(visit, url, moreau, jeanne), {"once": str(uuid4())}
    first, second = (visit(moreau, url("papers:print", jeanne, id), once)["Location"] for _ in range(2))
    assert ("fait=imprime" in first, "fait=deja_imprime" in second, len(sent)) == (True, True, 1)
    signing = {"once": str(uuid4()), "imprimer": "oui"}
    assert [sign(visit, url, moreau, jeanne, **signing).status_code for _ in range(2)] == [303, 303]
    assert len(sent) == 2
    stopped = visit(moreau, url("papers:print_all", jeanne), {"x": ""})
    assert "fait=imprime_en_partie" in stopped["Location"]
    assert "s’est arrêtée en route" in visit(moreau, stopped["Location"]).content.decode()


def test_settings_show_to_each_what_is_theirs(visit: Visit, url: Url, moreau: Actor, nadia: Actor, sophie: Actor) -> None:
    assert "Mes formulaires" in visit(moreau, url("papers:settings")).content.decode()
    nurse = visit(nadia, url("papers:settings")).content.decode()
    assert "Mon en-tête" in nurse
    assert "Mes formulaires" not in nurse
    assert "En-tête du cabinet" not in visit(sophie, url("papers:settings")).content.decode()


def test_letterhead_and_stock_are_kept_and_a_mistake_gives_the_words_back(visit: Visit, url: Url, moreau: Actor, jeanne: UUID) -> None:
    visit(moreau, url("papers:letterhead_save"), {
        "own-address": "4 rue des Tilleuls", "own-phone": "01 69 00 00 00", "own-lines": "Secteur 1"})
    visit(moreau, url("papers:forms_received"), {"count": "25", "first": "", "last": ""})
    page = visit(moreau, url("papers:settings")).content.decode()
    assert "25\u00a0restants" in page
    wrong = visit(moreau, url("papers:forms_received"), {"count": "10", "first": "AB1", "last": "AB5"})
    assert wrong.status_code == 422
    assert "AB5" in wrong.content.decode()
    printed = words(queries.prescription_bytes(signed(visit, url, moreau, jeanne), reader=opened(moreau)))
    assert "4 rue des Tilleuls" in printed
    assert "Secteur 1" in printed
