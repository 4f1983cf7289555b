"""The addresses at which this replica answers: its own name, and the console of the office machine. No other is served."""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

CONSOLE_RP_ID = "localhost"


@dataclass(frozen=True, slots=True)
class Place:
    """One origin, exact, port included. `secure`: https, hence `__Host-` cookies. `console`: http://localhost."""

    origin: str
    rp_id: str
    secure: bool
    console: bool = False

    @property
    def authority(self) -> str:
        """Host, and port when it is not the scheme's own: what the browser signs as `@authority`."""
        return urlsplit(self.origin).netloc


@lru_cache(maxsize=8)
def _place(origin: str, rp_id: str, console: bool) -> Place:
    parts = urlsplit(origin)
    host = parts.hostname or ""
    local = host == "localhost" or host.endswith(".localhost")
    if parts.scheme not in ("https", "http") or (parts.scheme == "http" and not local) or parts.path:
        raise ValueError(f"not an origin to serve: {origin} (plain http is for localhost names only)")
    return Place(origin, rp_id, parts.scheme == "https", console)


def own_place() -> Place:
    """This replica's own name. Raises ValueError for plain http elsewhere than at a localhost name."""
    return _place(str(getattr(settings, "PERMANENCE_ORIGIN", "")), str(getattr(settings, "PERMANENCE_RP_ID", "")), False)


def console_place() -> Place | None:
    """The office machine's own console, when it is served: its own origin, its own RP ID."""
    origin = getattr(settings, "PERMANENCE_CONSOLE_ORIGIN", "")
    return _place(origin, CONSOLE_RP_ID, True) if origin else None


def place_of(request: HttpRequest) -> Place:
    """Where this request was sent. Raises DisallowedHost (400) for any other address.

    The console counts only from the machine itself; what a browser says of its origin inside an assertion is compared
    with the place, so a false Host opens nothing.
    """
    host = request.META.get("HTTP_HOST", "")
    own, console = own_place(), console_place()
    if host == own.authority:
        return own
    if console is not None and host == console.authority and not request.is_secure() and _from_here(request):
        return console
    raise DisallowedHost("not an address of this replica")


def _from_here(request: HttpRequest) -> bool:
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
