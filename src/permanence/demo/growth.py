"""A growth reference of the fictional practice: an invented table beside the WHO's, so that the choice has something to show."""

from permanence.consultations import actions
from permanence.demo.course import grown
from permanence.journal.doors import Actor

AGES = (-3, -2, -1, *range(25), *range(27, 217, 3))  # months; from 27 weeks to eighteen years
KINDS = (("weight", 1, "0.11"), ("height", 2, "0.04"), ("head", 3, "0.035"))
BEFORE_TERM = (0.24, 0.1, 0.09)  # what each loses a month, as a share of its value at term


def live(by: Actor) -> None:
    """Load it, as a titulaire would."""
    lines = [
        f"{kind},{sex},{age},1,{_median(age, column):.2f},{variation}"
        for kind, column, variation in KINDS for sex in "FM" for age in AGES
    ]  # fmt: skip
    actions.keep_growth_reference(
        by=by,
        name="Essai, valeurs inventées",
        published="Cabinet fictif des Tilleuls, 2026",
        licence="Table inventée pour la démonstration, sans valeur médicale",
        table="\n".join(["kind,sex,month,l,m,s", *lines]),
    )


def _median(age: int, column: int) -> float:
    return grown(max(age, 0), column) * (1 + BEFORE_TERM[column - 1] * min(age, 0))
