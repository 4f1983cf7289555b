"""Printed documents: conformance marks, data that is never code, a typesetter that comes back."""

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest

from permanence.lib import codes, typesetting

TEMPLATE = "lib/typst/trial.typ"


@pytest.fixture(scope="module")
def setter() -> Iterator[typesetting.Typesetter]:
    made = typesetting.Typesetter()
    yield made
    made.close()


def words_of(pdf: bytes) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def test_a_document_says_that_it_is_archivable_and_accessible(setter: typesetting.Typesetter) -> None:
    made = setter.pdf(TEMPLATE, {"title": "Essai", "words": "Texte", "svg": codes.datamatrix_svg("essai")})
    with pikepdf.open(io.BytesIO(made)) as pdf, pdf.open_metadata() as about:
        assert about["pdfaid:part"] == "3"
        assert about["pdfuaid:part"] == "1"
        assert "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.Lang).lower().startswith("fr")


def test_what_a_person_typed_is_printed_and_never_run(setter: typesetting.Typesetter) -> None:
    hostile = '#panic("lu") *gras* $x$ #read("/lib/host.py")\n"}\\'
    printed = words_of(setter.pdf(TEMPLATE, {"title": "Essai", "words": hostile, "svg": codes.qr_svg("essai")}))
    for line in hostile.splitlines():
        assert line in printed


def test_only_templates_of_ours_are_compiled(setter: typesetting.Typesetter, tmp_path: Path) -> None:
    other = tmp_path / "autre.typ"
    other.write_text("autre")
    for template in (str(other), "../../../../etc/passwd", "lib/host.py"):
        with pytest.raises(typesetting.NotTypeset):
            setter.pdf(template, {})


def test_a_typesetter_that_dies_is_started_again(setter: typesetting.Typesetter) -> None:
    setter.pdf(TEMPLATE, {"title": "Essai", "words": "un", "svg": codes.qr_svg("a")})
    assert setter.child.pid
    os.kill(setter.child.pid, 9)
    assert setter.pdf(TEMPLATE, {"title": "Essai", "words": "deux", "svg": codes.qr_svg("a")}).startswith(b"%PDF")


def test_the_typesetter_gets_nothing_of_our_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERMANENCE_PLACE", "secret")
    made = typesetting.Typesetter()
    try:
        made.pdf(TEMPLATE, {"title": "Essai", "words": "un", "svg": codes.qr_svg("a")})
        assert b"PERMANENCE" not in Path(f"/proc/{made.child.pid}/environ").read_bytes()
    finally:
        made.close()
