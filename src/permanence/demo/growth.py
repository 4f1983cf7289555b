"""Growth in the fictional practice: an invented reference beside the WHO's, and a preterm child weighed before her term."""

from datetime import timedelta

from permanence.consultations import actions
from permanence.demo.course import grown
from permanence.demo.rows import patient_id
from permanence.journal.doors import Actor
from permanence.lib import clock

AGES = (-3, -2, -1, *range(25), *range(27, 217, 3))  # months; from 27 weeks to eighteen years
KINDS = (("weight", 1, "0.11"), ("height", 2, "0.04"), ("head", 3, "0.035"))
BEFORE_TERM = (0.24, 0.1, 0.09)  # what each loses a month, as a share of its value at term

LINA, AGE = 3, 275  # of the cast: her number, her days of life
EARLY = ((12, "29463-7", 2_140, 3), (12, "9843-4", 318, 1), (30, "29463-7", 2_780, 3), (30, "9843-4", 336, 1))  # day, what, how much


def live(patients: int, by: Actor) -> None:
    """Load the reference, as a titulaire would; add what the maternity wrote in the health book."""
    for day, code, value, scale in EARLY if patients > LINA else ():
        at = clock.now() - timedelta(days=AGE - day)
        actions.add_measure(patient_id(LINA), by=by, loinc=code, values=[(code, value, scale)], taken_at=at)
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
