"""Hostile content: scripts, markup, direction tricks and false types through every field and file."""

from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from permanence.consultations import actions as clinical
from permanence.documents import actions as documents
from permanence.interop.actions import import_vsm
from permanence.journal.doors import Actor
from permanence.lib.text import collapse, plain
from permanence.patients import actions as patients
from permanence.patients import queries
from tests.attacks.conftest import Browser, make_patient
from tests.interop import building
from tests.patients.conftest import opened

XSS = "'\"><img src=x onerror=evil()><script>evil()</script>{{7*7}}{% raw %}${evil()}javascript:evil()"
BIDI = "Mar\u202etin\u202c\u200b\x00\x07\ufeff\u2066"


class Tags(HTMLParser):
    """Every tag and attribute of a page: hostile text must have become neither."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name.startswith("on") or (name in ("href", "src", "action", "hx-get", "hx-post") and "javascript:" in (value or "")):
                self.bad.append(f"{tag} {name}={value}")
        if tag == "script" and not any(name == "src" and (value or "").startswith("/static/") for name, value in attrs):
            self.bad.append("script")
        if tag == "img" and dict(attrs).get("src") == "x":
            self.bad.append("img")


@pytest.fixture
def hostile(site: None, cast: Mapping[str, Actor]) -> SimpleNamespace:
    """A file in which every field holds markup."""
    moreau = cast["moreau"]
    patient = patients.register(
        by=moreau,
        birth_name=XSS,
        given_names=XSS,
        used_name=XSS,
        used_given_name=XSS,
        birth_place_label=XSS,
        email=XSS,
        address=XSS,
        city=XSS,
        mobile=XSS,
        mutuelle=XSS,
        administrative_text=XSS,
    )
    patients.set_medecin_traitant(patient, by=moreau, outside=XSS)
    patients.add_contact(patient, by=moreau, role="autre", name=XSS, relation=XSS, note=XSS)
    other = make_patient(moreau, XSS)
    patients.merge(patient, by=moreau, merged=other, reason=XSS)
    ids = {
        "history": clinical.add_history(patient, by=moreau, fields={"label": XSS, "note": XSS, "relation": XSS, "kind": "familial"}),
        "allergy": clinical.add_allergy(patient, by=moreau, fields={"substance": XSS, "reaction": XSS}),
        "treatment": clinical.add_treatment(
            patient,
            by=moreau,
            fields={
                "label": XSS,
                "dci": XSS,
                "posology": XSS,
                "form": XSS,
                "prescriber": XSS,
                "dose": {"value": 1, "scale": 0, "unit": XSS},
            },
        ),
        "vaccination": clinical.add_vaccination(patient, by=moreau, fields={"vaccine": XSS, "lot": XSS, "site": XSS, "given": "2020"}),
        "private_note": clinical.add_private_note(patient, by=moreau, text=XSS),
        "note": clinical.sign_note(patient, by=moreau, fields=dict.fromkeys(("motif", "text", "subjective", "plan"), XSS)),
        "document": documents.keep_original(
            patient,
            b"%PDF-1.4 <script>evil()</script>",
            by=moreau,
            title=XSS,
            mime="application/pdf",
            file_name=f"../../{XSS}\r\nX-Evil: 1.html",
            author_text=XSS,
            type_label=XSS,
        ),
    }
    clinical.amend_note(ids["note"], by=moreau, fields={"text": XSS})
    clinical.save_draft(patient, by=moreau, payload={"motif": XSS, "text": XSS})
    documents.add_results(
        patient,
        by=moreau,
        document=ids["document"],
        results=[{"label": XSS, "value_text": XSS, "unit": XSS, "reference": XSS, "loinc": XSS[:20]}],
    )
    return SimpleNamespace(patient=patient, ids=ids)


def test_no_field_becomes_markup_on_any_screen(hostile: SimpleNamespace, browse: Callable[[str], Browser]) -> None:
    p, ids = hostile.patient, hostile.ids
    paths = [
        "/",
        "/patients/",
        "/patients/?q=img",
        "/patients/palette/?q=img",
        f"/patients/nouveau/?nom={'%22%3E%3Cscript%3E'}",
        *(
            f"/patients/{p}/{end}"
            for end in (
                "",
                "identite/",
                "identite/modifier/",
                "entourage/",
                "protection/",
                "opposition/",
                "reunir/",
                "note/",
                "mesures/",
                "mesures/?ligne=%22%3E%3Cscript%3E",
                "lectures/",
                "notes-personnelles/",
                "suite/?avant=9999-01-01T00:00:00",
                f"note/{ids['note']}/",
                f"note/{ids['note']}/deplacer/?q=%22%3E%3Cscript%3E",
                f"document/{ids['document']}/",
                *(f"ligne/{kind}/{ids[kind]}/" for kind in ("history", "allergy", "treatment", "vaccination", "private_note")),
            )
        ),
        "/?fait=%3Cscript%3E&objet=%22%3E%3Cscript%3E",
        "/cabinet/ma-session/",
        "/cabinet/membres/",
    ]
    browser = browse("moreau")
    for path in paths:
        answer = browser.send(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200, path
        assert Tags(answer.content.decode()).bad == [], path
        assert "'nonce-" in answer.headers["Content-Security-Policy"]


def test_a_form_given_back_with_its_errors_holds_no_markup(hostile: SimpleNamespace, browse: Callable[[str], Browser]) -> None:
    browser, p = browse("moreau"), hostile.patient
    for path, data in (
        (f"/patients/{p}/antecedent/", {"label": "", "note": XSS, "start": XSS, "kind": XSS}),
        (f"/patients/{p}/note/signer/", {"motif": XSS, "text": XSS, "measures": XSS, "codes": XSS, "kind": "zzz", "at": XSS}),
        (f"/patients/{p}/mesures/", {"line": XSS}),
        ("/patients/nouveau/", {"birth_name": XSS, "birth_date": XSS, "nir": XSS}),
        (f"/patients/{p}/traitement/", {"dci": XSS, "dose": XSS, "source": XSS}),
    ):
        answer = browser.send(path, data)
        assert answer.status_code == 422, path
        assert Tags(answer.content.decode()).bad == [], path


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (b"<html><script>evil()</script>", "text/html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='evil()'/>", "image/svg+xml"),
        (b"<?xml version='1.0'?><x/>", "application/xhtml+xml"),
        (b"%PDF-1.4 <html><script>", "text/html"),
        (b"GIF89a/*", "image/gif"),
        (b"\x89PNG\r\n<script>", "image/png; charset=x\r\nX-Evil: 1"),
    ],
)
def test_a_file_that_a_browser_could_run_is_only_downloaded(
    data: bytes, mime: str, cast: Mapping[str, Actor], browse: Callable[[str], Browser]
) -> None:
    patient = make_patient(cast["moreau"], "Fichier")
    document = documents.keep_original(patient, data, by=cast["moreau"], title="x", mime=mime, file_name='a\r\nX-Evil: 1"; x=.html')
    answer = browse("moreau").send(f"/patients/{patient}/document/{document}/contenu")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="document.bin"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Evil" not in answer.headers


@pytest.mark.parametrize(
    "name", ["evil.html", "../../../etc/passwd", "a\r\nSet-Cookie: x=1", "\u202elmth.exe", "x" * 5000, "", "NUL\x00.pdf"]
)
def test_an_uploaded_file_is_what_its_first_bytes_say(name: str, cast: Mapping[str, Actor], browse: Callable[[str], Browser]) -> None:
    patient, browser = make_patient(cast["moreau"], "Fichier"), browse("moreau")
    mark = "----x"
    parts = {"once": "6f1c2a54-0000-4000-8000-000000000001", "title": "t"}
    body = "".join(f'--{mark}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in parts.items())
    safe = name.replace('"', "").replace("\r\n", "%0D%0A")
    body += f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{safe}"\r\nContent-Type: application/pdf\r\n\r\n'
    raw = body.encode() + b"<html><script>evil()</script>" + f"\r\n--{mark}--\r\n".encode()
    answer = browser.send(f"/patients/{patient}/document/", raw, content_type=f"multipart/form-data; boundary={mark}")
    assert answer.status_code in (303, 400, 422)
    page = browser.send(f"/patients/{patient}/", headers={"Accept": "text/html"}).content.decode()
    assert Tags(page).bad == []


def test_a_served_text_cannot_run_even_when_it_is_markup(cast: Mapping[str, Actor], browse: Callable[[str], Browser]) -> None:
    patient = make_patient(cast["moreau"], "Texte")
    document = documents.keep_original(patient, b"<script>evil()</script>", by=cast["moreau"], title="x", mime="text/plain")
    answer = browse("moreau").send(f"/patients/{patient}/document/{document}/contenu")
    assert answer.headers["Content-Type"] == "text/plain"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_shows_nothing_and_deceives_is_not_kept_in_a_name(cast: Mapping[str, Actor]) -> None:
    patient = make_patient(cast["moreau"], BIDI)
    assert queries.banner(patient, reader=opened(cast["moreau"])).name.startswith("MARTIN ")
    assert [row.patient for row in queries.search("martin", reader=opened(cast["moreau"]))] == [patient]


def test_what_turns_the_direction_of_a_text_is_taken_out_and_lines_stay() -> None:
    assert plain("dose \u202e01\u202c mg\r\nsoir\tet\x00 matin \ud800👩\u200d⚕️") == "dose 01 mg\r\nsoir\tet matin 👩\u200d⚕️"
    assert collapse("  Anne\u00ad-\u200bMarie\u202f  LE\u200d GOFF ") == "Anne-Marie LE GOFF"


def test_no_imported_word_becomes_markup(site: None, cast: Mapping[str, Actor], browse: Callable[[str], Browser]) -> None:
    body = building.section(
        "11450-4",
        XSS,
        building.table(["Problème"], [building.escape(XSS)]),
        building.problem("0F0E0D0C-0000-4000-8000-000000000001", "B24", XSS, low="2011"),
    )
    done = import_vsm(building.document(body).encode(), f"{XSS}.xml", by=cast["moreau"])
    assert done.patient is not None
    assert done.import_id is not None
    for path in (
        f"/patients/{done.patient}/",
        f"/patients/{done.patient}/import/{done.import_id}/",
        f"/patients/{done.patient}/identite/",
        f"/patients/{done.patient}/document/{done.document}/",
    ):
        answer = browse("moreau").send(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200
        assert Tags(answer.content.decode()).bad == [], path


def test_a_text_longer_than_any_note_is_refused_and_given_back(cast: Mapping[str, Actor], browse: Callable[[str], Browser]) -> None:
    patient, long = make_patient(cast["moreau"], "Long"), "a" * 200_001
    for path, data in (
        (f"/patients/{patient}/antecedent/", {"label": "x", "note": long, "kind": "medical"}),
        (f"/patients/{patient}/identite/modifier/", {"administrative_text": long, "birth_name": "Long", "birth_sex": "F"}),
    ):
        answer = browse("moreau").send(path, data)
        assert answer.status_code == 422
        assert long in answer.content.decode()
