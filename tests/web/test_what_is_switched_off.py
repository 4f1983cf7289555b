"""What is switched off is refused by every route and said on every button; the page that says so is never switched off."""

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from uuid import UUID, uuid4

import pytest
from django.urls import URLPattern, get_resolver

from permanence.capabilities import Audience, Capability, State, actions, catalogue
from permanence.capabilities.permissions import Off
from permanence.consultations import queries as clinical
from permanence.journal.doors import Actor
from permanence.lib import clock
from permanence.sync import apart
from permanence.web import health, jinja, services
from permanence.web.photo import phone
from permanence.web.photo.pairing import Pairing
from permanence.web.proof.places import own_place
from permanence.web.routes import Tag, rule_of, walk
from tests.cast import reader_for
from tests.web.conftest import Visit

Url = Callable[..., str]
HOUR = datetime.timedelta(hours=1)
TUESDAY_NIGHT = datetime.datetime(2026, 11, 24, 22, 0, tzinfo=datetime.UTC)  # 23:00 in Paris
NIGHT = {"days": list(range(7)), "from": 22 * 60, "to": 7 * 60}
# Clinical or sensitive by their tag, and asked nothing of: the practice's own machinery, and this page.
FREE = re.compile(r"^((crisis|account|practice|photo|snippets|growth|ready):|sync:(pair|revoke|readmit|accept|machine))")


def off(by: Actor, capability: Capability, state: State = State.OFF, **more: object) -> UUID:
    known = {"capability": capability, "state": state, "reason": "panne du réseau", "next_update_at": clock.now() + HOUR, **more}
    return actions.switch(by=by, **known)  # type: ignore[arg-type]


def text_of(answer: object) -> str:
    return re.sub(r"\s+", " ", answer.content.decode().replace("\u00a0", " ").replace("\u202f", " "))  # type: ignore[attr-defined]


def routes() -> Iterator[tuple[str, str, Tag]]:
    for prefix, (_, resolver) in get_resolver().namespace_dict.items():
        for where, route in walk(resolver):
            rule = rule_of(route.callback)
            if isinstance(route, URLPattern) and rule is not None:
                yield f"{prefix}:{route.name}", where, rule.tag


def test_every_route_with_patients_inside_asks_for_a_capability() -> None:
    asked = {name for name, _, tag in routes() if tag in (Tag.CLINICAL, Tag.SENSITIVE) and not FREE.match(name)}
    assert len(asked) > 80
    assert sorted(name for name in asked if services.needs_of(name) is services.NONE) == []
    known = {name for name, _, _ in routes()}
    assert sorted(name for name in services.TABLE if ":" in name and name not in known) == []
    assert sorted(name for name in services.ASKED if name not in known) == []


@pytest.mark.parametrize(("capability", "state", "name", "post"), [
    (Capability.READ_RECORDS, State.OFF, "dossier:file", False),
    (Capability.WRITE_RECORDS, State.OFF, "dossier:measures", True),
    (Capability.REGISTER_PATIENT, State.OFF, "patients:new", False),
    (Capability.AGENDA, State.OFF, "agenda:day", False),
    (Capability.AGENDA, State.READ_ONLY, "agenda:next", True),
    (Capability.PRESCRIBE, State.OFF, "papers:ordonnance", False),
    (Capability.PRESCRIBE, State.READ_ONLY, "papers:sign", True),
    (Capability.DEVICES, State.OFF, "dossier:photo", False),
    (Capability.EXPORT, State.OFF, "moving:copy_csv", False),
])
def test_a_refusal_says_what_since_when_who_why_until_and_what_to_do(
    capability: Capability, state: State, name: str, post: bool, visit: Visit, moreau: Actor, jeanne: UUID, url: Url,
) -> None:
    path = url(name, *([jeanne] if name not in ("patients:new", "agenda:day", "agenda:next") else []))
    off(moreau, capability, state)
    answer = visit(moreau, path, {"family": "ordonnance", "text": "paracétamol"} if post else None)
    assert answer.status_code == 403
    said = text_of(answer)
    for words in (catalogue.LABELS[capability], "aujourd’hui", "Dr Claire MOREAU", "panne du réseau", "prochain point",
                  catalogue.instead(capability, state).replace("\u00a0", " ").replace("\u202f", " "), url("crisis:board")):
        assert words in said, words


def test_a_refused_form_keeps_its_page(visit: Visit, moreau: Actor, jeanne: UUID, url: Url) -> None:
    off(moreau, Capability.WRITE_RECORDS)
    answer = visit(moreau, url("dossier:sign", jeanne), {"motif": "Toux", "text": "Toux sèche."}, htmx=True)
    assert answer.status_code == 403
    assert answer["HX-Retarget"] == "#problem"  # the page and what was typed stay where they are
    assert "Dr Claire MOREAU" in text_of(answer)


def test_a_draft_is_kept_when_writing_is_off(visit: Visit, moreau: Actor, jeanne: UUID, url: Url) -> None:
    off(moreau, Capability.WRITE_RECORDS)
    typed = {"motif": "Toux", "text": "Toux sèche.", "kind": "consultation", "mode": "free"}
    answer = visit(moreau, url("dossier:draft_save", jeanne), typed)
    assert answer.status_code in (200, 204)
    assert [one.payload["text"] for one in clinical.drafts_of(jeanne, reader=reader_for(moreau))] == ["Toux sèche."]


def test_reading_goes_on_where_only_writing_is_off(visit: Visit, moreau: Actor, jeanne: UUID, url: Url) -> None:
    off(moreau, Capability.WRITE_RECORDS)
    assert visit(moreau, url("dossier:file", jeanne)).status_code == 200
    assert visit(moreau, url("home:day")).status_code == 200


def test_a_letter_is_signed_while_prescribing_is_off(visit: Visit, moreau: Actor, jeanne: UUID, url: Url) -> None:
    off(moreau, Capability.PRESCRIBE)
    assert visit(moreau, url("papers:courrier", jeanne)).status_code == 200
    assert visit(moreau, url("papers:demande", jeanne)).status_code == 403


def test_who_is_outside_is_told_apart(visit: Visit, moreau: Actor, jeanne: UUID, url: Url, monkeypatch: pytest.MonkeyPatch) -> None:
    off(moreau, Capability.REMOTE_ACCESS, State.READ_ONLY)
    for address, status in (("192.168.1.9", 200), ("93.184.216.34", 403)):
        monkeypatch.setattr(services, "network_of", lambda request, address=address: address)
        assert visit(moreau, url("dossier:measures", jeanne)).status_code == 200
        answer = visit(moreau, url("dossier:measures", jeanne), {"line": "P 80"})
        assert (answer.status_code == 403) is (status == 403), address


def test_what_would_be_refused_says_so_on_its_button(visit: Visit, moreau: Actor, jeanne: UUID, url: Url) -> None:
    before = visit(moreau, url("dossier:file", jeanne)).content.decode()
    assert "data-off" not in before
    off(moreau, Capability.PRESCRIBE, State.READ_ONLY)
    page = visit(moreau, url("dossier:file", jeanne)).content.decode()
    marked = re.findall(r"<(?:a|form|button)\b[^<>]*data-off=[^<>]*>", page)
    assert any(url("papers:ordonnance", jeanne) in tag for tag in marked)
    assert not any(url("dossier:compose", jeanne) in tag for tag in marked)
    assert all('data-off="Lecture seule"' in tag and "fiche" in tag for tag in marked)
    off(moreau, Capability.WRITE_RECORDS)
    page = visit(moreau, url("dossier:measures", jeanne)).content.decode()
    assert re.search(r'<form[^<>]*data-off="Arrêté"', page)


@pytest.mark.parametrize("who", ["moreau", "petit", "hugo", "sophie", "nadia", "lucie", "amel", "theo", "ines", "bruno", "yann"])
def test_the_state_of_the_practice_is_shown_to_everybody_whatever_is_off(who: str, visit: Visit, cast: Mapping[str, Actor],
                                                                          url: Url) -> None:
    for capability in Capability:
        off(cast["moreau"], capability)
    answer = visit(cast[who], url("crisis:board"))
    assert answer.status_code == 200
    said = text_of(answer)
    for capability in Capability:
        assert catalogue.LABELS[capability] in said
    assert said.count("panne du réseau") >= 2 * len(Capability)
    assert (url("crisis:switch") in answer.content.decode()) is (who == "moreau")
    assert ("Lever la décision" in said) is (who == "moreau")


def test_a_decision_is_taken_and_lifted_through_the_screen(visit: Visit, moreau: Actor, sophie: Actor, benali: Actor, url: Url) -> None:
    assert "Tout fonctionne pour vous" in text_of(visit(sophie, url("crisis:board")))
    nothing = visit(moreau, url("crisis:switch"), {"capability": "", "state": "off", "audience": "everyone:", "reason": "essai"})
    assert nothing.status_code == 422  # the gravest function is not stopped because it stands first
    empty = visit(moreau, url("crisis:switch"), {"capability": "agenda", "state": "off", "audience": "everyone:"})
    assert empty.status_code == 422
    no_end = visit(moreau, url("crisis:switch"), {"capability": "agenda", "state": "off", "audience": "everyone:", "reason": "essai"})
    assert "prochain point" in text_of(no_end)
    assert 'value="essai"' in no_end.content.decode()
    done = visit(moreau, url("crisis:switch"), {"capability": "agenda", "state": "read_only", "audience": f"member:{sophie.member}",
                                              "reason": "essai", "end_day": "+2"})
    assert done.status_code == 303, text_of(done)
    said = text_of(visit(sophie, url("crisis:board")))
    assert "Agenda et salle d’attente" in said
    assert "1 fonction n’est pas" in said
    assert f"{jinja.date(jinja.today() + datetime.timedelta(days=2))} au soir" in said  # not midnight of the day after
    assert ", pour Sophie MARCHAND" in said.replace("</b>", "")
    assert "Tout fonctionne pour vous" in text_of(visit(benali, url("crisis:board")))
    assert "«\u00a0Agenda et salle d’attente\u00a0» en lecture seule depuis" in visit(sophie, url("crisis:board")).content.decode()  # strip
    made = actions.Switch.objects.values_list("id", flat=True).get()
    assert visit(sophie, url("crisis:lift", made), {}).status_code == 403
    assert visit(benali, url("crisis:lift", made), {"reason": "réglé"}).status_code == 303
    assert "Tout fonctionne pour vous" in text_of(visit(sophie, url("crisis:board")))


@pytest.mark.parametrize("who", ["petit", "sophie", "nadia", "bruno", "yann"])
def test_who_does_not_administer_decides_nothing_through_the_screen(who: str, visit: Visit, cast: Mapping[str, Actor], url: Url) -> None:
    made = off(cast["moreau"], Capability.AGENDA)
    data = {"capability": "export", "state": "off", "audience": "everyone:", "reason": "x", "end_day": "+1"}
    assert visit(cast[who], url("crisis:switch")).status_code == 403
    assert visit(cast[who], url("crisis:switch"), data).status_code == 403
    for name in ("agree", "lift"):
        assert visit(cast[who], url(f"crisis:{name}", made), {}).status_code in (403, 404)
    assert actions.Switch.objects.count() == 1


@pytest.fixture
def on_tuesday() -> Iterator[None]:
    """Noon, before anybody is hired: the night is to come."""
    with clock.override(TUESDAY_NIGHT - 11 * HOUR):
        yield


@pytest.mark.usefixtures("on_tuesday")
def test_the_night_closing_opens_for_the_doctor_on_call(visit: Visit, moreau: Actor, petit: Actor, sophie: Actor, jeanne: UUID,
                                                         url: Url) -> None:
    night = {"capability": "write_records", "state": "off", "audience": "everyone:", "reason": "nuit", "days": [str(n) for n in range(7)],
             "close_hour": "22h", "open_hour": "7h", "overridable": "on"}
    assert visit(moreau, url("crisis:switch"), night).status_code == 303
    made = actions.Switch.objects.values_list("id", flat=True).get()
    with clock.override(TUESDAY_NIGHT):
        assert visit(petit, url("dossier:measures", jeanne), {"line": "T 39"}).status_code == 403
        said = text_of(visit(petit, url("crisis:board")))
        assert "Ouvrir pour ma garde" in said
        assert "tous les jours, rouvre 25/11/2026 07:00" in said  # the decision itself has no end
        assert "Ouvrir pour ma garde" not in text_of(visit(sophie, url("crisis:board")))
        assert visit(sophie, url("crisis:override", made), {"reason": "x", "hours": "4"}).status_code == 404
        assert visit(petit, url("crisis:override", made), {"reason": "", "hours": "4"}).status_code == 422
        assert visit(petit, url("crisis:override", made), {"reason": "garde", "hours": "4"}).status_code == 303
        assert visit(petit, url("dossier:measures", jeanne), {"line": "T 39"}).status_code == 303
        assert "ouvert pour la garde" in text_of(visit(sophie, url("crisis:board")))


@pytest.mark.parametrize("capability", [Capability.DEVICES, Capability.WRITE_RECORDS])
def test_a_phone_that_was_lent_a_code_before_sends_nothing_more(capability: Capability, moreau: Actor, jeanne: UUID) -> None:
    lent = Pairing(uuid4(), moreau, jeanne, 1, "", 0.0)
    off(moreau, capability)
    with pytest.raises(Off):
        phone._filed(lent, b"\xff\xd8\xff")


# -- the strip


@pytest.fixture
def exchanging() -> Iterator[Callable[[health.Exchange | None], None]]:
    yield lambda found: health.exchange_from(lambda: found)
    health.exchange_from(lambda: None)


def test_an_open_page_is_answered_when_the_strip_says_another_thing_and_shows_doors_of_the_practice_only(
        exchanging: Callable[[health.Exchange], None], visit: Visit, moreau: Actor, url: Url) -> None:  # fmt: skip
    here, now = url("practice:bar"), clock.now()
    shown = visit(moreau, here)
    mark = re.search(r'data-mark="([0-9a-f]{16})"', shown.content.decode())
    assert mark
    assert visit(moreau, f"{here}?vu={mark[1]}").status_code == 204
    scheme, _, _ = own_place().origin.partition(":")
    door = f"{scheme}://portable.{own_place().rp_id}"
    exchanging(health.Exchange(peers=1, reachable=0, cut_since=now, doors=(("Portable", door), ("Voleur", "https://ailleurs.example"))))
    answer = visit(moreau, f"{here}?vu={mark[1]}")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Coupé des autres machines" in text
    assert "Continuer sur Portable" in text
    assert "ailleurs.example" not in text


def test_the_strip_says_that_machines_are_cut_since_when_and_what_waits(exchanging: Callable[[health.Exchange], None], visit: Visit,
                                                                        moreau: Actor, url: Url) -> None:
    now = clock.now()
    exchanging(health.Exchange(peers=2, reachable=0, waiting=12, last=now - HOUR, cut_since=now - HOUR, settle=3))
    found = health.strip()
    assert found.state == "cut"
    assert "depuis" in found.text
    assert {"12\u00a0écritures à envoyer", "3 à rapprocher"} <= set(found.parts)
    said = text_of(visit(moreau, url("crisis:board")))
    assert "coupées depuis" in said
    assert "sur cette machine seule" in said
    assert said.index("Travailler comme d’habitude") < said.index("Ce qui marche, pour vous")
    exchanging(health.Exchange(peers=2, reachable=2, waiting=1, last=now))
    assert health.strip().state == "ok"
    assert "1\u00a0écriture à envoyer" in health.strip().parts
    exchanging(health.Exchange(aside=3))
    assert health.strip().text == "3\u00a0écritures d’une machine à vérifier"
    exchanging(health.Exchange(peers=2, reachable=2, waiting=1, last=now))
    assert "2 sur 2 répondent" in text_of(visit(moreau, url("crisis:board")))
    exchanging(health.Exchange(peers=2, reachable=1, last=now))
    assert "1 sur 2 répond<" in text_of(visit(moreau, url("crisis:board")))


def test_during_an_exercise_the_others_do_not_answer(exchanging: Callable[[health.Exchange], None], visit: Visit, moreau: Actor,
                                                     url: Url) -> None:
    exchanging(health.Exchange(peers=2, reachable=2, last=clock.now()))
    apart.begin(datetime.timedelta(minutes=5))
    try:
        said = text_of(visit(moreau, url("crisis:board")))
    finally:
        apart.end()
    assert "coupées exprès jusqu’à" in said
    assert "répondent" not in said


def test_the_strip_names_the_one_machine_that_is_missing_while_others_answer(exchanging: Callable[[health.Exchange], None]) -> None:
    now = clock.now()
    exchanging(health.Exchange(peers=2, reachable=1, last=now, away=(("Hébergée", now - HOUR),)))
    found = health.strip()
    assert found.state == "away"
    assert found.text.startswith("Hébergée ne répond plus depuis")
    exchanging(health.Exchange(peers=3, reachable=1, last=now, away=(("Hébergée", now), ("Secours", now - HOUR))))
    assert health.strip().text.startswith("2 machines ne répondent plus")


def test_a_relay_without_room_is_said_and_not_called_a_cut(exchanging: Callable[[health.Exchange], None]) -> None:
    now = clock.now()
    exchanging(health.Exchange(peers=1, reachable=0, waiting=4, last=now - HOUR, cut_since=now - HOUR, full=True))
    found = health.strip()
    assert (found.state, found.text) == ("away", "Le relais n’a plus de place pour ce qui s’écrit ici")
    assert "Tout s’enregistre ici, rien n’est perdu" in found.parts


def test_a_broken_journal_speaks_before_everything(moreau: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "current", lambda: health.Health(verified=health.Result(clock.now(), ok=False, problem="écart")))
    off(moreau, Capability.AGENDA)
    assert health.strip(services.held_by(moreau)).state == "alarm"
    monkeypatch.setattr(health, "current", health.Health)
    assert health.strip(services.held_by(moreau)).state == "services"


def test_audiences_of_the_form_are_those_of_the_rules() -> None:
    assert {str(one) for one in Audience} == {"everyone", "practice", "profession", "member", "post", "network"}
