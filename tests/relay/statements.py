"""`python -m tests.relay.statements FOLDER`: which statements one push takes, who asks included, of an office's key and of a laptop's."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def counted(practice: bytes, kind: str, named_by: bytes | None) -> list[str]:
    """The first words of each, in order: a second push to a chain that is there."""
    from django.db import connection

    from permanence.lib import suite
    from permanence.relay import asking, entries, keys
    from tests.relay.authors import Author, batch

    key, author, seen = suite.signing_pair()[0], Author(practice), list[str]()

    def look(execute: Callable[..., Any], sql: str, *values: Any) -> Any:
        if not sql.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")):
            seen.append("-".join(sql.split()[:2] + [word for word in sql.split() if word.startswith("relay_")][:1]))
        return execute(sql, *values)

    keys._add(practice, key, kind, named_by)
    for _ in range(2):
        author.write(5)
        seen.clear()
        with connection.execute_wrapper(look):
            speaks = asking._Speaks(practice)
            assert speaks(key)
            asker = asking.Asker(practice, key, speaks.kind, speaks.mode, bounded=speaks.bounded)
            entries.push(asker, batch(author, author.entries[-5:]).encode())
    assert asker.bounded is (kind == "laptop")
    return seen


def main() -> None:
    folder = Path(sys.argv[1])
    os.environ["PERMANENCE_RELAY"] = json.dumps({"folder": str(folder), "database": "", "names": [], "plain": True})
    os.environ["DJANGO_SETTINGS_MODULE"] = "permanence.relay.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from permanence.relay import db

    call_command("migrate", verbosity=0, interactive=False)
    practice = bytes(range(16))
    db.run("INSERT INTO relay_practice (practice, mode, arrivals, batches, bytes, most_bytes, entries, most_entries, blobs, most_blobs,"
           " since) VALUES (%s, 'full', 0, 0, 0, 1000000000, 0, 1000000, 0, 1000, 0)", practice)  # fmt: skip
    for kind, by in (("office", None), ("laptop", practice)):
        print(f"{kind}: {' '.join(counted(practice, kind, by))}")


if __name__ == "__main__":
    main()
