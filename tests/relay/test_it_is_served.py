"""`permanence relay`: what its words do, on SQLite for the demo too, and over TLS under its own name."""
import re
import ssl
import subprocess
from pathlib import Path

import pytest

from permanence.journal.exchange import Asked
from permanence.journal.peers import Peer, Refused, Unreachable
from permanence.journal.witness import Verdict
from permanence.lib import suite
from tests.ports import free_port
from tests.relay.authors import Author, batch, new_id
from tests.relay.serving import Relay
from tests.relay.test_entries_come_and_go import all_of, entries_of


def test_on_sqlite_the_same_day(small: Relay) -> None:
    practice, peer = small.member()
    author, other = Author(practice), small.member()[1]
    peer.push(batch(author, author.write(5), b"keys"))
    assert [outcome.result for outcome in peer.push(batch(author)).outcomes] == ["duplicate"] * 5
    assert entries_of(all_of(peer)) == author.entries
    assert [one.keys for one in all_of(peer)] == [b"keys"]
    assert peer.put_heads([author.shown()])[0].verdict is Verdict.ACCEPTED
    assert peer.put_heads([author.fork(3).shown()])[0].verdict is Verdict.ROLLBACK
    peer.put_blob(suite.sha256(b"x"), b"x")
    peer.put_seal(bytes(16), b"record")
    assert (peer.get_blob(suite.sha256(b"x")), peer.seals(), len(peer.aside())) == (b"x", {bytes(16): b"record"}, 1)
    assert (other.pull(Asked({})).batches, other.seals(), other.missing_blobs([suite.sha256(b"x")])) == ((), {}, {suite.sha256(b"x")})
    assert Asked({}).since == 0


@pytest.mark.parametrize("which", ["small", "relay"])
def test_a_code_is_given_and_what_is_kept_is_said(which: str, request: pytest.FixtureRequest) -> None:
    relay: Relay = request.getfixturevalue(which)
    said = relay.run("practice", "add", "--gigabytes", "3", "--witness")
    code = re.search(r"(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}", said)
    assert code is not None
    practice = new_id()
    peer = relay.peer(practice)
    status = peer.register(code[0].lower(), "office")
    assert (status.mode, status.most_bytes) == ("witness", 3 << 30)
    assert f"{practice.hex()}  témoin  0 écritures, 0 fichiers, 0.00 Go sur 3" in relay.run("status")
    lost = relay.run("practice", "add", "--for", practice.hex())
    found = re.search(r"(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}", lost)
    assert found is not None
    relay.peer(practice).register(found[0], "office")


def test_what_cannot_be_served_is_a_sentence(small: Relay, tmp_path: Path) -> None:
    def said(*words: str) -> str:
        return subprocess.run(small.command(*words), env=small._environment(), capture_output=True, text=True, check=False).stderr

    assert "Sans TLS, le relais ne répond qu’à cette machine" in said("serve", "--name", "r", "--plain")
    assert "Le certificat n’est pas là" in said("serve", "--name", "r")
    assert "n’est pas lisible" in said("practice", "add", "--for", "xyz")
    small_database = small.database
    small.database = "postgresql:///nowhere?host=/nonexistent"
    try:
        assert "La base de données ne répond pas" in said("status")
    finally:
        small.database = small_database


def test_over_tls_under_its_own_name_by_an_address_of_the_network(tmp_path: Path) -> None:
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    "/CN=relais.example", "-addext", "subjectAltName=DNS:relais.example", "-keyout", str(key), "-out", str(cert)],
                   check=True, capture_output=True)  # fmt: skip
    relay = Relay(tmp_path / "relay", "")
    relay.port = free_port()
    name = f"relais.example:{relay.port}"
    relay.tls = ["--cert", str(cert), "--key", str(key), "--name", name]
    relay.start()
    try:
        practice = new_id()
        trusted = ssl.create_default_context(cafile=str(cert))
        secret = suite.signing_pair()[1]
        peer = Peer(f"https://{name}/{practice.hex()}/", secret, trusted, at=("127.0.0.1", relay.port))
        assert peer.register(relay.code(), "office").mode == "full"
        author = Author(practice)
        peer.push(batch(author, author.write(3)))
        assert entries_of(all_of(peer)) == author.entries
        news = peer.news()
        assert next(news) == 1
        peer.close()
        stranger = Peer(f"https://{name}/{practice.hex()}/", secret, ssl.create_default_context(), at=("127.0.0.1", relay.port))
        with pytest.raises(Unreachable, match="tls"):
            stranger.status()
        other = Peer(f"https://autre.example:{relay.port}/{practice.hex()}/", secret, trusted, at=("127.0.0.1", relay.port))
        with pytest.raises(Unreachable, match="tls"):
            other.status()
        trusted.check_hostname = False
        with pytest.raises(Refused, match="421 name"):
            Peer(f"https://autre.example:{relay.port}/{practice.hex()}/", secret, trusted, at=("127.0.0.1", relay.port)).status()
    finally:
        relay.stop()
