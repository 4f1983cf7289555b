"""« Prêts pour une coupure » and exercises as people see them: who reads, who begins, what the strip says, what is kept."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from permanence.accounts import actions as accounts
from permanence.accounts.models import Rehearsal
from permanence.continuity import actions as continuity
from permanence.continuity import exercising, queries
from permanence.continuity.models import Exercise
from permanence.journal import arrival, peers, vault
from permanence.journal.doors import Actor, Refused
from permanence.lib import clock, suite
from permanence.sync import actions, apart, hearing
from permanence.sync import queries as sync
from permanence.web import health
from permanence.web.account import opening
from tests.cast import reader_for


@pytest.fixture(autouse=True)
def together(monkeypatch):
    """No machine stands apart before or after; the thread that closes an exercise is not started."""
    monkeypatch.setattr(exercising.Cut, "start", lambda self: None)
    monkeypatch.setattr(hearing, "SILENT_S", 3_600.0)  # a slow machine is no silence of the other one
    apart.end()
    hearing.begin()
    yield
    apart.end()
    hearing.begin()
    exercising._running = None


@pytest.fixture
def laptop(moreau):
    """This machine and another one, which was heard a moment ago."""
    actions.introduce_oneself(name="Bureau", kind="office", hosts=["bureau"], transport=bytes(32), box=bytes(32), by=Actor.machine("sync"))
    key, _ = suite.signing_pair()
    id, transport = UUID(bytes=suite.replica_id(key)), suite.signing_pair()[0]
    actions.add_replica(id, {"verify": key, "transport": transport, "box": bytes(32)}, name="Portable", kind="laptop",
        hosts=["portable.cabinet.example"], by=moreau)
    hearing.heard(transport)
    return id


def said(page, answer):
    return page(answer).replace("\u00a0", " ").replace("\u202f", " ")


def test_who_sees_to_it_reads_who_could_come_in(visit, page, cast, laptop, url):
    for who in ("moreau", "sophie", "yann"):
        text = said(page, visit(cast[who], url("ready:page")))
        assert "Si Internet est coupé, personne n’est encore sûr d’entrer" in text
        assert "Ne pourra pas" in text
        assert ("Couper maintenant" in text) is (who == "moreau")
        assert "Si Internet est coupé" in said(page, visit(cast[who], url("ready:tile")))
        assert "Prêts pour une coupure" in said(page, visit(cast[who], url("crisis:board")))
    for who in ("petit", "nadia", "ines"):
        assert visit(cast[who], url("ready:page")).status_code == 403
        assert "Si Internet est coupé" not in said(page, visit(cast[who], url("ready:tile")))
        assert "Prêts pour une coupure" not in said(page, visit(cast[who], url("crisis:board")))


def test_a_machine_alone_says_so(visit, page, moreau, url):
    text = said(page, visit(moreau, url("ready:page")))
    assert "Une seule machine garde le cabinet" in text
    assert "Couper maintenant" not in text


def test_the_page_says_what_the_other_machine_lacks(visit, page, moreau, laptop, url):
    text = said(page, visit(moreau, url("ready:page")))
    assert "Elle n’a pas dit ce qu’elle tient" in text
    hearing.holds(laptop.bytes, {})
    assert "Il lui manque" in said(page, visit(moreau, url("ready:page")))


def test_a_list_is_gone_through_and_kept(visit, page, moreau, sophie, laptop, url):
    assert visit(sophie, url("ready:list"), {"vu": "feuille"}).status_code == 403
    answer = visit(moreau, url("ready:list"), {"vu": ["feuille", "kit", "made up"]})
    assert answer.status_code == 303
    (row,) = Exercise.objects.all()
    marks = {what: ok for what, ok, _ in row.checks}
    assert marks["La feuille de secours est à sa place, lisible"] is True
    assert marks["Les numéros utiles sont sur papier"] is False
    assert marks["Portable répond"] is True
    assert marks["Portable tient les mêmes écritures"] is None
    assert (row.kind, row.by_id, row.replica_id) == ("list", moreau.member, UUID(bytes=vault.current().replica))
    text = said(page, visit(sophie, url("ready:report", row.id)))
    assert "points à reprendre" in text
    assert "Dernier exercice" in said(page, visit(moreau, url("ready:tile")))
    assert visit(moreau, url("ready:report", uuid4())).status_code == 404


def test_a_cut_on_purpose_is_told_ends_at_once_and_ends_by_itself(visit, page, moreau, sophie, laptop, url, monkeypatch):
    assert visit(sophie, url("ready:cut"), {"minutes": "15"}).status_code == 403
    assert visit(moreau, url("ready:cut"), {"minutes": "999"}).status_code == 403
    assert apart.standing() is None
    once = str(uuid4())
    assert visit(moreau, url("ready:cut"), {"minutes": "15", "once": once}).status_code == 303
    assert health.strip().text.startswith("Exercice de coupure jusqu’à")
    with pytest.raises(peers.Unreachable):
        apart.refuse()
    assert "Exercice de coupure en cours" in said(page, visit(sophie, url("crisis:board")))
    assert visit(sophie, url("ready:uncut"), {}).status_code == 303  # whoever needs it
    assert apart.standing() is None
    assert visit(moreau, url("ready:cut"), {"minutes": "15", "once": once}).status_code == 303  # the same form again cuts nothing
    assert apart.standing() is None
    apart.begin(timedelta(minutes=15))
    now = clock.monotonic()
    monkeypatch.setattr(clock, "monotonic", lambda: now + 15 * 60 + 1)
    assert apart.standing() is None


def test_its_report_counts_what_was_done_meanwhile(visit, page, moreau, laptop, url):
    exercise = exercising.begin(5, unplugged=True, by=moreau)
    cut, since = exercising._running, clock.now()
    assert cut is not None
    accounts.invite_post(name="Pendant", by=moreau)
    apart.end()
    cut.finish(clock.now())
    done = queries.exercise(exercise, reader=reader_for(moreau))
    assert done is not None
    assert (done.copies_equal, done.received, done.ended_at is not None) == (None, 0, True)
    assert done.written >= 1
    text = said(page, visit(moreau, url("ready:report", exercise)))
    assert "Aucune autre machine n’est revenue" in text
    hearing.heard(laptop.bytes)
    hearing.holds(laptop.bytes, {})
    assert exercising.copies_equal(since) is False
    hearing.holds(laptop.bytes, arrival.held())
    assert exercising.copies_equal(since) is True
    assert exercising.all_back(since)


def test_what_a_restart_ended_is_closed_as_such(moreau, laptop):
    exercise = exercising.begin(5, unplugged=False, by=moreau)
    exercising.close_interrupted()
    assert Exercise.objects.get(id=exercise).ended_at is None  # it goes on
    with pytest.raises(Refused):
        exercising.begin(5, unplugged=False, by=moreau)
    exercising._running = None
    exercising.close_interrupted()
    assert Exercise.objects.get(id=exercise).ended_at is not None
    with pytest.raises(Refused):
        continuity.end_cut(exercise, ended_at=clock.now(), came_in=[uuid4()], by=moreau)  # nobody writes a report by hand


def test_only_what_a_cut_can_prove_is_a_rehearsal(moreau, laptop):
    opening.rehearse(moreau.member, None)
    apart.begin(timedelta(minutes=5))
    opening.rehearse(moreau.member, None)
    assert not Rehearsal.objects.exists()  # the Internet was there
    apart.begin(timedelta(minutes=5), unplugged=True)
    opening.rehearse(moreau.member, None)
    assert Rehearsal.objects.count() == 1


def test_the_uplink_is_down_when_nothing_outside_answers_and_no_exercise_says_why(moreau, laptop):
    assert not sync.uplink_down()
    relay = actions.remember_peer("https://relais.example/aa/")
    assert not sync.uplink_down()
    actions.record_talk(relay, why="unreachable")
    assert sync.uplink_down()
    actions.record_talk(relay, given_until=0)
    actions.record_talk(relay, why=apart.WHY)
    assert not sync.uplink_down()
