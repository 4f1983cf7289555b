"""A practice moves in: a messy table of 2,400 patients and 15,000 PDFs into an empty practice, the same folder again, then undone."""

import time
from collections.abc import Iterable
from pathlib import Path
from shutil import rmtree
from typing import Any

from bench.figures import Figure
from tests.interop import export

PATIENTS, PDFS = 2_400, 15_000
SECRET = bytes(range(20))


def moving(work: Path, *, patients: int = PATIENTS, pdfs: int = PDFS) -> list[Figure]:
    """Works in `work`, which is emptied: the export in one folder, the practice in another."""
    from permanence.interop import actions
    from permanence.journal import folder
    from tests.cast import recruit

    rmtree(work, ignore_errors=True)
    export.folder(work / "export", export.crowd(patients), pdfs=pdfs)
    with folder.create(work / "cabinet", hosts=["bench.example"], rp_id="bench.example") as here:
        here.replace_sheet(SECRET)
        by = recruit()["moreau"]
        first = actions.Mover(actions.of_folder(work / "export"), by=by)
        took = _timed(first.go())
        second = actions.Mover(actions.of_folder(work / "export"), by=by)
        again = _timed(second.go())
        assert first.report.run_id is not None
        back = _timed(actions.undo(first.report.run_id, by=by))
    counts = ", ".join(f"{count:,} {name}" for name, count in sorted(first.report.counts.items()) if count)
    said = f"{patients:,} rows (cp1252, 3 % broken) and {pdfs:,} one-page PDFs; {counts}"
    return [
        Figure("moving in", took, "s", 900, data=said),
        Figure("the same folder again", again, "s", data=f"nothing changed outside: {sum(second.report.counts.values()):,} counted"),
        Figure("the import undone", back, "s", data="as one"),
    ]


def _timed(steps: Iterable[Any]) -> float:
    began = time.perf_counter()
    for _ in steps:
        pass
    return time.perf_counter() - began
