"""The rest of a morning: two calls, a child's vaccine and curves, an interne's note, one note in two windows, a slow network."""

import datetime
import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect

from tests.browser import gestures
from tests.browser.chromium import Person, Visitor
from tests.browser.test_a_morning_by_keyboard import Keys, today
from tests.consultations.test_gs1 import BOX

SLOW_MS = 3_000


def ready(page: Page) -> Page:
    page.locator("body:not([data-bare])").wait_for(state="attached")
    page.locator("html[data-listens]").wait_for(state="attached")
    return page


def test_two_calls_are_taken_over_whatever_is_on_the_screen_and_wait_at_home(moreau: Visitor) -> None:
    caller = gestures.register(moreau, "Ginette", surname="Appelante")
    page = ready(moreau.goto(f"{gestures.register(moreau, 'Odette').url}note/"))
    page.get_by_label("Note", exact=True).fill("Une phrase commencée")
    keys = Keys(page)
    for words, wish in (("Résultats à expliquer", "Rappeler"), ("Bisoprolol, plus rien lundi", "Renouvellement")):
        keys.press("Alt+l")
        expect(page.locator("#id_caller")).to_be_focused()
        about = page.locator("#ask [name=dossier]")
        if about.count() and about.first.is_checked():  # the call is not about the person whose note is open
            about.first.uncheck()
        page.locator("#id_caller").select_text()
        keys.type("sa fille, Mme Appelante").press("Tab").type("0639981231").press("Tab")
        option = page.locator("#id_wish option", has_text=wish).first.get_attribute("value")
        page.locator("#id_wish").select_option(option)
        keys.press("Tab").type(words).press("Enter")
        expect(page.locator("#toasts")).to_contain_text("Appel")
        expect(page.locator("#ask")).not_to_be_visible()
    expect(page.get_by_label("Note", exact=True)).to_have_value("Une phrase commencée")
    assert keys.spent() <= 10
    home = ready(moreau.goto("/")).get_by_role("main")
    for words in ("Résultats à expliquer", "Bisoprolol, plus rien lundi", "06\u00a039\u00a098\u00a012\u00a031"):
        expect(home).to_contain_text(words)
    assert caller.surname.upper() not in home.locator("[data-task]", has_text="Résultats à expliquer").inner_text()  # nobody tied by a name


def test_a_child_is_measured_vaccinated_from_the_box_and_found_on_the_curves(moreau: Visitor) -> None:
    born = today() - datetime.timedelta(days=366)
    child = gestures.register(moreau, "Noé", sex="M", surname="Petitpas", birth=f"{born:%d/%m/%Y}")
    page = ready(moreau.goto(child.url))
    keys = Keys(page)
    keys.press("Alt+m")
    page.wait_for_url(re.compile("/mesures/"))
    ready(page)
    keys.type("P 9,8 T 76 PC 46,5").press("Enter")
    page.wait_for_url(re.compile(re.escape(child.id) + r"/(\?|$|#)"))
    assert keys.spent() == 2
    page = ready(moreau.goto(f"{child.url}courbes/"))
    for curve in ("Poids", "Taille", "Périmètre crânien", "IMC"):
        expect(page.get_by_role("heading", name=curve)).to_be_visible()
    for value in ("9,8", "76", "46,5"):  # each of the line, not the first alone
        expect(page.locator(".growth")).to_contain_text(value)
    expect(page.locator(".growth figure").first).to_contain_text("OMS")

    page = ready(moreau.goto(f"{child.url}vaccin/"))
    expect(page.locator("#id_scan")).to_be_focused()
    year = today().year % 100 + 2
    page.keyboard.type(f"01{BOX}17{year}053110AB123", delay=2)  # as a reader types: fast, FNC1 as Ctrl ], then Enter
    page.keyboard.press("Control+]")
    page.keyboard.type("2198765", delay=2)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Lot")).to_have_value("AB123")
    expect(page.locator("[name=expiry]")).to_have_value(f"31/05/20{year}")
    page.get_by_label("Vaccin", exact=False).first.fill("Vaxelis")
    page.keyboard.press("Alt+v")
    page.wait_for_url(re.compile(re.escape(child.id) + r"/(\?|$|#)"))
    expect(page.get_by_role("main")).to_contain_text("Vaxelis")
    expect(page.get_by_role("main")).to_contain_text("AB123")


def test_an_internes_note_is_countersigned_in_one_key(moreau: Visitor) -> None:
    patient = gestures.register(moreau, "Rachel")
    page = moreau.goto("/cabinet/membres/inviter/")
    page.locator("[name=given_name]").fill("Hugo")
    page.locator("[name=family_name]").fill("Leroy")
    page.get_by_label("Profession").select_option("medecin")
    page.get_by_label("Statut").select_option("interne")
    page.locator("[name=of]").select_option(index=1)
    page.locator("[name=until]").fill(f"{today() + datetime.timedelta(days=90):%d/%m/%Y}")
    page.get_by_role("button", name="Créer l’invitation").click()
    gestures.step_up_if_asked(moreau, page.locator(".code"))
    code = gestures.shown_code(page)
    doctor = moreau.person
    hugo = Person("Hugo Leroy")
    beside = moreau.post.sit(hugo)
    gestures.create_first_key(beside, code)
    gestures.enter(beside)
    gestures.sign_note(beside, patient, "Toux", "Gorge rouge, pas de fièvre.")
    beside.keep_key()
    beside.page.close()

    moreau.plug(doctor)
    page = gestures.enter(moreau)
    expect(page.get_by_role("main")).to_contain_text("À contresigner")
    page.get_by_role("link", name=re.compile(patient.surname.upper())).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(patient.id)))
    ready(page)
    expect(page.get_by_role("article")).to_contain_text("Gorge rouge")
    keys = Keys(page)
    with page.expect_navigation():
        keys.press("Alt+v")
    expect(page.get_by_role("main")).to_contain_text("contresigné par Dr Claire MOREAU")
    assert keys.spent() == 1


def test_one_note_in_two_windows_loses_neither_text_and_is_made_one(moreau: Visitor) -> None:
    patient = gestures.register(moreau, "Solange")
    page = ready(moreau.goto(f"{patient.url}note/"))
    page.get_by_label("Motif").fill("Vertiges")
    page.get_by_label("Note", exact=True).fill("Vertiges au lever.")
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    second = moreau.post.context.new_page()
    second.goto(f"{moreau.post.cabinet.origin}{patient.url}note/", referer=page.url)
    ready(second)
    expect(second.get_by_label("Note", exact=True)).to_have_value("Vertiges au lever.")
    page.get_by_label("Note", exact=True).fill("Vertiges au lever. TA couchée 150/80.")
    expect(page.locator("#saved")).to_have_attribute("data-state", "changed")
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    second.get_by_label("Note", exact=True).fill("Vertiges au lever. Romberg négatif.")
    expect(second.locator("#elsewhere")).to_be_visible()
    second.get_by_role("link", name="Comparer et réunir").click()
    ready(second)
    main = second.get_by_role("main")
    for words in ("TA couchée 150/80", "Romberg négatif"):
        expect(main).to_contain_text(words)
    second.get_by_label("Les deux", exact=False).first.check()
    second.get_by_role("button", name="Réunir").click()
    expect(second.get_by_label("Note", exact=True)).to_have_value(re.compile(r"150/80[^§]*Romberg|Romberg[^§]*150/80"))
    second.close()


@contextmanager
def slow(visitor: Visitor, latency_ms: int = SLOW_MS) -> Iterator[None]:
    """Every answer of the practice takes this long, for the page and for its service worker's requests alike."""
    conditions = {"offline": False, "latency": latency_ms, "downloadThroughput": 20_000, "uploadThroughput": 20_000}
    visitor.devtools.send("Network.enable")
    visitor.devtools.send("Network.emulateNetworkConditions", conditions)
    try:
        yield
    finally:
        visitor.devtools.send("Network.emulateNetworkConditions",
                              {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})


def test_on_a_slow_network_nothing_is_lost_and_two_presses_sign_once(moreau: Visitor) -> None:
    patient = gestures.register(moreau, "Blandine")
    page = ready(moreau.goto(f"{patient.url}note/"))
    with slow(moreau):
        page.get_by_label("Motif").fill("Lombalgie")
        page.get_by_label("Note", exact=True).press_sequentially("Lombalgie après un déménagement.", delay=20)
        expect(page.locator("#saved")).to_have_attribute("data-state", "saved", timeout=40_000)
        page.get_by_label("Note", exact=True).press_sequentially(" Pas de déficit.", delay=20)
        page.keyboard.press("Alt+v")
        page.keyboard.press("Alt+v")
        page.wait_for_url(re.compile(re.escape(patient.id) + r"/(\?|$|#)"), timeout=60_000)
    page = ready(moreau.goto(patient.url))
    expect(page.locator("#timeline").get_by_role("link", name="Lombalgie")).to_have_count(1)
    expect(page.locator("#timeline")).to_contain_text("Lombalgie après un déménagement. Pas de déficit.")
    expect(page.get_by_role("main")).not_to_contain_text("Brouillon")
    expect(moreau.goto("/").locator(f"main a[href*='{patient.id}/note']")).to_have_count(0)  # nothing of it waits to be signed


def test_what_is_typed_while_the_network_is_away_is_kept_when_it_comes_back(moreau: Visitor) -> None:
    patient = gestures.register(moreau, "Mireille")
    page = ready(moreau.goto(f"{patient.url}note/"))
    page.get_by_label("Motif").fill("Fatigue")
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    moreau.post.context.set_offline(True)
    page.get_by_label("Note", exact=True).press_sequentially("Fatigue depuis un mois.")
    expect(page.locator("#saved")).to_contain_text("texte gardé ici")
    moreau.post.context.set_offline(False)
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved", timeout=40_000)
    tried = ("INTERNET_DISCONNECTED", "Failed to")  # what the page asked for meanwhile
    moreau.problems[:] = [said for said in moreau.problems if not any(words in said for words in tried)]
    page.reload()
    expect(page.get_by_label("Note", exact=True)).to_have_value("Fatigue depuis un mois.")
