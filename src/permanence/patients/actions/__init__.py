"""The only ways to change a patient's identity, contacts, links, opposition, protection, and to merge files."""

from permanence.patients.actions.around import (
    CONTACT_ROLES,
    RELATIONS,
    add_contact,
    edit_contact,
    link,
    remove_contact,
    unlink,
)
from permanence.patients.actions.claims import may_follow
from permanence.patients.actions.common import AMENDABLE, CATEGORY_OF, phone
from permanence.patients.actions.erasing import Erased, erase
from permanence.patients.actions.identity import (
    LooksAlike,
    amend_identity,
    lookalikes,
    mark_deceased,
    record_ins,
    register,
    set_ald,
    set_controller,
    set_medecin_traitant,
    validate_identity,
)
from permanence.patients.actions.merging import merge, tell_apart, unmerge
from permanence.patients.actions.protection import lift_opposition, object_to_sharing, set_protection
from permanence.patients.actions.written import check_copying

__all__ = [
    "AMENDABLE",
    "CATEGORY_OF",
    "CONTACT_ROLES",
    "RELATIONS",
    "Erased",
    "LooksAlike",
    "add_contact",
    "amend_identity",
    "check_copying",
    "edit_contact",
    "erase",
    "lift_opposition",
    "link",
    "lookalikes",
    "mark_deceased",
    "may_follow",
    "merge",
    "object_to_sharing",
    "phone",
    "record_ins",
    "register",
    "remove_contact",
    "set_ald",
    "set_controller",
    "set_medecin_traitant",
    "set_protection",
    "tell_apart",
    "unlink",
    "unmerge",
    "validate_identity",
]
