"""A process that opens a restored copy, verifies it whole and says so in JSON. Keys come on standard input, 64 bytes, then the
hashes of files that were still on their way to this machine when it was copied, 32 bytes each."""

import json
import os
import sys
from pathlib import Path


def main() -> int:
    """`python -m permanence.journal.recheck FOLDER`; prints {findings, entries, objects, blobs}."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "permanence.settings.base")
    import django
    from nacl.exceptions import CryptoError

    django.setup()
    from permanence.journal import epochs, folder, registry, seal, vault, verify, wire, writer

    path, given = Path(sys.argv[1]), sys.stdin.buffer.read()
    coming = {given[at:at + 32] for at in range(64, len(given), 32)}
    keys = folder.Keys(given[:32], given[32:64])
    record = seal.Seal.load(path / "seal")
    record.check(keys.root)
    folder.point_at(path, keys.database)
    vault.use(vault.load(record.practice, keys.root, epoch=record.epoch, folder=path))
    if epochs.interrupted():  # copied while an epoch changed: finished as the unlocking of this copy would
        with writer.writing():
            epochs.settle(vault.current())
    report = verify.verify(full=True, saved_heads=seal.load_heads(path / "seal"))
    findings = [(finding.where, finding.what) for finding in report.findings]
    cited = registry.cited_blobs()
    for hash, key in ((hash, key) for hash, key in cited.items() if hash not in coming):
        try:
            wire.open_blob((path / wire.blob_name(hash)).read_bytes(), key, hash, record.practice)
        except (OSError, wire.Broken, CryptoError, ValueError):
            findings.append((f"blob {hash.hex()}", "absent ou abîmé"))
    print(json.dumps({"findings": findings, "entries": report.entries, "objects": report.objects, "blobs": len(cited)}))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
