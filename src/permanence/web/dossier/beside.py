"""The marks of rows while another software is the main one: what was written here, and what it brought, which is changed there."""

import datetime
from collections.abc import Callable, Collection
from typing import Any, NamedTuple
from uuid import UUID

from permanence.interop import queries
from permanence.interop.permissions import main_software
from permanence.journal.doors import Reader
from permanence.lib.text import NBSP
from permanence.web import jinja
from permanence.web.presenters import Chip

HERE = Chip("Écrit ici", "plain", "anchor")


class Marks(NamedTuple):
    """Of one row: its chips, whose words it has and when they came, and whether it is read-only here."""

    chips: tuple[Chip, ...] = ()
    origin: str = ""
    kept: bool = False


NONE = Marks()
Marker = Callable[[Any], Marks]


def unmarked(row: Any) -> Marks:
    """Permanence is the main software: nothing is said of any row."""
    return NONE


def marker(files: Collection[UUID], reader: Reader) -> Marker:
    """What to say of the rows of a person's files. One query, none in main mode."""
    main = main_software()
    if main is None:
        return unmarked
    came, since = queries.brought(files, reader=reader), main.since

    def mark(row: Any) -> Marks:
        found = came.get(row.id)
        if found is None:
            return Marks((HERE,)) if _written(row, since) else NONE
        here = (HERE,) if found.revision is not None and found.revision != row.revision and _written(row, since) else ()
        day = f" le{NBSP}{jinja.date(found.at)}" if found.at else ""
        origin = f"repris de {found.source}{day}" if found.source else f"repris{day}"
        return Marks(here, origin, found.main and not here)

    return mark


def _written(row: Any, since: datetime.datetime) -> bool:
    """A line was last changed by a person since, a note or a paper signed or moved here, a document put in by somebody."""
    if hasattr(row, "changed_at"):
        return row.changed_by_id is not None and row.changed_at is not None and row.changed_at >= since
    if hasattr(row, "received_at"):
        return row.author_id is not None and row.origin not in ("import", "demo") and row.received_at >= since
    times = (row.signed_at, getattr(row, "moved_at", None))
    return any(at is not None and at >= since for at in times)
