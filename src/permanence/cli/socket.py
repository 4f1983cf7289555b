"""The local control socket: one JSON line asks, lines answer, the last with `done`. Same user only, checked on each call."""

import json
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from permanence.journal.doors import Refused
from permanence.lib import host

LONGEST = 1024 * 1024  # bytes of one request
Answer = Mapping[str, Any]
Handler = Callable[[str, Mapping[str, Any]], Iterator[Answer]]
log = logging.getLogger(__name__)


class NoServer(Exception):
    """Nobody answers on this folder's socket."""


class Server:
    """Answers on the socket until `stop`, one thread per call. `handle` yields answers; the last one is the result."""

    def __init__(self, path: Path, handle: Handler) -> None:
        self._path, self._handle = path, handle
        path.unlink(missing_ok=True)  # the folder is ours: a socket left there belongs to a dead process
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            _bind(self._listener, path)
        finally:
            os.umask(before)
        self._listener.listen(8)
        self._thread = threading.Thread(target=self._serve, name="control", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Answer nobody any more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._path.unlink(missing_ok=True)
        self._thread.join(2)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), name="control-call", daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rwb") as stream:
            try:
                if host.peer_uid(connection) != os.geteuid():
                    return  # not even a refusal: this socket is nobody else's business
                asked = json.loads(stream.readline(LONGEST))
                for answer in self._handle(str(asked.pop("command", "")), asked):
                    _send(stream, answer)
            except (Refused, host.Unsuitable) as refused:
                _send(stream, {"done": True, "refused": refused.sentence, "code": refused.code})
            except (OSError, ValueError):
                log.warning("a call on the control socket was cut or unreadable")
            except Exception:
                log.exception("a command failed")
                _send(stream, {"done": True, "refused": "La commande a échoué\u00a0: le journal technique dit où.",
                               "code": "failed"})


def call(path: Path, command: str, **asked: Any) -> Iterator[Answer]:
    """Ask the running server; yields its answers. Raises NoServer, Refused with the server's own sentence."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            _connect(connection, path)
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise NoServer from error
        with connection.makefile("rwb") as stream:
            _send(stream, {"command": command, **asked})
            for line in stream:
                answer = json.loads(line)
                if "refused" in answer:
                    raise Refused(answer["refused"], code=answer["code"])
                yield answer
                if answer.get("done"):
                    return
    raise Refused("Le serveur n’a pas répondu\u00a0: il s’est peut-être arrêté. Vérifiez-le puis recommencez.", code="cut")


def _send(stream: Any, answer: Answer) -> None:
    with suppress(OSError):
        stream.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
        stream.flush()


def _bind(listener: socket.socket, path: Path) -> None:
    _near(path, listener.bind)


def _connect(connection: socket.socket, path: Path) -> None:
    _near(path, connection.connect)


def _near(path: Path, use: Callable[[str], None]) -> None:
    """A socket's address is at most 107 bytes long: a longer path is reached through its folder's descriptor."""
    if len(os.fsencode(path)) < 100:
        use(str(path))
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        use(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)
