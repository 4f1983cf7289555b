"""From nothing to everything back, by the command as typed: the sheet and a relay, the sheet and a copy. And what a year weighs."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench import practice, relay
from bench.figures import Figure

SHEET = bytes(range(20))
TARGET_S, WHOLE = 480.0, 300_000  # eight minutes for the practice of 300,000 entries
YEAR = 20_000  # consultations of four practitioners
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(practice.ROOT / "src")}
STREAMS = {1: "orders", 2: "records"}


def rebuilding(folder: Path, build: Path, recipe: practice.Recipe) -> list[Figure]:
    """`folder` is a copy of the practice, which is changed."""
    from tests.relay.serving import Relay

    new, copies = build / "bench-rebuilt", build / "bench-copies"
    found = _storage(folder, recipe)
    with relay.cluster(build / "bench-postgresql") as database:
        shutil.rmtree(build / "bench-relay", ignore_errors=True)
        server = Relay(build / "bench-relay", database or "").start()
        try:
            base = f"http://{server.authority}"
            entries, copy, given_s = _prepare(folder, server, base, copies)
            where = "PostgreSQL" if database else "SQLite"
            found.append(Figure("the whole practice given to a relay", given_s, "s", data=f"{entries:,} entries, {where}, {folder.name}"))
            found.append(_timed("rebuild from the sheet and the relay", entries, new, "--relay", base))
            found.append(_timed("rebuild from the sheet and a copy", entries, new, "--copy", str(copy)))
        finally:
            server.stop()
            for left in (new, copies, build / "bench-relay"):
                shutil.rmtree(left, ignore_errors=True)
    return found


def _prepare(folder: Path, server: Any, base: str, copies: Path) -> tuple[int, Path, float]:
    """The practice's sheet, its relay and a copy: (entries, the copy, seconds of giving all)."""
    from permanence.accounts import unlocking
    from permanence.journal import arrival, backup, vault
    from permanence.journal.doors import Actor
    from permanence.sync import relays
    from permanence.sync.lines import line_to
    from permanence.sync.models import Peer
    from permanence.sync.talk import Talk

    opened: Any = practice.unlock(folder)
    try:
        unlocking.replace_sheet(opened, SHEET, by=Actor.machine("console"))
        own = f"{base}/{vault.current().practice.hex()}/"
        line = line_to(own, opened)
        most = {"most_bytes": 1 << 40, "most_entries": 1 << 40, "most_blobs": 1 << 20}
        relays.enter(opened, line, own, server.code(most=most))
        began = time.perf_counter()
        Talk(Peer.objects.get(base=own), line, opened.path).once()
        took = time.perf_counter() - began
        copies.mkdir(parents=True, exist_ok=True)
        return sum(arrival.held().values()), backup.make(opened, opened.keys, copies), took
    finally:
        opened.close()


def _timed(name: str, entries: int, new: Path, *words: str) -> Figure:
    from permanence.journal import keyring

    shutil.rmtree(new, ignore_errors=True)
    began, spent = time.perf_counter(), os.times()
    done = subprocess.run([sys.executable, "-m", "permanence.cli", "rebuild", "--folder", str(new), *words, "--port", "8443"],
                          input=keyring.show_sheet(SHEET) + "\n", env=ENVIRONMENT, cwd=practice.ROOT, capture_output=True, text=True,
                          check=False)  # fmt: skip
    took, after = time.perf_counter() - began, os.times()
    processor = after.children_user + after.children_system - spent.children_user - spent.children_system
    if done.returncode:
        raise SystemExit(f"{name}: {done.stdout[-500:]} {done.stderr[-2000:]}")
    return Figure(name, took, "s", TARGET_S * entries / WHOLE,
                  data=f"{entries:,} entries, command and full verification included, {processor:.0f} s of processor; "
                  f"8 min for {WHOLE:,} is the target: at this pace {took * WHOLE / entries / 60:.1f} min")  # fmt: skip


# -- what a year weighs


def _storage(folder: Path, recipe: practice.Recipe) -> list[Figure]:
    """Bytes of entries by stream, as they travel, for a year of consultations at the practice's own ratios."""
    from permanence.journal import wire
    from permanence.lib.sqlcipher import run

    weigh = ("SELECT e.stream, count(*), sum(length(e.outer) + length(e.signature) + length(e.inner) + coalesce(length(b.sealed), 0))"
             " FROM journal_entry e LEFT JOIN journal_body b ON b.entry = e.hash GROUP BY e.stream")
    opened: Any = practice.unlock(folder)
    try:
        found = [(STREAMS.get(stream, "?"), count, size) for stream, count, size in run("default", weigh).fetchall()]
        found += [("accesses", count, size) for _, count, size in run("access", weigh).fetchall()]
    finally:
        opened.close()
    year = YEAR / recipe.notes
    said = "entries as they travel and are kept by a relay; {count:,} entries of {size:.0f} bytes"
    made = [Figure(f"storage of a year, {name}", size * year / 1e6, "MB", data=said.format(count=int(count * year), size=size / count))
            for name, count, size in found if name != "orders"]  # fmt: skip
    orders = next(((count, size) for name, count, size in found if name == "orders"), (0, 0))
    disk = sum((folder / name).stat().st_size for name in ("practice.db", "access.db")) * year / 1e6
    page = b"%PDF-1.7 " * 7_000
    return [*made, Figure("storage, orders in all", orders[1] / 1e6, "MB", data=f"{orders[0]:,} entries, whatever the years"),
            Figure("storage of a year, both files on the disk", disk, "MB", data=f"{YEAR:,} consultations, tables and indexes included"),
            Figure("storage of a file, sealed over plain", len(wire.seal_blob(page, bytes(16))[2]) / len(page), "",
                   data=f"a file of {len(page):,} bytes")]  # fmt: skip
