"""« Les dix patients à connaître »: prepared by who leaves, read by who replaces, within the rights of each."""

import datetime
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from permanence.agenda import actions as agenda
from permanence.agenda import times
from permanence.consultations import actions as clinical
from permanence.documents import actions as documents
from permanence.handover import actions, queries
from permanence.handover.changes import handed_over
from permanence.journal.doors import Actor, Refused
from permanence.lib import clock
from permanence.lib.dates import format_date, format_long
from permanence.patients import actions as patients
from permanence.tasks import actions as tasks
from tests.handover.conftest import FIRST, LAST, at
from tests.patients.conftest import opened


def _book(patient: UUID, moreau: Actor, day: datetime.date = FIRST) -> None:
    assert moreau.member is not None
    agenda.book(patient, by=moreau, practitioner=moreau.member, start=times.instant(day, 600))


def _result(patient: UUID, moreau: Actor, **more: object) -> None:
    documents.add_results(patient, by=moreau, results=[
        {"loinc": "2823-3", "label": "Potassium", "number": 61, "scale": 1, "unit": "mmol/L", "value_text": "6,1", "at": clock.now(),
         "abnormal": "HH", **more}])  # type: ignore[typeddict-item]


def test_each_line_says_why(replacement: UUID, moreau: Actor, petit: Actor, jeanne: UUID) -> None:
    _book(jeanne, moreau)
    _result(jeanne, moreau)
    tasks.add_task("Rappeler au sujet du holter", by=moreau, patient=jeanne, urgent=True)
    clinical.add_treatment(jeanne, by=moreau, fields={"label": "Eliquis", "dci": "Apixaban"})
    [line] = queries.known(replacement, reader=opened(petit)).lines
    assert line.patient == jeanne
    assert not line.by_hand
    assert line.reasons[0].replace("\u00a0", " ").endswith("Potassium : 6,1 mmol/L")
    words = " ".join(line.reasons)
    assert "holter" in words
    assert "Apixaban" in words
    assert f"{format_long(FIRST)} à 10:00" in words


def test_a_treatment_with_an_end_to_come_is_changed_and_not_stopped(
    replacement: UUID, moreau: Actor, petit: Actor, jeanne: UUID
) -> None:
    _book(jeanne, moreau)
    clinical.add_treatment(jeanne, by=moreau, fields={"label": "Amoxicilline", "end": format_date(LAST)})
    [line] = queries.known(replacement, reader=opened(petit)).lines
    [said] = [reason for reason in line.reasons if "Amoxicilline" in reason]
    assert said.startswith("Traitement changé le ")
    assert said.endswith(f"Amoxicilline, jusqu’au {format_date(LAST)}")


def test_who_takes_many_treatments_is_counted_with_those_that_end_later(
    replacement: UUID, moreau: Actor, petit: Actor, jeanne: UUID
) -> None:
    _book(jeanne, moreau)
    clinical.sign_note(jeanne, by=moreau, fields={"motif": "Suivi"})
    for number in range(7):
        clinical.add_treatment(jeanne, by=moreau, fields={"label": f"Produit {number}", "end": format_date(LAST) if number % 2 else ""})
    [line] = queries.known(replacement, reader=opened(petit)).lines
    assert any(reason.startswith("Nombreux traitements") for reason in line.reasons)


def test_a_visit_of_the_round_has_no_hour(replacement: UUID, moreau: Actor, petit: Actor, jeanne: UUID) -> None:
    agenda.add_visit(jeanne, by=moreau, practitioner=moreau.member, day=FIRST)
    _result(jeanne, moreau)
    [line] = queries.known(replacement, reader=opened(petit)).lines
    assert f"Visite de la tournée, {format_long(FIRST)}" in line.reasons
    assert "00:00" not in " ".join(line.reasons)


def test_who_is_only_booked_is_not_on_the_list(replacement: UUID, moreau: Actor, petit: Actor, jeanne: UUID) -> None:
    _book(jeanne, moreau)
    assert queries.known(replacement, reader=opened(petit)).lines == ()


def test_who_is_chosen_by_hand_comes_first_with_the_doctors_words(
    replacement: UUID, moreau: Actor, petit: Actor, jeanne: UUID, register: Callable[..., UUID]
) -> None:
    other, third = register("Zola"), register("Verne")
    _book(jeanne, moreau)
    _result(jeanne, moreau)
    actions.choose(replacement, other, by=moreau, text="Fin de vie à domicile, famille prévenue.")
    actions.choose(replacement, third, by=moreau)
    actions.move_up(replacement, third, by=moreau)
    lines = queries.known(replacement, reader=opened(petit)).lines
    assert [line.patient for line in lines] == [third, other, jeanne]
    assert lines[1].text == "Fin de vie à domicile, famille prévenue."
    assert lines[0].reasons == ("Choisi à la main",)


def test_who_is_left_out_stays_out_until_taken_back(replacement: UUID, moreau: Actor, jeanne: UUID) -> None:
    _result(jeanne, moreau)
    actions.leave_out(replacement, jeanne, by=moreau)
    found = queries.known(replacement, reader=opened(moreau))
    assert (found.lines, found.left_out) == ((), (jeanne,))
    actions.let_rules_decide(replacement, jeanne, by=moreau)
    assert [line.patient for line in queries.known(replacement, reader=opened(moreau)).lines] == [jeanne]


def test_an_eleventh_is_refused(replacement: UUID, moreau: Actor, register: Callable[..., UUID]) -> None:
    for number in range(10):
        actions.choose(replacement, register(f"Nom{number}"), by=moreau)
    with pytest.raises(Refused, match="Dix patients"):
        actions.choose(replacement, register("Dernier"), by=moreau)


@pytest.mark.parametrize("who", ["benali", "sophie", "petit", "hugo", "nadia", "ines"])
def test_the_replaced_doctor_alone_prepares_the_list(who: str, replacement: UUID, cast: dict[str, Actor], jeanne: UUID) -> None:
    for act in (actions.choose, actions.leave_out, actions.let_rules_decide, actions.move_up):
        with pytest.raises(Refused):
            act(replacement, jeanne, by=cast[who])


@pytest.mark.parametrize("who", ["benali", "sophie", "hugo", "nadia", "lucie"])
def test_nobody_else_opens_the_list(who: str, replacement: UUID, cast: dict[str, Actor]) -> None:
    with pytest.raises(Refused) as refused:
        queries.known(replacement, reader=opened(cast[who]))
    assert refused.value.code == "unknown"


def test_what_is_reserved_weighs_nothing_and_is_not_told(replacement: UUID, moreau: Actor, petit: Actor, jeanne: UUID) -> None:
    _book(jeanne, moreau)
    _result(jeanne, moreau, sensitive=True)
    assert queries.known(replacement, reader=opened(petit)).lines == ()
    assert len(queries.known(replacement, reader=opened(moreau)).lines) == 1


def test_the_words_about_a_protected_file_stay_closed(replacement: UUID, moreau: Actor, petit: Actor, jeanne: UUID) -> None:
    patients.set_protection(jeanne, by=moreau, kind="staff")
    actions.choose(replacement, jeanne, by=moreau, text="Séropositivité non connue de l’époux.")
    [line] = queries.known(replacement, reader=opened(petit)).lines
    assert (line.text, line.closed) == ("", True)
    assert line.reasons == ("Choisi à la main",)


def test_reserved_reasons_leave_their_place_to_the_next_ones(
    replacement: UUID, moreau: Actor, petit: Actor, register: Callable[..., UUID]
) -> None:
    closed = [register(f"Clos{number}") for number in range(10)]
    open_ = [register(f"Ouvert{number}") for number in range(3)]
    for one in (*closed, *open_):
        patients.set_medecin_traitant(one, by=moreau, member=moreau.member)
    for one in closed:
        _result(one, moreau, sensitive=True)
    for one in open_:
        _result(one, moreau, abnormal="H")
    assert {line.patient for line in queries.known(replacement, reader=opened(petit)).lines} == set(open_)


def test_who_died_is_not_proposed(replacement: UUID, moreau: Actor, petit: Actor, jeanne: UUID) -> None:
    _result(jeanne, moreau)
    patients.mark_deceased(jeanne, by=moreau, on=FIRST - datetime.timedelta(days=3))
    assert queries.known(replacement, reader=opened(petit)).lines == ()


def test_a_merged_file_stands_once(replacement: UUID, moreau: Actor, petit: Actor, jeanne: UUID, register: Callable[..., UUID]) -> None:
    other = register("Martin", "Jeanne")
    patients.merge(jeanne, by=moreau, merged=other, reason="Créé deux fois")
    actions.choose(replacement, other, by=moreau, text="À revoir")
    _result(jeanne, moreau)
    [line] = queries.known(replacement, reader=opened(petit)).lines
    assert (line.patient, line.text) == (jeanne, "À revoir")


def test_who_was_chosen_by_hand_explains_that_the_replacing_doctor_opens_the_file(
    replacement: UUID, moreau: Actor, petit: Actor, benali: Actor, jeanne: UUID
) -> None:
    assert petit.member is not None
    assert benali.member is not None
    assert not handed_over(petit.member, jeanne)
    actions.choose(replacement, jeanne, by=moreau)
    assert handed_over(petit.member, jeanne)
    assert not handed_over(benali.member, jeanne)
    with at(LAST + datetime.timedelta(days=2)):
        assert not handed_over(petit.member, jeanne)


def test_without_an_absence_in_the_agenda_the_contract_s_dates_are_the_replacement(moreau: Actor, petit: Actor, jeanne: UUID) -> None:
    assert petit.member is not None
    [one] = queries.mine(reader=opened(petit))
    assert (one.id, one.doctor, one.deputy) == (petit.member, moreau.member, petit.member)
    assert one.last_day - one.first_day == datetime.timedelta(days=14)
    actions.choose(one.id, jeanne, by=moreau, text="Deuil récent")
    assert [line.text for line in queries.known(one.id, reader=opened(petit)).lines] == ["Deuil récent"]
    assert handed_over(petit.member, jeanne)


@pytest.mark.parametrize(("first", "last", "contract"), [(-9, -8, True), (-9, 0, False), (3, 4, False), (14, 20, False), (15, 20, True)])
def test_an_absence_outside_the_contract_leaves_it_a_replacement(
    first: int, last: int, contract: bool, moreau: Actor, petit: Actor
) -> None:
    assert moreau.member is not None
    assert petit.member is not None
    [one] = queries.mine(reader=opened(petit))
    start = times.bounds(one.first_day + datetime.timedelta(days=first))[0]
    end = times.bounds(one.first_day + datetime.timedelta(days=last))[1]
    agenda.be_away(by=moreau, practitioner=moreau.member, start=start, end=end, replacement=petit.member)
    assert (one.id in {period.id for period in queries.mine(reader=opened(petit))}) is contract


def test_an_absence_that_was_taken_back_is_no_replacement(replacement: UUID, moreau: Actor, petit: Actor, jeanne: UUID) -> None:
    agenda.remove_absence(replacement, by=moreau)
    with pytest.raises(Refused):
        queries.known(replacement, reader=opened(petit))
    with pytest.raises(Refused):
        actions.choose(replacement, jeanne, by=moreau)


def test_a_replacement_taken_back_or_over_explains_no_opening(replacement: UUID, moreau: Actor, petit: Actor, jeanne: UUID) -> None:
    assert petit.member is not None
    actions.choose(replacement, jeanne, by=moreau)
    agenda.remove_absence(replacement, by=moreau)
    assert not handed_over(petit.member, jeanne)
    [contract] = queries.mine(reader=opened(petit))
    actions.choose(contract.id, jeanne, by=moreau)
    assert handed_over(petit.member, jeanne)
    with at(contract.last_day):
        assert handed_over(petit.member, jeanne)
    with at(contract.last_day + datetime.timedelta(days=1)):
        assert not handed_over(petit.member, jeanne)


def test_an_unknown_replacement_is_refused(replacement: UUID, moreau: Actor, jeanne: UUID) -> None:
    with pytest.raises(Refused):
        queries.known(uuid4(), reader=opened(moreau))
    with pytest.raises(Refused):
        actions.choose(uuid4(), jeanne, by=moreau)
