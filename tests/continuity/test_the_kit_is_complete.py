"""The sixteen parts of the kit, the plan that the practice fills in, the risks that names tell, every kind of blank form."""

from uuid import uuid5

import pypdfium2
import pytest

from permanence.continuity import actions, paper, plan, queries, risks
from permanence.continuity.models import PlanAnswer
from permanence.journal.doors import Actor, Refused
from permanence.lib import clock
from permanence.tasks import actions as tasks
from tests.cast import reader_for
from tests.continuity.conftest import MONDAY, Expected
from tests.continuity.test_the_evening_kit import read_by


def words(pdf: bytes) -> str:
    return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)).split())


def test_every_part_is_there_with_its_source() -> None:
    assert [part.number for part in plan.parts()] == list(range(1, 17))
    assert all(part.title and part.source for part in plan.parts())
    known = set(plan.fields())
    assert {key for part in plan.parts() for key in part.fields} <= known
    assert not {key for part in plan.parts() for key in part.fields if plan.fields()[key].private}
    assert set(paper.COVER) <= known
    assert {"answering", "sms", "colleague", "pharmacy", "laboratory", "samu", "insurer"} <= {one.key for one in plan.messages()}


def test_no_message_carries_a_patient_or_an_unknown_variable() -> None:
    values = dict.fromkeys(("cabinet", "téléphone", "depuis", "reprise", "médecins", "pharmacie"), "x")
    for one in plan.messages():
        assert "{" not in plan.filled(one.text, values), one.key
        assert "………" in plan.filled(one.text, dict.fromkeys(values, ""))


def test_the_printed_kit_holds_the_sixteen_parts(expected: Expected, moreau: Actor) -> None:
    actions.fill_plan(by=moreau, answers={"pharmacy": "Pharmacie du Marché, 01 60 00 00 00", "sheet_place": "coffre du bureau"})
    tasks.add_task("Rappeler pour le contrôle", by=moreau, patient=expected.jeanne, to=moreau.member)
    copy = actions.log_copy(by=moreau, medium="paper", first_day=MONDAY, last_day=MONDAY, patients=3, forms="full")
    found = queries.kit(reader=read_by(moreau), made_at=clock.now())
    said = words(paper.pdf(paper.data_of(found, queries.numbers_of(copy))))
    for title in ("De quelle panne", "Qui appeler", "Patients attendus", "Patients à risque", "Ce qui attend", "Fiches vierges numérotées",
                  "Journal de l’accueil", "Étiquettes", "Lire les dossiers sans le logiciel", "Détours permis", "Messages prêts",
                  "Facturer sans écran", "dans quel ordre ressaisir", "Journal de la panne", "Si des données ont pu sortir",
                  "Qui fait quoi"):
        assert title in said, title
    assert said.count("Source :") >= 14
    assert "Pharmacie du Marché" in said
    assert "Rappeler pour le contrôle — MARTIN" in said
    assert "coffre du bureau" not in said  # where what reopens everything is kept is no paper of the desk
    for kind, _ in queries.numbers_of(copy):
        assert paper.FORM_TITLES[kind] in said


def test_a_kit_without_blank_forms_gives_no_number(expected: Expected, moreau: Actor) -> None:
    copy = actions.log_copy(by=moreau, medium="paper", first_day=MONDAY, last_day=MONDAY, patients=3, forms="none")
    assert queries.numbers_of(copy) == []
    found = queries.kit(reader=read_by(moreau), made_at=clock.now())
    assert "Fiches vierges numérotées" not in words(paper.pdf(paper.data_of(found, [])))
    with pytest.raises(Refused):
        actions.log_copy(by=moreau, medium="paper", first_day=MONDAY, last_day=MONDAY, patients=3, forms="mille")


def test_the_evening_file_says_that_nobodys_tasks_are_in_it(expected: Expected) -> None:
    found = queries.kit(reader=queries.evening_reader(), made_at=clock.now())
    assert found.pending == ()
    assert "imprimer le kit à l’écran" in found.pending_closed


# -- risks


@pytest.mark.parametrize(("treatments", "problems", "told"), [
    (["Apixaban (ELIQUIS) — 5 mg"], [], ("anticoagulant",)),
    (["LANTUS 20 UI le soir", "Prévíscan"], [], ("anticoagulant", "insuline")),
    (["Méthadone 60 mg"], ["Grossesse en cours"], ("opioïde ou substitution", "grossesse")),
    (["Paracétamol"], ["Appendicectomie"], ()),
    ([], ["Hémodialysé depuis 2019", "Transplantation rénale", "Soins palliatifs"], ("dialyse", "soins palliatifs", "greffe")),
    (["antimorphinique imaginaire"], [], ()),
])
def test_a_risk_is_told_by_the_beginning_of_a_word(treatments: list[str], problems: list[str], told: tuple[str, ...]) -> None:
    assert risks.of(treatments, problems) == told


# -- the plan


@pytest.mark.parametrize("who", ["petit", "hugo", "sophie", "nadia", "bruno", "yann"])
def test_only_a_titulaire_fills_in_the_plan_and_all_read_it(who: str, cast: dict[str, Actor]) -> None:
    actions.fill_plan(by=cast["moreau"], answers={"pharmacy": "Pharmacie du Marché", "sheet_place": "coffre"})
    with pytest.raises(Refused):
        actions.fill_plan(by=cast[who], answers={"pharmacy": "ailleurs"})
    assert queries.answers(reader=reader_for(cast[who])) == {"pharmacy": "Pharmacie du Marché"}
    assert queries.answers(reader=reader_for(cast["benali"])) == {"pharmacy": "Pharmacie du Marché", "sheet_place": "coffre"}


def test_only_what_changed_is_written(moreau: Actor) -> None:
    assert actions.fill_plan(by=moreau, answers={"pharmacy": "A", "laboratory": ""}) == 1
    assert actions.fill_plan(by=moreau, answers={"pharmacy": "A", "laboratory": "B"}) == 1
    assert actions.fill_plan(by=moreau, answers={"pharmacy": ""}) == 1
    assert queries.answers(reader=reader_for(moreau)) == {"laboratory": "B"}
    assert PlanAnswer.objects.count() == 2
    with pytest.raises(Refused):
        actions.fill_plan(by=moreau, answers={"password": "x"})


def test_two_machines_mean_the_same_line(moreau: Actor) -> None:
    """Its id follows from its key: what two replicas write apart meets in one row, and the field's own rule settles it."""
    actions.fill_plan(by=moreau, answers={"pharmacy": "A"})
    assert PlanAnswer.objects.get().id == uuid5(actions.kits.PLAN, "pharmacy")
