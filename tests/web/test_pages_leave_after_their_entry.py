"""No page leaves before its access entry is on disk; a write's answer carries nothing of a patient."""

from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import pytest

from permanence.consultations import queries as clinical
from permanence.journal import access
from permanence.journal import queries as journal
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Actor
from permanence.lib.dates import age_text
from permanence.patients import actions as patients
from permanence.web import jinja
from tests.cast import reader_for
from tests.web.conftest import Visit


def test_a_page_whose_entry_is_not_on_disk_is_withheld(
    visit: Visit, moreau: Actor, jeanne: UUID, url: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: access.Ticket) -> None:
        raise access.NotJournalled("disk full")

    visit(moreau, url("practice:members"))  # the session is open before the disk fills
    monkeypatch.setattr(access.Ticket, "wait", refuse)
    response = visit(moreau, url("dossier:file", jeanne))
    assert response.status_code == 503
    assert "MARTIN" not in response.content.decode()
    assert "journal" in response.content.decode()


def test_a_file_that_was_opened_is_in_the_journal(visit: Visit, moreau: Actor, jeanne: UUID, url: Callable[..., str]) -> None:
    visit(moreau, url("dossier:file", jeanne))
    found = journal.readers_of(jeanne, reader=reader_for(moreau))
    assert found[0].member == moreau.member
    assert found[0].level == Level.READ
    assert found[0].route == "dossier:file"
    assert {Category.IDENTITY, Category.NOTES, Category.ALLERGIES} <= set(found[0].categories)


def test_a_search_counts_as_listed_and_opens_nothing(visit: Visit, moreau: Actor, jeanne: UUID, url: Callable[..., str]) -> None:
    response = visit(moreau, url("patients:palette") + "?q=mar", fragment=True)
    assert "MARTIN" in response.content.decode()
    found = journal.readers_of(jeanne, reader=reader_for(moreau))
    assert [(one.level, set(one.categories)) for one in found] == [(Level.LISTED, {Category.IDENTITY})]


def test_a_list_shows_birth_date_and_age_and_no_number(visit: Visit, moreau: Actor, jeanne: UUID, url: Callable[..., str]) -> None:
    patients.amend_identity(jeanne, by=moreau, changes={"mobile": "0612345678", "city": "Honfleur"})
    text = visit(moreau, url("patients:search") + "?q=martin").content.decode()
    assert "14/07/1958" in text
    assert age_text(date(1958, 7, 14), jinja.today()) in text
    assert "0612345678" not in text
    assert "Honfleur" not in text


def test_a_refused_reading_is_journalled_too(visit: Visit, sophie: Actor, moreau: Actor, jeanne: UUID, url: Callable[..., str]) -> None:
    response = visit(sophie, url("dossier:compose", jeanne))
    assert response.status_code == 403
    assert "MARTIN" not in response.content.decode()


def test_a_write_answers_with_an_address_only(visit: Visit, moreau: Actor, jeanne: UUID, url: Callable[..., str]) -> None:
    response = visit(
        moreau,
        url("dossier:sign", jeanne),
        {"kind": "consultation", "motif": "Suivi", "text": "Rien à signaler.", "mode": "free"},
        htmx=True,
    )
    assert response.status_code == 200
    assert response.content == b""
    assert response["HX-Redirect"].startswith(url("dossier:file", jeanne))


def test_the_same_form_sent_twice_acts_once(visit: Visit, moreau: Actor, jeanne: UUID, url: Callable[..., str]) -> None:
    form = {
        "once": str(uuid4()),
        "kind": "consultation",
        "motif": "Envoyé deux fois",
        "text": "Une seule note.",
        "mode": "free",
    }
    for _ in range(2):
        assert visit(moreau, url("dossier:sign", jeanne), form).status_code == 303
    titles = [event.title for event in clinical.timeline(jeanne, reader=reader_for(moreau))]
    assert titles.count("Envoyé deux fois") == 1
