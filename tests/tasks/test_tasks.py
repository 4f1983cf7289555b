"""A task is asked, done, taken back, handed over; who sees it is who wrote it and whom it is for."""

import datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.accounts.permissions import today
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Actor, Refused
from permanence.patients import actions as patients
from permanence.tasks import actions, changes, queries, rules
from tests.patients.conftest import at_most
from tests.tasks.conftest import opened

DAY = datetime.timedelta(days=1)


def texts(rows: list[queries.TaskRow]) -> list[str]:
    return [row.text for row in rows]


def test_a_task_without_an_addressee_is_ones_own(moreau: Actor) -> None:
    actions.add_task("Commander des draps", by=moreau)
    [row] = queries.my_tasks(reader=opened(moreau))
    assert (row.owner, row.requester, row.patient, row.status) == (moreau.member, moreau.member, None, "requested")


def test_a_task_for_a_profession_is_seen_by_each_of_them(moreau: Actor, sophie: Actor, nadia: Actor, jeanne: UUID) -> None:
    actions.add_task("Rappeler pour la mammographie", by=moreau, patient=jeanne, role="secretaire")
    assert texts(queries.my_tasks(reader=opened(sophie))) == ["Rappeler pour la mammographie"]
    assert queries.my_tasks(reader=opened(nadia)) == []
    assert texts(queries.asked_by_me(reader=opened(moreau))) == ["Rappeler pour la mammographie"]


def test_nobody_else_sees_it_in_the_file_nor_by_its_id(moreau: Actor, sophie: Actor, benali: Actor, jeanne: UUID) -> None:
    task = actions.add_task("Dire le résultat", by=sophie, patient=jeanne, to=moreau.member)
    assert texts(queries.of_patient(jeanne, reader=opened(moreau))) == ["Dire le résultat"]
    assert texts(queries.of_patient(jeanne, reader=opened(sophie))) == ["Dire le résultat"]
    reader = opened(benali)
    assert queries.of_patient(jeanne, reader=reader) == []
    with pytest.raises(Refused) as known:
        queries.task(task, reader=reader)
    with pytest.raises(Refused) as unknown:
        queries.task(uuid4(), reader=reader)
    assert (known.value.code, known.value.sentence) == (unknown.value.code, unknown.value.sentence)


@pytest.mark.parametrize("change", ["complete", "cancel", "reopen", "reassign", "postpone", "amend_task"])
def test_nobody_changes_what_is_anothers(change: str, moreau: Actor, benali: Actor, jeanne: UUID) -> None:
    task = actions.add_task("Dire le résultat", by=moreau, patient=jeanne)
    more = {"postpone": {"due_on": None}, "amend_task": {"text": "Autre chose"}}.get(change, {})
    with pytest.raises(Refused) as refused:
        getattr(actions, change)(task, by=benali, **more)
    assert refused.value.code == "unknown"
    assert texts(queries.my_tasks(reader=opened(moreau))) == ["Dire le résultat"]


@pytest.mark.parametrize("who", ["bruno", "yann"])
def test_who_has_no_tasks_writes_and_receives_none(who: str, cast: dict[str, Actor], moreau: Actor) -> None:
    with pytest.raises(Refused) as refused:
        actions.add_task("Regarder les comptes", by=cast[who])
    assert refused.value.code == "right"
    with pytest.raises(Refused) as addressee:
        actions.add_task("Regarder les comptes", by=moreau, to=cast[who].member)
    assert addressee.value.code == "addressee"


def test_a_task_is_asked_of_nobody_unknown(moreau: Actor) -> None:
    for wrong in ({"to": uuid4()}, {"role": "comptable"}, {"role": "everyone"}, {"role": "astrologue"}):
        with pytest.raises(Refused) as refused:
            actions.add_task("Rien", by=moreau, **wrong)  # type: ignore[arg-type]
        assert refused.value.code == "addressee"


def test_a_remplacant_has_the_tasks_of_whom_they_replace_and_no_others(moreau: Actor, benali: Actor, petit: Actor, jeanne: UUID) -> None:
    task = actions.add_task("Voir le bilan", by=moreau, patient=jeanne)
    actions.add_task("Voir l’autre bilan", by=benali, patient=jeanne)
    assert texts(queries.my_tasks(reader=opened(petit))) == ["Voir le bilan"]
    actions.complete(task, by=petit)
    assert queries.task(task, reader=opened(moreau)).done_by == petit.member


def test_done_and_taken_back(moreau: Actor) -> None:
    task = actions.add_task("Commander des draps", by=moreau)
    actions.complete(task, by=moreau)
    assert queries.my_tasks(reader=opened(moreau)) == []
    assert queries.task(task, reader=opened(moreau)).done_by == moreau.member
    actions.complete(task, by=moreau)  # twice is once
    actions.reopen(task, by=moreau)
    [row] = queries.my_tasks(reader=opened(moreau))
    assert (row.done_at, row.done_by) == (None, None)


def test_what_is_cancelled_is_not_done_nor_moved_before_it_is_reopened(moreau: Actor) -> None:
    task = actions.add_task("Commander des draps", by=moreau)
    actions.cancel(task, by=moreau)
    for change in (lambda: actions.complete(task, by=moreau), lambda: actions.postpone(task, by=moreau, due_on=today())):
        with pytest.raises(Refused) as refused:
            change()
        assert refused.value.code == "conflict"
    actions.reopen(task, by=moreau)
    actions.postpone(task, by=moreau, due_on=today() + DAY)
    assert queries.my_tasks(reader=opened(moreau))[0].due_on == today() + DAY


def test_who_handed_a_task_over_still_follows_it(moreau: Actor, sophie: Actor, nadia: Actor, jeanne: UUID) -> None:
    task = actions.add_task("Prendre rendez-vous", by=moreau, patient=jeanne, to=sophie.member)
    actions.reassign(task, by=sophie, role="ide")
    assert queries.my_tasks(reader=opened(sophie)) == []
    assert texts(queries.my_tasks(reader=opened(nadia))) == ["Prendre rendez-vous"]
    assert texts(queries.asked_by_me(reader=opened(moreau))) == ["Prendre rendez-vous"]


def test_until_a_day_leaves_out_what_comes_later(moreau: Actor) -> None:
    for text, on in (("hier", today() - DAY), ("ce jour", today()), ("demain", today() + DAY), ("un jour", None)):
        actions.add_task(text, by=moreau, due_on=on)
    actions.add_task("vite", by=moreau, due_on=today(), urgent=True)
    assert texts(queries.my_tasks(reader=opened(moreau), until=today())) == ["vite", "hier", "ce jour", "un jour"]


def test_a_call_names_the_caller_and_waits_to_be_returned(moreau: Actor, sophie: Actor, jeanne: UUID) -> None:
    task = actions.take_call(by=sophie, caller="sa fille", phone="06 11 22 33 44", text="Fièvre depuis hier", patient=jeanne,
                             to=moreau.member)
    [row] = queries.my_tasks(reader=opened(moreau))
    assert (row.id, row.is_call, row.caller, row.phone, row.call_back) == (task, True, "sa fille", "06 11 22 33 44", True)
    assert row.called_at is not None


def test_a_renewal_by_telephone_is_a_kind_of_its_own(moreau: Actor, sophie: Actor, jeanne: UUID) -> None:
    actions.take_call(by=sophie, caller="", patient=jeanne, to=moreau.member, renewal=True)
    assert queries.my_tasks(reader=opened(moreau))[0].is_renewal


def test_a_call_of_nobody_and_an_empty_task_are_refused(moreau: Actor) -> None:
    for empty in (lambda: actions.take_call(by=moreau, caller=" "), lambda: actions.add_task(" \n", by=moreau)):
        with pytest.raises(Refused) as refused:
            empty()
        assert refused.value.code == "empty"


def test_a_task_about_a_merged_file_is_written_in_the_kept_one(moreau: Actor, jeanne: UUID) -> None:
    other = patients.register(by=moreau, birth_name="Martin", first_given_name="Jane", despite=True)
    patients.merge(jeanne, by=moreau, merged=other, reason="Créée deux fois")
    actions.add_task("Vérifier l’adresse", by=moreau, patient=other)
    assert queries.my_tasks(reader=opened(moreau))[0].patient == jeanne
    assert texts(queries.of_patient(other, reader=opened(moreau))) == ["Vérifier l’adresse"]


def test_what_is_listed_is_journalled_with_its_patient(moreau: Actor, jeanne: UUID) -> None:
    task = actions.add_task("Dire le résultat", by=moreau, patient=jeanne)
    reader = opened(moreau)
    queries.my_tasks(reader=reader)
    [served] = reader.close().patients
    assert (served.patient, served.objects, served.levels) == (jeanne, (task,), ((Level.LISTED, 1 << Category.TASKS),))


def test_a_task_goes_with_an_erased_patient(moreau: Actor, jeanne: UUID) -> None:
    actions.add_task("Dire le résultat", by=moreau, patient=jeanne)
    patients.erase(jeanne, by=moreau, reason="demande écrite du 3 mars")
    assert queries.my_tasks(reader=opened(moreau)) == []


def test_a_long_list_takes_two_reads(moreau: Actor, jeanne: UUID) -> None:
    for number in range(12):
        actions.add_task(f"Chose {number}", by=moreau, patient=jeanne if number % 2 else None)
    queries.my_tasks(reader=opened(moreau))
    reader = opened(moreau)
    with at_most(3):  # the third: the protection of the files
        assert len(queries.my_tasks(reader=reader)) == 12


# -- what explains an open


def test_a_task_and_a_call_explain_that_their_addressee_opens_the_file(moreau: Actor, sophie: Actor, benali: Actor, jeanne: UUID) -> None:
    assert moreau.member
    assert benali.member
    task = actions.add_task("Dire le résultat", by=sophie, patient=jeanne, to=moreau.member)
    assert changes.by_a_task(moreau.member, jeanne)
    assert not changes.by_a_call(moreau.member, jeanne)
    assert not changes.by_a_task(benali.member, jeanne)
    assert not changes.by_a_task(sophie.member, jeanne)  # type: ignore[arg-type]
    actions.complete(task, by=moreau)
    assert changes.by_a_task(moreau.member, jeanne)  # done a moment ago
    actions.reopen(task, by=moreau)
    actions.cancel(task, by=moreau)
    assert not changes.by_a_task(moreau.member, jeanne)
    actions.take_call(by=sophie, caller="elle-même", patient=jeanne, role="medecin")
    assert changes.by_a_call(benali.member, jeanne)


# -- rules


@given(st.dates(datetime.date(2020, 1, 1), datetime.date(2035, 1, 1)), st.integers(-400, 400))
def test_every_date_has_one_place(day: datetime.date, shift: int) -> None:
    found = rules.due(day + shift * DAY, day)
    assert found == ("late" if shift < 0 else "today" if shift == 0 else "soon" if shift <= 7 else "later")


@given(st.one_of(st.none(), st.uuids()), st.sampled_from(["", "medecin", "ide"]), st.sets(st.uuids(), max_size=2))
def test_what_is_for_a_named_person_is_for_nobody_by_profession(owner: UUID | None, role: str, owners: set[UUID]) -> None:
    mine = rules.addressed(owner, role, owners=owners, profession="medecin")
    assert mine == (owner in owners if owner else role == "medecin")


def test_all_that_is_asked_of_one_is_handed_to_a_colleague_and_nothing_of_others(
    moreau: Actor, benali: Actor, sophie: Actor, jeanne: UUID
) -> None:
    mine = {actions.add_task("Rappeler", by=sophie, patient=jeanne, to=benali.member), actions.add_task("Commander", by=benali)}
    done = actions.add_task("Classer", by=benali)
    actions.complete(done, by=benali)
    theirs = actions.add_task("Trier", by=benali, to=sophie.member)
    assert moreau.member is not None
    assert actions.hand_over(by=benali, to=moreau.member) == 2
    assert {row.id for row in queries.my_tasks(reader=opened(moreau))} == mine
    assert {row.id for row in queries.my_tasks(reader=opened(sophie))} == {theirs}
