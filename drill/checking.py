"""After the return: what each machine holds, against what people wrote. Each machine is read by a process of its own, on its own folder."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from drill import hand
from drill.ledger import Ledger
from drill.machines import Failed, Machine

THINGS = ("patients", "notes", "appointments", "tasks", "lines")


@dataclass
class Found:
    """What is wrong, if anything. Empty lists are what must be."""

    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)  # several values stand and no list says so
    differing: list[str] = field(default_factory=list)  # tables that are not alike on all machines
    unsound: list[str] = field(default_factory=list)
    aside: int = 0
    conflicts: int = 0  # fields in question of what this exercise wrote
    settled: int = 0  # of those
    conflicts_in_all: int = 0
    entries: int = 0
    tables: dict[str, dict[str, str]] = field(default_factory=dict)


def read(machines: tuple[Machine, ...], ledger: Ledger) -> list[dict[str, Any]]:
    """Every machine's answer, in that order."""
    slots = [list(slot) for slot in ledger.written]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda one: hand.ask(one, "read", slots=slots), machines))


def check(machines: tuple[Machine, ...], ledger: Ledger) -> Found:
    """Everything of the ledger, on every machine."""
    found, answers = Found(), read(machines, ledger)
    for machine, answer in zip(machines, answers, strict=True):
        _things(found, machine.name, answer, ledger)
        _values(found, machine.name, answer, ledger)
        found.aside += answer["aside"]
        found.tables[machine.name] = answer["tables"]
    first = answers[0]
    found.entries, found.conflicts_in_all = first["entries"], sum(len(names) for _, _, names in first["conflicts"])
    found.conflicts = sum(len(ledger.standing(slot)) > 1 for slot in ledger.written)
    live = zip(ledger.written, first["slots"], strict=True)
    found.settled = sum(len(ledger.standing(slot)) > 1 and len(values) == 1 for slot, values in live)
    found.differing = [name for name, digest in first["tables"].items() if any(one["tables"].get(name) != digest for one in answers)]
    if any(one["held"] != first["held"] for one in answers):
        found.differing.append("entrées")
    return found


def _things(found: Found, name: str, answer: dict[str, Any], ledger: Ledger) -> None:
    wanted = {
        "patients": ledger.patients, "notes": ledger.notes, "appointments": ledger.appointments, "tasks": ledger.tasks,
        "lines": {line: patient for line, (_, patient) in ledger.lines.items()},
    }  # fmt: skip
    for thing in THINGS:
        here = Counter(tuple(row) for row in answer[thing])
        for row in wanted[thing].items():
            if not here[row]:
                found.lost.append(f"{name}: {thing}: {row[0]}")
            elif here[row] > 1:
                found.twice.append(f"{name}: {thing}: {row[0]}")


def _values(found: Found, name: str, answer: dict[str, Any], ledger: Ledger) -> None:
    shown = {(kind, object, field) for object, kind, names in answer["conflicts"] for field in names}
    for slot, live in zip(ledger.written, answer["slots"], strict=True):
        standing = ledger.standing(slot)
        if slot[1] in ledger.settled and len(live) == 1 and set(live) <= standing:
            continue  # a person chose it; the others are in the history of the file
        found.lost += [f"{name}: {slot[0]}.{slot[2]}: {value}" for value in sorted(standing - set(live))]
        if len(standing) > 1 and slot not in shown:
            found.hidden.append(f"{name}: {slot[0]}.{slot[2]}")


def verify(machines: tuple[Machine, ...], found: Found) -> list[str]:
    """`permanence verify --full` on each; what each says."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda one: _verified(one, found), machines))


def _verified(machine: Machine, found: Found) -> str:
    try:
        return machine.run("verify", "--full", "--machine-key", machine.key).strip().splitlines()[-1]
    except Failed as failed:
        found.unsound.append(f"{machine.name}: {failed}")
        return "écarts"
