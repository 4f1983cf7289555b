"""A scanned page that waits is known on every machine; who says which form it is does it as an author, and two who disagree are asked."""

import datetime
import shutil
from uuid import UUID

import pytest

from permanence.accounts.permissions import PARIS
from permanence.continuity import actions, queries
from permanence.continuity.models import ScannedPage, pages
from permanence.continuity.queries.forms import forget
from permanence.documents import blobs
from permanence.journal import registry, touches
from permanence.journal.doors import Refused
from permanence.lib import clock
from permanence.lib.sqlcipher import run
from permanence.sync import queries as sync
from tests.sync.machines import Machine
from tests.sync.practice_life import Two, asked, choose, introduce, reader

EVENING = datetime.datetime(2026, 11, 24, 19, 5, tzinfo=PARIS)
NEXT = EVENING + datetime.timedelta(hours=20)
JPEG = b"\xff\xd8\xff page"


@pytest.fixture
def kit(two: Two) -> list[str]:
    """The numbers of a kit's notes, printed at the office."""
    introduce(two)
    with two.a, clock.override(EVENING):
        copy = actions.log_copy(by=two.cast["sophie"], medium="paper", first_day=NEXT.date(), last_day=NEXT.date(), patients=1)
        numbers = [number for kind, number in queries.numbers_of(copy) if kind == "note"]
    agree(two)
    return numbers


def agree(two: Two) -> None:
    """Entries, and then the files that rows cite, as a talk brings them."""
    two.agree()
    for here, there in ((two.a, two.b), (two.b, two.a)):
        with here:
            lacking = [blobs.path_of(hash).relative_to(here.folder) for hash in registry.cited_blobs() if not blobs.present(hash)]
        for name in lacking:
            if (there.folder / name).is_file():
                (here.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(there.folder / name, here.folder / name)
    forget()


def unread(two: Two, here: Machine, who: str = "sophie") -> UUID:
    with here, clock.override(NEXT):
        (page,) = actions.keep_scans([("", JPEG)], by=two.cast[who])
    agree(two)
    return page


def number_on(here: Machine, two: Two, page: UUID, number: str, who: str) -> None:
    with here, clock.override(NEXT):
        actions.number_scan(page, by=two.cast[who], number=number)


def test_a_number_typed_on_one_machine_is_an_entry_of_its_author_and_stands_on_the_other(two: Two, kit: list[str]) -> None:
    page = unread(two, two.a)
    number_on(two.a, two, page, kit[0], "sophie")
    agree(two)
    with two.b, clock.override(NEXT):
        *_, last = touches.of_objects([page])
        assert (last.action, last.member) == ("continuity:number_scan", two.cast["sophie"].member.bytes)
        (form,) = [one for one in queries.forms(reader=reader(two.cast["moreau"])) if one.number == kit[0]]
        assert form.scans == (page,)
        assert queries.scan_bytes(page, reader=reader(two.cast["moreau"])) == JPEG


def test_a_number_is_corrected_and_the_form_before_waits_again(two: Two, kit: list[str]) -> None:
    page = unread(two, two.a)
    number_on(two.a, two, page, kit[0], "sophie")
    agree(two)
    number_on(two.b, two, page, kit[1], "moreau")
    agree(two)
    for here in (two.a, two.b):
        with here:
            assert pages().get().number == kit[1]
            assert sync.waiting() == ()  # who corrected had seen the number before: nothing is to be settled


def test_two_numbers_of_one_page_are_both_kept_until_a_person_says(two: Two, kit: list[str]) -> None:
    page = unread(two, two.a)
    number_on(two.a, two, page, kit[0], "sophie")
    number_on(two.b, two, page, kit[1], "moreau")
    agree(two)
    with two.a, clock.override(NEXT):
        (question,) = asked(two.cast["sophie"])
        assert (question.object, question.kind_name, question.label) == (page, "Page numérisée", "Numéro de la fiche")
        assert {value for version in question.versions for _, value in version.values} == set(kit[:2])
        choose(question, kit[0], by=two.cast["sophie"])
    agree(two)
    for here in (two.a, two.b):
        with here:
            assert (pages().get().number, sync.waiting()) == (kit[0], ())


def test_a_page_filed_on_one_machine_waits_on_none_and_its_key_is_gone(two: Two, kit: list[str]) -> None:
    page = unread(two, two.a)
    number_on(two.a, two, page, kit[0], "sophie")
    agree(two)
    with two.a, clock.override(NEXT):
        hash = bytes(pages().get().blob_hash)
        actions.catch_up_note(two.jeanne, by=two.cast["moreau"], number=kit[0], written_at=NEXT, fields={"motif": "Toux", "text": "Toux."},
                              scans=[JPEG])
    agree(two)
    for here in (two.a, two.b):
        with here, clock.override(NEXT):
            assert not pages().exists()
            assert not blobs.present(hash)
            assert not ScannedPage.objects.filter(blob_key__isnull=False).exists()
            assert queries.to_catch_up() == 0


def test_a_page_filed_on_the_laptop_asks_nobody_and_the_office_destroys_its_key_later(two: Two, kit: list[str]) -> None:
    page = unread(two, two.a)
    number_on(two.a, two, page, kit[0], "sophie")
    agree(two)
    with two.b, clock.override(NEXT):
        actions.catch_up_note(two.jeanne, by=two.cast["moreau"], number=kit[0], written_at=NEXT, fields={"motif": "Toux", "text": "Toux."})
        assert not run("default", "SELECT 1 FROM journal_entry WHERE kind = 'journal.prune'").fetchall()
    agree(two)
    with two.a, clock.override(NEXT):
        assert not pages().exists()
        actions.keep_scans([("", JPEG + b" 2")], by=two.cast["sophie"])
        assert not ScannedPage.objects.filter(id=page, blob_key__isnull=False).exists()


def test_a_page_dropped_here_and_numbered_there_is_kept(two: Two, kit: list[str]) -> None:
    page = unread(two, two.a)
    with two.a, clock.override(NEXT):
        actions.drop_scan(page, by=two.cast["sophie"])
        assert not pages().exists()
    number_on(two.b, two, page, kit[0], "moreau")
    agree(two)
    agree(two)
    for here in (two.a, two.b):
        with here:
            assert pages().get().number == kit[0]
            assert queries.scan_bytes(page, reader=reader(two.cast["moreau"])) == JPEG


def test_a_page_that_waits_no_more_takes_no_number(two: Two, kit: list[str]) -> None:
    page = unread(two, two.a)
    with two.a, clock.override(NEXT):
        actions.drop_scan(page, by=two.cast["sophie"])
    agree(two)
    with two.b, clock.override(NEXT), pytest.raises(Refused, match="n’attend plus"):
        actions.number_scan(page, by=two.cast["moreau"], number=kit[0])
