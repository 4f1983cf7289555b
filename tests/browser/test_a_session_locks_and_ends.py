"""The idle lock and its one-touch return, step-up, sessions ended from elsewhere, and a copied cookie jar."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser import gestures
from tests.browser.cabinet import Cabinet
from tests.browser.chromium import Post, Visitor, go, watch
from tests.browser.conftest import first_titulaire


@pytest.fixture
def elsewhere(moreau: Visitor, cabinet: Cabinet, fresh_post: Callable[..., Post]) -> Visitor:
    """The same doctor at another, approved post; the key is given back to the first."""
    code = gestures.code_of_a_new_post(moreau, "Cabinet 2")
    moreau.keep_key()
    visitor = fresh_post(cabinet).sit(moreau.person)
    gestures.enrol_post(visitor, code)
    gestures.approve_all_posts(moreau)
    gestures.enter(visitor)
    moreau.plug(visitor.person)
    return visitor


def test_fifteen_idle_minutes_lock_the_page_and_the_server_and_one_touch_returns(moreau: Visitor) -> None:
    patient = gestures.register(moreau, "Maud")
    page = moreau.page
    page.clock.install()
    moreau.goto(f"{patient.url}note/")
    page.get_by_label("Motif").fill("Fatigue")
    page.get_by_label("Note", exact=True).fill("Fatigue depuis un mois.")
    with page.expect_response(re.compile("/session/verrouiller$")) as locked:
        page.clock.fast_forward("15:06")
    assert locked.value.status == 204
    expect(page.get_by_role("dialog")).to_contain_text("Session verrouillée")
    assert page.evaluate("fetch('/session/etat').then(answer => answer.status)") == 401
    gestures.touch(moreau)
    expect(page.get_by_label("Note", exact=True)).to_have_value("Fatigue depuis un mois.")
    expect(page.locator("#saved")).to_have_text(re.compile("Enregistré"))


def test_a_session_ended_from_another_post_shows_nothing_more(moreau: Visitor, elsewhere: Visitor) -> None:
    patient = gestures.register(moreau, "Odile")
    elsewhere.goto(patient.url)
    page = moreau.goto("/cles")
    page.get_by_role("listitem").filter(has_text="Cabinet 2").get_by_role("button", name="Terminer").first.click()
    expect(page.get_by_role("listitem").filter(has_text="Cabinet 2")).to_have_count(0)
    go(elsewhere.page, patient.url)
    elsewhere.page.wait_for_url("**/entrer")
    assert patient.surname.upper() not in elsewhere.page.content()


def test_a_copied_cookie_jar_reads_nothing_in_a_second_browser(moreau: Visitor, cabinet: Cabinet, fresh_post: Callable[..., Post]) -> None:
    patient = gestures.register(moreau, "Irène")
    moreau.goto(patient.url)
    thief = fresh_post(cabinet)
    thief.context.add_cookies(moreau.post.context.cookies())
    page = thief.context.new_page()
    seen: list[tuple[int, str]] = []
    page.on("response", lambda answer: seen.append((answer.status, answer.url)) if answer.request.is_navigation_request() else None)
    page.goto(patient.url, referer=cabinet.origin + "/")
    page.wait_for_url("**/entrer")
    assert (401, f"{cabinet.origin}{patient.url}") in seen
    assert patient.surname.upper() not in page.content()
    asked = page.evaluate("""paths => Promise.all(paths.map(path => fetch(path).then(async a => [a.status, await a.text()])))""",
                          ["/", patient.url, f"{patient.url}suite/", f"/patients/palette/?q={patient.surname}", "/cabinet/ma-session/"])
    assert {status for status, _ in asked} == {401}
    assert not any(patient.surname.upper() in text for _, text in asked)
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in moreau.post.context.cookies())
    status, _, body = cabinet.get(patient.url, Cookie=cookies, Accept="text/html")
    assert status == 401
    assert patient.surname.upper().encode() not in body


@pytest.fixture
def alone(own_cabinet: Cabinet, fresh_post: Callable[..., Post]) -> Visitor:
    """Dr Moreau in a practice whose server's clock may be moved."""
    return first_titulaire(fresh_post(own_cabinet))


def test_after_five_minutes_a_sensitive_act_asks_for_a_touch_and_then_happens(alone: Visitor, own_cabinet: Cabinet) -> None:
    page = alone.goto("/cabinet/membres/inviter/")
    page.locator("[name=given_name]").fill("Nadia")
    page.locator("[name=family_name]").fill("Haddad")
    page.get_by_label("Profession").select_option("ide")
    page.get_by_label("Statut").select_option("collaborateur")
    own_cabinet.later(6)
    page.get_by_role("button", name="Créer l’invitation").click()
    expect(page.get_by_role("dialog")).to_contain_text("Touchez votre clé pour continuer")
    page.get_by_role("button", name="Plus tard").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.locator("[name=family_name]").input_value() == "Haddad"
    page.get_by_role("button", name="Créer l’invitation").click()
    gestures.touch(alone)
    assert gestures.shown_code(page)
    go(page, "/cabinet/membres/")
    expect(page.get_by_role("row").filter(has_text="HADDAD")).to_have_count(1)
    assert alone.problems == []


def test_the_server_locks_by_itself_and_ends_a_session_after_half_a_day(alone: Visitor, own_cabinet: Cabinet) -> None:
    """A page that never told the time: the draft is asked a touch after 16 minutes, a new session after 13 hours."""
    patient = gestures.register(alone, "Eulalie")
    page = alone.goto(f"{patient.url}note/")
    note = page.get_by_label("Note", exact=True)
    for minutes, words, said in ((16, "Fièvre.", "Session verrouillée"), (13 * 60, "Fièvre depuis hier.", "Session terminée")):
        own_cabinet.later(minutes)
        note.fill(words)
        expect(page.get_by_role("dialog")).to_contain_text(said)
        gestures.touch(alone)
        expect(page.locator("#saved")).to_have_text(re.compile("Enregistré"))
        expect(note).to_have_value(words)
    page.reload()
    expect(page.get_by_label("Note", exact=True)).to_have_value("Fièvre depuis hier.")
    assert alone.problems == []


def test_a_lock_in_one_tab_is_a_lock_in_all_and_so_is_the_return(moreau: Visitor) -> None:
    page, beside = moreau.goto("/"), moreau.post.context.new_page()
    watch(beside, moreau.problems)
    beside.goto("/patients/", referer=page.url)
    beside.locator(".me summary").click()
    beside.get_by_role("button", name="Verrouiller").click()
    page.bring_to_front()
    expect(page.get_by_role("dialog")).to_contain_text("Session verrouillée")
    gestures.touch(moreau)
    expect(beside.get_by_role("dialog")).to_have_count(0)
    beside.close()
