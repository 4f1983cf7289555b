"""A request that was heard, changed, taken elsewhere or made by somebody else is refused, and the refusal gives nothing."""
import http.client
from typing import Any

import pytest

from permanence.journal import messages
from permanence.journal.exchange import Asked
from permanence.journal.peers import Peer, Refused
from permanence.lib import cbor, signing, suite
from tests.relay.authors import Author, batch, new_id
from tests.relay.serving import Relay


def sent(relay: Relay, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """Status, and the code of a refusal, of a request made by hand."""
    connection = http.client.HTTPConnection("127.0.0.1", relay.port, timeout=10)
    connection.request(method, path, body=body, headers={"Host": relay.authority, **headers})
    answer = connection.getresponse()
    said: Any = cbor.loads(answer.read()) if answer.status != 200 else {}
    assert answer.getheader(signing.NONCE) or answer.status in (404, 413)
    connection.close()
    return answer.status, said.get(2, "")


def signed(peer: Peer, method: str, path: str, body: bytes) -> dict[str, str]:
    peer.status()
    nonce, peer._nonce = peer._nonce, ""
    return signing.sign(method, peer.place.url(path), body, nonce, peer._secret)


def test_a_request_that_was_heard_is_worth_nothing(relay: Relay) -> None:
    practice, peer = relay.member()
    author = Author(practice)
    body = batch(author, author.write(2)).encode()
    headers = signed(peer, "POST", "entries", body)
    assert sent(relay, "POST", f"{peer.place.path}entries", body, headers) == (200, "")
    assert sent(relay, "POST", f"{peer.place.path}entries", body, headers) == (401, "nonce")


@pytest.mark.parametrize("size", [10, 200_000])
def test_its_body_cannot_be_changed(relay: Relay, size: int) -> None:
    _, peer = relay.member()
    data = bytes(size)
    headers = signed(peer, "PUT", f"blobs/{suite.sha256(data).hex()}", data)
    path = f"{peer.place.path}blobs/{suite.sha256(data).hex()}"
    assert sent(relay, "PUT", path, b"x" + data[1:], headers) == (401, "digest")


@pytest.mark.parametrize("size", [10, 200_000])
def test_its_address_and_method_cannot_be_changed(relay: Relay, size: int) -> None:
    practice, peer = relay.member()
    other = relay.member()[0]
    body = bytes(size)
    for path, method in ((f"/{practice.hex()}/heads", "POST"), (f"/{practice.hex()}/entries", "PUT"),
                         (f"/{practice.hex()}/entries?x", "POST")):  # fmt: skip
        assert sent(relay, method, path, body, signed(peer, "POST", "entries", body)) == (401, "signature")
    assert sent(relay, "POST", f"/{other.hex()}/entries", body, signed(peer, "POST", "entries", body))[0] == 403


def test_a_request_for_another_server_is_not_handed_on(relay: Relay) -> None:
    _, peer = relay.member()
    peer.status()
    url = f"http://autre.example{peer.place.path}status"
    headers = signing.sign("GET", url, b"", peer._nonce, peer._secret)
    assert sent(relay, "GET", f"{peer.place.path}status", b"", {**headers, "Host": "autre.example"}) == (421, "name")
    assert sent(relay, "GET", f"{peer.place.path}status", b"", headers) == (401, "signature")
    peer._nonce = ""


def test_nobody_unsigned_is_heard(relay: Relay) -> None:
    practice, _ = relay.member()
    for path in ("entries", "entries/wanted", "blobs/missing", "heads", "access/wanted", "seals", "status", "events", "keys", "aside",
                 "register"):  # fmt: skip
        for method in ("GET", "POST"):
            assert sent(relay, method, f"/{practice.hex()}/{path}", b"", {})[0] in (401, 405)
    assert sent(relay, "PUT", f"/{practice.hex()}/blobs/{'0' * 64}", bytes(300_000), {}) == (401, "unsigned")


def test_a_practice_that_exists_is_not_told_from_one_that_does_not(relay: Relay) -> None:
    practice, _ = relay.member()
    stranger, nowhere = relay.peer(practice), relay.peer(new_id())
    for peer in (stranger, nowhere):
        with pytest.raises(Refused, match="403 key"):
            peer.status()


def test_a_key_that_was_removed_is_refused_from_then_on(relay: Relay) -> None:
    practice, office = relay.member()
    secret = suite.signing_pair()[1]
    office.add_key(secret[32:], "laptop")
    laptop = relay.peer(practice, secret)
    news = relay.peer(practice, secret).news()
    assert next(news) == 0
    office.remove_key(secret[32:])
    with pytest.raises(Refused, match="403 key") as caught:
        laptop.status()
    assert "retirée" in caught.value.sentence
    assert list(news) == []
    with pytest.raises(Refused, match="403 key"):
        laptop.pull(Asked({}))
    assert [(kind, active) for _, kind, active in office.keys()] == [("office", True), ("laptop", False)]


def test_a_laptop_adds_and_removes_nobody(relay: Relay) -> None:
    practice, office = relay.member()
    secret = suite.signing_pair()[1]
    office.add_key(secret[32:], "limited")
    laptop = relay.peer(practice, secret)
    with pytest.raises(Refused, match="403 kind"):
        laptop.add_key(suite.signing_pair()[0], "office")
    with pytest.raises(Refused, match="403 kind"):
        laptop.remove_key(office._secret[32:])


def test_nobody_locks_a_practice_out(relay: Relay) -> None:
    _, office = relay.member()
    with pytest.raises(Refused, match="403 kind"):
        office.remove_key(office._secret[32:])
    assert office.status().mode == "full"


def test_a_code_serves_one_practice_once(relay: Relay) -> None:
    practice, other, code = new_id(), new_id(), relay.code()
    peer = relay.peer(practice)
    first = peer.register(code, "office")
    assert peer.register(code, "office") == first  # it was cut, and asks again
    for stranger in (relay.peer(practice), relay.peer(other), relay.peer(other, peer._secret)):
        with pytest.raises(Refused, match="403 code"):
            stranger.register(code, "office")
    with pytest.raises(Refused, match="403 code"):
        relay.peer(other).register("0000-0000-0000-0000-0000", "office")


def test_a_new_practices_code_opens_no_other_door(relay: Relay) -> None:
    practice, _ = relay.member()
    with pytest.raises(Refused, match="403 code"):
        relay.peer(practice).register(relay.code(), "office")
    with pytest.raises(Refused, match="403 code"):
        relay.peer(practice).register(relay.code(practice=new_id()), "office")
    found = relay.peer(practice)
    found.register(relay.code(practice=practice), "hosted")
    assert len(found.keys()) == 2


def test_a_code_that_is_too_old_is_refused(relay: Relay) -> None:
    code = relay.code()
    relay.sql("UPDATE relay_registration SET until = 1 WHERE used_by IS NULL")
    with pytest.raises(Refused, match="403 code"):
        relay.peer(new_id()).register(code, "office")


@pytest.mark.parametrize("body", [b"", b"\xff", cbor.dumps({1: 2, 2: []}), cbor.dumps({1: 1}), cbor.dumps([]), messages.rows([[1, 2]])])
def test_what_is_no_message_is_a_refusal_and_no_fault(relay: Relay, body: bytes) -> None:
    _, peer = relay.member()
    for path in ("entries", "entries/wanted", "blobs/missing", "heads", "access/wanted", "keys", "keys/removed", "register"):
        with pytest.raises(Refused, match="400 format"):
            peer.ask("POST", path, body)
    with pytest.raises(Refused, match="400 format"):
        peer.ask("PUT", "seals", body)


def test_an_address_that_is_nothing(relay: Relay) -> None:
    _, peer = relay.member()
    for path in ("nothing", "blobs/xyz", "blobs/" + "A" * 64, "access/00/1-2", f"access/{'0' * 32}/2-1", f"access/{'0' * 32}/0-1"):
        with pytest.raises(Refused, match="404 unknown"):
            peer.ask("GET", path)
    with pytest.raises(Refused, match="405 method"):
        peer.ask("PUT", "entries", b"")


def test_a_body_that_is_too_large_is_not_received(relay: Relay) -> None:
    _, peer = relay.member()
    headers = {"Content-Length": str(100 << 20)}
    assert sent(relay, "POST", f"{peer.place.path}entries", b"", headers) == (413, "large")
