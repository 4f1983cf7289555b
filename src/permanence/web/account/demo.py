"""« Entrer comme… »: `make demo` only, at a localhost name, on a practice flagged fictional. No touch, same proof."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_POST

from permanence.accounts import queries
from permanence.accounts.queries import MemberInfo
from permanence.accounts.webauthn import CeremonyFailed
from permanence.journal.doors import Reader
from permanence.web.account.ceremony import answers_json, body_of, sent_key, text
from permanence.web.account.opening import TIERS, begin
from permanence.web.proof.places import place_of


def people(request: HttpRequest) -> Sequence[MemberInfo]:
    """Whom the buttons offer: nobody outside the demo."""
    if not getattr(settings, "PERMANENCE_DEMO", False) or place_of(request).secure:
        return ()
    return queries.demo_members(reader=Reader.for_purpose("sign_in"))


@require_POST
@answers_json
def enter(request: HttpRequest) -> HttpResponseBase:
    """A session with assurance `demo`; `accounts` refuses it once more on a practice that is not fictional."""
    offered = {str(member.id): member for member in people(request)}
    if not offered:
        raise Http404
    sent = body_of(request)
    jwk, keyid = sent_key(sent)
    chosen, tier = text(sent, "member", 36), text(sent, "tier", 10)
    if chosen not in offered:
        raise CeremonyFailed("member", "Cette personne ne fait pas partie de la démonstration. En choisir une autre.")
    return begin(request, member=UUID(chosen), post=None, assurance="demo", tier=tier if tier in TIERS else "page",
                 keyid=keyid, jwk=jwk, answer={"next": "/"})
