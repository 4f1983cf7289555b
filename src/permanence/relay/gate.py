"""The relay's front: an event loop that receives bodies and holds streams of events, and a few threads that answer everything else.

A body is received whole before a thread is taken, and only so many bytes at once; a large one only from a key that is known.
"""

import asyncio
import io
import logging
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection
from django.http import HttpResponseBase

from permanence.lib import signing
from permanence.relay import asking, db
from permanence.relay.events import TooMany, streams
from permanence.relay.places import THREADS

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
log = logging.getLogger(__name__)
LARGEST = 64 << 20  # bytes of a body
SMALL = 64 << 10  # a body that anybody may send
AT_ONCE = 96 << 20  # bytes of large bodies being received or answered
SILENCE_S, WHOLE_S = 20.0, 300.0  # between two parts of a body, and for all of it


class Gate:
    """The ASGI application."""

    def __init__(self, wsgi: Callable[..., Any]) -> None:
        self._wsgi = wsgi
        self._threads = ThreadPoolExecutor(THREADS, "relay")
        self._room = _Room(AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = _headers(scope["headers"])
        if scope["path"].endswith("/events") and scope["method"] == "GET":
            await self._events(scope, headers, send)
            return
        size = _length(headers)
        if size is None or size > LARGEST:
            await _send(send, asking.no(413, "large", f"Cet envoi est trop gros pour le relais{asking.NBSP}: il est refusé."))
            return
        if size > SMALL and (refusal := await self._in_thread(_precheck, scope, headers)) is not None:
            await _send(send, refusal)
            return
        if size > SMALL:
            async with self._room.for_(size):
                await self._answer(scope, headers, await _received(receive, size), send)
        else:
            await self._answer(scope, headers, await _received(receive, size), send)

    async def _in_thread(self, call: Callable[..., Any], *values: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *values)

    async def _answer(self, scope: Scope, headers: Mapping[str, str], body: bytes | None, send: Send) -> None:
        if body is None:
            return
        status, given, answer = await self._in_thread(_answered, self._wsgi, _environ(scope, headers, body))
        await send({"type": "http.response.start", "status": status, "headers": given})
        if isinstance(answer, bytes):
            await send({"type": "http.response.body", "body": answer})
            return
        try:
            parts = iter(answer)
            while part := await self._in_thread(next, parts, b""):
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await self._in_thread(answer.close)

    async def _events(self, scope: Scope, headers: Mapping[str, str], send: Send) -> None:
        found = await self._in_thread(_listener, scope, headers)
        if not isinstance(found, asking.Asker):
            await _send(send, found)
            return
        parts = streams.parts(found.practice, found.key, lambda: _until(found))
        try:
            part = await anext(parts, None)
        except TooMany:
            await _send(send, asking.no(503, "busy", asking.BUSY))
            return
        await send({"type": "http.response.start", "status": 200, "headers": [
            (b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"),
            (signing.NONCE.lower().encode(), asking.nonces.issue().encode())]})  # fmt: skip
        try:
            while part is not None:
                await send({"type": "http.response.body", "body": part, "more_body": True})
                part = await anext(parts, None)
            await send({"type": "http.response.body", "body": b""})
        except (OSError, RuntimeError):
            return  # the listener has gone
        finally:
            await parts.aclose()


class _Room:
    """So many bytes at once; one that is larger than all waits until it is alone."""

    def __init__(self, most: int) -> None:
        self._most, self._used, self._freed = most, 0, asyncio.Condition()

    def for_(self, size: int) -> "_Held":
        return _Held(self, size)

    async def take(self, size: int) -> None:
        async with self._freed:
            await self._freed.wait_for(lambda: self._used == 0 or self._used + size <= self._most)
            self._used += size

    async def give_back(self, size: int) -> None:
        async with self._freed:
            self._used -= size
            self._freed.notify_all()


class _Held:
    def __init__(self, room: _Room, size: int) -> None:
        self._room, self._size = room, size

    async def __aenter__(self) -> None:
        await self._room.take(self._size)

    async def __aexit__(self, *_: object) -> None:
        await self._room.give_back(self._size)


# -- in threads


def _answered(wsgi: Callable[..., Any], environ: dict[str, Any]) -> tuple[int, list[tuple[bytes, bytes]], Any]:
    """Status, headers, and the whole body; or, for a file, what reads it."""
    start: list[Any] = []

    def call() -> Any:
        answer = wsgi(environ, lambda status, given, exc_info=None: start.extend((status, given)))
        if answer.streaming:
            return answer
        try:
            return b"".join(answer)
        finally:
            answer.close()

    found = _closing(call)
    status, given = start
    return int(status[:3]), [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in given], found


def _closing(call: Callable[[], Any]) -> Any:
    """What `call` gives; its connection goes back to the pool, as Django does at the end of a request."""
    try:
        return call()
    finally:
        if connection.vendor == "postgresql":
            connection.close()


def _precheck(scope: Scope, headers: Mapping[str, str]) -> HttpResponseBase | None:
    """The refusal of a large body that nobody known has signed; its digest is checked once it has come."""
    def check() -> bytes:
        asking.foresee(scope["method"], _url(scope, headers), headers, asking.practice_of(scope["path"][1:33]))
        return b""

    answer: HttpResponseBase = _closing(lambda: asking.guarded(check))
    if answer.status_code == 200:
        return None
    answer[signing.NONCE] = asking.nonces.issue()
    return answer


def _listener(scope: Scope, headers: Mapping[str, str]) -> HttpResponseBase | asking.Asker:
    found: list[asking.Asker] = []

    def check() -> bytes:
        practice = asking.practice_of(scope["path"].removesuffix("/events")[1:])
        found.append(asking.admit("GET", _url(scope, headers), headers, b"", practice))
        return b""

    answer: HttpResponseBase = _closing(lambda: asking.guarded(check))
    answer[signing.NONCE] = asking.nonces.issue()
    return found[0] if found else answer


def _until(asker: asking.Asker) -> int | None:
    """The practice's place, or None once the key may speak no more."""
    found = _closing(lambda: db.one(
        "SELECT p.batches FROM relay_practice p JOIN relay_key k ON k.practice = p.practice WHERE p.practice = %s AND k.practice = %s"
        " AND k.key = %s AND k.active = %s", asker.practice, asker.practice, asker.key, True))  # fmt: skip
    return found[0] if found else None


# -- bytes


def _url(scope: Scope, headers: Mapping[str, str]) -> str:
    return asking.url_of(headers.get("host", ""), scope["path"], scope.get("query_string", b"").decode("latin-1"))


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _length(headers: Mapping[str, str]) -> int | None:
    """Bytes of the body; None when it is not said (a body without its length is not received)."""
    said = headers.get("content-length", "")
    if said:
        return int(said) if said.isdecimal() and len(said) < 12 else None
    return None if "transfer-encoding" in headers else 0


async def _received(receive: Receive, size: int) -> bytes | None:
    """The whole body; None when the sender fell silent, dripped for too long, or went."""
    try:
        async with asyncio.timeout(WHOLE_S):
            return await _parts(receive, size)
    except TimeoutError:
        return None


async def _parts(receive: Receive, size: int) -> bytes | None:
    parts, got = [], 0
    while True:
        message = await asyncio.wait_for(receive(), SILENCE_S)
        if message["type"] != "http.request":
            return None
        part = message.get("body", b"")
        got += len(part)
        if got > size:
            return None
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts) if got == size else None


def _environ(scope: Scope, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """PEP 3333."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"], "SCRIPT_NAME": "", "PATH_INFO": scope["path"],
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"), "SERVER_NAME": "relay", "SERVER_PORT": "0",
        "SERVER_PROTOCOL": "HTTP/1.1", "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": headers.get("content-type", ""),
        "wsgi.version": (1, 0), "wsgi.url_scheme": scope.get("scheme", "https"), "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr,
        "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False}  # fmt: skip
    for name, value in headers.items():
        if name not in ("content-type", "content-length"):
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    return environ


async def _send(send: Send, response: Any) -> None:
    """A small answer, at once."""
    given = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.items()]
    await send({"type": "http.response.start", "status": response.status_code, "headers": given})
    await send({"type": "http.response.body", "body": response.content})
