"""« À rapprocher » in a browser: axe, 320 px, one key keeps a value, what is typed stays; on the fictional practice, which has some."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.cabinet import ROOT, environment, free_port, permanence, until
from tests.browser.chromium import SHELL
from tests.browser.looking import faults, wider_than_the_screen

WHERE = "/cabinet/a-rapprocher/"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, place = free_port(), tmp_path_factory.mktemp("demo")
    words = permanence("demo", "--patients", "12", "--folder", place / "cabinet", "--port", port)
    with (place / "log").open("wb") as log, subprocess.Popen(words, env=environment(), cwd=ROOT, stdout=log, stderr=log) as process:
        try:
            until(lambda: _answers(port), "the fictional practice answers", unless=lambda: _ended(process, place / "log"))
            yield f"http://bureau.tilleuls.localhost:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def _answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def _ended(process: "subprocess.Popen[bytes]", log: Path) -> str:
    return log.read_text() if process.poll() is not None else ""


@pytest.fixture(scope="module", name="doctor")
def enter(demo: str, playwright_here: Playwright) -> Iterator[Page]:
    browser = playwright_here.chromium.launch(executable_path=str(SHELL), args=["--no-sandbox"])
    page = browser.new_context(base_url=demo, locale="fr-FR").new_page()
    page.goto(demo)
    page.get_by_role("button", name="Dr Claire MOREAU").click()
    page.wait_for_url(f"{demo}/")
    yield page
    browser.close()


def go(page: Page, demo: str, path: str) -> Page:
    page.goto(demo + path, referer=page.url)
    return page


def test_the_screens_are_accessible_and_fit_a_narrow_phone(doctor: Page, demo: str) -> None:
    assert _but_the_ribbon(faults(go(doctor, demo, WHERE))) == []
    go(doctor, demo, "/cabinet/machines/").get_by_role("link", name="Ouvrir").first.click()
    doctor.wait_for_url("**/cabinet/machines/*-*/")
    assert _but_the_ribbon(faults(doctor)) == []


def _but_the_ribbon(found: list[str]) -> list[str]:
    """« Cabinet fictif » stands outside the page's regions: no real practice has it."""
    return [one for one in found if 'class="fictional"' not in one]


def test_printed_the_page_has_no_buttons_and_fits(doctor: Page, demo: str) -> None:
    go(doctor, demo, WHERE).emulate_media(media="print")
    expect(doctor.get_by_role("button", name="Garder").first).to_be_hidden()
    expect(doctor.get_by_text("Choc, réanimation")).to_be_visible()
    assert wider_than_the_screen(doctor) == []
    doctor.emulate_media(media="screen")


def test_a_figure_keeps_a_value_only_in_its_own_question_and_never_while_typing(doctor: Page, demo: str) -> None:
    go(doctor, demo, WHERE)
    questions = doctor.locator("[data-question]")
    count = questions.count()
    assert count >= 2
    expect(questions.first).to_be_focused()
    doctor.get_by_text("Écrire une autre valeur").first.click()
    field = doctor.get_by_role("textbox").and_(doctor.locator("[name=text]")).first
    field.fill("")
    field.press_sequentially("12")
    expect(field).to_have_value("12")
    expect(questions).to_have_count(count)
    doctor.locator("h1").click()
    doctor.keyboard.press("1")
    expect(questions).to_have_count(count)
    questions.first.focus()
    doctor.keyboard.press("2")
    expect(questions).to_have_count(count - 1)
    expect(doctor.locator(".toast")).to_contain_text("Rapproché")


def test_what_was_typed_stays_when_it_cannot_be_kept(doctor: Page, demo: str) -> None:
    go(doctor, demo, WHERE).get_by_text("Écrire une autre valeur").last.click()
    field = doctor.locator("[name=text]:visible")
    field.fill("06 39 98 12 55, et le soir celui de sa fille Amélie")
    doctor.get_by_role("button", name="Garder ce que j’écris").last.click()
    expect(doctor.locator("#problem")).to_contain_text("caractères au plus")
    expect(field).to_have_value("06 39 98 12 55, et le soir celui de sa fille Amélie")


def test_the_plan_that_a_secretary_reads_leaves_room_for_what_is_written(doctor: Page, demo: str) -> None:
    page = doctor.context.browser.new_context(base_url=demo, locale="fr-FR").new_page()  # type: ignore[union-attr]
    page.goto(demo)
    page.get_by_role("button", name="Sophie GARNIER").click()
    page.wait_for_url(f"{demo}/")
    values = go(page, demo, "/cabinet/plan/").locator("dl.facts dd")
    expect(values.first).to_be_visible()
    assert values.evaluate_all("all => Math.min(...all.map(e => e.clientWidth / e.parentElement.clientWidth))") > 0.5
    page.context.close()
