"""What the ceremonies of this replica share: nonces, origin, JSON in and out. Each view decides what a touch opens."""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse

from permanence.accounts import webauthn
from permanence.accounts.proof import from_b64url, point_of, signed_by, thumbprint
from permanence.accounts.webauthn import CeremonyFailed
from permanence.journal.doors import Refused
from permanence.lib.text import nbsp, plain

MOST_BYTES = 64 * 1024
nonces = webauthn.Nonces()  # one process; a restart voids what was prepared before it

JsonView = Callable[..., HttpResponseBase]


def seconds() -> int:
    return int(time.monotonic())


def new_token() -> str:
    """A cookie's value: 256 random bits."""
    return secrets.token_urlsafe(32)


def body_of(request: HttpRequest) -> Mapping[str, Any]:
    """The JSON object sent. Raises CeremonyFailed for anything else, or above 64 kB."""
    if request.content_type != "application/json" or len(request.body) > MOST_BYTES:
        raise CeremonyFailed("form")
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError):
        raise CeremonyFailed("form") from None
    if not isinstance(value, dict):
        raise CeremonyFailed("form")
    return value


def text(value: Mapping[str, Any], name: str, most: int = 4096) -> str:
    """A text field of the sent object; empty when absent. Raises CeremonyFailed when it is something else."""
    found = value.get(name, "")
    if not isinstance(found, str) or len(found) > most or plain(found) != found:
        raise CeremonyFailed("form")
    return found


def sent_object(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    if not isinstance(found, dict):
        raise CeremonyFailed("form")
    return found


def sent_key(value: Mapping[str, Any]) -> tuple[Mapping[str, str], str]:
    """The public key that the page made: (JWK reduced to its four members, thumbprint). Raises CeremonyFailed."""
    jwk = sent_object(value, "jwk")
    try:
        point = point_of(jwk)
    except ValueError:
        raise CeremonyFailed("key", "Ce navigateur n’a pas su fabriquer de clé. Mettez-le à jour, ou changez de poste."
                             ) from None
    return {"kty": "EC", "crv": "P-256", "x": jwk["x"], "y": jwk["y"]}, thumbprint(point)


def check_post_key(value: Mapping[str, Any], jwk: Mapping[str, str], keyid: str, nonce: str) -> None:
    """That this browser holds the key which becomes a post's; the nonce is spent. Raises CeremonyFailed."""
    nonces.take(nonce, seconds())
    try:
        signature = from_b64url(text(value, "signature", 128))
    except ValueError:
        raise CeremonyFailed("form") from None
    if not signed_by(point_of(jwk), signature, f"permanence/post/v1\n{nonce}\n{keyid}".encode()):
        raise CeremonyFailed("signature")


def signed_by_post(value: Mapping[str, Any], jwk: Mapping[str, Any], nonce: str, keyid: str) -> bool:
    """Whether the post's own key signed this session's new key."""
    sent = value.get("post")
    if not isinstance(sent, dict):
        return False
    try:
        signature = from_b64url(text(sent, "signature", 128))
        return signed_by(point_of(jwk), signature, f"permanence/post/v1\n{nonce}\n{keyid}".encode())
    except ValueError:
        return False


def answers_json(view: JsonView) -> JsonView:
    """A refused ceremony is an answer with a French sentence, never a page."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except CeremonyFailed as failed:
            return refusal(failed.sentence, failed.code, status=400)
        except Refused as refused:
            return refusal(refused.sentence, refused.code, status=403)

    return answer


def refusal(sentence: str, code: str, *, status: int) -> JsonResponse:
    return JsonResponse({"phrase": nbsp(sentence), "code": code}, status=status)
