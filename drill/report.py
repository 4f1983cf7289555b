"""What the exercise showed: a JSON file for machines, one printed page for the practice."""

import json
from collections import Counter
from dataclasses import dataclass
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

    @property
    def wrong(self) -> list[str]:
        """Everything that must not be."""
        found = self.found
        let_in = [f"remplaçante admise : {where}" for where, refused in self.refused.items() if not refused]
        return [*found.lost, *found.twice, *found.hidden, *found.differing, *found.unsound, *self.ledger.failed, *let_in]

    @property
    def sound(self) -> bool:
        return not self.wrong and not self.found.aside

    def as_json(self) -> dict[str, Any]:
        ledger, found = self.ledger, self.found
        statuses: dict[str, dict[str, int]] = {}
        for (moment, machine, status), count in sorted(ledger.statuses.items()):
            statuses.setdefault(f"{moment}, {machine}", {})[status] = count
        return {
            "sound": self.sound, "days": self.days, "seed": self.seed, "at": self.at, "relay": self.relay,
            "network_namespace": self.apart, "dns_gone": self.dns_gone,
            "seconds": {"whole": round(self.seconds, 1), "prepared": round(self.prepared_s, 1), "cut": round(self.cut_s, 1),
                        "reconciled": round(self.reconciled_s, 2)},
            "entries": found.entries, "entries_waiting_at_return": self.waited_entries, "written": ledger.counts(),
            "lost": found.lost, "re_entered": len(found.lost), "twice": found.twice, "sent_again": ledger.sent_again,
            "conflicts": {"expected": found.conflicts, "settled": found.settled, "hidden": found.hidden,
                          "fields_listed": found.conflicts_in_all},
            "differing": found.differing, "aside": found.aside, "unsound": found.unsound, "verified": self.verified,
            "requests": statuses, "failed": ledger.failed, "refusals_of_the_replacement": dict(ledger.refusals),
            "replacement_refused": self.refused, "told": self.told, "tables_sha256": found.tables,
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
    """What the printed page says, in French, as text."""
    found = report.found
    return {
        "title": "Exercice de coupure", "at": report.at, "sound": report.sound, "days": report.days,
        "verdict": "0 perdu, 0 ressaisi" if report.sound else "Des écarts ont été trouvés",
        "done": [*_done(report), *report.told], "figures": [*_written(report), *_checked(report)],
        "checks": [f"{name} : {said}" for name, said in zip(report.machines, report.verified, strict=True)],
        "wrong": report.wrong[:12], "digest": next(iter(found.tables.values()), {}).get("consultations_note", ""),
    }  # fmt: skip


def _done(report: Report) -> list[str]:
    where = "dans un réseau à part, où aucun nom ne répond" if report.apart else "sans réseau à part, que cette machine ne permet pas"
    lines = "relais tué le premier jour, lignes coupées" if report.relay else "lignes coupées, sans relais"
    return [
        f"Trois machines ({', '.join(report.machines)}), {where}.",
        f"Coupure de {report.days} jours : {lines}. L’horloge du portable avance d’un jour.",
        "Chaque jour : quinze patients au bureau, des visites sur le portable, les mêmes fiches modifiées des deux côtés.",
    ]


def _written(report: Report) -> list[list[str]]:
    counts, asked = report.ledger.counts(), Counter[str]()
    for (moment, _, status), count in report.ledger.statuses.items():
        if moment == "coupure":
            asked[status] += count
    return [
        ["Dossiers créés", _n(counts["patients"])], ["Notes signées", _n(counts["notes"])],
        ["Rendez-vous pris, tâches demandées", f"{_n(counts['appointments'])}, {_n(counts['tasks'])}"],
        ["Valeurs écrites dans les fiches partagées", _n(counts["values"])],
        ["Demandes pendant la coupure, par réponse", ", ".join(f"{status} : {_n(asked[status])}" for status in sorted(asked))],
        ["Demandes en échec", _n(len(report.ledger.failed))],
        ["Entrées en attente au retour", _n(report.waited_entries)],
        ["Temps du rattrapage", f"{report.reconciled_s:.1f} s".replace(".", ",")],
    ]  # fmt: skip


def _checked(report: Report) -> list[list[str]]:
    found = report.found
    return [
        ["Perdu", _n(len(found.lost))], ["Ressaisi", _n(len(found.lost))], ["Écrit deux fois", _n(len(found.twice))],
        ["Champs écrits de plusieurs côtés", _n(found.conflicts)],
        ["… montrés « à rapprocher », réglés, ni l’un ni l’autre",
         ", ".join(map(_n, (found.conflicts - found.settled, found.settled, len(found.hidden))))],
        ["Tables qui diffèrent entre les machines", _n(len(found.differing))],
        ["Entrées mises à part", _n(found.aside)],
        ["Remplaçante refusée après sa fin d’accès", f"{sum(report.refused.values())} fois sur {len(report.refused)}"],
    ]  # fmt: skip


def _n(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def as_lines(report: Report) -> str:
    """For the terminal."""
    found, ledger = report.found, report.ledger
    rows = {
        "lost": len(found.lost), "twice": len(found.twice), "conflicts": found.conflicts, "of them hidden": len(found.hidden),
        "of them settled": found.settled, "tables that differ": len(found.differing), "kept aside": found.aside,
        "unsound": len(found.unsound), "requests": sum(ledger.statuses.values()), "requests failed": len(ledger.failed),
        "writes": ledger.writes, "entries": found.entries, "reconciled in s": round(report.reconciled_s, 2),
        "whole drill in s": round(report.seconds, 1),
    }  # fmt: skip
    told = [*(f"{name:>20}  {value}" for name, value in rows.items()), *(f"  ! {one}" for one in report.wrong[:20])]
    return "\n".join([*told, "nothing lost" if report.sound else "NOT SOUND"])
