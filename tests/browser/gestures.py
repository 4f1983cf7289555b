"""What people do at a screen, in their own words: create a key, enrol a post, enter, write. No check of what follows."""

import re
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.chromium import Person, Post, Visitor

HOME = re.compile(r"https://[^/]+/$")


def create_first_key(visitor: Visitor, code: str) -> None:
    """« Créer ma clé », with the code of an invitation."""
    page = visitor.goto("/invitation")
    page.get_by_label("Code d’invitation").fill(code)
    page.get_by_role("button", name="Créer ma clé").click()
    page.wait_for_url("**/entrer")
    visitor.keep_key()


def enrol_post(visitor: Visitor, code: str, name: str = "") -> None:
    """« Enregistrer ce poste »."""
    page = visitor.goto("/poste")
    page.get_by_label("Code affiché").fill(code)
    page.get_by_label("Nom de ce poste").fill(name)
    page.get_by_role("button", name="Enregistrer ce poste").click()
    page.wait_for_url("**/entrer")


def enter(visitor: Visitor) -> Page:
    """« Entrer avec ma clé », one touch, then the day."""
    page = visitor.goto("/entrer")
    page.get_by_role("button", name="Entrer avec ma clé").click()
    page.wait_for_url(HOME)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")
    visitor.keep_key()
    return page


def touch(visitor: Visitor) -> None:
    """Answer the passkey dialog over the page."""
    page = visitor.page
    page.get_by_role("button", name="Continuer avec ma clé").click()
    expect(page.locator("dialog.lock-overlay")).to_have_count(0)


def step_up_if_asked(visitor: Visitor) -> None:
    """Nothing when the last touch is recent."""
    if visitor.page.get_by_role("button", name="Continuer avec ma clé").is_visible():
        touch(visitor)


def send(visitor: Visitor, path: str, fields: Mapping[str, Any]) -> str:
    """A form of the screens, sent by the page's own proved request with its one-use id; where the answer leads."""
    answer = visitor.page.evaluate("""async ([path, fields]) => {
        const body = new URLSearchParams();
        for (const [name, value] of Object.entries(fields)) body.append(name, value);
        body.append('once', crypto.randomUUID());
        body.append('csrfmiddlewaretoken', permanence.csrf());
        const response = await permanence.fetch(path, { method: 'POST', body, follow: false, headers: { Accept: 'text/html' } });
        return [response.status, response.headers.get('PoP-Location') ?? '', await response.text()];
    }""", [path, dict(fields)])
    status, where, text = answer
    assert status < 400, f"{path}: {status}\n{re.sub('<[^>]+>', ' ', text)[-1500:]}"
    return str(where)


def patient_of(address: str) -> str:
    """The patient's id in an address of the screens."""
    found = re.search(r"/patients/([0-9a-f-]{36})/", address)
    assert found, address
    return found[1]


def register(visitor: Visitor, birth_name: str, given: str, birth: str, sex: str = "F", **more: str) -> str:
    """A new patient, through the form's own address; their id."""
    fields = {"birth_name": birth_name, "given_names": given, "birth_date": birth, "birth_sex": sex, **more}
    return patient_of(send(visitor, "/patients/nouveau/", fields))


def sign_note(visitor: Visitor, patient: str, motif: str, text: str) -> str:
    """A signed note; the address of its patient's file."""
    return send(visitor, f"/patients/{patient}/note/signer/", {"kind": "consultation", "motif": motif, "text": text})


def shown_code(page: Page) -> str:
    """The one-use code on the screen."""
    return page.locator(".code").inner_text().strip()


def post_of(visitor: Visitor) -> Post:
    return visitor.post


def someone(name: str) -> Person:
    return Person(name)
