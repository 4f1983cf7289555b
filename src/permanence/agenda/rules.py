"""What an appointment may become, where it stands on the page, and where there is time left. Plain values; no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from permanence.agenda.times import DAY, Weekly, hour_text, week_words

# Codes of FHIR Appointment.status (and Encounter.status for in-progress), with the words of the screens.
STATUSES: Mapping[str, str] = {
    "booked": "Prévu",
    "arrived": "Arrivé",
    "in-progress": "En consultation",
    "fulfilled": "Terminé",
    "noshow": "Absent",
    "cancelled": "Annulé",
    "entered-in-error": "Saisi par erreur",
}
NEXT: Mapping[str, frozenset[str]] = {
    "booked": frozenset({"arrived", "in-progress", "fulfilled", "noshow", "cancelled", "entered-in-error"}),
    "arrived": frozenset({"booked", "in-progress", "fulfilled", "noshow", "cancelled", "entered-in-error"}),
    "in-progress": frozenset({"booked", "arrived", "fulfilled", "cancelled"}),
    "fulfilled": frozenset({"booked", "arrived", "in-progress"}),
    "noshow": frozenset({"booked", "arrived", "in-progress", "fulfilled"}),
    "cancelled": frozenset({"booked", "arrived", "in-progress", "fulfilled"}),
    "entered-in-error": frozenset({"booked", "arrived"}),
}
GONE = frozenset({"cancelled", "entered-in-error"})  # they take no time: another may stand there
FREE = GONE | {"noshow"}
# The closed list of colours: each pair of a ground and a text is in the agenda's sheet, with its contrast.
COLOURS: Mapping[str, str] = {
    "blue": "Bleu",
    "green": "Vert",
    "amber": "Ambre",
    "teal": "Bleu-vert",
    "rose": "Rose",
    "slate": "Gris",
}
KINDS: Mapping[str, str] = {"appointments": "Sur rendez-vous", "walk-in": "Sans rendez-vous"}
SLOT_KINDS: Mapping[str, str] = {"busy": "Indisponible", "caller": "Sans dossier", "event": "Autre agenda"}
SHORTEST, LONGEST, STEP = 5, 12 * 60, 5
LANES = 6  # side by side at most: then names could not be read
Span = tuple[int, int]


def check_status(before: str, after: str) -> None:
    """Whether one state may follow another. Raises ValueError with a French sentence."""
    if after not in STATUSES or (after != before and after not in NEXT.get(before, STATUSES)):
        words = STATUSES.get(before, before).lower()
        raise ValueError(f"Ce rendez-vous est «\u00a0{words}\u00a0»\u00a0: remettez-le d’abord «\u00a0prévu\u00a0».")


def check_minutes(minutes: int) -> None:
    """Raises ValueError with a French sentence."""
    if not SHORTEST <= minutes <= LONGEST:
        raise ValueError("Une durée va de 5 minutes à 12 heures\u00a0: corriger la durée.")


def check_hours(from_minute: int, to_minute: int) -> None:
    """Raises ValueError with a French sentence."""
    if not 0 <= from_minute < to_minute <= 24 * 60:
        raise ValueError("La fin est avant le début\u00a0: corriger l’une des deux heures.")


def lanes(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """For each span, its lane and how many share the width where it stands: what overlaps is side by side, never hidden.

    Spans that touch do not overlap. The widths of one knot of overlapping spans are equal.
    """
    placed: list[tuple[int, int]] = [(0, 1)] * len(spans)
    knot: list[int] = []
    ends: list[int] = []  # of each lane of the knot
    for i in sorted(range(len(spans)), key=lambda i: (spans[i][0], -spans[i][1], i)):
        start, end = spans[i]
        if knot and start >= max(ends):
            _share(knot, placed, len(ends))
            knot, ends = [], []
        free = next((lane for lane, busy in enumerate(ends) if busy <= start), len(ends))
        ends[free : free + 1] = [max(end, start + 1)]
        placed[i] = (free, 1)
        knot.append(i)
    _share(knot, placed, len(ends))
    return placed


def _share(knot: Iterable[int], placed: list[tuple[int, int]], wide: int) -> None:
    wide = min(wide, LANES)
    for i in knot:
        placed[i] = (min(placed[i][0], wide - 1), wide)


def overlaps(one: Span, others: Iterable[Span]) -> bool:
    """Whether a span shares a minute with another."""
    return any(start < one[1] and one[0] < end for start, end in others)


def gaps(openings: Iterable[Span], busy: Iterable[Span]) -> list[Span]:
    """What is left of the opening hours, in order."""
    found: list[Span] = []
    taken = sorted(busy)
    for opening in merged(openings):
        at, end = opening
        for start, stop in taken:
            if stop <= at or start >= end:
                continue
            if start > at:
                found.append((at, start))
            at = max(at, stop)
        if at < end:
            found.append((at, end))
    return found


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same minutes as disjoint spans."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return found


def starts(openings: Iterable[Span], busy: Iterable[Span], minutes: int, *, not_before: int = 0) -> list[int]:
    """When something of that length may begin: one after the other from the beginning of each gap, on a five-minute mark."""
    found = []
    for start, end in gaps(openings, busy):
        at = max(start, not_before)
        at += -at % STEP
        while at + minutes <= end:
            found.append(at)
            at += minutes + -minutes % STEP
    return found


@dataclass(frozen=True, slots=True)
class Limits:
    """What a type of appointment allows. Ages in whole months, the upper bound not included; what is empty or None limits nothing."""

    new_patients: bool = True
    known_patients: bool = True
    from_months: int | None = None
    below_months: int | None = None
    hours: tuple[Weekly, ...] = ()
    practitioners: tuple[UUID, ...] = ()
    most_a_day: int | None = None
    notice_hours: int = 0
    buffer_minutes: int = 0  # kept free after it


ANY = Limits()


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for what: None where it is not known, and then nothing is held against them."""

    practitioner: UUID
    weekday: int
    minute: int
    minutes: int
    ahead_minutes: int | None = None  # from now to the beginning
    months: int | None = None  # the patient's age that day
    new: bool | None = None
    same_type: int = 0  # others of this type with this practitioner that day
    taken: tuple[tuple[int, int, int], ...] = ()  # what stands there that day: from, to, and how long is kept free after


class Breach(NamedTuple):
    """A rule that is not followed, and the sentence that says so."""

    code: str
    words: str


def breaches(limits: Limits, asked: Asked) -> tuple[Breach, ...]:
    """Every rule of a type that this appointment would not follow, in the order in which one says them."""
    found = [_who(limits, asked), _age(limits, asked), _with(limits, asked), _when(limits, asked), _notice(limits, asked)]
    found += [_count(limits, asked), _buffer(limits, asked)]
    return tuple(one for one in found if one is not None)


def _who(limits: Limits, asked: Asked) -> Breach | None:
    if asked.new is True and not limits.new_patients:
        return Breach("new", "Ce type est réservé aux patients déjà connus.")
    if asked.new is False and not limits.known_patients:
        return Breach("known", "Ce type est réservé aux nouveaux patients.")
    return None


def _age(limits: Limits, asked: Asked) -> Breach | None:
    if asked.months is None:
        return None
    low, high = limits.from_months, limits.below_months
    if (low is None or asked.months >= low) and (high is None or asked.months < high):
        return None
    return Breach("age", f"Ce type est prévu {ages(low, high)}\u00a0; ce patient aura {age_text(asked.months)}.")


def _with(limits: Limits, asked: Asked) -> Breach | None:
    if not limits.practitioners or asked.practitioner in limits.practitioners:
        return None
    return Breach("practitioner", "Ce praticien ne prend pas ce type de rendez-vous.")


def _when(limits: Limits, asked: Asked) -> Breach | None:
    allowed = hours_on(limits, asked.weekday)
    if any(start <= asked.minute and asked.minute + asked.minutes <= end for start, end in allowed):
        return None
    return Breach("hours", f"Ce type se prend {week_words(limits.hours)}.")


def _notice(limits: Limits, asked: Asked) -> Breach | None:
    if not limits.notice_hours or asked.ahead_minutes is None or not 0 <= asked.ahead_minutes < limits.notice_hours * 60:
        return None  # what is past is written down, not booked
    return Breach("notice", f"Ce type se prend au moins {delay_text(limits.notice_hours)} à l’avance.")


def _count(limits: Limits, asked: Asked) -> Breach | None:
    if limits.most_a_day is None or asked.same_type < limits.most_a_day:
        return None
    return Breach("count", f"Il y en a déjà {asked.same_type} ce jour-là, pour {limits.most_a_day} au plus.")


def _buffer(limits: Limits, asked: Asked) -> Breach | None:
    """Only time that is to stay free: two at the same time are shown, and asked of nobody."""
    span = asked.minute, asked.minute + asked.minutes
    for start, end, after in asked.taken:
        if overlaps(span, [(start, end)]) or not overlaps(span, [(start - limits.buffer_minutes, end + after)]):
            continue
        if start >= span[1]:
            return Breach("buffer", f"{limits.buffer_minutes}\u00a0min restent libres après ce type.")
        return Breach("buffer", f"{after}\u00a0min restent libres après le rendez-vous de {hour_text(start)}.")
    return None


def hours_on(limits: Limits, weekday: int) -> list[Span]:
    """When a type may be booked on a day of the week: the whole day where it has no hours of its own."""
    if not limits.hours:
        return [(0, DAY + LONGEST)]
    return merged((start, end) for day, start, end in limits.hours if day == weekday)


def meet(one: Iterable[Span], other: Iterable[Span]) -> list[Span]:
    """The minutes that are in both."""
    rest = merged(other)
    return merged((max(a, c), min(b, d)) for a, b in merged(one) for c, d in rest if max(a, c) < min(b, d))


def offered(
    openings: Iterable[Span], taken: Iterable[tuple[int, int, int]], limits: Limits, weekday: int, minutes: int, *, not_before: int = 0
) -> list[int]:
    """When something of this type may begin: open, not taken, inside the type's hours, with what must stay free before and after."""
    busy = [(start - limits.buffer_minutes, end + after) for start, end, after in taken]
    return starts(meet(openings, hours_on(limits, weekday)), busy, minutes, not_before=not_before)


def admits(limits: Limits, *, practitioner: UUID, months: int | None, new: bool | None) -> bool:
    """Whether the type is for this person with this practitioner at all, whatever the hour."""
    asked = Asked(practitioner, 1, 0, SHORTEST, months=months, new=new)
    return not any((_who(limits, asked), _age(limits, asked), _with(limits, asked)))


def age_text(months: int) -> str:
    """« 9 mois », « 15 ans »: months until three years."""
    if months < 36:
        return f"{max(0, months)}\u00a0mois"
    return f"{months // 12}\u00a0ans"


def ages(low: int | None, below: int | None) -> str:
    """« de 3 ans à 15 ans », « à partir de 16 ans », « jusqu’à 23 mois »: the upper bound included, as one says it."""
    last = None if below is None else age_text(below - 1)
    if low and last:
        return f"de {age_text(low)} à {last}"
    if last:
        return f"jusqu’à {last}"
    return f"à partir de {age_text(low)}" if low else "à tout âge"


def parse_age(typed: str, *, upper: bool = False) -> int | None:
    """« 15 », « 15 ans », « 18 mois » in months; an upper bound is the first month that is no longer in it. Raises ValueError."""
    words = typed.casefold().replace("\u00a0", " ").split()
    if not words:
        return None
    unit = words[1] if len(words) == 2 else "ans"
    if len(words) > 2 or not (words[0].isascii() and words[0].isdigit()) or unit not in ("an", "ans", "mois") or int(words[0]) > 1500:
        raise ValueError("Âge non compris\u00a0: écrire par exemple 16 ou 18 mois.")
    number = int(words[0]) + upper
    return number if unit == "mois" else number * 12


def typed_age(months: int | None, *, upper: bool = False) -> str:
    """What `parse_age` reads back."""
    if months is None:
        return ""
    if months % 12 == 0:
        return f"{months // 12 - upper} ans"
    return f"{months - upper} mois"


def delay_text(hours: int) -> str:
    if hours >= 48 and hours % 24 == 0:
        return f"{hours // 24}\u00a0jours"
    return f"{hours}\u00a0h"


def check_limits(limits: Limits) -> None:
    """Raises ValueError with a French sentence."""
    if not (limits.new_patients or limits.known_patients):
        raise ValueError("Ce type n’est ouvert à personne\u00a0: cocher les nouveaux patients, les patients connus, ou les deux.")
    if limits.below_months is not None and limits.below_months <= (limits.from_months or 0):
        raise ValueError("L’âge le plus grand est avant le plus petit\u00a0: corriger l’un des deux.")
    if limits.most_a_day is not None and not 1 <= limits.most_a_day <= 100:
        raise ValueError("Un nombre par jour va de 1 à 100\u00a0; vide, il n’y a pas de limite.")
    if not 0 <= limits.notice_hours <= 24 * 90 or not 0 <= limits.buffer_minutes <= 240:
        raise ValueError("Un délai va jusqu’à 90 jours, un battement jusqu’à 240 minutes\u00a0: corriger le nombre.")
    for _, start, end in limits.hours:
        check_hours(start, end)


class Stop(NamedTuple):
    """One visit of a round: its rank once somebody put the round in order, and the minute of who expects the doctor at an hour."""

    id: UUID
    rank: int | None
    minute: int | None


def round_order(stops: Iterable[Stop]) -> list[UUID]:
    """The order of a round: as somebody put it; then those that nobody has placed, by their hour, without an hour first."""
    return [one.id for one in sorted(stops, key=lambda one: (one.rank is None, one.rank or 0, one.minute or -1, one.id))]


def stepped(order: Sequence[UUID], id: UUID, step: int) -> list[UUID]:
    """The same with one of them earlier (negative) or later; at the ends it stays. Raises ValueError when it is not there."""
    at = order.index(id)
    rest = [one for one in order if one != id]
    to = min(max(at + step, 0), len(rest))
    return [*rest[:to], id, *rest[to:]]
