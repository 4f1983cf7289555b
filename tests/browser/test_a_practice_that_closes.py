"""Sealed after a restart, opened by the key of a titulaire; the worker killed while somebody types."""

import re
from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import Error, expect

from tests.browser import gestures
from tests.browser.cabinet import PRACTICE, Cabinet, until
from tests.browser.chromium import Post, Visitor
from tests.browser.conftest import first_titulaire


def may_open_in_the_morning(visitor: Visitor) -> None:
    page = visitor.goto("/cles")
    with page.expect_event("framenavigated"), page.expect_response("**/cles/coffre") as kept:  # the page comes anew to its own address
        page.get_by_role("button", name="Permettre à une clé d’ouvrir").click()
        gestures.step_up_if_asked(visitor)
    assert kept.value.status == 200
    expect(page.locator("[data-problem]")).to_be_empty()


def test_a_restarted_practice_names_nobody_and_opens_with_a_passkey(own_cabinet: Cabinet, fresh_post: Callable[..., Post]) -> None:
    visitor = first_titulaire(fresh_post(own_cabinet))
    may_open_in_the_morning(visitor)
    own_cabinet.stop()
    own_cabinet.serve()
    assert own_cabinet.state() == "sealed"

    page = visitor.page
    with suppress(Error):  # as below
        page.goto("/")
    page.wait_for_url("**/deverrouiller")
    said = page.content()
    for name in (PRACTICE, "Lilas", "MOREAU", "Moreau", "Claire"):
        assert name not in said
    page.get_by_role("button", name="Déverrouiller avec ma clé").click()
    page.wait_for_url(gestures.HOME)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour Dr Claire MOREAU")
    assert own_cabinet.state() == "ready"
    assert visitor.problems == []


def test_a_key_without_a_slot_opens_nothing(own_cabinet: Cabinet, fresh_post: Callable[..., Post]) -> None:
    visitor = first_titulaire(fresh_post(own_cabinet))
    own_cabinet.stop()
    own_cabinet.serve()
    page = visitor.page
    with suppress(Error):  # the page may be on its way there by itself, which ends this way of going
        page.goto("/deverrouiller")
    page.wait_for_url("**/deverrouiller")
    page.get_by_role("button", name="Déverrouiller avec ma clé").click()
    expect(page.get_by_role("alert")).to_contain_text("n’ouvre pas ce cabinet")
    assert own_cabinet.state() == "sealed"


def test_a_worker_killed_while_typing_comes_back_sealed_and_the_text_is_kept(own_cabinet: Cabinet, fresh_post: Callable[..., Post]) -> None:
    visitor = first_titulaire(fresh_post(own_cabinet))
    patient = gestures.register(visitor, "Agnès")
    page = visitor.goto(f"{patient.url}note/")
    page.get_by_label("Motif").fill("Vertiges")
    note = page.get_by_label("Note", exact=True)
    note.press_sequentially("Vertiges au lever.")
    expect(page.locator("#saved")).to_have_text(re.compile("Enregistré"))

    own_cabinet.kill_worker()
    assert own_cabinet.state() == "sealed"
    note.press_sequentially(" Pas de chute.")
    expect(page.locator("#saved")).to_have_attribute("data-state", "failed")
    expect(page.get_by_role("dialog")).to_contain_text("Le cabinet s’est refermé")
    page.get_by_role("button", name="Revenir à ma saisie").click()
    expect(note).to_have_value("Vertiges au lever. Pas de chute.")

    own_cabinet.unlock()
    until(lambda: own_cabinet.state() == "ready", "the practice is open again")
    page.keyboard.press("Control+s")
    expect(page.locator("#saved")).to_have_text(re.compile("Enregistré"))
    page.reload()
    expect(page.get_by_label("Note", exact=True)).to_have_value("Vertiges au lever. Pas de chute.")
    assert visitor.problems == []


def test_a_titulaire_takes_back_a_way_to_open_but_not_the_last(own_cabinet: Cabinet, fresh_post: Callable[..., Post]) -> None:
    visitor = first_titulaire(fresh_post(own_cabinet))
    may_open_in_the_morning(visitor)
    page = visitor.goto("/cabinet/membres/")
    ways = page.get_by_role("region", name="Ouvrir le cabinet le matin").get_by_role("row")
    expect(ways.filter(has_text="Dr Claire MOREAU")).to_contain_text("À essayer")
    expect(ways.filter(has_text="Feuille de secours")).to_contain_text("Essayée")
    ways.filter(has_text="MOREAU").get_by_role("button", name="Retirer").click()
    gestures.step_up_if_asked(visitor)
    expect(page.get_by_role("status").filter(has_text="n’ouvre plus le cabinet")).to_be_visible()
    expect(ways.filter(has_text="MOREAU")).to_have_count(0)
    ways.filter(has_text="Feuille").get_by_role("button", name="Retirer").click()
    gestures.step_up_if_asked(visitor)
    expect(page.get_by_text("C’est la dernière façon d’ouvrir le cabinet")).to_be_visible()
    visitor.goto("/cabinet/membres/")
    expect(ways.filter(has_text="Feuille")).to_have_count(1)
