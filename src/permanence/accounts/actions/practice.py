"""Founding the practice: once, at `init`."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from permanence.accounts import rules
from permanence.accounts.actions import codes
from permanence.accounts.actions.members import created
from permanence.accounts.models import Practice
from permanence.accounts.permissions import check_administer
from permanence.accounts.rules import Profession, Status
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock


def found_practice(*, name: str, rp_id: str, family_name: str, given_name: str, title: str = "Dr", rpps: str = "",
                   fictional: bool = False, sites: Sequence[str] = (), by: Actor) -> codes.Founded:
    """The practice and its first titulaire, a doctor. `by`: `Actor.machine("set_up")`, or the demo's.

    Refused `founded` when there is one already.
    """
    code = codes.new_code()
    found = record_practice(name=name, rp_id=rp_id, fictional=fictional, sites=list(sites), code_hash=rules.code_hash(code),
                            person={"family_name": family_name, "given_name": given_name, "title": title, "rpps": rpps},
                            by=by)
    return codes.Founded(found["practice"], found["member"], codes.shown(found["invitation"], code))


@action
def record_practice(*, name: str, rp_id: str, fictional: bool, sites: list[str], code_hash: bytes,
                    person: dict[str, Any], by: Actor) -> dict[str, UUID]:
    """The action of `found_practice`, which makes the code."""
    check_administer(by)
    if Practice.objects.exists():
        raise Refused("Ce cabinet existe déjà\u00a0: ouvrez-le au lieu de le créer.", code="founded")
    if not name.strip():
        raise Refused("Le cabinet a besoin d’un nom\u00a0: écrivez-le.", code="name")
    practice = Practice(name=name.strip(), rp_id=rp_id, fictional=fictional, sites=sites, founded_at=clock.now())
    practice.save()
    member = created(profession=Profession.MEDECIN, status=Status.TITULAIRE, is_titulaire=True, sites=sites, **person)
    invitation: UUID = codes.keep("member", code_hash, life=rules.INVITATION, by=by, member=member)
    return {"practice": practice.id, "member": member, "invitation": invitation}
