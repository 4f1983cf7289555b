"""The addresses under which this replica answers the others, and lets a new one in. Entries and files leave sealed, as they are kept."""

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from permanence.journal import arrival, blobs, departure, messages, reads_in, registry, segments, vault, wire
from permanence.journal.doors import Refused
from permanence.journal.exchange import MOST_BYTES, Asked, Batch, Malformed
from permanence.journal.folder import Folder
from permanence.journal.witness import Shown
from permanence.lib import cbor, clock, signing
from permanence.lib.text import NBSP
from permanence.sync import apart, brought, hearing, joining, leaving, nearby, queries, witnessing
from permanence.web.account import sealport
from permanence.web.proof.intake import Large
from permanence.web.proof.middleware import raw_target
from permanence.web.proof.places import own_place

log = logging.getLogger(__name__)
BASE = nearby.UNDER
CBOR, RAW = "application/cbor", "application/octet-stream"
SECONDS, SECONDS_GONE = 60.0, 20.0  # a batch over a slow line; of a machine that was revoked
PATIENCE = 2.0  # two machines that ask a third at the same moment: the second one waits for its turn
MOST_SHOWN = 64  # heads in one question: two chains a machine
WITH_BODY = ("POST", "PUT")  # read aside, for a moment, by `intake`
CITED_S = 30.0
nonces = signing.Nonces()
WORDS = {
    signing.Reason.KEY: f"Cette machine n’est pas du cabinet, ou n’en est plus{NBSP}: associez-la depuis le bureau.",
    signing.Reason.NONCE: f"Cette demande a déjà servi{NBSP}: elle est refaite d’elle-même.",
}
NOT_HERE = f"Il n’y a rien à cette adresse{NBSP}: mettez les deux machines à jour."
APART = f"Cette machine fait un exercice de coupure{NBSP}: elle répondra à nouveau dans quelques minutes."
Answer = Callable[..., bytes]


class Full(Exception):
    """No room now for what is given: again in a moment."""


def base() -> str:
    """Under which address the others ask this machine."""
    return f"{own_place().origin}/{BASE}"


def _known(key: bytes) -> bool:
    return key in queries.transport_keys()


def _known_or_revoked(key: bytes) -> bool:
    """Who was revoked may still hand over what it wrote, and ask why; it is given nothing else."""
    return _known(key) or key in queries.revoked_keys()


def _url(request: HttpRequest) -> str:
    path, query = raw_target(request)
    return f"{own_place().origin}{path}" + (f"?{query}" if query else "")


def _no(status: int, code: str, sentence: str) -> HttpResponse:
    response = HttpResponse(messages.refusal(code, sentence), status=status, content_type=CBOR)
    response[signing.NONCE] = nonces.issue()
    return response


def _not_signed(error: signing.NotSigned) -> HttpResponse:
    sentence = WORDS.get(error.reason, f"Cette demande n’est pas signée comme il faut{NBSP}: elle a pu être changée en route.")
    return _no(403 if error.reason is signing.Reason.KEY else 401, str(error.reason), sentence)


def _foreseen(request: HttpRequest, known: Callable[[bytes], bool]) -> signing.NotSigned | None:
    try:
        signing.foresee(request.method or "", _url(request), request.headers, known=known, nonces=nonces)
    except signing.NotSigned as error:
        return error
    return None


def _refuses(request: HttpRequest) -> HttpResponse | None:
    """Before a body is read: whether who sends it may."""
    error = _foreseen(request, _known)
    return _not_signed(error) if error else None


def _refuses_gone(request: HttpRequest) -> HttpResponse | None:
    """What a revoked machine wrote, and what it showed to people, is wanted all the same."""
    error = _foreseen(request, lambda key: key in queries.revoked_keys())
    return _not_signed(error) if error else None


def _gone(request: HttpRequest) -> Large | None:
    """A revoked machine hands over aside: however slowly it sends, the others' turns are theirs."""
    error = _foreseen(request, _known)
    return HANDED_OVER if error is not None and error.reason is signing.Reason.KEY else None


HANDED_OVER = Large(22 << 20, SECONDS_GONE, _refuses_gone, patience=PATIENCE)
BODIES = Large(MOST_BYTES + (1 << 20), SECONDS, _refuses, patience=PATIENCE)
ENTRIES = Large(MOST_BYTES + (1 << 20), SECONDS, _refuses, patience=PATIENCE, instead=_gone)
FILES = Large(22 << 20, SECONDS, _refuses, patience=PATIENCE)  # the largest document, sealed
READS = Large(22 << 20, SECONDS, _refuses, patience=PATIENCE, instead=_gone)


def for_machines(
    *, raw: bool = False, revoked: Collection[str] = (), asker: bool = False, **methods: Answer
) -> Callable[..., HttpResponseBase]:
    """One address: a function of the body for each method. What it answers goes to a machine of the practice only, or by the methods in
    `revoked` to one that was. `asker`: the function is told the key that asks."""

    @csrf_exempt  # no cookie is looked at: the request is signed by a machine's own key
    def view(request: HttpRequest, **values: Any) -> HttpResponseBase:
        if apart.standing() is not None:
            return _no(503, apart.SAID, APART)
        answer = methods.get(request.method or "")
        if answer is None:
            return _no(405, "method", NOT_HERE)
        if request.method not in WITH_BODY and request.META.get("CONTENT_LENGTH") not in (None, "", "0"):
            return _no(400, "format", NOT_HERE)  # a stranger's body is never waited for here
        try:
            body = request.body if request.method in WITH_BODY else b""
            known = _known_or_revoked if request.method in revoked else _known
            key = signing.verify(request.method or "", _url(request), request.headers, body, known=known, nonces=nonces)
            hearing.heard(key)
            if asker:
                values = {**values, "key": key}
            response = HttpResponse(answer(body, **values), content_type=RAW if raw and request.method == "GET" else CBOR)
        except signing.NotSigned as error:
            return _not_signed(error)
        except (Malformed, cbor.Malformed, wire.Broken):
            return _no(400, "format", f"Cet envoi n’est pas compris{NBSP}: mettez les deux machines à jour.")
        except FileNotFoundError:
            return _no(404, "unknown", NOT_HERE)
        except Full:
            return _no(503, "busy", f"Cette machine a encore à lire{NBSP}: l’envoi sera refait.")
        response[signing.NONCE] = nonces.issue()
        response["Cache-Control"] = "no-store"
        return response

    return view


def _status(_: bytes) -> bytes:
    return messages.Status(b"", departure.newest()).encode()


def _push(body: bytes, key: bytes) -> bytes:
    answer = arrival.take(Batch.decode(body), queries.standing)
    brought.pushed(queries.transport_keys().get(key), answer.outcomes)
    return answer.encode()


def _pull(body: bytes, key: bytes) -> bytes:
    asked = Asked.decode(body)
    hearing.holds(key, asked.held)
    return departure.give(asked, keys=not queries.is_limited(queries.transport_keys().get(key))).encode()


def _revocation(_: bytes, key: bytes) -> bytes:
    found = leaving.revocation_of(key)
    leaving.was_told(key)
    return found


def _emptied(body: bytes, key: bytes) -> bytes:
    """The last word of a machine that was lost. Its program says so: a thief's may too."""
    if body != leaving.EMPTIED:
        raise Malformed("revocation")
    leaving.was_told(key, emptied=True)
    return messages.hashes(())


def _heads(_: bytes) -> bytes:
    key = vault.current().verify_key
    return messages.heads(Shown(head, key) for head in witnessing.own_heads())


def _roots(_: bytes) -> bytes:
    return messages.rows([*place, size, root] for place, (size, root) in witnessing.roots_here().items())


def _show(body: bytes) -> bytes:
    """What their heads are worth beside the entries held here."""
    return messages.judged(witnessing.judged(one) for one in messages.heads_of(body)[:MOST_SHOWN])


def _missing(body: bytes) -> bytes:
    folder = _folder()
    return messages.hashes(hash for hash in messages.hashes_of(body) if not blobs.exists(folder.path, hash))


def _get_blob(_: bytes, hash: str) -> bytes:
    return blobs.sealed(_folder().path, _hash(hash))


def _put_blob(body: bytes, hash: str) -> bytes:
    """Only what a row here cites is kept: a machine of the practice fills no disk by itself."""
    if not _is_cited(_hash(hash)):
        raise FileNotFoundError
    blobs.keep(_folder().path, _hash(hash), body)
    return messages.hashes(())


_cited: tuple[float, frozenset[bytes]] = 0.0, frozenset()


def _is_cited(hash: bytes) -> bool:
    """Files come by the thousand: what was cited a moment ago is remembered, and looked for again only when one is not among it."""
    global _cited
    if hash not in _cited[1] or clock.monotonic() - _cited[0] > CITED_S:
        _cited = clock.monotonic(), frozenset(registry.cited_blobs())
    return hash in _cited[1]


def _reads(body: bytes) -> bytes:
    asked = messages.Reads.decode(body)
    segments.hear(asked.heads, queries.access_keys())
    return segments.offer(asked).encode()


def _get_segment(_: bytes, replica: str, span: str) -> bytes:
    asked = _segment(replica, span)
    return segments.bytes_of(asked.replica, asked.first, asked.last)


def _put_segment(body: bytes, replica: str, span: str) -> bytes:
    """Looked at in a moment by who goes between the machines: whoever asks here waits for nothing, and keeps no page waiting."""
    _segment(replica, span)
    if not reads_in.receive(body):
        raise Full
    return messages.hashes(())


def _segment(replica: str, span: str) -> messages.Segment:
    found = messages.segment_at(replica, span)
    if found is None:
        raise FileNotFoundError
    return found


def _hash(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != 32 or found.hex() != text:
        raise FileNotFoundError
    return found


def _folder() -> Folder:
    port = sealport.current()
    if not isinstance(port, Folder):
        raise FileNotFoundError
    return port


status = for_machines(GET=_status)
revocation = for_machines(revoked=("GET", "POST"), asker=True, GET=_revocation, POST=_emptied)
entries = for_machines(revoked=("POST",), asker=True, POST=_push)
wanted = for_machines(asker=True, POST=_pull)
heads = for_machines(GET=_heads, POST=_show)
roots = for_machines(GET=_roots)
missing = for_machines(POST=_missing)
reads = for_machines(POST=_reads)
segment = for_machines(raw=True, revoked=("PUT",), GET=_get_segment, PUT=_put_segment)
blob = for_machines(raw=True, GET=_get_blob, PUT=_put_blob)


@csrf_exempt  # who asks has no session yet: the code typed is what counts
def pair(request: HttpRequest, step: str) -> HttpResponseBase:
    """Both messages of a pairing, from a machine that nobody knows yet."""
    if request.method != "POST" or step not in ("hello", "join"):
        return _no(405, "method", NOT_HERE)
    try:
        said = cbor.loads(request.body)
        if type(said) is not dict:
            raise cbor.Malformed("a map")
        answer: Mapping[int, Any] = joining.welcome(_folder(), step, said, base=base())
    except Refused as refused:
        return _no(403, refused.code, refused.sentence)
    except (cbor.Malformed, FileNotFoundError):
        return _no(400, "format", NOT_HERE)
    log.info("pairing", extra={"kind": f"pairing.{step}"})
    return HttpResponse(cbor.dumps(dict(answer)), content_type=CBOR)
