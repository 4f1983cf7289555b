"""What other machines ask of this one: nobody is answered without the signature of a machine of the practice, on any address."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client, override_settings

from permanence.journal import access, exchange, keyring, messages, reads_in, segments, vault
from permanence.journal.doors import Actor
from permanence.journal.seal import Transport
from permanence.lib import cbor, signing, suite
from permanence.sync import actions, apart, hearing, joining, pairing, queries
from permanence.sync.models import Replica
from permanence.web.account import sealport
from permanence.web.machines import answering
from tests import folders

BASE = "https://bureau.cabinet.example"
ADDRESSES = (("GET", "status"), ("POST", "entries"), ("POST", "entries/wanted"), ("GET", "heads"), ("POST", "heads"),
             ("POST", "blobs/missing"), ("GET", f"blobs/{'00' * 32}"), ("PUT", f"blobs/{'00' * 32}"), ("GET", "revocation"),
             ("GET", "roots"), ("POST", "access/wanted"), ("GET", f"access/{'00' * 16}/1-2"),
             ("PUT", f"access/{'00' * 16}/1-2"))  # fmt: skip


@pytest.fixture
def office(own_files: None, tmp_path: Path) -> Iterator[Any]:
    here = folders.fresh(tmp_path / "cabinet")
    sealport.use(here)
    with override_settings(PERMANENCE_ORIGIN=BASE, PERMANENCE_RP_ID="cabinet.example", ALLOWED_HOSTS=["*"]):
        yield here
    sealport.use(None)
    here.close()


class Asking:
    """A machine with a transport key, known or not."""

    def __init__(self, secret: bytes) -> None:
        self.secret, self.client, self.nonce = secret, Client(), ""

    def ask(self, method: str, path: str, body: bytes = b"", *, sent: bytes | None = None, at: str = "") -> Any:
        """`sent`: another body than the one signed; `at`: another address."""
        headers = signing.sign(method, f"{BASE}/{answering.BASE}{path}", body, self.nonce, self.secret)
        answer = self.client.generic(
            method, f"/{answering.BASE}{at or path}", body if sent is None else sent, content_type="application/cbor", secure=True,
            headers={**headers, "Host": "bureau.cabinet.example"})  # fmt: skip
        self.nonce = answer.headers.get(signing.NONCE, "")
        return answer

    def fresh(self) -> "Asking":
        self.ask("GET", "status")
        return self


@pytest.fixture
def laptop(office: Any) -> Asking:
    """A machine of the practice."""
    fresh = joining.Fresh.new()
    keys = {"verify": fresh.verify_key, "transport": fresh.transport.verify_key, "box": fresh.transport.public}
    actions.add_replica(fresh.id, keys, name="Portable", kind="laptop", hosts=["portable.cabinet.example"], by=Actor.machine("console"))
    return Asking(fresh.transport.signing).fresh()


def test_a_machine_of_the_practice_is_answered(laptop: Asking) -> None:
    hearing.begin()
    assert messages.Status.decode(laptop.ask("GET", "status").content).until > 0
    assert hearing.last(laptop.secret[32:]) is not None  # so it is seen here, though nobody calls it
    given = exchange.Given.decode(laptop.ask("POST", "entries/wanted", exchange.Asked({}).encode()).content)
    assert given.batches[0].entries
    (id,) = Replica.objects.filter(name="Portable").values_list("id", flat=True)
    laptop.ask("POST", "entries/wanted", exchange.Asked({(bytes(16), 2): 7}).encode())
    assert queries.holdings([id]) == {id: {(bytes(16), 2): 7}}  # what it would lack, were it cut off now


def test_a_machine_that_stands_apart_on_purpose_answers_nobody(laptop: Asking) -> None:
    apart.begin(timedelta(minutes=5))
    try:
        assert laptop.ask("GET", "status").status_code == 503
        assert laptop.ask("POST", "entries/wanted", exchange.Asked({}).encode()).status_code == 503
    finally:
        apart.end()
    assert laptop.ask("GET", "status").status_code == 200


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_nobody_else_is(office: Any, laptop: Asking, method: str, path: str) -> None:
    hearing.begin()
    stranger = Asking(Transport.new().signing).fresh()
    assert hearing.last(stranger.secret[32:]) is None
    assert stranger.ask(method, path, b"x" if method != "GET" else b"").status_code == 403
    unsigned = stranger.client.generic(method, f"/{answering.BASE}{path}", b"", secure=True, headers={"Host": "bureau.cabinet.example"})
    assert unsigned.status_code == 401
    assert len(unsigned.content) < 400


def test_a_revoked_machine_hands_over_what_it_wrote_asks_why_and_no_more(laptop: Asking) -> None:
    (id,) = Replica.objects.filter(name="Portable").values_list("id", flat=True)
    actions.revoke_replica(id, wipe=True, by=Actor.machine("console"))
    laptop.fresh()
    for method, path in ADDRESSES:
        if path not in ("entries", "revocation") and (method, path[:7]) != ("PUT", "access/"):
            assert laptop.ask(method, path, b"x" if method != "GET" else b"").status_code == 403
    laptop.fresh()
    empty = exchange.Batch(vault.current().practice, ()).encode()
    assert laptop.ask("POST", "entries", empty).status_code == 200
    assert laptop.ask("GET", "revocation").status_code == 200
    assert laptop.ask("PUT", f"access/{'00' * 16}/1-2", b"x").status_code == 200  # what it showed to people is wanted too
    assert reads_in.take_received({}) == 0


def test_a_request_serves_once_and_for_its_own_words(laptop: Asking) -> None:
    kept, body = laptop.nonce, exchange.Asked({}).encode()
    assert laptop.ask("POST", "entries/wanted", body).status_code == 200
    laptop.nonce = kept
    assert laptop.ask("POST", "entries/wanted", body).status_code == 401
    assert laptop.fresh().ask("POST", "entries/wanted", body, sent=exchange.Asked({}, 1).encode()).status_code == 401
    assert laptop.fresh().ask("POST", "blobs/missing", body, at="entries/wanted").status_code == 401


def test_a_revoked_machine_is_not_answered_any_more(laptop: Asking) -> None:
    from permanence.sync.models import Replica

    lost = Replica.objects.get(name="Portable").id
    actions.revoke_replica(lost, by=Actor.machine("console"))
    assert laptop.ask("GET", "status").status_code == 403


def test_reads_are_asked_for_and_given_in_pieces(laptop: Asking) -> None:
    access.note(access.SESSION, Actor.machine("console"), {}).wait()
    assert segments.cut(closing=True) == 1
    offered = messages.Offered.decode(laptop.ask("POST", "access/wanted", messages.Reads().encode()).content)
    (one,) = offered.segments
    data = laptop.ask("GET", one.path).content
    assert suite.sha256(data) == one.hash
    assert len(offered.theirs.heads) == 1
    assert laptop.ask("GET", one.path.replace("/1-", "/2-")).status_code == 404
    assert laptop.ask("PUT", one.path, data).status_code == 200
    assert reads_in.take_received({one.replica: vault.current().verify_key}) == 0  # our own come back: nothing is new
    for _ in range(reads_in.MOST_WAITING):
        laptop.ask("PUT", one.path, data)
    assert laptop.ask("PUT", one.path, data).status_code == 503
    reads_in.forget()


def test_what_is_no_message_is_refused_and_nothing_breaks(laptop: Asking) -> None:
    for path in ("entries", "entries/wanted", "heads", "blobs/missing", "access/wanted"):
        for body in (b"", b"\xff", cbor.dumps({1: 9}), b"\xa0"):
            assert laptop.ask("POST", path, body).status_code == 400
    assert laptop.ask("DELETE", "entries").status_code == 405
    assert laptop.ask("GET", "blobs/..").status_code == 404
    assert laptop.fresh().ask("PUT", f"blobs/{suite.sha256(b'x').hex()}", b"x").status_code == 404  # nothing here cites it


def test_a_code_lets_in_who_types_it_and_nobody_without(office: Any, tmp_path: Path) -> None:
    client = Client()

    def ask(step: str, values: Any) -> Any:
        answer = client.generic("POST", f"/{answering.BASE}pair/{step}", cbor.dumps(dict(values)), secure=True,
                                headers={"Host": "bureau.cabinet.example"})  # fmt: skip
        return answer.status_code, cbor.loads(answer.content)

    assert ask("hello", {1: pairing.Joining("0000-0000").message})[0] == 403  # no code is shown
    shown = pairing.codes.show(name="Portable", kind="laptop", host="portable.cabinet.example", by=Actor.machine("console"))
    joining_side, fresh = pairing.Joining(shown.code), joining.Fresh.new()
    _, hello = ask("hello", {1: joining_side.message})
    talk = joining_side.talk(hello[2], hello[3])
    status, answer = ask("join", {1: hello[1], 2: talk.proof, 3: talk.close(fresh.told(), hello[4])})
    given = joining.Practice.decode(talk.open(answer[1], hello[4]))
    assert status == 200
    assert given.keys.root == office.keys.root
    assert [public for _, public in given.sheets] == [keyring.sheet_slot(folders.SECRET, office.record().practice)[0]]
    assert ask("join", {1: hello[1], 2: talk.proof, 3: talk.close(fresh.told(), hello[4])})[0] == 403  # once
    for said in ({}, {1: 5}, {1: b"x", 2: b"y", 3: b"z"}):
        assert ask("join", said)[0] in (400, 403)
    left = pairing.codes.show(name="Portable", kind="laptop", host="p.cabinet.example", by=Actor(UUID(int=1), session=UUID(int=2)))
    joining_side = pairing.Joining(left.code)
    _, hello = ask("hello", {1: joining_side.message})
    talk = joining_side.talk(hello[2], hello[3])
    assert ask("join", {1: hello[1], 2: talk.proof, 3: talk.close(joining.Fresh.new().told(), hello[4])})[0] == 403  # their session is over


def test_a_revoked_machine_that_sends_slowly_takes_nobodys_turn(laptop: Asking) -> None:
    """One body is received at a time: what it gives has a turn of its own, or it could keep the others from talking for ever."""
    fresh = joining.Fresh.new()
    keys = {"verify": fresh.verify_key, "transport": fresh.transport.verify_key, "box": fresh.transport.public}
    actions.add_replica(fresh.id, keys, name="Perdu", kind="laptop", hosts=["perdu.cabinet.example"], by=Actor.machine("console"))
    actions.revoke_replica(fresh.id, by=Actor.machine("console"))
    lost, empty = Asking(fresh.transport.signing).fresh(), exchange.Batch(vault.current().practice, ()).encode()
    for large in (answering.ENTRIES, answering.READS):
        assert large.free.acquire(blocking=False)  # as somebody's body that is being received
    try:
        assert lost.ask("POST", "entries", empty).status_code == 200
        assert lost.ask("PUT", f"access/{'00' * 16}/1-2", b"x").status_code == 200
    finally:
        for large in (answering.ENTRIES, answering.READS):
            large.free.release()
    reads_in.forget()
    assert answering.HANDED_OVER.free.acquire(blocking=False)  # as its own
    try:
        assert laptop.fresh().ask("POST", "entries", empty).status_code == 200
        assert lost.fresh().ask("POST", "entries", empty).status_code == 503
    finally:
        answering.HANDED_OVER.free.release()
