"""Two compiled statements for a whole page: first the heads (ids and flags) of every kind, then the rows that were admitted.

What is refused is never selected: the second statement names the admitted rows only, by their rowid, whose page is in the cache
since the first. A rowid that was given to another row meanwhile brings one that was not admitted, which is dropped.
"""

import datetime
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.db import models

from permanence.consultations.models import (
    Allergy,
    AllergyStatement,
    Draft,
    HistoryItem,
    Line,
    Measure,
    Note,
    NoteMove,
    PrivateNote,
    Treatment,
    Vaccination,
)
from permanence.consultations.queries import views
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Ask, Reader
from permanence.lib.sqlcipher import run
from permanence.lib.sqlcipher.compiled import stored

LATEST = datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC)
_LINE = ("patient_id", "author_id", "recorded_at", "changed_at", "changed_by_id", "contested", "sensitive", "minor_secret",
         "revision")  # fmt: skip
_LIVE = "(removed_revision IS NULL OR removed_revision <> revision)"
_CONTESTED = "(removed_revision IS NOT NULL AND removed_revision <> revision)"
FILES = "patient_id IN (SELECT value FROM json_each(:files))"


@dataclass(frozen=True, slots=True)
class Source:
    """One kind: its table, the category under which it is asked, its columns in the order of its view."""

    model: type[models.Model]
    category: Category
    view: Callable[..., Any]
    columns: tuple[str, ...]
    where: str = ""
    order: str = ""  # newest first, with `:limit`
    window: str = ""  # what comes instead of the table
    flags: bool = True  # sensitive and minor_secret exist


def _line(model: type[Line], category: Category, view: Callable[..., Any], **more: str) -> Source:
    own = tuple(field.attname for field in model._meta.fields if field.attname not in _ABSTRACT)
    return Source(model, category, view, ("id", *_LINE, *own), where=_LIVE, **more)  # type: ignore[arg-type]


_ABSTRACT = frozenset(field.attname for field in Line._meta.fields) | {"id"}
_NOTE = (
    "id",
    "patient_id",
    "kind",
    "motif",
    "text",
    "subjective",
    "objective",
    "assessment",
    "plan",
    "codes",
    "at",
    "signed_at",
    "author_id",
    "signatory_id",
    "amends_id",
    "moved_by_id",
    "moved_at",
    "sensitive",
    "minor_secret",
    "countersigned_at",
    "countersigned_by",
)
_LAST_TWO = (
    "(SELECT rowid, id, patient_id, author_id, sensitive, minor_secret,"  # noqa: S608 -- fixed text
    " row_number() OVER (PARTITION BY code ORDER BY taken_at DESC, id) AS place FROM consultations_measure"
    f" WHERE {FILES} AND {_LIVE})"
)
SOURCES = {
    "history": _line(HistoryItem, Category.HISTORY, views.HistoryRow),
    "allergy": _line(Allergy, Category.ALLERGIES, views.AllergyRow),
    "treatment": _line(Treatment, Category.TREATMENTS, views.TreatmentRow),
    "vaccination": _line(Vaccination, Category.VACCINATIONS, views.VaccinationRow),
    "measure": _line(Measure, Category.MEASURES, views.MeasureRow, window=_LAST_TWO),
    "private": Source(
        PrivateNote,
        Category.PRIVATE_NOTES,
        views.PrivateRow,
        ("id", "patient_id", "text", "recorded_at", "changed_at"),
        where=f"{_LIVE} AND author_id = :member",
    ),
    "note": Source(Note, Category.NOTES, views.NoteRow, _NOTE, where="at < :before", order="at"),
    "move": Source(
        NoteMove,
        Category.NOTES,
        views.MoveRow,
        ("note_id", "author_id", "by_id", "at", "note_at"),
        where="note_at < :before",
        order="note_at",
        flags=False,
    ),
    "statement": Source(
        AllergyStatement, Category.ALLERGIES, views.StatementRow, ("none_known", "at", "last_change"), flags=False
    ),
    "draft": Source(
        Draft,
        Category.NOTES,
        views.DraftRow,
        ("id", "patient_id", "kind", "payload", "version", "updated_at", "discarded"),
        where="author_id = :member AND discarded_at IS NULL",
        flags=False,
    ),
}
_COMPUTED = {
    "contested": _CONTESTED,
    "discarded": "discarded_at IS NOT NULL",
    "countersigned_at": "(SELECT min(s.at) FROM consultations_countersignature s WHERE s.note_id = consultations_note.id)",
    "countersigned_by": "(SELECT s.member_id FROM consultations_countersignature s WHERE s.note_id = consultations_note.id"
    " ORDER BY s.at LIMIT 1)",
    "last_change": f"(SELECT max(a.changed_at) FROM consultations_allergy a WHERE a.{FILES})",  # noqa: S608 -- fixed text
}
WHOLE = frozenset({"statement", "move"})  # known with their category; nothing of their own to ask


@cache
def _heads_sql(kinds: tuple[str, ...]) -> str:
    parts = []
    for kind in kinds:
        source = SOURCES[kind]
        flags = "sensitive, minor_secret" if source.flags else "0, 0"
        last = "place = 2" if source.window else "0"
        where = "place <= 2" if source.window else " AND ".join(filter(None, (FILES, source.where)))
        part = (
            f"SELECT '{kind}' AS kind, +id, +patient_id, +author_id, {flags}, {last}, +rowid, {source.order or 'NULL'} FROM"  # noqa: S608 -- fixed text
            f" {source.window or source.model._meta.db_table} WHERE {where}"
        )
        parts.append(f"SELECT * FROM ({part} ORDER BY {source.order} DESC LIMIT :limit + 0)" if source.order else part)  # noqa: S608
    return " UNION ALL ".join(parts)


@cache
def _rows_sql(kinds: tuple[str, ...]) -> str:
    width = max(len(SOURCES[kind].columns) for kind in kinds)
    parts = []
    for kind in kinds:
        source = SOURCES[kind]
        columns = [_expression(name) for name in source.columns] + ["NULL"] * (width - len(source.columns))
        where = FILES if kind in WHOLE else f"rowid IN (SELECT value FROM json_each(:rowids, '$.{kind}'))"  # noqa: S608
        parts.append(f"SELECT '{kind}' AS kind, {', '.join(columns)} FROM {source.model._meta.db_table} WHERE {where}")  # noqa: S608
    return " UNION ALL ".join(parts)


def _expression(name: str) -> str:
    # "+" takes the declared type away: the first SELECT's converters must not meet the other kinds' values
    return _COMPUTED.get(name, f'+"{name}"')


@cache
def _converters(kind: str) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    found = []
    for place, name in enumerate(SOURCES[kind].columns):
        convert = _SPECIAL.get(name) or _converter(SOURCES[kind].model._meta.get_field(name))
        if convert is not None:
            found.append((place, convert))
    return tuple(found)


def _instant(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text + "+00:00")


@lru_cache(maxsize=8192)
def _uuid(text: str) -> UUID:
    # a page names the same patient and the same few members hundreds of times
    return UUID(int=int(text, 16))


def _frozen(text: str) -> Any:
    if text == "[]":
        return ()
    value = json.loads(text)
    return tuple(tuple(item) if isinstance(item, list) else item for item in value) if isinstance(value, list) else value


def _converter(field: Any) -> Callable[[Any], Any] | None:
    for kind, convert in (
        (models.UUIDField, _uuid),
        (models.DateTimeField, _instant),
        (models.DateField, datetime.date.fromisoformat),
        (models.BooleanField, bool),
        (models.JSONField, _frozen),
    ):
        if isinstance(field, kind):
            return convert
    return None


_SPECIAL: dict[str, Callable[[Any], Any]] = {
    "contested": bool,
    "discarded": bool,
    "last_change": _instant,
    "countersigned_at": _instant,
    "countersigned_by": _uuid,
    "payload": json.loads,
}


@dataclass(frozen=True, slots=True)
class Found:
    """What this reader may see of these kinds. `earlier`: second-last measures; `reached`: kinds that filled their limit."""

    rows: dict[str, list[Any]]
    earlier: frozenset[UUID]
    reached: frozenset[str]
    readable: frozenset[Category]
    hidden: int


def fetch(
    kinds: Iterable[str],
    files: Collection[UUID],
    *,
    reader: Reader,
    limit: int = 60,
    before: datetime.datetime | None = None,
    level: Level = Level.READ,
) -> Found:
    """Heads, admission, rows: two queries whatever the kinds. Categories that the reader has whole are recorded as served
    even when the file has nothing there: that too is told to the reader."""
    kinds = tuple(kinds)
    kept = next(iter(files))
    readable = reader.open_to(kept, {SOURCES[kind].category for kind in kinds})
    if readable:
        reader.admit(files, sorted(readable), level=level)
    names = {
        "files": json.dumps([file.hex for file in files]),
        "limit": limit,
        "before": stored(before or LATEST),
        "member": reader.actor.member.hex if reader.actor.member else "",
    }
    heads = _run(_heads_sql(kinds), names)
    admitted = _admit(heads, reader, level)
    rows: dict[str, list[Any]] = {kind: [] for kind in kinds}
    whole = any(kind in WHOLE and SOURCES[kind].category in readable for kind in {head[0] for head in heads})
    if admitted or whole:
        for kind, *values in _run(_rows_sql(kinds), {**names, "rowids": _rowids(heads, admitted)}):
            if SOURCES[kind].category in readable if kind in WHOLE else values[0] in admitted:
                rows[kind].append(_view(kind, values))
    for kind in rows.keys() - WHOLE:
        rows[kind].sort(key=_id)  # what is equal on the page stays in this order
    counts = Counter(head[0] for head in heads)
    return Found(
        rows,
        frozenset(_uuid(head[1]) for head in heads if head[6]),
        frozenset(kind for kind in kinds if SOURCES[kind].order and counts[kind] >= limit),
        readable,
        sum(
            head[0] not in WHOLE and head[1] not in admitted and SOURCES[head[0]].category in readable
            for head in heads
        ),
    )


def _rowids(heads: Sequence[tuple[Any, ...]], admitted: Collection[str]) -> str:
    """{"note": [12, 15], ...} as JSON text."""
    found: dict[str, list[int]] = {}
    for head in heads:
        if head[0] not in WHOLE and head[1] in admitted:
            found.setdefault(head[0], []).append(head[7])
    return json.dumps(found)


def _id(row: Any) -> int:
    return row.id.int  # type: ignore[no-any-return]


def _run(sql: str, names: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Named marks, in the order in which the statement has them."""
    marked, order = _marks(sql)
    rows: list[tuple[Any, ...]] = run("default", marked, *(names[name] for name in order)).fetchall()
    return rows


@cache
def _marks(sql: str) -> tuple[str, tuple[str, ...]]:
    order = []
    for name in ("files", "limit", "before", "member", "rowids"):
        if f":{name}" in sql:
            order.append(name)
            sql = sql.replace(f":{name}", f"?{len(order)}")
    return sql, tuple(order)


def _admit(heads: Sequence[tuple[Any, ...]], reader: Reader, level: Level) -> set[str]:
    """The ids that may be loaded, as their column holds them."""
    asks = [
        Ask(
            _uuid(patient),
            SOURCES[kind].category,
            _uuid(id),
            _uuid(author) if author else None,
            bool(sensitive),
            bool(minor),
        )
        for kind, id, patient, author, sensitive, minor, *_ in heads
        if kind not in WHOLE
    ]
    return {id.hex for id in reader.admit_objects(asks, level=level)} if asks else set()


def _view(kind: str, values: list[Any]) -> Any:
    source = SOURCES[kind]
    values = values[: len(source.columns)]
    for place, convert in _converters(kind):
        if values[place] is not None:
            values[place] = convert(values[place])
    return source.view(*values)
