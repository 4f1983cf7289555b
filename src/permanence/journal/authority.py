"""The practice's own certificate authority, its key in the database under the root; its leaf in `seal/tls`, renewed here.

Made on the office replica only: a hosted or limited replica never holds it (design, names-and-passkeys).
"""

from permanence.journal import keyring, keys, vault, writer
from permanence.journal.folder import Folder
from permanence.journal.seal import save_tls
from permanence.lib import cbor, clock, pki
from permanence.lib.sqlcipher import run

LABEL = "authority"


def establish(folder: Folder) -> pki.Pair:
    """Make the authority and this replica's first leaf. Raises Sealed. Does nothing new when there is one already."""
    pair = current()
    if pair is None:
        record = folder.record()
        pair = pki.make_authority(record.rp_id, now=clock.now())
        writer.current().run_job(lambda: _keep(pair), name="authority")
    issue(folder, pair)
    return pair


def current() -> pki.Pair | None:
    """The authority, when this replica holds it. Raises Sealed."""
    opened = vault.current()
    found = run("default", "SELECT wrapped, epoch FROM journal_key WHERE label = ?", LABEL).fetchone()
    if found is None or found[0] is None:
        return None
    values = cbor.loads(keyring.unwrap(found[0], opened.root_of(found[1]), opened.practice, LABEL))
    return pki.Pair(values[1], values[2])


def issue(folder: Folder, pair: pki.Pair) -> None:
    """Write a leaf for this replica's names, keeping its key where there is one."""
    key = folder.seal_path / "tls" / "key.pem"
    leaf = pki.make_leaf(pair, list(folder.record().hosts), now=clock.now(), key=key.read_bytes() if key.exists() else None)
    save_tls(folder.seal_path, leaf.key, leaf.certificate + pair.certificate)


def packed(pair: pki.Pair) -> bytes:
    """Key and certificate, as they are kept under the root."""
    return cbor.dumps({1: pair.key, 2: pair.certificate})


def adopt(folder: Folder, packed: bytes) -> None:
    """The practice's authority on a machine made anew, and its leaf. Raises ValueError for what is none."""
    values = cbor.loads(packed)
    pair = pki.Pair(values[1], values[2])
    if current() is None:
        writer.current().run_job(lambda: _keep(pair), name="authority")
    issue(folder, pair)


def renew_if_due(folder: Folder) -> bool:
    """Renew our leaf when 150 days or less remain: no Internet is needed. Returns whether it was."""
    pair, path = current(), folder.seal_path / "tls" / "cert.pem"
    if pair is None or not path.exists() or not pki.needs_renewal(path.read_bytes(), now=clock.now()):
        return False
    issue(folder, pair)
    return True


def _keep(pair: pki.Pair) -> None:
    keys.keep(packed(pair), LABEL, None)
