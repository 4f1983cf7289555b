"""The only ways to read a patient's identity and what surrounds it. Clinical data is in the rooms above.

Each door: ids, then `reader.admit`, then the rows, as frozen dataclasses.
"""

from permanence.patients.queries.counts import IN_THE_FILE, Door, Reach, doors, kept_secret, phones, reach, without_email
from permanence.patients.queries.duplicates import CLOSE_NAME, SAME_NAME, SAME_NUMBER, Duplicates, Pair, duplicates
from permanence.patients.queries.files import (
    RIGHT,
    banner,
    birth_term,
    contacts,
    identity_sheet,
    links,
    merge_history,
    oppositions,
)
from permanence.patients.queries.lists import MASKED, birth_text, homonyms, lookalikes, rows, search
from permanence.patients.queries.panel import Cohort, Traits, cohort, unreserved
from permanence.patients.queries.views import (
    Banner,
    Coordinates,
    Directives,
    Identity,
    Merge,
    NationalId,
    Objection,
    Person,
    Row,
    Sheet,
    SocialRights,
    Tie,
)
from permanence.patients.queries.written import SHEETS, written_heads, written_since
from permanence.patients.rules import DIRECTIVES, PROOFS, PROTECTED_KINDS, SEXES, STATUSES, term_text
from permanence.patients.rules import birth_term as read_term

__all__ = [
    "CLOSE_NAME",
    "DIRECTIVES",
    "IN_THE_FILE",
    "MASKED",
    "PROOFS",
    "PROTECTED_KINDS",
    "RIGHT",
    "SAME_NAME",
    "SAME_NUMBER",
    "SEXES",
    "SHEETS",
    "STATUSES",
    "Banner",
    "Cohort",
    "Coordinates",
    "Directives",
    "Door",
    "Duplicates",
    "Identity",
    "Merge",
    "NationalId",
    "Objection",
    "Pair",
    "Person",
    "Reach",
    "Row",
    "Sheet",
    "SocialRights",
    "Tie",
    "Traits",
    "banner",
    "birth_term",
    "birth_text",
    "cohort",
    "contacts",
    "doors",
    "duplicates",
    "homonyms",
    "identity_sheet",
    "kept_secret",
    "links",
    "lookalikes",
    "merge_history",
    "oppositions",
    "phones",
    "reach",
    "read_term",
    "rows",
    "search",
    "term_text",
    "unreserved",
    "without_email",
    "written_heads",
    "written_since",
]
