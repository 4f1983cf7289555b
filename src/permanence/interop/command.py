"""`permanence import-vsm FILE…`: each file through the import's door, as the machine; a French table on the terminal."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from permanence.interop import queries
from permanence.interop.actions import import_vsm, refuse_too_large
from permanence.interop.cda.refusals import MAX_BYTES
from permanence.journal import access
from permanence.journal.doors import Actor, Reader
from permanence.lib.text import NBSP

DONE, PARTLY, NOTHING = 0, 1, 2
_HEADINGS = ("fichier", "résultat", "dossier", "ajoutés", "à jour", "déjà là", "non repris", "alertes", "non lus")
_MOST_SHOWN = 12  # warnings and unmapped texts of each file


def run_import_vsm(paths: Iterable[str | Path], out: TextIO, *, details: bool = True) -> int:
    """Import each file into the unlocked practice and print what became of it.

    Returns 0 when all are in a file, 1 when some are refused or set aside, 2 when none could be imported or none was given.
    """
    done: list[queries.ImportReport] = []
    unread = 0
    for path in map(Path, paths):
        try:
            done.append(_import(path))
        except OSError as wrong:
            unread += 1
            why = wrong.strerror or str(wrong)
            out.write(f"{_plain(path.name)}{NBSP}: fichier illisible ({why}){NBSP}; vérifier le chemin et les droits.\n")
    if not done and not unread:
        out.write("Aucun fichier à importer : indiquer au moins un document XML.\n".replace(" :", f"{NBSP}:"))
        return NOTHING
    _table(done, out)
    for report in done:
        _tell(report, out, details)
    inside = sum(1 for report in done if report.done)
    return DONE if inside == len(done) + unread else PARTLY if inside else NOTHING


def _import(path: Path) -> queries.ImportReport:
    """One file. One that is too large is hashed as it is read, never held whole."""
    by = Actor.machine("import")
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
        if len(content) <= MAX_BYTES:
            return import_vsm(content, path.name, by=by)
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return refuse_too_large(path.name, size=file.tell(), sha256=digest, by=by)


def _plain(text: str) -> str:
    """On one line, without the control characters by which a file could drive the terminal."""
    return " ".join("".join(c if c.isprintable() or c in f" {NBSP}\u202f" else " " for c in text).split())


def _table(reports: Sequence[queries.ImportReport], out: TextIO) -> None:
    rows = [_HEADINGS, *(_row(report) for report in reports)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    for place, row in enumerate(rows):
        out.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")
        if place == 0:
            out.write("  ".join("─" * width for width in widths) + "\n")


def _row(report: queries.ImportReport) -> tuple[str, ...]:
    file = "nouveau" if report.patient_created else "existant" if report.done else "—"
    numbers = (report.added, report.updated, report.already, report.left_out, report.warnings, report.unmapped)
    return (_plain(report.file_name[:40]), report.status_label, file, *(str(number) for number in numbers))


def _tell(report: queries.ImportReport, out: TextIO, details: bool) -> None:
    """The sentence, then what a person should look at, read through a reader of the import's own."""
    out.write(f"\n{_plain(report.file_name[:60])}\n  {report.sentence}\n")
    if not details or report.import_id is None:
        return
    reader = Reader.for_purpose("import", reason="compte rendu d’import")
    whole = queries.report(report.import_id, reader=reader)
    access.submit(reader.close()).wait()
    told = [
        *(f"! {warning}" for warning in whole.warnings),
        *(
            f"≠ {d.trait}{NBSP}: {d.here} (dossier), {d.there} (document){NBSP}; rien n’a été changé"
            for d in whole.differences
        ),
        *(f"- {line.kind_label}{NBSP}: {line.label} ({line.why})" for line in whole.lines if line.why),
        *(f"? {item.section}{NBSP}: {item.excerpt[:200]}" for item in whole.unmapped),
    ]
    for line in told[: 4 * _MOST_SHOWN]:
        out.write(f"  {_plain(line)}\n")
    if len(told) > 4 * _MOST_SHOWN:
        out.write(f"  … et {len(told) - 4 * _MOST_SHOWN} autres, à lire dans le dossier.\n")
