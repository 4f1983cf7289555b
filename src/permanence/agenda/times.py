"""The calendar of the agenda: hours as clocks in Paris show them, instants as they are stored, and the days off. No clock."""

import datetime
import re
from collections.abc import Iterable
from functools import cache
from zoneinfo import ZoneInfo

Date = datetime.date
Instant = datetime.datetime
PARIS = ZoneInfo("Europe/Paris")
UTC = datetime.UTC
DAY = 24 * 60


def instant(day: Date, minute: int, *, second: bool = False) -> Instant:
    """The UTC instant when clocks in Paris show `minute` (minutes since midnight) on `day`.

    An hour that happens twice, in October, is the first one unless `second`. One that never happens, in March, is the hour
    that clocks jump to: 02:30 is then 03:30 (PEP 495, what `fold=0` gives).
    """
    naive = datetime.datetime.combine(day, datetime.time()) + datetime.timedelta(minutes=minute)
    return naive.replace(tzinfo=PARIS, fold=int(second)).astimezone(UTC)


def wall(at: Instant) -> tuple[Date, int]:
    """The day and the minute that clocks in Paris show at an instant."""
    local = at.astimezone(PARIS)
    return local.date(), local.hour * 60 + local.minute


def exists(day: Date, minute: int) -> bool:
    """Whether clocks in Paris show that minute of that day at all."""
    return wall(instant(day, minute)) == (day + datetime.timedelta(days=minute // DAY), minute % DAY)


def bounds(day: Date) -> tuple[Instant, Instant]:
    """A day of the practice as a half-open span of instants: 23, 24 or 25 hours."""
    return instant(day, 0), instant(day + datetime.timedelta(days=1), 0)


def after(start: Instant, minutes: int) -> Instant:
    """The end of what lasts so long: minutes that pass, whatever the clocks do meanwhile."""
    return start + datetime.timedelta(minutes=minutes)


def week_of(day: Date) -> list[Date]:
    """Monday to Sunday around a day."""
    monday = day - datetime.timedelta(days=day.weekday())
    return [monday + datetime.timedelta(days=i) for i in range(7)]


def hour_text(minute: int) -> str:
    """08:15."""
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def parse_hour(typed: str) -> int:
    """An hour as it is typed (8h15, 8:15, 815, 8) in minutes since midnight. Raises ValueError with a French sentence."""
    digits = "".join(c if c.isascii() and c.isdigit() else " " for c in typed.casefold()).split()
    if len(digits) == 1 and 3 <= len(digits[0]) <= 4:
        digits = [digits[0][:-2], digits[0][-2:]]
    numbers = [int(one) for one in digits] if 1 <= len(digits) <= 2 and all(len(one) <= 2 for one in digits) else []
    if not numbers or numbers[0] > 23 or (len(numbers) == 2 and numbers[1] > 59):
        raise ValueError("Heure non comprise\u00a0: écrire par exemple 8h15 ou 14:30.")
    return numbers[0] * 60 + (numbers[1] if len(numbers) == 2 else 0)


DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
Weekly = tuple[int, int, int]  # an ISO weekday, from a minute, to a minute
_HOURS = re.compile(r"(\d{1,2}(?:[h:]\d{0,2})?)\s*(?:-|–|à|a)\s*(\d{1,2}(?:[h:]\d{0,2})?)")
_WEEK = "Jours et heures non compris\u00a0: écrire par exemple «\u00a0lun mar 8h-12h, jeu 14h-17h\u00a0»."


def parse_week(typed: str) -> tuple[Weekly, ...]:
    """Hours of a week as they are typed: « lun mar 8h-12h, jeu 14h-17h », « lun-ven 9h-12h ». No day: every day; no hour: all day.

    Raises ValueError with a French sentence.
    """
    found: set[Weekly] = set()
    for part in re.split("[,;\n]", typed.casefold()):
        if not part.strip():
            continue
        spans = [(_hour(a), _hour(b) or DAY) for a, b in _HOURS.findall(part)] or [(0, DAY)]
        days = _days(re.sub(r"(?<=[a-z])\s*(?:-|–|\bau?\b|\bà)\s*(?=[a-z])", "-", _HOURS.sub(" ", part)))
        if any(start >= end for start, end in spans):
            raise ValueError("La fin est avant le début\u00a0: corriger l’une des deux heures.")
        found |= {(day, start, end) for day in days for start, end in spans}
    return tuple(sorted(found))


def _hour(typed: str) -> int:
    return 0 if typed.strip("0h:") in ("24", "") else parse_hour(typed)


def _days(typed: str) -> list[int]:
    found: list[int] = []
    for word in typed.split():
        first, dash, last = word.partition("-")
        a, b = _day(first), _day(last) if dash else _day(first)
        if b < a:
            raise ValueError(_WEEK)
        found += range(a, b + 1)
    return found or list(range(1, 8))


def _day(word: str) -> int:
    word = word.rstrip(".")
    for number, name in enumerate(DAYS, 1):
        if len(word) >= 2 and (name.startswith(word) or word == f"{name}s") and word != "ma":
            return number
    raise ValueError(_WEEK)


def week_words(hours: Iterable[Weekly]) -> str:
    """The same as `parse_week` reads them: days that have the same hours stand together."""
    spans: dict[int, list[str]] = {}
    for day, start, end in sorted(hours):
        spans.setdefault(day, []).append("" if (start, end) == (0, DAY) else f"{_short(start)}-{_short(end)}")
    days: dict[str, list[str]] = {}
    for day, words in spans.items():
        days.setdefault(" ".join(words).strip(), []).append(DAYS[day - 1][:3])
    return ", ".join(" ".join([*names, words]).strip() for words, names in days.items())


def _short(minute: int) -> str:
    return f"{minute // 60}h{minute % 60:02}" if minute % 60 else f"{minute // 60}h"


def easter(year: int) -> Date:
    """Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leaps, odd = divmod(century, 4)
    moon = (19 * golden + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    shift = (32 + 2 * odd + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * shift) // 451
    month, day = divmod(moon + shift - 7 * late + 114, 31)
    return Date(year, month, day + 1)


@cache
def holidays(year: int) -> dict[Date, str]:
    """The eleven public holidays of France (code du travail, art. L.3133-1); Alsace and Moselle have two more."""
    sunday = easter(year)
    return {
        Date(year, 1, 1): "Jour de l’An",
        sunday + datetime.timedelta(days=1): "Lundi de Pâques",
        Date(year, 5, 1): "Fête du Travail",
        Date(year, 5, 8): "Victoire de 1945",
        **_movable(sunday),
        Date(year, 7, 14): "Fête nationale",
        Date(year, 8, 15): "Assomption",
        Date(year, 11, 1): "Toussaint",
        Date(year, 11, 11): "Armistice de 1918",
        Date(year, 12, 25): "Noël",
    }


def _movable(sunday: Date) -> dict[Date, str]:
    return {
        sunday + datetime.timedelta(days=39): "Ascension",
        sunday + datetime.timedelta(days=50): "Lundi de Pentecôte",
    }


def holiday(day: Date) -> str:
    """The name of the public holiday, or nothing."""
    return holidays(day.year).get(day, "")
