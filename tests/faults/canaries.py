"""Planted strings, and the search for them in any bytes: as UTF-8, UTF-16, base64, hexadecimal, in upper and lower case."""

import base64
import random
import string


class Planted:
    """Random strings that can stand in a name. All hold one random mark, so that any of them is found by searching it."""

    SHORTEST = 20

    def __init__(self, chance: random.Random | None = None) -> None:
        self._chance = chance or random.SystemRandom()
        self.mark = "".join(self._chance.choices(string.ascii_lowercase, k=10))
        self.words: list[str] = []
        self.numbers: list[str] = []

    def word(self, most: int | None = None) -> str:
        """A new one, of 20 letters: the mark between two random parts."""
        assert most is None or most >= self.SHORTEST
        before, after = ("".join(self._chance.choices(string.ascii_lowercase, k=5)) for _ in range(2))
        self.words.append((before + self.mark + after).capitalize())
        return self.words[-1]

    def phone(self) -> str:
        """A new telephone number: letters have no place there."""
        self.numbers.append("06" + "".join(self._chance.choices(string.digits, k=8)))
        return self.numbers[-1]

    def __len__(self) -> int:
        return len(self.words) + len(self.numbers)


def forms(text: str) -> set[bytes]:
    """How a string may stand in bytes that were put in lower case."""
    plain = {text.lower().encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")}
    typed = {each.encode(encoding) for each in (text, text.upper(), text.lower()) for encoding in ("utf-8", "utf-16-le")}
    return plain | {each.hex().encode() for each in typed}


def base64_forms(text: str) -> set[bytes]:
    """How it may stand in base64, whose case matters: as typed, capitals, small letters; three alignments, ends left out."""
    found = set()
    for typed in {text, text.lower(), text.upper()}:
        for plain in (typed.encode(), typed.encode("utf-16-le")):
            for shift in range(3):
                for encode in (base64.b64encode, base64.urlsafe_b64encode):
                    found.add(encode(bytes(shift) + plain)[(0, 2, 3)[shift]:-4])
    return found


def found(data: bytes, planted: Planted) -> list[str]:
    """The forms found in `data`; never the string itself. Each word holds the mark, so the mark stands for all of them."""
    lower, wrong = data.lower(), list[str]()
    for name, text in (("word", planted.mark), *(("number", number) for number in planted.numbers)):
        wrong += [f"{name} in clear" for form in forms(text) if form in lower]
        wrong += [f"{name} in base64" for form in base64_forms(text) if form in data]
    return wrong
