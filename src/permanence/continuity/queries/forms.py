"""The numbered forms of the kits: which are out, which are still to be typed, what each became, and the scans that wait."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID, uuid5

from permanence.accounts.permissions import Facts, check_read, check_write, today
from permanence.continuity import rules
from permanence.continuity.models import CaughtUp, FormReturn, KitCopy, pages
from permanence.continuity.permissions import check_catch_up
from permanence.continuity.queries.kits import numbered_on, numbers_in
from permanence.documents import blobs
from permanence.journal.categories import Category
from permanence.journal.doors import Ask, Reader, Refused
from permanence.lib.sqlcipher import run

NAMESPACE = UUID("5b1f9a52-6f0e-5c0e-9a65-9d2f5f0c7e11")  # of the ids that addresses have for a form's number
UNKNOWN = "Cette fiche est introuvable\u00a0: revenir à la liste des fiches."


@dataclass(frozen=True, slots=True)
class FormInfo:
    """One numbered form. `state`: "" (nothing said), joined, filed, void, unused. `due`: it should be back by now.

    `twice`: two machines typed it, or it was both typed and given up: somebody looks.
    """

    id: UUID
    number: str
    kind: str
    copy: UUID
    printed_at: datetime.datetime | None
    state: str
    due: bool
    twice: bool
    scans: tuple[UUID, ...]
    shape: str = "note"  # as what it is typed: note, ordonnance, patient, or image for what its image says whole
    reason: str = ""
    by: UUID | None = None
    at: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class ScanInfo:
    """A scanned page whose form is not known yet."""

    id: UUID
    at: datetime.datetime | None
    by: UUID | None


@dataclass(frozen=True, slots=True)
class CaughtUpInfo:
    """What is said beside a note or a paper that was typed from a form."""

    number: str
    document: UUID | None
    written_at: datetime.datetime | None
    written_by: UUID | None
    at: datetime.datetime | None
    by: UUID | None


def form_id(number: str) -> UUID:
    """What stands for a form's number in an address."""
    return uuid5(NAMESPACE, number)


# -- the count, from memory: every page says it

_COUNT = (
    "SELECT c.forms - COUNT(DISTINCT CASE WHEN r.outcome IN ('filed', 'void', 'unused') THEN r.number END),"
    " c.destroyed_at IS NOT NULL OR c.last_day < ?, COUNT(DISTINCT CASE WHEN r.outcome = 'joined' THEN r.number END)"
    " - COUNT(DISTINCT CASE WHEN r.outcome = 'joined' AND EXISTS (SELECT 1 FROM continuity_formreturn f WHERE f.number = r.number"
    " AND f.outcome IN ('filed', 'void', 'unused')) THEN r.number END)"
    " FROM continuity_kitcopy c LEFT JOIN continuity_formreturn r ON r.copy_id = c.id"
    " WHERE c.medium = 'paper' AND c.forms > 0 AND c.prefix != '' GROUP BY c.id"
)


def _load_count(_: None) -> tuple[int, int]:
    rows = run("default", _COUNT, str(today())).fetchall()
    due = sum(int(left) if late else int(joined) for left, late, joined in rows)
    out = sum(int(left) for left, late, joined in rows) - due
    waiting = {number or id for id, number in pages().values_list("id", "number")}
    return due + len(waiting), out


_count: Facts[None, tuple[int, int]] = Facts(_load_count)
_whose: Facts[None, frozenset[UUID]] = Facts(lambda _: frozenset(CaughtUp.objects.values_list("patient_id", flat=True).distinct()))


def _load_caught(patient: UUID) -> dict[UUID, "CaughtUpInfo"]:
    rows = CaughtUp.objects.filter(patient_id=patient, target_id__isnull=False).order_by("at").values_list(
        "target_id", "number", "document_id", "written_at", "written_by_id", "at", "by_id")
    return {row[0]: CaughtUpInfo(*row[1:]) for row in rows}


_caught: Facts[UUID, dict[UUID, "CaughtUpInfo"]] = Facts(_load_caught)


def to_catch_up() -> int:
    """How many forms should be back and are not typed, scanned pages included: the count that must come to zero."""
    return _count.of(None)[0]


def still_out() -> int:
    """How many blank forms are out and may still serve."""
    return max(0, _count.of(None)[1])


def forget() -> None:
    """A form, a kit or a scan was written."""
    _count.forget()
    _whose.forget()
    _caught.forget()


# -- the list


def forms(*, reader: Reader) -> list[FormInfo]:
    """The forms that are out or scanned, of kits not all returned, newest kit first. No patient is named. Raises Refused."""
    check_read(reader, Category.APPOINTMENTS)
    scans: dict[str, list[UUID]] = {}
    for id, number in pages().exclude(number="").values_list("id", "number"):
        scans.setdefault(number, []).append(id)
    said: dict[str, list[FormReturn]] = {}
    for row in FormReturn.objects.order_by("at"):
        said.setdefault(row.number, []).append(row)
    found = []
    for copy in KitCopy.objects.filter(forms__gt=0).order_by("-made_at"):
        each = [_form(copy, kind, number, said.get(number, []), scans.get(number, [])) for kind, number in numbers_in(copy)]
        if copy.medium != "paper" or not copy.prefix:  # of an encrypted kit, or one of before: only what was printed and came back
            each = [one for one in each if one.scans or one.state]
        if any(one.state not in rules.FINAL for one in each):
            found += each
    return found


def _form(copy: KitCopy, kind: str, number: str, said: list[FormReturn], scans: list[UUID]) -> FormInfo:
    state = rules.settled({row.outcome for row in said})
    last = next((row for row in reversed(said) if row.outcome == state), None)
    late = copy.destroyed_at is not None or (copy.last_day is not None and copy.last_day < today())
    finals = [row for row in said if row.outcome in rules.FINAL]
    due = state not in rules.FINAL and (late or bool(scans or state))
    return FormInfo(form_id(number), number, kind, copy.id, copy.made_at, state, due, len(finals) > 1,
                    tuple(scans), rules.TYPED_AS.get(kind, "note"), *((last.reason, last.by_id, last.at) if last else ("", None, None)))


def form(id: UUID, *, reader: Reader) -> FormInfo:
    """One form by the id that addresses have, for who catches it up. Raises Refused."""
    check_read(reader, Category.APPOINTMENTS)
    check_catch_up(reader.actor)
    for copy in KitCopy.objects.filter(forms__gt=0).order_by("-made_at").iterator():
        for kind, number in numbers_in(copy):
            if form_id(number) == id:
                said = list(FormReturn.objects.filter(number=number).order_by("at"))
                return _form(copy, kind, number, said, list(pages().filter(number=number).order_by("at").values_list("id", flat=True)))
    raise Refused(UNKNOWN, code="unknown")


def of_number(typed: str, *, reader: Reader) -> UUID | None:
    """The id of the form with this number, as somebody typed it; None when no kit gave it. Raises Refused."""
    check_read(reader, Category.APPOINTMENTS)
    number = rules.normal_number(typed)
    given = (one for copy in numbered_on(number) for _, one in numbers_in(copy))
    return form_id(number) if number in given else None


def unread_scans(*, reader: Reader) -> list[ScanInfo]:
    """Pages whose code could not be read: somebody types the number. Raises Refused."""
    check_read(reader, Category.APPOINTMENTS)
    return [ScanInfo(*row) for row in pages().filter(number="").order_by("at").values_list("id", "at", "by_id")]


def scan_bytes(id: UUID, *, reader: Reader) -> bytes:
    """A scanned page that waits. Nobody knows whose it is: it is for who scanned it and for who writes all notes, and the access
    entry names the page in the patient's place. Raises Refused."""
    row = pages().filter(id=id).values_list("by_id", "blob_hash", "blob_key").first()
    if row is None:
        raise Refused(UNKNOWN, code="unknown")
    if row[0] != reader.actor.member:
        check_write(reader.actor, Category.NOTES)
    if id not in reader.admit_objects([Ask(id, Category.DOCUMENTS, id, reader.actor.member)]):
        raise Refused(UNKNOWN, code="unknown")
    return blobs.read(bytes(row[1] or b""), bytes(row[2] or b""))


# -- beside what was typed


def caught_up(files: Collection[UUID], *, reader: Reader) -> dict[UUID, CaughtUpInfo]:
    """What of these files was typed from a paper form, by the id of the note or paper: for who is shown those. From memory, where
    it is kept of the few files that have some."""
    if reader.closed:
        return {}
    return {id: found for file in _whose.of(None).intersection(files) for id, found in _caught.of(file).items()}
