"""Searching as an attack: numbers that one may not read, names behind a mask, lines made to break the search."""

from collections.abc import Callable, Mapping
from datetime import date
from uuid import UUID

import pytest

from permanence.journal.categories import Category
from permanence.journal.doors import Actor
from permanence.patients import actions, queries
from tests.attacks.conftest import Browser
from tests.patients.conftest import opened

NIR, PHONE = "2 58 07 75 056 001 60", "06 12 34 56 78"
HOSTILE = [
    '"',
    '""*',
    "'; DROP TABLE patients_patient; --",
    "mar* OR ma*",
    'NEAR("a" "b", 2)',
    "birth_name:martin",
    "-martin",
    "^martin",
    "martin\x00",
    "\ud800",
    "\u202enitram",
    "\u200bmartin",
    "%",
    "_",
    "{martin}",
    "(martin",
    "martin)",
    "١٤/٠٧/١٩٥٨",
    "⑭",
    "14/07/1958/",
    "9" * 100,
    "9" * 100_000,
    "a " * 50_000,
    "00/00/0000",
    "31/02/1999",
    "99999999",
    "2580775056001600",
    "🏥",
    "/" * 5000,
    "1" + " 1" * 5000,
]


@pytest.fixture
def jeanne(cast: Mapping[str, Actor]) -> UUID:
    return actions.register(
        by=cast["moreau"], birth_name="Martin", given_names="Jeanne", birth_date=date(1958, 7, 14), birth_sex="F", nir=NIR, mobile=PHONE
    )


@pytest.mark.parametrize(
    ("who", "number", "found"),
    [
        ("moreau", NIR, True),
        ("sophie", NIR, True),
        ("nadia", NIR, True),
        ("ines", NIR, False),
        ("theo", NIR, False),
        ("bruno", NIR, False),
        ("yann", NIR, False),
        ("ines", PHONE, True),
        ("theo", PHONE, True),
        ("bruno", PHONE, False),
        ("yann", PHONE, False),
    ],
)
def test_a_number_finds_only_for_who_may_read_it(who: str, number: str, found: bool, jeanne: UUID, cast: Mapping[str, Actor]) -> None:
    reader = opened(cast[who])
    assert [row.patient for row in queries.search(number, reader=reader)] == ([jeanne] if found else [])
    served = reader.close().patients
    assert bool(served) is found
    if found:
        told = Category.NATIONAL_ID if number == NIR else Category.CONTACT
        assert any(mask & 1 << told for _, mask in served[0].levels)


@pytest.mark.parametrize("who", ["bruno", "yann"])
@pytest.mark.parametrize("line", ["martin", "martin jeanne 14071958", "14/07/1958", "ma"])
def test_a_masked_file_is_not_found_by_what_the_mask_hides(who: str, line: str, jeanne: UUID, cast: Mapping[str, Actor]) -> None:
    assert queries.search(line, reader=opened(cast[who])) == []


@pytest.mark.parametrize("line", HOSTILE)
def test_no_line_breaks_the_search_or_finds_what_it_should_not(line: str, jeanne: UUID, cast: Mapping[str, Actor]) -> None:
    found = queries.search(line, reader=opened(cast["sophie"]))
    assert {row.patient for row in found} <= {jeanne}


@pytest.mark.parametrize("query", ["q=%00", "q=%ff%fe", "q=%22", "q=" + "9" * 20_000, "q=%F0%9F%8F%A5", "q=%ED%A0%80", "q=a&q=b"])
@pytest.mark.parametrize("path", ["/patients/", "/patients/palette/"])
def test_no_query_string_breaks_the_search_screens(path: str, query: str, jeanne: UUID, browse: Callable[[str], Browser]) -> None:
    assert browse("sophie").send(f"{path}?{query}").status_code == 200
