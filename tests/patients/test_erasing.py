"""A person's files are erased by a titulaire, all of them, with the reason kept and a receipt that says how long copies last."""

from datetime import timedelta
from uuid import UUID

import pytest

from permanence.journal import keys
from permanence.journal.categories import Scope
from permanence.journal.doors import Actor, Refused
from permanence.lib import clock
from permanence.lib.sqlcipher import run
from permanence.patients import actions
from permanence.patients.models import Patient

REASON = "Demande écrite du 3 novembre"


def test_the_whole_family_of_merged_files_is_erased(jeanne: UUID, moreau: Actor) -> None:
    double = actions.register(by=moreau, birth_name="Ménard", first_given_name="Jeanne", despite=True)
    other = actions.register(by=moreau, birth_name="Roux", first_given_name="Paul")
    actions.merge(jeanne, merged=double, by=moreau)
    receipt = actions.erase(double, by=moreau, reason=REASON)
    assert set(receipt.files) == {jeanne, double}
    assert list(Patient.objects.values_list("id", flat=True)) == [other]
    for gone in (jeanne, double):
        with pytest.raises(keys.Erased):
            keys.of_scope(Scope.PATIENT, gone.bytes)
    assert run("default", "SELECT count(*) FROM patients_namerow WHERE patient <> ?", other.hex).fetchone() == (0,)
    assert len({row[0] for row in run("default", "SELECT object FROM journal_entry WHERE kind = 'journal.erase'")}) == 2


def test_the_receipt_says_when_the_last_copy_goes(jeanne: UUID, moreau: Actor) -> None:
    today = clock.now().date()
    until = actions.erase(jeanne, by=moreau, reason=REASON).copies_until
    assert timedelta(days=28) <= until - today <= timedelta(days=93)  # four weeks at least; three months that have a copy


@pytest.mark.parametrize(("name", "code"), [("sophie", "titulaire"), ("petit", "titulaire"), ("nadia", "titulaire")])
def test_only_a_titulaire_erases(jeanne: UUID, request: pytest.FixtureRequest, name: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        actions.erase(jeanne, by=request.getfixturevalue(name), reason=REASON)
    assert refused.value.code == code
    assert Patient.objects.filter(id=jeanne).exists()


def test_a_machine_erases_nobody(jeanne: UUID) -> None:
    for purpose in ("import", "restore", "console"):
        with pytest.raises(Refused):
            actions.erase(jeanne, by=Actor.machine(purpose), reason=REASON)


@pytest.mark.parametrize("reason", ["", "  ", "erreur"])
def test_a_reason_is_written(jeanne: UUID, moreau: Actor, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        actions.erase(jeanne, by=moreau, reason=reason)
    assert refused.value.code == "reason"


def test_who_answers_for_the_file_decides(jeanne: UUID, moreau: Actor, benali: Actor) -> None:
    actions.set_controller(jeanne, by=moreau, controller=benali.member)
    with pytest.raises(Refused) as refused:
        actions.erase(jeanne, by=moreau, reason=REASON)
    assert refused.value.code == "controller"
    assert actions.erase(jeanne, by=benali, reason=REASON).files == (jeanne,)


def test_a_file_erased_twice_is_unknown(jeanne: UUID, moreau: Actor) -> None:
    actions.erase(jeanne, by=moreau, reason=REASON)
    with pytest.raises(Refused) as refused:
        actions.erase(jeanne, by=moreau, reason=REASON)
    assert refused.value.code == "unknown"
