"""Bulk import into the full practice, alone and while somebody works: entries a second, and what the urgent work waits."""

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from bench import practice
from bench.figures import Figure, middle, percentile, spread

ROUNDS, PATIENTS, EVERY_S = 3, 120, 0.05
FIRST_NEW = 1_000_000  # numbers of the patients who are imported: none of them is in the practice


def importing(folder: Path, recipe: practice.Recipe, built: practice.Built) -> list[Figure]:
    """Works on a copy of the practice: `folder` is changed."""
    opened: Any = practice.unlock(folder)
    alone, beside, waits = list[float](), list[float](), list[list[float]]()
    try:
        for turn in range(ROUNDS):
            alone.append(_import(_groups(recipe, built, 2 * turn)))
            with _Urgent(practice.patient_ids(recipe), built.member("moreau")) as urgent:
                beside.append(_import(_groups(recipe, built, 2 * turn + 1)))
            waits.append(urgent.waits)
    finally:
        opened.close()
    p95 = [percentile(one, 0.95) * 1000 for one in waits]
    return [
        Figure("bulk import", middle(alone), "entries/s", 2_500, most=False,
               data=f"files of {PATIENTS} patients into the full practice, sealed, signed, in the tables; {spread(alone)}"),
        Figure("urgent work during a bulk import, p95", middle(p95), "ms", 40,
               data=f"a draft saved 20 times a second in another thread, {sum(map(len, waits))} in all; {spread(p95)};"
                    f" the import meanwhile {middle(beside):,.0f} entries/s"),
    ]


def _groups(recipe: practice.Recipe, built: practice.Built, turn: int) -> list[Sequence[Any]]:
    fewer = replace(recipe, patients=PATIENTS, notes=PATIENTS * recipe.notes // recipe.patients, long_file=20)
    members = {key: UUID(id) for key, id in built.members.items()}
    return list(practice.groups(fewer, members, lambda _: None, first=FIRST_NEW + turn * PATIENTS))


def week(recipe: practice.Recipe, built: practice.Built, entries: int) -> int:
    """About so many entries of new files, as a busy week leaves them; how many there were."""
    from permanence.journal import bulk
    from permanence.journal.doors import Actor

    taken, count = list[Sequence[Any]](), 0
    for turn in range(100, 200):
        for group in _groups(recipe, built, turn):
            taken.append(group)
            count += len(group)
            if count >= entries:
                return bulk.append_many(taken, by=Actor.machine("demo"), action="bench:week")
    raise AssertionError("too few")


def _import(groups: list[Sequence[Any]]) -> float:
    from permanence.journal import bulk
    from permanence.journal.doors import Actor

    began = time.perf_counter()
    entries = bulk.append_many(groups, by=Actor.machine("demo"), action="bench:load")
    return entries / (time.perf_counter() - began)


class _Urgent:
    """Somebody who types while the import runs: paced, whatever the answers take."""

    def __init__(self, patients: list[UUID], member: UUID) -> None:
        self._patients, self._member, self._over = patients, member, threading.Event()
        self.waits: list[float] = []
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> "_Urgent":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        from permanence.consultations.actions import save_draft
        from permanence.journal.doors import Actor

        by, due, turn = Actor(self._member, assurance="demo"), time.perf_counter(), 0
        while not self._over.is_set():
            save_draft(self._patients[turn % len(self._patients)], by=by, payload={"text": "Toux depuis trois jours."})
            self.waits.append(time.perf_counter() - due)
            turn, due = turn + 1, max(due + EVERY_S, time.perf_counter() - 1)
            time.sleep(max(0.0, due - time.perf_counter()))
