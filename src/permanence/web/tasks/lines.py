"""Tasks, calls and messages as the screens show them: words, patients' rows, what can be done with one key."""

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from permanence.accounts.queries import member_names
from permanence.journal.doors import Reader
from permanence.lib.dates import format_long
from permanence.lib.text import NBSP, phone_fr
from permanence.tasks import queries
from permanence.web import jinja, presenters
from permanence.web.dossier.people import Person, named
from permanence.web.http import new_form_id
from permanence.web.links import reverse
from permanence.web.presenters import Chip


@dataclass(frozen=True, slots=True)
class Act:
    """One button: where it posts, and the form's one-use id."""

    url: str
    once: str = field(default_factory=new_form_id)


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One thing to do. `call` is who is to be called back; `who` who asked, or for whom."""

    id: str
    text: str
    patient: Person | None
    due: Chip | None
    urgent: bool
    symbol: str
    call: str
    phone: str
    tel: str
    who: str
    done: Act
    later: Act | None
    reopen: Act | None
    edit: str
    renew: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class MessageLine:
    id: str
    text: str
    patient: Person | None
    head: str
    at: datetime.datetime | None
    unread: bool
    mine: bool
    read: Act
    reply: str
    to: str = ""


def rows_of(found: Iterable[queries.TaskRow | queries.MessageRow], reader: Reader) -> Mapping[UUID, Person]:
    """The patients whom these are about, those whose identity this reader sees; each counts as listed."""
    return named((one.patient for one in found if one.patient is not None), reader)


def names_of(found: Sequence[queries.TaskRow]) -> Mapping[UUID, str]:
    return member_names({id for row in found for id in (row.requester, row.owner, row.done_by) if id is not None})


def tasks(found: Sequence[queries.TaskRow], reader: Reader, shown: Mapping[UUID, Person] | None = None) -> list[TaskLine]:
    """`shown`: the patients' rows when the page has already asked for them."""
    names, day = names_of(found), jinja.today()
    shown = rows_of(found, reader) if shown is None else shown
    return [task(row, names, shown, day, reader) for row in found]


def task(row: queries.TaskRow, names: Mapping[UUID, str], shown: Mapping[UUID, Person], day: datetime.date, reader: Reader) -> TaskLine:
    is_open = row.status == "requested"
    return TaskLine(
        str(row.id),
        row.text or ("Renouvellement demandé par téléphone" if row.is_renewal else "Rappeler" if row.call_back else "A appelé"),
        shown.get(row.patient) if row.patient else None,
        due_chip(row, day) if is_open else None,
        row.urgent,
        "phone" if row.is_call else "pill" if row.is_renewal else "circle-check",
        _call(row),
        phone_fr(row.phone),
        "tel:" + "".join(letter for letter in row.phone if letter in "+0123456789") if row.phone else "",
        who(row, names, reader),
        Act(reverse("tasks:done", args=(row.id,))),
        Act(reverse("tasks:tomorrow", args=(row.id,))) if is_open else None,
        None if is_open else Act(reverse("tasks:reopen", args=(row.id,))),
        reverse("tasks:edit", args=(row.id,)) if is_open else "",
        renew_url(row.patient) if row.is_renewal and row.patient and is_open else "",
        "" if is_open else "Annulée" if row.status == "cancelled" else "Faite",
    )


def due_chip(row: queries.TaskRow, day: datetime.date) -> Chip | None:
    """« en retard, ven. 20 nov. 2026 »: the word and the date, never the colour alone."""
    if row.due_on is None:
        return None
    where = row.due(day)
    if where == "late":
        return Chip(f"En retard, {format_long(row.due_on)}", "warn")
    return Chip({"today": "Aujourd’hui"}.get(where, format_long(row.due_on)), "plain")


def _call(row: queries.TaskRow) -> str:
    if row.called_at is None:
        return ""
    word = "Renouvellement demandé" if row.is_renewal else "Rappeler" if row.call_back else "Appel"
    whom = f"{NBSP}: {row.caller}" if row.caller else ""
    return f"{word}{whom}, appel {jinja.moment(row.called_at)}"


def who(row: queries.TaskRow, names: Mapping[UUID, str], reader: Reader) -> str:
    """Who asked it, and for whom when it is not only for the reader."""
    me = reader.actor.member
    asked = "" if row.requester == me or row.requester is None else f"demandé par {names.get(row.requester, 'un membre')}"
    owner = row.owner
    to = presenters.ROLES.get(row.role, row.role) if owner is None else "" if owner == me else names.get(owner, "un membre")
    done = f"par {names.get(row.done_by, 'un membre')} {jinja.moment(row.done_at)}" if row.done_by and row.done_at else ""
    return " · ".join(word for word in (asked, f"pour {to}" if to else "", done) if word)


def renew_url(patient: UUID) -> str:
    """Where the last ordonnance of this patient is written again."""
    return f"{reverse('papers:ordonnance', args=(patient,))}?depuis=derniere"


def messages(found: Sequence[queries.MessageRow], reader: Reader, shown: Mapping[UUID, Person] | None = None, *,
             to: Mapping[UUID, Collection[tuple[UUID, bool]]] | None = None) -> list[MessageLine]:
    """`to`: whom each was delivered to, where the page says so."""
    delivered = to or {}
    ids = {row.sender for row in found if row.sender} | {one for rows in delivered.values() for one, _ in rows}
    names, shown = member_names(ids), rows_of(found, reader) if shown is None else shown
    return [
        MessageLine(
            str(row.id),
            row.text,
            shown.get(row.patient) if row.patient else None,
            _from(row, names, reader),
            row.sent_at,
            row.unread,
            row.mine,
            Act(reverse("tasks:read", args=(row.id,))),
            f"{reverse('tasks:message')}?reponse={row.id}",
            _to(row, names, delivered.get(row.id, ())),
        )
        for row in found
    ]


def _from(row: queries.MessageRow, names: Mapping[UUID, str], reader: Reader) -> str:
    name = "Vous" if row.sender == reader.actor.member else names.get(row.sender, "Un membre") if row.sender else "Le cabinet"
    return name + (f", à {presenters.ROLES.get(row.role, row.role).lower()}" if row.role else "")


def _to(row: queries.MessageRow, names: Mapping[UUID, str], delivered: Collection[tuple[UUID, bool]]) -> str:
    """Whom a sent message has reached."""
    if not row.mine or not delivered:
        return ""
    said = [names.get(member, "un membre") + (" (lu)" if read else " (pas encore lu)") for member, read in delivered]
    return f"À {presenters.enumerate_fr(said)}"


