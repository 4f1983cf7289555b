"""A second post is enrolled and approved; a secretary is invited, and takes the shared post without reloading it."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser import gestures
from tests.browser.cabinet import Cabinet
from tests.browser.chromium import Person, Post, Visitor, go


def test_a_second_post_opens_once_a_titulaire_has_approved_it(moreau: Visitor, cabinet: Cabinet, fresh_post: Callable[..., Post]) -> None:
    page = moreau.goto("/cabinet/membres/")
    page.get_by_role("link", name="Enregistrer un poste").click()
    page.get_by_label("Nom du poste").fill("Accueil 2")
    page.get_by_role("button", name="Créer le code").click()
    gestures.step_up_if_asked(moreau, page.locator(".code"))
    code = gestures.shown_code(page)

    moreau.keep_key()
    second = fresh_post(cabinet).sit(moreau.person)
    gestures.enrol_post(second, code)
    expect(second.page.get_by_text("un titulaire doit encore l’accepter")).to_be_visible()
    second.page.get_by_role("button", name="Entrer avec ma clé").click()
    second.page.wait_for_url("**/poste")
    second.keep_key()
    moreau.plug(second.person)

    go(page, "/cabinet/membres/")
    line = page.get_by_role("row").filter(has_text="Accueil 2")
    expect(line).to_contain_text("À approuver")
    line.get_by_role("button", name="Approuver").click()
    gestures.step_up_if_asked(moreau, page.get_by_role("row").filter(has_text="Accueil 2").filter(has_text="Approuvé"))

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
    gestures.step_up_if_asked(moreau, page.locator(".code"))
    code = gestures.shown_code(page)

    sophie = Person("Sophie Marchand")
    beside = moreau.post.sit(sophie)
    gestures.create_first_key(beside, code)
    beside.page.close()

    go(page, "/")
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


def test_a_tab_left_open_writes_nothing_under_the_next_persons_name(moreau: Visitor) -> None:
    """Another tab signs in as somebody else: the first tab leaves the patient's page, and its old form is refused."""
    patient = gestures.register(moreau, "Mathilde")
    karim = Person("Karim Benali")
    page = moreau.goto("/cabinet/membres/inviter/")
    page.locator("[name=given_name]").fill("Karim")
    page.locator("[name=family_name]").fill("Benali")
    page.get_by_label("Profession").select_option("medecin")
    page.get_by_label("Statut").select_option("titulaire")
    page.get_by_role("button", name="Créer l’invitation").click()
    gestures.step_up_if_asked(moreau, page.locator(".code"))
    code = gestures.shown_code(page)
    beside = moreau.post.sit(karim)
    gestures.create_first_key(beside, code)

    moreau.goto(f"{patient.url}note/")
    page.get_by_label("Motif").fill("Asthénie")
    stale = page.evaluate("document.body.dataset.csrf")
    beside.page.bring_to_front()
    gestures.enter(beside)
    page.wait_for_url(gestures.HOME)
    status = page.evaluate("""async ([path, stale]) => {
        const real = document.body.dataset.csrf;
        document.body.dataset.csrf = stale;
        const body = new URLSearchParams({ motif: 'Asthénie', draft: '', version: '0', csrfmiddlewaretoken: stale });
        const answer = await permanence.fetch(path, { method: 'POST', body });
        document.body.dataset.csrf = real;
        return answer.status;
    }""", [f"{patient.url}note/brouillon/", stale])
    assert status == 403
    beside.page.close()
    page.bring_to_front()
    gestures.enter(moreau)
