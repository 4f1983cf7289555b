"""The vocabulary that forms need (kinds, measures) and the reading of what is typed in them; no patient is read here."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from permanence.consultations import measuring, rules
from permanence.journal.doors import Refused

NOTE_KINDS: Mapping[str, str] = rules.NOTE_KINDS
HISTORY_KINDS: Mapping[str, str] = rules.HISTORY_KINDS
TREATMENT_SOURCES: Mapping[str, str] = rules.TREATMENT_SOURCES
SEVERITIES: Mapping[str, str] = rules.SEVERITIES


@dataclass(frozen=True, slots=True)
class MeasureKind:
    """One kind of measure of the catalogue, for a form."""

    loinc: str
    label: str
    short: str
    unit: str
    words: tuple[str, ...]


MEASURES: Mapping[str, MeasureKind] = {
    loinc: MeasureKind(loinc, kind.label, kind.short, kind.shown_unit, kind.words)
    for loinc, kind in measuring.CATALOGUE.items()
}


def read_measures(line: str) -> tuple[list[tuple[str, str, measuring.Values]], str]:
    """A typed line as (LOINC, shown, values) and the rest that was not understood. Raises Refused when implausible."""
    try:
        read = measuring.read_line(line)
    except ValueError as error:
        raise Refused(str(error), code="invalid") from None
    return [(loinc, measuring.shown(loinc, values), values) for loinc, values in read.measures], read.rest


def read_partial_date(text: str, *, today: datetime.date) -> str:
    """A date known in part as it would be kept, for the echo beside the field. Raises Refused."""
    try:
        return rules.partial(text, today=today)
    except ValueError as error:
        raise Refused(str(error), code="invalid") from None
