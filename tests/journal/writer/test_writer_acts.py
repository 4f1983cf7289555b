"""Acts: pending writes, what a roll-back drops, the flush, nested actions, one-use ids."""

import uuid

import pytest
from django.db import connections, transaction

from permanence.journal import acts, once
from permanence.journal import writer as w
from permanence.journal.doors import Actor
from permanence.journal.models import Once
from tests.journal.writer.actions import call, register, save
from tests.journal.writer.room import Item, Sealed

DR = Actor(None, purpose="set_up")


def sealed():
    return list(Sealed.objects.order_by("pk").values_list("what", "i", "n"))


def test_the_writes_of_an_act_are_sealed_at_its_end_and_know_their_number(live):
    def work():
        save("a")
        register(by=DR, owner="b")  # a nested action joins the outer act
        assert Sealed.objects.count() == 0
        save("c")
    call(work, by=DR)
    assert sealed() == [("a", 1, 3), ("b", 2, 3), ("c", 3, 3)]
    assert set(Sealed.objects.values_list("action", "by")) == {("writer:call", "set_up")}
    assert len({bytes(act) for act in Sealed.objects.values_list("act", flat=True)}) == 1


def test_a_roll_back_inside_drops_its_pending_writes(live):
    def work():
        save("kept")
        try:
            with transaction.atomic():
                save("dropped")
                with transaction.atomic():
                    save("dropped too")
                raise ValueError
        except ValueError:
            pass
        try:
            call(lambda: (save("dropped as well"), 1 / 0), by=DR)
        except ZeroDivisionError:
            pass
        save("last")
    call(work, by=DR)
    assert sealed() == [("kept", 1, 2), ("last", 2, 2)]
    assert list(Item.objects.values_list("owner", flat=True)) == ["kept", "last"]


def test_acts_of_one_group_do_not_mix(live, threads):
    threads(lambda i: call(lambda: [save(f"{i}.{j}") for j in range(5)], by=DR), 8)
    rows = list(Sealed.objects.order_by("pk").values_list("act", "what", "i", "n"))
    assert len(rows) == 40
    for k in range(0, 40, 5):
        five = rows[k : k + 5]
        assert len({bytes(act) for act, *_ in five}) == 1
        assert [(what[-1], i, n) for _, what, i, n in five] == [(str(j), j + 1, 5) for j in range(5)]


def test_a_flush_that_fails_fails_the_action_alone(live, monkeypatch):
    flush = acts.flush

    def fussy(act):
        if "bad" in act.survivors():
            raise RuntimeError("cannot seal")
        flush(act)
    monkeypatch.setattr(acts, "flush", fussy)
    with pytest.raises(RuntimeError, match="cannot seal"):
        register(by=DR, owner="bad")
    register(by=DR, owner="good")
    assert list(Item.objects.values_list("owner", flat=True)) == ["good"]
    assert sealed() == [("good", 1, 1)]


def test_nothing_can_be_pended_without_a_way_to_seal_it(live, monkeypatch):
    monkeypatch.setattr(acts, "flush", None)
    with pytest.raises(RuntimeError, match="flush"):
        register(by=DR, owner="x")
    call(lambda: Item.objects.create(owner="draft").pk, by=DR)  # plain rows need none
    assert Item.objects.get().owner == "draft"


def test_the_head_hook_is_called_after_commit_and_cannot_fail_the_action(live, monkeypatch):
    seen = []
    monkeypatch.setattr(w.log, "exception", lambda *args: seen.append("logged"))
    acts.head_committed += [lambda alias: 1 / 0, seen.append]
    register(by=DR, owner="a")
    with pytest.raises(ZeroDivisionError):
        call(lambda: 1 / 0, by=DR)
    live.run_job(lambda: None)
    assert seen == ["logged", "default", "logged", "default"]  # the register, the empty job; not the failure


def test_a_repeated_write_happens_once(live):
    form = uuid.uuid4()
    first = register(by=DR, owner="a", once=form)
    assert register(by=DR, owner="a", once=form) == first
    assert Item.objects.count() == Sealed.objects.count() == Once.objects.count() == 1
    with pytest.raises(ValueError, match="writer:register"):
        call(lambda: None, by=DR, once=form)


def test_a_write_that_failed_may_be_repeated(live):
    form, results = uuid.uuid4(), iter([ValueError(), 5])

    def work():
        found = next(results)
        if isinstance(found, ValueError):
            raise found
        return found
    with pytest.raises(ValueError):  # noqa: PT011
        call(work, by=DR, once=form)
    assert call(work, by=DR, once=form) == 5
    assert call(work, by=DR, once=form) == 5


def test_all_writes_of_a_repeated_form_happen_once(live):
    form = uuid.uuid4()
    for _ in range(2):
        with once.once(form):
            results = [register(by=DR, owner=owner) for owner in "abc"]
    assert list(Item.objects.values_list("owner", flat=True)) == ["a", "b", "c"]
    assert len(set(results)) == 3
    register(by=DR, owner="after")
    assert Once.objects.count() == 3


def test_two_threads_sending_one_form_write_once(live, threads):
    form = uuid.uuid4()
    results = threads(lambda i: register(by=DR, owner="a", once=form), 6)
    assert len(set(results)) == 1
    assert Item.objects.count() == 1


def test_a_kept_result_is_plain_and_comes_back_the_same(live):
    value = {"id": uuid.uuid4(), "parts": (1, True, None, b"x", "é")}
    form = uuid.uuid4()
    first = call(lambda: value, by=DR, once=form)
    assert first == call(lambda: value, by=DR, once=form) == {**value, "parts": [1, True, None, b"x", "é"]}
    with pytest.raises(TypeError, match="plain values"):
        call(lambda: object(), by=DR, once=uuid.uuid4())


def test_old_results_are_forgotten(live):
    register(by=DR, owner="a", once=uuid.uuid4())
    assert live.run_job(lambda: once.forget(1)) == 0
    assert live.run_job(lambda: once.forget(1 << 60)) == 1


def test_a_second_try_of_a_group_seals_each_write_once(live):
    def limit(pages):
        connections["default"].connection.execute(f"PRAGMA max_page_count = {pages}")

    def free():
        limit(1_000_000)
        return True
    live.when_full = free
    live.run_job(lambda: limit(1))

    def work():
        save("a")
        Item.objects.create(owner="big", text="x" * 1_000_000)
    call(work, by=DR)
    assert sealed() == [("a", 1, 1)]
