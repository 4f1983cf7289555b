"""A browser as cheap as a socket: TLS by name, one kept connection, cookies, a proof on every request. No page is parsed."""

import base64
import hashlib
import json
import os
import socket
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

PAGE = "text/html,application/xhtml+xml"


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def raw_signature(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    """r || s, as WebCrypto gives it."""
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


def jwk_of(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    return {"crv": "P-256", "kty": "EC", "x": b64url(numbers.x.to_bytes(32)), "y": b64url(numbers.y.to_bytes(32))}


def thumbprint(jwk: dict[str, str]) -> str:
    return b64url(hashlib.sha256(json.dumps(jwk, separators=(",", ":"), sort_keys=True).encode()).digest())


@dataclass(frozen=True, slots=True)
class Answer:
    """`wire`: bytes of status line, headers and body as they came out of TLS."""

    status: int
    headers: dict[str, str]
    body: bytes
    wire: int


@dataclass(frozen=True, slots=True)
class Site:
    """Where the practice is served: a name that only this client resolves, and the authority's file that it trusts."""

    host: str
    port: int
    authority_file: str

    @property
    def authority(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"https://{self.authority}"

    def first_page(self) -> bool:
        """Whether the sign-in page is answered. Raises OSError while nobody listens."""
        connection = Connection(self)
        try:
            return connection.request("GET", "/entrer", {"Accept": PAGE, "Sec-Fetch-Mode": "navigate"}).status == 200
        finally:
            connection.close()


class Connection:
    """One kept TLS connection; opened again when the server closed it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._context = ssl.create_default_context(cafile=site.authority_file)
        self._socket: ssl.SSLSocket | None = None
        self._pending, self._received = b"", 0  # bytes of the next answer already here; bytes of the one being read

    def request(self, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self.site.authority}", "Accept-Encoding: gzip, deflate, br",
                 *(f"{name}: {value}" for name, value in headers.items())]
        if method != "GET":
            lines.append(f"Content-Length: {len(body)}")
        message = "\r\n".join([*lines, "", ""]).encode() + body
        if self._socket is not None:
            try:
                return self._exchange(self._socket, message)
            except (ConnectionError, ssl.SSLError):
                self.close()
        return self._exchange(self._open(), message)

    def _open(self) -> ssl.SSLSocket:
        raw = socket.create_connection(("127.0.0.1", self.site.port), timeout=60)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket, self._pending = self._context.wrap_socket(raw, server_hostname=self.site.host), b""
        return self._socket

    def _exchange(self, connection: ssl.SSLSocket, message: bytes) -> Answer:
        connection.sendall(message)
        data, self._received = self._pending, len(self._pending)
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more(connection)
        status_line, *lines = data[:end].decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            name, value = name.strip().lower(), value.strip()
            headers[name] = f"{headers[name]}\n{value}" if name == "set-cookie" and name in headers else value
        body, rest = self._body(connection, headers, data[end + 4:], int(status_line.split()[1]))
        self._pending = rest
        return Answer(int(status_line.split()[1]), headers, body, self._received - len(rest))

    def _body(self, connection: ssl.SSLSocket, headers: dict[str, str], data: bytes, status: int) -> tuple[bytes, bytes]:
        if headers.get("transfer-encoding") == "chunked":
            return self._chunks(connection, data)
        length = 0 if status in (204, 304) else int(headers.get("content-length", 0))
        parts, have = [data], len(data)
        while have < length:
            parts.append(self._more(connection))
            have += len(parts[-1])
        whole = b"".join(parts)
        return whole[:length], whole[length:]

    def _chunks(self, connection: ssl.SSLSocket, data: bytes) -> tuple[bytes, bytes]:
        body = b""
        while True:
            while (end := data.find(b"\r\n")) < 0:
                data += self._more(connection)
            size = int(data[:end].split(b";")[0], 16)
            while len(data) < end + 4 + size:
                data += self._more(connection)
            body, data = body + data[end + 2:end + 2 + size], data[end + 4 + size:]
            if size == 0:
                return body, data

    def _more(self, connection: ssl.SSLSocket) -> bytes:
        data = connection.recv(65_536)
        if not data:
            raise ConnectionResetError("closed by the server")
        self._received += len(data)
        return data

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


@dataclass(frozen=True, slots=True)
class Login:
    """What the bench put into the practice for one client: a passkey, and the post at which it stands. Keys are PEM."""

    member: str
    credential: str
    passkey: str
    post_token: str
    post_key: str
    rp_id: str


class Browser:
    """Signs in by the real ceremony, then proves each request as `pop.js` does."""

    def __init__(self, site: Site, login: Login, *, count: int, connection: Any = None) -> None:
        self.site, self.login, self.count = site, login, count
        self.connection = connection or Connection(site)
        self.cookies = {"__Host-post": login.post_token}
        self.key = new_key()
        self.jwk = jwk_of(self.key)
        self.keyid = thumbprint(self.jwk)
        self.nonce = "A" * 22

    def plain(self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """A request without proof; keeps cookies and nonce."""
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **(headers or {})}
        answer = self.connection.request(method, target, sent, body)
        for cookie in answer.headers.get("set-cookie", "").split("\n"):
            name, _, value = cookie.partition(";")[0].partition("=")
            if name:
                self.cookies[name.strip()] = value
        self.nonce = answer.headers.get("pop-nonce", self.nonce)
        return answer

    def proved(self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        """A proved request; sent once more when only the nonce had aged."""
        for _ in range(2):
            answer = self.plain(method, target, {**self._proof(method, target, body), **(headers or {})}, body or b"")
            if answer.headers.get("pop-error") != "nonce":
                break
        return answer

    def page(self, target: str) -> Answer:
        """What the worker sends for a navigation."""
        return self.proved("GET", target, headers={"Accept": PAGE})

    def form(self, target: str, fields: dict[str, str]) -> Answer:
        """What the page sends for a form; redirects are not followed."""
        return self.proved("POST", target, urlencode(fields).encode(), {
            "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8", "Accept": PAGE, **self._same_site()})

    def sign_in(self) -> None:
        """One touch: nonce, assertion over the session's key, the post's own signature. Raises AssertionError."""
        self.plain("GET", "/entrer", {"Accept": PAGE, "Sec-Fetch-Mode": "navigate"})
        nonce = json.loads(self.plain("GET", "/session/defi").body)["nonce"]
        post_key = _private(self.login.post_key)
        signed = raw_signature(post_key, f"permanence/post/v1\n{nonce}\n{self.keyid}".encode())
        sent = {"nonce": nonce, "jwk": self.jwk, "tier": "worker", "credential": self._touch(nonce),
                "post": {"keyid": thumbprint(jwk_of(post_key)), "signature": b64url(signed)}}
        answer = self.plain("POST", "/session", {"Content-Type": "application/json", **self._same_site()},
                            json.dumps(sent).encode())
        assert answer.status == 200, answer.body.decode()

    def _touch(self, nonce: str) -> dict[str, Any]:
        challenge = hashlib.sha256(f"{_SIGN_IN}\n{nonce}\n{self.keyid}".encode()).digest()
        said = json.dumps({"type": "webauthn.get", "challenge": b64url(challenge), "origin": self.site.origin,
                           "crossOrigin": False}).encode()
        data = hashlib.sha256(self.login.rp_id.encode()).digest() + b"\x05" + self.count.to_bytes(4)
        signature = _private(self.login.passkey).sign(data + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        return {"id": self.login.credential, "rawId": self.login.credential, "type": "public-key", "clientExtensionResults": {},
                "response": {"clientDataJSON": b64url(said), "authenticatorData": b64url(data), "signature": b64url(signature),
                             "userHandle": b64url(bytes.fromhex(self.login.member))}}

    def _same_site(self) -> dict[str, str]:
        return {"X-CSRFToken": self.cookies.get("__Host-csrf", ""), "Referer": f"{self.site.origin}/",
                "Origin": self.site.origin, "Sec-Fetch-Site": "same-origin"}

    def _proof(self, method: str, target: str, body: bytes | None) -> dict[str, str]:
        path, _, query = target.partition("?")
        covered = '"@method" "@authority" "@path" "@query"' + (' "content-digest"' if body is not None else "")
        params = f'({covered});keyid="{self.keyid}";nonce="{self.nonce}.{b64url(os.urandom(12))}";tag="pop"'
        lines = [f'"@method": {method}', f'"@authority": {self.site.authority}', f'"@path": {path}', f'"@query": ?{query}']
        headers = {}
        if body is not None:
            digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
            headers["Content-Digest"] = f"sha-256=:{digest}:"
            lines.append(f'"content-digest": {headers["Content-Digest"]}')
        lines.append(f'"@signature-params": {params}')
        signature = base64.b64encode(raw_signature(self.key, "\n".join(lines).encode())).decode()
        return {**headers, "Signature-Input": f"pop={params}", "Signature": f"pop=:{signature}:"}


_SIGN_IN = "permanence/sign-in/v1"


def _private(pem: str) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def pem_of(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()).decode()
