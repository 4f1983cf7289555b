"""What the exercise showed: a JSON file for machines, one printed page for the practice."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drill.checking import Found
from drill.ledger import Ledger


@dataclass
class Report:
    """All of it. `sound` is the verdict: nothing lost, nothing twice, nothing hidden, all alike, nothing failed."""

    days: int
    seed: int
    at: str
    apart: bool
    dns_gone: bool
    relay: bool
    seconds: float
    prepared_s: float
    cut_s: float
    reconciled_s: float
    waited_entries: int
    told: list[str]
    refused: dict[str, bool]
    ledger: Ledger
    found: Found
    verified: list[str]
    machines: list[str]
    notes: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        found = self.found
        wrong = (found.lost, found.twice, found.hidden, found.differing, found.unsound, self.ledger.failed)
        return not any(wrong) and not found.aside and all(self.refused.values())

    def as_json(self) -> dict[str, Any]:
        ledger, found = self.ledger, self.found
        written = {thing: len(getattr(ledger, thing)) for thing in ("patients", "notes", "appointments", "tasks", "lines")}
        statuses: dict[str, dict[str, int]] = {}
        for (moment, machine, status), count in sorted(ledger.statuses.items()):
            statuses.setdefault(f"{moment}, {machine}", {})[status] = count
        return {
            "sound": self.sound, "days": self.days, "seed": self.seed, "at": self.at, "network_namespace": self.apart,
            "dns_gone": self.dns_gone, "relay": self.relay, "seconds": round(self.seconds, 1),
            "seconds_prepared": round(self.prepared_s, 1), "seconds_cut": round(self.cut_s, 1),
            "seconds_reconciled": round(self.reconciled_s, 2), "entries_waiting_at_return": self.waited_entries,
            "entries": found.entries, "written": {**written, "values": sum(map(len, ledger.written.values()))},
            "lost": found.lost, "re_entered": len(found.lost), "twice": found.twice, "sent_again": ledger.sent_again,
            "conflicts": {"expected": found.conflicts, "settled": found.settled, "hidden": found.hidden, "fields_listed": found.conflicts_in_all},
            "differing": found.differing, "aside": found.aside, "unsound": found.unsound, "verified": self.verified,
            "requests": statuses, "failed": ledger.failed, "refusals_of_the_replacement": dict(ledger.refusals),
            "replacement_refused": self.refused, "told": self.told, "notes": self.notes, "tables_sha256": found.tables,
        }  # fmt: skip


def save(report: Report, folder: Path, name: str) -> Path:
    """`<name>.json`, and `<name>.pdf` where documents can be typeset; returns the first."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    from permanence.lib import typesetting

    (folder / f"{name}.pdf").write_bytes(typesetting.pdf("continuity/typst/exercise.typ", page(report)))
    typesetting.close()
    return path


def page(report: Report) -> dict[str, Any]:
    """The figures of the printed page, in French, as text."""
    ledger, found = report.ledger, report.found
    good = "0 perdu, 0 ressaisi" if report.sound else "Des écarts ont été trouvés"
    asked = Counter[str]()
    for (moment, _, status), count in ledger.statuses.items():
        asked[status if moment == "coupure" else "autre"] += count
    return {
        "title": "Exercice de coupure", "at": report.at, "sound": report.sound, "verdict": good, "days": report.days,
        "done": [*_done(report), *report.told],
        "figures": [
            ["Dossiers créés", _n(len(ledger.patients))], ["Notes signées", _n(len(ledger.notes))],
            ["Rendez-vous pris", _n(len(ledger.appointments))], ["Tâches demandées", _n(len(ledger.tasks))],
            ["Valeurs écrites dans des fiches partagées", _n(sum(map(len, ledger.written.values())))],
            ["Demandes pendant la coupure", ", ".join(f"{status} : {_n(count)}" for status, count in sorted(asked.items()) if status != "autre")],
            ["Demandes en échec", _n(len(ledger.failed))],
            ["Entrées en attente au retour", _n(report.waited_entries)],
            ["Temps du rattrapage", f"{report.reconciled_s:.1f} s".replace(".", ",")],
            ["Perdu", _n(len(found.lost))], ["Écrit deux fois", _n(len(found.twice))],
            ["Champs écrits des deux côtés, tous montrés « à rapprocher »" if not found.hidden else "Champs écrits des deux côtés, non montrés",
             _n(len(found.hidden) or found.conflicts)],
            ["… dont réglés à l’écran", _n(found.settled)],
            ["Tables qui diffèrent entre les machines", _n(len(found.differing))],
            ["Entrées mises à part", _n(found.aside)],
            ["Remplaçante refusée après sa fin d’accès", f"{sum(report.refused.values())} fois sur {len(report.refused)}"],
        ],
        "checks": [f"{name} : {said}" for name, said in zip(report.machines, report.verified, strict=True)],
        "wrong": [*found.lost, *found.twice, *found.hidden, *found.differing, *found.unsound, *ledger.failed][:12],
        "digest": next(iter(found.tables.values()), {}).get("consultations_note", ""),
    }  # fmt: skip


def _done(report: Report) -> list[str]:
    where = "dans un réseau à part, sans aucun nom qui réponde" if report.apart else "sans réseau à part : cette machine ne le permet pas"
    return [
        f"Trois machines ({', '.join(report.machines)}), {where}.",
        f"Coupure de {report.days} jours : " + ("relais tué le premier jour, lignes coupées." if report.relay else "lignes coupées, sans relais."),
        "Chaque jour : quinze patients au bureau, des visites sur le portable, les mêmes fiches modifiées des deux côtés.",
        "L’horloge du portable avance d’un jour.",
    ]


def _n(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def as_lines(report: Report) -> str:
    """For the terminal."""
    found, ledger = report.found, report.ledger
    rows = [
        ("lost", len(found.lost)), ("twice", len(found.twice)), ("conflicts hidden", len(found.hidden)), ("conflicts shown", found.conflicts), ("of them settled", found.settled),
        ("tables that differ", len(found.differing)), ("kept aside", found.aside), ("unsound", len(found.unsound)),
        ("requests", sum(ledger.statuses.values())), ("requests failed", len(ledger.failed)), ("writes", ledger.writes),
        ("entries", found.entries), ("reconciled in s", round(report.reconciled_s, 2)), ("whole drill in s", round(report.seconds, 1)),
    ]  # fmt: skip
    wrong = [*found.lost, *found.twice, *found.hidden, *found.differing, *found.unsound, *ledger.failed]
    return "\n".join([*(f"{name:>20}  {value}" for name, value in rows), *(f"  ! {one}" for one in wrong[:20]),
                      "nothing lost" if report.sound else "NOT SOUND"])  # fmt: skip



