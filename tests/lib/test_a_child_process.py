"""A child that lies, dribbles, dies or never answers costs its caller one refusal, within its time and its size."""

import json
import struct
from pathlib import Path

import pytest

from permanence.lib import pdftext
from permanence.lib.child import Child, Ended

HEAD = """import struct, sys, time
out = sys.stdout.buffer
def answer(byte, body, length=None):
    out.write(struct.pack(">BI", byte, len(body) if length is None else length) + body); out.flush()
while head := sys.stdin.buffer.read(5):
    asked = sys.stdin.buffer.read(struct.unpack(">BI", head)[1])
    """


def child(tmp_path: Path, does: str, **more: int) -> Child:
    script = tmp_path / "child.py"
    script.write_text(HEAD + does)
    return Child(str(script), **{"longest_s": 60.0, "most": 1_000, **more})  # type: ignore[arg-type]


def test_it_answers_and_is_another_one_after_its_questions(tmp_path: Path) -> None:
    made = child(tmp_path, "answer(7, asked.upper())", questions=2)
    first = [(made.ask(b"un"), made.pid) for _ in range(2)]
    assert [answer for answer, _ in first] == [(7, b"UN")] * 2
    assert len({pid for _, pid in first}) == 1
    assert made.ask(b"trois") == (7, b"TROIS")
    assert made.pid != first[0][1]
    made.end()
    assert made.pid is None


@pytest.mark.parametrize("does", [
    "answer(0, b'x', 4_000_000_000)",  # would be four gigabytes of memory
    "answer(0, b'x', 900)\n    sys.exit(0)",  # less than announced
    "sys.exit(3)",
    "out.write(b'abc'); out.flush(); sys.exit(0)",
])
def test_what_does_not_answer_as_agreed_is_ended(tmp_path: Path, does: str) -> None:
    made = child(tmp_path, does)
    for _ in range(2):
        with pytest.raises(Ended):
            made.ask(b"x")
        assert made.pid is None


def test_one_that_is_late_is_ended(tmp_path: Path) -> None:
    made = child(tmp_path, "time.sleep(60)")
    made.longest_s = 0.2
    with pytest.raises(Ended):
        made.ask(b"x")


@pytest.mark.parametrize("said", [b"{", b"[]", b"null", b'{"text": "a"}', b'{"text": "a", "pages": "b", "wrong": ""}', b"\xff",
                                  json.dumps({"text": "a", "pages": None, "wrong": ""}).encode()])
def test_whatever_a_file_makes_the_reader_say_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    script = tmp_path / "child.py"
    script.write_text(HEAD + f"answer(0, {said!r})")
    monkeypatch.setattr(pdftext, "SCRIPT", script)
    extractor = pdftext.Extractor()
    assert "illisible" in extractor.read(b"%PDF-1.7 x").wrong
    extractor.close()


def test_the_head_is_the_same_in_the_children() -> None:
    from permanence.lib import child_pdf, child_typst
    from permanence.lib.child import HEAD as ours

    assert {struct.Struct(one.format).format for one in (ours, child_pdf._HEAD, child_typst._HEAD)} == {ours.format}
