"""What people do at a screen, in their own words: create a key, enrol a post, enter, write. No check of what follows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from playwright.sync_api import Locator, Page, expect

from permanence.web import presenters
from tests.browser.chromium import Visitor

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


def step_up_if_asked(visitor: Visitor, then: Locator | None = None) -> None:
    """Nothing when the last touch is recent. `then`: what is there once it is done, for either may take a while to come."""
    asked = visitor.page.get_by_role("button", name="Continuer avec ma clé")
    if then is not None:
        expect(asked.or_(then).first).to_be_visible(timeout=30_000)
    if asked.is_visible():
        touch(visitor)
    if then is not None:
        expect(then).to_be_visible(timeout=30_000)


def said(page: Page, code: str) -> Locator:
    """What a page says was done: its address says it for an instant only."""
    return page.locator("#toasts .toast").filter(has_text=re.compile(r"\s+".join(map(re.escape, presenters.DONE[code].split()))))


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


@dataclass(frozen=True)
class Patient:
    """A fictional patient of one journey, unlike all others: the search of one test finds nobody of another."""

    id: str
    surname: str
    given: str
    birth: str

    @property
    def url(self) -> str:
        return f"/patients/{self.id}/"

    @property
    def shown(self) -> str:
        return f"{self.surname.upper()} {self.given}"


_surnames = (f"{first}{last}" for first in ("Mar", "Bel", "Cor", "Dau", "Fer", "Gau", "Lam", "Mou", "Ver", "Sau")
             for last in ("tineau", "guerre", "mont", "bois", "lange", "vigne", "champ", "rieux"))
_days = (f"{day:02}/{month:02}/{year}" for year in range(1931, 1999) for month, day in ((3, 9), (7, 21), (11, 2)))


def register(visitor: Visitor, given: str, *, sex: str = "F", surname: str = "", birth: str = "", **more: str) -> Patient:
    """A new patient, through the form's own address."""
    made = Patient("", surname or next(_surnames), given, birth or next(_days))
    fields = {"birth_name": made.surname, "given_names": given, "birth_date": made.birth, "birth_sex": sex, **more}
    return replace(made, id=patient_of(send(visitor, "/patients/nouveau/", fields)))


def sign_note(visitor: Visitor, patient: Patient, motif: str, text: str) -> str:
    """A signed note; the address of its patient's file."""
    return send(visitor, f"{patient.url}note/signer/", {"kind": "consultation", "motif": motif, "text": text})


def shown_code(page: Page) -> str:
    """The one-use code on the screen."""
    return page.locator(".code").inner_text().strip()


def code_of_a_new_post(visitor: Visitor, name: str) -> str:
    """A titulaire's code for one more browser."""
    page = visitor.goto("/cabinet/postes/nouveau/")
    page.get_by_label("Nom du poste").fill(name)
    page.get_by_role("button", name="Créer le code").click()
    return shown_code(page)


def approve_all_posts(visitor: Visitor) -> None:
    """Every post that waits."""
    page = visitor.goto("/cabinet/membres/")
    while page.get_by_role("button", name="Approuver").count():
        with page.expect_navigation():
            page.get_by_role("button", name="Approuver").first.click()
    expect(page.get_by_role("main")).not_to_contain_text("À approuver")
