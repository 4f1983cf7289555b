"""Whose the slots are: who leaves opens nothing any more, with a new epoch; a cut in between is made up for; one remains."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from permanence.accounts import actions, queries, sessions, unlocking
from permanence.journal import folder, keyring, seal, vault, verify
from permanence.journal.doors import Actor, Refused
from permanence.lib import host, suite
from tests.cast import reader_for, recruit

SHEET = bytes(range(20))
CONSOLE = Actor.machine("console")


class Scene:
    """An open practice, its cast, and the private key of each slot made."""

    def __init__(self, here: folder.Folder, cast: Mapping[str, Actor]) -> None:
        self.here, self.cast = here, cast

    def passkey(self, name: str) -> UUID:
        return actions.add_passkey(credential_id=uuid4().bytes, public_key=b"cose", rp_id="cabinet.example",
                                   by=self.cast[name])

    def slot(self, name: str, passkey: UUID) -> bytes:
        """A slot of this passkey; its private key."""
        public, private = suite.x25519_pair()
        unlocking.let_open(self.here, public, "passkey", passkey=passkey, by=self.cast[name])
        return private

    def opens(self, private: bytes) -> bool:
        try:
            return bool(self.here.record().open(private))
        except seal.Unopened:
            return False

    def reopen(self, private: bytes) -> None:
        self.here.seal()
        self.here.unlock_with(private)


@pytest.fixture
def scene(tmp_path: Path, own_files: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(host.Reserve.__init__, "__defaults__", (8192,))
    sessions.forget()
    with folder.create(tmp_path / "cabinet", hosts=["bureau.cabinet.example"], rp_id="cabinet.example") as here:
        cast = recruit()
        unlocking.replace_sheet(here, SHEET, by=CONSOLE)
        yield Scene(here, cast)
    sessions.forget()


def sheet(scene: Scene, secret: bytes = SHEET) -> bytes:
    return keyring.sheet_slot(secret, scene.here.record().practice)[1]


def kinds(scene: Scene) -> list[tuple[str, str, bool]]:
    return [(slot.kind, slot.member_name, slot.counts) for slot in queries.slots(reader=reader_for(scene.cast["moreau"]))]


def test_the_practice_knows_whose_each_slot_is_and_the_seal_does_not(scene: Scene) -> None:
    scene.slot("benali", scene.passkey("benali"))
    assert kinds(scene) == [("sheet", "", True), ("passkey", "Dr Karim BENALI", False)]
    record = (scene.here.seal_path / "seal.cbor").read_bytes()
    assert scene.cast["benali"].member.bytes not in record  # type: ignore[union-attr]
    with pytest.raises(Refused):
        queries.slots(reader=reader_for(scene.cast["sophie"]))


def test_a_slot_opened_twice_counts(scene: Scene) -> None:
    secret = uuid4().bytes * 2
    unlocking.let_open(scene.here, keyring.machine_slot(secret)[0], "machine", by=CONSOLE)
    assert queries.ways_to_open() == 1
    for ways in (1, 2):
        scene.reopen(keyring.machine_slot(secret)[1])
        assert queries.ways_to_open() == ways


@pytest.mark.parametrize("how", ["revoked", "departed", "recovered"])
def test_who_loses_a_key_or_leaves_opens_nothing_any_more(scene: Scene, how: str) -> None:
    cast, passkey = scene.cast, scene.passkey("benali")
    private, root = scene.slot("benali", passkey), scene.here.keys.root
    assert scene.opens(private)
    assert cast["benali"].member is not None
    if how == "revoked":
        actions.revoke_passkey(passkey, by=cast["moreau"])
    elif how == "departed":
        actions.depart_member(cast["benali"].member, by=cast["moreau"])
    else:
        actions.recover_member_by_sheet(cast["benali"].member, by=Actor(None, assurance="sheet", purpose="console"))
    assert not scene.opens(private)
    assert scene.here.record().epoch == vault.current().epoch == 2
    assert scene.here.keys.root != root
    assert kinds(scene) == [("sheet", "", True)]
    scene.reopen(sheet(scene))
    assert verify.verify(full=True, saved_heads=scene.here.saved_heads()).findings == ()


def test_what_a_cut_kept_from_the_seal_is_done_at_the_next_unlocking(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    passkey = scene.passkey("benali")
    private = scene.slot("benali", passkey)
    with monkeypatch.context() as patched:
        patched.setattr(unlocking, "_open", None)  # the power goes after COMMIT, before the seal record follows
        actions.revoke_passkey(passkey, by=scene.cast["moreau"])
    assert scene.opens(private)
    scene.reopen(sheet(scene))
    assert not scene.opens(private)
    assert scene.here.record().epoch == 2


def test_a_new_sheet_shuts_out_the_former_one(scene: Scene) -> None:
    unlocking.replace_sheet(scene.here, bytes(20), by=CONSOLE)
    assert not scene.opens(sheet(scene))
    assert scene.opens(sheet(scene, bytes(20)))
    assert scene.here.record().epoch == 2
    assert kinds(scene) == [("sheet", "", True)]


def test_nobody_removes_the_last_slot(scene: Scene) -> None:
    only, = queries.slots(reader=reader_for(scene.cast["moreau"]))
    with pytest.raises(Refused) as refused:
        actions.remove_slots([only.id], by=scene.cast["moreau"])
    assert refused.value.code == "last_slot"
    passkey = scene.passkey("benali")
    private = scene.slot("benali", passkey)
    actions.remove_slots([only.id], by=scene.cast["moreau"])
    with pytest.raises(Refused) as refused:
        actions.revoke_passkey(passkey, by=scene.cast["moreau"])
    assert refused.value.code == "last_slot"
    assert scene.opens(private)


def test_a_slot_is_for_ones_own_key_and_given_by_a_titulaire(scene: Scene) -> None:
    for name, key in (("benali", scene.passkey("moreau")), ("sophie", scene.passkey("sophie"))):
        with pytest.raises(Refused):
            unlocking.let_open(scene.here, suite.x25519_pair()[0], "passkey", passkey=key, by=scene.cast[name])
    with pytest.raises(Refused):
        actions.remove_slots([uuid4()], by=scene.cast["sophie"])
    assert len(scene.here.record().slots) == 1
