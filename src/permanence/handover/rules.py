"""What holds at both ends of a replacement: whom to know first and why, how a return note is ordered. Plain values only."""

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from permanence.consultations import rules as clinical
from permanence.lib.dates import read_partial
from permanence.lib.text import NBSP

MOST = 10  # « les dix patients à connaître »
LEAST = 3  # the weight under which nobody is proposed: a booking alone, or a long file alone, says nothing new
LONGEST = 600  # characters of a sentence; a longer one is a note
LONGEST_WORD = 4_000
MOST_SENTENCES = 50  # one action is one act on the disk
MANY_TREATMENTS = 7
LATELY = datetime.timedelta(days=30)  # of results and treatments
SEEN_LATELY = datetime.timedelta(days=60)
QUOTED = 160  # characters of a note's conclusion

# Why a patient is proposed, and how much it weighs; the second figure when it is urgent or critical.
WEIGHTS: Mapping[str, tuple[int, int]] = {
    "result": (3, 5),
    "task": (3, 4),
    "treatment": (2, 2),
    "long_term": (2, 2),
    "booked": (2, 2),
}
CRITICAL = ("HH", "LL", "AA")  # HL7 table 0078: far outside, panic


class Signal(NamedTuple):
    """One reason to know a patient. `at`: when it happened or is to happen; `object`: what says so, None for the file itself."""

    code: str
    at: datetime.datetime | None
    object: UUID | None = None
    strong: bool = False


def weight(signals: Iterable[Signal]) -> int:
    """Each kind of reason counts once, at its strongest: ten bookings are not ten reasons."""
    best: dict[str, int] = {}
    for one in signals:
        best[one.code] = max(best.get(one.code, 0), WEIGHTS[one.code][one.strong])
    return sum(best.values())


def choose(chosen: Sequence[UUID], left_out: Collection[UUID], found: Mapping[UUID, Sequence[Signal]]) -> list[UUID]:
    """Who is on the list: chosen by hand first, in their order; then the heaviest reasons; ten at most, nobody left out by hand."""
    hand = [one for one in dict.fromkeys(chosen) if one not in left_out][:MOST]
    others = [(weight(signals), one) for one, signals in found.items() if one not in left_out and one not in hand]
    others = sorted(((score, one) for score, one in others if score >= LEAST), key=lambda pair: (-pair[0], _first(found[pair[1]]), pair[1]))
    return [*hand, *(one for _, one in others)][:MOST]


def _first(signals: Sequence[Signal]) -> tuple[bool, datetime.datetime]:
    """Of two as heavy: who comes first."""
    comes = [one.at for one in signals if one.code == "booked" and one.at is not None]
    return (not comes, min(comes, default=datetime.datetime.max.replace(tzinfo=datetime.UTC)))


# -- the return note

PARTS = ("Promis, ou à suivre", "Traitements, papiers, vaccins", "Vus aussi")
_FOLLOW, _CHANGED = frozenset({"task", "reminder"}), frozenset({"treatment", "prescription", "letter", "vaccination"})


def part(kinds: Collection[str], *, words: bool) -> int:
    """In which part of the note a patient's line stands: what was promised or said first, then what was changed, then who was seen."""
    if words or _FOLLOW.intersection(kinds):
        return 0
    return 1 if _CHANGED.intersection(kinds) else 2


def conclusion(assessment: str, text: str, plan: str = "") -> str:
    """What a note concludes, on one line: its assessment, else its plan, else the first line of its text."""
    for words in (assessment, plan, text):
        line = next((one.strip() for one in words.splitlines() if one.strip()), "")
        if line:
            return line if len(line) <= QUOTED else line[: QUOTED - 1].rstrip() + "…"
    return ""


def is_over(end: str, day: datetime.date, *, stopped: bool) -> bool:
    """Whether a treatment that ends then is no longer taken that day. `stopped`: somebody put an end to it, and its last day counts."""
    return not clinical.is_current(end, day + datetime.timedelta(days=1) if stopped else day)


def until(end: str) -> str:
    """« jusqu’au 30/11/2026 » of an end to come; of one known in part, its words."""
    if not end.strip():
        return ""
    return f"jusqu’au {end}" if read_partial(end).date else f"fin{NBSP}: {end}"


def is_last_day(now: datetime.datetime, end: datetime.datetime) -> bool:
    """Whether the replacement ends within a day, or has ended: the time to write the return note."""
    return now >= end - datetime.timedelta(days=1)


def is_eve(now: datetime.datetime, start: datetime.datetime, *, days: int = 3) -> bool:
    """Whether it begins soon: the time to look at the list of ten."""
    return start - datetime.timedelta(days=days) <= now < start


def is_first_morning(now: datetime.datetime, start: datetime.datetime, end: datetime.datetime) -> bool:
    """The first two days, or just before: when the list opens by itself on the home page."""
    return start - datetime.timedelta(days=3) <= now < min(start + datetime.timedelta(days=2), end)
