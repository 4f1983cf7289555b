"""A replacement by keyboard: what is told before leaving, the return note in two keys, read first by who is back."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser import gestures, looking
from tests.browser.cabinet import Cabinet
from tests.browser.chromium import Person, Post, Visitor, go
from tests.browser.conftest import first_titulaire


def _invited(moreau: Visitor) -> Person:
    """Dr Léa Petit, who replaces Dr Moreau until tomorrow, with a key of her own."""
    page = moreau.goto("/cabinet/membres/inviter/")
    page.locator("[name=given_name]").fill("Léa")
    page.locator("[name=family_name]").fill("Petit")
    page.get_by_label("Profession").select_option("medecin")
    page.get_by_label("Statut").select_option("remplacant")
    page.locator("[name=of]").select_option(index=1)
    page.locator("[name=until]").fill("+1")
    page.get_by_role("button", name="Créer l’invitation").click()
    gestures.step_up_if_asked(moreau, page.locator(".code"))
    code, petit = gestures.shown_code(page), Person("Léa Petit")
    beside = moreau.post.sit(petit)
    gestures.create_first_key(beside, code)
    beside.page.close()
    return petit


def _away(moreau: Visitor) -> None:
    """Today, replaced."""
    page = moreau.goto("/agenda/reglages/absence/")
    who = str(page.locator("[name=practitioner]").input_value())
    replacement = str(page.locator("[name=replacement] option").last.get_attribute("value"))
    assert replacement
    gestures.send(moreau, "/agenda/reglages/absence/", {"practitioner": who, "first": "aujourd’hui", "last": "", "reason": "Congés",
                                                         "replacement": replacement})


def _takes_over(visitor: Visitor, person: Person, name: str) -> None:
    page = visitor.page
    go(page, "/")
    page.locator(".me summary").click()
    page.get_by_role("button", name="Changer de personne").click()
    visitor.plug(person)
    page.get_by_role("button", name="Continuer avec ma clé").click()
    expect(page.locator(".me summary")).to_contain_text(name)


def test_a_replacement_is_told_written_and_read_by_keyboard(own_cabinet: Cabinet, fresh_post: Callable[..., Post]) -> None:
    moreau = first_titulaire(fresh_post(own_cabinet))
    page, doctor = moreau.page, moreau.person
    petit = _invited(moreau)
    _away(moreau)
    told, seen = gestures.register(moreau, "Eulalie"), gestures.register(moreau, "Prosper", sex="M")

    page = moreau.goto(f"{told.url}a-connaitre/")
    expect(page.get_by_label("À connaître")).to_be_focused()
    page.keyboard.type("Fin de vie à domicile.")
    found = looking.faults(page)
    page.keyboard.press("Alt+v")
    page.wait_for_url("**/dix/**")
    expect(page.locator(".ten")).to_contain_text("Fin de vie à domicile.")
    found += looking.faults(page)

    _takes_over(moreau, petit, "PETIT")
    expect(page.locator("#handover .ten")).to_contain_text(told.surname.upper())
    found += looking.faults(page)
    gestures.sign_note(moreau, seen, "Lombalgie aiguë", "Sans signe d’alarme.")
    go(page, "/")
    page.keyboard.press("Alt+o")
    page.wait_for_url("**/ecrire/**")
    sentence = page.get_by_label(f"Une phrase sur {seen.surname.upper()} {seen.given}")
    sentence.press_sequentially("Très inquiet.")
    expect(page.locator("#kept")).to_contain_text("Gardé à")
    found += looking.faults(page)
    sentence.press_sequentially(" Le rappeler.")
    page.keyboard.press("Alt+a")  # « Plus tard », in the middle of a sentence: it is kept first
    page.wait_for_url(lambda url: "/ecrire/" not in url)
    page.keyboard.press("Alt+o")
    page.wait_for_url("**/ecrire/**")
    expect(sentence).to_have_value("Très inquiet. Le rappeler.")
    page.route("**/ecrire/brouillon/", lambda route: route.abort())
    sentence.press("End")
    sentence.press_sequentially(" Bientôt.")
    expect(page.locator("#kept")).to_contain_text("Échec")
    page.unroute("**/ecrire/brouillon/")
    moreau.problems[:] = [said for said in moreau.problems if "/ecrire/" not in said]  # the request that was made to fail
    page.keyboard.press("Alt+v")
    page.wait_for_url("**/releve/note/**")
    expect(page.get_by_text("Relève transmise")).to_be_visible()

    _takes_over(moreau, doctor, "MOREAU")
    expect(page.locator("#handover")).to_contain_text("Lire la relève")
    page.keyboard.press("Alt+o")
    page.wait_for_url("**/releve/note/**")
    expect(page.locator(".handed")).to_contain_text("Très inquiet. Le rappeler. Bientôt.")
    expect(page.locator(".handed")).to_contain_text("Lombalgie aiguë")
    found += looking.faults(page)
    page.keyboard.press("Alt+v")
    expect(gestures.said(page, "releve_lue")).to_be_visible()
    expect(page.locator("#handover")).not_to_contain_text("Lire la relève")
    go(page, "/releve/remplacements/")
    found += looking.faults(page)
    assert not found, "\n".join(found)
    assert moreau.problems == []
