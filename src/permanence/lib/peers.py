"""One machine asks another: signed requests over a kept connection, bounded in time and size. What is said is `journal.peers`' business.

No redirect is followed, no proxy of the environment used, nothing of what is sent or received is logged.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock, Timer
from urllib.parse import urlsplit

from permanence.lib import cbor, clock, signing

CONNECT_S, STEP_S, WHOLE_S = 5.0, 20.0, 300.0  # to connect; one silence; one question whole
LARGEST = 64 << 20  # bytes of an answer
CBOR, RAW = "application/cbor", "application/octet-stream"
BEAT_S = 15.0  # how often a stream of events must say something
NONCE_S = signing.LIFE_S / 2  # an older nonce is not tried
_CODE = frozenset("abcdefghijklmnopqrstuvwxyz_-")


class Unreachable(Exception):
    """Nobody answers, or not to the end: to be tried again later. `why` is one word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class _Gone(Unreachable):
    """The connection ended before the answer began."""


class Refused(Exception):
    """The other one answered no. `code` is its word, `sentence` its French sentence when it gave one."""

    def __init__(self, status: int, code: str, sentence: str = "") -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code, self.sentence = status, code, sentence


class Malformed(ValueError):
    """The answer is not one of this protocol: too large, cut into another shape, or of another version."""


@dataclass(frozen=True, slots=True)
class Place:
    """A base address in its parts; `path` ends with a slash."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"http": 80, "https": 443}[self.scheme] else f"{host}:{self.port}"

    def url(self, path: str) -> str:
        return f"{self.scheme}://{self.authority}{self.path}{path}"


def place_of(base: str) -> Place:
    """Raises ValueError for what is no address of this protocol; without TLS, this machine alone may be asked."""
    parts = urlsplit(base)
    host, path = parts.hostname or "", parts.path.rstrip("/") + "/"
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.query or parts.fragment or not base.isascii():
        raise ValueError("not an address of a replica or a relay")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError("without TLS, this machine alone is asked")
    return Place(parts.scheme, host, parts.port or (443 if parts.scheme == "https" else 80), path)


class Line:
    """The way to one replica or relay, for one thread at a time; `events` has connections of its own.

    `secret` is the transport key's Ed25519 secret. `at` is the address to connect to when the name need not be resolved (found on the
    local network): the certificate is still checked against the name.
    """

    def __init__(self, base: str, secret: bytes, context: ssl.SSLContext | None = None, *, at: tuple[str, int] | None = None) -> None:
        self.place = place_of(base)
        if (self.place.scheme == "https") != (context is not None):
            raise ValueError("https needs a context, http has none")
        self._secret, self._context, self._at = secret, context, at
        self._connection: _Connection | None = None
        self._streams: set[_Connection] = set()
        self._nonce, self._nonce_at = "", 0.0
        self._lock = Lock()

    def close(self) -> None:
        """Cut every connection; a stream that somebody reads ends. The line may be used again."""
        for stream in tuple(self._streams):
            stream.cut()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.cut()  # whoever waits on it stops waiting
            connection.close()

    def ask(self, method: str, path: str, body: bytes = b"", *, kind: str = CBOR, most: int = LARGEST) -> bytes:
        """The answer's body. Raises Unreachable, Refused, Malformed. Asking twice is harmless: every question of the protocol is."""
        with self._lock:
            status, data = self._answered(method, path, body, kind, most)
        if status not in (200, 201, 204):
            raise _refused(status, data)
        return data

    def _answered(self, method: str, path: str, body: bytes, kind: str, most: int) -> tuple[int, bytes]:
        """Tried again with a nonce of that moment: the kept connection may have died meanwhile, and the nonce with whoever gave it."""
        for last in (False, False, True):
            kept = self._connection is not None
            try:
                self._get_nonce()
                status, data = self._exchange(method, path, body, kind, most)
            except _Gone:
                if last or not kept:
                    raise
                continue
            if status != 401:
                break
        return status, data

    def _get_nonce(self) -> None:
        """Before anything is signed, so that its body is sent once."""
        if not self._nonce or clock.monotonic() - self._nonce_at > NONCE_S:
            self._exchange("GET", "status", None, CBOR, LARGEST)

    def _exchange(self, method: str, path: str, body: bytes | None, kind: str, most: int) -> tuple[int, bytes]:
        """One question and its answer; `body` None: not signed."""
        connection = self._connection = self._connection or _Connection(self.place, self._context, self._at)
        late = Timer(WHOLE_S, connection.cut)
        late.daemon = True
        late.start()
        response = None
        try:
            response = self._send(connection, method, path, body, kind)
            data = _read(response, most)
            if response.will_close:
                self._drop()
            return response.status, data
        except Malformed:
            self._drop()
            raise
        except (http.client.HTTPException, OSError, ValueError) as error:
            self._drop()
            why = "slow" if connection.late else _why(error)
            raise (_Gone if why == "cut" and response is None else Unreachable)(why) from None
        finally:
            late.cancel()

    def _send(self, connection: "_Connection", method: str, path: str, body: bytes | None, kind: str) -> http.client.HTTPResponse:
        headers = {"Host": self.place.authority, "Accept-Encoding": "identity", "User-Agent": "Permanence"}
        if body is not None:
            headers |= signing.sign(method, self.place.url(path), body, self._nonce, self._secret)
        if body:
            headers["Content-Type"] = kind
        self._nonce = ""  # it serves once, whatever becomes of this request
        connection.request(method, self.place.path + path, body=body or None, headers=headers)
        response = connection.getresponse()
        self._nonce, self._nonce_at = response.getheader(signing.NONCE, ""), clock.monotonic()
        return response

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def events(self, path: str = "events") -> Iterator[str]:
        """The data of each event, until the other one ends the stream, goes silent (Unreachable) or `close`."""
        connection = _Connection(self.place, self._context, self._at)
        self._streams.add(connection)
        try:
            with self._lock:
                response = self._opened(connection, path)
            yield from _events(response)
        except (http.client.HTTPException, OSError, ValueError, AttributeError) as error:
            if connection.late:
                return  # closed by us
            raise Unreachable(_why(error)) from None
        finally:
            self._streams.discard(connection)
            connection.close()

    def _opened(self, connection: "_Connection", path: str) -> http.client.HTTPResponse:
        self._get_nonce()
        for last in (False, True):
            response = self._send(connection, "GET", path, b"", CBOR)
            self._nonce = ""  # a stream's own nonce stays behind with its connection
            if response.status == 200:
                connection.wait_for(3 * BEAT_S)
                return response
            data = _read(response, LARGEST)
            if last or response.status != 401:
                raise _refused(response.status, data)
            self._nonce, self._nonce_at = response.getheader(signing.NONCE, ""), clock.monotonic()
        raise AssertionError


class _Connection(http.client.HTTPConnection):
    """To the name, or to an address in its place; never to a proxy."""

    def __init__(self, place: Place, context: ssl.SSLContext | None, at: tuple[str, int] | None) -> None:
        super().__init__(place.host, place.port, timeout=STEP_S)
        self._place, self._context, self._where, self.late = place, context, at or _where(place), False
        self._live: socket.socket | None = None  # the response keeps it when the connection has let it go

    def connect(self) -> None:
        self._live = self.sock = socket.create_connection(self._where, CONNECT_S)
        self.sock.settimeout(STEP_S)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._context is not None:
            self._live = self.sock = self._context.wrap_socket(self.sock, server_hostname=self._place.host)
        if self.late:
            raise TimeoutError

    def wait_for(self, seconds: float) -> None:
        """How long a silence may last from now on."""
        if self._live is not None:
            self._live.settimeout(seconds)

    def cut(self) -> None:
        """From another thread: whatever is waited for ends."""
        self.late = True
        with suppress(OSError):
            if self._live is not None:
                self._live.shutdown(socket.SHUT_RDWR)


def _where(place: Place) -> tuple[str, int]:
    """Names below localhost are this machine (RFC 6761, 6.3), whatever the system's resolver knows of them."""
    return ("127.0.0.1" if place.host.endswith(".localhost") else place.host), place.port


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError):
        return "tls"
    if isinstance(error, socket.gaierror):
        return "name"
    if isinstance(error, TimeoutError):
        return "slow"
    return "refused" if isinstance(error, ConnectionRefusedError) else "cut"


def _read(response: http.client.HTTPResponse, most: int) -> bytes:
    """Raises Malformed for more than `most` bytes, IncompleteRead when the connection ended before the answer did."""
    if (response.length or 0) > most:
        raise Malformed("too large")
    data = response.read(most + 1)
    if len(data) > most:
        raise Malformed("too large")
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return data


def _refused(status: int, data: bytes) -> Refused:
    """What the other one said, if it said it as the protocol does: CBOR {1: version, 2: code, 3: sentence}."""
    with suppress(ValueError):
        said = cbor.loads(data[:4096])
        if type(said) is dict and type(said.get(2)) is str and set(said[2]) <= _CODE and type(said.get(3)) is str:
            return Refused(status, said[2][:40], said[3][:500])
    return Refused(status, "redirect" if 300 <= status < 400 else "unknown")


def _events(response: http.client.HTTPResponse) -> Iterator[str]:
    """WHATWG HTML, section 9.2, as far as we send it: `data:` lines, an empty line, comments."""
    data: list[str] = []
    while line := response.readline(4096):
        text = line.decode("ascii", "replace").rstrip("\r\n")
        if text.startswith("data:"):
            data.append(text[5:].strip())
        elif not text and data:
            yield "\n".join(data[:16])
            data = []
