"""The idle lock and its one-touch return, step-up, sessions ended from elsewhere, and a copied cookie jar."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser import gestures
from tests.browser.cabinet import Cabinet
from tests.browser.chromium import Post, Visitor, watch


@pytest.fixture
def elsewhere(moreau: Visitor, cabinet: Cabinet, fresh_post: Callable[..., Post]) -> Visitor:
    """The same doctor at another, approved post; the key is given back to the first."""
    page = moreau.goto("/cabinet/postes/nouveau/")
    page.get_by_label("Nom du poste").fill("Cabinet 2")
    page.get_by_role("button", name="Créer le code").click()
    gestures.step_up_if_asked(moreau)
    code = gestures.shown_code(page)
    moreau.keep_key()
    visitor = fresh_post(cabinet).sit(moreau.person)
    gestures.enrol_post(visitor, code)
    page.goto("/cabinet/membres/")
    page.get_by_role("button", name="Approuver").first.click()
    gestures.step_up_if_asked(moreau)
    expect(page.get_by_role("button", name="Approuver")).to_have_count(0)
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
    elsewhere.page.goto(patient.url)
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
    page.goto(patient.url)
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


def test_a_sensitive_act_asks_for_a_fresh_touch_and_then_happens(moreau: Visitor, cabinet: Cabinet) -> None:
    """Five minutes cannot pass here: the guard's own tests move the clock. A locked session asks in the same place."""
    page = moreau.goto("/cabinet/membres/inviter/")
    page.locator("[name=given_name]").fill("Nadia")
    page.locator("[name=family_name]").fill("Haddad")
    page.get_by_label("Profession").select_option("ide")
    page.get_by_label("Statut").select_option("collaborateur")
    beside = moreau.post.context.new_page()
    watch(beside, moreau.problems)
    beside.goto("/")
    beside.locator(".me summary").click()
    beside.get_by_role("button", name="Verrouiller").click()
    page.bring_to_front()
    expect(page.get_by_role("dialog")).to_contain_text("Session verrouillée")
    gestures.touch(moreau)
    expect(beside.get_by_role("dialog")).to_have_count(0)
    beside.close()
    page.get_by_role("button", name="Créer l’invitation").click()
    assert gestures.shown_code(page)
