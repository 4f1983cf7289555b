"""Two machines really served: a limited laptop takes its panel, forgets who left it, never during a cut, and takes them again."""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest

from tests.drill.hurried import SOON_S
from tests.drill.visits import Visits, blobs, searched, until

GONE, AGAIN = 20, 40  # days from the beginning
ROSE_COMES = (GONE + 5, AGAIN + 1)
PAUL, ROSE = "ZWINGELSTEIN", "QUERTYMONT"
BEFORE, VISIT, PILLS = "Céphalées zygomorphes depuis mardi.", "Vu chez lui, tension xanthique.", "paracétamol zymotique 1 g"
WORDS = (PAUL, "zygomorph", "xanthiqu", "zymotiqu")
LITTLE, MOST, STEP = 15_000, 30_000, 5_000  # bytes of a contact that ends before an ordonnance (24,000) is handed over


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visits]:
    made = Visits(tmp_path_factory.mktemp("visites"))
    try:
        yield made
    finally:
        made.end()


@pytest.mark.slow
def test_it_takes_its_panel_forgets_who_left_it_and_takes_them_again(visits: Visits) -> None:
    paul, rose = two_patients(visits)
    paper = visits.paper(visits.office, paul, PILLS)
    visits.pair()
    until(lambda: visits.reads(visits.laptop, paul, BEFORE) and visits.pdf(visits.laptop, paper) != b"", "the laptop reads its patient")
    assert visits.finds(visits.laptop, PAUL, paul)
    assert not visits.reads(visits.laptop, rose)

    visits.line.cut()
    written = written_at_home(visits, paul)
    half_a_contact(visits, rose)
    killed_meanwhile(visits, paul, written)
    visits.line.mend()
    until(lambda: visits.is_told_where(paul), "the laptop forgets him")
    forgotten(visits, paul, written)

    given_back(visits, paul, paper, written)
    visits.at_day(AGAIN)
    until(lambda: visits.is_told_where(paul), "the laptop forgets him again")
    visits.laptop.kill()
    said = searched(visits.laptop, *WORDS, ROSE)
    assert {word: said[word] for word in WORDS} == {word: [] for word in WORDS}  # no row, no body, no page of the file or of its log
    assert {"an opened body", "default: a page", "default: patients_patient"} <= set(said[ROSE])  # who is there is found this way
    assert not [place for place in said[ROSE] if not place.startswith(("an opened body", "default: ", "access: "))]  # none lies in clear
    assert visits.reads(visits.office, paul, BEFORE, VISIT, who="benali")
    assert visits.ledger.failed == []


def two_patients(visits: Visits) -> tuple[str, str]:
    """At the office: Paul comes tomorrow, Rose in weeks."""
    desk = visits.desk(visits.office)
    paul, rose = (desk.register(name, "Camille", date(1950, 2, 3)) for name in (PAUL, ROSE))
    desk.note(paul, BEFORE)
    desk.book(paul, "Suivi", day=desk.today() + timedelta(days=1), hour="9h00")
    for day in ROSE_COMES:
        desk.book(rose, f"Suivi {day}", day=desk.today() + timedelta(days=day), hour="9h00")
    desk.leave()
    return paul, rose


def written_at_home(visits: Visits, paul: str) -> str:
    """During the cut; then the days go by, and the office takes back what nobody can tell the laptop yet."""
    desk = visits.desk(visits.laptop)
    desk.note(paul, VISIT)
    desk.leave()
    written = visits.paper(visits.laptop, paul, PILLS)
    visits.at_day(GONE)
    until(lambda: "2 patients" in visits.machines_page(), "the office gives Rose's key")
    time.sleep(4 * SOON_S)
    assert visits.reads(visits.laptop, paul, BEFORE, VISIT)
    assert visits.pdf(visits.laptop, written).startswith(b"%PDF-")
    return written


def half_a_contact(visits: Visits, rose: str) -> None:
    """The line dies again and again before the ordonnance is through, until the laptop has heard what the office decided."""
    for most in range(LITTLE, MOST + 1, STEP):
        visits.line.mend()
        visits.line.dies_after = visits.line.carried + most
        until(lambda: not visits.line.whole, "the line dies", patience=20)
        if visits.reads(visits.laptop, rose):
            return
    raise AssertionError("the laptop heard nothing")


def killed_meanwhile(visits: Visits, paul: str, written: str) -> None:
    """It knows that Paul was taken back, and keeps him whole: his ordonnance is nowhere else."""
    assert len(blobs(visits.office)) == 1
    visits.laptop.kill()
    said = searched(visits.laptop, UUID(paul).hex, VISIT)
    assert {"default: sync_withdrawnkey", "default: patients_patient"} <= set(said[UUID(paul).hex])
    assert "default: consultations_note" in said[VISIT]
    visits.laptop.serve()
    assert visits.reads(visits.laptop, paul, BEFORE, VISIT)
    assert visits.pdf(visits.laptop, written).startswith(b"%PDF-")


def forgotten(visits: Visits, paul: str, written: str) -> None:
    """There, and at the office nothing is lost."""
    assert blobs(visits.laptop) == set()
    assert not visits.finds(visits.laptop, PAUL, paul)
    assert visits.finds(visits.office, PAUL, paul)
    assert visits.reads(visits.office, paul, BEFORE, VISIT, who="benali")
    assert visits.pdf(visits.office, written).startswith(b"%PDF-")


def given_back(visits: Visits, paul: str, *papers: str) -> None:
    """An appointment at the office: the file is there again, its papers too."""
    desk = visits.desk(visits.office)
    desk.book(paul, "Retour", day=desk.today() + timedelta(days=1), hour="10h00")
    desk.leave()
    until(lambda: visits.reads(visits.laptop, paul, BEFORE, VISIT), "the laptop reads him again")
    until(lambda: all(visits.pdf(visits.laptop, paper).startswith(b"%PDF-") for paper in papers), "and his ordonnances")
    assert visits.finds(visits.laptop, PAUL, paul)
