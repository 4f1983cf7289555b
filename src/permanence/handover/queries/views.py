"""What the doors of handovers return: frozen values, already in French where paper and screen say the same. Nothing is read here."""

import datetime
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Known:
    """One of « les dix »: why, and what was said by hand. `closed`: a sentence exists that this reader may not read."""

    patient: UUID
    by_hand: bool
    text: str
    closed: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownList:
    """The list, and whom the replaced doctor left out of it."""

    lines: tuple[Known, ...]
    left_out: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing done or promised, as a line of the note says it. `done`: of a promise, kept since."""

    kind: str
    id: UUID
    patient: UUID
    at: datetime.datetime | None
    label: str
    text: str
    done: bool = False
    due_on: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """All that a return note says of one patient. `hidden`: things reserved to others, counted only. `keep`: not left out."""

    patient: UUID
    part: int
    items: tuple[Item, ...]
    hidden: int
    text: str
    closed: bool
    keep: bool = True


@dataclass(frozen=True, slots=True)
class Note:
    """A return note as this reader may read it; `id` None while it is being written, `since` then says from when
    it tells. `others`: promises about no patient."""

    id: UUID | None
    replacement: UUID
    author: UUID
    recipient: UUID
    first_day: datetime.date
    last_day: datetime.date
    signed_at: datetime.datetime | None
    text: str
    lines: tuple[Line, ...]
    others: tuple[Item, ...]
    hidden: int
    read_at: datetime.datetime | None = None
    since: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """A return note in a list: counts only, no patient."""

    id: UUID
    replacement: UUID
    author: UUID
    recipient: UUID
    first_day: datetime.date
    last_day: datetime.date
    signed_at: datetime.datetime
    patients: int
    promises: int
    read_at: datetime.datetime | None
