"""The only ways to ask something of somebody, to say it is done, and to write to colleagues."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from permanence.accounts.permissions import check_write, present_members
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.lib.text import collapse, plain
from permanence.patients.permissions import check_patient
from permanence.tasks import permissions, rules
from permanence.tasks.models import Delivery, Message, PracticeMessage, PracticeTask, Task
from permanence.tasks.rules import Code, Priority, Status

UNKNOWN = "Cette tâche est introuvable, ou n’est pas la vôtre\u00a0: revenez à votre journée."
MOST_AT_ONCE = 50  # one action is one act on the disk
UNKNOWN_MESSAGE = "Ce message est introuvable, ou ne vous était pas adressé\u00a0: revenez à votre journée."


@action
def add_task(
    text: str,
    *,
    by: Actor,
    patient: UUID | None = None,
    to: UUID | None = None,
    role: str = "",
    due_on: date | None = None,
    urgent: bool = False,
) -> UUID:
    """Ask something of a member, of a profession, or of oneself when neither is said. Raises Refused."""
    check_write(by, Category.TASKS, new=True)
    if not text.strip():
        raise Refused("Écrivez ce qu’il y a à faire.", code="empty")
    return _ask(by, patient, to, role, description=_text(text), due_on=due_on, priority=_priority(urgent))


@action
def add_tasks(text: str, *, by: Actor, patients: Sequence[UUID], role: str = "") -> int:
    """The same thing to do about each of these patients, for oneself or for a profession: how many. Raises Refused."""
    check_write(by, Category.TASKS, new=True)
    if not text.strip():
        raise Refused("Écrivez ce qu’il y a à faire.", code="empty")
    if not 1 <= len(patients) <= MOST_AT_ONCE:
        raise Refused(f"Cochez de 1 à {MOST_AT_ONCE} patients à la fois.", code="many")
    priority = _priority(False)
    return len([_ask(by, one, None, role, description=_text(text), priority=priority) for one in dict.fromkeys(patients)])


@action
def take_call(
    *,
    by: Actor,
    caller: str,
    phone: str = "",
    text: str = "",
    patient: UUID | None = None,
    to: UUID | None = None,
    role: str = "",
    due_on: date | None = None,
    urgent: bool = False,
    call_back: bool = True,
    renewal: bool = False,
    called_at: datetime | None = None,
) -> UUID:
    """A telephone call that leaves something to do: to call back, or a renewal that was asked for. Raises Refused."""
    check_write(by, Category.TASKS, new=True)
    if not caller.strip() and patient is None:
        raise Refused("Indiquez qui a appelé\u00a0: un nom, ou un dossier.", code="empty")
    return _ask(
        by,
        patient,
        to,
        role,
        code=str(Code.RENEWAL if renewal else Code.CALL),
        description=_text(text),
        due_on=due_on,
        priority=_priority(urgent),
        caller=collapse(caller)[: rules.SHORT],
        phone=collapse(phone)[:40],
        called_at=called_at or clock.now(),
        call_back=call_back,
    )


def _ask(by: Actor, patient: UUID | None, to: UUID | None, role: str, **fields: Any) -> UUID:
    owner, role = _addressee(by, to, role)
    fields |= {"requester_id": by.member, "owner_id": owner, "performer_type": role, "authored_on": clock.now()}
    if patient is None:
        return PracticeTask.objects.create(**fields).id
    return Task.objects.create(patient_id=check_patient(by, patient, Category.TASKS), **fields).id


def _addressee(by: Actor, to: UUID | None, role: str) -> tuple[UUID | None, str]:
    """For whom, checked: somebody who can read it. Neither said: oneself."""
    if to is None and not role:
        to = by.member
    if to is not None:
        if to != by.member and not permissions.may_receive(to, Category.TASKS):
            raise Refused("Cette personne n’est pas là pour recevoir une tâche\u00a0: choisissez-en une autre.", code="addressee")
        return to, ""
    if role not in permissions.roles(Category.TASKS):
        raise Refused("Cette profession ne reçoit pas de tâches\u00a0: choisissez une personne.", code="addressee")
    return None, role


def _text(text: str) -> str:
    if len(text) > rules.LONGEST:
        raise Refused("Ce texte est trop long\u00a0: coupez-le, ou écrivez une note dans le dossier.", code="too_long")
    return plain(text).strip()


def _priority(urgent: bool) -> str:
    return str(Priority.URGENT if urgent else Priority.ROUTINE)


@action
def complete(task: UUID, *, by: Actor) -> None:
    """It is done. Said twice, the first one counts. Raises Refused."""
    check_write(by, Category.TASKS, own=True)
    found = _mine(task, by)
    if found.status == Status.CANCELLED:
        raise Refused("Cette tâche a été annulée\u00a0: rouvrez-la d’abord.", code="conflict")
    if found.status != Status.COMPLETED:
        found.status, found.done_at, found.done_by_id = str(Status.COMPLETED), clock.now(), by.member
        found.save()


@action
def cancel(task: UUID, *, by: Actor) -> None:
    """It is not to be done after all. What is done stays done. Raises Refused."""
    check_write(by, Category.TASKS, own=True)
    found = _mine(task, by)
    if found.status == Status.COMPLETED:
        raise Refused("Cette tâche est déjà faite\u00a0: rouvrez-la d’abord.", code="conflict")
    if found.status != Status.CANCELLED:
        found.status, found.done_at, found.done_by_id = str(Status.CANCELLED), clock.now(), by.member
        found.save()


@action
def reopen(task: UUID, *, by: Actor) -> None:
    """Take back `complete` or `cancel`. Raises Refused."""
    check_write(by, Category.TASKS, own=True)
    found = _mine(task, by)
    if found.status != Status.REQUESTED:
        found.status, found.done_at, found.done_by_id = str(Status.REQUESTED), None, None
        found.save()


@action
def reassign(task: UUID, *, by: Actor, to: UUID | None = None, role: str = "") -> None:
    """Give it to somebody else. Raises Refused."""
    check_write(by, Category.TASKS, own=True)
    found = _mine(task, by, open=True)
    found.owner_id, found.performer_type = _addressee(by, to, role)
    found.save()


@action
def hand_over(*, by: Actor, to: UUID) -> int:
    """Give somebody else all that is asked of `by`, in their own name, and is not done: how many. Raises Refused."""
    check_write(by, Category.TASKS, own=True)
    owner, _ = _addressee(by, to, "")
    mine = {"owner_id": by.member, "status": str(Status.REQUESTED)}
    found = [*Task.objects.filter(**mine), *PracticeTask.objects.filter(**mine)]
    for one in found:
        one.owner_id = owner
        one.save()
    return len(found)


@action
def postpone(task: UUID, *, by: Actor, due_on: date | None) -> None:
    """Another day, or none. Raises Refused."""
    check_write(by, Category.TASKS, own=True)
    found = _mine(task, by, open=True)
    found.due_on = due_on
    found.save()


@action
def amend_task(
    task: UUID, *, by: Actor, text: str, to: UUID | None = None, role: str = "", due_on: date | None = None, urgent: bool = False
) -> None:
    """Its words, for whom, for when, in one act. Raises Refused."""
    check_write(by, Category.TASKS, own=True)
    found = _mine(task, by, open=True)
    if not text.strip() and found.code == Code.TASK:
        raise Refused("Écrivez ce qu’il y a à faire.", code="empty")
    found.owner_id, found.performer_type = _addressee(by, to, role)
    found.description, found.due_on, found.priority = _text(text), due_on, _priority(urgent)
    found.save()


def _mine(task: UUID, by: Actor, *, open: bool = False) -> "Task | PracticeTask":
    """A task that is the actor's own, loaded in this action; unknown and not one's own are told alike."""
    found: Task | PracticeTask | None = Task.objects.filter(id=task).first() or PracticeTask.objects.filter(id=task).first()
    who = permissions.me(by, Category.TASKS)
    if found is None or not (
        by.purpose or permissions.is_mine(who, author=found.requester_id, owner=found.owner_id, role=found.performer_type)
    ):
        raise Refused(UNKNOWN, code="unknown")
    if open and found.status != Status.REQUESTED:
        raise Refused("Cette tâche n’est plus à faire\u00a0: rouvrez-la d’abord.", code="conflict")
    return found


# -- messages


@action
def send_message(
    text: str,
    *,
    by: Actor,
    to: Sequence[UUID] = (),
    role: str = "",
    patient: UUID | None = None,
    reply_to: UUID | None = None,
) -> UUID:
    """Write to members by name, to a profession, or to « everyone » (`rules.EVERYONE`) present today. Raises Refused."""
    check_write(by, Category.MESSAGES, new=True)
    if not text.strip():
        raise Refused("Écrivez le message.", code="empty")
    recipients = _recipients(by, to, role)
    fields = {
        "payload": _text(text),
        "sender_id": by.member,
        "sent_at": clock.now(),
        "recipient_type": role,
        "reply_to_id": reply_to,
    }
    made: Message | PracticeMessage = (
        PracticeMessage.objects.create(**fields)
        if patient is None
        else Message.objects.create(patient_id=check_patient(by, patient, Category.MESSAGES), **fields)
    )
    for member in recipients:
        Delivery.objects.create(message_id=made.id, member_id=member, sent_at=made.sent_at)
    return made.id


def _recipients(by: Actor, to: Sequence[UUID], role: str) -> list[UUID]:
    present = present_members()
    wanted = dict.fromkeys(to)
    if any(one not in present for one in wanted):
        raise Refused("Cette personne n’est pas là pour recevoir un message\u00a0: choisissez-en une autre.", code="addressee")
    wanted |= {one: None for one, profession in present.items() if role in (rules.EVERYONE, profession)}
    found = [one for one in wanted if one != by.member and permissions.may_receive(one, Category.MESSAGES)]
    if not found:
        raise Refused("Personne ne recevrait ce message\u00a0: choisissez au moins un autre membre présent.", code="addressee")
    return found


@action
def mark_read(message: UUID, *, by: Actor) -> None:
    """That `by` has read it. Whoever reads for somebody they replace leaves that person's own message unread. Raises Refused."""
    check_write(by, Category.MESSAGES, own=True)
    who = permissions.me(by, Category.MESSAGES)
    if by.member is None:
        raise Refused(UNKNOWN_MESSAGE, code="unknown")
    found = list(Delivery.objects.filter(message_id=message, member_id__in=who.owners))
    if not found:
        raise Refused(UNKNOWN_MESSAGE, code="unknown")
    own = next((one for one in found if one.member_id == by.member), None)
    if own is None:
        Delivery.objects.create(message_id=message, member_id=by.member, sent_at=found[0].sent_at, read_at=clock.now())
    elif own.read_at is None:
        own.read_at = clock.now()
        own.save()
