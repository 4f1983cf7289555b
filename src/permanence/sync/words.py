"""A value as a French reader knows it: codes by the rooms' own words, dates, members by name. What is asked decides nothing here."""

import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from permanence.accounts.queries import member_names
from permanence.accounts.rules import PROFESSION_LABELS, STATUS_LABELS
from permanence.agenda import rules as agenda
from permanence.agenda.models import AppointmentType
from permanence.agenda.times import DAYS, hour_text
from permanence.consultations import measuring
from permanence.consultations import rules as clinical
from permanence.lib.dates import format_date
from permanence.lib.text import NBSP, phone_fr
from permanence.patients import rules as patients
from permanence.patients.actions import CONTACT_ROLES, RELATIONS
from permanence.sync.rules import KINDS as MACHINES

PARIS = ZoneInfo("Europe/Paris")
EMPTY = "(vide)"
_PROFESSIONS = {str(one): label for one, label in PROFESSION_LABELS.items()}

# Codes that a field holds, in words. Of every room that stands below this one; of those above, the few that are settled at all.
CHOICES: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("patients.patient", "birth_sex"): patients.SEXES,
    ("patients.patient", "identity_status"): patients.STATUSES,
    ("patients.patient", "protected_kind"): patients.PROTECTED_KINDS,
    ("patients.patient", "directives"): patients.DIRECTIVES,
    ("patients.contact", "role"): CONTACT_ROLES,
    ("patients.link", "relation"): RELATIONS,
    ("consultations.allergy", "severity"): clinical.SEVERITIES,
    ("consultations.historyitem", "kind"): clinical.HISTORY_KINDS,
    ("consultations.treatment", "source"): clinical.TREATMENT_SOURCES,
    ("consultations.measure", "code"): {loinc: kind.label for loinc, kind in measuring.CATALOGUE.items()},
    ("agenda.appointment", "status"): agenda.STATUSES,
    ("agenda.slot", "status"): agenda.STATUSES,
    ("agenda.slot", "kind"): agenda.SLOT_KINDS,
    ("agenda.opening", "kind"): agenda.KINDS,
    ("agenda.appointmenttype", "colour"): agenda.COLOURS,
    **{(kind, "status"): {"requested": "À faire", "completed": "Faite", "cancelled": "Annulée"} for kind in ("tasks.task",
        "tasks.practicetask")},
    **{(kind, "priority"): {"routine": "Normale", "urgent": "Urgente"} for kind in ("tasks.task", "tasks.practicetask")},
    **{(kind, "performer_type"): _PROFESSIONS for kind in ("tasks.task", "tasks.practicetask")},
    ("accounts.member", "profession"): _PROFESSIONS,
    ("accounts.member", "status"): {str(one): label for one, label in STATUS_LABELS.items()},
    ("interop.filet", "mode"): {"filet": "À côté d’un autre logiciel", "main": "Logiciel principal"},
    ("interop.issue", "state"): {"open": "À décider", "later": "Plus tard", "left": "Laissée de côté"},
    ("handover.flag", "status"): {"kept": "Gardé", "left_out": "Laissé de côté"},
    ("sync.replica", "kind"): MACHINES,
}  # fmt: skip
_MINUTES = frozenset({"minutes", "buffer_minutes"})
_HOURS = frozenset({"from_minute", "to_minute"})


def instant(at: datetime.datetime) -> str:
    """« 12/03/2026 à 09:30 », Europe/Paris."""
    local = at.astimezone(PARIS)
    return f"{format_date(local.date())} à {local:%H:%M}"


def ids_in(values: Iterable[Any]) -> set[UUID]:
    """The ids among values, lists of them included."""
    found: set[UUID] = set()
    for value in values:
        if isinstance(value, UUID):
            found.add(value)
        elif isinstance(value, list):
            found |= {UUID(one) for one in value if isinstance(one, str) and len(one) == 36 and one.count("-") == 4}
    return found


def names_of(ids: set[UUID]) -> dict[UUID, str]:
    """What ids stand for: members, types of appointment."""
    types = AppointmentType.objects.filter(id__in=ids).values_list("id", "name") if ids else ()
    return {**dict(types), **member_names(ids)}


def shown(kind: str, name: str, value: Any, names: Mapping[UUID, str]) -> str:
    """One value in words; EMPTY for none."""
    if value is None or value == "" or value == []:
        return EMPTY
    if isinstance(value, bool):
        return "oui" if value else "non"
    if (choices := CHOICES.get((kind, name))) is not None:
        return choices.get(str(value)) or str(value)
    if isinstance(value, datetime.datetime):
        return instant(value)
    if isinstance(value, datetime.date):
        return format_date(value)
    if isinstance(value, UUID):
        return names.get(value, "inconnu ici")
    if name in ("mobile", "phone"):
        return phone_fr(str(value))
    if isinstance(value, int):
        return _number(name, value)
    return _structure(kind, name, value, names)


def _number(name: str, value: int) -> str:
    if name in _MINUTES:
        return f"{value}{NBSP}min"
    if name in _HOURS:
        return hour_text(value)
    if name == "weekday":
        return DAYS[(value - 1) % 7]
    if name == "birth_term_days":
        return patients.term_text(value)
    return str(value)


def _structure(kind: str, name: str, value: Any, names: Mapping[UUID, str]) -> str:
    special: Mapping[str, Callable[[Any], str]] = {
        "dose": lambda one: clinical.dose(one["value"], one["scale"], one["unit"]),
        "values": lambda one: "/".join(measuring.shown(str(loinc), [(loinc, number, scale)]) for loinc, number, scale in one),
    }
    try:
        if name in special and not isinstance(value, str):
            return special[name](value)
    except (KeyError, TypeError, ValueError):
        return str(value)
    if isinstance(value, list):
        return ", ".join(names.get(UUID(one), one) if ids_in([[one]]) else str(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}{NBSP}: {one}" for key, one in value.items())
    return str(value)
