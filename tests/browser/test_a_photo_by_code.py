"""Dr Moreau shows a code; a phone of the practice scans it and takes pictures: they are on her screen as they come."""

import io
from collections.abc import Callable

import zxingcpp
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser import gestures, looking
from tests.browser.cabinet import Cabinet, until
from tests.browser.chromium import Person, Post, Visitor, watch
from tests.lib.test_pictures import SECRET, shot, with_place

HAND = {"width": 390, "height": 844}


def is_drawn(picture: Locator) -> None:
    """Whole: a wait for a script's answer is what the policy refuses."""
    until(lambda: picture.evaluate("one => one.complete && one.naturalWidth > 0"), "a picture is drawn")


def scanned(page: Page) -> str:
    """What a phone's camera reads on the screen."""
    is_drawn(page.locator(".photo-code img"))
    drawn = Image.open(io.BytesIO(page.locator(".photo-code").screenshot()))
    [found] = zxingcpp.read_barcodes(drawn)
    return str(found.text)


def show_a_code(visitor: Visitor, address: str) -> Page:
    page = visitor.goto(address)
    page.locator("summary", has_text="Ajouter").click()
    page.get_by_role("link", name="Photo avec un téléphone").click()
    expect(page.get_by_text("Scanner ce code")).to_be_visible()
    return page


def take(phone: Page, data: bytes) -> None:
    phone.locator("input[type=file]").set_input_files({"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": data})


def test_a_phone_of_the_practice_takes_pictures_into_the_file(
    moreau: Visitor, cabinet: Cabinet, fresh_post: Callable[..., Post]
) -> None:
    patient = gestures.register(moreau, "Ondine")
    hand = fresh_post(cabinet, viewport=HAND, has_touch=True, is_mobile=True)

    desk = show_a_code(moreau, patient.url)
    stranger = hand.context.new_page()
    stranger.goto(scanned(desk))
    expect(stranger.locator("main")).to_contain_text("n’est pas un poste du cabinet")
    expect(desk.locator("#photo")).to_contain_text("n’est pas un poste du cabinet")
    stranger.close()

    owner = hand.sit(Person("Claire Moreau"))
    gestures.enrol_post(owner, gestures.code_of_a_new_post(moreau, "Téléphone"))
    gestures.approve_all_posts(moreau)

    desk = show_a_code(moreau, patient.url)
    number = desk.locator(".photo-number").inner_text()
    phone, problems = hand.context.new_page(), list[str]()
    watch(phone, problems)
    phone.goto(scanned(desk))
    expect(phone.locator("[data-number]")).to_have_text(number)
    assert phone.url == f"{cabinet.origin}/photo", "the code has left the address"
    assert patient.surname.upper() not in phone.content()
    expect(desk.locator("#photo")).to_contain_text("poste Téléphone")
    with desk.expect_response("**/photo/titre/"):
        desk.get_by_label("Ce que montrent").fill("Éruption du dos")

    sent: list[bytes] = []
    phone.on("request", lambda asked: sent.append(asked.post_data_buffer or b"") if asked.url.endswith("/photo/image") else None)
    take(phone, with_place())
    expect(phone.locator("[data-sent]")).to_have_text("1")
    take(phone, shot((640, 480)))
    expect(phone.locator("[data-sent]")).to_have_text("2")
    assert sent
    assert not any(SECRET.encode() in body or b"Exif" in body for body in sent), "the place did not even leave the phone"

    expect(desk.locator(".photo-shots img")).to_have_count(2)
    for place in (0, 1):
        is_drawn(desk.locator(".photo-shots img").nth(place))

    take(phone, b"<html>")
    expect(phone.locator("[data-problem]")).to_contain_text("n’est pas une photo")
    phone.reload()
    expect(phone.locator("[data-sent]")).to_have_text("2")

    desk.get_by_role("button", name="Fermer, revenir au dossier").click()
    desk.wait_for_url(f"**{patient.url}*")
    expect(desk.locator("#timeline")).to_contain_text("Éruption du dos")
    expect(phone.locator("[data-over]")).to_contain_text("Le code a été fermé. 2 photos sont dans le dossier.")
    phone.close()
    assert problems == []


def test_every_state_is_accessible_and_the_phone_keeps_nothing(moreau: Visitor, cabinet: Cabinet, fresh_post: Callable[..., Post]) -> None:
    patient = gestures.register(moreau, "Ombeline")
    hand = fresh_post(cabinet, viewport=HAND)
    gestures.enrol_post(hand.sit(Person("Claire Moreau")), gestures.code_of_a_new_post(moreau, "Second téléphone"))
    gestures.approve_all_posts(moreau)
    desk = show_a_code(moreau, patient.url)
    phone = hand.context.new_page()
    phone.goto(scanned(desk))
    found = [f"code {fault}" for fault in looking.faults(desk)]
    take(phone, shot())
    expect(phone.locator("[data-sent]")).to_have_text("1")
    expect(desk.locator(".photo-shots img")).to_have_count(1)
    found += [f"linked {fault}" for fault in looking.faults(desk)] + [f"phone {fault}" for fault in looking.faults(phone)]
    phone.get_by_role("button", name="Terminé").click()
    expect(phone.locator("main")).to_contain_text("C’est fini. 1 photo est dans le dossier.")
    expect(desk.locator("#photo")).to_contain_text("Terminé sur le téléphone")
    found += [f"over {fault}" for fault in (*looking.faults(desk), *looking.faults(phone))]
    assert not found, "\n".join(found)
    kept = phone.evaluate("async () => [localStorage.length, sessionStorage.length, (await caches.keys()).length]")
    assert kept == [0, 0, 0]
    assert not [cookie for cookie in hand.context.cookies() if "phone" in str(cookie["name"])]
    phone.go_back()
    phone.go_forward()
    assert "#" not in phone.url
