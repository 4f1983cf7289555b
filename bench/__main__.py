"""`python -m bench`: builds or reuses the practice, measures everything, prints the table, writes `build/bench.json`.

Ends with an error when nothing could be measured, not when a target is missed: the table says that.
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench import agenda, evening, figures, importing, moving, pages, papers, practice, rebuilding, relay, serving, several, verifying
from bench.figures import Figure
from bench.floors import floors
from bench.server import SLOW_FSYNC_MS, slow_disk

BUILD = practice.ROOT / "build"
PARTS = ("floors", "verify", "bulk", "start", "http", "slow", "pages", "papers", "agenda", "evening", "moving", "relay", "several",
         "rebuild")


def main() -> int:
    chosen = _parser().parse_args()
    small, parts = chosen.small, chosen.only or PARTS
    recipe = practice.SMALL if small else practice.FULL
    kept, work = BUILD / f"bench-practice{'-small' if small else ''}", BUILD / "bench-run"
    _django(kept)
    BUILD.mkdir(exist_ok=True)
    built, now = practice.make_or_reuse(kept, recipe, _say)
    found = [*_built(built, recipe, now)]
    for part in parts:
        _say(f"measuring: {part}")
        measured = _measure(part, kept, work, recipe, built)
        _say("\n" + figures.table(measured))
        found += measured
        figures.save(BUILD / ("bench-small.json" if small or chosen.only else "bench.json"), found)
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[1]:.1f} at the end; "
          f"{recipe.patients:,} patients, {recipe.notes:,} notes, one of {recipe.long_file}, {recipe.accesses:,} access entries, "
          f"{recipe.appointments:,} appointments\n")
    print(figures.table(found))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--small", action="store_true", help="a tenth of the practice: a quick check, not a result")
    parser.add_argument("--only", nargs="*", choices=PARTS, help="some parts only (written to build/bench-small.json)")
    return parser


def _django(folder: Path) -> None:
    sys.path.insert(0, str(practice.ROOT / "src"))
    from permanence.cli import prepare

    folder.mkdir(parents=True, exist_ok=True)
    prepare.django_for(prepare.Place(folder, f"https://{practice.HOST}", practice.RP_ID))


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _built(built: practice.Built, recipe: practice.Recipe, now: bool) -> list[Figure]:
    """How long the practice took to build: context, once."""
    when = "built now" if now else "built by an earlier run, kept"
    return [
        Figure("building the record", built.entries / built.record_seconds, "entries/s", most=False,
               data=f"{built.entries:,} entries in {built.record_seconds:.0f} s, generator included; {when}"),
        Figure("building the accesses", built.accesses / built.access_seconds, "entries/s", most=False,
               data=f"{built.accesses:,} entries in {built.access_seconds:.0f} s; {when}"),
    ]


def _measure(part: str, kept: Path, work: Path, recipe: practice.Recipe, built: practice.Built) -> list[Figure]:
    """One part, on a copy of the practice where it writes."""
    parts: dict[str, Callable[[], list[Figure]]] = {
        "floors": lambda: floors(kept),
        "papers": papers.papers,
        "agenda": lambda: _agenda(practice.copy_of(kept, work), recipe, built),
        "moving": lambda: moving.moving(work),
        "several": lambda: several.several(practice.copy_of(kept, work), BUILD / "bench-second", recipe, built),
        "rebuild": lambda: rebuilding.rebuilding(practice.copy_of(kept, work), BUILD, recipe),
        "relay": lambda: relay.relay(BUILD, small=recipe is practice.SMALL),
        "evening": lambda: evening.evening(practice.copy_of(kept, work), recipe, built),
        "verify": lambda: verifying.verifying(practice.copy_of(kept, work)),
        "bulk": lambda: importing.importing(practice.copy_of(kept, work), recipe, built),
        "start": lambda: [serving.started(practice.copy_of(kept, work))],
        "http": lambda: _served(practice.copy_of(kept, work), recipe, built),
        "slow": lambda: _served_slowly(practice.copy_of(kept, work), recipe, built),
        "pages": lambda: _pages(practice.copy_of(kept, work), recipe, built),
    }
    return parts[part]()


def _served(work: Path, recipe: practice.Recipe, built: practice.Built) -> list[Figure]:
    with serving.served(work, serving.logins(work, built), recipe) as load:
        return [*serving.figures(load, slow=False), *serving.memory(load)]


def _served_slowly(work: Path, recipe: practice.Recipe, built: practice.Built) -> list[Figure]:
    environment = slow_disk(BUILD)
    if environment is None:
        _say(f"skipped: fsync of {SLOW_FSYNC_MS} ms cannot be emulated here (no C compiler, or no preloading)")
        return []
    with serving.served(work, serving.logins(work, built), recipe, environment) as load:
        return serving.figures(load, slow=True)


def _agenda(work: Path, recipe: practice.Recipe, built: practice.Built) -> list[Figure]:
    with serving.served(work, serving.logins(work, built), recipe) as load:
        return agenda.agenda(load, recipe, built)


def _pages(work: Path, recipe: practice.Recipe, built: practice.Built) -> list[Figure]:
    found = serving.logins(work, built)
    with serving.served(work, found, recipe) as load:
        weights = pages.weights(load)
    return [*weights, *pages.queries(work, recipe, found[0])]


if __name__ == "__main__":
    sys.exit(main())
