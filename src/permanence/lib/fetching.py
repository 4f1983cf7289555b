"""One file read from an address that the practice typed, and nothing else of the network: bounded in time, size and place.

Who chooses the address could otherwise have this machine ask others in its name (SSRF, OWASP): so https alone, the address that the name
has is looked at once, judged, and is the one connected to (a name that changes between the two gives nothing), redirects are refused,
and no proxy of the environment is used. A server of the practice's own network is asked for only when somebody says that it is one;
this machine itself, and what is neither, never. Nothing of the address is logged or said in a refusal: it may hold a secret.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from contextlib import closing, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from permanence.lib.text import NBSP

STEP_S, WHOLE_S = 10, 30  # one exchange with the server, and all of them
LARGEST = 5_000_000  # bytes
LONGEST_ADDRESS = 1_000
LOOPBACK = False  # tests only: http and this machine
_HIDING = tuple(ipaddress.ip_network(one) for one in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))  # an IPv4 inside
IP = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotFetched(Exception):
    """Why nothing was read: a French sentence, without the address."""

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(code)
        self.sentence, self.code = sentence, code


@dataclass(frozen=True, slots=True)
class Place:
    """An address in its parts."""

    host: str
    port: int
    path: str
    secure: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What came. `data` is None when the server says that nothing changed since `etag` or `modified`."""

    data: bytes | None
    etag: str = ""
    modified: str = ""


def place_of(address: str) -> Place:
    """An address as somebody copied it; `webcal:` is https by another name. Raises NotFetched."""
    try:
        parts = urlsplit(address.strip())
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:  # UnicodeError too
        raise NotFetched(f"Cette adresse n’est pas comprise{NBSP}: copiez-la de nouveau depuis l’autre agenda.", "address") from None
    plain = LOOPBACK and parts.scheme == "http"
    if parts.scheme not in ("https", "webcal", "webcals") and not plain:
        raise NotFetched(f"L’adresse doit commencer par https://{NBSP}: copiez l’adresse iCal secrète de l’autre agenda.", "scheme")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not host or len(address) > LONGEST_ADDRESS or not path.isascii() or any(not "!" <= sign <= "~" for sign in path):
        raise NotFetched(f"Cette adresse n’est pas comprise{NBSP}: copiez-la de nouveau depuis l’autre agenda.", "address")
    if parts.username or parts.password:
        raise NotFetched(f"Une adresse avec un mot de passe n’est pas lue{NBSP}: prenez l’adresse de partage de l’agenda.", "userinfo")
    return Place(host, port or (80 if plain else 443), path, not plain)


def fetch(address: str, *, local: bool = False, etag: str = "", modified: str = "", accept: str = "*/*") -> Answer:
    """The file at that address. `local`: its server is in the practice's network. Raises NotFetched; waits WHOLE_S at most
    once the name is resolved, which the system bounds."""
    place = place_of(address)
    connection = _Pinned(place, _resolved(place, local))
    late = threading.Timer(WHOLE_S, connection.cut)
    late.daemon = True
    late.start()
    headers = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": "Permanence", "Connection": "close",
               **({"If-None-Match": etag} if etag else {}), **({"If-Modified-Since": modified} if modified else {})}  # fmt: skip
    try:
        with closing(connection):
            connection.request("GET", place.path, headers=headers)
            return _answer(connection.getresponse(), etag, modified)
    except ssl.SSLCertVerificationError:
        raise NotFetched("Le certificat de ce serveur n’est pas reconnu.", "certificate") from None
    except (http.client.HTTPException, OSError, ValueError):
        if connection.late:
            raise NotFetched(f"Le serveur n’a pas tout envoyé en {WHOLE_S} secondes.", "slow") from None
        raise NotFetched(f"Le serveur ne répond pas{NBSP}: l’Internet du cabinet, ou lui, est en panne.", "unreachable") from None
    finally:
        late.cancel()


def _answer(answer: http.client.HTTPResponse, etag: str, modified: str) -> Answer:
    if answer.status == 304 and (etag or modified):
        return Answer(None, etag, modified)
    if 300 <= answer.status < 400:
        raise NotFetched(f"L’adresse renvoie vers une autre{NBSP}: copiez l’adresse finale, que l’autre agenda affiche.", "redirect")
    if answer.status in (401, 403, 404, 410):
        raise NotFetched(f"Le serveur refuse cette adresse ({answer.status}){NBSP}: elle a peut-être été changée dans l’autre agenda.",
                         "refused")  # fmt: skip
    if answer.status != 200:
        raise NotFetched(f"Le serveur répond par une erreur ({answer.status}).", "error")
    if answer.getheader("Content-Encoding", "identity").casefold() != "identity":
        raise NotFetched("Le serveur envoie un fichier comprimé, qui n’est pas lu.", "encoding")
    data = answer.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise NotFetched(f"Cet agenda dépasse {LARGEST // 1_000_000}{NBSP}Mo{NBSP}: partagez-en une période plus courte.", "large")
    if answer.length:
        raise http.client.IncompleteRead(b"", answer.length)  # the connection ended before the file did
    return Answer(data, answer.getheader("ETag", "")[:200], answer.getheader("Last-Modified", "")[:100])


# -- where it may be


def allowed(ip: IP, *, local: bool) -> bool:
    """Whether this machine may ask that one: the public Internet, or the practice's network when it is said to be there."""
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if LOOPBACK and ip.is_loopback:
        return True
    if ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and (ip.is_site_local or any(ip in one for one in _HIDING)):
        return False
    return ip.is_global or (local and ip.is_private)


def inside(ip: IP, source: IP | None, *, local: bool) -> bool:
    """Whether an address that looks public is this machine's own, or its neighbour's, by what this machine would send from."""
    if source is None or (LOOPBACK and ip.is_loopback):
        return False
    near = isinstance(ip, ipaddress.IPv6Address) and source in ipaddress.ip_network((ip, 64), strict=False)
    return ip == source or (near and not local)


def source_of(ip: IP) -> IP | None:
    """The address that this machine would send from; nothing is sent. None without a way there."""
    family = socket.AF_INET6 if ip.version == 6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asked:
            asked.connect((str(ip), 9))
            return ipaddress.ip_address(asked.getsockname()[0].partition("%")[0])
    except OSError:
        return None


def _resolved(place: Place, local: bool) -> list[str]:
    """Where to connect, in that order, two at most. Each address that the name has must be allowed: a mixed answer is a trap."""
    try:
        rows = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotFetched(f"Serveur introuvable{NBSP}: l’Internet du cabinet est en panne, ou l’adresse est fausse.", "name") from None
    found = [str(row[4][0]).partition("%")[0] for row in rows]
    judged = [ipaddress.ip_address(one) for one in found]
    if not found or not all(allowed(ip, local=local) and not inside(ip, source_of(ip), local=local) for ip in judged):
        raise NotFetched(f"Cette adresse mène à une machine hors de l’Internet{NBSP}: retirez cet agenda, puis ajoutez-le avec une "
                         "adresse de partage, ou en cochant que son serveur est au cabinet.", "private")  # fmt: skip
    return list(dict.fromkeys(found))[:2]


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was judged, whatever the name says by now."""

    def __init__(self, place: Place, ips: list[str]) -> None:
        super().__init__(place.host, place.port, timeout=STEP_S)
        self.place, self.ips, self.late = place, ips, False
        self._live: socket.socket | None = None  # the response keeps it when the connection has let it go

    def connect(self) -> None:
        self._live = self.sock = self._connected()
        if self.place.secure:
            self._live = self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.place.host)
        if self.late:
            raise TimeoutError

    def _connected(self) -> socket.socket:
        """The first that answers: a machine without IPv6 is given one all the same."""
        for ip in self.ips[:-1]:
            with suppress(OSError):
                return socket.create_connection((ip, self.place.port), STEP_S)
        return socket.create_connection((self.ips[-1], self.place.port), STEP_S)

    def cut(self) -> None:
        """Time is over: whatever is waited for ends."""
        self.late = True
        with suppress(OSError):
            if self._live is not None:
                self._live.shutdown(socket.SHUT_RDWR)
