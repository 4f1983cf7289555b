"""Who may see or change a patient's file, beyond their profession: opposition, protected files, sensitive items, merges.

Profession and status are the business of `accounts`. Everything here is decided from one query for all patients asked.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from permanence.accounts.permissions import check_sees, check_write, standing_of
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Ask, Reader, Refused
from permanence.journal.written import Head
from permanence.lib.ids import of_hex
from permanence.lib.sqlcipher import run
from permanence.patients import rules

# What stays open at the desk when a file is protected or its patient objects to sharing: no care data.
DESK = frozenset(
    {
        Category.IDENTITY,
        Category.NATIONAL_ID,
        Category.CONTACT,
        Category.SOCIAL_RIGHTS,
        Category.APPOINTMENTS,
        Category.BILLING,
        Category.MESSAGES,
        Category.TASKS,
        Category.PROFESSIONAL,
        Category.JOURNAL,
    }
)
OPPOSITION, PROTECTED, SENSITIVE, MINOR_SECRET, PRIVATE = (
    "opposition",
    "protected",
    "sensitive",
    "minor_secret",
    "private",
)
SENTENCES: Mapping[str, str] = {
    OPPOSITION: "Le patient s’est opposé au partage de son dossier avec vous\u00a0: adressez-vous au médecin traitant.",
    PROTECTED: "Ce dossier est protégé\u00a0: demandez au médecin traitant de vous y désigner.",
    SENSITIVE: "Cet élément est réservé à son auteur et au médecin traitant\u00a0: adressez-vous à l’un d’eux.",
    MINOR_SECRET: "Cet élément relève du secret du mineur\u00a0: adressez-vous à son auteur ou au médecin traitant.",
    PRIVATE: "Les notes personnelles ne sont lues que par leur auteur.",
    "unknown": "Ce dossier est introuvable\u00a0: relancez la recherche.",
}

# From a JSON list of patients to all the files of each one's person. CROSS JOIN is SQLite's order: the few before the many.
FAMILY = (
    "WITH RECURSIVE family(root, id) AS (SELECT value, value FROM json_each(?) UNION SELECT f.root,"
    " CASE WHEN a.patient_id = f.id THEN a.merged_id ELSE a.patient_id END FROM family f CROSS JOIN patients_alias a"
    " ON (a.patient_id = f.id OR a.merged_id = f.id) AND a.undone = 0)"
)
_FILES = (
    FAMILY  # noqa: S608 -- fixed text
    + " SELECT f.root, 'file', p.id, p.medecin_traitant_id, p.protected_kind <> '' OR p.sensitive,"
    " CASE WHEN p.controller_is_practice THEN NULL ELSE p.controller_id END"
    " FROM family f CROSS JOIN patients_patient p ON p.id = f.id"
    " UNION ALL SELECT f.root, 'alias', a.merged_id, a.patient_id, 0, NULL"
    " FROM family f CROSS JOIN patients_alias a ON a.merged_id = f.id AND a.undone = 0"
    " UNION ALL SELECT f.root, 'no', o.member_id, o.profession, o.everyone, NULL"
    " FROM family f CROSS JOIN patients_opposition o ON o.patient_id = f.id AND o.lifted = 0"
    " UNION ALL SELECT f.root, 'named', n.member_id, NULL, 0, NULL"
    " FROM family f CROSS JOIN patients_named n ON n.patient_id = f.id AND n.removed = 0"
    " UNION ALL SELECT f.root, 'waits', NULL, NULL, 0, NULL FROM family f CROSS JOIN journal_keylacking k ON k.ref = unhex(f.id)"
)


@dataclass(slots=True)
class File:
    """Who a person's files are open to. `kept` is the file shown, `family` all of them, the kept one first."""

    kept: UUID
    family: tuple[UUID, ...]
    exists: bool = False
    protected: bool = False
    doctors: set[UUID] = field(default_factory=set)  # médecin traitant, member answerable for the file
    named: set[UUID] = field(default_factory=set)
    refused_members: set[UUID] = field(default_factory=set)
    refused_professions: set[str] = field(default_factory=set)
    refused_everyone: bool = False
    waits: bool = False  # for a key: some of what was written elsewhere is not shown here yet

    def trusts(self, member: UUID | None) -> bool:
        """The médecin traitant, who answers for the file, and who is named for it."""
        return member is not None and member not in self.refused_members and (member in self.doctors or member in self.named)

    def objects_to(self, member: UUID | None, profession: str) -> bool:
        """Whether the patient refuses sharing with this member; a doctor who is trusted is only refused by name."""
        if member in self.refused_members:
            return True
        return not self.trusts(member) and (self.refused_everyone or profession in self.refused_professions)


class Ids(dict[str, UUID]):
    """Ids as they are stored: a page names the same few members again and again."""

    def __missing__(self, text: str) -> UUID:
        found = self[text] = of_hex(text)
        return found


def load_files(patients: Iterable[UUID]) -> dict[UUID, File]:
    """The protection of each patient's file, in one query."""
    roots = list(dict.fromkeys(patients))
    rows = run("default", _FILES, json.dumps([root.hex for root in roots])).fetchall()
    pairs: dict[str, list[tuple[UUID, UUID]]] = {}
    members = Ids()
    for root, kind, first, second, _, _ in rows:
        if kind == "alias":
            pairs.setdefault(root, []).append((UUID(first), UUID(second)))
    files = {root.hex: File(*rules.one_person(root, pairs.get(root.hex, ()))) for root in roots}
    for root, kind, first, second, flag, controller in rows:
        file = files[root]
        if kind == "file":
            file.exists = file.exists or first == root
            file.protected = file.protected or bool(flag)
            file.doctors |= {members[member] for member in (second, controller) if member}
        elif kind == "named":
            file.named.add(members[first])
        elif kind == "waits":
            file.waits = True
        elif kind == "no":
            file.refused_everyone = file.refused_everyone or bool(flag)
            file.refused_members |= {members[first]} if first else set()
            file.refused_professions |= {second} if second else set()
    return {root: files[root.hex] for root in roots}


def files_of(patients: Collection[UUID], *, reader: Reader) -> dict[UUID, File]:
    """The same, remembered for this reading: the gate and the queries ask once."""
    known: dict[UUID, File] = reader.cache.setdefault("patients.files", {})
    if missing := [patient for patient in patients if patient not in known]:
        for patient, file in load_files(missing).items():
            known[patient] = file
            for other in file.family[1:] if file.exists else ():
                known.setdefault(other, file)
            known.setdefault(file.kept, file)
    return known


def about_nobody(object: UUID, *, reader: Reader) -> UUID:
    """For an object of no file, which stands in the patient's place before the gates: there is no file to look up."""
    files_here: dict[UUID, File] = reader.cache.setdefault("patients.files", {})
    files_here.setdefault(object, File(object, (object,)))
    return object


def family_of(patient: UUID, *, reader: Reader) -> tuple[UUID, ...]:
    """All the files of one person, the kept one first: what a page about this patient reads."""
    return files_of([patient], reader=reader)[patient].family


def profession_of(reader: Reader) -> str:
    """The profession of who reads, from the rights gate when there is one."""
    for gate in reader.gates:
        if (standing := getattr(gate, "standing", None)) is not None:
            return str(standing.profession or "")
    if "patients.profession" not in reader.cache:
        member = reader.actor.member
        reader.cache["patients.profession"] = str(standing_of(member).profession or "") if member else ""
    profession: str = reader.cache["patients.profession"]
    return profession


class ProtectionGate:
    """Refuses what the patient or the file itself refuses, object by object, whatever the profession allows."""

    name = "protection"

    def judge(self, reader: Reader, asks: Sequence[Ask]) -> Sequence[str]:
        files = files_of({ask.patient for ask in asks}, reader=reader)
        member, profession = reader.actor.member, profession_of(reader)
        return [_verdict(files[ask.patient], ask, member, profession) for ask in asks]


def _verdict(file: File, ask: Ask, member: UUID | None, profession: str) -> str:
    if ask.category is Category.PRIVATE_NOTES and ask.object is not None:
        return "" if member is not None and ask.author == member else PRIVATE
    if ask.author is not None and ask.author == member:
        return ""
    trusted = file.trusts(member)
    if ask.category not in DESK:
        if file.objects_to(member, profession):
            return OPPOSITION
        if file.protected and not trusted:
            return PROTECTED
    if trusted:
        return ""
    return MINOR_SECRET if ask.minor_secret else SENSITIVE if ask.sensitive else ""


def check_patient(by: Actor, patient_id: UUID, category: Category, *, own: bool = False) -> UUID:
    """Whether `by` may write this category of this file. Returns the file to write in: the kept one of merged files.

    `own`: a new object of the author's own (a note, a private note), which nobody's refusal prevents: who gives care
    writes it down (CSP R.4127-45). Raises Refused: unknown, opposition, protected.
    """
    file = load_files([patient_id])[patient_id]
    if not file.exists:
        raise Refused(SENTENCES["unknown"], code="unknown")
    if by.member is None or own or category in DESK:
        return file.kept
    profession = str(standing_of(by.member).profession or "")
    if code := _verdict(file, Ask(patient_id, category), by.member, profession):
        raise Refused(SENTENCES[code], code=code)
    return file.kept


def check_object(by: Actor, ask: Ask) -> None:
    """Whether `by` may touch one object that exists (move a note, edit a line). Raises Refused."""
    file = load_files([ask.patient])[ask.patient]
    profession = str(standing_of(by.member).profession or "") if by.member else ""
    if by.member is not None and (code := _verdict(file, ask, by.member, profession)):
        raise Refused(SENTENCES[code], code=code)


def check_written(by: Actor, head: Head) -> Head:
    """Whether `by` may say of something written here that it was copied elsewhere: who could write it, and may see it."""
    check_write(by, head.ask.category, new=True)
    check_sees(by, head.ask.category, head.ask.author)
    check_object(by, head.ask)
    return head


def may_touch(by: Actor, asks: Sequence[Ask]) -> list[bool]:
    """`check_object` for many objects that exist: whether `by` may each of them."""
    if by.member is None:
        return [True] * len(asks)
    files, profession = load_files({ask.patient for ask in asks}), str(standing_of(by.member).profession or "")
    return [not _verdict(files[ask.patient], ask, by.member, profession) for ask in asks]
