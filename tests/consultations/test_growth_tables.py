"""A growth reference typed by somebody is read as it was written, or refused with the line to correct. Every table is made up."""

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permanence.consultations import growth, growth_csv
from permanence.consultations.growth_csv import WrongTable

HEAD = "kind,sex,month,l,m,s\n"
GOOD = f"{HEAD}head,F,0,1,34,0.03\nhead,F,12,1,46,0.03\n"


def load(text: str) -> growth.Reference:
    return growth_csv.load_csv(text, name="Essai", published="2026")


def rows() -> st.SearchStrategy[list[tuple[float, float, float, float]]]:
    """Rows of a curve: months in tenths, each once and rising; powers and variations that leave the percentiles possible."""
    months = st.lists(st.integers(-60, 2400), min_size=2, max_size=12, unique=True).map(sorted)
    lms = st.tuples(st.integers(-30, 30), st.integers(2500, 6000), st.integers(1, 160))
    return months.flatmap(
        lambda found: st.lists(lms, min_size=len(found), max_size=len(found)).map(
            lambda values: [(month / 10, a / 10, b / 100, c / 1000) for month, (a, b, c) in zip(found, values, strict=True)]
        )
    )


@settings(deadline=None, max_examples=60)
@given(rows(), st.sampled_from([(",", "."), (";", "."), (";", ","), ("\t", ",")]), st.sampled_from("FM"))
def test_a_loaded_table_gives_back_its_rows_at_its_ages(table: list[tuple[float, ...]], marks: tuple[str, str], sex: str) -> None:
    separator, point = marks
    lines = [separator.join(["head", sex, *(repr(number).replace(".", point) for number in row)]) for row in table]
    found = load("\n".join([HEAD.strip().replace(",", separator), *lines]))
    for month, power, median, variation in table:
        assert found.lms("head", sex, month) == growth.LMS(power, median, variation)
    assert found.extents() == (growth.Extent("head", sex, table[0][0], table[-1][0], len(table)),)
    assert found.lms("head", sex, table[-1][0] + 0.1) is None


@settings(deadline=None, max_examples=60)
@given(rows(), st.floats(0, 1), st.floats(-1.88, 1.88))
def test_the_measure_of_a_percentile_has_that_percentile(table: list[tuple[float, ...]], share: float, z: float) -> None:
    found = load(HEAD + "\n".join(f"head,F,{','.join(map(repr, row))}" for row in table))
    month = table[0][0] + share * (table[-1][0] - table[0][0])
    lms = found.lms("head", "F", min(month, table[-1][0]))
    assert lms is not None
    if 1 + lms.power * lms.variation * z > 0.05:
        back = growth.z_score(found, "head", "F", min(month, table[-1][0]), lms.at(z))
        assert back == pytest.approx(z, abs=1e-4)
        assert growth.z_of(growth.percentile(z)) == pytest.approx(z, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(rows(), st.floats(0.2, 400), st.sampled_from(["weight", "head"]))
def test_no_measure_breaks_a_table_that_was_taken(table: list[tuple[float, ...]], value: float, kind: str) -> None:
    found = load(HEAD + "\n".join(f"{kind},F,{','.join(map(repr, row))}" for row in table))
    for month, *_ in table:
        z = growth.z_score(found, kind, "F", month, value)
        assert z is not None
        assert math.isfinite(z)


@pytest.mark.parametrize(("rest", "says"), [
    ("head,F,0,1,34,0.03\nhead,F,0,1,35,0.03", "Ligne 3\u00a0: l’âge 0 est deux fois là pour Périmètre crânien, filles"),
    ("head,F,1,1,34,0.03\nhead,F,0,1,35,0.03", "Ligne 3\u00a0: l’âge 0 vient après un âge plus grand"),
    ("head,F,0,1,34,0.03", "Une seule ligne pour Périmètre crânien, filles"),
    ("head,F,0,1,NaN,0.03", "Ligne 2\u00a0: «\u00a0NaN\u00a0» n’est pas un nombre dans la colonne m"),
    ("head,F,0,inf,34,0.03", "colonne l"), ("head,F,0,1,1e309,0.03", "colonne m"), ("head,F,-inf,1,34,0.03", "colonne month"),
    ("head,F,0,1,1e99,0.03", "médiane"), ("head,F,0,1,0x22,0.03", "colonne m"), ("head,F,0,1,3_4,0.03", "colonne m"),
    ("head,F,0,1,٣٤,0.03", "colonne m"), ("head,F,0,1,=34+1,0.03", "«\u00a0=34+1\u00a0»"), ("head,F,0,@SUM(A1),34,0.03", "colonne l"),
    ("head,F,0,1,,0.03", "colonne m"), ("head,F,0,1,34,0", "coefficient de variation"), ("head,F,0,1,34,-0.03", "coefficient"),
    ("head,F,0,14,34,0.3", "ordre des colonnes"), ("head,F,0,1,3400,0.03", "entre 12 et 70"), ("weight,F,0,1,3300,0.1", "0,1 et 200"),
    ("head,F,9999,1,34,0.03", "mois, 0 étant le terme"), ("foot,F,0,1,34,0.03", "«\u00a0foot\u00a0»"), ("head,U,0,1,34,0.03", "F ou M"),
    ("head,F,0,1,34", "Ligne 2\u00a0: 5 colonnes au lieu de 6"), ("head,F,0,1,3\x004,0.03", "Ligne 2\u00a0: un caractère illisible"),
    ('head,F,0,1,"34,0.03', "Ligne 2"), ("", "vide"),
])  # fmt: skip
def test_what_cannot_be_a_curve_is_refused_with_its_line(rest: str, says: str) -> None:
    with pytest.raises(WrongTable) as refused:
        load(HEAD + rest)
    assert says in str(refused.value)


def test_a_heading_says_what_is_missing_or_twice() -> None:
    for heading, says in (("kind,sex,month,l,m", "il manque s"), ("a,b\n1,2", "il manque kind"), ("kind,sex,month,l,L,m,s", "colonne l")):
        with pytest.raises(WrongTable) as refused:
            load(f"{heading}\nhead,F,0,1,34,0.03")
        assert says in str(refused.value)


def test_a_table_of_more_than_two_hundred_thousand_bytes_is_refused() -> None:
    with pytest.raises(WrongTable, match="200 ko"):
        load(HEAD + "é" * 100_000)


def test_a_spreadsheets_own_way_of_writing_is_read() -> None:
    text = ' Kind ;SEX;Month;L;M;S;remarque\r\n;;;;;;\r\nHeight;f;\u22121,5;1;48,5;0,04;né\r\n"height";F;12;-1e-1;75,0;0,04;\r\n;;;;;;\r\n'
    found = load(text)
    assert found.lms("length", "F", -1.5) == growth.LMS(1, 48.5, 0.04)
    assert found.lms("length", "F", 12) == growth.LMS(-0.1, 75, 0.04)
    assert (found.first("F"), found.last("F"), found.last("M")) == (-1.5, 12, None)


def test_between_two_rows_runs_a_straight_line() -> None:
    lms = load(GOOD).lms("head", "F", 6)
    assert lms is not None
    assert lms.median == 40


def test_where_the_restricted_method_has_no_measure_the_plain_score_is_given() -> None:
    found = load(f"{HEAD}bmi,F,0,-3,15,0.16\nbmi,F,12,-3,15,0.16")
    far = growth.z_score(found, "bmi", "F", 6, 15 * (1 - 3 * 0.16 * 1.9) ** (-1 / 3))
    assert far == pytest.approx(1.9)
    assert math.isfinite(growth.z_score(found, "bmi", "F", 6, 1_000) or math.inf)


def test_no_table_of_the_practice_is_in_the_source() -> None:
    folder = Path(growth.__file__).parent / "data"
    assert [one.name for one in folder.iterdir() if one.is_file()] == ["who_growth.json"]
