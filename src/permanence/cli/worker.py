"""The one worker process: opens nothing by itself unless a machine key is given, answers the socket, serves the pages."""

import asyncio
import datetime
import gc
import ipaddress
import logging
import os
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterable
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from permanence.cli import prepare, serve, socket
from permanence.lib import host

log = logging.getLogger(__name__)
Start = Callable[..., Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]
LEAF_EVERY_S = 3600.0
WAYS_EVERY_S = 60.0
YOUNG = 10_000  # objects made before they are looked through for cycles: a page makes far fewer, and hardly any cycle
SWITCH_S = 0.0005  # a page that is being drawn lets the writer commit its access entry meanwhile
WEBAUTHN_AFTER_S = 1.0  # once the first page has gone


def make_application() -> Application:
    """Everything that a worker starts, and the WSGI application."""
    gc.disable()  # what is loaded now stays: looking through it again and again would be a tenth of the start
    sys.setswitchinterval(SWITCH_S)
    host.keep_memory_small()
    place, more = serve.parse(os.environ["PERMANENCE_PLACE"])
    copies, kits = (Path(more[name]) if more[name] else None for name in ("copies", "kits"))
    prepare.django_for(place)
    from permanence.cli import assets

    assets.prepare(place.folder / "run")
    from django.core.wsgi import get_wsgi_application
    from django.urls import get_resolver

    from permanence.accounts import live, webauthn
    from permanence.cli import operations
    from permanence.journal import folder as folders
    from permanence.web import health as strip
    from permanence.web import reasons
    from permanence.web.account import sealport
    from permanence.web.live import streams
    from permanence.web.photo import pairing
    from permanence.web.practice import health

    folder = folders.open_folder(place.folder, held=True)
    chores = Chores(copies, kits, demo=place.demo, nearby=_nearby(place.origin, more))
    folders.at_seal.append(live.forget_all)
    folders.at_seal.append(reasons.forget)
    folders.at_seal.append(pairing.codes.forget)
    prepare.copy_before_upgrade(copies)
    folders.after_unlock.append(chores.start)
    folders.before_seal.append(chores.stop)
    folders.before_seal.append(lambda _: streams.end_all())
    health.report_from(chores.health)
    strip.exchange_from(chores.exchange)
    sealport.use(folder)
    if place.machine_key is not None:
        _open_alone(folder, place.machine_key)
    threading.Thread(target=chores.renew_leaf, name="leaf", daemon=True).start()
    socket.Server(folder.socket_path, lambda command, asked: operations.handle(folder, command, asked))
    application: Application = get_wsgi_application()
    if place.live_origin:
        threading.Thread(target=_serve_live, args=(place.live_origin, more["listen"]), name="live", daemon=True).start()
    if place.console_origin:
        _serve_console(application, urlsplit(place.console_origin).port or 80)
    get_resolver().url_patterns  # noqa: B018 -- loads every view now, not in the first person's request
    look_rarely()
    later = threading.Timer(WEBAUTHN_AFTER_S, webauthn.load)
    later.daemon = True
    later.start()
    return application


def look_rarely() -> None:
    """From now on the collector looks at what pages make, and seldom; never again at what was loaded before."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
    gc.enable()


def _nearby(origin: str, more: dict[str, Any]) -> tuple[int, str] | None:
    """The port and the address to announce on the local network; None: nothing. Without TLS a found address would prove nothing, and
    what listens to this machine alone is nobody's neighbour."""
    where, address = urlsplit(origin), more["listen"]["address"]
    wanted = more.get("nearby") and where.scheme == "https" and not _is_this_machine(address)
    return (where.port or 443, address) if wanted else None


def _is_this_machine(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return True  # a name: what it stands for is not asked


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


def _finder(folder: Any, places: Any, port: int, address: str) -> Any:
    """Announces every address of the local network under which the pages are served."""
    from permanence.lib import discovery
    from permanence.sync.finding import Finder

    def one() -> list[str]:
        return [address] if discovery.is_local(address) else []

    every = address in ("0.0.0.0", "::")  # noqa: S104 -- compared, not listened on
    return Finder(folder, places, port, addresses=discovery.addresses if every else one)


class Chores:
    """What an open practice does by itself: verification, the night's copy, the leaf; and what the screens show of it."""

    def __init__(self, copies: Path | None, kits: Path | None = None, *, demo: bool = False, nearby: tuple[int, str] | None = None) -> None:
        self._copies, self._kits, self._demo, self._nearby = copies, kits, demo, nearby
        self._evening: Any = None
        self._ways: tuple[float, int] | None = None  # asked by every page: read again once a minute
        self._nightly: Any = None
        self._watcher: Any = None
        self._follower: Any = None
        self._pace: Any = None
        self._talker: Any = None
        self._finder: Any = None
        self._folder: Any = None

    def start(self, folder: Any) -> None:
        """At each unlock. A dead writer ends the process: the supervisor starts another, sealed."""
        from permanence.capabilities.watching import Watching
        from permanence.continuity.evening import Evening
        from permanence.interop.following import Follower
        from permanence.interop.watching import Watcher
        from permanence.journal import writer
        from permanence.journal.nightly import Nightly
        from permanence.sync import leaving
        from permanence.sync.nearby import Places
        from permanence.sync.talking import Talker

        leaving.emptied[:] = [host.end_service]
        for alias in ("default", "access"):
            writer.current(alias).when_dead = lambda error: os._exit(70)
        self._folder, self._nightly = folder, Nightly(folder, lambda: self._copies)
        self._nightly.start()
        self._evening = Evening(folder.path, lambda: self._kits)
        self._evening.start()
        self._watcher = Watcher()
        self._watcher.start()
        self._follower = Follower()
        self._follower.start()
        self._pace = Watching()
        self._pace.start()
        places = Places()
        self._talker = Talker(folder, places=places)
        self._talker.start()
        if self._nearby is not None:
            self._finder = _finder(folder, places, *self._nearby)
            self._finder.start()

    def stop(self, folder: Any) -> None:
        """Before each seal."""
        for task in (self._finder, self._talker, self._pace, self._follower, self._watcher, self._evening, self._nightly):
            if task is not None:
                task.stop()
        self._finder = self._talker = self._pace = self._follower = self._watcher = self._evening = self._nightly = None

    def renew_leaf(self) -> None:
        """For ever, once an hour: our own certificate, when it is due and the practice is open."""
        from permanence.journal import authority

        while True:
            try:
                if self._folder is not None and not self._folder.sealed:
                    authority.renew_if_due(self._folder)
            except Exception:
                log.exception("the leaf could not be renewed")
            time.sleep(LEAF_EVERY_S)

    def health(self) -> Any:
        """For the screens: the last copy and the last verification."""
        from permanence.continuity import evening
        from permanence.journal import backup
        from permanence.web.practice.health import Health, Result

        copy = None if self._folder is None else backup.last_result(self._folder)
        kit = None if self._folder is None else evening.last_result(self._folder.path)
        report = None if self._nightly is None else self._nightly.verified
        return Health(
            None if copy is None else Result(_utc(copy.at), copy.ok, copy.entries, where=copy.copy, problem=copy.problem),
            None if report is None else Result(
                _utc(report.ended), report.sound, report.entries,
                problem="" if report.sound else "Des écarts ont été trouvés\u00a0: voir le journal."),
            kit=None if kit is None else Result(_utc(kit.at), kit.ok, patients=kit.patients, where=kit.file, problem=kit.problem),
            kits=self._kits is not None, copies=self._copies is not None or self._demo, ways=self._count_ways())

    def exchange(self) -> Any:
        """For the strip: the practice's other machines, as the last rounds left them. None while there is none."""
        from permanence.web.health import Exchange
        from permanence.web.links import reverse

        state = None if self._talker is None else self._talker.state
        if state is None or not (state.known or state.aside):
            return None
        return Exchange(state.peers, state.peers - state.failing, state.waiting, state.last_at,
                        state.failing_since if state.failing == state.peers else None, state.to_settle, reverse("sync:settling"),
                        state.lies, state.revoked, state.aside, state.away, state.doors, state.full)

    def _count_ways(self) -> int | None:
        """How many ways to open the practice count; None in a fictional one, and while it is sealed."""
        from permanence.accounts import queries

        if self._demo or self._folder is None or self._folder.sealed:
            return None
        now = time.monotonic()
        if self._ways is None or now - self._ways[0] > WAYS_EVERY_S:
            self._ways = now, queries.ways_to_open()
        return self._ways[1]


def _utc(ms: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.UTC)


def _serve_live(origin: str, listen: dict[str, Any]) -> None:
    """The stream of live screens, on a loop of its own: it would hold the threads that make pages. Without it, screens read again."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server.embed import Server

    from permanence.web.live import port_of, streams

    certificate, key = (Path(path) if path else None for path in listen["tls"])

    async def run() -> None:
        streams.start(asyncio.get_running_loop())
        await Server(streams, address=listen["address"], port=port_of(origin), interface=Interfaces.ASGINL, websockets=False,
                     log_access=False, log_level=LogLevels.error, ssl_cert=certificate, ssl_key=key).serve()

    try:
        asyncio.run(run())
    except Exception:
        log.exception("live screens are not served")


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
