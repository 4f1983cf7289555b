"""Moving in: one run over one folder or table, in slices that stand alone, so that a run which was cut goes on where it was."""

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from permanence.accounts.permissions import today
from permanence.interop.actions import applying, archives, knowing, placing, planning
from permanence.interop.actions.importing import import_vsm
from permanence.interop.actions.inbox import MIMES, MOST_TABLE, TABLES, Entry, Inbox
from permanence.interop.cda.refusals import MAX_BYTES
from permanence.interop.models import Import, Moved, Run
from permanence.interop.moving import columns, people, tabular
from permanence.interop.moving.known import Known
from permanence.interop.permissions import check_move_in
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.lib.pdftext import Extractor
from permanence.lib.text import NBSP, plural

SOURCE = "Logiciel précédent"
MOST_TOLD = 1_000  # lines of a report that are kept
FILES_AT_ONCE = 40  # bytes of so many files are held together
MACHINE = Actor.machine("import")


class Progress(NamedTuple):
    """How far: what is being read, and how much of it."""

    phase: str
    done: int
    total: int


class Told(NamedTuple):
    """One line of a report: of which file, which line (0: the file itself), which outcome, and what. No name of a patient."""

    place: str
    line: int
    outcome: str
    text: str


@dataclass(slots=True)
class Report:
    """What a run did, or what it would do (`dry`)."""

    dry: bool
    source: str
    place: str
    run_id: UUID | None = None
    counts: Counter[str] = field(default_factory=Counter)
    told: list[Told] = field(default_factory=list)
    unmapped: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)  # how each table was read
    steps: list[planning.Step] = field(default_factory=list)  # of a dry run: what its screen shows

    def tell(self, place: str, line: int, outcome: str, text: str) -> None:
        if text and len(self.told) < MOST_TOLD:
            self.told.append(Told(place[:200], line, outcome, text[:300]))


class Mover:
    """One run. `go` yields progress until all is done; `report` then says what became of everything."""

    def __init__(
        self, inbox: Inbox, *, by: Actor, source: str = SOURCE, fields: Mapping[str, str] | None = None, dry: bool = False
    ) -> None:
        check_move_in(by)
        self.inbox, self.by, self.source, self.fields = inbox, by, source.strip()[:200] or SOURCE, fields
        self.report = Report(dry, self.source, inbox.place)
        self._known = Known()

    def go(self) -> Iterator[Progress]:
        """Do it. Raises Refused when another run is under way; what was done before a failure stays done."""
        if not self.report.dry:
            self.report.run_id = begin(by=self.by, source=self.source, place=self.inbox.place)
        yield Progress("lecture", 0, len(self.inbox.entries))
        self._known = knowing.load(self.source)
        taken: set[str] = set()
        for entry in self.inbox.entries:
            if entry.ending in TABLES:
                yield from self._table(entry, taken)
        xml = [entry for entry in self.inbox.entries if entry.ending == ".xml" and not archives.is_index(entry)]
        yield from self._summaries(xml, archives.directories(self.inbox.entries))
        yield from self._files([entry for entry in self.inbox.entries if entry.ending in MIMES])
        for entry in self.inbox.entries:
            if entry.name not in taken and entry.ending != ".xml" and entry.ending not in MIMES and not archives.is_index(entry):
                self.report.counts["not_taken"] += 1
                self.report.tell(entry.name, 0, "not_taken", _not_taken(entry))
        if self.report.run_id is not None:
            finish(self.report.run_id, by=MACHINE, counts=dict(self.report.counts), told=self._kept())
        yield Progress("terminé", 1, 1)

    def _kept(self) -> list[list[object]]:
        """What stays of the report: a file's name may be a patient's, so files are counted and only lines are named."""
        first = [["", 0, "table", text] for text in self.report.tables]
        files = Counter((one.outcome, one.text) for one in self.report.told if not one.line)
        counted = [["", 0, outcome, f"{text} ({plural(count, 'fichier')})"] for (outcome, text), count in files.items()]
        lines = [list(one) for one in self.report.told if one.line]
        return [*first, *(["", 0, "unmapped", name] for name in self.report.unmapped), *counted, *lines]

    # -- tables of patients

    def _table(self, entry: Entry, taken: set[str]) -> Iterator[Progress]:
        try:
            table = read_table(entry)
        except tabular.NotATable as wrong:
            self.report.tell(entry.name, 0, "refused", str(wrong))
            return
        fields = mapping(table, self.fields)
        if columns.problems(fields):
            if entry.ending == ".csv":
                self.report.tell(entry.name, 0, "refused", " ".join(columns.problems(fields)))
            return
        taken.add(entry.name)
        self.report.tables.append(f"{entry.name}{NBSP}: {table.said}, {len(table.records)} lignes")
        self.report.unmapped += [name for name in columns.unmapped(table, fields) if name not in self.report.unmapped]
        self.report.counts["empty"] += table.empty
        persons = people.people(table, fields, today=today())
        done = 0
        for steps in applying.chunked(planning.plan(persons, self._known, self.source)):
            self._write(steps, entry.name)
            done += len(steps)
            yield Progress("patients", done, len(persons))

    def _write(self, steps: Sequence[planning.Step], place: str) -> None:
        if self.report.run_id is not None:
            applying.apply(steps, run_id=self.report.run_id, source=self.source, place=place, by=MACHINE, person=self.by.member)
        else:
            self.report.steps += [step for step in steps if step.outcome in (planning.DECIDE, planning.REFUSED, planning.UPDATED)]
        for step in steps:
            self.report.counts[step.outcome] += 1
            for text in planning.told(step):
                self.report.tell(place, step.person.line, step.outcome, text)

    # -- documents

    def _summaries(self, entries: Sequence[Entry], directories: frozenset[str]) -> Iterator[Progress]:
        """CDA documents, each through its own door; those of a patient's directory say whose it is."""
        owners: dict[str, set[UUID]] = {where: set() for where in directories}
        for done, entry in enumerate(archives.summaries_first(entries), 1):
            where = archives.directory_of(entry.name, directories)
            if self.report.run_id is None:
                self.report.counts["summary"] += 1
                self._known.directories |= {where: UUID(int=done)} if where is not None else {}  # somebody, each another
                continue
            patient = self._summary(entry)
            if where is not None and patient is not None:
                owners[where].add(patient)
            yield Progress("volets de synthèse", done, len(entries))
        if entries and self.report.run_id is not None:
            self._known = knowing.load(self.source)
            self._known.directories = {where: next(iter(found)) for where, found in owners.items() if len(found) == 1}
        self._known.titles = archives.titles(self.inbox.entries)

    def _summary(self, entry: Entry) -> UUID | None:
        try:
            data = entry.read(MAX_BYTES + 1)
        except OSError as wrong:
            self.report.counts["summary_refused"] += 1
            self.report.tell(entry.name, 0, "summary_refused", _unreadable(wrong))
            return None
        found = import_vsm(data, entry.name.rsplit("/", 1)[-1], by=MACHINE)
        outcome = "summary" if found.done else "summary_refused"
        self.report.counts[outcome] += 1
        self.report.tell(entry.name, 0, outcome, found.sentence)
        if found.import_id is not None and found.patient is not None and self.report.run_id is not None:
            keep_import(self.report.run_id, found.import_id, by=MACHINE)
        return found.patient if found.done else None

    def _files(self, entries: Sequence[Entry]) -> Iterator[Progress]:
        extractor, done = Extractor(), 0
        try:
            looked = placing.place(entries, self._known, extractor, source=self.source, today=today())
            for placed in applying.chunked(looked, FILES_AT_ONCE):
                if self.report.run_id is not None:
                    placing.keep(placed, run_id=self.report.run_id, source=self.source, by=MACHINE, person=self.by.member,
                                 type=self.inbox.type)
                for one in placed:
                    self.report.counts[one.outcome] += 1
                    self.report.tell(one.name, 0, one.outcome, one.reason)
                done += len(placed)
                yield Progress("documents", done, len(entries))
        finally:
            extractor.close()


def read_table(entry: Entry) -> tabular.Table:
    """Raises NotATable."""
    if entry.size > MOST_TABLE:
        raise tabular.NotATable(f"Ce fichier est trop grand{NBSP}: exporter la liste en plusieurs fois.")
    try:
        data = entry.read(MOST_TABLE)
    except OSError as wrong:
        raise tabular.NotATable(_unreadable(wrong)) from None
    return tabular.read(data, is_header=columns.is_header)


def _unreadable(wrong: OSError) -> str:
    return f"fichier illisible ({wrong.strerror or 'erreur du disque'})"


def mapping(table: tabular.Table, fields: Mapping[str, str] | None) -> tuple[str, ...]:
    """The fields of a profile for the columns that it names; the others are guessed."""
    guessed = columns.guess(table)
    if not fields:
        return guessed
    return tuple(fields.get(name, guessed[place]) for place, name in enumerate(table.header))


def _not_taken(entry: Entry) -> str:
    if entry.ending == ".ics":
        return "agenda\u00a0: il s’importe depuis l’agenda"
    if entry.ending == ".zip":
        return "archive\u00a0: la décompresser dans le dossier, puis recommencer"
    return "type de fichier non repris" if entry.ending not in TABLES else "texte qui n’est pas une liste de patients"


# -- the run itself


@action
def begin(*, by: Actor, source: str, place: str) -> UUID:
    """Open a run, or go on with the one of the same source and place that was cut. Raises Refused."""
    check_move_in(by)
    for found in Run.objects.filter(state="running"):
        if found.source == source and found.place == place[:400]:
            return UUID(str(found.id))
    if Run.objects.filter(state="undoing").exists():
        raise Refused("Un import est en cours d’annulation\u00a0: terminez-la d’abord.", code="undoing")
    return Run.objects.create(source=source, place=place[:400], by_id=by.member, started_at=clock.now()).id


@action
def finish(run_id: UUID, *, by: Actor, counts: Mapping[str, int], told: Sequence[Sequence[object]]) -> None:
    """Close a run with its report."""
    check_move_in(by)
    found = Run.objects.get(id=run_id)
    found.state, found.ended_at, found.counts, found.told = "done", clock.now(), dict(counts), [list(one) for one in told]
    found.save()


@action
def keep_import(run_id: UUID, import_id: UUID, *, by: Actor) -> None:
    """Remember that a run brought a document through its own door; one that was here before the run is not the run's."""
    check_move_in(by)
    began: datetime.datetime | None = Run.objects.values_list("started_at", flat=True).get(id=run_id)
    found = Import.objects.filter(id=import_id, at__gte=began).first() if began else None
    if found is None or Moved.objects.filter(run_id=run_id, object_id=import_id).exists():
        return
    Moved.objects.create(run_id=run_id, patient_id=found.patient_id, kind="import", object_id=import_id,
                         outcome="new" if found.patient_created else "filed")  # fmt: skip
