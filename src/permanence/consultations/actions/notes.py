"""Signing a note, amending it, moving it to the right file."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from permanence.accounts.permissions import check_write, is_own, standing_of
from permanence.accounts.rules import Profession, Status
from permanence.consultations import measuring, rules, snippets
from permanence.consultations.actions.drafts import take_draft
from permanence.consultations.actions.lines import measure_row, typed
from permanence.consultations.models import Countersignature, Measure, Note, NoteMove
from permanence.journal import actions as journal
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Ask, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.lib.text import plain
from permanence.patients.permissions import check_object, check_patient, load_files

TEXTS = ("motif", "text", "subjective", "objective", "assessment", "plan")
_MOVED = ("kind", *TEXTS, "codes", "at", "signed_at", "author_id", "signatory_id", "sensitive", "minor_secret")
_AHEAD = timedelta(minutes=5)


@action
def sign_note(
    patient: UUID,
    *,
    by: Actor,
    kind: str = "consultation",
    fields: Mapping[str, str],
    codes: Collection[str] = (),
    measures: Sequence[tuple[str, Sequence[Sequence[Any]]]] = (),
    measures_line: str = "",
    at: datetime | None = None,
    draft: UUID | None = None,
    version: int | None = None,
    signatory: UUID | None = None,
    sensitive: bool = False,
    minor_secret: bool = False,
) -> UUID:
    """Freeze a note: from now on it is amended, never edited. Its draft goes, its measures are written in the same act.

    `fields`: any of TEXTS. `measures`: (LOINC, values) pairs; `measures_line`: as typed. `at`: when it happened, now by
    default. Raises Refused: rights, empty, future, changed draft, implausible measure.
    """
    check_write(by, Category.NOTES, new=True)
    patient = check_patient(by, patient, Category.NOTES, own=True)
    take_draft(draft, version, by=by)
    taken = _measures(measures, measures_line)
    note = _write(
        patient,
        by,
        kind=kind,
        fields=fields,
        codes=codes,
        at=at,
        signatory=signatory,
        sensitive=sensitive,
        minor_secret=minor_secret,
        empty_allowed=bool(taken),
    )
    if taken:
        check_write(by, Category.MEASURES, new=True)
    for loinc, values in taken:
        measure_row(
            patient, by, loinc, values, taken_at=note.at, note=note.id, sensitive=sensitive, minor_secret=minor_secret
        )
    return UUID(str(note.id))


def _measures(given: Sequence[tuple[str, Sequence[Sequence[Any]]]], line: str) -> list[tuple[str, measuring.Values]]:
    with typed():
        read = measuring.read_line(line)
        if read.rest:
            raise ValueError(
                f"Mesure non comprise\u00a0: «\u00a0{read.rest[:40]}\u00a0». Écrire par exemple TA 148/86 P 82 T 176."
            )
        return [*((loinc, measuring.check(loinc, values)) for loinc, values in given), *read.measures]


def _write(
    patient: UUID,
    by: Actor,
    *,
    kind: str,
    fields: Mapping[str, str],
    codes: Collection[str],
    at: datetime | None,
    signatory: UUID | None,
    sensitive: bool,
    minor_secret: bool,
    amends: UUID | None = None,
    empty_allowed: bool = False,
) -> Note:
    now = clock.now()
    if unknown := set(fields) - set(TEXTS):
        raise TypeError(f"not fields of a note: {sorted(unknown)}")
    clean = {name: snippets.without_empty(plain(value).replace("\r\n", "\n")).strip() for name, value in fields.items()}
    clean["motif"] = " ".join(clean.get("motif", "").split())[:200]
    with typed():
        rules.choice(kind, rules.NOTE_KINDS, "le type de la note")
        found = [rules.cim10(code) for code in codes if code.strip()]
        if not empty_allowed and not any(clean.values()):
            raise ValueError("Cette note est vide\u00a0: écrivez au moins le motif.")
        if sum(map(len, clean.values())) > rules.LONGEST_NOTE:
            raise ValueError("Cette note est trop longue\u00a0: coupez-la en deux.")
        if at is not None and at > now + _AHEAD:
            raise ValueError("La date de la note est dans l’avenir\u00a0: vérifiez-la.")
    return Note.objects.create(
        patient_id=patient,
        kind=kind,
        codes=found,
        at=at or now,
        signed_at=now,
        author_id=by.member,
        signatory_id=signatory or _senior(by) or by.member,
        amends_id=amends,
        sensitive=sensitive,
        minor_secret=minor_secret,
        **clean,
    )


def _senior(by: Actor) -> UUID | None:
    """Under whom an interne signs: the note waits for that member's countersignature (CSP R.6153-3)."""
    if by.member is None:
        return None
    standing = standing_of(by.member)
    return standing.of if standing.status is Status.INTERNE else None


@action
def countersign(note: UUID, *, by: Actor) -> UUID:
    """The senior answers for what an interne signed; when the senior has left, another doctor who is none. Raises Refused."""
    found = _note(note)
    check_write(by, Category.NOTES, new=True)
    check_object(by, _ask(found))
    if found.signatory_id is None or found.signatory_id == found.author_id:
        raise Refused("Cette note n’attend pas de contreseing\u00a0: elle est signée par son auteur.", code="invalid")
    if found.signatory_id != by.member and not _stands_in(by, found):
        raise Refused("Cette note est à contresigner par le senior de son auteur\u00a0: prévenez-le.", code="right")
    if Countersignature.objects.filter(note_id=note).exists():
        raise Refused("Cette note est déjà contresignée\u00a0: actualisez la page.", code="conflict")
    return Countersignature.objects.create(patient_id=found.patient_id, note_id=note, member_id=by.member, at=clock.now()).id


def _stands_in(by: Actor, note: Note) -> bool:
    if by.member is None or by.member == note.author_id or note.signatory_id is None:
        return False
    mine = standing_of(by.member)
    installed = mine.profession is Profession.MEDECIN and mine.status in (Status.TITULAIRE, Status.COLLABORATEUR, Status.SALARIE)
    return installed and not standing_of(note.signatory_id).active


def _note(note: UUID) -> Note:
    found: Note | None = Note.objects.filter(id=note).first()
    if found is None:
        raise Refused("Cette note est introuvable\u00a0: actualisez la page.", code="unknown")
    return found


def _ask(note: Note) -> Ask:
    return Ask(note.patient_id, Category.NOTES, note.id, note.author_id, note.sensitive, note.minor_secret)


@action
def amend_note(
    note: UUID, *, by: Actor, fields: Mapping[str, str], draft: UUID | None = None, version: int | None = None
) -> UUID:
    """Correct a signed note by another that cites it; the first stays as it was signed. It keeps the first one's flags."""
    check_write(by, Category.NOTES, new=True)
    found = _note(note)
    check_object(by, _ask(found))
    patient = check_patient(by, found.patient_id, Category.NOTES, own=True)
    take_draft(draft, version, by=by)
    amending = _write(
        patient,
        by,
        kind="rectificatif",
        fields=fields,
        codes=(),
        at=None,
        signatory=None,
        sensitive=found.sensitive,
        minor_secret=found.minor_secret,
        amends=found.amends_id or found.id,
    )
    return UUID(str(amending.id))


@action
def move_note(note: UUID, *, by: Actor, to: UUID) -> UUID:
    """Move a note written in the wrong file, its amendments and measures with it: written again in the right one with its
    author and dates, its bodies pruned from the wrong one. Who read it there meanwhile: `queries.read_before_move`.

    For its author or signatory; for another doctor once the author has left. Returns the new note.
    """
    found = _note(note)
    _check_move(by, found)
    source = found.patient_id
    target = check_patient(by, to, Category.NOTES, own=True)
    if target in load_files([source])[source].family:
        raise Refused("Cette note est déjà dans ce dossier.", code="same")
    now, moved = clock.now(), dict[UUID, UUID]()
    for old in [found, *Note.objects.filter(amends_id=note, patient_id=source).order_by("signed_at")]:
        new = Note.objects.create(
            patient_id=target,
            amends_id=moved.get(old.amends_id),
            moved_by_id=by.member,
            moved_at=now,
            **{name: getattr(old, name) for name in _MOVED},
        )
        moved[old.id] = new.id
        for seen in Countersignature.objects.filter(note_id=old.id):
            Countersignature.objects.create(patient_id=target, note_id=new.id, member_id=seen.member_id, at=seen.at)
        NoteMove.objects.create(
            patient_id=source, note_id=old.id, author_id=old.author_id, by_id=by.member, at=now, note_at=old.at
        )
    measures = list(Measure.objects.filter(note_id__in=list(moved), patient_id=source))
    for line in measures:
        Measure.objects.create(
            patient_id=target,
            note_id=moved[line.note_id],
            code=line.code,
            values=line.values,
            unit=line.unit,
            taken_at=line.taken_at,
            author_id=line.author_id,
            recorded_at=line.recorded_at,
            changed_at=now,
            changed_by_id=by.member,
            sensitive=line.sensitive,
            minor_secret=line.minor_secret,
        )
    for gone in [*moved, *(line.id for line in measures)]:
        journal.prune(gone, by=by)
    return moved[note]


def _check_move(by: Actor, note: Note) -> None:
    own = any(is_own(by, Category.NOTES, member) for member in (note.author_id, note.signatory_id))
    check_write(by, Category.NOTES, own=own)
    check_object(by, _ask(note))
    if own or by.member is None:
        return
    if note.author_id is not None and standing_of(note.author_id).active:
        raise Refused("Seul l’auteur déplace sa note\u00a0: signalez-lui l’erreur.", code="author")
