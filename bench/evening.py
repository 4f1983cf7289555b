"""The evening: the kit of thirty patients, for a day when nobody else is booked."""

import datetime
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from bench import practice
from bench.figures import Figure

KIT, LATER = 30, datetime.timedelta(days=200)  # past what the practice has booked


def evening(folder: Path, recipe: practice.Recipe, built: practice.Built) -> list[Figure]:
    """Works on a copy of the practice: `folder` is changed."""
    from permanence.lib import clock

    opened: Any = practice.unlock(folder)
    try:
        made_at = clock.now() + LATER
        _book(built, practice.patient_ids(recipe)[:KIT], made_at.date() + datetime.timedelta(days=1))
        return _kit(made_at)
    finally:
        opened.close()


def _book(built: practice.Built, patients: list[UUID], day: datetime.date) -> None:
    """With one doctor, a quarter of an hour each, from eight o'clock."""
    from permanence.agenda import actions, times
    from permanence.journal.doors import Actor

    for place, patient in enumerate(patients):
        actions.book(patient, by=Actor(built.member("moreau"), assurance="demo"), practitioner=built.member("moreau"),
                     start=times.instant(day, 8 * 60 + 15 * place), minutes=15, reason="Suivi")


def _kit(made_at: datetime.datetime) -> list[Figure]:
    """From the evening's first query to the PDF and the encrypted file, typesetter started."""
    from permanence.continuity import paper, queries, rules, sealing
    from permanence.lib import typesetting

    took = []
    for _ in range(3):
        began = time.perf_counter()
        kit = queries.kit(reader=queries.evening_reader(), made_at=made_at)
        data = paper.data_of(kit, rules.form_numbers("3F2A", made_at.date(), 1))
        sealing.html(data, paper.pdf(data), salt=b"0" * 16, iterations=600_000, key=b"0" * 32)
        took.append(time.perf_counter() - began)
    typesetting.close()
    said = f"{len(kit.halves)} half pages, PDF and encrypted file; slowest of 3"
    return [Figure(f"kit of {KIT} patients", max(took), "s", 10.0, data=said)]
