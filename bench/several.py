"""Two machines of one practice: the first synchronisation, how soon a write is seen, and a week's cut reconciled. Both served for real."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench import booked, importing, practice, relay, serving
from bench.browser import Browser, Login
from bench.figures import Figure, middle, percentile, spread
from bench.server import Server

NAME, OTHER = practice.HOST, f"portable.{practice.RP_ID}"
WRITES, WEEK, PATIENCE_S = 40, 10_000, 1_800.0
ROUNDS, VISITS, QUIET_S = 5, 30, 4.0
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(practice.ROOT / "src")}


def several(folder: Path, work: Path, recipe: practice.Recipe, built: practice.Built) -> list[Figure]:
    """`folder` is a copy of the practice, which is changed; `work` holds the second machine."""
    shutil.rmtree(work, ignore_errors=True)
    people = serving.logins(folder, built)
    with serving.served(folder, people, recipe) as load:
        load.server.settle()
        seconds = _join(load.server, work)
        whole = sum(_held(folder, load.server).values())
        found = [Figure("first synchronisation", seconds, "s", 300 * whole / 300_000,
                        data=f"{whole:,} entries over TLS, each signature checked, command included; 5 min for 300,000 is the target"),
                 Figure("first synchronisation, entries", whole / seconds, "/s", 1_000, most=False)]  # fmt: skip
        _move_peer(work, load.server)
        with Server(work, name=OTHER) as laptop:
            laptop.settle()
            found += _seen(folder, load.browser(), laptop)
            found.append(_during_the_cut(load.server, laptop, people[0]))
    _write_a_week(folder, recipe, built)
    with Server(folder) as office:
        office.settle()  # it was there all week; the other one comes home
        _move_peer(work, office)
        with Server(work, name=OTHER) as laptop:
            began = time.perf_counter()
            _until(lambda: _held(folder, laptop) == _held(folder, office), every=0.25)
            took = time.perf_counter() - began
            open_already = _takes_over(office, laptop, people[0], turn=1)
    with Server(folder) as office, Server(work, name=OTHER) as laptop:
        laptop.stop()
        cold = _takes_over(office, laptop, people[0], turn=2)
    found += _seen_by_relay(folder, work, people, recipe)
    said = f"{WEEK:,} entries written on one machine, from the first page of the other until it holds them all"
    how = "the first one killed, then on the other: signed in, an arrival written, its page shown"
    return [*found, Figure("a week's cut reconciled", took, "s", 10, data=said),
            Figure("the spare takes over, open already", open_already, "s", 60, data=how),
            Figure("the spare takes over, its server not running", cold, "s", 60, data=f"{how}; its server's start included")]  # fmt: skip


def _takes_over(office: Server, spare: Server, person: Login, *, turn: int) -> float:
    """Seconds from the death of one machine to a write made and shown on the other."""
    from permanence.accounts.permissions import today

    day, began = today(), time.perf_counter()
    office.kill()
    if not spare.running:
        spare.start()
    browser = Browser(spare.site, person, count=10_000 * turn)
    browser.sign_in()
    one = booked.appointment_id(day, WRITES + turn)
    written = browser.form(f"/agenda/rdv/{one}/etat/", {"once": str(uuid4()), "etat": "arrived", "jour": f"{day:%Y-%m-%d}"})
    shown = browser.page("/agenda/")
    if written.status >= 400 or shown.status != 200:
        raise SystemExit(f"the spare did not take over: {written.status}, {shown.status}")
    return time.perf_counter() - began


def _join(office: Server, work: Path) -> float:
    command = [sys.executable, "-m", "permanence.cli"]
    asked = subprocess.run([*command, "pair-code", "--folder", str(office.folder), "--name", OTHER], env=ENVIRONMENT,
                           cwd=practice.ROOT, capture_output=True, text=True, check=True)  # fmt: skip
    code, began = asked.stdout.split(":")[-1].strip(), time.perf_counter()
    done = subprocess.run([*command, "join", "--folder", str(work), "--from", f"https://{NAME}:{office.port}", "--at",
                           f"127.0.0.1:{office.port}", "--name", OTHER, "--code", code, "--machine-key", str(practice.machine_key(work))],
                          env=ENVIRONMENT, cwd=practice.ROOT, capture_output=True, text=True, check=False)  # fmt: skip
    if done.returncode:
        raise SystemExit(f"the second machine did not join: {done.stderr[-2000:]}")
    return time.perf_counter() - began


def _seen(folder: Path, browser: Browser, laptop: Server, *, state: str = "arrived", by: str = "", most: float = 500) -> list[Figure]:
    """From the instant a write is asked for on one machine to the instant the other one says that it holds it."""
    from permanence.accounts.permissions import today

    took, day = list[float](), today()
    for turn in range(WRITES):
        before = sum(_held(folder, laptop).values())
        began = time.perf_counter()
        one = booked.appointment_id(day, turn)
        browser.form(f"/agenda/rdv/{one}/etat/", {"once": str(uuid4()), "etat": state, "jour": f"{day:%Y-%m-%d}"})
        _until(lambda before=before: sum(_held(folder, laptop).values()) > before)  # type: ignore[misc]
        took.append((time.perf_counter() - began) * 1000)
    said = f"{WRITES} arrivals {by or 'at one local network'}; asked for every 0.3 s, signed"
    name = f"a write visible on the other machine{', by a relay' if by else ''}"
    return [Figure(f"{name}, median", percentile(took, 0.5), "ms", data=said),
            Figure(f"{name}, p95", percentile(took, 0.95), "ms", most, data=said)]


def _seen_by_relay(folder: Path, work: Path, people: list[Login], recipe: practice.Recipe) -> list[Figure]:
    """The same of two machines that meet at a relay and nowhere else."""
    from tests.relay.serving import Relay

    place = work.parent / "bench-relay"
    with relay.cluster(work.parent / "bench-postgresql") as database:
        shutil.rmtree(place, ignore_errors=True)
        server = Relay(place, database or "").start()
        try:
            base = _meet_at(folder, work, server)
            with serving.served(folder, people, recipe) as load, Server(work, name=OTHER) as laptop:
                load.server.settle()
                laptop.settle()
                browser = Browser(load.server.site, people[0], count=90_000)
                browser.sign_in()
                found = _seen(folder, browser, laptop, state="booked", by=f"by {'PostgreSQL' if database else 'SQLite'}", most=1_500)
            if _ways(work) != [base]:
                raise SystemExit("the two machines met elsewhere")
            return found
        finally:
            server.stop()
            shutil.rmtree(place, ignore_errors=True)


def _meet_at(folder: Path, work: Path, server: Any) -> str:
    """All that the first machine holds is given to the relay, and neither calls the other any more. The relay's address."""
    from permanence.journal import vault
    from permanence.sync import relays
    from permanence.sync.actions import remember_peer
    from permanence.sync.lines import line_to
    from permanence.sync.models import Peer
    from permanence.sync.talk import Talk

    opened: Any = practice.unlock(folder)
    try:
        base = f"http://{server.authority}/{vault.current().practice.hex()}/"
        line = line_to(base, opened)
        relays.enter(opened, line, base, server.code(most={"most_bytes": 1 << 40, "most_entries": 1 << 40, "most_blobs": 1 << 20}))
        Talk(Peer.objects.get(base=base), line, opened.path).once()
        _call_none_but(base)
    finally:
        opened.close()
    opened = practice.unlock(work)
    try:
        remember_peer(base)
        _call_none_but(base)
    finally:
        opened.close()
    return base


def _call_none_but(base: str) -> None:
    from permanence.journal import writer
    from permanence.sync.models import Peer

    writer.current().run_job(lambda: Peer.objects.exclude(base=base).delete() and None)


def _ways(folder: Path) -> list[str]:
    """Whom a machine calls."""
    from permanence.sync.models import Peer

    opened: Any = practice.unlock(folder)
    try:
        return list(Peer.objects.values_list("base", flat=True))
    finally:
        opened.close()


_lines: dict[tuple[Path, str, int], Any] = {}


def _during_the_cut(office: Server, laptop: Server, person: Login) -> Figure:
    """The same work on one machine while the other answers and while it is dead, round by round."""
    browser, taken = Browser(laptop.site, person, count=5_000), {True: list[float](), False: list[float]()}
    browser.sign_in()
    for turn in range(2 * ROUNDS):
        cut = bool(turn % 2)
        if cut:
            office.kill()
        elif not office.running:
            office.start()
            office.settle()
        time.sleep(QUIET_S)  # noticed, or reconciled
        taken[cut].append(_work(browser, turn))
    office.start()
    return Figure("work during the cut, against before", middle(taken[True]) / middle(taken[False]), "times", 1.2,
                  data=f"{VISITS} arrivals, each with its page of the day, on the machine that stays: before {spread(taken[False], 'ms')};"
                       f" the other one killed {spread(taken[True], 'ms')}")  # fmt: skip


def _work(browser: Browser, turn: int) -> float:
    """Milliseconds of an arrival and the page that follows, median."""
    from permanence.accounts.permissions import today

    took, day = list[float](), today()
    for number in range(VISITS):
        one = booked.appointment_id(day, WRITES + 5 + (turn * VISITS + number) // 2 % 40)
        began = time.perf_counter()
        state = "booked" if number % 2 else "arrived"  # and back
        written = browser.form(f"/agenda/rdv/{one}/etat/", {"once": str(uuid4()), "etat": state, "jour": f"{day:%Y-%m-%d}"})
        shown = browser.page("/agenda/")
        if written.status >= 400 or shown.status != 200:
            raise SystemExit(f"work stopped: {written.status}, {shown.status}")
        took.append((time.perf_counter() - began) * 1000)
    return middle(took)


def _held(folder: Path, there: Server) -> dict[Any, int]:
    """What a machine says that it holds, asked with the first one's transport key."""
    from permanence.journal import peers
    from permanence.journal.exchange import Asked
    from permanence.journal.seal import Transport
    from permanence.sync.lines import context_of

    key = folder, there.site.host, there.port
    if key not in _lines:
        seal = folder / "seal"
        _lines[key] = peers.Peer(f"{there.site.origin}/entre-machines/", Transport.load(seal).signing, context_of(seal),
                                 at=("127.0.0.1", there.port))  # fmt: skip
    return dict(_lines[key].pull(Asked({}, 1 << 40, 1)).held)


def _until(done: Callable[[], bool], *, every: float = 0.005) -> None:
    """Asking costs both machines: often only where the instant itself is measured."""
    end = time.perf_counter() + PATIENCE_S
    while not done():
        if time.perf_counter() > end:
            raise SystemExit("the two machines never agreed")
        time.sleep(every)


def _write_a_week(folder: Path, recipe: practice.Recipe, built: practice.Built) -> None:
    opened: Any = practice.unlock(folder)
    try:
        importing.week(recipe, built, WEEK)
    finally:
        opened.close()


def _move_peer(work: Path, office: Server) -> None:
    """The second machine finds the first one where it now listens."""
    opened: Any = practice.unlock(work)
    try:
        from permanence.journal import writer
        from permanence.sync.models import Peer

        base, at = f"{office.site.origin}/entre-machines/", f"127.0.0.1:{office.port}"
        writer.current().run_job(lambda: Peer.objects.update(base=base, at=at) and None)
    finally:
        opened.close()
