"""What the desk waits for: the day and the week, the next free places, a patient's arrival. One client of a served practice."""

import time
from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import quote
from uuid import uuid4

from bench import booked, practice
from bench.browser import Browser
from bench.figures import Figure, percentile
from bench.serving import SHARED, Load

ROUNDS, WARM = 60, 8


def agenda(load: Load, recipe: practice.Recipe, built: practice.Built) -> list[Figure]:
    """Each gesture on its own, after a few that are not counted; times of the whole request, from the client's side."""
    from permanence.accounts.permissions import today

    load.server.settle()
    browser, day = load.browser(), today()
    who, kind = built.member("moreau"), booked.type_id("Bilan")
    free = (f"/agenda/nouveau/regles/?practitioner={who}&day={quote(f'{day:%d/%m/%Y}')}&hour=0800&minutes=30&type={kind}"
            f"&patient={practice.patient_ids(recipe)[3]}")
    said = f"one client; {recipe.appointments:,} appointments, {booked.A_DAY} today of {len(booked.PRACTITIONERS)} practitioners; {SHARED}"
    spent = load.server.cpu_seconds()
    took = _timed(lambda _: _page(browser, f"/agenda/?jour={day:%Y-%m-%d}"))
    spent = (load.server.cpu_seconds() - spent) / (WARM + ROUNDS) * 1000
    found = [
        *_figures("agenda of a day", took, said, 15, 40),
        Figure("agenda of a day, the server's processor", spent, "ms", data="user and system time of all its processes, for one page"),
        *_figures("agenda of a week", _timed(lambda turn: _page(
            browser, f"/agenda/?vue=semaine&qui={who}&jour={day - timedelta(days=7 * (turn % 20)):%Y-%m-%d}")), said),
        *_figures("next free places under rules, and what a place breaks", _timed(lambda _: _page(browser, free)), said),
        *_figures("arrival: written, and its page shown", _timed(lambda turn: _arrive(browser, day, turn)), said),
    ]
    return found


def _timed(gesture: Callable[[int], None]) -> list[float]:
    """Milliseconds of each."""
    took = []
    for turn in range(WARM + ROUNDS):
        began = time.perf_counter()
        gesture(turn)
        took.append((time.perf_counter() - began) * 1000)
    return took[WARM:]


def _page(browser: Browser, target: str) -> None:
    answer = browser.page(target)
    if answer.status != 200:
        raise SystemExit(f"{target.partition('?')[0]}: {answer.status}")


def _arrive(browser: Browser, day: date, turn: int) -> None:
    """What the key A does: the write, then the page with the card of arrival."""
    one = booked.appointment_id(day, turn)
    answer = browser.form(f"/agenda/rdv/{one}/etat/", {"once": str(uuid4()), "etat": "arrived", "jour": f"{day:%Y-%m-%d}"})
    if answer.status != 303:
        raise SystemExit(f"arrival: {answer.status}")
    _page(browser, answer.headers["location"].partition("#")[0])


def _figures(name: str, took: list[float], said: str, middle: float | None = None, high: float | None = None) -> list[Figure]:
    return [Figure(f"{name}, median", percentile(took, 0.5), "ms", middle, data=said),
            Figure(f"{name}, p95", percentile(took, 0.95), "ms", high, data=said)]
