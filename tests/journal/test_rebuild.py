"""The tables are what folding the entries gives: after any history of writes, moves, prunings and erasures."""

import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils.safestring import mark_safe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from permanence.journal import actions as journal_actions
from permanence.journal import chain, vault, verify
from permanence.journal.doors import Actor
from permanence.journal.journaled import OutsideAction
from permanence.journal.values import BadValue
from permanence.lib.sqlcipher import run
from tests.testapp import actions
from tests.testapp.models import Draft, Item, Note, Person

NOW = datetime.datetime(2026, 1, 1, 10, tzinfo=datetime.UTC)


def sound() -> int:
    report = verify.verify(full=True)
    assert report.findings == ()
    return report.entries


def test_an_act_gives_one_entry_per_object_contiguous_and_counted(practice: vault.Vault, anyone: Actor) -> None:
    def work() -> None:
        p = actions.register(by=anyone, family="Martin")
        actions.amend(p, by=anyone, phone="1")
        actions.amend(p, by=anyone, phone="2", given="Jeanne")
        actions.write_note(p, "n", by=anyone)
    actions.call(work, by=anyone)
    person = Person.objects.get()
    assert (person.family, person.phone, person.given) == ("Martin", "2", "Jeanne")
    inners = [chain.wire.open_inner(row[0], practice.metadata, practice.practice)
              for row in run("default", "SELECT inner FROM journal_entry ORDER BY seq").fetchall()]
    assert [(i.kind, *i.act[1:]) for i in inners] == [("testapp.person", 1, 2), ("testapp.note", 2, 2)]
    assert len({i.act[0] for i in inners}) == 1
    assert sound() == 2


def test_orders_are_part_of_their_act(practice: vault.Vault, anyone: Actor) -> None:
    p = actions.register(by=anyone, family="Martin")
    wrong = actions.write_note(p, "n", by=anyone)

    def move() -> None:
        journal_actions.prune(wrong, by=anyone)
        actions.write_note(p, "n", by=anyone)
    actions.call(move, by=anyone)
    last = [chain.wire.open_inner(row[0], practice.metadata, practice.practice)
            for row in run("default", "SELECT inner FROM journal_entry ORDER BY id DESC LIMIT 2").fetchall()]
    assert {(i.kind, *i.act) for i in last} == {("journal.prune", last[0].act[0], 1, 2), ("testapp.note", last[0].act[0], 2, 2)}
    assert [note.text for note in Note.objects.all()] == ["n"]
    assert sound() == 4


def test_what_a_caught_failure_rolled_back_leaves_no_entry(practice: vault.Vault, anyone: Actor) -> None:
    def work() -> None:
        p = actions.register(by=anyone, family="kept")
        try:
            with transaction.atomic():
                actions.amend(p, by=anyone, phone="dropped")
                actions.register(by=anyone, family="dropped")
                raise ValueError
        except ValueError:
            pass
        actions.amend(p, by=anyone, given="G")
    actions.call(work, by=anyone)
    assert list(Person.objects.values_list("family", "phone", "given")) == [("kept", "", "G")]
    assert sound() == 1


def test_no_change_is_no_entry(practice: vault.Vault, anyone: Actor) -> None:
    p = actions.register(by=anyone, family="A", weight=80, birth="1970-01-02")
    actions.amend(p, by=anyone, weight="80", birth=datetime.date(1970, 1, 2), flagged=False)
    assert sound() == 1


def test_other_ways_to_write_are_refused(practice: vault.Vault, anyone: Actor) -> None:
    p = actions.register(by=anyone, family="x")
    n = actions.write_note(p, "t", by=anyone)
    outside = Person.objects.get(id=p)
    with pytest.raises(OutsideAction):
        outside.save()
    note = Note.objects.get(id=n)

    def change_note() -> None:
        loaded = Note.objects.get(id=note.id)
        loaded.text = "changed"
        loaded.save()
    for bad in (lambda: Person.objects.update(family="y"), lambda: Person.objects.all().delete(), change_note,
                lambda: Person.objects.bulk_create([]), lambda: Person.objects.get(id=p).delete(),
                lambda: Person._base_manager.all().delete(), lambda: Person.objects.bulk_update([], ["family"]),
                lambda: (setattr(outside, "family", "z"), outside.save())):
        with pytest.raises(OutsideAction):
            actions.call(bad, by=anyone)
    assert actions.call(lambda: Person.objects.update_or_create(family="x", defaults={"phone": "3"})[0].phone, by=anyone) == "3"
    assert sound() == 3


@pytest.mark.parametrize("bad", [1.5, float("nan"), "half \ud800", "nul \0"])
def test_what_no_entry_may_carry_is_refused_and_nothing_is_written(practice: vault.Vault, anyone: Actor, bad: Any) -> None:
    p = actions.register(by=anyone, family="x")
    with pytest.raises(BadValue):
        actions.add_item(p, "l", by=anyone, data={"deep": [bad]})
    assert not Item.objects.exists()
    assert sound() == 1


class Named(StrEnum):
    FAMILY = "Durand"


def test_a_choice_and_marked_text_are_kept_as_plain_text(practice: vault.Vault, anyone: Actor) -> None:
    one = actions.register(by=anyone, family=Named.FAMILY)
    other = actions.register(by=anyone, family=mark_safe("Petit"))
    assert [Person.objects.get(id=id).family for id in (one, other)] == ["Durand", "Petit"]
    assert sound() == 2


def test_an_id_is_never_used_twice(practice: vault.Vault, anyone: Actor) -> None:
    p = actions.register(by=anyone, family="x")
    with pytest.raises(IntegrityError):
        actions.register(by=anyone, id=p, family="y")
    journal_actions.erase(p, by=anyone)
    with pytest.raises(IntegrityError):
        actions.register(by=anyone, id=p, family="y")


def test_erasing_destroys_key_bodies_and_rows_and_late_entries_stay_closed(practice: vault.Vault, anyone: Actor) -> None:
    p, q = (actions.register(by=anyone, family=f) for f in "AB")
    actions.write_note(p, "secret", by=anyone)
    actions.add_item(p, "secret", by=anyone)
    journal_actions.erase(p, by=anyone)
    assert [person.id for person in Person.objects.all()] == [q]
    assert not Note.objects.exists()
    assert not Item.objects.exists()
    assert b"secret" not in b"".join(row[0] for row in run("default", "SELECT registers FROM journal_objectstate"))
    with pytest.raises(chain.keys.Erased):
        actions.write_note(p, "late", by=anyone)
    assert sound() == 5


def test_pruning_removes_one_body_and_what_it_superseded_stays_superseded(practice: vault.Vault, anyone: Actor) -> None:
    p = actions.register(by=anyone, family="A", phone="1")
    actions.amend(p, by=anyone, given="wrong person", phone="2")
    bad = run("default", "SELECT hash FROM journal_entry ORDER BY id DESC LIMIT 1").fetchone()[0]
    actions.amend(p, by=anyone, given="right")
    journal_actions.prune_entries(p, [bad], by=anyone)
    row = Person.objects.get()
    assert (row.given, row.phone) == ("right", "")
    assert sound() == 4


json_values = st.recursive(st.booleans() | st.integers(-9, 9) | st.text("aé "), lambda x: st.lists(x) | st.dictionaries(
    st.text("ab", max_size=3), x), max_leaves=5)
labels = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


@given(data=st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_rebuild_equals_tables(practice: vault.Vault, anyone: Actor, data: Any) -> None:
    """Random histories with creation, edits, notes, a note moved (pruned and written again), prunings and erasures."""
    undo = transaction.savepoint()
    try:
        people: list[UUID] = []
        notes: list[tuple[UUID, UUID, str]] = []
        for _ in range(data.draw(st.integers(1, 12))):
            step = data.draw(st.sampled_from(["register", "amend", "item", "note", "move", "prune", "erase", "draft"]))
            if step == "register" or not people:
                people.append(actions.register(by=anyone, family=data.draw(labels), weight=data.draw(st.none() | st.integers(0, 300)),
                                               birth=data.draw(st.none() | st.dates())))
                continue
            p = data.draw(st.sampled_from(people))
            if step == "amend":
                actions.amend(p, by=anyone, phone=data.draw(labels), flagged=data.draw(st.booleans()))
            elif step == "item":
                at = data.draw(st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1), timezones=st.just(datetime.UTC)))
                actions.add_item(p, data.draw(labels), by=anyone, data=data.draw(st.none() | json_values), seen_at=at,
                                 blob=data.draw(st.none() | st.binary(max_size=9)))
            elif step == "note":
                text = data.draw(labels)
                notes.append((actions.write_note(p, text, by=anyone), p, text))
            elif step == "move" and notes:
                note, _, text = notes.pop()

                def move(note: UUID = note, p: UUID = p, text: str = text) -> UUID:
                    journal_actions.prune(note, by=anyone)
                    return actions.write_note(p, text, by=anyone)
                notes.append((actions.call(move, by=anyone), p, text))
            elif step == "prune" and notes:
                journal_actions.prune(notes.pop()[0], by=anyone)
            elif step == "erase":
                people.remove(p)
                notes = [n for n in notes if n[1] != p]
                journal_actions.erase(p, by=anyone)
            elif step == "draft":
                actions.call(lambda: Draft.objects.update_or_create(owner="x", defaults={"text": "typed"}) and None, by=anyone)
        sound()
    finally:
        transaction.savepoint_rollback(undo)


def test_a_row_written_behind_the_journal_is_found(practice: vault.Vault, anyone: Actor) -> None:
    p = actions.register(by=anyone, family="A")
    actions.call(lambda: run("default", "UPDATE testapp_person SET phone = 'x'") and None, by=anyone)
    findings = verify.verify(full=True).findings
    assert [f.where for f in findings] == [f"testapp.person {p.hex}"]
    assert "row" in findings[0].what


def test_a_repeated_write_happens_once(practice: vault.Vault, anyone: Actor) -> None:
    once = uuid4()
    first = actions.register(by=anyone, family="A", once=once)
    assert actions.register(by=anyone, family="A", once=once) == first
    assert Person.objects.count() == 1
    assert sound() == 1
