"""One-use addresses for what bypasses the worker: saving a file, `<object>`, a viewer. In memory; one process only."""

import hashlib
import secrets
import threading
from dataclasses import dataclass
from uuid import UUID

TICKET_SECONDS = 60
MOST = 2_000
PARAMETER = "billet"


@dataclass(frozen=True, slots=True)
class _Ticket:
    session: UUID
    address: str
    until: float


class Tickets:
    """Issued by a proved request, good once, for one session, one address, one GET."""

    def __init__(self) -> None:
        self._open: dict[bytes, _Ticket] = {}
        self._lock = threading.Lock()

    def issue(self, session: UUID, address: str, now: float) -> str:
        """The address with its ticket. `now` in seconds of a clock that never goes back."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            for old in [mark for mark, ticket in self._open.items() if ticket.until < now]:
                del self._open[old]
            while len(self._open) >= MOST:
                del self._open[next(iter(self._open))]
            self._open[_mark(token)] = _Ticket(session, address, now + TICKET_SECONDS)
        return f"{address}{'&' if '?' in address else '?'}{PARAMETER}={token}"

    def take(self, session: UUID, path: str, query: str, now: float) -> str | None:
        """Use the ticket that ends this query. Returns a reference for the access entry; None when it is not good.

        A ticket shown by another session, or at another address, is lost: it has leaked.
        """
        before, mark, token = query.rpartition(f"{PARAMETER}=")
        if not mark or (before and not before.endswith("&")):
            return None
        with self._lock:
            ticket = self._open.pop(_mark(token), None)
        address = f"{path}?{before[:-1]}" if before else path
        if ticket is None or ticket.until < now or ticket.session != session or ticket.address != address:
            return None
        return f"{PARAMETER}.{_mark(token).hex()[:24]}"


def _mark(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
