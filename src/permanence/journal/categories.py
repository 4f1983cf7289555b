"""The numbers that every journal entry uses for ever: data categories, levels of evidence, streams, scopes."""

from enum import IntEnum


class Category(IntEnum):
    """What kind of data was read or written. Numbers are never reused; `docs/glossary.md` maps them to the CNIL's form."""

    IDENTITY = 1
    NATIONAL_ID = 2
    CONTACT = 3
    FAMILY_LINKS = 4
    SOCIAL_RIGHTS = 5
    APPOINTMENTS = 6
    HISTORY = 7
    ALLERGIES = 8
    LIFESTYLE = 9
    TREATMENTS = 10
    NOTES = 11
    PRIVATE_NOTES = 12
    MEASURES = 13
    RESULTS = 14
    IMAGES_SIGNALS = 15
    DOCUMENTS = 16
    PRESCRIPTIONS = 17
    VACCINATIONS = 18
    PREGNANCY = 19
    BILLING = 20
    MESSAGES = 21
    TASKS = 22
    ADMINISTRATIVE_TEXT = 23
    PROFESSIONAL = 24
    JOURNAL = 25


class Level(IntEnum):
    """How far the data went: a row of a list, a page, paper, a file, another system, another replica."""

    LISTED = 1
    READ = 2
    PRINTED = 3
    EXPORTED = 4
    SENT = 5
    REPLICATED = 6


class Stream(IntEnum):
    """A chain is (replica, stream). Retention, vectors, heads and quotas are per stream."""

    CONTROL = 1
    RECORD = 2
    ACCESS = 3
    SCRATCH = 4


class Scope(IntEnum):
    """Whose key seals a body."""

    PATIENT = 1
    PRACTICE = 2
    ACCESS = 3
    CONTROL = 4
    MEMBER = 5


def mask(categories: "set[Category] | frozenset[Category]") -> int:
    """Categories as one integer, bit n for category n: what the access index stores."""
    bits = 0
    for category in categories:
        bits |= 1 << category
    return bits


def unmask(bits: int) -> frozenset[Category]:
    """The categories of a stored mask; numbers of a newer version are left out."""
    return frozenset(category for category in Category if bits >> category & 1)
