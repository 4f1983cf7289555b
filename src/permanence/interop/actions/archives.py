"""Portability archives (IHE XDM layout): one directory for each patient, with its CDA documents, their PDFs and METADATA.XML.

Whose directory it is, its CDA documents say; of METADATA.XML only the titles that it gives to files are read, and the indexes are left.
"""

from collections.abc import Iterable, Sequence
from posixpath import basename, dirname, join, normpath
from typing import Any

from permanence.interop.actions.inbox import Entry
from permanence.interop.cda.refusals import MAX_BYTES, CdaRefused
from permanence.lib.text import collapse, plain

METADATA = "metadata.xml"
_INDEXES = frozenset({METADATA, "manifest.xml", "index.htm", "index.html", "readme.txt"})


def is_index(entry: Entry) -> bool:
    """What an archive says of itself."""
    return basename(entry.name).casefold() in _INDEXES


def directories(entries: Iterable[Entry]) -> frozenset[str]:
    """The directories that are one patient's: those with a METADATA.XML."""
    return frozenset(dirname(entry.name) for entry in entries if basename(entry.name).casefold() == METADATA)


def directory_of(name: str, known: Iterable[str]) -> str | None:
    """The patient's directory that a file lies in, at any depth; None outside every one."""
    known, where = set(known), dirname(name)
    while where not in known:
        if not where:
            return None
        where = dirname(where)
    return where


def summaries_first(entries: Sequence[Entry]) -> list[Entry]:
    """CDA documents, medical summaries before the others: they open the files that the others go to."""
    return sorted(entries, key=lambda entry: not _is_summary(entry))


def _is_summary(entry: Entry) -> bool:
    from permanence.interop.cda import vsm  # no start needs the reader

    try:
        return vsm.read(entry.read(MAX_BYTES)).is_summary
    except (CdaRefused, OSError):
        return False


_RIM = "{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}"


def titles(entries: Iterable[Entry]) -> dict[str, str]:
    """What each METADATA.XML calls the files of its directory (ebRIM 3.0, as IHE ITI XDM has it); a file without a title is absent."""
    from permanence.interop.cda import xml

    entries = list(entries)
    names = {entry.name.casefold(): entry.name for entry in entries}
    found: dict[str, str] = {}
    for entry in entries:
        if basename(entry.name).casefold() != METADATA:
            continue
        try:
            root = xml.parse(entry.read(MAX_BYTES)).root
        except (CdaRefused, OSError):
            continue
        for described in root.iter(f"{_RIM}ExtrinsicObject"):
            where = normpath(join(dirname(entry.name), _uri(described).replace("\\", "/"))).casefold()
            if title := _title(described):
                found |= {names[where]: title} if where in names else {}
    return found


def _uri(described: Any) -> str:
    """Where the file is, from its METADATA.XML. A long path is in numbered pieces: « 1|IHE_X », « 2|DM/... »."""
    values = [str(value.text or "") for slot in described.findall(f"{_RIM}Slot") if slot.get("name") == "URI"
              for value in slot.iter(f"{_RIM}Value")]  # fmt: skip
    return "".join(value.partition("|")[2] if value[:1].isdigit() and "|" in value else value for value in sorted(values)).strip()


def _title(described: Any) -> str:
    name = described.find(f"{_RIM}Name/{_RIM}LocalizedString")
    return collapse(plain(str(name.get("value", ""))))[:200] if name is not None else ""
