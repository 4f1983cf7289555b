"""How a search line is read: `mar je 58`, `14071958`, « ly 14 juillet 58 », a NIR, a phone number. Plain values only.

Words are prefixes of names; numbers constrain the birth date. A month's name beside a number may be either (« Avril » is
also a surname): both readings are given, and the search takes what either finds.
"""

import datetime
import re
from dataclasses import dataclass

from permanence.lib.dates import Date, month_number
from permanence.lib.text import fold

LONGEST = 100
_DATE = re.compile(
    r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)"
    r"|(?<!\d)(\d{1,2})[\s/.\-]{1,3}(\d{1,2})[\s/.\-]{1,3}(\d{4}|\d{2})(?!\d)",
    re.ASCII,
)
_MONTH_YEAR = re.compile(r"(?<!\d)(\d{1,2})\s?/\s?(\d{4})(?!\d)", re.ASCII)
_DAY_MONTH = re.compile(r"(?<!\d)(\d{1,2})\s?/\s?(\d{1,2})(?!\d)", re.ASCII)
_NIR = re.compile(r"(?<!\d)[1-478]\d{2}\d{2}(?:\d{2}|2[ab])\d{6}(?:\d{2})?(?!\d)")
_PHONE = re.compile(r"0[1-9]\d{8}")


@dataclass(frozen=True, slots=True)
class Birth:
    """What is known of a birth date; 0 is unknown. `years` are the years that a number may mean."""

    years: tuple[int, ...] = ()
    month: int = 0
    day: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """One reading of a search line: every prefix must be found, and each birth constraint by one of its alternatives."""

    prefixes: tuple[str, ...] = ()
    births: tuple[tuple[Birth, ...], ...] = ()
    nir: str = ""
    phone: str = ""

    @property
    def empty(self) -> bool:
        return not (self.prefixes or self.births or self.nir or self.phone)


def parse(text: str, *, today: Date) -> tuple[Search, ...]:
    """The readings of a search line, the likeliest first; empty when there is nothing to look for. Never raises."""
    line = text[:LONGEST].casefold()
    packed = re.sub(r"[\s.\-/]", "", line)
    if _NIR.fullmatch(packed):
        return (Search(nir=packed.upper()),)
    if _PHONE.fullmatch(packed):
        return (Search(phone=packed),)
    births: list[tuple[Birth, ...]] = []
    for pattern in (_DATE, _MONTH_YEAR, _DAY_MONTH):
        line = pattern.sub(lambda match: _kept(match, births, today), line)
    words = fold(line).split()
    readings = [_words(words, today, months=True)] if any(map(_month, words)) else []
    readings.append(_words(words, today, months=False))
    found = [Search(prefixes, (*births, *more)) for prefixes, more in readings]
    return tuple(dict.fromkeys(search for search in found if not search.empty))


def _kept(match: re.Match[str], births: list[tuple[Birth, ...]], today: Date) -> str:
    """Remember a written date; one that no calendar has is left in the line."""
    parts = [part for part in match.groups() if part]
    if len(parts) == 3 and len(parts[0]) == 4:
        parts.reverse()
    if match.re is _MONTH_YEAR:
        parts = ["0", *parts]
    day, month = int(parts[0]), int(parts[1])
    years = _years(parts[2], today) if len(parts) == 3 else ()
    if not _possible(day, month, years):
        return match[0]
    births.append((Birth(years, month, day),))
    return " "


def _month(word: str) -> int:
    return 0 if word.isdecimal() else month_number(word) or 0


def _words(words: list[str], today: Date, *, months: bool) -> tuple[tuple[str, ...], tuple[tuple[Birth, ...], ...]]:
    prefixes: list[str] = []
    births: list[tuple[Birth, ...]] = []
    taken: set[int] = set()
    for i, word in enumerate(words):
        month = _month(word) if months else 0
        day = int(_day(words[i - 1])) if i and i - 1 not in taken and _day(words[i - 1]) else 0
        years = _years(words[i + 1], today) if i + 1 < len(words) else ()
        if month and (day or years) and _possible(day, month, years):
            births.append((Birth(years, month, day),))
            taken |= {i} | ({i - 1} if day else set()) | ({i + 1} if years else set())
    for i, word in enumerate(words):
        if i in taken:
            continue
        if word.isdecimal():
            births.append(_number(word, today))
        else:
            prefixes.append(word)
    return tuple(dict.fromkeys(prefixes)), tuple(births)


def _day(word: str) -> str:
    found = re.fullmatch(r"(\d{1,2})(?:er)?", word, re.ASCII)
    return found[1] if found else ""


def _years(digits: str, today: Date) -> tuple[int, ...]:
    """The birth years that two or four digits may mean: within 120 years, never in the future."""
    if not re.fullmatch(r"\d{2}|\d{4}", digits, re.ASCII):
        return ()
    if len(digits) == 4:
        return (int(digits),) if 1800 <= int(digits) <= today.year else ()
    century = today.year - today.year % 100
    years = (century + int(digits), century - 100 + int(digits), century - 200 + int(digits))
    return tuple(year for year in years if today.year - 120 <= year <= today.year)


def _begun_years(digits: str, today: Date) -> tuple[int, ...]:
    """The years that the first one or three of four digits announce: a date is looked up while it is being typed."""
    return tuple(year for year in range(today.year, today.year - 121, -1) if str(year).startswith(digits))


def _possible(day: int, month: int, years: tuple[int, ...]) -> bool:
    if not 1 <= month <= 12 or not 0 <= day <= 31:
        return False
    for year in years or (2000,):
        try:
            datetime.date(year, month, day or 1)
        except ValueError:
            continue
        return True
    return False


def _number(word: str, today: Date) -> tuple[Birth, ...]:
    """All that a bare number may mean; an impossible one means a year that nobody has, so nothing is found."""
    found = [Birth(years)] if (years := _years(word, today)) else []
    if word.isascii() and 4 <= len(word) <= 8:
        rest = word[4:]
        years = _begun_years(rest, today) if len(rest) in (1, 3) else _years(rest, today)
        if word[:2] != "00" and _possible(int(word[:2]), int(word[2:4]), years) and (years or not rest):
            found.append(Birth(years, int(word[2:4]), int(word[:2])))
    if word.isascii() and len(word) == 8 and (years := _years(word[:4], today)):
        if _possible(int(word[6:]), int(word[4:6]), years) and word[6:] != "00":
            found.append(Birth(years, int(word[4:6]), int(word[6:])))
    if word.isascii() and len(word) == 1 and word != "0":
        found.append(Birth(day=int(word)))
    return tuple(dict.fromkeys(found)) or (Birth((1,)),)
