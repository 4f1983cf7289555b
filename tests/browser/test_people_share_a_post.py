"""A second post is enrolled and approved; a secretary is invited, and takes the shared post without reloading it."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser import gestures
from tests.browser.cabinet import Cabinet
from tests.browser.chromium import Person, Post, Visitor


def test_a_second_post_opens_once_a_titulaire_has_approved_it(moreau: Visitor, cabinet: Cabinet, fresh_post: Callable[..., Post]) -> None:
    page = moreau.goto("/cabinet/membres/")
    page.get_by_role("link", name="Enregistrer un poste").click()
    page.get_by_label("Nom du poste").fill("Accueil 2")
    page.get_by_role("button", name="Créer le code").click()
    gestures.step_up_if_asked(moreau)
    code = gestures.shown_code(page)

    moreau.keep_key()
    second = fresh_post(cabinet).sit(moreau.person)
    gestures.enrol_post(second, code)
    expect(second.page.get_by_text("un titulaire doit encore l’accepter")).to_be_visible()
    second.page.get_by_role("button", name="Entrer avec ma clé").click()
    second.page.wait_for_url("**/poste")
    second.keep_key()
    moreau.plug(second.person)

    page.goto("/cabinet/membres/")
    line = page.get_by_role("row").filter(has_text="Accueil 2")
    expect(line).to_contain_text("À approuver")
    line.get_by_role("button", name="Approuver").click()
    gestures.step_up_if_asked(moreau)
    expect(page.get_by_role("row").filter(has_text="Accueil 2")).to_contain_text("Approuvé")

    gestures.enter(second)
    expect(second.page.locator(".me summary")).to_contain_text("MOREAU")
    moreau.plug(second.person)
    assert second.problems == []


def test_a_secretary_takes_the_shared_post_with_her_own_key(moreau: Visitor) -> None:
    page = moreau.goto("/cabinet/membres/inviter/")
    page.locator("[name=given_name]").fill("Sophie")
    page.locator("[name=family_name]").fill("Marchand")
    page.get_by_label("Profession").select_option("secretaire")
    page.get_by_label("Statut").select_option("salarie")
    page.get_by_role("button", name="Créer l’invitation").click()
    gestures.step_up_if_asked(moreau)
    code = gestures.shown_code(page)

    sophie = Person("Sophie Marchand")
    beside = moreau.post.sit(sophie)
    gestures.create_first_key(beside, code)
    beside.page.close()

    page.goto("/")
    page.evaluate("self.same = 'page'")
    page.locator(".me summary").click()
    page.get_by_role("button", name="Changer de personne").click()
    expect(page.get_by_role("dialog")).to_contain_text("Session verrouillée")
    doctor = moreau.person
    moreau.plug(sophie)
    page.get_by_role("button", name="Continuer avec ma clé").click()
    expect(page.locator(".me summary")).to_contain_text("MARCHAND")
    expect(page.get_by_role("heading", name="Notes à signer")).to_have_count(0)

    page.locator(".me summary").click()
    page.get_by_role("button", name="Changer de personne").click()
    moreau.plug(doctor)
    page.get_by_role("button", name="Continuer avec ma clé").click()
    expect(page.locator(".me summary")).to_contain_text("MOREAU")
