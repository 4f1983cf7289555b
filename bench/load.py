"""Simulated clients in a process of their own: each signs in, waits for its turn, and times what it asks.

`python -m bench.load` reads one `Plan` in JSON on its standard input, and prints the times taken in JSON.
"""

import json
import random
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import uuid4

from bench.browser import Answer, Browser, Login, Site

TEXT = ("Patient vu pour renouvellement. Pas de plainte nouvelle. PA 13/8 au repos, pouls régulier, auscultation libre. "
        "Traitement bien pris, pas d’effet indésirable signalé. Ordonnance refaite pour trois mois, biologie dans six semaines. ")


PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Plan:
    """`mix`: weight of each operation. `rate`: requests a second of all clients together; 0: closed loop. Times in s."""

    site: dict[str, Any]
    logins: list[dict[str, Any]]
    patients: list[str]
    names: list[str]
    clients: int
    seconds: float
    mix: dict[str, float]
    rate: float = 0.0
    warm: float = 1.0
    seed: str = ""
    counts: int = 1  # the first signature counter that these clients may use


@dataclass(slots=True)
class Taken:
    """Per operation the seconds each request took; a paced one is counted from the instant it was due."""

    times: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    done: int = 0
    seconds: float = 0.0


class Client:
    """One browser at work."""

    def __init__(self, plan: Plan, number: int) -> None:
        self.plan, self.rng = plan, random.Random(f"{plan.seed}:{number}")
        self.browser = Browser(Site(**plan.site), Login(**plan.logins[number % len(plan.logins)]), count=plan.counts + number)
        self.browser.sign_in()
        self.drafts: dict[str, tuple[str, str]] = {}
        self.taken = Taken()
        self.offset = number / plan.clients

    def work(self, start: float, end: float) -> None:
        """Ask until `end`; only what was due after `start` counts."""
        pause = self.plan.clients / self.plan.rate if self.plan.rate else 0.0
        due = time.perf_counter() + pause * self.offset
        while due < end:
            if time.perf_counter() > end + PATIENCE_S:  # far behind: what was due and never asked is said, not waited for
                self.taken.errors += ["not asked in time"] * int((end - due) / pause + 1)
                return
            if pause:
                time.sleep(max(0.0, due - time.perf_counter()))
            else:
                due = time.perf_counter()
            name = self.rng.choices(list(self.plan.mix), list(self.plan.mix.values()))[0]
            operation: Callable[[], Answer] = getattr(self, name)
            try:
                answer = operation()
                wrong = "" if answer.status in (200, 204, 303) else f"{name}: {answer.status}"
            except OSError as error:
                wrong = f"{name}: {type(error).__name__}"
            if due >= start:
                self.taken.times.setdefault(name, []).append(time.perf_counter() - due)
                self.taken.done += 1
                if wrong:
                    self.taken.errors.append(wrong)
            due += pause

    def file(self) -> Answer:
        return self.browser.page(f"/patients/{self.rng.choice(self.plan.patients)}/")

    def search(self) -> Answer:
        return self.browser.page(f"/patients/?q={self.rng.choice(self.plan.names)}")

    def write(self) -> Answer:
        return self.draft() if self.rng.random() < 0.5 else self.sign()

    def draft(self) -> Answer:
        """Keep what is typed: a new draft, or the next version of this client's own."""
        patient = self.rng.choice(self.plan.patients[:50])
        draft, version = self.drafts.get(patient, ("", "0"))
        answer = self.browser.form(f"/patients/{patient}/note/brouillon/", {
            "draft": draft, "version": version, "kind": "consultation", "motif": "Renouvellement", "mode": "free",
            "text": TEXT * self.rng.randint(1, 6)})
        if "x-draft" in answer.headers:
            self.drafts[patient] = answer.headers["x-draft"], answer.headers["x-draft-version"]
        return answer

    def sign(self) -> Answer:
        patient = self.rng.choice(self.plan.patients)
        return self.browser.form(f"/patients/{patient}/note/signer/", {
            "once": str(uuid4()), "kind": "consultation", "motif": "Renouvellement", "mode": "free",
            "text": TEXT * self.rng.randint(1, 4)})


def run(plan: Plan) -> Taken:
    """All clients of the plan, each in a thread."""
    clients = [Client(plan, number) for number in range(plan.clients)]
    start = time.perf_counter() + plan.warm
    end = start + plan.seconds
    threads = [threading.Thread(target=client.work, args=(start, end)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = Taken(seconds=plan.seconds)
    for client in clients:
        whole.done += client.taken.done
        whole.errors += client.taken.errors
        for name, times in client.taken.times.items():
            whole.times.setdefault(name, []).extend(times)
        client.browser.connection.close()
    return whole


def main() -> int:
    print(json.dumps(asdict(run(Plan(**json.load(sys.stdin))))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
