"""« À rapprocher »: what two machines wrote without hearing each other, as questions, to who may answer them."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps

from permanence.accounts.queries import member_names
from permanence.journal import chain, conflicts, fold, vault, wire
from permanence.journal.doors import Reader
from permanence.journal.tables import table
from permanence.journal.values import python_of
from permanence.lib import clock
from permanence.lib.sqlcipher import run
from permanence.patients.permissions import about_nobody
from permanence.sync import permissions, words
from permanence.sync.kinds import KINDS, LINE, Kind, Part
from permanence.sync.models import Replica
from permanence.sync.queries.counting import REMOVAL, REREAD, Waiting, waiting
from permanence.sync.rules import clock_said

MOST = 40  # objects of one page: a person settles a few at a time
KEEP, REMOVE, DONE, TYPED = "keep", "remove", "ok", "typed"
EXTRA = {("patients.patient", "birth_name"): ("identity_status", "identity_proof", "identity_checked_on", "ins", "ins_oid")}


@dataclass(frozen=True, slots=True)
class Version:
    """One of the versions standing. `key`: what choosing it sends. `clock`: "", "mark" or "far" ahead. `may`: this person may keep it."""

    key: str
    values: tuple[tuple[str, str], ...]
    by: str
    where: str
    at: datetime.datetime
    clock: str
    shown: bool
    may: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """One part of one object, or REMOVAL or REREAD. `seen`: every entry that the form shows, as `field:hash`."""

    object: UUID
    kind: str
    kind_name: str
    title: str
    patient: UUID | None
    part: str
    label: str
    versions: tuple[Version, ...]
    typed: bool
    seen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settling:
    """What this person may settle; how much is others' to settle; how much is left for a next page."""

    questions: tuple[Question, ...]
    elsewhere: int
    more: int


def settling(*, reader: Reader) -> Settling:
    """What waits, each value admitted before it is loaded. Raises Refused without a member."""
    permissions.check_see(reader)
    questions, elsewhere, mine, more = list[Question](), 0, 0, 0
    writers = _Writers()
    for one in waiting():
        row = apps.get_model(one.kind).objects.filter(id=one.object).first()
        if row is None:
            continue
        if mine >= MOST:
            more += 1
            continue
        found, refused = _of_object(one, row, reader, writers)
        mine += bool(found)
        questions += found
        elsewhere += refused
    return Settling(tuple(questions), elsewhere, more)


def _of_object(one: Waiting, row: Any, reader: Reader, writers: "_Writers") -> tuple[list[Question], int]:
    """The questions of one object that this reader may answer, and how many are for others."""
    kind, state = KINDS[one.kind], dict[str, fold.Register]()
    wanted = [kind.parts[0]] if one.asked in ((REMOVAL,), (REREAD,)) else [part for part in kind.parts if part.name in one.asked]
    mine = [part for part in wanted if _admitted(row, one.kind, part, reader)]
    if mine:
        state = chain.load_state(one.object.bytes, one.kind)
    if one.asked in ((REMOVAL,), (REREAD,)):
        whole = _removal if one.asked == (REMOVAL,) else _reread
        return [whole(one, row, kind, state, writers) for _ in mine], len(wanted) - len(mine)
    return [_question(one, row, kind, part, state, writers, reader) for part in mine], len(wanted) - len(mine)


def _admitted(row: Any, kind: str, part: Part, reader: Reader) -> bool:
    """Whether this reader may settle it, asked first, and whether the gates let its values be shown."""
    if not permissions.may(permissions.check_part, reader.actor, row, kind, part):
        return False
    category = permissions.category_of(kind, part)
    ask = permissions.ask_of(reader.actor, row, kind, category)
    if ask is not None and ask.object is None:
        return reader.admit([ask.patient], [category]).may(ask.patient, category)
    if ask is None:
        ask = permissions.ask_about_nobody(reader.actor, row, kind, category, about_nobody(row.id, reader=reader))
    return row.id in reader.admit_objects([ask])


# -- questions


def _question(one: Waiting, row: Any, kind: Kind, part: Part, state: fold.State, writers: "_Writers", reader: Reader) -> Question:
    versions = {entry: version_of(row, part, state, entry) for entry in in_question(part, state)}
    names = words.names_of(words.ids_in(value for values in versions.values() for value in values.values()))
    among = list(versions.values())
    shown = tuple(
        writers.version(entry, state, _said(one.kind, kind, part, values, names), shown=_is_shown(state, part, entry),
                        may=permissions.may(permissions.check_value, reader.actor, row, part, values, among))
        for entry, values in versions.items()
    )  # fmt: skip
    fields = (*part.all, *(LINE if kind.line else ()), *EXTRA.get((one.kind, part.name), ()), *bookkeeping(kind))
    return _made(one, row, kind, part.name, part.label, shown, state, fields, typed=part.typed and len(part.fields) == 1)


def in_question(part: Part, state: fold.State) -> list[bytes]:
    """The entries of which one is to be kept: those that say different things of a field of this part."""
    differing = set(conflicts.fields(state))
    return sorted({entry for name in part.fields if name in differing for entry in state[name].live})


def bookkeeping(kind: Kind) -> tuple[str, ...]:
    """Who changed it and when, of kinds that are no line: settled with whatever of it is."""
    return tuple(name for name in ("changed_at", "changed_by_id") if not kind.line and name in kind.follow)


def version_of(row: Any, part: Part, state: fold.State, entry: bytes) -> dict[str, Any]:
    """All that a part says if this entry's version is kept; what it did not write stays as it is shown."""
    values: dict[str, Any] = {}
    for name in part.all:
        register = state.get(name)
        if register is not None and entry in register.live:
            values[name] = python_of(row._meta.get_field(name), register.live[entry][1])
        else:
            values[name] = getattr(row, name)
    return values


def _said(name: str, kind: Kind, part: Part, values: Mapping[str, Any], names: Mapping[UUID, str]) -> tuple[tuple[str, str], ...]:
    """What a version says, field by field; of a part of several, what is empty is left out."""
    label = {**{part.fields[0]: part.label}, **kind.labels} if len(part.fields) > 1 else {part.fields[0]: part.label}
    said = [(label.get(field, field), _shown(name, field, values, names)) for field in part.fields]
    return tuple(said) if len(said) == 1 else tuple(pair for pair in said if pair[1] != words.EMPTY) or (said[0],)


def _shown(kind: str, field: str, values: Mapping[str, Any], names: Mapping[UUID, str]) -> str:
    if field == "birth_date" and values.get("birth_date_text"):
        return str(values["birth_date_text"])
    return words.shown(kind, field, values[field], names)


def _removal(one: Waiting, row: Any, kind: Kind, state: fold.State, writers: "_Writers") -> Question:
    """« Retiré ici, modifié là »: the edit stands (ADR 11) until somebody says what holds."""
    edits = state["revision"].live
    removals = {entry: said for entry, said in state["removed_revision"].live.items() if said[1] is not None}
    edit, removal = max(edits, key=lambda entry: edits[entry][0]), max(removals, key=lambda entry: removals[entry][0])
    shown = (writers.version(edit, state, writers.written(edit, one.kind, kind, row, state), key=KEEP, shown=True),
             writers.version(removal, state, (("Retiré", _title(row, kind, one.kind)),), key=REMOVE))  # fmt: skip
    return _made(one, row, kind, REMOVAL, "Retiré ici, modifié là", shown, state, LINE)


def _reread(one: Waiting, row: Any, kind: Kind, state: fold.State, writers: "_Writers") -> Question:
    """Edited on both sides, nothing contradicts: what stands now was written by nobody as a whole, so somebody reads it."""
    shown = tuple(writers.version(entry, state, writers.written(entry, one.kind, kind, row, state), key=DONE)
                  for entry in _standing(state, "revision"))  # fmt: skip
    return _made(one, row, kind, REREAD, "Modifié des deux côtés", shown, state, LINE)


def _made(one: Waiting, row: Any, kind: Kind, part: str, label: str, versions: Iterable[Version], state: fold.State,
          fields: Sequence[str], *, typed: bool = False) -> Question:  # fmt: skip
    seen = tuple(f"{name}:{entry.hex()}" for name in dict.fromkeys(fields) for entry in sorted(_standing(state, name)))
    order = sorted(versions, key=lambda version: (version.at, version.key), reverse=True)
    patient = permissions.patient_of(row, one.kind)
    return Question(one.object, one.kind, kind.name, _title(row, kind, one.kind), patient, part, label, tuple(order), typed, seen)


def _title(row: Any, kind: Kind, name: str) -> str:
    """How one of them is called; only of fields of the category that was admitted, as a title is."""
    said = [words.shown(name, field, getattr(row, field), {}) for field in kind.title]
    return " ".join(dict.fromkeys(one for one in said if one != words.EMPTY))[:120]


def _standing(state: fold.State, name: str) -> list[bytes]:
    return list(state[name].live) if name in state else []


def _is_shown(state: fold.State, part: Part, entry: bytes) -> bool:
    differing = set(conflicts.fields(state))
    return any((shown := state[name].shown) is not None and shown[0] == entry for name in part.fields if name in differing)


# -- who wrote


class _Writers:
    """Who wrote an entry, where and when; names of machines are read once."""

    def __init__(self) -> None:
        self.machines = {id: name for id, name in Replica.objects.values_list("id", "name")}
        self.now = int(clock.now().timestamp() * 1000)

    def version(self, entry: bytes, state: fold.State, values: tuple[tuple[str, str], ...], *, key: str = "", shown: bool = False,
                may: bool = True) -> Version:  # fmt: skip
        id, replica, inner = _opened(entry)
        member = UUID(bytes=inner.member) if inner.member else None
        by = member_names([member]).get(member, "un membre inconnu ici") if member else "une tâche du cabinet"
        where = self.machines.get(UUID(bytes=replica), "une machine inconnue ici")
        at = datetime.datetime.fromtimestamp(inner.wall / 1000, datetime.UTC)
        said = clock_said(inner.wall, clock.hlc_ms(inner.hlc), min(self.now, _arrived_before(id, replica, self.now)))
        return Version(key or entry.hex(), values, by, where, at, said, shown, may)

    def written(self, entry: bytes, name: str, kind: Kind, row: Any, state: fold.State) -> tuple[tuple[str, str], ...]:
        """What an entry wrote of the parts, in words."""
        _, _, inner = _opened(entry)
        parts = [part for part in kind.parts if set(part.fields) & set(inner.base)]
        found = {part: version_of(row, part, state, entry) for part in parts}
        names = words.names_of(words.ids_in(value for values in found.values() for value in values.values()))
        return tuple(pair for part, values in found.items() for pair in _said(name, kind, part, values, names))


def _opened(entry: bytes) -> tuple[int, bytes, wire.Inner]:
    v = vault.current()
    id, replica, sealed = run("default", "SELECT id, replica, inner FROM journal_entry WHERE hash = ?", entry).fetchone()
    return id, replica, wire.open_inner(sealed, v.metadata, v.practice, trusted=True)


def _arrived_before(id: int, replica: bytes, now: int) -> int:
    """An instant before which an entry was here, by this machine's clock: that of the first entry written here after it."""
    v = vault.current()
    if replica == v.replica:
        return now
    row = run("default", "SELECT inner FROM journal_entry WHERE id > ? AND replica = ? ORDER BY id LIMIT 1", id, v.replica).fetchone()
    return wire.open_inner(row[0], v.metadata, v.practice, trusted=True).wall if row else now


def known_kind(name: str) -> bool:
    """Whether this version can settle such an object."""
    return name in KINDS and table(name) is not None
