"""What a kit holds: which days, how much of a file fits on half a page, how blank forms are numbered. Plain values."""

import datetime
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ITERATIONS = 600_000  # PBKDF2-HMAC-SHA256: OWASP Password Storage Cheat Sheet, 2023; the phrase itself has 80 random bits
SALT_BYTES, KEY_BYTES = 16, 32
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
PHRASE_GROUPS, GROUP = 4, 4
AHEAD = 7  # days looked through for the next two days with appointments
EVENING = datetime.time(19, 0)  # Paris: when the day's kit is made
NOON = datetime.time(12, 0)  # until then a kit holds the day that has begun
FORMS: tuple[tuple[str, int], ...] = (("note", 6), ("ordonnance", 4), ("patient", 2))
# A box to fill once: every kind of form. `none`: the box still has some.
SETS: Mapping[str, tuple[tuple[str, int], ...]] = {
    "short": FORMS,
    "full": (("note", 8), ("visite", 2), ("appel", 1), ("ordonnance", 4), ("bizone", 1), ("demande", 2), ("certificat", 1), ("courrier", 1),
             ("vaccination", 1), ("consentement", 1), ("patient", 2)),
    "none": (),
}
# As what each kind is typed: a note, a copy of an ordonnance, a new file; of the others the image is the record.
TYPED_AS: Mapping[str, str] = {
    "note": "note", "visite": "note", "appel": "note", "ordonnance": "ordonnance", "bizone": "ordonnance", "patient": "patient",
    "demande": "image", "certificat": "image", "courrier": "image", "vaccination": "image", "consentement": "image",
}
NOTE_KINDS: Mapping[str, str] = {"note": "consultation", "visite": "visite", "appel": "telephone"}
CODE = "PERMANENCE/1/"
OUTCOMES = ("filed", "void", "unused", "joined")  # the strongest first; a form that is joined has its scan in the file, not its words
BEFORE = datetime.timedelta(hours=12)  # a pen's date may be that much earlier than the printing: who writes « le matin » is believed
FINAL = frozenset({"filed", "void", "unused"})
_NUMBER = re.compile(r"([0-9A-F]{4})[\s\-./]*(\d{6})[\s\-./]*(\d{1,3})")
DOSE_LINES, PROBLEM_LINES, RESULT_LINES = 12, 9, 7  # half an A4 page at 9 points
KEPT = 7  # files of the last evenings


def phrase_of(number: int) -> str:
    """80 bits as four groups of four characters: « 7K3M-… », to be typed in a crisis from paper."""
    digits = [ALPHABET[number >> shift & 31] for shift in range(75, -1, -5)]
    return "-".join("".join(digits[start:start + GROUP]) for start in range(0, PHRASE_GROUPS * GROUP, GROUP))


def normal_phrase(typed: str) -> str:
    """What is typed, as it was shown: case, blanks and hyphens are free, O is 0, I and L are 1."""
    kept = "".join(character for character in typed.upper() if character.isalnum())
    return kept.translate(str.maketrans("OIL", "011"))


def days_of(today: datetime.date, booked: Collection[datetime.date]) -> tuple[datetime.date, ...]:
    """Tomorrow and the day after; when nobody is booked on one of them, the next days with appointments, two in all."""
    usual = (today + datetime.timedelta(days=1), today + datetime.timedelta(days=2))
    last = today + datetime.timedelta(days=AHEAD)
    coming = sorted({day for day in booked if today < day <= last})
    return tuple(coming[:2]) if coming and set(coming[:2]) != set(usual) and len(coming) >= 2 else _with(usual, coming)


def _with(usual: tuple[datetime.date, ...], coming: Sequence[datetime.date]) -> tuple[datetime.date, ...]:
    """Both usual days, unless the only booked day is a later one: then tomorrow and that day."""
    return usual if not coming or coming[0] in usual else (usual[0], coming[0])


def eve_of(now: datetime.datetime) -> datetime.date:
    """The evening that a kit made now belongs to: in the morning it is yesterday's, which holds today."""
    return now.date() if now.time() >= NOON else now.date() - datetime.timedelta(days=1)


def is_due(now: datetime.datetime, last: datetime.datetime | None, *, failed: bool = False, at: datetime.time = EVENING) -> bool:
    """Whether the kit of the last evening is still to be made; `now` and `last` in the practice's own time.

    An evening that the machine slept through is made up for as soon as it wakes. The first kit of all waits for its evening,
    unless one has `failed`.
    """
    due = datetime.datetime.combine(now.date(), at, now.tzinfo)
    if now < due:
        due -= datetime.timedelta(days=1)
        return failed if last is None else last < due
    return last is None or last < due


def form_numbers(prefix: str, made: datetime.date, first: int, kinds: Sequence[Sequence[Any]] = FORMS) -> list[tuple[str, str]]:
    """(kind, number) of the blank forms of one kit: the replica's prefix, the day, and a number that goes on from `first`."""
    each = [str(kind) for kind, count in kinds for _ in range(int(count))]
    return [(kind, f"{prefix}-{made:%y%m%d}-{first + i:02d}") for i, kind in enumerate(each)]


def code_of(kind: str, number: str) -> str:
    """What the code printed on a form says."""
    return f"{CODE}{kind}/{number}"


def read_code(text: str) -> str:
    """The number that a form's code says; empty for another code."""
    kind, _, number = text.removeprefix(CODE).partition("/")
    return normal_number(number) if text.startswith(CODE) and kind else ""


def normal_number(typed: str) -> str:
    """A form's number as it is kept, from what somebody typed: « 3f2a 261122 7 ». Empty for what is none."""
    found = _NUMBER.fullmatch(typed.strip().upper().translate(str.maketrans("OIL", "011")))
    return f"{found[1]}-{found[2]}-{int(found[3]):02d}" if found else ""


def day_of(number: str) -> datetime.date | None:
    """The day that a form's number carries; None for what is no number."""
    found = _NUMBER.fullmatch(number)
    try:
        return datetime.datetime.strptime(found[2], "%y%m%d").date() if found else None
    except ValueError:
        return None


def settled(outcomes: Collection[str]) -> str:
    """What stands of a form from all that was said of it, by whatever machine: filed wins, then void, unused, joined; "" is open."""
    return next((one for one in OUTCOMES if one in outcomes), "")


@dataclass(frozen=True, slots=True)
class Cut:
    """A list that had to fit: what stands on the page, and how many lines do not."""

    lines: tuple[str, ...]
    left: int


def cut(lines: Sequence[str], most: int) -> Cut:
    """The first lines; when some are left out the page says how many: a short list must never look like a whole one."""
    if len(lines) <= most:
        return Cut(tuple(lines), 0)
    return Cut(tuple(lines[:most - 1]), len(lines) - most + 1)
