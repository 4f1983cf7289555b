"""National identifiers of people and professionals (NIR, INS, RPPS): reading and checking them, never storing."""

import re
from dataclasses import dataclass
from itertools import pairwise

from stdnum import luhn
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.fr import nir as stdnum_nir

from permanence.lib.text import NBSP

# ANS, "Liste des OID des autorités d'affectation des INS".
OID_NIR = "1.2.250.1.213.1.4.8"
OID_NIA = "1.2.250.1.213.1.4.9"
OID_TEST_NIR = "1.2.250.1.213.1.4.10"
INS_OIDS = frozenset({OID_NIR, OID_NIA, OID_TEST_NIR})
OID_RPPS = "1.2.250.1.71.4.2.1"

_BIRTH_OFFICE = re.compile(r"(\d{2}|2[AB])(\d{3})")


class Invalid(ValueError):
    """The identifier is wrong. `str()` is a French sentence that says what to check."""


@dataclass(frozen=True, slots=True)
class Nir:
    """A *numéro d'inscription au répertoire*: 13 characters and a key of 2 digits."""

    number: str
    key: str

    @property
    def value(self) -> str:
        """The 15 characters, as systems exchange them."""
        return self.number + self.key

    @property
    def sex(self) -> str:
        """ "M", "F", or "" for a number that does not say."""
        return {"1": "M", "2": "F", "3": "M", "4": "F", "7": "M", "8": "F"}.get(self.number[0], "")

    @property
    def temporary(self) -> bool:
        """A number in waiting (*NIA*, first digit 3, 4, 7 or 8)."""
        return self.number[0] in "3478"

    @property
    def year(self) -> int:
        """The two digits of the birth year."""
        return int(self.number[1:3])

    @property
    def month(self) -> int:
        """1 to 12; 0 when the number carries a fictitious month (births abroad, unknown month)."""
        month = int(self.number[3:5])
        return month if 1 <= month <= 12 else 0

    @property
    def birth_place(self) -> str:
        """The INSEE code of the place of birth, five characters."""
        return self.number[5:10]

    def __str__(self) -> str:
        return format_nir(self.value)


def compact(text: str) -> str:
    """The identifier without what people put between its characters."""
    return re.sub(r"[^0-9A-Za-z]+", "", text).upper()


def check_nir(text: str) -> Nir:
    """Read a NIR of 13 + 2 characters, Corsica (2A, 2B) included. Raises Invalid; a key is never invented.

    The key is 97 - (number mod 97), with 2A as 19 and 2B as 18 (python-stdnum, fr.nir).
    """
    plain = compact(text)
    if len(plain) == 13:
        raise Invalid(
            f"Il manque la clé du numéro de sécurité sociale{NBSP}: recopier aussi les deux derniers chiffres."
        )
    if len(plain) != 15:
        raise Invalid(f"Un numéro de sécurité sociale a 15 caractères{NBSP}: celui-ci en a {len(plain)}.")
    try:
        plain = stdnum_nir.validate(plain)
    except InvalidChecksum:
        raise Invalid(
            f"La clé du numéro de sécurité sociale ne correspond pas{NBSP}: relire les chiffres un par un."
        ) from None
    except ValidationError:
        raise Invalid(f"Ce numéro de sécurité sociale n’a pas la bonne forme{NBSP}: relire les chiffres.") from None
    found = Nir(plain[:13], plain[13:])
    if not found.sex:
        raise Invalid(
            f"Un numéro de sécurité sociale commence par 1, 2, 3, 4, 7 ou 8{NBSP}: relire le premier chiffre."
        )
    return found


def nir_key(number: str) -> str:
    """The two digits that belong to 13 characters. Raises Invalid for another length or form."""
    plain = compact(number)
    if not re.fullmatch(r"\d{5}(\d{2}|2[AB])\d{6}", plain, re.ASCII):
        raise Invalid(f"Le numéro sans sa clé a 13 caractères{NBSP}: relire les chiffres.")
    return str(stdnum_nir.calc_check_digits(plain + "00"))


def format_nir(text: str) -> str:
    """« 2 58 07 14 118 025 47 », with no-break spaces; anything that is not 13 or 15 long is given back."""
    plain = compact(text)
    if len(plain) not in (13, 15):
        return text
    cuts = (0, 1, 3, 5, 7, 10, 13, 15)
    return NBSP.join(plain[a:b] for a, b in pairwise(cuts) if plain[a:b])


def check_rpps(text: str) -> str:
    """An RPPS number: 11 digits, Luhn. Raises Invalid."""
    plain = compact(text)
    if not re.fullmatch(r"\d{11}", plain, re.ASCII):
        raise Invalid(f"Un numéro RPPS a 11 chiffres{NBSP}: relire le numéro.")
    if not luhn.is_valid(plain):
        raise Invalid(f"Ce numéro RPPS n’existe pas (sa clé est fausse){NBSP}: relire les chiffres.")
    return plain


def check_insee_place(text: str) -> str:
    """The INSEE code of a place of birth, five characters, 99 and the country abroad; empty is unknown. Raises Invalid."""
    plain = compact(text)
    if plain and not _BIRTH_OFFICE.fullmatch(plain):
        raise Invalid(f"Un code INSEE de commune a 5 caractères (35238, 2A004, 99100){NBSP}: relire le code.")
    return plain
