"""Adding, editing and removing lines: history, allergies, treatments, vaccinations, measures, private notes."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from permanence.accounts.permissions import check_write, is_own, today
from permanence.consultations import gs1, measuring, rules
from permanence.consultations.models import (
    Allergy,
    AllergyStatement,
    HistoryItem,
    Line,
    Measure,
    PrivateNote,
    Treatment,
    Vaccination,
    VaccineProduct,
)
from permanence.consultations.permissions import check_line
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Ask, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.lib.dates import read_partial
from permanence.lib.text import collapse, plain
from permanence.patients.permissions import check_object, check_patient, load_files

Seen = Mapping[str, Collection[bytes]]
Fields = Mapping[str, Any]
L = TypeVar("L", bound=Line)
LINES: Mapping[str, type[Line]] = {
    "history": HistoryItem,
    "allergy": Allergy,
    "treatment": Treatment,
    "vaccination": Vaccination,
    "measure": Measure,
    "private_note": PrivateNote,
}
_FLAGS = frozenset({"sensitive", "minor_secret", "external_key"})
_OWN = frozenset(field.attname for field in Line._meta.fields) | {"id"}


@contextmanager
def typed() -> Iterator[None]:
    """What the rules refuse becomes a refusal of the door."""
    try:
        yield
    except ValueError as error:
        raise Refused(str(error), code="invalid") from None


def _category(model: type[Line]) -> Category:
    return next(iter(model.Journal.categories))


def _add(
    model: type[L], patient: UUID, by: Actor, fields: Fields, clean: Callable[[dict[str, Any]], dict[str, Any]]
) -> UUID:
    """A new line, unless an import has already brought it (`external_key`)."""
    category = _category(model)
    check_write(by, category, new=True)
    own = category in (Category.PRIVATE_NOTES, Category.MEASURES, Category.VACCINATIONS)
    family = load_files([patient])[patient].family
    patient = check_patient(by, patient, category, own=own)
    if key := fields.get("external_key"):
        known = model.objects.filter(patient_id__in=family, external_key=key).values_list("id", flat=True).first()
        if known is not None:
            return UUID(str(known))
    with typed():
        values = clean(_known(model, fields))
    now = clock.now()
    line = model.objects.create(
        patient_id=patient, author_id=by.member, recorded_at=now, changed_at=now, changed_by_id=by.member, **values
    )
    return UUID(str(line.id))


def _known(model: type[Line], fields: Fields) -> dict[str, Any]:
    """The fields given, texts without outer spaces. TypeError for one that the line does not have."""
    allowed = {field.attname for field in model._meta.fields} - _OWN | _FLAGS
    if unknown := set(fields) - allowed:
        raise TypeError(f"not fields of {model.__name__}: {sorted(unknown)}")
    return {name: plain(value).strip() if isinstance(value, str) else value for name, value in fields.items()}


def _model(kind: str) -> type[Line]:
    """The model of a key of LINES. Raises Refused for another word."""
    if kind not in LINES:
        raise Refused("Cette ligne est introuvable\u00a0: actualisez la page.", code="unknown")
    return LINES[kind]


def _find(model: type[L], line: UUID, by: Actor) -> L:
    """A line that `by` may change. Raises Refused."""
    found: L | None = model.objects.filter(id=line).first()
    if found is None:
        raise Refused("Cette ligne est introuvable\u00a0: actualisez la page.", code="unknown")
    category = _category(model)
    check_write(by, category, own=is_own(by, category, found.author_id))
    check_object(by, Ask(found.patient_id, category, found.id, found.author_id, found.sensitive, found.minor_secret))
    check_line(found)
    return found


def _edit(
    model: type[L],
    line: UUID,
    by: Actor,
    fields: Fields,
    seen: Seen | None,
    clean: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    """Change a line; one that was removed comes back. `seen`: per field, the entries that the form was rendered with."""
    found = _find(model, line, by)
    with typed():
        values = clean(_known(model, fields))
    for name, value in values.items():
        setattr(found, name, value)
    _touch(found, by)
    found.removed_revision = None
    found.save(seen=seen)


def _touch(line: Line, by: Actor) -> None:
    line.revision, line.changed_at, line.changed_by_id = uuid4(), clock.now(), by.member


@action
def remove_line(kind: str, line: UUID, *, by: Actor) -> None:
    """Take a line (a key of LINES) out of the file; it stays in the history, and an edit made meanwhile elsewhere wins."""
    found = _find(_model(kind), line, by)
    found.removed_revision, found.changed_at, found.changed_by_id = found.revision, clock.now(), by.member
    found.save()


@action
def restore_line(kind: str, line: UUID, *, by: Actor) -> None:
    """Undo a removal, or settle that a line which was removed while it was edited stays."""
    found = _find(_model(kind), line, by)
    _touch(found, by)
    found.removed_revision = None
    found.save()


# -- history


def _history(values: dict[str, Any]) -> dict[str, Any]:
    if "cim10" in values:
        values["cim10"] = rules.cim10(values["cim10"])
    if "kind" in values:
        rules.choice(values["kind"], rules.HISTORY_KINDS, "le type de l’antécédent")
    _dates(values, "start", "end")
    return values


def _dates(values: dict[str, Any], *names: str) -> None:
    for name in names:
        if name in values:
            values[name] = rules.partial(values[name], today=today())


def _needs(values: dict[str, Any], name: str, what: str, *, adding: bool) -> dict[str, Any]:
    if (adding or name in values) and not values.get(name):
        raise ValueError(f"Indiquez {what}.")
    return values


@action
def add_history(patient: UUID, *, by: Actor, fields: Fields) -> UUID:
    """Add an antécédent: label, cim10, kind, relation, start, end, active, alert_on, note, and the flags of a line."""
    return _add(HistoryItem, patient, by, fields, lambda v: _needs(_history(v), "label", "l’antécédent", adding=True))


@action
def edit_history(line: UUID, *, by: Actor, fields: Fields, seen: Seen | None = None) -> None:
    """Change an antécédent. Raises Refused."""
    _edit(HistoryItem, line, by, fields, seen, lambda v: _needs(_history(v), "label", "l’antécédent", adding=False))


# -- allergies


def _allergy(values: dict[str, Any]) -> dict[str, Any]:
    if "severity" in values:
        rules.choice(values["severity"], rules.SEVERITIES, "la gravité")
    _dates(values, "since")
    return values


@action
def add_allergy(patient: UUID, *, by: Actor, fields: Fields) -> UUID:
    """Add an allergy: substance, code, reaction, severity, since, note, and the flags of a line."""
    return _add(Allergy, patient, by, fields, lambda v: _needs(_allergy(v), "substance", "la substance", adding=True))


@action
def edit_allergy(line: UUID, *, by: Actor, fields: Fields, seen: Seen | None = None) -> None:
    """Change an allergy. Raises Refused."""
    _edit(Allergy, line, by, fields, seen, lambda v: _needs(_allergy(v), "substance", "la substance", adding=False))


@action
def set_allergy_state(patient: UUID, *, by: Actor, none_known: bool) -> UUID:
    """Say that no allergy is known, verified today (True), or that the question is open again (False). Raises Refused."""
    check_write(by, Category.ALLERGIES, new=True)
    family = load_files([patient])[patient].family
    patient = check_patient(by, patient, Category.ALLERGIES)
    if none_known:
        lines = Allergy.objects.filter(patient_id__in=family).values_list("revision", "removed_revision")
        if any(revision != removed for revision, removed in lines):
            raise Refused(
                "Une allergie est notée dans ce dossier\u00a0: retirez-la d’abord si elle est infirmée.", code="allergies"
            )
    return AllergyStatement.objects.create(patient_id=patient, none_known=none_known, at=clock.now(), author_id=by.member).id


# -- treatments


def _treatment(values: dict[str, Any]) -> dict[str, Any]:
    if "source" in values:
        rules.choice(values["source"], rules.TREATMENT_SOURCES, "l’origine du traitement")
    if (dose := values.get("dose")) is not None:
        if set(dose) != {"value", "scale", "unit"} or not (type(dose["value"]) is int and 0 <= dose["scale"] <= 6):
            raise ValueError("La dose est un nombre et une unité\u00a0: écrire par exemple 2,5 mg.")
        if dose["value"] <= 0:
            raise ValueError("La dose est plus grande que zéro\u00a0: vérifiez-la.")
        number, scale = measuring.trimmed(dose["value"], dose["scale"])
        values["dose"] = {"value": number, "scale": scale, "unit": str(dose["unit"]).strip()[:30]}
    _dates(values, "start", "end")
    return values


@action
def add_treatment(patient: UUID, *, by: Actor, fields: Fields) -> UUID:
    """Add a treatment typed by hand or imported: label, dci, code, dose {value, scale, unit}, form, route, posology, start,
    end, source, prescriber, stop_reason, note, and the flags of a line."""
    return _add(Treatment, patient, by, fields, lambda v: _needs(_treatment(v), "label", "le médicament", adding=True))


@action
def edit_treatment(line: UUID, *, by: Actor, fields: Fields, seen: Seen | None = None) -> None:
    """Change a treatment. Raises Refused."""
    _edit(Treatment, line, by, fields, seen, lambda v: _needs(_treatment(v), "label", "le médicament", adding=False))


@action
def stop_treatment(line: UUID, *, by: Actor, reason: str, on: str = "") -> None:
    """End a treatment, today unless said, with its reason; it stays among the past ones."""
    _edit(Treatment, line, by, {"end": on or today().strftime("%d/%m/%Y"), "stop_reason": reason}, None, _treatment)


# -- vaccinations


def _vaccination(values: dict[str, Any]) -> dict[str, Any]:
    _dates(values, "given", "expiry")
    if "given" in values:
        values["given_on"] = read_partial(values["given"]).date
        if values["given_on"] is not None and values["given_on"] > today():
            raise ValueError("La date du vaccin est dans l’avenir\u00a0: vérifiez-la.")
    if values.get("rank") is not None and not 1 <= values["rank"] <= 20:
        raise ValueError("Le rang d’injection est un nombre de 1 à 20.")
    return values


@action
def add_vaccination(patient: UUID, *, by: Actor, fields: Fields) -> UUID:
    """Add a vaccination: vaccine, code (« gtin:03400… » when scanned), targets, given (a date known in part), lot, serial,
    expiry, rank, site, route, given_by_id, given_by_text, next_due, and the flags of a line.

    What is typed for a scanned product is remembered for the next scan.
    """
    line = _add(Vaccination, patient, by, fields, lambda v: _needs(_vaccination(v), "vaccine", "le vaccin", adding=True))
    if by.member is not None:
        _remember_product(by, fields)
    return line


def _remember_product(by: Actor, fields: Fields) -> None:
    gtin = str(fields.get("code", "")).removeprefix("gtin:")
    if not gs1.check_digit(gtin):
        return
    named = {name: collapse(str(fields.get(name, ""))) for name in ("vaccine", "targets")}
    newest = VaccineProduct.objects.filter(gtin=gtin).order_by("-at").values("vaccine", "targets").first()
    if newest != named:
        VaccineProduct.objects.create(gtin=gtin, author_id=by.member, at=clock.now(), **named)


@action
def edit_vaccination(line: UUID, *, by: Actor, fields: Fields, seen: Seen | None = None) -> None:
    """Change a vaccination. Raises Refused."""
    _edit(Vaccination, line, by, fields, seen, lambda v: _needs(_vaccination(v), "vaccine", "le vaccin", adding=False))


# -- measures


def measure_row(
    patient: UUID,
    by: Actor,
    loinc: str,
    values: measuring.Values,
    *,
    taken_at: datetime | None,
    note: UUID | None = None,
    **flags: Any,
) -> UUID:
    """A checked measure, inside an action that has asked the rights."""
    now = clock.now()
    return Measure.objects.create(
        patient_id=patient,
        code=loinc,
        values=[list(value) for value in values],
        unit=measuring.CATALOGUE[loinc].unit,
        taken_at=taken_at or now,
        note_id=note,
        author_id=by.member,
        recorded_at=now,
        changed_at=now,
        changed_by_id=by.member,
        **flags,
    ).id


@action
def add_measure(
    patient: UUID,
    *,
    by: Actor,
    loinc: str,
    values: Sequence[Sequence[Any]],
    taken_at: datetime | None = None,
    external_key: str = "",
    sensitive: bool = False,
    minor_secret: bool = False,
) -> UUID:
    """Add one measure: `values` [[LOINC, integer, scale], ...] in the catalogue's unit. Raises Refused when implausible."""
    with typed():
        checked = measuring.check(loinc, values)
    fields = {
        "code": loinc,
        "values": [list(value) for value in checked],
        "unit": measuring.CATALOGUE[loinc].unit,
        "taken_at": taken_at or clock.now(),
        "external_key": external_key,
        "sensitive": sensitive,
        "minor_secret": minor_secret,
    }
    return _add(Measure, patient, by, fields, dict)


@action
def edit_measure(line: UUID, *, by: Actor, values: Sequence[Sequence[Any]], seen: Seen | None = None) -> None:
    """Correct a measure: all its values at once."""
    found = _find(Measure, line, by)
    with typed():
        checked = measuring.check(found.code, values)
    _edit(Measure, line, by, {"values": [list(value) for value in checked]}, seen, dict)


# -- private notes


def _private(values: dict[str, Any]) -> dict[str, Any]:
    if len(values.get("text", "")) > rules.LONGEST_NOTE:
        raise ValueError("Cette note est trop longue\u00a0: coupez-la en deux.")
    return values


@action
def add_private_note(patient: UUID, *, by: Actor, text: str) -> UUID:
    """A personal note, for its author alone."""
    return _add(PrivateNote, patient, by, {"text": text}, lambda v: _needs(_private(v), "text", "le texte", adding=True))


@action
def edit_private_note(line: UUID, *, by: Actor, text: str, seen: Seen | None = None) -> None:
    """Change one's own personal note; nobody else's."""
    _edit(PrivateNote, line, by, {"text": text}, seen, _private)
