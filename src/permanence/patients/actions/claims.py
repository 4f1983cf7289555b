"""What nobody may give themselves: access to what others reserved in a file, or a title that only some may bear."""

from collections.abc import Iterable
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import F, Q

from permanence.accounts.permissions import standing_of
from permanence.accounts.rules import Profession, Status
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.lib.sqlcipher.compiled import Compiled, Many, Param
from permanence.patients.permissions import check_patient, load_files

_AUTHORS = ("author_id", "by_id")
_FLAGS = {"patient_id", "sensitive", "minor_secret"}


def check_claim(by: Actor, patient: UUID) -> None:
    """Whether `by` may make themselves trusted in this file (médecin traitant, answerable, named). Raises Refused.

    A sensitive item or a secret du mineur is its author's to share: who takes over a file reads what others reserved only
    when somebody else (an author, the médecin traitant before, the desk) records the patient's choice. Nor does a claim
    lift an opposition or a protection.
    """
    if by.member is None or load_files([patient])[patient].trusts(by.member):
        return
    check_patient(by, patient, Category.NOTES)
    if reserved_by_others(load_files([patient])[patient].family, by.member):
        raise Refused(
            "Ce dossier contient des éléments que leurs auteurs ont réservés\u00a0: c’est à l’un d’eux, au médecin traitant "
            "ou au secrétariat d’enregistrer le choix du patient.",
            code="claim",
        )


def check_merged_claim(by: Actor, one: UUID, other: UUID) -> None:
    """Whether reading two files as one would open to `by` what others reserved in the one where they are not trusted."""
    files = load_files([one, other])
    if files[one].trusts(by.member) != files[other].trusts(by.member):
        check_claim(by, other if files[one].trusts(by.member) else one)


def reserved_by_others(files: Iterable[UUID], member: UUID) -> bool:
    """Whether these files hold a live item that is flagged and that somebody else wrote."""
    files = list(files)
    return any(kind.one(files=files, member=member) for kind in _reserved())


def _found(model: Any) -> Any:
    names = {field.attname for field in model._meta.concrete_fields}
    author = next(name for name in _AUTHORS if name in names)
    found = model.objects.filter(Q(sensitive=True) | Q(minor_secret=True), patient_id__in=Many("files"))
    found = found.filter(~Q(**{author: Param("member")}) | Q(**{author: None}))
    if "removed_revision" in names:
        found = found.filter(~Q(removed_revision=F("revision")) | Q(removed_revision=None))
    return found.values_list("id")[:1]


@cache
def _reserved() -> tuple[Compiled, ...]:
    """One statement for each kind."""
    return tuple(Compiled(partial(_found, model)) for model in reserving())


@cache
def reserving() -> tuple[Any, ...]:
    """Every kind of object, of any room, that its author may reserve: told by its columns, so that none is forgotten."""
    return tuple(model for model in apps.get_models() if {field.attname for field in model._meta.concrete_fields} >= _FLAGS)


def may_follow(member: UUID) -> bool:
    """Whether a member may be a médecin traitant: a doctor (CSS L.162-5-3) of the practice.

    That none who passes through (remplaçant, interne) is trusted with a whole file is our own rule, not the law's.
    """
    try:
        standing = standing_of(member)
    except Refused:
        return False
    return (standing.active and standing.profession is Profession.MEDECIN
            and standing.status not in (Status.REMPLACANT, Status.INTERNE))
