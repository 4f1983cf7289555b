"""The law of rights as plain values: professions, statuses, cells and what they give; `docs/rights.md` says why.

Who a member is lives in `permissions`; whether a patient refuses is the business of the patients' room.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any, Literal
from uuid import UUID

from permanence.journal.categories import Category
from permanence.lib.ids import normal_code

IDLE = timedelta(minutes=15)  # then the session locks; request-proof.md
ABSOLUTE = timedelta(hours=12)  # then it ends
TOUCH_EVERY = timedelta(seconds=60)  # at most one "last used" write per session
PREVIOUS_KEY = timedelta(seconds=10)  # a rotated key still signs what was already on its way
INVITATION = timedelta(days=7)
POST_CODE = timedelta(minutes=30)
RECOVERY_CODE = timedelta(hours=1)
AWAY = timedelta(days=30)  # unused so long, an account asks a colleague's agreement (design, section 5)
ALONE = timedelta(days=1)  # what a second person would have decided waits so long where there is none
KEPT_OPEN = timedelta(days=7)  # then a demand that nobody carried out is asked again
REHEARSED_EVERY = timedelta(days=7)  # one note of it a week
REHEARSED = timedelta(days=90)  # then coming in during a cut is to be proved again
CODE_LENGTH = 10  # Crockford base 32: 50 bits, one use, short life


class Profession(StrEnum):
    """What the law lets a person do: the ceiling of each category."""

    MEDECIN = "medecin"
    SAGE_FEMME = "sage_femme"
    IPA = "ipa"
    IDE = "ide"
    KINE = "kine"  # and the other health professions: orthophoniste, pharmacien, diététicien...
    SECRETAIRE = "secretaire"
    TELESECRETAIRE = "telesecretaire"
    COMPTABLE = "comptable"
    INFORMATICIEN = "informaticien"


class Status(StrEnum):
    """How a member belongs to the practice: it narrows the ceiling, never widens it."""

    TITULAIRE = "titulaire"
    REMPLACANT = "remplacant"
    INTERNE = "interne"
    SALARIE = "salarie"
    COLLABORATEUR = "collaborateur"


class Act(StrEnum):
    """What needs two people (docs/rights.md, « Two people »)."""

    RETURN = "return"  # of a member unseen for thirty days
    RECOVER = "recover"  # a new key for a member who lost all theirs
    TITULAIRE = "titulaire"  # one more titulaire
    REMOVE = "remove"  # a titulaire leaves who did not ask to


def too_old(ready_at: datetime | None, now: datetime) -> bool:
    """Whether a demand has waited so long that it means nothing any more."""
    return ready_at is None or now > ready_at + KEPT_OPEN


PROFESSION_LABELS: Mapping[Profession, str] = {
    Profession.MEDECIN: "médecin", Profession.SAGE_FEMME: "sage-femme", Profession.IPA: "IPA", Profession.IDE: "IDE",
    Profession.KINE: "kinésithérapeute ou autre professionnel de santé", Profession.SECRETAIRE: "secrétaire",
    Profession.TELESECRETAIRE: "télésecrétaire", Profession.COMPTABLE: "comptable",
    Profession.INFORMATICIEN: "informaticien",
}
STATUS_LABELS: Mapping[Status, str] = {
    Status.TITULAIRE: "titulaire", Status.REMPLACANT: "remplaçant", Status.INTERNE: "interne",
    Status.SALARIE: "salarié", Status.COLLABORATEUR: "collaborateur",
}
CLINICIANS = frozenset({Profession.MEDECIN, Profession.SAGE_FEMME, Profession.IPA, Profession.IDE, Profession.KINE})

Verb = Literal["read", "write", "create", "sign_off", "print"]
VERBS: tuple[Verb, ...] = ("read", "write", "create", "sign_off", "print")


class Mode(IntEnum):
    """How far a right goes, in order: the smaller of two is what both allow."""

    NONE = 0
    MASKED = 1  # a row without content
    ASSIGNED = 2  # only what was handed to them
    OWN = 3  # what they wrote, or what was handed to them
    ALL = 4


ModeName = Literal["none", "masked", "assigned", "own", "all"]
_NAMES: Mapping[Mode, ModeName] = {Mode.NONE: "none", Mode.MASKED: "masked", Mode.ASSIGNED: "assigned",
                                   Mode.OWN: "own", Mode.ALL: "all"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the table: a mode for each verb. Everything unwritten is NONE."""

    read: Mode = Mode.NONE
    write: Mode = Mode.NONE
    create: Mode = Mode.NONE
    sign_off: Mode = Mode.NONE
    print: Mode = Mode.NONE

    def verb(self, verb: Verb) -> Mode:
        mode: Mode = getattr(self, verb)
        return mode

    def __and__(self, other: "Cell") -> "Cell":
        """What both cells allow."""
        return Cell(*(min(self.verb(verb), other.verb(verb)) for verb in VERBS))

    def __or__(self, other: "Cell") -> "Cell":
        """What either cell allows."""
        return Cell(*(max(self.verb(verb), other.verb(verb)) for verb in VERBS))


# The letters of docs/rights.md. A letter that gives nothing yet (E, A, K) is written, explained there, and refused here.
LETTERS: Mapping[str, Cell] = {
    "R": Cell(read=Mode.ALL),
    "r": Cell(read=Mode.OWN),
    "W": Cell(write=Mode.ALL, create=Mode.ALL),
    "N": Cell(create=Mode.ALL),
    "O": Cell(read=Mode.OWN, write=Mode.OWN, create=Mode.OWN),
    "T": Cell(read=Mode.ASSIGNED, create=Mode.ALL),
    "S": Cell(sign_off=Mode.ALL),
    "s": Cell(sign_off=Mode.OWN),
    "P": Cell(print=Mode.ASSIGNED),
    "M": Cell(read=Mode.MASKED),
    "E": Cell(),
    "A": Cell(),
    "K": Cell(),
    "-": Cell(),
}


@dataclass(frozen=True, slots=True)
class Right:
    """A parsed cell: what everybody of the profession has, and what the titulaires among them have."""

    text: str
    base: Cell
    titulaire: Cell


def parse_right(text: str) -> Right:
    """Read a cell such as `RW`, `OE` or `O t:R`. Raises ValueError for a letter that the law does not know."""
    cells = {"": Cell(), "t": Cell()}
    for part in text.split():
        who, _, letters = part.rpartition(":")
        if who not in cells or not letters:
            raise ValueError(f"unknown part {part!r} in {text!r}")
        for letter in letters:
            if letter not in LETTERS:
                raise ValueError(f"unknown letter {letter!r} in {text!r}")
            cells[who] |= LETTERS[letter]
    return Right(text, cells[""], cells[""] | cells["t"])


_C = Category
#                          médecin   sage-f.  IPA   IDE   kiné  secr. télés. compta info
_TABLE: Mapping[Category, tuple[str, str, str, str, str, str, str, str, str]] = {
    _C.IDENTITY:            ("RW",     "RW",   "RW", "RW", "R",  "RW", "RN", "M", "-"),
    _C.NATIONAL_ID:         ("RW",     "RW",   "RW", "R",  "-",  "RW", "-",  "-", "-"),
    _C.CONTACT:             ("RW",     "RW",   "RW", "RW", "R",  "RW", "RW", "-", "-"),
    _C.FAMILY_LINKS:        ("RW",     "RW",   "RW", "R",  "-",  "R",  "-",  "-", "-"),
    _C.SOCIAL_RIGHTS:       ("RW",     "RW",   "R",  "R",  "-",  "RW", "-",  "A", "-"),
    _C.APPOINTMENTS:        ("RW",     "RW",   "RW", "RW", "O",  "RW", "RW", "-", "-"),
    _C.HISTORY:             ("RW",     "RW",   "RW", "R",  "-",  "-",  "-",  "-", "-"),
    _C.ALLERGIES:           ("RW",     "RW",   "RW", "RW", "R",  "-",  "-",  "-", "-"),
    _C.LIFESTYLE:           ("RW",     "RW",   "RW", "R",  "-",  "-",  "-",  "-", "-"),
    _C.TREATMENTS:          ("RW",     "RW",   "RW", "R",  "O",  "-",  "-",  "-", "-"),
    _C.NOTES:               ("RW",     "RW",   "RW", "OE", "O",  "-",  "-",  "-", "-"),
    _C.PRIVATE_NOTES:       ("O",      "O",    "O",  "O",  "O",  "-",  "-",  "-", "-"),
    _C.MEASURES:            ("RW",     "RW",   "RW", "RW", "O",  "-",  "-",  "-", "-"),
    _C.RESULTS:             ("RNS",    "RNs",  "R",  "O",  "-",  "T",  "-",  "-", "-"),
    _C.IMAGES_SIGNALS:      ("RW",     "RW",   "RW", "O",  "O",  "T",  "-",  "-", "-"),
    _C.DOCUMENTS:           ("RW",     "RW",   "RW", "O",  "O",  "TP", "-",  "-", "-"),
    _C.PRESCRIPTIONS:       ("RW",     "RW",   "RW", "r",  "r",  "P",  "-",  "-", "-"),
    _C.VACCINATIONS:        ("RW",     "RW",   "RW", "RW", "-",  "-",  "-",  "-", "-"),
    _C.PREGNANCY:           ("RW",     "RW",   "R",  "R",  "-",  "-",  "-",  "-", "-"),
    _C.BILLING:             ("O t:R",  "O",    "O",  "O",  "O",  "RW", "-",  "A", "-"),
    _C.MESSAGES:            ("O",      "O",    "O",  "O",  "O",  "O",  "O",  "-", "-"),
    _C.TASKS:               ("O",      "O",    "O",  "O",  "O",  "O",  "O",  "-", "-"),
    _C.ADMINISTRATIVE_TEXT: ("RW",     "RW",   "RW", "R",  "-",  "RW", "R",  "-", "-"),
    _C.PROFESSIONAL:        ("R t:W",  "R",    "R",  "R",  "R",  "R",  "-",  "-", "K"),
    _C.JOURNAL:             ("r t:R",  "r",    "r",  "r",  "r",  "r",  "r",  "-", "A"),
}
RIGHTS: Mapping[Profession, Mapping[Category, Right]] = {
    profession: {category: parse_right(cells[i]) for category, cells in _TABLE.items()}
    for i, profession in enumerate(Profession)
}

# What a status takes away, category by category; an unnamed category keeps its profession's cell, titulaires' part excepted.
_NARROWED: Mapping[Status, Mapping[Category, str]] = {
    Status.TITULAIRE: {},
    Status.COLLABORATEUR: {},
    Status.SALARIE: {},
    Status.REMPLACANT: {_C.BILLING: "O", _C.PROFESSIONAL: "R", _C.JOURNAL: "r"},
    Status.INTERNE: {_C.RESULTS: "RNs", _C.BILLING: "-", _C.PROFESSIONAL: "R", _C.JOURNAL: "r"},
}
NARROWED: Mapping[Status, Mapping[Category, Right]] = {
    status: {category: parse_right(text) for category, text in cells.items()} for status, cells in _NARROWED.items()
}
# What a remplaçant takes over from the doctor they replace: agenda, inbox, tasks (CSP R.4127-65 and 66).
DEPUTISED = frozenset({_C.APPOINTMENTS, _C.RESULTS, _C.MESSAGES, _C.TASKS})


@dataclass(frozen=True, slots=True)
class Standing:
    """A member at an instant: all that decides their rights. `of`: the person replaced, or the intern's senior."""

    member: UUID | None
    profession: Profession | None
    status: Status | None
    of: UUID | None = None
    is_titulaire: bool = False
    sites: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    departed: bool = False
    active: bool = True
    purpose: str = ""  # a machine's, from the closed list

    def on(self, today: date) -> "Standing":
        """The same member on a day (Europe/Paris); `until` is the last day included."""
        return replace(self, active=within(self.since, self.until, today) and not self.departed)


def within(since: date | None, until: date | None, today: date) -> bool:
    """Whether a membership covers a day, both ends included; None is open."""
    return (since is None or since <= today) and (until is None or today <= until)


def cell(standing: Standing, category: Category) -> Cell:
    """What a standing may do with a category: the profession's ceiling, cut by the status. Inactive: nothing."""
    if not standing.active or standing.profession is None or standing.status is None:
        return Cell()
    right = RIGHTS[standing.profession].get(category)
    if right is None:
        return Cell()
    titulaire = standing.is_titulaire and standing.status is Status.TITULAIRE
    ceiling = right.titulaire if titulaire else right.base
    narrowed = NARROWED[standing.status].get(category)
    return ceiling if narrowed is None else ceiling & narrowed.base


def mode(standing: Standing, category: Category, verb: Verb) -> ModeName:
    """How far `verb` goes: all, own, assigned, masked or none. Source: docs/rights.md."""
    return _NAMES[cell(standing, category).verb(verb)]


def owners(standing: Standing, category: Category) -> frozenset[UUID]:
    """Whose objects count as one's own: oneself, and for a remplaçant's agenda, inbox and tasks, the person replaced."""
    if standing.member is None or not standing.active:
        return frozenset()
    if standing.status is Status.REMPLACANT and standing.of is not None and category in DEPUTISED:
        return frozenset({standing.member, standing.of})
    return frozenset({standing.member})


# -- members


def check_membership(profession: Profession, status: Status, *, of: UUID | None, of_profession: Profession | None,
                     since: date | None, until: date | None, temporary: bool, is_titulaire: bool) -> None:
    """Whether a person may belong to the practice so. Raises ValueError with a French sentence that says what to do."""
    if status in (Status.TITULAIRE, Status.COLLABORATEUR, Status.REMPLACANT) and profession not in CLINICIANS:
        raise ValueError(f"Le statut « {STATUS_LABELS[status]} » est celui d’un soignant : choisissez « salarié ».")
    if status is Status.INTERNE and profession is not Profession.MEDECIN:
        raise ValueError("Un interne est un médecin en formation : choisissez la profession « médecin ».")
    if is_titulaire and (profession is not Profession.MEDECIN or status is not Status.TITULAIRE):
        raise ValueError("L’administration du cabinet revient à un médecin titulaire : retirez ce rôle.")
    if status in (Status.REMPLACANT, Status.INTERNE):
        whom = "remplacée" if status is Status.REMPLACANT else "qui l’encadre"
        if of is None or of_profession is None:
            raise ValueError(f"Indiquez la personne {whom}, parmi les membres présents du cabinet.")
        if of_profession is not profession:
            raise ValueError(f"La personne {whom} doit exercer la même profession : choisissez-en une autre.")
    if until is None and (temporary or status in (Status.REMPLACANT, Status.INTERNE)):
        raise ValueError("Indiquez la date de fin : un accès temporaire en a toujours une.")
    if since is not None and until is not None and until < since:
        raise ValueError("La date de fin est avant la date de début : corrigez l’une des deux.")


def display_name(title: str, given: str, family: str) -> str:
    """« Dr Claire MOREAU »: title, given name, family name in capitals."""
    return " ".join(part for part in (title.strip(), given.strip(), family.strip().upper()) if part)


def code_hash(code: str) -> bytes:
    """What is kept of a one-use code, as typed or as shown. A plain hash is enough for 50 random bits that live a week."""
    return hashlib.sha256(b"permanence/invitation/v1\0" + normal_code(code).encode()).digest()


# -- sessions

KeyState = Literal["current", "pending", "previous", "retired", "unknown"]


def key_state(keys: Mapping[str, Any], thumbprint: str, now_ms: int) -> KeyState:
    """What a session's key is at an instant: a previous one retires by itself after PREVIOUS_KEY (request-proof.md)."""
    for name in ("current", "pending"):
        if (keys.get(name) or {}).get("thumbprint") == thumbprint:
            return name
    previous = keys.get("previous") or {}
    if previous.get("thumbprint") == thumbprint:
        late = now_ms - previous.get("since", 0) > PREVIOUS_KEY // timedelta(milliseconds=1)
        return "retired" if late else "previous"
    return "retired" if any(key["thumbprint"] == thumbprint for key in keys.get("retired", ())) else "unknown"


def state_at(state: str, *, last_used: datetime, absolute_end: datetime, now: datetime) -> str:
    """A session's state at an instant: idle ones are locked, old ones ended, whatever was last stored."""
    if state == "ended" or now >= absolute_end:
        return "ended"
    if state == "active" and now - last_used >= IDLE:
        return "locked"
    return state
