"""What a kit holds, and the log of kits. Whatever the reader may not see is left out of the page and said there."""

import datetime
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from permanence.accounts import queries as accounts
from permanence.accounts.permissions import PARIS, can_administer, check_member, check_read, today
from permanence.agenda import queries as agenda
from permanence.consultations import queries as clinical
from permanence.continuity import plan, risks, rules
from permanence.continuity.models import KitCopy, KitKey, PlanAnswer
from permanence.documents import queries as documents
from permanence.journal import vault
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Actor, Reader, Refused
from permanence.lib.dates import format_date, format_long
from permanence.lib.sqlcipher import run
from permanence.lib.text import NBSP, phone_fr
from permanence.patients import queries as patients
from permanence.patients.permissions import ProtectionGate
from permanence.prescriptions import queries as prescriptions
from permanence.tasks import queries as tasks

log = logging.getLogger(__name__)
CLINICAL = (Category.HISTORY, Category.ALLERGIES, Category.TREATMENTS, Category.MEASURES)
NORMAL = ("", "N")
MOST_TASKS = 25
CROWD = "Trop de patients sont attendus pour un seul kit\u00a0: imprimer celui de chaque praticien à l’écran «\u00a0Kit du soir\u00a0»."
UNKNOWN = "Ce kit est introuvable\u00a0: revenir à la liste des kits."
INCOMPLETE = "Dossier incomplet ici\u00a0: demander allergies et traitements, une partie a été écrite sur une autre machine"
CLOSED = "Partie non ouverte à la personne qui a fait ce kit"


@dataclass(frozen=True, slots=True)
class Visit:
    """One appointment as the day's list shows it. `phone` is empty where the reader may not see it."""

    hour: str
    minutes: int
    practitioner: str
    patient: UUID
    name: str
    birth: str
    phone: str
    motive: str


@dataclass(frozen=True, slots=True)
class Half:
    """Half a page about one patient: two identifiers, then what nobody should have to guess."""

    patient: UUID
    name: str
    birth: str
    age: str
    sex: str
    phone: str
    booked: str
    allergies: str
    alert: bool  # allergies are known
    treatments: rules.Cut
    problems: rules.Cut
    results: rules.Cut
    closed: str  # why the clinical part is not here
    hidden: int  # lines reserved to others
    risks: tuple[str, ...] = ()  # told by the words of treatments and problems


@dataclass(frozen=True, slots=True)
class KitDay:
    day: datetime.date
    label: str
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class Kit:
    """What a kit says. `heads` are the journal's own chains as they were: (stream, size, hash)."""

    practice: str
    fictional: bool
    made_at: datetime.datetime
    days: tuple[KitDay, ...]
    halves: tuple[Half, ...]
    members: tuple[tuple[str, str], ...]
    heads: tuple[tuple[int, int, str], ...]
    prefix: str
    answers: Mapping[str, str] = field(default_factory=dict)
    phone: str = ""
    pending: tuple[str, ...] = ()
    pending_closed: str = ""

    @property
    def first_day(self) -> datetime.date:
        return self.days[0].day

    @property
    def last_day(self) -> datetime.date:
        return self.days[-1].day


@dataclass(frozen=True, slots=True)
class Copy:
    """One line of the log of kits."""

    id: UUID
    medium: str
    made_at: datetime.datetime
    made_by_id: UUID | None
    first_day: datetime.date
    last_day: datetime.date
    patients: int
    first_form: int
    forms: int
    file_name: str
    destroyed_at: datetime.datetime | None
    destroyed_by_id: UUID | None


def evening_reader() -> Reader:
    """Who reads for the evening's file: the practice's own task. Protected files and sensitive lines stay out of it; what
    it reads leaves in a file."""
    return Reader(Actor.machine("evening_kit"), [ProtectionGate()], leaving=Level.EXPORTED)


def kit(*, reader: Reader, made_at: datetime.datetime) -> Kit:
    """The kit of the next two days, as this reader may see it. Raises Refused when more are booked than one reading may hold."""
    days, coming = _expected(made_at, reader)
    names = accounts.member_names({one.practitioner for one in coming if one.practitioner})
    halves = {one.patient: _half(one.patient, reader) for one in coming}
    shown = [half for half in halves.values() if half is not None]
    visits: dict[datetime.date, list[Visit]] = {each: [] for each in days}
    for one in coming:
        half = halves[one.patient]
        at = one.start.astimezone(PARIS)
        hour = "tournée" if one.no_hour else f"{at:%H:%M}"
        visits[at.date()].append(Visit(
            hour, one.minutes, names.get(one.practitioner, "") if one.practitioner else "", one.patient,
            half.name if half else "Identité non ouverte", half.birth if half else "", half.phone if half else "",
            one.reason or one.type_name))
    practice = accounts.practice()
    return Kit(practice.name, practice.fictional, made_at, tuple(KitDay(each, format_long(each), tuple(visits[each])) for each in days),
               tuple(_booked(half, visits) for half in shown), _members(reader), _heads(), prefix(), answers(reader=reader),
               *_waiting(reader))


def expected(*, reader: Reader, made_at: datetime.datetime) -> tuple[datetime.date, datetime.date, int]:
    """First and last day of the kit made at this moment, and how many patients it would hold. Raises Refused as `kit` does."""
    days, coming = _expected(made_at, reader)
    return days[0], days[-1], len({one.patient for one in coming})


def _expected(made_at: datetime.datetime, reader: Reader) -> tuple[tuple[datetime.date, ...], list[agenda.Coming]]:
    day = rules.eve_of(made_at.astimezone(PARIS))
    booked = agenda.days_booked(day + datetime.timedelta(days=1), day + datetime.timedelta(days=rules.AHEAD), reader=reader)
    days = rules.days_of(day, booked)
    coming = [one for one in agenda.booked(days[0], days[-1], reader=reader) if _day(one.start) in days]
    if reader.purpose is not None and not coming and booked.intersection(days):
        raise Refused(CROWD, code="crowd")
    return days, coming


def prefix() -> str:
    """What numbers given by this replica begin with, so that two replicas never give the same."""
    return vault.current().replica.hex()[:4].upper()


def _booked(half: Half, visits: dict[datetime.date, list[Visit]]) -> Half:
    """The same, with when this patient comes."""
    when = [f"{format_long(day)}{NBSP}à{NBSP}{visit.hour}"
            for day, found in visits.items() for visit in found if visit.patient == half.patient]
    values = {name: getattr(half, name) for name in Half.__slots__}
    return Half(**{**values, "booked": ", ".join(when)})


def _day(at: datetime.datetime) -> datetime.date:
    return at.astimezone(PARIS).date()


def _half(patient: UUID, reader: Reader) -> Half | None:
    """None when not even the name may be shown. The parts that this reader may not see are said to be closed."""
    try:
        banner = patients.banner(patient, reader=reader)
    except Refused:
        return None
    sheet = patients.identity_sheet(patient, reader=reader, only=(Category.IDENTITY, Category.CONTACT))
    reach = sheet.coordinates
    phone = phone_fr(reach.mobile or reach.phone) if reach else ""
    admission = reader.admit([banner.patient], CLINICAL)
    open_ = [category for category in CLINICAL if admission.may(banner.patient, category)]
    if not open_:
        closed = f"{banner.protected}{NBSP}: voir le médecin traitant" if banner.protected else CLOSED
        empty = rules.Cut((), 0)
        return Half(banner.patient, banner.name, banner.birth, banner.age, banner.sex_label, phone, "", "", False, empty, empty, empty,
                    closed, 0)
    found = clinical.synthesis(banner.patient, reader=reader, only=open_)
    results = documents.results(banner.patient, reader=reader, limit=60)
    return Half(
        banner.patient, banner.name, banner.birth, banner.age, banner.sex_label, phone, "",
        _allergies(found, banner.waits), banner.waits or found.allergy_state == "connues",
        rules.cut([_treatment(one) for one in found.treatments], rules.DOSE_LINES),
        rules.cut([_problem(one) for one in found.history], rules.PROBLEM_LINES),
        rules.cut([*_last(results), *_measures(found)], rules.RESULT_LINES),
        "", found.hidden, risks.of((_treatment(one) for one in found.treatments), (one.label for one in found.history)))


def _allergies(found: clinical.Synthesis, waits: bool) -> str:
    """Of a file that is incomplete on this machine nobody says that there is no allergy."""
    if found.allergy_state != "connues":
        return INCOMPLETE if waits else found.allergy_sentence
    words = [" — ".join(part for part in (one.substance, one.reaction, one.severity_label.lower()) if part) for one in found.allergies]
    return f"Allergies{NBSP}: " + " · ".join(words) + (f". {INCOMPLETE}" if waits else "")


def _treatment(one: clinical.TreatmentRow) -> str:
    name = f"{one.dci} ({one.label})" if one.dci and one.label and one.dci.casefold() != one.label.casefold() else one.dci or one.label
    return " — ".join(part for part in (name, one.dose_text, one.form, one.posology) if part)


def _problem(one: clinical.HistoryRow) -> str:
    return f"{one.label} ({one.start})" if one.start else one.label


def _measures(found: clinical.Synthesis) -> Iterable[str]:
    for one in found.measures:
        day = f" le {format_date(_day(one.taken_at))}" if one.taken_at else ""
        yield f"{one.label}{NBSP}: {one.shown} {one.unit}{day}".replace("  ", " ")


def _last(results: list[documents.ResultRow]) -> Iterable[str]:
    """The last value of each analysis, the abnormal ones first."""
    newest: dict[str, documents.ResultRow] = {}
    for row in results:
        newest.setdefault(row.loinc or row.label, row)
    for row in sorted(newest.values(), key=lambda row: row.abnormal in NORMAL):
        flag = "" if row.abnormal in NORMAL else f" ({row.flag})"
        day = format_date(_day(row.at)) if row.at else row.at_text
        yield f"{row.label}{NBSP}: {row.shown} {row.unit}{flag}, {day}"


NO_TASKS = "Le fichier du soir ne lit les tâches de personne\u00a0: imprimer le kit à l’écran pour y joindre les siennes."


def _waiting(reader: Reader) -> tuple[str, tuple[str, ...], str]:
    """The practice's telephone, what waits for who prints, and why nothing does."""
    if reader.purpose is not None:
        return "", (), NO_TASKS
    phone = documents.letterhead(None, reader=reader).phone
    try:
        due = tasks.my_tasks(reader=reader)
    except Refused:
        return phone, (), "Aucune tâche ne vous est ouverte."
    found = []
    for one in due[:MOST_TASKS]:
        day = f", pour le {format_date(one.due_on)}" if one.due_on else ""
        found.append(f"{one.text or 'Rappeler'}{_about(one.patient, reader)}{day}")
    left = [f"et {len(due) - MOST_TASKS} autres, à l’écran «\u00a0Tâches\u00a0»"] if len(due) > MOST_TASKS else []
    return phone, (*found, *left, *_stock(reader)), ""


def _about(patient: UUID | None, reader: Reader) -> str:
    if patient is None:
        return ""
    try:
        found = patients.banner(patient, reader=reader)
    except Refused:
        return ""
    return f" — {found.name}, {found.birth}"


def _stock(reader: Reader) -> list[str]:
    """Secured forms left, for who prescribes arrêts."""
    try:
        left = prescriptions.stock(reader=reader)
    except Refused:
        return []
    return [f"Formulaires sécurisés d’arrêt de travail\u00a0: {left.left} en stock"] if left.received else []


def answers(*, reader: Reader) -> dict[str, str]:
    """What the practice filled in of its plan. Where the ways to open it are kept is for titulaires. Raises Refused."""
    check_member(reader.actor)
    chief = can_administer(reader.actor)
    rows = PlanAnswer.objects.exclude(text="").values_list("key", "text")
    return {key: text for key, text in rows if key in plan.fields() and (chief or not plan.fields()[key].private)}


def _members(reader: Reader) -> tuple[tuple[str, str], ...]:
    """Who works here: name and profession."""
    return tuple((one.name, one.profession_label) for one in accounts.members(reader=reader))


def _heads() -> tuple[tuple[int, int, str], ...]:
    """The chains as they stand, for a journal cut short later to be seen on paper (architecture, section 3)."""
    found = [row for alias in ("default", "access")
             for row in run(alias, "SELECT stream, size, head FROM journal_chain WHERE replica = ? ORDER BY stream",
                            vault.current().replica).fetchall()]
    return tuple((int(stream), int(size), bytes(head).hex()[:16]) for stream, size, head in found)


def kit_key() -> tuple[bytes, int, bytes] | None:
    """(salt, iterations, key) that the evening's file is encrypted with; None until a phrase was drawn. For the kit's own code only."""
    found = KitKey.objects.order_by("-made_at").values_list("salt", "iterations", "key").first()
    return None if found is None else (bytes(found[0]), int(found[1]), bytes(found[2]))


def phrase_since() -> datetime.datetime | None:
    """When the phrase in force was drawn."""
    return KitKey.objects.order_by("-made_at").values_list("made_at", flat=True).first()


def copies(*, reader: Reader, limit: int = 30) -> list[Copy]:
    """The log of kits, newest first: files and paper, destroyed or not. No patient is named. Raises Refused."""
    check_read(reader, Category.APPOINTMENTS)
    return [Copy(*row) for row in KitCopy.objects.order_by("-made_at").values_list(*Copy.__slots__)[:limit]]


def copy(id: UUID, *, reader: Reader) -> Copy:
    """One line of the log. Raises Refused: unknown, right."""
    check_read(reader, Category.APPOINTMENTS)
    row = KitCopy.objects.filter(id=id).values_list(*Copy.__slots__).first()
    if row is None:
        raise Refused(UNKNOWN, code="unknown")
    return Copy(*row)


_NUMBERED = ("id", "made_at", "first_form", "forms", "prefix", "kinds")


def numbers_of(id: UUID) -> list[tuple[str, str]]:
    """(kind, number) of the blank forms of a kit of the log: the same each time it is printed, whatever the day."""
    return numbers_in(KitCopy.objects.only(*_NUMBERED).get(id=id))


def numbers_in(copy: KitCopy) -> list[tuple[str, str]]:
    """The same for a row that is at hand."""
    day = copy.made_at.astimezone(PARIS).date() if copy.made_at else today()
    return rules.form_numbers(copy.prefix or prefix(), day, copy.first_form, copy.kinds or rules.FORMS)[:copy.forms]


def numbered_on(number: str) -> list[KitCopy]:
    """The kits that could have given a number: those made on its day, by any machine."""
    day = rules.day_of(number)
    if day is None:
        return []
    start = datetime.datetime.combine(day, datetime.time(), PARIS)
    return list(KitCopy.objects.filter(forms__gt=0, made_at__gte=start, made_at__lt=start + datetime.timedelta(days=1)))
