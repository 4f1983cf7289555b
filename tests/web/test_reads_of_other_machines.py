"""« Qui a consulté ce dossier » tells what the laptop showed too, which machine it was, until when that is known, and what is wrong."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from permanence.journal import access, acts, chain, merkle, reads_in, segments, vault, wire
from permanence.journal.categories import Category, Level, Scope, Stream
from permanence.journal.categories import mask as mask_of
from permanence.journal.doors import Actor
from permanence.journal.exchange import Result
from permanence.lib import clock, ids, suite
from permanence.sync import actions


class Laptop:
    """Another machine of the practice, which shows files and says so."""

    def __init__(self, by: Actor) -> None:
        actions.introduce_oneself(name="Bureau", kind="office", hosts=["bureau"], transport=bytes(32), box=bytes(32),
                                  by=Actor.machine("sync"))  # fmt: skip
        self.key, self.signing = suite.signing_pair()
        self.id = UUID(bytes=suite.replica_id(self.key))
        actions.add_replica(self.id, {"verify": self.key, "transport": b"t" * 32, "box": bytes(32)}, name="Portable", kind="laptop",
                            hosts=["portable"], by=by)  # fmt: skip
        self.entries, self.tree = list[wire.Sealed](), merkle.Frontier()

    def shows(self, patient: UUID, who: Actor) -> bytes:
        """One page of this file; the piece that tells it."""
        here = vault.current()
        vault.use(replace(here, replica=self.id.bytes, signing=self.signing, verify_key=self.key))
        try:
            body = {"patients": [[patient.bytes, [[int(Level.READ), mask_of({Category.IDENTITY})]], [], False]], "refused": [],
                    "gates": [], "reason": "appointment", "about": None, "proof": "", "tier": "", "route": "dossier:file"}  # fmt: skip
            draft = chain.draft_of(acts.Act(ids.new_act_id(), who, "dossier:file", alias="access"), kind=access.READ, version=2,
                                   scope=Scope.ACCESS, ref=None, object=None, values=body, base={}, hlc=clock.hlc_tick(0, clock.ms()),
                                   place=(1, 1), key=here.access)  # fmt: skip
            one = wire.write(practice=here.practice, replica=self.id.bytes, stream=int(Stream.ACCESS), seq=len(self.entries) + 1,
                             previous=self.entries[-1].hash if self.entries else wire.FIRST, inner=draft.inner, body=draft.body,
                             epoch=here.epoch, signing_key=self.signing)  # fmt: skip
            self.entries.append(one)
            self.tree.append(one.hash)
            return segments.Content(here.practice, self.head(), (one,)).encode()
        finally:
            vault.use(here)

    def head(self) -> merkle.Head:
        last = self.entries[-1].hash if self.entries else wire.FIRST
        return merkle.Head.signed(practice=vault.current().practice, replica=self.id.bytes, stream=Stream.ACCESS, size=len(self.entries),
                                  root=self.tree.root(), last=last, wall_ms=clock.ms(), signing=self.signing)  # fmt: skip

    def told(self, data: bytes) -> Result:
        return reads_in.take(data, {self.id.bytes: self.key})[0]


@pytest.fixture
def laptop(moreau: Actor) -> Iterator[Laptop]:
    yield Laptop(moreau)
    access.forget()


def said(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_with_one_machine_nothing_is_said_of_machines(visit: Any, page: Any, moreau: Actor, jeanne: UUID, url: Any) -> None:
    assert "Jusqu’où" not in page(visit(moreau, url("dossier:readers", jeanne)))


def test_what_the_laptop_showed_stands_in_the_list_with_its_machine(
        visit: Any, page: Any, moreau: Actor, petit: Actor, jeanne: UUID, laptop: Laptop, url: Any) -> None:  # fmt: skip
    text = said(page(visit(moreau, url("dossier:readers", jeanne))))
    assert "Aucune de ses lectures n’est arrivée ici" in text
    assert laptop.told(laptop.shows(jeanne, petit)) is Result.ACCEPTED
    text = said(page(visit(moreau, url("dossier:readers", jeanne))))
    assert "Léa PETIT" in text
    assert "Lectures connues jusqu’à " in text
    assert "Portable" in text
    laptop.shows(jeanne, petit)
    segments.hear((laptop.head().encode(),), {laptop.id.bytes: laptop.key})
    assert "1 lecture n’est pas encore arrivée" in said(page(visit(moreau, url("dossier:readers", jeanne))))
    assert "1 lecture n’est pas encore arrivée" in said(page(visit(moreau, url("sync:machine", laptop.id))))
    with clock.override(offset=timedelta(hours=26)):  # another day, even of one that has 25
        assert "Lectures connues jusqu’au " in said(page(visit(moreau, url("dossier:readers", jeanne))))


def test_after_its_revocation_and_with_two_stories_it_is_marked(
        visit: Any, page: Any, moreau: Actor, petit: Actor, jeanne: UUID, laptop: Laptop, url: Any) -> None:  # fmt: skip
    first = laptop.shows(jeanne, petit)
    laptop.told(first)
    actions.revoke_replica(laptop.id, by=moreau)
    assert "après le retrait de la machine" not in page(visit(moreau, url("dossier:readers", jeanne)))
    assert laptop.told(laptop.shows(jeanne, petit)) is Result.ACCEPTED
    text = said(page(visit(moreau, url("dossier:readers", jeanne))))
    assert text.count("après le retrait de la machine") == 1
    assert "peuvent être incomplètes" in text
    twin = Laptop.__new__(Laptop)
    twin.key, twin.signing, twin.id, twin.entries, twin.tree = laptop.key, laptop.signing, laptop.id, [], merkle.Frontier()
    assert twin.told(twin.shows(jeanne, petit)) is Result.QUARANTINED
    assert "deux histoires" in said(page(visit(moreau, url("dossier:readers", jeanne))))
    assert "deux histoires" in said(page(visit(moreau, url("sync:machine", laptop.id))))
    assert "lectures à vérifier" in said(page(visit(moreau, url("sync:machines"))))
