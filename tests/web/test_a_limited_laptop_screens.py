"""What people read on a limited laptop and about one: whose files it carries, what is not there, what is lost with it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from uuid import UUID

import pytest
from django.http import HttpResponse

from permanence.consultations import actions as clinical
from permanence.journal import arrival, keys, vault
from permanence.journal.doors import Actor
from permanence.lib import suite
from permanence.lib.sqlcipher import permitted, run
from permanence.patients import actions as patients
from permanence.sync import actions, entrusting, hearing, pairing, queries
from tests.web.conftest import Visit

Page = Callable[[HttpResponse], str]
Url = Callable[..., str]
CARRIES = "Ce portable porte les dossiers du Dr Claire MOREAU : 1 patient"


@pytest.fixture
def jeanne(cast: Mapping[str, Actor]) -> UUID:
    made: UUID = patients.register(by=cast["sophie"], birth_name="MARTIN", first_given_name="Jeanne", birth_sex="F", despite=True)
    patients.set_medecin_traitant(made, member=cast["moreau"].member, by=cast["sophie"])
    return made


@pytest.fixture
def limited(cast: Mapping[str, Actor], jeanne: UUID) -> UUID:
    """A limited laptop of Dr Moreau's, given what is due to it; this is the office."""
    actions.introduce_oneself(name="Bureau", kind="office", hosts=["bureau"], transport=bytes(32), box=bytes(32), by=Actor.machine("sync"))
    key, _ = suite.signing_pair()
    id = UUID(bytes=suite.replica_id(key))
    keys = {"verify": key, "transport": b"l" * 32, "box": bytes(32), "entrusted": suite.x25519_pair()[0]}
    actions.add_replica(id, keys, name="Visites", kind="limited", hosts=["visites"], panel_of=cast["moreau"].member, by=cast["moreau"])
    entrusting.give(at_once=True)
    return id


@pytest.fixture
def there(limited: UUID, jeanne: UUID, cast: Mapping[str, Actor]) -> Iterator[UUID]:
    """Sitting at it: a file whose key it has not, and Jeanne's. The patient who is not there."""
    paul: UUID = patients.register(by=cast["sophie"], birth_name="DURAND", first_given_name="Paul", birth_sex="M", despite=True)
    clinical.sign_note(paul, by=cast["moreau"], fields={"text": "Secret de Paul"})
    with permitted("default"):  # as arrival leaves it: entries, and neither key nor rows
        run("default", "DELETE FROM journal_key WHERE label = 'patient' AND ref = ?", paul.bytes)
        run("default", "DELETE FROM patients_patient WHERE id = ?", paul.hex)
        run("default", "DELETE FROM consultations_note WHERE patient_id = ?", paul.hex)
    before = vault.current()
    vault.use(replace(before, replica=limited.bytes, limited=vault.Limited(bytes(32), bytes(32))))
    yield paul
    vault.use(before)


def read(page: Page, response: HttpResponse) -> str:
    return page(response).replace("\u00a0", " ").replace("&nbsp;", " ").replace("\u202f", " ")


def test_the_machines_page_says_what_it_carries_and_what_is_lost_with_it(
    visit: Visit, page: Page, cast: Mapping[str, Actor], limited: UUID, jeanne: UUID, url: Url
) -> None:
    assert "dossiers du Dr Claire MOREAU : 1 patient" in read(page, visit(cast["sophie"], url("sync:machines")))
    assert "un portable limité, une partie" in read(page, visit(cast["sophie"], url("sync:machines")))
    text = read(page, visit(cast["moreau"], url("sync:machine", limited)))
    assert "Elle porte 1 dossier, pas les autres, ni la clé du cabinet" in text
    assert "La racine du cabinet change" not in text  # it never had it
    patients.set_medecin_traitant(jeanne, outside="Dr Ailleurs", by=cast["moreau"])
    text = read(page, visit(cast["moreau"], url("sync:machine", limited)))
    assert "1 patient, dont 1 à reprendre à son prochain contact" in text
    visit(cast["moreau"], url("sync:revoke", limited), {"perdue": "oui"})
    text = read(page, visit(cast["moreau"], url("sync:machine", limited)))
    assert "Elle portait 1 dossier, pas les autres, ni la clé du cabinet : ce qui s’écrit désormais dans ces dossiers lui est fermé" in text


def test_it_pairs_no_machine(visit: Visit, page: Page, cast: Mapping[str, Actor], there: UUID, url: Url) -> None:
    assert "Associer une machine" not in read(page, visit(cast["moreau"], url("sync:machines")))


def test_beside_it_the_office_offers_it_to_nobody_who_goes_on_elsewhere(
    visit: Visit, page: Page, cast: Mapping[str, Actor], limited: UUID, url: Url, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "SILENT_S", 3_600.0)  # a slow machine is no silence of the other one
    hearing.begin()
    hearing.heard(limited.bytes)
    hearing.holds(limited.bytes, arrival.held())
    (sister,) = queries.sisters()
    assert (sister.limited, sister.carer, bool(sister.origin)) == (True, cast["moreau"].member, True)
    assert queries.talks().doors == ()
    text = read(page, visit(cast["moreau"], url("ready:page")))
    assert "N’ouvre que les dossiers d’un soignant" in text
    assert "Aucune n’est là avec tout le dossier" in text


def test_it_is_paired_for_a_carer_and_for_nobody_else(visit: Visit, page: Page, cast: Mapping[str, Actor], url: Url) -> None:
    asked = {"label": "Portable des visites", "kind": "limited", "host": "visites"}
    for wrong in ("", str(cast["sophie"].member), "rien"):
        answer = visit(cast["moreau"], url("sync:pair"), {**asked, "panel_of": wrong})
        assert answer.status_code == 422
        assert "Portable des visites" in page(answer)
    whole = visit(cast["moreau"], url("sync:pair"), {**asked, "kind": "laptop", "panel_of": str(cast["moreau"].member)})
    assert whole.status_code == 422  # who names a carer does not mean a machine that holds every file
    assert "Cette sorte tient tout le dossier du cabinet" in read(page, whole)
    assert "Choisir le soignant" in page(visit(cast["moreau"], url("sync:pair"), {**asked, "panel_of": ""}))
    done = visit(cast["moreau"], url("sync:pair"), {**asked, "panel_of": str(cast["moreau"].member)})
    assert done.status_code == 200
    assert "portable limité à un soignant" in read(page, done)
    (shown,) = pairing.codes._shown.values()
    assert (shown.kind, shown.panel_of) == ("limited", cast["moreau"].member)
    pairing.codes.forget()


def test_on_it_every_page_says_whose_files_are_there(
    visit: Visit, page: Page, cast: Mapping[str, Actor], there: UUID, jeanne: UUID, url: Url
) -> None:
    for name in ("patients:search", "patients:new", "agenda:day", "home:day"):
        assert CARRIES in read(page, visit(cast["moreau"], url(name))), name
    found = read(page, visit(cast["moreau"], url("patients:search") + "?q=durand"))
    assert "Aucun patient trouvé" in found
    assert "l’y faire chercher, ou le créer dans le doute" in found
    assert "dans le doute, créer" in read(page, visit(cast["moreau"], url("patients:new")))  # both pages say the same
    assert CARRIES in read(page, visit(cast["moreau"], url("patients:palette") + "?q=durand", fragment=True))
    assert "MARTIN" in page(visit(cast["moreau"], url("dossier:file", jeanne)))


def test_a_file_that_is_not_there_is_said_to_be_elsewhere_and_an_unknown_one_unknown(
    visit: Visit, page: Page, cast: Mapping[str, Actor], there: UUID, url: Url
) -> None:
    answer = visit(cast["moreau"], url("dossier:file", there))
    assert answer.status_code == 404
    text = read(page, answer)
    assert "Ce dossier n’est pas sur ce portable" in text
    assert "Ce portable porte seulement les dossiers du Dr Claire MOREAU" in text
    assert "un rendez-vous à ce nom dans les dix jours" in text
    assert "DURAND" not in text
    unknown = read(page, visit(cast["moreau"], url("dossier:file", UUID(int=7))))
    assert "introuvable" in unknown.lower()
    assert "portable" not in unknown.split("<main", 1)[1].split("</main", 1)[0]


def test_it_lets_no_machine_in(visit: Visit, page: Page, cast: Mapping[str, Actor], there: UUID, url: Url) -> None:
    answer = visit(cast["moreau"], url("sync:pair"))
    assert answer.status_code == 403
    assert "depuis une machine entière" in read(page, answer)


def test_a_whole_machine_says_nothing_of_all_this(visit: Visit, page: Page, cast: Mapping[str, Actor], jeanne: UUID, url: Url) -> None:
    for name in ("patients:search", "patients:new", "agenda:day", "home:day"):
        assert "portable" not in read(page, visit(cast["moreau"], url(name))).lower()


def test_a_file_of_which_something_waits_for_a_key_says_so_on_its_pages(
    visit: Visit, page: Page, cast: Mapping[str, Actor], jeanne: UUID, url: Url
) -> None:
    said, mark = "ne s’ouvre pas encore sur celle-ci", "Incomplet sur cette machine"
    clinical.set_allergy_state(jeanne, none_known=True, by=cast["moreau"])
    text = read(page, visit(cast["moreau"], url("dossier:file", jeanne)))
    assert mark not in text
    assert "Aucune allergie connue" in text
    with permitted("default"):
        keys.note_lacking(1, jeanne.bytes, bytes(32))
    for name in ("dossier:file", "dossier:measures", "patients:identity"):
        text = read(page, visit(cast["moreau"], url(name, jeanne)))
        assert mark in text
        assert (said in text) == (name == "dossier:file")
        assert "— dossier incomplet ici" in text
        assert "Aucune allergie connue" not in text
