"""What the name of a file and the first pages of its text say: words, dates, a title. Whose it is, is decided by `known`."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from permanence.lib.dates import month_number
from permanence.lib.text import collapse, fold, plain

Date = datetime.date
_DAYS = (
    re.compile(r"(?<!\d)(?P<d>\d{1,2})[\s/.\-_](?P<m>\d{1,2})[\s/.\-_](?P<y>\d{4})(?!\d)"),
    re.compile(r"(?<!\d)(?P<y>(?:18|19|20)\d{2})[\s/.\-_]?(?P<m>\d{2})[\s/.\-_]?(?P<d>\d{2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<d>\d{2})(?P<m>\d{2})(?P<y>(?:18|19|20)\d{2})(?!\d)"),
)
_IN_WORDS = re.compile(r"(?<!\d)(\d{1,2})(?:er)?\s+([A-Za-zéûÉÛ]{3,9})\.?\s+(\d{4})(?!\d)")
_SHORT = re.compile(r"(?<!\d)(\d{2})[/.\-](\d{2})[/.\-](\d{2})(?!\d)")
_NEAR_BIRTH = re.compile(r"(?:\bn[ée]{1,2}(?:\(e\)|\.e)?\s+le|naissance|\bddn\b|\bdn\b)\W{0,4}$", re.IGNORECASE)
LONGEST = 20_000  # characters of a text that are looked at


@dataclass(frozen=True, slots=True)
class Clues:
    """Folded words, days as ISO in their order, and the day that a label calls a birth."""

    words: tuple[str, ...]
    days: tuple[str, ...]
    births: tuple[str, ...]


def clues(text: str) -> Clues:
    """What a text gives to find its patient by. Two-figure years count only where a label says that it is a birth."""
    text = plain(text[:LONGEST])
    places: list[tuple[int, Date]] = []
    for pattern in _DAYS:
        places += [(found.start(), day) for found in pattern.finditer(text) if (day := _real(found["y"], found["m"], found["d"]))]
    for found in _IN_WORDS.finditer(text):
        if (month := month_number(found[2])) and (day := _real(found[3], str(month), found[1])):
            places.append((found.start(), day))
    places.sort(key=lambda one: one[0])
    births = [day.isoformat() for place, day in places if _NEAR_BIRTH.search(text[max(0, place - 30) : place])]
    for found in _SHORT.finditer(text):
        if _NEAR_BIRTH.search(text[max(0, found.start() - 30) : found.start()]):
            centuries = ("19", "20") if found[3] < "40" else ("19",)
            births += [day.isoformat() for century in centuries if (day := _real(century + found[3], found[2], found[1]))]
    days = tuple(dict.fromkeys(day.isoformat() for _, day in places))
    return Clues(tuple(_apart(text).split()), days, tuple(dict.fromkeys(births)))


def _apart(text: str) -> str:
    """Folded words; « DupontJeanne » of a file's name is two of them, figures are apart from letters."""
    text = re.sub(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý])", " ", text)
    return fold(re.sub(r"(?<=\d)(?=[^\W\d])|(?<=[^\W\d])(?=\d)", " ", text))


def _real(year: str, month: str, day: str) -> Date | None:
    try:
        found = Date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if 1890 <= found.year <= 2100 else None


def of_path(path: str) -> Clues:
    """The clues of a file's name and of the folders above it: « DUPONT Jeanne 14-07-1958/CR du 12.03.2024.pdf »."""
    return clues(" / ".join(PurePosixPath(path).with_suffix("").parts))


def lasting(path: str, changed: Date | None) -> str:
    """A file's path without what a folder says of the day of the export: tomorrow's folder holds the same files. Days before the
    file's last change stay, births among them: they tell people apart."""
    *folders, name = PurePosixPath(path).parts or ("",)
    since = changed - datetime.timedelta(days=60) if changed else Date.max

    def said(found: re.Match[str]) -> str:
        day = _real(found["y"], found["m"], found["d"])
        return " " if day and day > since else found[0]

    for pattern in _DAYS:
        folders = [pattern.sub(said, folder) for folder in folders]
    return "/".join([*(collapse(folder) for folder in folders), name])


def dated(path: Clues, text: Clues, born: str, *, today: Date) -> Date | None:
    """The day that the document bears: of its name, else the first of its text; never the birth, nor a day to come."""
    for day in (*path.days, *text.days):
        if day != born and day not in text.births and born < day <= today.isoformat():
            return Date.fromisoformat(day)
    return None


def title(path: str, names: Sequence[str]) -> str:
    """The name of the file without its dates and the patient's names; « Document repris » when nothing is left."""
    stem = plain(PurePosixPath(path).stem).replace("_", " ")
    for pattern in _DAYS:
        stem = pattern.sub(" ", stem)
    words = {word for name in names for word in fold(name).split()}
    kept = [word for word in re.split(r"[\s]+", stem) if word and not (set(fold(word).split()) & words or not fold(word))]
    said = collapse(" ".join(kept)).strip(" -–—.,;/()")
    return (said[:1].upper() + said[1:])[:200] if len(fold(said)) > 2 and not fold(said).isdecimal() else "Document repris"
