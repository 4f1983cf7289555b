"""What a browser keeps once it is closed: keys and cookies, nothing of a patient in any store of the site nor in its cache."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright, expect

from tests.browser import gestures
from tests.browser.cabinet import Cabinet
from tests.browser.chromium import Post, Visitor, chromium_profile, go, home_that_trusts
from tests.browser.screens import Screens

STORES = """async () => {
    const kept = { local: { ...localStorage }, session: { ...sessionStorage }, caches: [], bases: [] };
    for (const name of await caches.keys()) {
        for (const request of await (await caches.open(name)).keys()) {
            kept.caches.push([request.url, await (await caches.match(request)).text()]);
        }
    }
    for (const { name } of await indexedDB.databases()) {
        const base = await new Promise(done => { indexedDB.open(name).onsuccess = event => done(event.target.result); });
        for (const store of base.objectStoreNames) {
            const all = base.transaction(store).objectStore(store);
            const [keys, values] = await Promise.all(['getAllKeys', 'getAll'].map(ask => new Promise(done => {
                all[ask]().onsuccess = event => done(event.target.result);
            })));
            kept.bases.push([name, store, keys, values.map(value => JSON.stringify(value))]);
        }
        base.close();
    }
    return kept;
}"""
# Chromium's own list of visited pages: addresses and titles. A title names the patient, so that tabs are told apart.
HISTORY = ("History", "Sessions", "Top Sites", "Visited Links", "Favicons", "Network Action Predictor", "Shortcuts")


@pytest.fixture
def profile(cabinet: Cabinet, playwright_here: Playwright, tmp_path: Path) -> Iterator[tuple[BrowserContext, Path]]:
    """A browser whose profile is on the disk, as on a real post."""
    home, place = home_that_trusts(tmp_path / "home", cabinet.authority), tmp_path / "profile"
    with chromium_profile(playwright_here, home, place, cabinet.origin) as context:
        yield context, place


def test_no_store_of_the_site_holds_anything_of_a_patient(
    moreau: Visitor, cabinet: Cabinet, whole: Screens, profile: tuple[BrowserContext, Path]
) -> None:
    found, (context, place) = whole, profile
    code = gestures.code_of_a_new_post(moreau, "Portable")
    moreau.keep_key()
    visitor = Post(cabinet, context).sit(moreau.person)
    gestures.enrol_post(visitor, code)
    gestures.approve_all_posts(moreau)
    gestures.enter(visitor)
    page = visitor.page
    for name in ("dossier:file", "patients:identity", "dossier:compose", "dossier:note", "dossier:document", "practice:session"):
        visitor.goto(found.where[name])
    go(page, found.patient.url)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill(found.patient.surname)
    expect(page.get_by_role("option").first).to_be_visible()
    visitor.goto(f"{found.patient.url}note/")
    page.get_by_label("Note", exact=True).fill("Un texte qui n’est gardé qu’au cabinet.")
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    kept = page.evaluate(STORES)
    moreau.plug(visitor.person)
    clinical = [*found.clinical, "gardé qu’au cabinet"]
    said = json.dumps(kept, ensure_ascii=False)
    assert [word for word in (*found.identity, *clinical) if word.casefold() in said.casefold()] == []
    assert kept["caches"] == []
    assert {store[0] for store in kept["bases"]} == {"permanence"}
    context.close()
    assert _on_disk(place, clinical) == []
    assert _on_disk(place, found.identity, but=HISTORY) == []


def _on_disk(place: Path, words: list[str], *, but: tuple[str, ...] = ("nothing at all",)) -> list[str]:
    """Words found in the files of the closed profile, as UTF-8 or UTF-16."""
    sought, found = {word: (word.encode(), word.encode("utf-16-le")) for word in words}, []
    for file in place.rglob("*"):
        parts = file.relative_to(place).parts
        if file.is_file() and not any(part.startswith(but) for part in parts):
            data = file.read_bytes()
            found += [f"{'/'.join(parts)}: {word}" for word, forms in sought.items() if any(form in data for form in forms)]
    return found
