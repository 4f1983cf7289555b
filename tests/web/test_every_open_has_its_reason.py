"""Each open of a file is journalled with what explains it, found in the practice's own data; nothing is invented, nothing blocked."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from permanence.consultations import actions as clinical
from permanence.journal import queries as journal
from permanence.journal import registry
from permanence.journal.doors import Actor
from permanence.lib import clock
from permanence.patients import actions as patients
from permanence.web import reasons
from tests.cast import reader_for
from tests.web.conftest import Visit

Url = Callable[..., str]


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    reasons.forget()
    yield
    reasons.forget()


@pytest.fixture
def stranger(sophie: Actor) -> UUID:
    """DURAND Paul: a file that the desk opened, with no doctor's act."""
    return patients.register(by=sophie, birth_name="Durand", given_names="Paul", birth_date=clock.now().date(), birth_sex="M")


def last_reason(patient: UUID, moreau: Actor) -> str:
    return journal.readers_of(patient, reader=reader_for(moreau))[0].reason


def test_a_file_that_nothing_explains_says_so(visit: Visit, benali: Actor, moreau: Actor, stranger: UUID, url: Url) -> None:
    assert visit(benali, url("dossier:file", stranger)).status_code == 200
    assert last_reason(stranger, moreau) == "none"


def test_the_medecin_traitant_who_wrote_has_two_reasons(visit: Visit, moreau: Actor, jeanne: UUID, url: Url) -> None:
    visit(moreau, url("dossier:file", jeanne))
    assert last_reason(jeanne, moreau) == "attending recent_act"


def test_a_note_of_last_month_explains_and_an_older_one_does_not(
    visit: Visit, benali: Actor, moreau: Actor, stranger: UUID, url: Url, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinical.sign_note(stranger, by=benali, fields={"text": "Vu."})
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=29))
    assert registry.finders()["recent_act"](benali.member, stranger)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=31))
    assert not registry.finders()["recent_act"](benali.member, stranger)


def test_what_a_search_showed_explains_the_open_that_follows(visit: Visit, benali: Actor, moreau: Actor, stranger: UUID, url: Url) -> None:
    visit(benali, url("dossier:file", stranger))  # « none » is remembered...
    visit(benali, url("patients:palette") + "?q=durand", fragment=True)  # ...until a search shows the file
    visit(benali, url("dossier:file", stranger))
    assert last_reason(stranger, moreau) == "search"


def test_a_search_explains_nothing_to_another_session(
    visit: Visit, benali: Actor, hugo: Actor, moreau: Actor, stranger: UUID, url: Url
) -> None:
    visit(benali, url("patients:search") + "?q=durand")
    visit(hugo, url("dossier:file", stranger))
    assert last_reason(stranger, moreau) == "none"


def test_a_relative_read_the_same_day_explains(visit: Visit, benali: Actor, moreau: Actor, jeanne: UUID, stranger: UUID, url: Url) -> None:
    patients.link(jeanne, by=moreau, other=stranger, relation="enfant")
    visit(benali, url("dossier:file", jeanne))
    visit(benali, url("dossier:file", stranger))
    assert last_reason(stranger, moreau) == "family_link"


def test_a_list_of_several_files_gives_no_reason(visit: Visit, moreau: Actor, jeanne: UUID, url: Url) -> None:
    visit(moreau, url("patients:search") + "?q=martin")
    assert last_reason(jeanne, moreau) == ""


def test_a_reason_is_the_persons_of_the_address_and_not_of_who_is_shown_beside(
    visit: Visit, moreau: Actor, jeanne: UUID, stranger: UUID, url: Url
) -> None:
    page = visit(moreau, url("patients:merge", jeanne) + "?q=durand").content.decode()
    assert "DURAND" in page
    assert last_reason(jeanne, moreau) == "attending recent_act"
    assert last_reason(stranger, moreau) == ""


def test_a_reason_holds_for_every_file_of_the_person(visit: Visit, moreau: Actor, jeanne: UUID, stranger: UUID, url: Url) -> None:
    patients.merge(jeanne, by=moreau, merged=stranger, reason="essai")
    clinical.sign_note(stranger, by=moreau, fields={"text": "Vu."})
    visit(moreau, url("dossier:file", stranger))
    assert last_reason(jeanne, moreau) == last_reason(stranger, moreau) == "attending recent_act"


def test_the_reason_is_shown_in_french_where_readings_are(visit: Visit, moreau: Actor, jeanne: UUID, url: Url) -> None:
    visit(moreau, url("dossier:file", jeanne))
    assert "médecin traitant, acte récent" in visit(moreau, url("dossier:readers", jeanne)).content.decode()
