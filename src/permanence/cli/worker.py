"""The one worker process: opens nothing by itself unless a machine key is given, answers the socket, serves the pages."""

import datetime
import gc
import logging
import os
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterable
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from zoneinfo import ZoneInfo

from permanence.cli import assets, prepare, serve, socket
from permanence.lib import clock

log = logging.getLogger(__name__)
Start = Callable[..., Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]
TICK_S = 60.0
PARIS = ZoneInfo("Europe/Paris")


def make_application() -> Application:
    """Everything that a worker starts, and the WSGI application."""
    place, copies = serve.parse(os.environ["PERMANENCE_PLACE"])
    prepare.django_for(place, static=assets.prepare(place.folder / "run"))
    from django.core.wsgi import get_wsgi_application
    from django.urls import get_resolver

    from permanence.accounts import live
    from permanence.cli import operations
    from permanence.journal import folder as folders
    from permanence.web.account import sealport

    folder = folders.open_folder(place.folder, held=True)
    folders.at_seal.append(live.forget_all)
    if place.machine_key is not None:
        _open_alone(folder, place.machine_key)
    sealport.use(folder)
    socket.Server(folder.socket_path, lambda command, asked: operations.handle(folder, command, asked))
    threading.Thread(target=_nightly, args=(folder, Path(copies) if copies else None), name="nightly", daemon=True).start()
    application: Application = get_wsgi_application()
    if place.console_origin:
        _serve_console(application, urlsplit(place.console_origin).port or 80)
    get_resolver().url_patterns  # noqa: B018 -- loads every view now, not in the first person's request
    gc.collect()
    gc.freeze()
    return application


def _open_alone(folder: Any, machine_key: Path) -> None:
    """With the machine's slot. A key that does not open leaves the practice sealed: the unlock page is served."""
    from permanence.cli import operations
    from permanence.journal import keyring
    from permanence.journal.doors import Refused

    try:
        private = keyring.machine_slot(machine_key.read_bytes())[1]
        list(operations.unlock(folder, {"private": b64encode(private).decode()}))
    except (OSError, ValueError, Refused):
        log.exception("the machine's key did not open the practice")


def _nightly(folder: Any, copies: Path | None) -> None:
    """Each night: a copy that restores itself. Each day: the leaf, when it is due. Both when the practice is open only."""
    from permanence.journal import authority, backup, rotation

    while True:
        time.sleep(TICK_S)
        if folder.sealed:
            continue
        try:
            authority.renew_if_due(folder)
            last = backup.last_result(folder)
            made = None if last is None else datetime.datetime.fromtimestamp(last.at / 1000, PARIS)
            if copies is not None and rotation.due(clock.now().astimezone(PARIS), made):
                backup.run(folder, folder.keys, copies)
        except Exception:
            log.exception("a nightly task failed")


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *values: Any) -> None:
        """The path a person asked for is in no log."""


class _Console(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def _serve_console(application: Application, port: int) -> None:
    """http://localhost for the person in front of this machine: the last way in when certificates or names fail."""
    try:
        server = make_server("127.0.0.1", port, application, server_class=_Console, handler_class=_Quiet)
    except OSError:
        log.exception("the console's port is taken")
        return
    threading.Thread(target=server.serve_forever, name="console", daemon=True).start()
