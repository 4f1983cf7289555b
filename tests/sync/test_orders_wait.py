"""A laptop can be stolen while it is open. What it orders of the others and nobody could take back waits for a person."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from permanence.accounts.actions import slots
from permanence.consultations import actions as clinical
from permanence.consultations.models import Measure, Note
from permanence.journal import actions as journal
from permanence.journal import arrival, departure, exchange, keyring, vault
from permanence.journal.doors import Actor, Refused
from permanence.lib import suite
from permanence.lib.sqlcipher import run
from permanence.patients.models import Patient
from permanence.sync import actions, queries, rules
from permanence.sync.models import Replica
from tests.sync.life import _succeed
from tests.sync.machines import pull
from tests.sync.practice_life import Two, reader
from tests.sync.test_machines_as_people_see_them import b_of, hears, known

__all__ = ["known"]


def stands(two: Two) -> dict[str, bool]:
    """What the office still has."""
    with two.a:
        return {"jeanne": Patient.objects.filter(id=two.jeanne).exists(), "office": not Replica.objects.get(name="Bureau").revoked_at}


def waiting(two: Two) -> list[tuple[str, ...]]:
    with two.a:
        return [one.what for one in queries.kept_aside(b_of(two).id, reader=reader(two.cast["moreau"])) if one.order]


def erase(two: Two) -> None:
    journal.erase(two.jeanne, reason="Demande écrite du 3 novembre", by=two.cast["moreau"])


def revoke_the_office(two: Two) -> None:
    actions.revoke_replica(UUID(bytes=two.a.replica), wipe=True, by=two.cast["moreau"])


def add_its_own(two: Two) -> None:
    key, _ = suite.signing_pair()
    actions.add_replica(UUID(bytes=suite.replica_id(key)), {"verify": key, "transport": b"x" * 32, "box": b"y" * 32}, name="Bureau 2",
                        kind="office", hosts=["b2"], by=two.cast["moreau"])  # fmt: skip


def become_an_office(two: Two) -> None:
    def save() -> None:
        row = b_of(two)
        row.kind = "office"
        row.save()

    _as(two, save)


def agree_to_itself(two: Two) -> None:
    _as(two, lambda: actions.record_agreement({UUID(bytes=two.b.replica): {1: 9999, 2: 9999}}))


def _as(two: Two, save: Callable[[], None]) -> None:
    from permanence.journal.writer import action

    @action
    def do(*, by: Actor) -> None:
        save()

    do(by=two.cast["moreau"])


def make_a_sheet(two: Two) -> None:
    keys = keyring.sheet_keys(bytes(20), vault.current().practice)
    slots.record_slot(uuid4(), kind="sheet", sheet=keys, by=Actor.machine("console"))


SAID = {
    erase: "Effacement d’un dossier", revoke_the_office: "Révoquer «\u00a0Bureau\u00a0», et la vider",
    add_its_own: "Ajouter une machine, «\u00a0Bureau 2\u00a0»", become_an_office: "Modifier la fiche de «\u00a0Portable\u00a0»",
    agree_to_itself: "Modifier la fiche de «\u00a0Portable\u00a0»", make_a_sheet: "Nouvelle feuille de secours",
}  # fmt: skip


@pytest.mark.parametrize("order", [erase, revoke_the_office, add_its_own, become_an_office, agree_to_itself, make_a_sheet])
def test_a_stolen_laptop_destroys_nothing_and_names_no_machine(known: Two, order: Callable[[Two], None]) -> None:
    with known.b:
        order(known)
        clinical.sign_note(known.jeanne, by=known.cast["petit"], fields={"text": "Visite."}) if order is not erase else None
    hears(known.a, known.b)
    assert stands(known) == {"jeanne": True, "office": True}
    with known.a:
        assert Replica.objects.get(id=UUID(bytes=known.b.replica)).kind == "laptop"
        assert Replica.objects.count() == 2
        assert Note.objects.count() == (0 if order is erase else 1)  # its visits are heard meanwhile
    (said,) = waiting(known)
    assert said == (SAID[order],)


def test_what_the_office_wrote_is_not_withdrawn_from_a_laptop_and_its_own_is(known: Two) -> None:
    with known.a:
        note = clinical.sign_note(known.jeanne, by=known.cast["petit"], fields={"text": "Au cabinet."})
    hears(known.b, known.a)
    with known.b:
        own = clinical.sign_note(known.jeanne, by=known.cast["petit"], fields={"text": "En visite."})
        journal.prune(own, by=known.cast["petit"])
    hears(known.a, known.b)
    assert waiting(known) == []
    with known.b:
        journal.prune(note, by=known.cast["petit"])
    hears(known.a, known.b)
    assert waiting(known) == [("Retrait d’un contenu",)]
    with known.a:
        assert Note.objects.get(id=note).text == "Au cabinet."
        assert not run("default", "SELECT 1 FROM journal_pruned p JOIN journal_entry e ON e.hash = p.entry WHERE e.object = ?",
                       note.bytes).fetchall()  # fmt: skip


def test_what_somebody_agrees_to_is_done_and_what_followed_comes(known: Two) -> None:
    with known.b:
        erase(known)
        actions.rename_replica(UUID(bytes=known.b.replica), name="Portable de Léa", by=known.cast["moreau"])
    hears(known.a, known.b)
    with known.a:
        (order,) = queries.kept_aside(b_of(known).id, reader=reader(known.cast["benali"]))
        assert order.patients == (known.jeanne,)
        actions.accept(b_of(known).id, until=order.until, by=known.cast["benali"])
        assert not Patient.objects.filter(id=known.jeanne).exists()
    hears(known.a, known.b)
    with known.a:
        assert Replica.objects.filter(name="Portable de Léa").exists()
        assert queries.places_aside(UUID(bytes=known.b.replica)) == {}


def test_only_a_titulaire_agrees(known: Two) -> None:
    with known.b:
        erase(known)
    hears(known.a, known.b)
    with known.a:
        for who in ("nadia", "sophie", "petit", "hugo", "ines"):
            with pytest.raises(Refused):
                actions.accept(b_of(known).id, by=known.cast[who])
    assert stands(known)["jeanne"]


def test_a_third_machine_does_what_was_agreed_once_it_hears_of_it(known: Two, machines: object) -> None:
    """It had put the order aside too: nobody is asked twice."""
    c = machines.new()  # type: ignore[attr-defined]
    with c:
        key = vault.current().verify_key
    with known.a:
        actions.add_replica(UUID(bytes=c.replica), {"verify": key, "transport": b"v" * 32, "box": b"w" * 32}, name="Secours", kind="spare",
                            hosts=["secours"], by=known.cast["moreau"])  # fmt: skip
    with c:
        actions.remember_peer("https://bureau", replica=UUID(bytes=known.a.replica))
    hears(c, known.a)
    with known.b:
        erase(known)
    hears(c, known.b)
    hears(known.a, known.b)
    with known.a:
        actions.accept(b_of(known).id, by=known.cast["moreau"])
    hears(c, known.a)
    with c:
        actions.retry_all()
        assert not Patient.objects.filter(id=known.jeanne).exists()


def test_a_laptop_that_took_a_new_id_stays_a_laptop(known: Two) -> None:
    former = known.b.vault
    known.b.renew()
    with known.b:
        _succeed(former, vault.current())  # it says « office »
    hears(known.a, known.b)
    with known.a:
        assert not Replica.objects.filter(id=UUID(bytes=vault.current().replica), kind="office").exclude(name="Bureau").exists()
        assert UUID(bytes=known.b.replica) not in queries.known()


def test_a_machine_that_joins_takes_all_from_the_laptop_that_let_it_in(known: Two, machines: object) -> None:
    """The office burnt, the laptop is all that is left: the new machine waits for nobody."""
    c = machines.new()  # type: ignore[attr-defined]
    with c:
        key = vault.current().verify_key
    with known.b:
        actions.revoke_replica(UUID(bytes=known.a.replica), by=known.cast["moreau"])
        actions.add_replica(UUID(bytes=c.replica), {"verify": key, "transport": b"v" * 32, "box": b"w" * 32}, name="Bureau neuf",
                            kind="office", hosts=["bureau"], by=known.cast["moreau"])  # fmt: skip
        told = queries.told()
    with c:
        actions.remember_peer("https://portable", replica=UUID(bytes=known.b.replica))
        actions.remember_told(told)
    hears(c, known.b)
    with c:
        assert {row.name: row.revoked_at is None for row in Replica.objects.all()} == {
            "Bureau": False, "Portable": True, "Bureau neuf": True}  # fmt: skip


def test_a_machine_revoked_by_mistake_is_heard_again_with_what_it_wrote_meanwhile(known: Two) -> None:
    with known.a:
        actions.revoke_replica(b_of(known).id, by=known.cast["moreau"])
    with known.b:
        clinical.sign_note(known.jeanne, by=known.cast["petit"], fields={"text": "Visite."})
    hears(known.a, known.b)
    with known.a:
        assert Note.objects.count() == 0
        with pytest.raises(Refused):
            actions.readmit(b_of(known).id, by=known.cast["sophie"])
        actions.readmit(b_of(known).id, by=known.cast["benali"])
        assert Note.objects.get().text == "Visite."
        assert rules.heard(UUID(bytes=known.b.replica), queries.known()) is None


def test_years_of_visits_kept_aside_are_taken_some_at_a_time(known: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """An act that one part begins and the next one ends is whole."""
    with known.a:
        actions.revoke_replica(b_of(known).id, by=known.cast["moreau"])
    with known.b:
        for number in range(4):
            clinical.sign_note(known.jeanne, by=known.cast["petit"], fields={"text": f"Visite {number}."}, measures_line="TA 138/82 P 72,5")
    hears(known.a, known.b)
    parts, take = list[int](), arrival.take

    def counted(batch: exchange.Batch, judge: Any) -> exchange.Pushed:
        parts.append(len(batch.entries))
        return take(batch, judge)

    monkeypatch.setattr(arrival, "take", counted)
    monkeypatch.setattr(exchange, "MOST_ENTRIES", 2)
    with known.a:
        aside = run("default", "SELECT count(*) FROM journal_quarantined").fetchone()[0]
        actions.readmit(b_of(known).id, by=known.cast["benali"])
        assert (Note.objects.count(), Measure.objects.count()) == (4, 8)
        assert run("default", "SELECT count(*) FROM journal_quarantined").fetchone()[0] == 0
    assert len(parts) >= aside // 2 > 3
    assert max(parts) < aside


def test_a_revoked_laptop_does_not_readmit_itself(known: Two) -> None:
    with known.a:
        actions.revoke_replica(b_of(known).id, by=known.cast["moreau"])
    pull(known.b, known.a)
    with known.b:
        actions.readmit(UUID(bytes=known.b.replica), by=known.cast["moreau"])
        given = departure.give(exchange.Asked({}))
    assert given.batches
    hears(known.a, known.b)
    with known.a:
        assert b_of(known).revoked_at is not None

