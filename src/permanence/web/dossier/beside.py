"""The marks of rows: what another software brought, or what was written here beside it, and what was typed from a paper form."""

import datetime
from collections.abc import Callable, Collection
from typing import Any, NamedTuple
from uuid import UUID

from permanence.accounts.queries import member_names
from permanence.continuity import queries as continuity
from permanence.interop import queries
from permanence.interop.permissions import main_software
from permanence.journal.doors import Reader
from permanence.lib.text import NBSP
from permanence.web import jinja
from permanence.web.links import reverse
from permanence.web.presenters import Chip

HERE = Chip("Écrit ici", "plain", "anchor")
AFTERWARDS = Chip("Saisi après coup", "plain", "file-clock")


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
    """What to say of the rows of a person's files: from the other software, and typed from paper. A query each, none mostly."""
    typed, before = continuity.caught_up(files, reader=reader), _of_software(files, reader)
    if not typed:
        return before

    def mark(row: Any) -> Marks:
        found = before(row)
        return found._replace(chips=(*found.chips, AFTERWARDS)) if row.id in typed else found

    return mark


class Afterwards(NamedTuple):
    """What a page says of something typed from a paper form, and where the scan is."""

    text: str
    url: str


def afterwards(id: UUID, files: Collection[UUID], patient: UUID, reader: Reader) -> Afterwards | None:
    """« Saisi après coup, document d’origine joint », with whose pen and whose keyboard; None for everything else."""
    found = continuity.caught_up(files, reader=reader).get(id)
    if found is None:
        return None
    names = member_names({one for one in (found.by, found.written_by) if one})
    by, pen = (names.get(one, "une personne partie") if one else "une tâche du cabinet" for one in (found.by, found.written_by))
    original = "document d’origine joint" if found.document else "original papier gardé au cabinet"
    text = (f"Saisi après coup, {original}. Écrit à la main par {pen} le {jinja.moment(found.written_at)} sur la fiche {found.number}, "
            f"saisi par {by} le {jinja.moment(found.at)}.").replace("le aujourd’hui", "aujourd’hui")
    return Afterwards(text, reverse("dossier:document", args=(patient, found.document)) if found.document else "")


def _of_software(files: Collection[UUID], reader: Reader) -> Marker:
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
