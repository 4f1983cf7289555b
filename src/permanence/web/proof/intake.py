"""Bodies of strangers: small, soon, and few at a time, so that nobody without a session holds the threads of those at work."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError

from permanence.lib.text import nbsp

MOST_BYTES = 64 * 1024
AT_ONCE = 2  # of the four threads of a worker
SECONDS = 4.0  # a ceremony's body is one packet; a slow line's still arrives
BUSY = "Le cabinet reçoit trop de demandes à la fois : attendre quelques secondes, puis recommencer."
_free = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Large:
    """A route to which some strangers may send more: `refuses` says who may not, before a byte is read. One at a time.

    `patience`: seconds that the next one waits for its turn instead of being refused. `instead`: of another kind of sender, which takes
    no turn of these.
    """

    most: int
    seconds: float
    refuses: Callable[[HttpRequest], HttpResponse | None]
    free: threading.BoundedSemaphore = field(default_factory=threading.BoundedSemaphore)
    patience: float = 0.0
    instead: "Callable[[HttpRequest], Large | None] | None" = None


def take(request: HttpRequest, large: Large | None = None) -> HttpResponse | None:
    """Read the body of a request that nobody has proved. None when it is there, else the refusal.

    A thread that waits for a body serves nobody else, and there are few: a stranger's is waited for aside, for a moment.
    """
    if request.method not in ("POST", "PUT"):
        return None
    if large is not None and large.instead is not None:
        large = large.instead(request) or large
    if large is not None and (refused := large.refuses(request)) is not None:
        return refused
    most, seconds, free = (MOST_BYTES, SECONDS, _free) if large is None else (large.most, large.seconds, large.free)
    patience = large.patience if large else 0.0
    if _length(request) > most:
        return _refusal(413)
    if not (free.acquire(timeout=patience) if patience else free.acquire(blocking=False)):
        return _refusal(503)
    reading = threading.Thread(target=_read, args=(request,), name="intake", daemon=True)
    try:
        reading.start()
        reading.join(seconds)
    finally:
        free.release()
    return None if hasattr(request, "_body") else _refusal(408)


def _read(request: HttpRequest) -> None:
    try:
        request.body  # noqa: B018 -- Django keeps it on the request
    except (OSError, UnreadablePostError, RequestDataTooBig):
        return


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return MOST_BYTES + 1


def _refusal(status: int) -> JsonResponse:
    return JsonResponse({"phrase": nbsp(BUSY), "code": "busy"}, status=status)
