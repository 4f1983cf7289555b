"""A process that has loaded everything and forks the machines that tests kill: each begins in milliseconds, and dies alone.

    python -m tests.sync.zygote

Reads one JSON line for each child, answers with its process id. A child says what it has to say in its own file, whole lines only.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from uuid import UUID
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

NAME = "bureau.cabinet.localhost"
SECRET = bytes(range(32))  # of every machine here


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *values: Any) -> None:
        """Nothing."""


class _OverTls(_Quiet):
    def get_environ(self) -> Any:
        return {**super().get_environ(), "HTTPS": "on"}


def _tls(here: Any) -> Any:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(here.seal_path / "tls" / "cert.pem", here.seal_path / "tls" / "key.pem")
    return context


def _open(path: Path) -> Any:
    from permanence.journal import folder, keyring

    here = folder.open_folder(path)
    here.unlock_with(keyring.machine_slot(SECRET)[1])
    return here


def _by() -> Any:
    from permanence.journal.doors import Actor

    return Actor(UUID(int=1), session=UUID(int=2))


def _made(here: Any) -> None:
    from permanence.journal import keyring

    here.add_slot(keyring.machine_slot(SECRET)[0], "machine")


def found(asked: Mapping[str, Any]) -> Any:
    """A new practice; with `tls`, its own authority."""
    from permanence.accounts.actions import found_practice
    from permanence.journal import authority, folder, keyring
    from permanence.journal.doors import Actor

    with folder.create(Path(asked["folder"]), hosts=[NAME], rp_id="cabinet.localhost") as here:
        found_practice(name="Lilas", rp_id="cabinet.localhost", family_name="Moreau", given_name="Claire", rpps="10003456786",
                       by=Actor.machine("set_up"))  # fmt: skip
        here.add_slot(keyring.machine_slot(SECRET)[0], "machine")
        if asked.get("tls"):
            authority.establish(here)
    _open(Path(asked["folder"])).close()  # it names itself


def answer(asked: Mapping[str, Any]) -> Any:
    """Serve the pages of machines until killed; with `code`, somebody may join. Says ready, and the code."""
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    from permanence.journal.doors import Actor
    from permanence.sync import pairing
    from permanence.web.account import sealport

    settings.PERMANENCE_ORIGIN, settings.PERMANENCE_RP_ID = f"http://{NAME}:{asked['port']}", "cabinet.localhost"
    here = _open(Path(asked["folder"]))
    sealport.use(here)
    server = make_server("127.0.0.1", asked["port"], get_wsgi_application(), server_class=_Server, handler_class=_Quiet)
    code = ""
    if asked.get("code"):
        code = pairing.codes.show(name="Portable", kind="laptop", host="portable.cabinet.localhost", by=Actor.machine("console")).code
    asked["say"]({"ready": True, "code": code})
    server.serve_forever()


def live(asked: Mapping[str, Any]) -> Any:
    """A machine as it is served: TLS at an address, talks, the local network; says what it holds each time that it changes, and of each
    peer how it is reached. With `code`, somebody may join; with `count`, it is written on."""
    import threading

    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    from permanence.journal.doors import Actor
    from permanence.sync import finding, nearby, pairing, talking
    from permanence.web.account import sealport
    from tests.sync.air import Air

    settings.PERMANENCE_ORIGIN = f"https://{asked['name']}:{asked['port']}"
    settings.PERMANENCE_RP_ID = "cabinet.localhost"
    here = _open(Path(asked["folder"]))
    sealport.use(here)
    server = make_server(asked["address"], asked["port"], get_wsgi_application(), server_class=_Server, handler_class=_OverTls)
    server.socket = _tls(here).wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    places = nearby.Places()
    talking.Talker(here, places=places).start()
    finding.Finder(here, places, asked["port"], tune=Air(Path(asked["air"])).radio, addresses=lambda: [asked["address"]], every=0.2).start()
    code = ""
    if asked.get("code"):
        code = pairing.codes.show(name="Portable", kind="laptop", host="portable.cabinet.localhost", by=Actor.machine("console")).code
    asked["say"]({"ready": True, "code": code})
    if asked.get("count"):
        asked["say"]({"texts": _written(asked)})
    _tell(asked)


def _tell(asked: Mapping[str, Any]) -> None:
    """Until killed."""
    import time

    from permanence.journal import arrival
    from permanence.sync.models import Peer

    before: Any = None
    while True:
        held = sorted((replica.hex(), int(stream), size) for (replica, stream), size in arrival.held().items())
        ways = sorted((row.base, row.way if row.failing_since is None else "") for row in Peer.objects.all())
        if (now := {"held": held, "ways": ways}) != before:
            asked["say"](before := now)
        time.sleep(0.05)


def join(asked: Mapping[str, Any]) -> Any:
    """The keys of the practice, by the code; nothing of its record yet."""
    from permanence.cli.joining import _Asking
    from permanence.sync import joining

    asking = _Asking(f"{'https' if asked.get('tls') else 'http'}://{NAME}:{asked['port']}", asked["at"])
    made, _ = joining.join(Path(asked["folder"]), asked["code"], asking, hosts=["portable.cabinet.localhost"], at=asked["at"])
    _made(made)
    made.close()


def _twice(line: Any) -> None:
    from dataclasses import replace

    pull, push = line.pull, line.push
    line.pull = lambda asking: replace(given := pull(asking), batches=given.batches * 2)
    line.push = lambda batch: (push(batch), push(batch))[1]


def talk(asked: Mapping[str, Any]) -> Any:
    """Give and take until nobody lacks anything, begun again when it is cut. With `twice`, everything is said twice and taken twice."""
    import time

    from permanence.journal import peers
    from permanence.sync import queries
    from permanence.sync.lines import line_to, place_of
    from permanence.sync.talk import Talk

    here, cuts = _open(Path(asked["folder"])), 0
    while True:
        (row,) = queries.peers()
        line: Any = line_to(row.base, here, at=place_of(row.at))
        if asked.get("twice"):
            _twice(line)
        try:
            while Talk(row, line, here.path).once():
                pass
            break
        except (peers.Unreachable, peers.Malformed):
            cuts += 1
            time.sleep(0.01)
    asked["say"]({"cuts": cuts})
    here.close()


def write(asked: Mapping[str, Any]) -> Any:
    """People at work: new persons, notes, and a number that the other machine changes too. Says what was written."""
    here = _open(Path(asked["folder"]))
    asked["say"]({"texts": _written(asked)})
    here.close()


def _written(asked: Mapping[str, Any]) -> list[str]:
    from tests.testapp import actions
    from tests.testapp.models import Person

    by, texts = _by(), []
    known = list(Person.objects.order_by("id").values_list("id", flat=True)[:5])
    for number in range(asked["count"]):
        person = actions.register(by=by, family=f"{asked['who']}{number}")
        text = f"{asked['who']} {number} {'x' * (number * 37 % 900)}"
        actions.write_note(person, text, by=by)
        texts.append(text)
        if known:
            actions.amend(known[number % len(known)], by=by, phone=f"{asked['who']} {number}")
    return texts


def look(asked: Mapping[str, Any]) -> Any:
    """What the machine holds, verified whole."""
    from drill import hand
    from permanence.journal import arrival, conflicts, verify
    from tests.testapp.models import Note

    here = _open(Path(asked["folder"]))
    held = sorted((replica.hex(), int(stream), size) for (replica, stream), size in arrival.held().items())
    asked["say"]({
        "tables": hand.tables(), "held": held, "texts": sorted(Note.objects.values_list("text", flat=True)),
        "findings": [finding.what for finding in verify.verify(full=True, saved_heads=here.saved_heads()).findings],
        "conflicts": conflicts.count(), "entries": sum(size for *_, size in held)})  # fmt: skip
    here.close()


WORKS = {work.__name__: work for work in (found, answer, live, join, talk, write, look)}


def _child(asked: dict[str, Any]) -> int:
    """Never returns to the caller's loop."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    out = os.open(asked["out"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(out, 2)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    asked["say"] = lambda said: os.write(out, json.dumps(said).encode() + b"\n")
    try:
        WORKS[asked["work"]](asked)
    except BaseException:
        import traceback

        os.write(out, traceback.format_exc().encode())
        return 1
    asked["say"]({"done": True})
    return 0


def main() -> None:
    import django

    django.setup()
    from permanence.lib import host

    host.Reserve.__init__.__defaults__ = (8192,)
    from permanence.journal import exchange

    exchange.Asked.__init__.__defaults__ = (0, 40)  # many small batches: many places to die in
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018 -- loads every view, once for all children
    assert threading.active_count() == 1
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are nobody's to wait for
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if not pid:
            os._exit(_child(asked))
        print(json.dumps({"pid": pid}), flush=True)


if __name__ == "__main__":
    main()
