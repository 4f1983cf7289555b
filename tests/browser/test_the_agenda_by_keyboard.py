"""The agenda without a mouse: booking in few keys, arriving in one, moving and taking back; and two people at one agenda."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import gestures
from tests.browser.chromium import Person, Visitor, keyed
from tests.browser.gestures import Patient, send


class Keys:
    """Counts what is pressed, the letters of a name apart."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1


@pytest.fixture
def patient(moreau: Visitor) -> Patient:
    return gestures.register(moreau, "Philomène")


def hours(visitor: Visitor) -> None:
    page = visitor.goto("/agenda/nouveau/")
    who = str(page.locator("[name=practitioner]").input_value())
    for weekday in range(1, 8):
        send(visitor, "/agenda/reglages/plage/", {"practitioner": who, "weekdays": str(weekday), "start": "0h", "end": "23h59",
                                                  "kind": "appointments"})


def test_a_patient_is_booked_in_few_keys_arrives_in_one_and_is_moved_without_a_mouse(moreau: Visitor, patient: Patient) -> None:
    hours(moreau)
    page = moreau.goto("/agenda/?jour=%2B1")
    keys = Keys(page)
    expect(page.locator(".agenda .on")).to_have_count(1)
    keys.press("n")
    page.wait_for_url("**/agenda/nouveau/**")
    expect(page.get_by_role("combobox", name="Patient")).to_be_focused()
    page.keyboard.type(patient.surname.lower())
    expect(page.locator("#book-list [data-patient]")).to_have_count(1)
    keys.press("Enter")
    expect(page.get_by_label("Motif")).to_be_focused()
    keys.press("Enter")
    page.wait_for_url("**/agenda/?**")
    assert keys.count <= 6
    card = page.locator(".rdv", has_text=patient.surname.upper())
    expect(card).to_have_class(re.compile(r"\bbooked\b"))
    before = str(card.get_attribute("data-minute"))

    keyed(page)
    keys = Keys(page)
    keys.press("a")
    expect(page.locator(".rdv.arrived", has_text=patient.surname.upper())).to_have_count(1)
    expect(page.get_by_label("Mobile")).to_be_visible()
    assert keys.count == 1
    page.keyboard.press("Alt+z")
    expect(page.locator(".rdv.booked", has_text=patient.surname.upper())).to_have_count(1)
    expect(page.locator(".agenda .on")).to_have_count(1)  # the page that came back listens
    keyed(page)

    page.keyboard.press("d")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Rendez-vous déplacé")).to_be_visible()
    expect(page.locator(".rdv", has_text=patient.surname.upper())).not_to_have_attribute("data-minute", before)
    keyed(page)
    page.keyboard.press("Delete")
    expect(page.locator(".rdv.cancelled", has_text=patient.surname.upper())).to_have_count(1)
    page.keyboard.press("Alt+z")
    expect(page.locator(".rdv.booked", has_text=patient.surname.upper())).to_have_count(1)


def test_the_next_place_is_two_keys_away_and_a_rule_is_left_by_one_with_its_reason(moreau: Visitor, patient: Patient) -> None:
    hours(moreau)
    kind = {"name": "Nourrisson", "minutes": "15", "colour": "green", "new_patients": "on", "known_patients": "on", "oldest": "23 mois"}
    send(moreau, "/agenda/reglages/motif/", kind)
    page = moreau.goto("/agenda/?jour=%2B2")
    expect(page.locator(".agenda .on")).to_have_count(1)
    page.keyboard.press("p")
    page.wait_for_url("**/agenda/libre/**")
    expect(page.locator(".free-day a").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/agenda/nouveau/**")
    page.keyboard.type(patient.surname.lower())
    expect(page.locator("#book-list [data-patient]")).to_have_count(1)
    page.keyboard.press("Enter")
    page.get_by_label("Type").select_option(label="Nourrisson — 15\u00a0min")
    expect(page.locator("[data-broken]")).to_contain_text("23\u00a0mois")  # said while one chooses
    page.keyboard.press("Alt+v")
    expect(page.locator(".book-outside")).to_be_focused()
    keyed(page)
    page.keyboard.press("2")
    page.wait_for_url("**/agenda/?**")
    expect(page.locator(".rdv", has_text=patient.surname.upper()).get_by_text("hors règle")).to_have_count(1)


def test_a_round_is_put_in_order_and_done_without_a_mouse(moreau: Visitor, patient: Patient) -> None:
    other = gestures.register(moreau, "Anatole")
    for one in (patient, other):
        page = moreau.goto(f"/patients/{one.id}/")
        page.keyboard.press("Alt+u")
        expect(page.get_by_text("Ajouté à la tournée")).to_be_visible()
    page = moreau.goto("/agenda/tournee/")
    names = page.locator(".stop-who b")
    before = names.all_inner_texts()
    assert {patient.surname.upper(), other.surname.upper()} <= {name.split(" ")[0] for name in before}
    page.locator(".stop").last.locator("[data-done]").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(names).to_have_text([*before[:-2], before[-1], before[-2]])
    expect(page.locator(".stop").filter(has=page.get_by_text(before[-1], exact=True)).locator("[data-done]")).to_be_focused()
    page.keyboard.press("f")
    expect(page.locator(".stop.done b")).to_have_text([before[-1]])
    page.keyboard.press("Alt+z")
    expect(page.locator(".stop.done")).to_have_count(0)


def test_a_visit_that_is_given_an_hour_leaves_the_round_and_without_one_has_none(moreau: Visitor) -> None:
    hours(moreau)
    page = moreau.goto("/agenda/nouveau/?jour=%2B1&tournee=oui")
    hour, round_ = page.get_by_label("Heure", exact=True), page.get_by_label("Sans heure, dans la tournée du jour")
    expect(round_).to_be_checked()
    hour.fill("18h")
    expect(round_).not_to_be_checked()
    round_.check()
    expect(hour).to_have_value("")
    page.locator("[data-book-at]").first.click()
    expect(round_).not_to_be_checked()
    expect(hour).not_to_have_value("")


def test_single_letters_do_nothing_while_one_types_nor_when_they_are_switched_off(moreau: Visitor) -> None:
    page = moreau.goto("/agenda/")
    page.keyboard.press("t")
    expect(page.locator("#goto")).to_be_focused()
    page.keyboard.type("nad")
    assert "/agenda/" in page.url
    assert page.locator("#goto").input_value() == "nad"
    page.evaluate("document.cookie = 'raccourcis-simples=non;path=/;secure'; document.activeElement.blur()")
    page.keyboard.press("n")
    page.wait_for_timeout(300)
    assert "nouveau" not in page.url
    page.evaluate("document.cookie = 'raccourcis-simples=oui;path=/;secure'")


def test_what_somebody_else_changes_comes_alone_by_its_id(moreau: Visitor, patient: Patient) -> None:
    """Two screens of one practice, and the stream between them: only the changed row is asked for, and it is a journalled read."""
    page = moreau.goto("/agenda/nouveau/")
    who, day = str(page.locator("[name=practitioner]").input_value()), str(page.locator("[name=day]").input_value())
    fields = {"practitioner": who, "day": day, "minutes": "15", "hour": "10h", "mode": "known", "patient": patient.id}
    send(moreau, "/agenda/nouveau/", fields)
    other = moreau.post.sit(Person(""))
    try:
        board = other.goto("/agenda/salle/")
        heard: list[str] = []
        with moreau.page.expect_response(lambda response: "/direct?billet=" in response.url) as stream:
            page = moreau.goto("/agenda/")
        assert stream.value.status == 200
        page.on("request", lambda request: heard.append(request.url))
        id = str(page.locator(".rdv", has_text=patient.surname.upper()).get_attribute("data-id"))
        send(other, f"/agenda/rdv/{id}/etat/", {"etat": "arrived", "jour": ""})
        expect(page.locator(".rdv.arrived", has_text=patient.surname.upper())).to_have_count(1)
        expect(board.locator("[data-room-waiting] li", has_text=patient.surname.upper())).to_have_count(1)
        send(other, f"/agenda/rdv/{id}/etat/", {"etat": "in-progress", "jour": ""})
        expect(board.locator("[data-room-inside] li", has_text=patient.surname.upper())).to_have_count(1)
        expect(page.locator(".rdv.in-progress", has_text=patient.surname.upper())).to_have_count(1)
        assert [url for url in heard if "/agenda/" in url and not url.endswith(f"/agenda/ligne/{id}/")] == []
    finally:
        other.page.close()


def test_keys_go_on_acting_on_the_same_appointment_when_it_was_changed_elsewhere(moreau: Visitor, patient: Patient) -> None:
    """Its row is written anew under the finger: « D » then moves it, and not whatever stands first."""
    hours(moreau)
    page = moreau.goto("/agenda/?jour=%2B1")
    who = page.locator("[data-who]").first.get_attribute("data-who")
    day = page.locator("[data-agenda]").get_attribute("data-date")
    gestures.send(moreau, "/agenda/nouveau/", {"mode": "known", "patient": patient.id, "practitioner": who, "day": day, "hour": "17:30",
                                               "minutes": "15", "reason": "Suivi", "type": "", "venue": ""})
    page = moreau.goto("/agenda/?jour=%2B1")
    card = page.locator(".rdv", has_text=patient.surname.upper())
    card.locator(".rdv-main").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(card).to_have_class(re.compile(r"\bon\b"))
    page.evaluate("document.activeElement.blur()")
    id = str(card.get_attribute("data-id"))
    card.evaluate("(li) => li.classList.add('before')")
    page.evaluate("(id) => document.body.dispatchEvent(new CustomEvent('live:agenda', { detail: { ids: [id] }, bubbles: true }))", id)
    expect(page.locator(".rdv.before")).to_have_count(0)
    expect(card).to_have_class(re.compile(r"\bon\b"))
    page.keyboard.press("d")
    expect(page.locator(".agenda.moving")).to_have_count(1)
