"""Unlocking with a passkey, and the health probe. Sealed, this is all that the practice shows: no name, no member."""

import logging

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from permanence.accounts import actions
from permanence.accounts.proof import from_b64url
from permanence.accounts.webauthn import Ceremony, CeremonyFailed
from permanence.journal import vault
from permanence.journal.doors import Actor, Refused
from permanence.journal.folder import Damaged, Keys
from permanence.journal.seal import Tampered, Unopened
from permanence.web.account import pages, sealport
from permanence.web.account.ceremony import answers_json, body_of, nonces, refusal, seconds, text
from permanence.web.account.limits import Brake
from permanence.web.account.opening import begin, post_of, verify_touch
from permanence.web.proof.places import place_of

log = logging.getLogger(__name__)
brake = Brake(each=30, total=5_000)
WRONG = "Cette clé n’ouvre pas ce cabinet. Utiliser une autre clé, ou la feuille de secours sur le poste principal."
BROKEN = "Des fichiers du cabinet ont changé : il ne s’ouvre pas d’ici. Ne rien effacer, et regarder le poste principal."


@require_GET
def health(request: HttpRequest) -> JsonResponse:
    """For probes: sealed or ready, and nothing else."""
    return JsonResponse({"status": "sealed" if vault.is_sealed() else "ready"})


@require_GET
def unlock_page(request: HttpRequest) -> HttpResponse:
    """The same page for every practice, sealed or not."""
    return pages.bare(request, "account/unlock.html", ready=not vault.is_sealed(), can=sealport.current() is not None)


@require_GET
def seal_record(request: HttpRequest) -> JsonResponse:
    """The passkey slots' boxes and this replica's salt: public, and useless without a passkey of the practice."""
    port = sealport.current()
    if port is None or place_of(request).console:
        raise Http404
    return JsonResponse({**port.record().to_public_json(), "nonce": nonces.issue(seconds())})


@require_POST
@answers_json
def unlock(request: HttpRequest) -> HttpResponseBase:
    """Check the keys by their hashes, open, then verify the assertion with the public key found inside.

    When the assertion does not stand, the practice is sealed again: keys alone, without a person, open nothing.
    """
    brake.spend(request)
    port, sent = sealport.current(), body_of(request)
    if port is None:
        raise Refused(WRONG, code="slot")
    if not vault.is_sealed():
        return JsonResponse({"next": "/entrer"})
    try:
        opened = from_b64url(text(sent, "opened", 128))
        port.unlock(Keys(opened[:32], opened[32:]))
    except (Unopened, ValueError):
        return refusal(WRONG, "slot", status=403)
    except (Tampered, Damaged) as broken:
        log.error("unlock refused: %s", type(broken).__name__)
        return refusal(BROKEN, "damaged", status=403)
    try:
        touched = verify_touch(request, sent, Ceremony.UNLOCK)
    except (CeremonyFailed, Refused):
        port.seal()
        log.warning("unlock refused: right keys, no valid assertion")
        raise
    actions.slot_opened(passkey=touched.passkey, by=Actor.machine("sign_in"))
    try:
        return begin(request, member=touched.member, post=post_of(request, sent, touched), jwk=touched.jwk,
                     assurance="passkey", tier=touched.tier, keyid=touched.keyid, answer={"next": "/"})
    except Refused:
        return JsonResponse({"next": "/entrer", "fresh": False})  # open for all; this post or person signs in as usual
