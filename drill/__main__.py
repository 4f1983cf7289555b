"""`python -m drill`: founds a practice on three machines, cuts them apart for 30 days, brings them back, and says what was lost.

Writes `build/drill.json` and `build/drill.pdf`. Ends with 1 when something is lost, hidden, different or failed.
"""

import argparse
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from drill import checking, days, hand, lines, relay, report, room
from drill.ledger import Ledger
from drill.machines import ROOT, RP_ID, Failed, Machine, found, join

UNTIL_FIRST = 20  # days of access that the replacement had been given beyond the exercise


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m drill", description=__doc__)
    parser.add_argument("--days", type=int, default=30, help="days of the cut (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=4, help="of everything that is drawn (default: %(default)s)")
    parser.add_argument("--no-relay", action="store_true", help="the machines reach one another directly only")
    parser.add_argument("--no-namespace", action="store_true", help="stay in this network, although names may then resolve")
    parser.add_argument("--keep", type=Path, help="keep the machines' folders here")
    parser.add_argument("--to", type=Path, default=ROOT / "build", help="folder of the report (default: build)")
    chosen = parser.parse_args()
    if not chosen.no_namespace:
        ended = room.enter(sys.argv[1:])
        if ended is not None:
            return ended
    if not room.is_apart():
        say("no network namespace here: run in this network; names of the exercise are reserved ones, which nobody answers for")
    place = chosen.keep or Path(tempfile.mkdtemp(prefix="drill-"))
    place.mkdir(parents=True, exist_ok=True)
    try:
        done = exercise(place, chosen)
    except Failed as failed:
        say(f"the drill could not go on: {failed}")
        return 2
    finally:
        if chosen.keep is None:
            shutil.rmtree(place, ignore_errors=True)
    path = report.save(done, chosen.to, "drill" if chosen.days >= 30 else f"drill-{chosen.days}")
    print(f"{report.as_lines(done)}\n{path}, {path.with_suffix('.pdf').name}")
    return 0 if done.sound else 1


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def exercise(place: Path, chosen: argparse.Namespace) -> report.Report:
    """The whole of it; no machine is left running."""
    began, running, between = time.monotonic(), list[Machine](), relay.Relay(place / "relais")
    try:
        script = prepare(place, chosen, running, None if chosen.no_relay else between)
        prepared = time.monotonic() - began
        cut(script, between)
        cut_s = time.monotonic() - began - prepared
        waited, reconciled = come_back(script, between)
        watched = verdict(script)
        return report.Report(
            days=chosen.days, seed=chosen.seed, at=f"{datetime.now(UTC):%d/%m/%Y}", apart=room.is_apart(),
            dns_gone=not any(room.resolves(one.host) for one in script.machines), relay=not chosen.no_relay,
            seconds=time.monotonic() - began, prepared_s=prepared, cut_s=cut_s, reconciled_s=reconciled, waited_entries=waited,
            told=script.told.lines, refused=script.told.refused, ledger=script.ledger, found=watched[0], verified=watched[1],
            machines=[one.host for one in script.machines])  # fmt: skip
    finally:
        for machine in running:
            machine.stop()
            if machine.line is not None:
                machine.line.close()
        between.stop()


def prepare(place: Path, chosen: argparse.Namespace, running: list[Machine], between: "relay.Relay | None") -> days.Script:
    """The practice, its people, its machines, and files that all of them know."""
    say("founding the practice")
    office = found(place / "bureau", "bureau")
    people = hand.ask(office, "people", until=chosen.days + UNTIL_FIRST, rp_id=RP_ID)
    running.append(office)
    office.serve()
    say("two machines join")
    running += [join(office, place / name, name, kind) for name, kind in (("portable", "laptop"), ("heberge", "hosted"))]
    office.stop()
    if between is not None:
        between.start(running)
    running[1].off = 1
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(Machine.serve, running))
    script = days.Script(running[0], running[1], running[2], people, Ledger(), chosen.days, chosen.seed)
    script.before()
    watch = lines.Watch(running)
    watch.wait()
    watch.close()
    return script


def cut(script: days.Script, between: relay.Relay) -> None:
    """Every line dead, the relay killed; people go on."""
    say("the cut")
    between.kill()
    for machine in script.machines:
        if machine.line is not None:
            machine.line.cut()
    for number in range(1, script.days + 1):
        script.day(number)
        say(f"day {number}: {script.ledger.writes} writes, {len(script.ledger.failed)} failures {script.ledger.failed[-1:]}")


def come_back(script: days.Script, between: relay.Relay) -> tuple[int, float]:
    """The lines again. How many entries one or the other lacked, and the seconds until nobody lacks any."""
    watch = lines.Watch(script.machines)
    held = watch.held()
    every = {place: max(one.get(place, 0) for one in held) for one in held for place in one}
    waiting = sum(size - min(one.get(place, 0) for one in held) for place, size in every.items())
    say(f"the return: {waiting} entries wait")
    between.again()
    for machine in script.machines:
        if machine.line is not None:
            machine.line.mend()
    took = watch.wait(patience=300.0)
    say(f"reconciled in {took:.1f} s")
    for machine in script.machines:
        script.told.refused[f"{machine.name}, au retour"] = script.is_refused(machine)
    desk = script.desk(script.laptop, "moreau", "retour")
    shown, settled = desk.settle()
    desk.leave()
    script.told.lines.append(f"Au retour : {shown} questions « à rapprocher » montrées sur le portable, {settled} réglées d’une touche.")
    watch.wait()
    watch.close()
    return waiting, took


def verdict(script: days.Script) -> tuple[checking.Found, list[str]]:
    """Stopped, read apart, compared."""
    for machine in script.machines:
        machine.stop()
        say(f"{machine.name} stopped")
    say("checking")
    found = checking.check(script.machines, script.ledger)
    return found, checking.verify(script.machines, found)


if __name__ == "__main__":
    sys.exit(main())
