"""One's own to-do list for the first screen: late, calls to return, today; the rest is one line."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from permanence.accounts.permissions import can_write
from permanence.journal.categories import Category
from permanence.journal.doors import Reader
from permanence.lib.text import plural
from permanence.sync import queries as sync
from permanence.tasks import queries
from permanence.web import jinja
from permanence.web.dossier.people import named
from permanence.web.tasks import lines

MOST = 40  # lines of a group; what is beyond stands on the tasks' own page


@dataclass(frozen=True, slots=True)
class TodoGroup:
    title: str
    tasks: list[lines.TaskLine]


@dataclass(frozen=True, slots=True)
class Todo:
    groups: list[TodoGroup]
    late: int
    later: str
    messages: list[lines.MessageLine]
    apart: str = ""  # what two machines wrote, to be settled by whoever may


def of(reader: Reader, beside: Collection[UUID] = ()) -> Todo | None:
    """None for who has no tasks. The patients of all lines are asked for together, with those whom the page names `beside`."""
    if not can_write(reader.actor, Category.TASKS, own=True):
        return None
    found, unread, day = queries.my_tasks(reader=reader), queries.unread(reader=reader), jinja.today()
    now = [row for row in found if row.due(day) in ("late", "today", "undated")]
    places = [
        ("En retard", [row for row in now if row.due(day) == "late" and not row.is_call]),
        ("À rappeler", [row for row in now if row.is_call]),
        ("Aujourd’hui", [row for row in now if row.due(day) == "today" and not row.is_call]),
        ("Sans échéance", [row for row in now if row.due(day) == "undated" and not row.is_call]),
    ]
    places = [(title, rows[:MOST]) for title, rows in places if rows]
    about = [*(row.patient for _, rows in places for row in rows), *(row.patient for row in unread), *beside]
    shown = named((patient for patient in about if patient is not None), reader)
    return Todo(
        [TodoGroup(title, lines.tasks(rows, reader, shown)) for title, rows in places],
        sum(row.due(day) == "late" for row in now),
        f"{plural(len(found) - len(now), 'tâche')} pour plus tard" if len(found) > len(now) else "",
        lines.messages(unread, reader, shown),
        plural(len(apart), "élément à rapprocher", "éléments à rapprocher") if (apart := sync.waiting()) else "",
    )
