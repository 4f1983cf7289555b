"""The only ways to read tasks, calls and messages: one's own, and those about a patient that are one's own.

What is somebody else's is not asked of the gates: it is nobody's business that it exists.
"""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, Q, UUIDField, Value

from permanence.journal.categories import Category, Level
from permanence.journal.doors import Ask, Reader, Refused
from permanence.lib.sqlcipher import run
from permanence.lib.sqlcipher.compiled import Compiled, Many, Param
from permanence.patients.permissions import family_of
from permanence.tasks import permissions, rules
from permanence.tasks.models import Message, PracticeMessage, PracticeTask, Task
from permanence.tasks.rules import Code, Priority, Status

UNKNOWN = "Cette tâche est introuvable, ou n’est pas la vôtre\u00a0: revenez à votre journée."
UNKNOWN_MESSAGE = "Ce message est introuvable, ou ne vous était pas adressé\u00a0: revenez à votre journée."
ROLES = tuple(permissions.roles(Category.TASKS))
EVERYONE = rules.EVERYONE


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task or call. `patient` is None for what is about nobody; `owner` None when `role` says for whom."""

    id: UUID
    patient: UUID | None
    status: str
    priority: str
    code: str
    text: str
    requester: UUID | None
    owner: UUID | None
    role: str
    asked_at: datetime.datetime | None
    due_on: datetime.date | None
    done_at: datetime.datetime | None
    done_by: UUID | None
    caller: str
    phone: str
    called_at: datetime.datetime | None
    call_back: bool

    @property
    def urgent(self) -> bool:
        return self.priority == Priority.URGENT

    @property
    def is_call(self) -> bool:
        return self.code == Code.CALL

    @property
    def is_renewal(self) -> bool:
        return self.code == Code.RENEWAL

    def due(self, day: datetime.date) -> str:
        """late, today, soon, later or undated."""
        return rules.due(self.due_on, day)


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message. `to` are the members it was delivered to, `unread` whether the reader still has to read it."""

    id: UUID
    patient: UUID | None
    sender: UUID | None
    sent_at: datetime.datetime | None
    role: str
    text: str
    reply_to: UUID | None
    unread: bool
    mine: bool


_COLUMNS = (
    "id",
    "about",
    "status",
    "priority",
    "code",
    "description",
    "requester_id",
    "owner_id",
    "performer_type",
    "authored_on",
    "due_on",
    "done_at",
    "done_by_id",
    "caller",
    "phone",
    "called_at",
    "call_back",
)
_HEAD = ("id", "about", "requester_id", "owner_id", "performer_type", "due_on", "code")
_NONE = Value(None, output_field=UUIDField())


def _both(where: Q, *columns: str) -> Any:
    """The same of tasks about patients and about nobody, as one query."""
    return (
        Task.objects.annotate(about=F("patient_id")).filter(where).values_list(*columns)
        .union(PracticeTask.objects.annotate(about=_NONE).filter(where).values_list(*columns), all=True)
    )


def _mine() -> Q:
    return Q(owner_id__in=Many("owners")) | Q(owner_id=None, performer_type=Param("role"))


_open = Compiled(lambda: _both(Q(status=str(Status.REQUESTED)) & _mine(), *_HEAD))
_asked = Compiled(
    lambda: _both(Q(status=str(Status.REQUESTED), requester_id__in=Many("owners")) & ~Q(owner_id__in=Many("owners")), *_HEAD)
)
_done = Compiled(lambda: _both(Q(done_by_id=Param("member"), done_at__gte=Param("since")), *_HEAD))
_of_files = Compiled(
    lambda: Task.objects.annotate(about=F("patient_id"))
    .filter(Q(patient_id__in=Many("files"), status=str(Status.REQUESTED)) & (_mine() | Q(requester_id__in=Many("owners"))))
    .values_list(*_HEAD)
)
_rows = Compiled(lambda: _both(Q(id__in=Many("ids")), *_COLUMNS))


def my_tasks(*, reader: Reader, until: datetime.date | None = None) -> list[TaskRow]:
    """What is asked of this reader and not done, urgent first, then by date; with `until`, what is due by that day.

    What has no date counts as due. Two queries.
    """
    who = permissions.reader_is(reader, Category.TASKS)
    heads = _open.rows(owners=who.owners, role=who.profession)
    return _loaded([head for head in heads if until is None or head[5] is None or head[5] <= until], reader, who)


def asked_by_me(*, reader: Reader) -> list[TaskRow]:
    """What this reader asked of others and is not done."""
    who = permissions.reader_is(reader, Category.TASKS)
    return _loaded(_asked.rows(owners=who.owners), reader, who)


def done_by_me(since: datetime.datetime, *, reader: Reader) -> list[TaskRow]:
    """What this reader did or cancelled since an instant, the last first."""
    who = permissions.reader_is(reader, Category.TASKS)
    if reader.actor.member is None:
        return []
    found = _loaded(_done.rows(member=reader.actor.member, since=since), reader, who)
    return sorted(found, key=lambda row: row.done_at or since, reverse=True)


def of_patient(patient: UUID, *, reader: Reader) -> list[TaskRow]:
    """What is to be done about a person and is the reader's own: asked of them, or by them."""
    who = permissions.reader_is(reader, Category.TASKS)
    files = family_of(patient, reader=reader)
    return _loaded(_of_files.rows(files=files, owners=who.owners, role=who.profession), reader, who)


def task(id: UUID, *, reader: Reader) -> TaskRow:
    """One task of the reader's own, whatever its state. Raises Refused alike for an unknown one and for another's."""
    found = _rows.into(TaskRow, ids=[id])
    who = permissions.reader_is(reader, Category.TASKS)
    asks = [_ask(reader, who, row.id, row.patient, row.requester, row.owner, row.role) for row in found]
    if not found or not reader.admit_objects(asks, level=Level.LISTED):  # its row and no more: the file is not opened
        raise Refused(UNKNOWN, code="unknown")
    return found[0]


def _loaded(heads: Sequence[tuple[Any, ...]], reader: Reader, who: permissions.Me) -> list[TaskRow]:
    asks = [_ask(reader, who, *head[:5]) for head in heads]
    admitted = reader.admit_objects(asks, level=Level.LISTED) if asks else set()
    found = _rows.into(TaskRow, ids=admitted) if admitted else []
    return sorted(found, key=lambda row: rules.order(urgent=row.urgent, on=row.due_on, code=row.code))


def _ask(reader: Reader, who: permissions.Me, *head: Any) -> Ask:
    id, patient, author, owner, role = head
    mine = permissions.is_mine(who, author=author, owner=owner, role=role)
    return permissions.ask(reader, who, Category.TASKS, id, patient, author=author, mine=mine)


# -- messages

Head = tuple[UUID, UUID | None, UUID | None]  # a message, its patient, its sender
_SAID = ("id", "about", "sender_id", "sent_at", "recipient_type", "payload", "reply_to_id")


def _messages(where: Q, *columns: str) -> Any:
    return (
        Message.objects.annotate(about=F("patient_id")).filter(where).values_list(*columns)
        .union(PracticeMessage.objects.annotate(about=_NONE).filter(where).values_list(*columns), all=True)
    )


_said = Compiled(lambda: _messages(Q(id__in=Many("ids")), *_SAID))
_said_heads = Compiled(lambda: _messages(Q(id__in=Many("ids")), "id", "about", "sender_id"))
# Delivered to oneself or to whom one replaces, and not yet read by oneself.
_UNREAD = (
    "SELECT d.message_id, m.patient_id, COALESCE(m.sender_id, p.sender_id) FROM tasks_delivery d"
    " LEFT JOIN tasks_message m ON m.id = d.message_id LEFT JOIN tasks_practicemessage p ON p.id = d.message_id"
    " WHERE d.member_id IN (SELECT value FROM json_each(?)) AND d.read_at IS NULL AND (m.id IS NOT NULL OR p.id IS NOT NULL)"
    " AND NOT EXISTS (SELECT 1 FROM tasks_delivery r WHERE r.message_id = d.message_id AND r.member_id = ? AND r.read_at IS NOT NULL)"
    " GROUP BY d.message_id ORDER BY max(d.sent_at) DESC LIMIT ? + 0"
)
_BOX = (
    "SELECT id FROM (SELECT message_id AS id, sent_at FROM tasks_delivery WHERE member_id IN (SELECT value FROM json_each(?1))"
    " UNION SELECT id, sent_at FROM tasks_message WHERE sender_id IN (SELECT value FROM json_each(?1))"
    " UNION SELECT id, sent_at FROM tasks_practicemessage WHERE sender_id IN (SELECT value FROM json_each(?1)))"
    " GROUP BY id ORDER BY max(sent_at) DESC LIMIT ?2 + 0"
)
_TO = "SELECT message_id, member_id, read_at IS NOT NULL FROM tasks_delivery WHERE message_id IN (SELECT value FROM json_each(?))"


def unread(*, reader: Reader, limit: int = 20) -> list[MessageRow]:
    """Messages that this reader has not read, the last first."""
    return _admitted(_unread_heads(reader)[:limit], reader, everything=True)


def unread_count(*, reader: Reader) -> int:
    """How many messages wait, of nobody named."""
    return len(_unread_heads(reader))


def messages(*, reader: Reader, limit: int = 60) -> list[MessageRow]:
    """Messages received and sent, the last first."""
    who = permissions.reader_is(reader, Category.MESSAGES)
    waiting = {id for id, _, _ in _unread_heads(reader)}
    ids = [UUID(id) for (id,) in run("default", _BOX, _json(who.owners), limit).fetchall()]
    heads: list[Head] = _said_heads.rows(ids=ids) if ids else []
    order = {id: place for place, id in enumerate(ids)}
    return _admitted(sorted(heads, key=lambda head: order[head[0]]), reader, waiting=waiting)


def delivered(messages: Collection[UUID], *, reader: Reader) -> dict[UUID, list[tuple[UUID, bool]]]:
    """For messages already shown to this reader: whom each was delivered to, and whether they have read it."""
    found: dict[UUID, list[tuple[UUID, bool]]] = {}
    for id, member, read in run("default", _TO, _json(messages)).fetchall():
        found.setdefault(UUID(id), []).append((UUID(member), bool(read)))
    return found


def message(id: UUID, *, reader: Reader) -> MessageRow:
    """One message sent by or delivered to the reader. Raises Refused alike for an unknown one and for another's."""
    who = permissions.reader_is(reader, Category.MESSAGES)
    to = {member for member, _ in delivered([id], reader=reader).get(id, [])}
    found = _said.rows(ids=[id])
    if not found or not (found[0][2] in who.owners or to & who.owners):
        raise Refused(UNKNOWN_MESSAGE, code="unknown")
    if not (rows := _admitted([found[0][:3]], reader, level=Level.READ)):
        raise Refused(UNKNOWN_MESSAGE, code="unknown")
    return rows[0]


def _unread_heads(reader: Reader) -> list[Head]:
    who = permissions.reader_is(reader, Category.MESSAGES)
    if reader.actor.member is None or not who.owners:
        return []
    found = run("default", _UNREAD, _json(who.owners), reader.actor.member.hex, 200).fetchall()
    return [(UUID(id), UUID(about) if about else None, UUID(sender) if sender else None) for id, about, sender in found]


def _admitted(heads: Sequence[Head], reader: Reader, *, everything: bool = False, waiting: Collection[UUID] = (),
              level: Level = Level.LISTED) -> list[MessageRow]:
    """Messages known to be the reader's own: each stands as theirs before the gates. `waiting`: those that are unread."""
    who = permissions.reader_is(reader, Category.MESSAGES)
    asks = [permissions.ask(reader, who, Category.MESSAGES, id, about, author=sender, mine=True) for id, about, sender in heads]
    admitted = reader.admit_objects(asks, level=level) if asks else set()
    rows: list[tuple[Any, ...]] = _said.rows(ids=admitted) if admitted else []
    found = {row[0]: _message(row, everything or row[0] in waiting, reader) for row in rows}
    return [found[id] for id, _, _ in heads if id in found]


def _message(row: tuple[Any, ...], unread: bool, reader: Reader) -> MessageRow:
    values: list[Any] = [*row, unread, row[2] == reader.actor.member]
    return MessageRow(*values)


def _json(ids: Collection[UUID]) -> str:
    return "[" + ",".join(f'"{id.hex}"' for id in ids) + "]"
