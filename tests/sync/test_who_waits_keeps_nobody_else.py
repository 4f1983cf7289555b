"""What a limited laptop cannot hand over keeps there the file that it concerns, and no other; and a file that is given back is whole."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from permanence.accounts.actions import slots
from permanence.consultations import actions as clinical
from permanence.consultations.models import Note
from permanence.journal import arrival, blobs, exchange, keyring, keys, peers, vault
from permanence.journal.doors import Actor
from permanence.lib import clock, suite
from permanence.patients import actions as patients
from permanence.prescriptions.actions import file_prescription
from permanence.sync import entrusting, forgetting, queries, talk
from permanence.sync.models import Peer
from permanence.sync.talk import Talk
from tests.sync.limited import Visits, another, booked, forget, visits
from tests.sync.machines import Machine, Machines
from tests.sync.practice_life import Two
from tests.sync.test_a_limited_laptop_forgets import LONG
from tests.sync.test_talks import Line


class Judged(Line):
    """As a machine of the practice answers: it judges what it is given, and refuses some files. A relay in between knows more at once."""

    def __init__(self, there: Machine) -> None:
        super().__init__(there)
        self.refused = set[bytes]()

    def push(self, batch: exchange.Batch) -> exchange.Pushed:
        with self.there:
            forget()
            pushed = arrival.take(exchange.Batch.decode(batch.encode()), queries.standing)
        forget()
        return pushed

    def put_blob(self, hash: bytes, data: bytes) -> None:
        if hash in self.refused:
            raise peers.Refused(404, "unknown")
        super().put_blob(hash, data)


@pytest.fixture
def away(two: Two, machines: Machines, monkeypatch: pytest.MonkeyPatch) -> Visits:
    """At once, all of it."""
    monkeypatch.setattr(talk, "BLOBS_S", 0.0)
    monkeypatch.setattr(talk, "ABSENT_S", 0.0)
    monkeypatch.setattr(forgetting, "EVERY_S", 0.0)
    return visits(two, machines)


def carried(away: Visits, *names: str) -> list[UUID]:
    """Patients who come tomorrow: the laptop carries them."""
    found = [another(away, name) for name in names]
    with away.office:
        for one in found:
            booked(away, one)
    away.meet()
    return found


def taken_back(away: Visits) -> int:
    forget()
    with away.office:
        return forgetting.withdraw(at_once=True)


def talking(away: Visits, line: Line) -> Talk:
    return Talk(Peer.objects.get(), line, away.laptop.folder)  # type: ignore[arg-type]


def prescribed(away: Visits, patient: UUID, data: bytes) -> bytes:
    """At this machine: an ordonnance of these sealed bytes."""
    hash = suite.sha256(data)
    file_prescription(patient, by=away.two.cast["moreau"], template="ordonnance", title="Ordonnance", text="paracétamol 1 g",
                      number=f"VIS-{uuid4().hex[:6]}", blob={"hash": hash, "key": bytes(32), "size": len(data)})  # fmt: skip
    assert vault.current().folder is not None
    blobs.keep(Path(str(vault.current().folder)), hash, data)
    return hash


def test_an_order_that_waits_keeps_the_files_that_are_stuck_behind_it(away: Visits) -> None:
    """A note of Paul's is in the other chain, and is heard; whoever was registered after the order waits with it."""
    paul, rose = carried(away, "DURAND", "LEBRUN")
    with away.laptop:
        slots.record_slot(uuid4(), kind="sheet", sheet=keyring.sheet_keys(bytes(20), vault.current().practice), by=Actor.machine("console"))
        clinical.sign_note(paul, by=away.two.cast["moreau"], fields={"text": "Chez lui."})
        patients.register(by=away.two.cast["moreau"], birth_name="NOUVEAU", first_given_name="Nina", birth_sex="F", despite=True)
        clinical.sign_note(rose, by=away.two.cast["moreau"], fields={"text": "Chez elle, après."})
    with clock.override(offset=LONG):
        assert taken_back(away) == 2
        with away.laptop:
            one = talking(away, Judged(away.office))
            for _ in range(3):
                one.once()
            assert not keys.knows(paul.bytes)
            assert keys.knows(rose.bytes)
        with away.office:
            assert [note.text for note in Note.objects.filter(patient_id=paul).order_by("signed_at")] == ["Note de DURAND", "Chez lui."]
            assert not Note.objects.filter(patient_id=rose, text="Chez elle, après.").exists()


def test_a_file_that_nobody_takes_keeps_its_patient_and_no_other(away: Visits) -> None:
    paul, rose = carried(away, "DURAND", "LEBRUN")
    line = Judged(away.office)
    with away.laptop:
        line.refused.add(hash := prescribed(away, rose, b"scelle"))
    with clock.override(offset=LONG):
        assert taken_back(away) == 2
        with away.laptop:
            one = talking(away, line)
            for _ in range(3):
                one.once()
            assert not keys.knows(paul.bytes)
            assert keys.knows(rose.bytes)
            assert blobs.exists(away.laptop.folder, hash)
            line.refused.clear()
            for _ in range(3):
                one.once()
            assert line.files[hash] == b"scelle"
            assert not keys.knows(rose.bytes)
            assert not blobs.exists(away.laptop.folder, hash)


def test_who_has_the_entries_by_another_way_and_not_the_file_is_no_reason_to_delete_it(away: Visits) -> None:
    """The office had the entries and gave them to the relay; the file was still on its way to the office."""
    (paul,) = carried(away, "DURAND")
    relay = Judged(away.office)
    with clock.override(offset=LONG):
        with away.laptop:
            by_the_relay = talking(away, relay)
            by_the_relay.once()
            hash = prescribed(away, paul, b"scelle")
            to_the_office = Judged(away.office)
            to_the_office.refused.add(hash)
            talking(away, to_the_office).both_ways()
        assert taken_back(away) == 1
        with away.laptop:
            other = Judged(away.office)
            other.refused.add(hash)
            talking(away, other).both_ways()  # it hears there that Paul is taken back
            by_the_relay._forget(10**9, arrival.held())
            assert blobs.exists(away.laptop.folder, hash)
            assert keys.knows(paul.bytes)


def test_a_file_comes_again_with_its_patient(away: Visits) -> None:
    (paul,) = carried(away, "DURAND")
    line = Judged(away.office)
    with away.laptop:
        one = talking(away, line)
        hash = prescribed(away, paul, b"scelle")
        one.once()
    with clock.override(offset=LONG):
        assert taken_back(away) == 1
        with away.laptop:
            one.once()
            one.once()
            assert not blobs.exists(away.laptop.folder, hash)
        forget()
        with away.office:
            booked(away, paul)
            assert entrusting.give(at_once=True) == 1
        with away.laptop:
            one.once()
            one.once()
            assert keys.knows(paul.bytes)
            assert blobs.sealed(away.laptop.folder, hash) == b"scelle"
