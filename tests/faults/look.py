"""Opens a practice, verifies it whole and says in JSON what it holds, or why it does not open.

    python -m tests.faults.look FOLDER
"""

import json
import sys
from pathlib import Path
from typing import Any

import django

django.setup()

from nacl.exceptions import CryptoError  # noqa: E402

from permanence.journal import folder, vault, verify  # noqa: E402
from permanence.lib import host  # noqa: E402
from permanence.lib.sqlcipher import run  # noqa: E402
from tests.faults import cabinet  # noqa: E402


def look(path: Path) -> dict[str, Any]:
    try:
        with cabinet.opened(path) as here:
            report = verify.verify(full=True, saved_heads=here.saved_heads())
            return {
                "findings": [[finding.where, finding.what] for finding in report.findings],
                "same_replica": vault.current().replica == here.record().replica,
                "checks": [run(alias, "PRAGMA integrity_check").fetchone()[0] for alias in cabinet.FILES],
                **{alias: [hash.hex() for _, hash in cabinet.entries(alias)] for alias in cabinet.FILES}}
    except (host.Unsuitable, CryptoError) as error:
        return {"refused": type(error).__name__, "file": getattr(error, "file", ""), "sentence": str(error),
                "kind": "damaged" if isinstance(error, folder.Damaged) else ""}


if __name__ == "__main__":
    cabinet.small_reserve()
    print(json.dumps(look(Path(sys.argv[1]))))
