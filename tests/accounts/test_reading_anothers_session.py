"""What a session was shown is its own person's to see; a titulaire sees another's with a reason, and that is an entry."""

import re
from pathlib import Path
from uuid import UUID

import pytest

from permanence.accounts import queries
from permanence.journal import access
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Actor, Refused
from tests.cast import open_session, reader_for

FILE = UUID(int=77)
SOURCE = Path(__file__).parents[2] / "src" / "permanence"


@pytest.fixture
def session(sophie: Actor) -> UUID:
    """Sophie's session, in which she was shown an identity."""
    made = open_session(sophie)
    reader = reader_for(made.actor)
    reader.admit([FILE], [Category.IDENTITY])
    access.submit(reader.close()).wait()
    return made.id


def test_ones_own_session_is_open(session: UUID, sophie: Actor) -> None:
    assert [one.patient for one in queries.session_reads(session, reader=reader_for(sophie))] == [FILE]


def test_a_colleague_does_not_see_anothers_session(session: UUID, nadia: Actor) -> None:
    with pytest.raises(Refused) as refused:
        queries.session_reads(session, reader=reader_for(nadia, reason="curiosité"))
    assert refused.value.code == "titulaire"


def test_a_titulaire_says_why_and_it_is_a_read_of_the_journal(session: UUID, moreau: Actor) -> None:
    with pytest.raises(Refused) as refused:
        queries.session_reads(session, reader=reader_for(moreau))
    assert refused.value.code == "reason"
    reader = reader_for(moreau, reason="plainte d’un patient")
    assert [one.patient for one in queries.session_reads(session, reader=reader)] == [FILE]
    served, = reader.close().patients
    assert (served.patient, served.levels) == (FILE, ((int(Level.READ), 1 << Category.JOURNAL),))


def test_only_this_door_asks_for_anothers_reads() -> None:
    callers = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py")
               if re.search(r"served_in\([^)]*\bof=", path.read_text(encoding="utf-8"))}
    assert callers == {"accounts/queries.py"}
