"""« Machines du cabinet » and « Retours de coupure » as people see them, by profession."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from permanence.journal import vault
from permanence.journal.doors import Actor
from permanence.lib import clock, suite
from permanence.lib.sqlcipher import permitted, run
from permanence.sync import actions, queries
from permanence.sync.models import Replica
from permanence.web import health, jinja


@pytest.fixture
def laptop(moreau):
    """This machine and another one."""
    actions.introduce_oneself(name="Bureau", kind="office", hosts=["bureau.tilleuls"], transport=bytes(32), box=bytes(32),
        by=Actor.machine("sync"))
    key, _ = suite.signing_pair()
    id = UUID(bytes=suite.replica_id(key))
    actions.add_replica(id, {"verify": key, "transport": bytes(32), "box": bytes(32)}, name="Portable", kind="laptop",
        hosts=["portable"], by=moreau)
    return id


def test_everybody_sees_the_machines_and_only_a_titulaire_changes_one(visit, page, cast, laptop, url):
    for who in ("moreau", "nadia", "sophie", "ines", "bruno", "yann"):
        text = page(visit(cast[who], url("sync:machines")))
        assert "Bureau" in text
        assert "Portable" in text
        assert "Cette machine" in text
        detail = page(visit(cast[who], url("sync:machine", laptop)))
        assert ("Révoquer" in detail) is (who == "moreau")
    for who in ("nadia", "sophie", "petit", "yann"):
        assert visit(cast[who], url("sync:revoke", laptop), {"perdue": "oui"}).status_code == 403
        assert visit(cast[who], url("sync:accept", laptop), {}).status_code == 403
        assert visit(cast[who], url("sync:readmit", laptop), {}).status_code == 403
        visit(cast[who], url("sync:rename", laptop), {"name": "À moi"})
    row = Replica.objects.get(id=laptop)
    assert (row.name, row.revoked_at, row.wipe) == ("Portable", None, False)


def test_a_laptop_that_left_says_when_it_was_last_seen(visit, page, sophie, laptop, url):
    at = clock.now() - timedelta(days=1)
    actions.record_heard({laptop: at})
    text = page(visit(sophie, url("sync:machines")))
    assert "Absente en ce moment" in text or "À jour" in text  # this practice was opened a moment ago
    assert jinja.moment(at) in text
    assert jinja.moment(at) in page(visit(sophie, url("sync:machine", laptop)))


def test_a_machine_is_renamed_then_lost(visit, page, moreau, laptop, url):
    assert visit(moreau, url("sync:rename", laptop), {"name": "Portable des visites"}).status_code == 303
    assert "Portable des visites" in page(visit(moreau, url("sync:machines")))
    assert visit(moreau, url("sync:revoke", laptop), {"perdue": "oui"}).status_code == 303
    text = page(visit(moreau, url("sync:machine", laptop))).replace("\u00a0", " ")
    assert "Perdue, révoquée" in text
    assert "La révoquer" not in text
    assert visit(moreau, url("sync:readmit", laptop), {}).status_code == 303
    text = page(visit(moreau, url("sync:machine", laptop)))
    assert text.index("Perdue ou volée") < text.index("La racine du cabinet change") < text.index("Renommer")
    assert Replica.objects.get(id=laptop).wipe is False


def test_a_machine_that_has_not_learned_the_new_root_is_named(visit, page, moreau, sophie, laptop, url):
    assert "prochain échange" in page(visit(moreau, url("sync:machine", laptop)))  # before it is revoked: what will follow
    assert "racine à apprendre" not in page(visit(sophie, url("sync:machines")))
    actions.record_root(uuid4(), epoch=vault.current().epoch, mark=bytes(32), shut=(), boxes={}, by=Actor.machine("sync"))
    assert page(visit(sophie, url("sync:machines"))).count("nouvelle racine à apprendre") == 1
    assert "pas encore arrivée" in page(visit(sophie, url("sync:machine", laptop)))


def test_an_empty_name_is_shown_again(visit, page, moreau, laptop, url):
    answer = visit(moreau, url("sync:rename", laptop), {"name": "  "})
    assert answer.status_code == 422
    assert Replica.objects.get(id=laptop).name == "Portable"


def test_this_machine_does_not_revoke_itself_and_an_unknown_one_is_not_found(visit, page, moreau, laptop, url):
    here = UUID(bytes=vault.current().replica)
    assert "La révoquer" not in page(visit(moreau, url("sync:machine", here)))
    assert visit(moreau, url("sync:revoke", here), {}).status_code == 403
    assert visit(moreau, url("sync:machine", uuid4())).status_code == 404


def test_the_report_of_a_return_shows_its_figures_and_its_proof(visit, page, sophie, moreau, laptop, url):
    assert "Aucune coupure" in page(visit(sophie, url("sync:returns")))
    peer, now = actions.remember_peer("https://portable", replica=laptop), clock.now()
    actions.record_return(peer, since=now - timedelta(hours=5), until=now, sent=41, received=212, aside=0, to_settle=3, heads_equal=True,
                          verified=True, entries=1234)  # fmt: skip
    text = page(visit(sophie, url("sync:returns"))).replace("\u00a0", " ").replace("\u202f", " ")
    for said in ("0 perdu, prouvé", "par la même tête signée", "Avec Portable", "41", "212", "1 234 écritures", "5 h 00",
                 "<dt>À rapprocher, de ce retour</dt><dd>3</dd>", "Il ne reste rien à rapprocher", url("sync:settling")):  # fmt: skip
        assert said in text, said
    actions.record_return(peer, since=now - timedelta(hours=1), until=now, sent=1, received=0, aside=2, to_settle=0, heads_equal=False)
    text = page(visit(sophie, url("sync:returns"))).replace("\u00a0", " ")
    assert "n’ont pas encore les mêmes chaînes" in text
    assert "2 écritures gardées de côté" in text
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=2)
    for length, words in ((timedelta(seconds=20), f", de {jinja.time(noon)} à {jinja.time(noon)} (moins d’une minute)"),
                          (timedelta(days=1), f" au {jinja.date(noon + timedelta(days=1))} à ")):  # fmt: skip
        actions.record_return(peer, since=noon, until=noon + length, sent=1, received=0, aside=0, to_settle=0, heads_equal=True)
        assert words in page(visit(sophie, url("sync:returns"))).replace("\u00a0", " "), words


def test_a_verification_that_came_after_a_return_proves_it_and_one_before_does_not(visit, page, sophie, laptop, url, monkeypatch):
    peer, now = actions.remember_peer("https://portable", replica=laptop), clock.now()
    said = {"sent": 1, "received": 2, "aside": 0, "to_settle": 0, "heads_equal": True, "entries": 9}
    actions.record_return(peer, since=now - timedelta(hours=5), until=now - timedelta(hours=4), **said)
    for at, ok, words in ((5, True, "Vérification en cours"), (1, True, "0 perdu, prouvé"), (1, False, "À vérifier")):
        found = health.Health(verified=health.Result(now - timedelta(hours=at), ok))
        monkeypatch.setattr(health, "_source", lambda found=found: found)
        assert words in page(visit(sophie, url("sync:returns"))).replace("\u00a0", " ")


def test_the_list_says_when_by_whom_and_why_a_machine_was_revoked_and_whether_it_is_empty(visit, page, moreau, sophie, laptop, url):
    def said():
        return page(visit(sophie, url("sync:machines"))).replace("\u00a0", " ").replace("&nbsp;", " ")

    assert visit(moreau, url("sync:revoke", laptop), {"perdue": "oui", "reason": "  Volé dans la voiture "}).status_code == 303
    now = jinja.moment(Replica.objects.get(id=laptop).revoked_at)
    for words in (f"{now[:1].upper()}{now[1:]} par Dr Claire MOREAU", "Motif : Volé dans la voiture",
                  "Ne l’a pas encore appris d’ici : se videra à son premier contact"):
        assert words in said(), words
    revoked = {laptop: Replica.objects.get(id=laptop).revoked_at}
    actions.record_leaving(revoked)
    assert "n’a pas dit s’être vidée" in said()
    actions.record_leaving(revoked, emptied=True)
    assert "A dit s’être vidée" in said()
    assert said().index("A dit s’être vidée") < said().rindex(jinja.moment(clock.now())[:10])  # and when it was last heard, beside
    detail = page(visit(sophie, url("sync:machine", laptop)))
    assert "Volé dans la voiture" in detail
    assert "A dit s’être vidée" in detail
    visit(moreau, url("sync:readmit", laptop), {})
    assert "Volé dans la voiture" not in said()


def test_one_revoked_in_a_hurry_says_so(visit, page, moreau, laptop, url):
    visit(moreau, url("sync:revoke", laptop), {})
    text = page(visit(moreau, url("sync:machines"))).replace("\u00a0", " ")
    assert "Motif : non écrit" in text
    assert "garde ce qu’elle avait" in text


@pytest.fixture
def put_aside(laptop, monkeypatch):
    """Acts of that machine, as they came; the rows that count them are there."""
    def keep(*acts):
        with permitted("default"):
            run("default", "INSERT INTO journal_quarantined (id, replica, stream, seq, entry, why, at) VALUES (?, ?, 1, 1, ?, 'late', 0)",
                laptop.bytes, laptop.bytes, b"")  # fmt: skip
        monkeypatch.setattr(queries, "kept_aside", lambda id, *, reader: acts)
    return keep


def kept(number, *patients, **more):
    return queries.Kept(number, "Dr Léa PETIT", ("Note de consultation",), clock.now(), "", (), True, patients=patients, **more)


def test_what_was_put_aside_names_its_patients_with_a_way_to_the_file(visit, page, moreau, cast, laptop, jeanne, url, put_aside):
    put_aside(kept(1, jeanne), kept(2, closed=1, absent=2))
    before = run("access", "SELECT COUNT(*) FROM journal_accessindex").fetchone()[0]
    text = page(visit(moreau, url("sync:machine", laptop))).replace("\u00a0", " ")
    assert f'<a href="{url("dossier:file", jeanne)}">MARTIN Jeanne</a>' in text
    assert "Née le 14/07/1958" in text
    assert "1 patient dont cela ne vous est pas ouvert" in text
    assert "2 patients sans dossier ici" in text
    assert run("access", "SELECT COUNT(*) FROM journal_accessindex").fetchone()[0] > before  # that they were named is told
    assert "MARTIN" not in page(visit(cast["sophie"], url("sync:machine", laptop)))
