"""One measured figure, the table printed of them, and `build/bench.json`. Nothing is measured here."""

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """`target` None: a floor or a context figure, nothing to meet. `most`: the target is a ceiling, else it is a floor."""

    name: str
    value: float
    unit: str
    target: float | None = None
    most: bool = True
    data: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without a target."""
        if self.target is None or math.isnan(self.value):
            return None if self.target is None else False
        return self.value <= self.target if self.most else self.value >= self.target


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the sorted values do not exceed (nearest rank). NaN of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, math.ceil(share * len(ordered)) - 1))] if ordered else math.nan


def middle(values: Sequence[float]) -> float:
    """The median of rounds; NaN of nothing."""
    return statistics.median(values) if values else math.nan


def spread(values: Sequence[float], unit: str = "") -> str:
    """The rounds beside their median, so that noise is seen."""
    return f"{len(values)} rounds: " + ", ".join(f"{value:.3g}" for value in values) + (f" {unit}" if unit else "")


def table(figures: Sequence[Figure]) -> str:
    """What `make bench` prints: one line a figure."""
    rows = [("figure", "value", "target", "", "data")]
    for one in figures:
        target = "" if one.target is None else f"{'≤' if one.most else '≥'} {one.target:g} {one.unit}"
        mark = {True: "met", False: "MISSED", None: ""}[one.met]
        value = f"{one.value:,.4g}" if one.value < 1000 else f"{one.value:,.0f}"
        rows.append((one.name, f"{value} {one.unit}", target, mark, one.data))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join("  ".join([*map(str.ljust, row, widths), row[4]]).rstrip() for row in rows)


def save(path: Path, figures: Sequence[Figure]) -> None:
    """`bench.json`: a list of {name, value, unit, target, met, data}; a value that could not be measured is null."""
    def plain(one: Figure) -> dict[str, object]:
        found = {**asdict(one), "met": one.met}
        del found["most"]
        return {**found, "value": None if math.isnan(one.value) else round(one.value, 4)}

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([plain(one) for one in figures], ensure_ascii=False, indent=1) + "\n")
