"""A limited laptop joins by the code of a titulaire: what it is given, what its folder opens with, and that it lets nobody in itself."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from permanence.consultations import actions as clinical
from permanence.consultations.models import Note
from permanence.journal import arrival, authority, departure, exchange, folder, heads, keyring, keys, vault, verify, writer
from permanence.journal.doors import Actor, Refused
from permanence.lib import cbor, clock, pki, sqlcipher
from permanence.patients import actions as patients
from permanence.patients.models import Patient
from permanence.sync import entrusting, joining, pairing, queries
from permanence.sync.models import EntrustedKey, Replica
from tests.folders import SECRET
from tests.sync.limited import another, forget
from tests.sync.machines import Machine, Machines
from tests.sync.practice_life import Two, introduce

FILE_KEYS: dict[str, bytes] = {}


@contextmanager
def at(office: Machine) -> Iterator[None]:
    """Sitting at the office, whose files have keys of their own."""
    kept = dict(sqlcipher.keys)
    sqlcipher.keys.update(FILE_KEYS)
    with office:
        yield
    office.stop()  # its writer notes no head any more, which would be saved as the laptop's
    heads.forget()
    sqlcipher.keys.update(kept)


@pytest.fixture(autouse=True)
def _one_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two machines in one process: no thread saves the head of one as the other's, and nobody is called."""
    monkeypatch.setattr(heads, "keep_saving", lambda save: None)
    monkeypatch.setattr(folder, "behind_elsewhere", [])
    FILE_KEYS.update(sqlcipher.keys)
    names = {alias: connections.settings[alias]["NAME"] for alias in folder.FILES}
    yield
    pairing.codes.forget()
    sqlcipher.keys.update(FILE_KEYS)
    for alias, name in names.items():
        connections.settings[alias]["NAME"] = name


class Office:
    """What a pairing asks of the folder of the machine that invites."""

    def __init__(self, path: Path, two: Two) -> None:
        self.seal_path, self.two = path, two
        self.keys = SimpleNamespace(root=two.a.vault.root)

    def record(self) -> Any:
        slot = SimpleNamespace(id=bytes(16), kind="sheet", public=keyring.sheet_slot(SECRET, self.two.a.vault.practice)[0])
        return SimpleNamespace(rp_id="tilleuls.example", slots=[slot])


@pytest.fixture
def office(two: Two, tmp_path: Path) -> Office:
    introduce(two)
    with two.a:
        patients.set_medecin_traitant(two.jeanne, member=two.cast["moreau"].member, by=two.cast["sophie"])
    return Office(tmp_path / "no-seal", two)


def code(office: Office, *, kind: str = "limited", panel_of: UUID | None = None) -> str:
    by = Actor(office.two.cast["moreau"].member)  # no session to look at
    return pairing.codes.show(name="Portable des visites", kind=kind, host="visites.tilleuls.example", panel_of=panel_of, by=by).code


def join(office: Office, path: Path, typed: str) -> tuple[folder.Folder, joining.Practice, list[dict[int, Any]]]:
    """The laptop's side, and all that was said to it."""
    heard: list[dict[int, Any]] = []

    def ask(step: str, values: Mapping[int, Any]) -> Mapping[int, Any]:
        with at(office.two.a):
            heard.append(joining.welcome(office, step, cbor.loads(cbor.dumps(dict(values))), base="https://bureau"))  # type: ignore[arg-type]
        return heard[-1]

    made, given = joining.join(path, typed, ask, hosts=["visites.tilleuls.example"])
    return made, given, heard


def test_it_is_given_no_root_and_its_folder_opens_what_it_was_entrusted(office: Office, tmp_path: Path) -> None:
    two, root = office.two, office.two.a.vault.root
    paul = another(SimpleNamespace(office=two.a, two=two))  # type: ignore[arg-type]
    with at(two.a):
        pki_pair = pki.make_authority("tilleuls.example", now=clock.now())
        writer.current().run_job(lambda: authority._keep(pki_pair), name="authority")
    made, given, _ = join(office, tmp_path / "visites", code(office, panel_of=two.cast["moreau"].member))
    try:
        secrets = [root, *(two.a.vault.fixed[name] for name in ("backup", "archive")), pki_pair.key]
        assert not any(secret in cbor.dumps(given.encode()) for secret in secrets)
        assert given.leaf  # its own name's certificate, by the practice's authority
        _exchange(two)
        assert [one.birth_name for one in Patient.objects.all()] == ["MARTIN"]
        assert queries.is_elsewhere(paul)
        carried = queries.here()
        assert carried is not None
        assert (carried.member, carried.files) == (two.cast["moreau"].member, 1)
        assert Replica.objects.get(id=UUID(bytes=vault.current().replica)).kind == "limited"
        assert vault.current().root != root
        assert authority.current() is None

        made.seal()  # and again with the practice's one sheet, as in the car
        made.unlock_with(keyring.sheet_slot(SECRET, two.a.vault.practice)[1])
        assert made.keys.root != root
        assert vault.current().limited is not None
        assert Patient.objects.get(id=two.jeanne).birth_name == "MARTIN"
        made.new_epoch()  # its own root: nobody else has to hear of it
        assert keys.held() == 1
        clinical.sign_note(two.jeanne, by=two.cast["moreau"], fields={"text": "En visite."})
        assert verify.verify(full=True).findings == ()
        with pytest.raises(Refused) as refused:
            joining.invite(made, pairing.Shown(paul, "x", two.cast["moreau"], "Autre", "laptop", "x", 1.0), {}, base="https://x")
        assert refused.value.code == "limited"
        back = departure.give(exchange.Asked({}))
    finally:
        made.close()
    with at(two.a):
        for batch in back.batches:
            arrival.take(batch, queries.standing)
        assert Note.objects.filter(patient_id=two.jeanne, text="En visite.").exists()
        assert EntrustedKey.objects.count() == 1


def _exchange(two: Two) -> None:
    """What the office does by itself, and the first synchronisation."""
    with at(two.a):
        forget()
        assert entrusting.give(at_once=True) == 1
        given = departure.give(exchange.Asked({}, 0, 100_000))
    forget()
    for batch in given.batches:
        arrival.take(batch, queries.standing)


@pytest.mark.parametrize("panel_of", [None, "sophie"])
def test_no_limited_laptop_without_a_carer_whose_patients_it_carries(office: Office, tmp_path: Path, panel_of: str | None) -> None:
    whose = office.two.cast[panel_of].member if panel_of else None
    with pytest.raises(Refused) as refused:
        join(office, tmp_path / "visites", code(office, panel_of=whose))
    assert refused.value.code == "member"
    assert not (tmp_path / "visites").exists()


def test_a_whole_laptop_joins_as_before(office: Office, machines: Machines, tmp_path: Path) -> None:
    made, given, _ = join(office, tmp_path / "portable", code(office, kind="laptop"))
    try:
        assert given.keys.root == office.two.a.vault.root
        assert vault.current().limited is None
        assert vault.current().fixed == office.two.a.vault.fixed
    finally:
        made.close()
