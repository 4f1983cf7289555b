"""Une matinée, without a mouse: arrivals, consultations, measures, signatures, paper, payment, the next patient. Keys are counted."""

import datetime
import re
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser import gestures
from tests.browser.chromium import Visitor
from tests.browser.gestures import Patient

PARIS = ZoneInfo("Europe/Paris")
BOOKED, WALK_INS = 22, 3


class Keys:
    """A person who has a keyboard only: every key that is no typed word is counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, *names: str) -> "Keys":
        for name in names:
            self.page.keyboard.press(name)
            self.count += 1
        return self

    def type(self, words: str) -> "Keys":
        self.page.keyboard.type(words)
        return self

    def spent(self) -> int:
        """The keys since the last time this was asked."""
        count, self.count = self.count, 0
        return count


def today() -> datetime.date:
    return datetime.datetime.now(PARIS).date()


def agenda(visitor: Visitor) -> Page:
    page = visitor.goto("/agenda/")
    expect(page.locator("[data-agenda]")).to_be_visible()
    return page


def book(visitor: Visitor, patient: Patient, hour: str, *, queue: bool = False) -> None:
    """Through the booking form's own address: what a morning finds already there."""
    who = visitor.page.locator("[data-who]").first.get_attribute("data-who")
    gestures.send(visitor, "/agenda/nouveau/", {
        "mode": "known", "patient": patient.id, "practitioner": who, "day": f"{today():%d/%m/%Y}", "hour": hour, "minutes": "15",
        "reason": "Suivi", "type": "", "venue": "sans" if queue else ""})


def card(page: Page, patient: Patient) -> str:
    return f".rdv:has-text('{patient.surname.upper()}')"


def reach(keys: Keys, patient: Patient) -> None:
    """Arrow down to somebody's line, from wherever the focus is."""
    page = keys.page
    page.keyboard.press("Home")
    for _ in range(120):
        if page.locator(f"{card(page, patient)}.on").count():
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{patient.shown} is not in the column")


@pytest.fixture(scope="module")
def morning() -> dict[str, list[Patient]]:
    return {}


def people(visitor: Visitor, morning: dict[str, list[Patient]]) -> list[Patient]:
    """Twenty-two who are booked and three who will come without: registered and booked once for all tests of this file."""
    if not morning:
        visitor.goto("/agenda/")
        names = [f"Matinal{chr(97 + n // 5)}{chr(97 + n % 5)}" for n in range(BOOKED + WALK_INS)]
        made = [gestures.register(visitor, "Odile", surname=name) for name in names]
        early = 0 if datetime.datetime.now(PARIS).hour < 10 else 8
        for n, one in enumerate(made[:BOOKED]):
            book(visitor, one, f"{early + n // 4:02}:{n % 4 * 15:02}")
        morning["all"] = made
    return morning["all"]


def test_an_arrival_is_one_key_and_asks_what_is_missing(moreau: Visitor, morning: dict[str, list[Patient]]) -> None:
    first = people(moreau, morning)[0]
    page = agenda(moreau)
    keys = Keys(page)
    reach(keys, first)
    keys.press("a")
    welcome = page.locator(".welcome")
    expect(welcome).to_contain_text(first.surname.upper())
    expect(welcome).to_contain_text("Mobile")
    assert keys.spent() == 1
    expect(welcome.get_by_label("Mobile")).to_be_focused()
    keys.type("0639981230").press("Tab").type("odile@exemple.fr")
    with page.expect_navigation():
        keys.press("Alt+v")
    expect(page.locator(f"{card(page, first)}[data-state=arrived]")).to_be_visible()
    assert keys.spent() <= 3
    page = moreau.goto(f"{first.url}identite/")
    expect(page.get_by_role("main")).to_contain_text("odile@exemple.fr")


def test_booking_takes_six_keys_beside_the_name(moreau: Visitor, morning: dict[str, list[Patient]]) -> None:
    people(moreau, morning)
    caller = gestures.register(moreau, "Armelle", surname="Telephonant")
    page = agenda(moreau)
    keys = Keys(page)
    keys.press("n")
    expect(page.locator("#book-q")).to_be_focused()
    keys.type("teleph")
    expect(page.get_by_role("option", name=re.compile("TELEPHONANT"))).to_be_visible()
    keys.press("Enter")
    expect(page.locator("[data-book-chosen]")).to_contain_text("TELEPHONANT")
    keys.type("Toux").press("Enter")
    expect(page.locator(card(page, caller)).first).to_be_visible()
    assert keys.spent() <= 6


def test_from_one_patient_to_the_next_by_keys_alone(moreau: Visitor, morning: dict[str, list[Patient]]) -> None:
    """The next patient is one key, the note one, tension and weight one line, signing one; paper and payment follow."""
    first, second = people(moreau, morning)[:2]
    page = agenda(moreau)
    keys = Keys(page)
    for one in (first, second):
        if not page.locator(f"{card(page, one)}[data-state=arrived]").count():
            reach(keys, one)
            keys.press("a")
            expect(page.locator(f"{card(page, one)}[data-state=arrived]")).to_be_visible()
            page = agenda(moreau)
    keys = Keys(page)
    keys.press("Alt+s")
    page.wait_for_url(re.compile(re.escape(first.id)))
    expect(page.locator(".banner")).to_contain_text(first.surname.upper())
    assert keys.spent() == 1

    keys.press("Alt+1")
    expect(page.get_by_label("Motif")).to_be_focused()
    keys.type("Renouvellement").press("Tab", "Tab").type("Tension correcte, pas de plainte.").press("Tab").type("TA 148/86 P 82 T 176")
    keys.press("Alt+v")
    page.wait_for_url(re.compile(re.escape(first.id) + r"/(\?|$|#)"))
    expect(page.locator("#timeline")).to_contain_text("Renouvellement")
    expect(page.get_by_role("main")).to_contain_text("148/86")
    assert keys.spent() <= 5

    keys.press("Alt+4")
    expect(page.get_by_label("Texte")).to_be_focused()
    keys.type("Amlodipine 5 mg, un comprimé le matin, trois mois.").press("Control+p")
    expect(page.get_by_role("heading", name="Ordonnance simple")).to_be_visible(timeout=60_000)
    expect(page.locator("iframe")).to_have_count(1)  # the paper itself
    assert keys.spent() == 2
    moreau.goto(first.url)
    keys.press("Alt+6")
    expect(page.locator("#id_code")).to_be_focused()
    keys.type("G").press("Tab", "Tab").type("30")
    expect(page.get_by_label("Montant", exact=False).first).to_have_value("30")
    for _ in range(4):  # third party, date, then how it was paid
        if page.evaluate("document.activeElement.type") == "radio":
            break
        keys.press("Tab")
    keys.press("Space", "Alt+v")
    expect(gestures.said(page, "acte")).to_be_visible()
    assert keys.spent() <= 9

    keys.press("Alt+s")
    page.wait_for_url(re.compile(re.escape(second.id)))
    assert keys.spent() == 1
    page = agenda(moreau)
    expect(page.locator(f"{card(page, first)}[data-state=fulfilled]")).to_be_visible()
    expect(page.locator(f"{card(page, second)}[data-state=in-progress]")).to_be_visible()


def test_one_who_does_not_come_is_marked_absent_and_can_be_taken_back(moreau: Visitor, morning: dict[str, list[Patient]]) -> None:
    absent = people(moreau, morning)[5]
    page = agenda(moreau)
    keys = Keys(page)
    reach(keys, absent)
    page.locator("[data-agenda-do=noshow]").press("Enter")
    expect(page.locator(f"{card(page, absent)}[data-state=noshow]")).to_be_visible()
    keys.press("Alt+z")
    expect(page.locator(f"{card(page, absent)}[data-state=booked]")).to_be_visible()


def test_those_who_come_without_an_appointment_wait_in_their_order(moreau: Visitor, morning: dict[str, list[Patient]]) -> None:
    walked = people(moreau, morning)[BOOKED:]
    agenda(moreau)
    for one in walked:  # last: who comes at five past midnight would be called before who is booked at a quarter past
        book(moreau, one, f"{datetime.datetime.now(PARIS):%H:%M}", queue=True)
    page = moreau.goto("/agenda/salle/")
    text = page.get_by_role("main").inner_text()
    places = [text.index(one.surname.upper()) for one in walked]
    assert places == sorted(places)
