"""A lost laptop at its next contact: it is told, hands over what was written on it, and empties itself; nobody else can make it do so."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from permanence.accounts import permissions
from permanence.consultations import actions as clinical
from permanence.consultations.models import Note
from permanence.journal import arrival, exchange, folder, peers, vault
from permanence.journal.doors import Actor
from permanence.journal.writer import action
from permanence.lib import cbor, suite
from permanence.sync import actions, leaving, queries
from permanence.sync.models import Heard, Peer, Replica
from permanence.sync.talking import Speaker
from permanence.web.machines import answering
from tests import folders
from tests.sync.machines import Machine
from tests.sync.practice_life import Two, reader
from tests.sync.test_machines_as_people_see_them import b_of, known

__all__ = ["known"]
LAPTOP = b"u" * 32  # its transport key, as `known` says it


class Line:
    """The laptop asks the office."""

    def __init__(self, office: Machine) -> None:
        self.office, self.told = office, b""

    def pull(self, asked: exchange.Asked) -> exchange.Given:
        with self.office:
            if LAPTOP not in queries.transport_keys():
                raise peers.Refused(403, "key")
        raise AssertionError

    def ask(self, method: str, path: str, body: bytes = b"", *, most: int) -> bytes:
        assert path == leaving.ADDRESS
        with self.office:
            if method == "POST":
                return answering._emptied(body, LAPTOP)
            self.told = answering._revocation(body, LAPTOP)
        return self.told

    def push(self, batch: exchange.Batch) -> exchange.Pushed:
        with self.office:
            return arrival.take(exchange.Batch.decode(batch.encode()), queries.standing)

    def close(self) -> None:
        """Nothing is held."""


def lose(two: Two, *, wipe: bool = True) -> Line:
    with two.a:
        actions.revoke_replica(b_of(two).id, wipe=wipe, by=two.cast["moreau"])
    with two.b:
        clinical.sign_note(two.jeanne, by=two.cast["petit"], fields={"text": "Visite du soir."})
        actions.remember_peer("https://bureau", replica=UUID(bytes=two.a.replica))
    permissions.forget()
    return Line(two.a)


@pytest.fixture
def emptied(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(leaving, "wipe", found.append)
    return found


@action
def _become(kind: str, *, by: Actor) -> None:
    row = Replica.objects.get(name="Portable")
    row.kind = kind
    row.save()


def as_office(two: Two) -> None:
    _become("office", by=two.cast["moreau"])


def contact(two: Two, line: Line) -> Any:
    """The laptop finds the office again; its folder."""
    place: Any = SimpleNamespace(path=two.b.folder, sealed=False, locked=[])
    place.seal = lambda: place.locked.append(True)
    with two.b:
        Speaker(Peer.objects.get(base="https://bureau"), place, lambda *_, **__: line, 1.0).once()  # type: ignore[arg-type, return-value]
    return place


def test_it_hands_over_what_was_written_and_empties_itself(known: Two, emptied: list[Any]) -> None:
    line = lose(known)
    assert contact(known, line) == emptied[0]
    with known.a:
        (note,) = queries.kept_aside(b_of(known).id, reader=reader(known.cast["moreau"]))
        assert note.what == ("Note de consultation",)
        assert Note.objects.count() == 0
        actions.accept(b_of(known).id, by=known.cast["benali"])
        assert Note.objects.get().text == "Visite du soir."


def at_the_office(two: Two) -> queries.Machine:
    with two.a:
        (found,) = [one for one in queries.machines(reader=reader(two.cast["moreau"])) if one.name == "Portable"]
    return found


def test_the_office_remembers_when_it_was_told_and_that_it_said_to_be_empty(known: Two, emptied: list[Any]) -> None:
    line = lose(known)
    before = at_the_office(known)
    assert (before.told_at, before.emptied_at) == (None, None)
    contact(known, line)
    after = at_the_office(known)
    assert after.told_at is not None
    assert after.emptied_at is not None
    assert after.heard_at is not None
    assert after.heard_at >= after.told_at
    with known.a:
        actions.readmit(b_of(known).id, by=known.cast["moreau"])
        actions.revoke_replica(b_of(known).id, wipe=True, by=known.cast["moreau"])
    again = at_the_office(known)
    assert (again.told_at, again.emptied_at) == (None, None)  # what it said of the first time says nothing of this one


def test_one_that_was_only_revoked_is_known_to_have_learned_it_and_not_to_be_empty(known: Two, emptied: list[Any]) -> None:
    contact(known, lose(known, wipe=False))
    found = at_the_office(known)
    assert found.told_at is not None
    assert found.emptied_at is None


def test_a_machine_that_is_heard_and_a_word_that_is_another_leave_nothing(known: Two) -> None:
    with known.a:
        with pytest.raises(FileNotFoundError):
            answering._emptied(leaving.EMPTIED, LAPTOP)
        actions.revoke_replica(b_of(known).id, wipe=True, by=known.cast["moreau"])
        with pytest.raises(exchange.Malformed):
            answering._emptied(b"\xa1\x01\x61x", LAPTOP)
    assert at_the_office(known).emptied_at is None


def test_asking_again_and_again_writes_once_a_minute(known: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    lose(known)
    with known.a:
        answering._revocation(b"", LAPTOP)
        first = Heard.objects.get(told_at__isnull=False)
        answering._revocation(b"", LAPTOP)
        assert Heard.objects.get(pk=first.pk).at == first.at


def test_a_lost_machine_that_is_not_carried_about_locks_and_keeps_everything(known: Two, emptied: list[Any]) -> None:
    """No single machine's word destroys what stands in the practice."""
    with known.a:
        as_office(known)
    known.agree()
    place = contact(known, lose(known))
    assert (emptied, place.locked) == ([], [True])


def test_one_that_was_only_revoked_keeps_its_record_and_says_so(known: Two, emptied: list[Any]) -> None:
    contact(known, lose(known, wipe=False))
    assert emptied == []
    with known.b:
        assert Note.objects.count() == 1
        assert queries.talks().revoked
    with known.a:
        assert queries.places_aside(UUID(bytes=known.b.replica))


def test_one_that_is_heard_is_not_emptied_by_another_ones_revocation(known: Two, emptied: list[Any], machines: Any) -> None:
    """An answer of the office about another machine, and of a laptop about this one."""
    line = lose(known)
    with known.a:
        other = leaving.revocation_of(LAPTOP)
    c = machines.new()
    with c:
        key = vault.current().verify_key
    with known.a:
        actions.add_replica(UUID(bytes=c.replica), {"verify": key, "transport": b"v" * 32, "box": b"w" * 32}, name="Portable 2",
                            kind="laptop", hosts=["p2"], by=known.cast["moreau"])  # fmt: skip
    with known.b, pytest.raises(peers.Malformed):
        leaving.read_revocation(cbor.dumps([*cbor.loads(other)[:3], b"x"]))
    with c, pytest.raises(peers.Malformed):
        leaving.read_revocation(other)
    assert emptied == []
    assert line.told == b""


def test_a_stolen_laptop_empties_no_other_machine(known: Two) -> None:
    with known.b:
        actions.revoke_replica(UUID(bytes=known.a.replica), wipe=True, by=known.cast["moreau"])
        forged = leaving.revocation_of(Replica.objects.get(name="Bureau").transport_key)
    with known.a, pytest.raises(peers.Malformed):
        leaving.read_revocation(forged)


def test_a_stranger_with_its_own_key_empties_nobody(known: Two) -> None:
    line = lose(known)
    with known.a:
        outer, _, inner, body = cbor.loads(leaving.revocation_of(LAPTOP))
    _, secret = suite.signing_pair()
    with known.b, pytest.raises(peers.Malformed):
        leaving.read_revocation(cbor.dumps([outer, suite.sign(outer, secret), inner, body]))
    assert line.told == b""


def test_emptied_it_opens_no_more_and_says_why(own_files: None, tmp_path: Path) -> None:
    here = folders.fresh(tmp_path / "portable")
    (here.path / "blobs" / "ab").mkdir(parents=True, exist_ok=True)
    (here.path / "blobs" / "ab" / "cd").write_bytes(b"sealed")
    leaving.wipe(here)
    here.close()
    with pytest.raises(folder.NotAPractice):
        folder.open_folder(here.path)
    left = {path.name for path in here.path.rglob("*") if path.is_file()}
    assert leaving.NOTE in left
    assert not left & {"practice.db", "access.db", "seal.cbor", "heads.cbor", "transport.cbor", "cd"}
    assert "associer au cabinet par un code" in (here.path / leaving.NOTE).read_text(encoding="utf-8")


def test_a_revocation_that_was_taken_back_is_not_believed_when_somebody_says_it_again(known: Two, emptied: list[Any]) -> None:
    """A relay keeps every entry: its operator could have a laptop that was found again empty itself."""
    line = lose(known)
    with known.a:
        old = leaving.revocation_of(LAPTOP)
        actions.readmit(b_of(known).id, by=known.cast["benali"])
    known.agree()
    with known.b, pytest.raises(peers.Malformed, match="taken back"):
        leaving.read_revocation(old)
    with known.a:
        actions.revoke_replica(b_of(known).id, wipe=True, by=known.cast["moreau"])
    contact(known, line)
    assert len(emptied) == 1
