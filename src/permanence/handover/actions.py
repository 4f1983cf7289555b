"""The only ways to prepare the list of ten, to write and sign a return note, and to say that it was read."""

import datetime
from collections.abc import Collection, Mapping
from uuid import UUID, uuid4

from permanence.accounts.permissions import check_write
from permanence.consultations.models import Draft
from permanence.documents.models import PaperDraft
from permanence.handover import permissions, rules
from permanence.handover.models import Annotation, DraftLine, Flag, Handover, Receipt
from permanence.handover.queries import periods
from permanence.handover.queries.note import UNKNOWN, since_of, to_sign
from permanence.handover.queries.periods import Period
from permanence.handover.queries.sources import Found
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.lib.text import NBSP, plain, plural
from permanence.patients.permissions import SENTENCES, check_patient, load_files
from permanence.tasks import actions as tasks
from permanence.tasks.permissions import me

ACTIVE, INACTIVE, NEITHER = "active", "inactive", "entered-in-error"


def _period(replacement: UUID) -> Period:
    found = periods.found(replacement)
    if found is None:
        raise Refused(periods.UNKNOWN, code="unknown")
    return found


def _text(text: str, longest: int) -> str:
    if len(text) > longest:
        raise Refused(f"{longest} caractères au plus{NBSP}: écrivez le reste dans une note du dossier.", code="too_long")
    return plain(text).replace("\r\n", "\n").strip()


# -- « les dix patients à connaître »


@action
def choose(replacement: UUID, patient: UUID, *, by: Actor, text: str = "") -> UUID:
    """Put a patient on the list by hand, with one sentence; again, to change the sentence. Raises Refused."""
    one = _period(replacement)
    permissions.check_doctor(by, one.doctor)
    patient = check_patient(by, patient, Category.NOTES)
    found, others = _flag(one, patient), Flag.objects.filter(replacement_id=one.id, status=ACTIVE)
    if found is None or found.status != ACTIVE:
        if others.count() >= rules.MOST:
            raise Refused(f"Dix patients sont déjà choisis{NBSP}: retirez-en un d’abord.", code="many")
        place = 1 + max(others.values_list("place", flat=True), default=0)
    else:
        place = found.place
    found = found or Flag(patient_id=patient, replacement_id=one.id, author_id=by.member, recorded_at=clock.now())
    found.status, found.place, found.text = ACTIVE, place, _text(text, rules.LONGEST)
    found.save()
    return UUID(str(found.id))


@action
def leave_out(replacement: UUID, patient: UUID, *, by: Actor) -> None:
    """Off the list, also when the rules propose them again. Raises Refused."""
    _decide(replacement, patient, by, INACTIVE)


@action
def let_rules_decide(replacement: UUID, patient: UUID, *, by: Actor) -> None:
    """Take back `choose` or `leave_out`. Raises Refused."""
    _decide(replacement, patient, by, NEITHER)


def _decide(replacement: UUID, patient: UUID, by: Actor, status: str) -> None:
    one = _period(replacement)
    permissions.check_doctor(by, one.doctor)
    patient = check_patient(by, patient, Category.NOTES, own=True)  # no word is read: who is on one's list is one's own choice
    found = _flag(one, patient) or Flag(patient_id=patient, replacement_id=one.id, author_id=by.member, recorded_at=clock.now())
    found.status = status
    found.save()


@action
def move_up(replacement: UUID, patient: UUID, *, by: Actor) -> None:
    """One place higher among those chosen by hand. Raises Refused."""
    one = _period(replacement)
    permissions.check_doctor(by, one.doctor)
    kept = check_patient(by, patient, Category.NOTES, own=True)
    chosen = list(Flag.objects.filter(replacement_id=one.id, status=ACTIVE).order_by("place", "recorded_at"))
    family = load_files([kept])[kept].family
    at = next((place for place, flag in enumerate(chosen) if flag.patient_id in family), 0)
    if at:
        chosen[at - 1], chosen[at] = chosen[at], chosen[at - 1]
    for place, flag in enumerate(chosen, start=1):
        if flag.place != place:
            flag.place = place
            flag.save()


def _flag(one: Period, patient: UUID) -> Flag | None:
    found: Flag | None = Flag.objects.filter(replacement_id=one.id, patient_id__in=load_files([patient])[patient].family).first()
    return found


# -- the return note


@action
def keep_draft(
    replacement: UUID,
    *,
    by: Actor,
    left_out: Collection[UUID],
    texts: Mapping[UUID, str],
    word: str = "",
    since: datetime.datetime | None = None,
) -> bool:
    """Keep what is being typed: who is left out, the sentences, the last word. No history of it. Raises Refused.

    `since`: from when the page tells. False, and nothing is kept, when a note was signed since: this came late from its page.
    """
    one = _period(replacement)
    permissions.check_deputy(by, one.deputy)
    if since is not None and since != since_of(one):
        return False
    said: dict[UUID | None, str] = {patient: _text(text, rules.LONGEST) for patient, text in texts.items()}
    said[None] = _text(word, rules.LONGEST_WORD)
    DraftLine.objects.filter(replacement_id=one.id, author_id=one.deputy).delete()
    now, touched = clock.now(), {*left_out, *texts}
    files = load_files(touched) if touched else {}
    DraftLine.objects.bulk_create(
        DraftLine(id=uuid4(), replacement_id=one.id, author_id=one.deputy, patient_id=patient, left_out=patient in left_out,
                  text=said.get(patient, ""), updated_at=now)
        for patient in {*left_out, *said}
        if (patient in left_out or said.get(patient)) and (patient is None or files[patient].exists)  # not of who was erased meanwhile
    )
    return True


@action
def sign(
    replacement: UUID,
    *,
    by: Actor,
    left_out: Collection[UUID] = (),
    texts: Mapping[UUID, str] | None = None,
    word: str = "",
    despite_drafts: bool = False,
) -> UUID:
    """Sign the return note: from now on it stays as it is. What was asked of who replaced goes to the doctor, in the same act.

    `texts`: a sentence for a patient's line. Raises Refused: rights, drafts, empty, too_long.
    """
    one = _period(replacement)
    permissions.check_deputy(by, one.deputy)
    check_write(by, Category.MESSAGES, new=True)
    if clock.now() < one.start:
        raise Refused(f"Ce remplacement n’a pas commencé{NBSP}: la relève s’écrit à sa fin.", code="early")
    if not despite_drafts and (left := _unsigned(by)):
        raise Refused(f"{plural(left, 'brouillon')} à signer d’abord{NBSP}: personne d’autre ne pourra les lire.", code="drafts")
    said = {patient: text for patient, typed in (texts or {}).items() if patient not in left_out and (text := _text(typed, rules.LONGEST))}
    if len(said) > rules.MOST_SENTENCES:
        raise Refused(f"{rules.MOST_SENTENCES} phrases au plus{NBSP}: écrivez les autres dans les dossiers.", code="many")
    found, files = _found(one, left_out)
    word = _text(word, rules.LONGEST_WORD)
    if not found and not said and not word:
        raise Refused(f"Cette relève est vide{NBSP}: écrivez au moins le mot de la fin.", code="empty")
    made = _write(one, by, found, files, word, said)
    _annotate(made, by, said, found, files)
    tasks.hand_over(by=by, to=one.doctor)  # what is still asked of who replaced would be seen by nobody once they have left
    DraftLine.objects.filter(replacement_id=one.id, author_id=one.deputy).delete()
    return UUID(str(made.id))


def _unsigned(by: Actor) -> int:
    mine = {"author_id": by.member, "discarded_at": None}
    return Draft.objects.filter(**mine).count() + PaperDraft.objects.filter(**mine).count()


def _found(one: Period, left_out: Collection[UUID]) -> tuple[list[Found], dict[UUID, UUID]]:
    """Everything to cite, and the kept file of each of its patients."""
    every = list(to_sign(one, (), {}))
    files = {patient: file.kept for patient, file in load_files({found.patient for found in every if found.patient}).items()}
    return [found for found in every if found.patient is None or files[found.patient] not in left_out], files


def _write(one: Period, by: Actor, found: list[Found], files: Mapping[UUID, UUID], word: str, said: Collection[UUID]) -> Handover:
    return Handover.objects.create(
        replacement_id=one.id,
        author_id=by.member,
        recipient_id=one.doctor,
        first_day=one.first_day,
        last_day=one.last_day,
        since=since_of(one),
        signed_at=clock.now(),
        refs=[[each.ref.kind, each.ref.id.hex, each.ref.verb] for each in found],
        patients=len({files[each.patient] for each in found if each.patient} | set(said)),
        text=word,
    )


def _annotate(made: Handover, by: Actor, said: Mapping[UUID, str], found: list[Found], files: Mapping[UUID, UUID]) -> None:
    """A sentence is as reserved as the most reserved thing of its line: it may quote it. It is its author's own: nobody's refusal
    prevents it (`check_patient`, `own`)."""
    about = load_files(said) if said else {}
    for patient, text in said.items():
        if not about[patient].exists:
            raise Refused(SENTENCES["unknown"], code="unknown")
        kept = about[patient].kept
        beside = [each for each in found if each.patient and files[each.patient] == kept]
        Annotation.objects.create(
            patient_id=kept,
            handover_id=made.id,
            author_id=by.member,
            text=text,
            at=made.signed_at,
            sensitive=any(each.sensitive for each in beside),
            minor_secret=any(each.minor_secret for each in beside),
        )


@action
def mark_read(handover: UUID, *, by: Actor) -> None:
    """That it was read, by whom it was written to or by who replaces them now. Said twice, the first one counts. Raises Refused."""
    check_write(by, Category.MESSAGES, own=True)
    found = Handover.objects.filter(id=handover).values_list("recipient_id", flat=True).first()
    if found is None or found not in me(by, Category.MESSAGES).owners:
        raise Refused(UNKNOWN, code="unknown")
    if not Receipt.objects.filter(handover_id=handover, member_id=by.member).exists():
        Receipt.objects.create(handover_id=handover, member_id=by.member, read_at=clock.now())
