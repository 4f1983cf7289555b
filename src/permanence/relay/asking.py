"""Who asks, and what may be said no to: every request is signed by a transport key of the practice that its address names."""

import errno
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from permanence.journal import messages
from permanence.journal.exchange import Malformed
from permanence.journal.messages import ADMITTING
from permanence.lib import signing
from permanence.lib.cbor import Malformed as NotCbor
from permanence.relay import db, places

log = logging.getLogger(__name__)
nonces = signing.Nonces()  # one pool: a relay is one process
of_strangers = signing.Nonces()  # who registers: whoever fills it keeps others from registering, and nobody from working
NBSP = "\u00a0"


@dataclass(frozen=True, slots=True)
class Asker:
    """A key that may speak, and what for."""

    practice: bytes
    key: bytes
    kind: str
    mode: str
    bounded: bool = False  # named by another machine, and carried about: it may fill a part of the practice's share only


class Refusal(Exception):
    """The answer is no, with a code that machines read and a sentence for people."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(code)
        self.status, self.code, self.sentence = status, code, sentence


SENTENCES = {
    signing.Reason.UNSIGNED: f"Cette demande n’est pas signée{NBSP}: mettez le logiciel de cette machine à jour.",
    signing.Reason.KEY: f"Le relais ne connaît pas cette machine, ou elle a été retirée{NBSP}: ajoutez-la depuis le bureau.",
    signing.Reason.SIGNATURE: f"La signature de cette demande est fausse{NBSP}: la demande a été changée en route.",
    signing.Reason.DIGEST: f"Le contenu de cette demande a été changé en route{NBSP}: elle sera refaite.",
    signing.Reason.NONCE: f"Cette demande a déjà servi ou attendu trop longtemps{NBSP}: elle est refaite d’elle-même.",
}
DISK = f"Le disque du relais est plein{NBSP}: rien n’a été gardé de cet envoi, il sera refait. Prévenez l’hébergeur du relais."
BUSY = f"Le relais ne peut pas répondre maintenant{NBSP}: l’envoi sera refait."
Handler = Callable[..., bytes | HttpResponseBase]


def admit(method: str, url: str, headers: Mapping[str, str], body: bytes, practice: bytes) -> Asker:
    """Raises NotSigned, Refusal."""
    speaks = _Speaks(practice)
    key = signing.verify(method, url, headers, body, known=speaks, nonces=nonces)
    return Asker(practice, key, speaks.kind, speaks.mode, bounded=speaks.bounded)


def foresee(method: str, url: str, headers: Mapping[str, str], practice: bytes) -> None:
    """Whether `admit` would, were the body the one announced. Raises NotSigned."""
    signing.foresee(method, url, headers, known=_Speaks(practice), nonces=nonces)


class _Speaks:
    """Whether a key speaks for this practice, and as what."""

    def __init__(self, practice: bytes) -> None:
        self.practice, self.kind, self.mode, self.bounded = practice, "", "", True

    def __call__(self, key: bytes) -> bool:
        found = db.one("SELECT k.kind, p.mode, k.named_by IS NOT NULL FROM relay_key k JOIN relay_practice p ON p.practice = k.practice"
                       " WHERE k.practice = %s AND p.practice = %s AND k.key = %s AND k.active = %s",
                       self.practice, self.practice, key, True)  # fmt: skip
        if found:
            self.kind, self.mode = found[:2]
            self.bounded = bool(found[2]) and self.kind not in ADMITTING
        return bool(found)


def url_of(authority: str, path: str, query: str) -> str:
    """The address asked for, under a name of ours. Raises Refusal: a request signed for another server is not handed on to this one."""
    if authority.lower() not in places.chosen("RELAY_NAMES"):
        raise Refusal(421, "name", f"Ce relais ne porte pas ce nom{NBSP}: vérifiez l’adresse du relais dans les réglages.")
    scheme = "http" if places.chosen("RELAY_PLAIN") else "https"
    return f"{scheme}://{authority}{path}" + (f"?{query}" if query else "")


def practice_of(text: str) -> bytes:
    """The practice that an address names."""
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != 16 or found.hex() != text:
        raise unknown()
    return found


def unknown() -> Refusal:
    """Nothing stands at this address."""
    return Refusal(404, "unknown", f"Le relais n’a rien à cette adresse{NBSP}: vérifiez l’adresse du relais dans les réglages.")


def place(*, full: bool = False, by_stranger: bool = False, **methods: Handler) -> Callable[..., HttpResponseBase]:
    """One address: a handler for each method. `full`: not for practices whose heads alone are taken. `by_stranger`: the key may be new;
    the handler then gets it as a bare Asker."""

    def answer(request: HttpRequest, practice: str, **values: Any) -> bytes | HttpResponseBase:
        asker = _asker(request, practice_of(practice), by_stranger)
        handler = methods.get(request.method or "")
        if handler is None:
            raise Refusal(405, "method", "Le relais ne fait pas cela à cette adresse.")
        if full and asker.mode == "witness":
            raise Refusal(403, "witness", f"Ce relais garde seulement les empreintes de ce cabinet{NBSP}: choisissez un autre relais "
                          "pour les dossiers.")  # fmt: skip
        return handler(asker, request.body, **values)

    def view(request: HttpRequest, **values: Any) -> HttpResponseBase:
        response = guarded(lambda: answer(request, **values))
        response[signing.NONCE] = (of_strangers if by_stranger else nonces).issue()
        return response

    return view


def place_of_nobody(**methods: Callable[[Asker, bytes], bytes]) -> Callable[..., HttpResponseBase]:
    """An address that names no practice: whoever signs may ask."""

    def answer(request: HttpRequest) -> bytes | HttpResponseBase:
        url = url_of(request.headers.get("Host", ""), request.path, request.META.get("QUERY_STRING", ""))
        key = signing.verify(request.method or "", url, request.headers, request.body, known=lambda key: True, nonces=of_strangers)
        handler = methods.get(request.method or "")
        if handler is None:
            raise Refusal(405, "method", "Le relais ne fait pas cela à cette adresse.")
        return handler(Asker(b"", key, "", ""), request.body)

    def view(request: HttpRequest) -> HttpResponseBase:
        response = guarded(lambda: answer(request))
        response[signing.NONCE] = of_strangers.issue()
        return response

    return view


def _asker(request: HttpRequest, practice: bytes, by_stranger: bool) -> Asker:
    url = url_of(request.headers.get("Host", ""), request.path, request.META.get("QUERY_STRING", ""))
    method, headers = request.method or "", request.headers
    if by_stranger:
        key = signing.verify(method, url, headers, request.body, known=lambda key: True, nonces=of_strangers)
        return Asker(practice, key, "", "")
    return admit(method, url, headers, request.body, practice)


def guarded(answer: Callable[[], bytes | HttpResponseBase]) -> HttpResponseBase:
    """The answer, or the refusal that says why there is none. A fault of ours is 503: the other one asks again later."""
    try:
        found = answer()
        return found if isinstance(found, HttpResponseBase) else HttpResponse(found, content_type="application/cbor")
    except Refusal as refusal:
        return no(refusal.status, refusal.code, refusal.sentence)
    except signing.NotSigned as error:
        return no(403 if error.reason is signing.Reason.KEY else 401, str(error.reason), SENTENCES[error.reason])
    except (Malformed, NotCbor):
        return no(400, "format", f"Le relais ne comprend pas cet envoi{NBSP}: mettez le logiciel de cette machine à jour.")
    except (DatabaseError, InterfaceError) as error:
        if isinstance(error, DatabaseError) and db.is_full(error):
            return no(507, "disk", DISK)
        log.exception("the database refused")
        return no(503, "busy", BUSY)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return no(507, "disk", DISK)
        log.exception("the folder refused")
        return no(503, "busy", BUSY)


def no(status: int, code: str, sentence: str) -> HttpResponse:
    """A refusal as the protocol writes it."""
    return HttpResponse(messages.refusal(code, sentence), status=status, content_type="application/cbor")
