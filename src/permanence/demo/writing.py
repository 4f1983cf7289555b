"""Turns the sentences of `prose` into one patient's notes and letters: gender, figures of the day. Plain Python."""

import random
import re
from collections.abc import Callable, Mapping, Sequence

_GENDER = re.compile(r"\{([^{}|]*)\|([^{}|]*)\}")
_FIELD = re.compile(r"\{(\w+)\}")

# What a doctor would have found; a value given by the caller wins.
_FOUND: Mapping[str, Callable[[random.Random], object]] = {
    "days": lambda r: r.randint(2, 6), "weeks": lambda r: r.randint(3, 9), "temp": lambda r: f"38,{r.randint(0, 9)}",
    "trod": lambda r: r.choice(("négatif", "négatif", "positif")), "score": lambda r: r.randint(1, 3),
    "lifting": lambda r: r.choice(("portant un sac de ciment", "jardinant", "soulevant un carton", "se relevant")),
    "pain": lambda r: r.randint(4, 8), "side": lambda r: r.choice(("droite", "gauche")), "sidem": lambda r: r.choice(("droit", "gauche")), "dds": lambda r: r.choice((15, 20, 30)),
    "stop": lambda r: r.choice((2, 3, 5)), "episodes": lambda r: r.randint(1, 3), "stools": lambda r: r.randint(3, 8),
    "fr": lambda r: r.randint(38, 52), "spo2": lambda r: r.randint(95, 99), "sleep": lambda r: r.choice(("correct", "haché", "court")),
    "sport": lambda r: r.choice(("football", "judo", "course à pied", "handball", "gymnastique")),
    "place": lambda r: r.choice(("dos", "mollet", "bras")), "mm": lambda r: r.randint(4, 9), "crises": lambda r: r.randint(2, 6),
    "hours": lambda r: r.randint(4, 6), "control": lambda r: r.choice(("contrôlée", "à surveiller")), "g1": lambda r: f"1,{r.randint(1, 3)}0",
    "g2": lambda r: f"1,{r.randint(4, 6)}0", "walk": lambda r: r.choice((10, 20, 30)), "target": lambda r: r.choice(("7", "7,5")),
    "fundus": lambda r: r.choice(("fait", "à programmer")), "uses": lambda r: r.randint(0, 3), "dep": lambda r: r.randint(32, 52) * 10,
    "asthma": lambda r: r.choice(("contrôlé", "partiellement contrôlé")), "cig": lambda r: r.choice((5, 10, 15)),
    "mood": lambda r: r.choice(("mieux", "un peu mieux", "toujours las{|se} le matin")), "phase": lambda r: r.choice(("rémission partielle", "amélioration")),
    "floors": lambda r: r.randint(1, 2), "pulse": lambda r: r.randint(68, 88), "flexion": lambda r: r.choice((110, 120, 125)),
    "fe": lambda r: r.randint(52, 65), "acuity": lambda r: r.randint(7, 10), "hba1c": lambda r: f"7,{r.randint(0, 6)}",
    "tsh": lambda r: "2,4", "ldl": lambda r: f"2,{r.randint(1, 8)}", "sys": lambda r: r.randint(124, 146), "dia": lambda r: r.randint(70, 86),
    "weight": lambda r: r.randint(60, 88),
}


def write(rng: random.Random, sentence: str, sex: str, given: Mapping[str, object]) -> str:
    """One sentence of `prose` for one patient. KeyError names a field that nobody fills."""
    def fill(match: re.Match[str]) -> str:
        name = match[1]
        return str(given[name] if name in given else _FOUND[name](rng))

    filled = _FIELD.sub(fill, sentence)
    return _GENDER.sub(lambda match: match[2 if sex == "F" else 1], filled)


def pick(rng: random.Random, sentences: Sequence[str], sex: str, given: Mapping[str, object]) -> str:
    """One of the variants, written; empty when there is none."""
    return write(rng, rng.choice(sentences), sex, given) if sentences else ""


def decimal(value: int, places: int) -> str:
    """An integer with its decimal places as a French number: 73 and 1 give « 7,3 »."""
    if places == 0:
        return str(value)
    whole, rest = divmod(abs(value), 10**places)
    return f"{'-' if value < 0 else ''}{whole},{rest:0{places}d}"
