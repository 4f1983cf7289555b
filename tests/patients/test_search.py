"""Finding a patient: any French form of name and date; each search row is served at the level of a list."""

import datetime

import pytest

from permanence.journal.categories import Category, Level, mask
from permanence.journal.doors import Refused
from permanence.lib.sqlcipher import run
from permanence.patients import actions, queries
from tests.patients.conftest import at_most, opened

D = datetime.date


@pytest.fixture
def panel(jeanne, register):
    return {
        "jeanne": jeanne,
        "marc": register("Martinez", "Jérôme", D(1960, 3, 20)),
        "ly": register("Ly", "An", D(2003, 12, 2)),
        "aubigne": register("d’Aubigné-Le Goff", "Anne-Lœtitia", D(1985, 4, 1), used_name="Petit"),
        "avril": register("Avril", "Jeanne", D(1958, 1, 3)),
        "lyonnet": register("Lyonnet", "Zoé", None, birth_date_text="1958"),
    }


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("mar je 58", ["jeanne"]),
        ("58 je mar", ["jeanne"]),
        ("martin", ["jeanne", "marc"]),
        ("MARTIN jeanne", ["jeanne"]),
        ("14071958", ["jeanne"]),
        ("140758", ["jeanne"]),
        ("14/7/58", ["jeanne"]),
        ("14 juillet 1958", ["jeanne"]),
        ("1407", ["jeanne"]),
        ("14071", ["jeanne"]),
        ("ly", ["ly", "lyonnet"]),
        ("Ly 58", ["lyonnet"]),
        ("le goff aubigne", ["aubigne"]),
        ("petit", ["aubigne"]),
        ("loetitia", ["aubigne"]),
        ("d'aubigne", ["aubigne"]),
        ("jeanne avril 58", ["avril"]),
        ("jeanne 1958", ["avril", "jeanne"]),
        ("2003", ["ly", "marc"]),
        ("0612345678", ["jeanne"]),
        ("06 12 34 56 78", ["jeanne"]),
        ("jerome", ["marc"]),
        ("xyz", []),
        ("", []),
        ('" OR 1', []),
        ("martin 99999999", []),
        ("*", []),
    ],
)
def test_a_line_finds_the_right_people(panel, sophie, line, found):
    names = {id: name for name, id in panel.items()}
    assert sorted(names[row.patient] for row in queries.search(line, reader=opened(sophie))) == sorted(found)


def test_the_exact_name_and_the_surname_come_first(panel, register, sophie):
    register("Durand", "Martin", D(1950, 1, 1))
    names = [row.name for row in queries.search("martin", reader=opened(sophie))]
    assert names == ["MARTIN Jeanne", "MARTINEZ Jérôme", "DURAND Martin"]
    assert [row.name for row in queries.search("ly", reader=opened(sophie))] == ["LY An", "LYONNET Zoé"]


def test_rows_give_name_birth_date_age_and_homonym_mark_and_count_as_listed(jeanne, register, sophie):
    twin = register("Martins", "Jeanne", D(1958, 7, 14))
    reader = opened(sophie)
    first, second = queries.search("14071958", reader=reader)
    assert {first.patient, second.patient} == {jeanne, twin}
    assert first.homonym
    assert second.homonym
    assert first.birth == "14/07/1958"
    served = reader.close()
    assert {patient.levels for patient in served.patients} == {((Level.LISTED, mask({Category.IDENTITY})),)}


def test_a_search_takes_three_queries(panel, sophie):
    reader = opened(sophie)
    with at_most(4):  # the last is the gate's, shared with the page
        queries.search("mar je 58", reader=reader)
    with at_most(3):
        queries.search("mar je 58", reader=reader)


def test_a_corrected_name_is_found_and_the_old_one_no_longer(panel, sophie):
    actions.amend_identity(panel["jeanne"], by=sophie, changes={"birth_name": "Fontaine"})
    assert [row.name for row in queries.search("fontaine", reader=opened(sophie))] == ["FONTAINE Jeanne"]
    assert [row.name for row in queries.search("martin", reader=opened(sophie))] == ["MARTINEZ Jérôme"]


def test_who_may_see_nobody_finds_nobody(panel, yann):
    reader = opened(yann)
    assert queries.search("martin", reader=reader) == []
    assert not reader.close().patients


def test_a_nir_finds_its_file_and_shows_no_number(jeanne, sophie):
    actions.amend_identity(jeanne, by=sophie, changes={"nir": "295109912611193"})
    (row,) = queries.search("2 95 10 99 126 111 93", reader=opened(sophie))
    assert row.patient == jeanne
    assert "2951099" not in repr(row)


def test_an_erased_patient_leaves_no_word_in_the_index(register, moreau):
    from permanence.journal import actions as journal

    gone = register("Zwyxcanari", "Quetzal")
    assert queries.search("zwyx", reader=opened(moreau))
    journal.erase(gone, by=moreau)
    assert queries.search("zwyx", reader=opened(moreau)) == []
    assert not run(
        "default", "SELECT count(*) FROM patients_words_data WHERE instr(block, CAST('wyxcan' AS BLOB))"
    ).fetchone()[0]
    with pytest.raises(Refused, match="introuvable"):
        queries.banner(gone, reader=opened(moreau))


def test_a_first_word_that_fits_many_shows_the_surnames_that_begin_so_by_name(register, sophie):
    for i in range(12):
        register(f"Bernard{chr(97 + i)}", "Zoé", D(1950 + i, 1, 1))
    register("Aubry", "Bernard", D(1940, 1, 1))
    names = [row.name for row in queries.search("bern", reader=opened(sophie))]
    assert names == [f"BERNARD{chr(65 + i)} Zoé" for i in range(8)]
    assert len(queries.search("bern", reader=opened(sophie), limit=20)) == 13


def test_a_row_says_which_other_name_was_found(panel, register, sophie):
    register("Bouvier", "Franck", D(1962, 8, 21), given_names="FRANCK MARCEL JEAN")

    def also(line):
        return {row.name: row.also for row in queries.search(line, reader=opened(sophie))}

    assert also("marcel") == {"BOUVIER Franck": "Marcel"}
    assert also("bouv mar") == {"BOUVIER Franck": "Marcel"}
    assert also("franck") == {"BOUVIER Franck": ""}
    assert also("jerome") == {"MARTINEZ Jérôme": ""}
