"""The public examples of the ANS, where the reference data is present: nothing here is copied from them."""

import base64
import re
from pathlib import Path

import pytest

from permanence.interop.cda import refusals, vsm

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FILES = sorted(DATA.glob("cda/*.xml"))
MESSAGES = sorted(DATA.glob("hl7v2/*"))
ABSENT = pytest.mark.skipif(not FILES, reason="reference data is absent (../shared/data/cda)")


@ABSENT
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_example_is_read_or_refused_by_name(path: Path) -> None:
    if path.name.startswith("JDV_"):
        with pytest.raises(refusals.NotCda, match="jeu de valeurs"):
            vsm.read(path.read_bytes())
        return
    found = vsm.read(path.read_bytes())
    assert found.is_summary is path.name.startswith("VSM_")
    assert found.kind
    assert found.patient.birth_family
    assert found.patient.birth.date is not None


@ABSENT
def test_the_medical_summary_gives_everything_it_says() -> None:
    found = vsm.read((DATA / "cda" / "VSM_1.4_2022.01.xml").read_bytes())
    counts = {name: count for name, count in found.counts.items() if count}
    assert counts == {
        "problems": 4,
        "procedures": 1,
        "allergies": 1,
        "treatments": 2,
        "family": 1,
        "texts": 2,
        "warnings": 3,
        "lifestyle": 2,
    }
    assert [p.status for p in found.problems] == ["active", "active", "past", "past"]
    assert len({p.key for p in found.problems}) == 4
    assert found.patient.ins_oid.endswith(".10")
    assert all("1 cp/j" in t.written for t in found.treatments)
    assert found.allergies[0].status == "active"


@ABSENT
def test_laboratory_results_are_read_with_their_codes() -> None:
    found = vsm.read((DATA / "cda" / "BIO-CR-BIO_2024.01_TSH_1.xml").read_bytes())
    assert [(r.code.code, r.value, r.interpretation.code) for r in found.of_kind("result")] == [
        ("3016-3", "1,950 mUI/L", "N"),
        ("3024-7", "7,67 pg/mL", "L"),
    ]
    assert found.attachments[0].media_type == "application/pdf"


@pytest.mark.skipif(not MESSAGES, reason="reference data is absent (../shared/data/hl7v2)")
@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_documents_carried_in_messages_are_read_or_refused_by_name(path: Path) -> None:
    for carried in re.findall(rb"Base64\^([A-Za-z0-9+/=\\.\s]{100,})", path.read_bytes()):
        clean = re.sub(rb"[^A-Za-z0-9+/]", b"", carried)
        content = base64.b64decode(clean + b"=" * (-len(clean) % 4) if len(clean) % 4 != 1 else clean[:-1])
        found = vsm.read(content)
        assert found.findings or found.attachments
