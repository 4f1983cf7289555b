"""A thousand texts are written, sealed and carried: the relay's tables, dump, files, logs and environment hold none of them."""
import subprocess
from pathlib import Path

from permanence.journal import wire
from permanence.lib import suite
from tests.relay.authors import METADATA, Author, batch
from tests.relay.serving import Relay, _children

CANARIES = [f"canari-{i:04}-{suite.new_key().hex()[:12]}" for i in range(1000)]


def test_none_of_a_thousand_canaries_is_found(relay: Relay) -> None:
    practice, peer = relay.member()
    author = Author(practice)
    for at in range(0, 1000, 100):
        for canary in CANARIES[at:at + 100]:
            author.write(1, canary)
        keys = suite.seal(CANARIES[at].encode(), suite.new_key(), practice=practice, part="keys")
        peer.push(batch(author, author.entries[at:at + 100], keys))
    for canary in CANARIES[:50]:
        _, hash, sealed = wire.seal_blob(canary.encode() * 20, practice)
        peer.put_blob(hash, sealed)
    peer.put_heads([author.shown()])
    assert wire.open_inner(author.entries[7].inner, METADATA, practice).purpose == CANARIES[7]  # they are there, for who has the key
    bins = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    found = {
        "dump": subprocess.run([str(bins[-1] / "pg_dump"), relay.database], check=True, capture_output=True).stdout,
        "files": b"".join(path.read_bytes() for path in relay.folder.rglob("*") if path.is_file()),
        "environment": b"".join(Path(f"/proc/{pid}/environ").read_bytes() + Path(f"/proc/{pid}/cmdline").read_bytes()
                                for pid in _all(relay)),
    }  # fmt: skip
    assert len(found["dump"]) > 1_000_000
    assert practice.hex().encode() in found["dump"]
    assert b"permanence.cli" in found["environment"]
    for where, data in found.items():
        for shape in (b"canari-", "canari-".encode("utf-16-le"), b"canari-".hex().encode(), b"Y2FuYXJp", b"jYW5hcm"):
            assert shape not in data, (where, shape)  # what each of the thousand begins with, as text, hexadecimal or base64
    assert all(canary.startswith("canari-") for canary in CANARIES)


def _all(relay: Relay) -> list[int]:
    assert relay.process is not None
    return [relay.process.pid, *_children(relay.process.pid)]
