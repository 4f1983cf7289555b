"""Lines of a document into a file, each once: added, brought up to date, or left as they are. Inside the import's action."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from permanence.consultations import actions as consultations
from permanence.consultations.actions.lines import LINES
from permanence.documents import actions as documents
from permanence.documents.models import Result
from permanence.interop import rules
from permanence.interop.mapping import Line
from permanence.interop.models import Origin
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Ask, Refused
from permanence.lib.text import NBSP
from permanence.patients.permissions import load_files, may_touch

PARIS = ZoneInfo("Europe/Paris")
_BETWEEN = "\x1f"
_SPACE = UUID("5f0c3b60-7a5e-4c38-9d6b-6c1f5d0f3a11")  # names the origins of imported lines
CHANGED_HERE = f"modifié ici depuis l’import{NBSP}: la ligne du dossier est gardée"
REMOVED_HERE = f"retiré du dossier depuis l’import{NBSP}: il n’est pas remis"
ELSEWHERE = "le dossier le dit déjà"
GONE = f"n’est plus dans cette version du document{NBSP}: laissé dans le dossier, à vérifier"


@dataclass(slots=True)
class Filing:
    """One import under way."""

    patient: UUID
    by: Actor
    document: UUID
    import_id: UUID
    series: str
    version: int
    flags: Mapping[str, bool]
    told: list[list[str]] = field(default_factory=list)  # kind, label, outcome, why
    family: tuple[UUID, ...] = ()
    origins: dict[str, Origin] = field(default_factory=dict)
    live: dict[str, list[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.family = load_files([self.patient])[self.patient].family
        self.origins = {o.key: o for o in Origin.objects.filter(patient_id__in=self.family, series=self.series)}

    def tell(self, line: Line, outcome: str, why: str = "") -> None:
        """Put a line in the report."""
        self.told.append([line.kind, line.label[:300], outcome, why])

    def count(self, outcome: str) -> int:
        """How many lines ended so."""
        return sum(1 for row in self.told if row[2] == outcome)

    def lines_here(self, kind: str) -> list[Any]:
        """The live lines of one kind that the file had before this import, those that its author may read.

        Else a made-up document would find out, line by line, what others reserved.
        """
        if kind not in self.live:
            rows = LINES[kind].objects.filter(patient_id__in=self.family) if kind in LINES else []
            self.live[kind] = self.readable(kind, [row for row in rows if row.removed_revision != row.revision])
        return self.live[kind]

    def readable(self, kind: str, rows: list[Any]) -> list[Any]:
        """Those of these lines that who imports may read."""
        category = next(iter(LINES[kind].Journal.categories)) if rows else Category.DOCUMENTS
        asks = [Ask(row.patient_id, category, row.id, row.author_id, row.sensitive, row.minor_secret) for row in rows]
        return [row for row, may in zip(rows, may_touch(self.by, asks), strict=True) if may]


def file_lines(filing: Filing, lines: Iterable[Line]) -> None:
    """File each line; one that is refused does not stop the others."""
    for kind in ("history", "allergy", "treatment", "vaccination", "measure"):
        filing.lines_here(kind)  # before anything is added: a document's own lines are never mistaken for the file's
    keys = set()
    for line in lines:
        keys.add(line.key)
        if line.left_out:
            filing.tell(line, rules.LEFT_OUT, line.left_out)
            continue
        try:
            _file(filing, line)
        except Refused as why:
            filing.tell(line, rules.LEFT_OUT, why.sentence)
    for key, origin in filing.origins.items():
        if key not in keys and origin.object_id and _said(filing, origin):
            filing.told.append([origin.kind, _said(filing, origin), rules.ALREADY, GONE])


def _file(filing: Filing, line: Line) -> None:
    origin = filing.origins.get(line.key)
    if origin is None:
        _add_or_recognise(filing, line)
    elif origin.content == line.content:
        filing.tell(line, rules.ALREADY)
    else:
        _update(filing, line, origin)


# -- a line that this document had not brought yet


def _add_or_recognise(filing: Filing, line: Line) -> None:
    same = next((row for row in filing.lines_here(line.kind) if _same(line, row)), None)
    if same is not None:
        _remember(filing, line, UUID(str(same.id)), None)
        filing.tell(line, rules.ALREADY, ELSEWHERE)
        return
    made = _ADD[line.kind](filing, line)
    if made is None:
        filing.tell(line, rules.ALREADY, ELSEWHERE)
        return
    _remember(filing, line, made, _revision(line.kind, made))
    filing.tell(line, rules.ADDED)


def _same(line: Line, row: Any) -> bool:
    if line.kind == "measure":
        values = [list(value) for value in line.values["values"]]
        return bool(row.code == line.values["code"] and row.values == values and row.taken_at == _taken_at(line.values))
    names = {name for name in rules.NAMES.get(line.kind, ()) if name} | ({"kind"} if line.kind == "history" else set())
    return rules.same_item(line.kind, {name: getattr(row, name) for name in names}, line.values)


def _add_history(filing: Filing, line: Line) -> UUID | None:
    return consultations.add_history(filing.patient, by=filing.by, fields=_fields(filing, line))


def _add_allergy(filing: Filing, line: Line) -> UUID | None:
    return consultations.add_allergy(filing.patient, by=filing.by, fields=_fields(filing, line))


def _add_no_allergy(filing: Filing, line: Line) -> UUID | None:
    if filing.lines_here("allergy"):
        raise Refused(f"le dossier note une allergie{NBSP}: elle est gardée, à vérifier avec le patient")
    return consultations.set_allergy_state(filing.patient, by=filing.by, none_known=True)


def _add_treatment(filing: Filing, line: Line) -> UUID | None:
    return consultations.add_treatment(filing.patient, by=filing.by, fields=_fields(filing, line))


def _add_vaccination(filing: Filing, line: Line) -> UUID | None:
    return consultations.add_vaccination(filing.patient, by=filing.by, fields=_fields(filing, line))


def _add_measure(filing: Filing, line: Line) -> UUID | None:
    values = line.values
    if (taken := _taken_at(values)) is None:
        raise Refused(f"mesure sans date{NBSP}: reste dans le document")
    return consultations.add_measure(
        filing.patient, by=filing.by, loinc=values["code"], values=values["values"], taken_at=taken,
        external_key=external_key(filing.series, line.key), **filing.flags)  # fmt: skip


def _add_result(filing: Filing, line: Line) -> UUID | None:
    """A result is for ever: a corrected one is another result, whose key carries its content."""
    fields: Any = {**line.values, "external_key": external_key(filing.series, f"{line.key}#{line.content}"), **filing.flags}
    added = documents.add_results(filing.patient, by=filing.by, results=[fields], document=filing.document)
    return UUID(str(added[0])) if added else None


_ADD: Mapping[str, Callable[[Filing, Line], UUID | None]] = {
    "history": _add_history, "allergy": _add_allergy, "no_allergy": _add_no_allergy, "treatment": _add_treatment,
    "vaccination": _add_vaccination, "measure": _add_measure, "result": _add_result,
}  # fmt: skip


# -- a line that an earlier version brought


def _update(filing: Filing, line: Line, origin: Origin) -> None:
    if line.kind in ("result", "no_allergy"):
        made = _ADD[line.kind](filing, line)
        _bring_up(filing, line, origin, made or origin.object_id, None)
        filing.tell(line, rules.UPDATED if made else rules.ALREADY)
        return
    row: Any = LINES[line.kind].objects.filter(id=origin.object_id or UUID(int=0)).first() if line.kind in LINES else None
    if row is None or row.removed_revision == row.revision:
        filing.tell(line, rules.LEFT_OUT, REMOVED_HERE)
    elif origin.revision is None or row.revision != origin.revision:
        filing.tell(line, rules.LEFT_OUT, CHANGED_HERE)
    else:
        _edit(filing, line, row.id)
        _bring_up(filing, line, origin, row.id, _revision(line.kind, row.id))
        filing.tell(line, rules.UPDATED)


def _edit(filing: Filing, line: Line, object_id: UUID) -> None:
    if line.kind == "measure":
        consultations.edit_measure(object_id, by=filing.by, values=line.values["values"])
        return
    edit: Callable[..., None] = getattr(consultations, f"edit_{line.kind}")
    edit(object_id, by=filing.by, fields=dict(line.values))


# -- helpers


def _fields(filing: Filing, line: Line) -> dict[str, Any]:
    return {**line.values, "external_key": external_key(filing.series, line.key), **filing.flags}


def external_key(series: str, key: str) -> str:
    """What the rooms call an imported line: short, and the same for every version of the document."""
    return f"cda:{uuid5(_SPACE, series + _BETWEEN + key)}"


def _taken_at(values: Mapping[str, Any]) -> datetime | None:
    """The instant; noon at the practice when only the day is said."""
    instant, day = values["taken_at"], values["day"]
    return instant or (datetime.combine(day, time(12), PARIS) if day else None)


def _revision(kind: str, object_id: UUID) -> UUID | None:
    model = LINES.get(kind)
    found = model.objects.filter(id=object_id).values_list("revision", flat=True).first() if model else None
    return UUID(str(found)) if found else None


def _remember(filing: Filing, line: Line, object_id: UUID, revision: UUID | None) -> None:
    key = line.key[:300]
    Origin.objects.create(
        id=uuid5(_SPACE, _BETWEEN.join((str(filing.patient), filing.series, key))), patient_id=filing.patient,
        import_id=filing.import_id, document_id=filing.document, series=filing.series, key=key, kind=line.kind,
        object_id=object_id, content=line.content, revision=revision, version=filing.version)  # fmt: skip


def _bring_up(filing: Filing, line: Line, origin: Origin, object_id: UUID | None, revision: UUID | None) -> None:
    origin.content, origin.object_id, origin.revision = line.content, object_id, revision
    origin.import_id, origin.document_id, origin.version = filing.import_id, filing.document, filing.version
    origin.save()


def _said(filing: Filing, origin: Origin) -> str:
    """The words of a line that a former version brought and that is still in the file."""
    model: Any = LINES.get(origin.kind) or (Result if origin.kind == "result" else None)
    row = model.objects.filter(id=origin.object_id).first() if model else None
    if row is None or getattr(row, "removed_revision", None) == getattr(row, "revision", 0):
        return ""
    if origin.kind in LINES and not filing.readable(origin.kind, [row]):
        return ""
    return str(next((value for name in ("label", "substance", "vaccine", "code") if (value := getattr(row, name, ""))), ""))
