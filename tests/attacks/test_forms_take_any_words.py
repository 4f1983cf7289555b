"""Made-up values in every small field: numbers too long, dates of no calendar, shapes nobody types. No page breaks."""

import ast
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import permanence
from permanence.journal.doors import Actor
from tests.attacks.conftest import Browser, make_patient

SOURCE = Path(permanence.__file__).parent
DATES = [
    "9" * 40,
    "٠١/٠١/٢٠٢٠",
    "00/0000",
    "vers 0",
    "31/02/2020",
    "vers vers 2014",
    "99/99/9999",
    "-1",
    "2014\x00",
    "j+999999999",
    "+99999999999",
    "j-99999999",
    "31129999",
    "hier hier",
    "29/02/1900",
    "1/13",
    "²",
    "1e9",
    "\u202e2014",
]
NUMBERS = ["9" * 5000, "-1", "1.5", "٣", "9" * 20, "²", "1e9", "NaN", "0x10", "1_0"]


@pytest.fixture
def typing(browse: Callable[[str], Browser], cast: Mapping[str, Actor]) -> Callable[..., int]:
    patient, browser = make_patient(cast["moreau"], "Saisie"), browse("moreau")
    return lambda where, /, **data: int(browser.send(f"/patients/{patient}/{where}", data).status_code)


@pytest.mark.parametrize("typed", DATES)
def test_no_date_breaks_a_page(typed: str, typing: Callable[..., int]) -> None:
    found = [
        typing("antecedent/", label="x", kind="medical", start=typed, end=typed),
        typing("vaccin/", vaccine="x", given=typed, next_due=typed),
        typing("mesures/", line="P 72", taken_on=typed),
        typing("note/signer/", motif="x", kind="consultation", at=typed),
        typing("identite/modifier/", birth_name="Saisie", birth_sex="F", birth_date=typed),
    ]
    assert max(found) < 500


@pytest.mark.parametrize("typed", NUMBERS)
def test_no_number_breaks_a_page(typed: str, typing: Callable[..., int]) -> None:
    found = [
        typing("note/brouillon/", version=typed, motif="x", draft=typed),
        typing("note/signer/", version=typed, motif="x", kind="consultation"),
        typing("traitement/", dci="x", source="ici", dose=f"{typed} mg"),
        typing("vaccin/", vaccine="x", given="2020", rank=typed),
        typing("mesures/", line=f"P {typed} TA {typed}/{typed}"),
        typing("antecedent/", label="x", kind="medical", once=typed),
    ]
    assert max(found) < 500


@pytest.mark.parametrize(
    "before", ["2020-01-01", "0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59-23:59", "x", "", "%00", "2020-01-01T00:00:00"]
)
def test_no_instant_breaks_the_timeline(before: str, browse: Callable[[str], Browser], cast: Mapping[str, Actor]) -> None:
    patient = make_patient(cast["moreau"], "Saisie")
    assert browse("moreau").send(f"/patients/{patient}/suite/?avant={before}").status_code == 200


@pytest.mark.parametrize("name", ["sophie", "ines", "bruno", "yann", "theo", "hugo"])
def test_whatever_the_profession_one_may_look_after_ones_own_keys_and_sessions(name: str, browse: Callable[[str], Browser]) -> None:
    browser = browse(name)
    assert browser.send("/cles").status_code == 200
    assert browser.send("/sessions/terminer", {}).status_code == 303


def test_identifiers_and_codes_are_drawn_at_random() -> None:
    """Nothing that opens or names something may come from a predictable generator or from a clock."""
    bad = []
    for path in SOURCE.rglob("*.py"):
        if "demo" in path.relative_to(SOURCE).parts:
            continue  # fictional people are the same each time
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            module = node.module if isinstance(node, ast.ImportFrom) else ""
            if "random" in names or module == "random" or {"uuid1", "uuid6", "uuid7"} & set(names):
                bad.append(path.name)
    assert bad == []
