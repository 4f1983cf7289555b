"""Plants strings by every way until there are enough, makes a copy of the practice, and dies by kill -9 in mid-transaction.

    python -m tests.faults.planting FOLDER COPIES COUNT OUT
"""

import json
import os
import signal
import sys
from pathlib import Path
from uuid import uuid4

import django
from django.db import connections

from permanence.lib import logs

if __name__ == "__main__":
    logs.configure(Path(sys.argv[1]) / "logs")
django.setup()

from permanence.accounts import actions as accounts  # noqa: E402
from permanence.journal import backup  # noqa: E402
from permanence.journal.doors import Actor  # noqa: E402
from permanence.lib.sqlcipher import run  # noqa: E402
from tests.faults import cabinet  # noqa: E402
from tests.faults.canaries import Planted  # noqa: E402
from tests.faults.ways import WAYS, Scene  # noqa: E402
from tests.powercut import record  # noqa: E402
from tests.testapp import actions as plain  # noqa: E402


def stored() -> str:
    """All text of all tables, as the open practice holds it: what was planted is really there."""
    found = []
    tables = run("default", "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%journal%'").fetchall()
    for (name,) in tables:
        found += [value for row in run("default", f'SELECT * FROM "{name}"').fetchall() for value in row
                  if isinstance(value, str)]
    return "\n".join(found)


def spill() -> None:
    """Sorting and indexing as much as SQLite likes to put in a temporary file."""
    connection = connections["default"]
    connection.ensure_connection()
    rows = connection.connection.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT n.i, p.birth_name, p.address"
        " FROM n JOIN (SELECT * FROM patients_patient LIMIT 3) p ORDER BY p.address, n.i DESC").fetchall()
    assert len(rows) == 60000


def plant(by: Actor, planted: Planted, most: int) -> dict[str, int]:
    """Rounds of all ways until enough strings are planted; how many each way planted."""
    by_way = dict[str, int]()
    while len(planted) < most:
        scene = Scene(planted, by)
        for each in WAYS:
            before = len(planted)
            each(scene)
            by_way[each.__name__] = by_way.get(each.__name__, 0) + len(planted) - before
    return by_way


def die_writing(by: Actor, planted: Planted) -> None:
    """Killed with pages of an open transaction already in the write-ahead log."""
    person = plain.register(by=by, family=planted.word())

    def much() -> None:
        for _ in range(40):
            plain.write_note(person, f"{planted.words[-1]} " * 8000, by=by)
        os.kill(os.getpid(), signal.SIGKILL)

    plain.call(much, by=by)


def main(path: Path, copies: Path, most: int, out: Path) -> None:
    cabinet.small_reserve()
    planted, recorder = Planted(), record.Recorder(path, out.with_suffix(".log"))
    if record.possible():
        recorder.start()
    with cabinet.opened(path) as here:
        founded = accounts.found_practice(name=planted.word(), rp_id="cabinet.example", family_name=planted.word(),
                                          given_name=planted.word(), rpps="10003456786", sites=[planted.word()],
                                          by=Actor.machine("set_up"))
        by = Actor(founded.member, session=uuid4(), post=uuid4())
        by_way = plant(by, planted, most)
        spill()
        copied = backup.run(here, here.keys, copies)
        there = stored()
        out.write_text(json.dumps({
            "mark": planted.mark, "words": planted.words, "numbers": planted.numbers, "ways": by_way,
            "stored": sum(text in there for text in (*planted.words, *planted.numbers)),
            "copy": copied.problem, "unnamed": recorder.unnamed if record.possible() else 0}))
        die_writing(by, planted)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
