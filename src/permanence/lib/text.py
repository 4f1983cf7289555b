"""French text for people and for comparison: folding, spaces of typography, numbers; dates are in `dates`."""

import re
import unicodedata

NBSP = "\u00a0"
NNBSP = "\u202f"

_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"})
_APART = re.compile(r"[^0-9a-z]+")
_BEFORE_NARROW = re.compile(r"[ \u00a0\u202f]*([;!?%])")
_BEFORE_COLON = re.compile(r"[ \u00a0\u202f]+:")
_OPENING = re.compile(r"«[ \u00a0\u202f]*")
_CLOSING = re.compile(r"[ \u00a0\u202f]*»")
_MANY_SPACES = re.compile(r"\s+")
# Characters that show nothing and deceive: controls, direction overrides and isolates (« 01 » read as « 10 »), lone surrogates.
_DECEIVING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_WIDTHLESS = re.compile("[\u00ad\u034f\u061c\u115f\u180e\u200b-\u200d]")  # would part a name in two for the search, unseen


def strip_accents(text: str) -> str:
    """The same letters without their marks; case and punctuation stay."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def fold(text: str) -> str:
    """What two spellings of one name have in common: lower case, no accent, ligatures opened, anything else one space.

    >>> fold("Lœtitia D’Aubigné-Le Goff")
    'loetitia d aubigne le goff'
    """
    plain = strip_accents(text.casefold()).casefold().translate(_LETTERS)
    return _APART.sub(" ", plain).strip()


def plain(text: str) -> str:
    """Text of several lines without the characters that deceive the eye; line ends and tabs stay."""
    return _DECEIVING.sub("", text)


def collapse(text: str) -> str:
    """Typed text of one line: outer and doubled spaces taken away, and what shows nothing."""
    return _MANY_SPACES.sub(" ", _WIDTHLESS.sub("", plain(text))).strip()


def nbsp(text: str) -> str:
    """French spacing: U+202F before ; ! ? %, U+00A0 before a colon that had a space, and inside « ».

    A colon glued to its word (14:05, a URL) is left alone.
    """
    text = _BEFORE_NARROW.sub(lambda m: (NNBSP if m.start() else "") + m[1], text)
    text = _BEFORE_COLON.sub(f"{NBSP}:", text)
    return _CLOSING.sub(f"{NBSP}»", _OPENING.sub(f"«{NBSP}", text))


# A French number in pairs, one with its country, a free or shared-cost one; a short one in pairs (36 24); thousands; what a number counts.
_NUMBERS = re.compile(
    r"(?<![\d,.])(?<!\d\u00a0)(?:(?:\+|00)\d{2,3}[ ]?(?:\(0\)[ ]?)?[1-9](?:[ ]?\d{2}){4}|0[1-9](?:[ ]\d{2}){4}"
    r"|0[ ]?8\d{2}(?:[ ]\d{3}){2}|[1-9]\d{0,2}(?:[ ]\d{3})+|[1-9]\d[ ]\d{2})(?!\u00a0?\d)")
_COUNTED = re.compile(r"(?<=\d) (?=(?:€|k€|euros?|centimes?|%|h|heures?|min|minutes?|jours?|km|kVA|kWh|W|Go|Mo|Mbit/s)(?!\w))")


def unbroken(text: str) -> str:
    """Numbers in a text that people typed, each on one line: « 02 31 14 09 27 », « 1 250,50 € » are never cut at a line's end."""
    kept = _NUMBERS.sub(lambda m: m[0].replace(" ", NBSP), text)
    return _COUNTED.sub(NBSP, kept)


def number_fr(value: int, scale: int = 0, *, trim: bool = False) -> str:
    """`value` / 10**`scale` as a French number: decimal comma, leading zero, U+202F between thousands.

    `trim` drops trailing zeros after the comma: the rule for doses (NHS CUI MEDi, "never a trailing zero").
    Raises ValueError for a negative scale.
    """
    if scale < 0:
        raise ValueError("a scale counts decimals")
    digits = str(abs(value)).rjust(scale + 1, "0")
    whole, part = (digits[:-scale], digits[-scale:]) if scale else (digits, "")
    if trim:
        part = part.rstrip("0")
    sign = "\u2212" if value < 0 and (int(whole) or part.strip("0")) else ""
    return sign + f"{int(whole):,}".replace(",", NNBSP) + (f",{part}" if part else "")


def parse_number_fr(text: str) -> tuple[int, int]:
    """A typed number as (integer, scale): "72,5" gives (725, 1). Raises ValueError with a French sentence."""
    plain = text.strip().replace("\u2212", "-").translate({ord(c): None for c in f" {NBSP}{NNBSP}"}).replace(".", ",")
    if not re.fullmatch(r"[+-]?\d{1,15}(,\d{1,6})?", plain, re.ASCII):
        raise ValueError(f"« {text.strip()[:20]} » n’est pas un nombre{NBSP}: écrire par exemple 72,5.")
    whole, _, part = plain.partition(",")
    return int(whole + part), len(part)


def plural(count: int, one: str, many: str = "") -> str:
    """« 1 jour », « 3 jours », with a no-break space; French counts zero as singular."""
    return f"{number_fr(count)}{NBSP}{one if abs(count) < 2 else many or one + 's'}"


def of_person(name: str) -> str:
    """« du Dr Claire MOREAU », « de Nadia FERHAT », « d’Anne DUBOIS »."""
    if name.startswith("Dr "):
        return f"du {name}"
    return f"d’{name}" if fold(name)[:1] in tuple("aeiou") else f"de {name}"


def phone_fr(number: str) -> str:
    """« 06 12 34 56 78 » with no-break spaces; anything else as it is."""
    if len(number) == 10 and number.isdigit():
        return NBSP.join(number[i : i + 2] for i in range(0, 10, 2))
    return number
