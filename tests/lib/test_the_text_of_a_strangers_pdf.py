"""PDFs of strangers are read by a child that holds nothing; whatever a file does to it, the next one is read."""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from permanence.lib import pdftext
from tests.interop.export import pdf


@pytest.fixture
def extractor() -> Iterator[pdftext.Extractor]:
    made = pdftext.Extractor()
    yield made
    made.close()


def test_the_first_words_are_read(extractor: pdftext.Extractor) -> None:
    found = extractor.read(pdf("Jeanne MARTIN", "14/07/1958"))
    assert (found.pages, found.wrong) == (1, "")
    assert "Jeanne MARTIN" in found.text


@pytest.mark.parametrize("data", [b"", b"MZ", b"%PDF-1.4", b"%PDF-1.7\n" + bytes(5000), pdf("x")[:200]])
def test_what_is_no_pdf_is_said_in_french(extractor: pdftext.Extractor, data: bytes) -> None:
    assert extractor.read(data).wrong
    assert extractor.read(pdf("après")).text.strip() == "après"


def test_mutations_never_stop_the_reading(extractor: pdftext.Extractor) -> None:
    drawn, sound = random.Random(3), pdf("Jeanne MARTIN")
    for _ in range(150):
        data = bytearray(sound)
        for _ in range(drawn.randrange(1, 12)):
            data[drawn.randrange(len(data))] = drawn.randrange(256)
        extractor.read(bytes(data))
    assert "MARTIN" in extractor.read(sound).text


def test_a_child_that_dies_is_started_again(extractor: pdftext.Extractor) -> None:
    extractor.read(pdf("un"))
    assert extractor.child.pid
    os.kill(extractor.child.pid, 9)
    while extractor.child.pid:
        time.sleep(0.01)
    assert extractor.read(pdf("deux")).text.strip() == "deux"


def test_a_file_that_takes_too_long_is_given_up(extractor: pdftext.Extractor) -> None:
    extractor.child.longest_s = 0.0
    assert "illisible" in extractor.read(pdf("x")).wrong
    extractor.child.longest_s = 20.0
    assert extractor.read(pdf("y")).text.strip() == "y"


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads the child's environment from /proc")
def test_the_child_is_given_no_secret(extractor: pdftext.Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERMANENCE_SECRET", "planted")
    extractor.read(pdf("x"))
    assert b"planted" not in Path(f"/proc/{extractor.child.pid}/environ").read_bytes()
    kept = {os.readlink(f"/proc/{extractor.child.pid}/fd/{name}") for name in ("0", "1")}
    assert all(one.startswith("pipe:") for one in kept)
