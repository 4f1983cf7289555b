"""Who may see the machines that hold the practice, add or revoke one, and settle what waits."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from permanence.accounts.permissions import check_administer, check_member, check_slots, check_write, is_own
from permanence.consultations.permissions import check_line
from permanence.journal.categories import Category, Scope
from permanence.journal.doors import Actor, Ask, Reader, Refused
from permanence.journal.tables import table
from permanence.lib.text import NBSP
from permanence.patients.permissions import PROTECTED, SENTENCES, check_object, check_patient, load_files
from permanence.sync.kinds import KINDS, Kind, Part
from permanence.tasks.permissions import is_mine, me


def check_see(reader: Reader) -> None:
    """Every member: they work on these machines. Raises Refused."""
    check_member(reader.actor)


def check_change(by: Actor) -> None:
    """Add, rename, revoke: titulaires, and who has opened the practice at its own console, as for slots."""
    check_slots(by)


def check_carry(by: Actor) -> None:
    """Carry a file between machines, either way: every member, and the console. It is sealed to machines that are heard, shows
    nothing to who carries it, and is judged where it is read as any arrival is."""
    check_member(by)


def check_introduce(by: Actor) -> None:
    """A machine names itself, and nothing else: nobody does it by hand."""
    if by.purpose != "sync":
        raise Refused(f"Une machine se nomme elle-même{NBSP}: associez-la par un code.", code="right")


def check_settle(reader: Reader) -> None:
    """What came from a machine that is not heard any more: titulaires."""
    check_administer(reader.actor)


def category_of(kind: str, part: Part) -> Category:
    """What kind of data a part is: one category, which a test of the kinds sees to."""
    known = table(kind)
    found = {column.name: column.category for column in known.columns} if known else {}
    return found[part.name]


def authors_of(row: Any, kind: Kind) -> list[UUID]:
    return [author for name in kind.authors if (author := getattr(row, name))]


def is_ones_own(by: Actor, row: Any, kind: str, category: Category) -> bool | None:
    """Whether it counts as one's own; None: it belongs to nobody in particular."""
    declared = KINDS[kind]
    if not declared.authors:
        return None
    if kind.startswith("tasks."):
        return is_mine(me(by, category), author=row.requester_id, owner=row.owner_id, role=row.performer_type)
    return any(is_own(by, category, author) for author in authors_of(row, declared))


def ask_of(by: Actor, row: Any, kind: str, category: Category) -> Ask | None:
    """What the gates judge before a value of it is shown; None for what is about no patient."""
    patient = patient_of(row, kind)
    if patient is None:
        return None
    if kind == "patients.patient":
        return Ask(patient, category)
    mine, authors = is_ones_own(by, row, kind, category), authors_of(row, KINDS[kind])
    author = by.member if mine else authors[0] if authors else None
    return Ask(patient, category, row.id, author, bool(getattr(row, "sensitive", False)), bool(getattr(row, "minor_secret", False)))


def ask_about_nobody(by: Actor, row: Any, kind: str, category: Category, nobody: UUID) -> Ask:
    """The same for what is in nobody's file, which stands in the patient's place."""
    mine, authors = is_ones_own(by, row, kind, category), authors_of(row, KINDS[kind])
    return Ask(nobody, category, row.id, by.member if mine else authors[0] if authors else None)


def patient_of(row: Any, kind: str) -> UUID | None:
    """Whose file it is in."""
    known = table(kind)
    if known is None or known.scope is not Scope.PATIENT:
        return None
    found: UUID = row.id if known.scope_field == "id" else getattr(row, known.scope_field)
    return found


def check_part(by: Actor, row: Any, kind: str, part: Part) -> None:
    """Whether `by` could have written this part: then they may settle it. Raises Refused."""
    category = category_of(kind, part)
    if KINDS[kind].administers:
        check_administer(by)
    else:
        check_write(by, category, own=is_ones_own(by, row, kind, category))
    patient, ask = patient_of(row, kind), ask_of(by, row, kind, category)
    if patient is None or ask is None:
        return
    check_patient(by, patient, category)
    if ask.object is not None:
        check_object(by, ask)
    if KINDS[kind].line:
        check_line(row)
    if part.trusted or kind == "patients.alias":
        _check_trusted(by, patient)


def _check_trusted(by: Actor, patient: UUID) -> None:
    """What decides to whom a file is open is for a clinician to whom it already is, as on its own screen."""
    check_write(by, Category.NOTES)
    check_patient(by, patient, Category.NOTES)
    file = load_files([patient])[patient]
    if file.doctors and not file.trusts(by.member):
        raise Refused(SENTENCES[PROTECTED], code=PROTECTED)


def check_value(by: Actor, row: Any, part: Part, values: Mapping[str, Any], among: Sequence[Mapping[str, Any]]) -> None:
    """Whether this version may be kept: not one that opens what another closed, nor one in one's own favour. Raises Refused."""
    name = part.name
    wanted = {"set": True, "unset": False}.get(part.keep)
    if wanted is not None and any(bool(one.get(name)) is wanted for one in among) and bool(values.get(name)) is not wanted:
        raise Refused(f"Ce qui protège ou ferme est gardé d’abord{NBSP}: le défaire ensuite depuis son propre écran.", code="keep")
    if part.trusted and by.member is not None and by.member in (row.id, getattr(row, "member_id", None), *values.values()):
        raise Refused(f"Cette valeur vous concerne vous-même{NBSP}: une autre personne doit la choisir.", code="own")


def may(check: Callable[..., None], *args: Any) -> bool:
    """Whether a check passes, for screens."""
    try:
        check(*args)
    except Refused:
        return False
    return True
